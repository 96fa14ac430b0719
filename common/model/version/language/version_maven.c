/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_maven.c: the order of Maven's ComparableVersion, as maven-artifact 3.9 has it, and the same with more words for
 * programs that are known by their own identity.
 *
 * A version is items (numbers and words), of which a hyphen, or a change between digits and others, begins a list of
 * its own inside the present one, as its last element. So lists nest but never come back, and a version is a flat row
 * of items and openings. Zeros and words that mean the release (final, ga) at a list's end are dropped.
 *
 * Where two have elements of different kinds at a place, a word is before a list and that before a number; where one of
 * them has ended, it is before or after what goes on as the other's first element says that isn't nothing. Maven's own
 * order is not total: 1-sp > 1 > 1.0.rc.1 > 1-sp. Here what lies before the release is asked first: 1-sp > 1.0.rc.1,
 * which changes nothing where the versions don't make such a circle.
 */
#include "model/version/version_internal.h"

#define RELEASE 5 /* the rank of a version without any word */
#define UNKNOWN 7

struct word {
    const char *word;
    int rank;
    bool digit; /* only before a digit */
};

static const struct word maven_words[] = {
    {"alpha", 0, false},    {"beta", 1, false}, {"milestone", 2, false}, {"rc", 3, false},    {"cr", 3, false},
    {"snapshot", 4, false}, {"", 5, false},     {"ga", 5, false},        {"final", 5, false}, {"release", 5, false},
    {"sp", 6, false},       {"a", 0, true},     {"b", 1, true},          {"m", 2, true},      {NULL, 0, false},
};

static const struct word generic_words[] = {
    {"dev", -1, false},  {"nightly", -1, false}, {"alpha", 0, false}, {"beta", 1, false},    {"milestone", 2, false},
    {"pre", 3, false},   {"preview", 3, false},  {"rc", 3, false},    {"cr", 3, false},      {"snapshot", 4, false},
    {"final", 5, false}, {"ga", 5, false},       {"lts", 5, false},   {"release", 5, false}, {"stable", 5, false},
    {"sp", 6, false},    {"a", 0, true},         {"b", 1, true},      {"m", 2, true},        {NULL, 0, false},
};

enum kind { END, WORD, LIST, NUMBER }; /* in their order */

struct item {
    enum kind kind;
    struct slice text;
    int rank; /* of a word */
};

/* Takes a version apart into items and openings, as they are written. */
struct scan {
    const struct word *words;
    struct slice rest;
    bool empty;  /* the present list has no element yet */
    bool opens;  /* the next one is an opening */
    bool inside; /* behind a number or word, where a dot or hyphen only ends it */
};

static int rank_of(const struct word *words, struct slice word, bool digit)
{
    for (; words->word; words++)
        if (slice_eq_nocase(word, slice_str(words->word)) && (digit || !words->digit))
            return words->rank;
    return UNKNOWN;
}

static bool is_word(uint8_t c)
{
    return c != '.' && c != '-' && !version_is_digit(c);
}

static struct item element(struct scan *s, enum kind kind, struct slice text, int rank)
{
    s->empty = kind == LIST;
    return (struct item){kind, text, rank};
}

static struct item scan_word(struct scan *s)
{
    size_t n = 0;
    while (n < s->rest.n && is_word(s->rest.p[n]))
        n++;
    bool digit = n < s->rest.n && version_is_digit(s->rest.p[n]);
    if (!s->empty && (digit || n == s->rest.n))
        return element(s, LIST, SLICE_NONE, 0);
    struct slice word = slice_sub(s->rest, 0, n);
    s->rest = slice_from(s->rest, n);
    s->inside = !digit;
    s->opens = digit;
    return element(s, WORD, word, rank_of(s->words, word, digit));
}

static struct item scan_next(struct scan *s)
{
    if (s->opens) {
        s->opens = false;
        return element(s, LIST, SLICE_NONE, 0);
    }
    if (s->inside) {
        s->inside = false;
        bool hyphen = s->rest.n && s->rest.p[0] == '-';
        s->rest = slice_from(s->rest, 1);
        if (hyphen)
            return element(s, LIST, SLICE_NONE, 0);
    }
    if (!s->rest.n)
        return (struct item){END, SLICE_NONE, 0};
    uint8_t c = s->rest.p[0];
    if (c == '.' || c == '-') {
        s->rest = slice_from(s->rest, 1);
        s->opens = c == '-';
        return element(s, NUMBER, SLICE_NONE, 0);
    }
    if (is_word(c))
        return scan_word(s);
    struct slice digits = version_take_digits(&s->rest);
    s->opens = s->rest.n && is_word(s->rest.p[0]);
    s->inside = !s->opens;
    return element(s, NUMBER, digits, 0);
}

