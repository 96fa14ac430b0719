/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watched.c: what the configuration names. It changes between two lives of a process: what is new, what failed
 * and may be mended, and what is not named any more is found by comparing it with the marks in the partition's state.
 */
#include "discover/discover_internal.h"

#include "base/hash.h"
#include "base/log.h"
#include "stage/health.h"

#define MARK "configured "

struct metric discover_failing =
    METRIC_GAUGE("careen_discover_registries_failing", "Registries whose last walk by this process failed.");

struct metric discover_clusters_failing =
    METRIC_GAUGE("careen_discover_clusters_failing", "Clusters whose pods this process could not read the last time.");

/* Gives whether the reason is another one than before. */
static bool trouble_set(discover_trouble *t, const char *why)
{
    bool moved = why && strncmp(*t, why, sizeof *t - 1) != 0;
    snprintf(*t, sizeof *t, "%s", why ? why : "");
    return moved;
}

static void trouble_tell(const discover_trouble *all, size_t n, const char *note, const char *head, struct metric *m)
{
    struct buf text = BUF_INIT(2048);
    int64_t failing = 0;
    for (size_t i = 0; i < n; i++)
        if (all[i][0]) {
            failing++;
            buf_addf(&text, "%s%s", text.n ? "; " : head, all[i]);
        }
    metric_set(m, failing);
    health_note(note, failing ? buf_cstr(&text) : NULL);
    buf_done(&text);
}

void discover_walk_told(struct discover_process *p, struct slice registry, const char *why)
{
    size_t n = p->config.registries_n;
    for (size_t i = 0; i < n; i++)
        if (slice_eq(registry_settings_name(&p->config.registries[i]), registry) && trouble_set(&p->trouble[i], why))
            log_warn("the registry can't be listed", LOG("registry", registry), LOG_S("listing", "failing"),
                     LOG_S("reason", why));
    trouble_tell(p->trouble, n, "registries", "registries that can't be listed: ", &discover_failing);
}

void discover_cluster_told(struct discover_process *p, struct slice cluster, const char *why)
{
    char text[sizeof(discover_trouble)];
    size_t n = p->config.clusters_n;
    /* An error about a file or an address does not name the cluster. */
    snprintf(text, sizeof text, "%.*s: %s", (int)MIN(cluster.n, 60u), (const char *)cluster.p, why ? why : "");
    for (size_t i = 0; i < n; i++)
        if (slice_eq_str(cluster, p->config.clusters[i].name) && trouble_set(&p->cluster_trouble[i], why ? text : NULL))
            log_warn("the cluster's pods can't be read", LOG("cluster", cluster), LOG_S("listing", "failing"),
                     LOG_S("reason", why));
    trouble_tell(p->cluster_trouble, n, "clusters", "clusters whose pods can't be read: ", &discover_clusters_failing);
}

/* Everything that decides what is asked but secrets, which stand in no state. */
static struct slice fingerprint(struct step *s, const struct registry_settings *r)
{
    struct slice text = arena_printf(s->arena, "%s|%d|%s|%d|%s", r->host, r->plain_http, r->username ? r->username : "",
                                     r->token != NULL, r->ca_file ? r->ca_file : "");
    for (size_t i = 0; i < r->repositories.n; i++)
        text = arena_printf(s->arena, "%.*s|%s", SLICE_FMT(text), r->repositories.v[i]);
    struct hash128 h = hash128(text);
    return arena_slice(s->arena, hash128_slice(&h));
}

static int begin_registry(struct step *s, const struct registry_settings *r, struct err *e)
{
    struct slice name = registry_settings_name(r), old, now = fingerprint(s, r);
    struct slice mark = arena_printf(s->arena, MARK "%.*s", SLICE_FMT(slice_sub(name, 0, 300)));
    int got = store_get(s->txn, STEP_TABLE(s, TABLE_NAMES), mark, &old, e);
    if (got < 0)
        return -1;
    if (got && slice_eq(old, now) && !discover_is_failing(s, WORK_WALK, name)) {
        log_info("the registry was walked before", LOG("registry", name), LOG_S("listing", "well"));
        return 0;
    }
    log_info(got ? "the registry is walked: its last walk failed, or it is configured anew"
                 : "a new registry is walked",
             LOG("registry", name));
    /* A failure of the last life says nothing of this one: its secrets and files may be others. */
    if (discover_retry_clear(s, WORK_WALK, name, e) || store_put(s->txn, STEP_TABLE(s, TABLE_NAMES), mark, now, e))
        return -1;
    return step_work(s, WORK_WALK, name, DISCOVER_PRIORITY_TICK, 0, e);
}

