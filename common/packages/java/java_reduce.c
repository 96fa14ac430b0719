/* SPDX-License-Identifier: Apache-2.0 */
/*
 * java_reduce.c: an archive and those within it, walked while they stream by (zip_walk.h). What they say is held until
 * the outermost one ends, since only their directories say what counts: TEXT_MAX bytes at most.
 */
#include "base/arena.h"
#include "io/archive/zip_walk.h"
#include "io/sha1.h"
#include "packages/reading/fact_list.h"
#include "packages/java/java.h"

#define SMALLEST_ZIP  22
#define MEMBER_MAX    ((size_t)1 << 20)
#define TEXT_MAX      ((size_t)8 << 20)
#define REFS_MAX      ((size_t)1 << 17)
#define ARCHIVES_MAX  ((size_t)1 << 14)
#define PACKAGES_MAX  16
#define PACKAGE_PARTS 4
#define ZEROS_MAX     ((uint64_t)64 << 20) /* of holes in a sparse file */
#define NOTES_MAX     (ZIP_NOTES_MAX + 2)
#define NONE          UINT32_MAX

enum java_fact { FACT_NONE, FACT_MANIFEST, FACT_PROPERTIES, FACT_POM };
static const char *const fact_names[] = {"", JAVA_MANIFEST, JAVA_PROPERTIES, JAVA_POM};

struct held {
    uint32_t archive;
    enum java_fact fact;
    uint32_t at, n; /* in the text */
    bool counts;
};

struct archive {
    uint32_t above; /* the archive that it lies in */
    uint32_t path_at, path_n;
    uint32_t packages_at[PACKAGES_MAX], packages_n[PACKAGES_MAX], packages;
    bool counts, classes, sources;
    bool no_zip; /* whatever its name says */
    char sha1[SHA1_HEX + 1];
};

struct ref {                /* of a member's id */
    uint32_t archive, held; /* one of them is NONE */
};

struct note {
    enum reason_code code;
    char text[512];
};

struct state {
    struct zip_walk *walk;
    struct buf path, text, member, list;
    struct arena arena;
    struct {
        struct held *v;
        size_t n, cap;
    } held;
    struct {
        struct archive *v;
        size_t n, cap;
    } archives;
    struct {
        struct ref *v;
        size_t n, cap;
    } refs;
    uint32_t open[ZIP_DEPTH_MAX + 2], open_id[ZIP_DEPTH_MAX + 2]; /* archives by depth */
    struct sha1 sha1[ZIP_DEPTH_MAX + 2];
    bool holds[ZIP_DEPTH_MAX + 2]; /* archives: its SHA-1 is nobody's matter, and would cost as much as all else */
    uint32_t reading;              /* the id of the small file that is being read */
    enum java_fact fact;
    struct note notes[NOTES_MAX];
    size_t notes_n;
    uint64_t at, zeros;
    bool named; /* by its path it is one of Java's */
    bool full;
};

#define GROW(vec, max)                                                                                                 \
    ((vec).n < (max) && ((vec).n < (vec).cap || ((vec).cap = (vec).cap ? 2 * (vec).cap : 16,                           \
                                                 (vec).v = xrealloc((vec).v, (vec).cap * sizeof *(vec).v), true)))

/* ---- what is asked for ---- */

/* What follows META-INF/maven/ where that is two folders and the file; absent: it is none. */
static struct slice maven_part(struct slice name)
{
    ptrdiff_t at = slice_find_slice(name, SLICE("META-INF/maven/"));
    if (at < 0 || (at > 0 && name.p[at - 1] != '/'))
        return SLICE_NONE;
    struct slice part = slice_from(name, (size_t)at + strlen("META-INF/maven/")), rest = part, piece;
    size_t slashes = 0;
    while (slice_take_token(&rest, '/', &piece))
        slashes++;
    return slashes == 3 ? part : SLICE_NONE;
}

