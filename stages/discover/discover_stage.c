/* SPDX-License-Identifier: Apache-2.0 */
/* discover_stage.c: inputs and descriptor. What the inputs ask for is done in the folders walk/ and clusters/. */
#include "discover/discover_internal.h"

#include <sys/random.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"

/* A pull is worth a new image record only when the last one told of is this old. */
#define PULL_TOLD_EVERY_MS ((int64_t)3600 * 1000)

/* ---- registry events ---- */

static int note_push(struct step *s, const struct registry_event *ev, struct slice name, struct err *e)
{
    uint8_t key[STEP_KEY_MAX + 256], v[8];
    size_t n = discover_image_row_key(key, name, ev->digest);
    struct slice subject = slice_of(key, n), old;
    if (!ev->digest.n || ev->tag.n > 200)
        return err_set(e, ERR_POISON, 0, "a push without a digest, or with a tag of %zu bytes", ev->tag.n);
    if (step_work(s, WORK_PUSH, subject, DISCOVER_PRIORITY_PUSH, 0, e))
        return -1;
    key[n++] = 0;
    memcpy(key + n, ev->tag.p ? ev->tag.p : (const uint8_t *)"", ev->tag.n);
    struct slice row = slice_of(key, n + ev->tag.n);
    int got = store_get(s->txn, STEP_TABLE(s, TABLE_PUSHES), row, &old, e);
    if (got < 0)
        return -1;
    if (got && old.n == 8 && (int64_t)key_get_u64(old.p) >= ev->at_ms)
        return 0;
    key_u64(v, (uint64_t)ev->at_ms);
    return store_put(s->txn, STEP_TABLE(s, TABLE_PUSHES), row, slice_of(v, sizeof v), e);
}

static int note_pull(struct step *s, const struct registry_event *ev, struct slice name, struct err *e)
{
    uint8_t key[STEP_KEY_MAX], v[8];
    struct slice row = slice_of(key, discover_image_row_key(key, name, ev->digest)), old;
    if (!ev->digest.n)
        return 0;
    int got = store_get(s->txn, STEP_TABLE(s, TABLE_PULLED), row, &old, e);
    if (got < 0)
        return -1;
    if (got && old.n == 8 && (int64_t)key_get_u64(old.p) + PULL_TOLD_EVERY_MS > ev->at_ms)
        return 0;
    key_u64(v, (uint64_t)ev->at_ms);
    if (store_put(s->txn, STEP_TABLE(s, TABLE_PULLED), row, slice_of(v, sizeof v), e))
        return -1;
    return step_work(s, WORK_PULLED, row, DISCOVER_PRIORITY_PULLED, 0, e);
}

bool discover_is_watched(const struct registry_settings *r, struct slice repository)
{
    bool watched = r && !r->repositories.n;
    for (size_t i = 0; r && i < r->repositories.n && !watched; i++)
        watched = slice_eq_str(repository, r->repositories.v[i]);
    return watched;
}

static int apply_event(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    struct discover_process *p = s->stage;
    const struct registry_event *ev = record;
    (void)event;
    if (!ev)
        return 0;
    /* Events of registries and repositories that are not (or no longer) configured are ignored. */
    if (!discover_is_watched(discover_registry_of(p, ev->registry), ev->repository))
        return 0;
    struct slice name = discover_full_name(s->arena, ev->registry, ev->repository);
    struct hash128 h = hash128(name);
    if (discover_remember_name(s, ev->registry, ev->repository, e))
        return -1;
    switch (ev->action) {
    case ACTION_PUSH:
        return note_push(s, ev, name, e);
    case ACTION_PULL:
        return note_pull(s, ev, name, e);
    case ACTION_DELETE:
        return step_work(s, WORK_REPOSITORY, hash128_slice(&h), DISCOVER_PRIORITY_DELETION, 0, e);
    default:
        return step_work(s, WORK_REPOSITORY, hash128_slice(&h), DISCOVER_PRIORITY_LISTING, 0, e);
    }
}

