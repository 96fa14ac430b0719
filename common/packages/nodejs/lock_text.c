/* SPDX-License-Identifier: Apache-2.0 */
/* lock_text.c: yarn.lock and pnpm-lock.yaml, which are read line by line: who writes them writes them in one form. */
#include "packages/reading/fact_list.h"
#include "packages/nodejs/lock.h"

static struct slice unquoted(struct slice s)
{
    s = slice_trim(s);
    if (s.n > 1 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0])
        s = slice_sub(s, 1, s.n - 2);
    return s;
}

/* A name and what follows its last or, of "@s/a@npm:b@1", its first at sign behind the scope. */
static bool split_name(struct slice s, struct slice *ret_name, struct slice *ret_rest)
{
    ptrdiff_t at = slice_find(slice_from(s, 1), '@');
    if (s.n < 3 || at < 0)
        return false;
    *ret_name = slice_sub(s, 0, (size_t)at + 1);
    *ret_rest = slice_from(s, (size_t)at + 2);
    return true;
}

static bool is_indented(struct slice line, size_t by)
{
    for (size_t i = 0; i < by; i++)
        if (i >= line.n || line.p[i] != ' ')
            return false;
    return line.n > by && line.p[by] != ' ';
}

static void add(struct buf *facts, struct slice name, struct slice version)
{
    if (!name.n || !version.n || name.n > 300 || version.n > 300)
        return;
    fact_list_add(facts, "package", name);
    fact_list_add(facts, "version", version);
}

static const char *full(const struct buf *facts)
{
    return facts->overflow ? "it has more packages than are kept" : NULL;
}

/*
 * "a@^1.0.0", a@^1.1.0:        Yarn 1: what was asked for, with what is told of it below:   version "1.2.0"
 * "b@npm:^1.0.0":              later: version: 1.2.0, and resolution: "b@npm:1.2.0", or "b@workspace:…" of the project
 */
const char *lock_reduce_yarn(struct slice text, struct buf *facts)
{
    struct slice line, name = SLICE_NONE, version = SLICE_NONE, rest;
    bool own = false;
    while (slice_take_line(&text, &line)) {
        if (line.n && line.p[0] != ' ' && line.p[0] != '#') {
            if (!own)
                add(facts, name, version);
            struct slice first = line;
            name = version = SLICE_NONE;
            own = false;
            if (line.p[0] == '"') {
                first = slice_from(line, 1);
                first = slice_sub(first, 0, (size_t)MAX(slice_find(first, '"'), 0));
            }
            if (split_name(first, &name, &rest))
                own = slice_starts(rest, SLICE("workspace:"));
        } else if (is_indented(line, 2)) {
            line = slice_from(line, 2);
            if (slice_take_prefix(&line, SLICE("version:")) || slice_take_prefix(&line, SLICE("version ")))
                version = unquoted(line);
            else if (slice_take_prefix(&line, SLICE("resolution:")))
                own |= split_name(unquoted(line), &name, &rest) && slice_starts(rest, SLICE("workspace:"));
        }
    }
    if (!own)
        add(facts, name, version);
    return full(facts);
}

/* packages:, and below it "/a@1.0.0(peer@2.0.0)", "'@s/a@1.0.0'", or of old "/a/1.0.0_peer@2.0.0", each with a colon. */
const char *lock_reduce_pnpm(struct slice text, struct buf *facts)
{
    struct slice line, name, version;
    bool inside = false;
    while (slice_take_line(&text, &line)) {
        if (line.n && line.p[0] != ' ' && line.p[0] != '#')
            inside = slice_eq_str(slice_trim(line), "packages:");
        if (!inside || !is_indented(line, 2))
            continue;
        line = slice_trim(line);
        if (!slice_ends(line, SLICE(":")))
            continue;
        line = unquoted(slice_sub(line, 0, line.n - 1));
        bool slash = slice_take_prefix(&line, SLICE("/"));
        ptrdiff_t peers = slice_find(line, '(');
        line = peers < 0 ? line : slice_sub(line, 0, (size_t)peers);
        ptrdiff_t last = slice_rfind(line, '/');
        if (slash && last > 0 && slice_from(line, (size_t)last + 1).n && line.p[last + 1] >= '0' &&
            line.p[last + 1] <= '9') {
            name = slice_sub(line, 0, (size_t)last);
            version = slice_from(line, (size_t)last + 1);
            ptrdiff_t under = slice_find(version, '_');
            version = under < 0 ? version : slice_sub(version, 0, (size_t)under);
        } else if (!split_name(line, &name, &version) || slice_find(version, ':') >= 0) {
            continue;
        }
        add(facts, name, version);
    }
    return full(facts);
}

lock_reduce_fn *lock_reducer(struct slice name)
{
    static const struct {
        const char *name;
        lock_reduce_fn *reduce;
    } locks[] = {
        {"package-lock.json", lock_reduce_npm}, {"npm-shrinkwrap.json", lock_reduce_npm},
        {"yarn.lock", lock_reduce_yarn},        {"pnpm-lock.yaml", lock_reduce_pnpm},
        {"bun.lock", lock_reduce_bun},
    };
    for (size_t i = 0; i < ARRAY_LEN(locks); i++)
        if (slice_eq_str(name, locks[i].name))
            return locks[i].reduce;
    return NULL;
}
