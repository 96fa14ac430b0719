/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path_index.h: a Bloom filter over what a layer has: paths, names, folders, and how files begin. It is kept in the
 * layer's receipt, so that for a newer format only those layers are pulled again that may hold something for it. When
 * it says no, that is certain. The format is docs/formats/path-index.md. A filter has at most PATH_INDEX_MAX bytes,
 * whatever the layer; with more than some 100,000 members it fills up and says yes to everything, which costs a pull
 * and nothing else.
 */
#ifndef CAREEN_PACKAGES_PATH_INDEX_H
#define CAREEN_PACKAGES_PATH_INDEX_H

#include "base/slice.h"

#define PATH_INDEX_HEAD     ((size_t)4)
#define PATH_INDEX_BITS_MAX ((size_t)64 << 10) /* bytes of bits */
#define PATH_INDEX_MAX      (PATH_INDEX_HEAD + PATH_INDEX_BITS_MAX)

enum path_index_key {
    PATH_INDEX_PATH,      /* "usr/lib/os-release", and every folder that a member lies below: "usr/lib", "usr" */
    PATH_INDEX_NAME,      /* "os-release": the last part of such a path */
    PATH_INDEX_EXTENSION, /* "jar": what follows the last dot of a name, if the dot is not its first byte */
    PATH_INDEX_MAGIC,     /* how a file begins: its first four bytes; two of text, and of rules that have no more */
};

struct path_index {
    uint8_t bits[PATH_INDEX_BITS_MAX];
    uint8_t folder[4096]; /* of the member before: most members lie in the same one */
    size_t folder_n;
};

void path_index_init(struct path_index *x);
/* A canonical path of at most 4096 bytes. */
void path_index_add(struct path_index *x, struct slice path);
/* The first bytes of a file: at least PATH_INDEX_FRONT, or as many as it has. */
#define PATH_INDEX_FRONT 4
void path_index_add_magic(struct path_index *x, struct slice front);
/* Folds the filter to the size that fits its content; to must have PATH_INDEX_MAX bytes. Returns how many were used. */
size_t path_index_finish(struct path_index *x, uint8_t *to);

/*
 * False only if the layer has nothing like it. An index that is empty or malformed may hold anything; one of an older
 * version knows no folders but those that are members, and may hold any PATH_INDEX_MAGIC, whose text has at least two
 * bytes.
 */
bool path_index_may_hold(struct slice index, enum path_index_key key, struct slice text);
/* Whether all folders are in it, also those that are no members of their own. */
bool path_index_knows_folders(struct slice index);

#endif
