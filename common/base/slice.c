/* SPDX-License-Identifier: Apache-2.0 */
#include "base/slice.h"

#include <math.h>

bool slice_eq_nocase(struct slice a, struct slice b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (byte_lower(a.p[i]) != byte_lower(b.p[i]))
            return false;
    return true;
}

int slice_cmp(struct slice a, struct slice b)
{
    size_t n = MIN(a.n, b.n);
    int c = n ? memcmp(a.p, b.p, n) : 0;
    if (c)
        return c < 0 ? -1 : 1;
    return a.n < b.n ? -1 : a.n > b.n;
}

bool slice_starts(struct slice s, struct slice prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool slice_ends(struct slice s, struct slice suffix)
{
    return s.n >= suffix.n && (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

ptrdiff_t slice_find(struct slice s, uint8_t c)
{
    const uint8_t *q = s.n ? memchr(s.p, c, s.n) : NULL;
    return q ? q - s.p : -1;
}

ptrdiff_t slice_rfind(struct slice s, uint8_t c)
{
    const uint8_t *q = s.n ? memrchr(s.p, c, s.n) : NULL;
    return q ? q - s.p : -1;
}

ptrdiff_t slice_find_slice(struct slice s, struct slice sub)
{
    if (sub.n == 0)
        return 0;
    const uint8_t *q = s.n ? memmem(s.p, s.n, sub.p, sub.n) : NULL;
    return q ? q - s.p : -1;
}

struct slice slice_from(struct slice s, size_t off)
{
    off = MIN(off, s.n);
    return slice_of(s.p ? s.p + off : NULL, s.n - off);
}

struct slice slice_sub(struct slice s, size_t off, size_t n)
{
    s = slice_from(s, off);
    s.n = MIN(s.n, n);
    return s;
}

static bool blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice s)
{
    while (s.n && blank(s.p[0]))
        s.p++, s.n--;
    while (s.n && blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool slice_take_token(struct slice *s, uint8_t c, struct slice *ret_head)
{
    if (!s->n)
        return false;
    ptrdiff_t at = slice_find(*s, c);
    *ret_head = at < 0 ? *s : slice_of(s->p, (size_t)at);
    *s = slice_from(*s, at < 0 ? s->n : (size_t)at + 1);
    return true;
}

bool slice_is_word_of(struct slice s, const char *words)
{
    struct slice list = slice_str(words), word;
    while (slice_take_token(&list, ' ', &word))
        if (word.n && slice_eq(s, word))
            return true;
    return false;
}

bool slice_take_line(struct slice *s, struct slice *ret_line)
{
    if (!s->n)
        return false;
    const uint8_t *end = memchr(s->p, '\n', s->n);
    size_t n = end ? (size_t)(end - s->p) : s->n, whole = n + (end != NULL);
    *ret_line = slice_of(s->p, n && s->p[n - 1] == '\r' ? n - 1 : n);
    *s = slice_of(s->p + whole, s->n - whole);
    return true;
}

bool slice_take_prefix(struct slice *s, struct slice prefix)
{
    if (!slice_starts(*s, prefix))
        return false;
    *s = slice_from(*s, prefix.n);
    return true;
}

bool slice_parse_u64(struct slice s, uint64_t *ret_v)
{
    uint64_t v = 0;
    if (!s.n)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        if (__builtin_mul_overflow(v, 10u, &v) || __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
            return false;
    }
    *ret_v = v;
    return true;
}

bool slice_parse_i64(struct slice s, int64_t *ret_v)
{
    bool negative = s.n && s.p[0] == '-';
    uint64_t v;
    if (!slice_parse_u64(negative ? slice_from(s, 1) : s, &v))
        return false;
    if (v > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return false;
    *ret_v = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

bool slice_parse_hex(struct slice s, uint64_t *ret_v)
{
    uint64_t v = 0;
    if (!s.n || s.n > 16)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = byte_lower(s.p[i]);
        unsigned d = c >= '0' && c <= '9' ? (unsigned)c - '0' : c >= 'a' && c <= 'f' ? (unsigned)c - 'a' + 10u : 16u;
        if (d > 15)
            return false;
        v = v << 4 | d;
    }
    *ret_v = v;
    return true;
}

bool slice_parse_double(struct slice s, double *ret_v)
{
    char text[64];
    if (!s.n || s.n >= sizeof text)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!memchr("0123456789+-.eE", s.p[i], 15))
            return false;
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    char *end;
    double v = strtod(text, &end);
    if (*end || !isfinite(v))
        return false;
    *ret_v = v;
    return true;
}

char *slice_dup(struct slice s)
{
    char *c = xmalloc(s.n + 1);
    if (s.n)
        memcpy(c, s.p, s.n);
    c[s.n] = 0;
    return c;
}

bool slice_utf8(struct slice s, uint32_t *ret_c, size_t *ret_len)
{
    uint8_t c = s.p[0], low = 0x80, high = 0xBF;
    size_t len = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
    uint32_t v = len <= 1 ? c : c & (0x7Fu >> len);
    if (c == 0xE0)
        low = 0xA0;
    else if (c == 0xED)
        high = 0x9F;
    else if (c == 0xF0)
        low = 0x90;
    else if (c == 0xF4)
        high = 0x8F;
    for (size_t i = 1; i < len; i++) {
        if (i == s.n || s.p[i] < low || s.p[i] > high) {
            *ret_len = i;
            return false;
        }
        v = v << 6 | (s.p[i] & 0x3F);
        low = 0x80, high = 0xBF;
    }
    *ret_len = len ? len : 1;
    if (len && ret_c)
        *ret_c = v;
    return len != 0;
}

bool slice_is_text(struct slice s)
{
    for (size_t i = 0; i < s.n;) {
        uint8_t c = s.p[i];
        if (c < 0x80) {
            if (c < 0x20 || c == 0x7F)
                return false;
            i++;
            continue;
        }
        size_t len;
        if (!slice_utf8(slice_from(s, i), NULL, &len))
            return false;
        i += len;
    }
    return true;
}
