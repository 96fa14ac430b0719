/* SPDX-License-Identifier: Apache-2.0 */
#include "match/match_internal.h"

#include "advisories/rows.h"
#include "model/distro/distro.h"
#include "model/severity/severity.h"

#define VERDICT_ROW_MAX ((size_t)64 << 20)

static void put_finding(struct buf *b, const struct finding *f)
{
    slice_vec id = {(struct slice *)(uintptr_t)&f->vulnerability, 1, 1};
    row_put_ids(b, &id);
    buf_add_varint(b, f->sources.n);
    for (size_t i = 0; i < f->sources.n; i++) {
        row_put_word(b, f->sources.v[i].feed);
        row_put_word(b, f->sources.v[i].advisory);
    }
    buf_add_prefixed(b, f->rule);
    buf_add_byte(b, (uint8_t)((unsigned)f->verdict << 4 | (unsigned)f->severity));
    buf_add_byte(b, (uint8_t)f->kind);
    row_put_ids(b, &f->aliases);
    row_put_list(b, &f->symbols);
    buf_add_prefixed(b, f->fixed_version);
    row_put_word(b, f->fix_reference);
    row_put_word(b, f->severity_source);
    row_put_scores(b, &f->scores);
}

static bool take_sources(struct slice *s, struct arena *a, source_ref_vec *v)
{
    uint64_t n;
    if (!slice_take_varint(s, &n) || n > s->n)
        return false;
    for (uint64_t i = 0; i < n; i++) {
        struct source_ref *r = VEC_ADD(a, v);
        if (!r || !row_take_word(s, a, &r->feed) || !row_take_word(s, a, &r->advisory))
            return false;
    }
    return true;
}

static bool take_finding(struct slice *s, struct arena *a, struct finding *f)
{
    slice_vec id = {0};
    if (!row_take_ids(s, a, &id) || id.n != 1 || !take_sources(s, a, &f->sources) ||
        !slice_take_prefixed(s, &f->rule) || !s->n)
        return false;
    f->vulnerability = id.v[0];
    unsigned kinds = s->p[0];
    *s = slice_from(*s, 1);
    if (kinds >> 4 >= VERDICT_MAX || (kinds & 15) >= SEVERITY_MAX || !s->n || s->p[0] >= ADVISORY_KIND_MAX)
        return false;
    f->kind = (enum advisory_kind)s->p[0];
    *s = slice_from(*s, 1);
    if (!row_take_ids(s, a, &f->aliases) || !row_take_list(s, a, &f->symbols))
        return false;
    f->verdict = (enum verdict)(kinds >> 4);
    f->severity = (enum severity)(kinds & 15);
    return slice_take_prefixed(s, &f->fixed_version) && row_take_word(s, a, &f->fix_reference) &&
           row_take_word(s, a, &f->severity_source) && row_take_scores(s, a, &f->scores);
}

int verdict_encode(const finding_vec *findings, const struct reasons *reasons, struct buf *out)
{
    buf_add_varint(out, findings->n);
    for (size_t i = 0; i < findings->n; i++)
        put_finding(out, &findings->v[i]);
    row_put_reasons(out, reasons);
    return out->overflow ? -1 : 0;
}

bool verdict_decode(struct slice row, struct arena *arena, struct verdict_row *ret_v)
{
    uint64_t n;
    *ret_v = (struct verdict_row){0};
    if (!slice_take_varint(&row, &n) || n > row.n)
        return false;
    /* Most packages have no finding or one: no room for more. */
    ret_v->findings.v = n ? arena_zalloc(arena, (size_t)n * sizeof *ret_v->findings.v) : NULL;
    ret_v->findings.cap = (size_t)n;
    for (uint64_t i = 0; i < n; i++)
        if (!ret_v->findings.v || !take_finding(&row, arena, &ret_v->findings.v[ret_v->findings.n++]))
            return false;
    return row_take_reasons(&row, arena, &ret_v->reasons) && !row.n;
}

static int lookup(void *arg, struct slice ecosystem, struct slice package, struct arena *arena, advisory_vec *out,
                  struct err *e)
{
    struct step *s = arg;
    return advisory_view_lookup(s->whole, s->whole_tables, ecosystem, package, arena, out, e);
}

static int scores(void *arg, struct slice vulnerability, struct arena *arena, score_vec *out, struct err *e)
{
    struct step *s = arg;
    struct vulnerability known;
    int r = vuln_view_lookup(s->whole, s->whole_tables, vulnerability, arena, &known, e);
    if (r == 1)
        *out = known.scores;
    return r < 0 ? -1 : 0;
}

