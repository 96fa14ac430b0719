/* SPDX-License-Identifier: Apache-2.0 */
/*
 * presence.h: since which layer each package of an image has been there without a break, counted while the layers are
 * merged (merge.h). A package is there while any live file names it. Two are the same when type, namespace, name, version
 * and architecture are, and the place too for kinds of which every place is a package (struct ecosystem's `located`).
 *
 * Lifetimes: packages are the layers' own, the rest is in the arena but for an index, which presence_done frees. Usable
 * until the arena overflows (check arena->overflow).
 */
#ifndef CAREEN_INVENTORY_ASSEMBLE_PRESENCE_H
#define CAREEN_INVENTORY_ASSEMBLE_PRESENCE_H

#include "inventory/assemble/merge.h"

struct present;
struct presence {
    struct arena *arena;
    VEC(struct present) all;
    uint32_t *slots; /* open addressing over all: index + 1, 0 free */
    size_t slots_cap;
};

void presence_init(struct presence *p, struct arena *arena);
void presence_done(struct presence *p);
/* Counts what the last merge_layer brought and took; index: of that layer. */
void presence_layer(struct presence *p, const struct merge *m, size_t index);
/* The layer since which the package at its location has been there. */
size_t presence_since(struct presence *p, const struct package *package);
bool presence_same(const struct package *a, const struct package *b);

/*
 * Where a package of a live file is: the path of the file, which a hard link may have made another one than the file
 * says, with what the parser says is inside of it: "app.war" and "!/WEB-INF/lib/a.jar".
 */
struct slice presence_location(const struct parsed_file *file, struct slice path, const struct package *package,
                               struct arena *arena);

#endif
