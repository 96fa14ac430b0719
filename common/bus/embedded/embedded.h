/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embedded.h: the internals of the embedded bus, shared by the embedded_*.c files and its tests; everybody else uses
 * bus.h. The formats on disk are in docs/formats/embedded-bus.md.
 *
 *     embedded_env.c    the folder: LMDB environment, format, cluster id, topics, the page that wakes readers
 *     embedded_write.c  queue, flush, compaction, expiry, commits
 *     embedded_read.c   readers of partitions, poll
 *     embedded_group.c  members, and who owns which partition
 *     embedded.c        the table of operations
 *
 * Invariants:
 *
 *  - An environment is open once per process, as LMDB demands. All buses of one folder share a counted struct
 *    embedded_env, whose mutex is held from the beginning to the end of each transaction, so that the map moves only
 *    between transactions.
 *  - No transaction is open when a function of bus.h returns or calls back.
 *  - A forked child must open a bus of its own, and never use or close its parent's.
 */
#ifndef CAREEN_BUS_EMBEDDED_EMBEDDED_H
#define CAREEN_BUS_EMBEDDED_EMBEDDED_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "base/buf.h"
#include "bus/bus.h"
#include "io/store/store.h"

#define EMBEDDED_FORMAT         1u
#define EMBEDDED_PARTITIONS_MAX 1024u
#define EMBEDDED_QUEUE_MAX      ((size_t)64 << 20) /* bytes queued between two flushes */
#define EMBEDDED_BATCH_MAX      ((size_t)4 << 20)  /* bytes read ahead, bookkeeping included, or one record */
#define EMBEDDED_SHARE_MAX      ((size_t)512 << 10)
#define EMBEDDED_SHARE_RECORDS  1024u
#define EMBEDDED_ROUND_MS       1000 /* after so long a reader looks without being woken */
#define EMBEDDED_MEMBERS_MS     200  /* how often membership is checked */
#define EMBEDDED_COMMITS_MS     500  /* how long a commit may wait for a flush that stores it too */
#define EMBEDDED_EXPIRE_RECORDS 4096u
#define EMBEDDED_SWEEP_MS       30000 /* how often slots of readers that died in a transaction are cleared */
#define EMBEDDED_NAME_MAX       128u  /* of groups and members */

/* The first bytes of DIR/wake, mapped by every process. */
struct embedded_wake {
    atomic_uint turn;    /* the futex: grows whenever readers should look */
    atomic_uint written; /* grows after each commit of records */
    atomic_uint members; /* grows when a group's members or owners change */
};
#define EMBEDDED_WAKE_SIZE ((size_t)4096)

struct embedded_env {
    struct embedded_env *next;
    size_t users;
    pid_t pid;
    char *dir;
    int dir_fd; /* kept open so that the folder's inode, which identifies this environment, is not used again */
    dev_t device;
    ino_t inode;
    struct store *store;
    store_table meta, log, index, ends, commits, graves;
    struct embedded_wake *wake;
    char cluster_id[37];
    pthread_mutex_t lock;
};

struct embedded_topic {
    uint32_t partitions; /* 0: not created, or not looked up yet */
    uint16_t id;         /* its number in keys */
    bool compacted;
};

struct embedded_queued {
    enum topic topic;
    uint32_t partition;
    size_t at, n; /* the encoded record in queue */
};

struct embedded_commit {
    enum topic topic;
    uint32_t partition;
    int64_t next;
};

struct embedded_reader {
    enum topic topic;
    uint32_t partition;
    bool watched; /* otherwise it belongs to the group */
    bool told;    /* BUS_CAUGHT_UP was given, and nothing was read since */
    uint64_t generation;
    uint64_t next;
};

/* An event that was read ahead; it is given only if its reader still has that generation. */
struct embedded_ahead {
    uint64_t generation;
    size_t reader;          /* where it was in readers */
    struct bus_event event; /* key.p and value.p are offsets into ahead_bytes until it is given */
};

struct embedded_group {
    char *name, *member, *folder; /* name NULL: not joined */
    bool joined[TOPIC_MAX];
    uint32_t partitions;
    int member_fd;
    int *locks; /* per partition the fd that holds its lock, -1: not owned */
    struct bus_group_callbacks callbacks;
    void *arg;
    int64_t next_check_ms; /* monotonic */
    uint32_t members_seen;
    bool told; /* assigned was called at least once */
};

struct embedded {
    struct bus bus;
    struct embedded_env *env;
    char *client;
    int64_t retention_override_ms, next_expiry_ms, next_sweep_ms;
    int64_t wall_ms, mono_ms; /* both clocks when the wall clock was last plausible; 0: not yet */
    struct embedded_topic topics[TOPIC_MAX];

    struct buf queue;
    struct embedded_queued *queued;
    size_t queued_n, queued_cap;

    struct embedded_commit *commits;
    size_t commits_n, commits_cap;
    int64_t commits_due_ms;

