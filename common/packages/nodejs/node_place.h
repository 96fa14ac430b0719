/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node_place.h: what the path of a package.json says. Node finds packages in folders called node_modules, so that of
 *
 *     app/node_modules/a/package.json                       package a
 *     app/node_modules/@s/b/package.json                    package @s/b
 *     app/node_modules/a/node_modules/c/package.json        package c, for a alone
 *     app/node_modules/.pnpm/d@1.0.0/node_modules/d/package.json   package d, in pnpm's store
 *     app/node_modules/a/lib/package.json                   no package: a's own affair
 *     app/package.json                                      the project itself
 *
 * the last node_modules counts. A package may also hold, among its files, a tree with a node_modules of its own: an
 * application that is published as one package runs it; what stands among its tests and examples is never installed.
 * Package managers' caches have the same shape and are no installation. Pure.
 */
#ifndef CAREEN_PACKAGES_NODEJS_NODE_PLACE_H
#define CAREEN_PACKAGES_NODEJS_NODE_PLACE_H

#include "base/slice.h"

struct node_place {
    struct slice root;   /* the package's folder; all slices are of the path */
    struct slice name;   /* as the folder calls it, with its scope: "@s/b" */
    struct slice holder; /* the folder of the package that it lies in; empty: none */
    bool among;          /* among the holder's files, not in the holder's own node_modules */
    bool stored;         /* in a store that node_modules link to */
};

/* False: nothing is installed there. */
bool node_place(struct slice path, struct node_place *ret);
/* The name of the package whose folder this is: its last part, or the last two where there is a scope. */
struct slice node_place_name(struct slice root);
/* Whether path is one of the places where packages lie that no program loads. */
bool node_place_cached(struct slice path);

#endif
