/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_composer.c: Composer's: a version is brought into the form that composer/semver gives it (four numbers, or a
 * date; a stability; -dev), and two such forms are held together as php's version_compare does. Branches have no order
 * but for those that name numbers (2.x-dev).
 */
#include "model/version/language/php_order.h"
#include "model/version/version_internal.h"

struct parts {
    struct slice numbers; /* with marks between them */
    bool date;            /* else there are four */
    bool branch;          /* an x and what is absent is 9999999, else 0 */
    enum php_rank word;   /* PHP_END: none */
    struct slice word_numbers;
    bool dev;
};

static bool take_word(struct slice *s, const char *word)
{
    struct slice w = slice_str(word);
    if (!slice_eq_nocase(slice_sub(*s, 0, w.n), w))
        return false;
    *s = slice_from(*s, w.n);
    return true;
}

static bool is_mark(struct slice s, size_t i, const char *marks)
{
    return i < s.n && s.p[i] && strchr(marks, s.p[i]);
}

/* Takes numbers, or where xs are too an x or *, with such marks between them; returns how many. */
static size_t take_numbers(struct slice *s, const char *marks, const char *letters)
{
    size_t count = 0, i = 0;
    for (;;) {
        size_t from = i;
        while (i < s->n && version_is_digit(s->p[i]))
            i++;
        if (i == from && is_mark(*s, i, letters))
            i++;
        if (i == from) {
            *s = slice_from(*s, from ? from - 1 : 0);
            return count;
        }
        count++;
        if (!is_mark(*s, i, marks)) {
            *s = slice_from(*s, i);
            return count;
        }
        i++;
    }
}

/* The stability with its numbers, and -dev. False: something else is left. */
static bool take_modifier(struct slice s, struct parts *p)
{
    static const struct {
        const char *word;
        enum php_rank rank;
    } words[] = {{"stable", PHP_END}, {"beta", PHP_BETA},   {"b", PHP_BETA},   {"rc", PHP_RC},  {"alpha", PHP_ALPHA},
                 {"a", PHP_ALPHA},    {"patch", PHP_PATCH}, {"pl", PHP_PATCH}, {"p", PHP_PATCH}};
    struct slice rest = slice_from(s, is_mark(s, 0, "._-") ? 1 : 0);
    bool known = false;
    p->word = PHP_END;
    for (size_t i = 0; i < ARRAY_LEN(words) && !known; i++) {
        known = take_word(&rest, words[i].word);
        p->word = known ? words[i].rank : PHP_END;
    }
    if (known) {
        rest = slice_from(rest, is_mark(rest, 0, ".-") && rest.n > 1 && version_is_digit(rest.p[1]) ? 1 : 0);
        p->word_numbers = rest;
        take_numbers(&rest, ".-", "");
        p->word_numbers.n -= rest.n;
    }
    rest = slice_from(rest, is_mark(rest, 0, ".-") && (known || s.n > rest.n) ? 1 : 0);
    p->dev = take_word(&rest, "dev");
    if (known && p->word == PHP_END) {
        p->word_numbers = SLICE_NONE;
        p->dev = false;
    }
    return !rest.n;
}

static struct slice without_build(struct slice v)
{
    static const char *const stabilities[] = {"stable", "rc", "beta", "alpha", "dev"};
    ptrdiff_t at = slice_rfind(v, '@');
    for (size_t i = 0; at > 0 && i < ARRAY_LEN(stabilities); i++)
        if (slice_eq_nocase(slice_from(v, (size_t)at + 1), slice_str(stabilities[i])))
            v = slice_sub(v, 0, (size_t)at);
    ptrdiff_t plus = slice_find(v, '+');
    return plus > 0 && (size_t)plus + 1 < v.n ? slice_sub(v, 0, (size_t)plus) : v;
}

/* 2.x-dev, 2.1.*.dev */
static bool take_branch(struct slice v, struct parts *p)
{
    struct slice rest = v;
    size_t count = take_numbers(&rest, ".", "xX*");
    p->numbers = slice_sub(v, 0, v.n - rest.n);
    p->branch = true;
    rest = slice_from(rest, is_mark(rest, 0, ".-") ? 1 : 0);
    return count <= 4 && slice_eq_nocase(rest, SLICE("dev"));
}

static const char *split(struct slice v, struct parts *ret)
{
    struct parts p = {0};
    v = without_build(v);
    take_word(&v, "v");
    struct slice rest = v, first = v;
    first = version_take_digits(&first);
    if (!first.n)
        return "it is the name of a branch, or begins with no number";
    size_t count = take_numbers(&rest, ".", "");
    p.numbers = slice_sub(v, 0, v.n - rest.n);
    bool dated = is_mark(rest, 0, ":-") && rest.n > 1 && version_is_digit(rest.p[1]);
    if (is_mark(rest, 0, ".") && is_mark(rest, 1, "xX*")) {
        if (!take_branch(v, &p))
            return "it is a branch, but not up to four numbers and -dev";
        rest = SLICE("-dev");
    } else if (first.n >= 4 && (dated || first.n > 5 || count > 4)) {
        rest = v;
        take_numbers(&rest, ".:-", "");
        p.numbers = slice_sub(v, 0, v.n - rest.n);
        p.date = true;
    } else if (count > 4) {
        return "it has more than four numbers";
    }
    if (!take_modifier(rest, &p))
        return "what is behind the numbers is no stability";
    if (p.dev && slice_eq_str(p.numbers, "9999999"))
        return "it is the name of a branch";
    *ret = p;
    return NULL;
}

const char *version_composer_check(struct slice v)
{
    struct parts p;
    return split(v, &p);
}

struct walk {
    struct parts p;
    int count; /* of the numbers that were given */
    bool said; /* the word */
};

static struct slice take_number(struct slice *s)
{
    size_t n = 0;
    while (n < s->n && !is_mark(*s, n, ".:-"))
        n++;
    struct slice number = slice_sub(*s, 0, n);
    *s = slice_from(*s, n + 1);
    return number.n && !version_is_digit(number.p[0]) ? SLICE("9999999") : number;
}

static struct php_token next(struct walk *w)
{
    struct parts *p = &w->p;
    if (p->numbers.n || (!p->date && w->count < 4)) {
        w->count++;
        struct slice absent = p->branch ? SLICE("9999999") : SLICE("0");
        return (struct php_token){PHP_NUMBER, p->numbers.n ? take_number(&p->numbers) : absent};
    }
    if (p->word != PHP_END && !w->said) {
        w->said = true;
        return (struct php_token){p->word, SLICE_NONE};
    }
    if (p->word_numbers.n)
        return (struct php_token){PHP_NUMBER, take_number(&p->word_numbers)};
    bool dev = p->dev;
    p->dev = false;
    return (struct php_token){dev ? PHP_DEV : PHP_END, SLICE_NONE};
}

int version_composer_compare(struct slice a, struct slice b)
{
    struct walk v = {0}, w = {0};
    split(a, &v.p);
    split(b, &w.p);
    for (;;) {
        struct php_token x = next(&v), y = next(&w);
        int c = php_token_compare(x, y);
        if (c || x.rank == PHP_END)
            return c;
    }
}
