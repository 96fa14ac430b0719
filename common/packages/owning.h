/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owning.h: which package of its layer a file belongs to, for the evidence of packages that a system's package manager
 * may have installed: Debian's python3-yaml brings a dist-info of its own. One layer says this of itself, in one walk
 * through its lists (owners.h); assembly (inventory/assemble/ownership.h) decides what of it holds in the image.
 *
 * A file is owned by the exact name that a list gives it, never by a folder that it is in. Lists have the names that
 * packages were built with, so merged folders are alike: lib/x and usr/lib/x, sbin/x and bin/x. An owner by such another
 * name is told with that name, so that assembly can see whether a link makes them one.
 *
 * Where the evidence of a layer lies in one layer and the list in another, only the list's layer knows what it names. So the
 * names of files that are not among the layer's own evidence, but may be another's, are kept as hashes: those that a
 * rule for any depth wants, and those that may be programs. They become a file of PARSER_OWNED. Pure.
 */
#ifndef CAREEN_PACKAGES_OWNING_H
#define CAREEN_PACKAGES_OWNING_H

#include "packages/format.h"

struct owning_place {
    struct slice path;
    uint64_t hash;
    struct slice package, listed; /* absent: nobody's; listed: the name that the list has for it */
    const struct package_format *format;
    bool read;     /* some format has packages of it that are more than a guess */
    uint32_t file; /* 1 + place in the layer's files of the one with its packages; 0: there is none */
    bool database; /* the list is of the whole system, so that it comes again when any package is installed */
};

struct owning {
    struct arena *arena;
    VEC(struct owning_place) places;
    uint32_t *slots; /* open addressing by hash: index + 1, 0 free */
    size_t slots_cap;
    size_t paths;    /* that lists named */
    bool has_system; /* the layer has packages of a system's package manager */
};

/* Paths may be asked for more than once. Valid until owning_find, which finds the owners of all of them. */
void owning_ask(struct owning *o, struct slice path);
/* NULL: nobody asked. */
const struct owning_place *owning_of(const struct owning *o, struct slice path);
void owning_done(struct owning *o);

/*
 * Asks for the owners of all files with packages, walks through the lists of the evidence, and adds to p->out what was
 * found: facts of files whose packages lie where they are (struct ecosystem's `located`), and files of PARSER_OWNED.
 */
void owning_find(struct parse *p, struct slice evidence);

/* Alike for the names that merged folders give a path. */
uint64_t owning_hash(struct slice path);
/* The hashes of a fact of a PARSER_OWNED file, one after the other. False at the end. */
bool owning_take_hash(struct slice *value, uint64_t *ret_hash);

#endif
