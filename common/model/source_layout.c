/* SPDX-License-Identifier: Apache-2.0 */
/* source_layout.c: the OCI image layout (image specification, image-layout.md), in a folder or in a tar. */
#include <fcntl.h>
#include <sys/stat.h>

#include "io/digest.h"
#include "model/image_source_internal.h"

static int open_folder_file(struct image_source *s, const char *path, struct layer_file *ret_file, struct err *e)
{
    struct stat st;
    int fd = openat(s->fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_errno(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_RETRY, errno, "%s", path);
    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        close(fd);
        return err_set(e, ERR_POISON, 0, "%s is no file", path);
    }
    *ret_file = (struct layer_file){fd, 0, st.st_size};
    return 1;
}

static int open_path(struct image_source *s, const char *path, struct layer_file *ret_file, struct err *e)
{
    if (s->ref.kind == REF_OCI)
        return open_folder_file(s, path, ret_file, e);
    const struct tar_member *m = tarindex_find(&s->members, slice_str(path));
    if (!m)
        return err_set(e, ERR_NOT_FOUND, 0, "it has no %s", path);
    return source_member(s, m, ret_file, e);
}

static int layout_file(struct image_source *s, struct slice digest, struct layer_file *ret_file, struct err *e)
{
    char path[128];
    /* A path is made only of what is checked to be a digest. */
    if (!digest_valid(digest))
        return err_set(e, ERR_POISON, 0, "a blob without a sha256 digest");
    snprintf(path, sizeof path, "blobs/sha256/%.*s", (int)(digest.n - 7), (const char *)digest.p + 7);
    return open_path(s, path, ret_file, e);
}

static int layout_blob(struct image_source *s, struct slice digest, int64_t size, registry_sink sink, void *arg,
                       struct err *e)
{
    struct layer_file f = {-1, 0, 0};
    if (layout_file(s, digest, &f, e) < 0)
        return -1;
    int rc = size >= 0 && f.size != size
                 ? err_set(e, ERR_POISON, 0, "blob %.*s has %" PRId64 " bytes, its manifest says %" PRId64,
                           SLICE_FMT(digest), f.size, size)
                 : source_stream(&f, digest, sink, arg, e);
    close(f.fd);
    return rc;
}

static int layout_manifest(struct image_source *s, struct arena *a, struct slice digest, struct buf *body,
                           struct slice *media_type, struct err *e)
{
    struct layer_file f = {-1, 0, 0};
    uint8_t raw[DIGEST_RAW];
    (void)a;
    *media_type = SLICE_NONE;
    if (layout_file(s, digest, &f, e) < 0)
        return -1;
    int rc = source_read(&f, MANIFEST_MAX_BYTES, body, e);
    close(f.fd);
    if (rc)
        return -1;
    digest_of(buf_slice(body), raw);
    return digest_is(digest, raw) ? 0 : err_set(e, ERR_POISON, 0, "its bytes have another digest");
}

/* "v1" also names "registry.example/app:v1", as containerd writes it. */
static bool name_fits(struct slice name, struct slice ref)
{
    if (slice_eq(name, ref))
        return true;
    return name.n > ref.n && slice_ends(name, ref) && name.p[name.n - ref.n - 1] == ':';
}

static int names_differ(struct image_source *s, const descriptor_vec *list, struct err *e)
{
    char names[300] = "";
    size_t n = 0;
    for (size_t i = 0; i < list->n && n + 100 < sizeof names; i++) {
        struct slice name = list->v[i].ref_name;
        if (name.n && slice_is_text(name))
            n += (size_t)snprintf(names + n, sizeof names - n, "%s%.*s", n ? ", " : "", (int)MIN(name.n, (size_t)90),
                                  (const char *)name.p);
    }
    return err_set(e, ERR_USAGE, 0, "it%s%.*s; there are: %s",
                   s->ref.ref.n ? " has no image " : " holds several images, add :name", SLICE_FMT(s->ref.ref),
                   n ? names : "(no names)");
}

/* Without a name all entries are taken for platforms of one image, unless they have names that differ. */
static int pick_named(struct image_source *s, struct arena *a, const descriptor_vec *all, descriptor_vec *ret_list,
                      struct err *e)
{
    descriptor_vec list = {0};
    struct slice first = all->n ? all->v[0].ref_name : SLICE_NONE;
    for (size_t i = 0; i < all->n; i++) {
        const struct descriptor *d = &all->v[i];
        if (!s->ref.ref.n && !slice_eq(d->ref_name, first))
            return names_differ(s, all, e);
        if (s->ref.ref.n && !name_fits(d->ref_name, s->ref.ref))
            continue;
        struct descriptor *copy = VEC_ADD(a, &list);
        if (!copy)
            return err_set(e, ERR_POISON, 0, "index.json is too long");
        *copy = *d;
    }
    if (list.n == 0)
        return names_differ(s, all, e);
    *ret_list = list;
    return 0;
}

static int layout_image(struct image_source *s, struct arena *a, const struct platform *want, struct image *image,
                        struct err *e)
{
    struct layer_file f = {-1, 0, 0};
    struct buf body = BUF_INIT(MANIFEST_MAX_BYTES);
    struct manifest top;
    descriptor_vec list;
    if (s->ref.kind == REF_OCI_ARCHIVE && !tarindex_find(&s->members, SLICE("index.json")) &&
        tarindex_find(&s->members, SLICE("manifest.json")))
        return err_set(e, ERR_NOT_FOUND, 0, "it has no index.json but a manifest.json: docker-archive:%.*s?",
                       SLICE_FMT(s->ref.path));
    if (open_path(s, "index.json", &f, e) < 0)
        return -1;
    int rc = source_read(&f, MANIFEST_MAX_BYTES, &body, e);
    close(f.fd);
    if (rc == 0)
        rc = manifest_parse(a, buf_slice(&body), SLICE(MEDIA_OCI_INDEX), &top, e);
    buf_done(&body);
    if (rc)
        return err_wrap(e, "index.json");
    if (top.kind != MANIFEST_INDEX)
        return err_set(e, ERR_POISON, 0, "index.json is no index");
    if (pick_named(s, a, &top.manifests, &list, e))
        return -1;
    return source_choose(s, a, &list, want, image, e);
}

const struct image_source_ops source_layout = {
    .image = layout_image, .manifest = layout_manifest, .blob = layout_blob, .file = layout_file};
