/* SPDX-License-Identifier: Apache-2.0 */
/* Which images hold a package, in chunks of 2048: a row is its sorted places (u16, little-endian), or when those would
 * take more, a bitmap of exactly 256 bytes. So a package of a hundred thousand images costs about 13 KB. */
#include "match/match_internal.h"

#define CHUNK  2048u
#define BITMAP (CHUNK / 8)

static void chunk_key(uint8_t key[8], uint32_t package, uint32_t image)
{
    key_u32(key, package);
    key_u32(key + 4, image / CHUNK);
}

/* Any row as a bitmap; returns how many are set. */
static size_t expand(struct slice row, uint8_t bits[BITMAP])
{
    size_t n = 0;
    if (row.n == BITMAP) {
        memcpy(bits, row.p, BITMAP);
        for (size_t i = 0; i < BITMAP; i++)
            n += (size_t)__builtin_popcount(bits[i]);
        return n;
    }
    memset(bits, 0, BITMAP);
    for (size_t i = 0; i + 1 < row.n; i += 2) {
        unsigned at = ((unsigned)row.p[i] | (unsigned)row.p[i + 1] << 8) % CHUNK;
        bits[at / 8] |= (uint8_t)(1u << at % 8);
        n++;
    }
    return n;
}

static struct slice shrink(const uint8_t bits[BITMAP], size_t n, uint8_t to[BITMAP])
{
    if (n * 2 >= BITMAP)
        return slice_of(bits, BITMAP);
    size_t w = 0;
    for (unsigned i = 0; i < CHUNK; i++)
        if (bits[i / 8] >> i % 8 & 1) {
            to[w++] = (uint8_t)i;
            to[w++] = (uint8_t)(i >> 8);
        }
    return slice_of(to, w);
}

static int change(struct step *s, uint32_t package, uint32_t image, bool set, struct err *e)
{
    uint8_t key[8], bits[BITMAP], to[BITMAP];
    struct slice row = SLICE(""), k = slice_of(key, sizeof key);
    unsigned at = image % CHUNK;
    chunk_key(key, package, image);
    if (store_get(s->txn, STEP_TABLE(s, T_POSTINGS), k, &row, e) < 0)
        return -1;
    size_t n = expand(row, bits);
    bool is = bits[at / 8] >> at % 8 & 1;
    if (is == set)
        return 0;
    bits[at / 8] ^= (uint8_t)(1u << at % 8);
    n = set ? n + 1 : n - 1;
    if (!n)
        return store_del(s->txn, STEP_TABLE(s, T_POSTINGS), k, e) < 0 ? -1 : 0;
    return store_put(s->txn, STEP_TABLE(s, T_POSTINGS), k, shrink(bits, n, to), e);
}

int posting_add(struct step *s, uint32_t package, uint32_t image, struct err *e)
{
    return change(s, package, image, true, e);
}

int posting_remove(struct step *s, uint32_t package, uint32_t image, struct err *e)
{
    return change(s, package, image, false, e);
}

static int list_chunk(struct step *s, struct slice key, struct slice row, uint32_t from, size_t max, u32_vec *out,
                      struct err *e)
{
    uint8_t bits[BITMAP];
    uint32_t first = key_get_u32(key.p + 4) * CHUNK;
    expand(row, bits);
    for (uint32_t i = 0; i < CHUNK && out->n < max; i++) {
        if (!(bits[i / 8] >> i % 8 & 1) || first + i < from)
            continue;
        uint32_t *to = VEC_ADD(s->arena, out);
        if (!to)
            return err_set(e, ERR_FATAL, 0, "no memory for a list of images");
        *to = first + i;
    }
    return 0;
}

int posting_list(struct step *s, uint32_t package, uint32_t from, size_t max, u32_vec *out, struct err *e)
{
    uint8_t prefix[4], first[8];
    struct store_iter it;
    struct slice key, row;
    int r = 0;
    key_u32(prefix, package);
    chunk_key(first, package, from);
    store_iter_init(&it, s->txn, STEP_TABLE(s, T_POSTINGS), slice_of(prefix, 4), slice_of(first, 8));
    while (out->n < max && (r = store_iter_next(&it, &key, &row, e)) == 1)
        if (list_chunk(s, key, row, from, max, out, e)) {
            r = -1;
            break;
        }
    store_iter_done(&it);
    return r < 0 ? -1 : 0;
}