static int settle_pulled(struct step *s, struct slice row, struct err *e)
{
    struct image im = {0};
    struct slice at, names, registry;
    int got = store_get(s->txn, STEP_TABLE(s, TABLE_PULLED), row, &at, e);
    if (got != 1 || at.n != 8)
        return got < 0 ? -1 : 0;
    int64_t pulled = (int64_t)key_get_u64(at.p);
    got = step_get_record(s, STEP_TABLE(s, TABLE_IMAGES), row, TOPIC_IMAGES, &im, e);
    if (got != 1 || im.pulled_ms >= pulled)
        return got < 0 ? -1 : 0;
    got = store_get(s->txn, STEP_TABLE(s, TABLE_NAMES), slice_sub(row, 0, 16), &names, e);
    if (got != 1 || !slice_take_token(&names, 0, &registry))
        return got < 0 ? -1 : 0;
    im.pulled_ms = pulled;
    return discover_write_image(s, discover_full_name(s->arena, registry, names), &im, e);
}

/* ---- ticks ---- */

int discover_walk_all(struct step *s, struct err *e)
{
    struct discover_process *p = s->stage;
    for (size_t i = 0; i < p->config.registries_n; i++) {
        struct slice name = registry_settings_name(&p->config.registries[i]);
        if (hash_partition(name, s->partitions) == s->partition &&
            step_work(s, WORK_WALK, name, DISCOVER_PRIORITY_TICK, 0, e))
            return -1;
    }
    return 0;
}

int discover_clusters_all(struct step *s, struct err *e)
{
    struct discover_process *p = s->stage;
    for (size_t i = 0; i < p->config.clusters_n; i++) {
        struct slice name = slice_str(p->config.clusters[i].name);
        if (hash_partition(name, s->partitions) == s->partition &&
            step_work(s, WORK_CLUSTER, name, DISCOVER_PRIORITY_TICK, 0, e))
            return -1;
    }
    return 0;
}

static int apply_tick(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    const struct tick *t = record;
    (void)event;
    if (t && t->kind == TICK_WALK)
        return discover_walk_all(s, e);
    if (t && t->kind == TICK_WORKLOADS)
        return discover_clusters_all(s, e);
    return 0;
}

/* ---- whole views ---- */

/* The image's names before, and now. */
static int move_aliases(struct step *s, struct slice name, struct slice key, const struct image *now, struct err *e)
{
    struct slice value;
    struct image old = {0};
    struct err unread = ERR_INIT;
    int got = store_get(s->whole, STEP_WHOLE(s, WHOLE_IMAGES), key, &value, e);
    if (got < 0)
        return -1;
    bool had = got && !codec_decode(runner_codec(s->runner), TOPIC_IMAGES, value, s->arena, &old, &unread);
    bool same = had && now && slice_eq(old.config_digest, now->config_digest) && old.indexes.n == now->indexes.n;
    for (size_t i = 0; same && i < old.indexes.n; i++)
        same = slice_eq(old.indexes.v[i], now->indexes.v[i]);
    if (had && !same && discover_aliases_change(s, name, &old, ALIAS_DROP, e))
        return -1;
    return now ? discover_aliases_change(s, name, now, ALIAS_PUT, e) : 0;
}

static int apply_whole_image(struct step *s, const struct bus_event *ev, const void *record, struct err *e)
{
    struct slice digest = topic_key_head(ev->key), name = topic_key_tail(ev->key);
    uint8_t key[511];
    if (!name.p || name.n + digest.n + 1 > sizeof key)
        return err_set(e, ERR_POISON, 0, "the key is not \"digest,registry/repository\" of at most %zu bytes",
                       sizeof key);
    memcpy(key, name.p, name.n);
    key[name.n] = 0;
    memcpy(key + name.n + 1, digest.p, digest.n);
    struct slice k = slice_of(key, name.n + 1 + digest.n);
    store_table t = STEP_WHOLE(s, WHOLE_IMAGES);
    if (move_aliases(s, name, k, record, e))
        return -1;
    return record ? store_put(s->whole, t, k, ev->value, e) : store_del(s->whole, t, k, e) < 0 ? -1 : 0;
}

