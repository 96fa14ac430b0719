/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/assemble/merge.h"

#include "base/hash.h"
#include "model/ecosystem/ecosystem.h"
#include "packages/parse.h"

#define HOPS_MAX  40 /* as Linux follows */
#define PATH_ROOM 4096

struct node_code {
    struct slice places[FACT_CODE_IN_MAX];
    size_t n;
};

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
    struct node *n = VEC_ADD_MOVING(m->arena, &m->nodes);
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

static bool is_symlink(const struct parsed_file *f)
{
    return slice_eq_str(f->parser, PARSER_SYMLINK);
}

static bool is_hardlink(const struct parsed_file *f)
{
    return slice_eq_str(f->parser, PARSER_HARDLINK);
}

/* ---- what a layer takes away ---- */

struct taken {
    struct slice path;
    uint64_t hash;
    bool whole;    /* what is at the path, and all below it */
    bool below;    /* all below it */
    bool replaced; /* something else is there now, so that what was below is hidden */
};

struct takings {
    VEC(struct taken) all;
    uint32_t *slots; /* open addressing: index + 1, 0 free */
    size_t slots_cap;
    bool root; /* everything */
};

static size_t takings_slot(const struct takings *t, struct slice path, uint64_t hash)
{
    size_t i = (size_t)hash & (t->slots_cap - 1);
    for (; t->slots[i]; i = (i + 1) & (t->slots_cap - 1))
        if (t->all.v[t->slots[i] - 1].hash == hash && slice_eq(t->all.v[t->slots[i] - 1].path, path))
            break;
    return i;
}

static void takings_grow(struct takings *t)
{
    free(t->slots);
    t->slots_cap = t->slots_cap ? t->slots_cap * 2 : 64;
    t->slots = xcalloc(t->slots_cap, sizeof *t->slots);
    for (size_t i = 0; i < t->all.n; i++)
        t->slots[takings_slot(t, t->all.v[i].path, t->all.v[i].hash)] = (uint32_t)i + 1;
}

static struct taken *taken_at(struct merge *m, struct takings *t, struct slice path)
{
    struct taken none = {0}, *to;
    uint64_t hash = hash64(path);
    if (t->slots_cap < (t->all.n + 1) * 2)
        takings_grow(t);
    size_t slot = takings_slot(t, path, hash);
    if (t->slots[slot])
        return &t->all.v[t->slots[slot] - 1];
    if (!(to = VEC_ADD_MOVING(m->arena, &t->all)))
        return NULL;
    *to = none;
    to->path = path;
    to->hash = hash;
    t->slots[slot] = (uint32_t)t->all.n;
    return to;
}

/*
 * Is path, or a folder that it is in, taken? Of code, that something else stands in a folder's place says nothing: that
 * may be a link to where the code is now.
 */
static bool hidden(const struct takings *t, struct slice path, bool code)
{
    if (t->root)
        return true;
    for (size_t end = 1; end <= path.n; end++) {
        if (end < path.n && path.p[end] != '/')
            continue;
        struct slice at = slice_sub(path, 0, end);
        size_t slot = takings_slot(t, at, hash64(at));
        const struct taken *found = t->slots[slot] ? &t->all.v[t->slots[slot] - 1] : NULL;
        if (found && (found->whole || (end < path.n && (found->below || (found->replaced && !code)))))
            return true;
    }
    return false;
}

static bool stands_in_place(const struct parsed_file *f)
{
    return is_symlink(f) || is_hardlink(f) || (f->packages.n && ecosystem_of_type(f->packages.v[0].type)->located);
}

static void gather(struct merge *m, const struct layer_packages *layer, struct takings *t)
{
    struct taken *to;
    struct slice path;
    for (size_t i = 0; i < layer->removed.n; i++) {
        const struct removal *r = &layer->removed.v[i];
        t->root |= !r->path.n;
        if (!merge_resolve(m, r->path, r->opaque, &path) || !(to = taken_at(m, t, path)))
            continue;
        to->whole |= !r->opaque;
        to->below |= r->opaque;
    }
    for (size_t i = 0; i < layer->files.n; i++)
        if (stands_in_place(&layer->files.v[i]) && merge_resolve(m, layer->files.v[i].path, false, &path) &&
            (to = taken_at(m, t, path)))
            to->replaced = true;
}

/* Whether this layer takes away the last of the places where the node's code was. */
static bool loses_code(const struct takings *t, struct node *n)
{
    for (size_t i = 0; i < n->code->n; i++)
        if (hidden(t, n->code->places[i], true))
            n->code_gone |= (uint16_t)(1u << i);
    return n->code_gone == (1u << n->code->n) - 1;
}

static void apply_removals(struct merge *m, const struct layer_packages *layer)
{
    struct takings t = {.root = false};
    if (!m->nodes.n)
        return;
    gather(m, layer, &t);
    for (size_t i = 0; (t.all.n || t.root) && i < m->nodes.n; i++) {
        struct node *n = &m->nodes.v[i];
        if (n->live && (hidden(&t, n->path, false) || (n->code && loses_code(&t, n)))) {
            n->before = NULL;
            unset(m, n);
        }
    }
    free(t.slots);
}

static struct slice target_of(const struct parsed_file *f)
{
    return f->facts.n ? f->facts.v[0].value : SLICE_NONE;
}

/* ---- what it brings ---- */

static const struct replaced_file *replaced(struct merge *m, const struct node *n)
{
    struct replaced_file *r = arena_alloc(m->arena, sizeof *r);
    if (r)
        *r = (struct replaced_file){n->file, n->layer, n->before};
    return r;
}

static const struct node_code *code_of(struct merge *m, const struct parsed_file *file)
{
    struct node_code *code = NULL;
    struct slice at;
    for (size_t i = 0; i < file->facts.n; i++) {
        if (!slice_eq_str(file->facts.v[i].name, FACT_CODE_IN))
            continue;
        if (!code && !(code = arena_zalloc(m->arena, sizeof *code)))
            return NULL;
        if (code->n == FACT_CODE_IN_MAX || !merge_resolve(m, file->facts.v[i].value, false, &at))
            return NULL; /* it can't be told when all of it is gone */
        code->places[code->n++] = at;
    }
    return code;
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
        fresh.linked = !to ? 0 : to->linked ? to->linked : (uint32_t)(to - m->nodes.v) + 1;
    } else {
        fresh.code = code_of(m, file);
    }
    struct node *n = node_for(m, path);
    if (!n)
        return;
    if (n->live && n->file)
        fresh.before = replaced(m, n);
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
        if (!slice_eq_str(layer->files.v[i].parser, PARSER_OWNED))
            apply_file(m, &layer->files.v[i], index);
}

void merge_tell(struct merge *m)
{
    uint32_t *first ATTR_CLEANUP(cleanup_free) = xcalloc(m->nodes.n + 1, sizeof *first); /* name of a node, + 1 */
    for (size_t i = 0; i < m->nodes.n; i++) {
        struct node *n = &m->nodes.v[i], *own = n->linked ? &m->nodes.v[n->linked - 1] : NULL;
        n->told = n->live && n->file && !(own && own->live && own->file == n->file);
        if (!n->told || !own)
            continue;
        struct node *other = first[n->linked] ? &m->nodes.v[first[n->linked] - 1] : NULL;
        if (other && other->file == n->file) {
            struct node *later = slice_cmp(n->path, other->path) < 0 ? other : n;
            later->told = false;
            if (later == n)
                continue;
        }
        first[n->linked] = (uint32_t)i + 1;
    }
}
