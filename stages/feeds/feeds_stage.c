/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A feed belongs to one partition. Its owner refreshes it: a job fetches the file and reads it, in a sandboxed child,
 * into a staged feed on disk; then the work "emit" compares that with what is out, in portions, and emits the
 * difference. What is out is known from the topics themselves (whole inputs), never remembered: so a lost state, or
 * another process that takes over, emits what is missing and nothing else.
 */
#include "feeds/feeds_stage.h"

#include "base/clock.h"
#include "base/log.h"
#include "feeds/table/families.h"
#include "feeds/feeds_told.h"
#include "feeds/fetch/refresh.h"
#include "feeds/staged.h"
#include "stage/supervise.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>

enum { TABLE_MEMORY, TABLE_PROGRESS };
enum { WHOLE_OUT };
enum { WORK_REFRESH, WORK_EMIT };

#define ROWS_A_STEP    20000
#define CHANGES_A_STEP 2000
#define RETRY_LEAST_MS ((int64_t)5 * 60 * 1000)
#define RETRY_MOST_MS  ((int64_t)6 * 3600 * 1000)
#define POISON_WAIT_MS ((int64_t)3600 * 1000)

static const sandbox_main mains[] = {feed_sandbox_main};

struct feeds_stage_data {
    struct feeds_config config;
    struct sandbox *sandbox;
    struct http_options http;
    _Atomic bool stop;
    struct feeds_told *told; /* the runner's thread only */
};

uint32_t feed_partition(const struct feed *f, uint32_t partitions)
{
    return hash_partition(slice_str(f->ecosystem ? f->ecosystem : f->name), partitions);
}

/* Any partition may own a feed that an index names, so each reads the indexes for itself: they are small. */
static bool is_mine(const struct step *s, const struct feed *f)
{
    const struct feeds_stage_data *d = s->stage;
    if (!feed_wanted(f, d->config.names))
        return false;
    return f->kind == FEED_INDEX || (f->path && feed_partition(f, s->partitions) == s->partition);
}

/* The feeds that this partition refreshes, in the step's arena. */
static int list_mine(struct step *s, feed_vec *ret_mine, struct err *e)
{
    const struct feeds_stage_data *d = s->stage;
    feed_vec all = {0};
    *ret_mine = (feed_vec){0};
    if (feed_list_all(s->txn, STEP_TABLE(s, TABLE_MEMORY), d->config.names, s->arena, &all, e))
        return -1;
    for (size_t i = 0; i < all.n; i++)
        if (is_mine(s, all.v[i]))
            *(const struct feed **)VEC_ADD(s->arena, ret_mine) = all.v[i];
    return 0;
}

static unsigned priority_of(const struct feed *f)
{
    return f->kind == FEED_INDEX ? 0 : 1 + (unsigned)f->kind;
}

static char *work_path(const struct feeds_stage_data *d, const struct feed *f, const char *what)
{
    return f ? xasprintf("%s/feeds/%s/%s", d->config.state_dir, what, f->name)
             : xasprintf("%s/feeds/%s", d->config.state_dir, what);
}

/* ---- what is out ---- */

static int apply_out(struct step *s, char kind, const struct bus_event *event, struct slice feed, struct err *e)
{
    uint8_t key[FEED_ROW_KEY_MAX];
    size_t n;
    if (!feed_row_key(kind, event->key, key, &n))
        return err_set(e, ERR_POISON, 0, "not a key of this topic");
    if (event->tombstone)
        return packed_del(s->whole, feed_out_packed(STEP_WHOLE(s, WHOLE_OUT)), slice_of(key, n), e) < 0 ? -1 : 0;
    struct slice value = feed_out_value(s->arena, kind, feed_record_hash(event->value), feed);
    return packed_put(s->whole, feed_out_packed(STEP_WHOLE(s, WHOLE_OUT)), slice_of(key, n), value, e);
}

static int apply_advisory(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    const struct advisory *a = record;
    return apply_out(s, 'A', event, a ? a->feed : SLICE_NONE, e);
}

static int apply_vulnerability(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    (void)record;
    return apply_out(s, 'V', event, SLICE_NONE, e);
}

/* ---- ticks ---- */

static int ask_all(struct step *s, struct err *e)
{
    feed_vec mine;
    if (list_mine(s, &mine, e))
        return -1;
    for (size_t i = 0; i < mine.n; i++)
        if (step_work(s, WORK_REFRESH, slice_str(mine.v[i]->name), priority_of(mine.v[i]), 0, e))
            return -1;
    return 0;
}

