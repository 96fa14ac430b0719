/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "io/store/packed_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct world {
    char dir[64];
    struct store *store;
    store_table table;
    struct store_txn *txn;
    struct err e;
};

static void begin(struct world *w, bool write)
{
    assert_int_equal(store_begin(w->store, write, &w->txn, &w->e), 0);
}

static void commit(struct world *w)
{
    if (store_commit(w->txn, &w->e))
        fail_msg("%s", w->e.text);
    w->txn = NULL;
}

static int setup(void **state)
{
    struct world *w = xcalloc(1, sizeof *w);
    snprintf(w->dir, sizeof w->dir, "/tmp/careen-packed-XXXXXX");
    if (!mkdtemp(w->dir) || store_open(w->dir, NULL, &w->store, &w->e) ||
        store_table_open(w->store, "rows", &w->table, &w->e))
        return -1;
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    store_abort(w->txn);
    store_close(w->store);
    store_wipe(w->dir, NULL);
    rmdir(w->dir);
    free(w);
    return 0;
}

static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* ---- against a plain array ---- */

#define KEYS 6000
struct model {
    uint32_t value[KEYS]; /* 0: not there */
};

/* Sixteen bytes that order as i does by groups of ten, and a number. */
static struct slice key_of(unsigned i, char *to)
{
    return slice_of(to, (size_t)snprintf(to, 64, "group-%010u-%u", i / 10, i % 10));
}

/* Values repeat as advisories do, some are long. */
static struct slice value_of(uint32_t v, char *to)
{
    size_t n = (size_t)snprintf(to, 200, "value %u of CVE-2024-%u fixed in 1.2.%u", v, v % 977, v % 13);
    if (v % 501 == 7) {
        memset(to + n, 'x', 9000);
        for (size_t i = 0; i < 9000; i++)
            to[n + i] = (char)(v * 31 + i * i * 7);
        n += 9000;
    }
    return slice_of(to, n);
}

static void check(struct world *w, struct packed p, const struct model *m)
{
    char key[64];
    static char value[10000];
    struct slice got, k;
    struct packed_iter it;
    uint64_t n = 0, counted = 0;
    for (unsigned i = 0; i < KEYS; i++) {
        int r = packed_get(w->txn, p, key_of(i, key), &got, &w->e);
        assert_int_equal(r, m->value[i] != 0);
        if (r)
            assert_true(slice_eq(got, value_of(m->value[i], value)));
    }
    packed_iter_init(&it, w->txn, p, SLICE_NONE, SLICE_NONE);
    for (unsigned i = 0; i < KEYS; i++) {
        if (!m->value[i])
            continue;
        assert_int_equal(packed_iter_next(&it, &k, &got, &w->e), 1);
        assert_true(slice_eq(k, key_of(i, key)));
        assert_true(slice_eq(got, value_of(m->value[i], value)));
        n++;
    }
    assert_int_equal(packed_iter_next(&it, &k, &got, &w->e), 0);
    assert_int_equal(packed_count(w->txn, p, &counted, &w->e), 0);
    assert_int_equal(counted, n);
}

static void check_groups(struct world *w, struct packed p, const struct model *m)
{
    char key[64], prefix[64];
    struct slice k, v;
    struct packed_iter it;
    for (unsigned g = 0; g < KEYS / 10 + 5; g++) {
        struct slice start = slice_of(prefix, (size_t)snprintf(prefix, 64, "group-%010u", g));
        packed_iter_init(&it, w->txn, p, start, SLICE_NONE);
        for (unsigned i = g * 10; i < g * 10 + 10; i++) {
            if (i >= KEYS || !m->value[i])
                continue;
            assert_int_equal(packed_iter_next(&it, &k, &v, &w->e), 1);
            assert_true(slice_eq(k, key_of(i, key)));
        }
        assert_int_equal(packed_iter_next(&it, &k, &v, &w->e), 0);
        /* From the middle of a group on. */
        packed_iter_init(&it, w->txn, p, start, key_of(g * 10 + 5, key));
        int r = packed_iter_next(&it, &k, &v, &w->e);
        bool any = false;
        for (unsigned i = g * 10 + 5; i < g * 10 + 10 && i < KEYS; i++)
            any |= m->value[i] != 0;
        assert_int_equal(r, any);
    }
}

static void change(struct world *w, struct packed p, struct model *m, unsigned rounds, unsigned keep, uint64_t *seed)
{
    char key[64];
    static char value[10000];
    for (unsigned i = 0; i < rounds; i++) {
        unsigned at = (unsigned)(next(seed) % KEYS);
        if (next(seed) % 100 < keep) {
            m->value[at] = (uint32_t)(next(seed) % 100000) + 1;
            assert_int_equal(packed_put(w->txn, p, key_of(at, key), value_of(m->value[at], value), &w->e), 0);
        } else {
            assert_int_equal(packed_del(w->txn, p, key_of(at, key), &w->e), m->value[at] != 0);
            m->value[at] = 0;
        }
    }
}

