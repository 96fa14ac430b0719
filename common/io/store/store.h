/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h: LMDB, an embedded key-value store: an environment in a folder with named tables, one write transaction at a
 * time, and readers that never block it. store.c says which features of LMDB are avoided and why (DUPSORT, WRITEMAP).
 *
 * Lifetimes: a slice from get or an iterator points into the map and is valid until its transaction ends; in a write
 * transaction only until the next put or del. Keys are 1..511 bytes; longer identities are stored as their hash128.
 * Threads: one write transaction at a time per store, on the thread that began it; a read transaction belongs to the
 * thread that began it. One store per folder and process.
 *
 * A key that LMDB does not take (empty, or over 511 bytes) is ERR_POISON; nothing was changed, and the store remains
 * usable. A full map and a full disk are both ERR_FULL: abort the transaction, call store_grow if it was the map
 * (store_map_full), then redo it.
 */
#ifndef CAREEN_IO_STORE_STORE_H
#define CAREEN_IO_STORE_STORE_H

#include "base/err.h"
#include "base/slice.h"

struct store;
struct store_txn;
typedef unsigned store_table;

enum store_sync {
    STORE_SYNC_FULL, /* every commit survives a power cut */
    STORE_SYNC_DATA, /* a power cut may lose the last commits, never the order or the consistency (MDB_NOMETASYNC) */
    STORE_SYNC_OFF,  /* for caches that can be wiped */
};

struct store_options {
    size_t map_size; /* 0: 64 GiB of address space, sparse on disk */
    unsigned tables; /* how many tables there may be; 0: 32 */
    bool read_only;  /* the folder and its data must exist */
    bool shared;     /* several processes may open it (embedded bus, scan caches): no LOCK file */
    bool exchanged;  /* another process may replace the folder at any moment: then all files are of one of the two */
    enum store_sync sync;
};

/* Makes the folder and those above it, with mode 0700; a folder that exists is no error. */
int store_make_dirs(const char *dir, struct err *e);
/*
 * Opens the store in a folder, which is created when needed. Unless shared or read_only, a LOCK file keeps a second
 * process out: it gets ERR_USAGE, with the folder's name. ERR_NOT_FOUND: read_only, and there is no store.
 */
int store_open(const char *dir, const struct store_options *options, struct store **ret_store, struct err *e);
void store_close(struct store *s);
/* Removes a store's files (not while open). A folder that does not exist is success. */
int store_wipe(const char *dir, struct err *e);
/* Doubles the map. No transaction of this process may be open. Other processes adopt the new size by themselves. */
int store_grow(struct store *s, struct err *e);
/* Whether the error says that a map is full, which store_grow mends, and not a disk. */
bool store_map_full(const struct err *e);
/* Frees the pages that readers which were killed within a transaction still hold. store_open does it too. */
void store_clear_dead_readers(struct store *s);
size_t store_used_bytes(struct store *s); /* up to the last page that was ever used: the file's size */

/* Opens a table for as long as the store is open, and creates it when needed. No transaction may be open meanwhile. */
int store_table_open(struct store *s, const char *name, store_table *ret_table, struct err *e);

/* Opens several tables in one transaction, and so waits for the disk only once. */
int store_tables_open(struct store *s, const char *const *names, size_t n, store_table *ret_tables, struct err *e);

int store_begin(struct store *s, bool write, struct store_txn **ret_txn, struct err *e);
int store_commit(struct store_txn *t, struct err *e); /* ends t whatever it returns */
void store_abort(struct store_txn *t);                /* NULL is legal */

/*
 * Lets a user of the store keep something for the time of a transaction (packed.h does). store_commit first calls
 * before_commit; if that fails, the transaction is aborted and the commit fails with its error. done is called once,
 * when the transaction has ended.
 */
struct store_companion {
    int (*before_commit)(struct store_companion *c, struct store_txn *t, struct err *e);
    void (*done)(struct store_companion *c);
};
struct store_companion *store_companion(const struct store_txn *t); /* NULL: none */
void store_set_companion(struct store_txn *t, struct store_companion *c);

/* 1: found, 0: not there, <0: failure. */
int store_get(struct store_txn *t, store_table table, struct slice key, struct slice *ret_value, struct err *e);
int store_put(struct store_txn *t, store_table table, struct slice key, struct slice value, struct err *e);
/* Like put, for keys in rising order behind the end of the table; it leaves pages full instead of half full. */
int store_append(struct store_txn *t, store_table table, struct slice key, struct slice value, struct err *e);
/*
 * store_floor: the last entry whose key is <= key; store_above: the first whose key is greater. 1: found, 0: none, <0:
 * failure.
 */
int store_floor(struct store_txn *t, store_table table, struct slice key, struct slice *ret_key,
                struct slice *ret_value, struct err *e);
int store_above(struct store_txn *t, store_table table, struct slice key, struct slice *ret_key,
                struct slice *ret_value, struct err *e);
int store_del(struct store_txn *t, store_table table, struct slice key, struct err *e); /* 1 deleted, 0 was not there */
/* The bytes of all keys and values. Reads the whole table. */
int store_payload(struct store_txn *t, store_table table, uint64_t *ret_bytes, struct err *e);
int store_count(struct store_txn *t, store_table table, uint64_t *ret_n, struct err *e);

/*
 * Walks the keys that start with prefix (empty: all), in order, from the first key >= from (SLICE_NONE: from the first
 * with that prefix). During a walk in a write transaction the table may be changed only by store_iter_del.
 *
 *     struct store_iter it; int r;
 *     store_iter_init(&it, txn, table, prefix, SLICE_NONE);
 *     while ((r = store_iter_next(&it, &key, &value, e)) == 1) …
 *     store_iter_done(&it);
 */
struct store_iter {
    struct store_txn *txn;
    void *cursor;
    store_table table;
    struct slice prefix, from;
    bool started;
};
void store_iter_init(struct store_iter *it, struct store_txn *t, store_table table, struct slice prefix,
                     struct slice from);
/* The next entry; store_iter_last: the last one of the prefix. 1: an entry, 0: none, <0: failure. */
int store_iter_next(struct store_iter *it, struct slice *ret_key, struct slice *ret_value, struct err *e);
int store_iter_last(struct store_iter *it, struct slice *ret_key, struct slice *ret_value, struct err *e);
/* Deletes the entry that next gave; next then goes on behind it. */
int store_iter_del(struct store_iter *it, struct err *e);
void store_iter_done(struct store_iter *it);

/* Integers in big-endian form, whose bytes sort as the numbers do: for keys. */
static inline void key_u32(uint8_t *to, uint32_t v)
{
    for (int i = 3; i >= 0; i--, v >>= 8)
        to[i] = (uint8_t)v;
}
static inline void key_u64(uint8_t *to, uint64_t v)
{
    for (int i = 7; i >= 0; i--, v >>= 8)
        to[i] = (uint8_t)v;
}
static inline uint32_t key_get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static inline uint64_t key_get_u64(const uint8_t *p)
{
    return (uint64_t)key_get_u32(p) << 32 | key_get_u32(p + 4);
}

#endif
