/* SPDX-License-Identifier: Apache-2.0 */
#include "io/text/json_pull.h"

static void bad(struct json_pull *p, const char *why)
{
    if (!p->bad)
        p->bad = why;
}

static int peek(struct json_pull *p)
{
    while (p->at < p->text.n) {
        uint8_t c = p->text.p[p->at];
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
            return c;
        p->at++;
    }
    return -1;
}

static bool take(struct json_pull *p, uint8_t c, const char *why)
{
    if (p->bad || peek(p) != c) {
        bad(p, why);
        return false;
    }
    p->at++;
    return true;
}

void json_pull_init(struct json_pull *p, struct slice text, struct arena *arena)
{
    *p = (struct json_pull){.text = text, .arena = arena};
}

/* ---- strings ---- */

/* The raw text between the quotes, and whether it holds escapes. */
static bool raw_string(struct json_pull *p, struct slice *ret, bool *ret_escaped)
{
    if (!take(p, '"', "a string was expected"))
        return false;
    size_t from = p->at;
    bool escaped = false;
    for (; p->at < p->text.n; p->at++) {
        uint8_t c = p->text.p[p->at];
        if (c == '"') {
            *ret = slice_sub(p->text, from, p->at - from);
            *ret_escaped = escaped;
            p->at++;
            return true;
        }
        if (c < 0x20 && !p->forgiving)
            break;
        /* What unescape refuses. */
        escaped |= c < 0x20;
        if (c == '\\') {
            escaped = true;
            if (++p->at == p->text.n)
                break;
        }
    }
    bad(p, p->at < p->text.n ? "a control character in a string" : "a string without an end");
    return false;
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

/* \uXXXX, or two of them that are one character; at stands on the first 'u' and is moved to its last digit. */
static bool escaped_character(struct slice raw, size_t *at, uint32_t *ret)
{
    uint32_t c, low;
    if (!hex4(raw, *at + 1, &c) || c == 0 || (c >= 0xDC00 && c <= 0xDFFF))
        return false;
    *at += 4;
    if (c < 0xD800 || c > 0xDBFF) {
        *ret = c;
        return true;
    }
    if (*at + 2 >= raw.n || raw.p[*at + 1] != '\\' || raw.p[*at + 2] != 'u' || !hex4(raw, *at + 3, &low) ||
        low < 0xDC00 || low > 0xDFFF)
        return false;
    *at += 6;
    *ret = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    return true;
}

static struct slice unescape(struct json_pull *p, struct slice raw)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    uint8_t *out = arena_alloc(p->arena, raw.n);
    size_t n = 0;
    if (!out) {
        bad(p, "its strings take too much memory");
        return SLICE_NONE;
    }
    for (size_t i = 0; i < raw.n; i++) {
        if (p->forgiving && raw.p[i] < 0x20)
            return SLICE_NONE;
        if (raw.p[i] != '\\') {
            out[n++] = raw.p[i];
            continue;
        }
        const char *simple = ++i < raw.n && raw.p[i] ? strchr(from, raw.p[i]) : NULL;
        uint32_t c = simple ? (uint8_t)to[simple - from] : 0;
        if (!simple && (i >= raw.n || raw.p[i] != 'u' || !escaped_character(raw, &i, &c))) {
            if (!p->forgiving)
                bad(p, "an escape that is none");
            return SLICE_NONE;
        }
        n += put_utf8(out + n, c);
    }
    return slice_of(out, n);
}

static struct slice string(struct json_pull *p)
{
    struct slice raw;
    bool escaped;
    if (!raw_string(p, &raw, &escaped))
        return SLICE_NONE;
    return escaped ? unescape(p, raw) : raw;
}

struct slice json_pull_string(struct json_pull *p)
{
    if (!p->bad && peek(p) == '"')
        return string(p);
    json_pull_skip(p);
    return SLICE_NONE;
}

/* ---- values ---- */

static bool enter(struct json_pull *p, uint8_t open, uint8_t close)
{
    if (p->bad || peek(p) != open) {
        json_pull_skip(p);
        return false;
    }
    if (p->depth == JSON_PULL_DEPTH) {
        bad(p, "it nests too deep");
        return false;
    }
    p->at++;
    p->closing[p->depth] = close;
    p->first[p->depth++] = true;
    return true;
}

bool json_pull_object(struct json_pull *p)
{
    return enter(p, '{', '}');
}

bool json_pull_array(struct json_pull *p)
{
    return enter(p, '[', ']');
}

/* The comma before what comes next; false at the closing bracket, which is taken. */
static bool next(struct json_pull *p)
{
    if (p->bad || !p->depth)
        return false;
    int d = p->depth - 1;
    if (peek(p) == p->closing[d]) {
        p->at++;
        p->depth--;
        return false;
    }
    if (!p->first[d] && !take(p, ',', "a comma or a closing bracket was expected"))
        return false;
    if (!p->first[d] && peek(p) == p->closing[d]) {
        p->at++;
        p->depth--;
        return false;
    }
    p->first[d] = false;
    return true;
}

bool json_pull_key(struct json_pull *p, struct slice *ret_key)
{
    if (!next(p))
        return false;
    struct slice key = string(p);
    if (!take(p, ':', "a colon was expected"))
        return false;
    *ret_key = key;
    return true;
}

bool json_pull_item(struct json_pull *p)
{
    return next(p);
}

/* A number, true, false or null; of a number only its characters are looked at. */
static void skip_word(struct json_pull *p)
{
    static const char *const words[] = {"true", "false", "null"};
    struct slice rest = slice_from(p->text, p->at);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_starts(rest, slice_str(words[i]))) {
            p->at += strlen(words[i]);
            return;
        }
    size_t n = 0;
    while (n < rest.n && ((rest.p[n] >= '0' && rest.p[n] <= '9') || (rest.p[n] && strchr("+-.eE", rest.p[n]))))
        n++;
    p->at += n;
    if (!n)
        bad(p, p->at < p->text.n ? "a value was expected" : "it ends too early");
}

void json_pull_skip(struct json_pull *p)
{
    int outside = p->depth;
    struct slice raw;
    bool escaped;
    do {
        int c = p->bad ? -1 : peek(p);
        if (c == '{' || c == '[')
            enter(p, (uint8_t)c, c == '{' ? '}' : ']');
        else if (c == '"')
            raw_string(p, &raw, &escaped);
        else if (!p->bad)
            skip_word(p);
        /* Up to the next value of what was entered here. */
        while (!p->bad && p->depth > outside && !next(p))
            ;
        if (!p->bad && p->depth > outside && p->closing[p->depth - 1] == '}' && raw_string(p, &raw, &escaped))
            take(p, ':', "a colon was expected");
    } while (!p->bad && p->depth > outside);
}

int json_pull_end(struct json_pull *p, struct err *e)
{
    if (!p->bad && peek(p) >= 0)
        bad(p, "something stands behind its end");
    if (!p->bad && p->depth)
        bad(p, "it ends too early");
    return p->bad ? err_set(e, ERR_POISON, 0, "not JSON: %s, at byte %zu", p->bad, p->at) : 0;
}
