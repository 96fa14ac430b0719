/* SPDX-License-Identifier: Apache-2.0 */
/* json_token.c: the characters of strings and numbers. */
#include "io/text/json_internal.h"

#include <math.h>

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The highest bit of each byte of x that is zero; exact up to the first such byte, which is the one that counts. */
static uint64_t zero_bytes(uint64_t x)
{
    return (x - EACH(1)) & ~x & EACH(0x80);
}

size_t json_plain_length(struct slice s)
{
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8) {
        uint64_t w;
        memcpy(&w, s.p + i, sizeof w);
        uint64_t control = (w - EACH(0x20)) & ~w & EACH(0x80);
        if (control | zero_bytes(w ^ EACH('"')) | zero_bytes(w ^ EACH('\\')) | (w & EACH(0x80)))
            break;
    }
    for (; i < s.n; i++)
        if (s.p[i] < 0x20 || s.p[i] >= 0x80 || s.p[i] == '"' || s.p[i] == '\\')
            break;
    return i;
}

static bool hex4(struct slice s, size_t at, uint32_t *ret)
{
    uint64_t v;
    if (at + 4 > s.n || !slice_parse_hex(slice_sub(s, at, 4), &v))
        return false;
    *ret = (uint32_t)v;
    return true;
}

static size_t put_utf8(uint8_t *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (uint8_t)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n; i-- > 1; c >>= 6)
        to[i] = (uint8_t)(0x80 | (c & 0x3F));
    to[0] = (uint8_t)(lead[n] | c);
    return n;
}

/* \uXXXX, or two of them that are one character; *at stands on the first 'u' and is moved behind the last digit. */
static bool escaped_character(struct slice raw, size_t *at, uint32_t *ret)
{
    uint32_t c, low;
    if (!hex4(raw, *at + 1, &c) || c == 0 || (c >= 0xDC00 && c <= 0xDFFF))
        return false;
    *at += 5;
    *ret = c;
    if (c < 0xD800 || c > 0xDBFF)
        return true;
    if (*at + 1 >= raw.n || raw.p[*at] != '\\' || raw.p[*at + 1] != 'u' || !hex4(raw, *at + 2, &low) || low < 0xDC00 ||
        low > 0xDFFF)
        return false;
    *at += 6;
    *ret = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    return true;
}

/* What stands behind a backslash; *at is moved behind it. */
static bool escape(struct slice raw, size_t *at, uint32_t *ret)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (*at >= raw.n)
        return false;
    if (raw.p[*at] == 'u')
        return escaped_character(raw, at, ret);
    const char *simple = raw.p[*at] ? strchr(from, raw.p[*at]) : NULL;
    if (!simple)
        return false;
    *ret = (uint8_t)to[simple - from];
    (*at)++;
    return true;
}

const char *json_string_decode(struct slice raw, uint8_t *out, size_t *ret_n, size_t *ret_at)
{
    size_t n = 0, at = 0;
    while (at < raw.n) {
        size_t take = json_plain_length(slice_from(raw, at));
        *ret_at = at + take;
        if (!take && raw.p[at] < 0x20)
            return "a control character in a string";
        if (!take && raw.p[at] >= 0x80 && !slice_utf8(slice_from(raw, at), NULL, &take))
            return "a string is not UTF-8";
        if (take) {
            if (out)
                memcpy(out + n, raw.p + at, take);
            n += take;
            at += take;
            continue;
        }
        /* A backslash: a quote ends the string. */
        uint32_t c;
        uint8_t utf8[4];
        at++;
        if (!escape(raw, &at, &c))
            return "an escape that is none";
        size_t width = put_utf8(utf8, c);
        if (out)
            memcpy(out + n, utf8, width);
        n += width;
    }
    *ret_n = n;
    return NULL;
}

static size_t digits(struct slice s, size_t at)
{
    size_t n = 0;
    while (at + n < s.n && s.p[at + n] >= '0' && s.p[at + n] <= '9')
        n++;
    return n;
}

/* RFC 8259, section 6. */
static bool is_number(struct slice s, bool *ret_whole)
{
    size_t at = s.n && s.p[0] == '-', n = digits(s, at);
    if (!n || (n > 1 && s.p[at] == '0'))
        return false;
    at += n;
    *ret_whole = at == s.n;
    if (at < s.n && s.p[at] == '.') {
        n = digits(s, ++at);
        if (!n)
            return false;
        at += n;
    }
    if (at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
        at++;
        if (at < s.n && (s.p[at] == '+' || s.p[at] == '-'))
            at++;
        n = digits(s, at);
        if (!n)
            return false;
        at += n;
    }
    return at == s.n;
}

const char *json_number_check(struct slice s)
{
    bool whole = false;
    int64_t v;
    char text[JSON_NUMBER_MAX + 1];
    if (!is_number(s, &whole))
        return "a number that is none";
    if (whole)
        return s.n <= 18 || slice_parse_i64(s, &v) ? NULL : "an integer that 64 bits don't hold";
    /* So few digits without an exponent can't be too large. */
    if (s.n <= 300 && slice_find(s, 'e') < 0 && slice_find(s, 'E') < 0)
        return NULL;
    snprintf(text, sizeof text, "%.*s", SLICE_FMT(s));
    return isfinite(strtod(text, NULL)) ? NULL : "a number that a double doesn't hold";
}
