/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two sides in one process. The layer side (partition of the layer's digest) parses each layer once and sends the
 * result to the partition of every image that needs it; the image side assembles an image when all its layers are
 * there. inventory_assemble_settle is in inventory_images.c.
 */
#include "inventory/inventory_tables.h"

#include "base/hash.h"
#include "base/log.h"
#include "packages/parse.h"
#include "inventory/parsed.h"
#include "stage/reask.h"
#include "stage/supervise.h"

#define EVIDENCE_PACKED_MAX ((size_t)256 << 20)

static struct metric layers_parsed = METRIC_COUNTER("careen_inventory_layers_parsed_total", "Layers parsed."),
                     layers_failed = METRIC_COUNTER("careen_inventory_layers_failed_total",
                                                    "Layers whose evidence could not be parsed.");

/* ---- inputs ---- */

static size_t sent_key(uint8_t *key, struct slice layer, struct slice image)
{
    size_t n = MIN(layer.n, (size_t)128), m = MIN(image.n, (size_t)128);
    memcpy(key, layer.p, n);
    key[n] = ',';
    memcpy(key + n + 1, image.p, m);
    return n + 1 + m;
}

/*
 * What an image was sent counts no more once a repository that held it is gone: should it be pushed again, it needs it
 * again; where another repository has it, it is sent once more, which changes nothing; else take_back takes it back.
 */
static int drop_want(struct step *s, struct slice layer, struct slice want, struct err *e)
{
    uint8_t key[300];
    struct slice image;
    int got = store_get(s->txn, STEP_TABLE(s, TABLE_WANTS), want, &image, e);
    if (got <= 0)
        return got;
    struct slice sent = slice_of(key, sent_key(key, layer, image)), old;
    const uint8_t never[8] = {0};
    got = store_get(s->txn, STEP_TABLE(s, TABLE_SENT), sent, &old, e);
    if (got < 0 || (got && store_put(s->txn, STEP_TABLE(s, TABLE_SENT), sent, slice_of(never, sizeof never), e)))
        return -1;
    return store_del(s->txn, STEP_TABLE(s, TABLE_WANTS), want, e) < 0 ? -1 : 0;
}

static int apply_layer(struct step *s, const struct bus_event *ev, const void *record, struct err *e)
{
    const struct layer *l = record;
    uint8_t key[STEP_KEY_MAX];
    struct slice k = slice_of(key, step_key(key, ev->key)), digest = topic_key_head(ev->key);
    if (l ? store_put(s->txn, STEP_TABLE(s, TABLE_WANTS), k, l->image_digest, e) : drop_want(s, digest, k, e))
        return -1;
    return step_work(s, WORK_PARSE, digest, l ? (unsigned)l->priority : PRIORITY_BACKFILL, 0, e);
}

static int apply_pull(struct step *s, const struct bus_event *ev, const void *record, struct err *e)
{
    store_table t = STEP_TABLE(s, TABLE_PULLS);
    if (record ? store_put(s->txn, t, ev->key, ev->value, e) : store_del(s->txn, t, ev->key, e) < 0)
        return -1;
    return step_work(s, WORK_PARSE, ev->key, PRIORITY_TAGGED, 0, e);
}

static int apply_content(struct step *s, const struct bus_event *ev, const void *record, struct err *e)
{
    const struct layer_content *c = record;
    struct slice digest = topic_key_head(ev->key), number = topic_key_tail(ev->key);
    uint8_t key[STEP_KEY_MAX];
    uint64_t chunk;
    if (digest.n > 128 || !slice_parse_u64(number, &chunk) || chunk > UINT32_MAX)
        return err_set(e, ERR_POISON, 0, "the key is not \"layer digest,chunk\"");
    memcpy(key, digest.p, digest.n);
    key[digest.n] = ',';
    key_u32(key + digest.n + 1, (uint32_t)chunk);
    struct slice k = slice_of(key, digest.n + 5);
    store_table t = STEP_TABLE(s, TABLE_CHUNKS);
    if (c ? store_put(s->txn, t, k, c->bytes, e) : store_del(s->txn, t, k, e) < 0)
        return -1;
    return step_work(s, WORK_PARSE, digest, PRIORITY_TAGGED, 0, e);
}

static int apply_image(struct step *s, const struct bus_event *ev, const void *record, struct err *e)
{
    uint8_t key[STEP_KEY_MAX];
    struct slice k = slice_of(key, step_key(key, ev->key));
    store_table t = STEP_TABLE(s, TABLE_IMAGES);
    if (record ? store_put(s->txn, t, k, ev->value, e) : store_del(s->txn, t, k, e) < 0)
        return -1;
    return step_work(s, WORK_ASSEMBLE, topic_key_head(ev->key), PRIORITY_TAGGED, 0, e);
}

static int apply_layer_packages(struct step *s, const struct bus_event *ev, const void *record, struct err *e)
{
    store_table t = STEP_TABLE(s, TABLE_PARSED);
    if (record ? store_put(s->txn, t, ev->key, ev->value, e) : store_del(s->txn, t, ev->key, e) < 0)
        return -1;
    return record ? step_work(s, WORK_ASSEMBLE, topic_key_head(ev->key), PRIORITY_TAGGED, 0, e) : 0;
}

static int apply_inventory(struct step *s, const struct bus_event *ev, const void *record, struct err *e)
{
    /* Parts behind the first tell nothing about what is done. */
    if (topic_key_tail(ev->key).p)
        return 0;
    store_table t = STEP_TABLE(s, TABLE_OUT);
    const struct inventory *i = record;
    struct slice old = SLICE_NONE;
    uint8_t row[20];
    int had = store_get(s->txn, t, ev->key, &old, e);
    if (had < 0)
        return -1;
    bool other = had;
    if (i) {
        struct hash128 h = hash128(ev->value);
        memcpy(row, h.b, sizeof h.b);
        key_u32(row + 16, (uint32_t)i->parts);
        other = !had || !slice_eq(old, slice_of(row, sizeof row));
    }
    if (!other)
        return 0;
    /* Not what this process wrote last: lost state, or an echo that a later write has overtaken. */
    if (i ? store_put(s->txn, t, ev->key, slice_of(row, sizeof row), e) : store_del(s->txn, t, ev->key, e) < 0)
        return -1;
    return step_work(s, WORK_ASSEMBLE, ev->key, PRIORITY_BACKFILL, 0, e);
}

/* ---- the layer side ---- */

struct target {
    struct slice image;
};

struct parse_job {
    struct arena arena;
    struct slice layer, evidence;
    struct buf bytes;
    struct layer_packages parsed;
    uint64_t identity;
    int rc;
    struct err error;
};

/* What was sent to an image, and what would be sent now: the evidence and the parser that reads it. */
static uint64_t sent_identity(struct slice receipt_bytes)
{
    uint64_t h = hash64(receipt_bytes);
    return h ^ ((uint64_t)parser_version() << 48);
}

/* Images that want the layer and have not been sent this identity; sorted, without repeats. */
static int targets(struct step *s, struct slice layer, uint64_t identity, slice_vec *ret_images, bool *ret_wanted,
                   struct err *e)
{
    struct store_iter it;
    struct slice key, image;
    struct slice prefix = arena_printf(s->arena, "%.*s,", SLICE_FMT(layer));
    int got;
    *ret_wanted = false;
    store_iter_init(&it, s->txn, STEP_TABLE(s, TABLE_WANTS), prefix, SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &image, e)) == 1) {
        uint8_t sent[300];
        struct slice v;
        *ret_wanted = true;
        int have = store_get(s->txn, STEP_TABLE(s, TABLE_SENT), slice_of(sent, sent_key(sent, layer, image)), &v, e);
        if (have < 0) {
            got = -1;
            break;
        }
        if (have && v.n == 8 && key_get_u64(v.p) == identity)
            continue;
        if (!slice_vec_add(s->arena, ret_images, arena_slice(s->arena, image)))
            break;
    }
    store_iter_done(&it);
    slice_vec_sort(ret_images);
    return got < 0 ? -1 : 0;
}

