/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner_internal.h: the runner's own parts, for runner*.c only.
 *
 * A batch is: poll records and apply them, finish jobs, settle ready work, then one close: flush, commit every open
 * transaction, advance the group. Anything that fails with ERR_FULL or ERR_RETRY aborts the whole batch: transactions
 * are dropped, inputs rewound to the stored offsets, finished jobs kept for the next batch.
 */
#ifndef CAREEN_STAGE_RUNNER_RUNNER_INTERNAL_H
#define CAREEN_STAGE_RUNNER_RUNNER_INTERNAL_H

#include "stage/metrics.h"
#include "stage/stage.h"

#include <pthread.h>
#include <stdatomic.h>

#define STAGE_INPUTS_MAX 12
#define STAGE_TABLES_MAX 24
#define WORK_SUBJECT_MAX 480
#define CLOCK_BACK_MS    60000 /* a clock that goes back by less only delays what waits for a time */

/* One owned partition. */
struct part {
    uint32_t k;
    struct store *store;
    store_table tables[STAGE_TABLES_MAX];
    store_table meta, seen, work, queue;
    int64_t next[STAGE_INPUTS_MAX]; /* next offset of each partitioned input, as of the open transaction */
    bool caught_up[STAGE_INPUTS_MAX];
    bool live; /* every input was read to its end once: settling is allowed */
    /*
     * What a dropped batch produced may be on the bus all the same, at positions up to this one. Inputs that are read
     * again come in another order: until as much is known as then, what would be produced were dropped as older.
     */
    uint64_t floor;
    bool idle_due;
    uint64_t whole_seen;     /* version of the whole tables that idle was called for */
    struct store_txn *txn;   /* of the open batch */
    bool dirty;              /* offsets moved or work was done in this batch */
    uint64_t seq;            /* order of arrival of work */
    uint64_t generation;     /* tells jobs of an earlier ownership apart */
    bool rush;               /* the clock went back: what waits for a time is asked now */
    int64_t earliest_due_ms; /* least due time of waiting work, INT64_MAX when none; a hint, never too late */
};

/* What every process reads whole. */
struct whole {
    struct store *store;
    store_table tables[STAGE_TABLES_MAX];
    store_table meta, seen;
    int64_t *next; /* [input * partitions + partition] */
    bool *caught_up;
    bool live;
    bool behind; /* partitions were assigned: runner_whole_catch_up is due before they are live */
    struct store_txn *write, *read;
    uint64_t version; /* grows with every commit */
};

struct running_job {
    struct job job;
    unsigned kind;
    uint64_t generation;
    bool again; /* asked for anew while it ran */
    struct runner *runner;
    struct running_job *next;
    uint8_t subject[WORK_SUBJECT_MAX];
};

/* One blocked runner_publish. */
struct publication {
    enum topic topic;
    struct slice key;
    const void *record;
    bool done;
    int result;
    struct err error;
    struct publication *next;
};

struct runner {
    const struct stage_def *def;
    const struct runner_config *config;
    struct bus *bus;
    struct codec *codec;
    void *stage;
    uint32_t partitions;
    struct part **parts; /* by partition, NULL when not owned */
    struct whole whole;
    struct arena arena, record_arena;
    struct buf encoded;
    uint64_t generations;

    /* the batch */
    int64_t now_ms;
    int64_t wall_ms, mono_ms; /* both clocks when the last batch began */
    bool emitted;
    struct running_job *finished; /* jobs applied in this batch, discarded once it is committed */
    int failures;                 /* batches aborted in a row */

    /* jobs */
    pthread_t *threads;
    unsigned threads_n;
    pthread_mutex_t lock;
    pthread_cond_t wanted;
    struct running_job *todo, *done, *running; /* under lock; running: owned by the runner thread's list below */
    struct running_job **active;               /* runner thread only: every job between prepare and discard */
    size_t active_n;
    bool quit;

    /* records that other threads want published (under lock) */
    struct publication *to_publish, *publishing;
    pthread_cond_t published;

