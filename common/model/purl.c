/* SPDX-License-Identifier: Apache-2.0 */
#include "model/purl.h"

#include "model/distro/distro.h"
#include "model/ecosystem/ecosystem.h"

/*
 * Types whose definition folds case; everything else is kept as written. The definitions fold golang and npm too, but
 * their registries don't: of github.com/Masterminds/goutils nothing is known in small letters, and "JSONStream" is another
 * package than "jsonstream".
 */
static const struct folding {
    const char *type;
    bool ns, name;
} foldings[] = {
    {"apk", true, true},    {"deb", true, true},    {"rpm", true, false},      {"pypi", false, true},
    {"github", true, true}, {"gitlab", true, true}, {"bitbucket", true, true}, {"composer", true, true},
    {"alpm", true, true},   {"oci", false, true},   {"hex", true, true},
};

static bool is_alpha(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A type or a key: a letter, then letters, digits and marks. */
static bool is_word(struct slice s, const char *marks)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_alpha(s.p[i]) && !byte_is_digit(s.p[i]) && (!s.p[i] || !strchr(marks, s.p[i])))
            return false;
    return s.n && is_alpha(s.p[0]);
}

static struct folding folding_of(struct slice type)
{
    for (size_t i = 0; i < ARRAY_LEN(foldings); i++)
        if (slice_eq_nocase(type, slice_str(foldings[i].type)))
            return foldings[i];
    return (struct folding){NULL, false, false};
}

static int bad(struct err *e, struct slice text, const char *why)
{
    return err_set(e, ERR_POISON, 0, "\"%.*s\" is not a package URL: %s", (int)MIN(text.n, (size_t)200),
                   text.p ? (const char *)text.p : "", why);
}

static int hex_value(uint8_t c)
{
    c = byte_lower(c);
    return byte_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decodes into to, which has room for s.n bytes; false on a broken escape. */
static bool decode(struct slice s, uint8_t *to, size_t *n)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (c == '%') {
            int high = i + 2 < s.n ? hex_value(s.p[i + 1]) : -1, low = high >= 0 ? hex_value(s.p[i + 2]) : -1;
            if (low < 0)
                return false;
            c = (uint8_t)(high << 4 | low);
            i += 2;
        }
        to[(*n)++] = c;
    }
    return true;
}

/* NULL, or why s is no component. */
static const char *decode_whole(struct slice s, bool folded, struct arena *arena, struct slice *ret)
{
    uint8_t *to = arena_alloc(arena, s.n + 1);
    size_t n = 0;
    if (!to)
        return "it is too long";
    if (!decode(s, to, &n))
        return "a % is not followed by two hexadecimal digits";
    if (!slice_is_text(slice_of(to, n)))
        return "a component is not UTF-8 text";
    for (size_t i = 0; folded && i < n; i++)
        to[i] = byte_lower(to[i]);
    *ret = n ? slice_of(to, n) : SLICE_NONE;
    return NULL;
}

/* Namespace and subpath: segments between slashes, empty ones (and with dots, "." and "..") dropped. */
static const char *decode_segments(struct slice s, bool folded, bool dots, struct arena *arena, struct slice *ret)
{
    uint8_t *to = arena_alloc(arena, s.n + 1);
    struct slice segment = SLICE_NONE;
    size_t n = 0;
    if (!to)
        return "it is too long";
    while (slice_take_token(&s, '/', &segment)) {
        size_t start = n ? n + 1 : 0, length = 0;
        if (!decode(segment, to + start, &length))
            return "a % is not followed by two hexadecimal digits";
        struct slice plain = slice_of(to + start, length);
        if (slice_find(plain, '/') >= 0)
            return "a segment holds an encoded slash";
        if (!plain.n || (dots && (slice_eq_str(plain, ".") || slice_eq_str(plain, ".."))))
            continue;
        if (n)
            to[n] = '/';
        n = start + length;
    }
    if (!slice_is_text(slice_of(to, n)))
        return "a component is not UTF-8 text";
    for (size_t i = 0; folded && i < n; i++)
        to[i] = byte_lower(to[i]);
    *ret = n ? slice_of(to, n) : SLICE_NONE;
    return NULL;
}

static int qualifier_order(const void *a, const void *b)
{
    const struct purl_qualifier *x = a, *y = b;
    return slice_cmp(x->key, y->key);
}

