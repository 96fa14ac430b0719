/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h: LMDB behind one file pair: an environment in a folder, named tables, one write transaction at a time, and
 * readers that never block it. See notes in store.c for which LMDB habits are avoided and why (no DUPSORT, no
 * WRITEMAP).
 *
 * Lifetimes: a slice from get or an iterator points into the map and is valid until its transaction ends, and in a
 * write transaction only until the next put or del. Keys are 1..511 bytes: longer identities go in as hash128.
 * Threads: one write transaction at a time per store, on the thread that began it; a read transaction belongs to the
 * thread that began it. One store per folder and process.
 *
 * A key that LMDB does not take (empty, or over 511 bytes) is ERR_POISON: nothing was changed, the store goes on.
 * Map full and disk full come back as ERR_FULL: abort the transaction, then store_grow (for a full map), then redo it.
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
    unsigned tables; /* most tables, 0: 32 */
    bool read_only;  /* the folder and its data must exist */
    bool shared;     /* several processes open it (embedded bus, scan caches): takes no lock of its own */
    bool exchanged;  /* the folder may be exchanged for another at any moment: all files opened are of one of the two */
    enum store_sync sync;
};

/* Makes the folder and those above it, mode 0700; one that exists is success. */
int store_make_dirs(const char *dir, struct err *e);
/*
 * Opens or creates the folder. Unless shared or read_only, a LOCK file in it is held against a second process:
 * ERR_USAGE names the folder and says that another process uses it. ERR_NOT_FOUND: read_only and there is none.
 */
int store_open(const char *dir, const struct store_options *options, struct store **ret_store, struct err *e);
void store_close(struct store *s);
/* Removes a store's files (not while open). A folder that does not exist is success. */
int store_wipe(const char *dir, struct err *e);
/* Doubles the map; no transaction of this process may be open. Readers of other processes adopt it by themselves. */
int store_grow(struct store *s, struct err *e);
/* Frees what readers killed in the middle of a transaction keep from being used again. Done at every open. */
void store_clear_dead_readers(struct store *s);
size_t store_used_bytes(struct store *s); /* up to the last page that was ever used: the file's size */

/* Opens (write transaction: creates) a table for the store's whole life. Only while no other transaction is open. */
int store_table_open(struct store *s, const char *name, store_table *ret_table, struct err *e);

/* Several at once, in one transaction: one wait for the disk. */
int store_tables_open(struct store *s, const char *const *names, size_t n, store_table *ret_tables, struct err *e);

int store_begin(struct store *s, bool write, struct store_txn **ret_txn, struct err *e);
int store_commit(struct store_txn *t, struct err *e); /* ends t whatever it returns */
void store_abort(struct store_txn *t);                /* NULL is legal */

/*
 * What a layer above keeps as long as a transaction lives (packed.h). before_commit runs first in store_commit; when it
 * fails the transaction is aborted and that is the commit's failure. done runs once, when the transaction has ended.
 */
struct store_companion {
    int (*before_commit)(struct store_companion *c, struct store_txn *t, struct err *e);
    void (*done)(struct store_companion *c);
};
struct store_companion *store_companion(const struct store_txn *t); /* NULL: none */
void store_set_companion(struct store_txn *t, struct store_companion *c);

/* 1 found, 0 not there, <0 failure. */
int store_get(struct store_txn *t, store_table table, struct slice key, struct slice *ret_value, struct err *e);
int store_put(struct store_txn *t, store_table table, struct slice key, struct slice value, struct err *e);
/* Like put for keys in rising order into an empty table or behind its end; packs pages full. */
int store_append(struct store_txn *t, store_table table, struct slice key, struct slice value, struct err *e);
/* The last entry whose key is <= key, and the first whose key is greater: 1, 0 there is none, <0. */
int store_floor(struct store_txn *t, store_table table, struct slice key, struct slice *ret_key,
                struct slice *ret_value, struct err *e);
int store_above(struct store_txn *t, store_table table, struct slice key, struct slice *ret_key,
                struct slice *ret_value, struct err *e);
int store_del(struct store_txn *t, store_table table, struct slice key, struct err *e); /* 1 deleted, 0 was not there */
int store_clear(struct store_txn *t, store_table table, struct err *e);
/* Bytes of all keys and values; reads the pages they are in. */
int store_payload(struct store_txn *t, store_table table, uint64_t *ret_bytes, struct err *e);
int store_count(struct store_txn *t, store_table table, uint64_t *ret_n, struct err *e);

/*
 * Walks keys that start with prefix (empty: all), from the first key >= from (SLICE_NONE: from the prefix), in order.
 * In a write transaction, put and del during a walk are allowed only through store_iter_del.
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
int store_iter_next(struct store_iter *it, struct slice *ret_key, struct slice *ret_value,
                    struct err *e); /* 1, 0 end, <0 */
int store_iter_last(struct store_iter *it, struct slice *ret_key, struct slice *ret_value,
                    struct err *e);                       /* last of the prefix: 1, 0, <0 */
int store_iter_del(struct store_iter *it, struct err *e); /* the entry that next gave; next then goes on behind it */
void store_iter_done(struct store_iter *it);

/* Big-endian integers for ordered keys. */
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