/* -1, 1: it is before, after the release; 0: it says nothing. */
static int sign_of(struct item i)
{
    if (i.kind == NUMBER)
        return version_compare_digits(i.text, SLICE_NONE);
    return i.kind == WORD ? (i.rank > RELEASE) - (i.rank < RELEASE) : 0;
}

/* The same without what is dropped at the ends of lists. Elements are counted as the scan gives them. */
struct walk {
    struct scan scan;
    size_t at, end;  /* of the next one; behind the last one that has a sign */
    size_t sign_end; /* up to there the first one with a sign is known: */
    int sign;
    size_t run_end; /* up to there it is known whether ones without sign are dropped */
    bool drop;
};

static struct walk start(const struct word *words, struct slice v)
{
    struct walk w = {.scan = {.words = words, .rest = v, .empty = true}};
    struct scan s = w.scan;
    struct item i = scan_next(&s);
    for (size_t n = 1; i.kind != END; i = scan_next(&s), n++)
        if (sign_of(i))
            w.end = n;
    return w;
}

/* What all that is still to come says. */
static int walk_sign(struct walk *w)
{
    if (w->at >= w->end)
        return 0;
    if (w->at >= w->sign_end) {
        struct scan s = w->scan;
        for (w->sign = 0, w->sign_end = w->at; !w->sign; w->sign_end++)
            w->sign = sign_of(scan_next(&s));
    }
    return w->sign;
}

static struct item walk_next(struct walk *w)
{
    while (w->at < w->end) {
        struct item i = scan_next(&w->scan);
        w->at++;
        if (i.kind == LIST || sign_of(i))
            return i;
        if (w->at > w->run_end) {
            struct scan s = w->scan;
            struct item next = scan_next(&s);
            for (w->run_end = w->at; next.kind != LIST && !sign_of(next); w->run_end++)
                next = scan_next(&s);
            w->drop = next.kind == LIST;
        }
        if (!w->drop)
            return i;
    }
    return (struct item){END, SLICE_NONE, 0};
}

static const char *check(struct slice v)
{
    if (!version_only(v, "._-+~:"))
        return "it holds a character other than A-Z a-z 0-9 . _ - + ~ :";
    for (size_t i = 0; i < v.n; i++)
        if (version_is_digit(v.p[i]))
            return NULL;
    return "it holds no digit";
}

static int compare(const struct word *words, struct slice a, struct slice b)
{
    struct walk v = start(words, a), w = start(words, b);
    for (;;) {
        int c = walk_sign(&v) - walk_sign(&w);
        if (c)
            return c < 0 ? -1 : 1;
        struct item x = walk_next(&v), y = walk_next(&w);
        if (x.kind == END && y.kind == END)
            return 0;
        c = (int)x.kind - (int)y.kind;
        if (!c)
            c = x.kind == NUMBER ? version_compare_digits(x.text, y.text) : x.rank - y.rank;
        if (!c && x.kind == WORD && x.rank == UNKNOWN)
            c = version_compare_nocase(x.text, y.text);
        if (c)
            return c < 0 ? -1 : 1;
    }
}

const char *version_maven_check(struct slice v)
{
    return check(v);
}

int version_maven_compare(struct slice a, struct slice b)
{
    return compare(maven_words, a, b);
}

const char *version_generic_check(struct slice v)
{
    return check(v);
}

int version_generic_compare(struct slice a, struct slice b)
{
    return compare(generic_words, a, b);
}

/* Without a suffix that names the platform of a build: -jre, .jre11, -android, -jdk8. */
struct slice version_maven_without_platform(struct slice v)
{
    static const char *const platforms[] = {"jre", "jdk", "java", "android"};
    size_t n = v.n;
    while (n && version_is_digit(v.p[n - 1]))
        n--;
    for (size_t i = 0; i < ARRAY_LEN(platforms); i++) {
        struct slice word = slice_str(platforms[i]);
        if (n > word.n + 1 && slice_eq_nocase(slice_sub(v, n - word.n, word.n), word) &&
            (v.p[n - word.n - 1] == '.' || v.p[n - word.n - 1] == '-'))
            return slice_sub(v, 0, n - word.n - 1);
    }
    return v;
}
