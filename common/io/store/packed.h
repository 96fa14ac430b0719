/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packed.h: a sorted map of many small rows in one table of a store. Neighbouring rows share a block that zstd
 * compresses, so that a row costs about the bytes by which it differs from its neighbours, and blocks fill the store's
 * pages. Made for data that is written in bulk and read by key: advisories, and the rows that feeds have published.
 *
 * A block is one entry of the table. Its key is the key of its first row; all numbers are little-endian:
 *
 *     u8  form
 *     u16 number of rows
 *     u32 bytes of the rows, unpacked
 *     u16 number of groups
 *     u16 tag, for each group
 *     one zstd frame of the rows, each of them: u16 length of the key, u32 length of the value, key, value
 *
 * A group is the rows whose keys share their first `group` bytes. Its tag is 16 bits of the group's hash, so that
 * looking for a group that is not there mostly ends without unpacking anything.
 *
 * What a write transaction puts and deletes is gathered in memory (at most PACKED_PENDING_MAX bytes, then it is merged)
 * and merged into the blocks when the transaction commits, each block once. A transaction sees what it wrote itself. A
 * packed table must be used through these functions only.
 *
 * Lifetimes: what get and an iterator give is valid until the next call with the same transaction. Keys are 1..511
 * bytes and rows at most 16 MiB. ERR_POISON: a block is damaged. Threads: as for the transaction.
 */
#ifndef CAREEN_IO_STORE_PACKED_H
#define CAREEN_IO_STORE_PACKED_H

#include "io/store/store.h"

#define PACKED_PENDING_MAX ((size_t)48 << 20)

struct packed {
    store_table table;
    unsigned group; /* length in bytes; 0: there are no groups and no tags */
    bool large;     /* blocks fill a whole page instead of a third: for tables that are walked rather than looked up */
};

/* 1: found, 0: not there, <0: failure. */
int packed_get(struct store_txn *t, struct packed p, struct slice key, struct slice *ret_value, struct err *e);
int packed_put(struct store_txn *t, struct packed p, struct slice key, struct slice value, struct err *e);
int packed_del(struct store_txn *t, struct packed p, struct slice key, struct err *e); /* 1 deleted, 0 was not there */
int packed_count(struct store_txn *t, struct packed p, uint64_t *ret_n, struct err *e);

/*
 * As store_iter: walks the keys that start with prefix, in order, from the first key >= from (SLICE_NONE: from the
 * first with that prefix). prefix and from must stay valid. The table must not be changed during the walk.
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
/* 1: a row, 0: the end, <0: failure. */
int packed_iter_next(struct packed_iter *it, struct slice *ret_key, struct slice *ret_value, struct err *e);

/*
 * Copies a table tightly into an empty one, usually of another store: blocks that were split in halves become full
 * ones, in pages that are full. Memory is bounded: a window of rows, and what `to` gathers during one transaction.
 *
 *     while ((r = packed_copy_some(c, to_txn, rows, e)) == 1)
 *         commit to_txn and begin the next one;
 *
 * `from_txn` must live as long as the copy. packed_copy_some copies about `rows` rows; 1: there are more, 0: done, <0:
 * failure.
 */
struct packed_copy;
struct packed_copy *packed_copy_new(struct store_txn *from_txn, struct packed from, struct packed to);
int packed_copy_some(struct packed_copy *c, struct store_txn *to_txn, size_t rows, struct err *e);
void packed_copy_free(struct packed_copy *c); /* NULL is legal */

#endif
