/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owners.h: which package says that a path is its own, from what evidence keeps of the formats' lists and databases
 * (package_rule.owns). Software that a distribution's package brought is judged by the distribution's advisories, so
 * it must be known as owned.
 *
 * Within one layer only: a layer that replaces a path or a database counts when the image is assembled. Pure.
 */
#ifndef CAREEN_PACKAGES_OWNERS_H
#define CAREEN_PACKAGES_OWNERS_H

#include "base/slice.h"
#include "packages/layer_files.h"

#define OWNED_PATH_MAX 4096

/*
 * path is canonical (no leading slash), package the name without architecture; both end with the call. Nonzero stops
 * the walk and comes back from owners_walk.
 */
typedef int owned_path_fn(void *ctx, struct slice path, struct slice package);

/*
 * Calls fn for each path of each file of the evidence, from its magic on, in its order. A path may come more than once,
 * and folders come too. What can't be read is passed over: the parsers tell it. 0, or what fn gave.
 */
int owners_walk(struct slice evidence, owned_path_fn *fn, void *ctx);

/* ---- for a format's owns ---- */

struct owners {
    owned_path_fn *fn;
    void *ctx;
    struct layer_files files; /* of the same layer */
};
/* path as the file spells it; what is none below the root is passed over. */
int owners_give(struct owners *o, struct slice path, struct slice package);

#endif
