/* SPDX-License-Identifier: Apache-2.0 */
/*
 * advisory_view.h: what is known of vulnerabilities, as LMDB tables in a compact encoding of our own. Everybody who
 * looks up advisories uses this form: the match stage (in its whole tables), publish (only the vulnerabilities),
 * `careen feeds update`, which writes a database into the user's cache, and `careen scan`, which maps that database
 * read-only.
 *
 *     table            key -> value
 *     advisories       hash128(ecosystem NUL package), advisory id (or 0xFF and hash128 of an id over 200 bytes)
 *                          -> the advisory; ecosystem and package stand in the row too and are compared on reading, so
 *                          that two names with one hash never mix
 *     vulnerabilities  id NUL feed (long ids as above) -> the vulnerability without its long description
 *     meta             "format"             -> version of this encoding
 *                      "feed" NUL name      -> struct feed_meta
 *                      "trouble" NUL name   -> struct feed_trouble
 *                      "updated"            -> struct feeds_updated
 *                      "ecosystem" NUL name -> how many advisories it has
 *                      "compacted"          -> feeds/compact.h
 *
 * The first two are packed tables (io/store/packed.h). Functions take the ids of the three tables in the order of
 * advisory_view_tables.
 *
 * Lifetimes: slices and vectors of decoded records are in the arena. Rows are our own bytes, but since a cache folder
 * may be damaged, a row that can't be decoded is ERR_POISON, with what to do about it, and never a crash. Threads: as
 * for the transaction.
 */
#ifndef CAREEN_ADVISORIES_ADVISORY_VIEW_H
#define CAREEN_ADVISORIES_ADVISORY_VIEW_H

#include "base/buf.h"
#include "io/store/packed.h"
#include "model/records.h"

#define ADVISORY_VIEW_FORMAT 4u

enum { ADVISORY_VIEW_ADVISORIES, ADVISORY_VIEW_VULNERABILITIES, ADVISORY_VIEW_META, ADVISORY_VIEW_TABLES };
extern const char *const advisory_view_tables[ADVISORY_VIEW_TABLES];

/* ---- advisories ---- */

/*
 * Puts an advisory in place of the one with the same ecosystem, package and id. 1: it is new or differs; 0: the same
 * was there already; <0: failure. *ret_first_or_last: it is the first of its ecosystem (del: it was the last); may be
 * NULL.
 */
int advisory_view_put(struct store_txn *t, const store_table *tables, const struct advisory *a, bool *ret_first_or_last,
                      struct err *e);
/* 1: deleted, 0: it was not there. */
int advisory_view_del(struct store_txn *t, const store_table *tables, struct slice ecosystem, struct slice package,
                      struct slice id, bool *ret_first_or_last, struct err *e);
/*
 * Adds all advisories of that ecosystem and package to *out, in the order of their ids. ERR_PARTIAL: the arena is full.
 */
int advisory_view_lookup(struct store_txn *t, const store_table *tables, struct slice ecosystem, struct slice package,
                         struct arena *arena, advisory_vec *out, struct err *e);
/* How many advisories of an ecosystem there are. */
int advisory_view_count(struct store_txn *t, const store_table *tables, struct slice ecosystem, uint64_t *ret_n,
                        struct err *e);

/*
 * Splits a topic key "ecosystem,package,advisory", of which only the package may hold commas. False when there are
 * fewer than two commas.
 */
bool advisory_key_split(struct slice key, struct slice *ret_ecosystem, struct slice *ret_package, struct slice *ret_id);

/* ---- vulnerabilities ---- */

int vuln_view_put(struct store_txn *t, const store_table *tables, const struct vulnerability *v, struct err *e);
int vuln_view_del(struct store_txn *t, const store_table *tables, struct slice id, struct slice feed, struct err *e);
/*
 * The rows of an id from all feeds, merged by vulnerability_merge in the order of the feeds' names. 1: found, 0:
 * unknown.
 */
int vuln_view_lookup(struct store_txn *t, const store_table *tables, struct slice id, struct arena *arena,
                     struct vulnerability *ret_v, struct err *e);
