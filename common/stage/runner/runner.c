/* SPDX-License-Identifier: Apache-2.0 */
/* runner.c: the loop. See runner_internal.h for what a batch is and stage.h for the promises. */
#include "stage/runner/runner_internal.h"

#include "base/clock.h"
#include "base/crashpoint.h"
#include "base/log.h"
#include "stage/health.h"

#include <signal.h>

#define BATCH_RECORDS 2000
#define BATCH_MS      50
#define SETTLE_MS     100
#define FLUSH_MS      30000
#define POLL_MS       1000

struct metric runner_records = METRIC_COUNTER("careen_runner_records_total", "Records read and applied."),
              runner_stale = METRIC_COUNTER("careen_runner_stale_records_total",
                                            "Records dropped because a newer one of their key was read."),
              runner_dead =
                  METRIC_COUNTER("careen_runner_dead_letters_total", "Records and work given up with a dead letter."),
              runner_batches = METRIC_COUNTER("careen_runner_batches_total", "Batches committed."),
              runner_aborts = METRIC_COUNTER("careen_runner_aborted_batches_total",
                                             "Batches repeated after a full disk or a bus that was away."),
              runner_settled = METRIC_COUNTER("careen_runner_settled_total", "Subjects of work settled."),
              runner_ready =
                  METRIC_GAUGE("careen_runner_work_waiting", "Rows in the work tables of the owned partitions."),
              runner_active = METRIC_GAUGE("careen_runner_jobs_running", "Jobs running."),
              runner_owned = METRIC_GAUGE("careen_runner_partitions_owned", "Partitions that this process owns."),
              runner_live = METRIC_GAUGE("careen_runner_partitions_live", "Owned partitions that have caught up."),
              runner_full = METRIC_GAUGE("careen_runner_out_of_space", "1 while a full disk stops the stage.");

static struct runner *signalled;

static void on_signal(int sig)
{
    (void)sig;
    if (signalled) {
        signalled->stop = true;
        bus_wake(signalled->bus);
    }
}

/* ---- applying records ---- */

static int decode(struct runner *r, const struct bus_event *ev, void **ret_record, struct err *e)
{
    *ret_record = NULL;
    if (ev->tombstone)
        return 0;
    arena_reset(&r->record_arena);
    void *record = arena_zalloc(&r->record_arena, codec_record_size(ev->topic));
    if (codec_decode(r->codec, ev->topic, ev->value, &r->record_arena, record, e))
        return -1;
    *ret_record = record;
    return 0;
}

/* A switch of the crash matrix: state must be the same when every record comes twice. */
static bool delivered_twice(void)
{
#ifdef CAREEN_CRASH_POINTS
    static int twice = -1;
    if (twice < 0)
        twice = getenv("CAREEN_TEST_DUPLICATE") != NULL;
    return twice;
#else
    return false;
#endif
}

static int apply_step(struct runner *r, struct step *s, const struct stage_input *in, const struct bus_event *ev,
                      struct err *e)
{
    void *record = NULL;
    const char *unfit = topic_key_unfit(ev->topic, ev->key);
    int rc = unfit ? err_set(e, ERR_POISON, 0, "%s (%zu bytes)", unfit, ev->key.n) : decode(r, ev, &record, e);
    if (!rc)
        rc = in->apply(s, ev, record, e);
    if (!rc && delivered_twice())
        rc = in->apply(s, ev, record, e);
    if (rc && e->kind == ERR_POISON)
        rc = runner_dead_letter(r, topics[ev->topic].name, ev->partition, ev->offset, ev->key, ev->value, e->text, e);
    return rc;
}

static int apply_whole(struct runner *r, size_t input, const struct bus_event *ev, struct err *e)
{
    struct whole *w = &r->whole;
    if (runner_whole_begin_write(r, e))
        return -1;
    w->next[input * r->partitions + ev->partition] = ev->offset + 1;
    int newer = runner_seen_check(w->write, w->seen, ev, e);
    if (newer < 0)
        return -1;
    if (!newer) {
        metric_add(&runner_stale, 1);
        return 0;
    }
    struct step s = step_make(r, NULL);
    s.partition = ev->partition;
    return apply_step(r, &s, &r->def->inputs[input], ev, e);
}

