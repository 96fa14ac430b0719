/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/python/python_place.h"

#include "packages/aside/aside.h"

static bool is_one_of(struct slice part, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_eq_str(part, list[i]))
            return true;
    return false;
}

/* "archive-v0" of a prefix "archive-v". */
static bool is_numbered(struct slice part, const char *prefix)
{
    uint64_t n;
    return slice_take_prefix(&part, slice_str(prefix)) && slice_parse_u64(part, &n);
}

/*
 * Folders of caches: uv's, from which it links files into environments (its "environments-v2" are environments, run from
 * where they are); virtualenv's unpacked seeds; what setuptools fetched for a build.
 */
static bool is_cache(struct slice before, struct slice part)
{
    static const char *const uv[] = {"archive-v", "sdists-v", "built-wheels-v", "builds-v", "wheels-v"};
    for (size_t i = 0; i < ARRAY_LEN(uv); i++)
        if (is_numbered(part, uv[i]))
            return true;
    return slice_eq_str(part, ".eggs") || (slice_eq_str(part, "wheel") && slice_eq_str(before, "virtualenv"));
}

/* conda's cache of packages: pkgs/numpy-1.26.4-py311h64a7726_0/lib/python3.11/site-packages. */
static bool is_conda_cache(struct slice before, struct slice part, struct slice after)
{
    size_t dashes = 0;
    struct slice next = SLICE_NONE;
    for (size_t i = 0; i < part.n; i++)
        dashes += part.p[i] == '-';
    slice_take_token(&after, '/', &next);
    return dashes >= 2 && slice_eq_str(before, "pkgs") &&
           (slice_eq_str(next, "lib") || slice_eq_str(next, "Lib") || slice_eq_str(next, "site-packages"));
}

static bool in_cache(struct slice folder)
{
    struct slice part, before = SLICE_NONE;
    while (slice_take_token(&folder, '/', &part)) {
        if (is_cache(before, part) || is_conda_cache(before, part, folder))
            return true;
        before = part;
    }
    return false;
}

static bool is_site(struct slice part)
{
    static const char *const names[] = {"site-packages", "dist-packages", "vendor-packages"};
    return is_one_of(part, names, ARRAY_LEN(names));
}

/* What of a path comes up to its last folder for packages; all of it where there is none. */
static struct slice site_of(struct slice path)
{
    struct slice site = path;
    while (site.n && !is_site(slice_path_name(site)))
        site = slice_path_folder(site);
    return site.n ? site : path;
}

struct python_place python_place(struct slice info)
{
    struct slice folder = slice_path_folder(info), name = slice_path_name(info);
    struct python_place place = {.standing = PYTHON_BARE};
    if (slice_eq_str(name, "EGG-INFO")) {
        name = slice_path_name(folder);
        folder = slice_path_folder(folder);
    }
    place.root = folder;
    /* pip moves what it replaces to a name that begins so. */
    if (slice_starts(name, SLICE("~")) || in_cache(folder)) {
        place.standing = PYTHON_COPY;
        return place;
    }
    struct slice site = site_of(folder);
    if (site.n < folder.n) {
        struct slice inner = slice_from(folder, site.n + 1), rest = inner;
        slice_take_token(&rest, '/', &place.top);
        place.root = site;
        place.standing = path_is_aside(inner) ? PYTHON_SAMPLE : PYTHON_BELOW;
    } else if (is_site(slice_path_name(folder))) {
        place.standing = PYTHON_IN_SITE;
    }
    return place;
}
