/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/scan/assess_image.h"

#include "reports/keep.h"
#include "match/judge/judge.h"
#include "model/distro/distro.h"
#include "model/ecosystem/ecosystem.h"

#define SCRATCH     ((size_t)256 << 20)
#define REASONS_MAX 100

struct judged {
    struct finding finding;
    struct vulnerability known;
};
typedef VEC(struct judged) judged_vec;

struct judging {
    const struct inventory *inventory;
    struct advisory_db *db;
    struct store_txn *txn;
    struct arena *arena, scratch;
    struct assess_options options;
    struct assessment out;
    judged_vec found; /* becomes out.findings and out.known once it is in order */
    size_t reasons_left_out;
    size_t last_from; /* where the findings of the package before begin */
    bool last_sourceless;
    size_t sourceless; /* packages that advisories by source can't meet */
    struct slice first_sourceless;
};

static int full(const struct judging *j, struct err *e)
{
    return err_set(e, ERR_POISON, 0, "there is more to say of it than %zu bytes", j->arena->max);
}

/* Whether advisories are held against it; what is left out stays in the inventory. */
static bool is_judged(const struct judging *j, const struct package *p)
{
    return policy_held_against(p) && (j->options.include_owned || !policy_owned(p, &j->inventory->os));
}

static void add_reason(struct judging *j, struct reason reason)
{
    if (reasons_has_text(&j->out.reasons, reason.text))
        return;
    if (j->out.status == INVENTORY_COMPLETE)
        j->out.status = INVENTORY_PARTIAL;
    if (j->out.reasons.texts.n >= j->inventory->reasons.texts.n + REASONS_MAX)
        j->reasons_left_out++;
    else
        reasons_add(j->arena, &j->out.reasons, reason_code(reason), arena_slice(j->arena, reason.text));
}

static int lookup(void *arg, struct slice ecosystem, struct slice package, struct arena *arena, advisory_vec *out,
                  struct err *e)
{
    struct judging *j = arg;
    return advisory_view_lookup(j->txn, j->db->tables, ecosystem, package, arena, out, e);
}

static int scores(void *arg, struct slice vulnerability, struct arena *arena, score_vec *out, struct err *e)
{
    struct judging *j = arg;
    struct vulnerability known;
    int r = vuln_view_lookup(j->txn, j->db->tables, vulnerability, arena, &known, e);
    if (r == 1)
        *out = known.scores;
    return r < 0 ? -1 : 0;
}

/* ---- out of the scratch arena ---- */

/* What the package has already is not copied. */
static struct slice keep(struct judging *j, struct slice s, struct slice same)
{
    return !s.p ? s : slice_eq(s, same) ? same : arena_slice(j->arena, s);
}

static bool keep_judged(struct judging *j, const struct package *p, const struct finding *from)
{
    struct judged *to = VEC_ADD(j->arena, &j->found);
    if (!to)
        return false;
    struct finding *f = &to->finding;
    *f = *from;
    f->package = keep(j, from->package, p->name);
    f->version = keep(j, from->version, p->version);
    f->architecture = keep(j, from->architecture, p->architecture);
    f->source_name = keep(j, from->source_name, p->source_name);
    f->source_version = keep(j, from->source_version, p->source_version);
    f->location = keep(j, from->location, p->location);
    f->ns = keep(j, from->ns, p->ns);
    f->ecosystem = keep(j, from->ecosystem, ecosystem_of_package(p, &j->inventory->os));
    f->evidence = keep(j, from->evidence, p->evidence);
    f->parent = keep(j, from->parent, p->parent);
    f->why = keep(j, from->why, p->why);
    f->owner = keep(j, from->owner, p->owner);
    f->layer = keep(j, from->layer, p->layer);
    struct slice *rest[] = {&f->vulnerability, &f->rule, &f->fixed_version, &f->fix_reference, &f->severity_source};
    for (size_t i = 0; i < ARRAY_LEN(rest); i++)
        *rest[i] = keep(j, *rest[i], SLICE_NONE);
    f->sources = (source_ref_vec){0};
    for (size_t i = 0; i < from->sources.n; i++) {
        struct source_ref *s = VEC_ADD(j->arena, &f->sources);
        if (!s)
            return false;
        s->feed = arena_slice(j->arena, from->sources.v[i].feed);
        s->advisory = arena_slice(j->arena, from->sources.v[i].advisory);
    }
    return keep_list(j->arena, &from->aliases, &f->aliases) && keep_list(j->arena, &from->symbols, &f->symbols) &&
           keep_scores(j->arena, &from->scores, &f->scores) && !j->arena->overflow;
}