/* The row that stands for an ecosystem: a reason while nobody publishes advisories for it. */
static int judge_ecosystem(struct step *s, struct slice context, struct arena *arena, struct reasons *reasons,
                           struct err *e)
{
    struct judge_ecosystem to[JUDGE_ECOSYSTEMS_MAX];
    size_t n = judge_ecosystems(context, arena, to);
    struct slice rest = context;
    uint64_t all = 0, one;
    for (size_t i = 0; i < n; i++) {
        if (advisory_view_count(s->whole, s->whole_tables, to[i].name, &one, e))
            return -1;
        all += one;
    }
    if (all)
        return 0;
    slice_take_token(&rest, ';', &context);
    return distro_no_advisories(context, arena, reasons) ? 0 : err_set(e, ERR_FATAL, 0, "no memory to judge a package");
}

int verdict_judge(struct step *s, uint32_t package, struct buf *out, struct err *e)
{
    struct match_state *m = s->stage;
    struct slice context;
    struct package p;
    finding_vec findings = {0};
    struct reasons reasons = {0};
    struct advisory_source source = {lookup, s, scores};
    arena_reset(&m->scratch);
    int got = match_package_get(s, package, &context, &p, e);
    if (got <= 0)
        return got < 0 ? -1
                       : err_set(e, ERR_FATAL, 0, "state: package %u is missing; delete the state folder", package);
    struct os_info os = {.ecosystem = context};
    bool whole_ecosystem = p.type == PKG_UNKNOWN && !p.name.n;
    int r = whole_ecosystem ? judge_ecosystem(s, context, &m->scratch, &reasons, e)
                            : judge_package(&os, &p, &source, &m->scratch, &findings, &reasons, e);
    if (r && e->kind != ERR_PARTIAL && e->kind != ERR_POISON)
        return -1;
    metric_add(&match_judged, 1);
    m->spent += m->scratch.used;
    if (!r && !verdict_encode(&findings, &reasons, out))
        return 0;
    /* Too much, or damaged advisories: what is known of this package is not trusted, and that is said. */
    struct slice why = r ? slice_str(e->text) : SLICE("its findings take too many bytes");
    struct reasons one = {0};
    finding_vec none = {0};
    if (!reasons_add(s->arena, &one, REASON_JUDGING_FAILED, arena_slice(s->arena, why)))
        return err_set(e, ERR_FATAL, 0, "no memory to judge a package");
    buf_clear(out);
    r = verdict_encode(&none, &one, out);
    *e = ERR_INIT;
    return r ? err_set(e, ERR_FATAL, 0, "cannot encode a verdict") : 0;
}

int verdict_get(struct step *s, uint32_t package, struct slice *ret_row, struct err *e)
{
    uint8_t key[4];
    key_u32(key, package);
    return store_get(s->txn, STEP_TABLE(s, T_VERDICTS), slice_of(key, 4), ret_row, e);
}

/* names rows of the vulnerabilities whose scores a verdict's severities depend on. */
static int index_scores(struct step *s, uint32_t package, struct slice row, bool add, struct err *e)
{
    struct match_state *m = s->stage;
    struct verdict_row v;
    uint8_t key[12];
    arena_reset(&m->scratch);
    row = arena_slice(&m->scratch, row); /* the store's own bytes may move with the next write */
    if (!verdict_decode(row, &m->scratch, &v))
        return err_set(e, ERR_FATAL, 0, "state: a verdict is damaged; delete the state folder");
    for (size_t i = 0; i < v.findings.n; i++) {
        const struct finding *f = &v.findings.v[i];
        if (f->severity != SEVERITY_UNKNOWN && !severity_score_is_general(f->severity_source))
            continue;
        key_u64(key, match_vulnerability_hash(f->vulnerability, &m->scratch));
        key_u32(key + 8, package);
        int r = add ? store_put(s->txn, STEP_TABLE(s, T_NAMES), slice_of(key, sizeof key), SLICE(""), e)
                    : store_del(s->txn, STEP_TABLE(s, T_NAMES), slice_of(key, sizeof key), e);
        if (r < 0)
            return -1;
    }
    return 0;
}

int verdict_put(struct step *s, uint32_t package, const struct buf *row, struct err *e)
{
    struct slice old;
    uint8_t key[4];
    int got = verdict_get(s, package, &old, e);
    key_u32(key, package);
    if (got < 0 || (got && index_scores(s, package, old, false, e)))
        return -1;
    if (!row)
        return store_del(s->txn, STEP_TABLE(s, T_VERDICTS), slice_of(key, 4), e) < 0 ? -1 : 0;
    return index_scores(s, package, buf_slice(row), true, e) ||
                   store_put(s->txn, STEP_TABLE(s, T_VERDICTS), slice_of(key, 4), buf_slice(row), e)
               ? -1
               : 0;
}

int verdict_ensure(struct step *s, uint32_t package, struct err *e)
{
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(VERDICT_ROW_MAX);
    struct slice row;
    int got = verdict_get(s, package, &row, e);
    if (got)
        return got < 0 ? -1 : 0;
    if (match_changes_begin(s, e) || verdict_judge(s, package, &b, e))
        return -1;
    return verdict_put(s, package, &b, e) ? -1 : 1;
}
