/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptor, and the catalogue's side: which images are wanted, and which are in the window. */
#include "match/match_internal.h"

#include "advisories/rows.h"

#define DAY_MS      ((int64_t)86400 * 1000)
#define SCRATCH_MAX ((size_t)512 << 20)

struct metric match_judged =
    METRIC_COUNTER("careen_match_packages_judged_total", "Packages judged against advisories.");
struct metric match_emitted = METRIC_COUNTER("careen_match_findings_written_total", "Findings records written.");
struct metric match_unchanged =
    METRIC_COUNTER("careen_match_findings_unchanged_total", "Findings records computed that were out already.");
struct metric match_changes =
    METRIC_COUNTER("careen_match_advisory_changes_total", "Advisories that were new, changed or gone.");
struct metric match_rescan_packages =
    METRIC_COUNTER("careen_match_rescan_packages_total", "Packages judged anew by rescans.");
struct metric match_rescan_images =
    METRIC_COUNTER("careen_match_rescan_images_total", "Images computed anew by rescans.");
struct metric match_rescan_differences =
    METRIC_COUNTER("careen_match_rescan_differences_total", "Defects that rescans found and repaired.");
struct metric match_rescans = METRIC_COUNTER("careen_match_rescans_total", "Rescans completed, by partition.");

/* ---- the window ---- */

static int images_in_window(struct step *s, const struct image_key *k, struct err *e)
{
    const struct match_state *m = s->stage;
    struct store_iter it;
    struct slice key, value;
    int r, in = 0;
    store_iter_init(&it, s->txn, STEP_TABLE(s, T_IMAGES), image_key_slice(k), SLICE_NONE);
    while (!in && (r = store_iter_next(&it, &key, &value, e)) == 1) {
        int64_t pushed, pulled;
        if (!row_take_time(&value, &pushed) || !row_take_time(&value, &pulled)) {
            r = err_set(e, ERR_FATAL, 0, "state: an image row is damaged; delete the state folder");
            break;
        }
        in = (pushed && pushed >= s->now_ms - m->config.push_days * DAY_MS) ||
             (pulled && pulled >= s->now_ms - m->config.pull_days * DAY_MS);
    }
    store_iter_done(&it);
    return in ? 1 : r < 0 ? -1 : 0;
}

static int runs(struct step *s, const struct image_key *k, bool any, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    int r, found = 0;
    store_iter_init(&it, s->txn, STEP_TABLE(s, T_WORKLOADS), image_key_slice(k), SLICE_NONE);
    while (!found && (r = store_iter_next(&it, &key, &value, e)) == 1)
        found = any || (value.n && value.p[0]);
    store_iter_done(&it);
    return found ? 1 : r < 0 ? -1 : 0;
}

int match_image_in_window(struct step *s, const struct image_key *k, struct err *e)
{
    int in = images_in_window(s, k, e);
    return in ? in : runs(s, k, false, e);
}

/* Listed by a registry, or used by a workload (a registry may have deleted what still runs). */
int match_image_in_catalogue(struct step *s, const struct image_key *k, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    store_iter_init(&it, s->txn, STEP_TABLE(s, T_IMAGES), image_key_slice(k), SLICE_NONE);
    int r = store_iter_next(&it, &key, &value, e);
    store_iter_done(&it);
    return r ? r : runs(s, k, true, e);
}

int match_ask_image(struct step *s, struct slice digest, unsigned priority, struct err *e)
{
    return step_work(s, WORK_IMAGE, digest, priority, 0, e);
}

/* Puts or deletes a row of the catalogue; the image is due when it enters the window, appears or loses a row. */
static int change_row(struct step *s, unsigned table, struct slice record_key, const struct buf *row, struct err *e)
{
    struct image_key k;
    if (match_image_key_of(record_key, &k, e))
        return -1;
    int known = match_image_in_catalogue(s, &k, e), before = match_image_in_window(s, &k, e);
    struct slice key = match_image_key_more(&k, record_key);
    if (known < 0 || before < 0 ||
        (row ? store_put(s->txn, STEP_TABLE(s, table), key, buf_slice(row), e)
             : store_del(s->txn, STEP_TABLE(s, table), key, e)) < 0)
        return -1;
    int after = match_image_in_window(s, &k, e);
    if (after < 0)
        return -1;
    if (row && known && before >= after)
        return 0;
    ptrdiff_t comma = slice_find(record_key, ',');
    return match_ask_image(s, comma < 0 ? record_key : slice_sub(record_key, 0, (size_t)comma), 1, e);
}

int match_apply_image(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    const struct image *i = record;
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(64);
    if (i) {
        row_put_time(&b, i->pushed_ms ? i->pushed_ms : i->first_seen_ms);
        row_put_time(&b, i->pulled_ms);
    }
    return change_row(s, T_IMAGES, event->key, i ? &b : NULL, e);
}

int match_apply_workload(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    const struct workload *w = record;
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(64);
    if (w)
        buf_add_byte(&b, w->running > 0);
    return change_row(s, T_WORKLOADS, event->key, w ? &b : NULL, e);
}

/* ---- the stage ---- */

static int init(struct runner *r, const void *config, void **ret_stage, struct err *e)
{
    struct match_state *m = xcalloc(1, sizeof *m);
    (void)r;
    (void)e;
    m->config = config ? *(const struct match_config *)config : MATCH_CONFIG_DEFAULT;
    m->scratch = ARENA_INIT(SCRATCH_MAX);
    *ret_stage = m;
    return 0;
}

static void done(void *stage)
{
    struct match_state *m = stage;
    if (m)
        arena_done(&m->scratch);
    free(m);
}

static const struct stage_input inputs[] = {
    {TOPIC_IMAGES, false, match_apply_image},
    {TOPIC_WORKLOADS, false, match_apply_workload},
    {TOPIC_INVENTORIES, false, match_apply_inventory},
    {TOPIC_TICKS, false, match_apply_tick},
    {TOPIC_FINDINGS, false, match_apply_findings},
    {TOPIC_ADVISORIES, true, match_apply_advisory},
    {TOPIC_VULNERABILITIES, true, match_apply_vulnerability},
};
static const struct stage_work works[WORKS] = {
    [WORK_CHANGE] = {.name = "change", .settle = match_settle_change},
    [WORK_IMAGE] = {.name = "image", .settle = match_settle_image},
    [WORK_RESCAN] = {.name = "rescan", .settle = match_settle_rescan},
};
static const char *const tables[T_TABLES] = {
    [T_IMAGES] = "images",
    [T_WORKLOADS] = "workloads",
    [T_INVENTORIES] = "inventories",
    [T_IMAGE_IDS] = "image-ids",
    [T_IMAGE_KEYS] = "image-keys",
    [T_PACKAGES] = "packages",
    [T_PACKAGE_IDS] = "package-ids",
    [T_NAMES] = "names",
    [T_POSTINGS] = "postings",
    [T_VERDICTS] = "verdicts",
    [T_OUT] = "out",
    [T_META] = "match-meta",
};
static const char *const whole_tables[W_TABLES] = {
    [ADVISORY_VIEW_ADVISORIES] = "advisories", [ADVISORY_VIEW_VULNERABILITIES] = "vulnerabilities",
    [ADVISORY_VIEW_META] = "advisory-meta",    [W_CHANGES] = "changes",
    [W_CHANGE_NAMES] = "change-names",
};

const struct stage_def match_stage = {
    .name = "match",
    .format = 7 + ADVISORY_VIEW_FORMAT * 100,
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
    .idle = match_changes_idle,
};
