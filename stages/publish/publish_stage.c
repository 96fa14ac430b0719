/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that is known comes in whole, for the API; the partitions of its own outputs (recommendations, alerts)
 * decide which replica tells about which image. What is out is the view of those outputs, so after any loss only what
 * differs is told, and what is told again has the same id.
 */
#include "publish/publish_stage.h"

#include "base/log.h"
#include "stage/metrics.h"

enum {
    TABLE_TOLD,                           /* told.h's tables */
    TABLE_OUT = TABLE_TOLD + TOLD_TABLES, /* digest, hash of resource id -> hash128 of the value, topic key */
    TABLE_TIMES,                          /* digest -> time i64 of the record that changed something last */
    TABLE_SEEN, /* "epoch", "seq": the changes of the whole tables that were turned into work; "policy" by which */
};
enum { WORK_TELL };

#define CHANGES_AT_ONCE 1000

static struct metric recommended = METRIC_COUNTER("careen_publish_recommendations_total", "Recommendations written."),
                     alerted = METRIC_COUNTER("careen_publish_alerts_total", "Alerts written.");

/* ---- its own outputs ---- */

static int out_put(struct step *s, struct slice row, const struct hash128 *value, struct slice topic_key, struct err *e)
{
    struct buf b = BUF_INIT(65536);
    buf_add(&b, value->b, sizeof value->b);
    buf_add_slice(&b, topic_key);
    int rc = store_put(s->txn, STEP_TABLE(s, TABLE_OUT), row, buf_slice(&b), e);
    buf_done(&b);
    return rc;
}

static int apply_recommendation(struct step *s, const struct bus_event *ev, const void *record, struct err *e)
{
    uint8_t key[STEP_KEY_MAX];
    struct slice k = slice_of(key, step_key(key, ev->key));
    struct hash128 h = hash128(ev->value);
    struct slice old;
    int had = store_get(s->txn, STEP_TABLE(s, TABLE_OUT), k, &old, e);
    if (had < 0)
        return -1;
    if (record ? had && old.n > sizeof h.b && memcmp(old.p, h.b, sizeof h.b) == 0 : !had)
        return 0;
    /* Not what this process wrote last: lost state, or an echo that a later write has overtaken. */
    const struct recommendation *r = record;
    if (r && (r->code == ASSESSED_HEALTHY || r->code == ASSESSED_UNHEALTHY) &&
        told_known(s, &STEP_TABLE(s, TABLE_TOLD), topic_key_head(ev->key), e))
        return -1;
    if (record ? out_put(s, k, &h, ev->key, e) : store_del(s->txn, STEP_TABLE(s, TABLE_OUT), k, e) < 0)
        return -1;
    return step_work(s, WORK_TELL, topic_key_head(ev->key), 1, 0, e);
}

/* An alert read back puts its finding into what was told: nothing new in ordinary work, everything after lost state. */
static int apply_alert(struct step *s, const struct bus_event *ev, const void *record, struct err *e)
{
    const struct alert *t = record;
    if (!t)
        return 0;
    if (!slice_eq(t->image_digest, topic_key_head(ev->key)))
        return err_set(e, ERR_POISON, 0, "the key is not the image's digest");
    int changed = told_take(s, &STEP_TABLE(s, TABLE_TOLD), t, e);
    return changed <= 0 ? changed : step_work(s, WORK_TELL, t->image_digest, 1, 0, e);
}

/* ---- changes of the whole tables become work ---- */

static int seen_get(struct step *s, const char *name, uint64_t *ret_v, struct err *e)
{
    struct slice v;
    *ret_v = 0;
    int got = store_get(s->txn, STEP_TABLE(s, TABLE_SEEN), slice_str(name), &v, e);
    if (got == 1 && v.n == 8)
        *ret_v = key_get_u64(v.p);
    return got < 0 ? -1 : 0;
}

static int seen_put(struct step *s, const char *name, uint64_t v, struct err *e)
{
    uint8_t bytes[8];
    key_u64(bytes, v);
    return store_put(s->txn, STEP_TABLE(s, TABLE_SEEN), slice_str(name), slice_of(bytes, sizeof bytes), e);
}

/* Where the changes begin that are not yet work: at the first where the tables or the rule of judging are new. */
static int seen_from(struct step *s, uint64_t *ret_seq, struct err *e)
{
    const struct publish_process *p = s->stage;
    uint64_t epoch, mine, policy,
        judged_by = 1u << 16 | (unsigned)p->policy.unhealthy_from << 8 | p->policy.unhealthy_unfixed;
    if (view_epoch(s->whole, s->whole_tables, &epoch, e) || seen_get(s, "epoch", &mine, e) ||
        seen_get(s, "seq", ret_seq, e) || seen_get(s, "policy", &policy, e))
        return -1;
    if (epoch == mine && policy == judged_by)
        return 0;
    *ret_seq = 0;
    return seen_put(s, "epoch", epoch, e) || seen_put(s, "policy", judged_by, e) || seen_put(s, "seq", 0, e) ? -1 : 0;
}

