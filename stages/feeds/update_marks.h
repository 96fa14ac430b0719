/* SPDX-License-Identifier: Apache-2.0 */
/*
 * update_marks.h: what an update of the database writes about itself, so that `careen feeds status` can say how the
 * last one went: when it began and ended, and which feeds it could not get. Each mark is written in a transaction of
 * its own.
 */
#ifndef CAREEN_FEEDS_UPDATE_MARKS_H
#define CAREEN_FEEDS_UPDATE_MARKS_H

#include "feeds/fetch/fetch.h"
#include "advisories/advisory_view.h"

/* Also removes what earlier updates wrote about the feeds that this one asks for (names: see feed_wanted). */
int feeds_mark_begun(struct advisory_db *db, const char *names, struct feeds_updated *ret_mark, struct err *e);
int feeds_mark_trouble(struct advisory_db *db, const struct feed *f, const struct err *why, struct err *e);
int feeds_mark_ended(struct advisory_db *db, struct feeds_updated *mark, struct err *e);
/* What is remembered of a feed. 1: found; 0: nothing, and *ret_m is zeroed. */
int feeds_memory_get(struct advisory_db *db, store_table memory, const struct feed *f, struct feed_memory *ret_m,
                     struct err *e);
/* Remembers it, and if it was ever read writes the feed's row for scans. */
int feeds_memory_put(struct advisory_db *db, store_table memory, struct store_txn *t, const struct feed *f,
                     const struct feed_memory *m, struct err *e);
/*
 * Takes the lock in the folder of work, so that only one update runs at a time; it is released when the process ends.
 * 0: taken, with its descriptor; 1: another process has it (FEEDS_LOCK_TRY).
 */
enum feeds_lock { FEEDS_LOCK_TRY, FEEDS_LOCK_WAIT };
int feeds_update_lock(const char *work_dir, enum feeds_lock how, int *ret_fd, struct err *e);

#endif
