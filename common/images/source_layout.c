/* SPDX-License-Identifier: Apache-2.0 */
/* source_layout.c: the OCI image layout (image specification, image-layout.md), in a folder or in a tar. */
#include <fcntl.h>
#include <sys/stat.h>

#include "io/digest.h"
#include "images/image_source_internal.h"

static int open_folder_file(struct image_source *s, const char *path, struct source_file *ret_file, struct err *e)
{
    struct stat st;
    int fd = openat(s->fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_errno(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_RETRY, errno, "%s", path);
    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        close(fd);
        return err_set(e, ERR_POISON, 0, "%s is no file", path);
    }
    *ret_file = (struct source_file){fd, 0, st.st_size};
    return 1;
}

static int open_path(struct image_source *s, const char *path, struct source_file *ret_file, struct err *e)
{
    if (s->kind->form.folder)
        return open_folder_file(s, path, ret_file, e);
    const struct tar_member *m = tarindex_find(&s->members, slice_str(path));
    if (!m)
        return err_set(e, ERR_NOT_FOUND, 0, "it has no %s", path);
    return source_member(s, m, ret_file, e);
}

static int layout_file(struct image_source *s, struct slice digest, struct source_file *ret_file, struct err *e)
{
    char path[128];
    /* A path is made only of what is checked to be a digest. */
    if (!imageref_digest_valid(digest))
        return err_set(e, ERR_POISON, 0, "a blob without a sha256 digest");
    snprintf(path, sizeof path, "blobs/sha256/%.*s", (int)(digest.n - 7), (const char *)digest.p + 7);
    return open_path(s, path, ret_file, e);
}

static int layout_blob(struct image_source *s, struct slice digest, int64_t size, registry_sink sink, void *arg,
                       struct err *e)
{
    struct source_file f = {-1, 0, 0};
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
    struct source_file f = {-1, 0, 0};
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

/* The whole name, where a tag alone stands beside it (containerd, docker save). */
static struct slice name_of(const struct descriptor *d)
{
    return d->image_name.n ? d->image_name : d->ref_name;
}

/* The entries of index.json that are candidates, with their places in it. */
struct picked {
    descriptor_vec list;
    VEC(size_t) numbers;
};

/* One manifest under several names is one image; what is no image counts only where nothing else does. */
static int pick_add(struct arena *a, struct picked *p, const struct descriptor *d, size_t number, struct err *e)
{
    for (size_t i = 0; i < p->list.n; i++)
        if (slice_eq(p->list.v[i].digest, d->digest))
            return 0;
    struct descriptor *copy = VEC_ADD(a, &p->list);
    size_t *at = VEC_ADD(a, &p->numbers);
    if (!copy || !at)
        return err_set(e, ERR_POISON, 0, "index.json is too long");
    *copy = *d;
    *at = number;
    return 0;
}

static int pick_by_name(struct image_source *s, struct arena *a, const descriptor_vec *all, struct picked *ret,
                        struct err *e)
{
    int best = 0;
    for (size_t i = 0; i < all->n; i++) {
        const struct descriptor *d = &all->v[i];
        int fits = MAX(source_name_fits(d->ref_name, s->ref.ref), source_name_fits(d->image_name, s->ref.ref));
        if (!fits || fits < best)
            continue;
        if (fits > best)
            *ret = (struct picked){0};
        best = fits;
        if (pick_add(a, ret, d, i, e))
            return -1;
    }
    return 0;
}

/* A digest may also be that of an image that one of the indexes names. */
static int pick_by_digest(struct image_source *s, struct arena *a, const descriptor_vec *all, struct slice digest,
                          struct picked *ret, struct err *e)
{
    struct source_entries entries = {0};
    for (size_t i = 0; i < all->n; i++)
        if (slice_eq(all->v[i].digest, digest))
            return pick_add(a, ret, &all->v[i], i, e);
    if (source_flatten(s, a, all, SLICE_NONE, &entries, e))
        return -1;
    for (size_t i = 0; i < entries.list.n; i++)
        if (slice_eq(entries.list.v[i].digest, digest))
            return pick_add(a, ret, &entries.list.v[i], entries.tops.v[i], e);
    return 0;
}

static int pick(struct image_source *s, struct arena *a, const descriptor_vec *all, struct picked *ret, struct err *e)
{
    struct slice digest;
    size_t number;
    if (source_asked_digest(s->ref.ref, &digest))
        return pick_by_digest(s, a, all, digest, ret, e);
    if (source_asked_number(s->ref.ref, &number))
        return number < all->n ? pick_add(a, ret, &all->v[number], number, e) : 0;
    if (s->ref.ref.n)
        return pick_by_name(s, a, all, ret, e);
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].kind != ENTRY_NO_IMAGE && pick_add(a, ret, &all->v[i], i, e))
            return -1;
    return 0;
}

static bool same_platform(const struct platform *x, const struct platform *y)
{
    return platform_matches(x, y) && (!x->os_version.n || !y->os_version.n || slice_eq(x->os_version, y->os_version));
}