static int idle(struct step *s, struct err *e)
{
    uint64_t seq, n = 0;
    uint8_t from[12];
    struct store_iter it;
    struct slice key, value;
    int got;
    if (seen_from(s, &seq, e))
        return -1;
    key_u32(from, s->partition);
    key_u64(from + 4, seq + 1);
    store_iter_init(&it, s->whole, STEP_WHOLE(s, VIEW_CHANGES), slice_of(from, 4), slice_of(from, sizeof from));
    while ((got = store_iter_next(&it, &key, &value, e)) == 1 && n < CHANGES_AT_ONCE) {
        struct slice digest = slice_from(value, 8);
        seq = key_get_u64(key.p + 4);
        n++;
        if (store_put(s->txn, STEP_TABLE(s, TABLE_TIMES), digest, slice_sub(value, 0, 8), e) ||
            step_work(s, WORK_TELL, digest, 1, 0, e)) {
            got = -1;
            break;
        }
    }
    store_iter_done(&it);
    if (got < 0 || (n && seen_put(s, "seq", seq, e)))
        return -1;
    return got == 1;
}

/* ---- telling ---- */

static int emit_recommendations(struct step *s, const struct known_image *k, struct err *e)
{
    recommendation_vec wanted = {0};
    slice_vec keep = {0}, gone = {0};
    store_table t = STEP_TABLE(s, TABLE_OUT);
    if (assess_recommendations(k, s->arena, &wanted, e))
        return -1;
    for (size_t i = 0; i < wanted.n; i++) {
        struct slice topic_key =
                         arena_printf(s->arena, "%.*s,%.*s", SLICE_FMT(k->digest), SLICE_FMT(wanted.v[i].resource_id)),
                     old;
        uint8_t key[STEP_KEY_MAX];
        struct slice row_key = slice_of(key, step_key(key, topic_key));
        struct buf b = BUF_INIT(TOPIC_RECORD_MAX);
        int rc = codec_encode(runner_codec(s->runner), TOPIC_RECOMMENDATIONS, &wanted.v[i], &b, e);
        struct hash128 h = hash128(buf_slice(&b));
        buf_done(&b);
        if (rc)
            return -1;
        slice_vec_add(s->arena, &keep, arena_slice(s->arena, row_key));
        int got = store_get(s->txn, t, row_key, &old, e);
        if (got < 0)
            return -1;
        if (got == 1 && old.n > 16 && memcmp(old.p, h.b, 16) == 0)
            continue;
        metric_add(&recommended, 1);
        /*
         * The table of what is published is changed at once, since the record may be read back only after the image is
         * gone.
         */
        if (step_emit(s, TOPIC_RECOMMENDATIONS, topic_key, &wanted.v[i], e) || out_put(s, row_key, &h, topic_key, e))
            return -1;
    }
    struct store_iter it;
    struct slice key, value;
    int got;
    store_iter_init(&it, s->txn, t, arena_printf(s->arena, "%.*s,", SLICE_FMT(k->digest)), SLICE_NONE);
    while ((got = store_iter_next(&it, &key, &value, e)) == 1) {
        bool wanted_still = false;
        for (size_t i = 0; i < keep.n && !wanted_still; i++)
            wanted_still = slice_eq(keep.v[i], key);
        if (!wanted_still && value.n > 16)
            slice_vec_add(s->arena, &gone, arena_slice(s->arena, slice_from(value, 16)));
    }
    store_iter_done(&it);
    for (size_t i = 0; got == 0 && i < gone.n; i++) {
        uint8_t row[STEP_KEY_MAX];
        if (step_tombstone(s, TOPIC_RECOMMENDATIONS, gone.v[i], e) ||
            store_del(s->txn, t, slice_of(row, step_key(row, gone.v[i])), e) < 0)
            return -1;
    }
    return got < 0 ? -1 : 0;
}

/* The vulnerability of a finding that no longer exists is not among those that were loaded. */
static int know_resolved(struct step *s, alert_vec *alerts, struct err *e)
{
    for (size_t i = 0; i < alerts->n; i++) {
        struct vulnerability v = {0};
        if (alerts->v[i].kind != ALERT_RESOLVED)
            continue;
        if (vuln_view_lookup(s->whole, s->whole_tables, alerts->v[i].vulnerability, s->arena, &v, e) < 0)
            return -1;
        alert_know(&alerts->v[i], &v, s->arena);
    }
    return 0;
}