static enum java_fact fact_of(struct slice name)
{
    if (slice_eq_nocase(name, SLICE("META-INF/MANIFEST.MF")))
        return FACT_MANIFEST;
    if (slice_ends(name, SLICE("/pom.properties")) && maven_part(name).n)
        return FACT_PROPERTIES;
    if (slice_ends(name, SLICE("/pom.xml")) && maven_part(name).n)
        return FACT_POM;
    return FACT_NONE;
}

/* Where packages of classes begin: behind folders of applications, of jmods, and of releases. */
static struct slice class_path(struct slice name)
{
    if (!slice_take_prefix(&name, SLICE("BOOT-INF/classes/")) && !slice_take_prefix(&name, SLICE("WEB-INF/classes/")))
        slice_take_prefix(&name, SLICE("classes/"));
    struct slice rest = name, piece;
    if (slice_take_prefix(&rest, SLICE("META-INF/versions/")) && slice_take_token(&rest, '/', &piece))
        name = rest;
    return name;
}

static void see_class(struct state *s, struct archive *a, struct slice name)
{
    struct slice path = class_path(name);
    size_t n = 0;
    a->classes = true;
    for (size_t i = 0, parts = 0; i < path.n && parts < PACKAGE_PARTS; i++) {
        if (path.p[i] == '/') {
            n = i;
            parts++;
        }
    }
    if (!n || n > 200 || a->packages == PACKAGES_MAX)
        return;
    path.n = n;
    for (uint32_t i = a->packages; i-- > 0;) /* the last one is the likeliest */
        if (slice_eq(slice_of(s->text.p + a->packages_at[i], a->packages_n[i]), path))
            return;
    if (buf_add_slice(&s->text, path))
        return;
    a->packages_at[a->packages] = (uint32_t)(s->text.n - n);
    a->packages_n[a->packages++] = (uint32_t)n;
}

static enum zip_want wants(void *arg, const struct zip_member *m)
{
    struct state *s = arg;
    if (!m->name.n || m->name.p[m->name.n - 1] == '/')
        return ZIP_SKIP;
    struct archive *a = s->open[m->depth] == NONE ? NULL : &s->archives.v[s->open[m->depth]];
    if (a && slice_ends(m->name, SLICE(".class")))
        see_class(s, a, m->name);
    else if (a && (slice_ends(m->name, SLICE(".java")) || slice_ends(m->name, SLICE(".kt"))))
        a->sources = true;
    else if (fact_of(m->name))
        return ZIP_READ;
    else if (java_is_archive(slice_path_name(m->name)))
        return ZIP_WALK;
    return ZIP_SKIP;
}

/* ---- content ---- */

static uint32_t add_archive(struct state *s, uint32_t above, struct slice path)
{
    if (!GROW(s->archives, ARCHIVES_MAX) || buf_add_slice(&s->text, path)) {
        s->full = true;
        return NONE;
    }
    s->archives.v[s->archives.n] =
        (struct archive){.above = above, .path_at = (uint32_t)(s->text.n - path.n), .path_n = (uint32_t)path.n};
    return (uint32_t)s->archives.n++;
}

static void add_held(struct state *s, uint32_t archive, size_t at)
{
    if (s->text.overflow || archive == NONE || !GROW(s->held, REFS_MAX)) {
        s->full = true;
        return;
    }
    s->held.v[s->held.n++] =
        (struct held){.archive = archive, .fact = s->fact, .at = (uint32_t)at, .n = (uint32_t)(s->text.n - at)};
}

static void on_begin(void *arg, const struct zip_member *m)
{
    struct state *s = arg;
    struct ref ref = {NONE, NONE};
    enum java_fact fact = fact_of(m->name);
    if (fact) {
        s->reading = m->id;
        s->fact = fact;
        buf_clear(&s->member);
        if (fact != FACT_MANIFEST) { /* where it lies says something too */
            buf_add_slice(&s->member, slice_path_folder(maven_part(m->name)));
            buf_add_byte(&s->member, '\n');
        }
    } else {
        ref.archive = s->open[m->depth + 1] = add_archive(s, s->open[m->depth], m->path);
        s->open_id[m->depth + 1] = m->id;
        s->holds[m->depth] = true;
        s->holds[m->depth + 1] = false;
        sha1_begin(&s->sha1[m->depth + 1]);
    }
    if (GROW(s->refs, REFS_MAX) && m->id == s->refs.n)
        s->refs.v[s->refs.n++] = ref;
    else
        s->full = true;
}

