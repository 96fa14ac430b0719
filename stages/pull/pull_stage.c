/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wanted: the layers that `layers` names. Done: the receipts of `pulls`. The difference is the work, most urgent image
 * first, each layer once for the whole fleet whatever the number of images that need it.
 */
#include "pull/pull_stage.h"

#include "base/log.h"
#include "io/digest.h"
#include "model/image/manifest.h"
#include "packages/format.h"
#include "packages/path_index.h"
#include "stage/metrics.h"
#include "stage/reask.h"
#include "stage/registries.h"
#include "stage/supervise.h"

enum {
    TABLE_WANTS, /* layer digest, hash of registry/repository@image -> the record as it came */
    TABLE_DONE,  /* layer digest -> the receipt as it came */
    TABLE_ASKED, /* by which build (reask.h) */
};
enum { WORK_PULL };

#define CHUNK_BYTES   ((size_t)512 << 10)
#define MINUTE_MS     ((int64_t)60000)
#define RETRY_MOST_MS (24 * 60 * MINUTE_MS)
#define HOSTS_MAX     64
#define HOST_JOBS     4 /* jobs at once of one registry when it says nothing else */

static struct metric pulled = METRIC_COUNTER("careen_pull_layers_total", "Layers pulled."),
                     pulled_bytes = METRIC_COUNTER("careen_pull_bytes_total", "Compressed bytes of layers pulled."),
                     failures =
                         METRIC_COUNTER("careen_pull_failures_total", "Pulls that failed, to be tried again or not."),
                     incomplete =
                         METRIC_COUNTER("careen_pull_partial_total", "Layers whose evidence is partial or failed.");

struct pull_process {
    struct pull_config config;
    struct sandbox *sandbox;
    struct registries *registries;
    unsigned active; /* jobs under way; runner's thread only */
    struct {
        const struct registry_settings *settings;
        unsigned active;
    } hosts[HOSTS_MAX];
};

struct pull_job {
    struct arena arena;
    struct pull_process *process;
    const struct registry_settings *settings;
    struct layer want;
    int32_t attempts;
    int32_t old_chunks;
    bool had;      /* evidence of an older build, which stays when the layer can't be had again */
    size_t places; /* registries and repositories that may hold it */
    int rc;
    struct layer_result result;
    struct err error;
};

/*
 * A layer that was given up, or waits long for its next try, may well be had where a new image names it: what is known
 * of it here says to try now. The receipt in the topic stays until there is another.
 */
static int try_anew(struct step *s, struct slice digest, struct err *e)
{
    struct pull receipt = {0};
    int got = step_get_record(s, STEP_TABLE(s, TABLE_DONE), digest, TOPIC_PULLS, &receipt, e);
    bool had = receipt.status != PULL_FAILED && receipt.status != PULL_FOREIGN;
    if (got <= 0 || had || (receipt.retry_ms && receipt.retry_ms <= s->now_ms))
        return got < 0 ? -1 : 0;
    receipt.status = PULL_FAILED;
    receipt.retry_ms = s->now_ms;
    receipt.attempts = 0;
    return step_put_record(s, STEP_TABLE(s, TABLE_DONE), digest, TOPIC_PULLS, &receipt, e);
}

static int apply_layer(struct step *s, const struct bus_event *ev, const void *record, struct err *e)
{
    const struct layer *l = record;
    uint8_t key[STEP_KEY_MAX];
    struct slice k = slice_of(key, step_key(key, ev->key)), old;
    store_table t = STEP_TABLE(s, TABLE_WANTS);
    int had = store_get(s->txn, t, k, &old, e);
    if (had < 0 || (l && !had && try_anew(s, topic_key_head(ev->key), e)))
        return -1;
    if (l ? store_put(s->txn, t, k, ev->value, e) : store_del(s->txn, t, k, e) < 0)
        return -1;
    return step_work(s, WORK_PULL, topic_key_head(ev->key), l ? (unsigned)l->priority : PRIORITY_MAX, 0, e);
}

