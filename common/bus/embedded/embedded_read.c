/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/embedded/embedded.h"

#include "base/clock.h"

/* ---- readers ---- */

static struct embedded_reader *reader_find(struct embedded *b, enum topic t, uint32_t partition)
{
    for (size_t i = 0; i < b->readers_n; i++)
        if (b->readers[i].topic == t && b->readers[i].partition == partition)
            return &b->readers[i];
    return NULL;
}

static int reader_set(struct embedded *b, enum topic t, uint32_t partition, int64_t offset, bool watched, struct err *e)
{
    int64_t low, high;
    if (embedded_range(&b->bus, t, partition, &low, &high, e))
        return -1;
    if (offset < 0 || offset > high)
        return err_set(e, ERR_USAGE, 0,
                       "topic %s, partition %" PRIu32 ": cannot read from offset %" PRId64 ", its end is %" PRId64,
                       topics[t].name, partition, offset, high);
    struct embedded_reader *r = reader_find(b, t, partition);
    if (!r) {
        if (b->readers_n == b->readers_cap) {
            b->readers_cap = b->readers_cap ? b->readers_cap * 2 : 32;
            b->readers = xrealloc(b->readers, b->readers_cap * sizeof *b->readers);
        }
        r = &b->readers[b->readers_n++];
    }
    *r = (struct embedded_reader){.topic = t,
                                  .partition = partition,
                                  .watched = watched,
                                  .generation = ++b->generations,
                                  .next = (uint64_t)offset};
    b->looked = false;
    return 0;
}

int embedded_start(struct bus *bus, enum topic t, uint32_t partition, int64_t offset, struct err *e)
{
    struct embedded *b = (struct embedded *)bus;
    ASSERT((unsigned)t < TOPIC_MAX);
    if (!b->group.name || !b->group.joined[t])
        return err_set(e, ERR_USAGE, 0, "start of topic %s, which was not joined", topics[t].name);
    if (partition >= b->group.partitions || b->group.locks[partition] < 0)
        return err_set(e, ERR_USAGE, 0, "start of topic %s, partition %" PRIu32 ", which this member does not own",
                       topics[t].name, partition);
    return reader_set(b, t, partition, offset, false, e);
}

int embedded_watch(struct bus *bus, enum topic t, uint32_t partition, int64_t offset, struct err *e)
{
    return reader_set((struct embedded *)bus, t, partition, offset, true, e);
}

void embedded_readers_drop(struct embedded *b, uint32_t partition)
{
    size_t n = 0;
    for (size_t i = 0; i < b->readers_n; i++)
        if (b->readers[i].watched || b->readers[i].partition != partition)
            b->readers[n++] = b->readers[i];
    b->readers_n = n;
}

/* ---- reading ahead ---- */

/* r is one of b->readers. */
static void ahead_add(struct embedded *b, const struct embedded_reader *r, const struct bus_event *event)
{
    if (b->ahead_n == b->ahead_cap) {
        b->ahead_cap = b->ahead_cap ? b->ahead_cap * 2 : 64;
        b->ahead = xrealloc(b->ahead, b->ahead_cap * sizeof *b->ahead);
    }
    b->ahead[b->ahead_n++] =
        (struct embedded_ahead){.generation = r->generation, .reader = (size_t)(r - b->readers), .event = *event};
}

static void ahead_record(struct embedded *b, const struct embedded_reader *r, uint64_t offset,
                         const struct embedded_record *record)
{
    struct bus_event event = {.kind = BUS_RECORD,
                              .topic = r->topic,
                              .partition = r->partition,
                              .offset = (int64_t)offset,
                              .timestamp_ms = record->timestamp_ms,
                              .position = record->position,
                              .tombstone = record->tombstone};
    /* The buffer may move while it grows: offsets now, pointers when given. */
    event.key = slice_of((const uint8_t *)(uintptr_t)b->ahead_bytes.n, record->key.n);
    event.value = slice_of((const uint8_t *)(uintptr_t)(b->ahead_bytes.n + record->key.n), record->value.n);
    ASSERT(buf_add_slice(&b->ahead_bytes, record->key) == 0 && buf_add_slice(&b->ahead_bytes, record->value) == 0);
    ahead_add(b, r, &event);
}

static void ahead_caught_up(struct embedded *b, struct embedded_reader *r)
{
    const struct bus_event event = {
        .kind = BUS_CAUGHT_UP, .topic = r->topic, .partition = r->partition, .offset = (int64_t)r->next};
    ahead_add(b, r, &event);
    r->told = true;
}

