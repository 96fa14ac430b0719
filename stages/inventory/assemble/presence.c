/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/assemble/presence.h"

#include "base/hash.h"
#include "inventory/assemble/assemble.h"
#include "model/ecosystem/ecosystem.h"

struct present {
    const struct package *package;
    struct slice place; /* where it counts, else absent */
    uint64_t hash;
    size_t files, since;
};

void presence_init(struct presence *p, struct arena *arena)
{
    *p = (struct presence){.arena = arena};
}

void presence_done(struct presence *p)
{
    free(p->slots);
    p->slots = NULL;
}

int assemble_order(const struct package *x, const struct package *y)
{
    int c = x->type < y->type ? -1 : x->type > y->type;
    if (!c)
        c = slice_cmp(x->ns, y->ns);
    if (!c)
        c = slice_cmp(x->name, y->name);
    if (!c)
        c = slice_cmp(x->version, y->version);
    return c ? c : slice_cmp(x->architecture, y->architecture);
}

static struct slice place_of(const struct package *package, struct slice location)
{
    return ecosystem_of_type(package->type)->located ? location : SLICE_NONE;
}

bool presence_same(const struct package *a, const struct package *b)
{
    return assemble_order(a, b) == 0 && slice_eq(place_of(a, a->location), place_of(b, b->location));
}

struct slice presence_location(const struct parsed_file *file, struct slice path, const struct package *package,
                               struct arena *arena)
{
    struct slice inside = package->location;
    if (!slice_take_prefix(&inside, file->path) || !inside.n)
        return path;
    return slice_eq(path, file->path) ? package->location
                                      : arena_printf(arena, "%.*s%.*s", SLICE_FMT(path), SLICE_FMT(inside));
}

static uint64_t hash_of(const struct package *package, struct slice place)
{
    uint64_t parts[] = {(uint64_t)package->type,  hash64(package->ns),           hash64(package->name),
                        hash64(package->version), hash64(package->architecture), hash64(place)};
    return hash64(slice_of(parts, sizeof parts));
}

static size_t slot_of(const struct presence *p, const struct package *package, struct slice place, uint64_t hash)
{
    size_t i = (size_t)hash & (p->slots_cap - 1);
    for (; p->slots[i]; i = (i + 1) & (p->slots_cap - 1)) {
        const struct present *at = &p->all.v[p->slots[i] - 1];
        if (at->hash == hash && assemble_order(at->package, package) == 0 && slice_eq(at->place, place))
            break;
    }
    return i;
}

static void grow(struct presence *p)
{
    p->slots_cap = p->slots_cap ? p->slots_cap * 2 : 1024;
    free(p->slots);
    p->slots = xcalloc(p->slots_cap, sizeof *p->slots);
    for (size_t i = 0; i < p->all.n; i++)
        p->slots[slot_of(p, p->all.v[i].package, p->all.v[i].place, p->all.v[i].hash)] = (uint32_t)i + 1;
}

/* NULL: the arena is full. */
static struct present *find(struct presence *p, const struct package *package, struct slice location)
{
    struct slice place = place_of(package, location);
    uint64_t hash = hash_of(package, place);
    if (p->slots_cap < (p->all.n + 1) * 2)
        grow(p);
    size_t slot = slot_of(p, package, place, hash);
    if (p->slots[slot])
        return &p->all.v[p->slots[slot] - 1];
    struct present *fresh = VEC_ADD_MOVING(p->arena, &p->all);
    if (!fresh)
        return NULL;
    *fresh = (struct present){.package = package, .place = place, .hash = hash};
    p->slots[slot] = (uint32_t)p->all.n;
    return fresh;
}

static struct present *find_at(struct presence *p, const struct placed_file *at, size_t i)
{
    const struct package *package = &at->file->packages.v[i];
    return find(p, package, presence_location(at->file, at->path, package, p->arena));
}

/*
 * Added files count before removed ones, so that when a layer replaces a database, packages in both keep their layers.
 */
void presence_layer(struct presence *p, const struct merge *m, size_t index)
{
    for (size_t i = 0; i < m->came.n; i++)
        for (size_t j = 0; j < m->came.v[i].file->packages.n; j++) {
            struct present *at = find_at(p, &m->came.v[i], j);
            if (at && !at->files++)
                at->since = index;
        }
    for (size_t i = 0; i < m->gone.n; i++)
        for (size_t j = 0; j < m->gone.v[i].file->packages.n; j++) {
            struct present *at = find_at(p, &m->gone.v[i], j);
            if (at)
                at->files--;
        }
}

size_t presence_since(struct presence *p, const struct package *package)
{
    const struct present *at = find(p, package, package->location);
    return at ? at->since : 0;
}
