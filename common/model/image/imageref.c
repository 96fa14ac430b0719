/* SPDX-License-Identifier: Apache-2.0 */
#include "model/image/imageref.h"

static bool is_lower_alnum(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alnum(uint8_t c)
{
    return is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

static bool is_hex(struct slice s, size_t n)
{
    if (s.n != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
            return false;
    return true;
}

bool imageref_digest_valid(struct slice s)
{
    return slice_take_prefix(&s, SLICE("sha256:")) && is_hex(s, 64);
}

/* [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)* */
static bool component_valid(struct slice s)
{
    size_t i = 0;
    if (s.n == 0 || !is_lower_alnum(s.p[0]) || !is_lower_alnum(s.p[s.n - 1]))
        return false;
    while (i < s.n) {
        size_t start = i;
        if (is_lower_alnum(s.p[i])) {
            i++;
            continue;
        }
        uint8_t c = s.p[i];
        while (i < s.n && s.p[i] == c)
            i++;
        if (i < s.n && !is_lower_alnum(s.p[i]))
            return false;
        size_t run = i - start;
        if (!(c == '-' || (c == '.' && run == 1) || (c == '_' && run <= 2)))
            return false;
    }
    return true;
}

bool imageref_repository_valid(struct slice s)
{
    struct slice part;
    if (s.n == 0 || s.n > 255 || slice_ends(s, SLICE("/")))
        return false;
    while (slice_take_token(&s, '/', &part))
        if (!component_valid(part))
            return false;
    return true;
}

bool imageref_tag_valid(struct slice s)
{
    if (s.n == 0 || s.n > 128 || !(is_alnum(s.p[0]) || s.p[0] == '_'))
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (!is_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] != '.' && s.p[i] != '-')
            return false;
    return true;
}

static bool port_valid(struct slice s)
{
    uint64_t v;
    return slice_parse_u64(s, &v) && v > 0 && v <= 65535;
}

bool imageref_registry_valid(struct slice s)
{
    struct slice host = s;
    if (s.n == 0 || s.n > 255)
        return false;
    if (s.p[0] == '[') {
        ptrdiff_t end = slice_find(s, ']');
        struct slice rest = slice_from(s, (size_t)(end + 1)),
                     inside = end < 0 ? SLICE_NONE : slice_sub(s, 1, (size_t)end - 1);
        for (size_t i = 0; i < inside.n; i++)
            if (!is_hex(slice_sub(inside, i, 1), 1) && inside.p[i] != ':' && inside.p[i] != '.')
                return false;
        return inside.n && (rest.n == 0 || (rest.p[0] == ':' && port_valid(slice_from(rest, 1))));
    }
    ptrdiff_t colon = slice_find(s, ':');
    if (colon >= 0) {
        host.n = (size_t)colon;
        if (!port_valid(slice_from(s, (size_t)colon + 1)))
            return false;
    }
    if (host.n == 0 || !is_alnum(host.p[0]) || !is_alnum(host.p[host.n - 1]))
        return false;
    for (size_t i = 0; i < host.n; i++) {
        bool dot = host.p[i] == '.';
        if (!is_alnum(host.p[i]) && !dot && host.p[i] != '-' && host.p[i] != '_')
            return false;
        if (dot && host.p[i - 1] == '.')
            return false;
    }
    return true;
}

/* Docker's rule: the first part is a registry when it has a dot, a port, an upper case letter, or is localhost. */
static bool looks_like_host(struct slice s)
{
    if (slice_find(s, '.') >= 0 || slice_find(s, ':') >= 0 || slice_eq_str(s, "localhost"))
        return true;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= 'A' && s.p[i] <= 'Z')
            return true;
    return false;
}

static struct slice keep(struct arena *a, struct slice s)
{
    char *p = arena_cstr(a, s.p ? s : SLICE(""));
    return p ? slice_of(p, s.n) : SLICE_NONE;
}

static struct slice keep_lower(struct arena *a, struct slice s)
{
    char *p = arena_cstr(a, s);
    for (size_t i = 0; p && i < s.n; i++)
        if (p[i] >= 'A' && p[i] <= 'Z')
            p[i] = (char)(p[i] + 32);
    return p ? slice_of(p, s.n) : SLICE_NONE;
}

static int bad(struct slice whole, struct err *e, const char *what, struct slice part, const char *rule)
{
    return err_set(e, ERR_USAGE, 0, "image \"%.*s\": %s \"%.*s\" %s", (int)MIN(whole.n, (size_t)160),
                   (const char *)(whole.p ? whole.p : (const uint8_t *)""), what, (int)MIN(part.n, (size_t)160),
                   (const char *)(part.p ? part.p : (const uint8_t *)""), rule);
}

static int parse_file(struct arena *a, struct slice whole, struct slice s, struct imageref *r, struct err *e)
{
    struct slice path = s, ref = SLICE("");
    ptrdiff_t colon = r->form->several ? slice_find(s, ':') : -1;
    if (colon >= 0) {
        path.n = (size_t)colon;
        ref = slice_from(s, (size_t)colon + 1);
    }
    if (slice_ends(path, SLICE("@sha256")) && is_hex(ref, 64)) { /* "DIR@sha256:…" */
        path.n -= strlen("@sha256");
        ref = slice_from(s, path.n);
    }
    if (path.n == 0)
        return bad(whole, e, "path", path, "is empty");
    if (path.n > 4096 || memchr(path.p, 0, path.n))
        return bad(whole, e, "path", path, "is too long or holds a NUL");
    if (colon >= 0 && (ref.n == 0 || ref.n > 512 || !slice_is_text(ref)))
        return bad(whole, e, "reference", ref, "behind the path is empty, too long or not text");
    r->path = keep(a, path);
    r->ref = keep(a, ref);
    return 0;
}

/* Takes "@digest" and ":tag" off the end of *s. */
static int take_tail(struct slice whole, struct slice *s, struct slice *ret_tag, struct slice *ret_digest,
                     struct err *e)
{
    ptrdiff_t at = slice_find(*s, '@');
    if (at >= 0) {
        *ret_digest = slice_from(*s, (size_t)at + 1);
        s->n = (size_t)at;
        if (!imageref_digest_valid(*ret_digest))
            return bad(whole, e, "digest", *ret_digest, "is not sha256: and 64 lower case hex digits");
    }
    ptrdiff_t slash = slice_rfind(*s, '/'), colon = slice_rfind(*s, ':');
    if (colon >= 0 && colon > slash) {
        *ret_tag = slice_from(*s, (size_t)colon + 1);
        s->n = (size_t)colon;
        if (!imageref_tag_valid(*ret_tag))
            return bad(whole, e, "tag", *ret_tag,
                       "is not 1 to 128 of letters, digits, _ . - that starts with none of . -");
    }
    return 0;
}

static int parse_registry(struct arena *a, struct slice whole, struct slice s, struct imageref *r, struct err *e)
{
    struct slice tag = SLICE(""), digest = SLICE(""), registry = SLICE("docker.io");
    bool prefix = false;
    if (take_tail(whole, &s, &tag, &digest, e))
        return -1;
    ptrdiff_t slash = slice_find(s, '/');
    if (r->plain_http && slash < 0)
        return bad(whole, e, "registry", s, "has no repository behind it");
    if (slash >= 0 && (r->plain_http || looks_like_host(slice_sub(s, 0, (size_t)slash)))) {
        registry = slice_sub(s, 0, (size_t)slash);
        s = slice_from(s, (size_t)slash + 1);
        if (!imageref_registry_valid(registry))
            return bad(whole, e, "registry", registry, "is not a host with an optional port");
    }
    r->registry = keep_lower(a, registry);
    if (!r->plain_http && !looks_like_host(r->registry)) /* only its upper case tells that it is one */
        r->registry = keep(a, registry);
    if (slice_eq_str(r->registry, "index.docker.io") || slice_eq_str(r->registry, "registry-1.docker.io"))
        r->registry = keep(a, SLICE("docker.io"));
    prefix = slice_eq_str(r->registry, "docker.io") && slice_find(s, '/') < 0;
    if (!imageref_repository_valid(s) || (prefix && s.n > 247))
        return bad(
            whole, e, "repository", s,
            "is not lower case letters and digits with single . _ or - between, in parts divided by /, 255 at most");
    struct slice repository = prefix ? arena_printf(a, "library/%.*s", SLICE_FMT(s)) : s;
    r->repository = keep(a, repository);
    if (tag.n == 0 && digest.n == 0)
        tag = SLICE("latest");
    r->tag = keep(a, tag);
    r->digest = keep(a, digest);
    return 0;
}

/* Places of images that other tools name by a prefix and that are not read here. */
static const struct {
    const char *prefix, *what, *instead; /* instead: how it is written here, where it can be read */
} elsewhere[] = {
    {"docker:", "the store of a Docker daemon", NULL},
    {"docker-daemon:", "the store of a Docker daemon", NULL},
    {"podman:", "the store of Podman", NULL},
    {"containers-storage:", "the store of Podman and CRI-O", NULL},
    {"containerd:", "the store of containerd", NULL},
    {"nerdctl:", "the store of containerd", NULL},
    {"cri:", "the store of a container runtime", NULL},
    {"crio:", "the store of CRI-O", NULL},
    {"buildah:", "the store of Buildah", NULL},
    {"dir:", "a folder", NULL},
    {"rootfs:", "a folder", NULL},
    {"fs:", "a folder", NULL},
    {"file:", "a file", NULL},
    {"oci-dir:", "an OCI layout", "oci:DIR"},
    {"docker-dir:", "a folder", NULL},
    {"tarball:", "an archive", "docker-archive:FILE or oci-archive:FILE"},
    {"tar:", "an archive", "docker-archive:FILE or oci-archive:FILE"},
    {"sif:", "a Singularity image", NULL},
    {"oci-sif:", "a Singularity image", NULL},
    {"singularity:", "a Singularity image", NULL},
    {"apptainer:", "a Singularity image", NULL},
    {"library:", "a Singularity library", NULL},
    {"shub:", "a Singularity library", NULL},
    {"ostree:", "an OSTree repository", NULL},
    {"ostree-unverified-registry:", "an OSTree container", NULL},
    {"ostree-unverified-image:", "an OSTree container", NULL},
    {"ostree-remote-registry:", "an OSTree container", NULL},
    {"ostree-image-signed:", "an OSTree container", NULL},
    {"atomic:", "an Atomic registry", NULL},
    {"pkg:", "a package URL", NULL},
    {"purl:", "a package URL", NULL},
    {"lxc:", "the store of LXC", NULL},
    {"lxd:", "the store of LXD", NULL},
    {"incus:", "the store of Incus", NULL},
    {"snap:", "a snap", NULL},
    {"vm:", "a virtual machine's disk", NULL},
    {"git:", "a repository of source code", NULL},
    {"repo:", "a repository of source code", NULL},
    {"k8s:", "a cluster", NULL},
};

/* "docker:5000/app" is a host with a port. */
static bool is_port(struct slice rest)
{
    struct slice head;
    ptrdiff_t slash = slice_find(rest, '/');
    head = slice_sub(rest, 0, slash < 0 ? 0 : (size_t)slash);
    return port_valid(head);
}

static int refuse_elsewhere(struct slice text, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++) {
        struct slice rest = text, name = slice_str(elsewhere[i].prefix), shown = slice_sub(text, 0, 100);
        if (!slice_take_prefix(&rest, name) || is_port(rest))
            continue;
        name.n--;
        const char *instead = elsewhere[i].instead;
        char hub[300] = "";
        if (imageref_tag_valid(rest))
            snprintf(hub, sizeof hub, "; Docker Hub's repository is docker.io/library/%.*s:%.*s", SLICE_FMT(name),
                     SLICE_FMT(rest));
        return err_set(e, ERR_USAGE, 0, "image \"%.*s\": %.*s: names %s%s%s%s", SLICE_FMT(shown), SLICE_FMT(name),
                       elsewhere[i].what, instead ? ", written " : ", which can't be read yet", instead ? instead : "",
                       hub);
    }
    return 0;
}