static int apply_whole_workload(struct step *s, const struct bus_event *ev, const void *record, struct err *e)
{
    uint8_t key[STEP_KEY_MAX], by_cluster[511];
    struct slice k = slice_of(key, step_key(key, ev->key)), tail = topic_key_tail(ev->key), cluster;
    if (!slice_take_token(&tail, '/', &cluster) || cluster.n + 1 + ev->key.n > sizeof by_cluster)
        return err_set(e, ERR_POISON, 0, "the key is not \"digest,cluster/namespace/owner/container\"");
    memcpy(by_cluster, cluster.p, cluster.n);
    by_cluster[cluster.n] = 0;
    memcpy(by_cluster + cluster.n + 1, ev->key.p, ev->key.n);
    struct slice row = slice_of(by_cluster, cluster.n + 1 + ev->key.n);
    if (!record)
        return store_del(s->whole, STEP_WHOLE(s, WHOLE_WORKLOADS), k, e) < 0 ||
                       store_del(s->whole, STEP_WHOLE(s, WHOLE_CLUSTERS), row, e) < 0
                   ? -1
                   : 0;
    return store_put(s->whole, STEP_WHOLE(s, WHOLE_WORKLOADS), k, ev->value, e) ||
                   store_put(s->whole, STEP_WHOLE(s, WHOLE_CLUSTERS), row, ev->value, e)
               ? -1
               : 0;
}

/* Rows of images that an earlier owner took away. */
static int drop_gone(struct step *s, struct err *e)
{
    struct store_iter it;
    struct slice key, value, names, registry, known;
    int got;
    store_iter_init(&it, s->txn, STEP_TABLE(s, TABLE_IMAGES), SLICE_NONE, SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1) {
        int there = store_get(s->txn, STEP_TABLE(s, TABLE_NAMES), slice_sub(key, 0, 16), &names, e);
        if (there == 1 && slice_take_token(&names, 0, &registry)) {
            struct buf b = BUF_INIT(8192);
            buf_addf(&b, "%.*s/%.*s", SLICE_FMT(registry), SLICE_FMT(names));
            buf_add_byte(&b, 0);
            buf_add_slice(&b, slice_from(key, 16));
            there = store_get(s->whole, STEP_WHOLE(s, WHOLE_IMAGES), slice_sub(buf_slice(&b), 0, 511), &known, e);
            buf_done(&b);
        }
        if (there < 0 || (!there && store_iter_del(&it, e))) {
            got = -1;
            break;
        }
    }
    store_iter_done(&it);
    return got;
}

/*
 * A partition that came alive takes over the images of its repositories from the whole view, which holds everything
 * that any owner before has written: after lost state all of them, otherwise what changed meanwhile.
 */
static int take_over(struct step *s, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    int got;
    store_iter_init(&it, s->whole, STEP_WHOLE(s, WHOLE_IMAGES), SLICE_NONE, SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1) {
        struct slice rest = key, name, repository, registry, old;
        uint8_t row[STEP_KEY_MAX];
        if (!slice_take_token(&rest, 0, &name) || hash_partition(name, s->partitions) != s->partition)
            continue;
        struct slice k = slice_of(row, discover_image_row_key(row, name, rest));
        got = store_get(s->txn, STEP_TABLE(s, TABLE_IMAGES), k, &old, e);
        repository = name;
        if (got < 0 || !slice_take_token(&repository, '/', &registry))
            break;
        if ((!got || !slice_eq(old, value)) && (store_put(s->txn, STEP_TABLE(s, TABLE_IMAGES), k, value, e) ||
                                                discover_remember_name(s, registry, repository, e))) {
            got = -1;
            break;
        }
    }
    store_iter_done(&it);
    return got < 0 ? -1 : drop_gone(s, e);
}

/* Whether a mark in the partition's state is another one than it was; it is then this one. */
static int mark_moved(struct step *s, const char *name, const char *mark, struct err *e)
{
    struct slice v, key = slice_str(name), now = slice_str(mark);
    int got = store_get(s->txn, STEP_TABLE(s, TABLE_NAMES), key, &v, e);
    if (got < 0 || (got == 1 && slice_eq(v, now)))
        return got < 0 ? -1 : 0;
    return store_put(s->txn, STEP_TABLE(s, TABLE_NAMES), key, now, e) ? -1 : 1;
}

