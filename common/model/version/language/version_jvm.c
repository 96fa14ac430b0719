/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_jvm.c: Java runtimes', in the spellings of all their ages: 1.8.0_392-b08, 8u392-b08, 8.0.392+8, 1.8.0.392,
 * 1.8.0:update392 are one version. From 9 on feature.interim.update.patch and what vendors add to it, a prerelease
 * (-ea, -beta, -rc, -internal), +build and words that say nothing (-LTS).
 */
#include "model/version/version_internal.h"

struct parts {
    struct slice numbers; /* with marks between them; a u, or ":update", stands for .0. */
    struct slice pre, build;
};

static bool take_word(struct slice *s, const char *word)
{
    struct slice w = slice_str(word);
    if (!slice_eq_nocase(slice_sub(*s, 0, w.n), w))
        return false;
    *s = slice_from(*s, w.n);
    return true;
}

/* What parts two numbers; false where the numbers end. */
static bool take_mark(struct slice *s, bool *ret_u)
{
    struct slice rest = *s;
    *ret_u = false;
    if (take_word(&rest, "u"))
        *ret_u = true;
    else if (!take_word(&rest, ".") && !take_word(&rest, "_") && !take_word(&rest, ":update"))
        return false;
    if (!rest.n || !version_is_digit(rest.p[0]))
        return false;
    *s = rest;
    return true;
}

static bool is_one(struct slice digits)
{
    return version_compare_digits(digits, SLICE("1")) == 0;
}

/* 1.8 is 8, as 1.2 to 1.9 are 2 to 9. */
static struct slice without_one(struct slice v)
{
    struct slice rest = v, first = version_take_digits(&rest);
    if (!is_one(first) || !slice_take_prefix(&rest, SLICE(".")))
        return v;
    struct slice second = rest;
    second = version_take_digits(&second);
    return second.n && version_compare_digits(second, SLICE("1")) > 0 ? rest : v;
}

static bool is_prerelease(struct slice word)
{
    static const char *const words[] = {"ea", "alpha", "beta", "rc", "internal", "snapshot"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_eq_nocase(slice_sub(word, 0, strlen(words[i])), slice_str(words[i])))
            return true;
    return false;
}

static const char *split(struct slice v, struct parts *ret)
{
    struct parts p = {0};
    if (take_word(&v, "jdk"))
        slice_take_prefix(&v, SLICE("-"));
    v = without_one(v);
    struct slice rest = v;
    bool u;
    if (!version_take_digits(&rest).n)
        return "it does not begin with a number";
    while (take_mark(&rest, &u))
        version_take_digits(&rest);
    p.numbers = slice_sub(v, 0, v.n - rest.n);
    if (rest.n && rest.p[0] != '-' && rest.p[0] != '+')
        return "behind the numbers is neither a - nor a +";
    if (!version_only(rest, ".-+_~:"))
        return "it holds a character other than A-Z a-z 0-9 . - + _ ~ :";
    bool plus = false;
    for (size_t i = 0; i + 1 < rest.n; i++) {
        struct slice word = slice_from(rest, i + 1), digits;
        if (rest.p[i] == '-' && !p.pre.n && i == 0 && is_prerelease(word)) {
            while (p.pre.n < word.n && word.p[p.pre.n] != '-' && word.p[p.pre.n] != '+')
                p.pre = slice_sub(word, 0, p.pre.n + 1);
        }
        if (plus || (rest.p[i] == '-' && !take_word(&word, "b")) || (rest.p[i] != '-' && rest.p[i] != '+'))
            continue;
        digits = version_take_digits(&word);
        if (!digits.n)
            continue;
        plus = rest.p[i] == '+';
        p.build = digits;
    }
    *ret = p;
    return NULL;
}

const char *version_jvm_check(struct slice v)
{
    struct parts p;
    return split(v, &p);
}

struct walk {
    struct slice rest;
    bool zero; /* the one that a u stands for */
};

static struct slice next(struct walk *w)
{
    if (w->zero) {
        w->zero = false;
        return SLICE("0");
    }
    struct slice digits = version_take_digits(&w->rest);
    take_mark(&w->rest, &w->zero);
    return digits;
}

static int compare(const struct parts *x, const struct parts *y)
{
    struct walk v = {x->numbers, false}, w = {y->numbers, false};
    while (v.rest.n || w.rest.n) {
        int c = version_compare_digits(next(&v), next(&w));
        if (c)
            return c;
    }
    if (!x->pre.n || !y->pre.n)
        return x->pre.n ? -1 : y->pre.n ? 1 : 0;
    return version_compare_nocase(x->pre, y->pre);
}

int version_jvm_compare(struct slice a, struct slice b)
{
    struct parts x = {0}, y = {0};
    split(a, &x);
    split(b, &y);
    int c = compare(&x, &y);
    return c ? c : version_compare_digits(x.build, y.build);
}

int version_jvm_compare_releases(struct slice a, struct slice b)
{
    struct parts x = {0}, y = {0};
    split(a, &x);
    split(b, &y);
    return compare(&x, &y);
}

bool version_jvm_same_feature(struct slice a, struct slice b)
{
    struct parts x = {0}, y = {0};
    split(a, &x);
    split(b, &y);
    return version_compare_digits(version_take_digits(&x.numbers), version_take_digits(&y.numbers)) == 0;
}
