/* SPDX-License-Identifier: Apache-2.0 */
/*
 * running_settle.c: what clusters told, and which of the known images it is. A cluster may call an image by an index
 * or by its configuration; the record on the topic is about the image, so that whoever reads workloads by an image's
 * digest (match's window, publish) finds it. What is not known yet stands under the digest that was told.
 */
#include "discover/discover_internal.h"

#include "base/hash.h"
#include "base/log.h"
#include "discover/clusters/running.h"

#define AGAIN_MS    1000 /* images become known one by one: their clusters are settled so often at most */
#define CANDIDATES  1000
#define WAITING_KEY "waiting"

/* ---- what images go by ---- */

static int alias_change(struct step *s, struct slice alias, struct slice name, const struct image *im,
                        enum alias_change change, struct err *e)
{
    struct discover_process *p = s->stage;
    struct buf key = BUF_INIT(511), value = BUF_INIT(1024);
    struct hash128 h = hash128(name);
    struct slice platform[] = {im->os, im->architecture, im->variant, im->os_version}, old;
    buf_add_slice(&key, alias);
    buf_add_byte(&key, 0);
    buf_add_slice(&key, im->digest);
    buf_add_byte(&key, 0);
    buf_add_slice(&key, hash128_slice(&h));
    for (size_t i = 0; i < ARRAY_LEN(platform); i++) {
        buf_add_slice(&value, slice_sub(platform[i], 0, 64));
        buf_add_byte(&value, 0);
    }
    store_table t = STEP_WHOLE(s, WHOLE_ALIASES);
    int rc = 0;
    if (!alias.n || key.overflow) {
        rc = 0; /* a digest that is none */
    } else if (change == ALIAS_DROP) {
        rc = store_del(s->whole, t, buf_slice(&key), e) < 0 ? -1 : 0;
    } else if ((rc = store_get(s->whole, t, buf_slice(&key), &old, e)) == 1 && slice_eq(old, buf_slice(&value))) {
        rc = 0;
    } else if (rc >= 0) {
        p->aliases++;
        rc = store_put(s->whole, t, buf_slice(&key), buf_slice(&value), e);
    }
    buf_done(&key);
    buf_done(&value);
    return rc;
}

int discover_aliases_change(struct step *s, struct slice name, const struct image *im, enum alias_change change,
                            struct err *e)
{
    if (alias_change(s, im->digest, name, im, change, e) || alias_change(s, im->config_digest, name, im, change, e))
        return -1;
    for (size_t i = 0; i < im->indexes.n; i++)
        if (alias_change(s, im->indexes.v[i], name, im, change, e))
            return -1;
    return 0;
}

static void read_platform(struct arena *a, struct slice value, struct platform *ret)
{
    struct slice *to[] = {&ret->os, &ret->architecture, &ret->variant, &ret->os_version};
    for (size_t i = 0; i < ARRAY_LEN(to); i++) {
        struct slice one = SLICE_NONE;
        slice_take_token(&value, 0, &one);
        *to[i] = arena_slice(a, one);
    }
}

/* The images that go by a digest; just itself when it is one. */
static int find_candidates(struct step *s, struct slice alias, struct arena *a, candidate_vec *ret, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    int got;
    store_iter_init(&it, s->whole, STEP_WHOLE(s, WHOLE_ALIASES), arena_printf(a, "%.*s%c", SLICE_FMT(alias), 0),
                    SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1 && ret->n < CANDIDATES) {
        struct slice rest = slice_from(key, alias.n + 1), digest;
        if (!slice_take_token(&rest, 0, &digest) || (ret->n && slice_eq(ret->v[ret->n - 1].digest, digest)))
            continue; /* the same image in another repository */
        bool itself = slice_eq(digest, alias);
        if (itself)
            ret->n = 0;
        struct candidate *c = VEC_ADD(a, ret);
        if (!c)
            break;
        c->digest = arena_slice(a, digest);
        read_platform(a, value, &c->platform);
        if (itself)
            break;
    }
    store_iter_done(&it);
    return got < 0 ? -1 : 0;
}

/* ---- what clusters told ---- */

static struct slice cluster_prefix(uint8_t *key, struct slice cluster)
{
    struct hash128 h = hash128(cluster);
    memcpy(key, h.b, sizeof h.b);
    return slice_of(key, sizeof h.b);
}

static struct slice running_key(struct step *s, uint8_t *key, struct slice cluster, const struct workload *w)
{
    struct hash128 h =
        hash128(arena_printf(s->arena, "%.*s,%.*s/%.*s/%.*s/%.*s", SLICE_FMT(w->digest), SLICE_FMT(w->ns),
                             SLICE_FMT(w->owner), SLICE_FMT(w->container), SLICE_FMT(w->platform)));
    cluster_prefix(key, cluster);
    memcpy(key + 16, h.b, sizeof h.b);
    return slice_of(key, 32);
}

