/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path_index.h: a Bloom filter over the names in a layer, kept on its receipt, so that a new collector re-pulls only
 * the layers that may hold something for it. "May hold" is never wrong when it says no. The format is
 * docs/formats/path-index.md. A filter has at most PATH_INDEX_MAX bytes whatever the layer; past some 100,000 members
 * it fills up and says yes to everything, which costs a pull and nothing else.
 */
#ifndef CAREEN_PACKAGES_PATH_INDEX_H
#define CAREEN_PACKAGES_PATH_INDEX_H

#include "base/slice.h"

#define PATH_INDEX_HEAD     ((size_t)4)
#define PATH_INDEX_BITS_MAX ((size_t)64 << 10) /* bytes of bits */
#define PATH_INDEX_MAX      (PATH_INDEX_HEAD + PATH_INDEX_BITS_MAX)

enum path_index_key {
    PATH_INDEX_PATH,      /* "usr/lib/os-release" */
    PATH_INDEX_NAME,      /* "os-release": the last part of a path */
    PATH_INDEX_EXTENSION, /* "jar": what follows the last dot of the name, if the dot is not its first byte */
};

struct path_index {
    uint8_t bits[PATH_INDEX_BITS_MAX];
};

void path_index_init(struct path_index *x);
void path_index_add(struct path_index *x, struct slice path); /* a canonical path: all three keys of it */
/* Folds to the size that fits the content; to holds PATH_INDEX_MAX bytes; gives how many were used. */
size_t path_index_finish(struct path_index *x, uint8_t *to);

/* False only if no member has such a name. An index that is empty or malformed may hold anything. */
bool path_index_may_hold(struct slice index, enum path_index_key key, struct slice text);

#endif
