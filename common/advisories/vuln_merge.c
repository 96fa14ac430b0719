/* SPDX-License-Identifier: Apache-2.0 */
#include "advisories/advisory_view.h"

static bool join_slices(struct arena *a, slice_vec *into, const slice_vec *from)
{
    /* A fresh array: into's may be shared with the record that it was copied from. */
    slice_vec all = {0};
    for (size_t i = 0; i < into->n; i++)
        if (!slice_vec_add(a, &all, into->v[i]))
            return false;
    for (size_t i = 0; i < from->n; i++)
        if (!slice_vec_add(a, &all, from->v[i]))
            return false;
    slice_vec_sort(&all);
    *into = all;
    return true;
}

static int score_order(const void *a, const void *b)
{
    const struct score *x = a, *y = b;
    int c = slice_cmp(x->source, y->source);
    c = c ? c : slice_cmp(x->kind, y->kind);
    return c ? c : slice_cmp(x->vector, y->vector);
}

static bool join_scores(struct arena *a, score_vec *into, const score_vec *from)
{
    score_vec all = {0};
    const score_vec *both[] = {into, from};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < both[k]->n; i++) {
            struct score *to = VEC_ADD(a, &all);
            if (!to)
                return false;
            *to = both[k]->v[i];
        }
    if (all.n)
        qsort(all.v, all.n, sizeof *all.v, score_order);
    size_t kept = 0;
    for (size_t i = 0; i < all.n; i++)
        if (!kept || score_order(&all.v[kept - 1], &all.v[i]))
            all.v[kept++] = all.v[i];
    all.n = kept;
    *into = all;
    return true;
}

static int exploit_order(const void *a, const void *b)
{
    const struct exploit *x = a, *y = b;
    int c = slice_cmp(x->source, y->source);
    c = c ? c : slice_cmp(x->id, y->id);
    return c ? c : slice_cmp(x->url, y->url);
}

static bool join_exploits(struct arena *a, exploit_vec *into, const exploit_vec *from)
{
    exploit_vec all = {0};
    const exploit_vec *both[] = {into, from};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < both[k]->n; i++) {
            struct exploit *to = VEC_ADD(a, &all);
            if (!to)
                return false;
            *to = both[k]->v[i];
        }
    if (all.n)
        qsort(all.v, all.n, sizeof *all.v, exploit_order);
    size_t kept = 0;
    for (size_t i = 0; i < all.n; i++)
        if (!kept || exploit_order(&all.v[kept - 1], &all.v[i]))
            all.v[kept++] = all.v[i];
    all.n = kept;
    *into = all;
    return true;
}

static void fill(struct slice *into, struct slice from)
{
    if (!into->n)
        *into = from;
}

bool vulnerability_merge(struct arena *arena, struct vulnerability *into, const struct vulnerability *from)
{
    if (!join_slices(arena, &into->aliases, &from->aliases) ||
        !join_slices(arena, &into->references, &from->references) || !join_slices(arena, &into->cwes, &from->cwes) ||
        !join_scores(arena, &into->scores, &from->scores) || !join_exploits(arena, &into->exploits, &from->exploits))
        return false;
    fill(&into->summary, from->summary);
    fill(&into->details, from->details);
    fill(&into->kev_due, from->kev_due);
    fill(&into->kev_added, from->kev_added);
    into->kev |= from->kev;
    into->kev_ransomware |= from->kev_ransomware;
    if (from->epss > into->epss) {
        into->epss = from->epss;
        into->epss_percentile = from->epss_percentile;
    }
    if (!into->published_ms)
        into->published_ms = from->published_ms;
    if (!into->modified_ms)
        into->modified_ms = from->modified_ms;
    into->withdrawn &= from->withdrawn;
    return true;
}
