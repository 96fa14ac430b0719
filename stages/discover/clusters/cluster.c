/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cluster.c: asks a cluster which pods run which digests, and writes the difference to what is out. A list
 * that could not be read, or is not whole, changes nothing.
 */
#include "discover/discover_internal.h"

#include "base/log.h"
#include "discover/clusters/workloads.h"
#include "io/http/http.h"

#include <fcntl.h>

struct cluster_job {
    struct arena arena;
    const struct cluster_settings *settings;
    workload_vec workloads;
    struct workloads_told told;
    int rc;
    struct err error, nodes_error;
};

void discover_cluster_discard(void *data)
{
    struct cluster_job *j = data;
    arena_done(&j->arena);
    free(j);
}

int discover_cluster_prepare(struct step *s, struct slice cluster, void **ret_data, struct err *e)
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

static int read_url(const struct cluster_settings *c, const char *url, struct buf *out, struct err *e)
{
    /* For nodes the labels are enough, which servers can send alone since 1.15. */
    static const char *const headers[] = {
        "Accept: application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1, application/json", NULL};
    bool pods = url == c->pods;
    struct http_options o = {.ca_file = c->ca_file};
    char *token ATTR_CLEANUP(cleanup_free) = NULL, *authorization ATTR_CLEANUP(cleanup_free) = NULL;
    if (c->token_file) {
        if (config_read_secret(c->token_file, &token, e))
            return -1;
        authorization = xasprintf("Bearer %s", token);
    }
    struct http_client *client = http_client_new(&o);
    struct http_request q = {
        .url = url, .authorization = authorization, .headers = pods ? NULL : headers, .total_ms = 120000};
    struct http_response r = HTTP_RESPONSE_INIT(WORKLOADS_MAX_BYTES);
    int rc = http_fetch(client, &q, &r, e);
    if (!rc && buf_add_slice(out, buf_slice(&r.body)))
        rc = err_set(e, ERR_POISON, 0, "%s is over %zu bytes", url, out->max);
    http_response_done(&r);
    http_client_free(client);
    return rc;
}

/* Beside ".../api/v1/pods" an API server has ".../api/v1/nodes"; malloc'd, NULL: there is no telling. */
static char *nodes_url(const char *pods)
{
    struct slice url = slice_str(pods);
    ptrdiff_t query = slice_find(url, '?');
    if (query >= 0)
        url.n = (size_t)query;
    if (!slice_ends(url, SLICE("/api/v1/pods")))
        return NULL;
    url.n -= strlen("pods");
    return xasprintf("%.*snodes", SLICE_FMT(url));
}

void discover_cluster_run(struct runner *runner, void *data)
{
    struct cluster_job *j = data;
    struct buf body = BUF_INIT(WORKLOADS_MAX_BYTES), nodes = BUF_INIT(WORKLOADS_MAX_BYTES);
    const char *pods = j->settings->pods;
    bool url = strncmp(pods, "http://", 7) == 0 || strncmp(pods, "https://", 8) == 0;
    char *of_nodes ATTR_CLEANUP(cleanup_free) = url ? nodes_url(pods) : NULL;
    (void)runner;
    j->rc = url ? read_url(j->settings, pods, &body, &j->error) : read_file(pods, &body, &j->error);
    if (!j->rc && of_nodes && read_url(j->settings, of_nodes, &nodes, &j->nodes_error))
        buf_clear(&nodes);
    if (!j->rc)
        j->rc = workloads_parse(&j->arena, buf_slice(&body), buf_slice(&nodes), slice_str(j->settings->name),
                                &j->workloads, &j->told, &j->error);
    buf_done(&body);
    buf_done(&nodes);
}

int discover_cluster_finish(struct step *s, struct slice cluster, void *data, struct err *e)
{
    struct cluster_job *j = data;
    discover_cluster_told(s->stage, cluster, j->rc ? j->error.text : NULL);
    if (j->rc)
        return discover_retry_later(s, WORK_CLUSTER, cluster, DISCOVER_PRIORITY_TICK, cluster, &j->error, e);
    if (discover_running_replace(s, cluster, &j->workloads, e) || discover_running_settle(s, cluster, e))
        return -1;
    if (j->nodes_error.text[0])
        log_warn("the platforms of the cluster's nodes are not known", LOG("cluster", cluster),
                 LOG_S("reason", j->nodes_error.text));
    log_info("cluster asked", LOG("cluster", cluster), LOG_S("listing", "well"), LOG_I("pods", j->told.pods),
             LOG_I("running", j->told.running), LOG_I("no_digest", j->told.no_digest),
             LOG_I("malformed", j->told.malformed), LOG_I("nodes", j->told.nodes));
    return discover_retry_clear(s, WORK_CLUSTER, cluster, e);
}
