/* SPDX-License-Identifier: Apache-2.0 */
/* Output for terminals: foreign text, widths, numbers in words, tables that fit, progress. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>

#include "base/terminal/text.h"
#include "unit/cases.h"

#define FFFD "\xEF\xBF\xBD"

static struct buf out;

static int setup(void **state)
{
    (void)state;
    out = BUF_INIT(1 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_done(&out);
    return 0;
}

static void test_safe(void **state)
{
    static const struct {
        struct slice in;
        const char *line, *lines;
    } cases[] = {
        {SLICE("plain gr\xC3\xBC\xC3\x9F"), "plain gr\xC3\xBC\xC3\x9F", NULL},
        {SLICE("a\nb\tc\r\nd\re"), "a b c d e", "a\nb\tc\nd e"},
        {SLICE("\x1b[31mred\x1b[0m"), FFFD "red" FFFD, NULL},
        {SLICE("\x1b[1;2;3"), FFFD "[1;2;3", NULL},
        {SLICE("\x1b]0;title\x07rest"), FFFD "]0;title" FFFD "rest", NULL},
        {SLICE("\x1b"), FFFD, NULL},
        {SLICE("a\0b\x7F"), "a" FFFD "b" FFFD, NULL},
        {SLICE("\xC2\x9B"
               "31m"),
         FFFD "31m", NULL}, /* C1 CSI */
        {SLICE("a\xE2\x80\xAE"
               "txt"),
         "a" FFFD "txt", NULL},                               /* right-to-left override */
        {SLICE("\xE2\x80\x8B\xEF\xBB\xBF"), FFFD FFFD, NULL}, /* zero width */
        {SLICE("\xF3\xA0\x81\x81"), FFFD, NULL},              /* tag character */
        {SLICE("\xFF\xC3(\xE2\x82"), FFFD FFFD "(" FFFD, NULL},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        buf_clear(&out);
        text_add_safe(&out, cases[i].in, false);
        assert_string_equal(buf_cstr(&out), cases[i].line);
        buf_clear(&out);
        text_add_safe(&out, cases[i].in, true);
        assert_string_equal(buf_cstr(&out), cases[i].lines ? cases[i].lines : cases[i].line);
    }
}

/* Whatever comes in, no byte below blank and no ESC comes out, and what came out stays as it is. */
static void test_safe_of_anything(void **state)
{
    uint64_t x = 1;
    (void)state;
    for (int round = 0; round < 2000; round++) {
        uint8_t bytes[24];
        struct buf again = BUF_INIT(4096);
        for (size_t i = 0; i < sizeof bytes; i++) {
            x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
            static const uint8_t nasty[] = {0x1B, '[', 0xC2, 0x9B, 0xE2, 0x80, 0xAE, 'm'};
            bytes[i] = x >> 62 ? nasty[x >> 59 & 7] : (uint8_t)(x >> 40);
        }
        buf_clear(&out);
        text_add_safe(&out, slice_of(bytes, sizeof bytes), false);
        assert_true(slice_is_text(buf_slice(&out)));
        text_add_safe(&again, buf_slice(&out), false);
        assert_true(slice_eq(buf_slice(&out), buf_slice(&again)));
        buf_done(&again);
    }
}

static void test_width(void **state)
{
    (void)state;
    assert_int_equal(text_width(SLICE("abc")), 3);
    assert_int_equal(text_width(SLICE("gr\xC3\xBC\xC3\x9F"
                                      "e")),
                     5);
    assert_int_equal(text_width(SLICE("e\xCC\x81")), 1);                /* e and a combining acute */
    assert_int_equal(text_width(SLICE("\xE6\xBC\xA2\xE5\xAD\x97")), 4); /* two Han characters */
    assert_int_equal(text_width(SLICE("\xF0\x9F\x9A\xA2")), 2);         /* a ship */
    assert_int_equal(text_width(SLICE("")), 0);
}

static const char *cut(const char *s, size_t width, bool pad)
{
    buf_clear(&out);
    text_add_cut(&out, slice_str(s), width, pad);
    return buf_cstr(&out);
}

static void test_cut(void **state)
{
    (void)state;
    assert_string_equal(cut("abcdef", 6, true), "abcdef");
    assert_string_equal(cut("abcdef", 5, true), "abcd\xE2\x80\xA6");
    assert_string_equal(cut("abc", 5, true), "abc  ");
    assert_string_equal(cut("abc", 5, false), "abc");
    assert_string_equal(cut("abc", 1, true), "\xE2\x80\xA6");
    assert_string_equal(cut("abc", 0, true), "");
    assert_string_equal(cut("\xE6\xBC\xA2\xE5\xAD\x97", 3, true), "\xE6\xBC\xA2\xE2\x80\xA6");
    assert_string_equal(cut("\xE6\xBC\xA2\xE5\xAD\x97", 2, true), "\xE2\x80\xA6 "); /* half a wide one is a blank */
}

