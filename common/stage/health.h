/* SPDX-License-Identifier: Apache-2.0 */
/*
 * health.h: /healthz and /metrics of a process. Healthy means: the loop came by within the last minute and nothing
 * stops it (a full disk does). Any thread may call health_set and health_beat.
 */
#ifndef CAREEN_STAGE_HEALTH_H
#define CAREEN_STAGE_HEALTH_H

#include "base/buf.h"
#include "base/err.h"
#include "io/http/httpd.h"

/* Serves /healthz, /metrics and more on "host:port" (NULL: no server). */
int health_start(const char *address, const struct httpd_route *more, size_t more_n, struct err *e);
void health_stop(void);
void health_set(const char *trouble); /* NULL: none */
/* Something to know that stops nothing ("feeds": photon-5 stands still), by a key of whoever says it; NULL: no more. */
void health_note(const char *key, const char *text);
void health_beat(void);
/* {"healthy":…,"trouble":…,"notes":[…]} into out; returns whether it is healthy. */
bool health_json(struct buf *out);

#endif
