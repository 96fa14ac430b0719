/* SPDX-License-Identifier: Apache-2.0 */
#include "model/manifest.h"

#include <sys/utsname.h>

#include "base/clock.h"
#include "io/jsonin.h"
#include "model/imageref.h"

#define MAX_VALUES    ((size_t)200000)
#define MAX_LAYERS    ((size_t)1000)
#define MAX_MANIFESTS ((size_t)10000)
#define MAX_URLS      ((size_t)16)

static struct slice media_essence(struct slice s)
{
    ptrdiff_t semicolon = slice_find(s, ';');
    if (semicolon >= 0)
        s.n = (size_t)semicolon;
    return slice_trim(s);
}

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
    return (struct platform){.os = jsonin_slice(a, o, "os"),
                             .architecture = jsonin_slice(a, o, "architecture"),
                             .variant = jsonin_slice(a, o, "variant"),
                             .os_version = jsonin_slice(a, o, "os.version")};
}

static int parse_urls(struct arena *a, const json_t *list, slice_vec *urls, struct err *e)
{
    if (json_array_size(list) > MAX_URLS)
        return err_set(e, ERR_POISON, 0, "a descriptor with more than %zu urls", MAX_URLS);
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct slice url = jsonin_string(json_array_get(list, i));
        if (url.n && url.n <= 2000 && slice_is_text(url))
            slice_vec_add(a, urls, arena_slice(a, url));
    }
    return 0;
}

/* The image specification's content descriptor. */
static int parse_descriptor(struct arena *a, const json_t *o, struct descriptor *d, struct err *e)
{
    if (!json_is_object(o))
        return err_set(e, ERR_POISON, 0, "a descriptor is no object");
    *d = (struct descriptor){.media_type = jsonin_slice(a, o, "mediaType"),
                             .digest = jsonin_slice(a, o, "digest"),
                             .artifact_type = jsonin_slice(a, o, "artifactType"),
                             .size = jsonin_int(o, "size", -1)};
    if (a->overflow)
        return no_room(a, e);
    if (!digest_valid(d->digest))
        return err_set(e, ERR_POISON, 0, "a descriptor has the digest \"%.*s\"", (int)MIN(d->digest.n, (size_t)100),
                       (const char *)(d->digest.p ? d->digest.p : (const uint8_t *)""));
    if (d->size < 0)
        return err_set(e, ERR_POISON, 0, "the descriptor of %.*s has no size", SLICE_FMT(d->digest));
    const json_t *platform = jsonin_object(o, "platform"), *notes = jsonin_object(o, "annotations");
    if (platform)
        d->platform = parse_platform(a, platform);
    d->ref_name = jsonin_slice(a, notes, "org.opencontainers.image.ref.name");
    d->attestation = json_object_get(notes, "vnd.docker.reference.type") ||
                     (slice_eq_str(d->platform.os, "unknown") && slice_eq_str(d->platform.architecture, "unknown"));
    return parse_urls(a, jsonin_array(o, "urls"), &d->urls, e);
}

static int parse_list(struct arena *a, const json_t *root, const char *key, size_t max, descriptor_vec *list,
                      struct err *e)
{
    const json_t *array = jsonin_array(root, key);
    if (!array)
        return err_set(e, ERR_POISON, 0, "no list \"%s\"", key);
    if (json_array_size(array) > max)
        return err_set(e, ERR_POISON, 0, "%zu %s; at most %zu are read", json_array_size(array), key, max);
    for (size_t i = 0; i < json_array_size(array); i++) {
        struct descriptor *d = VEC_ADD(a, list);
        if (!d)
            return no_room(a, e);
        if (parse_descriptor(a, json_array_get(array, i), d, e))
            return err_wrap(e, "%s[%zu]", key, i);
    }
    return 0;
}

