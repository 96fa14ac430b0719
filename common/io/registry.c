/* SPDX-License-Identifier: Apache-2.0 */
#include "io/registry.h"

#include "io/digest.h"
#include "io/jsonin.h"
#include "io/registry_call.h"

#define MANIFEST_MAX ((size_t)4 << 20)
#define LIST_MAX     ((size_t)16 << 20)
#define MAX_PAGES    100000

static const char *const manifest_headers[] = {
    "Accept: application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json",
    NULL};

static char *copy(const char *s)
{
    return s ? xstrdup(s) : NULL;
}

/* "http://Host:Port/" to plain and host. */
static int take_host(struct registry *r, const char *text, struct err *e)
{
    struct slice s = slice_str(text);
    struct http_url url;
    if (slice_take_prefix(&s, SLICE("http://")))
        r->o.plain_http = true;
    else
        slice_take_prefix(&s, SLICE("https://"));
    if (slice_ends(s, SLICE("/")))
        s.n--;
    r->host = slice_dup(s);
    for (char *c = r->host; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + 32);
    struct slice host = slice_str(r->host);
    bool hub = slice_eq_str(host, "docker.io") || slice_eq_str(host, "index.docker.io") ||
               slice_eq_str(host, "registry-1.docker.io");
    struct slice server = hub ? SLICE("registry-1.docker.io") : host;
    r->base = xasprintf("%s://%.*s", r->o.plain_http ? "http" : "https", SLICE_FMT(server));
    /* What a URL parser makes of it must be the host again: nothing like "host/path" or "user@host". */
    bool plain = !memchr(host.p, '/', host.n) && !memchr(host.p, '@', host.n) && !memchr(host.p, '?', host.n) &&
                 !memchr(host.p, '#', host.n) && host.n > 0 && host.n <= 255;
    for (size_t i = 0; i < host.n; i++)
        plain &= host.p[i] > ' ' && host.p[i] < 0x7F;
    if (!plain || http_url_parse(r->base, &url, NULL))
        return err_set(e, ERR_USAGE, 0, "registry \"%.200s\" is not a host with an optional port", text);
    if (hub) {
        free(r->host);
        r->host = xstrdup("docker.io");
    }
    return 0;
}

int registry_open(const struct registry_options *o, struct registry **ret_registry, struct err *e)
{
    struct registry *r = xcalloc(1, sizeof *r);
    r->o = *o;
    r->o.host = NULL;
    r->o.ca_file = copy(o->ca_file);
    r->o.username = copy(o->username);
    r->o.password = copy(o->password);
    r->o.token = copy(o->token);
    r->o.auth_file = copy(o->auth_file);
    r->o.attempts = o->attempts ? o->attempts : 3;
    r->o.resumes = o->resumes ? o->resumes : 20;
    r->r = HTTP_RESPONSE_INIT(LIST_MAX);
    r->identity = xstrdup("");
    if (take_host(r, o->host ? o->host : "", e)) {
        registry_close(r);
        return -1;
    }
    struct http_options h = {.ca_file = r->o.ca_file,
                             .connect_ms = o->connect_ms,
                             .low_speed_bytes = o->low_speed_bytes,
                             .low_speed_ms = o->low_speed_ms,
                             .stop = o->stop};
    r->client = http_client_new(&h);
    r->gate = gate_get(r->base, o->concurrent, o->per_second);
    *ret_registry = r;
    return 0;
}

static void free_secret(const char *s)
{
    free((void *)(uintptr_t)s);
}

void registry_close(struct registry *r)
{
    if (!r)
        return;
    http_client_free(r->client);
    gate_put(r->gate);
    credentials_done(&r->who);
    http_response_done(&r->r);
    free_secret(r->o.ca_file);
    free_secret(r->o.username);
    free_secret(r->o.password);
    free_secret(r->o.token);
    free_secret(r->o.auth_file);
    free(r->host);
    free(r->base);
    free(r->identity);
    free(r);
}

