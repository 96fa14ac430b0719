/* SPDX-License-Identifier: Apache-2.0 */
/* kafka_read.c: readers, where they stand, and the one poll of both. */
#include "bus/kafka/kafka_int.h"

#include <poll.h>

#include "base/clock.h"

#define DOWN_TOLD_MS    5000 /* an outage is reported this often */
#define COMMIT_EVERY_MS 1000
#define NAP_MS          1000 /* bounds what a lost wake-up could cost, and keeps max.poll.interval.ms away */
#define DONE_MS         1000
#define LEADERS_MS      500
#define WAKE_PARTS      4 /* how often a broker thread is woken while a full queue is emptied */

static int64_t setting_get(rd_kafka_t *rk, const char *key)
{
    char text[32];
    size_t n = sizeof text;
    int64_t v = 0;
    if (rd_kafka_conf_get(rd_kafka_conf(rk), key, text, &n) == RD_KAFKA_CONF_OK)
        slice_parse_i64(slice_str(text), &v);
    return v;
}

int kafka_reader_open(struct kafka_bus *b, struct kafka_reader *r, const char *group, const char *member, struct err *e)
{
    rd_kafka_t *rk;
    if (kafka_handle_new(b, RD_KAFKA_CONSUMER, group, member, &rk, e) < 0)
        return -1;
    r->rk = rk;
    /* Errors of the handle come with its records. */
    rd_kafka_poll_set_consumer(rk);
    r->queue = rd_kafka_queue_get_consumer(rk);
    r->wake_after = setting_get(rk, "queued.min.messages") / WAKE_PARTS;
    r->wake_after_bytes = setting_get(rk, "queued.max.messages.kbytes") * 1024 / WAKE_PARTS;
    static const uint64_t one = 1;
    rd_kafka_queue_io_event_enable(r->queue, b->wake_fd, &one, sizeof one);
    return 0;
}

/*
 * A broker thread of librdkafka 2.0.2 that finds the queue full sleeps for up to a second before it looks again,
 * however soon the queue is empty by then, unless a request for its broker wakes it (fetch.queue.backoff.ms came with
 * 2.2). So whenever a part of what the queue may hold was taken from it, a broker is asked for metadata, and nobody
 * waits for the answer. Of several brokers librdkafka picks one that has no fetch under way: one whose thread sleeps.
 */
static void keep_fetching(struct kafka_reader *r, const rd_kafka_message_t *m)
{
    r->taken++;
    r->taken_bytes += (int64_t)(m->key_len + m->len);
    if (r->taken < r->wake_after && r->taken_bytes < r->wake_after_bytes)
        return;
    r->taken = r->taken_bytes = 0;
    const struct rd_kafka_metadata *metadata;
    if (rd_kafka_metadata(r->rk, /* all_topics= */ 0, NULL, &metadata, 0) == RD_KAFKA_RESP_ERR_NO_ERROR)
        rd_kafka_metadata_destroy(metadata);
}

void kafka_reader_done(struct kafka_reader *r)
{
    if (r->queue) {
        /* A handle that hangs in its destruction must not write to a descriptor that is another's by then. */
        rd_kafka_queue_io_event_enable(r->queue, -1, NULL, 0);
        rd_kafka_queue_destroy(r->queue);
    }
    if (r->rk)
        kafka_destroy(r->rk, DONE_MS);
    for (int t = 0; t < TOPIC_MAX; t++)
        free(r->parts[t]);
    *r = (struct kafka_reader){0};
}

struct kafka_part *kafka_part(struct kafka_reader *r, enum topic t, uint32_t partition)
{
    if (partition >= KAFKA_PARTITIONS_MAX)
        return NULL;
    if (partition >= r->parts_n[t]) {
        uint32_t n = MAX(partition + 1, r->parts_n[t] * 2);
        r->parts[t] = xrealloc(r->parts[t], n * sizeof *r->parts[t]);
        for (uint32_t i = r->parts_n[t]; i < n; i++)
            r->parts[t][i] = KAFKA_PART_NONE;
        r->parts_n[t] = n;
    }
    return &r->parts[t][partition];
}

void kafka_part_move(struct kafka_part *part, int64_t offset)
{
    part->on = true;
    part->next = offset;
    part->told = -1;
}

/* By itself 2.0.2 asks for the leaders of a topic that is new to it with its next round of once a second. */
static void leaders_ask(rd_kafka_t *rk)
{
    const struct rd_kafka_metadata *metadata;
    if (rd_kafka_metadata(rk, /* all_topics= */ 0, NULL, &metadata, LEADERS_MS) == RD_KAFKA_RESP_ERR_NO_ERROR)
        rd_kafka_metadata_destroy(metadata);
}

/*
 * An assignment that takes away a partition which the one before took away too, and which has not told yet that it
 * stopped, ends 2.0.2 with a failed assertion. Stops are made and answered on librdkafka's main thread, in order: the
 * first question comes back behind the last stop, the second behind its answer. Not asked afterwards: the assignment
 * may be the one that lets a consumer close.
 */
