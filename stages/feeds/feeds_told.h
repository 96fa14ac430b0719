/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feeds_told.h: one entry for each feed, with what the running feeds stage tells people about it: its metrics, a line
 * in the log when it begins to stand still (feed.h), and a note in health while it does. The entry also keeps the
 * feed's sorted file open while its records are being emitted.
 *
 * An entry is made when a feed is first named, because indexes may add feeds while the stage runs (families.h).
 *
 * Ownership: feeds_told_free closes what is still open; metrics live as long as the process. Threads: the runner's
 * alone.
 */
#ifndef CAREEN_FEEDS_FEEDS_TOLD_H
#define CAREEN_FEEDS_FEEDS_TOLD_H

#include "feeds/fetch/fetch.h"
#include "feeds/pipeline/sorted.h"

struct feeds_told;
struct feeds_told *feeds_told_new(void);
void feeds_told_free(struct feeds_told *t);

/*
 * The place where the feed's open sorted file is kept; it holds NULL while none is open. The pointer is valid until a
 * function here is called for a feed that has no entry yet.
 */
struct sorted **feeds_told_open(struct feeds_told *t, const struct feed *f);
/*
 * To be called when the feed was read to its end or found unchanged, and, with what is remembered of it, when the stage
 * takes over the feed's partition.
 */
void feeds_told_good(struct feeds_told *t, const struct feed *f, const struct feed_memory *m, int64_t now_ms);
/* To be called when the feed could not be had or read. */
void feeds_told_failure(struct feeds_told *t, const struct feed *f);

#endif
