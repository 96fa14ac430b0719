/* SPDX-License-Identifier: Apache-2.0 */
/* php_serial.c: what serialize() writes: N; b:1; i:5; d:0.5; s:3:"abc"; a:2:{…} O:3:"abc":1:{…} */
#include "packages/php/php_text_internal.h"

/* Digits up to a byte, which is taken too. */
static bool take_number(struct slice *s, uint8_t end, uint64_t *ret)
{
    struct slice rest = *s, digits;
    ptrdiff_t at = slice_find(slice_sub(rest, 0, 24), end);
    if (at <= 0)
        return false;
    digits = slice_sub(rest, 0, (size_t)at);
    if (!slice_parse_u64(digits, ret))
        return false;
    *s = slice_from(rest, (size_t)at + 1);
    return true;
}

/* "abc" of a length that stands before it. */
static bool take_quoted(struct slice *s, struct slice *ret)
{
    uint64_t n;
    struct slice rest = *s;
    if (!take_number(&rest, ':', &n) || n > rest.n || rest.n - n < 2 || rest.p[0] != '"' || rest.p[n + 1] != '"')
        return false;
    *ret = slice_sub(rest, 1, (size_t)n);
    *s = slice_from(rest, (size_t)n + 2);
    return true;
}

enum php_token php_serial_take(struct php_text *p, uint8_t *to, struct slice *ret, uint64_t *ret_members)
{
    struct slice rest = p->rest, text, class;
    if (rest.n < 2)
        return php_bad(p, "it is cut");
    uint8_t kind = rest.p[0];
    bool named = kind == 'O';
    rest = slice_from(rest, 2);
    if (kind == 'a' || named) {
        if ((named && (!take_quoted(&rest, &class) || !slice_take_prefix(&rest, SLICE(":")))) ||
            !take_number(&rest, ':', ret_members) || !slice_take_prefix(&rest, SLICE("{")))
            return php_bad(p, "an array is malformed");
        p->rest = rest;
        return PHP_TOKEN_ARRAY;
    }
    if (kind == 's') {
        if (!take_quoted(&rest, &text) || !slice_take_prefix(&rest, SLICE(";")))
            return php_bad(p, "a string is malformed");
    } else if (kind == 'N' && p->rest.p[1] == ';') {
        text = SLICE_NONE;
    } else if (strchr("bidrR", kind) && kind && p->rest.p[1] == ':') {
        ptrdiff_t end = slice_find(slice_sub(rest, 0, 400), ';');
        if (end < 0)
            return php_bad(p, "a number is malformed");
        text = slice_sub(rest, 0, (size_t)end);
        rest = slice_from(rest, (size_t)end + 1);
    } else {
        return php_bad(p, "it has a value of a kind that is not read");
    }
    p->rest = rest;
    if (text.p && text.n <= PHP_TEXT_STRING_MAX) {
        if (text.n)
            memcpy(to, text.p, text.n);
        *ret = slice_of(to, text.n);
    }
    return PHP_TOKEN_SCALAR;
}
