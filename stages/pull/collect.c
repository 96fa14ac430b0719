/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/collect.h"

#include "io/archive/inflate.h"
#include "io/archive/tar.h"
#include "model/evidence.h"
#include "pull/collect_form.h"
#include "pull/collect_links.h"
#include "packages/collect_match.h"
#include "packages/software/collect_software.h"
#include "packages/path_index.h"

#include <zstd.h>

#define PATH_MAX_BYTES 4096
#define PIECE          ((size_t)64 << 10)
#define KEEP_BUFFER    ((size_t)1 << 20) /* a larger file's buffer is given back */

struct collect {
    struct collect_limits limits;
    void (*write)(void *arg, struct slice bytes);
    void *arg;
    struct inflate *inflate;
    struct tar *tar;
    struct collect_match match;
    bool broken; /* the stream can't be read further */
    struct slice media_type;
    char media_text[128]; /* what media_type points to */
    struct buf head;      /* the first unpacked bytes */

    ZSTD_CCtx *zstd;
    uint8_t *packed;
    size_t packed_cap;
    uint64_t evidence, packed_n;
    bool evidence_full;
    struct buf entry;

    struct buf reasons; /* prefixed texts */
    uint32_t reasons_n;

    /* the wanted file being read */
    const struct match_rule *rule;
    uint8_t path[PATH_MAX_BYTES];
    size_t path_n;
    uint64_t size;
    uint8_t *file;
    size_t file_n, file_max, file_cap;
    bool streamed;     /* not held: what came is written already, but for staged_n bytes */
    size_t staged_n;   /* in file: pieces of one size make the same bytes however the layer came */
    uint64_t left_out; /* of its bytes, since too much was packed */

    uint8_t name[PATH_MAX_BYTES]; /* the last that put_name wrote */
    size_t name_n;

    struct path_index index;
    struct collect_links links;
    struct software_watch software; /* looks at what no rule wants */
};

/* ---- output ---- */

static void pack(struct collect *c, struct slice bytes, ZSTD_EndDirective how)
{
    ZSTD_inBuffer in = {bytes.p ? bytes.p : (const uint8_t *)"", bytes.n, 0};
    size_t left;
    do {
        ZSTD_outBuffer out = {c->packed, c->packed_cap, 0};
        left = ZSTD_compressStream2(c->zstd, &out, &in, how);
        if (ZSTD_isError(left))
            BUG("zstd: %s", ZSTD_getErrorName(left));
        c->packed_n += out.pos;
        if (out.pos)
            c->write(c->arg, slice_of(c->packed, out.pos));
    } while (how == ZSTD_e_end ? left != 0 : in.pos < in.size);
}

static void entry_put(struct collect *c, const struct evidence_entry *entry)
{
    buf_clear(&c->entry);
    if (evidence_write(&c->entry, entry))
        BUG("an evidence entry of more than %zu bytes", c->entry.max);
    c->evidence += c->entry.n;
    pack(c, buf_slice(&c->entry), ZSTD_e_continue);
}