/* Reads at most a share of the partition; at its end says so. ret_full: the batch has no room for its next record. */
static int fetch_records(struct embedded *b, struct store_txn *txn, struct embedded_reader *r, uint64_t end,
                         bool *ret_full, struct err *e)
{
    uint8_t from[EMBEDDED_LOG_KEY];
    struct store_iter it;
    struct slice key, value;
    size_t share = 0, records = 0;
    int rc;
    embedded_log_key(from, b->topics[r->topic].id, r->partition, r->next);
    store_iter_init(&it, txn, b->env->log, slice_of(from, EMBEDDED_PARTITION_KEY), slice_of(from, sizeof from));
    while ((rc = store_iter_next(&it, &key, &value, e)) == 1) {
        struct embedded_record record;
        uint64_t offset = key_get_u64(key.p + EMBEDDED_PARTITION_KEY);
        if (!embedded_record_parse(value, &record)) {
            rc = err_set(e, ERR_FATAL, 0,
                         "the embedded bus in %s is damaged: topic %s, partition %" PRIu32 ", record %" PRIu64,
                         b->env->dir, topics[r->topic].name, r->partition, offset);
            break;
        }
        *ret_full = b->ahead_bytes.n && b->ahead_bytes.n + b->ahead_n * sizeof *b->ahead + value.n > EMBEDDED_BATCH_MAX;
        if (*ret_full || (share && share + value.n > EMBEDDED_SHARE_MAX) || records == EMBEDDED_SHARE_RECORDS)
            break;
        ahead_record(b, r, offset, &record);
        share += value.n;
        records++;
        r->next = offset + 1;
        r->told = false;
    }
    store_iter_done(&it);
    if (rc < 0)
        return -1;
    /* The last records of a partition may have been removed: its end is behind them. */
    if (rc == 0)
        r->next = end;
    return 0;
}

static int fetch_all(struct embedded *b, struct store_txn *txn, struct err *e)
{
    size_t i;
    bool full = false;
    for (i = 0; i < b->readers_n && !full; i++) {
        struct embedded_reader *r = &b->readers[(b->turn + i) % b->readers_n];
        uint64_t end;
        if (embedded_next(b->env, txn, &b->topics[r->topic], r->partition, &end, e) ||
            (r->next < end && fetch_records(b, txn, r, end, &full, e)))
            return -1;
        if (r->next >= end && !r->told)
            ahead_caught_up(b, r);
    }
    /* Whoever found no room is the first of the next batch. */
    if (b->readers_n)
        b->turn = (b->turn + i - (full ? 1 : 0)) % b->readers_n;
    return 0;
}

static int fetch(struct embedded *b, int64_t now_ms, struct err *e)
{
    uint32_t written = atomic_load(&b->env->wake->written);
    struct store_txn *txn;
    b->ahead_n = b->ahead_at = 0;
    buf_clear(&b->ahead_bytes);
    if (!b->readers_n || (b->looked && written == b->seen_written && now_ms - b->looked_ms < EMBEDDED_ROUND_MS))
        return 0;
    if (b->ahead_bytes.cap > EMBEDDED_BATCH_MAX * 2)
        buf_done(&b->ahead_bytes);
    if (embedded_begin(b->env, false, &txn, e))
        return -1;
    int rc = fetch_all(b, txn, e);
    embedded_end(b->env, txn, false, NULL);
    if (rc)
        return -1;
    b->looked = b->ahead_n == 0;
    b->seen_written = written;
    b->looked_ms = now_ms;
    return 0;
}

static bool still_wanted(struct embedded *b, const struct embedded_ahead *a)
{
    const struct embedded_reader *r =
        a->reader < b->readers_n && b->readers[a->reader].generation == a->generation
            ? &b->readers[a->reader]
            : reader_find(b, a->event.topic, a->event.partition); /* moved, since others were dropped */
    return r && r->generation == a->generation;
}

static bool give(struct embedded *b, struct bus_event *ret_event)
{
    while (b->ahead_at < b->ahead_n) {
        const struct embedded_ahead *a = &b->ahead[b->ahead_at++];
        if (!still_wanted(b, a))
            continue;
        *ret_event = a->event;
        if (a->event.kind == BUS_RECORD) {
            const uint8_t *base = buf_slice(&b->ahead_bytes).p;
            ret_event->key.p = base + (uintptr_t)a->event.key.p;
            ret_event->value =
                a->event.tombstone ? SLICE_NONE : slice_of(base + (uintptr_t)a->event.value.p, a->event.value.n);
        }
        return true;
    }
    return false;
}

/* ---- poll ---- */

static int64_t least_wait(const struct embedded *b, int64_t now_ms, int64_t deadline_ms)
{
    int64_t until = MIN(deadline_ms, now_ms + EMBEDDED_ROUND_MS);
    if (b->group.name)
        until = MIN(until, b->group.next_check_ms);
    if (b->commits_n)
        until = MIN(until, b->commits_due_ms);
    return MAX(until - now_ms, 0);
}

int embedded_poll(struct bus *bus, int timeout_ms, struct bus_event *ret_event, struct err *e)
{
    struct embedded *b = (struct embedded *)bus;
    int64_t now = clock_mono_ms(), deadline = now + MAX(timeout_ms, 0);
    for (;; now = clock_mono_ms()) {
        /* Before anything is looked at: what changes afterwards makes the wait end at once. */
        uint32_t turn = atomic_load(&b->env->wake->turn);
        if (atomic_exchange(&b->woken, false))
            break;
        if (embedded_group_check(b, now, e))
            return -1;
        if (b->commits_n && now >= b->commits_due_ms)
            embedded_commits_write(b);
        if (give(b, ret_event))
            return 0;
        if (fetch(b, now, e))
            return -1;
        if (give(b, ret_event))
            return 0;
        if (b->ahead_n == 0) {
            if (now >= deadline)
                break;
            embedded_wait(b->env, turn, least_wait(b, now, deadline));
        }
    }
    *ret_event = (struct bus_event){.kind = BUS_NOTHING};
    return 0;
}

void embedded_wake(struct bus *bus)
{
    struct embedded *b = (struct embedded *)bus;
    atomic_store(&b->woken, true);
    embedded_wake_all(b->env, NULL);
}
