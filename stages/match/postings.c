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

/* Sets or clears a place in the short form; *n is the bytes. False when it was so already. */
static bool change_list(uint8_t list[BITMAP + 2], size_t *n, unsigned at, bool set)
{
    size_t i = 0;
    while (i < *n && ((unsigned)list[i] | (unsigned)list[i + 1] << 8) < at)
        i += 2;
    bool is = i < *n && ((unsigned)list[i] | (unsigned)list[i + 1] << 8) == at;
    if (is == set)
        return false;
    if (set) {
        memmove(list + i + 2, list + i, *n - i);
        list[i] = (uint8_t)at;
        list[i + 1] = (uint8_t)(at >> 8);
        *n += 2;
    } else {
        memmove(list + i, list + i + 2, *n - i - 2);
        *n -= 2;
    }
    return true;
}

static bool change_bitmap(uint8_t bits[BITMAP], unsigned at, bool set)
{
    bool is = bits[at / 8] >> at % 8 & 1;
    if (is != set)
        bits[at / 8] = (uint8_t)(bits[at / 8] ^ 1u << at % 8);
    return is != set;
}

static int change(struct step *s, uint32_t package, uint32_t image, bool set, struct err *e)
{
    uint8_t key[8], list[BITMAP + 2], bits[BITMAP];
    struct slice row = SLICE(""), k = slice_of(key, sizeof key);
    unsigned at = image % CHUNK;
    chunk_key(key, package, image);
    if (store_get(s->txn, STEP_TABLE(s, T_POSTINGS), k, &row, e) < 0)
        return -1;
    if (row.n < BITMAP) {
        size_t n = row.n & ~(size_t)1;
        memcpy(list, row.p, n);
        if (!change_list(list, &n, at, set))
            return 0;
        row = slice_of(list, n);
        if (n == BITMAP) {
            /* As many bytes as the bitmap takes: from here on it is one. */
            memset(bits, 0, BITMAP);
            for (size_t i = 0; i < n; i += 2)
                change_bitmap(bits, (unsigned)list[i] | (unsigned)list[i + 1] << 8, true);
            row = slice_of(bits, BITMAP);
        }
    } else {
        size_t n = expand(row, bits);
        if (!change_bitmap(bits, at, set))
            return 0;
        row = set ? slice_of(bits, BITMAP) : shrink(bits, n - 1, list);
    }
    if (!row.n)
        return store_del(s->txn, STEP_TABLE(s, T_POSTINGS), k, e) < 0 ? -1 : 0;
    return store_put(s->txn, STEP_TABLE(s, T_POSTINGS), k, row, e);
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
