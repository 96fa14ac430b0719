/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/formats/languages/intervals.h"

static int compare(enum version_kind kind, struct slice a, struct slice b)
{
    int c = 0;
    version_order(kind, a, b, &c, NULL); /* both were found orderable */
    return c;
}

/* absent: where an edge without a version is, -1 before all or 1 behind all. */
static int edge_order(enum version_kind kind, const struct edge *a, int a_absent, const struct edge *b, int b_absent)
{
    if (!a->version.n || !b->version.n)
        return (a->version.n ? 0 : a_absent) - (b->version.n ? 0 : b_absent);
    int c = compare(kind, a->version, b->version);
    return c ? c : (int)a->behind - (int)b->behind;
}

static bool is_empty(enum version_kind kind, const struct interval *x)
{
    return edge_order(kind, &x->from, -1, &x->to, 1) >= 0;
}

static struct edge later(enum version_kind kind, struct edge a, struct edge b)
{
    return edge_order(kind, &a, -1, &b, -1) >= 0 ? a : b;
}

static struct edge earlier(enum version_kind kind, struct edge a, struct edge b)
{
    return edge_order(kind, &a, 1, &b, 1) <= 0 ? a : b;
}

const char *interval_narrow(enum version_kind kind, struct interval *x, struct slice op, struct slice version)
{
    bool less = slice_starts(op, SLICE("<")), more = slice_starts(op, SLICE(">")), itself = slice_ends(op, SLICE("="));
    if (!reading_is_name(version, 200) || !version_orderable(kind, version, NULL))
        return "a bound that is no version";
    if (op.n > 2 || !(less || more || itself) || (op.n == 2 && !itself) || slice_eq_str(op, "!="))
        return "an operator that is none of <, <=, =, >=, >";
    if (more && itself && slice_eq_str(version, "0"))
        return NULL; /* from the beginning */
    if (!less)       /* at least the version, or right behind it */
        x->from = later(kind, x->from, (struct edge){version, more && !itself});
    if (!more)
        x->to = earlier(kind, x->to, (struct edge){version, itself});
    return NULL;
}

bool intervals_add(struct arena *arena, enum version_kind kind, interval_vec *set, const struct interval *x)
{
    if (is_empty(kind, x))
        return true;
    struct interval *to = set->n < INTERVALS_MAX ? VEC_ADD(arena, set) : NULL;
    if (to)
        *to = *x;
    return to != NULL;
}

bool intervals_subtract(struct arena *arena, enum version_kind kind, interval_vec *set, const struct interval *u)
{
    interval_vec left = {0};
    if (is_empty(kind, u))
        return true;
    for (size_t i = 0; i < set->n; i++) {
        const struct interval *x = &set->v[i];
        struct interval before = *x, after = *x;
        if (u->from.version.n) {
            before.to = earlier(kind, x->to, u->from);
            if (!intervals_add(arena, kind, &left, &before))
                return false;
        }
        if (u->to.version.n) {
            after.from = later(kind, x->from, u->to);
            if (!intervals_add(arena, kind, &left, &after))
                return false;
        }
    }
    *set = left;
    return true;
}

/* Whether an interval's end lies at another one's beginning, or behind it. */
static bool meets(enum version_kind kind, const struct edge *end, const struct edge *begin)
{
    return !end->version.n || !begin->version.n || edge_order(kind, end, 1, begin, -1) >= 0;
}

struct sorted {
    struct interval x;
    enum version_kind kind;
};

static int sorted_order(const void *a, const void *b)
{
    const struct sorted *x = a, *y = b;
    int c = edge_order(x->kind, &x->x.from, -1, &y->x.from, -1);
    return c ? c : edge_order(x->kind, &x->x.to, 1, &y->x.to, 1);
}

bool intervals_tell(struct arena *arena, enum version_kind kind, interval_vec *set,
                    struct slice (*next)(struct slice version, struct arena *arena), struct advisory *a)
{
    VEC(struct sorted) all = {0};
    for (size_t i = 0; i < set->n; i++) {
        struct sorted *to = VEC_ADD(arena, &all);
        if (!to)
            return false;
        *to = (struct sorted){set->v[i], kind};
    }
    if (all.n)
        qsort(all.v, all.n, sizeof *all.v, sorted_order);
    for (size_t i = 0, next_at; i < all.n; i = next_at) {
        struct edge *from = &all.v[i].x.from, *to = &all.v[i].x.to;
        for (next_at = i + 1; next_at < all.n && meets(kind, to, &all.v[next_at].x.from); next_at++)
            if (edge_order(kind, to, 1, &all.v[next_at].x.to, 1) < 0)
                *to = all.v[next_at].x.to;
        struct version_range *range = VEC_ADD(arena, &a->ranges);
        if (!range)
            return false;
        *range = (struct version_range){.introduced = !from->version.n ? SLICE("0")
                                                      : from->behind   ? next(from->version, arena)
                                                                       : from->version,
                                        .fixed = to->behind ? SLICE_NONE : to->version,
                                        .last_affected = to->behind ? to->version : SLICE_NONE};
    }
    return !arena->overflow;
}

struct slice interval_take_operator(struct slice *s)
{
    size_t n = 0;
    *s = slice_trim(*s);
    while (n < s->n && memchr("<>=!~^", s->p[n], 6))
        n++;
    struct slice op = slice_sub(*s, 0, n);
    *s = slice_trim(slice_from(*s, n));
    return op;
}

const char *interval_narrow_all(struct arena *arena, enum version_kind kind, struct interval *x, struct slice pairs,
                                interval_operator other)
{
    struct slice pair;
    const char *bad = NULL;
    while (!bad && slice_take_token(&pairs, ',', &pair)) {
        struct slice op = interval_take_operator(&pair);
        bool tilde = slice_find(op, '~') >= 0 || slice_find(op, '^') >= 0;
        if (!op.n)
            op = SLICE("=");
        bad = tilde && other ? other(arena, kind, x, op, pair) : interval_narrow(kind, x, op, pair);
    }
    return bad;
}