/*
 * What is known of a finding: of its vulnerability, and of the other CVEs that it is known by (finding_cve), merged. The
 * summary is of a feed that its advisories are of, where one has any. 1: found, 0: nothing is known.
 */
int vuln_view_of_finding(struct store_txn *t, const store_table *tables, const struct finding *f, struct arena *arena,
                         struct vulnerability *ret_v, struct err *e);
/* The i-th of the ids under which more may be known of a finding: its vulnerability, then CVEs; absent behind the last. */
struct slice finding_cve(const struct finding *f, size_t i);
/* Whether two findings are known by the same of these ids. */
bool finding_cves_equal(const struct finding *a, const struct finding *b);
/* How many rows there are: one for each feed and id. */
int vuln_view_count(struct store_txn *t, const store_table *tables, uint64_t *ret_n, struct err *e);
/*
 * Adds what `from` knows to `into`: lists are joined and sorted; kev and kev_ransomware are set if either is; epss is
 * the higher of the known values; texts and dates of `into` stay unless they were absent; withdrawn only if both are.
 * False when the arena is full.
 */
bool vulnerability_merge(struct arena *arena, struct vulnerability *into, const struct vulnerability *from);

/* ---- meta ---- */

struct feed_meta {
    struct slice name, etag;
    int64_t fetched_ms;  /* when it was last read to its end */
    int64_t modified_ms; /* the newest date in it, or since when its bytes are the same; 0: unknown */
    uint64_t records;
    uint64_t skipped; /* documents that were left out; 0 in rows of older programs */
    /* What follows is absent, 0 and false in rows of older programs. */
    bool undated;           /* it has no date inside: modified_ms is since when its bytes are the same */
    bool from_folder;       /* it was read from a folder: fetched_ms says nothing about its publisher */
    uint64_t rhythm_days;   /* as in feeds/feed.h */
    struct slice ecosystem; /* how its advisories' ecosystems begin: "Debian", "Alpine:v3.20" */
    struct slice whose;     /* the system whose end of life ends its rhythm; absent: its ecosystem */
};
typedef VEC(struct feed_meta) feed_meta_vec;
int advisory_view_feed_put(struct store_txn *t, const store_table *tables, const struct feed_meta *m, struct err *e);
/* All feeds by name. */
int advisory_view_feeds(struct store_txn *t, const store_table *tables, struct arena *arena, feed_meta_vec *out,
                        struct err *e);

/* A feed that the last update could not get. */
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

/* The last update of the database. ended_ms 0: it is running, or was interrupted. */
struct feeds_updated {
    int64_t began_ms, ended_ms;
    uint32_t good, failed; /* numbers of feeds */
};
int advisory_view_updated_put(struct store_txn *t, const store_table *tables, const struct feeds_updated *u,
                              struct err *e);
/* 1: found, 0: there was no update. */
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

/* Its packed tables: advisories and vulnerabilities. */
void advisory_view_packed(const store_table *tables, struct packed ret_packed[2]);

/* How many tables its writer may keep beside these (stages/feeds: what is out, what was fetched). */
#define ADVISORY_DB_MORE_TABLES 8

struct advisory_db {
    struct store *store;
    store_table tables[ADVISORY_VIEW_TABLES];
};
/*
 * With write, creates the folder when needed and marks the format; a database of another format is wiped first.
 * Otherwise it is mapped read-only: ERR_NOT_FOUND when there is none, ERR_USAGE when its format is not
 * ADVISORY_VIEW_FORMAT or its creation was not finished; the texts say what to run. The writer may exchange the folder
 * for one in which the same is written tightly (feeds/compact.h); a process that has the old one open keeps it.
 */
int advisory_db_open(const char *dir, bool write, struct advisory_db *ret_db, struct err *e);
void advisory_db_close(struct advisory_db *db);

/* ---- rows, for tests and fuzzing ---- */

int advisory_row_encode(const struct advisory *a, struct buf *out); /* without the id, which is in the key */
int advisory_row_decode(struct slice row, struct arena *arena, struct advisory *ret_a, struct err *e);
int vuln_row_encode(const struct vulnerability *v, struct buf *out);
int vuln_row_decode(struct slice row, struct arena *arena, struct vulnerability *ret_v, struct err *e);

#endif