ATTR_PRINTF(3, 4)
static int unsupported(struct arena *a, struct manifest *m, const char *fmt, ...)
{
    char text[300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    m->kind = MANIFEST_UNSUPPORTED;
    m->reason = arena_slice(a, slice_str(text));
    return 0;
}

static int parse_image(struct arena *a, const json_t *root, struct manifest *m, struct err *e)
{
    const json_t *subject = jsonin_object(root, "subject");
    m->kind = MANIFEST_IMAGE;
    m->artifact_type = jsonin_slice(a, root, "artifactType");
    m->subject = jsonin_slice(a, subject, "digest");
    if (parse_descriptor(a, json_object_get(root, "config"), &m->config, e))
        return err_wrap(e, "config");
    if (!is_one_of(m->config.media_type, MEDIA_OCI_CONFIG, MEDIA_DOCKER_CONFIG)) {
        struct slice type = m->artifact_type.n ? m->artifact_type : m->config.media_type;
        return unsupported(a, m, "an artifact of type %.*s, not a container image", (int)MIN(type.n, (size_t)150),
                           (const char *)(type.p ? type.p : (const uint8_t *)"unknown"));
    }
    if (parse_list(a, root, "layers", MAX_LAYERS, &m->layers, e))
        return -1;
    /* BuildKit stores an index's attestations as images; told of one by itself, nothing else tells it apart. */
    size_t statements = 0;
    for (size_t i = 0; i < m->layers.n; i++)
        statements += slice_eq_str(m->layers.v[i].media_type, "application/vnd.in-toto+json");
    return statements && statements == m->layers.n
               ? unsupported(a, m, "attestations of an image, not a container image")
               : 0;
}

static int parse_index(struct arena *a, const json_t *root, struct manifest *m, struct err *e)
{
    m->kind = MANIFEST_INDEX;
    m->artifact_type = jsonin_slice(a, root, "artifactType");
    return parse_list(a, root, "manifests", MAX_MANIFESTS, &m->manifests, e);
}

static int parse_root(struct arena *a, const json_t *root, struct slice told, struct manifest *m, struct err *e)
{
    struct slice own = jsonin_view(root, "mediaType");
    int64_t version = jsonin_int(root, "schemaVersion", 0);
    bool generic = is_one_of(told, "application/json", "application/octet-stream") || slice_eq_str(told, "text/plain");
    if (version == 1)
        return unsupported(a, m, "a schema 1 manifest, which names no layers by their content; push the image again");
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
    return unsupported(a, m, "a manifest of the unknown type %.*s", (int)MIN(type.n, (size_t)150),
                       (const char *)type.p);
}

int manifest_parse(struct arena *a, struct slice body, struct slice content_type, struct manifest *ret_manifest,
                   struct err *e)
{
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL;
    struct manifest m = {0};
    if (jsonin_load(body, MANIFEST_MAX_BYTES, MAX_VALUES, &root, e))
        return err_wrap(e, "manifest");
    if (!json_is_object(root))
        return err_set(e, ERR_POISON, 0, "manifest: no JSON object");
    if (parse_root(a, root, media_essence(content_type), &m, e) || no_room(a, e))
        return err_wrap(e, "manifest");
    *ret_manifest = m;
    return 0;
}

int config_parse(struct arena *a, struct slice body, struct image_config *ret_config, struct err *e)
{
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL;
    struct image_config c = {0};
    if (jsonin_load(body, CONFIG_MAX_BYTES, MAX_VALUES, &root, e))
        return err_wrap(e, "image config");
    if (!json_is_object(root))
        return err_set(e, ERR_POISON, 0, "image config: no JSON object");
    c.platform = parse_platform(a, root);
    clock_parse(jsonin_view(root, "created"), &c.created_ms);
    const json_t *ids = jsonin_array(jsonin_object(root, "rootfs"), "diff_ids");
    if (json_array_size(ids) > MAX_LAYERS)
        return err_set(e, ERR_POISON, 0, "image config: %zu diff_ids; at most %zu are read", json_array_size(ids),
                       MAX_LAYERS);
    for (size_t i = 0; i < json_array_size(ids); i++) {
        struct slice id = jsonin_string(json_array_get(ids, i));
        if (!digest_valid(id))
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
    if (m->kind != MANIFEST_IMAGE) {
        image->status = IMAGE_UNSUPPORTED;
        image->reason = m->kind == MANIFEST_INDEX ? SLICE("an index, not one platform's image") : m->reason;
        return 0;
    }
    if (c->diff_ids.n && c->diff_ids.n != m->layers.n)
        return err_set(e, ERR_POISON, 0, "the manifest has %zu layers, its config %zu diff_ids", m->layers.n,
                       c->diff_ids.n);
    if (!m->layers.n && !c->platform.os.n) {
        image->status = IMAGE_UNSUPPORTED;
        image->reason = SLICE("it has neither layers nor a platform: not a container image");
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

bool media_type_foreign(struct slice media_type)
{
    return slice_find_slice(media_type, SLICE(".foreign.")) >= 0 ||
           slice_find_slice(media_type, SLICE(".nondistributable.")) >= 0;
}

/* ---- platforms ---- */

int platform_parse(struct arena *a, struct slice text, struct platform *ret_platform, struct err *e)
{
    struct platform p = {.os = SLICE(""), .architecture = SLICE(""), .variant = SLICE(""), .os_version = SLICE("")};
    struct slice rest = text;
    slice_take_token(&rest, '/', &p.os);
    slice_take_token(&rest, '/', &p.architecture);
    slice_take_token(&rest, '/', &p.variant);
    if (!p.os.n || !p.architecture.n || rest.n || text.n > 100 || !slice_is_text(text))
        return err_set(e, ERR_USAGE, 0, "platform \"%.*s\" is not os/architecture or os/architecture/variant",
                       (int)MIN(text.n, (size_t)100), (const char *)(text.p ? text.p : (const uint8_t *)""));
    p.os = arena_slice(a, p.os);
    p.architecture = arena_slice(a, p.architecture);
    p.variant = arena_slice(a, p.variant);
    *ret_platform = p;
    return 0;
}

struct platform platform_here(void)
{
    static const struct {
        const char *machine, *architecture, *variant;
    } names[] = {{"x86_64", "amd64", ""}, {"aarch64", "arm64", ""},   {"armv7l", "arm", "v7"},
                 {"armv6l", "arm", "v6"}, {"i686", "386", ""},        {"ppc64le", "ppc64le", ""},
                 {"s390x", "s390x", ""},  {"riscv64", "riscv64", ""}, {"loongarch64", "loong64", ""}};
    struct utsname u;
    struct platform p = {
        .os = SLICE("linux"), .architecture = SLICE("amd64"), .variant = SLICE(""), .os_version = SLICE("")};
    for (size_t i = 0; uname(&u) == 0 && i < ARRAY_LEN(names); i++) {
        if (!slice_eq_str(slice_str(u.machine), names[i].machine))
            continue;
        p.architecture = slice_str(names[i].architecture);
        p.variant = slice_str(names[i].variant);
    }
    return p;
}

struct slice platform_format(struct arena *a, const struct platform *p)
{
    return arena_printf(a, "%.*s/%.*s%s%.*s", SLICE_FMT(p->os), SLICE_FMT(p->architecture), p->variant.n ? "/" : "",
                        SLICE_FMT(p->variant));
}

static struct slice variant_of(const struct platform *p)
{
    if (p->variant.n)
        return p->variant;
    if (slice_eq_str(p->architecture, "arm64"))
        return SLICE("v8");
    if (slice_eq_str(p->architecture, "amd64"))
        return SLICE("v1");
    return slice_eq_str(p->architecture, "arm") ? SLICE("v7") : SLICE("");
}

bool platform_matches(const struct platform *want, const struct platform *have)
{
    return slice_eq(want->os, have->os) && slice_eq(want->architecture, have->architecture) &&
           slice_eq(variant_of(want), variant_of(have));
}

static int none_fits(struct arena *a, const descriptor_vec *list, const struct platform *want, struct err *e)
{
    char there[400] = "";
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (list->v[i].attestation || n + 64 > sizeof there)
            continue;
        struct slice text = platform_format(a, &list->v[i].platform);
        n += (size_t)snprintf(there + n, sizeof there - n, "%s%.*s", n ? ", " : "", (int)MIN(text.n, (size_t)60),
                              (const char *)(text.p ? text.p : (const uint8_t *)""));
    }
    struct slice text = platform_format(a, want);
    return err_set(e, ERR_USAGE, 0, "no image for %.*s; choose a platform of: %s", (int)MIN(text.n, (size_t)60),
                   (const char *)(text.p ? text.p : (const uint8_t *)""), n ? there : "(none)");
}

int platform_choose(struct arena *a, const descriptor_vec *list, const struct platform *want, size_t *ret_index,
                    struct err *e)
{
    struct platform here = platform_here();
    size_t images = 0, last = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (list->v[i].attestation)
            continue;
        if (platform_matches(want ? want : &here, &list->v[i].platform)) {
            *ret_index = i;
            return 0;
        }
        images++;
        last = i;
    }
    bool unsaid = images == 1 && !list->v[last].platform.os.n; /* then the config tells; the caller compares */
    if ((want && !unsaid) || images != 1)
        return none_fits(a, list, want ? want : &here, e);
    *ret_index = last;
    return 0;
}
