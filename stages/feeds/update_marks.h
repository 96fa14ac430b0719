/* SPDX-License-Identifier: Apache-2.0 */
/*
 * update_marks.h: what an update of the database writes about itself, so that `careen feeds status` can say how the
 * last one went: when it began and ended, and which feeds it could not have. Each is a transaction of its own.
 */
#ifndef CAREEN_FEEDS_UPDATE_MARKS_H
#define CAREEN_FEEDS_UPDATE_MARKS_H

#include "feeds/fetch/fetch.h"
#include "advisories/advisory_view.h"

/* What earlier updates said of the feeds that this one asks for (names, see feed_wanted) is forgotten: the last one
 * counts. */
int feeds_mark_begun(struct advisory_db *db, const char *names, struct feeds_updated *ret_mark, struct err *e);
int feeds_mark_trouble(struct advisory_db *db, const struct feed *f, const struct err *why, struct err *e);
int feeds_mark_ended(struct advisory_db *db, struct feeds_updated *mark, struct err *e);
/* What is remembered of a feed: 1; 0 nothing is, and *ret_m is zeroed. */
int feeds_memory_get(struct advisory_db *db, store_table memory, const struct feed *f, struct feed_memory *ret_m,
                     struct err *e);
/* Remembers it, and tells scans of it when it was ever read. */
int feeds_memory_put(struct advisory_db *db, store_table memory, struct store_txn *t, const struct feed *f,
                     const struct feed_memory *m, struct err *e);
/*
 * One update at a time: the lock in its folder of work, which goes with the process. 0 and its file, 1 when another has
 * it (FEEDS_LOCK_TRY).
 */
enum feeds_lock { FEEDS_LOCK_TRY, FEEDS_LOCK_WAIT };
int feeds_update_lock(const char *work_dir, enum feeds_lock how, int *ret_fd, struct err *e);

#endif
