/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner_jobs.c: work that runs on worker threads. A job's row stays in the work table while it runs, so a crash runs
 * it again; finish and the row's removal are one transaction.
 */
#include "stage/runner/runner_internal.h"

#include "base/crashpoint.h"
#include "base/log.h"

#define PEEK_MOST 256

static void *job_thread(void *arg)
{
    struct runner *r = arg;
    pthread_mutex_lock(&r->lock);
    for (;;) {
        while (!r->todo && !r->quit)
            pthread_cond_wait(&r->wanted, &r->lock);
        if (!r->todo)
            break;
        struct running_job *j = r->todo;
        r->todo = j->next;
        pthread_mutex_unlock(&r->lock);
        r->def->works[j->kind].run(r, j->job.data);
        crash_point("runner.job");
        pthread_mutex_lock(&r->lock);
        j->next = r->done;
        r->done = j;
        bus_wake(r->bus);
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

void runner_jobs_start(struct runner *r)
{
    bool any = false;
    for (size_t i = 0; i < r->def->works_n; i++)
        any |= r->def->works[i].run != NULL;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->wanted, NULL);
    pthread_cond_init(&r->published, NULL);
    unsigned n = any ? MAX(r->config->workers, 1u) : 0;
    r->threads = xcalloc(n, sizeof *r->threads);
    r->active = xcalloc(n, sizeof *r->active);
    for (; r->threads_n < n; r->threads_n++)
        if (pthread_create(&r->threads[r->threads_n], NULL, job_thread, r))
            BUG("cannot start a worker thread");
}

static void job_discard(struct runner *r, struct running_job *j)
{
    const struct stage_work *w = &r->def->works[j->kind];
    for (size_t i = 0; i < r->active_n; i++)
        if (r->active[i] == j) {
            r->active[i] = r->active[--r->active_n];
            break;
        }
    if (w->discard)
        w->discard(j->job.data);
    free(j);
}

static void discard_list(struct runner *r, struct running_job *list)
{
    while (list) {
        struct running_job *next = list->next;
        job_discard(r, list);
        list = next;
    }
}

void runner_jobs_stop(struct runner *r)
{
    pthread_mutex_lock(&r->lock);
    r->quit = true;
    struct running_job *never = STEAL(r->todo);
    pthread_cond_broadcast(&r->wanted);
    pthread_mutex_unlock(&r->lock);
    for (unsigned i = 0; i < r->threads_n; i++)
        pthread_join(r->threads[i], NULL);
    discard_list(r, never);
    discard_list(r, STEAL(r->done));
    discard_list(r, STEAL(r->finished));
    free(r->threads);
    free(r->active);
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->wanted);
    pthread_cond_destroy(&r->published);
}

bool runner_job_is_active(const struct runner *r, uint32_t partition, unsigned kind, struct slice subject)
{
    for (size_t i = 0; i < r->active_n; i++) {
        const struct running_job *j = r->active[i];
        if (j->job.partition == partition && j->kind == kind && slice_eq(j->job.subject, subject))
            return true;
    }
    return false;
}

/* A prepare that failed: the subject is given up with a dead letter, unless the whole batch must be repeated. */
static int prepare_failed(struct runner *r, struct part *p, unsigned kind, struct slice subject, struct err *e)
{
    if (e->kind != ERR_POISON)
        return -1;
    p->dirty = true;
    return runner_dead_letter(r, r->def->works[kind].name, p->k, -1, subject, SLICE_NONE, e->text, e);
}

/* Tries to start the skip-th ready subject of p: 1 started, 0 dropped, STEP_BUSY left for later, <0 failure. */
static int launch_one(struct runner *r, struct part *p, unsigned kind, struct slice subject, struct err *e)
{
    struct running_job *j = xcalloc(1, sizeof *j);
    memcpy(j->subject, subject.p, subject.n);
    j->job.subject = slice_of(j->subject, subject.n);
    j->job.partition = p->k;
    j->kind = kind;
    j->generation = p->generation;
    j->runner = r;
    struct work_row row;
    struct step s = step_make(r, p);
    int rc = runner_work_take(p, kind, j->job.subject, &row, e);
    if (rc == 1)
        rc = r->def->works[kind].prepare(&s, j->job.subject, &j->job.data, e);
    if ((rc == 1 || rc == STEP_BUSY) && runner_work_restore(p, kind, j->job.subject, &row, e)) {
        if (rc == 1 && r->def->works[kind].discard)
            r->def->works[kind].discard(j->job.data);
        rc = -1;
    }
    if (rc == 1) {
        r->active[r->active_n++] = j;
        pthread_mutex_lock(&r->lock);
        struct running_job **at = &r->todo;
        while (*at)
            at = &(*at)->next;
        *at = j;
        pthread_cond_signal(&r->wanted);
        pthread_mutex_unlock(&r->lock);
        return 1;
    }
    if (rc < 0)
        rc = prepare_failed(r, p, kind, j->job.subject, e);
    else if (rc == 0)
        p->dirty = true;
    free(j);
    return rc;
}

