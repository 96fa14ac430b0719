/* SPDX-License-Identifier: Apache-2.0 */
/* version_apk.c: the order of apk-tools, as its versions are documented and as apk version -t answers. */
#include "model/version/version_internal.h"

/*
 * What can come next in a version, in the order that a version with that next has against another whose parts so far
 * are equal: one that goes on with a pre-release suffix is oldest, one that goes on with ".digits" newest.
 */
enum next {
    NEXT_BAD, /* what breaks the rules: apk-tools 3 takes it for older than all else at its place */
    NEXT_PRE_SUFFIX,
    NEXT_END,
    NEXT_REVISION,
    NEXT_HASH,
    NEXT_SUFFIX_NUMBER,
    NEXT_POST_SUFFIX,
    NEXT_LETTER,
    NEXT_NUMBER,
    NEXT_FIRST,
};

/* A part of a version. text: digits, letter or hash; rank: the suffix. */
struct part {
    enum next kind;
    struct slice text;
    int rank;
};

static const char *const suffixes[] = {"alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p"};
#define PRE_SUFFIXES 4

static bool is_lower(uint8_t c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_hex(uint8_t c)
{
    return version_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static struct part part_bad(void)
{
    return (struct part){.kind = NEXT_BAD};
}

static struct part take_number(struct slice *s, enum next kind)
{
    struct slice digits = version_take_digits(s);
    return digits.n ? (struct part){.kind = kind, .text = digits} : part_bad();
}

static struct part take_suffix(struct slice *s)
{
    size_t n = 0;
    while (n < s->n && is_lower(s->p[n]))
        n++;
    struct slice word = slice_sub(*s, 0, n);
    *s = slice_from(*s, n);
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
        if (slice_eq_str(word, suffixes[i]))
            return (struct part){i < PRE_SUFFIXES ? NEXT_PRE_SUFFIX : NEXT_POST_SUFFIX, word, (int)i};
    return part_bad();
}

static struct part take_hash(struct slice *s)
{
    size_t n = 0;
    while (n < s->n && is_hex(s->p[n]))
        n++;
    struct part p = {.kind = n ? NEXT_HASH : NEXT_BAD, .text = slice_sub(*s, 0, n)};
    *s = slice_from(*s, n);
    return p;
}

/* The part behind one of kind before; each part's place is fixed, so what is out of place is bad. */
static struct part take_part(struct slice *s, enum next before)
{
    bool number = before == NEXT_FIRST || before == NEXT_NUMBER;
    bool suffix = before == NEXT_PRE_SUFFIX || before == NEXT_POST_SUFFIX;
    if (!s->n)
        return (struct part){.kind = NEXT_END};
    if (version_is_digit(s->p[0])) {
        /* Nothing else of that rank comes behind a letter, and a number it is, whatever it begins with. */
        if (before == NEXT_LETTER)
            return take_number(s, NEXT_FIRST);
        return suffix ? take_number(s, NEXT_SUFFIX_NUMBER) : part_bad();
    }
    uint8_t c = s->p[0];
    *s = slice_from(*s, 1);
    if (is_lower(c))
        return number ? (struct part){.kind = NEXT_LETTER, .text = slice_of(s->p - 1, 1)} : part_bad();
    switch (c) {
    case '.':
        return number ? take_number(s, NEXT_NUMBER) : part_bad();
    case '_':
        return before == NEXT_HASH || before == NEXT_REVISION ? part_bad() : take_suffix(s);
    case '~':
        return before == NEXT_HASH || before == NEXT_REVISION ? part_bad() : take_hash(s);
    case '-':
        if (before == NEXT_REVISION || !slice_take_prefix(s, SLICE("r")))
            return part_bad();
        return take_number(s, NEXT_REVISION);
    default:
        return part_bad();
    }
}

const char *version_apk_check(struct slice v)
{
    struct part p = take_number(&v, NEXT_FIRST);
    if (p.kind == NEXT_BAD)
        return "it does not start with a digit";
    while (p.kind != NEXT_END && p.kind != NEXT_BAD)
        p = take_part(&v, p.kind);
    return p.kind == NEXT_END ? NULL
                              : "it is not digits{.digits}[letter[digits]]{_suffix[digits]}[~hexdigits][-rdigits]";
}

static int compare_text(const struct part *x, const struct part *y)
{
    switch (x->kind) {
    case NEXT_NUMBER:
        if (x->text.p[0] == '0' || y->text.p[0] == '0')
            return slice_cmp(x->text, y->text);
        return version_compare_digits(x->text, y->text);
    case NEXT_FIRST:
    case NEXT_SUFFIX_NUMBER:
    case NEXT_REVISION:
        return version_compare_digits(x->text, y->text);
    case NEXT_PRE_SUFFIX:
    case NEXT_POST_SUFFIX:
        return x->rank < y->rank ? -1 : x->rank > y->rank;
    default:
        return slice_cmp(x->text, y->text);
    }
}

int version_apk_compare(struct slice a, struct slice b)
{
    struct part x = take_number(&a, NEXT_FIRST), y = take_number(&b, NEXT_FIRST);
    for (;;) {
        if (x.kind != y.kind)
            return x.kind < y.kind ? -1 : 1;
        int c = compare_text(&x, &y);
        if (c || x.kind == NEXT_END || x.kind == NEXT_BAD)
            return c;
        x = take_part(&a, x.kind);
        y = take_part(&b, y.kind);
    }
}
