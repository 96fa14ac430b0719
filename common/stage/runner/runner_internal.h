/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner_internal.h: the runner's own parts, for runner*.c only.
 *
 * A batch polls records and applies them, finishes jobs and settles ready work. Then it is closed: flush, commit of
 * every open transaction, advance of the group's offsets. Anything that fails with ERR_FULL or ERR_RETRY aborts the
 * whole batch: transactions are dropped, inputs are rewound to the stored offsets, and finished jobs are kept for the
 * next batch.
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
#define CLOCK_BACK_MS    60000 /* when the clock goes back by less, work that waits for a time is just delayed */

/* One owned partition. */
struct part {
    uint32_t k;
    struct store *store;
    store_table tables[STAGE_TABLES_MAX];
    store_table meta, seen, work, queue;
    int64_t next[STAGE_INPUTS_MAX]; /* next offset of each partitioned input, as of the open transaction */
    bool caught_up[STAGE_INPUTS_MAX];
    bool live; /* every input was once read to its end: it may settle */
    /*
     * What a dropped batch produced may be on the bus all the same, at positions up to this one. Inputs that are read
     * again come in another order. Until as much was read as then, anything produced would be dropped by readers as
     * older.
     */
    uint64_t floor;
    bool idle_due;
    uint64_t whole_seen;     /* version of the whole tables that idle was called for */
    struct store_txn *txn;   /* of the open batch */
    bool dirty;              /* this batch moved offsets or did work */
    uint64_t seq;            /* order of arrival of work */
    uint64_t generation;     /* changes with every ownership, so that jobs of an earlier one are recognised */
    bool rush;               /* the clock went back: work that waits for a time is done now */
    int64_t earliest_due_ms; /* when waiting work is due first, INT64_MAX: none; it may be too early, never too late */
};

/* The state of inputs that every process reads whole. */
struct whole {
    struct store *store;
    store_table tables[STAGE_TABLES_MAX];
    store_table meta, seen;
    int64_t *next; /* [input * partitions + partition] */
    bool *caught_up;
    bool live;
    bool behind; /* partitions were assigned: runner_whole_catch_up is due before they are live */
    /*
     * What this process emitted to inputs that it reads whole lies before these offsets, in the order of next; after
     * another emission they are not known until somebody asks.
     */
    int64_t *own;
    bool own_unknown;
    struct store_txn *write, *read;
    uint64_t version; /* grows with every commit */
};

struct running_job {
    struct job job;
    unsigned kind;
    uint64_t generation;
    bool again; /* it was asked for again while it ran */
    struct runner *runner;
    struct running_job *next;
    uint8_t subject[WORK_SUBJECT_MAX];
};

/* A runner_publish that waits. */
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
    struct running_job *finished; /* jobs whose outcome this batch applied; discarded when it is committed */
    int failures;                 /* how many batches in a row were aborted */

    /* jobs */
    pthread_t *threads;
    unsigned threads_n;
    pthread_mutex_t lock;
    pthread_cond_t wanted;
    struct running_job *todo, *done, *running; /* under lock; running: owned by the runner thread's list below */
    struct running_job **active;               /* every job between prepare and discard; for the runner's thread only */
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
int runner_whole_read_back(struct runner *r, struct err *e); /* step_read_back for the process */
int runner_input_find(const struct runner *r, enum topic t);
/* 1: the record is newer or equal, and remembered; 0: it is older than what was read before. */
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
/* The ready work of a kind behind `skip` others. 1: found, and the subject points into the map; 0: none. */
int runner_work_peek(struct part *p, unsigned kind, size_t skip, unsigned *ret_priority, struct slice *ret_subject,
                     struct err *e);
/*
 * work_take takes a row out (1; 0: there is none), work_restore puts it back as it was: around prepare, which may ask
 * for the same subject at a later time.
 */
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
/* Whether a partition may settle, start jobs and finish them. */
bool runner_part_ready(const struct runner *r, const struct part *p);
struct step step_make(struct runner *r, struct part *p);
int runner_dead_letter(struct runner *r, const char *topic, uint32_t partition, int64_t offset, struct slice key,
                       struct slice value, const char *reason, struct err *e);

extern struct metric runner_records, runner_stale, runner_dead, runner_batches, runner_aborts, runner_settled,
    runner_ready, runner_active, runner_owned, runner_live, runner_full;

#endif
