/* SPDX-License-Identifier: Apache-2.0 */
#include "images/image_source.h"

#include <fcntl.h>

#include "io/digest.h"
#include "images/image_source_internal.h"

int image_source_open(const struct image_kind *const *kinds, const struct imageref *ref,
                      const struct registry_options *o, struct image_source **ret_source, struct err *e)
{
    const struct image_kind *kind = image_kind_of(kinds, ref);
    if (!kind)
        return err_set(e, ERR_USAGE, 0, "this program can't read images from there");
    if (!kind->open)
        return err_set(e, ERR_USAGE, 0, "a list of packages has no layers");
    struct image_source *s = xcalloc(1, sizeof *s);
    s->memory = ARENA_INIT((size_t)256 << 20);
    s->kind = kind;
    s->fd = -1;
    s->ref = *ref;
    struct slice *const texts[] = {&s->ref.registry, &s->ref.repository, &s->ref.tag,
                                   &s->ref.digest,   &s->ref.path,       &s->ref.ref};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        *texts[i] = arena_slice(&s->memory, *texts[i]);
    if (kind->open(s, o, e)) {
        image_source_close(s);
        return -1;
    }
    *ret_source = s;
    return 0;
}

void image_source_close(struct image_source *s)
{
    if (!s)
        return;
    if (s->kind->close)
        s->kind->close(s);
    if (s->fd >= 0)
        close(s->fd);
    arena_done(&s->memory);
    free(s);
}

int image_source_image(struct image_source *s, struct arena *a, const struct platform *want, struct image *ret_image,
                       struct err *e)
{
    struct image image = {.registry = arena_slice(a, s->ref.registry),
                          .repository = arena_slice(a, s->ref.form ? s->ref.path : s->ref.repository)};
    struct slice tag = s->ref.form ? s->ref.ref : s->ref.tag;
    if (tag.n)
        slice_vec_add(a, &image.tags, arena_slice(a, tag));
    if (s->kind->image(s, a, want, &image, e))
        return -1;
    if (a->overflow)
        return err_set(e, ERR_POISON, 0, "more than the %zu bytes allowed for one image", a->max);
    *ret_image = image;
    return 0;
}

int image_source_layer(struct image_source *s, const struct layer_ref *layer, registry_sink sink, void *arg,
                       struct err *e)
{
    return s->kind->blob(s, layer->digest, layer->size, sink, arg, e);
}

int image_source_file(struct image_source *s, const struct layer_ref *layer, struct source_file *ret_file,
                      struct err *e)
{
    return s->kind->file ? s->kind->file(s, layer->digest, ret_file, e) : 0;
}

/* ---- pieces of files ---- */

static ssize_t read_piece(const struct source_file *f, int64_t at, uint8_t *to, size_t n, struct err *e)
{
    for (;;) {
        ssize_t got = pread(f->fd, to, (size_t)MIN((int64_t)n, f->size - at), f->offset + at);
        if (got > 0)
            return got;
        if (got == 0)
            return err_set(e, ERR_POISON, 0, "the file ends too early");
        if (errno != EINTR)
            return err_errno(e, ERR_RETRY, errno, "read");
    }
}

int source_read(const struct source_file *f, size_t max, struct buf *out, struct err *e)
{
    if (f->size < 0 || (uint64_t)f->size > max)
        return err_set(e, ERR_POISON, 0, "it is longer than %zu bytes", max);
    uint8_t *to = buf_reserve(out, (size_t)f->size);
    if (!to)
        return err_set(e, ERR_POISON, 0, "it is longer than %zu bytes", out->max);
    for (int64_t at = 0; at < f->size;) {
        ssize_t got = read_piece(f, at, to + at, (size_t)(f->size - at), e);
        if (got < 0)
            return -1;
        at += got;
    }
    out->n += (size_t)f->size;
    return 0;
}

