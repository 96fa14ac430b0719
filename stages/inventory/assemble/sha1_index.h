/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sha1_index.h: a table that people may supply of which archive has which SHA-1, for archives that don't say themselves
 * who they are. A file of lines "SHA-1 group:artifact:version", in small letters, sorted by bytes (LC_ALL=C sort), of any
 * size: it is mapped and searched, never read as a whole. It is trusted.
 *
 * Parsers leave the SHA-1 of an archive whose identity is guessed in its package's origin (ORIGIN_SHA1); where images are put
 * together the package becomes what the table says. The table is opened once, before there are threads.
 */
#ifndef CAREEN_INVENTORY_ASSEMBLE_SHA1_INDEX_H
#define CAREEN_INVENTORY_ASSEMBLE_SHA1_INDEX_H

#include "base/err.h"
#include "model/records.h"
#include "packages/parse.h"

/* path NULL: none. ERR_USAGE: it can't be read, or is no such table. */
int sha1_index_use(const char *path, struct err *e);
/* The line's second word for a SHA-1 in hex, absent: the table doesn't have it. */
struct slice sha1_index_find(struct slice sha1);
/* Makes of a package what the table says of it. */
void sha1_index_apply(struct package *p);

#endif