static int apply_pull(struct step *s, const struct bus_event *ev, const void *record, struct err *e)
{
    store_table t = STEP_TABLE(s, TABLE_DONE);
    if (record ? store_put(s->txn, t, ev->key, ev->value, e) : store_del(s->txn, t, ev->key, e) < 0)
        return -1;
    /* After lost state a failed receipt is what remembers when to try again. */
    return step_work(s, WORK_PULL, ev->key, PRIORITY_MAX, 0, e);
}

/* ---- what is to be done ---- */

/*
 * The want to pull by: the most urgent, and of several places another one at each attempt. 0: nobody wants the layer.
 * Whoever names a layer with a wrong size must not spoil it for others: where they differ, the digest alone decides.
 */
static int choose_want(struct step *s, struct pull_process *p, struct slice digest, int32_t attempts, struct layer *ret,
                       unsigned *ret_priority, size_t *ret_places, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    int got;
    VEC(struct layer) wants = {0};
    size_t usable = 0;
    bool differ = false;
    *ret_priority = PRIORITY_MAX;
    store_iter_init(&it, s->txn, STEP_TABLE(s, TABLE_WANTS), arena_printf(s->arena, "%.*s,", SLICE_FMT(digest)),
                    SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1 && wants.n < 1000) {
        struct layer *l = VEC_ADD(s->arena, &wants);
        if (!l || codec_decode(runner_codec(s->runner), TOPIC_LAYERS, value, s->arena, l, e)) {
            got = -1;
            break;
        }
        *ret_priority = MIN(*ret_priority, (unsigned)l->priority);
        differ |= l->size != wants.v[0].size;
        if (registries_find(p->registries, l->registry)) {
            struct layer swap = wants.v[usable];
            wants.v[usable++] = *l;
            if (l != &wants.v[usable - 1])
                *l = swap;
        }
    }
    store_iter_done(&it);
    if (got < 0)
        return -1;
    if (!wants.n)
        return 0;
    *ret = wants.v[usable ? (size_t)attempts % usable : 0];
    *ret_places = usable;
    if (differ)
        ret->size = -1;
    return 1;
}

/*
 * Whether a version that followed no hard links read a layer of OSTree's objects ("….file"), to which its images' files
 * are links.
 */
static bool links_unread(const struct pull *receipt)
{
    return !receipt->passes && path_index_may_hold(receipt->path_index, PATH_INDEX_EXTENSION, SLICE("file"));
}

static int forget_layer(struct step *s, struct slice digest, const struct pull *receipt, struct err *e)
{
    for (int32_t i = 0; i < receipt->chunks; i++)
        if (step_tombstone(s, TOPIC_LAYER_CONTENTS, arena_printf(s->arena, "%.*s,%d", SLICE_FMT(digest), i), e))
            return -1;
    if (step_tombstone(s, TOPIC_PULLS, digest, e))
        return -1;
    return store_del(s->txn, STEP_TABLE(s, TABLE_DONE), digest, e) < 0 ? -1 : 0;
}

static unsigned *host_count(struct pull_process *p, const struct registry_settings *settings)
{
    for (size_t i = 0; i < HOSTS_MAX; i++) {
        if (!p->hosts[i].settings)
            p->hosts[i].settings = settings;
        if (p->hosts[i].settings == settings)
            return &p->hosts[i].active;
    }
    return &p->hosts[HOSTS_MAX - 1].active;
}

/* Limits: each registry's own, and one worker is kept free for what was just pushed. */
static bool busy(struct pull_process *p, const struct registry_settings *settings, unsigned priority)
{
    unsigned most = settings && settings->concurrent > 0 ? (unsigned)settings->concurrent : HOST_JOBS;
    if (priority != PRIORITY_PUSH && p->config.workers > 1 && p->active + 1 >= p->config.workers)
        return true;
    return *host_count(p, settings) >= most;
}

