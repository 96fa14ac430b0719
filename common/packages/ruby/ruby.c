/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ruby.c: installed gems, by the specification that RubyGems writes for each ("name-version[-platform].gemspec" in
 * specifications/); gems that bundler checked out; RubyGems itself and the interpreter by the files of Ruby's library
 * that say their versions. A gemspec is a program: a few of its lines are looked at, none is run.
 */
#include "packages/reading/fact_list.h"
#include "packages/reading/held_file.h"
#include "packages/reading/line_feed.h"
#include "packages/ruby/ruby.h"

#define RUBY_LINE_MAX ((size_t)16 << 10)
#define LINES_MAX     4000 /* lists of files come behind what is wanted */
#define FACTS_MAX     ((size_t)16 << 10)

struct state {
    struct held_file held; /* its path only */
    struct line_feed lines;
    size_t number;
};

static bool is_wanted(struct slice line)
{
    static const char *const words[] = {"# stub:",
                                        ".name",
                                        ".version",
                                        ".platform",
                                        " VERSION =",
                                        "CONFIG[\"MAJOR\"]",
                                        "CONFIG[\"MINOR\"]",
                                        "CONFIG[\"TEENY\"]",
                                        "CONFIG[\"PATCHLEVEL\"]"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_find_slice(line, slice_str(words[i])) >= 0)
            return true;
    return false;
}

static bool take_line(void *arg, struct slice line, bool cut)
{
    struct state *s = arg;
    if (++s->number > LINES_MAX)
        return false;
    if (!is_wanted(line))
        return true;
    if (!cut && !fact_list_add(&s->held.facts, "line", line))
        return true;
    s->held.facts.max += 64;
    fact_list_add(&s->held.facts, "wrong", cut ? SLICE("a line of it is too long") : SLICE("it says too much"));
    return false;
}

static bool begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    struct state *s = state;
    buf_clear(&s->held.facts); /* of a link no content comes, and nothing is held */
    s->held.facts.max = FACTS_MAX;
    s->number = 0;
    if (file->linked) {
        fact_list_add(&s->held.facts, "target", file->target);
        out->put(out->arg, out->format, file->path, buf_slice(&s->held.facts));
        return false;
    }
    line_feed_begin(&s->lines, RUBY_LINE_MAX, take_line);
    return held_file_begin(&s->held, file, 0);
}

static void feed(void *state, uint64_t at, struct slice bytes)
{
    struct state *s = state;
    line_feed(&s->lines, at, bytes, s);
}

static void end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    line_feed_end(&s->lines, s);
    held_file_put(&s->held, out);
}

static void layer_end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    line_feed_done(&s->lines);
    held_file_done(&s->held);
}

static const struct reducer reducer = {.state_size = sizeof(struct state),
                                       .begin = begin,
                                       .feed = feed,
                                       .end = end,
                                       .layer_end = layer_end,
                                       .takes_links = true};

#define LINES(path_)                                                                                                   \
    {                                                                                                                  \
        .path = path_, .reducer = &reducer                                                                             \
    }

static const struct package_rule rules[] = {
    LINES("**/specifications/*.gemspec"),
    LINES("**/specifications/default/*.gemspec"),
    LINES("**/bundler/gems/*/*.gemspec"),
    LINES("**/bundler/gems/*/*/*.gemspec"),
    LINES("**/rubygems.rb"),
    LINES("**/rbconfig.rb"),
    {.path = NULL},
};

/* What is below is there a second time under its true name. */
static const char *const not_below[] = {"sysroot/ostree", "ostree/repo", NULL};

const struct package_format format_ruby = {.name = "ruby",
                                           .keeps_version = 1,
                                           .reads_version = 1,
                                           .type = PKG_GEM,
                                           .rules = rules,
                                           .not_below = not_below,
                                           .read = ruby_read,
                                           .read_end = ruby_read_end};
