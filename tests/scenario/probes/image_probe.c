/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image_probe [-p platform] [-P] REFERENCE: prints what image_source makes of it: digest, platform, tags, indexes, then
 * a line a layer with digest, diff id, size, media type, the sum of its streamed bytes and that of its file (or "-").
 * -P: registries over plain HTTP. Failure prints "error KIND TEXT" and exits with 1.
 */
#include "io/digest.h"
#include "images/image_source.h"

static int add_to_sum(void *arg, struct slice bytes, struct err *e)
{
    (void)e;
    digest_update(arg, bytes);
    return 0;
}

static const char *file_sum(struct image_source *s, const struct layer_ref *l, char *text, struct err *e)
{
    struct source_file f;
    uint8_t raw[DIGEST_RAW];
    int rc = image_source_file(s, l, &f, e);
    if (rc <= 0)
        return rc ? "error" : "-";
    uint8_t *bytes = xmalloc((size_t)f.size + 1);
    ssize_t n = pread(f.fd, bytes, (size_t)f.size, f.offset);
    digest_of(slice_of(bytes, n < 0 ? 0 : (size_t)n), raw);
    free(bytes);
    close(f.fd);
    return digest_format(raw, text);
}

static int print_layer(struct image_source *s, const struct layer_ref *l, struct err *e)
{
    struct digest hash;
    uint8_t raw[DIGEST_RAW];
    char text[DIGEST_TEXT_MAX], of_file[DIGEST_TEXT_MAX];
    digest_init(&hash);
    int rc = image_source_layer(s, l, add_to_sum, &hash, e);
    digest_final(&hash, raw);
    if (rc == 0)
        printf("layer %.*s %.*s %" PRId64 " %.*s %s %s\n", SLICE_FMT(l->digest), SLICE_FMT(l->diff_id), l->size,
               SLICE_FMT(l->media_type), digest_format(raw, text), file_sum(s, l, of_file, e));
    return rc;
}

static int run(struct arena *a, const char *reference, const char *platform, bool plain, struct err *e)
{
    struct registry_options o = {.plain_http = plain, .auth_file = ""};
    struct imageref ref;
    struct platform want;
    struct image_source *s = NULL;
    struct image image;
    if (image_kind_parse(image_kinds, a, slice_str(reference), &ref, e) ||
        (platform && platform_parse(a, slice_str(platform), &want, e)) ||
        image_source_open(image_kinds, &ref, &o, &s, e))
        return -1;
    int rc = image_source_image(s, a, platform ? &want : NULL, &image, e);
    if (rc == 0) {
        struct platform p = {image.os, image.architecture, image.variant, image.os_version};
        struct slice text = platform_format(a, &p);
        printf("image %.*s %.*s %s%.*s\n", SLICE_FMT(image.digest), SLICE_FMT(text),
               image.status == IMAGE_OK ? "ok" : "unsupported: ", SLICE_FMT(image.reason.text));
        for (size_t i = 0; i < image.tags.n; i++)
            printf("tag %.*s\n", SLICE_FMT(image.tags.v[i]));
        for (size_t i = 0; i < image.indexes.n; i++)
            printf("index %.*s\n", SLICE_FMT(image.indexes.v[i]));
        for (size_t i = 0; i < image.layers.n && rc == 0; i++)
            rc = print_layer(s, &image.layers.v[i], e);
    }
    image_source_close(s);
    return rc;
}

int main(int argc, char **argv)
{
    struct arena a = ARENA_INIT((size_t)32 << 20);
    struct err e = ERR_INIT;
    const char *platform = NULL;
    bool plain = false;
    int c;
    while ((c = getopt(argc, argv, "p:P")) >= 0) {
        if (c == 'p')
            platform = optarg;
        else if (c == 'P')
            plain = true;
        else
            return 2;
    }
    if (argc - optind != 1)
        return 2;
    int rc = run(&a, argv[optind], platform, plain, &e);
    if (rc)
        printf("error %s %s\n", err_kind_name(e.kind), e.text);
    arena_done(&a);
    return rc ? 1 : 0;
}
