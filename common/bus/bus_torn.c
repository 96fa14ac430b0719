/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus_torn.c: a bus in front of another one, for the crash matrix; only builds with CAREEN_CRASH_POINTS have it.
 *
 * An outage of Kafka can tear a flush: each partition is stored for itself, so some of a step's records may be stored
 * and others not. CAREEN_TEST_TORN names a topic and CAREEN_CRASH_ONCE a file that is not there yet. Of the first flush
 * that holds records of that topic and of others, only those of that topic are stored; then the file is made and the
 * process kills itself. Once the file is there, everything is passed on as it comes.
 */
#include "bus/bus_torn.h"

#ifdef CAREEN_CRASH_POINTS
#include "base/buf.h"

#include <fcntl.h>
#include <signal.h>

struct held {
    enum topic topic;
    uint32_t partition;
    struct buf key, value;
    bool tombstone;
    uint64_t position;
    struct held *next;
};

struct torn_bus {
    struct bus bus; /* must be first */
    struct bus *inner;
    const char *topic, *once;
    struct held *held, **held_end; /* records of other topics, since the last flush */
    bool passed;                   /* records of the topic were passed on since the last flush */
};

static struct torn_bus *torn_of(struct bus *b)
{
    return (struct torn_bus *)(void *)b;
}

static bool is_armed(const struct torn_bus *b)
{
    return access(b->once, F_OK) != 0;
}

static void held_forget(struct torn_bus *b)
{
    while (b->held) {
        struct held *h = b->held;
        b->held = h->next;
        buf_done(&h->key);
        buf_done(&h->value);
        free(h);
    }
    b->held_end = &b->held;
    b->passed = false;
}

static int torn_produce(struct bus *bus, enum topic t, uint32_t partition, struct slice key, struct slice value,
                        uint64_t position, struct err *e)
{
    struct torn_bus *b = torn_of(bus);
    if (!is_armed(b) || strcmp(b->topic, topics[t].name) == 0) {
        b->passed = true;
        return bus_produce(b->inner, t, partition, key, value, position, e);
    }
    struct held *h = xcalloc(1, sizeof *h);
    *h = (struct held){.topic = t,
                       .partition = partition,
                       .key = BUF_INIT(TOPIC_RECORD_MAX),
                       .value = BUF_INIT(TOPIC_RECORD_MAX),
                       .tombstone = !value.p,
                       .position = position};
    buf_add_slice(&h->key, key);
    if (value.p)
        buf_add_slice(&h->value, value);
    *b->held_end = h;
    b->held_end = &h->next;
    return 0;
}

static int held_produce(struct torn_bus *b, struct err *e)
{
    for (struct held *h = b->held; h; h = h->next)
        if (bus_produce(b->inner, h->topic, h->partition, buf_slice(&h->key),
                        h->tombstone ? SLICE_NONE : buf_slice(&h->value), h->position, e))
            return -1;
    return 0;
}

static int torn_flush(struct bus *bus, int timeout_ms, struct err *e)
{
    struct torn_bus *b = torn_of(bus);
    bool dies = b->held && b->passed && is_armed(b);
    int rc = dies ? 0 : held_produce(b, e);
    if (rc)
        bus_flush(b->inner, 0, NULL); /* a failed flush forgets everything that was queued */
    else
        rc = bus_flush(b->inner, timeout_ms, e);
    if (!rc && dies) {
        close(open(b->once, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
        kill(getpid(), SIGKILL);
    }
    held_forget(b);
    return rc;
}

static void torn_close(struct bus *bus)
{
    struct torn_bus *b = torn_of(bus);
    held_forget(b);
    bus_close(b->inner);
    free(b);
}

static const char *torn_cluster_id(struct bus *bus)
{
    return bus_cluster_id(torn_of(bus)->inner);
}

static int torn_topics_create(struct bus *bus, uint32_t partitions, struct err *e)
{
    return bus_topics_create(torn_of(bus)->inner, partitions, e);
}

static int torn_topics_check(struct bus *bus, uint32_t *ret_partitions, struct err *e)
{
    return bus_topics_check(torn_of(bus)->inner, ret_partitions, e);
}

static int torn_range(struct bus *bus, enum topic t, uint32_t partition, int64_t *ret_low, int64_t *ret_high,
                      struct err *e)
{
    return bus_range(torn_of(bus)->inner, t, partition, ret_low, ret_high, e);
}

static int torn_join(struct bus *bus, const char *group, const char *member, const enum topic *joined, size_t n,
                     const struct bus_group_callbacks *callbacks, void *arg, struct err *e)
{
    return bus_join(torn_of(bus)->inner, group, member, joined, n, callbacks, arg, e);
}

static int torn_start(struct bus *bus, enum topic t, uint32_t partition, int64_t offset, struct err *e)
{
    return bus_start(torn_of(bus)->inner, t, partition, offset, e);
}

static int torn_watch(struct bus *bus, enum topic t, uint32_t partition, int64_t offset, struct err *e)
{
    return bus_watch(torn_of(bus)->inner, t, partition, offset, e);
}

static int torn_commit(struct bus *bus, enum topic t, uint32_t partition, int64_t next_offset, struct err *e)
{
    return bus_commit(torn_of(bus)->inner, t, partition, next_offset, e);
}

static int torn_committed(struct bus *bus, const char *group, enum topic t, uint32_t partition, int64_t *ret_next,
                          struct err *e)
{
    return bus_committed(torn_of(bus)->inner, group, t, partition, ret_next, e);
}

static int torn_poll(struct bus *bus, int timeout_ms, struct bus_event *ret_event, struct err *e)
{
    return bus_poll(torn_of(bus)->inner, timeout_ms, ret_event, e);
}

static void torn_wake(struct bus *bus)
{
    bus_wake(torn_of(bus)->inner);
}

static const struct bus_ops torn_ops = {
    .close = torn_close,
    .cluster_id = torn_cluster_id,
    .topics_create = torn_topics_create,
    .topics_check = torn_topics_check,
    .range = torn_range,
    .produce = torn_produce,
    .flush = torn_flush,
    .join = torn_join,
    .start = torn_start,
    .watch = torn_watch,
    .commit = torn_commit,
    .committed = torn_committed,
    .poll = torn_poll,
    .wake = torn_wake,
};

struct bus *bus_torn(struct bus *inner)
{
    const char *topic = getenv("CAREEN_TEST_TORN"), *once = getenv("CAREEN_CRASH_ONCE");
    if (!topic || !once)
        return inner;
    struct torn_bus *b = xcalloc(1, sizeof *b);
    *b = (struct torn_bus){.bus = {&torn_ops}, .inner = inner, .topic = topic, .once = once};
    b->held_end = &b->held;
    return &b->bus;
}
#endif
