/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_portage.c: the order of Gentoo's Package Manager Specification, chapter 3: digits{.digits}[letter]
 * {_suffix[digits]}[-rdigits], with the suffixes alpha beta pre rc (before the bare version) and p (after it).
 */
#include "model/version/version_internal.h"

static const char *const suffixes[] = {"alpha", "beta", "pre", "rc", "p"};
#define RANK_P 4

struct parts {
    struct slice numbers, letter, suffixes, revision; /* revision: its digits */
};

/* Takes as much as has the form of a version; *ret_rest is the rest. */
static struct parts split(struct slice v, struct slice *ret_rest)
{
    struct parts p = {0};
    struct slice rest = v;
    while (version_take_digits(&rest).n) {
        p.numbers = slice_sub(v, 0, v.n - rest.n);
        if (rest.n < 2 || rest.p[0] != '.' || !version_is_digit(rest.p[1]))
            break;
        rest = slice_from(rest, 1);
    }
    if (rest.n && rest.p[0] >= 'a' && rest.p[0] <= 'z') {
        p.letter = slice_sub(rest, 0, 1);
        rest = slice_from(rest, 1);
    }
    ptrdiff_t hyphen = slice_find(rest, '-');
    p.suffixes = slice_sub(rest, 0, hyphen < 0 ? rest.n : (size_t)hyphen);
    rest = slice_from(rest, p.suffixes.n);
    if (slice_take_prefix(&rest, SLICE("-r"))) {
        p.revision = version_take_digits(&rest);
        if (!p.revision.n) /* not an end that a version can have */
            rest = v;
    }
    *ret_rest = rest;
    return p;
}

/* *rank -1: there is none. False: what comes next is no suffix. */
static bool take_suffix(struct slice *s, int *rank, struct slice *digits)
{
    *rank = -1;
    *digits = SLICE_NONE;
    if (!s->n)
        return true;
    if (!slice_take_prefix(s, SLICE("_")))
        return false;
    size_t n = 0;
    while (n < s->n && version_is_letter(s->p[n]))
        n++;
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
        if (slice_eq_str(slice_sub(*s, 0, n), suffixes[i]))
            *rank = (int)i;
    *s = slice_from(*s, n);
    *digits = version_take_digits(s);
    return *rank >= 0;
}

const char *version_portage_check(struct slice v)
{
    struct slice rest, digits;
    struct parts p = split(v, &rest);
    int rank = 0;
    if (!p.numbers.n)
        return "it does not start with a digit";
    while (rank >= 0)
        if (!take_suffix(&p.suffixes, &rank, &digits))
            return "it is not digits{.digits}[letter]{_suffix[digits]}[-rdigits]";
    return rest.n ? "it is not digits{.digits}[letter]{_suffix[digits]}[-rdigits]" : NULL;
}

static struct slice without_end_zeros(struct slice s)
{
    while (s.n && s.p[s.n - 1] == '0')
        s.n--;
    return s;
}

static int compare_numbers(struct slice a, struct slice b)
{
    struct slice x, y;
    for (bool first = true; a.n && b.n; first = false) {
        x = y = SLICE_NONE;
        slice_take_token(&a, '.', &x);
        slice_take_token(&b, '.', &y);
        bool text = !first && (x.p[0] == '0' || y.p[0] == '0');
        int c = text ? slice_cmp(without_end_zeros(x), without_end_zeros(y)) : version_compare_digits(x, y);
        if (c)
            return c;
    }
    return a.n ? 1 : b.n ? -1 : 0;
}

static int compare_suffixes(struct slice a, struct slice b)
{
    int x, y;
    do {
        struct slice m, n;
        take_suffix(&a, &x, &m);
        take_suffix(&b, &y, &n);
        if (x < 0 && y < 0)
            return 0;
        if (x < 0)
            return y == RANK_P ? -1 : 1;
        if (y < 0)
            return x == RANK_P ? 1 : -1;
        int c = x != y ? x - y : version_compare_digits(m, n);
        if (c)
            return c;
    } while (x >= 0);
    return 0;
}

int version_portage_compare(struct slice a, struct slice b)
{
    struct slice rest;
    struct parts x = split(a, &rest), y = split(b, &rest);
    int c = compare_numbers(x.numbers, y.numbers);
    if (!c)
        c = slice_cmp(x.letter, y.letter);
    if (!c)
        c = compare_suffixes(x.suffixes, y.suffixes);
    if (!c)
        c = version_compare_digits(x.revision, y.revision);
    return c < 0 ? -1 : c > 0;
}
