/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/assemble/better.h"

#include "model/ecosystem/ecosystem.h"

#define COMPARED_MAX 1000 /* environments with the very same version of a package */

/* A package under the name that it is compared by. */
struct named {
    size_t index;
    enum package_type type;
    struct slice name, version;
    /*
     * Where it lies, if its metadata lies beside it; of conda the environment, of programs what they were installed below;
     * else absent.
     */
    struct slice place;
    bool installed;
};

static bool is_located(const struct package *p)
{
    return ecosystem_of_type(p->type)->located;
}

/* "…/site-packages" of "…/site-packages/x-1.dist-info/METADATA" and "…/site-packages/x.egg-info". */
static struct slice folder_beside(struct slice location)
{
    for (int up = 0; up < 2 && location.n; up++) {
        struct slice name = slice_path_name(location);
        location = slice_path_folder(location);
        if (slice_ends(name, SLICE(".dist-info")) || slice_ends(name, SLICE(".egg-info")))
            return location.n ? location : SLICE("/");
    }
    return SLICE_NONE;
}

/* "opt/conda" of "opt/conda/conda-meta/x.json"; the root is "/". */
static struct slice environment_of(struct slice location)
{
    struct slice folder = slice_path_folder(location), above = slice_path_folder(folder);
    return !slice_eq_str(slice_path_name(folder), "conda-meta") ? SLICE_NONE : above.n ? above : SLICE("/");
}

/* "usr/local" of "usr/local/bin/python3.11", "usr/local/include/python3.11/patchlevel.h"; the root is "/". */
static struct slice prefix_of(struct slice location)
{
    static const char *const folders[] = {"bin", "sbin", "lib", "lib64", "libexec", "include", "share"};
    struct slice rest = location, part;
    size_t n = 0;
    while (slice_take_token(&rest, '/', &part) && rest.n) {
        for (size_t i = 0; i < ARRAY_LEN(folders); i++)
            if (slice_eq_str(part, folders[i]))
                return n ? slice_sub(location, 0, n - 1) : SLICE("/");
        n += part.n + 1;
    }
    return SLICE_NONE;
}

static struct slice place_of(const struct package *p)
{
    return p->type == PKG_CONDA     ? environment_of(p->location)
           : p->type == PKG_GENERIC ? prefix_of(p->location)
                                    : folder_beside(p->location);
}

static struct named name_of(const package_vec *v, size_t i, struct arena *arena)
{
    const struct package *p = &v->v[i];
    /* conda's names are compared with Python's, as Python's */
    const struct ecosystem *e = ecosystem_of_type(p->type == PKG_CONDA ? PKG_PYPI : p->type);
    return (struct named){.index = i,
                          .type = p->type == PKG_CONDA ? PKG_PYPI : p->type,
                          .name = ecosystem_name(e, p->ns, p->name, arena),
                          .version = p->version,
                          .place = place_of(p),
                          .installed = p->certainty == CERTAINTY_INSTALLED};
}

static int by_name(const struct named *x, const struct named *y)
{
    return x->type != y->type ? (x->type < y->type ? -1 : 1) : slice_cmp(x->name, y->name);
}

static int named_order(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int c = by_name(x, y);
    if (!c)
        c = slice_cmp(x->version, y->version);
    if (!c)
        c = slice_cmp(x->place, y->place);
    return c ? c : (x->index > y->index) - (x->index < y->index);
}

static bool is_below(struct slice path, struct slice folder)
{
    return slice_eq_str(folder, "/") || (slice_take_prefix(&path, folder) && slice_starts(path, SLICE("/")));
}

static bool is_better(const struct package *x, const struct package *y)
{
    if (x->certainty != y->certainty)
        return x->certainty < y->certainty; /* the surer come first */
    if (!x->not_judged.text.n != !y->not_judged.text.n)
        return !x->not_judged.text.n;
    int c = slice_cmp(x->evidence, y->evidence);
    return c ? c < 0 : slice_cmp(x->location, y->location) < 0;
}