/* Text for people: foreign bytes that are not printable become "?". */
ATTR_PRINTF(2, 3) static void reason(struct collect *c, const char *fmt, ...)
{
    char text[400];
    if (c->reasons_n > COLLECT_REASONS_MAX)
        return;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (c->reasons_n++ == COLLECT_REASONS_MAX)
        snprintf(text, sizeof text, "and more");
    for (char *p = text; *p; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
    buf_add_prefixed(&c->reasons, slice_str(text));
    entry_put(c, &(struct evidence_entry){.kind = EVIDENCE_REASON, .bytes = slice_str(text)});
}

/* Room for n more bytes of evidence? Says so once when there is none. */
static bool has_room(struct collect *c, uint64_t n)
{
    if (c->evidence_full || n > c->limits.max_evidence || c->evidence > c->limits.max_evidence - n) {
        if (!c->evidence_full)
            reason(c, "more than %" PRIu64 " bytes of evidence: the rest is left out", c->limits.max_evidence);
        c->evidence_full = true;
        return false;
    }
    return true;
}

static void put(struct collect *c, const struct evidence_entry *entry)
{
    if (has_room(c, entry->path.n + entry->bytes.n + entry->collector.n + 16))
        entry_put(c, entry);
}

/* ---- wanted files ---- */

static void zeros(struct collect *c, uint64_t n)
{
    static const uint8_t zero[PIECE];
    for (; n; n -= MIN(n, (uint64_t)PIECE))
        pack(c, slice_of(zero, (size_t)MIN(n, (uint64_t)PIECE)), ZSTD_e_continue);
}

/* A piece of content whose length was written before it: when it is left out, zeros stand for it. */
static void content(struct collect *c, struct slice bytes)
{
    for (; bytes.n && c->packed_n <= c->limits.max_packed; bytes = slice_from(bytes, PIECE))
        pack(c, slice_sub(bytes, 0, PIECE), ZSTD_e_continue);
    c->left_out += bytes.n;
    zeros(c, bytes.n);
}

static void front(struct collect *c, uint64_t n)
{
    struct evidence_entry entry = {.kind = EVIDENCE_FILE,
                                   .path = slice_of(c->path, c->path_n),
                                   .size = c->size,
                                   .collector = slice_str(c->rule->collector->name)};
    buf_clear(&c->entry);
    evidence_file_front(&c->entry, &entry, n);
    c->evidence += c->entry.n + n;
    pack(c, buf_slice(&c->entry), ZSTD_e_continue);
}

/* False when there is no room for it. */
static bool file_begin(struct collect *c, const struct match_rule *rule, struct slice path, uint64_t size)
{
    c->rule = rule;
    memcpy(c->path, path.p, path.n);
    c->path_n = path.n;
    c->size = size;
    c->file_n = 0;
    c->left_out = 0;
    c->file_max = (size_t)MIN(size, (uint64_t)rule->rule->max);
    c->streamed = c->file_max > COLLECT_LARGE;
    if (c->streamed && !has_room(c, path.n + c->file_max + 64)) {
        c->rule = NULL;
        return false;
    }
    size_t room = c->streamed ? PIECE : c->file_max;
    if (room > c->file_cap) {
        free(c->file);
        c->file = xmalloc(room); /* what a false size claims and never fills costs no memory */
        c->file_cap = room;
    }
    c->staged_n = 0;
    if (c->streamed)
        front(c, c->file_max);
    return true;
}

/* What comes next of a streamed file: n zeros without p. */
static void stage(struct collect *c, const uint8_t *p, size_t n)
{
    while (n) {
        size_t piece = MIN(n, PIECE - c->staged_n);
        if (p)
            memcpy(c->file + c->staged_n, p, piece);
        else
            memset(c->file + c->staged_n, 0, piece);
        p = p ? p + piece : NULL;
        n -= piece;
        c->staged_n += piece;
        if (c->staged_n == PIECE) {
            content(c, slice_of(c->file, PIECE));
            c->staged_n = 0;
        }
    }
}

/* Holes are zeros. */
static void file_fill(struct collect *c, uint64_t to)
{
    size_t end = (size_t)MIN(to, (uint64_t)c->file_max);
    if (end > c->file_n) {
        if (c->streamed)
            stage(c, NULL, end - c->file_n);
        else
            memset(c->file + c->file_n, 0, end - c->file_n);
        c->file_n = end;
    }
}

static int on_data(void *arg, uint64_t at, struct slice bytes, struct err *e)
{
    struct collect *c = arg;
    (void)e;
    if (!c->rule) {
        software_watch_data(&c->software, at, bytes);
        return 0;
    }
    file_fill(c, at);
    if (at < c->file_max) {
        size_t n = MIN(bytes.n, c->file_max - (size_t)at);
        if (c->streamed)
            stage(c, bytes.p, n);
        else
            memcpy(c->file + at, bytes.p, n);
        c->file_n = (size_t)at + n;
    }
    return 0;
}

/* Writes what there is of the file. */
static void file_put(struct collect *c)
{
    struct slice path = slice_of(c->path, c->path_n);
    bool kept = c->streamed || has_room(c, path.n + c->file_n + 64);
    if (c->streamed) {
        content(c, slice_of(c->file, c->staged_n));
        zeros(c, c->file_max - c->file_n);
    } else if (kept) {
        front(c, c->file_n);
        content(c, slice_of(c->file, c->file_n));
    }
    c->rule = NULL;
    if (!kept)
        return;
    if (c->left_out) {
        reason(c, "%.*s: %" PRIu64 " of its %" PRIu64 " bytes are left out: the evidence packs to more than %" PRIu64,
               SLICE_FMT(path), c->left_out, c->size, c->limits.max_packed);
        c->evidence_full = true;
    }
    if (c->file_n < c->size)
        reason(c, "%.*s: only %zu of its %" PRIu64 " bytes were kept", SLICE_FMT(path), c->file_n, c->size);
    if (c->file_cap > KEEP_BUFFER) {
        free(c->file);
        c->file = NULL;
        c->file_cap = 0;
    }
}

static int on_done(void *arg, struct err *e)
{
    struct collect *c = arg;
    (void)e;
    if (!c->rule) {
        software_watch_done(&c->software);
        return 0;
    }
    file_fill(c, c->size);
    file_put(c);
    return 0;
}

/* ---- members ---- */

static void put_link(struct collect *c, const struct tar_entry *t, struct slice path, const char *collector)
{
    uint8_t target[PATH_MAX_BYTES];
    size_t n = 0;
    bool hard = t->kind == TAR_HARD_LINK;
    if (hard ? !evidence_path(t->link, target, sizeof target, &n)
             : !links_symlink_target(path, t->link, target, sizeof target, &n)) {
        reason(c, "%.*s is a link that leads out of the layer", SLICE_FMT(path));
        put(c, &(struct evidence_entry){.kind = EVIDENCE_WHITEOUT, .path = path});
        return;
    }
    struct slice to = slice_of(target, n);
    if (hard && collector && !collect_match_file(&c->match, to))
        to = links_close(&c->links, path, to);
    else
        links_hide(&c->links, path);
    if (to.p)
        put(c, &(struct evidence_entry){.kind = EVIDENCE_LINK,
                                        .collector = slice_str(collector ? collector : ""),
                                        .path = path,
                                        .bytes = to,
                                        .hard = hard});
}

/* What an earlier pass found that a wanted path is a hard link to: its content goes under that path. */
static bool keep_linked(struct collect *c, const struct tar_entry *t, struct slice path)
{
    uint8_t target[PATH_MAX_BYTES];
    size_t n;
    struct wanted_link *w = links_want(&c->links, path);
    const struct match_rule *rule = w ? collect_match_file(&c->match, w->path) : NULL;
    if (!rule)
        return false;
    if (t->kind == TAR_HARD_LINK && evidence_path(t->link, target, sizeof target, &n)) {
        links_move(&c->links, w, slice_of(target, n));
    } else if (t->kind == TAR_SYMLINK) {
        put_link(c, t, w->path, rule->collector->name);
        links_keep(&c->links, w);
    } else if (t->kind == TAR_FILE && file_begin(c, rule, w->path, t->size)) {
        links_keep(&c->links, w);
        return true;
    }
    return false;
}

static bool is_whiteout(struct collect *c, struct slice path)
{
    size_t folder = (size_t)(slice_rfind(path, '/') + 1);
    struct slice name = slice_from(path, folder);
    if (!slice_take_prefix(&name, SLICE(".wh.")))
        return false;
    if (slice_eq(name, SLICE(".wh..opq"))) {
        struct slice of = slice_sub(path, 0, folder ? folder - 1 : 0);
        put(c, &(struct evidence_entry){.kind = EVIDENCE_OPAQUE, .path = of.n ? of : SLICE("")});
    } else if (slice_starts(name, SLICE(".wh."))) {
        /* AUFS' own bookkeeping: of no meaning to anybody else (image-spec, layer.md; Docker skips it too). */
    } else if (!name.n || slice_eq(name, SLICE(".")) || slice_eq(name, SLICE(".."))) {
        reason(c, "%.*s is not a whiteout of anything", SLICE_FMT(path));
    } else {
        uint8_t gone[PATH_MAX_BYTES];
        if (folder)
            memcpy(gone, path.p, folder);
        memcpy(gone + folder, name.p, name.n);
        put(c, &(struct evidence_entry){.kind = EVIDENCE_WHITEOUT, .path = slice_of(gone, folder + name.n)});
    }
    return true;
}

static bool is_root(struct slice raw)
{
    struct slice part;
    while (slice_take_token(&raw, '/', &part))
        if (part.n && !slice_eq(part, SLICE(".")))
            return false;
    return true;
}

/* A name in a folder whose names are wanted, once for what lies below it together. */
static void put_name(struct collect *c, struct slice path)
{
    struct slice name;
    const struct match_rule *rule = collect_match_name(&c->match, path, &name);
    if (!rule || slice_eq(slice_of(c->name, c->name_n), name))
        return;
    memcpy(c->name, name.p, name.n);
    c->name_n = name.n;
    put(c,
        &(struct evidence_entry){.kind = EVIDENCE_FILE, .path = name, .collector = slice_str(rule->collector->name)});
}

static void put_software(void *arg, struct slice path, struct slice text)
{
    put(arg, &(struct evidence_entry){.kind = EVIDENCE_FILE,
                                      .path = path,
                                      .collector = SLICE(SOFTWARE_COLLECTOR),
                                      .bytes = text,
                                      .size = text.n});
}

static bool look_at(struct collect *c, const struct tar_entry *t, struct slice path)
{
    bool linked = t->kind == TAR_HARD_LINK;
    return (linked || t->kind == TAR_FILE) && software_watch_entry(&c->software, path, t->size, linked);
}

static int on_entry(void *arg, const struct tar_entry *t, struct err *e)
{
    struct collect *c = arg;
    uint8_t canonical[PATH_MAX_BYTES];
    size_t n;
    (void)e;
    if (!evidence_path(t->path, canonical, sizeof canonical, &n)) {
        if (!is_root(t->path))
            reason(c, "a member's name leads out of the layer: %.*s", SLICE_FMT(t->path));
        return 0;
    }
    struct slice path = slice_of(canonical, n);
    if (is_whiteout(c, path))
        return 0;
    const char *form = t->kind == TAR_FILE ? form_of_member(path) : NULL;
    if (form)
        reason(c, "the layer is %s (%.*s), which can't be read yet", form, SLICE_FMT(path));
    path_index_add(&c->index, path);
    put_name(c, path);
    const struct match_rule *rule = collect_match_file(&c->match, path);
    bool link = t->kind == TAR_HARD_LINK || t->kind == TAR_SYMLINK;
    if (t->kind != TAR_FOLDER && collect_match_above(&c->match, path)) {
        put(c, &(struct evidence_entry){.kind = EVIDENCE_WHITEOUT, .path = path});
        if (link && !rule)
            put_link(c, t, path, NULL);
    }
    if (!rule)
        return keep_linked(c, t, path) || look_at(c, t, path);
    if (!rule->rule->max && t->kind != TAR_FOLDER) {
        put(c, &(struct evidence_entry){
                   .kind = EVIDENCE_FILE, .path = path, .collector = slice_str(rule->collector->name)});
        return 0;
    }
    if (link) {
        put_link(c, t, path, rule->collector->name);
        return 0;
    }
    links_hide(&c->links, path);
    if (t->kind == TAR_FILE)
        return file_begin(c, rule, path, t->size);
    put(c, &(struct evidence_entry){.kind = EVIDENCE_WHITEOUT, .path = path});
    return 0;
}

static void on_note(void *arg, const char *text)
{
    struct collect *c = arg;
    reason(c, "%s", text);
}

static const struct tar_visitor visitor = {on_entry, on_data, on_done, on_note};

/* ---- the whole ---- */

struct collect *collect_new(struct slice media_type, const struct collect_limits *limits,
                            void (*write)(void *arg, struct slice bytes), void *arg)
{
    struct collect *c = xcalloc(1, sizeof *c);
    if (limits)
        c->limits = *limits;
    c->limits.max_unpacked = c->limits.max_unpacked ? c->limits.max_unpacked : (uint64_t)64 << 30;
    c->limits.max_entries = c->limits.max_entries ? c->limits.max_entries : 4000000;
    c->limits.max_evidence = c->limits.max_evidence ? c->limits.max_evidence : (uint64_t)320 << 20;
    c->limits.max_packed = c->limits.max_packed ? c->limits.max_packed : (uint64_t)56 << 20;
    c->write = write;
    c->arg = arg;
    c->head = BUF_INIT(FORM_HEAD);
    c->media_type = slice_of(c->media_text, MIN(media_type.n, sizeof c->media_text));
    if (media_type.n)
        memcpy(c->media_text, media_type.p, c->media_type.n);
    c->inflate = inflate_new(media_type, c->limits.max_unpacked);
    c->tar = tar_new(&visitor, c, c->limits.max_entries);
    collect_match_init(&c->match, collectors);
    if (!links_read(&c->links, c->limits.links)) { /* then it is a first pass */
        links_done(&c->links);
        links_read(&c->links, SLICE_NONE);
    }
    c->software.put = put_software;
    c->software.arg = c;
    c->zstd = ZSTD_createCCtx();
    if (!c->zstd || ZSTD_isError(ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_compressionLevel, 3)))
        BUG("zstd context");
    c->packed_cap = ZSTD_CStreamOutSize();
    c->packed = xmalloc(c->packed_cap);
    c->entry = BUF_INIT((size_t)64 << 10);
    c->reasons = BUF_INIT((size_t)64 << 10);
    evidence_begin(&c->entry);
    c->evidence = c->entry.n;
    pack(c, buf_slice(&c->entry), ZSTD_e_continue);
    return c;
}

