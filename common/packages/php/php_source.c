/* SPDX-License-Identifier: Apache-2.0 */
/*
 * php_source.c: values in PHP's source text: array(…), […], 'text', "text", numbers, true, false, null, __DIR__, and
 * scalars that are joined with dots. Anything else, a call or a variable, is not read.
 */
#include "packages/php/php_text_internal.h"

/* A comment that begins here is dropped. */
static bool drop_comment(struct slice *s)
{
    if (slice_starts(*s, SLICE("/*"))) {
        ptrdiff_t end = slice_find_slice(slice_from(*s, 2), SLICE("*/"));
        *s = slice_from(*s, end < 0 ? s->n : (size_t)end + 4);
        return true;
    }
    if (slice_starts(*s, SLICE("#")) || slice_starts(*s, SLICE("//"))) {
        ptrdiff_t end = slice_find(*s, '\n');
        *s = slice_from(*s, end < 0 ? s->n : (size_t)end + 1);
        return true;
    }
    return false;
}

int php_source_peek(struct php_text *p)
{
    struct slice s = p->rest;
    while (s.n) {
        uint8_t c = s.p[0];
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
            s = slice_from(s, 1);
        else if (!drop_comment(&s))
            break;
    }
    p->rest = s;
    return s.n ? s.p[0] : -1;
}

struct text {
    uint8_t *to;
    size_t n;
    bool fits;
};

static void put(struct text *t, uint8_t c)
{
    if (t->n == PHP_TEXT_STRING_MAX)
        t->fits = false;
    else
        t->to[t->n++] = c;
}

/* In '…' a backslash stands before a quote or itself; in "…" before more, and there a $ would be a variable. */
static bool take_quoted(struct php_text *p, struct text *t)
{
    static const char from[] = "nrtvef\\$\"", into[] = "\n\r\t\v\x1b\f\\$\"";
    uint8_t quote = p->rest.p[0];
    struct slice s = p->rest;
    size_t i = 1;
    for (; i < s.n && s.p[i] != quote; i++) {
        uint8_t c = s.p[i];
        if (quote == '"' && c == '$')
            return php_bad(p, "it has a variable in a text") != PHP_TOKEN_BAD;
        if (c != '\\' || i + 1 == s.n) {
            put(t, c);
            continue;
        }
        uint8_t next = s.p[i + 1];
        const char *at = quote == '"' && next ? strchr(from, next) : NULL;
        if (at) {
            put(t, (uint8_t)into[at - from]);
            i++;
        } else if (quote == '\'' && (next == '\'' || next == '\\')) {
            put(t, next);
            i++;
        } else {
            put(t, c);
        }
    }
    if (i >= s.n)
        return php_bad(p, "a text without an end") != PHP_TOKEN_BAD;
    p->rest = slice_from(s, i + 1);
    return true;
}

static bool is_of_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
           c == '+';
}

/* A number, or a word that stands for a value. */
static bool take_word(struct php_text *p, struct text *t)
{
    struct slice s = p->rest, word;
    size_t n = 0;
    bool number = s.p[0] == '-' || (s.p[0] >= '0' && s.p[0] <= '9');
    while (n < s.n && (is_of_word(s.p[n]) || (number && s.p[n] == '.')))
        n++;
    word = slice_sub(s, 0, n);
    static const char *const words[] = {"true", "false", "null", "__dir__"};
    bool known = number;
    for (size_t i = 0; i < ARRAY_LEN(words) && !known; i++)
        known = slice_eq_nocase(word, slice_str(words[i]));
    if (!n || !known)
        return php_bad(p, "it has a value that only PHP can tell") != PHP_TOKEN_BAD;
    p->rest = slice_from(s, n);
    if (!slice_eq_nocase(word, SLICE("null")) && !slice_eq_nocase(word, SLICE("__dir__")))
        for (size_t i = 0; i < n; i++)
            put(t, word.p[i]);
    return true;
}

enum php_token php_source_take(struct php_text *p, uint8_t *to, struct slice *ret, uint8_t *ret_closing)
{
    struct text t = {.to = to, .fits = true};
    int c = php_source_peek(p);
    if (c == '[') {
        p->rest = slice_from(p->rest, 1);
        *ret_closing = ']';
        return PHP_TOKEN_ARRAY;
    }
    if (slice_eq_nocase(slice_sub(p->rest, 0, 5), SLICE("array"))) {
        p->rest = slice_from(p->rest, 5);
        if (php_source_peek(p) != '(')
            return php_bad(p, "an array is malformed");
        p->rest = slice_from(p->rest, 1);
        *ret_closing = ')';
        return PHP_TOKEN_ARRAY;
    }
    for (;;) {
        c = php_source_peek(p);
        if (c < 0)
            return php_bad(p, "it is cut");
        if (!(c == '\'' || c == '"' ? take_quoted(p, &t) : take_word(p, &t)))
            return PHP_TOKEN_BAD;
        if (php_source_peek(p) != '.')
            break;
        p->rest = slice_from(p->rest, 1);
    }
    *ret = t.fits ? slice_of(to, t.n) : SLICE_NONE;
    return PHP_TOKEN_SCALAR;
}
