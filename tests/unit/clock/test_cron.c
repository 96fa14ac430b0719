/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "clock/cron.h"

static int64_t at(const char *text)
{
    int64_t ms;
    assert_true(clock_parse(slice_str(text), &ms));
    return ms;
}

/* schedule, moment, the last moment at or before it, the next one behind it */
static const char *const moments[][4] = {
    {"0 3 * * *", "2026-11-23T02:59:59Z", "2026-11-22T03:00:00Z", "2026-11-23T03:00:00Z"},
    {"0 3 * * *", "2026-11-23T03:00:00Z", "2026-11-23T03:00:00Z", "2026-11-24T03:00:00Z"},
    {"*/15 * * * *", "2026-11-23T10:07:30Z", "2026-11-23T10:00:00Z", "2026-11-23T10:15:00Z"},
    {"20 */6 * * *", "2026-11-23T23:00:00Z", "2026-11-23T18:20:00Z", "2026-11-24T00:20:00Z"},
    {"0 0 29 2 *", "2026-11-23T00:00:00Z", "2024-02-29T00:00:00Z", "2028-02-29T00:00:00Z"},
    {"0 12 * * 1-5", "2026-11-21T13:00:00Z", "2026-11-20T12:00:00Z", "2026-11-23T12:00:00Z"}, /* a Saturday */
    {"0 12 * * 7", "2026-11-23T00:00:00Z", "2026-11-22T12:00:00Z", "2026-11-29T12:00:00Z"},   /* 7 is Sunday */
    {"0 0 13 * 5", "2026-11-10T00:00:00Z", "2026-11-06T00:00:00Z", "2026-11-13T00:00:00Z"},   /* either day field */
    {"5,35 1-2 * * *", "2026-11-23T02:35:01Z", "2026-11-23T02:35:00Z", "2026-11-24T01:05:00Z"},
    {"@every 15m", "2026-11-23T10:07:30Z", "2026-11-23T10:00:00Z", "2026-11-23T10:15:00Z"},
    {"@every 1h", "2026-11-23T23:59:59Z", "2026-11-23T23:00:00Z", "2026-11-24T00:00:00Z"},
};

static void test_moments(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(moments); i++) {
        struct cron c;
        struct err e = ERR_INIT;
        print_message("%s at %s\n", moments[i][0], moments[i][1]);
        assert_int_equal(cron_parse(slice_str(moments[i][0]), &c, &e), 0);
        assert_int_equal(cron_last(&c, at(moments[i][1])), at(moments[i][2]));
        assert_int_equal(cron_next(&c, at(moments[i][1])), at(moments[i][3]));
    }
}

static void test_next_and_last_agree(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(moments); i++) {
        struct cron c;
        struct err e = ERR_INIT;
        assert_int_equal(cron_parse(slice_str(moments[i][0]), &c, &e), 0);
        int64_t t = at("2026-01-01T00:00:00Z");
        for (int n = 0; n < 20; n++) {
            int64_t next = cron_next(&c, t);
            assert_true(next > t);
            assert_int_equal(cron_last(&c, next), next);
            assert_true(cron_last(&c, next - 1) <= t);
            t = next;
        }
    }
}

static void test_never(void **state)
{
    struct cron c;
    struct err e = ERR_INIT;
    (void)state;
    assert_int_equal(cron_parse(SLICE("0 0 31 2 *"), &c, &e), 0);
    assert_true(cron_next(&c, at("2026-01-01T00:00:00Z")) == INT64_MAX);
    assert_int_equal(cron_last(&c, at("2026-01-01T00:00:00Z")), 0);
}

static void test_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "* * * *",
                                      "* * * * * *",
                                      "60 * * * *",
                                      "* 24 * * *",
                                      "* * 0 * *",
                                      "* * * 13 *",
                                      "* * * * 8",
                                      "*/0 * * * *",
                                      "5-1 * * * *",
                                      "1, * * * *",
                                      "a * * * *",
                                      "@every",
                                      "@every 5",
                                      "@every m",
                                      "@every 0s",
                                      "@daily",
                                      "1--2 * * * *",
                                      "@every 99999999999999999999s"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct cron c;
        struct err e = ERR_INIT;
        print_message("\"%s\"\n", bad[i]);
        assert_int_equal(cron_parse(slice_str(bad[i]), &c, &e), -1);
        assert_int_equal(e.kind, ERR_USAGE);
        assert_non_null(strstr(e.text, "schedule"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_next_and_last_agree),
        cmocka_unit_test(test_never),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
