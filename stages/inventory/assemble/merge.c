/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/assemble/merge.h"

#include "base/hash.h"
#include "packages/parse.h"

#define HOPS_MAX  40 /* as Linux follows */
#define PATH_ROOM 4096

void merge_init(struct merge *m, struct arena *arena)
{
    *m = (struct merge){.arena = arena};
}

void merge_done(struct merge *m)
{
    free(m->slots);
    m->slots = NULL;
    m->slots_cap = 0;
}

/* Slot of the node of path, or the free one where it would go. */
static size_t slot_of(const struct merge *m, struct slice path, uint64_t hash)
{
    size_t i = (size_t)hash & (m->slots_cap - 1);
    for (; m->slots[i]; i = (i + 1) & (m->slots_cap - 1)) {
        const struct node *n = &m->nodes.v[m->slots[i] - 1];
        if (n->hash == hash && slice_eq(n->path, path))
            break;
    }
    return i;
}

static void grow_slots(struct merge *m)
{
    m->slots_cap = m->slots_cap ? m->slots_cap * 2 : 64;
    free(m->slots);
    m->slots = xcalloc(m->slots_cap, sizeof *m->slots);
    for (size_t i = 0; i < m->nodes.n; i++)
        m->slots[slot_of(m, m->nodes.v[i].path, m->nodes.v[i].hash)] = (uint32_t)i + 1;
}

const struct node *merge_at(const struct merge *m, struct slice path)
{
    size_t slot = m->slots_cap ? slot_of(m, path, hash64(path)) : 0;
    const struct node *n = m->slots_cap && m->slots[slot] ? &m->nodes.v[m->slots[slot] - 1] : NULL;
    return n && n->live ? n : NULL;
}

/* The node of path, made when it is not there; NULL past the arena's maximum. */
static struct node *node_for(struct merge *m, struct slice path)
{
    uint64_t hash = hash64(path);
    if (m->slots_cap < (m->nodes.n + 1) * 2)
        grow_slots(m);
    size_t slot = slot_of(m, path, hash);
    if (m->slots[slot])
        return &m->nodes.v[m->slots[slot] - 1];
    struct node *n = VEC_ADD(m->arena, &m->nodes);
    if (!n)
        return NULL;
    n->path = arena_slice(m->arena, path);
    n->hash = hash;
    m->slots[slot] = (uint32_t)m->nodes.n;
    return n;
}

/* Writes target, a slash and rest into to; false when they don't fit. */
static bool splice(char *to, size_t *n, struct slice target, struct slice rest)
{
    char joined[PATH_ROOM];
    size_t need = target.n + (target.n && rest.n ? 1 : 0) + rest.n;
    if (need > PATH_ROOM)
        return false;
    if (target.n)
        memcpy(joined, target.p, target.n);
    if (target.n && rest.n)
        joined[target.n] = '/';
    if (rest.n)
        memcpy(joined + need - rest.n, rest.p, rest.n);
    if (need)
        memcpy(to, joined, need);
    *n = need;
    return true;
}

bool merge_resolve(const struct merge *m, struct slice path, bool last, struct slice *ret_path)
{
    char at[PATH_ROOM];
    size_t n = path.n, done = 0;
    int hops = 0;
    if (!m->links) {
        *ret_path = path;
        return true;
    }
    if (n > sizeof at)
        return false;
    if (n)
        memcpy(at, path.p, n);
    while (done < n) {
        size_t end = done;
        while (end < n && at[end] != '/')
            end++;
        if (end == n && !last)
            break;
        const struct node *link = merge_at(m, slice_of(at, end));
        if (!link || !link->link) {
            done = end + 1;
            continue;
        }
        struct slice rest = end < n ? slice_of(at + end + 1, n - end - 1) : SLICE_NONE;
        if (++hops > HOPS_MAX || !splice(at, &n, link->target, rest))
            return false;
        done = 0;
    }
    *ret_path = hops ? arena_slice(m->arena, slice_of(at, n)) : path;
    return true;
}

static void add_placed(struct merge *m, placed_file_vec *v, const struct node *n)
{
    struct placed_file *to = n->file ? VEC_ADD(m->arena, v) : NULL;
    if (to)
        *to = (struct placed_file){n->file, n->path};
}

