/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collectors.h: which files of a layer are evidence. A package format is one file, collect_<format>.c with a struct
 * collector, and one line in collectors.c. Whoever changes what a collector keeps raises its version: a build with
 * other versions looks at every receipt once, and those of older versions ask for the layer again.
 *
 * A rule names a folder and what in it: one name (or a pattern, "Package_for_*.mum"), names with an ending, or
 * (neither) every file directly in it. Folders are canonical, at most 63 bytes; the last one or two of its parts may be
 * "*", any name. Files are kept whole up to max bytes; a longer one is cut and the result is partial. With max 0 only
 * the path of a file or link is kept, and size and content are empty. With names the paths of all that is directly in
 * the folder are kept so, folders too, and also those that the layer has only something below of.
 *
 * With a max of more than COLLECT_LARGE a file that is longer than that is kept while it comes, without being held:
 * when the layer ends in the middle of it, zeros stand for the rest. That is for formats whose readers notice it.
 */
#ifndef CAREEN_PACKAGES_COLLECTORS_H
#define CAREEN_PACKAGES_COLLECTORS_H

#include "model/records.h"

struct collect_rule {
    const char *folder;
    const char *name, *ending; /* name: at most one '*', which stands for any text */
    uint32_t max;
    bool names;
};
#define COLLECT_STARS_MAX 2

struct collector {
    const char *name;
    int32_t version;
    /* Ends with a NULL folder. NULL: it keeps what no rule names, and any layer with a member may hold something. */
    const struct collect_rule *rules;
};

extern const struct collector *const collectors[]; /* ends with NULL */

/* Whether a collector of this build (of list) is newer than the receipt and the layer may hold something for it. */
bool collectors_grew(const struct pull *receipt, struct arena *a);
bool collectors_grew_of(const struct collector *const *list, const struct pull *receipt, struct arena *a);

/* Of the names and versions of all collectors (of list): another one may find a receipt too old. */
uint64_t collectors_identity(void);
uint64_t collectors_identity_of(const struct collector *const *list);

#define COLLECT_SMALL ((uint32_t)1 << 20)
/* The child's memory is bounded by this: a file is held until it is whole, so that a cut layer cuts no entry. */
#define COLLECT_LARGE    ((uint32_t)48 << 20)
#define COLLECT_STREAMED ((uint32_t)256 << 20)

#endif
