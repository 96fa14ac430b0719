/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daily proof: everything in the window is computed anew and compared. First every package is judged without its
 * cached verdict, then every image's records are encoded again. A difference is a defect of the incremental way: it is
 * counted, logged and repaired. In portions, each from where the one before stopped; other work goes between them.
 */
#include "match/match_internal.h"

#include "base/log.h"

#define VERDICT_ROW_MAX  ((size_t)64 << 20)
#define PACKAGES_AT_ONCE 128
#define IMAGES_AT_ONCE   48
#define REFS_AT_ONCE     16000 /* packages of images */
#define ROW              "rescan"

enum phase { PHASE_NONE, PHASE_PACKAGES, PHASE_IMAGES };

struct rescan {
    enum phase phase;
    int64_t at_ms; /* of the tick */
    uint64_t packages, images, differences;
    struct slice cursor; /* the first key not yet looked at */
};

static int rescan_get(struct step *s, struct rescan *r, struct err *e)
{
    struct slice v;
    uint64_t phase, at;
    *r = (struct rescan){0};
    int got = store_get(s->txn, STEP_TABLE(s, T_META), SLICE(ROW), &v, e);
    if (got != 1)
        return got;
    v = arena_slice(s->arena, v);
    if (!slice_take_varint(&v, &phase) || phase > PHASE_IMAGES || !slice_take_varint(&v, &at) ||
        !slice_take_varint(&v, &r->packages) || !slice_take_varint(&v, &r->images) ||
        !slice_take_varint(&v, &r->differences))
        return err_set(e, ERR_FATAL, 0, "state: the row of the rescan is damaged; delete the state folder");
    r->phase = (enum phase)phase;
    r->at_ms = (int64_t)at;
    r->cursor = v;
    return 0;
}

static int rescan_put(struct step *s, const struct rescan *r, struct err *e)
{
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(1024);
    buf_add_varint(&b, (uint64_t)r->phase);
    buf_add_varint(&b, (uint64_t)r->at_ms);
    buf_add_varint(&b, r->packages);
    buf_add_varint(&b, r->images);
    buf_add_varint(&b, r->differences);
    buf_add_slice(&b, r->cursor);
    return store_put(s->txn, STEP_TABLE(s, T_META), SLICE(ROW), buf_slice(&b), e);
}

/* A moment later, so that changes and images that became due in between go first. */
static int ask_again(struct step *s, struct err *e)
{
    return step_work(s, WORK_RESCAN, SLICE(ROW), 255, s->now_ms + 1, e);
}

int match_apply_tick(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    const struct tick *t = record;
    struct rescan r;
    (void)event;
    if (!t || t->kind != TICK_RESCAN)
        return 0;
    if (rescan_get(s, &r, e))
        return -1;
    /* Told twice it is the same tick; an earlier one that comes later is a clock that was set right. */
    if (r.phase != PHASE_NONE || t->at_ms == r.at_ms)
        return 0;
    r = (struct rescan){.phase = PHASE_PACKAGES, .at_ms = t->at_ms};
    return rescan_put(s, &r, e) ? -1 : ask_again(s, e);
}

/* ---- packages ---- */

static int check_package(struct step *s, uint32_t package, struct rescan *r, struct err *e)
{
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(VERDICT_ROW_MAX);
    struct slice old;
    int got = verdict_get(s, package, &old, e);
    if (got <= 0)
        return got;
    if (verdict_judge(s, package, &b, e) || verdict_get(s, package, &old, e) < 0)
        return -1;
    r->packages++;
    metric_add(&match_rescan_packages, 1);
    if (slice_eq(old, buf_slice(&b)))
        return 0;
    r->differences++;
    metric_add(&match_rescan_differences, 1);
    log_error("rescan: a package's verdict was not what judging it anew gives; repaired",
              LOG_I("partition", s->partition), LOG_I("package", package));
    if (verdict_put(s, package, &b, e))
        return -1;
    return match_fan_out(s, package, 0, e);
}

