/* SPDX-License-Identifier: Apache-2.0 */
/*
 * health.h: /healthz and /metrics of a process. It is healthy when its loop ran within the last minute and nothing
 * stops it, as a full disk would. Any thread may call health_set, health_note and health_beat.
 */
#ifndef CAREEN_STAGE_HEALTH_H
#define CAREEN_STAGE_HEALTH_H

#include "base/buf.h"
#include "base/err.h"
#include "io/http/httpd.h"

/* Serves /healthz, /metrics and the routes in `more` on "host:port" (NULL: no server). */
int health_start(const char *address, const struct httpd_route *more, size_t more_n, struct err *e);
void health_stop(void);
/* What stops the process; NULL: nothing. */
void health_set(const char *trouble);
/*
 * Something to know that stops nothing, such as a feed that stands still, under a key of the caller's; NULL: no longer.
 */
void health_note(const char *key, const char *text);
void health_beat(void); /* the loop ran */

#endif
