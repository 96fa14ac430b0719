/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kafka_int.h: what the files of the Kafka bus share. They (kafka*.c) are the only code that includes rdkafka.h, and
 * everything is shaped by librdkafka 2.0.2:
 *  - one producer, and up to two consumers: the group's (bus_join) and one with a manual assignment (bus_watch). Their
 *    queues ring the same eventfd, on which bus_poll sleeps and bus_wake rings too;
 *  - a reader moves by rd_kafka_assign of its whole list with explicit offsets: seek, pause, resume, the batch calls
 *    and the cooperative assignors of 2.0.2 have bugs that lose or repeat records;
 *  - nothing of the group's committed offsets decides where reading starts, and an offset that is not there any more is
 *    an error (auto.offset.reset=error), never a jump;
 *  - after any failure to write the producer is thrown away (kafka_write.c).
 *
 * Threads: all on the thread that opened the bus. librdkafka's callbacks run inside our calls, on that thread too, but
 * for the socket and log callbacks, which touch nothing of ours.
 */
#ifndef CAREEN_BUS_KAFKA_KAFKA_INT_H
#define CAREEN_BUS_KAFKA_KAFKA_INT_H

#include <librdkafka/rdkafka.h>
#include <stdatomic.h>

#include "bus/bus.h"

#define KAFKA_MESSAGE_MAX     (TOPIC_RECORD_MAX + 262144)  /* a record and all that the protocol puts around it */
#define KAFKA_TOPIC_MAX_BYTES (TOPIC_RECORD_MAX + 1048576) /* max.message.bytes of our topics */
#define KAFKA_WAIT_MS         10000                        /* the longest that one question to the brokers takes */
#define KAFKA_PARTITIONS_MAX  100000
#define KAFKA_POSITION_HEADER "position"

/* One (topic, partition) of a reader. */
struct kafka_part {
    bool on; /* asked for by bus_start or bus_watch */
    bool uncommitted;
    int64_t next;   /* the next offset to hand out; nothing below it ever is */
    int64_t told;   /* the end that BUS_CAUGHT_UP told of, -1: none; a new assignment makes librdkafka tell it again */
    int64_t commit; /* what bus_commit said last, -1: nothing */
};

#define KAFKA_PART_NONE ((struct kafka_part){.told = -1, .commit = -1})

struct kafka_reader {
    rd_kafka_t *rk; /* NULL: not in use */
    rd_kafka_queue_t *queue;
    struct kafka_part *parts[TOPIC_MAX];
    uint32_t parts_n[TOPIC_MAX];
    bool moved;            /* parts and librdkafka's assignment differ: assign before the next poll */
    bool known[TOPIC_MAX]; /* rk was made to ask who leads the partitions */
    /* What was taken from the queue since its fetching thread was last woken, and how much makes that due. */
    int64_t taken, taken_bytes, wake_after, wake_after_bytes;
    /* The topic of the last record, because finding it by name costs. */
    const rd_kafka_topic_t *last_rkt;
    enum topic last_topic;
};

struct kafka_bus {
    struct bus bus; /* must be first */
    char *brokers, *client, *cluster_id;
    char **keys, **values; /* the caller's options, "@file" values already read */
    size_t options_n;

    /* writing */
    rd_kafka_t *producer;
    rd_kafka_topic_t *topics[TOPIC_MAX]; /* handles of the producer, made on first use */
    size_t undelivered;
    struct err write_error;     /* the first failed delivery since the last flush */
    uint32_t counts[TOPIC_MAX]; /* partitions of each topic as they were last seen, 0: not yet */

    /* reading */
    struct kafka_reader group, watch;
    bool watch_first;         /* who is looked at first: they take turns */
    rd_kafka_message_t *held; /* the last event's record */
    int wake_fd;
    atomic_bool woken;

    /* the group */
    char *group_name, *member;
    enum topic joined[TOPIC_MAX];
    size_t joined_n;
    struct bus_group_callbacks callbacks;
    void *callbacks_arg;
    uint32_t *owned; /* sorted */
    size_t owned_n;
    bool in_callback;
    bool take_due;          /* `assigned` failed because the broker was away: bus_poll calls it again */
    struct err group_error; /* of a callback, for bus_poll to return */
    int64_t shaken_ms;      /* when the brokers or the membership were last seen gone, 0: not since the last rejoin */
    bool uncommitted;       /* some part has a commit to send */
    int64_t commits_sent_ms;

    /* what librdkafka said of its connections */
    struct err last_error;
    bool all_down;
    int64_t down_told_ms;
};

static inline struct kafka_bus *kafka_of(struct bus *b)
{
    return (struct kafka_bus *)(void *)b;
}

