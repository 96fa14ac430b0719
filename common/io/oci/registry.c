/* SPDX-License-Identifier: Apache-2.0 */
#include "io/oci/registry.h"

#include "io/digest.h"
#include "io/oci/registry_call.h"

#define MANIFEST_MAX   ((size_t)4 << 20)
#define SCHEMA1_SIGNED "application/vnd.docker.distribution.manifest.v1+prettyjws"

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
    /* A URL parser must give the same host again: not so for "host/path" or "user@host". */
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
    r->r = HTTP_RESPONSE_INIT(REGISTRY_ANSWER_MAX);
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
    registry_logins_free(r);
    http_response_done(&r->r);
    free_secret(r->o.ca_file);
    free_secret(r->o.username);
    free_secret(r->o.password);
    free_secret(r->o.token);
    free_secret(r->o.auth_file);
    free(r->host);
    free(r->base);
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
    struct registry_call c = {.url = path, .repository = repository, .scope = scope, .headers = manifest_headers};
    if (registry_call(r, &c, e))
        return -1;
    struct slice body = buf_slice(&r->r.body);
    if (buf_add_slice(&m.body, body))
        return err_set(e, ERR_POISON, 0, "registry %s: manifest %s is longer than %zu bytes", r->host, path,
                       MANIFEST_MAX);
    digest_of(body, raw);
    digest_format(raw, m.digest);
    note_type(&r->r, &m);
    /* The digest of a signed manifest of schema 1 is that of what is signed; nothing else of it is read. */
    if (is_digest(reference) && slice_eq_str(slice_str(m.media_type), SCHEMA1_SIGNED)) {
        snprintf(m.digest, sizeof m.digest, "%.*s", SLICE_FMT(reference));
    } else if (is_digest(reference) && !slice_eq_str(reference, m.digest)) {
        registry_manifest_done(&m);
        return err_set(e, ERR_RETRY, 0, "registry %s: the manifest sent for %.*s has the digest %s", r->host,
                       SLICE_FMT(reference), m.digest);
    }
    m.size = (int64_t)body.n;
    *ret_manifest = m;
    return 0;
}

/* An answer, not a pause and not a broken line: whatever it says, it says of HEAD alone. */
static bool ask_by_get(const struct registry *r)
{
    int status = r->r.status;
    return status >= 400 && status != 408 && status != 429 && status != 503;
}

/* 0 with the answer in r->r; 1: GET may tell; -1 otherwise. */
static int head(struct registry *r, const struct registry_call *c, struct err *e)
{
    if (r->no_head)
        return 1;
    for (unsigned n = 1;; n++) {
        if (registry_call_once(r, c, e) == 0)
            return 0;
        if (ask_by_get(r))
            return 1;
        if (n >= r->o.attempts || !registry_backoff(r, n, GATE_LONGEST_WAIT_MS, e))
            return -1;
    }
}

static int head_by_get(struct registry *r, struct slice repository, struct slice reference,
                       struct registry_manifest *ret_manifest, struct err *e)
{
    int refused = r->r.status;
    struct registry_manifest m;
    if (registry_manifest(r, repository, reference, &m, e))
        return -1;
    /* Where the method is not spoken at all it is not tried again. */
    r->no_head |= refused == 405 || refused == 501;
    buf_done(&m.body);
    *ret_manifest = m;
    return 0;
}

int registry_head(struct registry *r, struct slice repository, struct slice reference,
                  struct registry_manifest *ret_manifest, struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = NULL, *scope ATTR_CLEANUP(cleanup_free) = NULL;
    struct registry_manifest m = {.body = BUF_INIT(MANIFEST_MAX)};
    struct err own = ERR_INIT;
    uint8_t raw[DIGEST_RAW];
    if (!e)
        e = &own;
    if (check_reference(reference, e) || registry_path(repository, "/manifests/", reference, &path, &scope, e))
        return -1;
    struct registry_call c = {
        .method = "HEAD", .url = path, .repository = repository, .scope = scope, .headers = manifest_headers};
    int rc = head(r, &c, e);
    if (rc < 0)
        return -1;
    struct slice digest = rc ? SLICE_NONE : http_header(&r->r, "Docker-Content-Digest", 0);
    bool told = digest_parse(digest, raw);
    /* Old registries leave the header out: then the body has to tell. */
    if (rc || (!told && !is_digest(reference)))
        return head_by_get(r, repository, reference, ret_manifest, e);
    snprintf(m.digest, sizeof m.digest, "%.*s", SLICE_FMT(told ? digest : reference));
    note_type(&r->r, &m);
    m.size = r->r.length;
    *ret_manifest = m;
    return 0;
}
