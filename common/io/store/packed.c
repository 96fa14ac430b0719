/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/hash.h"
#include "io/store/packed_internal.h"

#define TABLES      8
#define ROWS_MAX    4096u /* of a block */
#define FIRST_GUESS 5000u
#define GUESS_MAX   ((size_t)64 << 10) /* so that reading a row never unpacks much, however well its block packs */

/* What the transaction wrote and is not yet in the blocks: the latest change of each key. */
struct op {
    struct slice key, value;
    bool del;
};
struct pending {
    struct arena arena;
    VEC(struct op) ops;
    uint32_t *slots; /* open addressing: index + 1 */
    size_t slots_cap;
};

struct packed_table {
    struct packed p;
    struct pending pending;
    struct packed_block block; /* the one that was looked at last */
    uint8_t key[PACKED_KEY_MAX];
    size_t key_n;        /* its key; 0: none */
    uint64_t generation; /* grows whenever block changes */
    size_t guess;        /* unpacked bytes that fill a block */
};

struct companion {
    struct store_companion base;
    struct packed_table *tables[TABLES];
    struct packed_codec codec;
    struct packed_block work, more; /* of a merge */
};

/* ---- the companion of a transaction ---- */

static void pending_done(struct pending *q)
{
    arena_done(&q->arena);
    free(q->slots);
    *q = (struct pending){.arena = ARENA_INIT(PACKED_PENDING_MAX + ((size_t)40 << 20))};
}

static void companion_done(struct store_companion *base)
{
    struct companion *c = (struct companion *)base;
    for (size_t i = 0; i < TABLES && c->tables[i]; i++) {
        pending_done(&c->tables[i]->pending);
        packed_block_done(&c->tables[i]->block);
        free(c->tables[i]);
    }
    packed_block_done(&c->work);
    packed_block_done(&c->more);
    packed_codec_done(&c->codec);
    free(c);
}

static int flush(struct companion *c, struct packed_table *w, struct store_txn *t, struct err *e);

static int companion_commit(struct store_companion *base, struct store_txn *t, struct err *e)
{
    struct companion *c = (struct companion *)base;
    for (size_t i = 0; i < TABLES && c->tables[i]; i++)
        if (flush(c, c->tables[i], t, e))
            return -1;
    return 0;
}

static struct companion *companion_of(struct store_txn *t)
{
    struct store_companion *base = store_companion(t);
    if (base)
        return (struct companion *)base;
    struct companion *c = xcalloc(1, sizeof *c);
    c->base = (struct store_companion){companion_commit, companion_done};
    store_set_companion(t, &c->base);
    return c;
}

static struct packed_table *table_of(struct companion *c, struct packed p)
{
    size_t i = 0;
    for (; i < TABLES && c->tables[i]; i++)
        if (c->tables[i]->p.table == p.table)
            return c->tables[i];
    if (i == TABLES)
        BUG("more than %d packed tables", TABLES);
    c->tables[i] = xcalloc(1, sizeof *c->tables[i]);
    c->tables[i]->p = p;
    c->tables[i]->guess = FIRST_GUESS;
    pending_done(&c->tables[i]->pending);
    return c->tables[i];
}

/* ---- pending ---- */

static size_t slot_of(const struct pending *q, struct slice key)
{
    size_t i = (size_t)hash64(key) & (q->slots_cap - 1);
    while (q->slots[i] && !slice_eq(q->ops.v[q->slots[i] - 1].key, key))
        i = (i + 1) & (q->slots_cap - 1);
    return i;
}

static struct op *pending_find(const struct pending *q, struct slice key)
{
    size_t i = q->slots_cap ? slot_of(q, key) : 0;
    return q->slots_cap && q->slots[i] ? &q->ops.v[q->slots[i] - 1] : NULL;
}

static void grow_slots(struct pending *q)
{
    q->slots_cap = q->slots_cap ? q->slots_cap * 2 : 64;
    free(q->slots);
    q->slots = xcalloc(q->slots_cap, sizeof *q->slots);
    for (size_t i = 0; i < q->ops.n; i++)
        q->slots[slot_of(q, q->ops.v[i].key)] = (uint32_t)i + 1;
}

static int pending_add(struct pending *q, struct slice key, struct slice value, bool del, struct err *e)
{
    if (q->slots_cap < (q->ops.n + 1) * 2)
        grow_slots(q);
    size_t slot = slot_of(q, key);
    struct op *op = q->slots[slot] ? &q->ops.v[q->slots[slot] - 1] : VEC_ADD(&q->arena, &q->ops);
    if (op && !q->slots[slot]) {
        op->key = arena_slice(&q->arena, key);
        q->slots[slot] = (uint32_t)q->ops.n;
    }
    if (op) {
        op->value = value.n && !del ? arena_slice(&q->arena, value) : SLICE("");
        op->del = del;
    }
    return q->arena.overflow ? err_set(e, ERR_FATAL, 0, "no memory for what a transaction packs") : 0;
}

