/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/nodejs/node_place.h"

#include "packages/aside/aside.h"

#define MODULES "node_modules"

static bool is_one_of(struct slice s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_eq_str(s, words[i]))
            return true;
    return false;
}

/* pnpm, Bun, Yarn's linker of that name and cnpm, Deno: the real folders, each once; the rest are links to them. */
static bool is_store(struct slice name)
{
    static const char *const stores[] = {".pnpm", ".bun", ".store", ".deno"};
    return is_one_of(name, stores, ARRAY_LEN(stores));
}

static bool has_parts(struct slice path, const char *parts)
{
    struct slice want = slice_str(parts);
    for (struct slice rest = path; rest.n;) {
        if (slice_starts(rest, want) && (rest.n == want.n || rest.p[want.n] == '/'))
            return true;
        ptrdiff_t slash = slice_find(rest, '/');
        rest = slash < 0 ? SLICE_NONE : slice_from(rest, (size_t)slash + 1);
    }
    return false;
}

/* ~/.cache/yarn/v6/npm-left-pad-1.3.0-5b8a3a7765dfe001261dde915589e782f8c94d1e-integrity/node_modules/left-pad */
static bool is_in_yarn_cache(struct slice path)
{
    struct slice part, before = SLICE_NONE;
    while (slice_take_token(&path, '/', &part)) {
        if (slice_eq_str(part, MODULES))
            return false;
        uint64_t number;
        if (before.n > 1 && before.p[0] == 'v' && slice_parse_u64(slice_from(before, 1), &number) &&
            slice_starts(part, SLICE("npm-")) && part.n > 40 && slice_starts(path, SLICE(MODULES "/")))
            return true;
        before = part;
    }
    return false;
}

/* Fixtures of gems: gems/x-1.0/spec/… */
static bool is_in_gem_tests(struct slice path)
{
    struct slice part;
    int parts = 0; /* since "gems" */
    while (slice_take_token(&path, '/', &part)) {
        if (parts == 2 && (slice_eq_str(part, "test") || slice_eq_str(part, "spec")))
            return true;
        parts = slice_eq_str(part, "gems") ? 1 : parts ? parts + 1 : 0;
    }
    return false;
}

bool node_place_cached(struct slice path)
{
    return has_parts(path, ".bun/install/cache") || has_parts(path, "pkg/mod") ||
           has_parts(path, ".cargo/registry/src") || has_parts(path, "cargo/registry/src") || is_in_yarn_cache(path) ||
           is_in_gem_tests(path);
}

struct slice node_place_name(struct slice root)
{
    struct slice name = slice_path_name(root), above = slice_path_name(slice_path_folder(root));
    return above.n && above.p[0] == '@' ? slice_from(root, root.n - name.n - 1 - above.n) : name;
}

/* The last folder node_modules of a path: what is before it and what is behind it. */
static bool split(struct slice path, struct slice *ret_before, struct slice *ret_behind)
{
    struct slice rest = path;
    while (rest.n) {
        struct slice name = slice_path_name(rest), folder = slice_path_folder(rest);
        if (slice_eq_str(name, MODULES)) {
            *ret_before = folder;
            *ret_behind = rest.n < path.n ? slice_from(path, rest.n + 1) : SLICE("");
            return true;
        }
        rest = folder;
    }
    return false;
}

/* The folder of the package that parts, which stand behind a node_modules, begin with. */
static struct slice root_of(struct slice parts)
{
    struct slice rest = parts, part = SLICE_NONE, second;
    slice_take_token(&rest, '/', &part);
    if (part.n && part.p[0] == '@' && slice_take_token(&rest, '/', &second))
        return slice_sub(parts, 0, part.n + 1 + second.n);
    return part;
}

bool node_place(struct slice path, struct node_place *ret)
{
    struct node_place place = {.root = slice_path_folder(path)};
    struct slice above, behind;
    if (!split(place.root, &above, &place.name) || place.name.n != root_of(place.name).n || !place.name.n ||
        place.name.p[0] == '.' || (place.name.p[0] == '@' && slice_find(place.name, '/') < 0) ||
        node_place_cached(path))
        return false;
    for (bool first = true; split(above, &above, &behind); first = false) {
        struct slice root = root_of(behind), rest = slice_from(behind, root.n);
        if (root.n && root.p[0] == '.') {
            if (!is_store(root))
                return false;
            place.stored |= first;
            continue;
        }
        if (path_is_aside(rest))
            return false;
        if (!first || !root.n)
            continue;
        place.holder = slice_of(path.p, (size_t)(root.p - path.p) + root.n);
        place.among = rest.n > 0;
    }
    *ret = place;
    return true;
}