static void against_a_model(struct world *w, unsigned group, bool large)
{
    struct packed p = {w->table, group, large};
    static struct model m, before;
    uint64_t seed = 42 + group;
    memset(&m, 0, sizeof m);
    static const struct {
        unsigned rounds, keep;
    } steps[] = {{4000, 100}, {300, 50}, {5000, 60}, {20, 0}, {9000, 5}, {6000, 0}, {30, 100}, {8000, 90}};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        begin(w, true);
        change(w, p, &m, steps[i].rounds, steps[i].keep, &seed);
        if (i % 2)
            check(w, p, &m);
        commit(w);
        begin(w, false);
        check(w, p, &m);
        check_groups(w, p, &m);
        store_abort(STEAL(w->txn));
        /* What is aborted never was. */
        before = m;
        begin(w, true);
        change(w, p, &m, 500, 50, &seed);
        store_abort(STEAL(w->txn));
        m = before;
    }
}

static void test_without_tags(void **state)
{
    against_a_model(*state, 0, true);
}

static void test_with_tags(void **state)
{
    against_a_model(*state, 16, false);
}

/* ---- a copy ---- */

static void copied(struct world *w, struct packed p, size_t rows, bool tighter)
{
    store_table other;
    struct store_txn *to;
    struct store *s;
    char dir[80];
    struct slice k, v, k2, v2;
    struct packed_iter was, is;
    uint64_t loose, tight, n = 0;
    int r, more;
    snprintf(dir, sizeof dir, "%s.copy", w->dir);
    assert_int_equal(store_open(dir, NULL, &s, &w->e), 0);
    assert_int_equal(store_table_open(s, "rows", &other, &w->e), 0);
    struct packed q = {other, p.group, p.large};
    begin(w, false);
    struct packed_copy *copy = packed_copy_new(w->txn, p, q);
    do {
        assert_int_equal(store_begin(s, true, &to, &w->e), 0);
        more = packed_copy_some(copy, to, rows, &w->e);
        if (more < 0 || store_commit(to, &w->e))
            fail_msg("%s", w->e.text);
    } while (more == 1);
    packed_copy_free(copy);
    assert_int_equal(store_begin(s, false, &to, &w->e), 0);
    packed_iter_init(&was, w->txn, p, SLICE_NONE, SLICE_NONE);
    packed_iter_init(&is, to, q, SLICE_NONE, SLICE_NONE);
    while ((r = packed_iter_next(&was, &k, &v, &w->e)) == 1) {
        assert_int_equal(packed_iter_next(&is, &k2, &v2, &w->e), 1);
        assert_true(slice_eq(k, k2) && slice_eq(v, v2));
        assert_int_equal(packed_get(to, q, k, &v2, &w->e), 1);
        assert_true(slice_eq(v, v2));
        n++;
    }
    assert_int_equal(r, 0);
    assert_int_equal(packed_iter_next(&is, &k2, &v2, &w->e), 0);
    assert_int_equal(packed_count(w->txn, p, &loose, &w->e), 0);
    assert_int_equal(loose, n);
    store_count(w->txn, p.table, &loose, &w->e);
    store_count(to, other, &tight, &w->e);
    assert_true(!tighter || tight * 10 < loose * 9);
    store_abort(to);
    store_abort(STEAL(w->txn));
    store_close(s);
    store_wipe(dir, NULL);
    rmdir(dir);
}

static void test_copies(void **state)
{
    struct world *w = *state;
    static struct model m;
    struct packed small = {w->table, 16, false}, large = {.large = true};
    uint64_t seed = 99;
    assert_int_equal(store_table_open(w->store, "large", &large.table, &w->e), 0);
    copied(w, small, 10, false);
    copied(w, large, 10, false);
    for (unsigned i = 0; i < 12; i++) {
        begin(w, true);
        change(w, small, &m, 700, 95, &seed);
        commit(w);
    }
    memset(&m, 0, sizeof m);
    for (unsigned i = 0; i < 12; i++) {
        begin(w, true);
        change(w, large, &m, 700, 95, &seed);
        commit(w);
    }
    copied(w, small, 1, true);
    copied(w, small, 1000, true);
    copied(w, large, 77, true);
    copied(w, large, SIZE_MAX, true);
}

/* ---- limits ---- */