static int op_order(const void *a, const void *b)
{
    const struct op *x = a, *y = b;
    return slice_cmp(x->key, y->key);
}

/* ---- blocks ---- */

/* Makes the block whose key and value are given the one at hand. */
static int load(struct companion *c, struct packed_table *w, struct slice key, struct slice value, struct err *e)
{
    if (w->key_n && slice_eq(slice_of(w->key, w->key_n), key))
        return 0;
    w->key_n = 0;
    w->generation++;
    if (packed_unpack(&c->codec, value, &w->block, e))
        return -1;
    memcpy(w->key, key.p, key.n);
    w->key_n = key.n;
    return 0;
}

/* The block that holds key or would: 1, 0 the table is empty. */
static int find_block(struct packed_table *w, struct store_txn *t, struct slice key, struct slice *ret_key,
                      struct slice *ret_value, struct err *e)
{
    int r = store_floor(t, w->p.table, key, ret_key, ret_value, e);
    return r ? r : store_above(t, w->p.table, key, ret_key, ret_value, e);
}

struct merging {
    struct companion *c;
    struct packed_table *w;
    struct store_txn *t;
    VEC(struct packed_row) rows;
    struct arena arena;
};

static int add_row(struct merging *m, struct slice key, struct slice value, struct err *e)
{
    struct packed_row *to = VEC_ADD(&m->arena, &m->rows);
    if (!to)
        return err_set(e, ERR_FATAL, 0, "no memory to merge a packed block");
    *to = (struct packed_row){key, value};
    return 0;
}

/* The rows of b with the ops [from, to) applied, both sorted. */
static int merge(struct merging *m, const struct packed_block *b, const struct op *from, const struct op *to,
                 struct err *e)
{
    for (size_t i = 0; i < b->n || from < to;) {
        int order = i == b->n ? 1 : from == to ? -1 : slice_cmp(b->rows[i].key, from->key);
        if (order < 0) {
            if (add_row(m, b->rows[i].key, b->rows[i].value, e))
                return -1;
            i++;
            continue;
        }
        if (!from->del && add_row(m, from->key, from->value, e))
            return -1;
        i += order == 0;
        from++;
    }
    return 0;
}

static size_t row_bytes(const struct packed_row *r)
{
    return r->key.n + r->value.n + 6;
}

/* How many rows from the first on make up about `bytes`; at least one. */
static size_t rows_for(const struct packed_row *rows, size_t n, size_t bytes)
{
    size_t sum = 0, i = 0;
    while (i < n && i < ROWS_MAX && (!i || sum + row_bytes(&rows[i]) <= bytes))
        sum += row_bytes(&rows[i++]);
    return i;
}

/*
 * Cuts one block off the front of rows: as many as fill a page; of what fills less than two, half, so that both have
 * room for the next rows.
 */
static int cut(struct merging *m, const struct packed_row *rows, size_t n, size_t left, size_t *ret_taken,
               struct slice *ret_value, struct err *e)
{
    struct packed_table *w = m->w;
    const size_t room = w->p.large ? PACKED_ROOM_LARGE : PACKED_ROOM;
    size_t want = left <= w->guess ? left : left < 2 * w->guess ? left / 2 + 1 : w->guess;
    for (int tries = 0;; tries++) {
        size_t taken = rows_for(rows, n, want), bytes = 0;
        for (size_t i = 0; i < taken; i++)
            bytes += row_bytes(&rows[i]);
        if (packed_pack(&m->c->codec, w->p.group, rows, taken, ret_value, e))
            return -1;
        size_t size = ret_value->n;
        *ret_taken = taken;
        if (size > room && taken > 1) {
            size_t less = bytes / 100 * (room * 96 / size);
            want = MIN(less, bytes - row_bytes(&rows[taken - 1]));
            w->guess = MAX(want, (size_t)1000);
            continue;
        }
        if (taken < n && taken < ROWS_MAX && size < room * 9 / 10 && left >= 2 * w->guess && w->guess < GUESS_MAX &&
            tries < 3) {
            want = w->guess = MIN(bytes / 100 * (room * 97 / MAX(size, (size_t)1)) + 100, GUESS_MAX);
            continue;
        }
        return 0;
    }
}

