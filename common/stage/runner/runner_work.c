/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner_work.c: the work table of a partition.
 *   work:  kind u8, subject            -> priority u8, due i64, seq u64
 *   queue: kind u8, 0, priority, seq, subject -> ""   ready, in the order in which it is picked
 *          kind u8, 1, due, subject           -> ""   waiting for its time
 * Both tables change together, so each row of work has exactly one row in queue.
 */
#include "stage/runner/runner_internal.h"

#define ROW_BYTES 17

static size_t work_key(uint8_t *key, unsigned kind, struct slice subject)
{
    key[0] = (uint8_t)kind;
    memcpy(key + 1, subject.p, subject.n);
    return subject.n + 1;
}

static size_t queue_key(uint8_t *key, unsigned kind, const struct work_row *row, struct slice subject)
{
    size_t n = 0;
    key[n++] = (uint8_t)kind;
    key[n++] = row->due_ms ? 1 : 0;
    if (row->due_ms) {
        key_u64(key + n, (uint64_t)row->due_ms);
        n += 8;
    } else {
        key[n++] = (uint8_t)row->priority;
        key_u64(key + n, row->seq);
        n += 8;
    }
    memcpy(key + n, subject.p, subject.n);
    return n + subject.n;
}

static int row_get(struct part *p, unsigned kind, struct slice subject, struct work_row *ret_row, struct err *e)
{
    uint8_t key[WORK_SUBJECT_MAX + 1];
    struct slice v;
    int got = store_get(p->txn, p->work, slice_of(key, work_key(key, kind, subject)), &v, e);
    if (got == 1) {
        if (v.n != ROW_BYTES)
            return err_set(e, ERR_FATAL, 0, "work table: a row of %zu bytes", v.n);
        *ret_row = (struct work_row){v.p[0], (int64_t)key_get_u64(v.p + 1), key_get_u64(v.p + 9)};
    }
    return got;
}

static int row_put(struct part *p, unsigned kind, struct slice subject, const struct work_row *row, struct err *e)
{
    uint8_t key[WORK_SUBJECT_MAX + 32], v[ROW_BYTES];
    v[0] = (uint8_t)row->priority;
    key_u64(v + 1, (uint64_t)row->due_ms);
    key_u64(v + 9, row->seq);
    if (store_put(p->txn, p->work, slice_of(key, work_key(key, kind, subject)), slice_of(v, sizeof v), e))
        return -1;
    if (row->due_ms)
        p->earliest_due_ms = MIN(p->earliest_due_ms, row->due_ms);
    return store_put(p->txn, p->queue, slice_of(key, queue_key(key, kind, row, subject)), SLICE(""), e);
}

static int row_del(struct part *p, unsigned kind, struct slice subject, const struct work_row *row, struct err *e)
{
    uint8_t key[WORK_SUBJECT_MAX + 32];
    if (store_del(p->txn, p->queue, slice_of(key, queue_key(key, kind, row, subject)), e) < 0)
        return -1;
    return store_del(p->txn, p->work, slice_of(key, work_key(key, kind, subject)), e) < 0 ? -1 : 0;
}

int runner_work_put(struct part *p, struct running_job *const *active, size_t active_n, unsigned kind,
                    struct slice subject, unsigned priority, int64_t due_ms, int64_t now_ms, struct err *e)
{
    if (!subject.n || subject.n > WORK_SUBJECT_MAX || kind > 255)
        return err_set(e, ERR_POISON, 0, "a subject of work has 1 to %d bytes, this one %zu", WORK_SUBJECT_MAX,
                       subject.n);
    for (size_t i = 0; i < active_n; i++)
        if (active[i]->job.partition == p->k && active[i]->kind == kind && slice_eq(active[i]->job.subject, subject))
            active[i]->again = true;
    struct work_row row = {MIN(priority, 255u), due_ms > now_ms ? due_ms : 0, 0}, old;
    /* Walks that collect subjects give slices into the map, which a put may move. */
    uint8_t copy[WORK_SUBJECT_MAX];
    memcpy(copy, subject.p, subject.n);
    subject.p = copy;
    int got = row_get(p, kind, subject, &old, e);
    if (got < 0)
        return -1;
    if (got) {
        row.priority = MIN(row.priority, old.priority);
        row.due_ms = MIN(row.due_ms, old.due_ms);
        if (row.due_ms == old.due_ms && row.priority == old.priority)
            return 0;
        if (row_del(p, kind, subject, &old, e))
            return -1;
    }
    row.seq = got && !old.due_ms ? old.seq : ++p->seq;
    p->dirty = true;
    return row_put(p, kind, subject, &row, e);
}

