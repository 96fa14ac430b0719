/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tarindex.h: where the members of an uncompressed tar file are, by one pass over its headers (formats as in tar.h).
 * For archives of images, whose members are then read in place. Sparse members are left out. A broken tail ends the
 * index: what is missing is found missing. Read-only once made; any thread.
 */
#ifndef CAREEN_IO_ARCHIVE_TARINDEX_H
#define CAREEN_IO_ARCHIVE_TARINDEX_H

#include "base/arena.h"
#include "base/err.h"
#include "io/archive/tar.h"

struct tar_member {
    struct slice path; /* canonical: no leading slash, no ".", no ".."; NUL-terminated */
    struct slice link; /* of links: canonical path of the target */
    enum tar_kind kind;
    int64_t offset, size; /* of the content */
};
typedef VEC(struct tar_member) tar_member_vec;

/* The members' names live in a. At most 200000 members. ERR_USAGE: compressed, or no tar; ERR_POISON: over a limit. */
int tarindex_read(int fd, struct arena *a, tar_member_vec *ret_members, struct err *e);
/* The file of that path, links followed (8 at most); the last of the same name, as unpacking would leave it. NULL. */
const struct tar_member *tarindex_find(const tar_member_vec *members, struct slice path);
/* path resolved against the folder of base (SLICE_NONE: the root); false when it leaves the root or is too long. */
bool tarindex_clean(struct slice base, struct slice path, char ret_path[TAR_PATH_MAX + 1]);

#endif
