/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/told.h"

#define ROW_MAX ((size_t)1 << 20)

/* ---- rows ---- */

struct image_row {
    int32_t base;
    bool known, has_contents;
    struct hash128 contents;
};
enum { FLAG_KNOWN = 1, FLAG_CONTENTS = 2 };

static int image_get(struct step *s, const store_table *tables, struct slice digest, struct image_row *ret,
                     struct err *e)
{
    struct slice v;
    int got = store_get(s->txn, tables[TOLD_IMAGES], digest, &v, e);
    *ret = (struct image_row){0};
    if (got == 1 && v.n == 5 + sizeof ret->contents) {
        ret->base = (int32_t)key_get_u32(v.p);
        ret->known = v.p[4] & FLAG_KNOWN;
        ret->has_contents = v.p[4] & FLAG_CONTENTS;
        memcpy(ret->contents.b, v.p + 5, sizeof ret->contents.b);
    }
    return got < 0 ? -1 : 0;
}

static int image_put(struct step *s, const store_table *tables, struct slice digest, const struct image_row *row,
                     struct err *e)
{
    uint8_t bytes[5 + sizeof row->contents];
    if (!row->base && !row->known)
        return store_del(s->txn, tables[TOLD_IMAGES], digest, e) < 0 ? -1 : 0;
    key_u32(bytes, (uint32_t)row->base);
    bytes[4] = (uint8_t)((row->known ? FLAG_KNOWN : 0) | (row->has_contents ? FLAG_CONTENTS : 0));
    memcpy(bytes + 5, row->contents.b, sizeof row->contents.b);
    return store_put(s->txn, tables[TOLD_IMAGES], digest, slice_of(bytes, sizeof bytes), e);
}

static struct slice row_key(uint8_t to[STEP_KEY_MAX], struct slice digest, struct hash128 h)
{
    size_t n = MIN(digest.n, (size_t)STEP_KEY_MAX - 17);
    memcpy(to, digest.p, n);
    to[n++] = ',';
    memcpy(to + n, h.b, sizeof h.b);
    return slice_of(to, n + sizeof h.b);
}

static struct slice finding_key(uint8_t to[STEP_KEY_MAX], struct slice digest, const struct told *t)
{
    struct buf b = BUF_INIT(ROW_MAX);
    const struct slice identity[] = {
        t->vulnerability, slice_str(package_type_names[t->type]), t->ns, t->package, t->version, t->architecture,
        t->location};
    for (size_t i = 0; i < ARRAY_LEN(identity); i++)
        buf_add_prefixed(&b, identity[i]);
    struct slice key = row_key(to, digest, hash128(buf_slice(&b)));
    buf_done(&b);
    return key;
}

static int finding_put(struct step *s, const store_table *tables, struct slice digest, const struct told *t,
                       struct err *e)
{
    uint8_t key[STEP_KEY_MAX];
    struct buf b = BUF_INIT(ROW_MAX);
    int rc = told_encode(t, &b)
                 ? err_set(e, ERR_POISON, 0, "a finding's fields are over a MiB")
                 : store_put(s->txn, tables[TOLD_FINDINGS], finding_key(key, digest, t), buf_slice(&b), e);
    buf_done(&b);
    return rc;
}

static int place_get(struct step *s, const store_table *tables, struct slice digest, struct slice resource,
                     struct told_place *ret, struct err *e)
{
    uint8_t key[STEP_KEY_MAX];
    struct slice v;
    int got = store_get(s->txn, tables[TOLD_PLACES], row_key(key, digest, hash128(resource)), &v, e);
    return got == 1 && !told_place_decode(v, ret) ? 0 : got;
}

static int place_put(struct step *s, const store_table *tables, struct slice digest, const struct told_place *p,
                     struct err *e)
{
    uint8_t key[STEP_KEY_MAX];
    struct buf b = BUF_INIT(ROW_MAX);
    int rc = told_place_encode(p, &b)
                 ? err_set(e, ERR_POISON, 0, "the name of a place is over a MiB")
                 : store_put(s->txn, tables[TOLD_PLACES], row_key(key, digest, hash128(p->resource)), buf_slice(&b), e);
    buf_done(&b);
    return rc;
}

