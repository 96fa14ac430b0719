/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kafka_group.c: the group. The eager protocol with the range assignor: a rebalance takes everything away and gives
 * anew, and equal partition counts give a member the same partitions of every topic.
 */
#include "bus/kafka/kafka_int.h"

#include "base/clock.h"

/* ---- rebalance ---- */

static int number_cmp(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* The partition numbers of one topic in list, sorted; numbers has room for all of list. */
static size_t numbers_of(const rd_kafka_topic_partition_list_t *list, enum topic t, uint32_t *numbers)
{
    size_t n = 0;
    for (int i = 0; i < list->cnt; i++)
        if (strcmp(list->elems[i].topic, topics[t].name) == 0)
            numbers[n++] = (uint32_t)list->elems[i].partition;
    qsort(numbers, n, sizeof *numbers, number_cmp);
    return n;
}

/*
 * Stores the partitions that the group gave this member in b->owned. It is an error if their numbers are not the same
 * in all joined topics.
 */
static int owned_take(struct kafka_bus *b, const rd_kafka_topic_partition_list_t *list, struct err *e)
{
    size_t most = (size_t)list->cnt + 1;
    b->owned = xrealloc(b->owned, most * sizeof *b->owned);
    ATTR_CLEANUP(cleanup_free) uint32_t *other = xmalloc(most * sizeof *other);
    size_t n = numbers_of(list, b->joined[0], b->owned);
    for (size_t i = 1; i < b->joined_n; i++) {
        size_t m = numbers_of(list, b->joined[i], other);
        if (m != n || memcmp(other, b->owned, n * sizeof *other) != 0)
            return err_set(
                e, ERR_FATAL, 0,
                "group %s gave other partitions of topic %s (%zu) than of %s (%zu): the topics have different "
                "numbers of partitions, or another member has joined other topics",
                b->group_name, topics[b->joined[i]].name, m, topics[b->joined[0]].name, n);
    }
    for (size_t i = 0; i < n; i++)
        if (b->owned[i] >= KAFKA_PARTITIONS_MAX)
            return err_set(e, ERR_FATAL, 0, "partition %" PRIu32 " is over the limit", b->owned[i]);
    b->owned_n = n;
    return 0;
}

static void parts_off(struct kafka_reader *r)
{
    for (int t = 0; t < TOPIC_MAX; t++)
        for (uint32_t p = 0; p < r->parts_n[t]; p++)
            r->parts[t][p] = KAFKA_PART_NONE;
    r->moved = false;
}

static int owned_tell(struct kafka_bus *b, struct err *e)
{
    b->in_callback = true;
    int rc = b->callbacks.assigned(b->callbacks_arg, b->owned, b->owned_n, e);
    b->in_callback = false;
    if (rc == 0)
        return 0;
    if (e->kind == ERR_NONE)
        err_set(e, ERR_FATAL, 0, "taking over partitions failed");
    parts_off(&b->group);
    b->take_due = err_kind_passes(e->kind);
    return -1;
}

static void assigned(struct kafka_bus *b, const rd_kafka_topic_partition_list_t *list)
{
    parts_off(&b->group);
    b->take_due = false;
    int rc = owned_take(b, list, &b->group_error);
    if (rc == 0)
        rc = owned_tell(b, &b->group_error);
    struct err error = ERR_INIT;
    if (kafka_reader_assign(&b->group, &error) < 0 && rc == 0 && !kafka_group_confused(b))
        b->group_error = error;
}

int kafka_group_take(struct kafka_bus *b, struct err *e)
{
    if (!b->take_due)
        return 0;
    b->take_due = false;
    if (owned_tell(b, e) < 0)
        return -1;
    return kafka_reader_assign(&b->group, e);
}

void kafka_group_revoke(struct kafka_bus *b, bool lost)
{
    size_t n = b->owned_n;
    if (n) {
        b->in_callback = true;
        b->callbacks.revoked(b->callbacks_arg, b->owned, n, lost);
        b->in_callback = false;
        if (!lost)
            kafka_commits_send(b);
    }
    b->owned_n = 0;
    b->take_due = false;
    b->uncommitted = false;
    parts_off(&b->group);
}

void kafka_rebalanced(rd_kafka_t *rk, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list, void *opaque)
{
    struct kafka_bus *b = opaque;
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        assigned(b, list);
        return;
    }
    bool lost = code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS || rd_kafka_assignment_lost(rk);
    if (lost && !rd_kafka_fatal_error(rk, NULL, 0))
        b->shaken_ms = clock_mono_ms();
    kafka_group_revoke(b, lost);
    b->group.last_rkt = NULL;
    kafka_assign(rk, NULL);
}

/* ---- commits: only for others to see ---- */

