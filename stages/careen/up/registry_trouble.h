/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry_trouble.h: for careen up: how the configured registries' walks end, and the reading of the clusters' pods,
 * as discover's log says (lines with the fields registry or cluster, and listing). Only what is written after it was
 * opened counts: a log goes on over many runs. One thread.
 */
#ifndef CAREEN_CAREEN_UP_REGISTRY_TROUBLE_H
#define CAREEN_CAREEN_UP_REGISTRY_TROUBLE_H

#include "base/buf.h"
#include "stage/settings.h"

struct registry_trouble;
/* log: of discover, need not exist yet. settings outlives it. */
struct registry_trouble *registry_trouble_open(const char *log, const struct settings *settings);
void registry_trouble_close(struct registry_trouble *t); /* NULL is legal */
/* Reads what came since; tell gets a line for each registry or cluster that fails anew, or is well again. */
void registry_trouble_poll(struct registry_trouble *t, void (*tell)(void *arg, struct slice line), void *arg);
/* Registries and clusters of which it is not known yet whether they can be listed. */
size_t registry_trouble_waiting(const struct registry_trouble *t);
/* "HOST: why" of each that can't be, appended to out. Gives how many. */
size_t registry_trouble_failing(const struct registry_trouble *t, struct buf *out);
/* The same of clusters whose pods can't be read, by their names. */
size_t registry_trouble_clusters(const struct registry_trouble *t, struct buf *out);

#endif
