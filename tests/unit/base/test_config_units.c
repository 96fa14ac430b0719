/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of durations and sizes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/config/config.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_durations), cmocka_unit_test(test_sizes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
