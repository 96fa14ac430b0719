/* SPDX-License-Identifier: Apache-2.0 */
/* Which Windows update supersedes which, without an end: what is followed, what is cut, what is said. */
#include "feeds/formats/windows/windows_fixes.h"

#include <setjmp.h>
#include <cmocka.h>

struct counts {
    uint64_t advisories, updates, least, skipped;
};

static int count_advisory(void *arg, const struct advisory *a, struct err *e)
{
    struct counts *c = arg;
    (void)e;
    c->advisories++;
    c->updates += a->fixed_by.n;
    c->least = MIN(c->least, (uint64_t)a->fixed_by.n);
    return 0;
}

static int count_vulnerability(void *arg, const struct vulnerability *v, struct err *e)
{
    (void)arg, (void)v, (void)e;
    return 0;
}

static int count_skipped(void *arg, struct slice id, const char *reason, struct err *e)
{
    struct counts *c = arg;
    (void)id, (void)e;
    assert_true(strstr(reason, "too many updates") || strstr(reason, "not followed"));
    c->skipped++;
    return 0;
}

/* n fixes of one product by the first of a chain of updates; each is superseded by the next `breadth`. */
static struct counts emitted(uint32_t n, uint32_t chain, uint32_t breadth)
{
    struct windows_fixes w = {0};
    struct counts c = {.least = UINT64_MAX};
    struct feed feed = {.name = "w", .ecosystem = "Windows"};
    struct feed_sink sink = {
        .arg = &c, .advisory = count_advisory, .vulnerability = count_vulnerability, .skipped = count_skipped};
    struct arena scratch = ARENA_INIT((size_t)16 << 20);
    struct feed_reading r = {.feed = &feed, .sink = &sink, .arena = &scratch};
    struct err e = ERR_INIT;
    for (uint32_t i = 0; i < chain; i++)
        for (uint32_t k = 1; k <= breadth; k++)
            assert_int_equal(windows_fixes_supersede(&w, 5000000 + i + k, 5000000 + i, &e), 0);
    for (uint32_t i = 0; i < n; i++) {
        struct windows_fix fix;
        memset(&fix, 0, sizeof fix);
        fix.cve = UINT64_C(2024000000000) + i;
        fix.kb = 5000000;
        fix.build = 20348;
        assert_int_equal(windows_fixes_add(&w, &fix, &e), 0);
    }
    assert_int_equal(windows_fixes_emit(&w, &r, "WES-", NAME_BINARY, &e), 0);
    assert_true(w.steps <= WINDOWS_STEPS_MAX);
    windows_fixes_done(&w);
    arena_done(&scratch);
    return c;
}

static void test_supersedences_have_a_budget(void **state)
{
    (void)state;
    struct counts c = emitted(100, 100, 1);
    assert_int_equal(c.updates, 100 * 101);
    assert_int_equal(c.skipped, 0);
    /* More than one list holds. */
    c = emitted(3, 2000, 1);
    assert_int_equal(c.advisories, 3);
    assert_int_equal(c.updates, 3 * WINDOWS_FIXED_BY_MAX);
    assert_int_equal(c.skipped, 3);
    /* More than a feed may have: what its publisher names stays. */
    c = emitted(20000, 1000, 10);
    assert_int_equal(c.advisories, 20000);
    assert_int_equal(c.least, 1);
    assert_in_range(c.skipped, 19000, 19999);
    assert_in_range(c.updates, 20000, WINDOWS_STEPS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_supersedences_have_a_budget)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