static int is_wanted(struct step *s, struct slice prefix, struct slice image, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    int got;
    store_iter_init(&it, s->txn, STEP_TABLE(s, TABLE_WANTS), prefix, SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1 && !slice_eq(value, image)) {
    }
    store_iter_done(&it);
    return got;
}

/* Records that were sent to images which no longer want the layer; the image's side may never have seen them. */
static int take_back(struct step *s, struct slice layer, struct err *e)
{
    struct store_iter it;
    struct slice key, value, prefix = arena_printf(s->arena, "%.*s,", SLICE_FMT(layer));
    int got;
    store_iter_init(&it, s->txn, STEP_TABLE(s, TABLE_SENT), prefix, SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1) {
        if (value.n == 8 && key_get_u64(value.p))
            continue;
        struct slice image = arena_slice(s->arena, slice_from(key, prefix.n));
        int wanted = is_wanted(s, prefix, image, e);
        if (wanted < 0 ||
            (!wanted && (step_tombstone(s, TOPIC_LAYER_PACKAGES,
                                        arena_printf(s->arena, "%.*s,%.*s", SLICE_FMT(image), SLICE_FMT(layer)), e) ||
                         store_iter_del(&it, e)))) {
            got = -1;
            break;
        }
    }
    store_iter_done(&it);
    return got < 0 ? -1 : 0;
}

