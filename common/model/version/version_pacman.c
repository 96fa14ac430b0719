/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_pacman.c: the order of vercmp(8): [epoch:]version[-release]. Runs of digits and runs of letters compare in
 * turn. Unlike in rpm's order the marks between them count: the longer run of marks is newer. ~ and ^ are such marks.
 * What goes on with letters (1.0rc1) is older than the end, what goes on with marks or digits newer. An absent epoch is
 * 0. A release compares only where both versions have one.
 */
#include "model/version/version_internal.h"

struct parts {
    struct slice epoch, version, release;
    bool has_release;
};

static struct parts split(struct slice v)
{
    struct parts p = {.version = v};
    struct slice rest = v, digits = version_take_digits(&rest);
    if (rest.n && rest.p[0] == ':') {
        p.epoch = digits;
        p.version = slice_from(rest, 1);
    }
    ptrdiff_t hyphen = slice_rfind(p.version, '-');
    if (hyphen >= 0) {
        p.has_release = true;
        p.release = slice_from(p.version, (size_t)hyphen + 1);
        p.version = slice_sub(p.version, 0, (size_t)hyphen);
    }
    return p;
}

static bool is_alnum(uint8_t c)
{
    return version_is_digit(c) || version_is_letter(c);
}

const char *version_pacman_check(struct slice v)
{
    if (!v.n)
        return "it is empty";
    struct parts p = split(v);
    size_t words = 0;
    for (size_t i = 0; i < p.version.n; i++)
        words += is_alnum(p.version.p[i]);
    if (!words)
        return "the version holds neither a letter nor a digit";
    if (p.has_release && !p.release.n)
        return "the release is empty";
    for (size_t i = 0; i < p.version.n; i++)
        if (p.version.p[i] <= ' ' || p.version.p[i] > '~' || strchr("/:", p.version.p[i]))
            return "the version holds a blank, a slash, a colon or a character outside ASCII";
    if (!version_only(p.release, "."))
        return "the release holds a character other than A-Z a-z 0-9 .";
    return NULL;
}

static size_t skip_marks(struct slice *s)
{
    size_t n = 0;
    while (n < s->n && !is_alnum(s->p[n]))
        n++;
    *s = slice_from(*s, n);
    return n;
}

static struct slice take_run(struct slice *s, bool number)
{
    size_t n = 0;
    while (n < s->n && (number ? version_is_digit(s->p[n]) : version_is_letter(s->p[n])))
        n++;
    struct slice run = slice_sub(*s, 0, n);
    *s = slice_from(*s, n);
    return run;
}

static int compare_part(struct slice a, struct slice b)
{
    while (a.n && b.n) {
        size_t marks_a = skip_marks(&a), marks_b = skip_marks(&b);
        if (!a.n || !b.n)
            break;
        if (marks_a != marks_b)
            return marks_a < marks_b ? -1 : 1;
        bool number = version_is_digit(a.p[0]);
        struct slice x = take_run(&a, number), y = take_run(&b, number);
        if (!y.n) /* of another kind: numbers are newer */
            return number ? 1 : -1;
        int c = number ? version_compare_digits(x, y) : slice_cmp(x, y);
        if (c)
            return c;
    }
    if (!a.n && !b.n)
        return 0;
    if (a.n)
        return version_is_letter(a.p[0]) ? -1 : 1;
    return version_is_letter(b.p[0]) ? 1 : -1;
}

int version_pacman_compare(struct slice a, struct slice b)
{
    struct parts x = split(a), y = split(b);
    if (slice_eq(a, b))
        return 0;
    int c = compare_part(x.epoch.n ? x.epoch : SLICE("0"), y.epoch.n ? y.epoch : SLICE("0"));
    if (!c)
        c = compare_part(x.version, y.version);
    if (!c && x.has_release && y.has_release)
        c = compare_part(x.release, y.release);
    return c < 0 ? -1 : c > 0;
}