/* Marks of registries that are gone: named again, they are new. */
static int forget_registries(struct step *s, struct err *e)
{
    struct discover_process *p = s->stage;
    struct store_iter it;
    struct slice key, value;
    int got;
    store_iter_init(&it, s->txn, STEP_TABLE(s, TABLE_NAMES), SLICE(MARK), SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1)
        if (!discover_registry_of(p, slice_from(key, strlen(MARK))) && store_iter_del(&it, e)) {
            got = -1;
            break;
        }
    store_iter_done(&it);
    return got;
}

static int find_unwatched(struct step *s, struct err *e)
{
    struct discover_process *p = s->stage;
    struct store_iter it;
    struct slice key, value;
    slice_vec found = {0};
    int got;
    store_iter_init(&it, s->txn, STEP_TABLE(s, TABLE_NAMES), SLICE_NONE, SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1) {
        struct slice repository = value, registry;
        if (key.n == sizeof(struct hash128) && slice_find(value, 0) > 0 &&
            slice_take_token(&repository, 0, &registry) &&
            !discover_is_watched(discover_registry_of(p, registry), repository))
            slice_vec_add(s->arena, &found, arena_slice(s->arena, key));
    }
    store_iter_done(&it);
    for (size_t i = 0; i < found.n && got >= 0; i++)
        got = step_work(s, WORK_UNWATCHED, found.v[i], DISCOVER_PRIORITY_UNWATCHED, 0, e);
    return got < 0 ? -1 : 0;
}

/* Asked at once: they may be configured anew, a failure of the last life may be mended, and it is one request. */
static int begin_clusters(struct step *s, struct err *e)
{
    struct discover_process *p = s->stage;
    for (size_t i = 0; i < p->config.clusters_n; i++) {
        struct slice name = slice_str(p->config.clusters[i].name);
        if (hash_partition(name, s->partitions) == s->partition && discover_retry_clear(s, WORK_CLUSTER, name, e))
            return -1;
    }
    return discover_clusters_all(s, e);
}

int discover_watched_begin(struct step *s, struct err *e)
{
    struct discover_process *p = s->stage;
    if (forget_registries(s, e) || find_unwatched(s, e))
        return -1;
    for (size_t i = 0; i < p->config.registries_n; i++) {
        const struct registry_settings *r = &p->config.registries[i];
        if (hash_partition(registry_settings_name(r), s->partitions) == s->partition && begin_registry(s, r, e))
            return -1;
    }
    return begin_clusters(s, e);
}

int discover_unwatched_settle(struct step *s, struct slice name_hash, struct err *e)
{
    struct discover_process *p = s->stage;
    struct slice names, registry;
    image_vec images = {0};
    size_t marked = 0;
    int got = store_get(s->txn, STEP_TABLE(s, TABLE_NAMES), name_hash, &names, e);
    if (got != 1 || !slice_take_token(&names, 0, &registry))
        return got < 0 ? -1 : 0;
    if (discover_is_watched(discover_registry_of(p, registry), names))
        return 0;
    struct slice name = discover_full_name(s->arena, registry, names);
    if (discover_known_images(s, name, s->arena, &images, e))
        return -1;
    for (size_t i = 0; i < images.n; i++) {
        struct image *im = &images.v[i];
        if (im->unwatched_ms)
            continue;
        im->unwatched_ms = s->now_ms;
        if (discover_write_image(s, name, im, e))
            return -1;
        marked++;
    }
    if (marked)
        log_warn("a repository is not configured any more: its images are kept as they were last seen, and marked",
                 LOG("repository", name), LOG_I("images", marked));
    return 0;
}
