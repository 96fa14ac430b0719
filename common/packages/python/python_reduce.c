/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python_reduce.c: what is kept of a distribution's files. Most of a METADATA is the description behind its header, and
 * most of a RECORD are the paths of modules, so both are read a line at a time.
 */
#include "packages/reading/held_file.h"
#include "packages/reading/line_feed.h"
#include "packages/python/python.h"
#include "packages/python/python_code.h"
#include "packages/python/python_header.h"

struct state {
    struct held_file held; /* of small files the content, of all others only the path */
    struct line_feed lines;
    struct python_code code;
    struct python_header header;
    size_t number;
};

static bool begin(struct state *s, const struct reduced_file *file, const struct reducer_out *out, line_take_fn *take)
{
    buf_clear(&s->held.facts); /* of a link no content comes, and nothing is held */
    s->held.facts.max = PYTHON_FACTS_MAX;
    s->number = 0;
    python_header_begin(&s->header);
    python_code_begin(&s->code);
    if (file->linked) {
        fact_list_add(&s->held.facts, "target", file->target);
        out->put(out->arg, out->format, file->path, buf_slice(&s->held.facts));
        return false;
    }
    if (take)
        line_feed_begin(&s->lines, PYTHON_LINE_MAX, take);
    return held_file_begin(&s->held, file, take ? 0 : PYTHON_SMALL_MAX);
}

static void feed(void *state, uint64_t at, struct slice bytes)
{
    struct state *s = state;
    line_feed(&s->lines, at, bytes, s);
}

static void put(struct state *s, const struct reducer_out *out)
{
    held_file_put(&s->held, out);
}

static void layer_end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    line_feed_done(&s->lines);
    held_file_done(&s->held);
}

/* ---- METADATA, PKG-INFO, an egg-info that is one file ---- */

static bool take_header(void *arg, struct slice line, bool cut)
{
    struct state *s = arg;
    return python_header_take(&s->header, line, cut, &s->held.facts);
}

static bool header_begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    return begin(state, file, out, take_header);
}

static void lines_end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    line_feed_end(&s->lines, s);
    put(s, out);
}

const struct reducer python_header_reducer = {.state_size = sizeof(struct state),
                                              .begin = header_begin,
                                              .feed = feed,
                                              .end = lines_end,
                                              .layer_end = layer_end,
                                              .takes_links = true,
                                              .takes_symlinks = true};

/* ---- RECORD, installed-files.txt ---- */

static bool take_record(void *arg, struct slice line, bool cut)
{
    struct state *s = arg;
    if (!cut)
        python_code_add(&s->code, line);
    return true;
}

static bool record_begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    return begin(state, file, out, take_record);
}

static void record_end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    line_feed_end(&s->lines, s);
    for (size_t i = 0; !s->code.many && i < s->code.n; i++)
        fact_list_add(&s->held.facts, "code", python_code_at(&s->code, i));
    put(s, out);
}

const struct reducer python_record_reducer = {.state_size = sizeof(struct state),
                                              .begin = record_begin,
                                              .feed = feed,
                                              .end = record_end,
                                              .layer_end = layer_end,
                                              .takes_links = true,
                                              .takes_symlinks = true};

/* ---- lists of vendored packages, patchlevel.h ---- */

static bool take_line(void *arg, struct slice line, bool cut)
{
    struct state *s = arg;
    bool wanted = slice_find_slice(line, SLICE("==")) >= 0 || slice_find_slice(line, SLICE("_VERSION")) >= 0;
    if (wanted && !cut && fact_list_add(&s->held.facts, "line", line))
        return false;
    return ++s->number < 4096;
}

static bool lines_begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    return begin(state, file, out, take_line);
}

const struct reducer python_lines_reducer = {.state_size = sizeof(struct state),
                                             .begin = lines_begin,
                                             .feed = feed,
                                             .end = lines_end,
                                             .layer_end = layer_end,
                                             .takes_links = true,
                                             .takes_symlinks = true};

/* ---- INSTALLER, direct_url.json, build-details.json ---- */

static bool small_begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    return begin(state, file, out, NULL);
}

static void small_end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    s->held.facts.max = PYTHON_SMALL_MAX + 64;
    fact_list_add(&s->held.facts, "text", s->held.bytes);
    if (held_file_cut(&s->held))
        fact_list_add(&s->held.facts, "wrong", SLICE("it is too long"));
    put(s, out);
}

const struct reducer python_small_reducer = {.state_size = sizeof(struct state),
                                             .begin = small_begin,
                                             .feed = held_file_feed,
                                             .end = small_end,
                                             .layer_end = layer_end,
                                             .takes_links = true,
                                             .takes_symlinks = true};
