/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python_dists.h: the distributions of a layer while it is read: what its files say of each, joined by the folder that
 * they lie in. In the arena of the parse; slices are of the evidence.
 */
#ifndef CAREEN_PACKAGES_PYTHON_PYTHON_DISTS_H
#define CAREEN_PACKAGES_PYTHON_PYTHON_DISTS_H

#include "packages/parse_internal.h"
#include "packages/python/python_place.h"

enum python_file { PYTHON_HEADER, PYTHON_RECORD, PYTHON_INSTALLER, PYTHON_DIRECT_URL, PYTHON_FILES };

struct python_dist {
    struct slice folder; /* x.dist-info, x.egg-info, x.egg/EGG-INFO */
    struct {
        struct slice path, facts; /* absent: there is none */
    } files[PYTHON_FILES];
    struct python_place place;
    struct slice name, version; /* as they are given; set when all files are there */
    struct slice normal;        /* of the name */
    struct slice conda;         /* the package URL under which conda installed it */
    size_t next_in_root, next_in_folder_slot;
};

struct python_other { /* a list of vendored packages, or of an interpreter */
    struct slice path, facts, conda;
};

struct python_dists {
    VEC(struct python_dist) all;
    VEC(struct python_other) others;
    size_t *by_folder, *by_root; /* chains by hash: place in all, plus 1 */
    size_t slots;
    size_t looks; /* at other distributions, for the sake of one: python_dists_look */
};

/* False when enough was looked at in a layer that is made to be slow: what is asked then has the plain answer. */
bool python_dists_look(struct python_dists *d);

/* The state of this layer; NULL past the arena's maximum. */
struct python_dists *python_dists_of(struct parse *p);
/* The distribution whose metadata lie in folder; NULL: there is none. */
struct python_dist *python_dist_find(struct python_dists *d, struct slice folder);
struct python_dist *python_dist_add(struct parse *p, struct python_dists *d, struct slice folder);
/* Which file of a distribution this is; *ret_folder is what joins it to the others. PYTHON_FILES: none. */
enum python_file python_file_of(struct slice path, struct slice *ret_folder);

/*
 * When all files are there: the first distribution right in a folder of packages, and the next one behind it; NULL: no
 * other.
 */
void python_dists_by_root(struct parse *p, struct python_dists *d);
const struct python_dist *python_dist_in_root(struct python_dists *d, struct slice root,
                                              const struct python_dist *behind);

/*
 * conda installed the file at this path as part of the package with this package URL. True when the layer has the file
 * and it says which distribution, or which interpreter, it belongs to: then that is the package. For the format of
 * conda, before this one's read_end.
 */
bool python_dist_is_conda(struct parse *p, struct slice path, struct slice purl);

#endif
