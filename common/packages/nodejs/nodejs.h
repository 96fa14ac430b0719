/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nodejs.h: what the files of this folder give to nodejs.c, where the format stands. Evidence are lists of facts
 * (fact_list.h) under the paths of the files that they were made of; which of these is told by the path's last part.
 */
#ifndef CAREEN_PACKAGES_NODEJS_NODEJS_H
#define CAREEN_PACKAGES_NODEJS_NODEJS_H

#include "packages/parse_internal.h"
#include "packages/reducer.h"

extern const struct package_format format_nodejs;

#define NODEJS_MANIFEST    "package.json"
#define NODEJS_HIDDEN_LOCK ".package-lock.json"
#define NODEJS_HEADER      "node_version.h"

struct node_package {
    struct slice root, holder; /* folders: its own, and that of the package that it lies in */
    bool among;                /* see node_place.h */
    size_t file;               /* index in the layer's files */
};
struct node_bundler {
    struct slice root, name;
};
struct node_locked { /* an entry of a hidden lock that says something unusual of a package */
    struct slice root, resolved;
    bool development, optional, bundled;
};

/* Of a layer. */
struct nodejs_layer {
    VEC(struct node_package) packages;
    VEC(struct node_bundler) bundlers; /* packages that bring others along */
    VEC(struct node_locked) locked;
    VEC(struct slice) locks;  /* folders whose hidden lock was read */
    VEC(struct slice) mapped; /* names of the zips that Yarn's maps name */
    bool mapped_any;          /* there is a map */
    VEC(size_t) zips;         /* files that are zips of Yarn's */
};
struct nodejs_layer *nodejs_layer(struct parse *p);

/* A package by its published name: scope and name apart. False: it can't be one. */
bool nodejs_take_name(struct slice full, struct package *to);

/*
 * parse_package.c: the package that a manifest's facts and its place tell; false: none. Its texts are those of facts and
 * place, and static.
 */
struct node_place;
bool nodejs_package_of(struct parse *p, struct slice facts, const struct node_place *place, struct package *to);
/* A package.json; the file gets its package, if it is one. */
void nodejs_read_package(struct parse *p, const struct evidence_entry *entry);
/* hidden_lock.c: npm's own list of what it put into a node_modules. */
bool hidden_lock_reduce(struct slice text, struct buf *facts, const char **ret_why);
void nodejs_read_hidden_lock(struct parse *p, const struct evidence_entry *entry);
/* Which package brought which, and what the locks add, when all files of the layer were read. */
void nodejs_read_end(struct parse *p, struct slice whole);
/* yarn_pnp.c, parse_yarn.c: the zips of Yarn's Plug'n'Play, and the map that says which of them are installed. */
extern const struct reducer yarn_map_reducer, yarn_zip_reducer;
void nodejs_read_map(struct parse *p, const struct evidence_entry *entry);
void nodejs_read_zip(struct parse *p, const struct evidence_entry *entry);
void nodejs_settle_zips(struct parse *p, struct nodejs_layer *layer);
/* parse_lock.c: lock files (lock.h). */
void nodejs_read_lock(struct parse *p, const struct evidence_entry *entry);
/* node_version.c: the runtime, by its header. */
void nodejs_read_header(struct parse *p, const struct evidence_entry *entry);

#endif
