/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python_zip.c: distributions within zips that Python imports from: eggs, pex (.deps/ has wheels, unpacked or as they
 * are), shiv (site-packages/) and other zipapps. All but eggs begin with the line that names their interpreter, or with
 * a shell's script of some kilobytes, whatever they are called: scripts are looked at until it is clear that no zip
 * follows. What a zip's directory doesn't confirm is left out.
 */
#include "io/archive/zip_walk.h"
#include "packages/reading/held_file.h"
#include "packages/reading/line_feed.h"
#include "packages/python/python.h"
#include "packages/python/python_header.h"

#define STUB_MAX    ((size_t)32 << 10) /* of what comes before the zip */
#define ZIP_START   "PK\3\4"
#define FACTS_MAX   ((size_t)2 << 20)
#define MEMBERS_MAX 8192
#define NOTES_MAX   4
#define NO_MEMBER   UINT32_MAX

struct member {
    uint32_t id;
    size_t from, to; /* in facts */
    bool counts;
};

struct state {
    struct held_file held; /* its path, and how a script begins */
    struct zip_walk *walk;
    bool walking, over;
    bool application; /* it has a __main__.py, or a name of zips that Python imports from */
    uint64_t at;      /* what was given to walk */
    struct buf facts, kept;
    struct member *members;
    size_t members_n, members_cap;
    struct line_feed lines; /* of the member at hand */
    struct python_header header;
    uint32_t reading;
    bool full;
    char notes[NOTES_MAX][300];
    size_t notes_n;
};

/* ---- within a zip ---- */

static bool is_metadata(struct slice path)
{
    struct slice name = slice_path_name(path), folder = slice_path_name(slice_path_folder(path));
    if (slice_eq_str(name, "METADATA"))
        return slice_ends(folder, SLICE(".dist-info"));
    return slice_eq_str(name, "PKG-INFO") &&
           (slice_ends(folder, SLICE(".egg-info")) || slice_eq_str(folder, "EGG-INFO"));
}

static enum zip_want wants(void *arg, const struct zip_member *m)
{
    struct state *s = arg;
    s->application |= slice_eq_str(m->name, "__main__.py");
    if (is_metadata(m->name))
        return ZIP_READ;
    bool wheel = slice_ends(m->name, SLICE(".whl")) || slice_ends(m->name, SLICE(".egg"));
    return wheel && slice_starts(m->name, SLICE(".deps/")) ? ZIP_WALK : ZIP_SKIP;
}

static bool take_line(void *arg, struct slice line, bool cut)
{
    struct state *s = arg;
    return python_header_take(&s->header, line, cut, &s->facts);
}

static void on_begin(void *arg, const struct zip_member *m)
{
    struct state *s = arg;
    size_t from = s->facts.n;
    s->reading = NO_MEMBER;
    if (!is_metadata(m->name) || s->full)
        return;
    s->full = s->members_n == MEMBERS_MAX || fact_list_add(&s->facts, "member", m->path);
    if (s->full)
        return;
    if (s->members_n == s->members_cap) {
        s->members_cap = s->members_cap ? s->members_cap * 2 : 16;
        s->members = xrealloc(s->members, s->members_cap * sizeof *s->members);
    }
    s->members[s->members_n++] = (struct member){.id = m->id, .from = from, .to = s->facts.n};
    s->reading = m->id;
    python_header_begin(&s->header);
    line_feed_begin(&s->lines, PYTHON_LINE_MAX, take_line);
}

static void on_data(void *arg, uint32_t id, struct slice bytes)
{
    struct state *s = arg;
    if (id == s->reading)
        line_feed(&s->lines, s->lines.at, bytes, s);
}

static void on_end(void *arg, uint32_t id, bool whole)
{
    struct state *s = arg;
    if (id != s->reading)
        return;
    line_feed_end(&s->lines, s);
    if (!whole)
        fact_list_add(&s->facts, "wrong", SLICE("it can't be unpacked to its end"));
    s->members[s->members_n - 1].to = s->facts.n;
    s->reading = NO_MEMBER;
}

