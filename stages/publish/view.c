/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/view.h"

#include "base/clock.h"
#include "base/hash.h"
#include "model/distro/eol.h"

const char *const view_tables[VIEW_TABLES] = {
    [VIEW_IMAGES] = "images",
    [VIEW_WORKLOADS] = "workloads",
    [VIEW_INVENTORIES] = "inventories",
    [VIEW_FINDINGS] = "findings",
    [VIEW_BY_VULNERABILITY] = "by-vulnerability",
    [VIEW_CHANGES] = "changes",
    [VIEW_LATEST] = "latest",
    [VIEW_ENDS] = "ends",
    [VIEW_STATE] = "state",
    [ADVISORY_VIEW_ADVISORIES] = "advisories",
    [ADVISORY_VIEW_VULNERABILITIES] = "vulnerabilities",
    [ADVISORY_VIEW_META] = "meta",
};

#define DIGEST_MAX    128
#define DAY_MS        ((int64_t)86400 * 1000)
#define DATE_BYTES    10
#define YEAR_10000_MS INT64_C(253402300800000)

int view_epoch(struct store_txn *t, const store_table *tables, uint64_t *ret_epoch, struct err *e)
{
    struct slice v;
    *ret_epoch = 0;
    int got = store_get(t, tables[VIEW_STATE], SLICE("epoch"), &v, e);
    if (got == 1 && v.n == 8)
        *ret_epoch = key_get_u64(v.p);
    return got < 0 ? -1 : 0;
}

static int next_seq(struct step *s, uint64_t *ret_seq, struct err *e)
{
    store_table t = STEP_WHOLE(s, VIEW_STATE);
    struct slice v;
    uint8_t bytes[8];
    int got = store_get(s->whole, t, SLICE("seq"), &v, e);
    if (got < 0)
        return -1;
    if (!got) {
        key_u64(bytes, (uint64_t)s->now_ms << 20 | (uint64_t)(getpid() & 0xFFFFF));
        if (store_put(s->whole, t, SLICE("epoch"), slice_of(bytes, sizeof bytes), e))
            return -1;
    }
    *ret_seq = got == 1 && v.n == 8 ? key_get_u64(v.p) + 1 : 1;
    key_u64(bytes, *ret_seq);
    return store_put(s->whole, t, SLICE("seq"), slice_of(bytes, sizeof bytes), e);
}

static void change_key(uint8_t key[12], uint32_t partition, uint64_t seq)
{
    key_u32(key, partition);
    key_u64(key + 4, seq);
}

/* Remembers that something about a digest changed; only the newest change of a digest is kept. */
static int note_change(struct step *s, struct slice digest, int64_t at_ms, struct err *e)
{
    uint8_t key[12], value[8 + DIGEST_MAX], seq_bytes[8], copy[DIGEST_MAX];
    uint32_t partition = hash_partition(digest, s->partitions);
    uint64_t seq;
    struct slice old;
    if (!digest.n || digest.n > DIGEST_MAX)
        return err_set(e, ERR_POISON, 0, "the key does not begin with a digest");
    memcpy(copy, digest.p, digest.n);
    digest.p = copy;
    int got = store_get(s->whole, STEP_WHOLE(s, VIEW_LATEST), digest, &old, e);
    if (got < 0)
        return -1;
    if (got == 1 && old.n == 8) {
        change_key(key, partition, key_get_u64(old.p));
        if (store_del(s->whole, STEP_WHOLE(s, VIEW_CHANGES), slice_of(key, sizeof key), e) < 0)
            return -1;
    }
    if (next_seq(s, &seq, e))
        return -1;
    change_key(key, partition, seq);
    key_u64(value, (uint64_t)at_ms);
    memcpy(value + 8, digest.p, digest.n);
    key_u64(seq_bytes, seq);
    if (store_put(s->whole, STEP_WHOLE(s, VIEW_CHANGES), slice_of(key, sizeof key), slice_of(value, 8 + digest.n), e))
        return -1;
    return store_put(s->whole, STEP_WHOLE(s, VIEW_LATEST), digest, slice_of(seq_bytes, sizeof seq_bytes), e);
}

