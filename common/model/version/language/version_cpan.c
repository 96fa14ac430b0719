/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_cpan.c: Perl's, as version.pm orders them. With a v or at least two dots numbers between dots; else a decimal
 * fraction, of which every three digits are such a number: 1.10 = 1.100 = v1.100 > 1.09. Absent ones are 0. An
 * underscore in the last of them parts nothing. What is behind "-TRIAL" is the same version on trial.
 */
#include "model/version/version_internal.h"

struct walk {
    struct slice rest;
    bool decimal, fraction; /* in its fraction */
};

static const char *start(struct slice v, struct walk *ret)
{
    struct walk w = {0};
    ptrdiff_t trial = slice_find_slice(v, SLICE("-TRIAL"));
    if (trial >= 0) {
        struct slice rest = slice_from(v, (size_t)trial + 6);
        version_take_digits(&rest);
        if (rest.n)
            return "it goes on behind -TRIAL";
        v = slice_sub(v, 0, (size_t)trial);
    }
    bool dotted = slice_take_prefix(&v, SLICE("v"));
    size_t dots = 0, underscores = 0;
    for (size_t i = 0; i < v.n; i++) {
        dots += v.p[i] == '.';
        underscores += v.p[i] == '_';
        bool digit = version_is_digit(v.p[i]), before = i && version_is_digit(v.p[i - 1]);
        if (!digit && (v.p[i] != '.' || underscores) && (v.p[i] != '_' || !before || !(dots || dotted)))
            return "it is not numbers with dots between them";
        if (v.p[i] == '.' && !before && (i || dotted))
            return "a number is missing";
    }
    w.decimal = !dotted && dots < 2;
    if (!v.n || underscores > 1 || (!version_is_digit(v.p[v.n - 1]) && (!w.decimal || v.p[v.n - 1] != '.' || v.n == 1)))
        return "it does not end with a number";
    w.rest = v;
    *ret = w;
    return NULL;
}

const char *version_cpan_check(struct slice v)
{
    struct walk w;
    return start(v, &w);
}

/* Digits, of which underscores don't count; of a fraction, behind them zeros up to three. */
struct number {
    struct slice text;
    size_t zeros;
};

static struct number next(struct walk *w)
{
    struct number n = {.text = w->rest};
    size_t taken = 0, digits = 0;
    while (taken < w->rest.n && w->rest.p[taken] != '.' && (!w->fraction || digits < 3))
        digits += w->rest.p[taken++] != '_';
    n.text.n = taken;
    n.zeros = w->fraction && digits ? 3 - digits : 0;
    w->rest = slice_from(w->rest, taken);
    if (slice_take_prefix(&w->rest, SLICE(".")))
        w->fraction = w->decimal;
    return n;
}

/* The count of digits without leading zeros; those are taken off. */
static size_t significant(struct number *n)
{
    while (n->text.n && (n->text.p[0] == '0' || n->text.p[0] == '_'))
        n->text = slice_from(n->text, 1);
    size_t count = n->text.n ? n->zeros : 0;
    for (size_t i = 0; i < n->text.n; i++)
        count += n->text.p[i] != '_';
    return count;
}

static int take_digit(struct number *n)
{
    while (n->text.n && n->text.p[0] == '_')
        n->text = slice_from(n->text, 1);
    int digit = n->text.n ? n->text.p[0] : '0';
    n->text = slice_from(n->text, 1);
    return digit;
}

static int compare_number(struct number a, struct number b)
{
    size_t m = significant(&a), n = significant(&b);
    if (m != n)
        return m < n ? -1 : 1;
    while (m--) {
        int x = take_digit(&a), y = take_digit(&b);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

int version_cpan_compare(struct slice a, struct slice b)
{
    struct walk v = {0}, w = {0};
    start(a, &v);
    start(b, &w);
    while (v.rest.n || w.rest.n) {
        int c = compare_number(next(&v), next(&w));
        if (c)
            return c;
    }
    return 0;
}