static int pull_prepare(struct step *s, struct slice digest, void **ret_data, struct err *e)
{
    struct pull_process *p = s->stage;
    struct slice bytes;
    struct pull receipt = {0};
    struct layer want;
    unsigned priority;
    size_t places = 0;
    int have = store_get(s->txn, STEP_TABLE(s, TABLE_DONE), digest, &bytes, e);
    if (have < 0 || (have && codec_decode(runner_codec(s->runner), TOPIC_PULLS, bytes, s->arena, &receipt, e)))
        return -1;
    int got = choose_want(s, p, digest, receipt.attempts, &want, &priority, &places, e);
    if (got <= 0)
        return got < 0 || !have ? got : forget_layer(s, digest, &receipt, e);
    if (have && (receipt.status == PULL_FOREIGN || (receipt.status != PULL_FAILED && !links_unread(&receipt) &&
                                                    !formats_grew(package_formats, &receipt))))
        return 0;
    if (have && receipt.status == PULL_FAILED) {
        if (!receipt.retry_ms)
            return 0;
        /* A time further off was written by a clock that was ahead. */
        if (receipt.retry_ms > s->now_ms && receipt.retry_ms <= s->now_ms + RETRY_MOST_MS)
            return step_work(s, WORK_PULL, digest, priority, receipt.retry_ms, e);
    }
    const struct registry_settings *settings = registries_find(p->registries, want.registry);
    if (busy(p, settings, priority))
        return STEP_BUSY;
    struct pull_job *j = xcalloc(1, sizeof *j);
    j->arena = ARENA_INIT((size_t)64 << 20);
    j->process = p;
    j->settings = settings;
    j->attempts = receipt.status == PULL_FAILED ? receipt.attempts : 0;
    j->old_chunks = receipt.chunks;
    j->had = have && receipt.status != PULL_FAILED;
    j->places = places;
    j->want = want;
    struct slice *const fields[] = {&j->want.digest, &j->want.registry, &j->want.repository, &j->want.image_digest,
                                    &j->want.media_type};
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        *fields[i] = arena_slice(&j->arena, *fields[i]);
    j->want.urls = (slice_vec){0};
    p->active++;
    ++*host_count(p, settings);
    *ret_data = j;
    return 1;
}

static void pull_discard(void *data)
{
    struct pull_job *j = data;
    j->process->active--;
    --*host_count(j->process, j->settings);
    layer_result_done(&j->result);
    arena_done(&j->arena);
    free(j);
}

/* ---- doing it ---- */

static int feed(void *arg, struct slice bytes, struct err *e)
{
    return layer_feed(arg, bytes, e);
}

struct pulling {
    struct pull_job *job;
    struct registry *registry;
};

static int push(void *arg, struct layer_pull *p, struct err *e)
{
    struct pulling *w = arg;
    return registry_blob(w->registry, w->job->want.repository, w->job->want.digest, w->job->want.size, feed, p, e);
}

static void pull_run(struct runner *runner, void *data)
{
    struct pull_job *j = data;
    struct pulling w = {.job = j};
    (void)runner;
    j->rc = registries_take(j->process->registries, j->want.registry, &w.registry, &j->error);
    if (!j->rc)
        j->rc = layer_collect_pushed(j->process->sandbox, push, &w, j->want.digest, j->want.size, j->want.media_type,
                                     NULL, &j->arena, &j->result, &j->error);
    registries_give(j->process->registries, w.registry);
}

/* ---- what came of it ---- */

/* When to try again, 0: never. n: how often it failed, this time included. */
static int64_t retry_time(const struct pull_job *j, int32_t n, int64_t now_ms)
{
    int64_t backoff = MIN((int64_t)2000 << MIN(n - 1, 12), 60 * MINUTE_MS);
    switch (j->error.kind) {
    case ERR_NOT_FOUND:
        /* A push may name a layer moments before every replica has it. */
        return now_ms + (n <= 5 ? backoff : RETRY_MOST_MS);
    case ERR_POISON:
    case ERR_USAGE:
        return n < 3 ? now_ms + backoff : 0;
    default:
        return now_ms + MIN(MAX(backoff, j->error.retry_after_ms), RETRY_MOST_MS);
    }
}

static int emit_receipt(struct step *s, const struct pull *receipt, struct err *e)
{
    struct buf b = BUF_INIT(TOPIC_RECORD_MAX);
    int rc = codec_encode(runner_codec(s->runner), TOPIC_PULLS, receipt, &b, e);
    if (!rc)
        rc = store_put(s->txn, STEP_TABLE(s, TABLE_DONE), receipt->digest, buf_slice(&b), e);
    buf_done(&b);
    return rc ? rc : step_emit(s, TOPIC_PULLS, receipt->digest, receipt, e);
}