static void test_human(void **state)
{
    char t[TEXT_HUMAN_MAX];
    (void)state;
    assert_string_equal(text_size(0, t), "0 B");
    assert_string_equal(text_size(1023, t), "1023 B");
    assert_string_equal(text_size(1024, t), "1.0 KiB");
    assert_string_equal(text_size(1536, t), "1.5 KiB");
    assert_string_equal(text_size(1048575, t), "1.0 MiB");
    assert_string_equal(text_size(INT64_C(123) << 20, t), "123 MiB");
    assert_string_equal(text_size(INT64_MAX, t), "8.0 EiB");
    assert_string_equal(text_duration(0, t), "0 ms");
    assert_string_equal(text_duration(850, t), "850 ms");
    assert_string_equal(text_duration(12345, t), "12.3 s");
    assert_string_equal(text_duration(59999, t), "59.9 s");
    assert_string_equal(text_duration(245000, t), "4m 05s");
    assert_string_equal(text_duration(7380000, t), "2h 03m");
    assert_string_equal(text_duration(INT64_C(273600000), t), "3d 4h");
    assert_string_equal(text_duration(-1, t), "?");
    assert_string_equal(text_count(0, t), "0");
    assert_string_equal(text_count(999, t), "999");
    assert_string_equal(text_count(-1234567, t), "-1,234,567");
    assert_string_equal(text_count(INT64_MIN, t), "-9,223,372,036,854,775,808");
}

static const struct text_column columns[] = {
    {.title = "IMAGE", .least = 8},
    {.title = "FINDINGS", .right = true},
    {.title = "WHY", .least = 6, .optional = true},
};

static struct text_table *table(void)
{
    struct text_table *t = text_table_new(columns, ARRAY_LEN(columns));
    const struct text_cell one[] = {
        {SLICE("registry.example/shop/cart"), TEXT_PLAIN}, {SLICE("12"), TEXT_RED}, {SLICE("a\x1b[2Jb"), TEXT_PLAIN}};
    const struct text_cell two[] = {
        {SLICE("\xE6\xBC\xA2"), TEXT_PLAIN}, {SLICE("1,000"), TEXT_PLAIN}, {SLICE_NONE, TEXT_PLAIN}};
    text_table_add(t, one);
    text_table_add(t, two);
    return t;
}

static const char *printed(const struct text_terminal *terminal)
{
    struct text_table *t = table();
    buf_clear(&out);
    text_table_print(t, terminal, &out);
    text_table_free(t);
    return buf_cstr(&out);
}

static void test_table(void **state)
{
    (void)state;
    struct text_terminal pipe = {0}, narrow = {.tty = true, .width = 34}, tiny = {.tty = true, .width = 20},
                         color = {.tty = true, .color = true, .width = 100};
    assert_string_equal(printed(&pipe), "IMAGE                       FINDINGS  WHY\n"
                                        "registry.example/shop/cart        12  a" FFFD "b\n"
                                        "\xE6\xBC\xA2                             1,000\n");
    assert_string_equal(printed(&narrow), "IMAGE                FINDINGS  WHY\n"
                                          "registry.example/s\xE2\x80\xA6        12  a" FFFD "b\n"
                                          "\xE6\xBC\xA2                      1,000\n");
    assert_string_equal(printed(&tiny), "IMAGE       FINDINGS\n"
                                        "registry.\xE2\x80\xA6        12\n"
                                        "\xE6\xBC\xA2             1,000\n");
    tiny.width = 12; /* several lines rather than lose what may not be lost */
    assert_string_equal(printed(&tiny), "IMAGE\n"
                                        "    FINDINGS\n"
                                        "registr\xE2\x80\xA6\n"
                                        "          12\n"
                                        "\xE6\xBC\xA2\n"
                                        "       1,000\n");
    assert_non_null(strstr(printed(&color), "\x1b[31m12\x1b[0m"));
    assert_non_null(strstr(printed(&color), "\x1b[1mIMAGE\x1b[0m"));
}

