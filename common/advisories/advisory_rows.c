/* SPDX-License-Identifier: Apache-2.0 */
/* The row encodings of advisory_view.h. A change here is a new ADVISORY_VIEW_FORMAT and a new format of the match
 * stage. */
#include "advisories/advisory_view.h"

#include "advisories/rows.h"

enum { RANGE_INTRODUCED = 1, RANGE_FIXED = 2, RANGE_LAST = 4, RANGE_ZERO = 8 };

static void put_ranges(struct buf *b, const version_range_vec *v)
{
    buf_add_varint(b, v->n);
    for (size_t i = 0; i < v->n; i++) {
        const struct version_range *r = &v->v[i];
        bool zero = slice_eq(r->introduced, SLICE("0"));
        buf_add_byte(b, (uint8_t)((zero              ? RANGE_ZERO
                                   : r->introduced.n ? RANGE_INTRODUCED
                                                     : 0) |
                                  (r->fixed.n ? RANGE_FIXED : 0) | (r->last_affected.n ? RANGE_LAST : 0)));
        if (r->introduced.n && !zero)
            buf_add_prefixed(b, r->introduced);
        if (r->fixed.n)
            buf_add_prefixed(b, r->fixed);
        if (r->last_affected.n)
            buf_add_prefixed(b, r->last_affected);
    }
}

static bool take_ranges(struct slice *s, struct arena *a, version_range_vec *ret_v)
{
    uint64_t n;
    if (!slice_take_varint(s, &n) || n > s->n)
        return false;
    for (uint64_t i = 0; i < n; i++) {
        struct version_range *r = VEC_ADD(a, ret_v);
        if (!r || !s->n)
            return false;
        uint8_t has = s->p[0];
        *s = slice_from(*s, 1);
        if (has & RANGE_ZERO)
            r->introduced = SLICE("0");
        if ((has & RANGE_INTRODUCED && !slice_take_prefixed(s, &r->introduced)) ||
            (has & RANGE_FIXED && !slice_take_prefixed(s, &r->fixed)) ||
            (has & RANGE_LAST && !slice_take_prefixed(s, &r->last_affected)))
            return false;
    }
    return true;
}

int advisory_row_encode(const struct advisory *a, struct buf *out)
{
    row_put_word(out, a->ecosystem);
    buf_add_prefixed(out, a->package);
    row_put_word(out, a->feed);
    buf_add_byte(out, (uint8_t)((unsigned)a->name_kind << 4 | (unsigned)a->verdict));
    put_ranges(out, &a->ranges);
    row_put_list(out, &a->versions);
    row_put_list(out, &a->fixed_by);
    row_put_ids(out, &a->cves);
    row_put_ids(out, &a->aliases);
    row_put_list(out, &a->architectures);
    row_put_word(out, a->module);
    row_put_word(out, a->severity);
    row_put_scores(out, &a->scores);
    row_put_word(out, a->fix_reference);
    row_put_time(out, a->published_ms);
    row_put_time(out, a->modified_ms);
    row_put_list(out, &a->systems);
    row_put_list(out, &a->symbols);
    buf_add_byte(out, (uint8_t)a->kind);
    return out->overflow ? -1 : 0;
}

static bool take_kind(struct slice *s, enum advisory_kind *ret)
{
    if (!s->n || s->p[0] >= ADVISORY_KIND_MAX)
        return false;
    *ret = (enum advisory_kind)s->p[0];
    *s = slice_from(*s, 1);
    return true;
}

static bool take_advisory(struct slice *s, struct arena *a, struct advisory *to)
{
    if (!row_take_word(s, a, &to->ecosystem) || !slice_take_prefixed(s, &to->package) ||
        !row_take_word(s, a, &to->feed) || !s->n)
        return false;
    unsigned kinds = s->p[0];
    *s = slice_from(*s, 1);
    if (kinds >> 4 >= NAME_KIND_MAX || (kinds & 15) >= VERDICT_MAX)
        return false;
    to->name_kind = (enum name_kind)(kinds >> 4);
    to->verdict = (enum verdict)(kinds & 15);
    return take_ranges(s, a, &to->ranges) && row_take_list(s, a, &to->versions) && row_take_list(s, a, &to->fixed_by) &&
           row_take_ids(s, a, &to->cves) && row_take_ids(s, a, &to->aliases) &&
           row_take_list(s, a, &to->architectures) && row_take_word(s, a, &to->module) &&
           row_take_word(s, a, &to->severity) && row_take_scores(s, a, &to->scores) &&
           row_take_word(s, a, &to->fix_reference) && row_take_time(s, &to->published_ms) &&
           row_take_time(s, &to->modified_ms) && row_take_list(s, a, &to->systems) &&
           row_take_list(s, a, &to->symbols) && take_kind(s, &to->kind) && !s->n;
}

