/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packed_internal.h: packing and unpacking one block of rows (packed_block.c); packed.c finds, merges and splits
 * blocks.
 */
#ifndef CAREEN_IO_STORE_PACKED_INTERNAL_H
#define CAREEN_IO_STORE_PACKED_INTERNAL_H

#include "base/buf.h"
#include "io/store/packed.h"

#include <zstd.h>

#define PACKED_KEY_MAX 511u
#define PACKED_ROW_MAX ((size_t)16 << 20)
/*
 * Room of a block: three values of that size with their keys fill a leaf page of LMDB. Measured with 447,000 real rows:
 * blocks of a whole page (4080) pack a fifth better, but a scan that looks at a hundred of them then takes half as long
 * again.
 */
#define PACKED_ROOM 1285u
/* The largest value that takes a single page of its own in LMDB: 4096 bytes without the page's head. */
#define PACKED_ROOM_LARGE 4080u

struct packed_row {
    struct slice key, value;
};

/* A block unpacked: rows point into raw. */
struct packed_block {
    uint8_t *raw;
    size_t raw_cap;
    struct packed_row *rows;
    size_t n, cap;
};

struct packed_codec {
    ZSTD_CCtx *c;
    ZSTD_DCtx *d;
    struct buf raw, out;
};

void packed_codec_done(struct packed_codec *k);
void packed_block_done(struct packed_block *b);

/* Whether a packed block may hold rows of the key's group. Only false is certain. */
bool packed_may_hold(struct slice value, unsigned group, struct slice key);
bool packed_rows_of(struct slice value, uint64_t *ret_n);
int packed_unpack(struct packed_codec *k, struct slice value, struct packed_block *to, struct err *e);
/* Packs the rows into a block; *ret_value is valid until the next call. */
int packed_pack(struct packed_codec *k, unsigned group, const struct packed_row *rows, size_t n,
                struct slice *ret_value, struct err *e);
/* The index of the first row whose key is >= key. */
size_t packed_place(const struct packed_block *b, struct slice key);

#endif
