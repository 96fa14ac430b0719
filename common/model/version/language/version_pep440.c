/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_pep440.c: Python's, after PEP 440: [v][epoch!]numbers{.numbers}[pre][post][dev][+local], in any case, with
 * the other spellings that its appendix B takes. What it refuses ("legacy versions") has no order.
 */
#include "model/version/version_internal.h"

enum tag { NO_TAG, ALPHA, BETA, RC };

struct parts {
    struct slice epoch, numbers, local;
    enum tag pre;
    struct slice pre_number, post_number, dev_number;
    bool post, dev;
};

static bool is_mark(uint8_t c)
{
    return c == '.' || c == '-' || c == '_';
}

static bool take_word(struct slice *s, const char *word)
{
    struct slice w = slice_str(word);
    if (!slice_eq_nocase(slice_sub(*s, 0, w.n), w))
        return false;
    *s = slice_from(*s, w.n);
    return true;
}

/* The row's tag, or 0: [mark] word [mark] [digits]. Longer words stand before those that they begin with. */
struct word {
    const char *word;
    int tag;
};

static int take_tag(struct slice *s, const struct word *words, size_t n, struct slice *ret_number)
{
    struct slice rest = slice_from(*s, s->n && is_mark(s->p[0]) ? 1 : 0);
    for (size_t i = 0; i < n; i++)
        if (take_word(&rest, words[i].word)) {
            if (rest.n && is_mark(rest.p[0]))
                rest = slice_from(rest, 1);
            *ret_number = version_take_digits(&rest);
            *s = rest;
            return words[i].tag;
        }
    return 0;
}

static void take_post(struct slice *s, struct parts *p)
{
    static const struct word words[] = {{"post", 1}, {"rev", 1}, {"r", 1}};
    if (s->n > 1 && s->p[0] == '-' && version_is_digit(s->p[1])) {
        *s = slice_from(*s, 1);
        p->post_number = version_take_digits(s);
        p->post = true;
    } else {
        p->post = take_tag(s, words, ARRAY_LEN(words), &p->post_number) != 0;
    }
}

static bool is_local(struct slice s)
{
    for (size_t i = 0; i <= s.n; i++)
        if ((i == s.n || is_mark(s.p[i])) && (i == 0 || is_mark(s.p[i - 1])))
            return false;
    return version_only(s, ".-_");
}

static const char *split(struct slice v, struct parts *ret)
{
    static const struct word pres[] = {{"alpha", ALPHA}, {"a", ALPHA}, {"beta", BETA}, {"b", BETA},
                                       {"preview", RC},  {"pre", RC},  {"rc", RC},     {"c", RC}};
    static const struct word devs[] = {{"dev", 1}};
    struct parts p = {0};
    take_word(&v, "v");
    struct slice rest = v, first = version_take_digits(&rest);
    if (first.n && slice_take_prefix(&rest, SLICE("!"))) {
        p.epoch = first;
        v = rest;
        first = version_take_digits(&rest);
    }
    if (!first.n)
        return "it does not begin with a number";
    while (rest.n > 1 && rest.p[0] == '.' && version_is_digit(rest.p[1])) {
        rest = slice_from(rest, 1);
        version_take_digits(&rest);
    }
    p.numbers = slice_sub(v, 0, v.n - rest.n);
    p.pre = (enum tag)take_tag(&rest, pres, ARRAY_LEN(pres), &p.pre_number);
    take_post(&rest, &p);
    p.dev = take_tag(&rest, devs, ARRAY_LEN(devs), &p.dev_number) != 0;
    if (slice_take_prefix(&rest, SLICE("+"))) {
        p.local = rest;
        if (!is_local(rest))
            return "what is behind the + are not words of letters and digits";
    } else if (rest.n) {
        return "it is not as PEP 440 has it";
    }
    *ret = p;
    return NULL;
}

const char *version_pypi_check(struct slice v)
{
    struct parts p;
    return split(v, &p);
}

static int compare_local(struct slice a, struct slice b)
{
    while (a.n && b.n) {
        size_t m = 0, n = 0;
        while (m < a.n && !is_mark(a.p[m]))
            m++;
        while (n < b.n && !is_mark(b.p[n]))
            n++;
        struct slice x = slice_sub(a, 0, m), y = slice_sub(b, 0, n), x_text = x, y_text = y;
        version_take_digits(&x_text);
        version_take_digits(&y_text);
        int c = x_text.n && y_text.n ? version_compare_nocase(x, y)
                : x_text.n           ? -1
                : y_text.n           ? 1
                                     : version_compare_digits(x, y);
        if (c)
            return c;
        a = slice_from(a, m + 1);
        b = slice_from(b, n + 1);
    }
    return a.n ? 1 : b.n ? -1 : 0;
}

/* 1.0.dev1 is before 1.0a1, and so are its likes: a development release of what is no prerelease and no later release. */
static int pre_rank(const struct parts *p)
{
    return p->pre != NO_TAG ? (int)p->pre : !p->post && p->dev ? 0 : RC + 1;
}

int version_pypi_compare(struct slice a, struct slice b)
{
    struct parts x = {0}, y = {0};
    split(a, &x);
    split(b, &y);
    int c = version_compare_digits(x.epoch, y.epoch);
    c = c ? c : version_compare_numbers(x.numbers, y.numbers, '.');
    c = c ? c : pre_rank(&x) - pre_rank(&y);
    c = c ? c : version_compare_digits(x.pre_number, y.pre_number);
    c = c ? c : (int)x.post - (int)y.post;
    c = c ? c : version_compare_digits(x.post_number, y.post_number);
    c = c ? c : (int)y.dev - (int)x.dev;
    c = c ? c : version_compare_digits(x.dev_number, y.dev_number);
    c = c ? c : compare_local(x.local, y.local);
    return c < 0 ? -1 : c > 0;
}

struct slice version_pypi_without_local(struct slice v)
{
    ptrdiff_t plus = slice_find(v, '+');
    return plus < 0 ? v : slice_sub(v, 0, (size_t)plus);
}