static int apply_part(struct runner *r, size_t input, const struct bus_event *ev, struct err *e)
{
    struct part *p = r->parts[ev->partition];
    if (!p || ev->offset < p->next[input])
        return 0;
    if (runner_part_begin(r, p, e) || runner_whole_begin_read(r, e))
        return -1;
    p->next[input] = ev->offset + 1;
    p->dirty = true;
    int newer = runner_seen_check(p->txn, p->seen, ev, e);
    if (newer < 0)
        return -1;
    if (!newer) {
        metric_add(&runner_stale, 1);
        return 0;
    }
    struct step s = step_make(r, p);
    return apply_step(r, &s, &r->def->inputs[input], ev, e);
}

static void caught_up(struct runner *r, const struct bus_event *ev)
{
    int i = runner_input_find(r, ev->topic);
    if (i < 0)
        return;
    struct part *p = r->parts[ev->partition];
    /* The last records of a partition may have been removed: then its end is behind the last one read. */
    if (r->def->inputs[i].whole) {
        size_t at = (size_t)i * r->partitions + ev->partition;
        r->whole.caught_up[at] = true;
        r->whole.next[at] = MAX(r->whole.next[at], ev->offset);
    } else if (p) {
        p->caught_up[i] = true;
        p->next[i] = MAX(p->next[i], ev->offset);
    }
    runner_group_check_live(r);
}

static int apply_event(struct runner *r, const struct bus_event *ev, struct err *e)
{
    int i = runner_input_find(r, ev->topic);
    if (i < 0 || ev->partition >= r->partitions)
        return 0;
    metric_add(&runner_records, 1);
    int rc = r->def->inputs[i].whole ? apply_whole(r, (size_t)i, ev, e) : apply_part(r, (size_t)i, ev, e);
    return rc ? err_wrap(e, "topic %s, partition %u, offset %" PRId64, topics[ev->topic].name, ev->partition,
                         ev->offset)
              : 0;
}

static int poll_batch(struct runner *r, int timeout_ms, struct err *e)
{
    int64_t began = 0;
    for (int n = 0; n < BATCH_RECORDS && !r->stop;) {
        struct bus_event ev;
        if (bus_poll(r->bus, timeout_ms, &ev, e))
            return -1;
        if (ev.kind == BUS_NOTHING)
            return 0;
        if (!began) {
            began = clock_mono_ms();
            r->now_ms = clock_wall_ms();
        }
        timeout_ms = 0;
        if (ev.kind == BUS_CAUGHT_UP) {
            caught_up(r, &ev);
            continue;
        }
        if (apply_event(r, &ev, e))
            return -1;
        if (++n % 64 == 0 && clock_mono_ms() - began > BATCH_MS)
            return 0;
    }
    return 0;
}

/* ---- settling ---- */

static int settle_one(struct runner *r, struct part *p, unsigned kind, struct slice subject, struct err *e)
{
    uint8_t copy[WORK_SUBJECT_MAX];
    memcpy(copy, subject.p, subject.n);
    subject.p = copy;
    if (runner_work_drop(p, kind, subject, e) < 0)
        return -1;
    struct step s = step_make(r, p);
    int rc = r->def->works[kind].settle(&s, subject, e);
    metric_add(&runner_settled, 1);
    if (rc && e->kind == ERR_POISON)
        rc = runner_dead_letter(r, r->def->works[kind].name, p->k, -1, subject, SLICE_NONE, e->text, e);
    return rc ? err_wrap(e, "%s %.*s", r->def->works[kind].name, SLICE_FMT(slice_sub(subject, 0, 160))) : 0;
}

/* 1 when ready work is left, 0 when not. */
static int settle_part(struct runner *r, struct part *p, int64_t until, struct err *e)
{
    int64_t due = p->rush ? INT64_MAX : r->now_ms;
    if (p->earliest_due_ms <= due && runner_work_promote(p, r->def->works_n, due, e))
        return -1;
    p->rush = false;
    for (unsigned kind = 0; kind < r->def->works_n; kind++) {
        struct slice subject;
        unsigned priority;
        int got;
        if (!r->def->works[kind].settle)
            continue;
        while ((got = runner_work_peek(p, kind, 0, &priority, &subject, e)) == 1) {
            if (settle_one(r, p, kind, subject, e))
                return -1;
            if (clock_mono_ms() > until)
                return 1;
        }
        if (got < 0)
            return -1;
    }
    return 0;
}

