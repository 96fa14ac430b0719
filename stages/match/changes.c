/* SPDX-License-Identifier: Apache-2.0 */
/* From a changed advisory or score to the images whose findings may change: name -> packages -> (verdict differs?) ->
 * images. */
#include "match/match_internal.h"

#include "model/severity/severity.h"

#define VERDICT_ROW_MAX ((size_t)64 << 20)
#define CHANGES_AT_ONCE 4000
#define JUDGE_AT_ONCE   32
#define IMAGES_AT_ONCE  2000
#define PRIORITY        0

/* ---- in the process's tables ---- */

static int note_change(struct step *s, uint32_t lane, int64_t offset, uint64_t name, uint8_t n, struct err *e)
{
    uint8_t where[13], by_name[12], hash[8];
    struct slice old;
    key_u32(where, lane);
    key_u64(where + 4, (uint64_t)offset);
    where[12] = n;
    key_u32(by_name, lane);
    key_u64(by_name + 4, name);
    key_u64(hash, name);
    int got = store_get(s->whole, STEP_WHOLE(s, W_CHANGE_NAMES), slice_of(by_name, sizeof by_name), &old, e);
    if (got == 1 && old.n == 9) {
        uint8_t before[13];
        memcpy(before, where, 4);
        memcpy(before + 4, old.p, 9);
        got = store_del(s->whole, STEP_WHOLE(s, W_CHANGES), slice_of(before, sizeof before), e);
    }
    return got < 0 ||
                   store_put(s->whole, STEP_WHOLE(s, W_CHANGES), slice_of(where, sizeof where),
                             slice_of(hash, sizeof hash), e) ||
                   store_put(s->whole, STEP_WHOLE(s, W_CHANGE_NAMES), slice_of(by_name, sizeof by_name),
                             slice_of(where + 4, 9), e)
               ? -1
               : 0;
}

int match_apply_advisory(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    const struct advisory *a = record;
    struct slice ecosystem, package, id;
    bool edge;
    if (!advisory_key_split(event->key, &ecosystem, &package, &id))
        return err_set(e, ERR_POISON, 0, "the key is not ecosystem,package,advisory");
    if (a && (!slice_eq(a->ecosystem, ecosystem) || !slice_eq(a->package, package) || !slice_eq(a->id, id)))
        return err_set(e, ERR_POISON, 0, "the key does not name the record's ecosystem, package and id");
    int r = a ? advisory_view_put(s->whole, s->whole_tables, a, &edge, e)
              : advisory_view_del(s->whole, s->whole_tables, ecosystem, package, id, &edge, e);
    if (r <= 0)
        return r;
    metric_add(&match_changes, 1);
    if (note_change(s, event->partition, event->offset, match_name_hash(ecosystem, package, s->arena), 0, e))
        return -1;
    return edge ? note_change(s, event->partition, event->offset, match_name_hash(ecosystem, SLICE(""), s->arena), 1, e)
                : 0;
}

/* Only those scores of a vulnerability from which a severity may be taken; most feeds have none. */
int match_apply_vulnerability(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    const struct vulnerability *v = record;
    ptrdiff_t comma = slice_rfind(event->key, ',');
    struct vulnerability kept = {.epss = -1, .epss_percentile = -1};
    if (comma < 0)
        return err_set(e, ERR_POISON, 0, "the key is not id,feed");
    kept.id = slice_sub(event->key, 0, (size_t)comma);
    kept.feed = slice_from(event->key, (size_t)comma + 1);
    if (v && (!slice_eq(v->id, kept.id) || !slice_eq(v->feed, kept.feed)))
        return err_set(e, ERR_POISON, 0, "the key does not name the record's id and feed");
    for (size_t i = 0; v && i < v->scores.n; i++) {
        struct score *to = severity_score_is_general(v->scores.v[i].source) ? VEC_ADD(s->arena, &kept.scores) : NULL;
        if (to)
            *to = v->scores.v[i];
    }
    int r = kept.scores.n ? vuln_view_put(s->whole, s->whole_tables, &kept, e)
                          : vuln_view_del(s->whole, s->whole_tables, kept.id, kept.feed, e);
    if (r < 0 || (!r && !kept.scores.n))
        return r;
    return note_change(s, event->partition | VULNERABILITY_LANE, event->offset,
                       match_vulnerability_hash(kept.id, s->arena), 0, e);
}

