/* SPDX-License-Identifier: Apache-2.0 */
/* From an inventory to its row, with the packages interned, and to the postings that go the other way. */
#include "match/match_internal.h"

#include "model/ecosystem/ecosystem.h"
#include "model/policy.h"

#define SPOTS_LOOKED_AT 32

/* ---- postings of an image ---- */

static int u32_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Every package of any part, rising, none twice. */
static int packages_of(struct step *s, struct image_key *k, u32_vec *out, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    int r;
    store_iter_init(&it, s->txn, STEP_TABLE(s, T_INVENTORIES), image_key_slice(k), SLICE_NONE);
    while ((r = store_iter_next(&it, &key, &value, e)) == 1) {
        struct inventory_row row;
        if (!inventory_row_decode(value, s->arena, &row)) {
            r = err_set(e, ERR_FATAL, 0, "state: an inventory row is damaged; delete the state folder");
            break;
        }
        for (size_t i = 0; i < row.refs.n && r == 1; i++) {
            uint32_t *to = VEC_ADD(s->arena, out);
            if (to)
                *to = row.refs.v[i].package;
            else
                r = err_set(e, ERR_FATAL, 0, "no memory for an inventory");
        }
        if (r < 0)
            break;
    }
    store_iter_done(&it);
    if (r < 0)
        return -1;
    size_t kept = 0;
    if (out->n)
        qsort(out->v, out->n, sizeof *out->v, u32_order);
    for (size_t i = 0; i < out->n; i++)
        if (!kept || out->v[kept - 1] != out->v[i])
            out->v[kept++] = out->v[i];
    out->n = kept;
    return 0;
}

static int image_number(struct step *s, const struct image_key *k, uint32_t *ret_id, struct err *e)
{
    struct slice v;
    uint8_t number[4];
    uint64_t next = 0;
    int got = store_get(s->txn, STEP_TABLE(s, T_IMAGE_IDS), image_key_slice(k), &v, e);
    if (got < 0)
        return -1;
    if (got) {
        *ret_id = key_get_u32(v.p);
        return 0;
    }
    if (match_meta_get_u64(s, "next-image", &next, e) < 0 || match_meta_put_u64(s, "next-image", next + 1, e))
        return -1;
    if (next > UINT32_MAX)
        return err_set(e, ERR_FATAL, 0, "state: all image numbers are used up; delete the state folder");
    key_u32(number, (uint32_t)next);
    *ret_id = (uint32_t)next;
    return store_put(s->txn, STEP_TABLE(s, T_IMAGE_IDS), image_key_slice(k), slice_of(number, 4), e) ||
                   store_put(s->txn, STEP_TABLE(s, T_IMAGE_KEYS), slice_of(number, 4), image_key_slice(k), e)
               ? -1
               : 0;
}

static int image_number_drop(struct step *s, const struct image_key *k, struct err *e)
{
    struct slice v;
    uint8_t number[4];
    int got = store_get(s->txn, STEP_TABLE(s, T_IMAGE_IDS), image_key_slice(k), &v, e);
    if (got <= 0)
        return got;
    memcpy(number, v.p, sizeof number);
    return store_del(s->txn, STEP_TABLE(s, T_IMAGE_IDS), image_key_slice(k), e) < 0 ||
                   store_del(s->txn, STEP_TABLE(s, T_IMAGE_KEYS), slice_of(number, 4), e) < 0
               ? -1
               : 0;
}

static int move_postings(struct step *s, uint32_t image, const u32_vec *before, const u32_vec *after, struct err *e)
{
    size_t i = 0, k = 0;
    while (i < before->n || k < after->n) {
        bool gone = k == after->n || (i < before->n && before->v[i] < after->v[k]);
        bool fresh = i == before->n || (k < after->n && after->v[k] < before->v[i]);
        if (gone && (posting_remove(s, before->v[i], image, e) || match_package_forget_if_unused(s, before->v[i], e)))
            return -1;
        if (fresh && posting_add(s, after->v[k], image, e))
            return -1;
        i += !fresh;
        k += !gone;
    }
    return 0;
}

/* ---- apply ---- */

static int ref_order(const void *a, const void *b)
{
    const struct package_ref *x = a, *y = b;
    if (x->package != y->package)
        return x->package < y->package ? -1 : 1;
    return x->spot < y->spot ? -1 : x->spot > y->spot;
}

static int layer_place(struct step *s, slice_vec *layers, struct slice layer, uint32_t *ret_place, struct err *e)
{
    size_t i = 0;
    *ret_place = 0;
    if (!layer.n)
        return 0;
    while (i < layers->n && !slice_eq(layers->v[i], layer))
        i++;
    if (i == layers->n && !slice_vec_add(s->arena, layers, layer))
        return err_set(e, ERR_FATAL, 0, "no memory for an inventory");
    *ret_place = (uint32_t)i + 1;
    return 0;
}

