/* SPDX-License-Identifier: Apache-2.0 */
/*
 * staged.h: a feed that was read to its end without an error, on disk, and its comparison with what is out, that is
 * with the rows that were published before.
 *
 * A staged feed is an LMDB folder that lives from the reading of the feed to the end of the comparison; it may be lost
 * at any time, and then the feed is read again. What is out is a packed table of the database or of the stage: row key
 * to feed_out_value. Both are sorted by row key, so that the comparison is one walk through both, in portions:
 *
 *     'A' topic key      an advisory; the topic key is "ecosystem,package,advisory"
 *     'V' feed NUL id    a vulnerability
 *
 * Two feeds may have an advisory with the same key (Alpine's repositories do). Then the feed that comes first in the
 * table of feeds publishes it; the other one's is published only when the first no longer has it.
 */
#ifndef CAREEN_FEEDS_STAGED_H
#define CAREEN_FEEDS_STAGED_H

#include "feeds/wire.h"
#include "io/store/packed.h"

#define FEED_ROW_KEY_MAX 500

/* Makes the row key of a topic key of that kind. False when it is not such a key. */
bool feed_row_key(char kind, struct slice topic_key, uint8_t *to, size_t *ret_n);
/* The topic key of a row key, in arena. */
struct slice feed_topic_key(struct slice row_key, struct arena *arena);

/* ---- a staged feed ---- */

struct staged;
/* Makes an empty one in dir, whose content is removed. One that is killed before staged_complete is not complete. */
int staged_create(const char *dir, struct staged **ret_staged, struct err *e);
int staged_put(struct staged *s, char kind, struct slice topic_key, struct slice value, struct err *e);
/* Marks it as complete and gives the number of different records. The staged feed stays open. */
int staged_complete(struct staged *s, uint64_t *ret_records, struct err *e);
/* Opens a complete one; ERR_NOT_FOUND when there is none. */
int staged_open(const char *dir, struct staged **ret_staged, struct err *e);
void staged_close(struct staged *s); /* NULL is legal */
void staged_remove(const char *dir);

/* ---- what is out ---- */

struct feed_change {
    bool gone; /* was out and is in the feed no more */
    char kind;
    struct slice row_key, topic_key, value; /* value: the encoded record, SLICE_NONE when gone */
    struct hash128 hash;
};
typedef VEC(struct feed_change) feed_change_vec;

/* A row of the out table: 8 bytes of the record's hash, and the feed's name where the row key lacks it (kind 'A'). */
struct slice feed_out_value(struct arena *arena, char kind, struct hash128 hash, struct slice feed);
bool feed_out_parse(struct slice value, struct slice *ret_hash, struct slice *ret_feed);
static inline struct packed feed_out_packed(store_table table)
{
    return (struct packed){.table = table, .large = true};
}

/*
 * Compares up to max_rows rows from row key `from` on (empty: the beginning) and adds what differs to *out, at most
 * max_changes. Everything it gives is in arena, but values: those are in the staged feed's map until
 * staged_close or the next call. 1: more is left, from *ret_next (in arena) on; 0: done. staged NULL: an empty feed.
 */
int feed_compare(const struct feed *f, struct staged *staged, struct store_txn *out_txn, store_table out_table,
                 struct slice from, size_t max_rows, size_t max_changes, struct arena *arena, feed_change_vec *out,
                 struct slice *ret_next, struct err *e);

#endif
