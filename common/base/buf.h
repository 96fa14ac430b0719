/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h: a growing byte buffer with a hard maximum, given at init. An addition that would exceed the maximum is dropped
 * as a whole, marks the buffer as overflowed and makes every later addition fail, so that callers may append freely and
 * check once. p is NULL until the first byte is added; after that one spare byte behind n lets buf_cstr terminate the
 * text.
 */
#ifndef CAREEN_BASE_BUF_H
#define CAREEN_BASE_BUF_H

#include "base/slice.h"

struct buf {
    uint8_t *p;
    size_t n, cap, max;
    bool overflow;
};

#define BUF_INIT(maximum) ((struct buf){.max = (maximum)})

void buf_done(struct buf *b);  /* frees; b may be used again with the same maximum */
void buf_clear(struct buf *b); /* n = 0 and no overflow; keeps the memory */
/* All return 0, or -1 on overflow. */
int buf_add(struct buf *b, const void *p, size_t n);
int buf_add_slice(struct buf *b, struct slice s);
int buf_add_str(struct buf *b, const char *s);
int buf_add_byte(struct buf *b, uint8_t c);
ATTR_PRINTF(2, 3) int buf_addf(struct buf *b, const char *fmt, ...);
/* Makes room for n bytes behind the end and returns its address; the caller writes there and then raises b->n. NULL on
 * overflow. */
uint8_t *buf_reserve(struct buf *b, size_t n);
/* A NUL-terminated view of the content; "" when it is empty. */
const char *buf_cstr(struct buf *b);
static inline struct slice buf_slice(const struct buf *b)
{
    return slice_of(b->p ? b->p : (const uint8_t *)"", b->n);
}
/* Little-endian fixed and LEB128 variable integers, for formats of our own. */
int buf_add_u32(struct buf *b, uint32_t v);
int buf_add_u64(struct buf *b, uint64_t v);
int buf_add_varint(struct buf *b, uint64_t v);
int buf_add_prefixed(struct buf *b, struct slice s); /* varint length, bytes */
/* They read what the functions above wrote, consume from the front, and return false when it is short or malformed. */
bool slice_take_u32(struct slice *s, uint32_t *ret_v);
bool slice_take_u64(struct slice *s, uint64_t *ret_v);
bool slice_take_varint(struct slice *s, uint64_t *ret_v);
bool slice_take_prefixed(struct slice *s, struct slice *ret_v);

#endif
