/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_rpm.c: the order of rpm-version(7): [epoch:]version[-release]. Segments of digits and of letters compare in
 * turn, what lies between them only separates; ~ is older than the end, ^ newer than the end and older than all else.
 * An absent epoch is 0. A release compares only where both versions have one.
 */
#include "model/version/version.h"
#include "model/version/version_internal.h"

const char *version_rpm_check(struct slice v)
{
    if (!v.n)
        return "it is empty";
    struct version_parts p = version_split(v);
    struct slice rest = p.epoch;
    version_take_digits(&rest);
    if (rest.n || (slice_find(v, ':') >= 0 && !p.epoch.n))
        return "what is before the colon is not a number";
    if (!p.version.n)
        return "the version is empty";
    if (!version_only(v, "._+~^:-"))
        return "it holds a character other than A-Z a-z 0-9 . _ + ~ ^ - :";
    return NULL;
}

/* Whether c stands between segments: everything but letters, digits, ~ and ^. */
static void skip_separators(struct slice *s)
{
    while (s->n && !version_is_letter(s->p[0]) && !version_is_digit(s->p[0]) && s->p[0] != '~' && s->p[0] != '^')
        *s = slice_from(*s, 1);
}

static struct slice take_letters(struct slice *s)
{
    size_t n = 0;
    while (n < s->n && version_is_letter(s->p[n]))
        n++;
    struct slice letters = slice_sub(*s, 0, n);
    *s = slice_from(*s, n);
    return letters;
}

static bool at(struct slice s, uint8_t c)
{
    return s.n && s.p[0] == c;
}

/* 2: both had the mark, go on. */
static int compare_marks(struct slice *a, struct slice *b)
{
    if (at(*a, '~') || at(*b, '~')) {
        if (!at(*a, '~') || !at(*b, '~'))
            return at(*a, '~') ? -1 : 1;
    } else if (at(*a, '^') || at(*b, '^')) {
        if (!a->n || !b->n)
            return a->n ? 1 : -1;
        if (!at(*a, '^') || !at(*b, '^'))
            return at(*a, '^') ? -1 : 1;
    } else {
        return 0;
    }
    *a = slice_from(*a, 1);
    *b = slice_from(*b, 1);
    return 2;
}

static int compare_part(struct slice a, struct slice b)
{
    while (a.n || b.n) {
        skip_separators(&a);
        skip_separators(&b);
        int c = compare_marks(&a, &b);
        if (c == 2)
            continue;
        if (c)
            return c;
        if (!a.n || !b.n)
            break;
        bool number = version_is_digit(a.p[0]);
        struct slice x = number ? version_take_digits(&a) : take_letters(&a),
                     y = number ? version_take_digits(&b) : take_letters(&b);
        if (!y.n) /* of another kind: numbers are newer */
            return number ? 1 : -1;
        c = number ? version_compare_digits(x, y) : slice_cmp(x, y);
        if (c)
            return c;
    }
    return a.n ? 1 : b.n ? -1 : 0;
}

int version_rpm_compare(struct slice a, struct slice b)
{
    struct version_parts x = version_split(a), y = version_split(b);
    int c = version_compare_digits(x.epoch, y.epoch);
    if (!c)
        c = compare_part(x.version, y.version);
    if (!c && x.revision.n && y.revision.n)
        c = compare_part(x.revision, y.revision);
    return c < 0 ? -1 : c > 0;
}

struct slice version_rpm_flavour(struct slice evr)
{
    static const struct {
        const char *mark, *flavour;
    } flavours[] = {{".ksplice", "ksplice"}, {"_fips", "fips"}};
    for (size_t i = 0; i < ARRAY_LEN(flavours); i++)
        if (slice_find_slice(evr, slice_str(flavours[i].mark)) >= 0)
            return slice_str(flavours[i].flavour);
    return SLICE_NONE;
}