static int finish_failed(struct step *s, struct pull_job *j, struct pull *receipt, struct err *e)
{
    receipt->status = PULL_FAILED;
    receipt->attempts = j->attempts + 1;
    receipt->retry_ms = retry_time(j, receipt->attempts, s->now_ms);
    reasons_add(&j->arena, &receipt->reasons, layer_reason(j->error.kind), slice_str(j->error.text));
    metric_add(&failures, 1);
    log_warn(receipt->retry_ms ? "layer could not be pulled, tried again later" : "layer can't be pulled",
             LOG("layer", receipt->digest), LOG("repository", receipt->repository), LOG_S("reason", j->error.text),
             LOG_I("attempts", receipt->attempts));
    if (emit_receipt(s, receipt, e))
        return -1;
    return receipt->retry_ms ? step_work(s, WORK_PULL, receipt->digest, PRIORITY_BACKFILL, receipt->retry_ms, e) : 0;
}

/*
 * A foreign layer that no registry holds which names it. Its urls are a stranger's words, so nobody follows them; a
 * new image that names the layer elsewhere has it tried there.
 */
static int finish_foreign(struct step *s, struct pull_job *j, struct pull *receipt, struct err *e)
{
    receipt->status = PULL_FOREIGN;
    receipt->attempts = j->attempts + 1;
    reasons_add(&j->arena, &receipt->reasons, REASON_LAYER_FOREIGN, slice_str(j->error.text));
    log_info("layer is held by its publisher only", LOG("layer", receipt->digest),
             LOG("repository", receipt->repository));
    return emit_receipt(s, receipt, e);
}

/*
 * A layer that this build would read anew. Its receipt and evidence stay: what is known of an image must not go because
 * a registry is away, or no longer has it, after an upgrade. The count of tries, known here only, chooses the place.
 */
static int finish_kept(struct step *s, const struct pull_job *j, struct slice digest, struct err *e)
{
    bool refused = j->error.kind == ERR_NOT_FOUND || j->error.kind == ERR_POISON || j->error.kind == ERR_USAGE;
    int64_t wait = refused ? RETRY_MOST_MS : MIN(MAX(60 * MINUTE_MS, j->error.retry_after_ms), RETRY_MOST_MS);
    store_table t = STEP_TABLE(s, TABLE_DONE);
    struct pull receipt = {0};
    int got = step_get_record(s, t, digest, TOPIC_PULLS, &receipt, e);
    receipt.attempts = receipt.attempts < INT32_MAX ? receipt.attempts + 1 : 0;
    if (got < 0 || (got && step_put_record(s, t, digest, TOPIC_PULLS, &receipt, e)))
        return -1;
    metric_add(&failures, 1);
    log_warn("layer could not be pulled for newer formats, its older evidence stays; tried again later",
             LOG("layer", digest), LOG("repository", j->want.repository), LOG_S("reason", j->error.text));
    return step_work(s, WORK_PULL, digest, PRIORITY_BACKFILL, s->now_ms + wait, e);
}

static int emit_evidence(struct step *s, struct pull_job *j, struct pull *receipt, struct err *e)
{
    struct slice rest = buf_slice(&j->result.evidence);
    uint8_t raw[DIGEST_RAW];
    char text[DIGEST_TEXT_MAX];
    digest_of(rest, raw);
    receipt->evidence_digest = arena_slice(&j->arena, slice_str(digest_format(raw, text)));
    receipt->chunks = (int32_t)((rest.n + CHUNK_BYTES - 1) / CHUNK_BYTES);
    for (int32_t i = 0; i < receipt->chunks; i++) {
        struct layer_content c = {receipt->digest, i, receipt->chunks,
                                  slice_sub(rest, (size_t)i * CHUNK_BYTES, CHUNK_BYTES)};
        if (step_emit(s, TOPIC_LAYER_CONTENTS, arena_printf(s->arena, "%.*s,%d", SLICE_FMT(receipt->digest), i), &c, e))
            return -1;
    }
    for (int32_t i = receipt->chunks; i < j->old_chunks; i++)
        if (step_tombstone(s, TOPIC_LAYER_CONTENTS, arena_printf(s->arena, "%.*s,%d", SLICE_FMT(receipt->digest), i),
                           e))
            return -1;
    /* Nobody may see a receipt whose evidence is lost. */
    return step_flush(s, e);
}