static int idle_part(struct runner *r, struct part *p, struct err *e)
{
    if (!r->def->idle)
        p->idle_due = false;
    if (!p->idle_due)
        return 0;
    struct step s = step_make(r, p);
    int rc = r->def->idle(&s, e);
    if (rc < 0)
        return err_wrap(e, "partition %u", p->k);
    p->idle_due = rc == 1;
    p->dirty = true;
    return rc;
}

/* 1 when there is more to do at once. */
static int settle_all(struct runner *r, struct err *e)
{
    int more = 0;
    int64_t waiting = 0;
    if (runner_whole_commit(r, e) || runner_whole_begin_read(r, e))
        return -1;
    for (uint32_t k = 0; k < r->partitions; k++) {
        struct part *p = r->parts[k];
        if (!p || !runner_part_ready(r, p))
            continue;
        p->idle_due |= p->whole_seen != r->whole.version;
        p->whole_seen = r->whole.version;
        if (runner_part_begin(r, p, e))
            return -1;
        int a = idle_part(r, p, e), b = a < 0 ? -1 : settle_part(r, p, clock_mono_ms() + SETTLE_MS, e);
        uint64_t rows;
        if (a < 0 || b < 0 || store_count(p->txn, p->work, &rows, e))
            return -1;
        more |= a | b;
        waiting += (int64_t)rows;
    }
    metric_set(&runner_ready, waiting);
    return more;
}

/* ---- closing a batch ---- */

static int commit_parts(struct runner *r, struct err *e)
{
    for (uint32_t k = 0; k < r->partitions; k++) {
        struct part *p = r->parts[k];
        if (!p || !p->txn)
            continue;
        if (p->dirty && runner_part_save(r, p, e))
            return -1;
        struct store_txn *t = STEAL(p->txn);
        if (store_commit(t, e))
            return -1;
        if (p->dirty)
            metric_add(&runner_batches, 1);
    }
    return 0;
}

static int advance_group(struct runner *r, struct err *e)
{
    for (uint32_t k = 0; k < r->partitions; k++) {
        struct part *p = r->parts[k];
        if (!p || !p->dirty)
            continue;
        p->dirty = false;
        for (size_t i = 0; i < r->def->inputs_n; i++)
            if (!r->def->inputs[i].whole && bus_commit(r->bus, r->def->inputs[i].topic, k, p->next[i], e))
                return -1;
    }
    return 0;
}

static int close_batch(struct runner *r, struct err *e)
{
    crash_point("runner.settled");
    if (r->emitted) {
        crash_point("runner.produced");
        if (bus_flush(r->bus, FLUSH_MS, e))
            return -1;
        r->emitted = false;
        crash_point("runner.delivered");
    }
    runner_publications_end(r, true);
    if (runner_whole_commit(r, e) || commit_parts(r, e))
        return -1;
    crash_point("runner.committed");
    runner_jobs_committed(r);
    store_abort(r->whole.read);
    r->whole.read = NULL;
    struct err ignored = ERR_INIT;
    advance_group(r, &ignored); /* only a gauge: never a reason to stop */
    crash_point("runner.advanced");
    return 0;
}

static int grow_maps(struct runner *r, struct err *e)
{
    store_abort(STEAL(r->whole.write));
    store_abort(STEAL(r->whole.read));
    if (r->whole.store && store_grow(r->whole.store, e))
        return -1;
    for (uint32_t k = 0; k < r->partitions; k++)
        if (r->parts[k] && store_grow(r->parts[k]->store, e))
            return -1;
    return 0;
}

static int rewind_all(struct runner *r, struct err *e)
{
    if (runner_whole_rewind(r, e))
        return -1;
    for (uint32_t k = 0; k < r->partitions; k++)
        if (r->parts[k] && runner_part_rewind(r, r->parts[k], e))
            return -1;
    return 0;
}