rd_kafka_resp_err_t kafka_assign(rd_kafka_t *rk, const rd_kafka_topic_partition_list_t *list)
{
    for (int i = 0; i < 2; i++) {
        rd_kafka_topic_partition_list_t *now;
        if (rd_kafka_assignment(rk, &now) == RD_KAFKA_RESP_ERR_NO_ERROR)
            rd_kafka_topic_partition_list_destroy(now);
    }
    return rd_kafka_assign(rk, list);
}

int kafka_reader_assign(struct kafka_reader *r, struct err *e)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
    bool unknown = false;
    for (int t = 0; t < TOPIC_MAX; t++)
        for (uint32_t p = 0; p < r->parts_n[t]; p++)
            if (r->parts[t][p].on) {
                rd_kafka_topic_partition_list_add(list, topics[t].name, (int32_t)p)->offset = r->parts[t][p].next;
                unknown |= !r->known[t];
                r->known[t] = true;
            }
    r->last_rkt = NULL;
    rd_kafka_resp_err_t code = kafka_assign(r->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (code)
        return kafka_err(e, code, "assigning partitions");
    if (unknown)
        leaders_ask(r->rk);
    r->moved = false;
    return 0;
}

int kafka_watch(struct bus *bus, enum topic t, uint32_t partition, int64_t offset, struct err *e)
{
    struct kafka_bus *b = kafka_of(bus);
    struct kafka_reader *r = &b->watch;
    struct kafka_part *part = kafka_part(r, t, partition);
    if (!part || offset < 0)
        return err_set(e, ERR_USAGE, 0, "topic %s can't be read at partition %" PRIu32 ", offset %" PRId64,
                       topics[t].name, partition, offset);
    /* The group of this consumer is only a name that librdkafka asks for: it never joins. */
    if (!r->rk && kafka_reader_open(b, r, "careen-watch", NULL, e) < 0)
        return -1;
    kafka_part_move(part, offset);
    r->moved = true;
    return 0;
}

/* ---- one message ---- */

static enum topic message_topic(struct kafka_reader *r, const rd_kafka_message_t *m)
{
    if (m->rkt != r->last_rkt || !m->rkt) {
        r->last_topic = m->rkt ? topic_by_name(slice_str(rd_kafka_topic_name(m->rkt))) : TOPIC_MAX;
        r->last_rkt = m->rkt;
    }
    return r->last_topic;
}