/* Of those of one name and version, from v[0] on. */
static void compare(const package_vec *packages, const struct named *v, size_t n, bool *out)
{
    for (size_t i = 0, best = 0; i < n; i++) {
        const struct package *p = &packages->v[v[i].index];
        if (p->type == PKG_CONDA || !v[i].place.n)
            continue;
        const struct package *b = &packages->v[v[best].index];
        if (i == best || b->type == PKG_CONDA || !slice_eq(v[i].place, v[best].place)) {
            best = i;
            continue;
        }
        size_t worse = is_better(p, b) ? best : i;
        out[v[worse].index] = true;
        best = worse == i ? best : i;
    }
    for (size_t i = 0; i < MIN(n, (size_t)COMPARED_MAX); i++)
        for (size_t j = 0;
             packages->v[v[i].index].type == PKG_CONDA && v[i].place.n && j < MIN(n, (size_t)COMPARED_MAX); j++)
            if (packages->v[v[j].index].type == PKG_PYPI && v[j].installed &&
                is_below(packages->v[v[j].index].location, v[i].place)) {
                out[v[i].index] = true;
                break;
            }
}

/* Wishes, of those of one name, which are sorted by version; *met are those that are installed as they are. */
static void drop_wishes(const package_vec *packages, const struct named *v, size_t n, bool *out, slice_vec *met,
                        struct arena *arena)
{
    bool installed = false;
    for (size_t i = 0; i < n; i++)
        installed |= v[i].installed;
    for (size_t i = 0, same; installed && i < n; i += same) {
        bool there = false;
        for (same = 0; i + same < n && slice_eq(v[i].version, v[i + same].version); same++)
            there |= v[i + same].installed;
        for (size_t j = i; j < i + same; j++) {
            const struct package *p = &packages->v[v[j].index];
            if (p->certainty != CERTAINTY_DECLARED)
                continue;
            out[v[j].index] = true;
            if (there && (!met->n || !slice_eq(met->v[met->n - 1], p->location)))
                slice_vec_add(arena, met, p->location);
        }
    }
}

static int slice_order(const void *a, const void *b)
{
    return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

/* All wishes of lists that were carried out. */
static void drop_lists(const package_vec *v, slice_vec *met, bool *out)
{
    if (met->n)
        qsort(met->v, met->n, sizeof *met->v, slice_order);
    for (size_t i = 0; met->n && i < v->n; i++)
        if (v->v[i].certainty == CERTAINTY_DECLARED && is_located(&v->v[i]) &&
            bsearch(&v->v[i].location, met->v, met->n, sizeof *met->v, slice_order))
            out[i] = true;
}

void better_keep(package_vec *v, struct arena *arena)
{
    struct named *named ATTR_CLEANUP(cleanup_free) = xcalloc(v->n + 1, sizeof *named);
    bool *out ATTR_CLEANUP(cleanup_free) = xcalloc(v->n + 1, sizeof *out);
    size_t n = 0, kept = 0;
    slice_vec met = {0}; /* places of lists */
    for (size_t i = 0; i < v->n; i++)
        if (is_located(&v->v[i]))
            named[n++] = name_of(v, i, arena);
    qsort(named, n, sizeof *named, named_order);
    for (size_t i = 0, same, version; i < n; i += same) {
        for (same = 1; i + same < n && by_name(&named[i], &named[i + same]) == 0; same++)
            ;
        drop_wishes(v, named + i, same, out, &met, arena);
        for (size_t j = i; j < i + same; j += version) {
            for (version = 1; j + version < i + same && slice_eq(named[j].version, named[j + version].version);
                 version++)
                ;
            compare(v, named + j, version, out);
        }
    }
    drop_lists(v, &met, out);
    for (size_t i = 0; i < v->n; i++)
        if (!out[i])
            v->v[kept++] = v->v[i];
    v->n = kept;
}
