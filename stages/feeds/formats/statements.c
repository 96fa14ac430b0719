/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/formats/statements.h"

#define ARCHITECTURES_MAX 64

struct teller {
    struct feed_reading *r;
    const struct advisory *facts;
};

struct slice statement_architectures(struct arena *arena, const slice_vec *v)
{
    struct slice s = SLICE_NONE;
    for (size_t i = 0; i < v->n; i++)
        s = i ? arena_printf(arena, "%.*s+%.*s", SLICE_FMT(s), SLICE_FMT(v->v[i])) : v->v[i];
    return s;
}

static int group_order(const struct statement *x, const struct statement *y)
{
    int c = slice_cmp(x->ecosystem, y->ecosystem);
    c = c ? c : slice_cmp(x->package, y->package);
    c = c ? c : slice_cmp(x->module, y->module);
    return c ? c : slice_cmp(x->flavour, y->flavour);
}

static int range_order(const struct statement *x, const struct statement *y)
{
    int c = slice_cmp(x->range.introduced, y->range.introduced);
    c = c ? c : slice_cmp(x->range.fixed, y->range.fixed);
    return c ? c : slice_cmp(x->range.last_affected, y->range.last_affected);
}

static int statement_order(const void *a, const void *b)
{
    const struct statement *x = a, *y = b;
    int c = group_order(x, y);
    c = c ? c : range_order(x, y);
    return c ? c : slice_cmp(x->architectures, y->architectures);
}

/* Adds the words of an architectures' text to *to, which then is empty when any is: that is all of them. */
static void add_architectures(struct arena *arena, slice_vec *to, bool *all, struct slice text)
{
    struct slice word;
    *all |= !text.n;
    while (to->n <= ARCHITECTURES_MAX && slice_take_token(&text, '+', &word)) {
        bool known = false;
        for (size_t i = 0; i < to->n; i++)
            known |= slice_eq(to->v[i], word);
        if (!known)
            slice_vec_add(arena, to, word);
    }
    if (*all)
        to->n = 0;
}

/* One record; part: what its id gets behind '#', if anything. */
static int tell_record(struct teller *t, const struct statement *f, size_t n, struct slice part, struct err *e)
{
    struct arena *arena = t->r->arena;
    struct advisory a = *t->facts;
    a.ecosystem = f->ecosystem;
    a.package = f->package;
    a.module = f->module;
    if (part.n)
        a.id = arena_printf(arena, "%.*s#%.*s", SLICE_FMT(a.id), SLICE_FMT(part));
    bool all = false;
    for (size_t i = 0; i < n; i++) {
        add_architectures(arena, &a.architectures, &all, f[i].architectures);
        if (i && !range_order(&f[i - 1], &f[i]))
            continue;
        struct version_range *range = VEC_ADD(arena, &a.ranges);
        if (range)
            *range = f[i].range;
    }
    slice_vec_sort(&a.architectures);
    if (arena->overflow || a.architectures.n > ARCHITECTURES_MAX || !reading_is_name(a.id, 200))
        return reading_skip(t->r, t->facts->id, "too many packages, architectures or versions", e);
    return reading_advisory(t->r, &a, e);
}

/* Whether the ranges of a group are each for other architectures, so that they are records of their own. */
static bool told_apart(struct arena *arena, const struct statement *f, size_t n)
{
    slice_vec seen = {0};
    size_t others = 0; /* of seen: those of other ranges */
    for (size_t i = 0; i < n; i++) {
        struct slice text = f[i].architectures, word;
        if (!text.n || seen.n > 4 * ARCHITECTURES_MAX)
            return false;
        if (i && range_order(&f[i - 1], &f[i]))
            others = seen.n;
        while (slice_take_token(&text, '+', &word)) {
            for (size_t k = 0; k < others; k++)
                if (slice_eq(seen.v[k], word))
                    return false;
            slice_vec_add(arena, &seen, word);
        }
    }
    return true;
}

/* The statements about one package that one module and build share. */
static int tell_group(struct teller *t, const struct statement *f, size_t n, bool alone, struct err *e)
{
    struct arena *arena = t->r->arena;
    struct slice part = alone ? SLICE_NONE : f->module.n ? f->module : f->flavour;
    if (!alone && f->module.n && f->flavour.n)
        part = arena_printf(arena, "%.*s+%.*s", SLICE_FMT(f->module), SLICE_FMT(f->flavour));
    if (range_order(&f[0], &f[n - 1]) == 0 || !told_apart(arena, f, n))
        return tell_record(t, f, n, part, e);
    for (size_t i = 0, m; i < n; i += m) {
        for (m = 1; i + m < n && !range_order(&f[i], &f[i + m]);)
            m++;
        slice_vec v = {0};
        bool all = false;
        for (size_t k = 0; k < m; k++)
            add_architectures(arena, &v, &all, f[i + k].architectures);
        struct slice own = statement_architectures(arena, &v);
        own = part.n ? arena_printf(arena, "%.*s+%.*s", SLICE_FMT(part), SLICE_FMT(own)) : own;
        if (tell_record(t, &f[i], m, own, e))
            return -1;
    }
    return 0;
}

int statements_tell(struct feed_reading *r, const struct advisory *facts, statement_vec *v, struct err *e)
{
    struct teller t = {r, facts};
    struct statement *f = v->v;
    size_t n = v->n, group;
    if (n)
        qsort(f, n, sizeof *f, statement_order);
    for (size_t i = 0; i < n; i += group) {
        for (group = 1; i + group < n && !group_order(&f[i], &f[i + group]);)
            group++;
        bool first =
            i == 0 || !slice_eq(f[i - 1].package, f[i].package) || !slice_eq(f[i - 1].ecosystem, f[i].ecosystem);
        bool last = i + group == n || !slice_eq(f[i + group].package, f[i].package) ||
                    !slice_eq(f[i + group].ecosystem, f[i].ecosystem);
        if (tell_group(&t, &f[i], group, first && last, e))
            return -1;
    }
    return 0;
}
