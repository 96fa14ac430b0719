/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feeds_told.h: what the feeds stage shows of each feed while it runs: metrics, a line in the log when a feed begins to
 * stand still, and a note in its health; beside that the staged feed that is being emitted. Feeds come while it runs
 * (families.h), so each has its place when it is first asked for.
 *
 * Threads: the runner's. Metrics live as long as the process.
 */
#ifndef CAREEN_FEEDS_FEEDS_TOLD_H
#define CAREEN_FEEDS_FEEDS_TOLD_H

#include "feeds/fetch/fetch.h"
#include "feeds/pipeline/sorted.h"

struct feeds_told;
struct feeds_told *feeds_told_new(void);
void feeds_told_free(struct feeds_told *t); /* closes what is open */

/* The place of the feed's open staged feed, NULL in it when there is none. Valid until another feed is first told. */
struct sorted **feeds_told_open(struct feeds_told *t, const struct feed *f);
/* The feed was read whole, or found unchanged; also once for what is remembered of it when a partition is taken over.
 */
void feeds_told_good(struct feeds_told *t, const struct feed *f, const struct feed_memory *m, int64_t now_ms);
void feeds_told_failure(struct feeds_told *t, const struct feed *f);

#endif
