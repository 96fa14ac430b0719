/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_java.c: which artifacts an archive's evidence tells of. In order of trust: poms within it, of which the one that
 * fits the file's name is the archive itself and the others were shaded into it; then its manifest, its SHA-1, its name
 * (java_identity.h).
 */
#include "base/hash.h"
#include "packages/reading/fact_list.h"
#include "packages/java/java.h"
#include "packages/java/java_identity.h"
#include "packages/parse_internal.h"

#define PARSER "java-archive"

struct pom {
    struct slice ns, name, version;
};

struct archive {
    struct slice path, sha1, manifest, packages;
    bool classes, sources;
    VEC(struct pom) poms;
};

#define INSIDE (-1)

struct seen {
    uint64_t key; /* of the path that a file has, or would have if the archive that holds it were unpacked; and SHA-1 */
    ptrdiff_t file; /* among the layer's parsed files */
};

struct state {
    VEC(struct seen) seen;
};

/* What is true of all that a file holds. */
struct reading {
    struct parse *p;
    struct parsed_file *file;
    bool cached;                 /* it lies in a build tool's cache */
    struct java_identity placed; /* who it is by its place there; name empty: nobody */
};

/* ---- poms ---- */

static bool is_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

/* A value of a properties file, where "\:" is a colon and "\u00fc" a letter. */
static struct slice unescaped(struct slice s, struct arena *arena)
{
    uint8_t *to = slice_find(s, '\\') < 0 ? NULL : arena_alloc(arena, s.n);
    size_t n = 0;
    if (!to)
        return s;
    for (size_t i = 0; i < s.n; i++) {
        uint64_t c;
        if (s.p[i] != '\\' || i + 1 == s.n) {
            to[n++] = s.p[i];
        } else if (s.p[i + 1] == 'u' && i + 5 < s.n && is_hex(s.p[i + 2]) &&
                   slice_parse_hex(slice_sub(s, i + 2, 4), &c) && c < 0x80) {
            to[n++] = (uint8_t)c;
            i += 5;
        } else {
            to[n++] = s.p[++i];
        }
    }
    return slice_of(to, n);
}

/* The value of "key=value" or "key: value" in lines; of several the last. */
static struct slice property(struct slice lines, const char *key, struct arena *arena)
{
    struct slice line, value = SLICE("");
    while (slice_take_line(&lines, &line)) {
        size_t n = 0;
        while (n < line.n && line.p[n] != '=' && line.p[n] != ':' && line.p[n] != ' ' && line.p[n] != '\t')
            n++;
        if (!slice_eq_str(slice_sub(line, 0, n), key))
            continue;
        value = slice_trim(slice_from(line, n));
        if (value.n && (value.p[0] == '=' || value.p[0] == ':'))
            value = slice_trim(slice_from(value, 1));
        value = unescaped(value, arena);
    }
    return value;
}

static struct slice resolved(struct slice lines, struct slice value, struct arena *arena)
{
    if (!slice_starts(value, SLICE("${")) || value.n < 4)
        return value;
    struct slice name = slice_sub(value, 2, value.n - 3);
    if (slice_eq_str(name, "project.parent.version") || slice_eq_str(name, "parent.version"))
        return property(lines, "parent.version", arena);
    char key[256];
    snprintf(key, sizeof key, "property.%.*s", SLICE_FMT(slice_sub(name, 0, 200)));
    return property(lines, key, arena);
}

static bool is_known(struct slice s)
{
    return parse_is_token(s) && slice_find(s, '$') < 0 && slice_find(s, '@') < 0;
}