static size_t depth_of(const struct state *s, uint32_t id)
{
    size_t depth = 1;
    while (depth < ARRAY_LEN(s->open_id) && s->open_id[depth] != id)
        depth++;
    ASSERT(depth < ARRAY_LEN(s->open_id));
    return depth;
}

static void on_data(void *arg, uint32_t id, struct slice bytes)
{
    struct state *s = arg;
    if (id == s->reading)
        buf_add_slice(&s->member, bytes);
    else if (!s->holds[depth_of(s, id)])
        sha1_update(&s->sha1[depth_of(s, id)], bytes);
}

/* The archive whose member is being read: the innermost one that is open. */
static uint32_t archive_at(const struct state *s)
{
    size_t depth = 0;
    while (depth + 1 < ARRAY_LEN(s->open_id) && s->open_id[depth + 1] != NONE)
        depth++;
    return s->open[depth];
}

ATTR_PRINTF(3, 4) static void note(struct state *s, enum reason_code code, const char *fmt, ...)
{
    va_list ap;
    if (s->notes_n == NOTES_MAX)
        return;
    struct note *to = &s->notes[s->notes_n++];
    to->code = code;
    va_start(ap, fmt);
    vsnprintf(to->text, sizeof to->text, fmt, ap);
    va_end(ap);
}

static void on_note(void *arg, enum zip_note kind, struct slice path, const char *text)
{
    struct state *s = arg;
    struct slice file = buf_slice(&s->path);
    uint32_t archive = archive_at(s);
    if (kind == ZIP_NOTE_NONE && archive != NONE)
        s->archives.v[archive].no_zip = true;
    if (kind == ZIP_NOTE_NONE && !java_is_archive_surely(path.n ? path : file))
        return; /* other things are called so too */
    note(s, REASON_ARCHIVE_UNREAD, "%.*s%s%.*s: %s", SLICE_FMT(slice_sub(file, 0, 200)), path.n ? "!/" : "",
         SLICE_FMT(slice_sub(path, 0, 200)), text);
}

static bool take_text(struct state *s)
{
    struct slice text = buf_slice(&s->member), folder;
    bool some;
    if (s->fact == FACT_MANIFEST)
        return java_take_manifest(text, &s->text);
    slice_take_token(&text, '\n', &folder);
    buf_add_slice(&s->text, folder);
    buf_add_byte(&s->text, '\n');
    if (s->fact == FACT_PROPERTIES) {
        java_take_properties(text, &s->text);
        return true; /* its folder's name says who it is */
    }
    some = java_take_pom(text, &s->arena, &s->text);
    arena_reset(&s->arena);
    return some;
}

static void end_reading(struct state *s, uint32_t id, bool whole)
{
    size_t at = s->text.n;
    s->reading = NONE;
    if (whole && s->member.overflow)
        note(s, REASON_ARCHIVE_UNREAD, "%.*s: a %s of more than %zu bytes",
             SLICE_FMT(slice_sub(buf_slice(&s->path), 0, 200)), fact_names[s->fact], MEMBER_MAX);
    else if (whole && id < s->refs.n && take_text(s)) {
        s->refs.v[id].held = (uint32_t)s->held.n;
        add_held(s, archive_at(s), at);
        return;
    }
    s->text.n = at;
}