const char *registry_host(const struct registry *r)
{
    return r->host;
}

int registry_ping(struct registry *r, struct err *e)
{
    struct registry_call c = {.url = "/v2/", .scope = ""};
    return registry_call(r, &c, e);
}

/* ---- lists ---- */

struct list {
    const char *key; /* of the array in the body */
    const char *scope;
    registry_name_fn fn;
    void *arg;
};

static int list_page(struct registry *r, const struct list *l, struct err *e)
{
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL;
    if (jsonin_load(buf_slice(&r->r.body), LIST_MAX, 1000000, &root, e))
        return err_wrap(e, "registry %s: %s", r->host, l->key);
    const json_t *names = json_object_get(root, l->key);
    if (!json_is_array(names) && !json_is_null(names)) /* null: a repository without tags */
        return err_set(e, ERR_POISON, 0, "registry %s: the answer holds no list \"%s\"", r->host, l->key);
    for (size_t i = 0; i < json_array_size(names); i++) {
        struct slice name = jsonin_string(json_array_get(names, i));
        if (name.n && l->fn(l->arg, name, e))
            return -1;
    }
    return 0;
}

/* The next page's URL, as the registry wrote it; NULL with *ret_end at the end. */
static char *next_page(struct registry *r, bool *ret_end, struct err *e)
{
    struct slice link = SLICE_NONE;
    for (size_t i = 0; i < 8 && !link.n; i++)
        link = link_next(http_header(&r->r, "Link", i));
    *ret_end = link.n == 0;
    if (*ret_end)
        return NULL;
    struct http_url to, base;
    char *text ATTR_CLEANUP(cleanup_free) = slice_dup(link);
    char *url = http_url_join(r->r.url, text);
    if (url && !http_url_parse(url, &to, NULL) && !http_url_parse(r->base, &base, NULL)) {
        if (http_url_same(&to, &base) && to.https == base.https)
            return url;
        /* Behind a proxy that ends TLS some registries write http:// and their inner port. */
        ptrdiff_t mark = slice_find_slice(slice_str(url), SLICE("://"));
        const char *path = mark < 0 ? NULL : strchr(url + mark + 3, '/');
        if (path && slice_eq_str(slice_str(to.host), base.host)) {
            char *moved = xasprintf("%s%s", r->base, path);
            free(url);
            return moved;
        }
    }
    free(url);
    err_set(e, ERR_POISON, 0, "registry %s: the next page is at another host", r->host);
    return NULL;
}

static int list_all(struct registry *r, char *first, const struct list *l, struct err *e)
{
    char *url = first;
    bool end = false;
    int rc = 0;
    for (int page = 0; rc == 0 && url; page++) {
        struct registry_call c = {.url = url, .scope = l->scope};
        if (page == MAX_PAGES)
            rc = err_set(e, ERR_POISON, 0, "registry %s: a list of more than %d pages", r->host, MAX_PAGES);
        else
            rc = registry_call(r, &c, e);
        if (rc == 0)
            rc = list_page(r, l, e);
        char *next = rc ? NULL : next_page(r, &end, e);
        if (rc == 0 && !next && !end)
            rc = -1;
        if (next && slice_eq_str(slice_str(next), url)) {
            free(next);
            next = NULL;
            rc = err_set(e, ERR_POISON, 0, "registry %s: a page names itself as the next", r->host);
        }
        free(url);
        url = next;
    }
    free(url);
    return rc;
}

int registry_catalog(struct registry *r, unsigned page, registry_name_fn fn, void *arg, struct err *e)
{
    struct list l = {"repositories", "registry:catalog:*", fn, arg};
    return list_all(r, xasprintf("%s/v2/_catalog?n=%u", r->base, page ? page : 500), &l, e);
}

