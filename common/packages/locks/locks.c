/* SPDX-License-Identifier: Apache-2.0 */
/*
 * locks.c: lists of what somebody wants installed, of Python and Ruby: lock files, and lists of requirements as far as
 * these name versions. They prove nothing: their packages are declared, and assembly leaves the list out where what it
 * asks for was installed (inventory/assemble/better.h).
 */
#include "packages/locks/locks.h"

#include "io/text/json.h"
#include "packages/reading/fact_list.h"
#include "packages/reading/held_file.h"
#include "packages/reading/line_feed.h"

#define LOCK_LINE_MAX ((size_t)4 << 10)
#define FACTS_MAX     ((size_t)1 << 20)
#define DOCUMENT_MAX  ((uint32_t)4 << 20)

struct state {
    struct held_file held; /* of JSON the content, else the path only */
    struct line_feed lines;
    bool cut; /* a line that is wanted, or some fact, had no room */
};

static bool is_kind(const struct held_file *h, const char *kind)
{
    return strcmp(h->rule->kind, kind) == 0;
}

/* ---- lines ---- */

static bool starts_with_one(struct slice line, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_starts(line, slice_str(words[i])))
            return true;
    return false;
}

static bool is_wanted(const struct held_file *h, struct slice line)
{
    static const char *const toml[] = {"[", "name = ", "version = ", "category = ", "source = "};
    if (is_kind(h, LOCK_TOML))
        return starts_with_one(line, toml, ARRAY_LEN(toml));
    if (is_kind(h, LOCK_REQUIREMENTS))
        return slice_find_slice(line, SLICE("==")) > 0 && line.p[0] != '#' && line.p[0] != '-';
    /* A section, or a gem in it; what a gem needs stands further in. */
    return line.n && (line.p[0] != ' ' || (slice_starts(line, SLICE("    ")) && line.n > 4 && line.p[4] != ' '));
}

static bool take_line(void *arg, struct slice line, bool cut)
{
    struct state *s = arg;
    if (is_wanted(&s->held, line))
        s->cut |= cut || fact_list_add(&s->held.facts, "line", line);
    return !s->cut;
}

/* ---- Pipfile.lock ---- */

static void reduce_section(struct state *s, struct json_pull *json, const char *section)
{
    struct slice key;
    struct buf name = BUF_INIT(JSON_KEY_MAX);
    while (json_pull_key(json, &key)) {
        buf_clear(&name);
        buf_add_slice(&name, key);
        bool object = json_pull_object(json);
        while (object && json_pull_key(json, &key)) {
            struct slice value = slice_eq_str(key, "version") ? json_pull_string(json) : SLICE_NONE;
            if (!slice_eq_str(key, "version"))
                json_pull_skip(json);
            else if (value.n)
                s->cut |= fact_list_add(&s->held.facts, "section", slice_str(section)) ||
                          fact_list_add(&s->held.facts, "name", buf_slice(&name)) ||
                          fact_list_add(&s->held.facts, "version", value);
        }
    }
    buf_done(&name);
}

static void reduce_pipfile(struct state *s)
{
    struct json_pull json;
    struct slice key;
    struct err e = ERR_INIT;
    json_pull_text(&json, s->held.bytes, NULL);
    bool object = json_pull_object(&json);
    while (object && json_pull_key(&json, &key)) {
        bool plain = slice_eq_str(key, "default"), development = slice_eq_str(key, "develop");
        if (!plain && !development)
            json_pull_skip(&json);
        else if (json_pull_object(&json))
            reduce_section(s, &json, plain ? "default" : "develop");
    }
    if (json_pull_end(&json, &e))
        fact_list_add(&s->held.facts, "wrong", slice_str(e.text));
    json_pull_done(&json);
}

/* ---- the reducer ---- */

static bool begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    s->held.facts.max = FACTS_MAX;
    s->cut = false;
    line_feed_begin(&s->lines, LOCK_LINE_MAX, take_line);
    return held_file_begin(&s->held, file, strcmp(file->rule->kind, LOCK_PIPFILE) == 0 ? DOCUMENT_MAX : 0);
}

static void feed(void *state, uint64_t at, struct slice bytes)
{
    struct state *s = state;
    if (is_kind(&s->held, LOCK_PIPFILE))
        held_file_feed(s, at, bytes);
    else
        line_feed(&s->lines, at, bytes, s);
}

static void end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    line_feed_end(&s->lines, s);
    if (is_kind(&s->held, LOCK_PIPFILE))
        reduce_pipfile(s);
    s->held.facts.max += 256;
    if (s->cut)
        fact_list_add(&s->held.facts, "wrong", SLICE("it says more than is read"));
    if (s->held.facts.n)
        held_file_put(&s->held, out);
}

static void layer_end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    line_feed_done(&s->lines);
    held_file_done(&s->held);
}

static const struct reducer reducer = {
    .state_size = sizeof(struct state), .begin = begin, .feed = feed, .end = end, .layer_end = layer_end};

#define LOCK(path_, kind_)                                                                                             \
    {                                                                                                                  \
        .path = path_, .kind = kind_, .reducer = &reducer                                                              \
    }

static const struct package_rule rules[] = {
    LOCK("**/Gemfile.lock", LOCK_GEMFILE),
    LOCK("**/gems.locked", LOCK_GEMFILE),
    LOCK("**/poetry.lock", LOCK_TOML),
    LOCK("**/uv.lock", LOCK_TOML),
    LOCK("**/pdm.lock", LOCK_TOML),
    LOCK("**/Pipfile.lock", LOCK_PIPFILE),
    LOCK("**/requirements.txt", LOCK_REQUIREMENTS),
    {.path = NULL},
};

static const char *const not_below[] = {"sysroot/ostree", "ostree/repo", NULL};

const struct package_format format_locks = {.name = "locks",
                                            .keeps_version = 1,
                                            .reads_version = 1,
                                            .type = PKG_UNKNOWN,
                                            .rules = rules,
                                            .not_below = not_below,
                                            .read = locks_read};
