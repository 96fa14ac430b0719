/* SPDX-License-Identifier: Apache-2.0 */
/* What each image contains, as numbers of packages with their spots: the rows' bytes. */
#include "match/match_internal.h"

#include "advisories/rows.h"

static void put_spots(struct buf *b, const package_spot_vec *v)
{
    buf_add_varint(b, v->n);
    struct slice before = SLICE_NONE;
    for (size_t i = 0; i < v->n; i++) {
        const struct package_spot *p = &v->v[i];
        size_t same = 0;
        while (same < before.n && same < p->location.n && before.p[same] == p->location.p[same])
            same++;
        buf_add_varint(b, p->layer);
        buf_add_byte(b, (uint8_t)((unsigned)p->scope << 4 | (unsigned)p->certainty));
        buf_add_varint(b, same);
        buf_add_prefixed(b, slice_from(p->location, same));
        row_put_word(b, p->evidence);
        buf_add_prefixed(b, p->parent);
        row_put_word(b, p->why);
        before = p->location;
    }
}

static bool take_location(struct slice *row, struct arena *a, struct slice before, struct slice *ret_location)
{
    struct slice rest;
    uint64_t same;
    if (!slice_take_varint(row, &same) || same > before.n || !slice_take_prefixed(row, &rest))
        return false;
    *ret_location = rest;
    if (!same)
        return true;
    if (!rest.n) {
        *ret_location = slice_sub(before, 0, (size_t)same);
        return true;
    }
    uint8_t *to = arena_alloc(a, (size_t)same + rest.n);
    if (!to)
        return false;
    memcpy(to, before.p, (size_t)same);
    memcpy(to + same, rest.p, rest.n);
    *ret_location = slice_of(to, (size_t)same + rest.n);
    return true;
}

static bool take_spots(struct slice *row, struct arena *a, size_t layers, package_spot_vec *v)
{
    struct slice before = SLICE_NONE;
    uint64_t n, layer;
    if (!slice_take_varint(row, &n) || n > row->n)
        return false;
    for (uint64_t i = 0; i < n; i++) {
        struct package_spot *p = VEC_ADD(a, v);
        if (!p || !slice_take_varint(row, &layer) || layer > layers || !row->n || row->p[0] >> 4 >= SCOPE_MAX ||
            (row->p[0] & 15) >= CERTAINTY_MAX)
            return false;
        *p = (struct package_spot){.layer = (uint32_t)layer,
                                   .scope = (enum package_scope)(row->p[0] >> 4),
                                   .certainty = (enum package_certainty)(row->p[0] & 15)};
        *row = slice_from(*row, 1);
        if (!take_location(row, a, before, &p->location) || !row_take_word(row, a, &p->evidence) ||
            !slice_take_prefixed(row, &p->parent) || !row_take_word(row, a, &p->why))
            return false;
        before = p->location;
    }
    return true;
}

int inventory_row_encode(const struct inventory_row *r, struct buf *b, struct err *e)
{
    struct image_key k;
    buf_add_byte(b, (uint8_t)r->status);
    buf_add_varint(b, r->parts);
    buf_add_varint(b, r->unpublished);
    row_put_word(b, r->ecosystem);
    buf_add_prefixed(b, r->os_name);
    row_put_reasons(b, &r->reasons);
    buf_add_varint(b, r->layers.n);
    for (size_t i = 0; i < r->layers.n; i++) {
        if (match_image_key_of(r->layers.v[i], &k, e))
            return err_wrap(e, "layer %zu", i);
        buf_add_prefixed(b, image_key_slice(&k));
    }
    put_spots(b, &r->spots);
    buf_add_varint(b, r->refs.n);
    uint32_t before = 0;
    for (size_t i = 0; i < r->refs.n; i++) {
        buf_add_varint(b, r->refs.v[i].package - before);
        buf_add_varint(b, r->refs.v[i].spot);
        before = r->refs.v[i].package;
    }
    return b->overflow ? err_set(e, ERR_POISON, 0, "the inventory is over %zu bytes", INVENTORY_ROW_MAX) : 0;
}

static bool take_layers(struct slice *row, struct arena *a, slice_vec *v)
{
    uint64_t n;
    struct slice ik;
    if (!slice_take_varint(row, &n) || n > row->n)
        return false;
    for (uint64_t i = 0; i < n; i++)
        if (!slice_take_prefixed(row, &ik) || !slice_vec_add(a, v, match_image_digest(ik, a)))
            return false;
    return true;
}

bool inventory_row_decode(struct slice row, struct arena *a, struct inventory_row *r)
{
    uint64_t parts, unpublished, n, package = 0, delta, spot;
    if (!row.n || row.p[0] >= INVENTORY_STATUS_MAX)
        return false;
    *r = (struct inventory_row){.status = (enum inventory_status)row.p[0]};
    row = slice_from(row, 1);
    if (!slice_take_varint(&row, &parts) || parts > INVENTORY_PARTS_MAX || !slice_take_varint(&row, &unpublished) ||
        unpublished > UINT32_MAX || !row_take_word(&row, a, &r->ecosystem) || !slice_take_prefixed(&row, &r->os_name) ||
        !row_take_reasons(&row, a, &r->reasons) || !take_layers(&row, a, &r->layers) ||
        !take_spots(&row, a, r->layers.n, &r->spots) || !slice_take_varint(&row, &n) || n > row.n)
        return false;
    r->parts = (unsigned)parts;
    r->unpublished = (uint32_t)unpublished;
    r->refs.v = arena_alloc(a, (size_t)n * sizeof *r->refs.v);
    r->refs.cap = (size_t)n;
    for (uint64_t i = 0; r->refs.v && i < n; i++) {
        if (!slice_take_varint(&row, &delta) || !slice_take_varint(&row, &spot) || (package += delta) > UINT32_MAX ||
            spot > r->spots.n)
            return false;
        r->refs.v[r->refs.n++] = (struct package_ref){(uint32_t)package, (uint32_t)spot};
    }
    return r->refs.v && !row.n;
}

static int load_part(struct step *s, struct image_key *k, unsigned part, struct inventory_row *r, struct err *e)
{
    struct slice row;
    int got = store_get(s->txn, STEP_TABLE(s, T_INVENTORIES), match_image_key_part(k, part), &row, e);
    if (got != 1)
        return got;
    /* The row stays readable while later steps write. */
    row = arena_slice(s->arena, row);
    if (!row.p || !inventory_row_decode(row, s->arena, r))
        return err_set(e, ERR_FATAL, 0, "state: an inventory row is damaged; delete the state folder");
    return 1;
}

int match_inventory_load(struct step *s, struct image_key *k, inventory_row_vec *out, bool *ret_any, struct err *e)
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
