/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/plan.h"

static bool has(const slice_vec *v, struct slice s)
{
    for (size_t i = 0; i < v->n; i++)
        if (slice_eq(v->v[i], s))
            return true;
    return false;
}

static bool same_list(const slice_vec *a, const slice_vec *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!slice_eq(a->v[i], b->v[i]))
            return false;
    return true;
}

bool plan_names(const struct image *known, struct slice root)
{
    return slice_eq(known->digest, root) || has(&known->indexes, root);
}

bool plan_knows(const image_vec *known, struct slice root)
{
    for (size_t i = 0; i < known->n; i++)
        if (plan_names(&known->v[i], root))
            return true;
    return false;
}

static struct planned *find(planned_vec *all, struct slice digest)
{
    for (size_t i = 0; i < all->n; i++)
        if (slice_eq(all->v[i].image.digest, digest))
            return &all->v[i];
    return NULL;
}

/* Copies a list so that additions do not reach the record that it came from. */
static slice_vec copy_list(struct arena *a, const slice_vec *from)
{
    slice_vec to = {0};
    for (size_t i = 0; i < from->n; i++)
        slice_vec_add(a, &to, from->v[i]);
    return to;
}

/* It could not be read before, or an older version took it for something else. */
static bool reads_otherwise(const struct image *old, const struct image *now)
{
    if (now->status == IMAGE_UNREADABLE) /* what was read once is not lost by a failure */
        return old->status != IMAGE_OK && old->read_version < now->read_version;
    return old->status != now->status || old->read_version < now->read_version;
}

static void replace(struct planned *p, const struct image *now)
{
    struct image old = p->image;
    p->image = *now;
    p->image.tags = old.tags;
    p->image.indexes = old.indexes;
    p->image.pushed_ms = old.pushed_ms;
    p->image.pulled_ms = old.pulled_ms;
    p->image.first_seen_ms = old.first_seen_ms;
    if (now->status != IMAGE_OK)
        p->dropped = old.layers;
    p->is_new = true;
}

/* An index was read again: an older version took more of its entries for images. */
static void leave_index(const struct resolved *r, planned_vec *all)
{
    for (size_t i = 0; i < all->n; i++) {
        slice_vec *v = &all->v[i].image.indexes;
        size_t kept = 0;
        bool named = false;
        for (size_t j = 0; j < r->images.n && !named; j++)
            named = slice_eq(r->images.v[j].digest, all->v[i].image.digest);
        for (size_t j = 0; j < v->n; j++)
            if (named || !slice_eq(v->v[j], r->root))
                v->v[kept++] = v->v[j];
        v->n = kept;
    }
}

/* An index that led to no image was an image's record of its own; now it leads to some. */
static bool superseded(const struct repository_now *now, const struct image *im)
{
    for (size_t i = 0; i < now->resolved.n; i++) {
        const struct resolved *r = &now->resolved.v[i];
        bool still = false;
        if (!r->is_index || !slice_eq(r->root, im->digest))
            continue;
        for (size_t j = 0; j < r->images.n && !still; j++)
            still = slice_eq(r->images.v[j].digest, im->digest);
        return !still;
    }
    return false;
}

static bool leaves(const struct repository_now *now, const struct image *im)
{
    return has(&now->gone, im->digest) || superseded(now, im);
}

/* The images that the repository has now: known ones that are not gone, and resolved ones, in one list. */
static void merge(const image_vec *known, const struct repository_now *now, int64_t now_ms, struct arena *a,
                  planned_vec *all)
{
    for (size_t i = 0; i < known->n; i++) {
        struct planned *p = leaves(now, &known->v[i]) ? NULL : VEC_ADD(a, all);
        if (!p)
            continue;
        p->image = known->v[i];
        p->image.indexes = copy_list(a, &known->v[i].indexes);
        p->image.tags = copy_list(a, &known->v[i].tags);
    }
    for (size_t i = 0; i < now->resolved.n; i++) {
        const struct resolved *r = &now->resolved.v[i];
        if (r->is_index)
            leave_index(r, all);
        for (size_t j = 0; j < r->images.n; j++) {
            struct planned *p = find(all, r->images.v[j].digest);
            if (!p) {
                p = VEC_ADD(a, all);
                if (!p)
                    return;
                p->image = r->images.v[j];
                p->image.first_seen_ms = now_ms;
                p->image.tags = p->image.indexes = (slice_vec){0};
                p->is_new = true;
            } else if (reads_otherwise(&p->image, &r->images.v[j])) {
                replace(p, &r->images.v[j]);
            }
            if (r->is_index && !slice_eq(p->image.digest, r->root) && !has(&p->image.indexes, r->root))
                slice_vec_add(a, &p->image.indexes, r->root);
        }
    }
}

