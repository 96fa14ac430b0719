/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owners.h: which package says that a path is its own, from what evidence keeps of dpkg's info/NAME.list and
 * NAME.md5sums (also beside status.d), of apk's and rpm's databases, opkg's NAME.list and pacman's files.
 * Language packages that a distribution's package owns are judged by the distribution's advisories, so they must be
 * known as owned.
 *
 * Within one layer only: a layer that replaces a path or a database counts when the image is assembled. Pure.
 */
#ifndef CAREEN_PACKAGES_OWNERS_H
#define CAREEN_PACKAGES_OWNERS_H

#include "base/err.h"
#include "base/slice.h"

/*
 * path is canonical (no leading slash), package the name without architecture; both end with the call. Nonzero stops
 * the walk and comes back from parse_owned_paths.
 */
typedef int owned_path_fn(void *ctx, struct slice path, struct slice package);

/*
 * Calls fn for each path of each file, in the stream's order; a path may come more than once, folders come too. 0 when
 * all was given; ERR_POISON: not evidence; ERR_PARTIAL: the stream is cut, or lines were no paths, or a database is
 * damaged: all others were given.
 */
int parse_owned_paths(struct slice evidence, owned_path_fn *fn, void *ctx, struct err *e);

#endif
