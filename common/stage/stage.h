/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stage.h: what a stage is. A stage is a descriptor and pure steps; the runner (runner.c) owns poll, state, produce
 * and commit. Every stage has the same shape:
 *
 *     apply   takes a record of an input, changes the state tables and says which subjects need work (step_work);
 *     settle  works on a subject: compares what the state says is wanted with what it says is done, and emits the
 *             difference.
 *
 * Both run inside one write transaction of the partition, in batches. The runner's order of effects is always:
 * outputs produced -> delivered -> transaction committed (state and next offsets together) -> group offset advanced.
 * So apply and settle must be pure functions of (state, input): no clock but step->now_ms, no network, no randomness.
 * After state was lost the runner replays all inputs through apply first and settles only when it has caught up. State
 * that fits is not replayed: what a newer build would do otherwise is asked for in idle, by reask.h.
 *
 * Work that takes long or touches the world (a pull, a listing) is a job: prepare (pure, in a transaction) makes it,
 * run does it on a worker thread without state or bus, finish (pure, in a transaction) applies what came of it. A crash
 * in between runs the job again.
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

/* What apply, settle, prepare and finish get. Valid during the call. */
struct step {
    struct runner *runner;
    void *stage; /* stage_def.init's result */
    uint32_t partition, partitions;
    struct store_txn *txn;   /* the partition's tables, write */
    struct store_txn *whole; /* the process's tables: read during partition steps; write during apply of whole inputs */
    struct arena *arena;     /* reset after the call */
    int64_t now_ms;          /* wall time at which the batch began */
    uint64_t position;       /* sum of the next offsets of every input read for this partition */
    uint64_t generation;     /* grows each time that this process is given the partition */
    const store_table *tables;       /* ids of stage_def.tables, in order */
    const store_table *whole_tables; /* ids of stage_def.whole_tables */
};

struct stage_input {
    enum topic topic;
    bool whole; /* every process reads all partitions; else the group's share */
    /*
     * record: decoded struct of the topic, NULL for a tombstone. ERR_POISON dead-letters the record and goes on;
     * ERR_FULL makes the runner repeat the batch when there is room; any other failure ends the process. For whole
     * inputs step->txn is NULL and step->whole is writable.
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
     * Or a job. prepare: 1 made one (*ret_data), 0 nothing to do any more (the work is dropped), STEP_BUSY not now (a
     * limit; asked again after the next finish or 50 ms), <0 failure.
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
    uint32_t format;  /* version of the tables; another one on disk is wiped and rebuilt */
    const struct stage_input *inputs;
    size_t inputs_n;
    const struct stage_work *works; /* index = the kind given to step_work */
    size_t works_n;
    const char *const *tables; /* of each partition; one that state of the same format has not yet is made, empty */
    size_t tables_n;
    const char *const *whole_tables; /* of each process */
    size_t whole_tables_n;
    /* Once at start, before any bus or thread exists: the place to fork a sandbox. config: the stage's own. */
    int (*init)(struct runner *r, const void *config, void **ret_stage, struct err *e);
    void (*done)(void *stage);
    void (*stopping)(void *stage); /* optional: the process is asked to end; jobs should give up */
    /*
     * Optional, for a partition that has caught up: once when it has, and after every commit that changed the whole
     * tables; the place to turn their changes into work of the partition, and to ask for work again after an upgrade
     * (reask.h). Returns 1 to be called again at once (there is more than one portion; each is committed with its
     * work), 0 when done, <0 on failure.
     */
    int (*idle)(struct step *s, struct err *e);
    /*
     * Optional: looks after what the stage depends on beside the bus and its state (a helper process), and starts again
     * what ended. Called in every pass of the loop, at least once a second. A failure ends nothing: its text is the
     * trouble that health tells until a later call succeeds.
     */
    int (*supervise)(void *stage, struct err *e);
    /* Optional: what this stage serves beside /healthz and /metrics. Fills to[max], returns how many. */
    size_t (*routes)(struct runner *r, void *stage, struct httpd_route *to, size_t max);
    /* Optional: the whole tables are open; for routes that read them (store_begin(read) on their own threads). */
    void (*opened)(void *stage, struct store *whole, const store_table *whole_tables, uint32_t partitions);
};

/* ---- for steps ---- */

/* Queues a record. The runner adds the position header, finds the partition, waits for delivery before the commit. */
int step_emit(struct step *s, enum topic t, struct slice key, const void *record, struct err *e);
int step_tombstone(struct step *s, enum topic t, struct slice key, struct err *e);
/*
 * Waits until what was emitted so far is delivered: for a record that must never be seen without the ones before it
 * (a receipt and its evidence), even if process and state are both lost in between.
 */
int step_flush(struct step *s, struct err *e);
/*
 * A state key for topic keys of any length: the digest up to the first comma, the comma, and 16 bytes of hash of the
 * rest (left out when there is no comma). Returns its length; to must hold STEP_KEY_MAX bytes.
 */
#define STEP_KEY_MAX (TOPIC_DIGEST_MAX + 17)
size_t step_key(uint8_t *to, struct slice topic_key);
/* The part of a topic key before, or after, its first comma. */
struct slice key_head(struct slice topic_key);
struct slice key_tail(struct slice topic_key);
/*
 * Asks for work on a subject (<= 480 bytes), not before due_ms (0: now). Lower priority numbers go first (0..255), then
 * first come. Asked again while queued: the more urgent priority and the earlier time win. Asked while its job runs: it
 * runs again.
 */
int step_work(struct step *s, unsigned kind, struct slice subject, unsigned priority, int64_t due_ms, struct err *e);
int step_work_drop(struct step *s, unsigned kind, struct slice subject, struct err *e);
/* State tables by index, with decoding and encoding left to the stage. */
#define STEP_TABLE(s, i) ((s)->tables[i])
#define STEP_WHOLE(s, i) ((s)->whole_tables[i])
/* Typed access: the value is the codec's encoding of topic t's record. 1 found, 0 not there. */
int step_get_record(struct step *s, store_table table, struct slice key, enum topic t, void *ret_record, struct err *e);
int step_put_record(struct step *s, store_table table, struct slice key, enum topic t, const void *record,
                    struct err *e);
struct codec *runner_codec(struct runner *r);
/* Of the schema registry, NULL without one: for a codec of another thread's own. */
const char *runner_registry_url(const struct runner *r);

/* ---- for jobs (any thread) ---- */

/*
 * Publishes one record from another thread (a webhook's event, an exemption) and waits until it is delivered. record
 * and key stay the caller's. ERR_RETRY when the process ends first.
 */
int runner_publish(struct runner *r, enum topic t, struct slice key, const void *record, struct err *e);
/* True once the process is asked to end: long jobs give up. */
bool runner_stopping(struct runner *r);
/* Makes the runner look for work now. */
void runner_wake(struct runner *r);
void *runner_stage(struct runner *r);

/* ---- running ---- */

struct runner_config {
    const char *bus_url, *state_dir, *registry_url; /* registry_url: schema registry or NULL */
    const char *member;                             /* NULL: made up */
    const char *const *kafka_keys, *const *kafka_values;
    size_t kafka_n;
    unsigned workers; /* threads for jobs */
    const void *stage_config;
    const char *http; /* "127.0.0.1:9100" for /healthz and /metrics, NULL: none */
    bool until_idle;  /* end with 0 once everything is caught up and settled (tests, --once) */
};
/* Runs until SIGTERM or SIGINT (0), or a fatal error (negative). */
int runner_run(const struct stage_def *def, const struct runner_config *config, struct err *e);

#endif
