/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feeds_told.h: what the feeds stage shows of each feed while it runs: metrics, a line in the log when a feed begins to
 * stand still, and a note in health. It also holds the staged feed that is being emitted. New feeds may come while the
 * stage runs (families.h), so each gets its entry when it is first asked for.
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

/* Where the feed's open staged feed is kept; NULL in it when there is none. Valid until a new feed is asked for. */
struct sorted **feeds_told_open(struct feeds_told *t, const struct feed *f);
/*
 * The feed was read to its end or found unchanged. Also called with what is remembered of it when a partition is taken
 * over.
 */
void feeds_told_good(struct feeds_told *t, const struct feed *f, const struct feed_memory *m, int64_t now_ms);
void feeds_told_failure(struct feeds_told *t, const struct feed *f);

#endif