/* ---- packages ---- */

/* One sentence tells of all packages whose source would have to be known. */
static void count_sourceless(struct judging *j, const struct package *p)
{
    if (!j->sourceless++)
        j->first_sourceless = p->name;
}

static void tell_sourceless(struct judging *j)
{
    size_t n = j->sourceless;
    if (!n || j->out.extent != REPORT_JUDGED)
        return;
    struct slice text = arena_printf(
        j->arena, "which source %zu package%s built from is not said, and advisories go by source; the first is %.*s",
        n, n == 1 ? " was" : "s were", SLICE_FMT(j->first_sourceless));
    struct reason why = reason_make(REASON_SOURCE_UNKNOWN, text);
    add_reason(j, why);
    if (n == j->inventory->packages.n) {
        j->out.extent = REPORT_NOT_ASSESSED;
        j->out.not_assessed = why;
    }
}

/* The findings of the package before hold for a copy of it, at the copy's own place. */
static int judge_copy(struct judging *j, const struct package *p, struct err *e)
{
    judged_vec *v = &j->found;
    size_t from = j->last_from, n = v->n;
    j->last_from = n;
    if (j->last_sourceless)
        count_sourceless(j, p);
    for (size_t i = from; i < n; i++) {
        struct judged *to = VEC_ADD(j->arena, v);
        if (!to)
            return full(j, e);
        *to = v->v[i];
        to->finding.scope = p->scope;
        to->finding.certainty = p->certainty;
        to->finding.location = p->location;
        to->finding.evidence = p->evidence;
        to->finding.parent = p->parent;
        to->finding.why = p->why;
        to->finding.owner = p->owner;
        to->finding.layer = p->layer;
    }
    return 0;
}

static int judge_one(struct judging *j, const struct package *p, struct err *e)
{
    const struct advisory_source source = {lookup, j, scores};
    finding_vec found = {0};
    struct reasons reasons = {0};
    arena_reset(&j->scratch);
    j->last_from = j->found.n;
    if (judge_package(&j->inventory->os, p, &source, &j->scratch, &found, &reasons, e))
        return err_wrap(e, "package %.*s", SLICE_FMT(p->name));
    j->last_sourceless = reasons_has(&reasons, REASON_SOURCE_UNKNOWN);
    if (j->last_sourceless)
        count_sourceless(j, p);
    for (size_t i = 0; i < reasons.texts.n; i++)
        if (reason_code(reasons_at(&reasons, i)) != REASON_SOURCE_UNKNOWN)
            add_reason(j, reasons_at(&reasons, i));
    for (size_t i = 0; i < found.n; i++)
        if (!keep_judged(j, p, &found.v[i]))
            return full(j, e);
    return 0;
}

static int judge_packages(struct judging *j, struct err *e)
{
    const package_vec *packages = &j->inventory->packages;
    for (size_t i = 0; i < packages->n; i++) {
        const struct package *p = &packages->v[i];
        bool copy = i && judge_same(&packages->v[i - 1], p);
        if (!is_judged(j, p))
            j->last_from = j->found.n;
        else if (copy ? judge_copy(j, p, e) : judge_one(j, p, e))
            return -1;
    }
    return 0;
}

