/* SPDX-License-Identifier: Apache-2.0 */
/* source_choose.c: from an index to one image of it. */
#include "images/image_source_internal.h"

#define MAX_NESTING 4
#define MAX_ENTRIES 10000
#define MAX_INDEXES 100
#define MAX_CONFIGS 64 /* read to learn platforms */

/* Whether the failure is a fault of this entry, and not one that may be gone later. */
static bool only_this(const struct err *e)
{
    return e->kind == ERR_POISON || e->kind == ERR_NOT_FOUND || e->kind == ERR_PARTIAL;
}

static void set_unread(struct arena *a, struct descriptor *d, const struct err *why)
{
    d->kind = ENTRY_UNREAD;
    d->why = arena_slice(a, slice_str(why->text));
}

struct flattening {
    struct image_source *s;
    struct arena *a;
    struct source_entries *entries;
    size_t top;
};

static int flatten(struct flattening *f, const descriptor_vec *list, struct slice index, int depth, struct err *e)
{
    struct source_entries *to = f->entries;
    for (size_t i = 0; i < list->n; i++) {
        struct descriptor d = list->v[i];
        struct manifest m;
        struct err why = ERR_INIT;
        f->top = depth ? f->top : i;
        if (to->list.n >= MAX_ENTRIES)
            return err_set(e, ERR_POISON, 0, "indexes name more than %d images", MAX_ENTRIES);
        if (d.kind == ENTRY_INDEX) {
            if (depth == MAX_NESTING)
                return err_set(e, ERR_POISON, 0, "indexes are nested more than %d deep", MAX_NESTING);
            if (to->indexes_read++ == MAX_INDEXES)
                return err_set(e, ERR_POISON, 0, "the index leads to more than %d others", MAX_INDEXES);
            if (source_manifest(f->s, f->a, d.digest, &m, &why) == 0) {
                if (flatten(f, &m.manifests, d.digest, depth + 1, e))
                    return -1;
                continue;
            }
            if (!only_this(&why)) {
                *e = why;
                return -1;
            }
            set_unread(f->a, &d, &why);
        }
        struct descriptor *copy = VEC_ADD(f->a, &to->list);
        size_t *top = VEC_ADD(f->a, &to->tops);
        if (!copy || !top || !slice_vec_add(f->a, &to->indexes, index))
            return err_set(e, ERR_POISON, 0, "the index is too long");
        *copy = d;
        *top = f->top;
    }
    return 0;
}

int source_flatten(struct image_source *s, struct arena *a, const descriptor_vec *list, struct slice index,
                   struct source_entries *entries, struct err *e)
{
    struct flattening f = {s, a, entries, 0};
    return flatten(&f, list, index, 0, e);
}

static int learn(struct image_source *s, struct arena *a, struct descriptor *d, struct err *e)
{
    struct manifest m;
    struct image_config config = {0};
    if (source_manifest(s, a, d->digest, &m, e))
        return -1;
    if (m.kind == MANIFEST_ARTIFACT) {
        d->kind = ENTRY_NO_IMAGE;
        d->why = m.reason.text;
    } else if (m.kind == MANIFEST_INDEX) {
        return err_set(e, ERR_POISON, 0, "%.*s is an index and not called one", SLICE_FMT(d->digest));
    } else if (m.kind == MANIFEST_IMAGE) {
        if (source_config(s, a, &m, &config, e))
            return err_wrap(e, "image %.*s", SLICE_FMT(d->digest));
        d->platform = config.platform;
    }
    return 0;
}

int source_know_platforms(struct image_source *s, struct arena *a, struct source_entries *entries, struct err *e)
{
    size_t read = 0;
    for (size_t i = 0; i < entries->list.n; i++) {
        struct descriptor *d = &entries->list.v[i];
        struct err why = ERR_INIT;
        if (d->kind != ENTRY_IMAGE || d->platform.os.n)
            continue;
        if (read++ == MAX_CONFIGS)
            return err_set(e, ERR_POISON, 0, "the index names more than %d images without their platforms",
                           MAX_CONFIGS);
        if (learn(s, a, d, &why) == 0)
            continue;
        if (!only_this(&why)) {
            *e = why;
            return -1;
        }
        set_unread(a, d, &why);
    }
    return 0;
}

static bool any_image(const descriptor_vec *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->v[i].kind == ENTRY_IMAGE)
            return true;
    return false;
}