static int abort_batch(struct runner *r, struct err *cause, struct err *e)
{
    metric_add(&runner_aborts, 1);
    r->failures++;
    bool full = cause->kind == ERR_FULL;
    metric_set(&runner_full, full);
    health_set(full ? cause->text : NULL);
    log_warn(full ? "out of space: the batch is repeated when there is room" : "the batch is repeated",
             LOG_S("reason", cause->text));
    runner_jobs_aborted(r);
    runner_publications_end(r, false);
    for (uint32_t k = 0; k < r->partitions; k++) {
        struct part *p = r->parts[k];
        if (!p)
            continue;
        p->floor = MAX(p->floor, runner_part_position(r, p));
        r->holding = true;
        store_abort(STEAL(p->txn));
    }
    if (store_map_full(cause) && grow_maps(r, e))
        return -1;
    struct err ignored = ERR_INIT;
    if (r->emitted)
        bus_flush(r->bus, 0, &ignored);
    r->emitted = false;
    do {
        struct err again = ERR_INIT;
        int64_t wait = MIN((int64_t)100 << MIN(r->failures, 6), 2000);
        for (int64_t until = clock_mono_ms() + wait; !r->stop && clock_mono_ms() < until;)
            clock_sleep_ms(20);
        if (rewind_all(r, &again) == 0)
            return 0;
        /* Going back asks the bus, too: an outage may last as long as it likes. */
        if (!err_kind_passes(again.kind)) {
            *e = again;
            return -1;
        }
        r->failures++;
        health_set(again.text);
        log_warn("the batch can't be repeated yet", LOG_S("reason", again.text), LOG_I("tries", r->failures));
    } while (!r->stop);
    return 0;
}

/* ---- the loop ---- */

static int next_timeout(struct runner *r, int more)
{
    if (more)
        return 0;
    int64_t wait = r->blocked ? 50 : POLL_MS, now = clock_wall_ms();
    for (uint32_t k = 0; k < r->partitions; k++)
        if (r->parts[k] && runner_part_ready(r, r->parts[k]) && r->parts[k]->earliest_due_ms != INT64_MAX)
            wait = MIN(wait, MAX(r->parts[k]->earliest_due_ms - now, 0));
    return (int)wait;
}

static bool jobs_done_waiting(struct runner *r)
{
    pthread_mutex_lock(&r->lock);
    bool any = (r->done != NULL && !r->holding) || r->to_publish != NULL;
    pthread_mutex_unlock(&r->lock);
    return any;
}

/* Whether a partition still has to read what it knew when a batch was dropped. */
static void check_holding(struct runner *r)
{
    bool any = false;
    for (uint32_t k = 0; r->holding && k < r->partitions; k++)
        any |= r->parts[k] && runner_part_position(r, r->parts[k]) < r->parts[k]->floor;
    r->holding = any;
}

/*
 * Work waits for moments of the wall clock. When that goes back, those moments may never come: everything that waits is
 * asked now, and puts itself off again if it must.
 */
static void watch_clock(struct runner *r)
{
    int64_t wall = clock_wall_ms(), mono = clock_mono_ms();
    if (r->wall_ms && wall - r->wall_ms < mono - r->mono_ms - CLOCK_BACK_MS) {
        log_warn("the clock went back; what waited for a time is done now",
                 LOG_I("seconds", (r->wall_ms - wall + mono - r->mono_ms) / 1000));
        for (uint32_t k = 0; k < r->partitions; k++)
            if (r->parts[k])
                r->parts[k]->rush = true;
    }
    r->wall_ms = wall;
    r->mono_ms = mono;
}

/* What should be known although it stops nothing: health is about the stage's helpers as well as the loop. */
static void supervise(struct runner *r)
{
    struct err trouble = ERR_INIT;
    bool failed = r->def->supervise && r->def->supervise(r->stage, &trouble) != 0;
    health_set(failed ? trouble.text : NULL);
}

/* 1 when there is more to do at once. */
static int batch(struct runner *r, int timeout_ms, struct err *e)
{
    r->blocked = false;
    watch_clock(r);
    r->now_ms = clock_wall_ms();
    if (poll_batch(r, jobs_done_waiting(r) ? 0 : timeout_ms, e))
        return -1;
    if (r->whole.behind) {
        if (runner_whole_catch_up(r, e))
            return -1;
        runner_group_check_live(r);
    }
    check_holding(r);
    r->now_ms = clock_wall_ms();
    crash_point("runner.polled");
    /* Dead letters of whole inputs must be out before the offsets behind them are stored. */
    if (r->emitted && bus_flush(r->bus, FLUSH_MS, e))
        return -1;
    if (runner_whole_commit(r, e) || runner_whole_begin_read(r, e) || runner_jobs_finish(r, e))
        return -1;
    /* Their places become free only when this batch is closed: the next one must not wait before it fills them. */
    int finished = r->finished != NULL;
    int more = settle_all(r, e);
    if (more < 0 || runner_jobs_launch(r, e) || runner_publications_produce(r, e) || close_batch(r, e))
        return -1;
    r->failures = 0;
    metric_set(&runner_full, 0);
    supervise(r);
    return more | finished;
}

