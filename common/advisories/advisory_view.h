/* SPDX-License-Identifier: Apache-2.0 */
/*
 * advisory_view.h: what is known of vulnerabilities, as LMDB tables in a compact encoding of our own. One form for all
 * who look advisories up: the match stage (in its `whole` environment), `careen feeds update` (which writes a database
 * into the user's cache) and `careen scan` (which maps that database read-only).
 *
 *   advisories       hash128(ecosystem NUL package) + advisory id (or 0xFF + hash128 of an id over 200 bytes)
 *                    -> an advisory. Ecosystem and package stand in the row and are compared on read, so two names
 *                    with one hash never mix.
 *   vulnerabilities  id NUL feed -> a vulnerability without its long description (same rule for long ids)
 *   meta             "format" -> version of this encoding; "feed" NUL name -> struct feed_meta;
 *                    "trouble" NUL name -> struct feed_trouble; "updated" -> struct feeds_updated;
 *                    "ecosystem" NUL name -> how many advisories it has; "compacted" -> feeds/compact.h
 *
 * Both are packed tables (io/store/packed.h).
 *
 * Lifetimes: decoded records' slices and vectors are in the arena. Rows are our own bytes, but a row that does not
 * decode is ERR_POISON with a cure, never a crash: a cache folder may be damaged.
 * Functions take the ids of the three tables in the order of advisory_view_tables.
 * Threads: those of the transaction.
 */
#ifndef CAREEN_ADVISORIES_ADVISORY_VIEW_H
#define CAREEN_ADVISORIES_ADVISORY_VIEW_H

#include "base/buf.h"
#include "io/store/packed.h"
#include "model/records.h"

#define ADVISORY_VIEW_FORMAT 3u

enum { ADVISORY_VIEW_ADVISORIES, ADVISORY_VIEW_VULNERABILITIES, ADVISORY_VIEW_META, ADVISORY_VIEW_TABLES };
extern const char *const advisory_view_tables[ADVISORY_VIEW_TABLES];

/* ---- advisories ---- */

/*
 * Puts, replacing the row of the same (ecosystem, package, id). 1 when it was new or differs from what was there, 0
 * when the same row was there already, <0 failure. ret_first_or_last is set when it is the first of its ecosystem (del:
 * the last); NULL is legal.
 */
int advisory_view_put(struct store_txn *t, const store_table *tables, const struct advisory *a, bool *ret_first_or_last,
                      struct err *e);
/* 1 deleted, 0 was not there. */
int advisory_view_del(struct store_txn *t, const store_table *tables, struct slice ecosystem, struct slice package,
                      struct slice id, bool *ret_first_or_last, struct err *e);
/* Adds every advisory of that ecosystem and package to *out, in the order of their ids. ERR_PARTIAL: arena full. */
int advisory_view_lookup(struct store_txn *t, const store_table *tables, struct slice ecosystem, struct slice package,
                         struct arena *arena, advisory_vec *out, struct err *e);
/* How many advisories of an ecosystem there are. */
int advisory_view_count(struct store_txn *t, const store_table *tables, struct slice ecosystem, uint64_t *ret_n,
                        struct err *e);

/*
 * Topic keys are "ecosystem,package,advisory"; the package may hold commas, the others do not. False when there are
 * fewer than two commas.
 */
bool advisory_key_split(struct slice key, struct slice *ret_ecosystem, struct slice *ret_package, struct slice *ret_id);

/* ---- vulnerabilities ---- */

int vuln_view_put(struct store_txn *t, const store_table *tables, const struct vulnerability *v, struct err *e);
int vuln_view_del(struct store_txn *t, const store_table *tables, struct slice id, struct slice feed, struct err *e);
/* All feeds' rows of an id, merged by vulnerability_merge in the feeds' order. 1 found, 0 nobody knows it. */
int vuln_view_lookup(struct store_txn *t, const store_table *tables, struct slice id, struct arena *arena,
                     struct vulnerability *ret_v, struct err *e);
/* How many rows there are, one a feed and id. */
int vuln_view_count(struct store_txn *t, const store_table *tables, uint64_t *ret_n, struct err *e);
/*
 * Adds what `from` knows to `into`: lists are joined and sorted, kev and ransomware hold if one says so, epss is the
 * higher of the known ones, texts and dates stay unless they were absent; withdrawn only if both are. False when the
 * arena is full.
 */
