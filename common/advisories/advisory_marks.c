/* SPDX-License-Identifier: Apache-2.0 */
/* advisory_marks.c: what the meta table of advisory_view.h says of updates and of ecosystems. */
#include "advisories/advisory_view.h"

#define MARK_KEY_MAX 300
#define UPDATED      SLICE("updated")

/* "kind" NUL name; false when the name is too long to be one. */
static bool mark_key(struct buf *key, struct slice kind, struct slice name)
{
    buf_clear(key);
    buf_add_slice(key, kind);
    buf_add_byte(key, 0);
    return buf_add_slice(key, name) == 0 && name.n;
}

int advisory_view_trouble_put(struct store_txn *t, const store_table *tables, const struct feed_trouble *trouble,
                              struct err *e)
{
    struct buf key ATTR_CLEANUP(buf_done) = BUF_INIT(MARK_KEY_MAX), b ATTR_CLEANUP(buf_done) = BUF_INIT(4096);
    if (!mark_key(&key, SLICE("trouble"), trouble->name))
        return err_set(e, ERR_POISON, 0, "a feed's name is too long");
    buf_add_u64(&b, (uint64_t)trouble->tried_ms);
    buf_add_prefixed(&b, slice_sub(trouble->reason, 0, 1024));
    return store_put(t, tables[ADVISORY_VIEW_META], buf_slice(&key), buf_slice(&b), e);
}

int advisory_view_trouble_del(struct store_txn *t, const store_table *tables, struct slice name, struct err *e)
{
    struct buf key ATTR_CLEANUP(buf_done) = BUF_INIT(MARK_KEY_MAX);
    return mark_key(&key, SLICE("trouble"), name) ? store_del(t, tables[ADVISORY_VIEW_META], buf_slice(&key), e) : 0;
}

int advisory_view_troubles(struct store_txn *t, const store_table *tables, struct arena *arena, feed_trouble_vec *out,
                           struct err *e)
{
    struct slice prefix = slice_of("trouble", sizeof "trouble"), key, row, reason;
    struct store_iter it;
    uint64_t tried;
    int r;
    store_iter_init(&it, t, tables[ADVISORY_VIEW_META], prefix, SLICE_NONE);
    while ((r = store_iter_next(&it, &key, &row, e)) == 1) {
        struct feed_trouble *one = VEC_ADD(arena, out);
        if (!one || !slice_take_u64(&row, &tried) || !slice_take_prefixed(&row, &reason)) {
            r = err_set(e, ERR_POISON, 0, "the record of a feed's trouble is damaged; rebuild the database");
            break;
        }
        one->name = arena_slice(arena, slice_from(key, prefix.n));
        one->reason = arena_slice(arena, reason);
        one->tried_ms = (int64_t)tried;
    }
    store_iter_done(&it);
    return r;
}

int advisory_view_updated_put(struct store_txn *t, const store_table *tables, const struct feeds_updated *u,
                              struct err *e)
{
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(64);
    buf_add_u64(&b, (uint64_t)u->began_ms);
    buf_add_u64(&b, (uint64_t)u->ended_ms);
    buf_add_u32(&b, u->good);
    buf_add_u32(&b, u->failed);
    return store_put(t, tables[ADVISORY_VIEW_META], UPDATED, buf_slice(&b), e);
}

int advisory_view_updated(struct store_txn *t, const store_table *tables, struct feeds_updated *ret_u, struct err *e)
{
    struct slice v;
    uint64_t began, ended;
    int got = store_get(t, tables[ADVISORY_VIEW_META], UPDATED, &v, e);
    *ret_u = (struct feeds_updated){0};
    if (got <= 0)
        return got;
    if (!slice_take_u64(&v, &began) || !slice_take_u64(&v, &ended) || !slice_take_u32(&v, &ret_u->good) ||
        !slice_take_u32(&v, &ret_u->failed))
        return err_set(e, ERR_POISON, 0, "the record of the last update is damaged; rebuild the database");
    ret_u->began_ms = (int64_t)began;
    ret_u->ended_ms = (int64_t)ended;
    return 1;
}

int advisory_view_ecosystems(struct store_txn *t, const store_table *tables, struct arena *arena,
                             ecosystem_count_vec *out, struct err *e)
{
    struct slice prefix = slice_of("ecosystem", sizeof "ecosystem"), key, row;
    struct store_iter it;
    int r;
    store_iter_init(&it, t, tables[ADVISORY_VIEW_META], prefix, SLICE_NONE);
    while ((r = store_iter_next(&it, &key, &row, e)) == 1) {
        struct slice name = slice_from(key, prefix.n);
        /* A name too long for a key stands there as its hash: no system has one. */
        if (!slice_is_text(name))
            continue;
        struct ecosystem_count *one = VEC_ADD(arena, out);
        if (!one || !slice_take_u64(&row, &one->advisories)) {
            r = err_set(e, ERR_POISON, 0, "the count of advisories is damaged; rebuild the database");
            break;
        }
        one->name = arena_slice(arena, name);
    }
    store_iter_done(&it);
    return r;
}