/*
 * "registry:host/app:v1" names where to look, "registry:2" is a repository of Docker Hub, "registry:alpine" may be
 * either: tags of that repository are numbers.
 */
static int take_registry_prefix(struct slice *s, struct err *e)
{
    struct slice rest = *s;
    if (!slice_take_prefix(&rest, SLICE("registry:")) || is_port(rest))
        return 0;
    if (slice_take_prefix(&rest, SLICE("//")) || !imageref_tag_valid(rest)) {
        *s = rest;
        return 0;
    }
    if ((rest.p[0] >= '0' && rest.p[0] <= '9') || slice_eq_str(rest, "latest"))
        return 0;
    return err_set(e, ERR_USAGE, 0,
                   "image \"%.*s\" may be docker.io/library/%.*s or docker.io/library/registry:%.*s; say which",
                   SLICE_FMT(*s), SLICE_FMT(rest), SLICE_FMT(rest));
}

static int parse_typed(struct arena *a, struct slice text, const struct imageref_form *const *forms, struct imageref *r,
                       struct err *e)
{
    struct slice s = text;
    for (size_t i = 0; forms[i]; i++) {
        struct slice rest = text;
        if (!slice_take_prefix(&rest, slice_str(forms[i]->scheme)) || !slice_take_prefix(&rest, SLICE(":")))
            continue;
        r->form = forms[i];
        return parse_file(a, text, rest, r, e);
    }
    r->plain_http = slice_take_prefix(&s, SLICE("http://"));
    if (!r->plain_http && !slice_take_prefix(&s, SLICE("docker://")) &&
        (take_registry_prefix(&s, e) || refuse_elsewhere(s, e)))
        return -1;
    return parse_registry(a, text, s, r, e);
}

