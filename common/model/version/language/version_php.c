/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_php.c: php's version_compare, of versions that begin with a digit and have marks (. - _ +), or nothing,
 * between their numbers and words. A word is known by how it begins, so "alphabet" is alpha; RC and rc are, Rc is not.
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
    return is_mark(v.p[v.n - 1]) ? "it ends with a mark" : NULL; /* php says that it is older than itself */
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

static struct php_token next(struct slice *s)
{
    while (s->n && is_mark(s->p[0]))
        *s = slice_from(*s, 1);
    if (!s->n)
        return (struct php_token){PHP_END, SLICE_NONE};
    struct slice digits = version_take_digits(s);
    if (digits.n)
        return (struct php_token){PHP_NUMBER, digits};
    size_t n = 0;
    while (n < s->n && version_is_letter(s->p[n]))
        n++;
    struct slice word = slice_sub(*s, 0, n);
    *s = slice_from(*s, n);
    return (struct php_token){rank_of(word), SLICE_NONE};
}

int version_php_compare(struct slice a, struct slice b)
{
    for (;;) {
        struct php_token x = next(&a), y = next(&b);
        int c = php_token_compare(x, y);
        if (c || x.rank == PHP_END)
            return c;
    }
}