static int pull_finish(struct step *s, struct slice digest, void *data, struct err *e)
{
    struct pull_job *j = data;
    struct pull receipt = {
        .digest = digest,
        .registry = j->want.registry,
        .repository = j->want.repository,
        .media_type = j->want.media_type,
        .pulled_ms = s->now_ms,
    };
    if (j->rc && j->had)
        return finish_kept(s, j, digest, e);
    if (j->rc && j->error.kind == ERR_NOT_FOUND && media_type_foreign(j->want.media_type) &&
        (size_t)j->attempts + 1 >= j->places)
        return finish_foreign(s, j, &receipt, e);
    if (j->rc)
        return finish_failed(s, j, &receipt, e);
    receipt.status = j->result.status;
    receipt.reasons = j->result.reasons;
    receipt.size = j->result.size;
    receipt.unpacked_size = j->result.unpacked_size;
    receipt.entries = j->result.entries;
    receipt.collectors = j->result.collectors;
    receipt.path_index = j->result.path_index;
    receipt.passes = j->result.passes;
    receipt.attempts = j->attempts + 1;
    if (receipt.status == PULL_FAILED && receipt.attempts < 2)
        receipt.retry_ms = s->now_ms + 5000; /* a child may have died of the machine, not of the layer */
    if (receipt.status != PULL_GOOD)
        metric_add(&incomplete, 1);
    metric_add(&pulled, 1);
    metric_add(&pulled_bytes, receipt.size * receipt.passes);
    log_info("layer pulled", LOG("layer", digest), LOG("repository", receipt.repository), LOG_I("bytes", receipt.size),
             LOG_S("status", pull_status_names[receipt.status]));
    if (emit_evidence(s, j, &receipt, e) || emit_receipt(s, &receipt, e))
        return -1;
    return receipt.retry_ms ? step_work(s, WORK_PULL, digest, PRIORITY_BACKFILL, receipt.retry_ms, e) : 0;
}

/* ---- the descriptor ---- */

/* Formats that are new, or keep something else, ask each receipt whether it is enough for them. */
static int idle(struct step *s, struct err *e)
{
    const struct reask w = {.identity = formats_identity(package_formats),
                            .asked = STEP_TABLE(s, TABLE_ASKED),
                            .subjects = STEP_TABLE(s, TABLE_DONE),
                            .kind = WORK_PULL,
                            .priority = PRIORITY_MAX};
    return reask(s, &w, e);
}

static int init(struct runner *r, const void *config, void **ret_stage, struct err *e)
{
    static const sandbox_main mains[] = {collect_main};
    static const struct sandbox_limits limits = {.memory = (size_t)512 << 20, .cpu_seconds = 600};
    struct pull_process *p = xcalloc(1, sizeof *p);
    (void)r;
    p->config = *(const struct pull_config *)config;
    if (sandbox_start(mains, ARRAY_LEN(mains), &limits, &p->sandbox, e)) {
        free(p);
        return -1;
    }
    p->registries = registries_new(p->config.registries, p->config.registries_n);
    *ret_stage = p;
    return 0;
}

static void stopping(void *stage)
{
    struct pull_process *p = stage;
    registries_stop(p->registries);
}

static int supervise(void *stage, struct err *e)
{
    struct pull_process *p = stage;
    return supervise_sandbox(p->sandbox, e);
}

static void done(void *stage)
{
    struct pull_process *p = stage;
    sandbox_stop(p->sandbox);
    registries_free(p->registries);
    free(p);
}

static const struct stage_input inputs[] = {{TOPIC_LAYERS, false, apply_layer}, {TOPIC_PULLS, false, apply_pull}};
static const struct stage_work works[] = {
    [WORK_PULL] =
        {.name = "pull", .prepare = pull_prepare, .run = pull_run, .finish = pull_finish, .discard = pull_discard},
};
static const char *const tables[] = {[TABLE_WANTS] = "wants", [TABLE_DONE] = "done", [TABLE_ASKED] = "asked"};

const struct stage_def pull_stage = {
    .name = "pull",
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
    .supervise = supervise,
    .stopping = stopping,
};
