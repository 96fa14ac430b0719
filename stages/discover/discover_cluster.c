/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discover_cluster.c: asks a cluster which pods run which digests, and writes the difference to what is out. A list
 * that could not be read, or is not whole, changes nothing.
 */
#include "discover/discover_internal.h"

#include "base/log.h"
#include "discover/workloads.h"
#include "io/http.h"

#include <fcntl.h>

struct cluster_job {
    struct arena arena;
    const struct cluster_settings *settings;
    workload_vec workloads;
    struct workloads_told told;
    int rc;
    struct err error;
};

void cluster_discard(void *data)
{
    struct cluster_job *j = data;
    arena_done(&j->arena);
    free(j);
}

int cluster_prepare(struct step *s, struct slice cluster, void **ret_data, struct err *e)
{
    struct discover_process *p = s->stage;
    (void)e;
    for (size_t i = 0; i < p->config.clusters_n; i++)
        if (slice_eq_str(cluster, p->config.clusters[i].name)) {
            struct cluster_job *j = xcalloc(1, sizeof *j);
            j->arena = ARENA_INIT((size_t)1 << 30);
            j->settings = &p->config.clusters[i];
            *ret_data = j;
            return 1;
        }
    return 0;
}

static int read_file(const char *path, struct buf *out, struct err *e)
{
    int fd ATTR_CLEANUP(cleanup_close) = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(e, ERR_RETRY, errno, "cannot open %s", path);
    for (;;) {
        uint8_t *to = buf_reserve(out, 65536);
        if (!to)
            return err_set(e, ERR_POISON, 0, "%s is over %zu bytes", path, out->max);
        ssize_t n = read(fd, to, 65536);
        if (n < 0)
            return err_errno(e, ERR_RETRY, errno, "cannot read %s", path);
        if (!n)
            return 0;
        out->n += (size_t)n;
    }
}

static int read_url(const struct cluster_settings *c, struct buf *out, struct err *e)
{
    struct http_options o = {.ca_file = c->ca_file};
    char *token ATTR_CLEANUP(cleanup_free) = NULL, *authorization ATTR_CLEANUP(cleanup_free) = NULL;
    if (c->token_file) {
        if (config_read_secret(c->token_file, &token, e))
            return -1;
        authorization = xasprintf("Bearer %s", token);
    }
    struct http_client *client = http_client_new(&o);
    struct http_request q = {.url = c->pods, .authorization = authorization, .total_ms = 120000};
    struct http_response r = HTTP_RESPONSE_INIT(WORKLOADS_MAX_BYTES);
    int rc = http_fetch(client, &q, &r, e);
    if (!rc && buf_add_slice(out, buf_slice(&r.body)))
        rc = err_set(e, ERR_POISON, 0, "%s is over %zu bytes", c->pods, out->max);
    http_response_done(&r);
    http_client_free(client);
    return rc;
}

void cluster_run(struct runner *runner, void *data)
{
    struct cluster_job *j = data;
    struct buf body = BUF_INIT(WORKLOADS_MAX_BYTES);
    const char *pods = j->settings->pods;
    bool url = strncmp(pods, "http://", 7) == 0 || strncmp(pods, "https://", 8) == 0;
    (void)runner;
    j->rc = url ? read_url(j->settings, &body, &j->error) : read_file(pods, &body, &j->error);
    if (!j->rc)
        j->rc = workloads_parse(&j->arena, buf_slice(&body), slice_str(j->settings->name), &j->workloads, &j->told,
                                &j->error);
    buf_done(&body);
}

static struct slice workload_key(struct arena *a, const struct workload *w)
{
    return arena_printf(a, "%.*s,%.*s/%.*s/%.*s/%.*s", SLICE_FMT(w->digest), SLICE_FMT(w->cluster), SLICE_FMT(w->ns),
                        SLICE_FMT(w->owner), SLICE_FMT(w->container));
}

static bool same_workload(const struct workload *a, const struct workload *b)
{
    return a->running == b->running && a->started_ms == b->started_ms && slice_eq(a->owner_kind, b->owner_kind) &&
           slice_eq(a->image, b->image);
}

static int emit_new(struct step *s, struct cluster_job *j, slice_vec *keys, struct err *e)
{
    for (size_t i = 0; i < j->workloads.n; i++) {
        struct workload *w = &j->workloads.v[i], old = {0};
        struct slice key = workload_key(&j->arena, w), value;
        uint8_t row[STEP_KEY_MAX];
        slice_vec_add(&j->arena, keys, key);
        int got = store_get(s->whole, STEP_WHOLE(s, WHOLE_WORKLOADS), slice_of(row, step_key(row, key)), &value, e);
        if (got < 0 || (got && codec_decode(runner_codec(s->runner), TOPIC_WORKLOADS, value, s->arena, &old, e)))
            return -1;
        if ((!got || !same_workload(&old, w)) && step_emit(s, TOPIC_WORKLOADS, key, w, e))
            return -1;
    }
    slice_vec_sort(keys);
    return 0;
}

static bool contains(const slice_vec *sorted, struct slice key)
{
    size_t low = 0, high = sorted->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = slice_cmp(sorted->v[mid], key);
        if (!c)
            return true;
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return false;
}

int cluster_finish(struct step *s, struct slice cluster, void *data, struct err *e)
{
    struct cluster_job *j = data;
    slice_vec keys = {0};
    struct store_iter it;
    struct slice key, value;
    uint8_t prefix[256];
    int got;
    if (j->rc)
        return retry_later(s, WORK_CLUSTER, cluster, 2, cluster, &j->error, e);
    if (emit_new(s, j, &keys, e))
        return -1;
    size_t n = MIN(cluster.n, sizeof prefix - 1);
    memcpy(prefix, cluster.p, n);
    prefix[n++] = 0;
    store_iter_init(&it, s->whole, STEP_WHOLE(s, WHOLE_CLUSTERS), slice_of(prefix, n), SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1) {
        struct slice topic_key = slice_from(key, n);
        if (!contains(&keys, topic_key) && step_tombstone(s, TOPIC_WORKLOADS, arena_slice(s->arena, topic_key), e)) {
            got = -1;
            break;
        }
    }
    store_iter_done(&it);
    if (got < 0)
        return -1;
    log_info("cluster asked", LOG("cluster", cluster), LOG_I("pods", j->told.pods), LOG_I("running", j->told.running),
             LOG_I("no_digest", j->told.no_digest));
    return retry_clear(s, WORK_CLUSTER, cluster, e);
}
