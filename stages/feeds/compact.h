/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compact.h: writes the advisory database anew, tightly, when an update left it loose: blocks of packed tables split in
 * halves, and pages that LMDB freed stay in the file.
 *
 * It is built beside, in DIR.new, committed to the disk, and then the two folders are exchanged in one step and the old
 * one is removed. So a kill or a power cut at any point leaves the old or the new database, whole, and perhaps a
 * DIR.new that the next update removes. Who has the old one open reads on in it. The caller holds the lock of updates.
 */
#ifndef CAREEN_FEEDS_COMPACT_H
#define CAREEN_FEEDS_COMPACT_H

#include "advisories/advisory_view.h"

#define FEEDS_COMPACT_FROM ((uint64_t)16 << 20) /* bytes; a smaller file is left as it is */

struct feeds_compact {
    const char *dir;        /* of the database */
    struct advisory_db *db; /* open for writing, no transaction; closed when the folders were exchanged */
    store_table out, memory;
    uint64_t from;                                               /* bytes; 0: FEEDS_COMPACT_FROM */
    void (*progress)(void *arg, uint64_t bytes, uint64_t total); /* of the new file, of the old one; NULL */
    void *arg;
};

/* Removes what a killed one left. */
int feeds_compact_clear(const char *dir, struct err *e);
/*
 * 1: it was loose and is tight now; ret_before and ret_after are the file's sizes. 0: it is not loose, or the file
 * system cannot exchange folders. <0: it could not be written anew (no room, …); the database is as it was.
 */
int feeds_compact(const struct feeds_compact *c, uint64_t *ret_before, uint64_t *ret_after, struct err *e);

#endif