static const char *parse_qualifiers(struct slice s, struct arena *arena, struct purl *p)
{
    struct slice pair = SLICE_NONE;
    while (slice_take_token(&s, '&', &pair)) {
        struct slice key = SLICE_NONE, value = SLICE_NONE;
        if (!pair.n)
            continue;
        slice_take_token(&pair, '=', &key);
        if (!is_word(key, ".-_"))
            return "a qualifier's key is no key";
        const char *why = decode_whole(key, true, arena, &key);
        if (!why)
            why = decode_whole(pair, false, arena, &value);
        if (why)
            return why;
        if (!value.n)
            continue;
        struct purl_qualifier *q = p->qualifiers.n < PURL_QUALIFIERS_MAX ? VEC_ADD(arena, &p->qualifiers) : NULL;
        if (!q)
            return "it has too many qualifiers";
        *q = (struct purl_qualifier){key, value};
    }
    if (p->qualifiers.n)
        qsort(p->qualifiers.v, p->qualifiers.n, sizeof *p->qualifiers.v, qualifier_order);
    for (size_t i = 1; i < p->qualifiers.n; i++)
        if (slice_eq(p->qualifiers.v[i - 1].key, p->qualifiers.v[i].key))
            return "a qualifier is there twice";
    return NULL;
}

/* Cuts s at its last c: what is behind goes to *ret_tail. */
static void cut_tail(struct slice *s, uint8_t c, struct slice *ret_tail)
{
    ptrdiff_t at = slice_rfind(*s, c);
    *ret_tail = SLICE_NONE;
    if (at >= 0) {
        *ret_tail = slice_from(*s, (size_t)at + 1);
        s->n = (size_t)at;
    }
}

/* type/namespace/name@version */
static const char *parse_path(struct slice s, struct arena *arena, struct purl *p)
{
    struct slice type = SLICE_NONE, version = SLICE_NONE, name;
    while (s.n && s.p[0] == '/')
        s = slice_from(s, 1);
    while (s.n && s.p[s.n - 1] == '/')
        s.n--;
    slice_take_token(&s, '/', &type);
    if (!is_word(type, ".+-"))
        return "its type is no type";
    struct folding folded = folding_of(type);
    /* An @ before the last slash belongs to the namespace (a scope that was not encoded). */
    if (slice_rfind(s, '@') > slice_rfind(s, '/'))
        cut_tail(&s, '@', &version);
    while (s.n && s.p[s.n - 1] == '/')
        s.n--;
    ptrdiff_t slash = slice_rfind(s, '/');
    name = slice_from(s, slash < 0 ? 0 : (size_t)slash + 1);
    const char *why = decode_whole(type, true, arena, &p->type);
    if (!why)
        why = decode_whole(name, folded.name, arena, &p->name);
    if (!why)
        why = decode_whole(version, false, arena, &p->version);
    if (!why)
        why = decode_segments(slice_sub(s, 0, slash < 0 ? 0 : (size_t)slash), folded.ns, false, arena, &p->ns);
    return why ? why : p->name.n ? NULL : "it has no name";
}

int purl_parse(struct slice text, struct arena *arena, struct purl *ret_purl, struct err *e)
{
    struct purl p = {.type = SLICE_NONE};
    struct slice s = text, subpath, qualifiers;
    if (text.n > PURL_MAX)
        return bad(e, text, "it is too long");
    if (s.n < 4 || !slice_eq_nocase(slice_sub(s, 0, 4), SLICE("pkg:")))
        return bad(e, text, "it does not start with pkg:");
    s = slice_from(s, 4);
    cut_tail(&s, '#', &subpath);
    cut_tail(&s, '?', &qualifiers);
    const char *why = decode_segments(subpath, false, true, arena, &p.subpath);
    if (!why)
        why = parse_qualifiers(qualifiers, arena, &p);
    if (!why)
        why = parse_path(s, arena, &p);
    if (why)
        return bad(e, text, why);
    *ret_purl = p;
    return 0;
}

static void encode(struct buf *out, struct slice s, bool folded)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = folded ? byte_lower(s.p[i]) : s.p[i];
        if (is_alpha(c) || byte_is_digit(c) || c == '.' || c == '-' || c == '_' || c == '~' || c == ':')
            buf_add_byte(out, c);
        else
            buf_addf(out, "%%%02X", c);
    }
}

/* Returns how many segments were written. */
static size_t encode_segments(struct buf *out, struct slice s, bool folded, bool dots)
{
    struct slice segment = SLICE_NONE;
    size_t written = 0;
    while (slice_take_token(&s, '/', &segment)) {
        if (!segment.n || (dots && (slice_eq_str(segment, ".") || slice_eq_str(segment, ".."))))
            continue;
        if (written++)
            buf_add_byte(out, '/');
        encode(out, segment, folded);
    }
    return written;
}

