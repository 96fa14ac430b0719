/* SPDX-License-Identifier: Apache-2.0 */
/* feeds_refresh.c: the stage's work: a job takes a feed in, then what differs is emitted in portions. */
#include "feeds/feeds_internal.h"

#include "base/log.h"
#include "feeds/pipeline/intake.h"

#define ROWS_A_STEP       20000
#define CHANGES_A_STEP    2000
#define RETRY_LEAST_MS    ((int64_t)5 * 60 * 1000)
#define RETRY_MOST_MS     ((int64_t)6 * 3600 * 1000)
#define POISON_WAIT_MS    ((int64_t)3600 * 1000)
#define READ_BACK_WAIT_MS 20

/* ---- refresh: the job ---- */

struct refresh {
    struct feeds_stage_data *d;
    const struct feed *f;
    uint32_t partition;
    struct feed_memory old;
    struct feed_taken taken;
    struct arena arena; /* of the names of an index */
    struct err err;
    int rc;
};

static int prepare_refresh(struct step *s, struct slice subject, void **ret_data, struct err *e)
{
    const struct feed *f = feed_by_name(subject);
    struct feeds_progress p;
    struct feed_memory m;
    if (!f || !feeds_is_mine(s, f))
        return 0;
    int busy = feeds_progress_get(s, f, &p, e);
    if (busy)
        return busy < 0 ? -1 : STEP_BUSY;
    if (feeds_recall(s, f, &m, e) < 0)
        return -1;
    struct refresh *j = xcalloc(1, sizeof *j);
    *j = (struct refresh){.d = s->stage,
                          .f = f,
                          .partition = s->partition,
                          .old = m,
                          .arena = ARENA_INIT((size_t)1 << 20),
                          .err = ERR_INIT};
    *ret_data = j;
    return 1;
}

static void log_left_out(void *arg, struct slice id, struct slice reason)
{
    (void)arg;
    log_warn("a document, or a part of one, was left out", LOG("id", id), LOG("reason", reason));
}

static void run_refresh(struct runner *r, void *data)
{
    static const struct feed_intake_ops ops = {.left_out = log_left_out};
    struct refresh *j = data;
    char *download ATTR_CLEANUP(cleanup_free) = feeds_work_path(j->d, NULL, "downloads");
    char *staged ATTR_CLEANUP(cleanup_free) = feeds_work_path(j->d, j->f, "staged");
    /* Partitions may read one index at the same time. */
    char *own ATTR_CLEANUP(cleanup_free) = xasprintf("%s/partition-%u", download, j->partition);
    (void)r;
    struct feed_intake in = {.fetch = {.feeds_dir = j->d->config.feeds_dir,
                                       .work_dir = j->f->kind == FEED_INDEX ? own : download,
                                       .url_base = j->d->config.mirror,
                                       .http = &j->d->http,
                                       .sandbox = j->d->sandbox},
                             .staged = staged,
                             .ops = &ops};
    j->rc = feed_take(&in, j->f, &j->old, &j->arena, &j->taken, &j->err);
}

/* Yesterday's records stay; asked again sooner than the next tick, later each time. */
static int refresh_failed(struct step *s, struct refresh *j, struct err *e)
{
    struct feeds_stage_data *d = s->stage;
    struct feed_memory m = j->old;
    m.failures++;
    int64_t wait = RETRY_LEAST_MS << MIN(m.failures - 1, 8u);
    if (j->err.kind == ERR_POISON)
        wait = MAX(wait, POISON_WAIT_MS);
    wait = MIN(MAX(wait, j->err.retry_after_ms), RETRY_MOST_MS);
    feeds_told_failure(d->told, j->f);
    log_error("feed not refreshed; what it gave before stays", LOG_S("feed", j->f->name), LOG_S("reason", j->err.text),
              LOG_I("failures", m.failures), LOG_I("retry_seconds", wait / 1000));
    return feeds_remember(s, j->f, &m, e) ? -1 : feeds_ask(s, j->f, feeds_priority(j->f), s->now_ms + wait, e);
}