static int send_parsed(struct step *s, struct slice layer, uint64_t identity, struct layer_packages *lp, struct err *e)
{
    slice_vec images = {0};
    bool wanted;
    if (targets(s, layer, identity, &images, &wanted, e))
        return -1;
    for (size_t i = 0; i < images.n; i++) {
        uint8_t sent[300], v[8];
        struct slice image = images.v[i];
        lp->image_digest = image;
        lp->layer_digest = layer;
        lp->set = (int64_t)identity;
        if (inventory_send_layer_packages(s, lp, e))
            return -1;
        key_u64(v, identity);
        if (store_put(s->txn, STEP_TABLE(s, TABLE_SENT), slice_of(sent, sent_key(sent, layer, image)),
                      slice_of(v, sizeof v), e))
            return -1;
    }
    return 0;
}

/* The chunks of a layer joined: 1 all there, 0 not yet. */
static int gather(struct step *s, struct parse_job *j, const struct pull *receipt, struct err *e)
{
    struct buf b = BUF_INIT(EVIDENCE_PACKED_MAX);
    uint8_t key[STEP_KEY_MAX];
    int got = 1;
    memcpy(key, j->layer.p, j->layer.n);
    key[j->layer.n] = ',';
    for (int32_t i = 0; got == 1 && i < receipt->chunks; i++) {
        struct slice v;
        key_u32(key + j->layer.n + 1, (uint32_t)i);
        got = store_get(s->txn, STEP_TABLE(s, TABLE_CHUNKS), slice_of(key, j->layer.n + 5), &v, e);
        if (got == 1 && buf_add_slice(&b, v))
            got = err_set(e, ERR_POISON, 0, "the evidence of layer %.*s is over %zu bytes", SLICE_FMT(j->layer),
                          EVIDENCE_PACKED_MAX);
    }
    /* Chunks of an older pull may still be there while those of the receipt are on their way. */
    if (got == 1) {
        uint8_t raw[DIGEST_RAW];
        digest_of(buf_slice(&b), raw);
        got = digest_is(receipt->evidence_digest, raw);
    }
    if (got == 1)
        j->evidence = arena_slice(&j->arena, buf_slice(&b));
    buf_done(&b);
    return got;
}

static void parse_discard(void *data)
{
    struct parse_job *j = data;
    buf_done(&j->bytes);
    arena_done(&j->arena);
    free(j);
}

static int parse_prepare(struct step *s, struct slice layer, void **ret_data, struct err *e)
{
    struct slice bytes;
    struct pull receipt = {0};
    slice_vec images = {0};
    bool wanted;
    int got = store_get(s->txn, STEP_TABLE(s, TABLE_PULLS), layer, &bytes, e);
    if (got < 0 || layer.n > 128)
        return got < 0 ? -1 : 0;
    uint64_t identity = got ? sent_identity(bytes) : 0;
    if (got && codec_decode(runner_codec(s->runner), TOPIC_PULLS, bytes, s->arena, &receipt, e))
        return -1;
    if (take_back(s, layer, e) || targets(s, layer, identity, &images, &wanted, e))
        return -1;
    if (!wanted || !got || !images.n)
        return 0;
    if (receipt.status == PULL_FAILED || receipt.status == PULL_FOREIGN) {
        struct layer_packages lp = {.parser_version = parser_version(),
                                    .status = receipt.status,
                                    .final = !receipt.retry_ms,
                                    .reasons = receipt.reasons};
        return send_parsed(s, layer, identity, &lp, e);
    }
    struct parse_job *j = xcalloc(1, sizeof *j);
    j->arena = ARENA_INIT((size_t)1 << 30);
    j->bytes = BUF_INIT((size_t)256 << 20);
    j->layer = arena_slice(&j->arena, layer);
    j->identity = identity;
    got = gather(s, j, &receipt, e);
    if (got != 1) {
        parse_discard(j);
        return got;
    }
    *ret_data = j;
    return 1;
}