static int emit(struct merging *m, struct err *e)
{
    size_t left = 0;
    for (size_t i = 0; i < m->rows.n; i++)
        left += row_bytes(&m->rows.v[i]);
    for (size_t i = 0, taken; i < m->rows.n; i += taken) {
        struct slice value;
        if (cut(m, m->rows.v + i, m->rows.n - i, left, &taken, &value, e) ||
            store_put(m->t, m->w->p.table, m->rows.v[i].key, value, e))
            return -1;
        for (size_t k = i; k < i + taken; k++)
            left -= row_bytes(&m->rows.v[k]);
    }
    return 0;
}

/* A block that deletions left nearly empty takes the next one in. */
static int absorb(struct merging *m, struct slice upper, struct err *e)
{
    struct slice key, value;
    size_t bytes = 0;
    for (size_t i = 0; i < m->rows.n && bytes <= m->w->guess / 4; i++)
        bytes += row_bytes(&m->rows.v[i]);
    if (!m->rows.n || bytes > m->w->guess / 4)
        return 0;
    if (store_floor(m->t, m->w->p.table, upper, &key, &value, e) != 1)
        return -1;
    if (packed_unpack(&m->c->codec, value, &m->c->more, e) || merge(m, &m->c->more, NULL, NULL, e))
        return -1;
    return store_del(m->t, m->w->p.table, upper, e) < 0 ? -1 : 0;
}

/* Merges the ops from `at` on that belong to one block into it; *ret_at is behind them. */
static int flush_block(struct merging *m, struct op *ops, size_t n, size_t at, size_t *ret_at, struct err *e)
{
    struct slice key, value, upper = SLICE_NONE, ignored;
    uint8_t old_key[PACKED_KEY_MAX], upper_key[PACKED_KEY_MAX];
    size_t to = at, old_n = 0;
    m->c->work.n = 0;
    int r = find_block(m->w, m->t, ops[at].key, &key, &value, e);
    if (r < 0 || (r && packed_unpack(&m->c->codec, value, &m->c->work, e)))
        return -1;
    if (r) {
        memcpy(old_key, key.p, key.n);
        old_n = key.n;
        if ((r = store_above(m->t, m->w->p.table, slice_of(old_key, old_n), &upper, &ignored, e)) < 0)
            return -1;
        upper = r ? upper : SLICE_NONE;
        if (r)
            memcpy(upper_key, upper.p, upper.n);
        upper.p = r ? upper_key : NULL;
    }
    while (to < n && (!upper.n || slice_cmp(ops[to].key, upper) < 0))
        to++;
    arena_reset(&m->arena);
    m->rows.v = NULL;
    m->rows.n = m->rows.cap = 0;
    if (merge(m, &m->c->work, ops + at, ops + to, e))
        return -1;
    if (old_n && store_del(m->t, m->w->p.table, slice_of(old_key, old_n), e) < 0)
        return -1;
    if (upper.n && absorb(m, upper, e))
        return -1;
    *ret_at = to;
    return emit(m, e);
}

static int flush(struct companion *c, struct packed_table *w, struct store_txn *t, struct err *e)
{
    struct pending *q = &w->pending;
    struct merging m = {.c = c, .w = w, .t = t, .arena = ARENA_INIT((size_t)1 << 30)};
    int rc = 0;
    if (!q->ops.n)
        return 0;
    w->key_n = 0;
    w->generation++;
    qsort(q->ops.v, q->ops.n, sizeof *q->ops.v, op_order);
    for (size_t at = 0; at < q->ops.n && !rc;)
        rc = flush_block(&m, q->ops.v, q->ops.n, at, &at, e);
    arena_done(&m.arena);
    pending_done(q);
    return rc;
}

/* ---- one row ---- */

static int check_key(struct slice key, size_t value, struct err *e)
{
    if (!key.n || key.n > PACKED_KEY_MAX || value > PACKED_ROW_MAX)
        return err_set(e, ERR_POISON, 0, "a packed row with a key of %zu and a value of %zu bytes", key.n, value);
    return 0;
}

int packed_get(struct store_txn *t, struct packed p, struct slice key, struct slice *ret_value, struct err *e)
{
    struct companion *c = companion_of(t);
    struct packed_table *w = table_of(c, p);
    struct slice block_key, block;
    const struct op *op = pending_find(&w->pending, key);
    if (op) {
        *ret_value = op->value;
        return !op->del;
    }
    int r = store_floor(t, p.table, key, &block_key, &block, e);
    if (r <= 0 || !packed_may_hold(block, p.group, key))
        return r < 0 ? -1 : 0;
    if (load(c, w, block_key, block, e))
        return -1;
    size_t at = packed_place(&w->block, key);
    if (at == w->block.n || !slice_eq(w->block.rows[at].key, key))
        return 0;
    *ret_value = w->block.rows[at].value;
    return 1;
}