/* forms NULL: it can only be a registry's. */
static int parse(struct arena *a, struct slice text, const struct imageref_form *const *forms, struct imageref *ret_ref,
                 struct err *e)
{
    struct imageref r = {0};
    if (text.n == 0)
        return err_set(e, ERR_USAGE, 0, "the image's name is empty");
    if (forms ? parse_typed(a, text, forms, &r, e) : parse_registry(a, text, text, &r, e))
        return -1;
    if (a->overflow)
        return err_set(e, ERR_POISON, 0, "no memory for the image's name");
    *ret_ref = r;
    return 0;
}

int imageref_parse(struct arena *a, struct slice text, const struct imageref_form *const *forms,
                   struct imageref *ret_ref, struct err *e)
{
    return parse(a, text, forms, ret_ref, e);
}

int imageref_parse_name(struct arena *a, struct slice text, struct imageref *ret_ref, struct err *e)
{
    return parse(a, text, NULL, ret_ref, e);
}

struct slice imageref_format(struct arena *a, const struct imageref *r)
{
    if (r->form)
        return arena_printf(a, "%s:%.*s%s%.*s", r->form->scheme, SLICE_FMT(r->path), r->ref.n ? ":" : "",
                            SLICE_FMT(r->ref));
    return arena_printf(a, "%s%.*s/%.*s%s%.*s%s%.*s", looks_like_host(r->registry) ? "" : "http://",
                        SLICE_FMT(r->registry), SLICE_FMT(r->repository), r->tag.n ? ":" : "", SLICE_FMT(r->tag),
                        r->digest.n ? "@" : "", SLICE_FMT(r->digest));
}