static void on_end(void *arg, uint32_t id, bool whole)
{
    struct state *s = arg;
    char hex[SHA1_HEX + 1];
    if (id == s->reading) {
        end_reading(s, id, whole);
        return;
    }
    size_t depth = depth_of(s, id);
    sha1_end(&s->sha1[depth], hex);
    if (s->open[depth] != NONE && !s->holds[depth])
        memcpy(s->archives.v[s->open[depth]].sha1, hex, sizeof hex);
    s->open[depth] = s->open_id[depth] = NONE;
}

static void on_confirm(void *arg, uint32_t id, bool counts)
{
    struct state *s = arg;
    struct ref ref = id < s->refs.n ? s->refs.v[id] : (struct ref){NONE, NONE};
    if (ref.archive != NONE)
        s->archives.v[ref.archive].counts = counts;
    if (ref.held != NONE)
        s->held.v[ref.held].counts = counts;
}

static const struct zip_visitor visitor = {wants, on_begin, on_data, on_end, on_confirm, on_note};

/* ---- evidence ---- */

static struct slice text_of(const struct state *s, uint32_t at, uint32_t n)
{
    return slice_of(s->text.p + at, n);
}

static struct slice folder_of(const struct state *s, const struct held *h)
{
    struct slice text = text_of(s, h->at, h->n), folder = SLICE_NONE;
    if (h->fact != FACT_MANIFEST)
        slice_take_token(&text, '\n', &folder);
    return folder;
}

/* By archive; in it by the folder, properties before the pom beside them. */
static int by_place(const void *a, const void *b, void *arg)
{
    const struct held *x = a, *y = b;
    if (x->archive != y->archive)
        return x->archive < y->archive ? -1 : 1;
    int c = slice_cmp(folder_of(arg, x), folder_of(arg, y));
    if (!c)
        c = (x->fact == FACT_POM) - (y->fact == FACT_POM);
    return c ? c : (x->at > y->at) - (x->at < y->at);
}

/* Whether another file says better what this pom.xml says: the properties in its folder. */
static bool is_beside(const struct state *s, size_t i)
{
    const struct held *h = &s->held.v[i];
    for (; i > 0 && h->fact == FACT_POM && s->held.v[i - 1].archive == h->archive; i--) {
        if (!slice_eq(folder_of(s, &s->held.v[i - 1]), folder_of(s, h)))
            return false;
        if (s->held.v[i - 1].counts)
            return true;
    }
    return false;
}

static int add_archive_facts(struct state *s, size_t index, size_t *held)
{
    const struct archive *a = &s->archives.v[index];
    struct buf packages = BUF_INIT(1 << 16);
    int bad = fact_list_add(&s->list, JAVA_ARCHIVE, text_of(s, a->path_at, a->path_n));
    if (a->sha1[0])
        bad |= fact_list_add(&s->list, JAVA_SHA1, slice_str(a->sha1));
    for (; *held < s->held.n && s->held.v[*held].archive == index; ++*held) {
        const struct held *h = &s->held.v[*held];
        if (h->counts && !is_beside(s, *held))
            bad |= fact_list_add(&s->list, fact_names[h->fact], text_of(s, h->at, h->n));
    }
    for (uint32_t i = 0; i < a->packages; i++) {
        buf_add_slice(&packages, text_of(s, a->packages_at[i], a->packages_n[i]));
        buf_add_byte(&packages, ' ');
    }
    if (a->classes)
        bad |= fact_list_add(&s->list, JAVA_PACKAGES, buf_slice(&packages));
    else if (a->sources)
        bad |= fact_list_add(&s->list, JAVA_SOURCES, SLICE(""));
    buf_done(&packages);
    return bad;
}

/* Whether anything in it that counts is of Java. */
static bool is_java(const struct state *s)
{
    for (size_t i = 0; i < s->held.n; i++)
        if (s->held.v[i].counts && s->archives.v[s->held.v[i].archive].counts)
            return true;
    for (size_t i = 0; i < s->archives.n; i++)
        if (s->archives.v[i].counts && s->archives.v[i].classes)
            return true;
    return false;
}