static int damaged(const struct arena *a, const char *what, struct err *e)
{
    if (a->overflow)
        return err_set(e, ERR_PARTIAL, 0, "%s: more than the %zu bytes that a step may take", what, a->max);
    return err_set(e, ERR_POISON, 0,
                   "%s: the row is damaged; delete the advisory database or state and let it be rebuilt", what);
}

int advisory_row_decode(struct slice row, struct arena *arena, struct advisory *ret_a, struct err *e)
{
    struct advisory a = {0};
    if (!take_advisory(&row, arena, &a))
        return damaged(arena, "advisory", e);
    *ret_a = a;
    return 0;
}

/* ---- vulnerabilities ---- */

/* Steps of 1e-7 keep more decimals than EPSS publishes; 0 is unknown. */
static uint64_t share_to_int(double v)
{
    return v < 0 || v > 1 ? 0 : (uint64_t)(v * 10000000.0 + 0.5) + 1;
}

static double share_from_int(uint64_t v)
{
    return v ? (double)(v - 1) / 10000000.0 : -1;
}

static void put_exploits(struct buf *b, const exploit_vec *v)
{
    buf_add_varint(b, v->n);
    for (size_t i = 0; i < v->n; i++) {
        const struct exploit *x = &v->v[i];
        buf_add_byte(b, x->verified);
        buf_add_prefixed(b, x->source);
        buf_add_prefixed(b, x->id);
        buf_add_prefixed(b, x->url);
        buf_add_prefixed(b, x->kind);
    }
}

static bool take_exploits(struct slice *s, struct arena *a, exploit_vec *ret_v)
{
    uint64_t n;
    if (!slice_take_varint(s, &n) || n > s->n)
        return false;
    for (uint64_t i = 0; i < n; i++) {
        struct exploit *x = VEC_ADD(a, ret_v);
        if (!x || !s->n)
            return false;
        x->verified = s->p[0] != 0;
        *s = slice_from(*s, 1);
        if (!slice_take_prefixed(s, &x->source) || !slice_take_prefixed(s, &x->id) ||
            !slice_take_prefixed(s, &x->url) || !slice_take_prefixed(s, &x->kind))
            return false;
    }
    return true;
}

enum { VULN_KEV = 1, VULN_RANSOMWARE = 2, VULN_WITHDRAWN = 4 };

int vuln_row_encode(const struct vulnerability *v, struct buf *out)
{
    buf_add_prefixed(out, v->id);
    buf_add_prefixed(out, v->feed);
    buf_add_byte(out, (uint8_t)((v->kev ? VULN_KEV : 0) | (v->kev_ransomware ? VULN_RANSOMWARE : 0) |
                                (v->withdrawn ? VULN_WITHDRAWN : 0)));
    buf_add_prefixed(out, v->summary);
    row_put_ids(out, &v->aliases);
    row_put_list(out, &v->references);
    row_put_list(out, &v->cwes);
    row_put_scores(out, &v->scores);
    put_exploits(out, &v->exploits);
    buf_add_prefixed(out, v->kev_due);
    buf_add_prefixed(out, v->kev_added);
    buf_add_varint(out, share_to_int(v->epss));
    buf_add_varint(out, share_to_int(v->epss_percentile));
    row_put_time(out, v->published_ms);
    row_put_time(out, v->modified_ms);
    return out->overflow ? -1 : 0;
}

static bool take_vulnerability(struct slice *s, struct arena *a, struct vulnerability *to)
{
    uint64_t epss, percentile;
    if (!slice_take_prefixed(s, &to->id) || !slice_take_prefixed(s, &to->feed) || !s->n)
        return false;
    uint8_t has = s->p[0];
    *s = slice_from(*s, 1);
    to->kev = has & VULN_KEV;
    to->kev_ransomware = has & VULN_RANSOMWARE;
    to->withdrawn = has & VULN_WITHDRAWN;
    if (!slice_take_prefixed(s, &to->summary) || !row_take_ids(s, a, &to->aliases) ||
        !row_take_list(s, a, &to->references) || !row_take_list(s, a, &to->cwes) ||
        !row_take_scores(s, a, &to->scores) || !take_exploits(s, a, &to->exploits) ||
        !slice_take_prefixed(s, &to->kev_due) || !slice_take_prefixed(s, &to->kev_added) ||
        !slice_take_varint(s, &epss) || !slice_take_varint(s, &percentile) || !row_take_time(s, &to->published_ms) ||
        !row_take_time(s, &to->modified_ms))
        return false;
    to->epss = share_from_int(epss);
    to->epss_percentile = share_from_int(percentile);
    return !s->n;
}

int vuln_row_decode(struct slice row, struct arena *arena, struct vulnerability *ret_v, struct err *e)
{
    struct vulnerability v = {0};
    if (!take_vulnerability(&row, arena, &v))
        return damaged(arena, "vulnerability", e);
    *ret_v = v;
    return 0;
}