static void parse_run(struct runner *r, void *data)
{
    struct parse_job *j = data;
    struct inventory_process *process = runner_stage(r);
    j->rc = parsed_run(process->sandbox, 0, j->evidence, j->layer, &j->arena, &j->bytes, &j->parsed, &j->error);
}

static int parse_finish(struct step *s, struct slice layer, void *data, struct err *e)
{
    struct parse_job *j = data;
    if (j->rc) {
        log_warn("a layer could not be parsed; tried again in 5 s", LOG("layer", layer),
                 LOG_S("reason", j->error.text));
        return step_work(s, WORK_PARSE, layer, PRIORITY_BACKFILL, s->now_ms + 5000, e);
    }
    metric_add(&layers_parsed, 1);
    if (j->parsed.status == PULL_FAILED) {
        metric_add(&layers_failed, 1);
        log_warn("a layer's evidence is unreadable", LOG("layer", layer),
                 LOG("reason", j->parsed.reasons.texts.n ? j->parsed.reasons.texts.v[0] : SLICE("")));
    }
    return send_parsed(s, layer, j->identity, &j->parsed, e);
}

/* ---- the descriptor ---- */

/* Another parser asks for every layer whose evidence is here: what each image was sent tells the rest. */
static int idle(struct step *s, struct err *e)
{
    const struct reask w = {.identity = sent_identity(SLICE("")),
                            .asked = STEP_TABLE(s, TABLE_ASKED),
                            .subjects = STEP_TABLE(s, TABLE_PULLS),
                            .kind = WORK_PARSE,
                            .priority = PRIORITY_MAX};
    return reask(s, &w, e);
}

static int init(struct runner *r, const void *config, void **ret_stage, struct err *e)
{
    static const sandbox_main mains[] = {parsed_child};
    static const struct sandbox_limits limits = {.memory = (size_t)1 << 30, .cpu_seconds = 120};
    struct inventory_process *p = xcalloc(1, sizeof *p);
    (void)r;
    (void)config;
    if (sandbox_start(mains, ARRAY_LEN(mains), &limits, &p->sandbox, e)) {
        free(p);
        return -1;
    }
    *ret_stage = p;
    return 0;
}

static int supervise(void *stage, struct err *e)
{
    struct inventory_process *p = stage;
    return supervise_sandbox(p->sandbox, e);
}

static void done(void *stage)
{
    struct inventory_process *p = stage;
    sandbox_stop(p->sandbox);
    free(p);
}

static const struct stage_input inputs[] = {
    {TOPIC_LAYERS, false, apply_layer},
    {TOPIC_PULLS, false, apply_pull},
    {TOPIC_LAYER_CONTENTS, false, apply_content},
    {TOPIC_IMAGES, false, apply_image},
    {TOPIC_LAYER_PACKAGES, false, apply_layer_packages},
    {TOPIC_INVENTORIES, false, apply_inventory},
};
static const struct stage_work works[] = {
    [WORK_PARSE] =
        {.name = "parse", .prepare = parse_prepare, .run = parse_run, .finish = parse_finish, .discard = parse_discard},
    [WORK_ASSEMBLE] = {.name = "assemble", .settle = inventory_assemble_settle},
};
static const char *const tables[] = {
    [TABLE_WANTS] = "wants",   [TABLE_PULLS] = "pulls",   [TABLE_CHUNKS] = "chunks", [TABLE_SENT] = "sent",
    [TABLE_IMAGES] = "images", [TABLE_PARSED] = "parsed", [TABLE_OUT] = "out",       [TABLE_ASKED] = "asked",
};

const struct stage_def inventory_stage = {
    .name = "inventory",
    .format = 4,
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
};