static int forget_rows(struct step *s, store_table t, struct slice digest, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    slice_vec keys = {0};
    int got;
    store_iter_init(&it, s->txn, t, arena_printf(s->arena, "%.*s,", SLICE_FMT(digest)), SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1)
        if (!slice_vec_add(s->arena, &keys, arena_slice(s->arena, key))) {
            got = err_set(e, ERR_POISON, 0, "image %.*s has too many findings", SLICE_FMT(digest));
            break;
        }
    store_iter_done(&it);
    for (size_t i = 0; got == 0 && i < keys.n; i++)
        if (store_del(s->txn, t, keys.v[i], e) < 0)
            return -1;
    return got;
}

/* The image has no place any more. */
static int forget(struct step *s, const store_table *tables, struct slice digest, int32_t base, struct err *e)
{
    const struct image_row row = {.base = base};
    if (forget_rows(s, tables[TOLD_FINDINGS], digest, e) || forget_rows(s, tables[TOLD_PLACES], digest, e))
        return -1;
    return image_put(s, tables, digest, &row, e);
}

/* ---- reading ---- */

static int by_told(const void *a, const void *b)
{
    return told_order(a, b);
}

static int by_resource(const void *a, const void *b)
{
    const struct told_place *x = a, *y = b;
    return slice_cmp(x->resource, y->resource);
}

static int unreadable(struct slice digest, struct err *e)
{
    return err_set(e, ERR_FATAL, 0,
                   "what was told of %.*s can't be read back; delete publish's state folder, it is rebuilt",
                   SLICE_FMT(digest));
}

static int load_rows(struct step *s, store_table table, struct slice digest, told_vec *findings, told_place_vec *places,
                     struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    int got;
    store_iter_init(&it, s->txn, table, arena_printf(s->arena, "%.*s,", SLICE_FMT(digest)), SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1) {
        struct told *f = findings ? VEC_ADD(s->arena, findings) : NULL;
        struct told_place *p = places ? VEC_ADD(s->arena, places) : NULL;
        value = arena_slice(s->arena, value);
        if (s->arena->overflow || (f && !told_decode(value, f)) || (p && !told_place_decode(value, p))) {
            got = unreadable(digest, e);
            break;
        }
    }
    store_iter_done(&it);
    return got;
}

int told_load(struct step *s, const store_table *tables, struct slice digest, struct told_image *ret, struct err *e)
{
    struct told_image t = {0};
    struct image_row row;
    if (image_get(s, tables, digest, &row, e) || load_rows(s, tables[TOLD_FINDINGS], digest, &t.findings, NULL, e) ||
        load_rows(s, tables[TOLD_PLACES], digest, NULL, &t.places, e))
        return -1;
    t.base = row.base;
    t.known = row.known;
    t.has_contents = row.has_contents;
    t.contents = row.contents;
    if (t.findings.n)
        qsort(t.findings.v, t.findings.n, sizeof *t.findings.v, by_told);
    if (t.places.n)
        qsort(t.places.v, t.places.n, sizeof *t.places.v, by_resource);
    *ret = t;
    return 0;
}

/* ---- taking ---- */

/* What is told of a finding names the places that were told before. */
static int take_resources(struct step *s, const store_table *tables, const struct alert *t, int32_t base, struct err *e)
{
    for (size_t i = 0; i < t->resources.n; i++) {
        struct told_place p;
        int got = place_get(s, tables, t->image_digest, t->resources.v[i], &p, e);
        if (got < 0)
            return -1;
        p = (struct told_place){.resource = t->resources.v[i], .there = true, .sequence = base};
        if (!got && place_put(s, tables, t->image_digest, &p, e))
            return -1;
    }
    return 0;
}

