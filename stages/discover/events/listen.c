/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen.c: POST /notifications/HOST. An answer of 200 means that every event is in registry-events; a
 * registry that gets another answer sends again.
 */
#include "discover/discover_internal.h"

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "discover/events/events.h"

static int publish_events(struct discover_process *p, const registry_event_vec *events, struct arena *a, struct err *e)
{
    for (size_t i = 0; i < events->n; i++) {
        const struct registry_event *ev = &events->v[i];
        if (runner_publish(p->runner, TOPIC_REGISTRY_EVENTS, discover_full_name(a, ev->registry, ev->repository), ev,
                           e))
            return -1;
    }
    return 0;
}

static void take(struct discover_process *p, const struct registry_settings *s, const struct httpd_request *q,
                 struct httpd_response *r, struct arena *a)
{
    registry_event_vec events = {0};
    struct events_told told = {0};
    struct err e = ERR_INIT;
    if (events_parse(a, q->body, registry_settings_name(s), clock_wall_ms(), &events, &told, &e)) {
        httpd_fail(r, 400, "%s", e.text);
        return;
    }
    if (told.malformed)
        log_warn("notifications left out", LOG("registry", registry_settings_name(s)),
                 LOG_I("malformed", told.malformed));
    if (publish_events(p, &events, a, &e)) {
        httpd_fail(r, e.kind == ERR_POISON ? 400 : 503, "%s", e.text);
        return;
    }
    metric_add(&discover_events, (int64_t)events.n);
    if (told.validation.p) {
        struct jsonw w;
        jsonw_init(&w, &r->body, 0);
        jsonw_object(&w);
        jsonw_pair(&w, "validationResponse", told.validation);
        jsonw_end(&w);
        return;
    }
    buf_addf(&r->body, "{\"events\":%zu,\"ignored\":%zu,\"malformed\":%zu}", events.n, told.ignored, told.malformed);
}

static void serve(void *arg, const struct httpd_request *q, struct httpd_response *r)
{
    struct discover_process *p = arg;
    struct slice host = q->rest;
    const struct registry_settings *s = host.n                        ? registries_find(p->registries, host)
                                        : p->config.registries_n == 1 ? p->config.registries
                                                                      : NULL;
    if (!s) {
        httpd_fail(r, 404, "no registry \"%.*s\" is configured; post to /notifications/HOST", SLICE_FMT(host));
        return;
    }
    if (!events_authorized(httpd_header(q, "Authorization"), slice_str(s->notifications_secret))) {
        httpd_fail(r, 401, "the Authorization header is not the configured notifications-secret");
        return;
    }
    struct arena a = ARENA_INIT((size_t)64 << 20);
    take(p, s, q, r, &a);
    arena_done(&a);
}

size_t discover_routes(struct runner *r, void *stage, struct httpd_route *to, size_t max)
{
    (void)r;
    ASSERT(max >= 2);
    to[0] = (struct httpd_route){"POST", "/notifications", serve, stage};
    to[1] = (struct httpd_route){"POST", "/notifications/", serve, stage};
    return 2;
}
