/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/pipeline/emit.h"

static int emit_change(const struct feed_end *end, const struct feed *f, const struct feed_change *c,
                       struct arena *arena, struct err *e)
{
    struct feed_record r;
    struct err why = ERR_INIT;
    if (c->gone)
        return end->ops->drop(end->end, f, c, e);
    if (!feed_record_decode(f, end->codec, c->kind, c->topic_key, c->value, arena, &r, &why))
        return end->ops->put(end->end, f, c, &r, e);
    if (why.kind == ERR_POISON)
        return end->ops->refuse(end->end, f, c, &why, e);
    if (e)
        *e = why;
    return -1;
}

int feed_emit(const struct feed_end *end, const struct feed_comparison *c, struct slice from, struct arena *arena,
              struct feed_portion *ret_portion, struct err *e)
{
    feed_change_vec changes = {0};
    struct arena one = ARENA_INIT((size_t)64 << 20); /* what is decoded of one record */
    *ret_portion = (struct feed_portion){0};
    int rc = feed_compare(c, from, arena, &changes, &ret_portion->next, e);
    for (size_t i = 0; rc >= 0 && i < changes.n; i++) {
        ret_portion->removed |= changes.v[i].gone;
        if (emit_change(end, c->feed, &changes.v[i], &one, e))
            rc = -1;
        arena_reset(&one);
    }
    arena_done(&one);
    return rc;
}

int feed_wake_siblings(const struct feed_end *end, const struct feed *f, const feed_vec *feeds, struct err *e)
{
    for (size_t i = 0; f->ecosystem && i < feeds->n; i++) {
        const struct feed *g = feeds->v[i];
        bool sibling = g->ecosystem && strcmp(g->ecosystem, f->ecosystem) == 0 && feed_order(f, g) < 0;
        if (sibling && end->ops->again(end->end, g, e))
            return -1;
    }
    return 0;
}

static int take_name(const struct feed_end *end, const struct feed *index, struct slice name, struct err *e)
{
    struct feed_memory memory;
    const struct feed *f = feed_by_name(name);
    if (!f)
        return err_set(e, ERR_POISON, 0, "index %s: '%.*s' would be one feed too many; at most %d are found",
                       index->name, SLICE_FMT(name), FEED_MEMBERS_MAX);
    if (!end->ops->takes(end->end, f))
        return 0;
    int had = end->ops->recall(end->end, f, &memory, e);
    if (had)
        return had < 0 ? -1 : 0;
    return end->ops->remember(end->end, f, &memory, e) || end->ops->found(end->end, f, index, e) ? -1 : 0;
}

int feed_take_names(const struct feed_end *end, const struct feed *index, const slice_vec *names, struct err *e)
{
    for (size_t i = 0; i < names->n; i++)
        if (take_name(end, index, names->v[i], e))
            return -1;
    return 0;
}