static int refresh_good(struct step *s, struct refresh *j, struct err *e)
{
    j->taken.now.failures = 0;
    feeds_told_good(j->d->told, j->f, &j->taken.now, s->now_ms);
    return feeds_remember(s, j->f, &j->taken.now, e);
}

static int index_read(struct step *s, struct refresh *j, struct err *e)
{
    const struct feed_end end = feeds_end_of(s);
    if (!feed_take_names(&end, j->f, &j->taken.names, &j->err))
        return refresh_good(s, j, e);
    if (j->err.kind == ERR_POISON)
        return refresh_failed(s, j, e);
    if (e)
        *e = j->err;
    return -1;
}

static int feed_was_read(struct step *s, struct refresh *j, struct err *e)
{
    const struct feed_stats *stats = &j->taken.stats;
    struct feeds_progress p = {.from = SLICE(""), .memory = j->taken.now};
    log_info("feed read", LOG_S("feed", j->f->name), LOG_I("records", j->taken.now.records),
             LOG_I("bytes", stats->bytes), LOG_I("documents", stats->documents), LOG_I("skipped", stats->skipped),
             LOG_I("left_out", stats->left_out), LOG_I("containers", stats->containers));
    sorted_close(STEAL(*feeds_told_open(j->d->told, j->f)));
    return feeds_progress_put(s, j->f, &p, e)
               ? -1
               : step_work(s, FEEDS_WORK_EMIT, slice_str(j->f->name), feeds_priority(j->f), 0, e);
}

/* While the job was under way another feed dropped what this one may have: 1 it must be read again, 0, <0. */
static int forgotten_since(struct step *s, const struct refresh *j, struct err *e)
{
    struct feed_memory m;
    if (feeds_recall(s, j->f, &m, e) < 0)
        return -1;
    return j->old.reader && !m.reader;
}

static int finish_refresh(struct step *s, struct slice subject, void *data, struct err *e)
{
    struct refresh *j = data;
    (void)subject;
    int forgotten = forgotten_since(s, j, e);
    if (forgotten < 0)
        return -1;
    if (forgotten)
        j->old.reader = 0;
    if (forgotten && !j->rc && j->taken.outcome == FETCH_UNCHANGED)
        return feeds_ask(s, j->f, FEEDS_PRIORITY_NOW, 0, e);
    if (j->rc)
        return atomic_load(&j->d->stop) ? feeds_ask(s, j->f, FEEDS_PRIORITY_NOW, 0, e) : refresh_failed(s, j, e);
    switch (j->taken.outcome) {
    case FETCH_ABSENT:
        if (j->taken.absent.kind != ERR_NONE)
            log_info("a feed that its index names is not there yet", LOG_S("feed", j->f->name),
                     LOG_S("reason", j->taken.absent.text));
        return 0;
    case FETCH_UNCHANGED:
        return refresh_good(s, j, e);
    case FETCH_NEW:
        break;
    }
    return j->f->kind == FEED_INDEX ? index_read(s, j, e) : feed_was_read(s, j, e);
}

static void discard_refresh(void *data)
{
    struct refresh *j = data;
    arena_done(&j->arena);
    free(j);
}

/* ---- emit: the difference, in portions ---- */

/* The staged feed is gone or damaged, with a state folder or a disk: read it again. */
static int staged_lost(struct step *s, const struct feed *f, struct err *e)
{
    struct feed_memory m;
    if (feeds_progress_drop(s, f, e) || feeds_recall(s, f, &m, e) < 0)
        return -1;
    m.reader = 0;
    return feeds_remember(s, f, &m, e) || feeds_ask(s, f, FEEDS_PRIORITY_NOW, 0, e) ? -1 : feeds_wake(s, e);
}