int discover_running_replace(struct step *s, struct slice cluster, const workload_vec *told, struct err *e)
{
    uint8_t key[32];
    struct store_iter it;
    struct slice k, v;
    int got;
    store_iter_init(&it, s->txn, STEP_TABLE(s, TABLE_RUNNING), cluster_prefix(key, cluster), SLICE_NONE);
    while ((got = store_iter_next(&it, &k, &v, e)) == 1)
        if (store_iter_del(&it, e)) {
            got = -1;
            break;
        }
    store_iter_done(&it);
    if (got < 0)
        return -1;
    for (size_t i = 0; i < told->n; i++)
        if (step_put_record(s, STEP_TABLE(s, TABLE_RUNNING), running_key(s, key, cluster, &told->v[i]), TOPIC_WORKLOADS,
                            &told->v[i], e))
            return -1;
    return 0;
}

/* ---- the difference ---- */

struct settling {
    struct step *s;
    struct arena arena;
    struct slice cluster;
    workload_vec told, out; /* out: what the topic holds, sorted by what was told */
    slice_vec keys;         /* of what is wanted */
    size_t waiting;         /* that may become another image */
    bool changed;
};

static int compare_told(const void *pa, const void *pb)
{
    const struct workload *a = pa, *b = pb;
    int c = slice_cmp(a->reported, b->reported);
    return c ? c : slice_cmp(a->platform, b->platform);
}

static int load_told(struct settling *t, struct err *e)
{
    struct step *s = t->s;
    uint8_t key[16];
    struct store_iter it;
    struct slice k, v;
    int got;
    store_iter_init(&it, s->txn, STEP_TABLE(s, TABLE_RUNNING), cluster_prefix(key, t->cluster), SLICE_NONE);
    while ((got = store_iter_next(&it, &k, &v, e)) == 1) {
        struct workload *w = VEC_ADD(&t->arena, &t->told);
        if (!w || codec_decode(runner_codec(s->runner), TOPIC_WORKLOADS, v, &t->arena, w, e)) {
            got = w ? -1 : err_set(e, ERR_POISON, 0, "cluster %.*s has too many workloads", SLICE_FMT(t->cluster));
            break;
        }
    }
    store_iter_done(&it);
    return got;
}

/*
 * Calls fn with each record of the cluster that is on the topic, as this process's whole view has it: its key there and
 * its value. The first failure ends it.
 */
static int each_out(struct settling *t,
                    int (*fn)(struct settling *t, struct slice key, struct slice value, struct err *e), struct err *e)
{
    struct step *s = t->s;
    struct buf prefix = BUF_INIT(512);
    struct store_iter it;
    struct slice k, v;
    int got;
    buf_add_slice(&prefix, slice_sub(t->cluster, 0, 255));
    buf_add_byte(&prefix, 0);
    store_iter_init(&it, s->whole, STEP_WHOLE(s, WHOLE_CLUSTERS), buf_slice(&prefix), SLICE_NONE);
    while ((got = store_iter_next(&it, &k, &v, e)) == 1)
        if (fn(t, slice_from(k, prefix.n), v, e)) {
            got = -1;
            break;
        }
    store_iter_done(&it);
    buf_done(&prefix);
    return got;
}

static int take_out(struct settling *t, struct slice key, struct slice value, struct err *e)
{
    struct workload w = {0}, *to;
    (void)key;
    if (codec_decode(runner_codec(t->s->runner), TOPIC_WORKLOADS, value, &t->arena, &w, e))
        return -1;
    if (w.reported.n && (to = VEC_ADD(&t->arena, &t->out)))
        *to = w;
    return 0;
}

static int load_out(struct settling *t, struct err *e)
{
    if (each_out(t, take_out, e))
        return -1;
    if (t->out.n)
        qsort(t->out.v, t->out.n, sizeof *t->out.v, compare_told);
    return 0;
}

/* A registry may have deleted what still runs: what it was found to be, it stays. */
static const struct workload *found_before(const struct settling *t, const struct workload *w)
{
    struct workload key = {.reported = w->digest, .platform = w->platform};
    return t->out.n ? bsearch(&key, t->out.v, t->out.n, sizeof key, compare_told) : NULL;
}

static int resolve(struct settling *t, struct workload *w, struct err *e)
{
    candidate_vec all = {0};
    size_t at;
    bool assumed;
    const struct workload *before;
    struct slice told = w->digest;
    if (find_candidates(t->s, told, &t->arena, &all, e))
        return -1;
    if (running_choose(&all, w->platform, &at, &assumed)) {
        w->digest = all.v[at].digest;
        w->platform_assumed = assumed;
    } else if ((before = found_before(t, w))) {
        w->digest = before->digest;
        w->platform_assumed = before->platform_assumed;
    } else {
        t->waiting++;
        return 0;
    }
    t->waiting += w->platform_assumed;
    w->reported = slice_eq(told, w->digest) ? SLICE_NONE : told;
    return 0;
}