/* A complete listing sets every image's tags; a partial one moves only the tags that it asked about. */
static void move_tags(const struct repository_now *now, struct arena *a, planned_vec *all)
{
    for (size_t i = 0; i < all->n; i++) {
        struct image *im = &all->v[i].image;
        slice_vec kept = {0};
        for (size_t j = 0; !now->complete && j < im->tags.n; j++) {
            bool asked = false;
            for (size_t t = 0; t < now->tags.n && !asked; t++)
                asked = slice_eq(now->tags.v[t].tag, im->tags.v[j]);
            if (!asked)
                slice_vec_add(a, &kept, im->tags.v[j]);
        }
        for (size_t t = 0; t < now->tags.n; t++)
            if (slice_eq(now->tags.v[t].root, im->digest) || has(&im->indexes, now->tags.v[t].root))
                slice_vec_add(a, &kept, now->tags.v[t].tag);
        im->tags = kept;
        slice_vec_sort(&im->tags);
        slice_vec_sort(&im->indexes);
    }
}

/* A record has a bounded size: 80,000 tags of one image are more than a topic takes. */
static size_t cap(slice_vec *v)
{
    size_t bytes = 0, n = v->n;
    for (size_t i = 0; i < n; i++) {
        bytes += v->v[i].n + 2;
        if (bytes > IMAGE_NAMES_MAX) {
            v->n = i;
            return n - i;
        }
    }
    return 0;
}

static void cap_names(const struct repository_now *now, struct image *im)
{
    size_t left_out = cap(&im->tags) + cap(&im->indexes);
    if (now->complete)
        im->names_left_out = 0;
    im->names_left_out += (int32_t)MIN(left_out, (size_t)(INT32_MAX / 2));
}

/* An index that is gone names nobody any more. */
static void drop_indexes(const struct repository_now *now, planned_vec *all)
{
    for (size_t i = 0; i < all->n; i++) {
        slice_vec *v = &all->v[i].image.indexes;
        size_t kept = 0;
        for (size_t j = 0; j < v->n; j++)
            if (!has(&now->gone, v->v[j]))
                v->v[kept++] = v->v[j];
        v->n = kept;
    }
}

static bool pushed_now(const struct repository_now *now, const struct image *im)
{
    for (size_t i = 0; i < now->resolved.n; i++)
        for (size_t j = 0; j < now->resolved.v[i].images.n; j++)
            if (slice_eq(now->resolved.v[i].images.v[j].digest, im->digest))
                return true;
    for (size_t t = 0; t < now->tags.n; t++)
        if (slice_eq(now->tags.v[t].root, im->digest) || has(&im->indexes, now->tags.v[t].root))
            return true;
    return false;
}

static const struct image *find_known(const image_vec *known, struct slice digest)
{
    for (size_t i = 0; i < known->n; i++)
        if (slice_eq(known->v[i].digest, digest))
            return &known->v[i];
    return NULL;
}

int plan_repository(const image_vec *known, const struct repository_now *now, int64_t pushed_ms, int64_t now_ms,
                    struct arena *a, planned_vec *ret_write, image_vec *ret_delete, struct err *e)
{
    planned_vec all = {0};
    merge(known, now, now_ms, a, &all);
    drop_indexes(now, &all);
    move_tags(now, a, &all);
    for (size_t i = 0; i < all.n; i++) {
        struct planned *p = &all.v[i];
        const struct image *old = find_known(known, p->image.digest);
        /* A walk that finds an image nobody told of takes the finding for the push. */
        int64_t pushed = pushed_ms && pushed_now(now, &p->image) ? pushed_ms : !old ? now_ms : 0;
        p->image.pushed_ms = MAX(p->image.pushed_ms, pushed);
        p->image.unwatched_ms = 0; /* it was just asked for */
        cap_names(now, &p->image);
        if (old && !p->is_new && same_list(&old->tags, &p->image.tags) && same_list(&old->indexes, &p->image.indexes) &&
            old->pushed_ms == p->image.pushed_ms && old->names_left_out == p->image.names_left_out &&
            !old->unwatched_ms)
            continue;
        struct planned *to = VEC_ADD(a, ret_write);
        if (to)
            *to = *p;
    }
    for (size_t i = 0; i < known->n; i++)
        if (leaves(now, &known->v[i])) {
            struct image *to = VEC_ADD(a, ret_delete);
            if (to)
                *to = known->v[i];
        }
    return a->overflow ? err_set(e, ERR_POISON, 0, "the repository has too many images to be listed at once") : 0;
}