/* Packages that no advisories can be held against. */
static void not_published(struct judging *j)
{
    const struct os_info *os = &j->inventory->os;
    struct slice name = distro_in_words(os, j->arena);
    struct reason why;
    switch (distro_judged(os, &j->inventory->packages)) {
    case DISTRO_SYSTEM_UNKNOWN:
        why = reason_make(REASON_SYSTEM_UNKNOWN,
                          j->inventory->layers.n || os->id.n
                              ? distro_not_known(os, j->arena)
                              : SLICE(DISTRO_NOT_KNOWN "the document doesn't say which one it is"));
        break;
    case DISTRO_RELEASE_UNKNOWN:
        why =
            reason_make(REASON_RELEASE_UNKNOWN,
                        distro_no_release(os, j->inventory->layers.n ? DISTRO_BY_FILES : DISTRO_BY_DOCUMENT, j->arena));
        break;
    default:
        why = reason_make(REASON_NOBODY_PUBLISHES,
                          arena_printf(j->arena, "no advisories for %.*s: its packages could not be judged",
                                       SLICE_FMT(name.n ? name : SLICE("a system without a name"))));
        break;
    }
    add_reason(j, why);
    if (j->out.extent == REPORT_NOT_ASSESSED)
        j->out.not_assessed = why;
}

/* Whether the database has any advisories of a context, judge_context's. */
static int has_advisories(struct judging *j, struct slice context, bool *ret_any, struct err *e)
{
    struct judge_ecosystem to[JUDGE_ECOSYSTEMS_MAX];
    uint64_t all = 0, n;
    size_t count = judge_ecosystems(context, &j->scratch, to);
    for (size_t i = 0; i < count; i++) {
        if (advisory_view_count(j->txn, j->db->tables, to[i].name, &n, e))
            return -1;
        all += n;
    }
    *ret_any = all > 0;
    return 0;
}

static struct reason none_known(struct judging *j, struct slice ecosystem, size_t packages)
{
    struct slice many =
        packages ? arena_printf(j->arena, "%zu package%s not judged: ", packages, packages == 1 ? " is" : "s are")
                 : SLICE("");
    return reason_make(
        distro_no_advisories_code(ecosystem),
        arena_printf(j->arena, "%.*sthe advisory database has no advisories of %.*s; careen feeds update fetches them",
                     SLICE_FMT(many), SLICE_FMT(ecosystem)));
}

/* ---- ecosystems beside the system's ---- */

struct other {
    struct slice ecosystem;
    size_t packages;
};
typedef VEC(struct other) other_vec;

/* How many packages of each are to be judged. */
static bool count_others(struct judging *j, other_vec *v)
{
    const struct os_info *os = &j->inventory->os;
    for (size_t i = 0; i < j->inventory->packages.n; i++) {
        const struct package *p = &j->inventory->packages.v[i];
        struct slice ecosystem = ecosystem_of_package(p, os);
        size_t at = 0;
        if (!is_judged(j, p) || !ecosystem.n || slice_eq(ecosystem, os->ecosystem))
            continue;
        while (at < v->n && !slice_eq(v->v[at].ecosystem, ecosystem))
            at++;
        if (at == v->n && !VEC_ADD(j->arena, v))
            return false;
        v->v[at].ecosystem = ecosystem;
        v->v[at].packages++;
    }
    return true;
}

/* *ret_any: some of their packages have advisories to be held against. */
static int check_others(struct judging *j, bool *ret_any, struct err *e)
{
    other_vec others = {0};
    bool any;
    *ret_any = false;
    if (!count_others(j, &others))
        return full(j, e);
    for (size_t i = 0; i < others.n; i++) {
        if (has_advisories(j, others.v[i].ecosystem, &any, e))
            return -1;
        if (!any)
            add_reason(j, none_known(j, others.v[i].ecosystem, others.v[i].packages));
        *ret_any |= any;
    }
    return 0;
}

static void not_assessed(struct judging *j, struct reason why)
{
    j->out.extent = REPORT_NOT_ASSESSED;
    j->out.not_assessed = why;
    add_reason(j, why);
}

/* No system is in it, and of the rest nothing was compared: for what reason. */
static void nothing_compared(struct judging *j)
{
    const struct inventory *v = j->inventory;
    for (size_t i = v->reasons.texts.n; i < j->out.reasons.texts.n; i++)
        if (reason_code(reasons_at(&j->out.reasons, i)) == REASON_ECOSYSTEM_EMPTY) {
            not_assessed(j, reasons_at(&j->out.reasons, i));
            return;
        }
    for (size_t i = 0; i < v->packages.n; i++) {
        const struct package *p = &v->packages.v[i];
        enum reason_code code = reason_code(p->not_judged);
        if (policy_held_against(p) || !reason_kinds[code].hides)
            continue;
        not_assessed(
            j, reason_make(code, arena_printf(j->arena, "no package of it can be judged; the first is %.*s: %.*s",
                                              SLICE_FMT(slice_sub(p->name, 0, 200)), SLICE_FMT(p->not_judged.text))));
        return;
    }
}

