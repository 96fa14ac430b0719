/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registries.h: the configured registries of a process and a pool of open clients, so that a job on any worker thread
 * can use the connections and tokens that others opened. Any thread may call these functions after registries_new.
 */
#ifndef CAREEN_STAGE_REGISTRIES_H
#define CAREEN_STAGE_REGISTRIES_H

#include "io/oci/registry.h"
#include "stage/settings.h"

struct registries;
struct registries *registries_new(const struct registry_settings *settings, size_t n);
void registries_free(struct registries *p); /* after every client was given back; NULL is legal */
void registries_stop(struct registries *p); /* makes running requests give up soon */

/* The settings of a host as records name it ("docker.io", "127.0.0.1:5000"); NULL when it is not configured. */
const struct registry_settings *registries_find(const struct registries *p, struct slice host);
struct slice registry_settings_name(const struct registry_settings *s); /* the host without http:// */
/* Takes a client out of the pool or opens one; registries_give returns it. ERR_REFUSED: the host is not configured. */
int registries_take(struct registries *p, struct slice host, struct registry **ret_client, struct err *e);
void registries_give(struct registries *p, struct registry *client);

#endif
