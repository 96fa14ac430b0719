/* SPDX-License-Identifier: Apache-2.0 */
#include "model/image/manifest.h"

#include "base/clock.h"
#include "io/text/json_tree.h"
#include "model/image/imageref.h"

#define MAX_VALUES    ((size_t)200000)
#define MAX_LAYERS    ((size_t)1000)
#define MAX_MANIFESTS ((size_t)10000)
#define MAX_URLS      ((size_t)16)

static bool is_one_of(struct slice s, const char *a, const char *b)
{
    return slice_eq_str(s, a) || slice_eq_str(s, b);
}

static int no_room(const struct arena *a, struct err *e)
{
    return a->overflow ? err_set(e, ERR_POISON, 0, "more than the %zu bytes allowed for one image", a->max) : 0;
}

static struct platform parse_platform(struct arena *a, const json_t *o)
{
    return (struct platform){.os = json_tree_slice(a, o, "os"),
                             .architecture = json_tree_slice(a, o, "architecture"),
                             .variant = json_tree_slice(a, o, "variant"),
                             .os_version = json_tree_slice(a, o, "os.version")};
}

static int parse_urls(struct arena *a, const json_t *list, slice_vec *urls, struct err *e)
{
    if (json_array_size(list) > MAX_URLS)
        return err_set(e, ERR_POISON, 0, "a descriptor with more than %zu urls", MAX_URLS);
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct slice url = json_tree_string(json_array_get(list, i));
        if (url.n && url.n <= 2000 && slice_is_text(url))
            slice_vec_add(a, urls, arena_slice(a, url));
    }
    return 0;
}

static void parse_notes(struct arena *a, const json_t *notes, struct descriptor *d)
{
    d->ref_name = json_tree_slice(a, notes, "org.opencontainers.image.ref.name");
    d->image_name = json_tree_slice(a, notes, "io.containerd.image.name");
}

/* The image specification's content descriptor. */
static int parse_descriptor(struct arena *a, const json_t *o, struct descriptor *d, struct err *e)
{
    if (!json_is_object(o))
        return err_set(e, ERR_POISON, 0, "a descriptor is no object");
    *d = (struct descriptor){.media_type = json_tree_slice(a, o, "mediaType"),
                             .digest = json_tree_slice(a, o, "digest"),
                             .artifact_type = json_tree_slice(a, o, "artifactType"),
                             .size = json_tree_int(o, "size", -1)};
    if (a->overflow)
        return no_room(a, e);
    const json_t *platform = json_tree_object(o, "platform");
    if (platform)
        d->platform = parse_platform(a, platform);
    parse_notes(a, json_tree_object(o, "annotations"), d);
    if (!imageref_digest_valid(d->digest))
        return err_set(e, ERR_POISON, 0, "a descriptor has the digest \"%.*s\"", (int)MIN(d->digest.n, (size_t)150),
                       (const char *)(d->digest.p ? d->digest.p : (const uint8_t *)""));
    if (d->size < 0)
        return err_set(e, ERR_POISON, 0, "the descriptor of %.*s has no size", SLICE_FMT(d->digest));
    return parse_urls(a, json_tree_array(o, "urls"), &d->urls, e);
}

/*
 * BuildKit's attestations are for the platform unknown/unknown; others give them none. What has a platform is run by
 * it, whatever its annotations say.
 */
static bool is_attestation(const json_t *o, const struct descriptor *d)
{
    const json_t *type = json_object_get(json_tree_object(o, "annotations"), "vnd.docker.reference.type");
    return (slice_eq_str(d->platform.os, "unknown") && slice_eq_str(d->platform.architecture, "unknown")) ||
           (type && !d->platform.os.n);
}

/* One entry that can't be read hides none of the others. */
static int parse_entry(struct arena *a, const json_t *o, struct descriptor *d, struct err *e)
{
    struct err why = ERR_INIT;
    *d = (struct descriptor){0};
    bool bad = parse_descriptor(a, o, d, &why) != 0;
    d->kind = media_type_entry(d->media_type);
    if (d->kind == ENTRY_IMAGE && is_attestation(o, d))
        d->kind = ENTRY_NO_IMAGE;
    if (bad && d->kind != ENTRY_NO_IMAGE) {
        struct slice digest = d->digest;
        d->kind = ENTRY_UNREAD;
        d->why = slice_take_prefix(&digest, SLICE("sha512:"))
                     ? SLICE("its digest is of sha512, which can't be read yet")
                     : arena_slice(a, slice_str(why.text));
    }
    return no_room(a, e);
}