static void write_evidence(struct state *s, const struct reducer_out *out)
{
    size_t held = 0;
    for (size_t i = 0; i < s->archives.n; i++) /* what lies in one that doesn't count doesn't either */
        s->archives.v[i].counts &= !s->archives.v[i].no_zip && (!i || s->archives.v[s->archives.v[i].above].counts);
    if (!s->named && !is_java(s))
        return;
    if (s->held.n)
        qsort_r(s->held.v, s->held.n, sizeof *s->held.v, by_place, s);
    buf_clear(&s->list);
    for (size_t i = 0; i < s->archives.n; i++) {
        while (held < s->held.n && s->held.v[held].archive < i)
            held++;
        if (s->archives.v[i].counts && add_archive_facts(s, i, &held))
            s->full = true;
    }
    if (s->full || s->text.overflow)
        note(s, REASON_ARCHIVE_UNREAD, "%.*s: it holds more than is kept of an archive; the rest was left out",
             SLICE_FMT(slice_sub(buf_slice(&s->path), 0, 200)));
    if (s->archives.v[0].counts)
        out->put(out->arg, out->format, buf_slice(&s->path), buf_slice(&s->list));
    for (size_t i = 0; i < s->notes_n; i++)
        out->reason(out->arg, s->notes[i].code, s->notes[i].text);
}

/* ---- the reducer ---- */

static bool begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    if (file->linked || file->size < SMALLEST_ZIP)
        return false;
    if (!s->walk) {
        s->walk = zip_walk_new(&visitor, s);
        s->path = BUF_INIT(4096);
        s->text = s->list = BUF_INIT(TEXT_MAX);
        s->member = BUF_INIT(MEMBER_MAX + 2 * ZIP_NAME_MAX);
        s->arena = ARENA_INIT((size_t)12 << 20);
    }
    zip_walk_reset(s->walk);
    buf_clear(&s->path);
    buf_clear(&s->text);
    if (buf_add_slice(&s->path, file->path))
        return false;
    s->held.n = s->archives.n = s->refs.n = s->notes_n = 0;
    s->at = s->zeros = 0;
    s->named = file->rule->kind != NULL;
    s->full = false;
    s->reading = NONE;
    memset(s->open, 0xff, sizeof s->open);
    memset(s->open_id, 0xff, sizeof s->open_id);
    s->holds[0] = false;
    s->open[0] = add_archive(s, NONE, SLICE(""));
    s->archives.v[0].counts = true;
    zip_walk_size(s->walk, file->size);
    sha1_begin(&s->sha1[0]);
    return true;
}

static void take(struct state *s, struct slice bytes)
{
    if (!s->holds[0])
        sha1_update(&s->sha1[0], bytes);
    zip_walk_feed(s->walk, bytes);
    s->at += bytes.n;
}

static void feed(void *state, uint64_t at, struct slice bytes)
{
    static const uint8_t zeros[4096];
    struct state *s = state;
    while (s->at < at && s->zeros < ZEROS_MAX) {
        size_t n = (size_t)MIN(at - s->at, (uint64_t)sizeof zeros);
        s->zeros += n;
        take(s, slice_of(zeros, n));
    }
    if (s->at == at)
        take(s, bytes);
}

static void end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    zip_walk_end(s->walk);
    sha1_end(&s->sha1[0], s->archives.v[0].sha1);
    if (s->holds[0])
        s->archives.v[0].sha1[0] = 0;
    write_evidence(s, out);
}

static void layer_end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    if (!s->walk)
        return;
    zip_walk_free(s->walk);
    buf_done(&s->path);
    buf_done(&s->text);
    buf_done(&s->member);
    buf_done(&s->list);
    arena_done(&s->arena);
    free(s->held.v);
    free(s->archives.v);
    free(s->refs.v);
    memset(s, 0, sizeof *s);
}

const struct reducer java_reducer = {
    .state_size = sizeof(struct state), .begin = begin, .feed = feed, .end = end, .layer_end = layer_end};