static int build_qualifiers(const struct purl *p, struct buf *out, struct err *e)
{
    struct purl_qualifier sorted[PURL_QUALIFIERS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < p->qualifiers.n; i++) {
        const struct purl_qualifier *q = &p->qualifiers.v[i];
        if (!q->value.n)
            continue;
        if (!is_word(q->key, ".-_") || n == PURL_QUALIFIERS_MAX)
            return err_set(e, ERR_POISON, 0, "a package URL can't have a qualifier \"%.*s\"", SLICE_FMT(q->key));
        sorted[n++] = *q;
    }
    if (n)
        qsort(sorted, n, sizeof *sorted, qualifier_order);
    for (size_t i = 0; i < n; i++) {
        buf_add_byte(out, i ? '&' : '?');
        encode(out, sorted[i].key, true);
        buf_add_byte(out, '=');
        encode(out, sorted[i].value, false);
    }
    return 0;
}

int purl_build(const struct purl *p, struct buf *out, struct err *e)
{
    struct buf text ATTR_CLEANUP(buf_done) = BUF_INIT(PURL_MAX);
    struct folding folded = folding_of(p->type);
    if (!is_word(p->type, ".+-") || !p->name.n)
        return err_set(e, ERR_POISON, 0, "a package URL needs a type and a name, not \"%.*s\" and \"%.*s\"",
                       SLICE_FMT(p->type), SLICE_FMT(p->name));
    buf_add_str(&text, "pkg:");
    for (size_t i = 0; i < p->type.n; i++) /* a type is never encoded, its + neither */
        buf_add_byte(&text, byte_lower(p->type.p[i]));
    buf_add_byte(&text, '/');
    if (encode_segments(&text, p->ns, folded.ns, false))
        buf_add_byte(&text, '/');
    encode(&text, p->name, folded.name);
    if (p->version.n) {
        buf_add_byte(&text, '@');
        encode(&text, p->version, false);
    }
    if (build_qualifiers(p, &text, e))
        return -1;
    size_t before = text.n;
    buf_add_byte(&text, '#');
    if (!encode_segments(&text, p->subpath, false, true))
        text.n = before;
    if (text.overflow || buf_add_slice(out, buf_slice(&text)))
        return err_set(e, ERR_POISON, 0, "the package URL of \"%.200s\" grows past %d bytes",
                       p->name.n > 200 ? "a long name" : buf_cstr(&text), PURL_MAX);
    return 0;
}

struct slice purl_qualifier(const struct purl *p, const char *key)
{
    for (size_t i = 0; i < p->qualifiers.n; i++)
        if (slice_eq_str(p->qualifiers.v[i].key, key))
            return p->qualifiers.v[i].value;
    return SLICE_NONE;
}

/* "1:2.0-1": the version behind the epoch; *ret_epoch is absent without one. */
static struct slice without_epoch(struct slice version, struct slice *ret_epoch)
{
    ptrdiff_t colon = slice_find(version, ':');
    *ret_epoch = colon < 0 ? SLICE_NONE : slice_sub(version, 0, (size_t)colon);
    return colon < 0 ? version : slice_from(version, (size_t)colon + 1);
}

/* Where the source differs: "openssl@3.0.15-1"; of an rpm its file, "openssl-3.0.7-1.el9.src.rpm". */
static struct slice upstream_of(const struct ecosystem *row, const struct package *p, struct arena *arena)
{
    struct slice epoch, name = p->source_name.n ? p->source_name : p->name, version = p->source_version;
    if (!p->source_name.n && !version.n)
        return SLICE_NONE;
    if (row->purl & PURL_SOURCE_FILE && p->version.n)
        return arena_printf(arena, "%.*s-%.*s.src.rpm", SLICE_FMT(name),
                            SLICE_FMT(without_epoch(version.n ? version : p->version, &epoch)));
    return version.n ? arena_printf(arena, "%.*s@%.*s", SLICE_FMT(name), SLICE_FMT(version)) : name;
}

/* "git+https://host/path@commit", as a vcs_url is spelt. */
static bool is_repository(struct slice origin)
{
    ptrdiff_t plus = slice_find(origin, '+');
    return plus > 0 && plus < 5 && slice_find_slice(origin, SLICE("://")) > plus;
}

static const char *arch_of(const struct ecosystem *row)
{
    return row->purl_arch ? row->purl_arch : "arch";
}

