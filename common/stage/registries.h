/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registries.h: the configured registries of a process and a pool of open clients, so that jobs on any worker thread go
 * on with connections and tokens that others opened. Any thread, after registries_new.
 */
#ifndef CAREEN_STAGE_REGISTRIES_H
#define CAREEN_STAGE_REGISTRIES_H

#include "io/oci/registry.h"
#include "stage/settings.h"

struct registries;
struct registries *registries_new(const struct registry_settings *settings, size_t n);
void registries_free(struct registries *p); /* every client given back; NULL is legal */
void registries_stop(struct registries *p); /* running requests give up soon */

/* By the host as records name it ("docker.io", "127.0.0.1:5000"); NULL when it is not configured. */
const struct registry_settings *registries_find(const struct registries *p, struct slice host);
struct slice registry_settings_name(const struct registry_settings *s); /* host without http:// */
/* ERR_REFUSED when the host is not configured. */
int registries_take(struct registries *p, struct slice host, struct registry **ret_client, struct err *e);
void registries_give(struct registries *p, struct registry *client);

#endif