/* The clock's ticks name their partition: all of its feeds. A tick may also name one feed. */
static int apply_tick(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    const struct tick *t = record;
    (void)event;
    if (!t || t->kind != TICK_FEEDS)
        return 0;
    const struct feed *f = feed_by_name(t->subject);
    if (!f)
        return ask_all(s, e);
    return is_mine(s, f) ? step_work(s, WORK_REFRESH, slice_str(f->name), 0, 0, e) : 0;
}

/* ---- memory and progress ---- */

static int memory_get(struct step *s, const struct feed *f, struct feed_memory *ret_m, struct err *e)
{
    struct slice v;
    int got = store_get(s->txn, STEP_TABLE(s, TABLE_MEMORY), slice_str(f->name), &v, e);
    *ret_m = (struct feed_memory){0};
    if (got == 1)
        feed_memory_decode(v, ret_m);
    return got;
}

static int memory_put(struct step *s, const struct feed *f, const struct feed_memory *m, struct err *e)
{
    struct buf b = BUF_INIT(4096);
    feed_memory_encode(m, &b);
    int rc = store_put(s->txn, STEP_TABLE(s, TABLE_MEMORY), slice_str(f->name), buf_slice(&b), e);
    buf_done(&b);
    return rc;
}

/* Progress: where the comparison goes on (a row key), and what is to be remembered at its end. */
static int progress_put(struct step *s, const struct feed *f, struct slice from, const struct feed_memory *m,
                        bool removed, struct err *e)
{
    struct buf b = BUF_INIT(8192);
    buf_add_byte(&b, removed);
    buf_add_prefixed(&b, from);
    feed_memory_encode(m, &b);
    int rc = store_put(s->txn, STEP_TABLE(s, TABLE_PROGRESS), slice_str(f->name), buf_slice(&b), e);
    buf_done(&b);
    return rc;
}

static int progress_get(struct step *s, const struct feed *f, struct slice *ret_from, struct feed_memory *ret_m,
                        bool *ret_removed, struct err *e)
{
    struct slice v, from;
    int got = store_get(s->txn, STEP_TABLE(s, TABLE_PROGRESS), slice_str(f->name), &v, e);
    if (got <= 0)
        return got;
    bool removed = v.n && v.p[0];
    v = slice_from(v, 1);
    if (!slice_take_prefixed(&v, &from) || !feed_memory_decode(v, ret_m))
        return err_set(e, ERR_POISON, 0, "the progress of feed %s is damaged", f->name);
    *ret_from = arena_slice(s->arena, from);
    *ret_removed = removed;
    return 1;
}

static int progress_drop(struct step *s, const struct feed *f, struct err *e)
{
    struct feeds_stage_data *d = s->stage;
    char *dir ATTR_CLEANUP(cleanup_free) = work_path(d, f, "staged");
    staged_close(STEAL(*feeds_told_open(d->told, f)));
    staged_remove(dir);
    return store_del(s->txn, STEP_TABLE(s, TABLE_PROGRESS), slice_str(f->name), e) < 0 ? -1 : 0;
}

/* ---- refresh: the job ---- */

struct refresh {
    struct feeds_stage_data *d;
    const struct feed *f;
    uint32_t partition;
    struct feed_memory old, now;
    enum fetch_outcome outcome;
    struct feed_stats stats;
    struct arena arena;
    slice_vec names; /* of an index: what it named */
    struct err err;
    int rc;
};