static bool any_fits(const descriptor_vec *list, const struct platform *want)
{
    struct platform here = platform_here();
    for (size_t i = 0; i < list->n; i++)
        if (list->v[i].kind == ENTRY_IMAGE && platform_matches(want ? want : &here, &list->v[i].platform))
            return true;
    return false;
}

/* None of the entries is an image that can be read: told by what they are. */
static int no_image(struct arena *a, const struct source_entries *entries, struct image *image)
{
    struct manifest all = {.kind = MANIFEST_INDEX, .manifests = entries->list};
    bool artifact = true;
    image->digest = image->indexes.n ? image->indexes.v[0] : SLICE("");
    image->reason = manifest_index_reason(a, &all, &artifact);
    image->status = artifact ? IMAGE_UNSUPPORTED : IMAGE_UNKNOWN_FORMAT;
    return 0;
}

int source_choose(struct image_source *s, struct arena *a, const descriptor_vec *list, const struct platform *want,
                  struct image *image, struct err *e)
{
    struct source_entries entries = {0};
    struct manifest m;
    size_t i;
    struct slice own = image->indexes.n ? image->indexes.v[0] : SLICE_NONE;
    if (source_flatten(s, a, list, own, &entries, e) ||
        (!any_fits(&entries.list, want) && source_know_platforms(s, a, &entries, e)))
        return -1;
    if (!any_image(&entries.list))
        return no_image(a, &entries, image);
    if (platform_choose(a, &entries.list, want, &i, e))
        return -1;
    struct slice digest = entries.list.v[i].digest;
    if (source_manifest(s, a, digest, &m, e))
        return -1;
    if (entries.indexes.v[i].n && !slice_eq(entries.indexes.v[i], own))
        slice_vec_add(a, &image->indexes, entries.indexes.v[i]);
    return source_finish(s, a, &m, digest, want, image, e);
}

/* ---- several images in one file ---- */

int source_refuse(const struct imageref *ref, const char *why, const struct source_candidate *list, size_t n,
                  struct err *e)
{
    char text[760] = "";
    size_t at = 0, i = 0;
    struct slice path = slice_sub(ref->path, 0, 100);
    for (; i < n && at + 200 < sizeof text; i++) {
        const struct source_candidate *c = &list[i];
        struct slice name = c->name.n && slice_is_text(c->name) ? slice_sub(c->name, 0, 80) : SLICE("(no name)"),
                     platforms = slice_sub(c->platforms, 0, 40);
        at += (size_t)snprintf(text + at, sizeof text - at, "%s@%zu %.*s %.*s %.*s", i ? "; " : "", c->number,
                               SLICE_FMT(name), SLICE_FMT(c->digest), SLICE_FMT(platforms));
    }
    if (i < n)
        snprintf(text + at, sizeof text - at, "; and %zu more", n - i);
    if (!n)
        return err_set(e, ERR_USAGE, 0, "%s; there is none in it", why);
    return err_set(e, ERR_USAGE, 0, "%s; add which one, %s:%.*s:NAME, :@NUMBER or :@DIGEST, of: %s", why,
                   ref->form->scheme, SLICE_FMT(path), text);
}

static bool means_same(struct slice name, struct slice asked)
{
    struct arena a = ARENA_INIT((size_t)64 << 10);
    struct imageref x, y;
    bool same = imageref_parse_name(&a, name, &x, NULL) == 0 && imageref_parse_name(&a, asked, &y, NULL) == 0 &&
                slice_eq(x.registry, y.registry) && slice_eq(x.repository, y.repository) && slice_eq(x.tag, y.tag);
    arena_done(&a);
    return same;
}

int source_name_fits(struct slice name, struct slice asked)
{
    if (!name.n || !asked.n)
        return 0;
    if (slice_eq(name, asked))
        return 3;
    if (means_same(name, asked))
        return 2;
    return name.n > asked.n && slice_ends(name, asked) && name.p[name.n - asked.n - 1] == ':';
}

bool source_asked_number(struct slice asked, size_t *ret_number)
{
    uint64_t n;
    if (!slice_take_prefix(&asked, SLICE("@")) || !slice_parse_u64(asked, &n) || n > SIZE_MAX)
        return false;
    *ret_number = (size_t)n;
    return true;
}

bool source_asked_digest(struct slice asked, struct slice *ret_digest)
{
    slice_take_prefix(&asked, SLICE("@"));
    *ret_digest = asked;
    return imageref_digest_valid(asked);
}
