/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_semver.c: the orders that are Semantic Versioning's (2.0.0, chapter 11) with one difference or another:
 * numbers{.numbers}[-prerelease][+build]. All of them take any count of numbers here, and an absent one is 0: what an
 * ecosystem's own tool refuses or coerces has the place that the coercion gives it.
 */
#include "model/version/version_internal.h"

enum rule {
    LEADING_V = 1,    /* v1.2.3, and npm's =1.2.3 */
    GLUED = 2,        /* 1.2.3beta is 1.2.3-beta, as in npm's loose reading */
    BUILD_ORDERS = 4, /* behind what has none, and among themselves as prereleases are */
    NO_CASE = 8,      /* of labels */
    REVISIONS = 16    /* -4 at the end is a packaging revision, which says nothing */
};

struct parts {
    struct slice numbers, pre, build;
};

/* Whether s consists of non-empty words of letters, digits and hyphens with dots between them. */
static bool is_identifiers(struct slice s)
{
    for (size_t i = 0; i <= s.n; i++)
        if ((i == s.n || s.p[i] == '.') && (i == 0 || s.p[i - 1] == '.'))
            return false;
    return version_only(s, ".-");
}

static void drop_revisions(struct slice *pre)
{
    while (pre->n) {
        ptrdiff_t hyphen = slice_rfind(*pre, '-');
        struct slice last = slice_from(*pre, (size_t)(hyphen + 1));
        struct slice rest = last;
        version_take_digits(&rest);
        if (!last.n || rest.n)
            return;
        *pre = slice_sub(*pre, 0, hyphen < 0 ? 0 : (size_t)hyphen);
    }
}

static const char *split(struct slice v, unsigned rules, struct parts *ret)
{
    struct parts p = {0};
    while ((rules & LEADING_V) && v.n && (v.p[0] == 'v' || v.p[0] == 'V' || ((rules & GLUED) && v.p[0] == '='))) {
        v = slice_from(v, 1);
        if (!(rules & GLUED))
            break;
    }
    struct slice rest = v;
    for (;;) {
        if (!version_take_digits(&rest).n)
            return "it does not begin with numbers that have dots between them";
        p.numbers = slice_sub(v, 0, v.n - rest.n);
        if (!slice_take_prefix(&rest, SLICE(".")))
            break;
    }
    ptrdiff_t plus = slice_find(rest, '+');
    if (plus >= 0) {
        p.build = slice_from(rest, (size_t)plus + 1);
        rest = slice_sub(rest, 0, (size_t)plus);
        if (!p.build.n || (rules & BUILD_ORDERS ? !is_identifiers(p.build) : !version_only(p.build, ".-+_~")))
            return "what is behind the + are not words with dots between them";
    }
    if (rest.n) {
        if (!slice_take_prefix(&rest, SLICE("-")) && !((rules & GLUED) && version_is_letter(rest.p[0])))
            return "behind the numbers is neither a - nor a +";
        if (!is_identifiers(rest))
            return "what is behind the - are not words with dots between them";
        p.pre = rest;
        if (rules & REVISIONS)
            drop_revisions(&p.pre);
    }
    *ret = p;
    return NULL;
}

static int compare_identifier(struct slice a, struct slice b, unsigned rules)
{
    struct slice x = a, y = b;
    version_take_digits(&x);
    version_take_digits(&y);
    if (!x.n && !y.n)
        return version_compare_digits(a, b);
    if (!x.n || !y.n)
        return x.n ? 1 : -1;
    return rules & NO_CASE ? version_compare_nocase(a, b) : slice_cmp(a, b);
}

static int compare_identifiers(struct slice a, struct slice b, unsigned rules)
{
    struct slice x, y;
    while (a.n && b.n) {
        slice_take_token(&a, '.', &x);
        slice_take_token(&b, '.', &y);
        int c = compare_identifier(x, y, rules);
        if (c)
            return c;
    }
    return a.n ? 1 : b.n ? -1 : 0;
}

static int compare(struct slice a, struct slice b, unsigned rules)
{
    struct parts x = {0}, y = {0};
    split(a, rules, &x);
    split(b, rules, &y);
    int c = version_compare_numbers(x.numbers, y.numbers, '.');
    if (!c && (!x.pre.n || !y.pre.n))
        c = x.pre.n ? -1 : y.pre.n ? 1 : 0;
    if (!c)
        c = compare_identifiers(x.pre, y.pre, rules);
    if (!c && (rules & BUILD_ORDERS))
        c = compare_identifiers(x.build, y.build, rules);
    return c;
}

#define KIND(name, rules)                                                                                              \
    const char *version_##name##_check(struct slice v)                                                                 \
    {                                                                                                                  \
        struct parts p;                                                                                                \
        return split(v, rules, &p);                                                                                    \
    }                                                                                                                  \
    int version_##name##_compare(struct slice a, struct slice b)                                                       \
    {                                                                                                                  \
        return compare(a, b, rules);                                                                                   \
    }

KIND(semver, LEADING_V)
KIND(npm, LEADING_V | GLUED)
KIND(pub, BUILD_ORDERS)
KIND(julia, LEADING_V | BUILD_ORDERS)
KIND(nuget, NO_CASE)
KIND(bitnami, LEADING_V | REVISIONS)
