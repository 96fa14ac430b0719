/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/staged.h"

#include "feeds/table/families.h"

#define PUTS_A_COMMIT 5000 /* each may make a page of its own dirty, in memory */
#define OUT_HASH      8    /* bytes: a change that goes unseen is one in 2^64 */

/* ---- keys ---- */

bool feed_row_key(char kind, struct slice topic_key, uint8_t *to, size_t *ret_n)
{
    if (!topic_key.n || topic_key.n > FEED_KEY_MAX)
        return false;
    to[0] = (uint8_t)kind;
    if (kind == 'A') {
        memcpy(to + 1, topic_key.p, topic_key.n);
        *ret_n = 1 + topic_key.n;
        return true;
    }
    ptrdiff_t comma = slice_rfind(topic_key, ',');
    if (kind != 'V' || comma <= 0)
        return false;
    struct slice id = slice_sub(topic_key, 0, (size_t)comma), feed = slice_from(topic_key, (size_t)comma + 1);
    memcpy(to + 1, feed.p, feed.n);
    to[1 + feed.n] = 0;
    memcpy(to + 2 + feed.n, id.p, id.n);
    *ret_n = 2 + feed.n + id.n;
    return true;
}

struct slice feed_topic_key(struct slice row_key, struct arena *arena)
{
    struct slice rest = slice_from(row_key, 1);
    if (!row_key.n || row_key.p[0] == 'A')
        return arena_slice(arena, rest);
    ptrdiff_t nul = slice_find(rest, 0);
    if (nul < 0)
        return SLICE_NONE;
    return arena_printf(arena, "%.*s,%.*s", SLICE_FMT(slice_from(rest, (size_t)nul + 1)),
                        SLICE_FMT(slice_sub(rest, 0, (size_t)nul)));
}

/* ---- a staged feed ---- */

struct staged {
    struct store *store;
    store_table rows, meta;
    struct store_txn *txn; /* write while it is filled, else the comparison's read */
    size_t puts;
};

static int staged_open_store(const char *dir, struct staged **ret_staged, struct err *e)
{
    struct staged *s = xcalloc(1, sizeof *s);
    struct store_options o = {.tables = 2, .sync = STORE_SYNC_OFF};
    if (store_open(dir, &o, &s->store, e) || store_table_open(s->store, "rows", &s->rows, e) ||
        store_table_open(s->store, "meta", &s->meta, e)) {
        staged_close(s);
        return -1;
    }
    *ret_staged = s;
    return 0;
}

int staged_create(const char *dir, struct staged **ret_staged, struct err *e)
{
    return store_wipe(dir, e) ? -1 : staged_open_store(dir, ret_staged, e);
}

static int staged_commit(struct staged *s, struct err *e)
{
    s->puts = 0;
    struct store_txn *t = STEAL(s->txn);
    return t ? store_commit(t, e) : 0;
}

int staged_put(struct staged *s, char kind, struct slice topic_key, struct slice value, struct err *e)
{
    uint8_t key[FEED_ROW_KEY_MAX];
    size_t n;
    if (!feed_row_key(kind, topic_key, key, &n))
        return err_set(e, ERR_POISON, 0, "a record with the key '%.*s'", SLICE_FMT(slice_sub(topic_key, 0, 120)));
    if (!s->txn && store_begin(s->store, true, &s->txn, e))
        return -1;
    if (store_put(s->txn, s->rows, slice_of(key, n), value, e))
        return -1;
    return ++s->puts >= PUTS_A_COMMIT ? staged_commit(s, e) : 0;
}

int staged_complete(struct staged *s, uint64_t *ret_records, struct err *e)
{
    uint64_t n;
    if (!s->txn && store_begin(s->store, true, &s->txn, e))
        return -1;
    if (store_count(s->txn, s->rows, &n, e) || store_put(s->txn, s->meta, SLICE("complete"), SLICE("1"), e) ||
        staged_commit(s, e))
        return -1;
    *ret_records = n;
    return 0;
}

int staged_open(const char *dir, struct staged **ret_staged, struct err *e)
{
    struct staged *s;
    struct store_txn *t;
    struct slice v;
    char *data ATTR_CLEANUP(cleanup_free) = xasprintf("%s/data.mdb", dir);
    if (access(data, F_OK))
        return err_set(e, ERR_NOT_FOUND, 0, "there is no staged feed in %s", dir);
    if (staged_open_store(dir, &s, e))
        return -1;
    if (store_begin(s->store, false, &t, e)) {
        staged_close(s);
        return -1;
    }
    int got = store_get(t, s->meta, SLICE("complete"), &v, e);
    store_abort(t);
    if (got != 1) {
        staged_close(s);
        return got < 0 ? -1 : err_set(e, ERR_NOT_FOUND, 0, "the staged feed in %s is not complete", dir);
    }
    *ret_staged = s;
    return 0;
}

void staged_close(struct staged *s)
{
    if (!s)
        return;
    store_abort(s->txn);
    store_close(s->store);
    free(s);
}

void staged_remove(const char *dir)
{
    store_wipe(dir, NULL);
    rmdir(dir);
}

/* ---- comparison ---- */

struct slice feed_out_value(struct arena *arena, char kind, struct hash128 hash, struct slice feed)
{
    if (kind == 'V')
        feed.n = 0;
    uint8_t *p = arena_alloc(arena, OUT_HASH + feed.n);
    if (!p)
        return SLICE_NONE;
    memcpy(p, hash.b, OUT_HASH);
    if (feed.n)
        memcpy(p + OUT_HASH, feed.p, feed.n);
    return slice_of(p, OUT_HASH + feed.n);
}

