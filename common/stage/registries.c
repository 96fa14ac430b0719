/* SPDX-License-Identifier: Apache-2.0 */
#include "stage/registries.h"

#include <pthread.h>

#define IDLE_MAX 32

struct idle_client {
    const struct registry_settings *settings;
    struct registry *client;
};

struct registries {
    const struct registry_settings *settings;
    size_t n;
    pthread_mutex_t lock;
    struct idle_client idle[IDLE_MAX], *busy;
    size_t idle_n, busy_n, busy_cap;
    _Atomic bool stop;
};

struct registries *registries_new(const struct registry_settings *settings, size_t n)
{
    struct registries *p = xcalloc(1, sizeof *p);
    p->settings = settings;
    p->n = n;
    pthread_mutex_init(&p->lock, NULL);
    return p;
}

void registries_free(struct registries *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->idle_n; i++)
        registry_close(p->idle[i].client);
    free(p->busy);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

void registries_stop(struct registries *p)
{
    p->stop = true;
}

struct slice registry_settings_name(const struct registry_settings *s)
{
    struct slice host = slice_str(s->host);
    if (!slice_take_prefix(&host, SLICE("http://")))
        slice_take_prefix(&host, SLICE("https://"));
    while (host.n && host.p[host.n - 1] == '/')
        host.n--;
    return host;
}

const struct registry_settings *registries_find(const struct registries *p, struct slice host)
{
    for (size_t i = 0; i < p->n; i++)
        if (slice_eq(registry_settings_name(&p->settings[i]), host))
            return &p->settings[i];
    return NULL;
}

static void mark_busy(struct registries *p, const struct registry_settings *s, struct registry *client)
{
    if (p->busy_n == p->busy_cap) {
        p->busy_cap = p->busy_cap ? p->busy_cap * 2 : 16;
        p->busy = xrealloc(p->busy, p->busy_cap * sizeof *p->busy);
    }
    p->busy[p->busy_n++] = (struct idle_client){s, client};
}

int registries_take(struct registries *p, struct slice host, struct registry **ret_client, struct err *e)
{
    const struct registry_settings *s = registries_find(p, host);
    if (!s)
        return err_set(e, ERR_REFUSED, 0, "registry %.*s is not configured; add it to registries", SLICE_FMT(host));
    pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < p->idle_n; i++)
        if (p->idle[i].settings == s) {
            *ret_client = p->idle[i].client;
            p->idle[i] = p->idle[--p->idle_n];
            mark_busy(p, s, *ret_client);
            pthread_mutex_unlock(&p->lock);
            return 0;
        }
    pthread_mutex_unlock(&p->lock);
    struct registry_options o = {
        .host = s->host,
        .plain_http = s->plain_http,
        .ca_file = s->ca_file,
        .username = s->username,
        .password = s->password,
        .token = s->token,
        .concurrent = (unsigned)MAX(s->concurrent, 0),
        .per_second = s->per_second,
        .stop = &p->stop,
    };
    if (registry_open(&o, ret_client, e))
        return -1;
    pthread_mutex_lock(&p->lock);
    mark_busy(p, s, *ret_client);
    pthread_mutex_unlock(&p->lock);
    return 0;
}

void registries_give(struct registries *p, struct registry *client)
{
    if (!client)
        return;
    pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < p->busy_n; i++)
        if (p->busy[i].client == client) {
            struct idle_client c = p->busy[i];
            p->busy[i] = p->busy[--p->busy_n];
            if (p->idle_n < IDLE_MAX) {
                p->idle[p->idle_n++] = c;
                client = NULL;
            }
            break;
        }
    pthread_mutex_unlock(&p->lock);
    registry_close(client);
}