/* ---- the vector: how far a partition has taken the changes of each lane ---- */

static uint32_t lane_of(const struct step *s, uint32_t i)
{
    return i < s->partitions ? i : (i - s->partitions) | VULNERABILITY_LANE;
}

static uint32_t lanes(const struct step *s)
{
    return 2 * s->partitions;
}

static void vector_name(char name[24], uint32_t partition)
{
    snprintf(name, 24, "applied-%u", partition);
}

static int last_change(struct step *s, uint32_t partition, uint64_t *ret_next, struct err *e)
{
    uint8_t prefix[4];
    struct store_iter it;
    struct slice key, value;
    key_u32(prefix, partition);
    store_iter_init(&it, s->whole, STEP_WHOLE(s, W_CHANGES), slice_of(prefix, 4), SLICE_NONE);
    int r = store_iter_last(&it, &key, &value, e);
    if (r >= 0)
        *ret_next = r && key.n == 13 ? key_get_u64(key.p + 4) + 1 : 0;
    store_iter_done(&it);
    return r < 0 ? -1 : 0;
}

int match_changes_begin(struct step *s, struct err *e)
{
    char name[24];
    uint64_t v;
    vector_name(name, 0);
    int got = match_meta_get_u64(s, name, &v, e);
    if (got)
        return got < 0 ? -1 : 0;
    for (uint32_t p = 0; p < lanes(s); p++) {
        vector_name(name, lane_of(s, p));
        if (last_change(s, lane_of(s, p), &v, e) || match_meta_put_u64(s, name, v, e))
            return -1;
    }
    return 0;
}

int match_changes_waiting(struct step *s, struct err *e)
{
    char name[24];
    for (uint32_t p = 0; p < lanes(s); p++) {
        uint64_t applied = 0, next;
        vector_name(name, lane_of(s, p));
        if (match_meta_get_u64(s, name, &applied, e) < 0 || last_change(s, lane_of(s, p), &next, e))
            return -1;
        if (next > applied)
            return 1;
    }
    return 0;
}

static int ask_change(struct step *s, char kind, const uint8_t *id, size_t id_n, uint32_t from, struct err *e)
{
    uint8_t subject[16];
    subject[0] = (uint8_t)kind;
    memcpy(subject + 1, id, id_n);
    key_u32(subject + 1 + id_n, from);
    return step_work(s, WORK_CHANGE, slice_of(subject, 5 + id_n), PRIORITY, 0, e);
}

/* Whether any package of this partition has the name. */
static int is_known(struct step *s, struct slice hash, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    store_iter_init(&it, s->txn, STEP_TABLE(s, T_NAMES), hash, SLICE_NONE);
    int r = store_iter_next(&it, &key, &value, e);
    store_iter_done(&it);
    return r;
}

/* Takes up to CHANGES_AT_ONCE of one lane; returns how many, <0 failure. */
static int take_changes(struct step *s, uint32_t partition, struct err *e)
{
    char name[24];
    uint8_t prefix[4], from[12];
    uint64_t applied = 0, next;
    struct store_iter it;
    struct slice key, value;
    int n = 0, r = 0;
    vector_name(name, partition);
    if (match_meta_get_u64(s, name, &applied, e) < 0)
        return -1;
    next = applied;
    key_u32(prefix, partition);
    key_u32(from, partition);
    key_u64(from + 4, applied);
    store_iter_init(&it, s->whole, STEP_WHOLE(s, W_CHANGES), slice_of(prefix, 4), slice_of(from, sizeof from));
    while (n < CHANGES_AT_ONCE && (r = store_iter_next(&it, &key, &value, e)) == 1 && key.n == 13 && value.n == 8) {
        int known = is_known(s, value, e);
        /* The last offset may have a second row: the next portion starts with it again, which costs nothing. */
        next = key_get_u64(key.p + 4) + (n + 1 < CHANGES_AT_ONCE);
        n++;
        if (known < 0 || (known && ask_change(s, 'n', value.p, 8, 0, e))) {
            n = -1;
            break;
        }
    }
    store_iter_done(&it);
    if (n < 0 || r < 0)
        return -1;
    return next != applied && match_meta_put_u64(s, name, next, e) ? -1 : n;
}

