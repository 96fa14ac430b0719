/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_php.c: php's version_compare, of versions that begin with a digit and have single marks (. - _ +) between
 * their numbers and words. A word is known by how it begins, so "alphabet" is alpha; RC and rc are, Rc is not.
 */
#include "model/version/language/php_order.h"
#include "model/version/version_internal.h"

int php_token_compare(struct php_token a, struct php_token b)
{
    if (a.rank != b.rank)
        return a.rank < b.rank ? -1 : 1;
    return a.rank == PHP_NUMBER ? version_compare_digits(a.digits, b.digits) : 0;
}

static bool is_mark(uint8_t c)
{
    return c == '.' || c == '-' || c == '_' || c == '+';
}

const char *version_php_check(struct slice v)
{
    if (!v.n || !version_is_digit(v.p[0]))
        return "it does not begin with a digit";
    if (!version_only(v, ".-_+"))
        return "it holds a character other than A-Z a-z 0-9 . - _ +";
    for (size_t i = 0; i < v.n; i++)
        if (is_mark(v.p[i]) && (i + 1 == v.n || is_mark(v.p[i + 1])))
            return "a number or word is missing";
    return NULL;
}

static enum php_rank rank_of(struct slice word)
{
    static const struct {
        const char *begins;
        enum php_rank rank;
    } words[] = {{"dev", PHP_DEV}, {"a", PHP_ALPHA}, {"b", PHP_BETA}, {"RC", PHP_RC}, {"rc", PHP_RC}, {"p", PHP_PATCH}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_starts(word, slice_str(words[i].begins)))
            return words[i].rank;
    return PHP_UNKNOWN;
}

struct walk {
    struct slice rest;
    bool gap;
};

static struct php_token next(struct walk *w)
{
    if (w->gap) {
        w->gap = false;
        w->rest = slice_from(w->rest, 1);
        return (struct php_token){PHP_UNKNOWN, SLICE_NONE};
    }
    if (w->rest.n && is_mark(w->rest.p[0]))
        w->rest = slice_from(w->rest, 1);
    if (!w->rest.n)
        return (struct php_token){PHP_END, SLICE_NONE};
    struct slice digits = version_take_digits(&w->rest);
    if (digits.n)
        return (struct php_token){PHP_NUMBER, digits};
    size_t n = 0;
    while (n < w->rest.n && version_is_letter(w->rest.p[n]))
        n++;
    struct slice word = slice_sub(w->rest, 0, n);
    w->rest = slice_from(w->rest, n);
    w->gap = w->rest.n && w->rest.p[0] == '.'; /* php finds an empty word between a word and a dot */
    return (struct php_token){rank_of(word), SLICE_NONE};
}

int version_php_compare(struct slice a, struct slice b)
{
    struct walk v = {a, false}, w = {b, false};
    for (;;) {
        struct php_token x = next(&v), y = next(&w);
        int c = php_token_compare(x, y);
        if (c || x.rank == PHP_END)
            return c;
    }
}
