/* SPDX-License-Identifier: Apache-2.0 */
/* What each image contains, as numbers of packages, and the postings that go the other way. */
#include "match/match_internal.h"

#include "advisories/rows.h"

#define ROW_MAX   ((size_t)64 << 20)
#define PARTS_MAX 1000

/* ---- rows ---- */

static int encode_row(const struct inventory_row *r, struct buf *b, struct err *e)
{
    struct image_key k;
    buf_add_byte(b, (uint8_t)r->status);
    buf_add_varint(b, r->parts);
    row_put_word(b, r->ecosystem);
    buf_add_prefixed(b, r->os_name);
    row_put_list(b, &r->reasons);
    buf_add_varint(b, r->layers.n);
    for (size_t i = 0; i < r->layers.n; i++) {
        if (image_key_of(r->layers.v[i], &k, e))
            return err_wrap(e, "layer %zu", i);
        buf_add_prefixed(b, image_key_slice(&k));
    }
    buf_add_varint(b, r->refs.n);
    uint32_t before = 0;
    for (size_t i = 0; i < r->refs.n; i++) {
        buf_add_varint(b, r->refs.v[i].package - before);
        buf_add_varint(b, r->refs.v[i].layer);
        before = r->refs.v[i].package;
    }
    return b->overflow ? err_set(e, ERR_POISON, 0, "the inventory is over %zu bytes", ROW_MAX) : 0;
}

static bool take_layers(struct slice *row, struct arena *a, slice_vec *v)
{
    uint64_t n;
    struct slice ik;
    if (!slice_take_varint(row, &n) || n > row->n)
        return false;
    for (uint64_t i = 0; i < n; i++)
        if (!slice_take_prefixed(row, &ik) || !slice_vec_add(a, v, image_digest(ik, a)))
            return false;
    return true;
}

static bool decode_row(struct slice row, struct arena *a, struct inventory_row *r)
{
    uint64_t parts, n, package = 0, delta, layer;
    if (!row.n || row.p[0] >= INVENTORY_STATUS_MAX)
        return false;
    *r = (struct inventory_row){.status = (enum inventory_status)row.p[0]};
    row = slice_from(row, 1);
    if (!slice_take_varint(&row, &parts) || parts > PARTS_MAX || !row_take_word(&row, a, &r->ecosystem) ||
        !slice_take_prefixed(&row, &r->os_name) || !row_take_list(&row, a, &r->reasons) ||
        !take_layers(&row, a, &r->layers) || !slice_take_varint(&row, &n) || n > row.n)
        return false;
    r->parts = (unsigned)parts;
    r->refs.v = arena_alloc(a, (size_t)n * sizeof *r->refs.v);
    r->refs.cap = (size_t)n;
    for (uint64_t i = 0; r->refs.v && i < n; i++) {
        if (!slice_take_varint(&row, &delta) || !slice_take_varint(&row, &layer) || (package += delta) > UINT32_MAX ||
            layer > r->layers.n)
            return false;
        r->refs.v[r->refs.n++] = (struct package_ref){(uint32_t)package, (uint32_t)layer};
    }
    return r->refs.v && !row.n;
}

static int load_part(struct step *s, struct image_key *k, unsigned part, struct inventory_row *r, struct err *e)
{
    struct slice row;
    int got = store_get(s->txn, STEP_TABLE(s, T_INVENTORIES), image_key_part(k, part), &row, e);
    if (got != 1)
        return got;
    /* The row stays readable while later steps write. */
    row = arena_slice(s->arena, row);
    if (!row.p || !decode_row(row, s->arena, r))
        return err_set(e, ERR_FATAL, 0, "state: an inventory row is damaged; delete the state folder");
    return 1;
}