static int keep(struct step *s, int table, const struct bus_event *ev, struct err *e)
{
    uint8_t key[STEP_KEY_MAX];
    struct slice k = slice_of(key, step_key(key, ev->key));
    store_table t = STEP_WHOLE(s, table);
    if (ev->tombstone ? store_del(s->whole, t, k, e) < 0 : store_put(s->whole, t, k, ev->value, e))
        return -1;
    return note_change(s, topic_key_head(ev->key), ev->timestamp_ms, e);
}

int view_apply_image(struct step *s, const struct bus_event *ev, const void *record, struct err *e)
{
    (void)record;
    return keep(s, VIEW_IMAGES, ev, e);
}

int view_apply_workload(struct step *s, const struct bus_event *ev, const void *record, struct err *e)
{
    (void)record;
    return keep(s, VIEW_WORKLOADS, ev, e);
}

/* Rows of an older date stay: they cost one look at an image that is as it was. */
static int note_end(struct step *s, struct slice digest, struct slice end, struct err *e)
{
    uint8_t key[DATE_BYTES + DIGEST_MAX];
    if (!eol_is_date(end) || digest.n > DIGEST_MAX)
        return 0;
    memcpy(key, end.p, DATE_BYTES);
    memcpy(key + DATE_BYTES, digest.p, digest.n);
    return store_put(s->whole, STEP_WHOLE(s, VIEW_ENDS), slice_of(key, DATE_BYTES + digest.n), SLICE(""), e);
}

int view_apply_inventory(struct step *s, const struct bus_event *ev, const void *record, struct err *e)
{
    const struct inventory *v = record;
    if (v && !v->part && note_end(s, topic_key_head(ev->key), v->os.end_of_life, e))
        return -1;
    return keep(s, VIEW_INVENTORIES, ev, e);
}

static size_t by_vuln_key(uint8_t *key, struct slice id, struct slice digest)
{
    key_u64(key, hash64(id));
    memcpy(key + 8, digest.p, MIN(digest.n, (size_t)DIGEST_MAX));
    return 8 + MIN(digest.n, (size_t)DIGEST_MAX);
}

static int index_findings(struct step *s, struct slice digest, const struct findings *f, bool put, struct err *e)
{
    uint8_t key[8 + DIGEST_MAX];
    store_table t = STEP_WHOLE(s, VIEW_BY_VULNERABILITY);
    for (size_t i = 0; i < f->findings.n; i++) {
        struct slice id;
        for (size_t n = 0; (id = finding_cve(&f->findings.v[i], n)).n; n++) {
            struct slice k = slice_of(key, by_vuln_key(key, id, digest));
            if (put ? store_put(s->whole, t, k, SLICE(""), e) : store_del(s->whole, t, k, e) < 0)
                return -1;
        }
    }
    return 0;
}

int view_apply_findings(struct step *s, const struct bus_event *ev, const void *record, struct err *e)
{
    uint8_t key[STEP_KEY_MAX];
    struct slice k = slice_of(key, step_key(key, ev->key)), old_bytes, digest = topic_key_head(ev->key);
    int got = store_get(s->whole, STEP_WHOLE(s, VIEW_FINDINGS), k, &old_bytes, e);
    if (got < 0)
        return -1;
    if (got == 1) {
        struct findings old = {0};
        if (codec_decode(runner_codec(s->runner), TOPIC_FINDINGS, old_bytes, s->arena, &old, e) ||
            index_findings(s, digest, &old, false, e))
            return -1;
    }
    if (record && index_findings(s, digest, record, true, e))
        return -1;
    return keep(s, VIEW_FINDINGS, ev, e);
}