/* The columns of findings, at what people's terminals are: versions whole, rows tellable, nothing over the edge. */
static void test_table_of_findings(void **state)
{
    static const struct text_column of_findings[] = {
        {.title = "SEVERITY"},  {.title = "VULNERABILITY"}, {.title = "PACKAGE"},
        {.title = "INSTALLED"}, {.title = "FIXED IN"},      {.title = "ADVISORY", .least = 10, .optional = true}};
    static const char *const texts[] = {"critical",         "CVE-2026-12345",   "libpython3.11-minimal",
                                        "3.11.2-6+deb12u1", "3.11.2-6+deb12u6", "DSA-5432-1"};
    struct text_cell row[ARRAY_LEN(texts)];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        row[i] = (struct text_cell){slice_str(texts[i]), TEXT_PLAIN};
    for (size_t width = 40; width <= 120; width++) {
        struct text_terminal terminal = {.tty = true, .width = width};
        struct text_table *t = text_table_new(of_findings, ARRAY_LEN(of_findings));
        text_table_add(t, row);
        buf_clear(&out);
        text_table_print(t, &terminal, &out);
        text_table_free(t);
        for (size_t i = 0; i < 5; i++)
            assert_non_null(strstr(buf_cstr(&out), texts[i]));
        struct slice rest = buf_slice(&out), line;
        while (slice_take_line(&rest, &line))
            assert_true(text_width(line) <= width);
    }
}

static void test_table_huge_cell(void **state)
{
    (void)state;
    size_t n = (size_t)600 << 10;
    uint8_t *big = xmalloc(n);
    memset(big, 'x', n);
    struct text_terminal terminal = {.tty = true, .width = 60};
    struct text_table *t = text_table_new(columns, ARRAY_LEN(columns));
    const struct text_cell row[] = {
        {slice_of(big, n), TEXT_PLAIN}, {SLICE("1"), TEXT_PLAIN}, {slice_of(big, n), TEXT_PLAIN}};
    text_table_add(t, row);
    text_table_print(t, &terminal, &out);
    struct slice rest = buf_slice(&out), line;
    while (slice_take_line(&rest, &line))
        assert_true(text_width(line) <= 60);
    text_table_free(t);
    free(big);
}

static void test_terminal(void **state)
{
    (void)state;
    struct text_terminal t;
    int fd = open("/dev/null", O_WRONLY);
    text_terminal_open(fd, &t);
    assert_true(!t.tty && !t.color && t.width == 0);
    assert_string_equal(text_style_on(&t, TEXT_RED), "");
    close(fd);
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    char name[64];
    if (master < 0 || grantpt(master) || unlockpt(master) || ptsname_r(master, name, sizeof name) ||
        (fd = open(name, O_RDWR | O_NOCTTY)) < 0) {
        skip_case("there are no pseudo-terminals here");
    }
    unsetenv("NO_COLOR");
    setenv("TERM", "xterm", 1);
    setenv("COLUMNS", "123", 1);
    text_terminal_open(fd, &t);
    assert_true(t.tty && t.color && t.width == 123 && t.height == 24);
    assert_string_equal(text_style_on(&t, TEXT_RED), "\x1b[31m");
    assert_string_equal(text_style_off(&t, TEXT_PLAIN), "");
    setenv("NO_COLOR", "1", 1);
    text_terminal_open(fd, &t);
    assert_true(t.tty && !t.color);
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    text_terminal_open(fd, &t);
    assert_false(t.color);
    close(fd);
    close(master);
}

/* ---- progress: into a pipe, with a clock of ours ---- */

static int64_t now_ms;
static int ends[2];

static int64_t fake_now(void)
{
    return now_ms;
}

static int setup_pipe(void **state)
{
    now_ms = 1000;
    return setup(state) || pipe2(ends, O_NONBLOCK);
}

static int teardown_pipe(void **state)
{
    close(ends[0]);
    close(ends[1]);
    return teardown(state);
}

static const char *drain(void)
{
    buf_clear(&out);
    for (;;) {
        uint8_t *to = buf_reserve(&out, 4096);
        ssize_t n = read(ends[0], to, 4096);
        if (n <= 0)
            return buf_cstr(&out);
        out.n += (size_t)n;
    }
}

static void test_progress_plain(void **state)
{
    (void)state;
    struct text_terminal t = {.fd = ends[1]};
    struct text_progress *p = text_progress_new(&t, fake_now);
    int bar = text_progress_begin(p, "layers\x1b[2J", 10, TEXT_COUNT);
    assert_string_equal(drain(), "layers" FFFD ":   0%  0 of 10\n");
    text_progress_set(p, bar, 3, 10);
    text_progress_tick(p);
    assert_string_equal(drain(), "");
    text_progress_note(p, bar, "third");
    assert_string_equal(drain(), "layers" FFFD ":  30%  3 of 10  third\n");
    text_progress_note(p, bar, "third");
    assert_string_equal(drain(), "");
    now_ms += 10000;
    text_progress_set(p, bar, 3, 10);
    assert_string_equal(drain(), ""); /* it does not move */
    text_progress_set(p, bar, 8, 10);
    assert_string_equal(drain(), "layers" FFFD ":  80%  8 of 10  1/s  2.0 s left  third\n");
    text_progress_line(p, SLICE("something\nelse"));
    assert_string_equal(drain(), "something else\n");
    now_ms += 2500;
    text_progress_end(p, bar, "10 layers");
    assert_string_equal(drain(), "layers" FFFD ": 10 layers (12.5 s)\n");
    text_progress_free(p);
    assert_string_equal(drain(), "");
}

