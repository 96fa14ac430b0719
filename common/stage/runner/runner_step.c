/* SPDX-License-Identifier: Apache-2.0 */
/* runner_step.c: what steps may call. */
#include "stage/runner/runner_internal.h"

#include "base/log.h"

#define FLUSH_MS     30000
#define DEAD_KEY_MAX ((size_t)64 << 10)

uint64_t runner_part_position(const struct runner *r, const struct part *p)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < r->def->inputs_n; i++)
        if (!r->def->inputs[i].whole)
            sum += (uint64_t)p->next[i];
        else
            for (uint32_t k = 0; k < r->partitions; k++)
                sum += (uint64_t)r->whole.next[i * r->partitions + k];
    return sum;
}

bool runner_part_ready(const struct runner *r, const struct part *p)
{
    return p->live && runner_part_position(r, p) >= p->floor;
}

struct step step_make(struct runner *r, struct part *p)
{
    arena_reset(&r->arena);
    return (struct step){
        .runner = r,
        .stage = r->stage,
        .partition = p ? p->k : 0,
        .partitions = r->partitions,
        .txn = p ? p->txn : NULL,
        .whole = p ? r->whole.read : r->whole.write,
        .arena = &r->arena,
        .now_ms = r->now_ms,
        .position = p ? runner_part_position(r, p) : 0,
        .generation = p ? p->generation : 0,
        .tables = p ? p->tables : NULL,
        .whole_tables = r->whole.tables,
    };
}

static int emit_bytes(struct step *s, enum topic t, struct slice key, struct slice value, struct err *e)
{
    struct runner *r = s->runner;
    uint64_t position = topics[t].unordered ? 0 : s->position;
    uint32_t partition = topic_partition(t, key, r->partitions);
    int rc = bus_produce(r->bus, t, partition, key, value, position, e);
    if (rc && e && e->kind == ERR_RETRY) {
        /* The queue is full: make room. Nothing is lost if this fails, the batch repeats. */
        if (bus_flush(r->bus, FLUSH_MS, e))
            return -1;
        rc = bus_produce(r->bus, t, partition, key, value, position, e);
    }
    int input = runner_input_find(r, t);
    if (!rc)
        r->emitted = true;
    if (input >= 0 && r->def->inputs[input].whole)
        r->whole.own_unknown = true;
    return rc;
}

int step_emit(struct step *s, enum topic t, struct slice key, const void *record, struct err *e)
{
    struct runner *r = s->runner;
    buf_clear(&r->encoded);
    if (codec_encode(r->codec, t, record, &r->encoded, e))
        return err_wrap(e, "topic %s", topics[t].name);
    return emit_bytes(s, t, key, buf_slice(&r->encoded), e);
}

int step_tombstone(struct step *s, enum topic t, struct slice key, struct err *e)
{
    return emit_bytes(s, t, key, SLICE_NONE, e);
}

int step_flush(struct step *s, struct err *e)
{
    return s->runner->emitted ? bus_flush(s->runner->bus, FLUSH_MS, e) : 0;
}

int step_read_back(struct step *s, struct err *e)
{
    return runner_whole_read_back(s->runner, e);
}

static struct part *step_part(struct step *s)
{
    struct part *p = s->runner->parts[s->partition];
    if (!p || !s->txn)
        BUG("work or partition state asked for outside a partition's step");
    return p;
}

int step_work(struct step *s, unsigned kind, struct slice subject, unsigned priority, int64_t due_ms, struct err *e)
{
    ASSERT(kind < s->runner->def->works_n);
    return runner_work_put(step_part(s), s->runner->active, s->runner->active_n, kind, subject, priority, due_ms,
                           s->now_ms, e);
}

int step_get_record(struct step *s, store_table table, struct slice key, enum topic t, void *ret_record, struct err *e)
{
    struct slice v;
    int got = store_get(s->txn, table, key, &v, e);
    if (got <= 0)
        return got;
    return codec_decode(s->runner->codec, t, v, s->arena, ret_record, e) ? -1 : 1;
}

int step_put_record(struct step *s, store_table table, struct slice key, enum topic t, const void *record,
                    struct err *e)
{
    struct runner *r = s->runner;
    buf_clear(&r->encoded);
    if (codec_encode(r->codec, t, record, &r->encoded, e))
        return -1;
    return store_put(s->txn, table, key, buf_slice(&r->encoded), e);
}

const char *runner_registry_url(const struct runner *r)
{
    return r->config->registry_url;
}

struct codec *runner_codec(struct runner *r)
{
    return r->codec;
}

void *runner_stage(struct runner *r)
{
    return r->stage;
}

int runner_dead_letter(struct runner *r, const char *topic, uint32_t partition, int64_t offset, struct slice key,
                       struct slice value, const char *reason, struct err *e)
{
    /* A stranger's key may be as long as a record: what is kept of it must fit beside the value. */
    struct slice kept = slice_sub(key, 0, DEAD_KEY_MAX);
    struct dead_letter d = {
        .stage = slice_str(r->def->name),
        .topic = slice_str(topic),
        .reason = slice_str(reason),
        .key = kept,
        .value = slice_sub(value, 0, TOPIC_RECORD_MAX / 2),
        .partition = (int32_t)partition,
        .offset = offset,
        .at_ms = r->now_ms,
    };
    metric_add(&runner_dead, 1);
    log_error("dead letter", LOG_S("topic", topic), LOG_I("partition", partition), LOG_I("offset", offset),
              LOG("key", slice_sub(key, 0, 256)), LOG_S("reason", reason));
    struct buf b = BUF_INIT(TOPIC_RECORD_MAX);
    int rc = codec_encode(r->codec, TOPIC_DEAD_LETTERS, &d, &b, e);
    if (!rc)
        rc = bus_produce(r->bus, TOPIC_DEAD_LETTERS, topic_partition(TOPIC_DEAD_LETTERS, kept, r->partitions),
                         kept.n ? kept : SLICE("-"), buf_slice(&b), 0, e);
    buf_done(&b);
    if (!rc)
        r->emitted = true;
    return rc;
}
