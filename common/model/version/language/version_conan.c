/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_conan.c: Conan's: items{.items}[-prerelease][+build], where prerelease and build are items too and order.
 * Items that are 0 at an end don't count, and what goes on is newer. Conan compares an item that is a number with one
 * that is none as texts, which is no order (100 < 1a < 2 < 100). Here an item that begins with digits goes by that
 * number first and by what follows it then, and words are newer than numbers.
 */
#include "model/version/version_internal.h"

struct parts {
    struct slice main, pre, build;
};

static struct parts split(struct slice v)
{
    struct parts p = {.main = v};
    ptrdiff_t plus = slice_rfind(v, '+');
    if (plus >= 0) {
        p.build = slice_from(v, (size_t)plus + 1);
        p.main = slice_sub(v, 0, (size_t)plus);
    }
    ptrdiff_t hyphen = slice_find(p.main, '-');
    if (hyphen >= 0) {
        p.pre = slice_from(p.main, (size_t)hyphen + 1);
        p.main = slice_sub(p.main, 0, (size_t)hyphen);
    }
    return p;
}

static bool is_items(struct slice s)
{
    for (size_t i = 0; i <= s.n; i++)
        if ((i == s.n || s.p[i] == '.') && (i == 0 || s.p[i - 1] == '.'))
            return false;
    return version_only(s, ".-+_");
}

const char *version_conan_check(struct slice v)
{
    struct parts p = split(v);
    if (!is_items(p.main) || (p.pre.p && !is_items(p.pre)) || (p.build.p && !is_items(p.build)))
        return "it is not words of A-Z a-z 0-9 _ with dots between them";
    for (size_t i = 0; i < p.main.n; i++)
        if (version_is_digit(p.main.p[i]))
            return NULL;
    return "it holds no digit";
}

static struct slice without_end_zeros(struct slice s)
{
    for (;;) {
        struct slice item = slice_from(s, (size_t)(slice_rfind(s, '.') + 1)), rest = item;
        struct slice digits = version_take_digits(&rest);
        if (!s.n || !digits.n || rest.n || version_compare_digits(digits, SLICE_NONE))
            return s;
        s = slice_sub(s, 0, s.n - MIN(s.n, item.n + 1));
    }
}

static int compare_item(struct slice a, struct slice b)
{
    struct slice x = version_take_digits(&a), y = version_take_digits(&b);
    if (!x.n || !y.n)
        return x.n ? -1 : y.n ? 1 : slice_cmp(a, b);
    int c = version_compare_digits(x, y);
    return c ? c : slice_cmp(a, b);
}

static int compare_items(struct slice a, struct slice b)
{
    struct slice x, y;
    a = without_end_zeros(a);
    b = without_end_zeros(b);
    while (a.n && b.n) {
        slice_take_token(&a, '.', &x);
        slice_take_token(&b, '.', &y);
        int c = compare_item(x, y);
        if (c)
            return c < 0 ? -1 : 1;
    }
    return a.n ? 1 : b.n ? -1 : 0;
}

int version_conan_compare(struct slice a, struct slice b)
{
    struct parts x = split(a), y = split(b);
    int c = compare_items(x.main, y.main);
    if (!c && (!x.pre.n || !y.pre.n))
        c = x.pre.n ? -1 : y.pre.n ? 1 : 0;
    if (!c)
        c = compare_items(x.pre, y.pre);
    if (!c && (!x.build.n || !y.build.n))
        c = x.build.n ? 1 : y.build.n ? -1 : 0;
    return c ? c : compare_items(x.build, y.build);
}