/* The parts with a commit that was not sent yet, NULL when there are none. */
static rd_kafka_topic_partition_list_t *commits_take(struct kafka_bus *b)
{
    rd_kafka_topic_partition_list_t *list = NULL;
    struct kafka_reader *r = &b->group;
    for (int t = 0; b->uncommitted && t < TOPIC_MAX; t++)
        for (uint32_t p = 0; p < r->parts_n[t]; p++) {
            struct kafka_part *part = &r->parts[t][p];
            if (!part->uncommitted)
                continue;
            part->uncommitted = false;
            if (!list)
                list = rd_kafka_topic_partition_list_new(16);
            rd_kafka_topic_partition_list_add(list, topics[t].name, (int32_t)p)->offset = part->commit;
        }
    b->uncommitted = false;
    b->commits_sent_ms = clock_mono_ms();
    return list;
}

void kafka_commits_send(struct kafka_bus *b)
{
    rd_kafka_topic_partition_list_t *list = b->group.rk ? commits_take(b) : NULL;
    if (!list)
        return;
    rd_kafka_commit(b->group.rk, list, /* async= */ 1);
    rd_kafka_topic_partition_list_destroy(list);
}

/* A commit that was refused, since a rebalance came in between, is sent again later if the partition is still ours. */
void kafka_committed_cb(rd_kafka_t *rk, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list, void *opaque)
{
    struct kafka_bus *b = opaque;
    if (rk != b->group.rk || !list)
        return;
    for (int i = 0; i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *elem = &list->elems[i];
        enum topic t = topic_by_name(slice_str(elem->topic));
        if ((!code && !elem->err) || t >= TOPIC_MAX || (uint32_t)elem->partition >= b->group.parts_n[t])
            continue;
        struct kafka_part *part = &b->group.parts[t][elem->partition];
        if (part->commit >= 0)
            part->uncommitted = b->uncommitted = true;
    }
}

static bool is_owned(const struct kafka_bus *b, enum topic t, uint32_t partition)
{
    bool is_joined = false;
    for (size_t i = 0; i < b->joined_n; i++)
        is_joined |= b->joined[i] == t;
    return is_joined && b->owned_n && bsearch(&partition, b->owned, b->owned_n, sizeof partition, number_cmp);
}

int kafka_commit(struct bus *bus, enum topic t, uint32_t partition, int64_t next_offset, struct err *e)
{
    struct kafka_bus *b = kafka_of(bus);
    if (!b->group.rk)
        return err_set(e, ERR_USAGE, 0, "topic %s: this process is in no group", topics[t].name);
    /* The partition was just lost: its new owner knows better. */
    if (!is_owned(b, t, partition))
        return 0;
    struct kafka_part *part = kafka_part(&b->group, t, partition);
    if (part->commit == next_offset)
        return 0;
    part->commit = next_offset;
    part->uncommitted = b->uncommitted = true;
    return 0;
}

static void commits_send_and_wait(struct kafka_bus *b)
{
    rd_kafka_topic_partition_list_t *list = b->group.rk ? commits_take(b) : NULL;
    if (!list)
        return;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(b->group.rk);
    int64_t until = clock_mono_ms() + KAFKA_WAIT_MS;
    if (rd_kafka_commit_queue(b->group.rk, list, queue, kafka_committed_cb, b) == RD_KAFKA_RESP_ERR_NO_ERROR)
        while (rd_kafka_queue_poll_callback(queue, 100) == 0 && clock_mono_ms() < until)
            ;
    rd_kafka_queue_destroy(queue);
    rd_kafka_topic_partition_list_destroy(list);
}

#define ASKER_DROP_MS 1000

/*
 * Offsets are asked for through a consumer of the group that never joins it. Of the two ways in librdkafka 2.0.2 this
 * is the one that waits for the group's coordinator: ListConsumerGroupOffsets asks a broker that was just started three
 * times within 300 ms, then no more, and is silent until its time is over, or ends the process.
 */
static int asker_get(struct kafka_bus *b, const char *group, struct err *e)
{
    if (b->asker && strcmp(b->asker_group, group) == 0)
        return 0;
    kafka_asker_drop(b);
    if (kafka_handle_new(b, RD_KAFKA_CONSUMER, group, NULL, &b->asker, e) < 0)
        return -1;
    b->asker_group = xstrdup(group);
    return 0;
}

void kafka_asker_drop(struct kafka_bus *b)
{
    if (b->asker)
        kafka_destroy(STEAL(b->asker), ASKER_DROP_MS);
    free(STEAL(b->asker_group));
}

static rd_kafka_resp_err_t committed_ask(rd_kafka_t *rk, enum topic t, uint32_t partition, int timeout_ms,
                                         int64_t *ret_next)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topics[t].name, (int32_t)partition);
    rd_kafka_resp_err_t code = rd_kafka_committed(rk, list, timeout_ms);
    if (!code)
        code = list->elems[0].err;
    if (!code)
        *ret_next = list->elems[0].offset >= 0 ? list->elems[0].offset : -1;
    rd_kafka_topic_partition_list_destroy(list);
    return code;
}