static int prepare_refresh(struct step *s, struct slice subject, void **ret_data, struct err *e)
{
    const struct feed *f = feed_by_name(subject);
    struct slice from;
    struct feed_memory m;
    bool removed;
    if (!f || !is_mine(s, f))
        return 0;
    int busy = progress_get(s, f, &from, &m, &removed, e);
    if (busy)
        return busy < 0 ? -1 : STEP_BUSY;
    if (memory_get(s, f, &m, e) < 0)
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

static int put_staged(void *arg, char kind, struct slice key, struct slice value, struct err *e)
{
    return staged_put(arg, kind, key, value, e);
}

static int log_skipped(void *arg, struct slice id, struct slice reason, struct err *e)
{
    (void)arg, (void)e;
    log_warn("a document, or a part of one, was left out", LOG("id", id), LOG("reason", reason));
    return 0;
}

static int take_name(void *arg, struct slice name, struct err *e)
{
    struct refresh *j = arg;
    slice_vec_add(&j->arena, &j->names, arena_slice(&j->arena, name));
    return j->arena.overflow ? err_set(e, ERR_POISON, 0, "the names do not fit the memory") : 0;
}

static int read_staged(struct refresh *j, struct feed_file *file, struct feed_memory *now, struct err *e)
{
    char *dir ATTR_CLEANUP(cleanup_free) = work_path(j->d, j->f, "staged");
    struct staged *staged = NULL;
    if (staged_create(dir, &staged, e))
        return -1;
    struct feed_taker taker = {.arg = staged, .record = put_staged, .skipped = log_skipped};
    int rc = feed_read(j->f, feed_source_file(file), j->d->sandbox, 0, &taker, &j->stats, e);
    if (!rc)
        rc = staged_complete(staged, &now->records, e);
    if (!rc)
        rc = feed_check(j->f, now->records, j->old.records, e);
    staged_close(staged);
    if (rc)
        staged_remove(dir);
    return rc;
}

static int read_index(struct refresh *j, struct feed_file *file, struct feed_memory *now, struct err *e)
{
    struct feed_taker taker = {.arg = j, .named = take_name, .skipped = log_skipped};
    j->names.n = 0;
    if (feed_read(j->f, feed_source_file(file), j->d->sandbox, 0, &taker, &j->stats, e))
        return -1;
    now->records = j->stats.names;
    return feed_check(j->f, now->records, j->old.records, e);
}

/* A feed_file_reader. */
static int read_file(void *arg, const char *path, struct feed_memory *now, struct err *e)
{
    struct refresh *j = arg;
    struct feed_file *file = xcalloc(1, sizeof *file);
    file->fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = file->fd < 0               ? err_errno(e, ERR_RETRY, errno, "cannot open %s", path)
             : j->f->kind == FEED_INDEX ? read_index(j, file, now, e)
                                        : read_staged(j, file, now, e);
    now->skipped = j->stats.skipped + j->stats.left_out;
    now->newest_ms = j->stats.newest_ms;
    cleanup_close(&file->fd);
    free(file);
    return rc;
}

static void run_refresh(struct runner *r, void *data)
{
    struct refresh *j = data;
    char *download ATTR_CLEANUP(cleanup_free) = work_path(j->d, NULL, "downloads");
    /* Partitions may read one index at the same time. */
    char *own ATTR_CLEANUP(cleanup_free) = xasprintf("%s/partition-%u", download, j->partition);
    bool index = j->f->kind == FEED_INDEX;
    struct fetch how = {.feeds_dir = j->d->config.feeds_dir,
                        .work_dir = index ? own : download,
                        .url_base = j->d->config.mirror,
                        .http = &j->d->http,
                        .sandbox = j->d->sandbox};
    (void)r;
    if (index && how.feeds_dir) {
        j->outcome = FETCH_NEW;
        j->now = (struct feed_memory){.fetched_ms = clock_wall_ms()};
        j->rc = feed_index_folder(j->f, how.feeds_dir, take_name, j, &j->err);
        return;
    }
    j->rc = feed_refresh(&how, j->f, &j->old, read_file, j, &j->outcome, &j->now, &j->err);
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
    if (memory_put(s, j->f, &m, e))
        return -1;
    return step_work(s, WORK_REFRESH, slice_str(j->f->name), priority_of(j->f), s->now_ms + wait, e);
}

/* What an index names is remembered from now on, whatever becomes of the index; what is new is asked for. */
static int take_named(struct step *s, struct refresh *j, struct err *e)
{
    for (size_t i = 0; i < j->names.n; i++) {
        const struct feed *f = feed_by_name(j->names.v[i]);
        struct feed_memory m;
        if (!f)
            log_warn("a feed too many was found; it is left out", LOG_S("index", j->f->name),
                     LOG("feed", j->names.v[i]));
        int had = f && is_mine(s, f) ? memory_get(s, f, &m, e) : 1;
        if (had < 0)
            return -1;
        if (had)
            continue;
        log_info("a feed was found", LOG_S("feed", f->name), LOG_S("index", j->f->name));
        if (memory_put(s, f, &m, e) || step_work(s, WORK_REFRESH, slice_str(f->name), priority_of(f), 0, e))
            return -1;
    }
    j->now.failures = 0;
    feeds_told_good(j->d->told, j->f, &j->now, s->now_ms);
    return memory_put(s, j->f, &j->now, e);
}

static int finish_refresh(struct step *s, struct slice subject, void *data, struct err *e)
{
    struct refresh *j = data;
    (void)subject;
    if (j->rc)
        return atomic_load(&j->d->stop) ? step_work(s, WORK_REFRESH, slice_str(j->f->name), 0, 0, e)
                                        : refresh_failed(s, j, e);
    if (j->outcome == FETCH_ABSENT) {
        if (j->err.kind != ERR_NONE)
            log_info("a feed that its index names is not there yet", LOG_S("feed", j->f->name),
                     LOG_S("reason", j->err.text));
        return 0;
    }
    if (j->outcome == FETCH_NEW && j->f->kind == FEED_INDEX)
        return take_named(s, j, e);
    if (j->outcome == FETCH_UNCHANGED) {
        j->now.failures = 0;
        feeds_told_good(j->d->told, j->f, &j->now, s->now_ms);
        return memory_put(s, j->f, &j->now, e);
    }
    log_info("feed read", LOG_S("feed", j->f->name), LOG_I("records", j->now.records), LOG_I("bytes", j->stats.bytes),
             LOG_I("documents", j->stats.documents), LOG_I("skipped", j->stats.skipped),
             LOG_I("left_out", j->stats.left_out), LOG_I("containers", j->stats.containers));
    staged_close(STEAL(*feeds_told_open(j->d->told, j->f)));
    if (progress_put(s, j->f, SLICE(""), &j->now, false, e))
        return -1;
    return step_work(s, WORK_EMIT, slice_str(j->f->name), priority_of(j->f), 0, e);
}

static void discard_refresh(void *data)
{
    struct refresh *j = data;
    arena_done(&j->arena);
    free(j);
}

/* ---- emit: the difference, in portions ---- */

static int emit_change(struct step *s, const struct feed *f, const struct feed_change *c, struct err *e)
{
    enum topic t = c->kind == 'A' ? TOPIC_ADVISORIES : TOPIC_VULNERABILITIES;
    if (c->gone)
        return step_tombstone(s, t, c->topic_key, e);
    struct feed_record r;
    struct err why = ERR_INIT;
    if (feed_record_decode(f, runner_codec(s->runner), c->kind, c->topic_key, c->value, s->arena, &r, &why)) {
        if (why.kind != ERR_POISON) {
            if (e)
                *e = why;
            return -1;
        }
        log_error("a record of a feed is refused", LOG_S("feed", f->name), LOG("key", c->topic_key),
                  LOG_S("reason", why.text));
        return 0;
    }
    return step_emit(s, t, c->topic_key, c->kind == 'A' ? (void *)&r.advisory : (void *)&r.vulnerability, e);
}

/*
 * What this feed dropped, a feed after it in the table may have had under the same key without being heard: it is read
 * again even if it did not change.
 */
static int forget_siblings(struct step *s, const struct feed *f, struct err *e)
{
    feed_vec mine;
    if (!f->ecosystem)
        return 0;
    if (list_mine(s, &mine, e))
        return -1;
    for (size_t i = 0; i < mine.n; i++) {
        const struct feed *g = mine.v[i];
        struct feed_memory m;
        if (!g->ecosystem || strcmp(g->ecosystem, f->ecosystem) != 0 || feed_order(f, g) >= 0)
            continue;
        if (memory_get(s, g, &m, e) < 0)
            return -1;
        m.reader = 0;
        if (memory_put(s, g, &m, e) || step_work(s, WORK_REFRESH, slice_str(g->name), 0, 0, e))
            return -1;
    }
    return 0;
}

/* The staged feed is gone, with a state folder or a disk: read it again. */
static int staged_lost(struct step *s, const struct feed *f, struct err *e)
{
    struct feed_memory m;
    if (progress_drop(s, f, e) || memory_get(s, f, &m, e) < 0)
        return -1;
    m.reader = 0;
    return memory_put(s, f, &m, e) ? -1 : step_work(s, WORK_REFRESH, slice_str(f->name), 0, 0, e);
}

/* Should the batch be repeated after all, the staged feed is gone and staged_lost reads it again. */
static int emit_done(struct step *s, const struct feed *f, struct feed_memory *m, bool removed, struct err *e)
{
    m->failures = 0;
    const struct feeds_stage_data *d = s->stage;
    feeds_told_good(d->told, f, m, s->now_ms);
    log_info("feed refreshed", LOG_S("feed", f->name), LOG_I("records", m->records));
    if (memory_put(s, f, m, e) || (removed && forget_siblings(s, f, e)))
        return -1;
    return progress_drop(s, f, e);
}

static int settle_emit(struct step *s, struct slice subject, struct err *e)
{
    struct feeds_stage_data *d = s->stage;
    const struct feed *f = feed_by_name(subject);
    struct feed_memory m;
    struct slice from, next = SLICE_NONE;
    bool removed;
    int rc = f ? progress_get(s, f, &from, &m, &removed, e) : 0;
    if (rc <= 0)
        return rc;
    struct staged **open = feeds_told_open(d->told, f);
    char *dir ATTR_CLEANUP(cleanup_free) = work_path(d, f, "staged");
    struct err why = ERR_INIT;
    if (!*open && staged_open(dir, open, &why)) {
        if (why.kind == ERR_NOT_FOUND)
            return staged_lost(s, f, e);
        if (e)
            *e = why;
        return -1;
    }
    feed_change_vec changes = {0};
    rc = feed_compare(f, *open, s->whole, STEP_WHOLE(s, WHOLE_OUT), from, ROWS_A_STEP, CHANGES_A_STEP, s->arena,
                      &changes, &next, e);
    for (size_t i = 0; rc >= 0 && i < changes.n; i++) {
        removed |= changes.v[i].gone;
        if (emit_change(s, f, &changes.v[i], e))
            rc = -1;
    }
    if (rc < 0)
        return -1;
    if (rc == 0)
        return emit_done(s, f, &m, removed, e);
    if (progress_put(s, f, next, &m, removed, e))
        return -1;
    return step_work(s, WORK_EMIT, subject, priority_of(f), 0, e);
}

/* ---- the stage ---- */

/* A feed that this partition never had is asked for at once; its empty memory says that it was. */
static int idle(struct step *s, struct err *e)
{
    struct feeds_stage_data *d = s->stage;
    feed_vec mine;
    if (list_mine(s, &mine, e))
        return -1;
    for (size_t i = 0; i < mine.n; i++) {
        const struct feed *f = mine.v[i];
        struct feed_memory m;
        int had = memory_get(s, f, &m, e);
        if (had < 0)
            return -1;
        if (had && m.fetched_ms)
            feeds_told_good(d->told, f, &m, s->now_ms);
        if (!had && (memory_put(s, f, &m, e) || step_work(s, WORK_REFRESH, slice_str(f->name), priority_of(f), 0, e)))
            return -1;
    }
    return 0;
}

static int init(struct runner *r, const void *config, void **ret_stage, struct err *e)
{
    (void)r;
    static const struct sandbox_limits limits = {
        .prepare = feed_sandbox_prepare, .memory = (size_t)1 << 30, .cpu_seconds = 1800, .output = (size_t)512 << 20};
    struct feeds_stage_data *d = xcalloc(1, sizeof *d);
    d->config = *(const struct feeds_config *)config;
    if (sandbox_start(mains, ARRAY_LEN(mains), &limits, &d->sandbox, e)) {
        free(d);
        return -1;
    }
    char *dir ATTR_CLEANUP(cleanup_free) = work_path(d, NULL, "downloads");
    for (char *p = dir + 1; (p = strchr(p, '/')); *p++ = '/') {
        *p = 0;
        mkdir(dir, 0700);
    }
    d->http.stop = &d->stop;
    d->told = feeds_told_new();
    *ret_stage = d;
    return 0;
}

static void stopping(void *stage)
{
    struct feeds_stage_data *d = stage;
    atomic_store(&d->stop, true);
}

static int supervise(void *stage, struct err *e)
{
    struct feeds_stage_data *p = stage;
    return supervise_sandbox(p->sandbox, e);
}

static void done(void *stage)
{
    struct feeds_stage_data *d = stage;
    feeds_told_free(d->told);
    sandbox_stop(d->sandbox);
    free(d);
}

static const struct stage_input inputs[] = {
    {TOPIC_TICKS, false, apply_tick},
    {TOPIC_ADVISORIES, true, apply_advisory},
    {TOPIC_VULNERABILITIES, true, apply_vulnerability},
};
static const struct stage_work works[] = {
    [WORK_REFRESH] = {.name = "refresh",
                      .prepare = prepare_refresh,
                      .run = run_refresh,
                      .finish = finish_refresh,
                      .discard = discard_refresh},
    [WORK_EMIT] = {.name = "emit", .settle = settle_emit},
};
static const char *const tables[] = {[TABLE_MEMORY] = "memory", [TABLE_PROGRESS] = "progress"};
static const char *const whole_tables[] = {[WHOLE_OUT] = "out"};

const struct stage_def feeds_stage = {
    .name = "feeds",
    .format = 2,
    .inputs = inputs,
    .inputs_n = ARRAY_LEN(inputs),
    .works = works,
    .works_n = ARRAY_LEN(works),
    .tables = tables,
    .tables_n = ARRAY_LEN(tables),
    .whole_tables = whole_tables,
    .whole_tables_n = ARRAY_LEN(whole_tables),
    .init = init,
    .done = done,
    .supervise = supervise,
    .stopping = stopping,
    .idle = idle,
};
