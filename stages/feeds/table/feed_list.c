/* SPDX-License-Identifier: Apache-2.0 */
/* feed_list.c: lists of feeds, and choosing among them by name. */
#include "feeds/table/families_internal.h"
#include "feeds/table/publishers.h"

/* ---- lists ---- */

static int list_order(const void *a, const void *b)
{
    const struct feed *x = *(const struct feed *const *)a, *y = *(const struct feed *const *)b;
    bool first = x->kind == FEED_INDEX, second = y->kind == FEED_INDEX;
    return first != second ? (first ? -1 : 1) : feed_order(x, y);
}

void feed_list_sort(feed_vec *out)
{
    if (out->n)
        qsort(out->v, out->n, sizeof *out->v, list_order);
}

static void add_feed(struct arena *arena, feed_vec *out, const struct feed *f)
{
    const struct feed **at = f ? VEC_ADD(arena, out) : NULL;
    if (at)
        *at = f;
}

void feed_list_add(struct arena *arena, feed_vec *out, struct slice name)
{
    const struct feed *f = feed_by_name(name);
    for (size_t i = 0; i < out->n; i++)
        if (out->v[i] == f)
            return;
    add_feed(arena, out, f);
}

void feed_list_known(struct arena *arena, feed_vec *out)
{
    const struct feed_family *f;
    const struct feed *row;
    for (size_t i = 0; (row = feed_row(i)) != NULL; i++)
        if (row->kind != FEED_LIST)
            add_feed(arena, out, row);
    for (size_t i = 0; (f = feed_family(i)) != NULL; i++)
        for (size_t k = 0; f->known[k]; k++)
            for (size_t v = 0; family_variant(f, v); v++) {
                char *name ATTR_CLEANUP(cleanup_free) =
                    family_fill(f->like.name, slice_str(f->known[k]), family_variant(f, v));
                add_feed(arena, out, feed_by_name(slice_str(name)));
            }
    feed_list_sort(out);
}

void feed_list_add_spelt(struct arena *arena, feed_vec *out, const char *names)
{
    struct slice left = slice_str(names), name;
    while (slice_take_token(&left, ',', &name)) {
        name = slice_trim(name);
        feed_list_add(arena, out, name);
        /* "alpine-v3.25" is both of its repositories. */
        const struct feed_family *f;
        for (size_t i = 0; (f = feed_family(i)) != NULL; i++)
            for (size_t v = 0; f->variants && f->variants[v]; v++) {
                char *whole ATTR_CLEANUP(cleanup_free) = xasprintf("%.*s-%s", SLICE_FMT(name), f->variants[v]);
                feed_list_add(arena, out, slice_str(whole));
            }
    }
}

int feed_list_all(struct store_txn *t, store_table memory, const char *names, struct arena *arena, feed_vec *out,
                  struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    int r;
    feed_list_known(arena, out);
    store_iter_init(&it, t, memory, SLICE_NONE, SLICE_NONE);
    while ((r = store_iter_next(&it, &key, &value, e)) == 1)
        feed_list_add(arena, out, key);
    store_iter_done(&it);
    if (slice_str(names).n)
        feed_list_add_spelt(arena, out, names);
    feed_list_sort(out);
    return r < 0 ? -1 : arena->overflow ? err_set(e, ERR_FATAL, 0, "the list of feeds does not fit the memory") : 0;
}

/* ---- choosing by name ---- */

static bool begins_name(struct slice name, struct slice full)
{
    return name.n && slice_starts(full, name) && (full.n == name.n || full.p[name.n] == '-');
}

bool feed_wanted(const struct feed *f, const char *names)
{
    struct slice left = slice_str(names), name, full = slice_str(f->name);
    if (!slice_trim(left).n)
        return true;
    while (slice_take_token(&left, ',', &name))
        if (begins_name(slice_trim(name), full))
            return true;
    return false;
}

/* Not so: the set that comes with the program, and what is part of another feed. */
static bool updatable(const struct feed *f)
{
    return (f->url || f->path) && f->kind != FEED_LIST;
}

/* The part of its name before the first '-', which feed_wanted takes too. */
static struct slice head_of(const struct feed *f)
{
    struct slice name = slice_str(f->name), head = SLICE_NONE;
    slice_take_token(&name, '-', &head);
    return head;
}

static bool knows(const feed_vec *all, struct slice name)
{
    for (size_t i = 0; i < all->n; i++)
        if (updatable(all->v[i]) && begins_name(name, slice_str(all->v[i]->name)))
            return true;
    return false;
}

int feed_names_check(const char *names, struct err *e)
{
    struct arena arena = ARENA_INIT((size_t)1 << 20);
    struct slice left = slice_str(names), name;
    feed_vec all = {0};
    int rc = 0;
    feed_list_known(&arena, &all);
    feed_list_add_spelt(&arena, &all, names);
    while (!rc && left.n && slice_take_token(&left, ',', &name)) {
        name = slice_trim(name);
        if (!name.n || knows(&all, name))
            continue;
        struct buf heads = BUF_INIT(2048);
        for (size_t i = 0; i < all.n; i++) {
            bool told = !updatable(all.v[i]) || all.v[i]->kind == FEED_INDEX;
            for (size_t k = 0; k < i && !told; k++)
                told = updatable(all.v[k]) && all.v[k]->kind != FEED_INDEX &&
                       slice_eq(head_of(all.v[k]), head_of(all.v[i]));
            if (!told)
                buf_addf(&heads, "%s%.*s", heads.n ? ", " : "", SLICE_FMT(head_of(all.v[i])));
        }
        rc = err_set(e, ERR_USAGE, 0,
                     "no feed is named '%.*s'; there are %s, and of these osv-debian, alpine-v3.20 and so on",
                     (int)MIN(name.n, 60u), (const char *)name.p, buf_cstr(&heads));
        buf_done(&heads);
    }
    arena_done(&arena);
    return rc;
}
