/* SPDX-License-Identifier: Apache-2.0 */
#include "io/archive/deflated.h"

#include <isa-l/igzip_lib.h>

enum { ZLIB_HEADER = 2, GZIP_HEADER = 10, BLOCK_STORED = 0, BLOCK_FIXED, BLOCK_DYNAMIC };

/* n bits from the bit `at` on, the least significant first; bits behind the end are zeros. */
static unsigned bits(struct slice s, size_t at, size_t n)
{
    unsigned v = 0;
    for (size_t i = 0; i < n; i++) {
        size_t byte = (at + i) / 8;
        if (byte < s.n)
            v |= (unsigned)(s.p[byte] >> (at + i) % 8 & 1) << i;
    }
    return v;
}

/* A code for the lengths of the codes that leaves nothing out and has nothing twice (RFC 1951, 3.2.7). */
static bool is_dynamic(struct slice s)
{
    unsigned space = 0, n = bits(s, 13, 4) + 4;
    if (bits(s, 3, 5) > 29 || bits(s, 8, 5) > 29)
        return false;
    for (unsigned i = 0; i < n; i++) {
        unsigned length = bits(s, 17 + 3 * i, 3);
        space += length ? 128u >> length : 0;
    }
    return space == 128;
}

/* The code of a byte below 144 stands with its most significant bit first. */
static bool is_fixed(struct slice s, uint8_t first)
{
    unsigned code = 0;
    for (size_t i = 0; i < 8; i++)
        code = code << 1 | bits(s, 3 + i, 1);
    return code == first + 0x30u;
}

static bool is_plausible(struct slice s, uint8_t first)
{
    switch (bits(s, 1, 2)) {
    case BLOCK_STORED:
        return s.n > 5 && (bits(s, 8, 16) ^ bits(s, 24, 16)) == 0xffff && s.p[5] == first;
    case BLOCK_FIXED:
        return first < 144 && is_fixed(s, first);
    case BLOCK_DYNAMIC:
        return is_dynamic(s);
    default:
        return false;
    }
}

static void start(struct deflated *d, enum deflated_form form)
{
    if (!d->isal)
        d->isal = xmalloc(sizeof *d->isal);
    isal_inflate_init(d->isal);
    d->isal->crc_flag = form == DEFLATED_GZIP ? ISAL_GZIP : ISAL_ZLIB;
}

bool deflated_begins(struct deflated *d, struct slice s, enum deflated_form form, uint8_t first)
{
    uint8_t out[16] = {0};
    if (!is_plausible(slice_from(s, form == DEFLATED_GZIP ? GZIP_HEADER : ZLIB_HEADER), first))
        return false;
    start(d, form);
    d->isal->next_in = (uint8_t *)(uintptr_t)s.p;
    d->isal->avail_in = (uint32_t)s.n;
    d->isal->next_out = out;
    d->isal->avail_out = sizeof out;
    int r = isal_inflate(d->isal);
    return (r == ISAL_DECOMP_OK || r == ISAL_END_INPUT || r == ISAL_OUT_OVERFLOW) && d->isal->avail_out < sizeof out &&
           out[0] == first;
}

void deflated_open(struct deflated *d, enum deflated_form form, size_t max)
{
    start(d, form);
    buf_done(&d->out);
    d->out = BUF_INIT(max);
    d->used = 0;
    d->whole = false;
}

bool deflated_feed(struct deflated *d, struct slice bytes)
{
    struct inflate_state *z = d->isal;
    z->next_in = (uint8_t *)(uintptr_t)bytes.p;
    z->avail_in = (uint32_t)MIN(bytes.n, (size_t)UINT32_MAX / 2);
    d->used += z->avail_in;
    for (;;) {
        uint32_t room = (uint32_t)MIN((size_t)32 << 10, d->out.max - d->out.n);
        uint8_t *to = room ? buf_reserve(&d->out, room) : NULL;
        if (!to)
            return false;
        z->next_out = to;
        z->avail_out = room;
        int r = isal_inflate(z);
        d->out.n += room - z->avail_out;
        if (z->block_state == ISAL_BLOCK_FINISH) {
            d->whole = r == ISAL_DECOMP_OK;
            d->used -= z->avail_in + (uint64_t)z->read_in_length / 8;
            return false;
        }
        if (r < 0)
            return false;
        if (z->avail_out)
            return true;
    }
}

void deflated_done(struct deflated *d)
{
    buf_done(&d->out);
    free(d->isal);
    *d = (struct deflated){.isal = NULL};
}