static int add(struct store_txn *t, struct packed p, struct slice key, struct slice value, bool del, struct err *e)
{
    struct companion *c = companion_of(t);
    struct packed_table *w = table_of(c, p);
    if (w->pending.arena.used > PACKED_PENDING_MAX - PACKED_ROW_MAX - ((size_t)1 << 20) && flush(c, w, t, e))
        return -1;
    return pending_add(&w->pending, key, value, del, e);
}

int packed_put(struct store_txn *t, struct packed p, struct slice key, struct slice value, struct err *e)
{
    return check_key(key, value.n, e) ? -1 : add(t, p, key, value, false, e);
}

int packed_del(struct store_txn *t, struct packed p, struct slice key, struct err *e)
{
    struct slice old;
    int r = check_key(key, 0, e) ? -1 : packed_get(t, p, key, &old, e);
    if (r <= 0)
        return r;
    return add(t, p, key, SLICE_NONE, true, e) ? -1 : 1;
}

int packed_count(struct store_txn *t, struct packed p, uint64_t *ret_n, struct err *e)
{
    struct companion *c = companion_of(t);
    struct store_iter it;
    struct slice key, value;
    uint64_t all = 0, n = 0;
    int r;
    if (flush(c, table_of(c, p), t, e))
        return -1;
    store_iter_init(&it, t, p.table, SLICE_NONE, SLICE_NONE);
    while ((r = store_iter_next(&it, &key, &value, e)) == 1) {
        if (!packed_rows_of(value, &n)) {
            r = err_set(e, ERR_POISON, 0, "a packed block is damaged");
            break;
        }
        all += n;
    }
    store_iter_done(&it);
    if (!r)
        *ret_n = all;
    return r;
}

/* ---- walks ---- */

void packed_iter_init(struct packed_iter *it, struct store_txn *t, struct packed p, struct slice prefix,
                      struct slice from)
{
    *it = (struct packed_iter){.txn = t, .p = p, .prefix = prefix, .from = from.p ? from : prefix};
}

/* Loads the block where the first key >= key is, and its place there. 1, 0 there is none. */
static int seek(struct packed_iter *it, struct companion *c, struct packed_table *w, struct slice key, size_t *ret_at,
                struct err *e)
{
    struct slice block_key, block;
    int r = find_block(w, it->txn, key.n ? key : SLICE("\0"), &block_key, &block, e);
    if (r <= 0)
        return r;
    bool skip = slice_cmp(block_key, it->prefix) < 0 && it->prefix.n && it->prefix.n >= it->p.group &&
                !packed_may_hold(block, it->p.group, it->prefix);
    if (skip && (r = store_above(it->txn, it->p.table, block_key, &block_key, &block, e)) <= 0)
        return r;
    if (skip && !slice_starts(block_key, it->prefix))
        return 0;
    if (load(c, w, block_key, block, e))
        return -1;
    *ret_at = packed_place(&w->block, key);
    return 1;
}

static int next_block(struct packed_iter *it, struct companion *c, struct packed_table *w, struct err *e)
{
    struct slice key, value;
    int r = store_above(it->txn, it->p.table, slice_of(w->key, w->key_n), &key, &value, e);
    if (r <= 0 || (!slice_starts(key, it->prefix) && slice_cmp(key, it->prefix) > 0))
        return r < 0 ? -1 : 0;
    return load(c, w, key, value, e) ? -1 : 1;
}

int packed_iter_next(struct packed_iter *it, struct slice *ret_key, struct slice *ret_value, struct err *e)
{
    struct companion *c = companion_of(it->txn);
    struct packed_table *w = table_of(c, it->p);
    int r = 1;
    if (!it->started && flush(c, w, it->txn, e))
        return -1;
    if (!it->started || it->generation != w->generation) {
        if ((r = seek(it, c, w, it->started ? slice_of(it->last, it->last_n) : it->from, &it->at, e)) <= 0)
            return r;
        if (it->started && it->at < w->block.n && slice_eq(w->block.rows[it->at].key, slice_of(it->last, it->last_n)))
            it->at++;
        it->started = true;
    }
    while (it->at >= w->block.n) {
        if ((r = next_block(it, c, w, e)) <= 0)
            return r;
        it->at = 0;
    }
    it->generation = w->generation;
    const struct packed_row *row = &w->block.rows[it->at++];
    if (!slice_starts(row->key, it->prefix))
        return 0;
    memcpy(it->last, row->key.p, row->key.n);
    it->last_n = row->key.n;
    *ret_key = row->key;
    *ret_value = row->value;
    return 1;
}
