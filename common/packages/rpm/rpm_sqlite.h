/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_sqlite.h: the pages of a SQLite database as its reader would see them: those of the file, and over them those
 * that the whole transactions of its write-ahead log wrote ("Database File Format", sections 1.3 and 4). For
 * rpm_sqlite*.c.
 */
#ifndef CAREEN_PACKAGES_RPM_RPM_SQLITE_H
#define CAREEN_PACKAGES_RPM_RPM_SQLITE_H

#include "packages/rpm/rpmdb.h"

struct sqlite_pages {
    struct slice file, log;
    uint32_t size, usable; /* bytes of a page; without those that are reserved */
    uint32_t count;        /* pages that can be had at most */
    uint32_t *frames;      /* page - 1 -> frame + 1 in the log, 0: the file's; NULL without a log */
};

/* False when there is no database in it; troubles are told. sqlite_pages_done in any case. */
bool sqlite_pages_open(struct sqlite_pages *s, struct slice file, struct slice log, const struct rpmdb_visitor *v);
void sqlite_pages_done(struct sqlite_pages *s);
/* NULL: there is no such page. Page 1 begins with the file's head of 100 bytes. */
const uint8_t *sqlite_page(const struct sqlite_pages *s, uint32_t number);

#endif