static int spot_order(const void *a, const void *b)
{
    const struct package_spot *x = a, *y = b;
    int c = slice_cmp(x->location, y->location);
    c = c ? c : (x->layer > y->layer) - (x->layer < y->layer);
    c = c ? c : (int)x->scope - (int)y->scope;
    c = c ? c : (int)x->certainty - (int)y->certainty;
    c = c ? c : slice_cmp(x->evidence, y->evidence);
    c = c ? c : slice_cmp(x->parent, y->parent);
    return c ? c : slice_cmp(x->why, y->why);
}

static bool same_spot(const struct package_spot *a, const struct package_spot *b)
{
    return a->layer == b->layer && a->scope == b->scope && a->certainty == b->certainty &&
           slice_eq(a->location, b->location) && slice_eq(a->evidence, b->evidence) && slice_eq(a->parent, b->parent) &&
           slice_eq(a->why, b->why);
}

/*
 * A system's packages share a few spots, one a layer: they are among those that were added last. What isn't found there
 * is added again, and settle_spots drops the repeats. *ret_spot is its place, from 1.
 */
static int add_spot(struct step *s, struct inventory_row *row, const struct package *p, uint32_t layer,
                    uint32_t *ret_spot, struct err *e)
{
    const struct package_spot spot = {layer, p->scope, p->certainty, p->location, p->evidence, p->parent, p->why};
    for (size_t i = row->spots.n; i-- > 0 && row->spots.n - i <= SPOTS_LOOKED_AT;)
        if (same_spot(&row->spots.v[i], &spot)) {
            *ret_spot = (uint32_t)i + 1;
            return 0;
        }
    struct package_spot *to = VEC_ADD(s->arena, &row->spots);
    if (!to)
        return err_set(e, ERR_FATAL, 0, "no memory for an inventory");
    *to = spot;
    *ret_spot = (uint32_t)row->spots.n;
    return 0;
}

static int add_ref(struct step *s, struct inventory_row *row, uint32_t package, uint32_t spot, struct err *e)
{
    struct package_ref *ref = VEC_ADD(s->arena, &row->refs);
    if (!ref)
        return err_set(e, ERR_FATAL, 0, "no memory for an inventory");
    *ref = (struct package_ref){package, spot};
    return 0;
}

/* A spot, and where it stood before it was sorted. */
struct placed_spot {
    struct package_spot spot;
    uint32_t was;
};

static int placed_order(const void *a, const void *b)
{
    const struct placed_spot *x = a, *y = b;
    return spot_order(&x->spot, &y->spot);
}

/* Sorts the spots, each once, and lets the references, which name them by their old places, follow. */
static int settle_spots(struct step *s, struct inventory_row *row, struct err *e)
{
    package_spot_vec *v = &row->spots;
    struct placed_spot *sorted = arena_alloc(s->arena, (v->n + 1) * sizeof *sorted);
    uint32_t *now = arena_alloc(s->arena, (v->n + 1) * sizeof *now);
    size_t kept = 0;
    if (!sorted || !now)
        return err_set(e, ERR_FATAL, 0, "no memory for an inventory");
    for (size_t i = 0; i < v->n; i++)
        sorted[i] = (struct placed_spot){v->v[i], (uint32_t)i};
    qsort(sorted, v->n, sizeof *sorted, placed_order);
    for (size_t i = 0; i < v->n; i++) {
        if (!kept || !same_spot(&v->v[kept - 1], &sorted[i].spot))
            v->v[kept++] = sorted[i].spot;
        now[sorted[i].was] = (uint32_t)kept;
    }
    v->n = kept;
    for (size_t i = 0; i < row->refs.n; i++)
        if (row->refs.v[i].spot)
            row->refs.v[i].spot = now[row->refs.v[i].spot - 1];
    return 0;
}

/* A package that can't be kept makes the inventory partial, and says so. */
static int refuse_package(struct step *s, struct inventory_row *row, struct err *e)
{
    struct reasons all = {0};
    if (!reasons_add_all(s->arena, &all, &row->reasons) ||
        !reasons_add(s->arena, &all, REASON_PACKAGE_TOO_LARGE, arena_slice(s->arena, slice_str(e->text))))
        return -1;
    row->reasons = all;
    if (row->status == INVENTORY_COMPLETE)
        row->status = INVENTORY_PARTIAL;
    *e = ERR_INIT;
    return 0;
}

/* What is known of an ecosystem as a whole; that nobody publishes for it is said even for an image without packages. */
static int add_ecosystem(struct step *s, struct inventory_row *row, struct slice context, struct err *e)
{
    const struct package everything = {0};
    uint32_t id;
    return match_package_intern(s, context, &everything, &id, e) || add_ref(s, row, id, 0, e) ? -1 : 0;
}

