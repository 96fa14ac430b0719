/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/walk/resolve.h"

#include "model/image/imageref.h"
#include "model/image/manifest.h"

#define INDEX_DEPTH_MAX 3
#define PLATFORMS_MAX   512

struct resolving {
    struct registry *r;
    struct slice registry_name, repository;
    struct arena *a;
    struct resolved *out;
    slice_vec named; /* digests that the root's indexes name, at any depth: each is read once, and so many at most */
    size_t unread;   /* entries that may be images and can't be asked for */
    size_t missing;  /* entries that the registry does not have */
    struct slice unread_why; /* of the first */
    struct reason artifact;  /* what the first entry is that is no image */
};

static struct image *add_image(struct resolving *v, struct slice digest)
{
    struct image *im = VEC_ADD(v->a, &v->out->images);
    if (!im)
        return NULL;
    im->registry = v->registry_name;
    im->repository = v->repository;
    im->digest = arena_slice(v->a, digest);
    return im;
}

static int unreadable(struct resolving *v, struct slice digest, struct slice media_type, enum reason_code code,
                      const char *why)
{
    struct image *im = add_image(v, digest);
    if (im) {
        im->media_type = media_type;
        im->status = IMAGE_UNREADABLE;
        im->reason = reason_make(code, arena_slice(v->a, slice_str(why)));
        im->read_version = MANIFEST_READ_VERSION;
    }
    return 0;
}

/* Whether the failure is a fault of this image, and not one that may be gone later. */
static bool only_this(const struct err *e)
{
    return e->kind == ERR_POISON || e->kind == ERR_NOT_FOUND || e->kind == ERR_PARTIAL;
}

static enum reason_code code_of(const struct err *e)
{
    return e->kind == ERR_NOT_FOUND ? REASON_IMAGE_MISSING : REASON_IMAGE_BROKEN;
}

static int read_image(struct resolving *v, struct slice digest, const struct manifest *m, struct err *e)
{
    struct image_config config = {0};
    struct buf body = BUF_INIT(CONFIG_MAX_BYTES);
    struct err mine = ERR_INIT;
    int rc = 0;
    if (m->kind == MANIFEST_IMAGE) {
        rc = registry_blob_small(v->r, v->repository, m->config.digest, &body, &mine);
        if (!rc)
            rc = image_config_parse(v->a, buf_slice(&body), &config, &mine);
    }
    buf_done(&body);
    if (rc) {
        if (!only_this(&mine)) {
            *e = mine;
            return -1;
        }
        err_wrap(&mine, "config");
        return unreadable(v, digest, m->media_type, code_of(&mine), mine.text);
    }
    struct image *im = add_image(v, digest);
    if (!im)
        return 0;
    if (manifest_fill_image(v->a, m, &config, im, &mine)) {
        im->status = IMAGE_UNREADABLE;
        im->reason = reason_make(REASON_IMAGE_BROKEN, arena_slice(v->a, slice_str(mine.text)));
    }
    return 0;
}

static int read_reference(struct resolving *v, struct slice reference, int depth, struct err *e);

static bool named_already(const struct resolving *v, struct slice digest)
{
    for (size_t i = 0; i < v->named.n; i++)
        if (slice_eq(v->named.v[i], digest))
            return true;
    return false;
}

static int read_index(struct resolving *v, const struct manifest *m, int depth, struct err *e)
{
    for (size_t i = 0; i < m->manifests.n; i++) {
        const struct descriptor *d = &m->manifests.v[i];
        struct err mine = ERR_INIT;
        if (d->kind == ENTRY_UNREAD && !v->unread++)
            v->unread_why = d->why;
        if (d->kind == ENTRY_UNREAD || d->kind == ENTRY_NO_IMAGE || named_already(v, d->digest))
            continue;
        if (v->named.n == PLATFORMS_MAX)
            return unreadable(v, d->digest, d->media_type, REASON_INDEX_NOT_READ,
                              "the index names more than 512 images");
        slice_vec_add(v->a, &v->named, d->digest);
        if (read_reference(v, d->digest, depth + 1, &mine)) {
            if (!only_this(&mine)) {
                *e = mine;
                return -1;
            }
            /* Mirrors hold some platforms of an index: what a registry does not have is no image of it. */
            if (mine.kind == ERR_NOT_FOUND)
                v->missing++;
            else
                unreadable(v, d->digest, d->media_type, REASON_IMAGE_BROKEN, mine.text);
        }
    }
    return 0;
}

