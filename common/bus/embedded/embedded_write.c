/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/embedded/embedded.h"

#include "base/clock.h"
#include "base/crashpoint.h"
#include "base/hash.h"

/* ---- the queue ---- */

int embedded_produce(struct bus *bus, enum topic t, uint32_t partition, struct slice key, struct slice value,
                     uint64_t position, struct err *e)
{
    struct embedded *b = (struct embedded *)bus;
    const struct embedded_topic *topic;
    if (embedded_topic(b, t, partition, &topic, e))
        return -1;
    size_t n = EMBEDDED_RECORD_HEAD + key.n + value.n;
    if (b->queue.n + n > EMBEDDED_QUEUE_MAX || (b->queued_n + 1) * sizeof *b->queued > EMBEDDED_QUEUE_MAX)
        return err_set(e, ERR_RETRY, 0, "the queue of the embedded bus is full (%zu bytes): flush it first",
                       b->queue.n);
    if (b->queued_n == b->queued_cap) {
        b->queued_cap = b->queued_cap ? b->queued_cap * 2 : 64;
        b->queued = xrealloc(b->queued, b->queued_cap * sizeof *b->queued);
    }
    b->queued[b->queued_n++] = (struct embedded_queued){.topic = t, .partition = partition, .at = b->queue.n, .n = n};
    uint8_t *to = buf_reserve(&b->queue, n);
    ASSERT(to);
    embedded_record_head(to, clock_wall_ms(), position, value.p == NULL, key.n);
    if (key.n)
        memcpy(to + EMBEDDED_RECORD_HEAD, key.p, key.n);
    if (value.n)
        memcpy(to + EMBEDDED_RECORD_HEAD + key.n, value.p, value.n);
    b->queue.n += n;
    return 0;
}

static void queue_forget(struct embedded *b)
{
    b->queued_n = 0;
    buf_clear(&b->queue);
    if (b->queue.cap > EMBEDDED_QUEUE_MAX / 8)
        buf_done(&b->queue);
}

