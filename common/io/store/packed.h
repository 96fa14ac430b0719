/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packed.h: a sorted map of many small rows in one table of a store, where neighbours share a block that zstd
 * compresses: a row costs the bytes by which it differs from those beside it, and blocks fill the store's pages. Made
 * for what is written in bulk and read by key: advisories, and what feeds have out.
 *
 *     block   key: that of its first row. value: u8 form, u16 rows, u32 unpacked bytes, u16 groups, u16 a group's tag
 * …, one zstd frame of the rows: u16 key bytes, u32 value bytes, key, value. All little-endian.
 *
 * A group is the rows whose keys share their first `group` bytes. A block's tags are 16 bits of the hashes of its
 * groups, so that a look for a group that is not there mostly ends without unpacking anything.
 *
 * What a write transaction puts and deletes is gathered in memory (PACKED_PENDING_MAX at most, then it goes to the
 * blocks) and merged into the blocks, each of them once, when the transaction commits. A transaction sees what it
 * wrote. A table that is packed is used through these functions only.
 *
 * Lifetimes: what get and an iterator give is valid until the next call with the same transaction. Keys are 1..511
 * bytes and rows at most 16 MiB. ERR_POISON: a block is damaged. Threads: those of the transaction.
 */
#ifndef CAREEN_IO_STORE_PACKED_H
#define CAREEN_IO_STORE_PACKED_H

#include "io/store/store.h"

#define PACKED_PENDING_MAX ((size_t)48 << 20)

struct packed {
    store_table table;
    unsigned group; /* bytes; 0: no tags */
    bool large;     /* blocks of a page instead of a third of one: for what is walked, not looked up */
};

/* 1 found, 0 not there, <0 failure. */
int packed_get(struct store_txn *t, struct packed p, struct slice key, struct slice *ret_value, struct err *e);
int packed_put(struct store_txn *t, struct packed p, struct slice key, struct slice value, struct err *e);
int packed_del(struct store_txn *t, struct packed p, struct slice key, struct err *e); /* 1 deleted, 0 was not there */
int packed_count(struct store_txn *t, struct packed p, uint64_t *ret_n, struct err *e);

/*
 * As store_iter: keys that start with prefix, from the first one >= from (SLICE_NONE: from the prefix), in order.
 * prefix and from are the caller's and stay. No put or del on the table during the walk.
 */
struct packed_iter {
    struct store_txn *txn;
    struct packed p;
    struct slice prefix, from;
    uint8_t last[512]; /* the key that next gave */
    size_t last_n, at;
    uint64_t generation;
    bool started;
};
void packed_iter_init(struct packed_iter *it, struct store_txn *t, struct packed p, struct slice prefix,
                      struct slice from);
int packed_iter_next(struct packed_iter *it, struct slice *ret_key, struct slice *ret_value,
                     struct err *e); /* 1, 0 end, <0 */

/*
 * Writes a table anew into an empty one, mostly of another store, tightly: blocks that were split in halves become
 * full ones, in pages that are full. Bounded memory: a window of rows, and what `to` keeps of one transaction.
 *     while ((r = packed_copy_some(c, to_txn, rows, e)) == 1) commit to_txn and begin the next one
 * `from_txn` must live as long as the copy. packed_copy_some reads about that many rows: 1 there are more, 0 done, <0.
 */
struct packed_copy;
struct packed_copy *packed_copy_new(struct store_txn *from_txn, struct packed from, struct packed to);
int packed_copy_some(struct packed_copy *c, struct store_txn *to_txn, size_t rows, struct err *e);
void packed_copy_free(struct packed_copy *c); /* NULL is legal */

#endif