    struct embedded_reader *readers;
    size_t readers_n, readers_cap, turn;
    uint64_t generations;
    struct buf ahead_bytes;
    struct embedded_ahead *ahead;
    size_t ahead_n, ahead_cap, ahead_at;
    bool looked; /* the readers found nothing at looked_ms, when `written` was seen_written */
    uint32_t seen_written;
    int64_t looked_ms;

    struct embedded_group group;
    atomic_bool woken;
};

/* For tests: the map size of environments that are opened from now on; 0: the store's default. */
extern size_t embedded_map_size;

/* ---- embedded_env.c ---- */

int embedded_env_get(const char *dir, struct embedded_env **ret_env, struct err *e);
void embedded_env_put(struct embedded_env *v);
/* embedded_begin locks the environment's mutex, embedded_end unlocks it; with commit false it aborts. */
int embedded_begin(struct embedded_env *v, bool write, struct store_txn **ret_txn, struct err *e);
int embedded_end(struct embedded_env *v, struct store_txn *txn, bool commit, struct err *e);
/* To be called after ERR_FULL for a full map (store_map_full), with no transaction open. */
int embedded_grow(struct embedded_env *v, struct err *e);
/* Wakes all readers of the folder. Any thread, and signal handlers. counter: written, members or NULL. */
void embedded_wake_all(struct embedded_env *v, atomic_uint *counter);
void embedded_wait(struct embedded_env *v, uint32_t seen_turn, int64_t ms);
/* The topic's row. ERR_USAGE: it does not exist, or has no such partition. */
int embedded_topic(struct embedded *b, enum topic t, uint32_t partition, const struct embedded_topic **ret_topic,
                   struct err *e);
/* Fills b->topics with the topics that exist. */
int embedded_topics_load(struct embedded *b, struct store_txn *txn, struct err *e);
int embedded_topics_create(struct bus *bus, uint32_t partitions, struct err *e);
int embedded_topics_check(struct bus *bus, uint32_t *ret_partitions, struct err *e);
/* The next offset of a partition, as seen by the transaction; 0 when nothing was ever written. */
int embedded_next(struct embedded_env *v, struct store_txn *txn, const struct embedded_topic *topic, uint32_t partition,
                  uint64_t *ret_next, struct err *e);
int embedded_range(struct bus *bus, enum topic t, uint32_t partition, int64_t *ret_low, int64_t *ret_high,
                   struct err *e);

/* ---- keys and records ---- */

#define EMBEDDED_PARTITION_KEY 6u /* topic u16, partition u32 */
#define EMBEDDED_LOG_KEY       14u
#define EMBEDDED_INDEX_KEY     22u
#define EMBEDDED_GRAVE_KEY     22u
#define EMBEDDED_RECORD_HEAD   21u
#define EMBEDDED_TOMBSTONE     1u /* flag */

void embedded_partition_key(uint8_t *to, uint16_t topic_id, uint32_t partition);
void embedded_log_key(uint8_t *to, uint16_t topic_id, uint32_t partition, uint64_t offset);

struct embedded_record {
    int64_t timestamp_ms;
    uint64_t position;
    bool tombstone;
    struct slice key, value;
};
void embedded_record_head(uint8_t *to, int64_t timestamp_ms, uint64_t position, bool tombstone, size_t key_n);
bool embedded_record_parse(struct slice s, struct embedded_record *ret_record);

/* ---- embedded_write.c ---- */

int embedded_produce(struct bus *bus, enum topic t, uint32_t partition, struct slice key, struct slice value,
                     uint64_t position, struct err *e);
int embedded_flush(struct bus *bus, int timeout_ms, struct err *e);
int embedded_commit(struct bus *bus, enum topic t, uint32_t partition, int64_t next_offset, struct err *e);
int embedded_committed(struct bus *bus, const char *group, enum topic t, uint32_t partition, int64_t *ret_next,
                       struct err *e);
/* Writes the waiting commits; after a failure they keep waiting. */
void embedded_commits_write(struct embedded *b);

/* ---- embedded_read.c ---- */

int embedded_start(struct bus *bus, enum topic t, uint32_t partition, int64_t offset, struct err *e);
int embedded_watch(struct bus *bus, enum topic t, uint32_t partition, int64_t offset, struct err *e);
int embedded_poll(struct bus *bus, int timeout_ms, struct bus_event *ret_event, struct err *e);
void embedded_wake(struct bus *bus);
/* Removes the group's readers of that partition. */
void embedded_readers_drop(struct embedded *b, uint32_t partition);

/* ---- embedded_group.c ---- */

int embedded_join(struct bus *bus, const char *group, const char *member, const enum topic *joined, size_t n,
                  const struct bus_group_callbacks *callbacks, void *arg, struct err *e);
/* Gives up or takes partitions when members have come or gone, and calls the group's callbacks. */
int embedded_group_check(struct embedded *b, int64_t now_ms, struct err *e);
void embedded_leave(struct embedded *b);
/* Letters, digits, '.', '_' and '-', not beginning with '.', at most EMBEDDED_NAME_MAX bytes. */
bool embedded_name_ok(const char *name);

#endif