/* Entries are one image's only when they have one name and no platform twice. */
static bool several_images(const struct picked *p, const struct source_entries *entries)
{
    for (size_t i = 1; i < p->list.n; i++)
        if (!slice_eq(name_of(&p->list.v[i]), name_of(&p->list.v[0])))
            return true;
    for (size_t i = 0; i < entries->list.n; i++)
        for (size_t j = 0; j < i; j++) {
            const struct descriptor *x = &entries->list.v[i], *y = &entries->list.v[j];
            if (x->kind == ENTRY_IMAGE && y->kind == ENTRY_IMAGE && entries->tops.v[i] != entries->tops.v[j] &&
                !slice_eq(x->digest, y->digest) && same_platform(&x->platform, &y->platform))
                return true;
        }
    return false;
}

static struct slice platforms_of(struct arena *a, const struct source_entries *entries, size_t top)
{
    struct slice text = SLICE("");
    for (size_t i = 0; i < entries->list.n; i++) {
        const struct descriptor *d = &entries->list.v[i];
        if (entries->tops.v[i] != top || d->kind != ENTRY_IMAGE || text.n > 60)
            continue;
        struct slice one = d->platform.os.n ? platform_format(a, &d->platform) : SLICE("(no platform)");
        text = text.n ? arena_printf(a, "%.*s,%.*s", SLICE_FMT(text), SLICE_FMT(one)) : one;
    }
    return text.n ? text : SLICE("(can't be read)");
}

static int refuse(struct image_source *s, struct arena *a, const char *why, const struct picked *p, struct err *e)
{
    struct source_entries entries = {0};
    struct err ignored = ERR_INIT;
    VEC(struct source_candidate) list = {0};
    if (source_flatten(s, a, &p->list, SLICE_NONE, &entries, &ignored) == 0)
        source_know_platforms(s, a, &entries, &ignored);
    for (size_t i = 0; i < p->list.n; i++) {
        struct source_candidate *c = VEC_ADD(a, &list);
        if (c)
            *c = (struct source_candidate){p->numbers.v[i], name_of(&p->list.v[i]), p->list.v[i].digest,
                                           platforms_of(a, &entries, i)};
    }
    return source_refuse(&s->ref, why, list.v, list.n, e);
}

/* Never the first of several: who asked meant one of them. */
static int pick_one(struct image_source *s, struct arena *a, const descriptor_vec *all, descriptor_vec *ret_list,
                    struct err *e)
{
    struct picked p = {0}, whole = {0};
    struct source_entries entries = {0};
    if (pick(s, a, all, &p, e))
        return -1;
    if (!p.list.n && s->ref.ref.n) {
        char why[200];
        struct slice asked = slice_sub(s->ref.ref, 0, 150);
        snprintf(why, sizeof why, "it has no image %.*s", SLICE_FMT(asked));
        for (size_t i = 0; i < all->n; i++)
            if (all->v[i].kind != ENTRY_NO_IMAGE && pick_add(a, &whole, &all->v[i], i, e))
                return -1;
        return refuse(s, a, why, &whole, e);
    }
    if (p.list.n > 1) {
        if (source_flatten(s, a, &p.list, SLICE_NONE, &entries, e) || source_know_platforms(s, a, &entries, e))
            return -1;
        if (several_images(&p, &entries))
            return refuse(s, a, s->ref.ref.n ? "several of its images are called so" : "it holds several images", &p,
                          e);
    }
    *ret_list = p.list.n ? p.list : *all;
    return 0;
}

static int layout_image(struct image_source *s, struct arena *a, const struct platform *want, struct image *image,
                        struct err *e)
{
    struct source_file f = {-1, 0, 0};
    struct buf body = BUF_INIT(MANIFEST_MAX_BYTES);
    struct manifest top;
    descriptor_vec list;
    if (!s->kind->form.folder && !tarindex_find(&s->members, SLICE("index.json")) &&
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
    if (pick_one(s, a, &top.manifests, &list, e))
        return -1;
    return source_choose(s, a, &list, want, image, e);
}

static int open_folder(struct image_source *s, const struct registry_options *o, struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = slice_dup(s->ref.path);
    (void)o;
    s->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return s->fd < 0 ? err_errno(e, ERR_USAGE, errno, "cannot open the folder") : 0;
}

const struct image_kind image_kind_layout = {.form = {.scheme = "oci", .folder = true, .several = true},
                                             .takes = "oci:DIR[:ref]",
                                             .open = open_folder,
                                             .image = layout_image,
                                             .manifest = layout_manifest,
                                             .blob = layout_blob,
                                             .file = layout_file};
const struct image_kind image_kind_layout_archive = {.form = {.scheme = "oci-archive", .several = true},
                                                     .takes = "oci-archive:FILE[:ref]",
                                                     .open = source_open_archive,
                                                     .image = layout_image,
                                                     .manifest = layout_manifest,
                                                     .blob = layout_blob,
                                                     .file = layout_file};