bool vulnerability_merge(struct arena *arena, struct vulnerability *into, const struct vulnerability *from);

/* ---- meta ---- */

struct feed_meta {
    struct slice name, etag;
    int64_t fetched_ms;  /* when it was last read whole */
    int64_t modified_ms; /* the newest date in it, or since when its bytes are the same; 0 unknown */
    uint64_t records;
    uint64_t skipped; /* documents that were left out; 0 in what an older program wrote */
    /* What follows is absent, 0 and false in what an older program wrote. */
    bool undated;           /* it has no date inside: modified_ms is since when its bytes are the same */
    bool from_folder;       /* read from a folder: fetched_ms says nothing of its publisher */
    uint64_t rhythm_days;   /* of feeds/feed.h */
    struct slice ecosystem; /* how its advisories' ecosystems begin: "Debian", "Alpine:v3.20" */
    struct slice whose;     /* the system with whose end its rhythm ends; absent: its ecosystem */
};
typedef VEC(struct feed_meta) feed_meta_vec;
int advisory_view_feed_put(struct store_txn *t, const store_table *tables, const struct feed_meta *m, struct err *e);
/* All feeds by name. */
int advisory_view_feeds(struct store_txn *t, const store_table *tables, struct arena *arena, feed_meta_vec *out,
                        struct err *e);

/* A feed that the last update could not have. */
struct feed_trouble {
    struct slice name, reason;
    int64_t tried_ms;
};
typedef VEC(struct feed_trouble) feed_trouble_vec;
int advisory_view_trouble_put(struct store_txn *t, const store_table *tables, const struct feed_trouble *trouble,
                              struct err *e);
/* 1 deleted, 0 was not there. */
int advisory_view_trouble_del(struct store_txn *t, const store_table *tables, struct slice name, struct err *e);
/* All of them by name. */
int advisory_view_troubles(struct store_txn *t, const store_table *tables, struct arena *arena, feed_trouble_vec *out,
                           struct err *e);

/* The last update of the database. ended_ms 0: it runs, or was cut off. */
struct feeds_updated {
    int64_t began_ms, ended_ms;
    uint32_t good, failed; /* feeds */
};
int advisory_view_updated_put(struct store_txn *t, const store_table *tables, const struct feeds_updated *u,
                              struct err *e);
/* 1, or 0 when none was told of. */
int advisory_view_updated(struct store_txn *t, const store_table *tables, struct feeds_updated *ret_u, struct err *e);

/* An ecosystem and how many advisories it has. */
struct ecosystem_count {
    struct slice name;
    uint64_t advisories;
};
typedef VEC(struct ecosystem_count) ecosystem_count_vec;
/* All of them by name. */
int advisory_view_ecosystems(struct store_txn *t, const store_table *tables, struct arena *arena,
                             ecosystem_count_vec *out, struct err *e);

/* ---- a database of its own in a folder ---- */

/* The packed tables of it: advisories, vulnerabilities. */
void advisory_view_packed(const store_table *tables, struct packed ret_packed[2]);

#define ADVISORY_DB_MORE_TABLES 8 /* which its writer may keep beside (stages/feeds: what is out, what was fetched) */

struct advisory_db {
    struct store *store;
    store_table tables[ADVISORY_VIEW_TABLES];
};
/*
 * write: creates the folder and marks the format; one of another format is wiped first. Else it is mapped read-only:
 * ERR_NOT_FOUND when there is none, ERR_USAGE when its format is not ADVISORY_VIEW_FORMAT or its creation is not done;
 * all say what to run.
 * Its writer may exchange the folder for one where the same is written tightly (feeds/compact.h): who has it open keeps
 * the one that he opened.
 */
int advisory_db_open(const char *dir, bool write, struct advisory_db *ret_db, struct err *e);
void advisory_db_close(struct advisory_db *db);

/* ---- rows, for tests and fuzzing ---- */

int advisory_row_encode(const struct advisory *a, struct buf *out); /* without the id, which is in the key */
int advisory_row_decode(struct slice row, struct arena *arena, struct advisory *ret_a, struct err *e);
int vuln_row_encode(const struct vulnerability *v, struct buf *out);
int vuln_row_decode(struct slice row, struct arena *arena, struct vulnerability *ret_v, struct err *e);

#endif
