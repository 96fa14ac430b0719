/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/collect.h"

#include "io/archive/inflate.h"
#include "io/archive/tar.h"
#include "model/evidence.h"
#include "packages/path_index.h"
#include "packages/rules.h"
#include "pull/collect_form.h"
#include "pull/collect_links.h"
#include "pull/collect_result.h"
#include "pull/evidence_writer.h"
#include "pull/kept_file.h"
#include "pull/reducing.h"
#include "pull/replacing.h"

#define PATH_MAX_BYTES 4096

struct collect {
    struct collect_limits limits;
    struct inflate *inflate;
    struct tar *tar;
    const struct rules *rules;
    bool broken; /* the stream can't be read further */
    struct slice media_type;
    char media_text[128]; /* what media_type points to */
    struct buf head;      /* the first unpacked bytes */

    struct evidence_writer writer;
    struct kept_file kept;    /* the wanted file being read */
    struct reducing reducing; /* looks at every file */
    struct path_index index;
    struct collect_links links;
    bool may_replace; /* the file being read hides a lower layer's, unless it is evidence itself */
    size_t replaced;

    uint8_t name[PATH_MAX_BYTES]; /* the last that put_name wrote */
    size_t name_n;
};

/* ---- what is in the way of lower layers' evidence ---- */

static void put_replaced(struct collect *c, struct slice path)
{
    if (++c->replaced <= REPLACING_MAX)
        writer_put(&c->writer, &(struct evidence_entry){.kind = EVIDENCE_WHITEOUT, .path = path});
    else if (c->replaced == REPLACING_MAX + 1)
        writer_reason(
            &c->writer, REASON_TOO_MANY,
            "more than %d links and commands may stand where lower layers have other files; from %.*s on they "
            "are taken to stand beside them",
            REPLACING_MAX, SLICE_FMT(path));
}

static void end_file(struct collect *c)
{
    if (c->may_replace && !c->reducing.told)
        put_replaced(c, slice_of(c->reducing.path, c->reducing.path_n));
    c->may_replace = false;
}

/* ---- content ---- */

static int on_data(void *arg, uint64_t at, struct slice bytes, struct err *e)
{
    struct collect *c = arg;
    (void)e;
    if (c->kept.wanted)
        kept_data(&c->kept, &c->writer, at, bytes);
    reducing_data(&c->reducing, at, bytes);
    return 0;
}

static int on_done(void *arg, struct err *e)
{
    struct collect *c = arg;
    (void)e;
    if (c->kept.wanted)
        kept_end(&c->kept, &c->writer, true);
    reducing_end(&c->reducing);
    end_file(c);
    return 0;
}

/* ---- members ---- */

/* The rule that keeps a file of this path as it is. */
static const struct wanted *kept_by(const struct collect *c, struct slice path)
{
    const struct wanted *w = rules_of_file(c->rules, path);
    return w && !w->rule->reducer ? w : NULL;
}

/* Another name of a file, at a path that a reducer wants. */
static void look_at_link(struct collect *c, const struct tar_entry *t, const struct wanted *w, struct slice path)
{
    uint8_t target[PATH_MAX_BYTES];
    size_t n;
    bool inside = evidence_path(t->link, target, sizeof target, &n);
    struct slice to = inside ? slice_of(target, n) : SLICE_NONE;
    if (inside && !rules_of_file(c->rules, to))
        to = links_close(&c->links, path, to);
    else
        links_hide(&c->links, path);
    if (w->rule->reducer->takes_links && (to.p || !inside))
        reducing_link(&c->reducing, w, path, to);
    else if (to.p)
        writer_put(&c->writer, &(struct evidence_entry){.kind = EVIDENCE_LINK,
                                                        .collector = slice_str(w->format->name),
                                                        .path = path,
                                                        .bytes = to,
                                                        .hard = true});
}