static void unset(struct merge *m, struct node *n)
{
    if (!n->live)
        return;
    if (n->link)
        m->links--;
    add_placed(m, &m->gone, n);
    n->live = n->link = false;
    n->file = NULL;
}

static int removal_order(const void *a, const void *b)
{
    const struct removal *x = a, *y = b;
    return slice_cmp(x->path, y->path);
}

/* Is path, or a folder that it is in, among the removals (sorted)? An opaque one takes only what is below it. */
static bool hidden(const struct removal *sorted, size_t n, struct slice path)
{
    if (n && !sorted[0].path.n) /* the root, of which only what is in it can go */
        return true;
    for (size_t end = 1; end <= path.n; end++) {
        if (end < path.n && path.p[end] != '/')
            continue;
        struct removal key = {.path = slice_sub(path, 0, end)};
        const struct removal *found = bsearch(&key, sorted, n, sizeof *sorted, removal_order);
        if (!found)
            continue;
        if (end < path.n)
            return true;
        /* Equal paths may be there as both. */
        while (found > sorted && slice_eq(found[-1].path, key.path))
            found--;
        for (; found < sorted + n && slice_eq(found->path, key.path); found++)
            if (!found->opaque)
                return true;
    }
    return false;
}

static bool is_symlink(const struct parsed_file *f)
{
    return slice_eq_str(f->parser, PARSER_SYMLINK);
}

static bool is_hardlink(const struct parsed_file *f)
{
    return slice_eq_str(f->parser, PARSER_HARDLINK);
}

/* What the layer removes from those below it; a link in the place of a folder removes what was in the folder. */
static void apply_removals(struct merge *m, const struct layer_packages *layer)
{
    VEC(struct removal) sorted = {NULL, 0, 0};
    struct removal *r;
    for (size_t i = 0; i < layer->removed.n; i++) {
        struct slice path;
        if (merge_resolve(m, layer->removed.v[i].path, layer->removed.v[i].opaque, &path) &&
            (r = VEC_ADD(m->arena, &sorted)))
            *r = (struct removal){path, layer->removed.v[i].opaque};
    }
    for (size_t i = 0; i < layer->files.n; i++) {
        struct slice path;
        if ((is_symlink(&layer->files.v[i]) || is_hardlink(&layer->files.v[i])) &&
            merge_resolve(m, layer->files.v[i].path, false, &path) && (r = VEC_ADD(m->arena, &sorted)))
            *r = (struct removal){path, true};
    }
    if (!sorted.n)
        return;
    qsort(sorted.v, sorted.n, sizeof *sorted.v, removal_order);
    for (size_t i = 0; i < m->nodes.n; i++)
        if (m->nodes.v[i].live && hidden(sorted.v, sorted.n, m->nodes.v[i].path))
            unset(m, &m->nodes.v[i]);
}

static struct slice target_of(const struct parsed_file *f)
{
    return f->facts.n ? f->facts.v[0].value : SLICE_NONE;
}

static void apply_file(struct merge *m, const struct parsed_file *file, size_t index)
{
    struct node fresh = {.file = file, .layer = index, .live = true};
    struct slice path, target;
    if (!merge_resolve(m, file->path, false, &path))
        return;
    if (is_symlink(file)) {
        fresh.link = true;
        fresh.file = NULL;
        fresh.target = target_of(file);
    } else if (is_hardlink(file)) {
        const struct node *to = merge_resolve(m, target_of(file), false, &target) ? merge_at(m, target) : NULL;
        fresh.file = to ? to->file : NULL;
        fresh.link = to && to->link;
        fresh.target = to ? to->target : target_of(file);
    }
    struct node *n = node_for(m, path);
    if (!n)
        return;
    unset(m, n);
    fresh.path = n->path;
    fresh.hash = n->hash;
    *n = fresh;
    m->links += fresh.link;
    add_placed(m, &m->came, n);
}

void merge_layer(struct merge *m, const struct layer_packages *layer, size_t index)
{
    m->came.n = m->gone.n = 0;
    apply_removals(m, layer);
    for (size_t i = 0; i < layer->files.n; i++)
        apply_file(m, &layer->files.v[i], index);
}