static int check_ecosystems(struct judging *j, struct err *e)
{
    const struct os_info *os = &j->inventory->os;
    bool any, others;
    if (!j->inventory->packages.n) {
        if (j->out.extent == REPORT_NOT_ASSESSED)
            j->out.not_assessed = j->out.reasons.texts.n ? reasons_at(&j->out.reasons, 0)
                                                         : reason_make(REASON_UNSPECIFIED, SLICE("no reason is known"));
        return 0;
    }
    if (check_others(j, &others, e))
        return -1;
    if (others)
        j->out.extent = REPORT_JUDGED; /* what of it was not is a reason */
    if (!os->ecosystem.n) {
        if (distro_judged(os, &j->inventory->packages) != DISTRO_JUDGED)
            not_published(j);
        else if (!others)
            nothing_compared(j);
        return 0;
    }
    if (has_advisories(j, judge_context(os, &j->scratch), &any, e))
        return -1;
    if (!any && others)
        add_reason(j, none_known(j, os->ecosystem, 0));
    else if (!any)
        not_assessed(j, none_known(j, os->ecosystem, 0));
    return 0;
}

/* ---- one vulnerability that the distribution and the ecosystem tell of ---- */

static bool is_about(const struct finding *f, struct slice id)
{
    bool about = slice_eq(f->vulnerability, id);
    for (size_t i = 0; i < f->aliases.n && !about; i++)
        about = slice_eq(f->aliases.v[i], id);
    return about;
}

/* A finding of an owned package that its owner has too. */
static bool told_by_owner(const struct judging *j, const struct finding *f)
{
    for (size_t i = 0; f->owner.n && i < j->found.n; i++) {
        const struct finding *of = &j->found.v[i].finding;
        if (ecosystem_of_systems(of->type) && slice_eq(of->package, f->owner) && is_about(f, of->vulnerability))
            return true;
    }
    return false;
}

static void drop_told_twice(struct judging *j)
{
    size_t kept = 0;
    bool *drop ATTR_CLEANUP(cleanup_free) = xcalloc(j->found.n + 1, sizeof *drop);
    for (size_t i = 0; i < j->found.n; i++)
        drop[i] = told_by_owner(j, &j->found.v[i].finding);
    for (size_t i = 0; i < j->found.n; i++)
        if (!drop[i])
            j->found.v[kept++] = j->found.v[i];
    j->found.n = kept;
}

/* ---- what is known of the vulnerabilities ---- */

static int by_vulnerability(const void *a, const void *b)
{
    const struct judged *x = *(struct judged *const *)a, *y = *(struct judged *const *)b;
    return slice_cmp(x->finding.vulnerability, y->finding.vulnerability);
}

static int know(struct judging *j, struct err *e)
{
    judged_vec *v = &j->found;
    struct judged **order ATTR_CLEANUP(cleanup_free) = xcalloc(v->n + 1, sizeof *order);
    for (size_t i = 0; i < v->n; i++)
        order[i] = &v->v[i];
    qsort(order, v->n, sizeof *order, by_vulnerability);
    for (size_t i = 0; i < v->n; i++) {
        struct vulnerability known;
        if (i && finding_cves_equal(&order[i]->finding, &order[i - 1]->finding)) {
            order[i]->known = order[i - 1]->known;
            continue;
        }
        arena_reset(&j->scratch);
        int r = vuln_view_of_finding(j->txn, j->db->tables, &order[i]->finding, &j->scratch, &known, e);
        if (r < 0)
            return -1;
        order[i]->known = (struct vulnerability){.epss = -1, .epss_percentile = -1};
        if (r && !keep_vulnerability(j->arena, &known, &order[i]->known))
            return full(j, e);
    }
    return 0;
}

/* ---- order ---- */

static int by_weight(const void *a, const void *b)
{
    const struct judged *x = a, *y = b;
    int c = finding_weight(&y->finding) - finding_weight(&x->finding);
    if (c)
        return c;
    if (x->known.kev != y->known.kev)
        return x->known.kev ? -1 : 1;
    return judge_finding_order(&x->finding, &y->finding);
}