static void take_pom(struct parse *p, struct archive *a, struct slice text, bool xml)
{
    struct slice folder = SLICE_NONE, group = SLICE_NONE;
    struct pom pom;
    slice_take_token(&text, '\n', &folder);
    slice_take_token(&folder, '/', &group);
    pom.ns = property(text, "groupId", p->arena);
    pom.name = property(text, "artifactId", p->arena);
    pom.version = property(text, "version", p->arena);
    if (xml && !pom.ns.n)
        pom.ns = property(text, "parent.groupId", p->arena);
    if (xml && !pom.version.n)
        pom.version = property(text, "parent.version", p->arena);
    pom.version = java_version(xml ? resolved(text, pom.version, p->arena) : pom.version);
    if (!is_known(pom.ns))
        pom.ns = group;
    if (!is_known(pom.name))
        pom.name = folder;
    if (!is_known(pom.ns) || !is_known(pom.name)) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "!/%.*s: a pom without a sound group and artifact",
                     SLICE_FMT(slice_sub(a->path, 0, 200)));
        return;
    }
    struct pom *to = VEC_ADD(p->arena, &a->poms);
    if (to)
        *to = pom;
}

/* ---- packages ---- */

static struct slice path_of(const struct reading *r, struct slice inside)
{
    return inside.n ? arena_printf(r->p->arena, "%.*s!/%.*s", SLICE_FMT(r->p->path), SLICE_FMT(inside)) : r->p->path;
}

/* The path of the archive that this one lies in; empty for the outermost. */
static struct slice above(const struct reading *r, struct slice inside)
{
    size_t n = inside.n;
    if (!n)
        return SLICE("");
    while (n > 1 && !(inside.p[n - 2] == '!' && inside.p[n - 1] == '/'))
        n--;
    return path_of(r, slice_sub(inside, 0, n > 1 ? n - 2 : 0));
}

static void add(struct reading *r, const struct archive *a, const struct java_name *name, struct package package)
{
    const char *no_code = name->no_code ? name->no_code : a->sources ? "sources" : NULL;
    package.type = PKG_MAVEN;
    package.location = path_of(r, a->path);
    if (r->cached) {
        package.certainty = CERTAINTY_DECLARED;
        package.why = SLICE("in a build tool's cache");
        package.not_judged =
            reason_make(REASON_NOT_LOADED, SLICE("it lies in a build tool's cache, from which no program is run"));
    } else if (no_code) {
        package.why = arena_printf(r->p->arena, "its %s, no code that runs", no_code);
        package.not_judged = reason_make(REASON_NOT_LOADED, SLICE("it has no code that runs"));
    } else if (!package.version.n && !package.not_judged.text.n) {
        package.not_judged = reason_make(REASON_VERSION_UNKNOWN, SLICE("nothing says its version"));
    }
    parse_add_package(r->p, r->file, &package);
}

/* The pom of the archive itself, -1: none. A renamed archive with a single pom is taken for what that says. */
static ptrdiff_t own_pom(const struct archive *a, const struct java_name *name)
{
    ptrdiff_t best = -1;
    for (size_t i = 0; i < a->poms.n; i++) {
        const struct pom *pom = &a->poms.v[i];
        bool fits = java_name_fits(name, pom->name) ||
                    (slice_starts(name->stem, pom->ns) && name->stem.n > pom->ns.n && name->stem.p[pom->ns.n] == '.' &&
                     slice_starts(slice_from(name->stem, pom->ns.n + 1), pom->name));
        if (fits && (best < 0 || pom->name.n > a->poms.v[best].name.n))
            best = (ptrdiff_t)i;
    }
    if (best < 0 && a->poms.n == 1) {
        struct slice said = java_version(java_header(a->manifest, "Implementation-Version"));
        const struct slice version = a->poms.v[0].version;
        if ((!name->version.n || slice_eq(name->version, version)) && (!said.n || slice_eq(said, version)))
            best = 0;
    }
    return best;
}

/* The Java platform's own archives are told by the runtime's release file. */
static bool is_platform(const struct archive *a, struct slice name)
{
    return slice_ends(name, SLICE(".jmod")) ||
           slice_eq_str(java_header(a->manifest, "Implementation-Title"), "Java Runtime Environment") ||
           slice_starts(java_header(a->manifest, "Specification-Title"), SLICE("Java Platform API Specification"));
}