struct slice purl_of_package(const struct package *p, const struct os_info *os, struct arena *arena)
{
    const struct ecosystem *row = ecosystem_of_type(p->type);
    struct purl_qualifier q[7];
    struct buf text ATTR_CLEANUP(buf_done) = BUF_INIT(PURL_MAX);
    struct slice distro = SLICE_NONE, epoch = SLICE_NONE, version = p->version;
    if (!row->purl_type)
        return SLICE_NONE;
    if (os->id.n && ecosystem_of_systems(p->type)) {
        struct slice release = os->version_id.n ? os->version_id : os->codename;
        distro = arena_printf(arena, "%.*s%s%.*s", SLICE_FMT(os->id), release.n ? "-" : "", SLICE_FMT(release));
    }
    if (row->purl & PURL_EPOCH_APART)
        version = without_epoch(version, &epoch);
    q[0] = (struct purl_qualifier){slice_str(arch_of(row)), row->purl & PURL_NO_MACHINE ? SLICE_NONE : p->architecture};
    q[1] = (struct purl_qualifier){SLICE("distro"), distro};
    q[2] = (struct purl_qualifier){SLICE("upstream"), upstream_of(row, p, arena)};
    q[3] = (struct purl_qualifier){SLICE("epoch"), epoch};
    q[4] = (struct purl_qualifier){SLICE("rpmmod"), row->purl & PURL_MODULE ? p->module : SLICE_NONE};
    q[5] = (struct purl_qualifier){SLICE("updates"), p->updates};
    q[6] = (struct purl_qualifier){SLICE("vcs_url"), is_repository(p->origin) ? p->origin : SLICE_NONE};
    struct purl u = {.type = slice_str(row->purl_type),
                     .ns = row->purl & PURL_SYSTEM_NAMESPACE ? os->id : p->ns,
                     .name = p->name,
                     .version = version};
    if (row->purl & PURL_NORMAL)
        u.name = row->normal(p->name, arena);
    ptrdiff_t category = row->purl & PURL_CATEGORY ? slice_find(p->name, '/')
                         : row->purl & PURL_PATH   ? slice_rfind(p->name, '/')
                                                   : -1;
    if (category >= 0) {
        u.ns = slice_sub(p->name, 0, (size_t)category);
        u.name = slice_from(p->name, (size_t)category + 1);
    }
    u.qualifiers.v = q;
    u.qualifiers.n = u.qualifiers.cap = ARRAY_LEN(q);
    return purl_build(&u, &text, NULL) ? SLICE_NONE : arena_slice(arena, buf_slice(&text));
}

/*
 * "debian-12", "opensuse-leap-15.4", "3.20.3", "bookworm": a system's id and release, or one of release and codename.
 * Others have qualifiers of their own: os_name=debian&os_version=12&os_distro=bookworm, distro_name=bookworm.
 */
static void os_of_purl(const struct purl *p, struct slice ns, struct arena *arena, struct os_info *ret_os)
{
    struct slice distro = purl_qualifier(p, "distro"), os_name = purl_qualifier(p, "os_name");
    struct distro_said said = {
        .name = os_name.n ? os_name : ns,
        .version = purl_qualifier(p, "os_version"),
        .codename = purl_qualifier(p, os_name.n ? "os_distro" : "distro_name"),
    };
    ptrdiff_t dash = slice_rfind(distro, '-'), number = -1;
    for (size_t i = distro.n; i-- > 1;) /* the first that a number follows: openeuler-22.03-LTS-SP4 */
        if (distro.p[i - 1] == '-' && byte_is_digit(distro.p[i]))
            number = (ptrdiff_t)i - 1;
    if (number >= 0)
        dash = number;
    else if (slice_starts(distro, ns) && distro.n > ns.n && distro.p[ns.n] == '-')
        dash = (ptrdiff_t)ns.n;
    if (distro.n && (slice_eq(distro, ns) || distro_by_name(distro))) {
        said.name = distro;
    } else if (dash > 0) {
        said.name = slice_sub(distro, 0, (size_t)dash);
        said.version = slice_from(distro, (size_t)dash + 1);
    } else if (distro.n) {
        said.version = distro;
    }
    distro_identify_said(&said, arena, ret_os);
}

/*
 * An rpm's upstream is often its source package's file: openssl-3.0.7-27.el9.src.rpm -> openssl@3.0.7-27.el9, with the
 * epoch of the binary package, which a file name does not tell; what equals the package's own version is left out.
 */