void collect_free(struct collect *c)
{
    if (!c)
        return;
    inflate_free(c->inflate);
    tar_free(c->tar);
    ZSTD_freeCCtx(c->zstd);
    free(c->packed);
    free(c->file);
    links_done(&c->links);
    buf_done(&c->head);
    buf_done(&c->entry);
    buf_done(&c->reasons);
    free(c);
}

/* What a layer without members is instead; false when nobody can tell, or it is a tar of nothing. */
static bool told_by_form(struct collect *c)
{
    size_t i = 0;
    if (tar_entries(c->tar))
        return false;
    const char *form = form_of_head(buf_slice(&c->head), c->media_type);
    if (form) {
        reason(c, "the layer is %s%s%.*s, which can't be read yet", form, c->media_type.n ? ", media type " : "",
               SLICE_FMT(c->media_type));
        return true;
    }
    while (i < c->head.n && !c->head.p[i])
        i++;
    if (!c->broken && i < c->head.n)
        reason(c, "it begins like an empty tar and goes on with something else");
    return !c->broken && i < c->head.n;
}

static void broken(struct collect *c, const struct err *e)
{
    c->broken = true;
    if (c->rule)
        file_put(c);
    if (told_by_form(c))
        return;
    if (inflate_disagrees(c->inflate))
        reason(c, "%s (the bytes are %s, not what the media type says)", e->text,
               inflate_kind_name(inflate_kind(c->inflate)));
    else
        reason(c, "%s", e->text);
}