int registry_tags(struct registry *r, struct slice repository, unsigned page, registry_name_fn fn, void *arg,
                  struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = NULL, *scope ATTR_CLEANUP(cleanup_free) = NULL;
    if (registry_path(repository, "/tags/list", SLICE(""), &path, &scope, e))
        return -1;
    struct list l = {"tags", scope, fn, arg};
    return list_all(r, xasprintf("%s%s?n=%u", r->base, path, page ? page : 500), &l, e);
}

/* ---- manifests ---- */

void registry_manifest_done(struct registry_manifest *m)
{
    buf_done(&m->body);
}

static void note_type(const struct http_response *resp, struct registry_manifest *m)
{
    struct slice type = http_header(resp, "Content-Type", 0);
    ptrdiff_t semicolon = slice_find(type, ';');
    if (semicolon >= 0)
        type.n = (size_t)semicolon;
    type = slice_trim(type);
    snprintf(m->media_type, sizeof m->media_type, "%.*s", SLICE_FMT(type));
}

static bool is_digest(struct slice reference)
{
    return slice_find(reference, ':') >= 0;
}

static int check_reference(struct slice reference, struct err *e)
{
    uint8_t raw[DIGEST_RAW];
    if (reference.n && (!is_digest(reference) || digest_parse(reference, raw)))
        return 0;
    return err_set(e, ERR_USAGE, 0, "\"%.*s\" is neither a tag nor a sha256 digest", (int)MIN(reference.n, (size_t)150),
                   (const char *)(reference.p ? reference.p : (const uint8_t *)""));
}

int registry_manifest(struct registry *r, struct slice repository, struct slice reference,
                      struct registry_manifest *ret_manifest, struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = NULL, *scope ATTR_CLEANUP(cleanup_free) = NULL;
    struct registry_manifest m = {.body = BUF_INIT(MANIFEST_MAX)};
    uint8_t raw[DIGEST_RAW];
    if (check_reference(reference, e) || registry_path(repository, "/manifests/", reference, &path, &scope, e))
        return -1;
    struct registry_call c = {.url = path, .scope = scope, .headers = manifest_headers};
    if (registry_call(r, &c, e))
        return -1;
    struct slice body = buf_slice(&r->r.body);
    if (buf_add_slice(&m.body, body))
        return err_set(e, ERR_POISON, 0, "registry %s: manifest %s is longer than %zu bytes", r->host, path,
                       MANIFEST_MAX);
    digest_of(body, raw);
    digest_format(raw, m.digest);
    if (is_digest(reference) && !slice_eq_str(reference, m.digest)) {
        registry_manifest_done(&m);
        return err_set(e, ERR_RETRY, 0, "registry %s: the manifest sent for %.*s has the digest %s", r->host,
                       SLICE_FMT(reference), m.digest);
    }
    note_type(&r->r, &m);
    m.size = (int64_t)body.n;
    *ret_manifest = m;
    return 0;
}

int registry_head(struct registry *r, struct slice repository, struct slice reference,
                  struct registry_manifest *ret_manifest, struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = NULL, *scope ATTR_CLEANUP(cleanup_free) = NULL;
    struct registry_manifest m = {.body = BUF_INIT(MANIFEST_MAX)};
    uint8_t raw[DIGEST_RAW];
    if (check_reference(reference, e) || registry_path(repository, "/manifests/", reference, &path, &scope, e))
        return -1;
    struct registry_call c = {.method = "HEAD", .url = path, .scope = scope, .headers = manifest_headers};
    if (registry_call(r, &c, e))
        return -1;
    struct slice digest = http_header(&r->r, "Docker-Content-Digest", 0);
    bool told = digest_parse(digest, raw);
    if (!told && !is_digest(reference)) {
        /* Old registries leave the header out: then the body has to tell. */
        if (registry_manifest(r, repository, reference, &m, e))
            return -1;
        buf_done(&m.body);
        *ret_manifest = m;
        return 0;
    }
    snprintf(m.digest, sizeof m.digest, "%.*s", SLICE_FMT(told ? digest : reference));
    note_type(&r->r, &m);
    m.size = r->r.length;
    *ret_manifest = m;
    return 0;
}