bool feed_out_parse(struct slice value, struct slice *ret_hash, struct slice *ret_feed)
{
    if (value.n < OUT_HASH)
        return false;
    *ret_hash = slice_sub(value, 0, OUT_HASH);
    *ret_feed = slice_from(value, OUT_HASH);
    return true;
}

/* Rows of the staged feed or of what is out, in the order of their keys. */
struct side {
    struct store_iter staged;
    struct packed_iter out;
    struct slice key, value;
    int more; /* 1 key and value hold a row */
    bool open, packed;
};

static int side_next(struct side *s, struct err *e)
{
    s->more = !s->open    ? 0
              : s->packed ? packed_iter_next(&s->out, &s->key, &s->value, e)
                          : store_iter_next(&s->staged, &s->key, &s->value, e);
    return s->more < 0 ? -1 : 0;
}

struct comparing {
    const struct feed *f;
    struct side staged, out;
    struct arena *arena;
    feed_change_vec *changes;
};

static int add_change(struct comparing *c, bool gone, struct slice row_key, struct slice value, struct hash128 hash,
                      struct err *e)
{
    struct feed_change *change = VEC_ADD(c->arena, c->changes);
    if (!change)
        return err_set(e, ERR_FATAL, 0, "feed %s: a portion of changes does not fit the memory", c->f->name);
    change->gone = gone;
    change->kind = (char)row_key.p[0];
    change->row_key = arena_slice(c->arena, row_key);
    change->topic_key = feed_topic_key(row_key, c->arena);
    change->value = value;
    change->hash = hash;
    return c->arena->overflow
               ? err_set(e, ERR_FATAL, 0, "feed %s: a portion of changes does not fit the memory", c->f->name)
               : 0;
}

/* Whether this feed's record replaces the one that another feed has out under the same key. */
static bool outranks(const struct feed *f, struct slice owner)
{
    const struct feed *other = feed_by_name(owner);
    return !other || feed_order(f, other) < 0;
}

static int compare_row(struct comparing *c, struct err *e)
{
    struct slice self = slice_str(c->f->name), owner = SLICE_NONE;
    struct slice old;
    struct hash128 now;
    int order = !c->staged.more ? 1 : !c->out.more ? -1 : slice_cmp(c->staged.key, c->out.key);
    bool known = order >= 0 && feed_out_parse(c->out.value, &old, &owner);
    if (known && c->out.key.p[0] == 'V')
        owner = self;
    if (order > 0) {
        if (known && slice_eq(owner, self) && add_change(c, true, c->out.key, SLICE_NONE, (struct hash128){0}, e))
            return -1;
        return side_next(&c->out, e);
    }
    now = feed_record_hash(c->staged.value);
    bool put = !known || (slice_eq(owner, self) ? memcmp(old.p, now.b, old.n) != 0 : outranks(c->f, owner));
    if (put && add_change(c, false, c->staged.key, c->staged.value, now, e))
        return -1;
    return side_next(&c->staged, e) || (order == 0 && side_next(&c->out, e)) ? -1 : 0;
}

static int compare_rows(struct comparing *c, size_t *rows, size_t max_changes, struct slice *ret_next, struct err *e)
{
    if (side_next(&c->staged, e) || side_next(&c->out, e))
        return -1;
    while (c->staged.more || c->out.more) {
        if (*rows == 0 || c->changes->n >= max_changes) {
            bool staged_first = c->staged.more && (!c->out.more || slice_cmp(c->staged.key, c->out.key) < 0);
            *ret_next = arena_slice(c->arena, staged_first ? c->staged.key : c->out.key);
            return 1;
        }
        --*rows;
        if (compare_row(c, e))
            return -1;
    }
    return 0;
}

/* One kind of record. The out rows to look at are those that this feed may own. */
static int compare_kind(const struct feed *f, char kind, struct staged *staged, struct store_txn *out_txn,
                        store_table out_table, struct slice from, size_t *rows, size_t max_changes, struct arena *arena,
                        feed_change_vec *changes, struct slice *ret_next, struct err *e)
{
    struct comparing c = {.f = f, .arena = arena, .changes = changes};
    struct slice prefix = kind == 'A' ? arena_printf(arena, "A%s", f->ecosystem ? f->ecosystem : "")
                                      : arena_printf(arena, "V%s%c", f->name, 0);
    if (staged)
        store_iter_init(&c.staged.staged, staged->txn, staged->rows, slice_of(&kind, 1), from.n ? from : SLICE_NONE);
    packed_iter_init(&c.out.out, out_txn, feed_out_packed(out_table), prefix,
                     from.n && slice_cmp(from, prefix) > 0 ? from : SLICE_NONE);
    c.out.packed = true;
    c.staged.open = staged != NULL;
    c.out.open = kind == 'V' || f->kind == FEED_ADVISORIES;
    int rc = compare_rows(&c, rows, max_changes, ret_next, e);
    if (staged)
        store_iter_done(&c.staged.staged);
    return rc;
}

int feed_compare(const struct feed *f, struct staged *staged, struct store_txn *out_txn, store_table out_table,
                 struct slice from, size_t max_rows, size_t max_changes, struct arena *arena, feed_change_vec *out,
                 struct slice *ret_next, struct err *e)
{
    if (staged) {
        store_abort(STEAL(staged->txn));
        if (store_begin(staged->store, false, &staged->txn, e))
            return -1;
    }
    int rc = 0;
    if (!from.n || from.p[0] == 'A')
        rc = compare_kind(f, 'A', staged, out_txn, out_table, from, &max_rows, max_changes, arena, out, ret_next, e);
    if (rc)
        return rc;
    if (from.n && from.p[0] != 'V')
        from = SLICE_NONE;
    return compare_kind(f, 'V', staged, out_txn, out_table, from, &max_rows, max_changes, arena, out, ret_next, e);
}