static void add_itself(struct reading *r, const struct archive *a, const struct java_name *name)
{
    struct java_identity id = java_identify(name, a->manifest, a->packages, r->p->arena);
    if (r->placed.name.n && !a->path.n && !id.stated)
        id = r->placed;
    /* An application's own archive without a version, around what it is made of: nothing was published there. */
    if (!id.version.n && (a->poms.n || !(a->classes || a->sources)))
        return;
    if (!id.stated && !name->version.n && a->poms.n)
        return;
    if (!parse_is_token(id.name) || !slice_is_text(id.ns)) {
        parse_reason(r->p, REASON_PACKAGE_LEFT_OUT, "!/%.*s: its name can be no artifact's",
                     SLICE_FMT(slice_sub(a->path, 0, 200)));
        return;
    }
    struct package package = {
        .ns = id.ns, .name = id.name, .version = id.version, .parent = above(r, a->path), .why = slice_str(id.why)};
    if (!id.stated) {
        package.certainty = CERTAINTY_GUESSED;
        if (a->sha1.n)
            package.origin = arena_printf(r->p->arena, ORIGIN_SHA1 "%.*s", SLICE_FMT(a->sha1));
        package.not_judged = reason_make(id.version.n ? REASON_IDENTITY_GUESSED : REASON_VERSION_UNKNOWN,
                                         SLICE("its group is not known"));
    }
    add(r, a, name, package);
}

static void see(struct parse *p, struct slice path, struct slice sha1, ptrdiff_t file)
{
    struct state *s = parse_state(p, &format_java, sizeof *s);
    struct seen *to = s ? VEC_ADD(p->arena, &s->seen) : NULL;
    const uint64_t parts[] = {hash64(path), hash64(sha1)};
    if (to)
        *to = (struct seen){hash64(slice_of(parts, sizeof parts)), file};
}

/* Remembers what may lie in an archive and, unpacked, beside it. */
static void see_twins(struct reading *r, const struct archive *a)
{
    static const char *const unpacked[] = {".war", ".hpi", ".jpi", ".ear"};
    struct slice path = r->p->path;
    if (!a->sha1.n || slice_find_slice(a->path, SLICE("!/")) >= 0)
        return;
    if (!a->path.n)
        see(r->p, path, a->sha1, (ptrdiff_t)r->p->out->files.n - 1);
    for (size_t i = 0; a->path.n && i < ARRAY_LEN(unpacked); i++)
        if (slice_ends(path, slice_str(unpacked[i])))
            see(r->p,
                arena_printf(r->p->arena, "%.*s/%.*s", SLICE_FMT(slice_sub(path, 0, path.n - 4)), SLICE_FMT(a->path)),
                a->sha1, INSIDE);
}

static void tell(struct reading *r, const struct archive *a)
{
    struct slice file = slice_path_name(a->path.n ? a->path : r->p->path);
    struct java_name name = java_name_of(file);
    ptrdiff_t own = own_pom(a, &name);
    see_twins(r, a);
    for (size_t i = 0; i < a->poms.n; i++) {
        const struct pom *pom = &a->poms.v[i];
        bool itself = (ptrdiff_t)i == own;
        struct package package = {.ns = pom->ns,
                                  .name = pom->name,
                                  .version = pom->version,
                                  .parent = itself ? above(r, a->path) : path_of(r, a->path)};
        if (!itself)
            package.why = arena_printf(r->p->arena, "shaded into %.*s", SLICE_FMT(file));
        add(r, a, &name, package);
    }
    bool resources = !a->poms.n && !a->manifest.n && !a->classes && !a->sources && slice_ends(file, SLICE(".zip"));
    if (own < 0 && !resources && !is_platform(a, file))
        add_itself(r, a, &name);
}

/* ---- where it lies ---- */

static bool take_after(struct slice *path, const char *folder)
{
    struct slice f = slice_str(folder);
    ptrdiff_t at = slice_find_slice(*path, f);
    if (at < 0 || (at > 0 && path->p[at - 1] != '/'))
        return false;
    *path = slice_from(*path, (size_t)at + f.n);
    return true;
}

