/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owners.h: which package a path belongs to, according to the formats' lists and databases in the evidence
 * (package_rule.owns). Software that a distribution's package installed is judged by the distribution's advisories, so
 * it must be known that it has an owner.
 *
 * This is about one layer; layers that replace a path or a database are taken into account by assembly. Pure.
 */
#ifndef CAREEN_PACKAGES_OWNERS_H
#define CAREEN_PACKAGES_OWNERS_H

#include "base/slice.h"
#include "packages/layer_files.h"

#define OWNED_PATH_MAX 4096

struct wanted;

/*
 * path is canonical (without a leading slash), package is the name without architecture; both are valid during the
 * call. A result other than 0 stops the walk, and owners_walk returns it.
 */
typedef int owned_path_fn(void *ctx, struct slice path, struct slice package);

/*
 * Calls fn for each path that a file of the evidence names, in the order of the evidence, which is given from its magic
 * on. A path may come more than once, and folders come too. Files that can't be read are ignored: the parsers report
 * them. Returns 0, or what fn returned.
 */
int owners_walk(struct slice evidence, owned_path_fn *fn, void *ctx);
/* The same; before the paths of a list come, list is called with its rule. */
int owners_walk_lists(struct slice evidence, void (*list)(void *ctx, const struct wanted *of), owned_path_fn *fn,
                      void *ctx);

/* ---- for a format's owns ---- */

struct owners {
    owned_path_fn *fn;
    void *ctx;
    struct layer_files files; /* of the same layer */
};
/* Gives a path as the file spells it; one that is not below the root is ignored. */
int owners_give(struct owners *o, struct slice path, struct slice package);

#endif
