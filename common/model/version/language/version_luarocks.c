/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_luarocks.c: LuaRocks': numbers and words, with . - _ or nothing between them, and the rockspec's revision
 * behind the last hyphen. A word and the number behind it are one place: alpha, beta, pre, rc are before all numbers,
 * cvs, scm, dev behind them, other words between 0 and 1 by their first letter alone. An absent place and an absent
 * revision are 0.
 */
#include "model/version/version_internal.h"

enum rank { ALPHA, BETA, PRE, RC, ZERO, WORD, NUMBER, CVS, SCM, DEV };

struct place {
    enum rank rank;
    int letter; /* of WORD */
    struct slice digits;
};

static bool is_mark(uint8_t c)
{
    return c == '.' || c == '-' || c == '_';
}

static struct slice split(struct slice v, struct slice *ret_revision)
{
    ptrdiff_t hyphen = slice_rfind(v, '-');
    struct slice revision = slice_from(v, (size_t)(hyphen + 1)), rest = revision;
    *ret_revision = SLICE_NONE;
    version_take_digits(&rest);
    if (hyphen < 0 || rest.n || !revision.n)
        return v;
    *ret_revision = revision;
    return slice_sub(v, 0, (size_t)hyphen);
}

const char *version_luarocks_check(struct slice v)
{
    struct slice revision, main = split(v, &revision);
    if (!main.n || is_mark(main.p[0]))
        return "it begins with neither a number nor a word";
    if (!version_only(main, "._-"))
        return "it holds a character other than A-Z a-z 0-9 . _ -";
    return NULL;
}

static void skip_marks(struct slice *s)
{
    while (s->n && is_mark(s->p[0]))
        *s = slice_from(*s, 1);
}

static struct place word_place(struct slice word)
{
    static const struct {
        const char *word;
        enum rank rank;
    } words[] = {{"alpha", ALPHA}, {"beta", BETA}, {"pre", PRE}, {"rc", RC}, {"cvs", CVS}, {"scm", SCM}, {"dev", DEV}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_eq_str(word, words[i].word))
            return (struct place){words[i].rank, 0, SLICE_NONE};
    return (struct place){WORD, word.p[0], SLICE_NONE};
}

static struct place next(struct slice *s)
{
    struct place p = {ZERO, 0, SLICE_NONE};
    bool word = false;
    while (s->n && version_is_letter(s->p[0])) { /* of words in a row the last one counts */
        size_t n = 0;
        while (n < s->n && version_is_letter(s->p[n]))
            n++;
        p = word_place(slice_sub(*s, 0, n));
        *s = slice_from(*s, n);
        skip_marks(s);
        word = true;
    }
    p.digits = version_take_digits(s);
    skip_marks(s);
    if (!word && version_compare_digits(p.digits, SLICE_NONE))
        p.rank = NUMBER;
    return p;
}

int version_luarocks_compare(struct slice a, struct slice b)
{
    struct slice revision_a, revision_b;
    a = split(a, &revision_a);
    b = split(b, &revision_b);
    while (a.n || b.n) {
        struct place x = next(&a), y = next(&b);
        int c = (int)x.rank - (int)y.rank;
        c = c ? c : x.letter - y.letter;
        c = c ? c : version_compare_digits(x.digits, y.digits);
        if (c)
            return c < 0 ? -1 : 1;
    }
    return version_compare_digits(revision_a, revision_b);
}

struct slice version_luarocks_without_revision(struct slice v)
{
    struct slice revision;
    return split(v, &revision);
}