int view_apply_vulnerability(struct step *s, const struct bus_event *ev, const void *record, struct err *e)
{
    const struct vulnerability *v = record;
    struct slice id = v ? v->id : topic_key_head(ev->key), feed = v ? v->feed : topic_key_tail(ev->key), key, value;
    if (v ? vuln_view_put(s->whole, s->whole_tables, v, e) < 0
          : vuln_view_del(s->whole, s->whole_tables, id, feed, e) < 0)
        return -1;
    uint8_t prefix[8];
    slice_vec digests = {0};
    struct store_iter it;
    int got;
    key_u64(prefix, hash64(id));
    store_iter_init(&it, s->whole, STEP_WHOLE(s, VIEW_BY_VULNERABILITY), slice_of(prefix, sizeof prefix), SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1)
        if (!slice_vec_add(s->arena, &digests, arena_slice(s->arena, slice_from(key, 8))))
            break;
    store_iter_done(&it);
    if (got < 0)
        return -1;
    for (size_t i = 0; i < digests.n; i++)
        if (note_change(s, digests.v[i], ev->timestamp_ms, e))
            return -1;
    return 0;
}

/* ---- what day it is ---- */

static int day_get(struct store_txn *t, const store_table *tables, int64_t *ret_ms, struct err *e)
{
    struct slice v;
    *ret_ms = 0;
    int got = store_get(t, tables[VIEW_STATE], SLICE("day"), &v, e);
    if (got == 1 && v.n == 8)
        *ret_ms = (int64_t)key_get_u64(v.p);
    return got < 0 ? -1 : 0;
}

/* Something changed for everything whose end lies between the two days, in either direction. */
static int note_ends(struct step *s, int64_t one_ms, int64_t other_ms, int64_t at_ms, struct err *e)
{
    char from[CLOCK_TEXT_MAX], to[CLOCK_TEXT_MAX];
    struct store_iter it;
    struct slice key, value;
    slice_vec digests = {0};
    int got;
    clock_format(MIN(one_ms, other_ms), from);
    clock_format(MAX(one_ms, other_ms), to);
    store_iter_init(&it, s->whole, STEP_WHOLE(s, VIEW_ENDS), SLICE_NONE, slice_of(from, DATE_BYTES));
    while ((got = store_iter_next(&it, &key, &value, e)) == 1) {
        if (key.n <= DATE_BYTES || memcmp(key.p, to, DATE_BYTES) >= 0)
            break;
        if (!slice_vec_add(s->arena, &digests, arena_slice(s->arena, slice_from(key, DATE_BYTES)))) {
            got = err_set(e, ERR_POISON, 0, "too many images end at once");
            break;
        }
    }
    store_iter_done(&it);
    for (size_t i = 0; got >= 0 && i < digests.n; i++)
        if (note_change(s, digests.v[i], at_ms, e))
            return -1;
    return got < 0 ? -1 : 0;
}

int view_apply_tick(struct step *s, const struct bus_event *ev, const void *record, struct err *e)
{
    const struct tick *t = record;
    uint8_t bytes[8];
    int64_t day, old;
    if (!t || ev->partition)
        return 0;
    if (t->at_ms <= 0 || t->at_ms >= YEAR_10000_MS)
        return err_set(e, ERR_POISON, 0, "a tick of no time");
    day = t->at_ms - t->at_ms % DAY_MS;
    if (day_get(s->whole, s->whole_tables, &old, e))
        return -1;
    if (day == old)
        return 0;
    key_u64(bytes, (uint64_t)day);
    if (store_put(s->whole, STEP_WHOLE(s, VIEW_STATE), SLICE("day"), slice_of(bytes, sizeof bytes), e))
        return -1;
    return note_ends(s, old, day, ev->timestamp_ms, e);
}

int view_now(struct store_txn *t, const store_table *tables, uint32_t partitions, struct slice digest, int64_t *ret_ms,
             struct err *e)
{
    uint8_t key[12];
    struct slice v;
    if (day_get(t, tables, ret_ms, e))
        return -1;
    if (*ret_ms)
        return 0;
    int got = store_get(t, tables[VIEW_LATEST], digest, &v, e);
    if (got <= 0 || v.n != 8)
        return got < 0 ? -1 : 0;
    change_key(key, hash_partition(digest, partitions), key_get_u64(v.p));
    got = store_get(t, tables[VIEW_CHANGES], slice_of(key, sizeof key), &v, e);
    if (got == 1 && v.n > 8)
        *ret_ms = (int64_t)key_get_u64(v.p);
    return got < 0 ? -1 : 0;
}