static void look_at_symlink(struct collect *c, const struct tar_entry *t, const struct wanted *w, struct slice path)
{
    uint8_t target[PATH_MAX_BYTES];
    size_t n;
    if (w && w->rule->reducer && w->rule->reducer->takes_symlinks)
        reducing_link(&c->reducing, w, path,
                      links_symlink_target(path, t->link, target, sizeof target, &n) ? slice_of(target, n)
                                                                                     : SLICE_NONE);
}

static bool look_at(struct collect *c, const struct tar_entry *t, const struct wanted *w, struct slice path)
{
    if (t->kind == TAR_HARD_LINK && w && w->rule->reducer)
        look_at_link(c, t, w, path);
    if (t->kind != TAR_FILE)
        return false;
    bool comes = reducing_begin(&c->reducing, w, path, t->size);
    c->may_replace = w ? w->rule->reducer != NULL : replacing_by_file(path, t->executable);
    if (!comes)
        end_file(c);
    return comes;
}

static void put_link(struct collect *c, const struct tar_entry *t, struct slice path, const char *collector)
{
    uint8_t target[PATH_MAX_BYTES];
    size_t n = 0;
    bool hard = t->kind == TAR_HARD_LINK;
    if (hard ? !evidence_path(t->link, target, sizeof target, &n)
             : !links_symlink_target(path, t->link, target, sizeof target, &n)) {
        writer_reason(&c->writer, REASON_MEMBER_LEFT_OUT, "%.*s is a link that leads out of the layer",
                      SLICE_FMT(path));
        writer_put(&c->writer, &(struct evidence_entry){.kind = EVIDENCE_WHITEOUT, .path = path});
        return;
    }
    struct slice to = slice_of(target, n);
    if (hard && collector && !kept_by(c, to))
        to = links_close(&c->links, path, to);
    else
        links_hide(&c->links, path);
    if (to.p)
        writer_put(&c->writer, &(struct evidence_entry){.kind = EVIDENCE_LINK,
                                                        .collector = slice_str(collector ? collector : ""),
                                                        .path = path,
                                                        .bytes = to,
                                                        .hard = hard});
}

