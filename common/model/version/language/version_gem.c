/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_gem.c: Gem::Version's. Segments are runs of digits and of letters, wherever the dots are; a segment of letters
 * is older than any number, an absent one is 0, and a hyphen is ".pre.". Zeros at the end of the leading numbers don't
 * count, so 1.0.a is 1.a.
 */
#include "model/version/version_internal.h"

const char *version_gem_check(struct slice v)
{
    struct slice rest = v;
    if (!version_take_digits(&rest).n)
        return "it does not begin with a number";
    for (bool hyphen = false; rest.n;) {
        if (rest.p[0] == '-' && !hyphen)
            hyphen = true;
        else if (rest.p[0] != '.')
            return "behind a number or word is neither a dot nor a hyphen";
        rest = slice_from(rest, 1);
        size_t n = 0;
        while (n < rest.n &&
               (version_is_letter(rest.p[n]) || version_is_digit(rest.p[n]) || (hyphen && rest.p[n] == '-')))
            n++;
        if (!n)
            return "a number or word is missing";
        rest = slice_from(rest, n);
    }
    return NULL;
}

/* Walks over the segments. */
struct walk {
    struct slice rest;
    const uint8_t *numbers_end; /* of the leading numbers without the zeros at their end */
    bool leading;
};

static struct walk start(struct slice v)
{
    struct walk w = {v, v.p, true};
    struct slice rest = v;
    for (;;) {
        struct slice digits = version_take_digits(&rest);
        if (version_compare_digits(digits, SLICE_NONE))
            w.numbers_end = rest.p;
        if (!digits.n || !rest.n || rest.p[0] != '.')
            return w;
        rest = slice_from(rest, 1);
    }
}

/* The next segment; SLICE_NONE at the end, behind which every further one is 0. */
static struct slice next(struct walk *w)
{
    while (w->rest.n) {
        uint8_t c = w->rest.p[0];
        size_t n = 1;
        if (version_is_digit(c)) {
            bool counts = !w->leading || w->rest.p < w->numbers_end;
            struct slice digits = version_take_digits(&w->rest);
            if (counts)
                return digits;
            continue;
        }
        w->leading = w->leading && c == '.';
        while (version_is_letter(c) && n < w->rest.n && version_is_letter(w->rest.p[n]))
            n++;
        struct slice word = slice_sub(w->rest, 0, n);
        w->rest = slice_from(w->rest, n);
        if (c != '.')
            return c == '-' ? SLICE("pre") : word;
    }
    return SLICE_NONE;
}

int version_gem_compare(struct slice a, struct slice b)
{
    struct walk v = start(a), w = start(b);
    for (;;) {
        struct slice x = next(&v), y = next(&w);
        bool word = x.n && version_is_letter(x.p[0]), other_word = y.n && version_is_letter(y.p[0]);
        int c = word && other_word ? slice_cmp(x, y) : word ? -1 : other_word ? 1 : version_compare_digits(x, y);
        if (c || (!x.n && !y.n))
            return c;
    }
}
