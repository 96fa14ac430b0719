/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpmdb.h: the three kinds of database that rpm keeps its headers in, read from memory. Bounded readers of our own:
 * each page, slot and chain is visited once at most, whatever the bytes say, and every offset and length is checked.
 *
 * What can be read is given, in the database's order; what can't, or what the database itself says that it should hold
 * beside that, is told through trouble, so that a package never goes missing in silence:
 *  - SQLite: every row of its table Packages, against the numbers that its table Name lists (an independent tree);
 *    the file's pages against the header's count; the log's checksums and salts;
 *  - Berkeley DB: every page of the hash, its pairs against the metadata page's count, each overflow page against the
 *    chains, the file's pages against the last page's number;
 *  - ndb: every slot, each blob against its number, length and Adler-32; what no slot names must be empty.
 *
 * Memory: one header at a time when it is not in one piece, and small indexes (at most 24 bytes a page or header). A
 * header's slice ends with the call. Pure, any thread.
 */
#ifndef CAREEN_PACKAGES_RPM_RPMDB_H
#define CAREEN_PACKAGES_RPM_RPMDB_H

#include "base/slice.h"

struct rpmdb_visitor {
    /* One header. number is the database's own. Nonzero stops and comes back from the reader. */
    int (*header)(void *ctx, uint32_t number, struct slice bytes);
    /* Something is missing, or may be. text ends with the call. */
    void (*trouble)(void *ctx, const char *text);
    void *ctx;
};

/* log: rpmdb.sqlite-wal of the same moment, SLICE_NONE or empty without one. SQLite's "Database File Format". */
int rpmdb_read_sqlite(struct slice db, struct slice log, const struct rpmdb_visitor *v);
/* True when the log holds anything that a reader of the database would see: one whole transaction, or what is none. */
bool rpmdb_log_counts(struct slice log);
/* Berkeley DB's hash, versions 8 to 10, either byte order. Its dbinc/db_page.h has the layout. */
int rpmdb_read_bdb(struct slice db, const struct rpmdb_visitor *v);
/* rpm's own lib/backend/ndb/rpmpkg.c. */
int rpmdb_read_ndb(struct slice db, const struct rpmdb_visitor *v);

enum rpmdb_kind { RPMDB_NONE, RPMDB_SQLITE, RPMDB_BDB, RPMDB_NDB };
/* By its file's name. */
enum rpmdb_kind rpmdb_kind_of(struct slice path);
int rpmdb_read(enum rpmdb_kind kind, struct slice db, struct slice log, const struct rpmdb_visitor *v);
#define RPMDB_LOG_ENDING "-wal"

/* ---- for the readers ---- */

ATTR_PRINTF(2, 3) void rpmdb_trouble(const struct rpmdb_visitor *v, const char *fmt, ...);

static inline uint16_t rpmdb_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint16_t rpmdb_le16(const uint8_t *p)
{
    return (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t rpmdb_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint32_t rpmdb_le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* Marks bit i; false when it was marked. */
static inline bool rpmdb_mark(uint8_t *bits, size_t i)
{
    uint8_t bit = (uint8_t)(1u << (i & 7));
    bool fresh = !(bits[i >> 3] & bit);
    bits[i >> 3] |= bit;
    return fresh;
}

static inline bool rpmdb_marked(const uint8_t *bits, size_t i)
{
    return bits[i >> 3] >> (i & 7) & 1;
}

#endif
