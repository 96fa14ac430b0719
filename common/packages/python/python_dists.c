/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/python/python_dists.h"

#include "base/hash.h"
#include "packages/python/python.h"

struct python_dists *python_dists_of(struct parse *p)
{
    return parse_state(p, &format_python, sizeof(struct python_dists));
}

#define LOOKS_MAX ((size_t)1 << 24)

bool python_dists_look(struct python_dists *d)
{
    return d->looks < LOOKS_MAX && ++d->looks;
}

/* ---- by folder ---- */

static size_t slot_of(const struct python_dists *d, struct slice folder)
{
    return (size_t)hash64(folder) & (d->slots - 1);
}

static bool grow(struct parse *p, struct python_dists *d)
{
    size_t slots = d->slots ? d->slots * 2 : 64;
    size_t *by_folder = arena_zalloc(p->arena, slots * sizeof *by_folder);
    if (!by_folder)
        return false;
    d->by_folder = by_folder;
    d->slots = slots;
    for (size_t i = 0; i < d->all.n; i++) {
        size_t slot = slot_of(d, d->all.v[i].folder);
        d->all.v[i].next_in_folder_slot = by_folder[slot];
        by_folder[slot] = i + 1;
    }
    return true;
}

struct python_dist *python_dist_find(struct python_dists *d, struct slice folder)
{
    size_t i = d->slots ? d->by_folder[slot_of(d, folder)] : 0;
    while (i && !slice_eq(d->all.v[i - 1].folder, folder))
        i = d->all.v[i - 1].next_in_folder_slot;
    return i ? &d->all.v[i - 1] : NULL;
}

struct python_dist *python_dist_add(struct parse *p, struct python_dists *d, struct slice folder)
{
    struct python_dist *dist = python_dist_find(d, folder);
    if (dist)
        return dist;
    if (d->all.n >= d->slots && !grow(p, d))
        return NULL;
    dist = VEC_ADD_MOVING(p->arena, &d->all);
    if (!dist)
        return NULL;
    size_t slot = slot_of(d, folder);
    *dist = (struct python_dist){
        .folder = folder, .place = python_place(folder), .next_in_folder_slot = d->by_folder[slot]};
    d->by_folder[slot] = d->all.n;
    return dist;
}

enum python_file python_file_of(struct slice path, struct slice *ret_folder)
{
    static const struct {
        const char *name;
        enum python_file file;
    } names[] = {{"METADATA", PYTHON_HEADER},     {"PKG-INFO", PYTHON_HEADER},
                 {"RECORD", PYTHON_RECORD},       {"installed-files.txt", PYTHON_RECORD},
                 {"INSTALLER", PYTHON_INSTALLER}, {"direct_url.json", PYTHON_DIRECT_URL}};
    struct slice name = slice_path_name(path);
    *ret_folder = slice_path_folder(path);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (slice_eq_str(name, names[i].name))
            return names[i].file;
    *ret_folder = path;
    return slice_ends(name, SLICE(".egg-info")) ? PYTHON_HEADER : PYTHON_FILES;
}

/* ---- by the folder of packages ---- */

static bool is_direct(const struct python_dist *dist)
{
    return dist->place.standing == PYTHON_IN_SITE || dist->place.standing == PYTHON_BARE;
}

void python_dists_by_root(struct parse *p, struct python_dists *d)
{
    d->by_root = d->slots ? arena_zalloc(p->arena, d->slots * sizeof *d->by_root) : NULL;
    for (size_t i = d->all.n; d->by_root && i-- > 0;) {
        if (!is_direct(&d->all.v[i]))
            continue;
        size_t slot = slot_of(d, d->all.v[i].place.root);
        d->all.v[i].next_in_root = d->by_root[slot];
        d->by_root[slot] = i + 1;
    }
}

const struct python_dist *python_dist_in_root(struct python_dists *d, struct slice root,
                                              const struct python_dist *behind)
{
    size_t i = behind ? behind->next_in_root : d->by_root ? d->by_root[slot_of(d, root)] : 0;
    while (i && python_dists_look(d) && !slice_eq(d->all.v[i - 1].place.root, root))
        i = d->all.v[i - 1].next_in_root;
    return i && d->looks < LOOKS_MAX ? &d->all.v[i - 1] : NULL;
}

/* ---- conda ---- */

bool python_dist_is_conda(struct parse *p, struct slice path, struct slice purl)
{
    struct python_dists *d = python_dists_of(p);
    struct slice folder;
    if (!d)
        return false;
    if (python_file_of(path, &folder) == PYTHON_HEADER) {
        struct python_dist *dist = python_dist_find(d, folder);
        if (!dist || !dist->files[PYTHON_HEADER].path.n || dist->place.standing != PYTHON_IN_SITE)
            return false;
        dist->conda = purl;
        return true;
    }
    for (size_t i = 0; i < d->others.n && python_dists_look(d); i++)
        if (slice_eq(d->others.v[i].path, path)) {
            d->others.v[i].conda = purl;
            return true;
        }
    return false;
}
