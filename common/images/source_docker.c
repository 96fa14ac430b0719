/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source_docker.c: archives of `docker save`: manifest.json lists images, each with its config, tags and layers
 * (https://github.com/moby/moby, image/spec/v1.2.md, "Combined Image JSON + Filesystem Changeset Format").
 */
#include "io/digest.h"
#include "io/text/json_tree.h"
#include "images/image_source_internal.h"

#define LIST_MAX   ((size_t)16 << 20)
#define MAX_LAYERS ((size_t)1000)

static const struct tar_member *find_path(struct image_source *s, struct slice path)
{
    char clean[TAR_PATH_MAX + 1];
    if (!tarindex_clean(SLICE_NONE, path, clean))
        return NULL;
    return tarindex_find(&s->members, slice_str(clean));
}

static int read_path(struct image_source *s, struct slice path, size_t max, struct buf *out, struct err *e)
{
    const struct tar_member *m = find_path(s, path);
    if (!m)
        return err_set(e, ERR_NOT_FOUND, 0, "it has no %.*s", (int)MIN(path.n, (size_t)200),
                       (const char *)(path.p ? path.p : (const uint8_t *)""));
    struct source_file f = {s->fd, m->offset, m->size};
    return source_read(&f, max, out, e) ? err_wrap(e, "%.*s", SLICE_FMT(m->path)) : 0;
}

static struct slice config_of(const json_t *entry)
{
    return json_tree_view(entry, "Config");
}

static int config_read(struct image_source *s, struct arena *a, const json_t *entry, struct image_config *ret_config,
                       struct slice *ret_digest, struct err *e)
{
    struct buf body = BUF_INIT(CONFIG_MAX_BYTES);
    uint8_t raw[DIGEST_RAW];
    char text[DIGEST_TEXT_MAX];
    int rc = read_path(s, config_of(entry), CONFIG_MAX_BYTES, &body, e);
    if (rc == 0)
        rc = image_config_parse(a, buf_slice(&body), ret_config, e);
    digest_of(buf_slice(&body), raw);
    *ret_digest = arena_slice(a, slice_str(digest_format(raw, text)));
    buf_done(&body);
    return rc;
}

static int entry_fits(struct image_source *s, struct arena *a, const json_t *entry, size_t number)
{
    const json_t *tags = json_tree_array(entry, "RepoTags");
    struct slice asked = s->ref.ref, digest, own;
    struct image_config config;
    size_t asked_number;
    int best = 0;
    if (!asked.n)
        return 1;
    if (source_asked_number(asked, &asked_number))
        return number == asked_number;
    if (source_asked_digest(asked, &digest))
        return config_read(s, a, entry, &config, &own, NULL) == 0 && slice_eq(own, digest);
    for (size_t i = 0; i < json_array_size(tags); i++)
        best = MAX(best, source_name_fits(json_tree_string(json_array_get(tags, i)), asked));
    return best;
}

typedef VEC(size_t) number_vec;

/* The entries that fit best, each image once: one config is one image, whatever its tags. */
static void candidates(struct image_source *s, struct arena *a, const json_t *root, bool all, number_vec *ret)
{
    int best = 0;
    for (size_t i = 0; i < json_array_size(root); i++) {
        const json_t *entry = json_array_get(root, i);
        int fits = all ? 1 : entry_fits(s, a, entry, i);
        bool there = false;
        if (!fits || fits < best)
            continue;
        if (fits > best)
            ret->n = 0;
        best = fits;
        for (size_t j = 0; j < ret->n && !there; j++)
            there = slice_eq(config_of(json_array_get(root, ret->v[j])), config_of(entry));
        size_t *to = there ? NULL : VEC_ADD(a, ret);
        if (to)
            *to = i;
    }
}

static int refuse(struct image_source *s, struct arena *a, const json_t *root, const char *why, const number_vec *of,
                  struct err *e)
{
    VEC(struct source_candidate) list = {0};
    for (size_t i = 0; i < of->n && i < 20; i++) {
        const json_t *entry = json_array_get(root, of->v[i]);
        struct image_config config = {0};
        struct source_candidate *c = VEC_ADD(a, &list);
        if (!c)
            break;
        bool known = config_read(s, a, entry, &config, &c->digest, NULL) == 0;
        c->number = of->v[i];
        c->name = json_tree_string(json_array_get(json_tree_array(entry, "RepoTags"), 0));
        c->platforms = known ? platform_format(a, &config.platform) : SLICE("(can't be read)");
    }
    return source_refuse(&s->ref, why, list.v, list.n, e);
}

static const json_t *pick_entry(struct image_source *s, struct arena *a, const json_t *root, struct err *e)
{
    number_vec fit = {0}, all = {0};
    char why[200];
    struct slice asked = slice_sub(s->ref.ref, 0, 150);
    candidates(s, a, root, false, &fit);
    if (fit.n == 1)
        return json_array_get(root, fit.v[0]);
    if (fit.n) {
        refuse(s, a, root, asked.n ? "several of its images are called so" : "it holds several images", &fit, e);
        return NULL;
    }
    snprintf(why, sizeof why, asked.n ? "it has no image %.*s" : "it holds no image", SLICE_FMT(asked));
    candidates(s, a, root, true, &all);
    refuse(s, a, root, why, &all, e);
    return NULL;
}

/* A compressed member's own digest; its diff id is of the bytes within. */
static int digest_member(struct image_source *s, const struct tar_member *m, char *text, struct err *e)
{
    struct source_file f = {s->fd, m->offset, m->size};
    struct buf piece = BUF_INIT((size_t)1 << 20);
    uint8_t raw[DIGEST_RAW];
    struct digest hash;
    int rc = 0;
    digest_init(&hash);
    for (int64_t at = 0; at < m->size && rc == 0; at += (int64_t)piece.n) {
        struct source_file part = {f.fd, f.offset + at, MIN(m->size - at, (int64_t)1 << 20)};
        buf_clear(&piece);
        rc = source_read(&part, piece.max, &piece, e);
        digest_update(&hash, buf_slice(&piece));
    }
    buf_done(&piece);
    digest_final(&hash, raw);
    digest_format(raw, text);
    return rc;
}

/* Docker saves no layer that its publisher alone may give away, and says where it came from. */
static bool add_foreign(struct arena *a, const json_t *sources, struct slice diff_id, struct image *image)
{
    const char *key = arena_cstr(a, diff_id);
    const json_t *source = key ? json_tree_object(sources, key) : NULL;
    struct slice media_type = json_tree_slice(a, source, "mediaType"), digest = json_tree_slice(a, source, "digest");
    if (!source || !media_type_foreign(media_type) || !imageref_digest_valid(digest))
        return false;
    struct layer_ref *l = VEC_ADD(a, &image->layers);
    if (l)
        *l = (struct layer_ref){.digest = digest,
                                .diff_id = diff_id,
                                .media_type = media_type,
                                .size = json_integer_value(json_object_get(source, "size"))};
    return l != NULL;
}

static int add_layer(struct image_source *s, struct arena *a, struct slice path, struct slice diff_id,
                     const json_t *sources, struct image *image, struct err *e)
{
    const struct tar_member *m = find_path(s, path);
    uint8_t magic[4] = {0};
    char text[DIGEST_TEXT_MAX];
    if (!m && add_foreign(a, sources, diff_id, image))
        return 0;
    if (!m)
        return err_set(e, ERR_POISON, 0, "it has no layer %.*s", (int)MIN(path.n, (size_t)200),
                       (const char *)(path.p ? path.p : (const uint8_t *)""));
    bool read_magic = pread(s->fd, magic, sizeof magic, m->offset) == (ssize_t)sizeof magic && m->size >= 4;
    bool gzip = read_magic && magic[0] == 0x1f && magic[1] == 0x8b;
    bool zstd = read_magic && !memcmp(magic, "\x28\xb5\x2f\xfd", 4);
    struct slice digest = diff_id;
    if (gzip || zstd) {
        if (digest_member(s, m, text, e))
            return -1;
        digest = arena_slice(a, slice_str(text));
    }
    struct layer_ref *l = VEC_ADD(a, &image->layers);
    struct docker_layer *d = VEC_ADD(&s->memory, &s->docker_layers);
    if (!l || !d)
        return err_set(e, ERR_POISON, 0, "too many layers");
    *l = (struct layer_ref){.digest = digest,
                            .diff_id = diff_id,
                            .media_type = gzip   ? SLICE(MEDIA_DOCKER_LAYER ".gzip")
                                          : zstd ? SLICE(MEDIA_OCI_LAYER "+zstd")
                                                 : SLICE(MEDIA_DOCKER_LAYER),
                            .size = m->size};
    *d = (struct docker_layer){arena_slice(&s->memory, digest), m};
    return 0;
}

static int fill(struct image_source *s, struct arena *a, const json_t *entry, struct image *image, struct err *e)
{
    struct image_config c = {0};
    struct slice digest;
    const json_t *layers = json_tree_array(entry, "Layers"), *tags = json_tree_array(entry, "RepoTags");
    if (config_read(s, a, entry, &c, &digest, e))
        return -1;
    if (json_array_size(layers) != c.diff_ids.n || c.diff_ids.n > MAX_LAYERS)
        return err_set(e, ERR_POISON, 0, "manifest.json has %zu layers, the config %zu diff_ids",
                       json_array_size(layers), c.diff_ids.n);
    image->digest = image->config_digest = digest;
    image->media_type = SLICE(MEDIA_DOCKER_MANIFEST);
    image->os = c.platform.os;
    image->architecture = c.platform.architecture;
    image->variant = c.platform.variant;
    image->os_version = c.platform.os_version;
    image->created_ms = c.created_ms;
    for (size_t i = 0; i < c.diff_ids.n; i++)
        if (add_layer(s, a, json_tree_string(json_array_get(layers, i)), c.diff_ids.v[i],
                      json_tree_object(entry, "LayerSources"), image, e))
            return -1;
    for (size_t i = 0; i < json_array_size(tags) && !s->ref.ref.n; i++)
        slice_vec_add(a, &image->tags, arena_slice(a, json_tree_string(json_array_get(tags, i))));
    return 0;
}

static int docker_image(struct image_source *s, struct arena *a, const struct platform *want, struct image *image,
                        struct err *e)
{
    struct buf body = BUF_INIT(LIST_MAX);
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL;
    s->docker_layers.n = 0;
    if (!find_path(s, SLICE("manifest.json")) && find_path(s, SLICE("index.json")))
        return err_set(e, ERR_NOT_FOUND, 0, "it has no manifest.json but an index.json: oci-archive:%.*s?",
                       SLICE_FMT(s->ref.path));
    int rc = read_path(s, SLICE("manifest.json"), LIST_MAX, &body, e);
    if (rc == 0 && json_tree_read(buf_slice(&body), LIST_MAX, 200000, &root, e))
        rc = err_wrap(e, "manifest.json");
    buf_done(&body);
    if (rc)
        return -1;
    const json_t *entry = pick_entry(s, a, root, e);
    if (!entry || fill(s, a, entry, image, e))
        return -1;
    return source_check_platform(a, want, image, e);
}

static int docker_file(struct image_source *s, struct slice digest, struct source_file *ret_file, struct err *e)
{
    for (size_t i = 0; i < s->docker_layers.n; i++)
        if (slice_eq(s->docker_layers.v[i].digest, digest))
            return source_member(s, s->docker_layers.v[i].member, ret_file, e);
    return err_set(e, ERR_NOT_FOUND, 0, "it has no layer %.*s", SLICE_FMT(digest));
}

static int docker_blob(struct image_source *s, struct slice digest, int64_t size, registry_sink sink, void *arg,
                       struct err *e)
{
    struct source_file f = {-1, 0, 0};
    (void)size;
    if (docker_file(s, digest, &f, e) < 0)
        return -1;
    int rc = source_stream(&f, digest, sink, arg, e);
    close(f.fd);
    return rc;
}

const struct image_kind image_kind_docker_archive = {.form = {.scheme = "docker-archive", .several = true},
                                                     .takes = "docker-archive:FILE[:ref]",
                                                     .open = source_open_archive,
                                                     .image = docker_image,
                                                     .blob = docker_blob,
                                                     .file = docker_file};
