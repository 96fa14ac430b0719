/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_bound.h: how a package's version stands to a version that an advisory names. That is version_order, but for
 * what an ecosystem's publishers take for granted and its order doesn't know:
 *
 *  - introduced "0" is before every version, also before those that have no order (a branch, an unknown one).
 *  - pypi: a local part ("1.0+cpu") is ignored against last_affected and enumerated versions that have none: such a
 *    build is of 1.0. Against introduced and fixed the order says the same without that.
 *  - maven: a suffix that names the platform of a build ("-jre", ".jre11", "-android", ".java8") is ignored against
 *    last_affected and enumerated versions that have none.
 *  - luarocks: a rockspec's revision is ignored likewise.
 *  - jvm: the build ("+9", "-b08") never decides, and fixed and last_affected hold only within their own feature
 *    line: 8u382 is past "fixed 17.0.9", as is 21. An introduced one is compared by the order.
 *  - bitnami, generic: introduced and fixed "1.26.0-0" are before all prereleases of 1.26.0, as in Semantic Versioning.
 *  - an enumerated version is equal byte by byte, or where both are versions, by the order. It never fails: what isn't a
 *    version is equal to its own bytes alone.
 *
 * Pure; any thread; no allocation; linear.
 */
#ifndef CAREEN_MODEL_VERSION_VERSION_BOUND_H
#define CAREEN_MODEL_VERSION_VERSION_BOUND_H

#include "model/version/version.h"

enum version_bound {
    VERSION_INTRODUCED,
    VERSION_FIXED,
    VERSION_LAST_AFFECTED,
    VERSION_LISTED /* one of an advisory's enumerated versions */
};

/*
 * *ret_cmp: -1 the version is before the bound, 0 at it, 1 after it. So it is affected from introduced on where it
 * is >= 0, no more from fixed on where it is >= 0, from last_affected where it is > 0, and by a listed one where it is 0.
 * ERR_POISON where one of them has no order, as version_order; *ret_cmp is then left alone.
 */
int version_against(enum version_kind k, struct slice version, enum version_bound what, struct slice bound,
                    int *ret_cmp, struct err *e);

#endif
