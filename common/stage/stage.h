/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stage.h: what a stage is: a descriptor and pure steps. The runner (runner/runner.c) polls the bus, keeps the state,
 * produces and commits. Every stage has the same shape:
 *
 *     apply   takes a record of an input, changes the state tables and says which subjects need work (step_work);
 *     settle  works on a subject: compares what the state says is wanted with what it says is done, and emits the
 *             difference.
 *
 * Both run inside one write transaction of the partition, in batches. The order of effects is always: outputs are
 * produced, then delivered; the transaction is committed, state and next offsets together; the group's offset is
 * advanced. So apply and settle must be pure functions of state and input: no clock but step->now_ms, no network, no
 * randomness.
 *
 * When state was lost, the runner first replays all inputs through apply, and settles only when it has caught up. State
 * that fits the build is not replayed; what a newer build would do differently is asked for in idle, with reask.h.
 *
 * Work that takes long or touches the world (a pull, a listing) is a job: prepare makes it, pure and in a transaction;
 * run does it on a worker thread, without state and bus; finish applies the outcome, pure and in a transaction. After a
 * crash in between the job runs again.
 *
 * Threads: apply, settle, prepare and finish on the runner's thread; run on worker threads, one at a time per job.
 */
#ifndef CAREEN_STAGE_STAGE_H
#define CAREEN_STAGE_STAGE_H

#include "base/arena.h"
#include "base/err.h"
#include "bus/bus.h"
#include "bus/codec/codec.h"
#include "io/http/httpd.h"
#include "io/store/store.h"

struct runner;
struct stage_def;

/* The context of a call of apply, settle, prepare or finish; valid during the call. */
struct step {
    struct runner *runner;
    void *stage; /* stage_def.init's result */
    uint32_t partition, partitions;
    struct store_txn *txn;           /* of the partition's tables, for writing */
    struct store_txn *whole;         /* of the process's tables: read-only, except in apply of whole inputs */
    struct arena *arena;             /* reset after the call */
    int64_t now_ms;                  /* wall time at which the batch began */
    uint64_t position;               /* sum of the next offsets of all inputs that this partition reads */
    uint64_t generation;             /* grows each time that the partition is assigned to this process */
    const store_table *tables;       /* ids of stage_def.tables, in order */
    const store_table *whole_tables; /* ids of stage_def.whole_tables */
};

struct stage_input {
    enum topic topic;
    bool whole; /* every process reads all partitions; otherwise the group shares them */
    /*
     * record: the decoded struct of the topic; NULL for a tombstone. After ERR_POISON the record becomes a dead letter
     * and the stage goes on; after ERR_FULL the runner repeats the batch when there is room; any other failure ends the
     * process. For whole inputs step->txn is NULL and step->whole is writable.
     */
    int (*apply)(struct step *s, const struct bus_event *event, const void *record, struct err *e);
};

struct job {
    void *data;           /* the stage's */
    struct slice subject; /* owned by the runner */
    uint32_t partition;
};

struct stage_work {
    const char *name;
    /* Pure work: done inside the transaction. */
    int (*settle)(struct step *s, struct slice subject, struct err *e);
    /*
     * Or a job. prepare returns 1: here is one (*ret_data); 0: there is nothing to do, the work is dropped; STEP_BUSY:
     * not now, a limit is reached (asked again after the next finish or 50 ms); <0: failure.
     */
    int (*prepare)(struct step *s, struct slice subject, void **ret_data, struct err *e);
    void (*run)(struct runner *r, void *data); /* keeps its own outcome and error in data */
    /* Applies the outcome; call step_work with a later time to retry. Frees nothing: discard is called after it. */
    int (*finish)(struct step *s, struct slice subject, void *data, struct err *e);
    void (*discard)(void *data); /* also for jobs whose partition was lost: finish is then not called */
};
#define STEP_BUSY 2