static void test_progress_terminal(void **state)
{
    (void)state;
    struct text_terminal t = {.fd = ends[1], .tty = true, .width = 80, .height = 24};
    struct text_progress *p = text_progress_new(&t, fake_now);
    int one = text_progress_begin(p, "one", 1 << 20, TEXT_BYTES);
    assert_string_equal(drain(), "one  [...........................]    0%  0 B of 1.0 MiB");
    int two = text_progress_begin(p, "second", 0, TEXT_COUNT);
    assert_string_equal(drain(), ""); /* too soon after the first drawing */
    for (int i = 0; i < 1000; i++)
        text_progress_set(p, one, i, 1 << 20);
    assert_string_equal(drain(), "");
    now_ms += 100;
    text_progress_set(p, one, 1 << 19, 1 << 20);
    const char *drawn = drain();
    assert_ptr_equal(strstr(drawn, "\r\x1b[Jone     [##"), drawn);
    assert_non_null(strstr(drawn, "50%  512 KiB of 1.0 MiB"));
    assert_non_null(strstr(drawn, "\nsecond  0"));
    now_ms += 1000;
    text_progress_set(p, two, 7, 0);
    drawn = drain();
    assert_ptr_equal(strstr(drawn, "\r\x1b[1A\x1b[J"), drawn); /* two lines: one up */
    assert_non_null(strstr(drawn, "/s"));
    struct slice rest = slice_from(buf_slice(&out), 8), line;
    while (slice_take_line(&rest, &line))
        assert_true(text_width(line) < 80);
    text_progress_end(p, one, "done");
    drawn = drain();
    assert_non_null(strstr(drawn, "\x1b[Jone: done (1.1 s)\nsecond  7"));
    text_progress_line(p, SLICE("hello"));
    assert_ptr_equal(strstr(drain(), "\r\x1b[Jhello\nsecond"), buf_cstr(&out));
    text_progress_free(p);
    assert_string_equal(drain(), "\r\x1b[J");
}

static void test_progress_many(void **state)
{
    (void)state;
    struct text_terminal t = {.fd = ends[1], .tty = true, .width = 40, .height = 6};
    struct text_progress *p = text_progress_new(&t, fake_now);
    for (int i = 0; i < 9; i++)
        assert_int_equal(text_progress_begin(p, "a name that is longer than the terminal is wide", 10, TEXT_COUNT), i);
    now_ms += 100;
    drain();
    text_progress_tick(p);
    const char *drawn = drain();
    size_t lines = 0;
    for (const char *q = drawn; *q; q++)
        lines += *q == '\n';
    assert_int_equal(lines, 4); /* four bars and the last line, which has no end */
    assert_non_null(strstr(drawn, "and 5 more"));
    text_progress_end(p, 4, "x");
    assert_int_equal(text_progress_begin(p, "n", 1, TEXT_COUNT), 4); /* the place is used again */
    text_progress_free(p);
}

static void *pusher(void *arg)
{
    struct text_progress *p = arg;
    for (int i = 0; i < 50; i++) {
        int bar = text_progress_begin(p, "thread", 10, TEXT_COUNT);
        text_progress_set(p, bar, i, 10);
        text_progress_note(p, bar, "note");
        text_progress_end(p, bar, "done");
    }
    return NULL;
}

static void test_progress_threads(void **state)
{
    (void)state;
    int null = open("/dev/null", O_WRONLY);
    struct text_terminal t = {.fd = null, .tty = true, .width = 80, .height = 24};
    struct text_progress *p = text_progress_new(&t, NULL);
    pthread_t threads[4];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, pusher, p), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(text_progress_begin(p, "after", 1, TEXT_COUNT), 0); /* all ended: the first place is free */
    text_progress_free(p);
    close(null);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define P(name) cmocka_unit_test_setup_teardown(name, setup_pipe, teardown_pipe)
    const struct CMUnitTest tests[] = {
        T(test_safe),
        T(test_safe_of_anything),
        T(test_width),
        T(test_cut),
        T(test_human),
        T(test_table),
        T(test_table_of_findings),
        T(test_table_huge_cell),
        T(test_terminal),
        P(test_progress_plain),
        P(test_progress_terminal),
        P(test_progress_many),
        T(test_progress_threads),
    };
    return run_cases(tests, NULL, NULL);
}
