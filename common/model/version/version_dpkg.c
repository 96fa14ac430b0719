/* SPDX-License-Identifier: Apache-2.0 */
/* version_dpkg.c: the order of deb-version(7). */
#include "model/version/version_internal.h"

const char *version_dpkg_check(struct slice v)
{
    if (!v.n)
        return "it is empty";
    struct version_parts p = version_split(v);
    if (p.has_epoch) {
        struct slice rest = p.epoch;
        version_take_digits(&rest);
        if (!p.epoch.n || rest.n)
            return "what is before the colon is not a number";
        if (version_compare_digits(p.epoch, SLICE("2147483647")) > 0)
            return "the epoch is too big";
    }
    if (!p.version.n)
        return "the upstream version is empty";
    if (p.has_revision && !p.revision.n)
        return "the revision is empty";
    if (!version_is_letter(p.version.p[0]) && !version_is_digit(p.version.p[0]))
        return "it starts with neither a digit nor a letter";
    /* dpkg only warns of other characters, and Ubuntu has published versions with an underscore. */
    if (!version_only(p.version, ".+-~:_"))
        return "the upstream version holds a character other than A-Z a-z 0-9 . + - ~ :";
    if (!version_only(p.revision, ".+~"))
        return "the revision holds a character other than A-Z a-z 0-9 . + ~";
    return NULL;
}

/* Weight of the next character within a non-digit part: the end and digits weigh nothing, ~ less than that. */
static int weight(struct slice s)
{
    if (!s.n || version_is_digit(s.p[0]))
        return 0;
    if (s.p[0] == '~')
        return -1;
    return version_is_letter(s.p[0]) ? s.p[0] : s.p[0] + 256;
}

static int compare_part(struct slice a, struct slice b)
{
    while (a.n || b.n) {
        while ((a.n && !version_is_digit(a.p[0])) || (b.n && !version_is_digit(b.p[0]))) {
            int x = weight(a), y = weight(b);
            if (x != y)
                return x < y ? -1 : 1;
            a = slice_from(a, 1);
            b = slice_from(b, 1);
        }
        struct slice x = version_take_digits(&a), y = version_take_digits(&b);
        int c = version_compare_digits(x, y);
        if (c)
            return c;
    }
    return 0;
}

int version_dpkg_compare(struct slice a, struct slice b)
{
    struct version_parts x = version_split(a), y = version_split(b);
    int c = version_compare_digits(x.epoch, y.epoch);
    if (!c)
        c = compare_part(x.version, y.version);
    if (!c)
        c = compare_part(x.revision, y.revision);
    return c;
}
