/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compact.h: writes the advisory database anew when an update left it loose: with half-empty blocks, since blocks of
 * packed tables are split in halves, and with pages that LMDB freed but keeps in the file.
 *
 * The new database is built in DIR.new and committed to the disk; then the two folders are exchanged in one step and
 * the old one is removed. So a kill or a power cut at any point leaves either the old or the new database intact, and
 * perhaps a DIR.new that the next update removes. A process that has the old one open goes on reading it. The caller
 * holds the lock of updates.
 */
#ifndef CAREEN_FEEDS_COMPACT_H
#define CAREEN_FEEDS_COMPACT_H

#include "advisories/advisory_view.h"

#define FEEDS_COMPACT_FROM ((uint64_t)4 << 20) /* bytes; a smaller file is left as it is */

struct feeds_compact {
    const char *dir;        /* of the database */
    struct advisory_db *db; /* open for writing, without a transaction; closed when the folders were exchanged */
    store_table out, memory;
    uint64_t from;                                               /* bytes; 0: FEEDS_COMPACT_FROM */
    void (*progress)(void *arg, uint64_t bytes, uint64_t total); /* of the new file, of the old one; NULL */
    void *arg;
};

/* Removes what an interrupted one left behind. */
int feeds_compact_clear(const char *dir, struct err *e);
/*
 * 1: it was loose and is compact now; *ret_before and *ret_after are the file's sizes. 0: it is not loose, or the file
 * system can't exchange folders. <0: it could not be written anew (no room, …); the database is as it was.
 */
int feeds_compact(const struct feeds_compact *c, uint64_t *ret_before, uint64_t *ret_after, struct err *e);

#endif