/* Orders by topic and partition, then by arrival: `at` rises with each record. */
static int by_partition(const void *x, const void *y)
{
    const struct embedded_queued *a = x, *b = y;
    if (a->topic != b->topic)
        return a->topic < b->topic ? -1 : 1;
    if (a->partition != b->partition)
        return a->partition < b->partition ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

/* ---- one record ---- */

static void grave_key(uint8_t *to, int64_t timestamp_ms, uint16_t topic_id, uint32_t partition, uint64_t offset)
{
    key_u64(to, (uint64_t)timestamp_ms);
    embedded_log_key(to + 8, topic_id, partition, offset);
}

/* Removes the record that the index names for the same key, if it is there and really has that key. */
static int remove_older(struct embedded *b, struct store_txn *txn, const struct embedded_topic *topic,
                        uint32_t partition, uint64_t offset, struct slice key, struct err *e)
{
    uint8_t log_key[EMBEDDED_LOG_KEY], grave[EMBEDDED_GRAVE_KEY];
    struct slice value;
    struct embedded_record older;
    embedded_log_key(log_key, topic->id, partition, offset);
    int r = store_get(txn, b->env->log, slice_of(log_key, sizeof log_key), &value, e);
    if (r <= 0)
        return r;
    if (!embedded_record_parse(value, &older))
        return err_set(e, ERR_FATAL, 0, "the embedded bus in %s is damaged: record %" PRIu64 " of topic id %u",
                       b->env->dir, offset, topic->id);
    /* Two keys of one hash: the older one just stays in the log, as it may before any compaction. */
    if (!slice_eq(older.key, key))
        return 0;
    bool tombstone = older.tombstone;
    grave_key(grave, older.timestamp_ms, topic->id, partition, offset);
    if (store_del(txn, b->env->log, slice_of(log_key, sizeof log_key), e) < 0)
        return -1;
    if (tombstone && store_del(txn, b->env->graves, slice_of(grave, sizeof grave), e) < 0)
        return -1;
    return 0;
}

static int compact(struct embedded *b, struct store_txn *txn, const struct embedded_topic *topic, uint32_t partition,
                   uint64_t offset, const struct embedded_record *record, struct err *e)
{
    uint8_t index_key[EMBEDDED_INDEX_KEY], to[8], grave[EMBEDDED_GRAVE_KEY];
    struct slice value;
    struct hash128 hash = hash128(record->key);
    embedded_partition_key(index_key, topic->id, partition);
    memcpy(index_key + EMBEDDED_PARTITION_KEY, hash.b, sizeof hash.b);
    struct slice index = slice_of(index_key, sizeof index_key);
    int r = store_get(txn, b->env->index, index, &value, e);
    if (r < 0)
        return -1;
    if (r == 1 && value.n == 8 && remove_older(b, txn, topic, partition, key_get_u64(value.p), record->key, e))
        return -1;
    key_u64(to, offset);
    if (store_put(txn, b->env->index, index, slice_of(to, sizeof to), e))
        return -1;
    if (!record->tombstone)
        return 0;
    grave_key(grave, record->timestamp_ms, topic->id, partition, offset);
    return store_put(txn, b->env->graves, slice_of(grave, sizeof grave), hash128_slice(&hash), e);
}

/* Consecutive queued records of one partition; *at moves behind them. */
static int write_partition(struct embedded *b, struct store_txn *txn, size_t *at, struct err *e)
{
    const struct embedded_queued first = b->queued[*at];
    const struct embedded_topic *topic;
    uint64_t offset;
    if (embedded_topic(b, first.topic, first.partition, &topic, e) ||
        embedded_next(b->env, txn, topic, first.partition, &offset, e))
        return -1;
    for (; *at < b->queued_n; (*at)++, offset++) {
        const struct embedded_queued *q = &b->queued[*at];
        if (q->topic != first.topic || q->partition != first.partition)
            break;
        uint8_t key[EMBEDDED_LOG_KEY];
        struct slice bytes = slice_of(b->queue.p + q->at, q->n);
        struct embedded_record record;
        ASSERT(embedded_record_parse(bytes, &record));
        embedded_log_key(key, topic->id, q->partition, offset);
        if (store_put(txn, b->env->log, slice_of(key, sizeof key), bytes, e))
            return -1;
        if (topic->compacted && compact(b, txn, topic, q->partition, offset, &record, e))
            return -1;
    }
    uint8_t key[EMBEDDED_PARTITION_KEY], to[8];
    embedded_partition_key(key, topic->id, first.partition);
    key_u64(to, offset);
    return store_put(txn, b->env->ends, slice_of(key, sizeof key), slice_of(to, sizeof to), e);
}

/* ---- commits of the group ---- */

static size_t commit_key(uint8_t *to, const char *group, uint16_t topic_id, uint32_t partition)
{
    size_t n = strlen(group);
    memcpy(to, group, n);
    to[n] = 0;
    embedded_partition_key(to + n + 1, topic_id, partition);
    return n + 1 + EMBEDDED_PARTITION_KEY;
}
#define COMMIT_KEY_MAX (EMBEDDED_NAME_MAX + 1 + EMBEDDED_PARTITION_KEY)

static int write_commits(struct embedded *b, struct store_txn *txn, struct err *e)
{
    for (size_t i = 0; i < b->commits_n; i++) {
        uint8_t key[COMMIT_KEY_MAX], to[8];
        size_t n = commit_key(key, b->group.name, b->topics[b->commits[i].topic].id, b->commits[i].partition);
        key_u64(to, (uint64_t)b->commits[i].next);
        if (store_put(txn, b->env->commits, slice_of(key, n), slice_of(to, sizeof to), e))
            return -1;
    }
    return 0;
}

void embedded_commits_write(struct embedded *b)
{
    struct store_txn *txn;
    if (!b->commits_n || embedded_begin(b->env, true, &txn, NULL))
        return;
    int rc = write_commits(b, txn, NULL);
    if (embedded_end(b->env, txn, rc == 0, NULL) == 0 && rc == 0)
        b->commits_n = 0;
    b->commits_due_ms = clock_mono_ms() + EMBEDDED_COMMITS_MS;
}

int embedded_commit(struct bus *bus, enum topic t, uint32_t partition, int64_t next_offset, struct err *e)
{
    struct embedded *b = (struct embedded *)bus;
    const struct embedded_topic *topic;
    if (!b->group.name)
        return err_set(e, ERR_USAGE, 0, "commit of topic %s without a group", topics[t].name);
    if (next_offset < 0)
        return err_set(e, ERR_USAGE, 0, "commit of topic %s: offset %" PRId64, topics[t].name, next_offset);
    if (embedded_topic(b, t, partition, &topic, e))
        return -1;
    for (size_t i = 0; i < b->commits_n; i++)
        if (b->commits[i].topic == t && b->commits[i].partition == partition) {
            b->commits[i].next = next_offset;
            return 0;
        }
    if (b->commits_n == b->commits_cap) {
        b->commits_cap = b->commits_cap ? b->commits_cap * 2 : 16;
        b->commits = xrealloc(b->commits, b->commits_cap * sizeof *b->commits);
    }
    if (!b->commits_n)
        b->commits_due_ms = clock_mono_ms() + EMBEDDED_COMMITS_MS;
    b->commits[b->commits_n++] = (struct embedded_commit){.topic = t, .partition = partition, .next = next_offset};
    return 0;
}

int embedded_committed(struct bus *bus, const char *group, enum topic t, uint32_t partition, int64_t *ret_next,
                       struct err *e)
{
    struct embedded *b = (struct embedded *)bus;
    const struct embedded_topic *topic;
    struct store_txn *txn;
    struct slice value;
    if (!embedded_name_ok(group))
        return err_set(e, ERR_USAGE, 0, "group name \"%s\": letters, digits, '.', '_' and '-', at most %u", group,
                       EMBEDDED_NAME_MAX);
    if (embedded_topic(b, t, partition, &topic, e))
        return -1;
    if (b->group.name && strcmp(group, b->group.name) == 0)
        for (size_t i = 0; i < b->commits_n; i++)
            if (b->commits[i].topic == t && b->commits[i].partition == partition) {
                *ret_next = b->commits[i].next;
                return 0;
            }
    if (embedded_begin(b->env, false, &txn, e))
        return -1;
    uint8_t key[COMMIT_KEY_MAX];
    size_t n = commit_key(key, group, topic->id, partition);
    int r = store_get(txn, b->env->commits, slice_of(key, n), &value, e);
    int64_t next = r == 1 && value.n == 8 ? (int64_t)key_get_u64(value.p) : -1;
    embedded_end(b->env, txn, false, NULL);
    if (r < 0)
        return -1;
    *ret_next = next;
    return 0;
}

/* ---- expiry ---- */

struct expiry {
    struct embedded *b;
    struct store_txn *txn;
    int64_t now_ms;
    size_t budget; /* records that may still be removed in this portion */
};

static bool is_dead(const struct expiry *x, int64_t timestamp_ms, int64_t kept_ms)
{
    int64_t ms = x->b->retention_override_ms ? x->b->retention_override_ms : kept_ms;
    return timestamp_ms <= x->now_ms - ms;
}

/* A tombstone: its record, and the index entry unless that already names a newer record. */
static int bury(struct expiry *x, const uint8_t *grave, const uint8_t *hash, struct err *e)
{
    struct embedded_env *v = x->b->env;
    uint8_t index_key[EMBEDDED_INDEX_KEY];
    struct slice value;
    memcpy(index_key, grave + 8, EMBEDDED_PARTITION_KEY);
    memcpy(index_key + EMBEDDED_PARTITION_KEY, hash, sizeof(struct hash128));
    struct slice index = slice_of(index_key, sizeof index_key);
    int r = store_get(x->txn, v->index, index, &value, e);
    if (r < 0)
        return -1;
    if (r == 1 && value.n == 8 && memcmp(value.p, grave + 8 + EMBEDDED_PARTITION_KEY, 8) == 0 &&
        store_del(x->txn, v->index, index, e) < 0)
        return -1;
    return store_del(x->txn, v->log, slice_of(grave + 8, EMBEDDED_LOG_KEY), e) < 0 ? -1 : 0;
}

static int expire_tombstones(struct expiry *x, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    int r = 0;
    store_iter_init(&it, x->txn, x->b->env->graves, slice_of("", 0), SLICE_NONE);
    while (x->budget && (r = store_iter_next(&it, &key, &value, e)) == 1) {
        uint8_t grave[EMBEDDED_GRAVE_KEY], hash[sizeof(struct hash128)];
        if (key.n != sizeof grave || value.n != sizeof hash) {
            r = err_set(e, ERR_FATAL, 0, "the embedded bus in %s is damaged: table graves", x->b->env->dir);
            break;
        }
        if (!is_dead(x, (int64_t)key_get_u64(key.p), TOPIC_TOMBSTONE_MS))
            break;
        memcpy(grave, key.p, sizeof grave);
        memcpy(hash, value.p, sizeof hash);
        x->budget--;
        if (store_iter_del(&it, e) || bury(x, grave, hash, e)) {
            r = -1;
            break;
        }
    }
    store_iter_done(&it);
    return r < 0 ? -1 : 0;
}

static int expire_partition(struct expiry *x, enum topic t, uint32_t partition, struct err *e)
{
    uint8_t prefix[EMBEDDED_PARTITION_KEY];
    struct store_iter it;
    struct slice key, value;
    int r = 0;
    embedded_partition_key(prefix, x->b->topics[t].id, partition);
    store_iter_init(&it, x->txn, x->b->env->log, slice_of(prefix, sizeof prefix), SLICE_NONE);
    while (x->budget && (r = store_iter_next(&it, &key, &value, e)) == 1) {
        if (value.n < EMBEDDED_RECORD_HEAD || !is_dead(x, (int64_t)key_get_u64(value.p), topics[t].retention_ms))
            break;
        x->budget--;
        if (store_iter_del(&it, e)) {
            r = -1;
            break;
        }
    }
    store_iter_done(&it);
    return r < 0 ? -1 : 0;
}

static int expire_all(struct expiry *x, struct err *e)
{
    if (embedded_topics_load(x->b, x->txn, e) || expire_tombstones(x, e))
        return -1;
    for (unsigned t = 0; t < TOPIC_MAX; t++)
        for (uint32_t p = 0; !x->b->topics[t].compacted && p < x->b->topics[t].partitions && x->budget; p++)
            if (expire_partition(x, (enum topic)t, p, e))
                return -1;
    crash_point("bus.expire");
    return 0;
}

/*
 * What expires is gone for good, so a wall clock that jumped is not believed at once: only when it has gone on from
 * there for a day. Set right before, it cost nothing.
 */
static bool clock_believed(struct embedded *b, int64_t wall_ms, int64_t mono_ms)
{
    const int64_t hour = 3600 * 1000;
    int64_t passed = mono_ms - b->mono_ms, drift = wall_ms - b->wall_ms - passed;
    if (b->wall_ms && (drift > hour || drift < -hour) && passed < 24 * hour)
        return false;
    b->wall_ms = wall_ms;
    b->mono_ms = mono_ms;
    return true;
}

/*
 * One portion, in a transaction of its own, so that a disk without room for records may still free some. A failure
 * is not the caller's: his records are stored, and the next portion meets the same.
 */
static void expire(struct embedded *b)
{
    struct expiry x = {.b = b, .now_ms = clock_wall_ms(), .budget = EMBEDDED_EXPIRE_RECORDS};
    int64_t now = clock_mono_ms();
    b->next_expiry_ms = now + (b->retention_override_ms ? 10 : EMBEDDED_ROUND_MS);
    if (now >= b->next_sweep_ms) {
        store_clear_dead_readers(b->env->store);
        b->next_sweep_ms = now + EMBEDDED_SWEEP_MS;
    }
    if (!clock_believed(b, x.now_ms, now) || embedded_begin(b->env, true, &x.txn, NULL))
        return;
    bool ok = expire_all(&x, NULL) == 0;
    embedded_end(b->env, x.txn, ok, NULL);
    if (!x.budget)
        b->next_expiry_ms = 0;
}

/* ---- flush ---- */

static int write_queue(struct embedded *b, struct err *e)
{
    struct store_txn *txn;
    if (embedded_begin(b->env, true, &txn, e))
        return -1;
    int rc = 0;
    for (size_t at = 0; rc == 0 && at < b->queued_n;)
        rc = write_partition(b, txn, &at, e);
    if (rc == 0)
        rc = write_commits(b, txn, e);
    crash_point("bus.flush.written");
    if (rc) {
        embedded_end(b->env, txn, false, NULL);
        return -1;
    }
    if (embedded_end(b->env, txn, true, e))
        return -1;
    b->commits_n = 0;
    return 0;
}

static int write_growing(struct embedded *b, struct err *e)
{
    for (;;) {
        struct err own = ERR_INIT;
        if (write_queue(b, &own) == 0)
            return 0;
        /* Ends: each round doubles the map until the address space is used up. */
        if (!store_map_full(&own) || embedded_grow(b->env, &own)) {
            if (e)
                *e = own;
            return -1;
        }
    }
}

/* The time-out is not needed: nothing is waited for but the local disk and another process's flush. */
int embedded_flush(struct bus *bus, int timeout_ms, struct err *e)
{
    struct embedded *b = (struct embedded *)bus;
    (void)timeout_ms;
    int rc = 0;
    crash_point("bus.flush.begin");
    if (b->queued_n) {
        qsort(b->queued, b->queued_n, sizeof *b->queued, by_partition);
        rc = write_growing(b, e);
        queue_forget(b);
        if (rc == 0) {
            crash_point("bus.flush.committed");
            embedded_wake_all(b->env, &b->env->wake->written);
        }
    }
    if (clock_mono_ms() >= b->next_expiry_ms || (rc && e && e->kind == ERR_FULL))
        expire(b);
    return rc;
}