static int emit_alerts(struct step *s, const struct known_image *k, struct err *e)
{
    const store_table *tables = &STEP_TABLE(s, TABLE_TOLD);
    struct told_image told;
    struct told_after after;
    alert_vec alerts = {0};
    struct slice time = SLICE_NONE;
    int got = store_get(s->txn, STEP_TABLE(s, TABLE_TIMES), k->digest, &time, e);
    if (got < 0 || told_load(s, tables, k->digest, &told, e))
        return -1;
    int64_t at_ms = got == 1 && time.n == 8 ? (int64_t)key_get_u64(time.p) : 0;
    if (assess_alerts(k, &told, at_ms, s->arena, &alerts, &after, e) || know_resolved(s, &alerts, e))
        return -1;
    for (size_t i = 0; i < alerts.n; i++)
        if (step_emit(s, TOPIC_ALERTS, k->digest, &alerts.v[i], e) || told_take(s, tables, &alerts.v[i], e) < 0)
            return -1;
    metric_add(&alerted, (int64_t)alerts.n);
    if (alerts.n)
        log_info("alerts", LOG("image", k->digest), LOG_I("alerts", alerts.n),
                 LOG_S("kind", alert_kind_names[alerts.v[0].kind]),
                 LOG_S("cause", alert_cause_names[alerts.v[0].cause_code]));
    return told_settled(s, tables, k, &told, &after, e);
}

static int settle_tell(struct step *s, struct slice digest, struct err *e)
{
    const struct publish_process *p = s->stage;
    const struct join join = {s->whole, s->whole_tables, s->partitions, p->policy};
    struct known_image k;
    digest = arena_slice(s->arena, digest);
    if (join_image(&join, runner_codec(s->runner), digest, s->arena, &k, e) || emit_recommendations(s, &k, e))
        return -1;
    return emit_alerts(s, &k, e);
}

/* ---- the descriptor ---- */

static int init(struct runner *r, const void *config, void **ret_stage, struct err *e)
{
    const struct publish_config *c = config;
    struct publish_process *p = xcalloc(1, sizeof *p);
    p->runner = r;
    p->policy = c ? c->policy : POLICY_DEFAULT;
    pthread_mutex_init(&p->api_lock, NULL);
    if (codec_open(runner_registry_url(r), &p->api_codec, e)) {
        free(p);
        return -1;
    }
    *ret_stage = p;
    return 0;
}

static void opened(void *stage, struct store *whole, const store_table *whole_tables, uint32_t partitions)
{
    struct publish_process *p = stage;
    p->whole = whole;
    p->tables = whole_tables;
    p->partitions = partitions;
}

static void done(void *stage)
{
    struct publish_process *p = stage;
    codec_close(p->api_codec);
    pthread_mutex_destroy(&p->api_lock);
    free(p);
}

static const struct stage_input inputs[] = {
    {TOPIC_RECOMMENDATIONS, false, apply_recommendation},
    {TOPIC_ALERTS, false, apply_alert},
    {TOPIC_IMAGES, true, view_apply_image},
    {TOPIC_WORKLOADS, true, view_apply_workload},
    {TOPIC_INVENTORIES, true, view_apply_inventory},
    {TOPIC_FINDINGS, true, view_apply_findings},
    {TOPIC_VULNERABILITIES, true, view_apply_vulnerability},
    {TOPIC_TICKS, true, view_apply_tick},
};
static const struct stage_work works[] = {[WORK_TELL] = {.name = "tell", .settle = settle_tell}};
static const char *const tables[] = {
    [TABLE_TOLD + TOLD_FINDINGS] = "told",
    [TABLE_TOLD + TOLD_PLACES] = "told-places",
    [TABLE_TOLD + TOLD_IMAGES] = "told-images",
    [TABLE_OUT] = "out",
    [TABLE_TIMES] = "times",
    [TABLE_SEEN] = "seen",
};

const struct stage_def publish_stage = {
    .name = "publish",
    .format = 3 + ADVISORY_VIEW_FORMAT * 100,
    .inputs = inputs,
    .inputs_n = ARRAY_LEN(inputs),
    .works = works,
    .works_n = ARRAY_LEN(works),
    .tables = tables,
    .tables_n = ARRAY_LEN(tables),
    .whole_tables = view_tables,
    .whole_tables_n = VIEW_TABLES,
    .init = init,
    .done = done,
    .idle = idle,
    .routes = publish_routes,
    .opened = opened,
};