static bool is_idle(struct runner *r)
{
    struct err ignored = ERR_INIT;
    if (r->active_n || jobs_done_waiting(r) || !r->whole.live)
        return false;
    bool any = false;
    for (uint32_t k = 0; k < r->partitions; k++) {
        if (!r->parts[k])
            continue;
        if (!runner_part_ready(r, r->parts[k]) || r->parts[k]->idle_due || r->parts[k]->earliest_due_ms != INT64_MAX)
            return false;
        any = true;
    }
    return any && runner_whole_read_back(r, &ignored) == 1;
}

static int loop(struct runner *r, struct err *e)
{
    int more = 0, quiet = 0;
    while (!r->stop) {
        int64_t before = runner_records.value;
        struct err cause = ERR_INIT;
        more = batch(r, next_timeout(r, more), &cause);
        if (more < 0) {
            if (!err_kind_passes(cause.kind)) {
                *e = cause;
                return -1;
            }
            if (abort_batch(r, &cause, e))
                return -1;
            more = 0;
            continue;
        }
        health_beat();
        quiet = before == runner_records.value && !more && is_idle(r) ? quiet + 1 : 0;
        if (r->config->until_idle && quiet >= 2)
            break;
    }
    return 0;
}

static int runner_open(struct runner *r, struct err *e)
{
    struct bus_options o = {.client = r->def->name,
                            .kafka_keys = r->config->kafka_keys,
                            .kafka_values = r->config->kafka_values,
                            .kafka_n = r->config->kafka_n};
    /* Before any thread or handle: the stage may fork its sandbox here. */
    if (r->def->init && r->def->init(r, r->config->stage_config, &r->stage, e))
        return -1;
    if (bus_open(r->config->bus_url, &o, &r->bus, e) || codec_open(r->config->registry_url, &r->codec, e) ||
        bus_topics_check(r->bus, &r->partitions, e))
        return -1;
    r->parts = xcalloc(r->partitions, sizeof(struct part *));
    runner_jobs_start(r);
    if (runner_whole_open(r, e))
        return -1;
    if (r->def->opened)
        r->def->opened(r->stage, r->whole.store, r->whole.tables, r->partitions);
    struct httpd_route routes[16];
    size_t n = r->def->routes ? r->def->routes(r, r->stage, routes, ARRAY_LEN(routes)) : 0;
    return health_start(r->config->http, routes, n, e);
}

static void runner_close(struct runner *r)
{
    if (r->def->stopping && r->stage)
        r->def->stopping(r->stage);
    runner_publications_refuse(r);
    if (r->threads)
        runner_jobs_stop(r);
    health_stop();
    for (uint32_t k = 0; r->parts && k < r->partitions; k++)
        if (r->parts[k])
            store_abort(STEAL(r->parts[k]->txn));
    bus_close(r->bus); /* calls on_revoked */
    for (uint32_t k = 0; r->parts && k < r->partitions; k++)
        runner_part_close(r->parts[k]);
    runner_whole_close(r);
    codec_close(r->codec);
    if (r->def->done && r->stage)
        r->def->done(r->stage);
    free(r->parts);
    arena_done(&r->arena);
    arena_done(&r->record_arena);
    buf_done(&r->encoded);
}

int runner_run(const struct stage_def *def, const struct runner_config *config, struct err *e)
{
    struct runner r = {.def = def,
                       .config = config,
                       .arena = ARENA_INIT((size_t)1 << 30),
                       .record_arena = ARENA_INIT((size_t)256 << 20),
                       .encoded = BUF_INIT((size_t)64 << 20)};
    ASSERT(def->inputs_n <= STAGE_INPUTS_MAX && def->tables_n <= STAGE_TABLES_MAX &&
           def->whole_tables_n <= STAGE_TABLES_MAX);
    int rc = runner_open(&r, e);
    if (!rc) {
        struct sigaction sa = {.sa_handler = on_signal};
        signalled = &r;
        sigaction(SIGTERM, &sa, NULL);
        sigaction(SIGINT, &sa, NULL);
        signal(SIGPIPE, SIG_IGN);
        signal(SIGXFSZ, SIG_IGN); /* a limit of file sizes is met as a full disk is */
        rc = runner_group_join(&r, e);
    }
    if (!rc)
        rc = loop(&r, e);
    signalled = NULL;
    runner_close(&r);
    return rc;
}