static void test_rows_of_every_size(void **state)
{
    struct world *w = *state;
    struct packed p = {.table = w->table};
    struct slice got;
    uint8_t key[600];
    memset(key, 'k', sizeof key);
    uint8_t *big ATTR_CLEANUP(cleanup_free) = xmalloc(PACKED_ROW_MAX + 1);
    uint64_t seed = 7;
    for (size_t i = 0; i < PACKED_ROW_MAX; i++)
        big[i] = (uint8_t)next(&seed);
    begin(w, true);
    assert_int_equal(packed_put(w->txn, p, slice_of(key, 511), slice_of(big, PACKED_ROW_MAX), &w->e), 0);
    assert_int_equal(packed_put(w->txn, p, slice_of(key, 1), SLICE(""), &w->e), 0);
    assert_int_equal(packed_put(w->txn, p, slice_of(key, 512), SLICE(""), &w->e), -1);
    assert_int_equal(w->e.kind, ERR_POISON);
    assert_int_equal(packed_put(w->txn, p, SLICE(""), SLICE(""), &w->e), -1);
    assert_int_equal(packed_put(w->txn, p, slice_of(key, 2), slice_of(big, PACKED_ROW_MAX + 1), &w->e), -1);
    commit(w);
    begin(w, false);
    assert_int_equal(packed_get(w->txn, p, slice_of(key, 511), &got, &w->e), 1);
    assert_true(slice_eq(got, slice_of(big, PACKED_ROW_MAX)));
    assert_int_equal(packed_get(w->txn, p, slice_of(key, 1), &got, &w->e), 1);
    assert_int_equal(got.n, 0);
    assert_int_equal(packed_get(w->txn, p, slice_of(key, 300), &got, &w->e), 0);
    store_abort(STEAL(w->txn));
    copied(w, p, 1, false);
    begin(w, true);
    for (size_t n = 1; n < 9000; n += 61)
        assert_int_equal(packed_put(w->txn, p, slice_of(key, 1 + n % 511), slice_of(big + n, n), &w->e), 0);
    commit(w);
    copied(w, p, 20, false);
}

/* More than may be pending goes to the blocks before the commit. */
static void test_much_in_one_transaction(void **state)
{
    struct world *w = *state;
    struct packed p = {.table = w->table};
    struct slice got;
    char key[64];
    uint8_t *value ATTR_CLEANUP(cleanup_free) = xcalloc(1, 1 << 20);
    begin(w, true);
    for (unsigned i = 0; i < 100; i++) {
        value[0] = (uint8_t)i;
        if (packed_put(w->txn, p, key_of(i, key), slice_of(value, 1 << 20), &w->e))
            fail_msg("%s", w->e.text);
    }
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(packed_get(w->txn, p, key_of(i, key), &got, &w->e), 1);
        assert_int_equal(got.p[0], i);
    }
    commit(w);
}

/* ---- damage ---- */

static void test_damaged_blocks(void **state)
{
    struct world *w = *state;
    struct packed p = {w->table, 16, false};
    char key[64];
    static char text[10000];
    struct slice k, v, got;
    begin(w, true);
    for (unsigned i = 0; i < 60; i++)
        packed_put(w->txn, p, key_of(i, key), value_of(i + 20, text), &w->e);
    commit(w);
    begin(w, false);
    assert_int_equal(store_above(w->txn, w->table, SLICE("\0"), &k, &v, &w->e), 1);
    struct buf good ATTR_CLEANUP(buf_done) = BUF_INIT(1 << 20), first ATTR_CLEANUP(buf_done) = BUF_INIT(512);
    buf_add_slice(&good, v);
    buf_add_slice(&first, k);
    store_abort(STEAL(w->txn));
    size_t refused = 0;
    for (size_t i = 0; i < good.n * 2; i++) {
        struct err e = ERR_INIT;
        struct packed_iter it;
        int r;
        begin(w, true);
        /* Each byte flipped, then each length. */
        if (i < good.n)
            good.p[i] ^= 0x55;
        struct slice bad = i < good.n ? buf_slice(&good) : slice_of(good.p, i - good.n);
        assert_int_equal(store_put(w->txn, w->table, buf_slice(&first), bad, &w->e), 0);
        packed_iter_init(&it, w->txn, p, SLICE_NONE, SLICE_NONE);
        size_t rows = 0;
        while ((r = packed_iter_next(&it, &k, &got, &e)) == 1)
            rows++;
        assert_true(r < 0 ? e.kind == ERR_POISON : rows == 60);
        refused += r < 0;
        store_abort(STEAL(w->txn));
        if (i < good.n)
            good.p[i] ^= 0x55;
    }
    /* Tags alone may lie without being seen. */
    assert_true(refused > good.n * 2 - 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_without_tags, setup, teardown),
        cmocka_unit_test_setup_teardown(test_with_tags, setup, teardown),
        cmocka_unit_test_setup_teardown(test_copies, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rows_of_every_size, setup, teardown),
        cmocka_unit_test_setup_teardown(test_much_in_one_transaction, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damaged_blocks, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
