/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/scan/layer_cache.h"

#include "base/clock.h"
#include "base/hash.h"
#include "packages/parse.h"
#include "inventory/parsed.h"
#include "io/digest.h"
#include "io/store/store.h"
#include "pull/collect.h"
#include "packages/format.h"

#define KEY_MAX     (DIGEST_RAW + 8)
#define HEAD        ((size_t)16)
#define VALUE_MAX   ((size_t)64 << 20)
#define PENDING_MAX ((size_t)128 << 20)
/* A use is written down when the last one known is older: scans of known images only read. */
#define USED_EVERY_MS (3600 * 1000)

struct pending {
    uint8_t key[KEY_MAX];
    struct buf value; /* empty: only the use is written down */
    struct pending *next;
};

struct layer_cache {
    struct store *store;
    store_table layers, order, meta;
    uint64_t max_bytes, reader, pending_bytes;
    struct pending *pending;
};

/* ---- open and close ---- */

static uint64_t reader_hash(void)
{
    struct buf b = BUF_INIT(1 << 16);
    buf_addf(&b, "parser %d, collect %d", parser_version(), COLLECT_VERSION);
    for (const struct package_format *const *f = package_formats; *f; f++)
        buf_addf(&b, "\n%s %d", (*f)->name, (int)(*f)->keeps_version);
    uint64_t h = hash64(buf_slice(&b));
    buf_done(&b);
    return h;
}

int layer_cache_open(const char *dir, uint64_t max_bytes, struct layer_cache **ret_cache, struct err *e)
{
    struct layer_cache *c = xcalloc(1, sizeof *c);
    c->max_bytes = max_bytes ? max_bytes : LAYER_CACHE_BYTES;
    c->reader = reader_hash();
    /* Twice the bytes that are kept: pages of old versions, and pages that are half full. */
    struct store_options o = {
        .map_size = (size_t)c->max_bytes * 2, .tables = 3, .shared = true, .sync = STORE_SYNC_DATA};
    if (store_open(dir, &o, &c->store, e) || store_table_open(c->store, "layers-1", &c->layers, e) ||
        store_table_open(c->store, "order-1", &c->order, e) || store_table_open(c->store, "meta-1", &c->meta, e)) {
        layer_cache_close(c);
        return -1;
    }
    *ret_cache = c;
    return 0;
}

static void pending_drop(struct layer_cache *c)
{
    while (c->pending) {
        struct pending *p = c->pending;
        c->pending = p->next;
        buf_done(&p->value);
        free(p);
    }
    c->pending_bytes = 0;
}

void layer_cache_close(struct layer_cache *c)
{
    if (!c)
        return;
    pending_drop(c);
    store_close(c->store);
    free(c);
}

/* ---- rows ---- */

static bool make_key(const struct layer_cache *c, struct slice digest, uint8_t key[KEY_MAX])
{
    key_u64(key + DIGEST_RAW, c->reader);
    return digest_parse(digest, key);
}

static struct pending *pending_add(struct layer_cache *c, const uint8_t key[KEY_MAX])
{
    struct pending *p = xcalloc(1, sizeof *p);
    p->value = BUF_INIT(VALUE_MAX);
    memcpy(p->key, key, KEY_MAX);
    p->next = c->pending;
    c->pending = p;
    return p;
}

/* The row's bytes when they are what was written. */
static bool row_body(struct slice row, uint64_t *ret_used, struct slice *ret_body)
{
    if (row.n < HEAD)
        return false;
    *ret_used = key_get_u64(row.p);
    *ret_body = slice_from(row, HEAD);
    return hash64(*ret_body) == key_get_u64(row.p + 8);
}

int layer_cache_get(struct layer_cache *c, struct slice layer_digest, struct arena *arena, struct layer_packages *ret,
                    struct err *e)
{
    uint8_t key[KEY_MAX];
    struct store_txn *t;
    struct slice row, body;
    uint64_t used = 0;
    if (!make_key(c, layer_digest, key))
        return 0;
    if (store_begin(c->store, false, &t, e))
        return -1;
    int r = store_get(t, c->layers, slice_of(key, sizeof key), &row, e);
    /* Copied: nothing of a long scan may keep pages from being used again. */
    if (r == 1 && (!row_body(row, &used, &body) || !(body = arena_slice(arena, body)).p))
        r = 0;
    store_abort(t);
    if (r != 1)
        return r;
    if (parsed_decode(body, arena, ret, NULL))
        return 0;
    uint64_t now = (uint64_t)clock_wall_ms();
    if (used > now || now - used > USED_EVERY_MS)
        pending_add(c, key);
    return 1;
}