static struct slice rpm_upstream(struct slice upstream, struct slice version, struct arena *arena)
{
    if (!slice_ends(upstream, SLICE(".src.rpm")) && !slice_ends(upstream, SLICE(".nosrc.rpm")))
        return upstream;
    upstream.n = (size_t)slice_rfind(slice_sub(upstream, 0, upstream.n - 4), '.');
    ptrdiff_t release = slice_rfind(upstream, '-');
    ptrdiff_t name = release > 0 ? slice_rfind(slice_sub(upstream, 0, (size_t)release), '-') : -1;
    if (name <= 0)
        return upstream;
    struct slice epoch, own = without_epoch(version, &epoch);
    struct slice behind = slice_from(upstream, (size_t)name + 1);
    if (slice_eq(behind, own))
        return slice_sub(upstream, 0, (size_t)name);
    return arena_printf(arena, "%.*s@%.*s%s%.*s", SLICE_FMT(slice_sub(upstream, 0, (size_t)name)), SLICE_FMT(epoch),
                        epoch.n ? ":" : "", SLICE_FMT(behind));
}

struct slice purl_module(struct slice label)
{
    struct slice rest = label, part;
    if (!slice_take_token(&rest, ':', &part) || !slice_take_token(&rest, ':', &part))
        return label;
    return slice_sub(label, 0, (size_t)(part.p + part.n - label.p));
}

static struct slice module_of_purl(const struct purl *p)
{
    struct slice label = purl_qualifier(p, "rpmmod");
    return label.n ? label : purl_qualifier(p, "modularitylabel");
}

/* "openssl@3.0.15-1" */
static void split_upstream(struct slice upstream, struct slice *ret_name, struct slice *ret_version)
{
    ptrdiff_t at = slice_find(upstream, '@');
    *ret_version = at < 0 ? SLICE_NONE : slice_from(upstream, (size_t)at + 1);
    *ret_name = at < 0 ? upstream : slice_sub(upstream, 0, (size_t)at);
}

void purl_rpm_source(struct slice file, struct slice version, struct arena *arena, struct slice *ret_name,
                     struct slice *ret_version)
{
    split_upstream(rpm_upstream(file, version, arena), ret_name, ret_version);
}

bool purl_to_package(const struct purl *p, struct arena *arena, struct package *ret, struct os_info *ret_os)
{
    struct package out = {.name = p->name, .version = p->version};
    struct slice upstream = purl_qualifier(p, "upstream"), epoch = purl_qualifier(p, "epoch");
    out.type = ecosystem_type_of_purl(p->type, p->ns);
    const struct ecosystem *row = ecosystem_of_type(out.type);
    if (out.type == PKG_UNKNOWN)
        return false;
    out.architecture = purl_qualifier(p, arch_of(row));
    if (!(row->purl & (PURL_SYSTEM_NAMESPACE | PURL_CATEGORY | PURL_PATH)))
        out.ns = p->ns;
    if (row->purl & (PURL_CATEGORY | PURL_PATH) && p->ns.n)
        out.name = arena_printf(arena, "%.*s/%.*s", SLICE_FMT(p->ns), SLICE_FMT(p->name));
    if (row->purl & PURL_EPOCH && epoch.n && p->version.n && slice_find(p->version, ':') < 0)
        out.version = arena_printf(arena, "%.*s:%.*s", SLICE_FMT(epoch), SLICE_FMT(p->version));
    out.module = row->purl & PURL_MODULE ? module_of_purl(p) : SLICE_NONE;
    if (row->purl & PURL_SOURCE_FILE)
        upstream = rpm_upstream(upstream, out.version, arena);
    split_upstream(upstream, &out.source_name, &out.source_version);
    if (slice_eq(out.source_name, out.name))
        out.source_name = SLICE_NONE;
    out.updates = row->purl & PURL_UPDATES ? purl_qualifier(p, "updates") : SLICE_NONE;
    if (!ecosystem_of_systems(out.type)) {
        struct slice vcs = purl_qualifier(p, "vcs_url"), download = purl_qualifier(p, "download_url");
        out.origin = vcs.n ? vcs : download.n ? download : purl_qualifier(p, "repository_url");
        out.source_name = out.source_version = SLICE_NONE;
        *ret_os = (struct os_info){.id = SLICE_NONE};
    }
    if (ecosystem_of_systems(out.type))
        os_of_purl(p, row->purl & PURL_SYSTEM_NAMESPACE ? p->ns : slice_str(row->purl_system), arena, ret_os);
    *ret = out;
    return true;
}
