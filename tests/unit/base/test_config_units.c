/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of durations and sizes, a flag whose text need not be given, and how help is laid out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/config/config.h"
#include "base/terminal/text.h"

static void test_durations(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {{"0", 0},           {"500ms", 500},    {"90s", 90000},     {"15m", 900000},
                 {"1h30m", 5400000}, {"7d", 604800000}, {"2w", 1209600000}, {"1m1ms", 60001},
                 {"", -1},           {"5", -1},         {"s", -1},          {"5x", -1},
                 {"-1s", -1},        {"1 s", -1},       {"1.5s", -1},       {"99999999999999999d", -1},
                 {"1s2", -1}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t ms = -1;
        assert_int_equal(config_parse_duration(slice_str(cases[i].text), &ms), cases[i].ms >= 0);
        assert_int_equal(ms, cases[i].ms);
    }
}

static void test_sizes(void **state)
{
    static const struct {
        const char *text;
        int64_t bytes;
    } cases[] = {{"0", 0},           {"4096", 4096}, {"64KiB", 65536}, {"64MiB", 67108864}, {"2gib", 2147483648},
                 {"10MB", 10000000}, {"7B", 7},      {"", -1},         {"MiB", -1},         {"1XB", -1},
                 {"1.5GiB", -1},     {"-1", -1},     {"9TiB9", -1},    {"99999999TiB", -1}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t bytes = -1;
        assert_int_equal(config_parse_size(slice_str(cases[i].text), &bytes), cases[i].bytes >= 0);
        assert_int_equal(bytes, cases[i].bytes);
    }
}

struct gate {
    const char *fails;
};

/* A text stands behind "=" only: what stands behind a blank is something else. */
static void test_bare_flag(void **state)
{
    static const struct {
        const char *argv[3];
        const char *want;
        size_t args;
    } cases[] = {{{NULL}, NULL, 0},
                 {{"--fails", "image"}, "all", 1},
                 {{"--fails=a,b"}, "a,b", 0},
                 {{"--fails", "--no-fails"}, "false", 0}};
    static const struct config_option options[] = {{.name = "fails",
                                                    .kind = CONFIG_STRING,
                                                    .offset = offsetof(struct gate, fails),
                                                    .bare = "all",
                                                    .value = "WHAT",
                                                    .help = "What it fails on."}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct gate g = {0};
        const struct config_set set = {"Gate", options, 1, &g, sizeof g, NULL};
        struct config *c;
        struct err e = ERR_INIT;
        size_t n = 0, argc = 0;
        while (argc < 3 && cases[i].argv[argc])
            argc++;
        assert_int_equal(config_load(&set, 1, NULL, (int)argc, cases[i].argv, NULL, &c, &e), 0);
        if (cases[i].want)
            assert_string_equal(g.fails, cases[i].want);
        else
            assert_null(g.fails);
        config_args(c, &n);
        assert_int_equal(n, cases[i].args);
        config_free(c);
    }
}

/* Columns and not bytes are counted, paragraphs are filled, examples stay. */
static void test_help_layout(void **state)
{
    static const char head[] =
        "Usage: try\n\nTries what is told in a sentence that is longer than a terminal has columns,\n"
        "and in one more.\n\n    try   this\n\nBehind it.";
    static const struct config_option options[] = {
        {.name = "only", .kind = CONFIG_STRING, .value = "NAME,…", .help = "Only these."},
        {.name = "quick", .kind = CONFIG_BOOL, .fallback = "true", .help = "At once."},
    };
    char target[64];
    const struct config_set set = {"Options", options, ARRAY_LEN(options), target, sizeof target, NULL};
    struct buf out = BUF_INIT(1 << 16);
    (void)state;
    config_help(head, &set, 1, 80, &out);
    struct slice rest = buf_slice(&out), line;
    while (slice_take_line(&rest, &line))
        assert_true(text_width(line) <= 80);
    assert_ptr_equal(strstr(buf_cstr(&out),
                            "Usage: try\n\nTries what is told in a sentence that is longer than a terminal "
                            "has columns, and\nin one more.\n\n    try   this\n\nBehind it.\n\nOptions\n"),
                     buf_cstr(&out));
    assert_non_null(strstr(buf_cstr(&out), "\n  --only NAME,…               Only these.\n"));
    assert_non_null(strstr(buf_cstr(&out), "\n  --[no-]quick                At once. Default: yes.\n"));
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_durations), cmocka_unit_test(test_sizes),
                                       cmocka_unit_test(test_bare_flag), cmocka_unit_test(test_help_layout)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