static void on_confirm(void *arg, uint32_t id, bool counts)
{
    struct state *s = arg;
    for (size_t i = s->members_n; i-- > 0;)
        if (s->members[i].id == id) {
            s->members[i].counts = counts;
            return;
        }
}

static void on_note(void *arg, enum zip_note note, struct slice path, const char *text)
{
    struct state *s = arg;
    (void)note;
    if (s->notes_n < NOTES_MAX)
        snprintf(s->notes[s->notes_n++], sizeof *s->notes, "%s%.*s: %s", path.n ? "!/" : "",
                 SLICE_FMT(slice_sub(path, 0, 150)), text);
}

static const struct zip_visitor visitor = {wants, on_begin, on_data, on_end, on_confirm, on_note};

/* ---- the file ---- */

static bool begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    if (s->walk)
        zip_walk_reset(s->walk);
    s->application = file->rule->path;
    s->walking = s->over = s->full = false;
    s->at = 0;
    s->members_n = s->notes_n = 0;
    s->reading = NO_MEMBER;
    buf_clear(&s->facts);
    s->facts.max = FACTS_MAX;
    return held_file_begin(&s->held, file, STUB_MAX);
}

static void walk(struct state *s, uint64_t at, struct slice bytes)
{
    static const uint8_t zeros[4096];
    for (; s->at < at; s->at += MIN(at - s->at, sizeof zeros))
        zip_walk_feed(s->walk, slice_of(zeros, (size_t)MIN(at - s->at, sizeof zeros)));
    zip_walk_feed(s->walk, bytes);
    s->at += bytes.n;
}

/* Where a zip begins behind a script: right behind a line. An egg begins with one. */
static bool is_zip(const struct state *s, size_t from)
{
    struct slice looked = slice_from(s->held.bytes, from);
    return slice_starts(s->held.bytes, SLICE(ZIP_START)) || slice_find_slice(looked, SLICE("\n" ZIP_START)) >= 0;
}

static void feed(void *state, uint64_t at, struct slice bytes)
{
    struct state *s = state;
    if (s->over)
        return;
    if (s->walking) {
        walk(s, at, bytes);
        return;
    }
    size_t before = s->held.bytes.n;
    held_file_feed(s, at, bytes);
    if (is_zip(s, before - MIN(before, sizeof ZIP_START))) {
        s->walk = s->walk ? s->walk : zip_walk_new(&visitor, s);
        zip_walk_size(s->walk, s->held.size);
        s->walking = true;
        walk(s, 0, s->held.bytes);
        uint64_t end = at + bytes.n;
        if (end > s->at)
            walk(s, MAX(at, s->at), slice_from(bytes, (size_t)(MAX(at, s->at) - at)));
    }
    s->over = !s->walking && s->held.bytes.n == STUB_MAX;
}

static void tell_note(const struct state *s, const struct reducer_out *out, const char *text)
{
    char whole[600];
    snprintf(whole, sizeof whole, "%.*s%s", SLICE_FMT(slice_sub(s->held.path, 0, 200)), text);
    out->reason(out->arg, REASON_ARCHIVE_UNREAD, whole);
}

static void end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    if (s->walking)
        zip_walk_end(s->walk);
    buf_clear(&s->kept);
    s->kept.max = FACTS_MAX;
    for (size_t i = 0; i < s->members_n; i++)
        if (s->members[i].counts)
            buf_add(&s->kept, s->facts.p + s->members[i].from, s->members[i].to - s->members[i].from);
    if (s->kept.n)
        out->put(out->arg, out->format, s->held.path, buf_slice(&s->kept));
    for (size_t i = 0; (s->kept.n || s->application) && i < s->notes_n; i++)
        tell_note(s, out, s->notes[i]);
    if (s->full)
        out->reason(out->arg, REASON_TOO_MANY, "more distributions than are read in one zip of Python's");
}

static void layer_end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    zip_walk_free(s->walk);
    free(s->members);
    buf_done(&s->facts);
    buf_done(&s->kept);
    line_feed_done(&s->lines);
    held_file_done(&s->held);
}

const struct reducer python_zip_reducer = {
    .state_size = sizeof(struct state), .begin = begin, .feed = feed, .end = end, .layer_end = layer_end};
