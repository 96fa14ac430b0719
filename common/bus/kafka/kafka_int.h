/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kafka_int.h: what the files of the Kafka bus share. They (kafka*.c) are the only code that includes rdkafka.h, and
 * how they work follows from librdkafka 2.0.2:
 *
 *  - There is one producer, and up to two consumers: the group's (bus_join) and one with a manual assignment
 *    (bus_watch). Their queues signal the same eventfd, on which bus_poll sleeps and which bus_wake signals too.
 *  - A reader moves to other offsets by rd_kafka_assign of its whole list with explicit offsets, because seek, pause,
 *    resume, the batch calls and the cooperative assignors of 2.0.2 have bugs that lose or repeat records.
 *  - Committed offsets of the group never decide where reading starts, and an offset that no longer exists is an error
 *    (auto.offset.reset=error), never a jump.
 *  - After any failure to write, the producer is thrown away (kafka_write.c).
 *
 * Threads: everything runs on the thread that opened the bus. librdkafka's callbacks run inside our calls on that
 * thread too, except the socket and log callbacks, which touch nothing of ours.
 */
#ifndef CAREEN_BUS_KAFKA_KAFKA_INT_H
#define CAREEN_BUS_KAFKA_KAFKA_INT_H

#include <librdkafka/rdkafka.h>
#include <stdatomic.h>

#include "bus/bus.h"

#define KAFKA_MESSAGE_MAX     (TOPIC_RECORD_MAX + 262144)  /* a record and what the protocol puts around it */
#define KAFKA_TOPIC_MAX_BYTES (TOPIC_RECORD_MAX + 1048576) /* max.message.bytes of our topics */
#define KAFKA_WAIT_MS         10000                        /* how long one question to the brokers may take */
#define KAFKA_PARTITIONS_MAX  100000
#define KAFKA_POSITION_HEADER "position"

/* One partition of a topic that a reader reads. */
struct kafka_part {
    bool on; /* asked for by bus_start or bus_watch */
    bool uncommitted;
    int64_t next; /* the next offset to give; lower ones are never given */
    /* The end for which BUS_CAUGHT_UP was given, -1: none. After an assignment librdkafka reports it again. */
    int64_t told;
    int64_t commit; /* the offset of the last bus_commit, -1: none */
};

#define KAFKA_PART_NONE ((struct kafka_part){.told = -1, .commit = -1})

struct kafka_reader {
    rd_kafka_t *rk; /* NULL: not in use */
    rd_kafka_queue_t *queue;
    struct kafka_part *parts[TOPIC_MAX];
    uint32_t parts_n[TOPIC_MAX];
    bool moved;            /* parts and librdkafka's assignment differ: assign before the next poll */
    bool known[TOPIC_MAX]; /* rk has been made to ask for the leaders of the topic's partitions */
    /* What was taken from the queue since its fetching thread was last woken, and after how much it is woken again. */
    int64_t taken, taken_bytes, wake_after, wake_after_bytes;
    /* The topic of the last record, since finding it by its name takes time. */
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
    uint32_t counts[TOPIC_MAX]; /* number of partitions of each topic when last seen, 0: not seen yet */

    /* reading */
    struct kafka_reader group, watch;
    bool watch_first;         /* which reader is looked at first: they take turns */
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
    bool take_due;          /* `assigned` failed by an outage or a full disk: bus_poll calls it again */
    struct err group_error; /* the error of a callback, which bus_poll will return */
    int64_t shaken_ms;      /* when brokers or membership were last found lost, 0: not since the last rejoin */
    bool uncommitted;       /* some partition has a commit to send */
    int64_t commits_sent_ms;

    /* the offsets of groups */
    rd_kafka_t *asker; /* see kafka_committed; NULL until the first question */
    char *asker_group;

    /* what librdkafka said of its connections */
    struct err last_error;
    bool all_down;
    int64_t down_told_ms;
};

static inline struct kafka_bus *kafka_of(struct bus *b)
{
    return (struct kafka_bus *)(void *)b;
}

/* kafka.c. kafka_err fills e with the kind that follows from code, and the text with librdkafka's own behind it. */
ATTR_PRINTF(3, 4) int kafka_err(struct err *e, rd_kafka_resp_err_t code, const char *fmt, ...);
enum err_kind kafka_err_kind(rd_kafka_resp_err_t code);
/* After a question that failed: whether it may be asked again before until_ms (clock_mono_ms), and a nap if so. */
bool kafka_asks_again(rd_kafka_resp_err_t code, int64_t until_ms);
/* Fills e with the cause of rk's fatal error. */
int kafka_fatal(struct err *e, rd_kafka_t *rk);
/* Destroys rk within timeout_ms; false: it still hangs, and is left to a thread of its own. */
bool kafka_destroy(rd_kafka_t *rk, int timeout_ms);

/* kafka_conf.c. Reads options into b. */
int kafka_options_take(struct kafka_bus *b, const struct bus_options *options, struct err *e);
/* group and member are only given for the group's consumer, else NULL. */
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
/* The entry of a partition, which is made if it is new; NULL when the number is out of bounds. */
struct kafka_part *kafka_part(struct kafka_reader *r, enum topic t, uint32_t partition);
/* Makes the next assignment read a partition from offset on. */
void kafka_part_move(struct kafka_part *part, int64_t offset);
int kafka_reader_assign(struct kafka_reader *r, struct err *e);
/* All assignments use this function; list may be NULL. */
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
/* Whether the broker took this member for another process of the same name, and an outage just before explains that. */
bool kafka_group_confused(struct kafka_bus *b);
/* Drops the group's consumer and joins with a new one. */
int kafka_group_rejoin(struct kafka_bus *b, struct err *e);
/* Gives up all owned partitions and calls `revoked`. */
void kafka_group_revoke(struct kafka_bus *b, bool lost);
/* Sends the commits that bus_commit stored, without waiting. */
void kafka_commits_send(struct kafka_bus *b);
int kafka_join(struct bus *bus, const char *group, const char *member, const enum topic *joined, size_t n,
               const struct bus_group_callbacks *callbacks, void *arg, struct err *e);
int kafka_start(struct bus *bus, enum topic t, uint32_t partition, int64_t offset, struct err *e);
int kafka_commit(struct bus *bus, enum topic t, uint32_t partition, int64_t next_offset, struct err *e);
void kafka_asker_drop(struct kafka_bus *b);
int kafka_committed(struct bus *bus, const char *group, enum topic t, uint32_t partition, int64_t *ret_next,
                    struct err *e);

/* kafka_topics.c */
int kafka_topics_create(struct bus *bus, uint32_t partitions, struct err *e);
int kafka_topics_check(struct bus *bus, uint32_t *ret_partitions, struct err *e);
int kafka_partition_check(const struct kafka_bus *b, enum topic t, uint32_t partition, struct err *e);
int kafka_range(struct bus *bus, enum topic t, uint32_t partition, int64_t *ret_low, int64_t *ret_high, struct err *e);
/*
 * How many partitions each topic has; 0: it does not exist. *ret_led (may be NULL): all partitions of all topics have a
 * leader.
 */
int kafka_partitions(struct kafka_bus *b, uint32_t counts[TOPIC_MAX], unsigned *ret_brokers, bool *ret_led,
                     struct err *e);

#endif
