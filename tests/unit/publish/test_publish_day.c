/* SPDX-License-Identifier: Apache-2.0 */
/* Which day publish takes it to be, and what a new day changes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "publish/view.h"

#define DAY_MS     INT64_C(86400000)
#define JULY_1     INT64_C(1782864000000) /* 2026-07-01 */
#define YEAR_2099  INT64_C(4070908800000)
#define PARTITIONS 4

static struct arena arena = ARENA_INIT((size_t)1 << 24);
static struct store *store;
static store_table tables[VIEW_TABLES];
static char dir[64];

static struct step begin(void)
{
    struct err e = ERR_INIT;
    struct step s = {.arena = &arena, .whole_tables = tables, .partitions = PARTITIONS, .now_ms = 1};
    assert_int_equal(store_begin(store, true, &s.whole, &e), 0);
    return s;
}

static int tick(uint32_t partition, int64_t at_ms)
{
    struct err e = ERR_INIT;
    struct step s = begin();
    const struct tick t = {.kind = TICK_WALK, .at_ms = at_ms};
    const struct bus_event ev = {.topic = TOPIC_TICKS, .partition = partition, .timestamp_ms = 5};
    int rc = view_apply_tick(&s, &ev, &t, &e);
    assert_int_equal(store_commit(s.whole, &e), 0);
    return rc;
}

static void inventory(const char *digest, const char *end)
{
    struct err e = ERR_INIT;
    struct step s = begin();
    const struct inventory v = {.os.end_of_life = slice_str(end)};
    const struct bus_event ev = {
        .topic = TOPIC_INVENTORIES, .key = slice_str(digest), .value = SLICE("x"), .timestamp_ms = JULY_1 - 3 * DAY_MS};
    assert_int_equal(view_apply_inventory(&s, &ev, &v, &e), 0);
    assert_int_equal(store_commit(s.whole, &e), 0);
}

/* The seq of the newest change of a digest: grows when there is something new to tell. */
static uint64_t changed(const char *digest)
{
    struct err e = ERR_INIT;
    struct step s = begin();
    struct slice v;
    uint64_t seq = 0;
    if (store_get(s.whole, tables[VIEW_LATEST], slice_str(digest), &v, &e) == 1)
        seq = key_get_u64(v.p);
    store_abort(s.whole);
    return seq;
}

static void test_a_day_passes(void **state)
{
    (void)state;
    inventory("sha256:a", "2026-06-30");
    inventory("sha256:b", "2026-07-01");
    inventory("sha256:c", "2030-01-01");
    inventory("sha256:d", "soon");
    assert_int_equal(tick(0, JULY_1 - 1), 0);
    uint64_t a = changed("sha256:a"), b = changed("sha256:b"), c = changed("sha256:c");
    assert_int_equal(tick(0, JULY_1), 0);
    assert_true(changed("sha256:a") > a);
    assert_int_equal(changed("sha256:b"), b);
    a = changed("sha256:a");
    assert_int_equal(tick(0, JULY_1 + DAY_MS - 1), 0); /* the same day */
    assert_int_equal(tick(1, YEAR_2099), 0);           /* another partition has the same ticks */
    assert_int_equal(changed("sha256:b"), b);
    assert_int_equal(tick(0, JULY_1 + DAY_MS), 0);
    assert_true(changed("sha256:b") > b);
    assert_int_equal(changed("sha256:a"), a);
    assert_int_equal(changed("sha256:c"), c);
}

/* A clock that was years ahead is right again with its next tick: what it ended is looked at again. */
static void test_a_wrong_clock_is_forgotten(void **state)
{
    (void)state;
    inventory("sha256:c", "2030-01-01");
    assert_int_equal(tick(0, JULY_1), 0);
    uint64_t c = changed("sha256:c");
    assert_int_equal(tick(0, YEAR_2099), 0);
    assert_true(changed("sha256:c") > c);
    c = changed("sha256:c");
    assert_int_equal(tick(0, JULY_1 + DAY_MS), 0);
    assert_true(changed("sha256:c") > c);
    assert_true(tick(0, -1) < 0);
    assert_true(tick(0, INT64_MAX) < 0);
}

static int setup(void **state)
{
    struct err e = ERR_INIT;
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/careen-test-day-XXXXXX");
    assert_non_null(mkdtemp(dir));
    assert_int_equal(store_open(dir, &(struct store_options){.sync = STORE_SYNC_OFF, .tables = 24}, &store, &e), 0);
    assert_int_equal(store_tables_open(store, view_tables, VIEW_TABLES, tables, &e), 0);
    return 0;
}

static int teardown(void **state)
{
    struct err e = ERR_INIT;
    (void)state;
    store_close(store);
    store_wipe(dir, &e);
    rmdir(dir);
    arena_done(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_day_passes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_wrong_clock_is_forgotten, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
