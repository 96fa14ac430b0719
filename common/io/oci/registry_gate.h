/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry_gate.h: what all threads of the process share for one registry: how many requests run at once, a token
 * bucket for requests per second, the pause that the registry asked for, and the bearer tokens. Internal to
 * registry*.c. Any thread may call these functions.
 */
#ifndef CAREEN_IO_OCI_REGISTRY_GATE_H
#define CAREEN_IO_OCI_REGISTRY_GATE_H

#include "io/oci/registry_auth.h"

#define GATE_LONGEST_WAIT_MS 2000

struct gate;
/* The gate of that key, which is created at first use; the limits of the latest call hold. gate_put releases it. */
struct gate *gate_get(const char *key, unsigned concurrent, double per_second);
void gate_put(struct gate *g);
/* Waits for a turn. ERR_RETRY when the registry's pause lasts longer than longest_wait_ms, or *stop turns true. */
int gate_enter(struct gate *g, int64_t longest_wait_ms, const _Atomic bool *stop, struct err *e);
void gate_leave(struct gate *g);
/*
 * The registry answered 429 or 503: pauses for wait_ms, or 0: for a time that grows from failure to failure. Returns
 * the pause.
 */
int64_t gate_pause(struct gate *g, int64_t wait_ms);
void gate_success(struct gate *g);

/* A copy of the token that is kept for key; NULL when there is none or it has expired. malloc'd. */
char *gate_token(struct gate *g, const char *key);
void gate_token_keep(struct gate *g, const char *key, struct registry_token *t); /* takes t's memory */
void gate_token_drop(struct gate *g, const char *key);

#endif
