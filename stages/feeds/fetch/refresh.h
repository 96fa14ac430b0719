/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refresh.h: one refresh of a feed: tries its addresses in their order until one gives a file that can be read, and
 * keeps track of its dates. An address that answers with something else (a page that asks whether one is human) counts
 * like one that does not answer. What comes from another address than the last time must not be older than what there
 * was, since mirrors may stand still.
 */
#ifndef CAREEN_FEEDS_FETCH_REFRESH_H
#define CAREEN_FEEDS_FETCH_REFRESH_H

#include "feeds/fetch/fetch.h"

/*
 * Reads the file at path and fills records, skipped and newest_ms of *now. What it staged counts only if feed_refresh
 * returns 0. It may be called once for each address.
 */
typedef int (*feed_file_reader)(void *arg, const char *path, struct feed_memory *now, struct err *e);

/*
 * As feed_fetch, over all addresses; with FETCH_NEW the file was read too. FETCH_ABSENT also for a feed that an index
 * names and that was never there yet; e says why.
 */
int feed_refresh(const struct fetch *how, const struct feed *f, const struct feed_memory *old, feed_file_reader read,
                 void *arg, enum fetch_outcome *ret_outcome, struct feed_memory *ret_now, struct err *e);

/* The date that says how old a feed is: the newest inside, or since when its bytes are the same. 0: never read. */
static inline int64_t feed_newest(int64_t newest_ms, int64_t changed_ms)
{
    return newest_ms ? newest_ms : changed_ms;
}
/* Whether the feed's newest date is older than its rhythm allows; never for a system past its end of life. */
bool feed_stands_still(const struct feed *f, int64_t newest_ms, int64_t now_ms);

#endif