static uint64_t message_position(const rd_kafka_message_t *m)
{
    rd_kafka_headers_t *headers;
    const void *text;
    size_t n;
    uint64_t position = 0;
    if (rd_kafka_message_headers(m, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR &&
        rd_kafka_header_get_last(headers, KAFKA_POSITION_HEADER, &text, &n) == RD_KAFKA_RESP_ERR_NO_ERROR && text)
        slice_parse_u64(slice_of(text, n), &position);
    return position;
}

/* 1: the event is filled, 0: nothing to tell, <0 failure. m is held if the event points into it, destroyed otherwise.
 */
static int message_error(struct kafka_reader *r, struct kafka_part *part, enum topic t, const rd_kafka_message_t *m,
                         struct bus_event *ret_event, struct err *e)
{
    switch (m->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        if (!part || !part->on || m->offset < part->next || m->offset == part->told)
            return 0;
        /* The end of a compacted log may be behind the last record that is left in it. */
        part->next = part->told = m->offset;
        *ret_event = (struct bus_event){
            .kind = BUS_CAUGHT_UP, .topic = t, .partition = (uint32_t)m->partition, .offset = m->offset};
        return 1;
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
        return 0; /* the partitions are revoked as lost right after it */
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        if (!part || !part->on)
            return 0;
        return err_set(e, ERR_FATAL, m->err,
                       "topic %s, partition %" PRId32 ": offset %" PRId64 " is not there any more or not yet (%s)",
                       topics[t].name, m->partition, part->next, rd_kafka_message_errstr(m));
    case RD_KAFKA_RESP_ERR__FATAL:
        return kafka_fatal(e, r->rk);
    default:
        break;
    }
    const char *topic = m->rkt ? rd_kafka_topic_name(m->rkt) : "the group";
    /* Reading has no one to ask for other credentials, so what is refused ends the process. */
    enum err_kind kind = kafka_err_kind(m->err) == ERR_RETRY ? ERR_RETRY : ERR_FATAL;
    return err_set(e, kind, m->err, "reading %s: %s", topic, rd_kafka_message_errstr(m));
}

static int message_take(struct kafka_bus *b, struct kafka_reader *r, rd_kafka_message_t *m, struct bus_event *ret_event,
                        struct err *e)
{
    enum topic t = message_topic(r, m);
    struct kafka_part *part = NULL;
    if (t < TOPIC_MAX && m->partition >= 0 && (uint32_t)m->partition < r->parts_n[t])
        part = &r->parts[t][m->partition];
    if (m->err) {
        bool rejoins = m->err == RD_KAFKA_RESP_ERR__FATAL && r == &b->group && kafka_group_confused(b);
        int rc = rejoins ? 0 : message_error(r, part, t, m, ret_event, e);
        rd_kafka_message_destroy(m);
        return rc;
    }
    keep_fetching(r, m);
    if (!part || !part->on || m->offset < part->next) {
        rd_kafka_message_destroy(m);
        return 0;
    }
    part->next = m->offset + 1;
    b->last_error.kind = ERR_NONE;
    *ret_event = (struct bus_event){
        .kind = BUS_RECORD,
        .topic = t,
        .partition = (uint32_t)m->partition,
        .offset = m->offset,
        .timestamp_ms = rd_kafka_message_timestamp(m, NULL),
        .position = message_position(m),
        .key = slice_of(m->key ? m->key : "", m->key ? m->key_len : 0),
        .tombstone = !m->payload,
    };
    if (m->payload)
        ret_event->value = slice_of(m->payload, m->len);
    b->held = m;
    return 1;
}

/* ---- poll ---- */

/* 1: an event, 0: nothing now, <0 failure. */
static int reader_look(struct kafka_bus *b, struct kafka_reader *r, struct bus_event *ret_event, struct err *e)
{
    if (!r->rk)
        return 0;
    if (r->moved && kafka_reader_assign(r, e) < 0)
        return -1;
    for (;;) {
        rd_kafka_message_t *m = rd_kafka_consumer_poll(r->rk, 0);
        if (b->group_error.kind != ERR_NONE) {
            if (m)
                rd_kafka_message_destroy(m);
            if (e)
                *e = b->group_error;
            b->group_error = ERR_INIT;
            return -1;
        }
        if (!m)
            return 0;
        int rc = message_take(b, r, m, ret_event, e);
        if (rc)
            return rc;
    }
}

static int readers_look(struct kafka_bus *b, struct bus_event *ret_event, struct err *e)
{
    b->watch_first = !b->watch_first;
    int rc = reader_look(b, b->watch_first ? &b->watch : &b->group, ret_event, e);
    return rc ? rc : reader_look(b, b->watch_first ? &b->group : &b->watch, ret_event, e);
}

/* An outage, told now and then, so that the caller can say so while librdkafka keeps trying. */
static int down_tell(struct kafka_bus *b, struct err *e)
{
    int64_t now = clock_mono_ms();
    if (!b->all_down || (b->down_told_ms && now - b->down_told_ms < DOWN_TOLD_MS))
        return 0;
    b->all_down = false;
    b->down_told_ms = now;
    return err_set(e, ERR_RETRY, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "no broker of %s can be reached%s%s", b->brokers,
                   b->last_error.kind != ERR_NONE ? ": " : "",
                   b->last_error.kind != ERR_NONE ? b->last_error.text : "");
}

int kafka_poll(struct bus *bus, int timeout_ms, struct bus_event *ret_event, struct err *e)
{
    struct kafka_bus *b = kafka_of(bus);
    int64_t until = clock_mono_ms() + MAX(timeout_ms, 0);
    bool cleared = false; /* the bell was silenced before the last look */
    if (b->held)
        rd_kafka_message_destroy(STEAL(b->held));
    for (;;) {
        if (atomic_exchange(&b->woken, false)) {
            *ret_event = (struct bus_event){.kind = BUS_NOTHING};
            return 0;
        }
        if (kafka_group_confused(b) && kafka_group_rejoin(b, e) < 0)
            return -1;
        if (kafka_group_take(b, e) < 0)
            return -1;
        int rc = readers_look(b, ret_event, e);
        if (rc)
            return rc < 0 ? -1 : 0;
        if (b->producer)
            rd_kafka_poll(b->producer, 0);
        if (down_tell(b, e) < 0)
            return -1;
        int64_t now = clock_mono_ms();
        if (b->uncommitted && now - b->commits_sent_ms >= COMMIT_EVERY_MS)
            kafka_commits_send(b);
        if (now >= until) {
            *ret_event = (struct bus_event){.kind = BUS_NOTHING};
            return 0;
        }
        /* Silence the bell, look, and only then sleep: what comes in between rings again. */
        if (cleared) {
            struct pollfd bell = {.fd = b->wake_fd, .events = POLLIN};
            (void)poll(&bell, 1, (int)MIN(until - now, NAP_MS));
        }
        uint64_t count;
        ssize_t ignored ATTR_UNUSED = read(b->wake_fd, &count, sizeof count);
        cleared = true;
    }
}

void kafka_wake(struct bus *bus)
{
    struct kafka_bus *b = kafka_of(bus);
    int saved = errno;
    static const uint64_t one = 1;
    atomic_store(&b->woken, true);
    /* Fails only when the counter is full, that is when it rings already. */
    ssize_t ignored ATTR_UNUSED = write(b->wake_fd, &one, sizeof one);
    errno = saved;
}
