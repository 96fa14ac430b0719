/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus.h: the one interface of both buses: partitioned, ordered, replayable topics of (key, value, position).
 *     bus_open("embedded:DIR", …)   a durable log in LMDB, for the processes of one machine
 *     bus_open("kafka://h:p,h:p", …)
 * A stage can't tell which it runs on; one conformance suite runs against both (tests/…/bus_conformance.h).
 *
 * Threads: everything belongs to the thread that opened the bus, but bus_wake, which any thread may call.
 * Lifetimes: an event's slices are valid until the next bus_poll. bus_produce copies.
 *
 * Reading has two ways, both from one bus_poll:
 *  - a group shares the partitions among its members: bus_join. Every joined topic has the same number of partitions
 *    and a member owns the same partition numbers of all of them. `assigned` must bus_start each (topic, partition)
 *    that it wants before it returns; `revoked` is called before others may own them (lost: they already may);
 *  - bus_watch reads a partition of a topic for itself, without a group: what every process reads whole.
 * bus_start and bus_watch may be called again at any time for the same partition to move to another offset.
 */
#ifndef CAREEN_BUS_BUS_H
#define CAREEN_BUS_BUS_H

#include "base/err.h"
#include "bus/topics.h"

struct bus;

enum bus_event_kind {
    BUS_NOTHING, /* the time-out passed, or bus_wake */
    BUS_RECORD,
    BUS_CAUGHT_UP, /* everything that was in (topic, partition) has been given; told again after more was read */
};

struct bus_event {
    enum bus_event_kind kind;
    enum topic topic;
    uint32_t partition;
    int64_t offset;       /* of this record, or with BUS_CAUGHT_UP the next one */
    int64_t timestamp_ms; /* when it was produced */
    uint64_t position;    /* header "position": see the design; 0 when absent */
    struct slice key, value;
    bool tombstone; /* value is absent */
};

struct bus_options {
    const char *client; /* name for logs and for the broker: "pull" */
    /* Kafka only: "key = value" pairs handed to librdkafka, "@file" values read from that file. */
    const char *const *kafka_keys, *const *kafka_values;
    size_t kafka_n;
    /* Embedded only: least ms between a record's death and its removal; 0: the topic's own. For tests. */
    int64_t retention_override_ms;
};

int bus_open(const char *url, const struct bus_options *options, struct bus **ret_bus, struct err *e);
/* Leaves the group (calling revoked), flushes nothing. NULL is legal. Ends within 10 s whatever the broker does. */
void bus_close(struct bus *b);
/* A stable id of the cluster or of the embedded bus's folder; state of another cluster must not be used. */
const char *bus_cluster_id(struct bus *b);

/* ---- topics ---- */

/* Creates what is missing with these partitions (and a replication factor that the broker allows). Existing: left. */
int bus_topics_create(struct bus *b, uint32_t partitions, struct err *e);
/* All topics there, all with one number of partitions, the right cleanup: ERR_USAGE names the first topic that is not.
 */
int bus_topics_check(struct bus *b, uint32_t *ret_partitions, struct err *e);
/* First and next offset. */
int bus_range(struct bus *b, enum topic t, uint32_t partition, int64_t *ret_low, int64_t *ret_high, struct err *e);

/* ---- writing ---- */

/*
 * Queues one record; value SLICE_NONE is a tombstone (an empty value is not). ERR_POISON when it is over
 * TOPIC_RECORD_MAX, ERR_RETRY when the queue is full: bus_flush, then again.
 */
int bus_produce(struct bus *b, enum topic t, uint32_t partition, struct slice key, struct slice value,
                uint64_t position, struct err *e);
/*
 * Waits until everything queued is stored durably. On failure everything queued since the last success is forgotten
 * and none, some or all of it may have been stored: repeat the step that produced it. ERR_RETRY: not within the
 * time-out. ERR_FULL: disk full.
 */
int bus_flush(struct bus *b, int timeout_ms, struct err *e);

/* ---- reading ---- */

struct bus_group_callbacks {
    /* Sorted partitions, all that are newly owned (may be none). A failure makes bus_poll fail with that error. */
    int (*assigned)(void *arg, const uint32_t *partitions, size_t n, struct err *e);
    void (*revoked)(void *arg, const uint32_t *partitions, size_t n, bool lost);
};
/* One group a bus. member: unique and stable if partitions should stay with it over restarts; NULL: made up. */
int bus_join(struct bus *b, const char *group, const char *member, const enum topic *joined, size_t n,
             const struct bus_group_callbacks *callbacks, void *arg, struct err *e);
int bus_start(struct bus *b, enum topic t, uint32_t partition, int64_t offset, struct err *e);
int bus_watch(struct bus *b, enum topic t, uint32_t partition, int64_t offset, struct err *e);
/* Tells the group how far this member is, for others to see the lag; never moves reading. Needs no flush. */
int bus_commit(struct bus *b, enum topic t, uint32_t partition, int64_t next_offset, struct err *e);
/* What the group last committed, -1 when nothing. */
int bus_committed(struct bus *b, const char *group, enum topic t, uint32_t partition, int64_t *ret_next, struct err *e);
/* One event, 0; negative is failure (ERR_RETRY: the broker is away, poll again; ERR_FATAL: the process must end). */
int bus_poll(struct bus *b, int timeout_ms, struct bus_event *ret_event, struct err *e);
/* Any thread, also a signal handler: the present or the next bus_poll returns BUS_NOTHING at once. */
void bus_wake(struct bus *b);

/* ---- for the two implementations ---- */

struct bus_ops {
    void (*close)(struct bus *b);
    const char *(*cluster_id)(struct bus *b);
    int (*topics_create)(struct bus *b, uint32_t partitions, struct err *e);
    int (*topics_check)(struct bus *b, uint32_t *ret_partitions, struct err *e);
    int (*range)(struct bus *b, enum topic t, uint32_t partition, int64_t *ret_low, int64_t *ret_high, struct err *e);
    int (*produce)(struct bus *b, enum topic t, uint32_t partition, struct slice key, struct slice value,
                   uint64_t position, struct err *e);
    int (*flush)(struct bus *b, int timeout_ms, struct err *e);
    int (*join)(struct bus *b, const char *group, const char *member, const enum topic *joined, size_t n,
                const struct bus_group_callbacks *callbacks, void *arg, struct err *e);
    int (*start)(struct bus *b, enum topic t, uint32_t partition, int64_t offset, struct err *e);
    int (*watch)(struct bus *b, enum topic t, uint32_t partition, int64_t offset, struct err *e);
    int (*commit)(struct bus *b, enum topic t, uint32_t partition, int64_t next_offset, struct err *e);
    int (*committed)(struct bus *b, const char *group, enum topic t, uint32_t partition, int64_t *ret_next,
                     struct err *e);
    int (*poll)(struct bus *b, int timeout_ms, struct bus_event *ret_event, struct err *e);
    void (*wake)(struct bus *b);
};
struct bus {
    const struct bus_ops *ops; /* first member of both implementations' own struct */
};
int bus_embedded_open(const char *dir, const struct bus_options *options, struct bus **ret_bus, struct err *e);
int bus_kafka_open(const char *brokers, const struct bus_options *options, struct bus **ret_bus, struct err *e);

#endif