static int scan_packages(struct step *s, struct rescan *r, struct err *e)
{
    uint32_t packages[PACKAGES_AT_ONCE];
    struct store_iter it;
    struct slice key, value;
    size_t n = 0;
    int got = 0;
    store_iter_init(&it, s->txn, STEP_TABLE(s, T_PACKAGES), SLICE(""), r->cursor.n ? r->cursor : SLICE_NONE);
    while (n < PACKAGES_AT_ONCE && (got = store_iter_next(&it, &key, &value, e)) == 1)
        packages[n++] = key_get_u32(key.p);
    store_iter_done(&it);
    if (got < 0)
        return -1;
    struct match_state *m = s->stage;
    size_t done = 0;
    m->spent = 0;
    while (done < n && m->spent < JUDGE_BUDGET)
        if (check_package(s, packages[done++], r, e))
            return -1;
    if (done && (done < n || n == PACKAGES_AT_ONCE) && packages[done - 1] < UINT32_MAX) {
        uint8_t *next = arena_alloc(s->arena, 4);
        if (!next)
            return err_set(e, ERR_FATAL, 0, "no memory for a rescan");
        key_u32(next, packages[done - 1] + 1);
        r->cursor = slice_of(next, 4);
    } else {
        r->phase = PHASE_IMAGES;
        r->cursor = SLICE("");
    }
    return 0;
}

/* ---- images ---- */

static int check_image(struct step *s, struct slice digest, struct rescan *r, struct err *e)
{
    struct outcome o;
    int made = match_outcome_make(s, digest, &o, e);
    if (made <= 0)
        return made;
    r->images++;
    metric_add(&match_rescan_images, 1);
    int same = match_outcome_same(s, digest, &o, e);
    if (same)
        return same < 0 ? -1 : 0;
    r->differences++;
    metric_add(&match_rescan_differences, 1);
    log_error("rescan: an image's findings were not what computing them anew gives; repaired", LOG("image", digest));
    return match_ask_image(s, digest, 0, e);
}

/* The images to look at in this portion: those whose part 0 is there, of the window. Moves the cursor behind the last.
 */
static int pick_images(struct step *s, struct rescan *r, slice_vec *out, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    struct image_key k;
    size_t seen = 0, bytes = 0;
    int got = 0;
    store_iter_init(&it, s->txn, STEP_TABLE(s, T_INVENTORIES), SLICE(""), r->cursor.n ? r->cursor : SLICE_NONE);
    while (seen < IMAGES_AT_ONCE * 8 && out->n < IMAGES_AT_ONCE && bytes < REFS_AT_ONCE * 3 &&
           (got = store_iter_next(&it, &key, &value, e)) == 1) {
        seen++;
        k.n = MIN(key.n - 2, sizeof k.b - 32);
        memcpy(k.b, key.p, k.n);
        /* The key behind this one: the same with a zero byte. */
        uint8_t *next = arena_zalloc(s->arena, key.n + 1);
        if (!next) {
            got = err_set(e, ERR_FATAL, 0, "no memory for a rescan");
            break;
        }
        memcpy(next, key.p, key.n);
        r->cursor = slice_of(next, key.n + 1);
        if (key.p[key.n - 1] || key.p[key.n - 2])
            continue;
        int in = match_image_in_window(s, &k, e);
        if (in < 0) {
            got = -1;
            break;
        }
        bytes += value.n;
        if (in && !slice_vec_add(s->arena, out, match_image_digest(image_key_slice(&k), s->arena))) {
            got = err_set(e, ERR_FATAL, 0, "no memory for a rescan");
            break;
        }
    }
    store_iter_done(&it);
    return got;
}

static int scan_images(struct step *s, struct rescan *r, struct err *e)
{
    slice_vec images = {0};
    int more = pick_images(s, r, &images, e);
    if (more < 0)
        return -1;
    for (size_t i = 0; i < images.n; i++)
        if (check_image(s, images.v[i], r, e))
            return -1;
    if (more)
        return 0;
    log_info("rescan done", LOG_I("partition", s->partition), LOG_I("packages", r->packages),
             LOG_I("images", r->images), LOG_I("differences", r->differences));
    metric_add(&match_rescans, 1);
    r->phase = PHASE_NONE;
    r->cursor = SLICE("");
    return 0;
}

int match_settle_rescan(struct step *s, struct slice subject, struct err *e)
{
    struct rescan r;
    (void)subject;
    if (rescan_get(s, &r, e))
        return -1;
    if (r.phase == PHASE_NONE)
        return 0;
    /* A change that is not taken yet would look like a difference. */
    int waiting = match_changes_waiting(s, e);
    if (waiting)
        return waiting < 0 ? -1 : ask_again(s, e);
    if (r.phase == PHASE_PACKAGES ? scan_packages(s, &r, e) : scan_images(s, &r, e))
        return -1;
    if (rescan_put(s, &r, e))
        return -1;
    return r.phase == PHASE_NONE ? 0 : ask_again(s, e);
}
