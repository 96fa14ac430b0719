/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/assemble/ownership.h"

#include "inventory/assemble/assemble.h"
#include "packages/format.h"
#include "packages/owning.h"
#include "packages/parse.h"

/* What a layer says of the owner of a file. */
struct claim {
    enum package_type type;
    bool database;
    struct slice package;
};

/* The same of a name, by its hash; the layer is where the list is. */
struct claimed {
    uint64_t hash;
    size_t layer;
    struct claim claim;
};

struct ownership {
    const struct merge *merge;
    const struct layer_packages *layers;
    size_t n;
    const package_vec *packages;
    struct arena *arena;
    VEC(struct claimed) names; /* sorted by hash, then layer; filled when the first is asked for */
    bool named;
    size_t blind; /* the lowest layer that lists more than is kept; none: n */
};

static struct slice fact_of(const struct parsed_file *f, const char *name)
{
    for (size_t i = 0; i < f->facts.n; i++)
        if (slice_eq_str(f->facts.v[i].name, name))
            return f->facts.v[i].value;
    return SLICE_NONE;
}

/* "dpkg list libc6"; without a package it is one of PARSER_OWNED. */
static bool read_claim(struct slice text, struct claim *ret)
{
    struct slice name, kind;
    if (!slice_take_token(&text, ' ', &name) || !slice_take_token(&text, ' ', &kind))
        return false;
    const struct package_format *format = format_by_name(name);
    *ret = (struct claim){format ? format->type : PKG_UNKNOWN, slice_eq_str(kind, OWNER_DATABASE), text};
    return format != NULL;
}

/* ---- the owner itself ---- */

static int by_type_and_name(const struct package *p, const struct claim *c)
{
    if (p->type != c->type)
        return p->type < c->type ? -1 : 1;
    return p->ns.n ? 1 : slice_cmp(p->name, c->package);
}

/* Whether the package is judged by the system's advisories; with since, whether one of that name came in that layer. */
static bool is_systems(const struct ownership *o, const struct claim *c, const size_t *since)
{
    size_t low = 0, high = o->packages->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_type_and_name(&o->packages->v[middle], c) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < o->packages->n && by_type_and_name(&o->packages->v[low], c) == 0; low++) {
        const struct package *p = &o->packages->v[low];
        if (p->ecosystem.n && !p->not_judged.text.n && (!since || slice_eq(p->layer, o->layers[*since].layer_digest)))
            return true;
    }
    return false;
}

/* ---- by lists in the file's own layer ---- */

static bool same_packages(const struct parsed_file *a, const struct parsed_file *b)
{
    if (a->packages.n != b->packages.n || !a->packages.n)
        return false;
    for (size_t i = 0; i < a->packages.n; i++)
        if (assemble_order(&a->packages.v[i], &b->packages.v[i]) != 0)
            return false;
    return true;
}

/* The file that the list means is this one: by its own name, or since links lead there. */
static bool is_meant(const struct ownership *o, const struct parsed_file *file)
{
    struct slice listed = fact_of(file, FACT_OWNER_PATH), at, own;
    return !listed.n || (merge_resolve(o->merge, listed, false, &at) &&
                         merge_resolve(o->merge, file->path, false, &own) && slice_eq(at, own));
}

static bool owned_there(const struct ownership *o, const struct parsed_file *file, size_t layer, struct claim *ret)
{
    return read_claim(fact_of(file, FACT_OWNER), ret) && is_systems(o, ret, ret->database ? &layer : NULL) &&
           is_meant(o, file);
}

/* ---- by lists in other layers ---- */

static int claimed_order(const void *a, const void *b)
{
    const struct claimed *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->layer != y->layer ? (x->layer < y->layer ? -1 : 1) : slice_cmp(x->claim.package, y->claim.package);
}

static void add_name(struct ownership *o, uint64_t hash, size_t layer, struct claim claim)
{
    struct claimed *to = VEC_ADD_MOVING(o->arena, &o->names);
    if (to)
        *to = (struct claimed){hash, layer, claim};
}

static void take_names(struct ownership *o, const struct parsed_file *f, size_t layer)
{
    struct claim claim;
    if (fact_of(f, OWNED_TOO_MANY).n || !read_claim(fact_of(f, OWNED_BY), &claim)) {
        o->blind = MIN(o->blind, layer);
        return;
    }
    for (size_t i = 0; i < f->facts.n; i++) {
        struct slice value = f->facts.v[i].value;
        uint64_t hash;
        claim.package = f->facts.v[i].name;
        while (claim.package.n && owning_take_hash(&value, &hash))
            add_name(o, hash, layer, claim);
    }
}

static void find_names(struct ownership *o)
{
    struct claim claim;
    o->named = true;
    for (size_t i = 0; i < o->n; i++)
        for (size_t j = 0; j < o->layers[i].files.n; j++) {
            const struct parsed_file *f = &o->layers[i].files.v[j];
            if (slice_eq_str(f->parser, PARSER_OWNED))
                take_names(o, f, i);
            else if (read_claim(fact_of(f, FACT_OWNER), &claim))
                add_name(o, owning_hash(f->path), i, claim);
        }
    if (o->names.n)
        qsort(o->names.v, o->names.n, sizeof *o->names.v, claimed_order);
}

/* The lowest list that has the name must lie above the file's layer. */
static bool owned_from_above(struct ownership *o, struct slice path, size_t layer, struct claim *ret)
{
    uint64_t hash = owning_hash(path);
    size_t low = 0, high;
    if (!o->named)
        find_names(o);
    high = o->names.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (o->names.v[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    if (o->blind <= layer || low == o->names.n || o->names.v[low].hash != hash || o->names.v[low].layer <= layer)
        return false;
    for (size_t lowest = o->names.v[low].layer;
         low < o->names.n && o->names.v[low].hash == hash && o->names.v[low].layer == lowest; low++) {
        *ret = o->names.v[low].claim;
        if (is_systems(o, ret, NULL))
            return true;
    }
    return false;
}

/* ---- all ---- */

static struct slice owner_of(struct ownership *o, const struct node *n)
{
    struct claim claim;
    const struct parsed_file *file = n->file;
    size_t layer = n->layer;
    if (owned_there(o, file, layer, &claim))
        return claim.package;
    for (const struct replaced_file *b = n->before; b && same_packages(b->file, n->file); b = b->before) {
        file = b->file;
        layer = b->layer;
        if (owned_there(o, file, layer, &claim))
            return claim.package;
    }
    return owned_from_above(o, n->path, layer, &claim) ? claim.package : SLICE_NONE;
}

void ownership_find(const struct merge *m, const struct layer_packages *layers, size_t n, package_vec *v,
                    struct arena *arena)
{
    struct ownership o = {.merge = m, .layers = layers, .n = n, .packages = v, .arena = arena, .blind = n};
    struct slice *owners ATTR_CLEANUP(cleanup_free) = xcalloc(m->nodes.n + 1, sizeof *owners);
    bool *known ATTR_CLEANUP(cleanup_free) = xcalloc(m->nodes.n + 1, sizeof *known);
    for (size_t i = 0; i < v->n; i++) {
        const struct node *node = v->v[i].owner.n ? merge_at(m, v->v[i].owner) : NULL;
        v->v[i].owner = SLICE_NONE;
        if (!node || !node->file)
            continue;
        size_t at = (size_t)(node - m->nodes.v);
        if (!known[at]) {
            known[at] = true;
            owners[at] = owner_of(&o, node);
        }
        v->v[i].owner = owners[at];
    }
}
