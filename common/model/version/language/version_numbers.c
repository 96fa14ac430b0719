/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_numbers.c: versions that are numbers and nothing else, of which one that ends is older than one that goes on:
 * R's package_version (numbers parted by dots and hyphens, which mean the same) and Haskell's (dots).
 */
#include "model/version/version_internal.h"

static const char *check(struct slice v, const char *marks)
{
    while (version_take_digits(&v).n) {
        if (!v.n)
            return NULL;
        if (!strchr(marks, v.p[0]) || !v.p[0])
            break;
        v = slice_from(v, 1);
    }
    return "it is not numbers with dots between them";
}

static int compare(struct slice a, struct slice b)
{
    while (a.n && b.n) {
        struct slice x = version_take_digits(&a), y = version_take_digits(&b);
        int c = version_compare_digits(x, y);
        if (c)
            return c;
        a = slice_from(a, 1);
        b = slice_from(b, 1);
    }
    return a.n ? 1 : b.n ? -1 : 0;
}

const char *version_cran_check(struct slice v)
{
    return check(v, ".-");
}

int version_cran_compare(struct slice a, struct slice b)
{
    return compare(a, b);
}

const char *version_hackage_check(struct slice v)
{
    return check(v, ".");
}

int version_hackage_compare(struct slice a, struct slice b)
{
    return compare(a, b);
}
