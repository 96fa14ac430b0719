/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match_world.h: the match stage without a runner: real tables in a temporary folder, the work table in one of them,
 * and a topic of findings that is a table too. It defines the step_* functions itself, so a program that includes it
 * links none of the runner. Inputs are kept compacted, so that state can be lost and replayed.
 */
#ifndef CAREEN_TESTS_UNIT_MATCH_WORLD_H
#define CAREEN_TESTS_UNIT_MATCH_WORLD_H

#include "base/clock.h"
#include "base/log.h"
#include "match/match_internal.h"

#define WORLD_PARTITIONS 3u /* of advisories; the images are all in one */

struct runner {
    struct codec *codec;
    struct world *world;
};

struct world {
    char dir[96];
    struct runner runner;
    struct store *part, *whole, *bus;
    store_table tables[T_TABLES], work, queue, whole_tables[W_TABLES], inputs, outputs;
    struct store_txn *txn, *whole_txn, *bus_txn;
    void *stage;
    struct arena arena, records;
    struct buf value;
    struct match_config config;
    int64_t now_ms;
    int64_t next[TOPIC_MAX][WORLD_PARTITIONS];
    uint64_t seq, emitted, tombstones, emitted_bytes, settled;
    uint64_t position; /* as the runner counts it: grows with every record read */
    bool keep_outputs, replaying;
};

static void world_check(int rc, struct err *e, const char *what)
{
    if (rc < 0) {
        fprintf(stderr, "%s: %s\n", what, e->text);
        abort();
    }
}

