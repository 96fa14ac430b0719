/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus.h: the interface of both buses: partitioned, ordered, replayable topics of records with key, value and position.
 *
 *     bus_open("embedded:DIR", …)     a durable log in LMDB, for the processes of one machine
 *     bus_open("kafka://h:p,h:p", …)  Apache Kafka
 *
 * A stage can't tell which bus it runs on; the same conformance tests run against both (tests/unit/bus_conformance.h).
 *
 * Threads: everything belongs to the thread that opened the bus, except bus_wake, which any thread may call.
 * Lifetimes: an event's slices are valid until the next bus_poll. bus_produce copies.
 *
 * There are two ways of reading, and bus_poll gives the records of both:
 *
 *  - bus_join: the members of a group share the partitions. All joined topics have the same number of partitions, and a
 *    member owns the same partition numbers in each of them. The callback `assigned` must call bus_start for every
 *    topic and partition that it wants to read. `revoked` is called before another member may own them (with `lost`,
 *    after).
 *  - bus_watch: reads a partition of a topic without a group, for inputs that every process reads whole.
 *
 * bus_start and bus_watch may be called again at any time for the same partition, to move to another offset.
 */
#ifndef CAREEN_BUS_BUS_H
#define CAREEN_BUS_BUS_H

#include "base/err.h"
#include "bus/topics.h"

struct bus;

enum bus_event_kind {
    BUS_NOTHING, /* the time-out passed, or bus_wake */
    BUS_RECORD,
    BUS_CAUGHT_UP, /* all records of the topic's partition were given; comes again after further records */
};

struct bus_event {
    enum bus_event_kind kind;
    enum topic topic;
    uint32_t partition;
    int64_t offset;       /* of this record; with BUS_CAUGHT_UP, of the next one */
    int64_t timestamp_ms; /* when it was produced */
    uint64_t position;    /* header "position" (docs/formats/topics.md); 0 when absent */
    struct slice key, value;
    bool tombstone; /* the value is absent */
};

struct bus_options {
    const char *client; /* name in logs and at the broker: "pull" */
    /* Kafka only: settings for librdkafka; a value "@file" is read from that file. */
    const char *const *kafka_keys, *const *kafka_values;
    size_t kafka_n;
    /* Embedded only, for tests: how many ms a superseded record is kept at least; 0: as long as the topic says. */
    int64_t retention_override_ms;
};

int bus_open(const char *url, const struct bus_options *options, struct bus **ret_bus, struct err *e);
/* Leaves the group (and calls revoked) without a flush. Ends within 10 s whatever the broker does. NULL is legal. */
void bus_close(struct bus *b);
/* A stable id of the cluster, or of the embedded bus's folder: state that belongs to another one must not be used. */
const char *bus_cluster_id(struct bus *b);

/* ---- topics ---- */

/* Creates the missing topics, with so many partitions (and a replication factor that the broker allows). */
int bus_topics_create(struct bus *b, uint32_t partitions, struct err *e);
/*
 * Checks that all topics exist, with one number of partitions and the right settings. ERR_USAGE names the first that is
 * wrong.
 */
int bus_topics_check(struct bus *b, uint32_t *ret_partitions, struct err *e);
/* The first offset and the next one to be written. */
int bus_range(struct bus *b, enum topic t, uint32_t partition, int64_t *ret_low, int64_t *ret_high, struct err *e);

/* ---- writing ---- */

/*
 * Queues one record; value SLICE_NONE is a tombstone (an empty value is not). ERR_POISON: it is larger than
 * TOPIC_RECORD_MAX. ERR_RETRY: the queue is full; call bus_flush and try again. On Kafka it first waits up to 10 s until
 * the brokers have stored enough of the queue.
 */
int bus_produce(struct bus *b, enum topic t, uint32_t partition, struct slice key, struct slice value,
                uint64_t position, struct err *e);
/*
 * Waits until everything in the queue is stored durably. After a failure everything queued since the last success is
 * forgotten, and none, some or all of it may have been stored: repeat the step that produced it. ERR_RETRY: it was not
 * stored in time. ERR_FULL: the disk is full.
 */
int bus_flush(struct bus *b, int timeout_ms, struct err *e);

/* ---- reading ---- */

struct bus_group_callbacks {
    /* The newly owned partitions, sorted; there may be none. A failure makes bus_poll fail with that error. */
    int (*assigned)(void *arg, const uint32_t *partitions, size_t n, struct err *e);
    void (*revoked)(void *arg, const uint32_t *partitions, size_t n, bool lost);
};
/*
 * Joins a group; a bus can be in one. member: a unique name, which must stay the same if partitions should stay with
 * the process over restarts; NULL: a random one.
 */
int bus_join(struct bus *b, const char *group, const char *member, const enum topic *joined, size_t n,
             const struct bus_group_callbacks *callbacks, void *arg, struct err *e);
int bus_start(struct bus *b, enum topic t, uint32_t partition, int64_t offset, struct err *e);
int bus_watch(struct bus *b, enum topic t, uint32_t partition, int64_t offset, struct err *e);
/* Stores how far this member is, so that others can see the lag. It never changes what is read. Needs no flush. */
int bus_commit(struct bus *b, enum topic t, uint32_t partition, int64_t next_offset, struct err *e);
/* What the group last committed; -1: nothing. */
int bus_committed(struct bus *b, const char *group, enum topic t, uint32_t partition, int64_t *ret_next, struct err *e);
/* Gives one event. Failures: ERR_RETRY: the broker is away, poll again; ERR_FATAL: the process must end. */
int bus_poll(struct bus *b, int timeout_ms, struct bus_event *ret_event, struct err *e);
/* Makes the current or the next bus_poll return BUS_NOTHING at once. Any thread, and signal handlers too. */
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