void layer_cache_put(struct layer_cache *c, struct slice layer_digest, const struct layer_packages *layer)
{
    uint8_t key[KEY_MAX], head[HEAD] = {0};
    if (layer->status != PULL_GOOD || !layer->final || !make_key(c, layer_digest, key))
        return;
    struct pending *p = pending_add(c, key);
    buf_add(&p->value, head, HEAD);
    if (parsed_encode(layer, &p->value) || p->value.n > c->max_bytes / 4 ||
        c->pending_bytes + p->value.n > PENDING_MAX) {
        c->pending = p->next;
        buf_done(&p->value);
        free(p);
        return;
    }
    c->pending_bytes += p->value.n;
    key_u64(p->value.p + 8, hash64(slice_from(buf_slice(&p->value), HEAD)));
}

/* ---- writing ---- */

static int sum_get(struct layer_cache *c, struct store_txn *t, uint64_t *ret_sum, struct err *e)
{
    struct slice v;
    int r = store_get(t, c->meta, SLICE("bytes"), &v, e);
    if (r >= 0)
        *ret_sum = r && v.n == 8 ? key_get_u64(v.p) : 0;
    return r < 0 ? -1 : 0;
}

static int sum_put(struct layer_cache *c, struct store_txn *t, uint64_t sum, struct err *e)
{
    uint8_t b[8];
    key_u64(b, sum);
    return store_put(t, c->meta, SLICE("bytes"), slice_of(b, sizeof b), e);
}

static int order_put(struct layer_cache *c, struct store_txn *t, const uint8_t key[KEY_MAX], uint64_t used, uint64_t n,
                     struct err *e)
{
    uint8_t k[8 + KEY_MAX], v[8];
    key_u64(k, used);
    memcpy(k + 8, key, KEY_MAX);
    key_u64(v, n);
    return store_put(t, c->order, slice_of(k, sizeof k), slice_of(v, sizeof v), e);
}

static int order_del(struct layer_cache *c, struct store_txn *t, const uint8_t key[KEY_MAX], uint64_t used,
                     struct err *e)
{
    uint8_t k[8 + KEY_MAX];
    key_u64(k, used);
    memcpy(k + 8, key, KEY_MAX);
    return store_del(t, c->order, slice_of(k, sizeof k), e) < 0 ? -1 : 0;
}

static int write_one(struct layer_cache *c, struct store_txn *t, struct pending *p, uint64_t now, uint64_t *sum,
                     struct err *e)
{
    struct slice key = slice_of(p->key, KEY_MAX), old;
    int r = store_get(t, c->layers, key, &old, e);
    if (r < 0)
        return -1;
    if (r && old.n >= HEAD) {
        uint64_t used = key_get_u64(old.p);
        *sum -= MIN(*sum, old.n);
        if (!p->value.n) /* a copy: old is valid only until the next write */
            buf_add_slice(&p->value, old);
        if (order_del(c, t, p->key, used, e))
            return -1;
    }
    if (p->value.n < HEAD) /* used, and dropped by another scan since */
        return 0;
    key_u64(p->value.p, now);
    *sum += p->value.n;
    return store_put(t, c->layers, key, buf_slice(&p->value), e) || order_put(c, t, p->key, now, p->value.n, e) ? -1
                                                                                                                : 0;
}

/* Drops the least recently used until the sum is a tenth below the bound, so that not every scan has to. */
static int evict(struct layer_cache *c, struct store_txn *t, uint64_t *sum, struct err *e)
{
    if (*sum <= c->max_bytes)
        return 0;
    uint64_t goal = c->max_bytes / 10 * 9;
    struct store_iter it;
    struct slice key, value;
    int r = 0;
    store_iter_init(&it, t, c->order, SLICE_NONE, SLICE_NONE);
    while (*sum > goal && (r = store_iter_next(&it, &key, &value, e)) == 1) {
        uint8_t layer[KEY_MAX];
        bool known = key.n == 8 + KEY_MAX && value.n == 8;
        if (known) {
            memcpy(layer, key.p + 8, KEY_MAX);
            *sum -= MIN(*sum, key_get_u64(value.p));
        }
        if (store_iter_del(&it, e) || (known && store_del(t, c->layers, slice_of(layer, KEY_MAX), e) < 0)) {
            r = -1;
            break;
        }
    }
    store_iter_done(&it);
    return r < 0 ? -1 : 0;
}

int layer_cache_flush(struct layer_cache *c, struct err *e)
{
    struct store_txn *t;
    uint64_t sum, now = (uint64_t)clock_wall_ms();
    int r = 0;
    if (!c->pending)
        return 0;
    if (store_begin(c->store, true, &t, e))
        return -1;
    r = sum_get(c, t, &sum, e);
    for (struct pending *p = c->pending; p && !r; p = p->next)
        r = write_one(c, t, p, now, &sum, e);
    if (r || evict(c, t, &sum, e) || sum_put(c, t, sum, e)) {
        store_abort(t);
        return -1;
    }
    pending_drop(c);
    return store_commit(t, e);
}
