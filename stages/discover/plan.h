/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.h: the pure step of discover: from what is known of a repository and what its registry just said, the images to
 * write and to delete. A digest is gone only when the registry says so for that digest; a listing that failed half-way
 * never reaches this step.
 */
#ifndef CAREEN_DISCOVER_PLAN_H
#define CAREEN_DISCOVER_PLAN_H

#include "base/err.h"
#include "model/records.h"

/* A manifest that was read: an image, or an index and its platforms' images. */
struct resolved {
    struct slice root; /* the digest that the tag or event named */
    bool is_index;
    image_vec images; /* registry, repository, digest, platform, layers, status filled; tags and times are not */
};
typedef VEC(struct resolved) resolved_vec;

struct tag_now {
    struct slice tag, root; /* the tag points to root, as of now */
};
typedef VEC(struct tag_now) tag_vec;

struct repository_now {
    resolved_vec resolved; /* roots that were not known before */
    tag_vec tags;          /* all tags with `complete`; otherwise those that were asked about */
    slice_vec gone;        /* digests that the registry no longer has */
    bool complete;
};

struct planned {
    struct image image;
    bool is_new;           /* its layers must be written too */
    layer_ref_vec dropped; /* layers that it no longer has, because it turned out to be no image */
};
typedef VEC(struct planned) planned_vec;

/*
 * known: the repository's images as last written, sorted by digest. pushed_ms: the time of the push that this comes
 * from, 0 for a walk. Tags and indexes beyond IMAGE_NAMES_MAX are left out and counted. *ret_write: images that are new
 * or differ, in the arena; *ret_delete: known images to delete.
 */
int plan_repository(const image_vec *known, const struct repository_now *now, int64_t pushed_ms, int64_t now_ms,
                    struct arena *a, planned_vec *ret_write, image_vec *ret_delete, struct err *e);

/* Whether a root is known, as an image or as an index that images name; plan_names: by this one image. */
bool plan_names(const struct image *known, struct slice root);
bool plan_knows(const image_vec *known, struct slice root);

#endif