/* kafka.c. kafka_err: the kind that follows from code, and the text with librdkafka's own behind it. */
ATTR_PRINTF(3, 4) int kafka_err(struct err *e, rd_kafka_resp_err_t code, const char *fmt, ...);
enum err_kind kafka_err_kind(rd_kafka_resp_err_t code);
/* With the cause of a fatal error of rk if code is one. */
int kafka_fatal(struct err *e, rd_kafka_t *rk);
/* Destroys rk in at most timeout_ms; false: it still hangs, and was left to a thread of its own. */
bool kafka_destroy(rd_kafka_t *rk, int timeout_ms);

/* kafka_conf.c. Reads options into b. */
int kafka_options_take(struct kafka_bus *b, const struct bus_options *options, struct err *e);
/* group and member are NULL but for the group's consumer. */
int kafka_handle_new(struct kafka_bus *b, rd_kafka_type_t type, const char *group, const char *member,
                     rd_kafka_t **ret_rk, struct err *e);

/* kafka_write.c */
int kafka_producer_get(struct kafka_bus *b, struct err *e);
void kafka_producer_drop(struct kafka_bus *b);
rd_kafka_topic_t *kafka_topic_handle(struct kafka_bus *b, enum topic t);
int kafka_produce(struct bus *bus, enum topic t, uint32_t partition, struct slice key, struct slice value,
                  uint64_t position, struct err *e);
int kafka_flush(struct bus *bus, int timeout_ms, struct err *e);
void kafka_delivered(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque);

/* kafka_read.c */
int kafka_reader_open(struct kafka_bus *b, struct kafka_reader *r, const char *group, const char *member,
                      struct err *e);
/* The part, made if it is new; NULL when the number is out of all bounds. */
struct kafka_part *kafka_part(struct kafka_reader *r, enum topic t, uint32_t partition);
/* Asks for a part from offset on, at the next assignment. */
void kafka_part_move(struct kafka_part *part, int64_t offset);
int kafka_reader_assign(struct kafka_reader *r, struct err *e);
/* Every assignment goes this way; list may be NULL. */
rd_kafka_resp_err_t kafka_assign(rd_kafka_t *rk, const rd_kafka_topic_partition_list_t *list);
void kafka_reader_done(struct kafka_reader *r);
int kafka_watch(struct bus *bus, enum topic t, uint32_t partition, int64_t offset, struct err *e);
int kafka_poll(struct bus *bus, int timeout_ms, struct bus_event *ret_event, struct err *e);
void kafka_wake(struct bus *bus);

/* kafka_group.c */
void kafka_rebalanced(rd_kafka_t *rk, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list, void *opaque);
void kafka_committed_cb(rd_kafka_t *rk, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list, void *opaque);
/* Calls `assigned` again if that is due. */
int kafka_group_take(struct kafka_bus *b, struct err *e);
/* The broker took this member for another process of its name, and an outage just before explains it. */
bool kafka_group_confused(struct kafka_bus *b);
/* Leaves the group's consumer behind and joins with a new one. */
int kafka_group_rejoin(struct kafka_bus *b, struct err *e);
/* Forgets what is owned, telling the callbacks. */
void kafka_group_revoke(struct kafka_bus *b, bool lost);
/* Sends what bus_commit left, without waiting. */
void kafka_commits_send(struct kafka_bus *b);
int kafka_join(struct bus *bus, const char *group, const char *member, const enum topic *joined, size_t n,
               const struct bus_group_callbacks *callbacks, void *arg, struct err *e);
int kafka_start(struct bus *bus, enum topic t, uint32_t partition, int64_t offset, struct err *e);
int kafka_commit(struct bus *bus, enum topic t, uint32_t partition, int64_t next_offset, struct err *e);
int kafka_committed(struct bus *bus, const char *group, enum topic t, uint32_t partition, int64_t *ret_next,
                    struct err *e);

/* kafka_topics.c */
int kafka_topics_create(struct bus *bus, uint32_t partitions, struct err *e);
int kafka_topics_check(struct bus *bus, uint32_t *ret_partitions, struct err *e);
int kafka_partition_check(const struct kafka_bus *b, enum topic t, uint32_t partition, struct err *e);
int kafka_range(struct bus *bus, enum topic t, uint32_t partition, int64_t *ret_low, int64_t *ret_high, struct err *e);
/*
 * How many partitions each topic has, 0 when it is not there. ret_led (may be NULL): all of all topics have a leader.
 */
int kafka_partitions(struct kafka_bus *b, uint32_t counts[TOPIC_MAX], unsigned *ret_brokers, bool *ret_led,
                     struct err *e);

#endif