int kafka_committed(struct bus *bus, const char *group, enum topic t, uint32_t partition, int64_t *ret_next,
                    struct err *e)
{
    struct kafka_bus *b = kafka_of(bus);
    if (b->group_name && strcmp(group, b->group_name) == 0)
        commits_send_and_wait(b);
    if (asker_get(b, group, e) < 0)
        return -1;
    int64_t until = clock_mono_ms() + KAFKA_WAIT_MS;
    rd_kafka_resp_err_t code;
    /* A coordinator that was just chosen does not know it yet, or still reads its offsets: it is asked again. */
    do
        code = committed_ask(b->asker, t, partition, (int)MAX(until - clock_mono_ms(), 1), ret_next);
    while (code && kafka_asks_again(code, until));
    if (!code)
        return 0;
    /* A handle that was made while every broker stood still may never notice that they are back. */
    kafka_asker_drop(b);
    return kafka_err(e, code, "offsets of group %s", group);
}

/* ---- joining ---- */

#define SHAKEN_MS 120000

#define JOIN_WAIT_MS 3000 /* for a broker that has not heard of topics that were just made */

static int joined_check(struct kafka_bus *b, const char *group, const enum topic *joined, size_t n, struct err *e)
{
    for (int64_t until = clock_mono_ms() + JOIN_WAIT_MS;; clock_sleep_ms(100)) {
        uint32_t counts[TOPIC_MAX];
        size_t i = 0;
        if (kafka_partitions(b, counts, NULL, NULL, e) < 0)
            return -1;
        while (i < n && counts[joined[i]] && counts[joined[i]] == counts[joined[0]])
            i++;
        if (i == n)
            return 0;
        if (clock_mono_ms() >= until)
            return err_set(e, ERR_USAGE, 0,
                           "group %s: topic %s has %" PRIu32 " partitions and %s has %" PRIu32
                           ": they must be there and have the same number (careen topics create makes them)",
                           group, topics[joined[0]].name, counts[joined[0]], topics[joined[i]].name, counts[joined[i]]);
    }
}

static int subscribe(struct kafka_bus *b, struct err *e)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)b->joined_n);
    for (size_t i = 0; i < b->joined_n; i++)
        rd_kafka_topic_partition_list_add(list, topics[b->joined[i]].name, RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t code = rd_kafka_subscribe(b->group.rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    return code ? kafka_err(e, code, "joining group %s", b->group_name) : 0;
}

int kafka_join(struct bus *bus, const char *group, const char *member, const enum topic *joined, size_t n,
               const struct bus_group_callbacks *callbacks, void *arg, struct err *e)
{
    struct kafka_bus *b = kafka_of(bus);
    if (b->group.rk || n == 0 || n > TOPIC_MAX)
        return err_set(e, ERR_USAGE, 0, "group %s: one group a bus, with at least one topic", group);
    if (joined_check(b, group, joined, n, e) < 0)
        return -1;
    if (kafka_reader_open(b, &b->group, group, member, e) < 0)
        return -1;
    b->group_name = xstrdup(group);
    b->member = member ? xstrdup(member) : NULL;
    memcpy(b->joined, joined, n * sizeof *joined);
    b->joined_n = n;
    b->callbacks = *callbacks;
    b->callbacks_arg = arg;
    return subscribe(b, e);
}

bool kafka_group_confused(struct kafka_bus *b)
{
    return b->group.rk && b->shaken_ms && clock_mono_ms() - b->shaken_ms < SHAKEN_MS &&
           rd_kafka_fatal_error(b->group.rk, NULL, 0) == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
}

/*
 * A static member whose session ran out during an outage comes back as a new one of its name; a heartbeat or commit of
 * the old one that was still under way is then refused as another process's, and 2.0.2 takes that for the end of the
 * new one too. Only once an outage, so of two processes that do have one name the older still ends.
 */
int kafka_group_rejoin(struct kafka_bus *b, struct err *e)
{
    b->shaken_ms = 0;
    kafka_group_revoke(b, true);
    kafka_reader_done(&b->group);
    if (kafka_reader_open(b, &b->group, b->group_name, b->member, e) < 0)
        return -1;
    return subscribe(b, e);
}

int kafka_start(struct bus *bus, enum topic t, uint32_t partition, int64_t offset, struct err *e)
{
    struct kafka_bus *b = kafka_of(bus);
    if (!is_owned(b, t, partition) || offset < 0)
        return err_set(e, ERR_USAGE, 0, "topic %s, partition %" PRIu32 " at offset %" PRId64 ": %s", topics[t].name,
                       partition, offset,
                       offset < 0 ? "there is no such offset" : "the group did not give it to this process");
    struct kafka_part *part = kafka_part(&b->group, t, partition);
    kafka_part_move(part, offset);
    /* Inside `assigned` the whole list is assigned when it returns. */
    if (!b->in_callback)
        b->group.moved = true;
    return 0;
}