/* The most urgent subject of a kind over all live partitions that is not running and was not found busy in this round.
 */
static int pick(struct runner *r, unsigned kind, size_t *skips, struct part **ret_part, struct slice *ret_subject,
                struct err *e)
{
    unsigned best = 256;
    for (uint32_t k = 0; k < r->partitions; k++) {
        struct part *p = r->parts[k];
        unsigned priority;
        struct slice subject;
        if (!p || !runner_part_ready(r, p) || skips[k] >= PEEK_MOST)
            continue;
        if (runner_part_begin(r, p, e))
            return -1;
        int got;
        while ((got = runner_work_peek(p, kind, skips[k], &priority, &subject, e)) == 1 &&
               runner_job_is_active(r, p->k, kind, subject) && skips[k] < PEEK_MOST)
            skips[k]++;
        if (got < 0)
            return -1;
        if (got == 1 && skips[k] < PEEK_MOST && priority < best) {
            best = priority;
            *ret_part = p;
            *ret_subject = subject;
        }
    }
    return best < 256;
}

int runner_jobs_launch(struct runner *r, struct err *e)
{
    size_t *skips ATTR_CLEANUP(cleanup_free) = xcalloc(r->partitions, sizeof *skips);
    for (unsigned kind = 0; kind < r->def->works_n; kind++) {
        if (!r->def->works[kind].run)
            continue;
        memset(skips, 0, r->partitions * sizeof *skips);
        while (r->active_n < r->threads_n && !r->stop) {
            struct part *p = NULL;
            struct slice subject;
            uint8_t copy[WORK_SUBJECT_MAX];
            int got = pick(r, kind, skips, &p, &subject, e);
            if (got < 0)
                return -1;
            if (!got)
                break;
            memcpy(copy, subject.p, subject.n);
            got = launch_one(r, p, kind, slice_of(copy, subject.n), e);
            if (got < 0)
                return -1;
            if (got == STEP_BUSY) {
                skips[p->k]++;
                r->blocked = true;
            }
        }
    }
    metric_set(&runner_active, (int64_t)r->active_n);
    return 0;
}

static int finish_one(struct runner *r, struct running_job *j, struct err *e)
{
    struct part *p = r->parts[j->job.partition];
    if (!p || p->generation != j->generation || !p->live)
        return 0;
    if (runner_part_begin(r, p, e))
        return -1;
    p->dirty = true;
    if (!j->again && runner_work_drop(p, j->kind, j->job.subject, e) < 0)
        return -1;
    struct step s = step_make(r, p);
    int rc = r->def->works[j->kind].finish(&s, j->job.subject, j->job.data, e);
    if (rc < 0 && e->kind == ERR_POISON)
        rc = runner_dead_letter(r, r->def->works[j->kind].name, p->k, -1, j->job.subject, SLICE_NONE, e->text, e);
    return rc < 0 ? -1 : 0;
}

/* Takes what is done, but for the jobs whose partitions are below their floors: those wait. */
static struct running_job *take_done(struct runner *r)
{
    struct running_job *taken = NULL;
    pthread_mutex_lock(&r->lock);
    for (struct running_job **at = &r->done, *j; (j = *at);) {
        const struct part *p = r->parts[j->job.partition];
        if (p && runner_part_position(r, p) < p->floor) {
            at = &j->next;
            continue;
        }
        *at = j->next;
        j->next = taken;
        taken = j;
    }
    pthread_mutex_unlock(&r->lock);
    return taken;
}

int runner_jobs_finish(struct runner *r, struct err *e)
{
    struct running_job *list = take_done(r);
    while (list) {
        struct running_job *j = list;
        list = j->next;
        j->next = r->finished;
        r->finished = j;
        if (finish_one(r, j, e)) {
            pthread_mutex_lock(&r->lock);
            while (list) {
                struct running_job *next = list->next;
                list->next = r->done;
                r->done = list;
                list = next;
            }
            pthread_mutex_unlock(&r->lock);
            return -1;
        }
    }
    return 0;
}

void runner_jobs_committed(struct runner *r)
{
    discard_list(r, STEAL(r->finished));
}

void runner_jobs_aborted(struct runner *r)
{
    pthread_mutex_lock(&r->lock);
    while (r->finished) {
        struct running_job *j = r->finished;
        r->finished = j->next;
        j->next = r->done;
        r->done = j;
    }
    pthread_mutex_unlock(&r->lock);
}
