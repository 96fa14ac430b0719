/* SPDX-License-Identifier: Apache-2.0 */
/* Packages by number: what is the same for judging is one row, however many images hold it. */
#include "match/match_internal.h"

#include "advisories/rows.h"

#define PACKAGE_ROW_MAX ((size_t)64 << 10)
#define PROBES          8

static int encode_package(struct slice context, const struct package *p, struct buf *b, struct err *e)
{
    buf_add_byte(b, (uint8_t)p->type);
    row_put_word(b, context);
    buf_add_prefixed(b, p->ns);
    buf_add_prefixed(b, p->name);
    buf_add_prefixed(b, p->version);
    buf_add_prefixed(b, p->architecture);
    buf_add_prefixed(b, p->source_name);
    buf_add_prefixed(b, p->source_version);
    buf_add_prefixed(b, p->module);
    buf_add_prefixed(b, p->vendor);
    buf_add_prefixed(b, p->not_judged.text);
    buf_add_prefixed(b, p->not_judged.code);
    buf_add_prefixed(b, p->updates);
    buf_add_byte(b, p->source_unknown);
    return b->overflow ? err_set(e, ERR_POISON, 0, "package %.*s is over %zu bytes",
                                 SLICE_FMT(slice_sub(p->name, 0, 100)), PACKAGE_ROW_MAX)
                       : 0;
}

static bool decode_package(struct slice row, struct arena *arena, struct slice *ret_context, struct package *p)
{
    if (!row.n || row.p[0] >= PKG_TYPE_MAX)
        return false;
    *p = (struct package){.type = (enum package_type)row.p[0]};
    row = slice_from(row, 1);
    struct slice *fields[] = {
        &p->ns,     &p->name,   &p->version,         &p->architecture,    &p->source_name, &p->source_version,
        &p->module, &p->vendor, &p->not_judged.text, &p->not_judged.code, &p->updates};
    if (!row_take_word(&row, arena, ret_context))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (!slice_take_prefixed(&row, fields[i]))
            return false;
    p->source_unknown = row.n && row.p[0];
    return row.n == 1;
}

static int damaged(uint32_t id, struct err *e)
{
    return err_set(e, ERR_FATAL, 0, "state: package row %u is damaged; delete the state folder", id);
}

/* names rows of a package: one for each name that an advisory may use. */
static int index_names(struct step *s, uint32_t id, struct slice context, const struct package *p, bool add,
                       struct err *e)
{
    struct slice names[JUDGE_NAMES_MAX];
    size_t n = judge_names(p, s->arena, names);
    for (size_t i = 0; i < n; i++) {
        uint8_t key[12];
        key_u64(key, match_name_hash(context, names[i], s->arena));
        key_u32(key + 8, id);
        int r = add ? store_put(s->txn, STEP_TABLE(s, T_NAMES), slice_of(key, sizeof key), SLICE(""), e)
                    : store_del(s->txn, STEP_TABLE(s, T_NAMES), slice_of(key, sizeof key), e);
        if (r < 0)
            return -1;
    }
    return 0;
}

/*
 * Where a row with these bytes is numbered: 1 found, 0 *ret_key is free, <0. The hash is not a cryptographic one, and
 * names come from strangers' images: so the bytes are compared, and another row's place is stepped over.
 */
static int find_row(struct step *s, struct buf *row, struct hash128 *ret_key, uint32_t *ret_id, struct err *e)
{
    size_t n = row->n;
    int found = 0;
    for (uint8_t probe = 0; probe < PROBES && !found; probe++) {
        struct slice v, have;
        row->n = n;
        if (buf_add_byte(row, probe))
            return err_set(e, ERR_POISON, 0, "a package row is over %zu bytes", PACKAGE_ROW_MAX);
        *ret_key = hash128(buf_slice(row));
        row->n = n;
        found = store_get(s->txn, STEP_TABLE(s, T_PACKAGE_IDS), hash128_slice(ret_key), &v, e);
        if (found <= 0)
            return found;
        *ret_id = key_get_u32(v.p);
        int got = store_get(s->txn, STEP_TABLE(s, T_PACKAGES), slice_of(v.p, 4), &have, e);
        if (got < 0)
            return -1;
        found = got == 1 && slice_eq(have, buf_slice(row));
    }
    return found ? 1 : err_set(e, ERR_POISON, 0, "a package whose hash collides with %d others", PROBES);
}

static int next_id(struct step *s, const char *counter, uint32_t *ret_id, struct err *e)
{
    uint64_t next = 0;
    if (match_meta_get_u64(s, counter, &next, e) < 0)
        return -1;
    if (next > UINT32_MAX)
        return err_set(e, ERR_FATAL, 0, "state: all numbers are used up (%s); delete the state folder", counter);
    *ret_id = (uint32_t)next;
    return match_meta_put_u64(s, counter, next + 1, e);
}

int match_package_intern(struct step *s, struct slice context, const struct package *p, uint32_t *ret_id, struct err *e)
{
    struct buf row ATTR_CLEANUP(buf_done) = BUF_INIT(PACKAGE_ROW_MAX);
    struct hash128 key;
    uint32_t id;
    uint8_t number[4];
    if (encode_package(context, p, &row, e))
        return -1;
    int found = find_row(s, &row, &key, &id, e);
    if (found < 0)
        return -1;
    if (!found) {
        if (next_id(s, "next-package", &id, e))
            return -1;
        key_u32(number, id);
        if (store_put(s->txn, STEP_TABLE(s, T_PACKAGES), slice_of(number, 4), buf_slice(&row), e) ||
            store_put(s->txn, STEP_TABLE(s, T_PACKAGE_IDS), hash128_slice(&key), slice_of(number, 4), e) ||
            index_names(s, id, context, p, true, e))
            return -1;
    }
    *ret_id = id;
    return 0;
}

int match_package_get(struct step *s, uint32_t id, struct slice *ret_context, struct package *ret_p, struct err *e)
{
    uint8_t key[4];
    struct slice row;
    key_u32(key, id);
    int got = store_get(s->txn, STEP_TABLE(s, T_PACKAGES), slice_of(key, 4), &row, e);
    if (got == 1 && !decode_package(row, s->arena, ret_context, ret_p))
        return damaged(id, e);
    return got;
}

int match_package_forget_if_unused(struct step *s, uint32_t id, struct err *e)
{
    u32_vec images = {0};
    struct slice context, row;
    struct package p;
    struct hash128 key;
    struct buf copy ATTR_CLEANUP(buf_done) = BUF_INIT(PACKAGE_ROW_MAX);
    uint8_t number[4];
    uint32_t found_id;
    key_u32(number, id);
    if (posting_list(s, id, 0, 1, &images, e))
        return -1;
    if (images.n)
        return 0;
    int got = store_get(s->txn, STEP_TABLE(s, T_PACKAGES), slice_of(number, 4), &row, e);
    if (got <= 0)
        return got;
    buf_add_slice(&copy, row);
    if (!decode_package(buf_slice(&copy), s->arena, &context, &p))
        return damaged(id, e);
    int found = find_row(s, &copy, &key, &found_id, e);
    if (found < 0 ||
        (found && found_id == id && store_del(s->txn, STEP_TABLE(s, T_PACKAGE_IDS), hash128_slice(&key), e) < 0))
        return -1;
    if (index_names(s, id, context, &p, false, e) || verdict_put(s, id, NULL, e))
        return -1;
    return store_del(s->txn, STEP_TABLE(s, T_PACKAGES), slice_of(number, 4), e) < 0 ? -1 : 0;
}