struct stage_def {
    const char *name; /* also the consumer group "careen-<name>" and the state folder */
    uint32_t format;  /* version of the tables; state of another version is wiped and rebuilt */
    const struct stage_input *inputs;
    size_t inputs_n;
    const struct stage_work *works; /* by the kind that step_work is given */
    size_t works_n;
    const char *const *tables; /* of each partition; a new one may be added without a new format, it begins empty */
    size_t tables_n;
    const char *const *whole_tables; /* of each process */
    size_t whole_tables_n;
    /*
     * Called once at the start, before any bus or thread exists, so that it can start a sandbox. config: the stage's
     * own.
     */
    int (*init)(struct runner *r, const void *config, void **ret_stage, struct err *e);
    void (*done)(void *stage);
    void (*stopping)(void *stage); /* optional: the process was asked to end, and jobs should give up */
    /*
     * Optional. Called for a partition once it has caught up, and then after every commit that changed the whole
     * tables. It turns changes of these into work for the partition, and asks for work again after an upgrade
     * (reask.h). Returns 1 to be called again at once, since there are more portions (each is committed with its work);
     * 0: done; <0: failure.
     */
    int (*idle)(struct step *s, struct err *e);
    /*
     * Optional. Looks after what the stage needs beside the bus and its state (a helper process), and restarts it when
     * it ended. Called in every pass of the loop, at least once a second. A failure ends nothing: health shows its text
     * until a later call succeeds.
     */
    int (*supervise)(void *stage, struct err *e);
    /* Optional: the routes that this stage serves beside /healthz and /metrics. Fills to[max] and returns how many. */
    size_t (*routes)(struct runner *r, void *stage, struct httpd_route *to, size_t max);
    /* Optional: the whole tables are open. For routes, which read them in transactions of their own threads. */
    void (*opened)(void *stage, struct store *whole, const store_table *whole_tables, uint32_t partitions);
};

/* ---- for steps ---- */

/* Queues a record. The runner adds its position, finds the partition, and waits for the delivery before it commits. */
int step_emit(struct step *s, enum topic t, struct slice key, const void *record, struct err *e);
int step_tombstone(struct step *s, enum topic t, struct slice key, struct err *e);
/*
 * Waits until what was emitted so far is delivered. For a record that must never be seen without those before it (a
 * receipt without its evidence), even if both process and state are lost in between.
 */
int step_flush(struct step *s, struct err *e);
/*
 * For a stage that reads its own output whole, in settle and idle: whether the whole tables show everything that this
 * process has emitted. 1: they do; 0: not yet, and never within the batch that emitted; <0: failure.
 */
int step_read_back(struct step *s, struct err *e);
/*
 * Makes a key for state tables from a topic key of any length: the digest up to the first comma, the comma, and a hash
 * of 16 bytes of the rest (both left out when there is no comma). Returns its length; to must have STEP_KEY_MAX bytes.
 */
#define STEP_KEY_MAX (TOPIC_DIGEST_MAX + 17)
size_t step_key(uint8_t *to, struct slice topic_key);
/* The part of a topic key before, or after, its first comma. */
struct slice topic_key_head(struct slice topic_key);
struct slice topic_key_tail(struct slice topic_key);
/*
 * Asks for work on a subject (at most 480 bytes), not before due_ms (0: now). Lower priorities go first (0..255), and
 * within one the oldest request. If it is already queued, the more urgent priority and the earlier time win; if its job
 * is running, it will run again.
 */
int step_work(struct step *s, unsigned kind, struct slice subject, unsigned priority, int64_t due_ms, struct err *e);
/* The stage's state tables by their index. */
#define STEP_TABLE(s, i) ((s)->tables[i])
#define STEP_WHOLE(s, i) ((s)->whole_tables[i])
/* Reads and writes rows whose value is the encoded record of topic t. 1: found, 0: not there, <0: failure. */
int step_get_record(struct step *s, store_table table, struct slice key, enum topic t, void *ret_record, struct err *e);
int step_put_record(struct step *s, store_table table, struct slice key, enum topic t, const void *record,
                    struct err *e);
struct codec *runner_codec(struct runner *r);
/* The URL of the schema registry, NULL without one: for a thread that opens a codec of its own. */
const char *runner_registry_url(const struct runner *r);

/* ---- for jobs (any thread) ---- */

/*
 * Publishes one record from another thread (a webhook's event, an exemption) and waits until it is delivered.
 * ERR_RETRY: the process ends before.
 */
int runner_publish(struct runner *r, enum topic t, struct slice key, const void *record, struct err *e);
void *runner_stage(struct runner *r);

/* ---- running ---- */

struct runner_config {
    const char *bus_url, *state_dir, *registry_url; /* registry_url: schema registry or NULL */
    const char *member;                             /* NULL: a random name */
    const char *const *kafka_keys, *const *kafka_values;
    size_t kafka_n;
    unsigned workers; /* threads for jobs */
    const void *stage_config;
    const char *http; /* "127.0.0.1:9100" for /healthz and /metrics, NULL: none */
    bool until_idle;  /* end with 0 when everything is caught up and settled (tests, --once) */
};
/* Runs until SIGTERM or SIGINT (0), or a fatal error (negative). */
int runner_run(const struct stage_def *def, const struct runner_config *config, struct err *e);

#endif