int source_stream(const struct source_file *f, struct slice digest, registry_sink sink, void *arg, struct err *e)
{
    enum { PIECE = 1 << 18 };
    uint8_t *piece = xmalloc(PIECE), raw[DIGEST_RAW];
    char text[DIGEST_TEXT_MAX];
    struct digest hash;
    int rc = 0;
    digest_init(&hash);
    for (int64_t at = 0; at < f->size && rc == 0;) {
        ssize_t got = read_piece(f, at, piece, PIECE, e);
        if (got < 0) {
            rc = -1;
            break;
        }
        digest_update(&hash, slice_of(piece, (size_t)got));
        rc = sink(arg, slice_of(piece, (size_t)got), e);
        at += got;
    }
    free(piece);
    if (rc) {
        digest_done(&hash);
        return -1;
    }
    digest_final(&hash, raw);
    if (digest_is(digest, raw))
        return 0;
    return err_set(e, ERR_POISON, 0, "the bytes of %.*s have the digest %s", SLICE_FMT(digest),
                   digest_format(raw, text));
}

int source_open_archive(struct image_source *s, const struct registry_options *o, struct err *e)
{
    (void)o;
    char *path ATTR_CLEANUP(cleanup_free) = slice_dup(s->ref.path);
    /* O_NONBLOCK: opening a fifo must not wait for its other end. */
    s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (s->fd < 0)
        return err_errno(e, ERR_USAGE, errno, "cannot open the file");
    return tarindex_read(s->fd, &s->memory, &s->members, e);
}

int source_member(struct image_source *s, const struct tar_member *m, struct source_file *ret_file, struct err *e)
{
    int fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return err_errno(e, ERR_RETRY, errno, "image archive");
    *ret_file = (struct source_file){fd, m->offset, m->size};
    return 1;
}

/* ---- from descriptors to an image ---- */

int source_check_platform(struct arena *a, const struct platform *want, const struct image *image, struct err *e)
{
    struct platform have = {image->os, image->architecture, image->variant, image->os_version};
    if (want && !have.variant.n) /* configs often leave it to the index */
        have.variant = want->variant;
    if (!want || image->status != IMAGE_OK || platform_matches(want, &have))
        return 0;
    struct slice is = platform_format(a, &have), wanted = platform_format(a, want);
    return err_set(e, ERR_USAGE, 0, "the image is for %.*s, not for %.*s", SLICE_FMT(is), SLICE_FMT(wanted));
}

static int sink_to_buf(void *arg, struct slice bytes, struct err *e)
{
    struct buf *out = arg;
    if (buf_add_slice(out, bytes) == 0)
        return 0;
    return err_set(e, ERR_POISON, 0, "the image's config is longer than %zu bytes", out->max);
}

int source_config(struct image_source *s, struct arena *a, const struct manifest *m, struct image_config *ret_config,
                  struct err *e)
{
    struct buf body = BUF_INIT(CONFIG_MAX_BYTES);
    int rc = s->kind->blob(s, m->config.digest, m->config.size, sink_to_buf, &body, e);
    if (rc == 0)
        rc = image_config_parse(a, buf_slice(&body), ret_config, e);
    buf_done(&body);
    return rc;
}

int source_finish(struct image_source *s, struct arena *a, const struct manifest *m, struct slice digest,
                  const struct platform *want, struct image *image, struct err *e)
{
    struct image_config config = {0};
    image->digest = arena_slice(a, digest);
    int rc = m->kind == MANIFEST_IMAGE ? source_config(s, a, m, &config, e) : 0;
    if (rc || manifest_fill_image(a, m, &config, image, e) || source_check_platform(a, want, image, e))
        return err_wrap(e, "image %.*s", SLICE_FMT(digest));
    return 0;
}

int source_manifest(struct image_source *s, struct arena *a, struct slice digest, struct manifest *m, struct err *e)
{
    struct buf body = BUF_INIT(MANIFEST_MAX_BYTES);
    struct slice type = SLICE_NONE;
    int rc = s->kind->manifest(s, a, digest, &body, &type, e);
    if (rc == 0)
        rc = manifest_parse(a, buf_slice(&body), type, m, e);
    buf_done(&body);
    return rc ? err_wrap(e, "manifest %.*s", SLICE_FMT(digest)) : 0;
}