int runner_work_take(struct part *p, unsigned kind, struct slice subject, struct work_row *ret_row, struct err *e)
{
    uint8_t copy[WORK_SUBJECT_MAX];
    if (!subject.n || subject.n > WORK_SUBJECT_MAX)
        return 0;
    memcpy(copy, subject.p, subject.n);
    subject.p = copy;
    int got = row_get(p, kind, subject, ret_row, e);
    if (got <= 0)
        return got;
    return row_del(p, kind, subject, ret_row, e) ? -1 : 1;
}

int runner_work_restore(struct part *p, unsigned kind, struct slice subject, const struct work_row *row, struct err *e)
{
    struct work_row now;
    if (runner_work_take(p, kind, subject, &now, e) < 0)
        return -1;
    return row_put(p, kind, subject, row, e);
}

int runner_work_drop(struct part *p, unsigned kind, struct slice subject, struct err *e)
{
    struct work_row row;
    int got = runner_work_take(p, kind, subject, &row, e);
    if (got == 1)
        p->dirty = true;
    return got;
}

/* Promotes one due subject of a kind: 1 did, 0 none is due (*ret_next: when the next one is). */
static int promote_one(struct part *p, unsigned kind, int64_t now_ms, int64_t *ret_next, struct err *e)
{
    uint8_t prefix[2] = {(uint8_t)kind, 1}, subject[WORK_SUBJECT_MAX];
    struct store_iter it;
    struct slice key, value;
    store_iter_init(&it, p->txn, p->queue, slice_of(prefix, sizeof prefix), SLICE_NONE);
    int got = store_iter_next(&it, &key, &value, e);
    size_t n = 0;
    if (got == 1 && key.n > 10 && key.n - 10 <= WORK_SUBJECT_MAX) {
        int64_t due = (int64_t)key_get_u64(key.p + 2);
        if (due > now_ms) {
            *ret_next = due;
            got = 0;
        } else {
            n = key.n - 10;
            memcpy(subject, key.p + 10, n);
        }
    }
    store_iter_done(&it);
    if (got <= 0)
        return got;
    struct work_row row;
    struct slice s = slice_of(subject, n);
    got = row_get(p, kind, s, &row, e);
    if (got <= 0)
        return got < 0 ? -1 : err_set(e, ERR_FATAL, 0, "work table: a queued subject has no row");
    if (row_del(p, kind, s, &row, e))
        return -1;
    row.due_ms = 0;
    row.seq = ++p->seq;
    p->dirty = true;
    return row_put(p, kind, s, &row, e) ? -1 : 1;
}

int runner_work_promote(struct part *p, size_t works_n, int64_t now_ms, struct err *e)
{
    int64_t earliest = INT64_MAX;
    for (unsigned kind = 0; kind < works_n; kind++) {
        int64_t next = INT64_MAX;
        int got;
        while ((got = promote_one(p, kind, now_ms, &next, e)) == 1) {
        }
        if (got < 0)
            return -1;
        earliest = MIN(earliest, next);
    }
    p->earliest_due_ms = earliest;
    return 0;
}

int runner_work_peek(struct part *p, unsigned kind, size_t skip, unsigned *ret_priority, struct slice *ret_subject,
                     struct err *e)
{
    uint8_t prefix[2] = {(uint8_t)kind, 0};
    struct store_iter it;
    struct slice key, value;
    int got;
    store_iter_init(&it, p->txn, p->queue, slice_of(prefix, sizeof prefix), SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1 && skip--) {
    }
    if (got == 1) {
        *ret_priority = key.p[2];
        *ret_subject = slice_from(key, 11);
    }
    store_iter_done(&it);
    return got;
}

int runner_work_load(struct part *p, struct err *e)
{
    struct store_txn *t;
    struct store_iter it;
    struct slice key, value;
    int got;
    if (store_begin(p->store, false, &t, e))
        return -1;
    p->seq = 0;
    p->earliest_due_ms = 0;
    store_iter_init(&it, t, p->queue, SLICE_NONE, SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1)
        if (key.n > 11 && !key.p[1])
            p->seq = MAX(p->seq, key_get_u64(key.p + 3));
    store_iter_done(&it);
    store_abort(t);
    return got;
}
