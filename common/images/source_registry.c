/* SPDX-License-Identifier: Apache-2.0 */
/* source_registry.c: images in registries. */
#include "images/image_source_internal.h"

static int registry_image(struct image_source *s, struct arena *a, const struct platform *want, struct image *image,
                          struct err *e)
{
    struct registry_manifest got;
    struct manifest m;
    if (registry_manifest(s->registry, s->ref.repository, s->ref.digest.n ? s->ref.digest : s->ref.tag, &got, e))
        return -1;
    struct slice digest = arena_slice(a, slice_str(got.digest));
    int rc = manifest_parse(a, buf_slice(&got.body), slice_str(got.media_type), &m, e);
    registry_manifest_done(&got);
    if (rc)
        return err_wrap(e, "manifest %.*s", SLICE_FMT(digest));
    if (m.kind != MANIFEST_INDEX)
        return source_finish(s, a, &m, digest, want, image, e);
    slice_vec_add(a, &image->indexes, digest);
    return source_choose(s, a, &m.manifests, want, image, e);
}

static int registry_manifest_bytes(struct image_source *s, struct arena *a, struct slice digest, struct buf *body,
                                   struct slice *media_type, struct err *e)
{
    struct registry_manifest got;
    if (registry_manifest(s->registry, s->ref.repository, digest, &got, e))
        return -1;
    *media_type = arena_slice(a, slice_str(got.media_type));
    int rc = buf_add_slice(body, buf_slice(&got.body));
    registry_manifest_done(&got);
    return rc ? err_set(e, ERR_POISON, 0, "longer than %zu bytes", body->max) : 0;
}

static int registry_layer(struct image_source *s, struct slice digest, int64_t size, registry_sink sink, void *arg,
                          struct err *e)
{
    return registry_blob(s->registry, s->ref.repository, digest, size, sink, arg, e);
}

static int open_registry(struct image_source *s, const struct registry_options *o, struct err *e)
{
    struct registry_options options = o ? *o : (struct registry_options){0};
    char *host ATTR_CLEANUP(cleanup_free) = slice_dup(s->ref.registry);
    options.host = host;
    return registry_open(&options, &s->registry, e);
}

static void registry_done(struct image_source *s)
{
    registry_close(s->registry);
}

const struct image_kind image_kind_registry = {.takes = "registry/repository[:tag|@digest]",
                                               .remote = true,
                                               .open = open_registry,
                                               .image = registry_image,
                                               .manifest = registry_manifest_bytes,
                                               .blob = registry_layer,
                                               .close = registry_done};
