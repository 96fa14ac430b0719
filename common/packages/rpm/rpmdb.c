/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/rpm/rpmdb.h"

void rpmdb_trouble(const struct rpmdb_visitor *v, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    v->trouble(v->ctx, text);
}

enum rpmdb_kind rpmdb_kind_of(struct slice path)
{
    if (slice_ends(path, SLICE("/rpmdb.sqlite")))
        return RPMDB_SQLITE;
    if (slice_ends(path, SLICE("/Packages")))
        return RPMDB_BDB;
    return slice_ends(path, SLICE("/Packages.db")) ? RPMDB_NDB : RPMDB_NONE;
}

int rpmdb_read(enum rpmdb_kind kind, struct slice db, struct slice log, const struct rpmdb_visitor *v)
{
    switch (kind) {
    case RPMDB_SQLITE:
        return rpmdb_read_sqlite(db, log, v);
    case RPMDB_BDB:
        return rpmdb_read_bdb(db, v);
    case RPMDB_NDB:
        return rpmdb_read_ndb(db, v);
    case RPMDB_NONE:
        break;
    }
    return 0;
}