static bool same_workload(const struct workload *a, const struct workload *b)
{
    return a->running == b->running && a->started_ms == b->started_ms && slice_eq(a->owner_kind, b->owner_kind) &&
           slice_eq(a->image, b->image) && slice_eq(a->reported, b->reported) && slice_eq(a->platform, b->platform) &&
           a->platform_assumed == b->platform_assumed;
}

static struct slice workload_key(struct arena *a, const struct workload *w)
{
    return arena_printf(a, "%.*s,%.*s/%.*s/%.*s/%.*s", SLICE_FMT(w->digest), SLICE_FMT(w->cluster), SLICE_FMT(w->ns),
                        SLICE_FMT(w->owner), SLICE_FMT(w->container));
}

static int emit_new(struct settling *t, struct err *e)
{
    struct step *s = t->s;
    for (size_t i = 0; i < t->told.n; i++) {
        struct workload *w = &t->told.v[i], old = {0};
        struct slice key = workload_key(&t->arena, w), value;
        uint8_t row[STEP_KEY_MAX];
        slice_vec_add(&t->arena, &t->keys, key);
        int got = store_get(s->whole, STEP_WHOLE(s, WHOLE_WORKLOADS), slice_of(row, step_key(row, key)), &value, e);
        if (got < 0 || (got && codec_decode(runner_codec(s->runner), TOPIC_WORKLOADS, value, &t->arena, &old, e)))
            return -1;
        bool differs = !got || !same_workload(&old, w);
        if (differs && step_emit(s, TOPIC_WORKLOADS, key, w, e))
            return -1;
        t->changed |= differs;
    }
    slice_vec_sort(&t->keys);
    return 0;
}

static int compare_slices(const void *pa, const void *pb)
{
    const struct slice *a = pa, *b = pb;
    return slice_cmp(*a, *b);
}

static int take_away(struct settling *t, struct slice key, struct slice value, struct err *e)
{
    struct slice kept = arena_slice(&t->arena, key);
    (void)value;
    if (t->keys.n && bsearch(&kept, t->keys.v, t->keys.n, sizeof kept, compare_slices))
        return 0;
    t->changed = true;
    return step_tombstone(t->s, TOPIC_WORKLOADS, kept, e);
}

static struct slice waiting_key(uint8_t *key, struct slice cluster)
{
    memcpy(key + 16, WAITING_KEY, sizeof WAITING_KEY - 1);
    cluster_prefix(key, cluster);
    return slice_of(key, 16 + sizeof WAITING_KEY - 1);
}

static int settle(struct settling *t, struct err *e)
{
    uint8_t key[32];
    struct slice waiting = waiting_key(key, t->cluster);
    if (load_told(t, e) || load_out(t, e))
        return -1;
    for (size_t i = 0; i < t->told.n; i++)
        if (resolve(t, &t->told.v[i], e))
            return -1;
    workloads_join(&t->told, WORKLOADS_OF_ALL_PLATFORMS);
    if (t->arena.overflow)
        return err_set(e, ERR_POISON, 0, "cluster %.*s has too many workloads", SLICE_FMT(t->cluster));
    if (emit_new(t, e) || each_out(t, take_away, e))
        return -1;
    /* The view of what is out lags behind: looked at again until there is nothing to change. */
    if (t->changed && step_work(t->s, WORK_RUNNING, t->cluster, DISCOVER_PRIORITY_TICK, t->s->now_ms + AGAIN_MS, e))
        return -1;
    store_table names = STEP_TABLE(t->s, TABLE_NAMES);
    if (!t->waiting)
        return store_del(t->s->txn, names, waiting, e) < 0 ? -1 : 0;
    return store_put(t->s->txn, names, waiting, SLICE("1"), e);
}

int discover_running_settle(struct step *s, struct slice cluster, struct err *e)
{
    struct settling t = {.s = s, .arena = ARENA_INIT((size_t)1 << 30), .cluster = cluster};
    int rc = settle(&t, e);
    arena_done(&t.arena);
    return rc;
}

int discover_running_all(struct step *s, struct err *e)
{
    struct discover_process *p = s->stage;
    for (size_t i = 0; i < p->config.clusters_n; i++) {
        struct slice name = slice_str(p->config.clusters[i].name), v;
        uint8_t key[32];
        int got = hash_partition(name, s->partitions) == s->partition
                      ? store_get(s->txn, STEP_TABLE(s, TABLE_NAMES), waiting_key(key, name), &v, e)
                      : 0;
        if (got < 0 || (got && step_work(s, WORK_RUNNING, name, DISCOVER_PRIORITY_TICK, s->now_ms + AGAIN_MS, e)))
            return -1;
    }
    return 0;
}
