/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

void buf_done(struct buf *b)
{
    free(b->p);
    *b = BUF_INIT(b->max);
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->overflow = false;
}

uint8_t *buf_reserve(struct buf *b, size_t n)
{
    if (b->overflow || n > b->max || b->n > b->max - n) {
        b->overflow = true;
        return NULL;
    }
    size_t need = b->n + n + 1;
    if (need > b->cap) {
        size_t cap = b->cap ? b->cap : 64;
        while (cap < need)
            cap *= 2;
        b->p = xrealloc(b->p, cap);
        b->cap = cap;
    }
    return b->p + b->n;
}

int buf_add(struct buf *b, const void *p, size_t n)
{
    uint8_t *to = buf_reserve(b, n);
    if (!to)
        return -1;
    if (n)
        memcpy(to, p, n);
    b->n += n;
    return 0;
}

int buf_add_slice(struct buf *b, struct slice s)
{
    return buf_add(b, s.p, s.n);
}

int buf_add_str(struct buf *b, const char *s)
{
    return buf_add(b, s, strlen(s));
}

int buf_add_byte(struct buf *b, uint8_t c)
{
    return buf_add(b, &c, 1);
}

int buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    uint8_t *to = buf_reserve(b, (size_t)n);
    if (!to)
        return -1;
    va_start(ap, fmt);
    vsnprintf((char *)to, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->n += (size_t)n;
    return 0;
}

const char *buf_cstr(struct buf *b)
{
    if (!b->p)
        return "";
    b->p[b->n] = 0;
    return (const char *)b->p;
}

int buf_add_u32(struct buf *b, uint32_t v)
{
    uint8_t x[4];
    for (int i = 0; i < 4; i++)
        x[i] = (uint8_t)(v >> (8 * i));
    return buf_add(b, x, sizeof x);
}

int buf_add_u64(struct buf *b, uint64_t v)
{
    uint8_t x[8];
    for (int i = 0; i < 8; i++)
        x[i] = (uint8_t)(v >> (8 * i));
    return buf_add(b, x, sizeof x);
}

int buf_add_varint(struct buf *b, uint64_t v)
{
    uint8_t x[10];
    size_t n = 0;
    while (v >= 0x80) {
        x[n++] = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    x[n++] = (uint8_t)v;
    return buf_add(b, x, n);
}

int buf_add_prefixed(struct buf *b, struct slice s)
{
    return buf_add_varint(b, s.n) || buf_add_slice(b, s) ? -1 : 0;
}

bool slice_take_u32(struct slice *s, uint32_t *ret_v)
{
    if (s->n < 4)
        return false;
    uint32_t v = 0;
    for (int i = 3; i >= 0; i--)
        v = v << 8 | s->p[i];
    *ret_v = v;
    *s = slice_from(*s, 4);
    return true;
}

bool slice_take_u64(struct slice *s, uint64_t *ret_v)
{
    if (s->n < 8)
        return false;
    uint64_t v = 0;
    for (int i = 7; i >= 0; i--)
        v = v << 8 | s->p[i];
    *ret_v = v;
    *s = slice_from(*s, 8);
    return true;
}

bool slice_take_varint(struct slice *s, uint64_t *ret_v)
{
    uint64_t v = 0;
    for (size_t i = 0; i < s->n && i < 10; i++) {
        if (i == 9 && s->p[i] > 1)
            return false;
        v |= (uint64_t)(s->p[i] & 0x7F) << (7 * i);
        if (!(s->p[i] & 0x80)) {
            *ret_v = v;
            *s = slice_from(*s, i + 1);
            return true;
        }
    }
    return false;
}

bool slice_take_prefixed(struct slice *s, struct slice *ret_v)
{
    struct slice rest = *s;
    uint64_t n;
    if (!slice_take_varint(&rest, &n) || n > rest.n)
        return false;
    *ret_v = slice_of(rest.p, (size_t)n);
    *s = slice_from(rest, (size_t)n);
    return true;
}
