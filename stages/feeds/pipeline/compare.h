/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compare.h: what a feed says, as a sorted file, against what is out: one walk through both, in portions. Two feeds may
 * tell of one advisory under one key (Alpine's repositories): the one that stands first in the table of feeds has it,
 * the other waits until it is gone.
 *
 * It reads only, so that whoever emits the changes may do so in the transaction in which what is out is read: portions
 * are what bounds memory.
 */
#ifndef CAREEN_FEEDS_PIPELINE_COMPARE_H
#define CAREEN_FEEDS_PIPELINE_COMPARE_H

#include "feeds/pipeline/rows.h"
#include "feeds/pipeline/sorted.h"

#define FEED_CHANGES_BYTES ((size_t)2 << 20) /* of values, after which a portion ends */

struct feed_change {
    bool gone; /* was out and is in the feed no more */
    enum feed_record_kind kind;
    struct slice row_key, topic_key, value; /* value: the encoded record, SLICE_NONE when gone */
    struct hash128 hash;
};
typedef VEC(struct feed_change) feed_change_vec;

struct feed_comparison {
    const struct feed *feed;
    struct sorted *staged; /* its records by row key; NULL: it has none any more */
    struct store_txn *out_txn;
    store_table out;
    size_t rows, changes; /* at most, in one portion */
};
/*
 * Compares from row key `from` on (empty: the beginning) and adds what differs to *changes. Everything it gives is in
 * arena. 1: more is left, from *ret_next (in arena) on; 0: done. ERR_NOT_FOUND: the sorted file is damaged.
 */
int feed_compare(const struct feed_comparison *c, struct slice from, struct arena *arena, feed_change_vec *changes,
                 struct slice *ret_next, struct err *e);

#endif