/* of_system: judge_context's of the image. *last is the context of the package before. */
static int add_package(struct step *s, struct inventory_row *row, const struct inventory *v, const struct package *p,
                       uint32_t spot, struct slice of_system, struct slice *last, struct err *e)
{
    struct slice own = ecosystem_of_package(p, &v->os),
                 context = slice_eq(own, v->os.ecosystem) ? of_system : judge_context_of(p, &v->os, s->arena);
    uint32_t id;
    if (!policy_held_against(p) || policy_owned(p, &v->os))
        return 0;
    row->unpublished += !context.n;
    if (context.n && !slice_eq(context, of_system) && !slice_eq(context, *last) && add_ecosystem(s, row, context, e))
        return -1;
    *last = context;
    int r = match_package_intern(s, context, p, &id, e);
    return r && e->kind == ERR_POISON ? refuse_package(s, row, e) : r || add_ref(s, row, id, spot, e) ? -1 : 0;
}

static void sort_refs(package_ref_vec *v)
{
    size_t kept = 0;
    if (v->n)
        qsort(v->v, v->n, sizeof *v->v, ref_order);
    for (size_t i = 0; i < v->n; i++)
        if (!kept || ref_order(&v->v[kept - 1], &v->v[i]))
            v->v[kept++] = v->v[i];
    v->n = kept;
}

static int make_row(struct step *s, const struct inventory *v, struct inventory_row *row, struct err *e)
{
    const struct slice of_system = judge_context(&v->os, s->arena);
    struct slice last_layer = SLICE_NONE, last = SLICE_NONE;
    uint32_t layer = 0, spot = 0;
    *row = (struct inventory_row){.status = v->status,
                                  .parts = (unsigned)v->parts,
                                  .ecosystem = v->os.ecosystem,
                                  .os_name = v->os.name.n ? v->os.name : v->os.id,
                                  .reasons = v->reasons};
    for (size_t i = 0; i < v->layers.n; i++)
        if (!slice_vec_add(s->arena, &row->layers, v->layers.v[i]))
            return err_set(e, ERR_FATAL, 0, "no memory for an inventory");
    for (size_t i = 0; i < v->packages.n; i++) {
        const struct package *p = &v->packages.v[i];
        if ((!i || !slice_eq(last_layer, p->layer)) && layer_place(s, &row->layers, p->layer, &layer, e))
            return -1;
        last_layer = p->layer;
        if (add_spot(s, row, p, layer, &spot, e) || add_package(s, row, v, p, spot, of_system, &last, e))
            return -1;
    }
    if (v->part == 0 && of_system.n && add_ecosystem(s, row, of_system, e))
        return -1;
    if (settle_spots(s, row, e))
        return -1;
    sort_refs(&row->refs);
    return 0;
}

static int part_of_key(struct slice key, unsigned *ret_part, struct err *e)
{
    return topic_part_parse(key, INVENTORY_PARTS_MAX - 1, ret_part)
               ? 0
               : err_set(e, ERR_POISON, 0, "the key does not end with a part's number");
}

static int put_part(struct step *s, struct image_key *k, unsigned part, const struct inventory *v, struct err *e)
{
    struct inventory_row row;
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(INVENTORY_ROW_MAX);
    if (v->parts < 1 || v->parts > INVENTORY_PARTS_MAX || v->part < 0 || v->part >= v->parts ||
        (unsigned)v->part != part)
        return err_set(e, ERR_POISON, 0, "part %d of %d is no part of an inventory", (int)v->part, (int)v->parts);
    if (make_row(s, v, &row, e))
        return -1;
    if (inventory_row_encode(&row, &b, e)) {
        /* Refused: what it alone brought would never be cleared. */
        struct err ignored = ERR_INIT;
        for (size_t i = 0; i < row.refs.n; i++)
            if (match_package_forget_if_unused(s, row.refs.v[i].package, &ignored))
                return e->kind == ERR_POISON ? (*e = ignored, -1) : -1;
        return -1;
    }
    return store_put(s->txn, STEP_TABLE(s, T_INVENTORIES), match_image_key_part(k, part), buf_slice(&b), e);
}

int match_apply_inventory(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    struct image_key k;
    u32_vec before = {0}, after = {0};
    unsigned part = 0;
    uint32_t id = 0;
    if (match_image_key_of(event->key, &k, e) || part_of_key(event->key, &part, e) || packages_of(s, &k, &before, e))
        return -1;
    if (record ? put_part(s, &k, part, record, e)
               : store_del(s->txn, STEP_TABLE(s, T_INVENTORIES), match_image_key_part(&k, part), e) < 0)
        return -1;
    if (packages_of(s, &k, &after, e) || ((before.n || after.n || record) && image_number(s, &k, &id, e)))
        return -1;
    if ((before.n || after.n) && move_postings(s, id, &before, &after, e))
        return -1;
    inventory_row_vec rows = {0};
    bool any;
    if (match_inventory_load(s, &k, &rows, &any, e) < 0)
        return -1;
    if (!any && image_number_drop(s, &k, e))
        return -1;
    ptrdiff_t comma = slice_find(event->key, ',');
    return match_ask_image(s, comma < 0 ? event->key : slice_sub(event->key, 0, (size_t)comma), any ? 1 : 0, e);
}
