/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry_trouble.h: for careen up: how walks of the configured registries, and readings of the clusters' pods, end
 * according to discover's log (lines with the field registry or cluster, and listing). Only lines count that are
 * written after it was opened, since a log goes on over many runs. One thread.
 */
#ifndef CAREEN_CAREEN_UP_REGISTRY_TROUBLE_H
#define CAREEN_CAREEN_UP_REGISTRY_TROUBLE_H

#include "base/buf.h"
#include "stage/settings.h"

struct registry_trouble;
/* log: discover's log, which need not exist yet. settings must stay valid. */
struct registry_trouble *registry_trouble_open(const char *log, const struct settings *settings);
void registry_trouble_close(struct registry_trouble *t); /* NULL is legal */
/* Reads new lines; calls tell with a line for each registry or cluster that begins to fail or works again. */
void registry_trouble_poll(struct registry_trouble *t, void (*tell)(void *arg, struct slice line), void *arg);
/* How many registries and clusters there are of which it is not known yet whether they can be listed. */
size_t registry_trouble_waiting(const struct registry_trouble *t);
/* Appends "HOST: why" for each registry that can't be listed, and returns how many they are. */
size_t registry_trouble_failing(const struct registry_trouble *t, struct buf *out);
/* The same for clusters whose pods can't be read, by their names. */
size_t registry_trouble_clusters(const struct registry_trouble *t, struct buf *out);

#endif
