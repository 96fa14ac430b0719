/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nodejs.c: packages of npm's registry as npm, Yarn, pnpm, Bun and Deno install them, and Node itself. What is installed
 * says the package.json of each package's folder; a project's own says what it wishes for and is left alone.
 */
#include "packages/nodejs/nodejs.h"

#include "packages/reading/held_file.h"
#include "packages/nodejs/lock.h"
#include "packages/nodejs/node_place.h"
#include "packages/nodejs/package_json.h"

#define LOCK_MAX       ((uint32_t)16 << 20)
#define LOCK_FACTS_MAX ((size_t)4 << 20)

struct state {
    struct held_file held;
};

static bool begin(void *state, const struct reduced_file *file, const struct reducer_out *out)
{
    struct state *s = state;
    (void)out;
    return held_file_begin(&s->held, file, file->rule->max);
}

static void end_package(struct state *s, const struct reducer_out *out)
{
    struct node_place place;
    const char *why = package_json_read(s->held.bytes, held_file_cut(&s->held), &s->held.facts);
    if (why && node_place(s->held.path, &place))
        held_file_tell(&s->held, out, REASON_PACKAGE_LEFT_OUT, why);
}

static void end_lock(struct state *s, const struct reducer_out *out, lock_reduce_fn *reduce)
{
    const char *why = reduce(s->held.bytes, &s->held.facts);
    if (why || held_file_cut(&s->held))
        held_file_tell(&s->held, out, REASON_DATABASE_BROKEN, why);
}

static void end_hidden_lock(struct state *s, const struct reducer_out *out)
{
    const char *why = NULL;
    if (!hidden_lock_reduce(s->held.bytes, &s->held.facts, &why))
        held_file_tell(&s->held, out, REASON_DATABASE_BROKEN, why);
}

static void end(void *state, const struct reducer_out *out)
{
    struct state *s = state;
    struct slice name = slice_path_name(s->held.path);
    lock_reduce_fn *lock = lock_reducer(name);
    s->held.facts.max = lock || slice_eq_str(name, NODEJS_HIDDEN_LOCK) ? LOCK_FACTS_MAX : PACKAGE_JSON_FACTS_MAX;
    if (slice_eq_str(name, NODEJS_HIDDEN_LOCK))
        end_hidden_lock(s, out);
    else if (lock)
        end_lock(s, out, lock);
    else
        end_package(s, out);
    held_file_put(&s->held, out);
}

static const struct reducer reducer = {.state_size = sizeof(struct state),
                                       .begin = begin,
                                       .feed = held_file_feed,
                                       .end = end,
                                       .layer_end = held_file_layer_end};

static void read_entry(struct parse *p, const struct evidence_entry *entry)
{
    struct slice name = slice_path_name(entry->path);
    p->path = entry->path;
    p->reasons_of_file = 0;
    if (slice_eq_str(name, NODEJS_HIDDEN_LOCK))
        nodejs_read_hidden_lock(p, entry);
    else if (lock_reducer(name))
        nodejs_read_lock(p, entry);
    else if (slice_ends(name, SLICE(".zip")))
        nodejs_read_zip(p, entry);
    else if (slice_starts(name, SLICE(".pnp.")))
        nodejs_read_map(p, entry);
    else if (slice_eq_str(name, NODEJS_HEADER))
        nodejs_read_header(p, entry);
    else
        nodejs_read_package(p, entry);
}

#define PACKAGE(path_)                                                                                                 \
    {                                                                                                                  \
        .path = path_ "/" NODEJS_MANIFEST, .max = PACKAGE_JSON_MAX, .reducer = &reducer                                \
    }

#define LOCK(name_)                                                                                                    \
    {                                                                                                                  \
        .path = "**/" name_, .max = LOCK_MAX, .reducer = &reducer                                                      \
    }

static const struct package_rule rules[] = {
    PACKAGE("**/node_modules/*"),
    PACKAGE("**/node_modules/@*/*"),
    /* Debian's packages of Node.js modules, and Deno's cache, which is its installation. */
    PACKAGE("usr/share/nodejs/*"),
    PACKAGE("usr/share/nodejs/@*/*"),
    PACKAGE("usr/lib/nodejs/*"),
    PACKAGE("usr/lib/nodejs/@*/*"),
    PACKAGE("**/npm/*/*/*"),
    PACKAGE("**/npm/*/@*/*/*"),
    {.path = "**/node_modules/" NODEJS_HIDDEN_LOCK, .max = LOCK_MAX, .reducer = &reducer},
    LOCK("package-lock.json"),
    LOCK("npm-shrinkwrap.json"),
    LOCK("yarn.lock"),
    LOCK("pnpm-lock.yaml"),
    LOCK("bun.lock"),
    {.path = "**/.pnp.cjs", .reducer = &yarn_map_reducer},
    {.path = "**/.pnp.data.json", .reducer = &yarn_map_reducer},
    {.path = "**/.yarn/cache/*.zip", .reducer = &yarn_zip_reducer},
    {.path = "**/.yarn/berry/cache/*.zip", .reducer = &yarn_zip_reducer},
    {.path = "**/include/node/" NODEJS_HEADER, .max = KEEP_SMALL},
    {.path = NULL},
};

/* Documentation; and what is there a second time under its true name. */
static const char *const not_below[] = {"usr/share/doc", "sysroot/ostree", "ostree/repo", NULL};

const struct package_format format_nodejs = {.name = "nodejs",
                                             .keeps_version = 1,
                                             .reads_version = 1,
                                             .type = PKG_NPM,
                                             .rules = rules,
                                             .not_below = not_below,
                                             .read = read_entry,
                                             .read_end = nodejs_read_end};