static int parse_list(struct arena *a, const json_t *root, const char *key, size_t max, descriptor_vec *list,
                      int (*parse)(struct arena *, const json_t *, struct descriptor *, struct err *), struct err *e)
{
    const json_t *array = json_tree_array(root, key);
    if (!array)
        return err_set(e, ERR_POISON, 0, "no list \"%s\"", key);
    if (json_array_size(array) > max)
        return err_set(e, ERR_POISON, 0, "%zu %s; at most %zu are read", json_array_size(array), key, max);
    for (size_t i = 0; i < json_array_size(array); i++) {
        struct descriptor *d = VEC_ADD(a, list);
        if (!d)
            return no_room(a, e);
        if (parse(a, json_array_get(array, i), d, e))
            return err_wrap(e, "%s[%zu]", key, i);
    }
    return 0;
}

ATTR_PRINTF(3, 4) static int set_unknown(struct arena *a, struct manifest *m, const char *fmt, ...)
{
    char text[300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    m->kind = MANIFEST_UNKNOWN_FORMAT;
    m->reason = reason_make(REASON_IMAGE_FORMAT, arena_slice(a, slice_str(text)));
    return 0;
}

/* "not an image: a Helm chart (application/vnd.cncf.helm.config.v1+json)" */
static struct reason artifact_reason(struct arena *a, struct slice type, struct slice fallback)
{
    const char *name = media_type_artifact(type);
    if (!name && fallback.n) {
        name = media_type_artifact(fallback);
        type = name || !type.n ? fallback : type;
    }
    type = slice_sub(type, 0, 150);
    return reason_make(REASON_NOT_AN_IMAGE, name ? arena_printf(a, "not an image: %s (%.*s)", name, SLICE_FMT(type))
                                                 : arena_printf(a, "not an image: an artifact of type %.*s",
                                                                SLICE_FMT(type.n ? type : SLICE("unknown"))));
}

static int set_artifact(struct arena *a, struct manifest *m, struct slice type, struct slice fallback)
{
    m->kind = MANIFEST_ARTIFACT;
    m->reason = artifact_reason(a, type, fallback);
    return 0;
}

static struct slice first_layer_type(const json_t *root)
{
    const json_t *first = json_array_get(json_tree_array(root, "layers"), 0);
    return first ? json_tree_view(first, "mediaType") : SLICE_NONE;
}

/* A config of an unknown type is an artifact's; one whose type says nothing is an image's where layers are files. */
static int parse_image(struct arena *a, const json_t *root, struct manifest *m, struct err *e)
{
    const json_t *subject = json_tree_object(root, "subject"), *config = json_tree_object(root, "config");
    size_t files = 0, other = 0;
    m->kind = MANIFEST_IMAGE;
    m->artifact_type = json_tree_slice(a, root, "artifactType");
    m->subject = json_tree_slice(a, subject, "digest");
    enum config_media kind = media_type_config(config ? json_tree_view(config, "mediaType") : SLICE_NONE);
    if (kind == CONFIG_OF_ARTIFACT) /* its descriptors need not be ones that an image may have */
        return set_artifact(a, m, m->artifact_type.n ? m->artifact_type : json_tree_view(config, "mediaType"),
                            first_layer_type(root));
    if (parse_descriptor(a, config, &m->config, e))
        return err_wrap(e, "config");
    if (parse_list(a, root, "layers", MAX_LAYERS, &m->layers, parse_descriptor, e))
        return -1;
    for (size_t i = 0; i < m->layers.n; i++) {
        enum layer_kind layer = media_type_layer(m->layers.v[i].media_type);
        files += layer == LAYER_FILES || layer == LAYER_UNREAD;
        other += layer == LAYER_OTHER;
    }
    if (other && other == m->layers.n) /* signatures and attestations have an image's config */
        return set_artifact(a, m, m->artifact_type.n ? m->artifact_type : m->layers.v[0].media_type,
                            m->layers.v[0].media_type);
    m->unsure = !files;
    return 0;
}

static int parse_index(struct arena *a, const json_t *root, struct manifest *m, struct err *e)
{
    m->kind = MANIFEST_INDEX;
    m->artifact_type = json_tree_slice(a, root, "artifactType");
    return parse_list(a, root, "manifests", MAX_MANIFESTS, &m->manifests, parse_entry, e);
}

struct reason manifest_index_reason(struct arena *a, const struct manifest *m, bool *ret_artifact)
{
    const struct descriptor *named = NULL, *unread = NULL;
    size_t unread_n = 0;
    for (size_t i = 0; i < m->manifests.n; i++) {
        const struct descriptor *d = &m->manifests.v[i];
        if (d->kind == ENTRY_IMAGE || d->kind == ENTRY_INDEX)
            return REASON_NONE;
        if (d->kind == ENTRY_UNREAD && !unread_n++)
            unread = d;
        if (!named || media_type_artifact(d->media_type))
            named = d;
    }
    *ret_artifact = !unread;
    if (unread)
        return reason_make(REASON_INDEX_NOT_READ, arena_printf(a, "an index whose %zu images can't be read: %.*s",
                                                               unread_n, SLICE_FMT(unread->why)));
    if (!named)
        return reason_make(REASON_NOT_AN_IMAGE, SLICE("not an image: an index that names nothing"));
    if (named->why.n) /* whoever read it knows better than its type */
        return reason_make(REASON_NOT_AN_IMAGE, named->why);
    return media_type_entry(named->media_type) == ENTRY_IMAGE
               ? reason_make(REASON_NOT_AN_IMAGE, SLICE("not an image: an index of attestations only"))
               : artifact_reason(a, m->artifact_type.n ? m->artifact_type : named->media_type, named->media_type);
}

static int parse_root(struct arena *a, const json_t *root, struct slice told, struct manifest *m, struct err *e)
{
    struct slice own = json_tree_view(root, "mediaType");
    int64_t version = json_tree_int(root, "schemaVersion", 0);
    bool generic = is_one_of(told, "application/json", "application/octet-stream") || slice_eq_str(told, "text/plain");
    if (version == 1)
        return set_unknown(a, m, "its manifest is of Docker's schema 1, which can't be read; push the image again");
    if (version != 2)
        return err_set(e, ERR_POISON, 0, "schemaVersion is %" PRId64 ", not 2", version);
    if (told.n && !generic && own.n && !slice_eq(told, own))
        return err_set(e, ERR_POISON, 0, "called %.*s by the registry and %.*s by itself",
                       (int)MIN(told.n, (size_t)120), (const char *)told.p, (int)MIN(own.n, (size_t)120),
                       (const char *)own.p);
    struct slice type = own.n ? own : generic ? SLICE("") : told;
    /* The specification asks that a document is not both: a reader that takes the other half sees another image. */
    if (json_object_get(root, "manifests") && (json_object_get(root, "layers") || json_object_get(root, "config")))
        return err_set(e, ERR_POISON, 0, "both a manifest and an index");
    bool has_list = json_object_get(root, "manifests") != NULL;
    if (type.n == 0)
        type = has_list ? SLICE(MEDIA_OCI_INDEX) : SLICE(MEDIA_OCI_MANIFEST);
    m->media_type = arena_slice(a, type);
    if (is_one_of(type, MEDIA_OCI_INDEX, MEDIA_DOCKER_LIST))
        return parse_index(a, root, m, e);
    if (is_one_of(type, MEDIA_OCI_MANIFEST, MEDIA_DOCKER_MANIFEST))
        return parse_image(a, root, m, e);
    if (slice_eq_str(type, "application/vnd.oci.artifact.manifest.v1+json"))
        return set_artifact(a, m, json_tree_view(root, "artifactType"), type);
    return set_unknown(a, m, "a manifest of the unknown type %.*s", (int)MIN(type.n, (size_t)150),
                       (const char *)type.p);
}

int manifest_parse(struct arena *a, struct slice body, struct slice content_type, struct manifest *ret_manifest,
                   struct err *e)
{
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL;
    struct manifest m = {0};
    if (json_tree_read(body, MANIFEST_MAX_BYTES, MAX_VALUES, &root, e))
        return err_wrap(e, "manifest");
    if (!json_is_object(root))
        return err_set(e, ERR_POISON, 0, "manifest: no JSON object");
    if (parse_root(a, root, media_type_essence(content_type), &m, e) || no_room(a, e))
        return err_wrap(e, "manifest");
    *ret_manifest = m;
    return 0;
}

int image_config_parse(struct arena *a, struct slice body, struct image_config *ret_config, struct err *e)
{
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL;
    struct image_config c = {0};
    if (json_tree_read(body, CONFIG_MAX_BYTES, MAX_VALUES, &root, e))
        return err_wrap(e, "image config");
    if (!json_is_object(root))
        return err_set(e, ERR_POISON, 0, "image config: no JSON object");
    c.platform = parse_platform(a, root);
    clock_parse(json_tree_view(root, "created"), &c.created_ms);
    const json_t *ids = json_tree_array(json_tree_object(root, "rootfs"), "diff_ids");
    if (json_array_size(ids) > MAX_LAYERS)
        return err_set(e, ERR_POISON, 0, "image config: %zu diff_ids; at most %zu are read", json_array_size(ids),
                       MAX_LAYERS);
    for (size_t i = 0; i < json_array_size(ids); i++) {
        struct slice id = json_tree_string(json_array_get(ids, i));
        if (!imageref_digest_valid(id))
            return err_set(e, ERR_POISON, 0, "image config: diff_ids[%zu] is no digest", i);
        slice_vec_add(a, &c.diff_ids, arena_slice(a, id));
    }
    if (no_room(a, e))
        return err_wrap(e, "image config");
    *ret_config = c;
    return 0;
}

int manifest_fill_image(struct arena *a, const struct manifest *m, const struct image_config *c, struct image *image,
                        struct err *e)
{
    image->media_type = m->media_type;
    image->config_digest = m->config.digest;
    image->os = c->platform.os;
    image->architecture = c->platform.architecture;
    image->variant = c->platform.variant;
    image->os_version = c->platform.os_version;
    image->created_ms = c->created_ms;
    image->read_version = MANIFEST_READ_VERSION;
    if (m->kind != MANIFEST_IMAGE) {
        image->status = m->kind == MANIFEST_UNKNOWN_FORMAT ? IMAGE_UNKNOWN_FORMAT : IMAGE_UNSUPPORTED;
        image->reason = m->kind == MANIFEST_INDEX
                            ? reason_make(REASON_NOT_AN_IMAGE, SLICE("an index, not one platform's image"))
                            : m->reason;
        return 0;
    }
    bool says_so = c->platform.os.n && c->diff_ids.n == m->layers.n;
    if (m->unsure && m->layers.n && !says_so) {
        image->status = IMAGE_UNSUPPORTED;
        image->reason = artifact_reason(a, m->artifact_type, m->layers.v[0].media_type);
        return 0;
    }
    if (c->diff_ids.n && c->diff_ids.n != m->layers.n)
        return err_set(e, ERR_POISON, 0, "the manifest has %zu layers, its config %zu diff_ids", m->layers.n,
                       c->diff_ids.n);
    if (!m->layers.n && !c->platform.os.n) {
        image->status = IMAGE_UNSUPPORTED;
        image->reason = reason_make(REASON_NOT_AN_IMAGE, SLICE("not an image: it has neither layers nor a platform"));
        return 0;
    }
    image->layers = (layer_ref_vec){0};
    for (size_t i = 0; i < m->layers.n; i++) {
        struct layer_ref *l = VEC_ADD(a, &image->layers);
        if (!l)
            return no_room(a, e);
        const struct descriptor *d = &m->layers.v[i];
        *l = (struct layer_ref){.digest = d->digest, .media_type = d->media_type, .size = d->size, .urls = d->urls};
        if (c->diff_ids.n)
            l->diff_id = c->diff_ids.v[i];
    }
    image->status = IMAGE_OK;
    return 0;
}

bool manifest_reads_anew(const struct image *known)
{
    size_t files = 0;
    if (known->read_version >= MANIFEST_READ_VERSION)
        return false;
    for (size_t i = 0; i < known->layers.n; i++) {
        enum layer_kind layer = media_type_layer(known->layers.v[i].media_type);
        files += layer == LAYER_FILES || layer == LAYER_UNREAD;
    }
    return known->status != IMAGE_OK || (known->layers.n && !files);
}
