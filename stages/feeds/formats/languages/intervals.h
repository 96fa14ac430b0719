/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intervals.h: sets of versions, for publishers who say which versions are good ("patched: ~> 1.5.3, >= 2.0"): what is
 * affected is what they leave. A set is a list of intervals in an order of versions; an interval lies between two edges,
 * an edge before a version or right behind it.
 *
 * Versions must be orderable (interval_narrow asks). Pure; slices of what was given or in the arena.
 */
#ifndef CAREEN_FEEDS_FORMATS_LANGUAGES_INTERVALS_H
#define CAREEN_FEEDS_FORMATS_LANGUAGES_INTERVALS_H

#include "feeds/reading.h"
#include "model/version/version.h"

#define INTERVALS_MAX 2000

struct edge {
    struct slice version; /* absent: of a beginning all before everything, of an end behind everything */
    bool behind;
};
struct interval {
    struct edge from, to; /* {{0}} holds every version */
};
typedef VEC(struct interval) interval_vec;

/*
 * Leaves of x what holds for the operator too: "<", "<=", "=", "==", ">=", ">". NULL, or what is wrong.
 */
const char *interval_narrow(enum version_kind kind, struct interval *x, struct slice op, struct slice version);
/* Adds an interval unless nothing is in it. False: there are too many. */
bool intervals_add(struct arena *arena, enum version_kind kind, interval_vec *set, const struct interval *x);
/* Takes out of the set what u holds. False: there are too many intervals. */
bool intervals_subtract(struct arena *arena, enum version_kind kind, interval_vec *set, const struct interval *u);
/*
 * Adds the set to an advisory's ranges, sorted, those that meet as one. These have no edge behind a version to begin with: `next` gives the first
 * version behind one. False: too many.
 */
bool intervals_tell(struct arena *arena, enum version_kind kind, interval_vec *set,
                    struct slice (*next)(struct slice version, struct arena *arena), struct advisory *a);

/* ">= 1.2" -> ">=" and "1.2": operators are of <, >, =, ! and ~ and ^; absent where there is none. */
struct slice interval_take_operator(struct slice *s);
/*
 * Narrows x by pairs of operator and version with commas between: ">= 1.0, < 2". Blanks count nothing. NULL, or what is
 * wrong. `other` is asked for operators that are none of interval_narrow's; NULL: there are none.
 */
typedef const char *(*interval_operator)(struct arena *arena, enum version_kind kind, struct interval *x,
                                         struct slice op, struct slice version);
const char *interval_narrow_all(struct arena *arena, enum version_kind kind, struct interval *x, struct slice pairs,
                                interval_operator other);

#endif