    atomic_bool stop; /* set by a signal handler */
    bool blocked;     /* some work answered STEP_BUSY */
    bool holding;     /* some partition is below its floor: jobs that are done wait for it */
};

/* runner_part.c */
int runner_part_open(struct runner *r, uint32_t k, struct part **ret_part, struct err *e);
void runner_part_close(struct part *p);
int runner_part_begin(struct runner *r, struct part *p,
                      struct err *e); /* opens the batch's transaction unless it is open */
int runner_part_save(struct runner *r, struct part *p, struct err *e); /* offsets into the transaction */
int runner_part_rewind(struct runner *r, struct part *p, struct err *e);
int runner_part_start(struct runner *r, struct part *p, struct err *e); /* bus_start on every input */
int runner_whole_open(struct runner *r, struct err *e);
void runner_whole_close(struct runner *r);
int runner_whole_begin_write(struct runner *r, struct err *e);
int runner_whole_begin_read(struct runner *r, struct err *e);
int runner_whole_commit(struct runner *r, struct err *e);
int runner_whole_rewind(struct runner *r, struct err *e);
int runner_whole_catch_up(struct runner *r, struct err *e);
int runner_input_find(const struct runner *r, enum topic t);
/* 1: newer or equal and remembered; 0: older than what was read before. */
int runner_seen_check(struct store_txn *txn, store_table seen, const struct bus_event *ev, struct err *e);

/* runner_group.c */
int runner_group_join(struct runner *r, struct err *e);
void runner_group_check_live(struct runner *r);

/* runner_work.c */
int runner_work_put(struct part *p, struct running_job *const *active, size_t active_n, unsigned kind,
                    struct slice subject, unsigned priority, int64_t due_ms, int64_t now_ms, struct err *e);
int runner_work_drop(struct part *p, unsigned kind, struct slice subject, struct err *e); /* 1 it was there */
int runner_work_promote(struct part *p, size_t works_n, int64_t now_ms,
                        struct err *e); /* waiting work that is due becomes ready */
/* The skip-th ready work of a kind: 1 found (subject points into the map), 0 none. */
int runner_work_peek(struct part *p, unsigned kind, size_t skip, unsigned *ret_priority, struct slice *ret_subject,
                     struct err *e);
/* Takes a row out (1, 0 none) and puts it back as it was: around prepare, which may ask for the same subject later. */
struct work_row {
    unsigned priority;
    int64_t due_ms; /* 0: ready */
    uint64_t seq;
};
int runner_work_take(struct part *p, unsigned kind, struct slice subject, struct work_row *ret_row, struct err *e);
int runner_work_restore(struct part *p, unsigned kind, struct slice subject, const struct work_row *row, struct err *e);
int runner_work_load(struct part *p, struct err *e); /* after open: seq and earliest_due_ms */

/* runner_jobs.c */
void runner_jobs_start(struct runner *r);
void runner_jobs_stop(struct runner *r); /* waits for the running ones */
int runner_jobs_launch(struct runner *r, struct err *e);
int runner_jobs_finish(struct runner *r, struct err *e); /* applies what is done */
void runner_jobs_committed(struct runner *r);
void runner_jobs_aborted(struct runner *r);
bool runner_job_is_active(const struct runner *r, uint32_t partition, unsigned kind, struct slice subject);

/* runner_publish.c */
int runner_publications_produce(struct runner *r, struct err *e);
void runner_publications_end(struct runner *r, bool delivered); /* false: tried again with the next batch */
void runner_publications_refuse(struct runner *r);              /* at the end of the process */

/* runner_step.c */
uint64_t runner_part_position(const struct runner *r, const struct part *p);
/* It may settle, start jobs and finish them. */
bool runner_part_ready(const struct runner *r, const struct part *p);
struct step step_make(struct runner *r, struct part *p);
int runner_dead_letter(struct runner *r, const char *topic, uint32_t partition, int64_t offset, struct slice key,
                       struct slice value, const char *reason, struct err *e);

extern struct metric runner_records, runner_stale, runner_dead, runner_batches, runner_aborts, runner_settled,
    runner_ready, runner_active, runner_owned, runner_live, runner_full;

#endif
