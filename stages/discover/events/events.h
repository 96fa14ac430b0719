/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events.h: what registries tell by webhook, as registry events. Events are hints: best-effort, unordered, repeated; so
 * what is not understood is counted and left out, never guessed. The format is told by the document itself:
 *
 *   Distribution   {"events":[…]}, https://distribution.github.io/distribution/about/notifications/
 *   ACR            one such event by itself; Event Grid's array of them; as CloudEvents
 *   Harbor         {"type":"PUSH_ARTIFACT","event_data":…} and CloudEvents "harbor.artifact.pushed"
 *   ECR            EventBridge's "ECR Image Action"
 *
 * Left out: events of blobs, mounts, charts, scans, and pulls by Careen itself (known by the user agent).
 * Pure; any thread.
 */
#ifndef CAREEN_DISCOVER_EVENTS_EVENTS_H
#define CAREEN_DISCOVER_EVENTS_EVENTS_H

#include "base/err.h"
#include "model/records.h"

typedef VEC(struct registry_event) registry_event_vec;

struct events_told {
    size_t ignored;          /* understood, and not about an image */
    size_t malformed;        /* left out for what is missing or wrong */
    struct slice validation; /* Event Grid asks for this code back: {"validationResponse": code} */
};

/*
 * registry: the registry that this listener was configured for; SLICE_NONE: as the event says. now_ms is for events
 * that don't tell their time. ERR_POISON: no document of a known format (told is filled all the same).
 */
int events_parse(struct arena *a, struct slice body, struct slice registry, int64_t now_ms,
                 registry_event_vec *ret_events, struct events_told *ret_told, struct err *e);

/* Whether an Authorization header is the shared secret, bare or as "Bearer …", in constant time. No secret: always. */
bool events_authorized(struct slice header, struct slice secret);

#endif
