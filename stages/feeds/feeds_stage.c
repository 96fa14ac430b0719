/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/feeds_internal.h"

#include "base/log.h"
#include "stage/supervise.h"

#include <malloc.h>
#include <sys/stat.h>

/*
 * Bytes from which malloc maps a buffer on its own, so that freeing it gives it back to the system. If it is not fixed,
 * malloc raises it to the size of every such buffer that is freed. The buffers of megabytes in which feeds are sorted and
 * merged would then be taken from the arenas of the threads that read, and their memory would stay there.
 */
#define MMAP_FROM (128 << 10)

static const sandbox_main mains[] = {feed_sandbox_main};

/* ---- what is out ---- */

static int apply_out(struct step *s, enum feed_record_kind kind, const struct bus_event *event, struct slice feed,
                     struct err *e)
{
    uint8_t key[FEED_ROW_KEY_MAX];
    size_t n;
    if (!feed_row_key(kind, event->key, key, &n))
        return err_set(e, ERR_POISON, 0, "not a key of this topic");
    if (event->tombstone) {
        if (kind == FEED_RECORD_ADVISORY && feeds_drop_seen(s, event, slice_of(key, n), e))
            return -1;
        return packed_del(s->whole, feed_out_packed(STEP_WHOLE(s, FEEDS_WHOLE_OUT)), slice_of(key, n), e) < 0 ? -1 : 0;
    }
    struct slice value = feed_out_value(s->arena, kind, feed_record_hash(event->value), feed);
    return packed_put(s->whole, feed_out_packed(STEP_WHOLE(s, FEEDS_WHOLE_OUT)), slice_of(key, n), value, e);
}

static int apply_advisory(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    const struct advisory *a = record;
    return apply_out(s, FEED_RECORD_ADVISORY, event, a ? a->feed : SLICE_NONE, e);
}

static int apply_vulnerability(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    (void)record;
    return apply_out(s, FEED_RECORD_VULNERABILITY, event, SLICE_NONE, e);
}

/* ---- ticks ---- */

static int ask_all(struct step *s, struct err *e)
{
    feed_vec mine;
    if (feeds_list_mine(s, &mine, e))
        return -1;
    for (size_t i = 0; i < mine.n; i++)
        if (feeds_ask(s, mine.v[i], feeds_priority(mine.v[i]), 0, e))
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
    return feeds_is_mine(s, f) ? feeds_ask(s, f, FEEDS_PRIORITY_NOW, 0, e) : 0;
}

/* ---- the stage ---- */

/* A feed that this partition never had is asked for at once; its empty memory says that it was. */
static int idle(struct step *s, struct err *e)
{
    struct feeds_stage_data *d = s->stage;
    feed_vec mine;
    if (feeds_list_mine(s, &mine, e))
        return -1;
    for (size_t i = 0; i < mine.n; i++) {
        const struct feed *f = mine.v[i];
        struct feed_memory m;
        int had = feeds_recall(s, f, &m, e);
        if (had < 0)
            return -1;
        if (had && m.fetched_ms)
            feeds_told_good(d->told, f, &m, s->now_ms);
        if (!had && (feeds_remember(s, f, &m, e) || feeds_ask(s, f, feeds_priority(f), 0, e)))
            return -1;
    }
    return feeds_wake(s, e);
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
    /* Behind the fork, since the children that read feeds end soon and need not give anything back. */
    mallopt(M_MMAP_THRESHOLD, MMAP_FROM);
    char *dir ATTR_CLEANUP(cleanup_free) = feeds_work_path(d, NULL, "downloads");
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
static const char *const tables[] = {
    [FEEDS_TABLE_MEMORY] = "memory", [FEEDS_TABLE_PROGRESS] = "progress", [FEEDS_TABLE_WOKEN] = "woken"};
static const char *const whole_tables[] = {[FEEDS_WHOLE_OUT] = "out", [FEEDS_WHOLE_DROPPED] = "dropped"};

const struct stage_def feeds_stage = {
    .name = "feeds",
    .format = 4,
    .inputs = inputs,
    .inputs_n = ARRAY_LEN(inputs),
    .works = feeds_works,
    .works_n = FEEDS_WORKS,
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