/* org/slf4j/slf4j-api/1.7.36/slf4j-api-1.7.36.jar of Maven's; org.slf4j/slf4j-api/1.7.36/HASH/FILE of Gradle's. */
static void place(struct reading *r)
{
    static const char *const others[] = {".gradle/caches/", ".ivy2/cache/", ".ivy2/local/", ".cache/coursier/",
                                         ".sbt/boot/"};
    struct slice path = r->p->path, at = path, folder = slice_path_folder(path);
    r->placed = (struct java_identity){.ns = SLICE(""), .name = SLICE(""), .why = "its place in the cache says so"};
    r->placed.stated = true;
    if (take_after(&at, ".m2/repository/")) {
        folder = slice_path_folder(at);
        r->placed.version = slice_path_name(folder);
        folder = slice_path_folder(folder);
        r->placed.name = slice_path_name(folder);
        uint8_t *ns = arena_alloc(r->p->arena, folder.n + 1);
        folder = slice_path_folder(folder);
        for (size_t i = 0; ns && i < folder.n; i++)
            ns[i] = folder.p[i] == '/' ? '.' : folder.p[i];
        r->placed.ns = ns ? slice_of(ns, folder.n) : SLICE("");
        r->cached = true;
    } else if (take_after(&at, "modules-2/files-2.1/")) {
        slice_take_token(&at, '/', &r->placed.ns);
        slice_take_token(&at, '/', &r->placed.name);
        slice_take_token(&at, '/', &r->placed.version);
        r->cached = true;
    }
    if (!r->placed.ns.n || !r->placed.version.n || !is_known(r->placed.version))
        r->placed.name = SLICE("");
    for (size_t i = 0; i < ARRAY_LEN(others) && !r->cached; i++)
        r->cached = take_after(&path, others[i]);
}

void java_read(struct parse *p, const struct evidence_entry *entry)
{
    struct slice list = entry->bytes, fact, value;
    struct reading r = {.p = p, .file = parse_add_file(p, entry->path, PARSER)};
    struct archive a = {0};
    bool any = false;
    if (!r.file)
        return;
    p->path = r.file->path;
    p->reasons_of_file = 0;
    place(&r);
    while (fact_list_take(&list, &fact, &value)) {
        if (slice_eq_str(fact, JAVA_ARCHIVE)) {
            if (any)
                tell(&r, &a);
            a = (struct archive){.path = value};
            any = true;
        } else if (slice_eq_str(fact, JAVA_SHA1)) {
            a.sha1 = value;
        } else if (slice_eq_str(fact, JAVA_MANIFEST)) {
            a.manifest = value;
        } else if (slice_eq_str(fact, JAVA_PACKAGES)) {
            a.packages = value;
            a.classes = true;
        } else if (slice_eq_str(fact, JAVA_SOURCES)) {
            a.sources = true;
        } else if (slice_eq_str(fact, JAVA_PROPERTIES) || slice_eq_str(fact, JAVA_POM)) {
            take_pom(p, &a, value, slice_eq_str(fact, JAVA_POM));
        }
    }
    if (any)
        tell(&r, &a);
    if (list.n)
        parse_reason(p, REASON_EVIDENCE_BROKEN, "what was kept of it is damaged");
}

/* ---- unpacked beside itself ---- */

static int by_key(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    return x->key != y->key ? (x->key < y->key ? -1 : 1) : (x->file > y->file) - (x->file < y->file);
}

/*
 * Jenkins and Tomcat unpack x.war into x: where a layer has both, what lies in the folder is there once more in the
 * archive, under which it is told.
 */
void java_read_end(struct parse *p, struct slice whole)
{
    struct state *s = parse_state(p, &format_java, sizeof *s);
    (void)whole;
    if (!s || !s->seen.n)
        return;
    qsort(s->seen.v, s->seen.n, sizeof *s->seen.v, by_key);
    for (size_t i = 1; i < s->seen.n; i++) {
        const struct seen *at = &s->seen.v[i], *before = &s->seen.v[i - 1];
        if (at->file != INSIDE && at->key == before->key && before->file == INSIDE)
            p->out->files.v[at->file].packages.n = 0;
    }
}