static bool hand_over(struct judging *j)
{
    size_t n = j->found.n;
    struct finding *findings = arena_zalloc(j->arena, (n + 1) * sizeof *findings);
    struct vulnerability *known = arena_zalloc(j->arena, (n + 1) * sizeof *known);
    if (!findings || !known)
        return false;
    for (size_t i = 0; i < n; i++) {
        findings[i] = j->found.v[i].finding;
        known[i] = j->found.v[i].known;
    }
    j->out.findings = (finding_vec){findings, n, n};
    j->out.known = known;
    return true;
}

static int judge_all(struct judging *j, struct err *e)
{
    const struct inventory *inventory = j->inventory;
    reasons_add_all(j->arena, &j->out.reasons, &inventory->reasons);
    if (check_ecosystems(j, e) || judge_packages(j, e))
        return -1;
    if (j->options.include_owned)
        drop_told_twice(j);
    tell_sourceless(j);
    if (j->reasons_left_out)
        reasons_addf(j->arena, &j->out.reasons, REASON_MORE, "and %zu more reasons", j->reasons_left_out);
    if (know(j, e) || advisory_view_feeds(j->txn, j->db->tables, j->arena, &j->out.feeds, e))
        return -1;
    if (j->found.n)
        qsort(j->found.v, j->found.n, sizeof *j->found.v, by_weight);
    return !hand_over(j) || j->arena->overflow ? full(j, e) : 0;
}

int assess_image(const struct inventory *inventory, struct advisory_db *db, const struct assess_options *options,
                 struct arena *arena, struct assessment *ret, struct err *e)
{
    struct judging j = {.inventory = inventory,
                        .db = db,
                        .options = *options,
                        .arena = arena,
                        .scratch = ARENA_INIT(SCRATCH),
                        .out = {.status = inventory->status,
                                .extent = report_extent_of(inventory->status, &inventory->os, &inventory->packages)}};
    if (store_begin(db->store, false, &j.txn, e))
        return -1;
    int rc = judge_all(&j, e);
    store_abort(j.txn);
    arena_done(&j.scratch);
    if (rc)
        return -1;
    *ret = j.out;
    return 0;
}

/* ---- what it comes to ---- */

struct image_state assessment_state(const struct assessment *a, const struct inventory *inventory, struct policy policy,
                                    int64_t now_ms, struct arena *arena)
{
    struct image_state state;
    struct known_image k = {
        .has_inventory = true,
        .has_findings = true,
        .inventory_status = a->status,
        .inventory_reasons = a->reasons,
        .inventory_notes = inventory->notes,
        .os = inventory->os,
        .packages = inventory->packages,
        .findings = {.ecosystem = inventory->os.ecosystem, .findings = a->findings},
        .knowledge = a->known,
        .policy = policy,
        .now_ms = now_ms,
    };
    if (a->extent == REPORT_NOT_ASSESSED)
        return (struct image_state){.code = ASSESSED_UNVERIFIED, .why = a->not_assessed, .counts = FINDING_COUNTS_INIT};
    for (size_t i = 0; i < inventory->packages.n; i++)
        k.findings.packages += policy_held_against(&inventory->packages.v[i]);
    assess_state(&k, arena, &state);
    return state;
}

/* ---- what is asked for ---- */

static bool left_out(const struct assessment_filter *filter, const struct finding *f)
{
    return (filter->severities && !(filter->severities >> f->severity & 1)) ||
           (filter->only_fixed && !finding_fixable(f) && f->kind != ADVISORY_MALICIOUS);
}

void assessment_filter(struct assessment *a, const struct assessment_filter *filter, struct arena *arena)
{
    size_t n = 0;
    for (size_t i = 0; i < a->findings.n; i++) {
        const struct finding *f = &a->findings.v[i];
        struct finding *out = left_out(filter, f) ? VEC_ADD(arena, &a->filtered) : NULL;
        if (out) {
            *out = *f;
            continue;
        }
        a->findings.v[n] = *f; /* rather shown than lost, where there is no room */
        a->known[n++] = a->known[i];
    }
    a->findings.n = n;
}
