/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_opkg.c: the order that opkg kept from dpkg of the nineties: [epoch:]version[-revision]. It differs from
 * deb-version(7) in two places. Behind equal numbers a version that ends or goes on with . or - is older than one that
 * goes on with anything else, so 1.0.1 < 1.0a. And ~ is a mark as any other, so 1.0~rc1 > 1.0.
 */
#include "model/version/version_internal.h"

const char *version_opkg_check(struct slice v)
{
    if (!v.n)
        return "it is empty";
    struct version_parts p = version_split(v);
    struct slice rest = p.epoch;
    version_take_digits(&rest);
    if (rest.n || (slice_find(v, ':') >= 0 && !p.epoch.n))
        return "what is before the colon is not a number";
    if (!p.version.n || (!version_is_digit(p.version.p[0]) && !version_is_letter(p.version.p[0])))
        return "it starts with neither a digit nor a letter";
    if (!version_only(v, ".+-~:_"))
        return "it holds a character other than A-Z a-z 0-9 . + - ~ : _";
    return NULL;
}

/* The end weighs nothing, letters less than marks. */
static int weight(struct slice s)
{
    if (!s.n || version_is_digit(s.p[0]))
        return 0;
    return version_is_letter(s.p[0]) ? s.p[0] : s.p[0] + 256;
}

static bool ends_here(struct slice s)
{
    return !s.n || s.p[0] == '.' || s.p[0] == '-';
}

static int compare_part(struct slice a, struct slice b)
{
    do {
        int x, y;
        while ((x = weight(a)) | (y = weight(b))) {
            if (x != y)
                return x < y ? -1 : 1;
            a = slice_from(a, 1);
            b = slice_from(b, 1);
        }
        struct slice m = version_take_digits(&a), n = version_take_digits(&b);
        int c = version_compare_digits(m, n);
        if (c)
            return c;
        if (ends_here(a) != ends_here(b))
            return ends_here(a) ? -1 : 1;
    } while (a.n && b.n);
    return a.n ? 1 : b.n ? -1 : 0;
}

int version_opkg_compare(struct slice a, struct slice b)
{
    struct version_parts x = version_split(a), y = version_split(b);
    int c = version_compare_digits(x.epoch, y.epoch);
    if (!c)
        c = compare_part(x.version, y.version);
    if (!c)
        c = compare_part(x.revision, y.revision);
    return c;
}