/*
 * An index is told by itself where it leads to no image, and where some that it names can't be asked for: a record
 * needs a digest that can.
 */
static int tell_index(struct resolving *v, struct slice digest, const struct manifest *m)
{
    bool artifact = !v->unread;
    struct reason why = manifest_index_reason(v->a, m, &artifact);
    if (!why.text.p && v->unread)
        why =
            reason_make(REASON_INDEX_NOT_READ, arena_printf(v->a, "%zu of the images that it names can't be read: %.*s",
                                                            v->unread, SLICE_FMT(v->unread_why)));
    else if (!why.text.p)
        why = v->artifact.text.p ? v->artifact
                                 : reason_make(REASON_NOT_AN_IMAGE, SLICE("not an image: its indexes name none"));
    if (!v->out->images.n && v->missing)
        return unreadable(
            v, digest, m->media_type, REASON_IMAGE_MISSING,
            arena_cstr(v->a, arena_printf(v->a, "the registry has none of the %zu images that it names", v->missing)));
    struct image *im = v->out->images.n && !v->unread ? NULL : add_image(v, digest);
    if (im) {
        im->media_type = m->media_type;
        im->status = artifact ? IMAGE_UNSUPPORTED : IMAGE_UNKNOWN_FORMAT;
        im->reason = why;
        im->read_version = MANIFEST_READ_VERSION;
    }
    return 0;
}

static int read_reference(struct resolving *v, struct slice reference, int depth, struct err *e)
{
    struct registry_manifest rm = {.body = BUF_INIT(MANIFEST_MAX_BYTES)};
    struct manifest m = {0};
    struct err mine = ERR_INIT;
    if (depth > INDEX_DEPTH_MAX)
        return err_set(e, ERR_POISON, 0, "indexes are nested deeper than %d", INDEX_DEPTH_MAX);
    if (registry_manifest(v->r, v->repository, reference, &rm, e))
        return -1;
    struct slice digest = arena_slice(v->a, slice_str(rm.digest)), type = arena_slice(v->a, slice_str(rm.media_type));
    int rc = manifest_parse(v->a, buf_slice(&rm.body), type, &m, &mine);
    registry_manifest_done(&rm);
    if (!depth)
        v->out->root = digest;
    if (rc) {
        rc = unreadable(v, digest, type, REASON_IMAGE_BROKEN, mine.text);
    } else if (m.kind == MANIFEST_INDEX) {
        v->out->is_index = true;
        rc = read_index(v, &m, depth, e);
        if (!rc && !depth)
            rc = tell_index(v, digest, &m);
    } else if (m.kind == MANIFEST_ARTIFACT && depth) {
        v->artifact = v->artifact.text.p ? v->artifact : m.reason; /* signatures beside what they sign */
    } else {
        rc = read_image(v, digest, &m, e);
    }
    return rc;
}

int resolve_reference(struct registry *r, struct slice registry_name, struct slice repository, struct slice reference,
                      struct arena *a, struct resolved *ret, struct err *e)
{
    struct resolved out = {0};
    struct resolving v = {.r = r,
                          .registry_name = arena_slice(a, registry_name),
                          .repository = arena_slice(a, repository),
                          .a = a,
                          .out = &out};
    struct err mine = ERR_INIT;
    if (read_reference(&v, reference, 0, &mine)) {
        if (mine.kind != ERR_POISON || !imageref_digest_valid(reference)) {
            *e = mine;
            return -1;
        }
        out.root = arena_slice(a, reference);
        unreadable(&v, out.root, SLICE(""), REASON_IMAGE_BROKEN, mine.text);
    }
    if (a->overflow)
        return err_set(e, ERR_POISON, 0, "%.*s is too large to be listed", SLICE_FMT(reference));
    *ret = out;
    return 0;
}