/* An earlier pass found that a wanted path is a hard link to this: its content is kept under that path. */
static bool keep_linked(struct collect *c, const struct tar_entry *t, struct slice path)
{
    uint8_t target[PATH_MAX_BYTES];
    size_t n;
    struct wanted_link *w = links_want(&c->links, path);
    const struct wanted *wanted = w ? rules_of_file(c->rules, w->path) : NULL;
    if (!wanted)
        return false;
    bool reduced = wanted->rule->reducer != NULL;
    if (t->kind == TAR_HARD_LINK && evidence_path(t->link, target, sizeof target, &n)) {
        links_move(&c->links, w, slice_of(target, n));
    } else if (t->kind == TAR_SYMLINK) {
        if (reduced)
            put_replaced(c, w->path);
        else
            put_link(c, t, w->path, wanted->format->name);
        links_keep(&c->links, w);
    } else if (t->kind == TAR_FILE && reduced) {
        links_keep(&c->links, w);
        return look_at(c, t, wanted, w->path);
    } else if (t->kind == TAR_FILE && kept_begin(&c->kept, &c->writer, wanted, w->path, t->size)) {
        links_keep(&c->links, w);
        reducing_begin(&c->reducing, wanted, path, t->size);
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
        writer_put(&c->writer, &(struct evidence_entry){.kind = EVIDENCE_OPAQUE, .path = of.n ? of : SLICE("")});
    } else if (slice_starts(name, SLICE(".wh."))) {
        /* AUFS' own bookkeeping: of no meaning to anybody else (image-spec, layer.md; Docker skips it too). */
    } else if (!name.n || slice_eq(name, SLICE(".")) || slice_eq(name, SLICE(".."))) {
        writer_reason(&c->writer, REASON_MEMBER_LEFT_OUT, "%.*s is not a whiteout of anything", SLICE_FMT(path));
    } else {
        uint8_t gone[PATH_MAX_BYTES];
        if (folder)
            memcpy(gone, path.p, folder);
        memcpy(gone + folder, name.p, name.n);
        writer_put(&c->writer,
                   &(struct evidence_entry){.kind = EVIDENCE_WHITEOUT, .path = slice_of(gone, folder + name.n)});
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
    const struct wanted *w = rules_of_name(c->rules, path, &name);
    if (!w || slice_eq(slice_of(c->name, c->name_n), name))
        return;
    memcpy(c->name, name.p, name.n);
    c->name_n = name.n;
    writer_put(&c->writer,
               &(struct evidence_entry){.kind = EVIDENCE_FILE, .path = name, .collector = slice_str(w->format->name)});
}

static int on_entry(void *arg, const struct tar_entry *t, struct err *e)
{
    struct collect *c = arg;
    uint8_t canonical[PATH_MAX_BYTES];
    size_t n;
    (void)e;
    if (!evidence_path(t->path, canonical, sizeof canonical, &n)) {
        if (!is_root(t->path))
            writer_reason(&c->writer, REASON_MEMBER_LEFT_OUT, "a member's name leads out of the layer: %.*s",
                          SLICE_FMT(t->path));
        return 0;
    }
    struct slice path = slice_of(canonical, n);
    if (is_whiteout(c, path))
        return 0;
    const char *form = t->kind == TAR_FILE ? form_of_member(path) : NULL;
    if (form)
        writer_reason(&c->writer, REASON_LAYER_FORMAT, "the layer is %s (%.*s), which can't be read yet", form,
                      SLICE_FMT(path));
    path_index_add(&c->index, path);
    put_name(c, path);
    const struct wanted *wanted = rules_of_file(c->rules, path);
    const struct wanted *kept = wanted && !wanted->rule->reducer ? wanted : NULL;
    bool link = t->kind == TAR_HARD_LINK || t->kind == TAR_SYMLINK;
    if (t->kind != TAR_FOLDER && rules_above(c->rules, path)) {
        writer_put(&c->writer, &(struct evidence_entry){.kind = EVIDENCE_WHITEOUT, .path = path});
        if (link && !kept)
            put_link(c, t, path, NULL);
    } else if (t->kind == TAR_SYMLINK && !kept && (wanted || replacing_by_link(path, t->link))) {
        put_replaced(c, path);
        if (replacing_merged(path))
            put_link(c, t, path, NULL);
        look_at_symlink(c, t, wanted, path);
    }
    if (!kept)
        return keep_linked(c, t, path) || look_at(c, t, wanted, path);
    if (!kept->rule->max && t->kind != TAR_FOLDER) {
        writer_put(&c->writer, &(struct evidence_entry){
                                   .kind = EVIDENCE_FILE, .path = path, .collector = slice_str(kept->format->name)});
        return look_at(c, t, kept, path);
    }
    if (link) {
        put_link(c, t, path, kept->format->name);
        return 0;
    }
    links_hide(&c->links, path);
    if (t->kind == TAR_FILE) {
        bool comes = kept_begin(&c->kept, &c->writer, kept, path, t->size);
        return look_at(c, t, kept, path) || comes;
    }
    writer_put(&c->writer, &(struct evidence_entry){.kind = EVIDENCE_WHITEOUT, .path = path});
    return 0;
}

static void on_note(void *arg, const char *text)
{
    struct collect *c = arg;
    writer_reason(&c->writer, REASON_MEMBER_LEFT_OUT, "%s", text);
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
    c->writer.max_evidence = c->limits.max_evidence ? c->limits.max_evidence : (uint64_t)320 << 20;
    c->writer.max_packed = c->limits.max_packed ? c->limits.max_packed : (uint64_t)56 << 20;
    c->writer.write = write;
    c->writer.arg = arg;
    c->head = BUF_INIT(FORM_HEAD);
    c->media_type = slice_of(c->media_text, MIN(media_type.n, sizeof c->media_text));
    if (media_type.n)
        memcpy(c->media_text, media_type.p, c->media_type.n);
    c->inflate = inflate_new(media_type, c->limits.max_unpacked);
    c->tar = tar_new(&visitor, c, c->limits.max_entries);
    c->rules = rules_all();
    if (!links_read(&c->links, c->limits.links)) { /* then it is a first pass */
        links_done(&c->links);
        links_read(&c->links, SLICE_NONE);
    }
    c->reducing.rules = c->rules;
    c->reducing.index = &c->index;
    c->reducing.writer = &c->writer;
    writer_init(&c->writer);
    return c;
}

void collect_free(struct collect *c)
{
    if (!c)
        return;
    inflate_free(c->inflate);
    tar_free(c->tar);
    writer_done(&c->writer);
    kept_done(&c->kept);
    reducing_done(&c->reducing);
    links_done(&c->links);
    buf_done(&c->head);
    free(c);
}

/* What a layer without members is; false when nobody can tell, or it is an empty tar. */
static bool told_by_form(struct collect *c)
{
    size_t i = 0;
    if (tar_entries(c->tar))
        return false;
    const char *form = form_of_head(buf_slice(&c->head), c->media_type);
    if (form) {
        writer_reason(&c->writer, REASON_LAYER_FORMAT, "the layer is %s%s%.*s, which can't be read yet", form,
                      c->media_type.n ? ", media type " : "", SLICE_FMT(c->media_type));
        return true;
    }
    while (i < c->head.n && !c->head.p[i])
        i++;
    if (!c->broken && i < c->head.n)
        writer_reason(&c->writer, REASON_LAYER_BROKEN, "it begins like an empty tar and goes on with something else");
    return !c->broken && i < c->head.n;
}

static void broken(struct collect *c, const struct err *e)
{
    c->broken = true;
    if (c->kept.wanted)
        kept_end(&c->kept, &c->writer, false);
    if (told_by_form(c))
        return;
    if (inflate_disagrees(c->inflate))
        writer_reason(&c->writer, REASON_LAYER_BROKEN, "%s (the bytes are %s, not what the media type says)", e->text,
                      inflate_kind_name(inflate_kind(c->inflate)));
    else
        writer_reason(&c->writer, REASON_LAYER_BROKEN, "%s", e->text);
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
    const struct collect *collect;
    struct slice index;
};

static bool may_find(void *arg, struct slice path)
{
    const struct names_left *f = arg;
    return !rules_of_file(f->collect->rules, path) && path_index_may_hold(f->index, PATH_INDEX_PATH, path);
}

static void give_result(struct collect *c)
{
    uint8_t *index = xmalloc(PATH_INDEX_MAX);
    struct names_left f = {c, slice_of(index, path_index_finish(&c->index, index))};
    struct buf b = BUF_INIT(((size_t)256 << 10) + LINKS_BYTES_MAX), links = BUF_INIT(LINKS_BYTES_MAX);
    links_write(&c->links, may_find, &f, &links);
    struct collect_result r = {.status = PULL_GOOD,
                               .entries = tar_entries(c->tar),
                               .unpacked = tar_offset(c->tar),
                               .path_index = f.index,
                               .links = buf_slice(&links)};
    if (c->writer.reasons_n)
        r.status = c->broken && !r.entries ? PULL_FAILED : PULL_PARTIAL;
    collect_result_write(&r, c->writer.reasons_n, buf_slice(&c->writer.reasons), &b);
    ASSERT(!b.overflow && !c->writer.reasons.overflow);
    c->writer.write(c->writer.arg, buf_slice(&b));
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
    reducing_layer_end(&c->reducing);
    writer_end(&c->writer, tar_entries(c->tar), tar_offset(c->tar));
    give_result(c);
}
