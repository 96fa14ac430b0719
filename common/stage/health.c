/* SPDX-License-Identifier: Apache-2.0 */
#include "stage/health.h"

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "stage/metrics.h"

#include <pthread.h>

#define BEAT_MAX_MS 60000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char trouble_text[256];
#define NOTES_MAX 8
static struct {
    char key[32], text[400];
} notes[NOTES_MAX];
static int64_t last_beat;

void health_set(const char *trouble)
{
    pthread_mutex_lock(&lock);
    snprintf(trouble_text, sizeof trouble_text, "%s", trouble ? trouble : "");
    pthread_mutex_unlock(&lock);
}

void health_note(const char *key, const char *text)
{
    size_t at = NOTES_MAX;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < NOTES_MAX && at == NOTES_MAX; i++)
        if (strcmp(notes[i].key, key) == 0)
            at = i;
    for (size_t i = 0; i < NOTES_MAX && at == NOTES_MAX; i++)
        if (!notes[i].key[0])
            at = i;
    if (at < NOTES_MAX) {
        snprintf(notes[at].key, sizeof notes[at].key, "%s", text ? key : "");
        snprintf(notes[at].text, sizeof notes[at].text, "%s", text ? text : "");
    }
    pthread_mutex_unlock(&lock);
}

void health_beat(void)
{
    pthread_mutex_lock(&lock);
    last_beat = clock_mono_ms();
    pthread_mutex_unlock(&lock);
}

/* Writes {"healthy":…,"trouble":…,"notes":[…]} and returns whether the process is healthy. */
static bool health_json(struct buf *out)
{
    pthread_mutex_lock(&lock);
    bool late = last_beat && clock_mono_ms() - last_beat > BEAT_MAX_MS;
    bool healthy = !trouble_text[0] && !late;
    struct jsonw w;
    jsonw_init(&w, out, 0);
    jsonw_object(&w);
    jsonw_pair_bool(&w, "healthy", healthy);
    jsonw_pair_str(&w, "trouble",
                   trouble_text[0] ? trouble_text
                   : late          ? "the loop has not come by for a minute"
                                   : NULL);
    jsonw_key(&w, "notes");
    jsonw_array(&w);
    for (size_t i = 0; i < NOTES_MAX; i++)
        if (notes[i].text[0])
            jsonw_str(&w, slice_str(notes[i].text));
    jsonw_end(&w);
    jsonw_end(&w);
    pthread_mutex_unlock(&lock);
    return healthy;
}

/* ---- the server ---- */

#define ROUTES_MAX 32

static struct httpd *server;
static struct httpd_route routes[ROUTES_MAX];

static void serve_health(void *arg, const struct httpd_request *q, struct httpd_response *r)
{
    (void)arg;
    (void)q;
    r->status = health_json(&r->body) ? 200 : 503;
}

static void serve_metrics(void *arg, const struct httpd_request *q, struct httpd_response *r)
{
    (void)arg;
    (void)q;
    r->content_type = "text/plain; version=0.0.4";
    metrics_text(&r->body);
}

int health_start(const char *address, const struct httpd_route *more, size_t more_n, struct err *e)
{
    if (!address || !*address)
        return 0;
    ASSERT(more_n + 2 <= ROUTES_MAX);
    routes[0] = (struct httpd_route){"GET", "/healthz", serve_health, NULL};
    routes[1] = (struct httpd_route){"GET", "/metrics", serve_metrics, NULL};
    if (more_n)
        memcpy(routes + 2, more, more_n * sizeof *more);
    /* One address can't take all connections: whoever asks for the health from elsewhere is heard. */
    struct httpd_options o = {
        .listen = address, .routes = routes, .n_routes = more_n + 2, .threads = 2, .connections_of_ip = 64};
    if (httpd_start(&o, &server, e))
        return -1;
    log_info("listening", LOG_S("address", address), LOG_I("port", httpd_port(server)));
    return 0;
}

void health_stop(void)
{
    httpd_stop(server, 2000);
    server = NULL;
}
