/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merge.h: applies an image's layers one after the other and keeps which wanted paths there are; assemble.h has the
 * rules. It knows nothing of packages; it tells the caller which parsed files each layer added and removed.
 *
 * Lower layers' nodes go
 *  - by whiteouts and opaque folders;
 *  - where a link, or the evidence of a package that lies where it is (struct ecosystem's `located`), stands in the
 *    place of a folder. Of other links and files that replace something the collector made whiteouts;
 *  - when all places of their code are gone by one of the first two, be it in several layers.
 * The time of a layer is linear in its own entries and, if it has any of these, in the live nodes and their depth.
 *
 * Lifetimes: nodes and paths are in the arena, files are the layers' own. merge_done frees the index. A merge can be
 * used until the arena overflows (check arena->overflow).
 */
#ifndef CAREEN_INVENTORY_ASSEMBLE_MERGE_H
#define CAREEN_INVENTORY_ASSEMBLE_MERGE_H

#include "model/records.h"

/* A file that a later one at the same path replaced. */
struct replaced_file {
    const struct parsed_file *file;
    size_t layer;
    const struct replaced_file *before; /* what it had replaced itself */
};
struct node {
    struct slice path, target;      /* target: of a symbolic link */
    const struct parsed_file *file; /* NULL: a symbolic link, or a hard link whose content was not kept */
    size_t layer;
    uint64_t hash;
    const struct replaced_file *before; /* what it replaced, without a removal in between; NULL: nothing */
    const struct node_code *code;       /* where its packages' code lies (FACT_CODE_IN); NULL: it doesn't say */
    uint16_t code_gone;                 /* bits: which of these are gone */
    uint32_t linked;                    /* of a hard link: the node that it is another name of, + 1; 0: none */
    bool live, link;
    bool told; /* set by merge_tell */
};
/* A parsed file and the path where it is or was; for a hard link that is not the file's own path. */
struct placed_file {
    const struct parsed_file *file;
    struct slice path;
};
typedef VEC(struct placed_file) placed_file_vec;

struct merge {
    struct arena *arena;
    VEC(struct node) nodes;
    uint32_t *slots; /* open addressing over nodes: index + 1, 0 free */
    size_t slots_cap, links;
    placed_file_vec came, gone; /* what the last merge_layer added and removed; a file may be in both */
    size_t codes;               /* nodes that ever had one */
};

void merge_init(struct merge *m, struct arena *arena);
void merge_done(struct merge *m);
void merge_layer(struct merge *m, const struct layer_packages *layer, size_t index);
/*
 * Sets `told` of each live node of a file, but of files that have several names (hard links) only of one of these: the
 * file's own path if that is left, else the first name in bytewise order.
 */
void merge_tell(struct merge *m);
/* The live node at a path, without following links in it; NULL when there is none. */
const struct node *merge_at(const struct merge *m, struct slice path);
/*
 * Follows the links in path; with `last`, the link that the last part may be too. False when there are more than 40 or
 * the path grows too long. *ret_path is in the arena, or path itself when there was no link.
 */
bool merge_resolve(const struct merge *m, struct slice path, bool last, struct slice *ret_path);

#endif