static int take_finding(struct step *s, const store_table *tables, const struct alert *t, int32_t base, struct err *e)
{
    struct told now = told_of_alert(t), old;
    uint8_t key[STEP_KEY_MAX];
    struct slice v;
    int got = store_get(s->txn, tables[TOLD_FINDINGS], finding_key(key, t->image_digest, &now), &v, e);
    if (got < 0 || (got == 1 && !told_decode(v, &old)))
        return got < 0 ? -1 : unreadable(t->image_digest, e);
    if (got == 1 && now.sequence && now.sequence <= old.sequence)
        return 0;
    /* Older records have no sequence. */
    if (!now.sequence)
        now.sequence = got == 1 ? old.sequence : base + 1;
    if (finding_put(s, tables, t->image_digest, &now, e) || take_resources(s, tables, t, base, e))
        return -1;
    return told_known(s, tables, t->image_digest, e) ? -1 : 1;
}

static int take_place(struct step *s, const store_table *tables, const struct alert *t, struct err *e)
{
    struct told_place now = told_place_of_alert(t), old;
    int got = place_get(s, tables, t->image_digest, now.resource, &old, e);
    if (got < 0)
        return -1;
    if (got == 1 && now.sequence <= old.sequence)
        return 0;
    if (t->kind == ALERT_GONE && !t->places_left)
        return forget(s, tables, t->image_digest, now.sequence, e) ? -1 : 1;
    return place_put(s, tables, t->image_digest, &now, e) ? -1 : 1;
}

int told_take(struct step *s, const store_table *tables, const struct alert *t, struct err *e)
{
    struct image_row row;
    if (image_get(s, tables, t->image_digest, &row, e))
        return -1;
    /* It belongs to an earlier life of the image. */
    if (row.base && t->sequence <= row.base)
        return 0;
    return told_alert_of_place(t->kind) ? take_place(s, tables, t, e) : take_finding(s, tables, t, row.base, e);
}

int told_known(struct step *s, const store_table *tables, struct slice digest, struct err *e)
{
    struct image_row row;
    if (image_get(s, tables, digest, &row, e))
        return -1;
    if (row.known)
        return 0;
    row.known = true;
    return image_put(s, tables, digest, &row, e);
}

static int settle_place(struct step *s, const store_table *tables, struct slice digest, const struct told_place *p,
                        int32_t base, struct err *e)
{
    struct told_place row;
    int got = place_get(s, tables, digest, p->resource, &row, e);
    if (got < 0)
        return -1;
    if (got == 1 && row.there && row.workload == p->workload)
        return 0;
    struct told_place put = {
        .resource = p->resource, .workload = p->workload, .there = true, .sequence = got ? row.sequence : base};
    return place_put(s, tables, digest, &put, e);
}

int told_settled(struct step *s, const store_table *tables, const struct known_image *k,
                 const struct told_image *before, const struct told_after *after, struct err *e)
{
    struct image_row row;
    if (image_get(s, tables, k->digest, &row, e))
        return -1;
    if (!after->places.n) {
        bool rows = before->findings.n || before->places.n;
        /* Taking the last alert "gone" has done it already. */
        if (!row.known && !rows)
            return 0;
        return forget(s, tables, k->digest, rows ? MAX(after->base, row.base) : row.base, e);
    }
    /* Nothing is known of what could not be read yet: what is told once it is read is new. */
    if (!after->judged || !after->places_told)
        return 0;
    for (size_t i = 0; i < after->places.n; i++)
        if (settle_place(s, tables, k->digest, &after->places.v[i], row.base, e))
            return -1;
    struct hash128 contents = told_contents_hash(k);
    if (row.known && row.has_contents && memcmp(row.contents.b, contents.b, sizeof contents.b) == 0)
        return 0;
    row.known = row.has_contents = true;
    row.contents = contents;
    return image_put(s, tables, k->digest, &row, e);
}