bool collect_feed(struct collect *c, struct slice bytes)
{
    struct err e = ERR_INIT;
    struct slice out;
    int r = 0;
    while (!c->broken && (r = inflate_next(c->inflate, &bytes, &out, &e)) == 1) {
        buf_add_slice(&c->head, slice_sub(out, 0, FORM_HEAD - c->head.n));
        if (tar_feed(c->tar, out, &e))
            broken(c, &e);
    }
    if (!c->broken && r < 0)
        broken(c, &e);
    return !c->broken;
}

struct names_left {
    const struct collect_match *match;
    struct slice index;
};

static bool may_find(void *arg, struct slice path)
{
    const struct names_left *f = arg;
    return !collect_match_file(f->match, path) && path_index_may_hold(f->index, PATH_INDEX_PATH, path);
}

static void result_write(struct collect *c)
{
    uint64_t entries = tar_entries(c->tar), unpacked = tar_offset(c->tar);
    enum pull_status status = !c->reasons_n ? PULL_GOOD : c->broken && !entries ? PULL_FAILED : PULL_PARTIAL;
    uint8_t *index = xmalloc(PATH_INDEX_MAX);
    size_t index_n = path_index_finish(&c->index, index);
    struct names_left f = {&c->match, slice_of(index, index_n)};
    struct buf b = BUF_INIT(((size_t)256 << 10) + LINKS_BYTES_MAX), links = BUF_INIT(LINKS_BYTES_MAX);
    links_write(&c->links, may_find, &f, &links);
    buf_add_varint(&b, COLLECT_RESULT_VERSION);
    buf_add_varint(&b, (uint64_t)status);
    buf_add_varint(&b, entries);
    buf_add_varint(&b, unpacked);
    buf_add_varint(&b, c->reasons_n);
    buf_add_slice(&b, buf_slice(&c->reasons));
    buf_add_prefixed(&b, f.index);
    buf_add_prefixed(&b, buf_slice(&links));
    buf_add_u32(&b, (uint32_t)b.n);
    buf_add_str(&b, COLLECT_RESULT_MAGIC);
    ASSERT(!b.overflow && !c->reasons.overflow);
    c->write(c->arg, buf_slice(&b));
    buf_done(&b);
    buf_done(&links);
    free(index);
}

void collect_end(struct collect *c)
{
    struct err e = ERR_INIT;
    if (!c->broken && (inflate_end(c->inflate, &e) || tar_end(c->tar, &e)))
        broken(c, &e);
    if (!c->broken && told_by_form(c))
        c->broken = true; /* an empty layer is not what it is */
    software_watch_end(&c->software);
    entry_put(
        c, &(struct evidence_entry){.kind = EVIDENCE_END, .entries = tar_entries(c->tar), .size = tar_offset(c->tar)});
    pack(c, SLICE_NONE, ZSTD_e_end);
    result_write(c);
}