/* Should the batch be repeated after all, the staged feed is gone and staged_lost reads it again. */
static int emit_done(struct step *s, const struct feed *f, struct feeds_progress *p, struct err *e)
{
    const struct feeds_stage_data *d = s->stage;
    p->memory.failures = 0;
    feeds_told_good(d->told, f, &p->memory, s->now_ms);
    log_info("feed refreshed", LOG_S("feed", f->name), LOG_I("records", p->memory.records));
    return feeds_remember(s, f, &p->memory, e) || feeds_progress_drop(s, f, e) ? -1 : feeds_wake(s, e);
}

/* Opens what was staged if it is not open. 1, 0 there is none, <0. */
static int open_staged(struct step *s, const struct feed *f, struct sorted **ret_staged, struct err *e)
{
    struct feeds_stage_data *d = s->stage;
    struct sorted **open = feeds_told_open(d->told, f);
    char *dir ATTR_CLEANUP(cleanup_free) = feeds_work_path(d, f, "staged");
    struct err why = ERR_INIT;
    if (!*open && sorted_open(dir, open, &why)) {
        if (why.kind == ERR_NOT_FOUND)
            return 0;
        if (e)
            *e = why;
        return -1;
    }
    *ret_staged = *open;
    return 1;
}

/*
 * "out" lags behind what was emitted. A comparison begins, or goes on behind another feed's, only when all of that was
 * read back: or it would take a record for another feed's that is gone, or drop one that another feed has taken over.
 * Portions of one comparison have nothing in common, and need not wait for each other. 1: go on, 0 later, <0.
 */
static int sees_what_is_out(struct step *s, const struct feed *f, const struct feeds_progress *p, struct err *e)
{
    struct feeds_stage_data *d = s->stage;
    bool goes_on = p->from.n && d->emitting == f && d->emitting_as == s->generation;
    int rc = goes_on ? 1 : step_read_back(s, e);
    if (rc == 1) {
        d->emitting = f;
        d->emitting_as = s->generation;
    }
    return rc;
}

static int settle_emit(struct step *s, struct slice subject, struct err *e)
{
    const struct feed *f = feed_by_name(subject);
    const struct feed_end end = feeds_end_of(s);
    struct feed_comparison c = {.feed = f,
                                .out_txn = s->whole,
                                .out = STEP_WHOLE(s, FEEDS_WHOLE_OUT),
                                .rows = ROWS_A_STEP,
                                .changes = CHANGES_A_STEP};
    struct feed_portion portion;
    struct feeds_progress p;
    struct err why = ERR_INIT;
    int rc = f ? feeds_progress_get(s, f, &p, e) : 0;
    if (rc <= 0)
        return rc;
    rc = sees_what_is_out(s, f, &p, e);
    if (rc <= 0)
        return rc < 0 ? -1
                      : step_work(s, FEEDS_WORK_EMIT, subject, feeds_priority(f), s->now_ms + READ_BACK_WAIT_MS, e);
    rc = open_staged(s, f, &c.staged, e);
    if (rc <= 0)
        return rc < 0 ? -1 : staged_lost(s, f, e);
    rc = feed_emit(&end, &c, p.from, s->arena, &portion, &why);
    if (rc < 0) {
        if (why.kind == ERR_NOT_FOUND)
            return staged_lost(s, f, e);
        if (e)
            *e = why;
        return -1;
    }
    p.from = portion.next;
    if (rc == 0)
        return emit_done(s, f, &p, e);
    return feeds_progress_put(s, f, &p, e) ? -1 : step_work(s, FEEDS_WORK_EMIT, subject, feeds_priority(f), 0, e);
}

const struct stage_work feeds_works[FEEDS_WORKS] = {
    [FEEDS_WORK_REFRESH] = {.name = "refresh",
                            .prepare = prepare_refresh,
                            .run = run_refresh,
                            .finish = finish_refresh,
                            .discard = discard_refresh},
    [FEEDS_WORK_EMIT] = {.name = "emit", .settle = settle_emit},
};