#define W(call)                                                                                                        \
    do {                                                                                                               \
        struct err we = ERR_INIT;                                                                                      \
        world_check((call), &we, #call);                                                                               \
    } while (0)

/* ---- what the runner gives to steps ---- */

static size_t world_work_key(uint8_t *k, unsigned kind, struct slice subject)
{
    k[0] = (uint8_t)kind;
    memcpy(k + 1, subject.p, subject.n);
    return subject.n + 1;
}

int step_work(struct step *s, unsigned kind, struct slice subject, unsigned priority, int64_t due_ms, struct err *e)
{
    struct world *w = s->runner->world;
    uint8_t key[512], queue[512], seq[9];
    struct slice old;
    (void)due_ms;
    struct slice k = slice_of(key, world_work_key(key, kind, subject));
    int got = store_get(w->txn, w->work, k, &old, e);
    if (got)
        return got < 0 ? -1 : 0;
    seq[0] = (uint8_t)priority;
    key_u64(seq + 1, w->seq++);
    queue[0] = (uint8_t)kind;
    memcpy(queue + 1, seq, 9);
    memcpy(queue + 10, subject.p, subject.n);
    return store_put(w->txn, w->work, k, slice_of(seq, 9), e) ||
                   store_put(w->txn, w->queue, slice_of(queue, 10 + subject.n), SLICE(""), e)
               ? -1
               : 0;
}

int step_emit(struct step *s, enum topic t, struct slice key, const void *record, struct err *e)
{
    struct world *w = s->runner->world;
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(TOPIC_RECORD_MAX);
    w->emitted++;
    if (codec_encode(w->runner.codec, t, record, &b, e))
        return -1;
    w->emitted_bytes += b.n;
    return w->keep_outputs ? store_put(w->bus_txn, w->outputs, key, buf_slice(&b), e) : 0;
}

int step_tombstone(struct step *s, enum topic t, struct slice key, struct err *e)
{
    struct world *w = s->runner->world;
    (void)t;
    w->tombstones++;
    return w->keep_outputs && store_del(w->bus_txn, w->outputs, key, e) < 0 ? -1 : 0;
}

struct codec *runner_codec(struct runner *r)
{
    return r->codec;
}

/* ---- opening, losing, closing ---- */

static struct step world_step(struct world *w)
{
    arena_reset(&w->arena);
    return (struct step){.runner = &w->runner,
                         .stage = w->stage,
                         .partitions = WORLD_PARTITIONS,
                         .txn = w->txn,
                         .whole = w->whole_txn,
                         .arena = &w->arena,
                         .now_ms = w->now_ms,
                         .position = w->position,
                         .tables = w->tables,
                         .whole_tables = w->whole_tables};
}

static void world_commit(struct world *w)
{
    if (w->txn)
        W(store_commit(w->txn, &we));
    if (w->bus_txn)
        W(store_commit(w->bus_txn, &we));
    store_abort(w->whole_txn);
    W(store_begin(w->part, true, &w->txn, &we));
    W(store_begin(w->whole, false, &w->whole_txn, &we));
    W(store_begin(w->bus, true, &w->bus_txn, &we));
}

static void world_open_state(struct world *w)
{
    char *part ATTR_CLEANUP(cleanup_free) = xasprintf("%s/part", w->dir),
               *whole ATTR_CLEANUP(cleanup_free) = xasprintf("%s/whole", w->dir);
    struct store_options o = {.sync = STORE_SYNC_OFF, .tables = 40};
    W(store_open(part, &o, &w->part, &we));
    W(store_open(whole, &o, &w->whole, &we));
    for (size_t i = 0; i < T_TABLES; i++)
        W(store_table_open(w->part, match_stage.tables[i], &w->tables[i], &we));
    for (size_t i = 0; i < W_TABLES; i++)
        W(store_table_open(w->whole, match_stage.whole_tables[i], &w->whole_tables[i], &we));
    W(store_table_open(w->part, "work", &w->work, &we));
    W(store_table_open(w->part, "queue", &w->queue, &we));
    W(match_stage.init(&w->runner, &w->config, &w->stage, &we));
    w->txn = w->whole_txn = w->bus_txn = NULL;
    world_commit(w);
}

static void world_close_state(struct world *w)
{
    static const char *const names[] = {"part", "whole"};
    store_abort(w->txn);
    store_abort(w->whole_txn);
    W(store_commit(w->bus_txn, &we));
    store_close(w->part);
    store_close(w->whole);
    match_stage.done(w->stage);
    for (size_t i = 0; i < 2; i++) {
        char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/%s", w->dir, names[i]);
        store_wipe(path, NULL);
        rmdir(path);
    }
}

static struct world *world_open(bool keep_outputs)
{
    struct world *w = xcalloc(1, sizeof *w);
    const char *tmp = getenv("TMPDIR");
    snprintf(w->dir, sizeof w->dir, "%.60s/match-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(w->dir))
        BUG("no temporary folder");
    w->runner.world = w;
    w->keep_outputs = keep_outputs;
    w->config = MATCH_CONFIG_DEFAULT;
    w->now_ms = 1700000000000;
    w->arena = ARENA_INIT((size_t)1 << 30);
    w->records = ARENA_INIT((size_t)256 << 20);
    w->value = BUF_INIT(TOPIC_RECORD_MAX);
    W(codec_open(NULL, &w->runner.codec, &we));
    char *bus ATTR_CLEANUP(cleanup_free) = xasprintf("%s/bus", w->dir);
    W(store_open(bus, &(struct store_options){.sync = STORE_SYNC_OFF}, &w->bus, &we));
    W(store_table_open(w->bus, "inputs", &w->inputs, &we));
    W(store_table_open(w->bus, "outputs", &w->outputs, &we));
    world_open_state(w);
    return w;
}

static void world_close(struct world *w)
{
    world_close_state(w);
    store_close(w->bus);
    char *bus ATTR_CLEANUP(cleanup_free) = xasprintf("%s/bus", w->dir);
    store_wipe(bus, NULL);
    rmdir(bus);
    rmdir(w->dir);
    codec_close(w->runner.codec);
    arena_done(&w->arena);
    arena_done(&w->records);
    buf_done(&w->value);
    free(w);
}

/* ---- inputs ---- */

static void world_give_at(struct world *w, const struct stage_input *input, struct bus_event *ev, const void *record,
                          struct err *e)
{
    if (input->whole) {
        store_abort(w->whole_txn);
        W(store_begin(w->whole, true, &w->whole_txn, &we));
        struct step s = world_step(w);
        s.txn = NULL;
        if (input->apply(&s, ev, record, e) && e->kind != ERR_POISON)
            world_check(-1, e, "apply");
        W(store_commit(w->whole_txn, &we));
        W(store_begin(w->whole, false, &w->whole_txn, &we));
    } else {
        struct step s = world_step(w);
        if (input->apply(&s, ev, record, e) && e->kind != ERR_POISON)
            world_check(-1, e, "apply");
    }
}

/* Gives a record (NULL: tombstone) as its topic would; *e stays ERR_NONE or tells what was poison. */
static void world_give_err(struct world *w, enum topic t, struct slice key, const void *record, uint64_t position,
                           struct err *e)
{
    uint8_t row[512];
    buf_clear(&w->value);
    if (record)
        W(codec_encode(w->runner.codec, t, record, &w->value, &we));
    if (w->keep_outputs && t != TOPIC_FINDINGS && key.n < 500) {
        row[0] = (uint8_t)t;
        memcpy(row + 1, key.p, key.n);
        if (record)
            W(store_put(w->bus_txn, w->inputs, slice_of(row, key.n + 1), buf_slice(&w->value), &we));
        else
            W(store_del(w->bus_txn, w->inputs, slice_of(row, key.n + 1), &we));
    }
    uint32_t partition = t == TOPIC_ADVISORIES ? topic_partition(t, key, WORLD_PARTITIONS) : 0;
    struct bus_event ev = {.kind = BUS_RECORD,
                           .topic = t,
                           .partition = partition,
                           .offset = w->next[t][partition]++,
                           .key = key,
                           .value = buf_slice(&w->value),
                           .tombstone = !record,
                           .position = position};
    w->position++;
    for (size_t i = 0; i < match_stage.inputs_n; i++)
        if (match_stage.inputs[i].topic == t)
            world_give_at(w, &match_stage.inputs[i], &ev, record, e);
}

static void world_give(struct world *w, enum topic t, struct slice key, const void *record)
{
    struct err e = ERR_INIT;
    world_give_err(w, t, key, record, w->position, &e);
    if (e.kind)
        world_check(-1, &e, "apply");
}

/* ---- work ---- */

static bool world_work_one(struct world *w)
{
    struct store_iter it;
    struct slice key, value;
    uint8_t copy[512], work[512];
    struct err e = ERR_INIT;
    store_iter_init(&it, w->txn, w->queue, SLICE(""), SLICE_NONE);
    int got = store_iter_next(&it, &key, &value, &e);
    if (got == 1)
        memcpy(copy, key.p, key.n);
    store_iter_done(&it);
    world_check(got, &e, "queue");
    if (!got)
        return false;
    struct slice subject = slice_of(copy + 10, key.n - 10);
    W(store_del(w->txn, w->queue, slice_of(copy, key.n), &we));
    W(store_del(w->txn, w->work, slice_of(work, world_work_key(work, copy[0], subject)), &we));
    struct step s = world_step(w);
    w->settled++;
    if (match_stage.works[copy[0]].settle(&s, subject, &e))
        world_check(-1, &e, match_stage.works[copy[0]].name);
    return true;
}

/* Idle until there is nothing, then work until there is none. */
ATTR_UNUSED static void world_settle(struct world *w)
{
    int more;
    do {
        struct step s = world_step(w);
        struct err e = ERR_INIT;
        more = match_stage.idle(&s, &e);
        world_check(more, &e, "idle");
    } while (more);
    while (world_work_one(w))
        if (w->settled % 1000 == 0)
            world_commit(w);
    world_commit(w);
}

/* Loses all state and replays the inputs, own outputs among them; outputs stay as they are. */
ATTR_UNUSED static void world_lose_state(struct world *w)
{
    struct store_iter it;
    struct slice key, value;
    world_close_state(w);
    world_open_state(w);
    struct store_txn *t;
    W(store_begin(w->bus, false, &t, &we));
    bool keep = w->keep_outputs;
    w->keep_outputs = false;
    for (int own = 0; own < 2; own++) {
        store_iter_init(&it, t, own ? w->outputs : w->inputs, SLICE(""), SLICE_NONE);
        struct err e = ERR_INIT;
        while (store_iter_next(&it, &key, &value, &e) == 1) {
            enum topic topic = own ? TOPIC_FINDINGS : (enum topic)key.p[0];
            void *record = xcalloc(1, CODEC_RECORD_SIZE_MAX);
            arena_reset(&w->records);
            W(codec_decode(w->runner.codec, topic, value, &w->records, record, &we));
            world_give(w, topic, slice_from(key, own ? 0 : 1), record);
            free(record);
        }
        store_iter_done(&it);
    }
    store_abort(t);
    w->keep_outputs = keep;
    world_commit(w);
}

/* The findings record that is out under a key, in w->records; false when there is none. */
ATTR_UNUSED static bool world_out(struct world *w, struct slice key, struct findings *to)
{
    struct slice value;
    struct err e = ERR_INIT;
    int got = store_get(w->bus_txn, w->outputs, key, &value, &e);
    world_check(got, &e, "outputs");
    if (!got)
        return false;
    W(codec_decode(w->runner.codec, TOPIC_FINDINGS, value, &w->records, to, &we));
    return true;
}

#endif
