/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/pipeline/compare.h"

#include "feeds/table/families.h"

/* A row of what the feed says or of what is out. */
struct side {
    struct slice key, value;
    bool open, more; /* more: key and value hold a row */
};

struct walk {
    const struct feed_comparison *c;
    enum feed_record_kind kind;
    struct side staged, out;
    struct packed_iter out_rows;
    struct arena *arena;
    feed_change_vec *changes;
    size_t rows, bytes; /* rows that may still be looked at; bytes of values that were given */
};

static int next_staged(struct walk *w, struct err *e)
{
    struct side *s = &w->staged;
    int r = s->open ? sorted_next(w->c->staged, &s->key, &s->value, e) : 0;
    s->more = r == 1 && feed_row_kind(s->key) == w->kind;
    s->open = s->more;
    return r < 0 ? -1 : 0;
}

static int next_out(struct walk *w, struct err *e)
{
    struct side *s = &w->out;
    int r = s->open ? packed_iter_next(&w->out_rows, &s->key, &s->value, e) : 0;
    s->more = r == 1;
    return r < 0 ? -1 : 0;
}

static int no_memory(const struct walk *w, struct err *e)
{
    return err_set(e, ERR_FATAL, 0, "feed %s: a portion of changes does not fit the memory", w->c->feed->name);
}

static int add_change(struct walk *w, const struct feed_change *change, struct err *e)
{
    struct feed_change *to = VEC_ADD(w->arena, w->changes);
    if (!to)
        return no_memory(w, e);
    *to = *change;
    to->kind = feed_row_kind(change->row_key);
    to->row_key = arena_slice(w->arena, change->row_key);
    to->topic_key = feed_topic_key(change->row_key, w->arena);
    to->value = arena_slice(w->arena, change->value);
    w->bytes += change->value.n;
    return w->arena->overflow ? no_memory(w, e) : 0;
}

/* Whether this feed's record replaces the one that another feed has out under the same key. */
static bool outranks(const struct feed *f, struct slice owner)
{
    const struct feed *other = feed_by_name(owner);
    return !other || feed_order(f, other) < 0;
}

static int compare_row(struct walk *w, struct err *e)
{
    const struct feed *f = w->c->feed;
    struct slice self = slice_str(f->name), owner = SLICE_NONE, old;
    int order = !w->staged.more ? 1 : !w->out.more ? -1 : slice_cmp(w->staged.key, w->out.key);
    bool known = order >= 0 && feed_out_parse(w->out.value, &old, &owner);
    if (known && w->kind == FEED_RECORD_VULNERABILITY)
        owner = self;
    if (order > 0) {
        struct feed_change gone = {.gone = true, .row_key = w->out.key};
        return (known && slice_eq(owner, self) && add_change(w, &gone, e)) || next_out(w, e) ? -1 : 0;
    }
    struct feed_change now = {
        .row_key = w->staged.key, .value = w->staged.value, .hash = feed_record_hash(w->staged.value)};
    bool put = !known || (slice_eq(owner, self) ? memcmp(old.p, now.hash.b, old.n) != 0 : outranks(f, owner));
    if (put && add_change(w, &now, e))
        return -1;
    return next_staged(w, e) || (order == 0 && next_out(w, e)) ? -1 : 0;
}

static int compare_rows(struct walk *w, struct slice *ret_next, struct err *e)
{
    if (next_staged(w, e) || next_out(w, e))
        return -1;
    while (w->staged.more || w->out.more) {
        if (w->rows == 0 || w->changes->n >= w->c->changes || w->bytes >= FEED_CHANGES_BYTES) {
            bool staged_first = w->staged.more && (!w->out.more || slice_cmp(w->staged.key, w->out.key) < 0);
            *ret_next = arena_slice(w->arena, staged_first ? w->staged.key : w->out.key);
            return w->arena->overflow ? no_memory(w, e) : 1;
        }
        w->rows--;
        if (compare_row(w, e))
            return -1;
    }
    return 0;
}

/* One kind of record. The out rows to look at are those that this feed may own. */
static int compare_kind(struct walk *w, enum feed_record_kind kind, struct slice from, struct slice *ret_next,
                        struct err *e)
{
    const struct feed *f = w->c->feed;
    const char first = (char)kind;
    struct slice prefix = kind == FEED_RECORD_ADVISORY
                              ? arena_printf(w->arena, "%c%s", kind, f->ecosystem ? f->ecosystem : "")
                              : arena_printf(w->arena, "%c%s%c", kind, f->name, 0);
    w->kind = kind;
    w->staged = (struct side){.open = w->c->staged != NULL};
    w->out = (struct side){.open = kind == FEED_RECORD_VULNERABILITY || f->kind == FEED_ADVISORIES};
    if (w->c->staged && sorted_seek(w->c->staged, from.n ? from : slice_of(&first, 1), e))
        return -1;
    packed_iter_init(&w->out_rows, w->c->out_txn, feed_out_packed(w->c->out), prefix,
                     from.n && slice_cmp(from, prefix) > 0 ? from : SLICE_NONE);
    return compare_rows(w, ret_next, e);
}

int feed_compare(const struct feed_comparison *c, struct slice from, struct arena *arena, feed_change_vec *changes,
                 struct slice *ret_next, struct err *e)
{
    struct walk w = {.c = c, .arena = arena, .changes = changes, .rows = c->rows};
    int rc = 0;
    if (!from.n || feed_row_kind(from) == FEED_RECORD_ADVISORY)
        rc = compare_kind(&w, FEED_RECORD_ADVISORY, from, ret_next, e);
    if (rc)
        return rc;
    if (from.n && feed_row_kind(from) != FEED_RECORD_VULNERABILITY)
        from = SLICE_NONE;
    return compare_kind(&w, FEED_RECORD_VULNERABILITY, from, ret_next, e);
}
