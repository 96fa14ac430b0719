/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each partition has its own copy of every schedule, and the group gives each partition to one clock: so two clocks
 * that run send each tick once. What was sent last is the view of the stage's own output, so a lost state sends nothing
 * twice and a clock that slept sends the last missed moment once.
 *
 * The last tick of the log is the last one sent, whatever its moment: a machine whose clock was ahead for a while has
 * left ticks of the future behind, and they must not silence the true ones until then.
 */
#include "clock/clock_stage.h"

#include "base/log.h"

/* Copies whose clocks differ by less than this send nothing twice when they take over from each other. */
#define AHEAD_MS 60000

enum { TABLE_LAST };
enum { WORK_TICK };

static int last_get(struct step *s, unsigned kind, int64_t *ret_ms, struct err *e)
{
    uint8_t key = (uint8_t)kind;
    struct slice v;
    *ret_ms = 0;
    int got = store_get(s->txn, STEP_TABLE(s, TABLE_LAST), slice_of(&key, 1), &v, e);
    if (got == 1 && v.n == 8)
        *ret_ms = (int64_t)key_get_u64(v.p);
    return got < 0 ? -1 : 0;
}

static int last_put(struct step *s, unsigned kind, int64_t ms, struct err *e)
{
    uint8_t key = (uint8_t)kind, v[8];
    key_u64(v, (uint64_t)ms);
    return store_put(s->txn, STEP_TABLE(s, TABLE_LAST), slice_of(&key, 1), slice_of(v, sizeof v), e);
}

static int apply_tick(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    const struct tick *t = record;
    (void)event;
    return t ? last_put(s, t->kind, t->at_ms, e) : 0;
}

static int schedule(struct step *s, unsigned kind, int64_t after_ms, struct err *e)
{
    const struct clock_config *c = s->stage;
    uint8_t subject = (uint8_t)('a' + kind);
    int64_t next = cron_next(&c->schedules[kind], after_ms);
    return next == INT64_MAX ? 0 : step_work(s, WORK_TICK, slice_of(&subject, 1), 0, next, e);
}

/* Sends a tick if one is due: the latest moment that has passed, however many were slept through. */
static int settle_tick(struct step *s, struct slice subject, struct err *e)
{
    const struct clock_config *c = s->stage;
    unsigned kind = (unsigned)(subject.p[0] - 'a');
    int64_t last;
    if (kind >= TICK_MAX)
        return 0;
    if (last_get(s, kind, &last, e))
        return -1;
    int64_t due = cron_last(&c->schedules[kind], s->now_ms);
    /* A clock that never ticked starts everything at once, so that a new installation does not wait for the night. */
    if (!last)
        due = s->now_ms;
    if (due > last || last > s->now_ms + AHEAD_MS) {
        struct slice number = arena_printf(s->arena, "%u", s->partition);
        struct slice key = arena_printf(s->arena, "%s,%u", tick_kind_names[kind], s->partition);
        struct tick t = {.kind = (enum tick_kind)kind, .subject = number, .at_ms = due};
        if (step_emit(s, TOPIC_TICKS, key, &t, e) || last_put(s, kind, due, e))
            return -1;
        log_debug("tick", LOG_S("kind", tick_kind_names[kind]), LOG_I("partition", s->partition));
    }
    return schedule(s, kind, s->now_ms, e);
}

static int idle(struct step *s, struct err *e)
{
    for (unsigned kind = 0; kind < TICK_MAX; kind++) {
        uint8_t subject = (uint8_t)('a' + kind);
        if (step_work(s, WORK_TICK, slice_of(&subject, 1), 0, 0, e))
            return -1;
    }
    return 0;
}

static int init(struct runner *r, const void *config, void **ret_stage, struct err *e)
{
    (void)r;
    (void)e;
    *ret_stage = xmemdup(config, sizeof(struct clock_config));
    return 0;
}

static void done(void *stage)
{
    free(stage);
}

static const struct stage_input inputs[] = {{TOPIC_TICKS, false, apply_tick}};
static const struct stage_work works[] = {[WORK_TICK] = {.name = "tick", .settle = settle_tick}};
static const char *const tables[] = {[TABLE_LAST] = "last"};

const struct stage_def clock_stage = {
    .name = "clock",
    .format = 1,
    .inputs = inputs,
    .inputs_n = ARRAY_LEN(inputs),
    .works = works,
    .works_n = ARRAY_LEN(works),
    .tables = tables,
    .tables_n = ARRAY_LEN(tables),
    .init = init,
    .done = done,
    .idle = idle,
};
