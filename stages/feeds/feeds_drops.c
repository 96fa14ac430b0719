/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feeds_drops.c: when a record leaves the topic, a feed behind its feed may have one under the same key, which was never
 * out. That feed is read again. What starts this is the tombstone on the topic, never what this process remembers of its
 * own work: so it happens wherever a process was killed, in whichever process owns the partition then, and only once
 * "out" shows that the record is gone.
 *
 *     dropped (whole)      name -> where the last such tombstone stands: partition u64, offset u64
 *     woken (a partition)  name -> the value of "dropped" for which feeds were woken last
 *
 * The name is the feed's that had the record. Where "out" does not know it, since it was rebuilt from topics that were
 * compacted meanwhile, it is what stands before the colon in the record's ecosystem, and every feed of that is read
 * again. Ecosystems that no table knows are a stranger's: no feed has records of them, and they leave no row.
 */
#include "feeds/feeds_internal.h"

#include "model/ecosystem/ecosystem.h"

int feeds_drop_seen(struct step *s, const struct bus_event *event, struct slice row_key, struct err *e)
{
    uint8_t where[16];
    struct slice value, hash, name = SLICE_NONE;
    int had = packed_get(s->whole, feed_out_packed(STEP_WHOLE(s, FEEDS_WHOLE_OUT)), row_key, &value, e);
    if (had < 0)
        return -1;
    if (!had || !feed_out_parse(value, &hash, &name) || !feed_by_name(name)) {
        struct slice ecosystem = topic_key_head(event->key);
        if (!ecosystem_of_advisories(ecosystem))
            return 0;
        slice_take_token(&ecosystem, ':', &name);
    }
    name = arena_slice(s->arena, name); /* out of the map */
    key_u64(where, event->partition);
    key_u64(where + 8, (uint64_t)event->offset);
    return store_put(s->whole, STEP_WHOLE(s, FEEDS_WHOLE_DROPPED), name, slice_of(where, sizeof where), e);
}

/* All feeds of "Debian", say: it is not known which of them had the record. */
static int wake_ecosystem(const struct feed_end *end, struct slice publisher, const feed_vec *mine, struct err *e)
{
    for (size_t i = 0; i < mine->n; i++) {
        const struct feed *f = mine->v[i];
        if (f->ecosystem && slice_starts(slice_str(f->ecosystem), publisher) && end->ops->again(end->end, f, e))
            return -1;
    }
    return 0;
}

/* A feed that is still being emitted may drop more: those behind it wait, so that they are read once. */
static int wake_for(struct step *s, struct slice name, struct slice where, const feed_vec *mine, struct err *e)
{
    const struct feed_end end = feeds_end_of(s);
    const struct feed *f = feed_by_name(name);
    struct slice woken;
    struct feeds_progress p;
    int had = store_get(s->txn, STEP_TABLE(s, FEEDS_TABLE_WOKEN), name, &woken, e);
    if (had < 0)
        return -1;
    if (had && slice_eq(woken, where))
        return 0;
    int busy = f ? feeds_progress_get(s, f, &p, e) : 0;
    if (busy)
        return busy < 0 ? -1 : 0;
    if (store_put(s->txn, STEP_TABLE(s, FEEDS_TABLE_WOKEN), name, where, e))
        return -1;
    return f ? feed_wake_siblings(&end, f, mine, e) : wake_ecosystem(&end, name, mine, e);
}

int feeds_wake(struct step *s, struct err *e)
{
    struct store_iter it;
    struct slice name, where;
    feed_vec mine;
    int got;
    if (feeds_list_mine(s, &mine, e))
        return -1;
    store_iter_init(&it, s->whole, STEP_WHOLE(s, FEEDS_WHOLE_DROPPED), SLICE_NONE, SLICE_NONE);
    while ((got = store_iter_next(&it, &name, &where, e)) == 1)
        if (wake_for(s, name, where, &mine, e)) {
            got = -1;
            break;
        }
    store_iter_done(&it);
    return got;
}