int inventory_load(struct step *s, struct image_key *k, inventory_row_vec *out, bool *ret_any, struct err *e)
{
    unsigned parts = 1;
    bool all = true;
    *ret_any = false;
    for (unsigned i = 0; i < parts; i++) {
        struct inventory_row *r = VEC_ADD(s->arena, out);
        int got = r ? load_part(s, k, i, r, e) : err_set(e, ERR_FATAL, 0, "no memory for an inventory");
        if (got < 0)
            return -1;
        all &= got == 1;
        *ret_any |= got == 1;
        /* Part 0 is written last or first, nobody promises: without it the others wait. */
        if (i == 0 && got == 1)
            parts = r->parts;
    }
    if (!all && !*ret_any) {
        struct slice key, value;
        struct store_iter it;
        store_iter_init(&it, s->txn, STEP_TABLE(s, T_INVENTORIES), image_key_slice(k), SLICE_NONE);
        int got = store_iter_next(&it, &key, &value, e);
        store_iter_done(&it);
        if (got < 0)
            return -1;
        *ret_any = got == 1;
    }
    return all;
}

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
        if (!decode_row(value, s->arena, &row)) {
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
    if (meta_get_u64(s, "next-image", &next, e) < 0 || meta_put_u64(s, "next-image", next + 1, e))
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
        if (gone && (posting_remove(s, before->v[i], image, e) || package_forget_if_unused(s, before->v[i], e)))
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
    return x->layer < y->layer ? -1 : x->layer > y->layer;
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

static int add_ref(struct step *s, struct inventory_row *row, uint32_t package, uint32_t layer, struct err *e)
{
    struct package_ref *ref = VEC_ADD(s->arena, &row->refs);
    if (!ref)
        return err_set(e, ERR_FATAL, 0, "no memory for an inventory");
    *ref = (struct package_ref){package, layer};
    return 0;
}

/* A package that can't be kept makes the inventory partial, and says so. */
static int refuse_package(struct step *s, struct inventory_row *row, struct err *e)
{
    slice_vec all = {0};
    for (size_t i = 0; i < row->reasons.n; i++)
        if (!slice_vec_add(s->arena, &all, row->reasons.v[i]))
            return -1;
    if (!slice_vec_add(s->arena, &all, arena_slice(s->arena, slice_str(e->text))))
        return -1;
    row->reasons = all;
    if (row->status == INVENTORY_COMPLETE)
        row->status = INVENTORY_PARTIAL;
    *e = ERR_INIT;
    return 0;
}

static int make_row(struct step *s, const struct inventory *v, struct inventory_row *row, struct err *e)
{
    const struct package everything = {0};
    const struct slice context = judge_context(&v->os, s->arena);
    uint32_t id, layer = 0;
    struct slice last = SLICE_NONE;
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
        if ((!i || !slice_eq(last, p->layer)) && layer_place(s, &row->layers, p->layer, &layer, e))
            return -1;
        last = p->layer;
        int r = package_intern(s, context, p, &id, e);
        if (r && e->kind == ERR_POISON ? refuse_package(s, row, e) : r || add_ref(s, row, id, layer, e))
            return -1;
    }
    if (v->part == 0 && context.n && (package_intern(s, context, &everything, &id, e) || add_ref(s, row, id, 0, e)))
        return -1;
    if (row->refs.n)
        qsort(row->refs.v, row->refs.n, sizeof *row->refs.v, ref_order);
    size_t kept = 0;
    for (size_t i = 0; i < row->refs.n; i++)
        if (!kept || ref_order(&row->refs.v[kept - 1], &row->refs.v[i]))
            row->refs.v[kept++] = row->refs.v[i];
    row->refs.n = kept;
    return 0;
}

static int part_of_key(struct slice key, unsigned *ret_part, struct err *e)
{
    return topic_part_parse(key, PARTS_MAX - 1, ret_part)
               ? 0
               : err_set(e, ERR_POISON, 0, "the key does not end with a part's number");
}

static int put_part(struct step *s, struct image_key *k, unsigned part, const struct inventory *v, struct err *e)
{
    struct inventory_row row;
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(ROW_MAX);
    if (v->parts < 1 || v->parts > PARTS_MAX || v->part < 0 || v->part >= v->parts || (unsigned)v->part != part)
        return err_set(e, ERR_POISON, 0, "part %d of %d is no part of an inventory", (int)v->part, (int)v->parts);
    if (make_row(s, v, &row, e))
        return -1;
    if (encode_row(&row, &b, e)) {
        /* Refused: what it alone brought would never be cleared. */
        struct err ignored = ERR_INIT;
        for (size_t i = 0; i < row.refs.n; i++)
            if (package_forget_if_unused(s, row.refs.v[i].package, &ignored))
                return e->kind == ERR_POISON ? (*e = ignored, -1) : -1;
        return -1;
    }
    return store_put(s->txn, STEP_TABLE(s, T_INVENTORIES), image_key_part(k, part), buf_slice(&b), e);
}

int apply_inventory(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    struct image_key k;
    u32_vec before = {0}, after = {0};
    unsigned part = 0;
    uint32_t id = 0;
    if (image_key_of(event->key, &k, e) || part_of_key(event->key, &part, e) || packages_of(s, &k, &before, e))
        return -1;
    if (record ? put_part(s, &k, part, record, e)
               : store_del(s->txn, STEP_TABLE(s, T_INVENTORIES), image_key_part(&k, part), e) < 0)
        return -1;
    if (packages_of(s, &k, &after, e) || ((before.n || after.n || record) && image_number(s, &k, &id, e)))
        return -1;
    if ((before.n || after.n) && move_postings(s, id, &before, &after, e))
        return -1;
    inventory_row_vec rows = {0};
    bool any;
    if (inventory_load(s, &k, &rows, &any, e) < 0)
        return -1;
    if (!any && image_number_drop(s, &k, e))
        return -1;
    ptrdiff_t comma = slice_find(event->key, ',');
    return ask_image(s, comma < 0 ? event->key : slice_sub(event->key, 0, (size_t)comma), any ? 1 : 0, e);
}