int match_changes_idle(struct step *s, struct err *e)
{
    int more = 0;
    if (match_changes_begin(s, e))
        return -1;
    for (uint32_t p = 0; p < lanes(s); p++) {
        int n = take_changes(s, lane_of(s, p), e);
        if (n < 0)
            return -1;
        more |= n == CHANGES_AT_ONCE;
    }
    return more;
}

/* ---- work ---- */

int match_fan_out(struct step *s, uint32_t package, uint32_t from, struct err *e)
{
    u32_vec images = {0};
    if (posting_list(s, package, from, IMAGES_AT_ONCE, &images, e))
        return -1;
    for (size_t i = 0; i < images.n; i++) {
        uint8_t number[4];
        struct slice ik;
        struct image_key k;
        key_u32(number, images.v[i]);
        int got = store_get(s->txn, STEP_TABLE(s, T_IMAGE_KEYS), slice_of(number, 4), &ik, e);
        if (got < 0)
            return -1;
        if (!got || ik.n > sizeof k.b)
            continue;
        memcpy(k.b, ik.p, ik.n);
        k.n = ik.n;
        int in = match_image_in_window(s, &k, e);
        if (in < 0 || (in && match_ask_image(s, match_image_digest(image_key_slice(&k), s->arena), 0, e)))
            return -1;
    }
    uint8_t id[4];
    key_u32(id, package);
    return images.n == IMAGES_AT_ONCE ? ask_change(s, 'p', id, sizeof id, images.v[images.n - 1] + 1, e) : 0;
}

/* Judges a package again and, when that changes anything, asks for its images. */
static int rejudge(struct step *s, uint32_t package, struct err *e)
{
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(VERDICT_ROW_MAX);
    struct slice old;
    int got = verdict_get(s, package, &old, e);
    /* Not judged yet: whoever needs it judges by what is known then. */
    if (got <= 0)
        return got;
    if (verdict_judge(s, package, &b, e) || (got = verdict_get(s, package, &old, e)) < 0)
        return -1;
    if (got && slice_eq(old, buf_slice(&b)))
        return 0;
    if (verdict_put(s, package, &b, e))
        return -1;
    return match_fan_out(s, package, 0, e);
}

static int settle_name(struct step *s, struct slice hash, uint32_t from, struct err *e)
{
    uint32_t packages[JUDGE_AT_ONCE];
    uint8_t first[12];
    struct store_iter it;
    struct slice key, value;
    size_t n = 0;
    int r = 0;
    memcpy(first, hash.p, 8);
    key_u32(first + 8, from);
    store_iter_init(&it, s->txn, STEP_TABLE(s, T_NAMES), hash, slice_of(first, sizeof first));
    while (n < JUDGE_AT_ONCE && (r = store_iter_next(&it, &key, &value, e)) == 1)
        packages[n++] = key_get_u32(key.p + 8);
    store_iter_done(&it);
    if (r < 0)
        return -1;
    struct match_state *m = s->stage;
    size_t done = 0;
    m->spent = 0;
    while (done < n && m->spent < JUDGE_BUDGET)
        if (rejudge(s, packages[done++], e))
            return -1;
    bool more = done < n || n == JUDGE_AT_ONCE;
    return more ? ask_change(s, 'n', hash.p, 8, packages[done - 1] + 1, e) : 0;
}

int match_settle_change(struct step *s, struct slice subject, struct err *e)
{
    if (subject.n == 13 && subject.p[0] == 'n')
        return settle_name(s, slice_sub(subject, 1, 8), key_get_u32(subject.p + 9), e);
    if (subject.n == 9 && subject.p[0] == 'p')
        return match_fan_out(s, key_get_u32(subject.p + 1), key_get_u32(subject.p + 5), e);
    return err_set(e, ERR_POISON, 0, "not a change");
}
