/* SPDX-License-Identifier: Apache-2.0 */
#include "io/store/packed_internal.h"

#include "base/hash.h"

#define FORM     1u
#define HEAD     9u /* form, rows, unpacked bytes, groups */
#define LEVEL    6
#define ROW_HEAD 6u
#define RAW_MAX  (PACKED_ROW_MAX + ((size_t)8 << 20))

void packed_codec_done(struct packed_codec *k)
{
    ZSTD_freeCCtx(k->c);
    ZSTD_freeDCtx(k->d);
    buf_done(&k->raw);
    buf_done(&k->out);
}

void packed_block_done(struct packed_block *b)
{
    free(b->raw);
    free(b->rows);
    *b = (struct packed_block){0};
}

static unsigned get_u16(const uint8_t *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

static uint32_t get_u32(const uint8_t *p)
{
    return get_u16(p) | (uint32_t)get_u16(p + 2) << 16;
}

static void put_u16(uint8_t *p, size_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static void put_u32(uint8_t *p, size_t v)
{
    put_u16(p, v);
    put_u16(p + 2, v >> 16);
}

static struct slice group_of(struct slice key, unsigned group)
{
    return slice_sub(key, 0, group);
}

static unsigned tag_of(struct slice key, unsigned group)
{
    return (unsigned)hash64(group_of(key, group)) & 0xFFFFu;
}

bool packed_may_hold(struct slice value, unsigned group, struct slice key)
{
    if (!group || key.n < group || value.n < HEAD)
        return true;
    unsigned groups = get_u16(value.p + 7), tag = tag_of(key, group);
    for (size_t i = 0; i < groups && HEAD + 2 * i + 2 <= value.n; i++)
        if (get_u16(value.p + HEAD + 2 * i) == tag)
            return true;
    return false;
}

bool packed_rows_of(struct slice value, uint64_t *ret_n)
{
    if (value.n < HEAD || value.p[0] != FORM)
        return false;
    *ret_n = get_u16(value.p + 1);
    return true;
}

static int damaged(struct err *e)
{
    return err_set(e, ERR_POISON, 0, "a packed block is damaged; delete the database or state and let it be rebuilt");
}

static bool take_rows(struct slice raw, size_t n, struct packed_block *to)
{
    if (to->cap < n) {
        to->cap = n;
        free(to->rows);
        to->rows = xcalloc(n, sizeof *to->rows);
    }
    for (size_t i = 0; i < n; i++) {
        if (raw.n < ROW_HEAD)
            return false;
        size_t key = get_u16(raw.p), value = get_u32(raw.p + 2);
        raw = slice_from(raw, ROW_HEAD);
        if (!key || key > PACKED_KEY_MAX || raw.n < key || raw.n - key < value)
            return false;
        to->rows[i] = (struct packed_row){slice_sub(raw, 0, key), slice_sub(raw, key, value)};
        if (i && slice_cmp(to->rows[i - 1].key, to->rows[i].key) >= 0)
            return false;
        raw = slice_from(raw, key + value);
    }
    to->n = n;
    return !raw.n;
}

int packed_unpack(struct packed_codec *k, struct slice value, struct packed_block *to, struct err *e)
{
    uint64_t rows;
    to->n = 0;
    if (!packed_rows_of(value, &rows) || !rows)
        return damaged(e);
    size_t raw_n = get_u32(value.p + 3), head = HEAD + 2 * (size_t)get_u16(value.p + 7);
    if (head > value.n || raw_n > RAW_MAX)
        return damaged(e);
    if (!k->d && !(k->d = ZSTD_createDCtx()))
        return err_set(e, ERR_FATAL, 0, "no memory to unpack");
    if (to->raw_cap < raw_n) {
        free(to->raw);
        to->raw_cap = raw_n;
        to->raw = xmalloc(raw_n);
    }
    size_t got = ZSTD_decompressDCtx(k->d, to->raw, raw_n, value.p + head, value.n - head);
    if (ZSTD_isError(got) || got != raw_n || !take_rows(slice_of(to->raw, raw_n), (size_t)rows, to)) {
        to->n = 0;
        return damaged(e);
    }
    return 0;
}

static int codec_ready(struct packed_codec *k, struct err *e)
{
    if (k->c)
        return 0;
    k->c = ZSTD_createCCtx();
    k->raw.max = RAW_MAX;
    k->out.max = RAW_MAX + RAW_MAX / 64;
    if (!k->c || ZSTD_isError(ZSTD_CCtx_setParameter(k->c, ZSTD_c_compressionLevel, LEVEL)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(k->c, ZSTD_c_contentSizeFlag, 0)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(k->c, ZSTD_c_checksumFlag, 1)))
        return err_set(e, ERR_FATAL, 0, "no memory to pack");
    return 0;
}

static void add_tags(struct packed_codec *k, unsigned group, const struct packed_row *rows, size_t n)
{
    size_t groups = 0;
    for (size_t i = 0; group && i < n; i++) {
        if (i && slice_eq(group_of(rows[i - 1].key, group), group_of(rows[i].key, group)))
            continue;
        uint8_t *to = buf_reserve(&k->out, 2);
        if (!to)
            return;
        put_u16(to, tag_of(rows[i].key, group));
        k->out.n += 2;
        groups++;
    }
    put_u16(k->out.p + 7, groups);
}

int packed_pack(struct packed_codec *k, unsigned group, const struct packed_row *rows, size_t n,
                struct slice *ret_value, struct err *e)
{
    if (codec_ready(k, e))
        return -1;
    buf_clear(&k->raw);
    buf_clear(&k->out);
    for (size_t i = 0; i < n; i++) {
        uint8_t head[ROW_HEAD];
        put_u16(head, rows[i].key.n);
        put_u32(head + 2, rows[i].value.n);
        buf_add(&k->raw, head, sizeof head);
        buf_add_slice(&k->raw, rows[i].key);
        buf_add_slice(&k->raw, rows[i].value);
    }
    uint8_t head[HEAD] = {FORM};
    put_u16(head + 1, n);
    put_u32(head + 3, k->raw.n);
    buf_add(&k->out, head, sizeof head);
    add_tags(k, group, rows, n);
    size_t bound = ZSTD_compressBound(k->raw.n);
    uint8_t *to = buf_reserve(&k->out, bound);
    if (!to || k->raw.overflow)
        return err_set(e, ERR_POISON, 0, "a packed block grows past %zu bytes", RAW_MAX);
    size_t got = ZSTD_compress2(k->c, to, bound, k->raw.p, k->raw.n);
    if (ZSTD_isError(got))
        return err_set(e, ERR_FATAL, 0, "cannot pack: %s", ZSTD_getErrorName(got));
    k->out.n += got;
    *ret_value = buf_slice(&k->out);
    return 0;
}

size_t packed_place(const struct packed_block *b, struct slice key)
{
    size_t low = 0, high = b->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_cmp(b->rows[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