static int idle(struct step *s, struct err *e)
{
    struct discover_process *p = s->stage;
    char given[64], aliases[96];
    /* Once for each time that this process is given the partition: others may have written in between. */
    snprintf(given, sizeof given, "%016" PRIx64 " %" PRIu64, p->life, s->generation);
    snprintf(aliases, sizeof aliases, "%s %" PRIu64, given, p->aliases);
    int moved = mark_moved(s, "taken over", given, e);
    if (moved < 0 || (moved && (take_over(s, e) || discover_watched_begin(s, e))))
        return -1;
    moved = mark_moved(s, "aliases", aliases, e);
    return moved < 0 || (moved && discover_running_all(s, e)) ? -1 : 0;
}

/* ---- the descriptor ---- */

static int init(struct runner *r, const void *config, void **ret_stage, struct err *e)
{
    const struct discover_config *c = config;
    struct discover_process *p = xcalloc(1, sizeof *p);
    (void)e;
    p->config = *c;
    if (getrandom(&p->life, sizeof p->life, 0) != (ssize_t)sizeof p->life)
        p->life = (uint64_t)clock_wall_ms() << 20 | (uint64_t)getpid();
    p->runner = r;
    p->trouble = xcalloc(MAX(c->registries_n, (size_t)1), sizeof *p->trouble);
    p->cluster_trouble = xcalloc(MAX(c->clusters_n, (size_t)1), sizeof *p->cluster_trouble);
    p->registries = registries_new(c->registries, c->registries_n);
    *ret_stage = p;
    return 0;
}

static void done(void *stage)
{
    struct discover_process *p = stage;
    registries_free(p->registries);
    free(p->trouble);
    free(p->cluster_trouble);
    free(p);
}

static void stopping(void *stage)
{
    struct discover_process *p = stage;
    registries_stop(p->registries);
}

static const struct stage_input inputs[] = {
    {.topic = TOPIC_REGISTRY_EVENTS, .apply = apply_event},
    {.topic = TOPIC_TICKS, .apply = apply_tick},
    {.topic = TOPIC_IMAGES, .whole = true, .apply = apply_whole_image},
    {.topic = TOPIC_WORKLOADS, .whole = true, .apply = apply_whole_workload},
};
static const char *const tables[] = {
    [TABLE_IMAGES] = "images", [TABLE_PUSHES] = "pushes", [TABLE_PULLED] = "pulled",
    [TABLE_NAMES] = "names",   [TABLE_FAILED] = "failed", [TABLE_RUNNING] = "running",
};
static const char *const whole_tables[] = {[WHOLE_IMAGES] = "images",
                                           [WHOLE_WORKLOADS] = "workloads",
                                           [WHOLE_CLUSTERS] = "clusters",
                                           [WHOLE_ALIASES] = "aliases"};
static const struct stage_work works[] = {
    [WORK_PUSH] = {"push", NULL, discover_push_prepare, discover_repository_run, discover_push_finish,
                   discover_repository_discard},
    [WORK_REPOSITORY] = {"repository", NULL, discover_repository_prepare, discover_repository_run,
                         discover_repository_finish, discover_repository_discard},
    [WORK_WALK] = {"walk", NULL, discover_walk_prepare, discover_walk_run, discover_walk_finish, discover_walk_discard},
    [WORK_CLUSTER] = {"cluster", NULL, discover_cluster_prepare, discover_cluster_run, discover_cluster_finish,
                      discover_cluster_discard},
    [WORK_PULLED] = {.name = "pulled", .settle = settle_pulled},
    [WORK_UNWATCHED] = {.name = "unwatched", .settle = discover_unwatched_settle},
    [WORK_RUNNING] = {.name = "running", .settle = discover_running_settle},
};

const struct stage_def discover_stage = {
    .name = "discover",
    .format = 2,
    .inputs = inputs,
    .inputs_n = ARRAY_LEN(inputs),
    .works = works,
    .works_n = ARRAY_LEN(works),
    .tables = tables,
    .tables_n = ARRAY_LEN(tables),
    .whole_tables = whole_tables,
    .whole_tables_n = ARRAY_LEN(whole_tables),
    .init = init,
    .done = done,
    .stopping = stopping,
    .idle = idle,
    .routes = discover_routes,
};
