/* SPDX-License-Identifier: Apache-2.0 */
/* judge.c: what each advisory says of a package, and who is heard about each vulnerability. */
#include "match/judge/judge_family.h"
#include "match/judge/judge_internal.h"

#include "model/ecosystem/ecosystem.h"
#include "model/policy.h"

bool judge_same(const struct package *a, const struct package *b)
{
    return a->type == b->type && slice_eq(a->name, b->name) && slice_eq(a->version, b->version) &&
           slice_eq(a->ns, b->ns) && slice_eq(a->ecosystem, b->ecosystem) &&
           slice_eq(a->architecture, b->architecture) && slice_eq(a->source_name, b->source_name) &&
           slice_eq(a->source_version, b->source_version) && slice_eq(a->module, b->module) &&
           slice_eq(a->not_judged.text, b->not_judged.text) && slice_eq(a->not_judged.code, b->not_judged.code) &&
           policy_held_against(a) == policy_held_against(b) && slice_eq(a->updates, b->updates) &&
           !a->owner.n == !b->owner.n && a->source_unknown == b->source_unknown;
}

/* ---- one advisory ---- */

struct judge_order judge_order(const struct judge *j, const struct opinion *o)
{
    return (struct judge_order){j->family, j->version_kind, o->source_name};
}

int judge_compare(struct judge_order k, struct slice version, enum version_bound what, struct slice bound, int *ret_cmp,
                  struct err *e)
{
    if (k.family->comparable)
        k.family->comparable(k.source, &version, &bound);
    return version_against(k.kind, version, what, bound, ret_cmp, e);
}

static struct slice architecture_family(struct slice a)
{
    static const char *const same[][2] = {{"i386", "i686"}, {"i486", "i686"}, {"i586", "i686"}, {"athlon", "i686"}};
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        if (slice_eq_str(a, same[i][0]))
            return slice_str(same[i][1]);
    return a;
}

static bool of_any_machine(struct slice a)
{
    return slice_eq_str(a, "all") || slice_eq_str(a, "noarch") || slice_eq_str(a, "any") || slice_eq_str(a, "src");
}

/* Whether an advisory speaks of the package's machine. */
static bool same_machine(const struct package *p, const struct advisory *a)
{
    bool applies = !p->architecture.n || !a->architectures.n || of_any_machine(p->architecture);
    for (size_t i = 0; i < a->architectures.n && !applies; i++)
        applies = of_any_machine(a->architectures.v[i]) ||
                  slice_eq(architecture_family(a->architectures.v[i]), architecture_family(p->architecture));
    return applies;
}

/* Whether it speaks of programs that run on the package's system; most are limited to none. */
static bool same_system(const struct judge *j, const struct advisory *a)
{
    bool applies = !a->systems.n;
    for (size_t i = 0; i < a->systems.n && !applies; i++)
        applies = slice_eq_nocase(a->systems.v[i], j->platform);
    return applies;
}

int judge_full(const struct judge *j, struct err *e)
{
    return err_set(e, ERR_PARTIAL, 0, "package %.*s: its advisories take more than %zu bytes",
                   SLICE_FMT(slice_sub(j->package->name, 0, 100)), j->arena->max);
}

int judge_reason(struct judge *j, struct err *e, enum reason_code code, const char *fmt, ...)
{
    size_t n = j->reasons->texts.n - j->reasons_before;
    bool added;
    if (n > JUDGE_REASONS_MAX)
        return 0;
    if (n == JUDGE_REASONS_MAX) {
        added = reasons_addf(j->arena, j->reasons, REASON_MORE, "%s %.*s: more advisories can't be applied",
                             package_type_names[j->package->type], SLICE_FMT(slice_sub(j->package->name, 0, 100)));
    } else {
        va_list ap;
        va_start(ap, fmt);
        added = reasons_add(j->arena, j->reasons, code, arena_vprintf(j->arena, fmt, ap));
        va_end(ap);
    }
    return added ? 0 : judge_full(j, e);
}

static bool is_zero(struct slice v)
{
    return slice_eq(v, SLICE("0"));
}

int judge_in_range(struct judge_order k, const struct version_range *r, struct slice version, struct err *e)
{
    int c;
    if (is_zero(r->fixed))
        return 0;
    if (r->introduced.n && !is_zero(r->introduced)) {
        if (judge_compare(k, version, VERSION_INTRODUCED, r->introduced, &c, e))
            return -1;
        if (c < 0)
            return 0;
    }
    if (r->fixed.n) {
        if (judge_compare(k, version, VERSION_FIXED, r->fixed, &c, e))
            return -1;
        if (c >= 0)
            return 0;
    }
    if (r->last_affected.n) {
        if (judge_compare(k, version, VERSION_LAST_AFFECTED, r->last_affected, &c, e))
            return -1;
        if (c > 0)
            return 0;
    }
    return 1;
}

int judge_affects(struct judge_order k, const struct advisory *a, struct slice version,
                  const struct version_range **ret_range, struct err *e)
{
    int r, c;
    bool failed = false;
    struct err why = ERR_INIT;
    for (size_t i = 0; i < a->versions.n; i++) {
        if (slice_eq(a->versions.v[i], version) ||
            (!judge_compare(k, version, VERSION_LISTED, a->versions.v[i], &c, NULL) && !c)) {
            *ret_range = NULL;
            return 1;
        }
    }
    for (size_t i = 0; i < a->ranges.n; i++) {
        if ((r = judge_in_range(k, &a->ranges.v[i], version, &why)) == 1) {
            *ret_range = &a->ranges.v[i];
            return 1;
        }
        failed |= r < 0;
    }
    /* A range that can't be read does not hide one that holds, but without one nothing is known. */
    if (failed && e)
        *e = why;
    return failed ? -1 : 0;
}

static int past_fix(struct judge_order k, const struct advisory *a, struct slice version)
{
    int c;
    for (size_t i = 0; i < a->ranges.n; i++)
        if (a->ranges.v[i].fixed.n && !is_zero(a->ranges.v[i].fixed) &&
            !judge_compare(k, version, VERSION_FIXED, a->ranges.v[i].fixed, &c, NULL) && c >= 0)
            return 1;
    return 0;
}

static bool never_affected(const struct advisory *a)
{
    for (size_t i = 0; i < a->ranges.n; i++)
        if (is_zero(a->ranges.v[i].fixed))
            return true;
    return false;
}

int judge_form_opinion(struct judge *j, struct opinion *o, struct err *e)
{
    const struct advisory *a = o->advisory;
    struct judge_order order = judge_order(j, o);
    struct err why = ERR_INIT;
    int r = 1;
    if (o->by_updates)
        return 0;
    if (a->ranges.n || a->versions.n)
        r = judge_affects(order, a, o->version, &o->range, &why);
    else if (a->verdict == VERDICT_AFFECTED)
        r = err_set(&why, ERR_POISON, 0, "it names no version");
    if (r < 0) {
        r = judge_reason(j, e, REASON_ADVISORY_NOT_APPLICABLE, "%s %s %.*s %.*s: %.*s can't be applied: %s",
                         package_type_names[j->package->type], judge_matched(j, o),
                         SLICE_FMT(slice_sub(o->name, 0, 200)), SLICE_FMT(slice_sub(o->version, 0, 200)),
                         SLICE_FMT(slice_sub(a->id, 0, 200)), why.text);
        return r ? -1 : 1;
    }
    if (r)
        o->kind = a->verdict == VERDICT_NOT_AFFECTED ? OPINION_NOT_AFFECTED : OPINION_HIT;
    else if (a->verdict != VERDICT_NOT_AFFECTED && never_affected(a))
        o->kind = OPINION_NOT_AFFECTED;
    else if (a->verdict != VERDICT_NOT_AFFECTED && past_fix(order, a, o->version))
        o->kind = OPINION_FIXED;
    return 0;
}

/* ---- all advisories of a package ---- */

static bool has_bounds(const struct advisory *a)
{
    bool bounds = a->versions.n > 0;
    for (size_t i = 0; i < a->ranges.n; i++)
        bounds |= a->ranges.v[i].fixed.n || a->ranges.v[i].last_affected.n ||
                  (a->ranges.v[i].introduced.n && !is_zero(a->ranges.v[i].introduced));
    return bounds;
}

static struct slice source_version(const struct judge *j)
{
    const struct package *p = j->package;
    return j->family->source_version ? j->family->source_version(p, j->arena)
           : p->source_version.n     ? p->source_version
                                     : p->version;
}

/* What a module's advisory says of the package, whose label has the module's version. */
static int collect_of_module(struct judge *j, const struct judge_ecosystem *eco, struct slice name,
                             const advisory_vec *all, opinion_vec *out, struct err *e)
{
    struct slice module, version = SLICE_NONE;
    j->family->own_module(j->package, &module, &version);
    for (size_t i = 0; i < all->n; i++) {
        const struct advisory *a = &all->v[i];
        bool unknown = !version.n && has_bounds(a);
        j->version_unknown |= unknown;
        if (unknown || !same_machine(j->package, a))
            continue;
        struct opinion *o = VEC_ADD(j->arena, out);
        if (!o)
            return judge_full(j, e);
        *o = (struct opinion){.advisory = a,
                              .module = true,
                              .subscription = eco->subscription,
                              .rank = eco->rank,
                              .name = name,
                              .version = version};
    }
    return 0;
}

static int collect(struct judge *j, const struct advisory_source *source, const struct judge_ecosystem *eco,
                   struct slice name, opinion_vec *out, struct err *e)
{
    const struct package *p = j->package;
    advisory_vec all = {0};
    bool no_code = j->family->without_code && j->family->without_code(p), is_source = slice_eq(name, j->source_name),
         is_binary = slice_eq(name, j->own_name);
    if (source->lookup(source->arg, eco->name, name, j->arena, &all, e))
        return -1;
    if (!is_source && !is_binary)
        return collect_of_module(j, eco, name, &all, out, e);
    for (size_t i = 0; i < all.n; i++) {
        const struct advisory *a = &all.v[i];
        bool by_source = is_source && a->name_kind != NAME_BINARY && !no_code,
             by_binary = is_binary && a->name_kind != NAME_SOURCE;
        if ((!by_source && !by_binary) || !same_machine(p, a) || !same_system(j, a) ||
            (j->family->same_build && !j->family->same_build(p, a)))
            continue;
        enum judge_module module = j->family->module ? j->family->module(p, a) : judge_module_by_label(p, a);
        j->stream_unknown |= module == MODULE_UNSURE;
        if (module != MODULE_SAME)
            continue;
        struct opinion *o = VEC_ADD(j->arena, out);
        if (!o)
            return judge_full(j, e);
        *o = (struct opinion){.advisory = a,
                              .source_name = by_source,
                              .subscription = eco->subscription,
                              .rank = eco->rank,
                              .name = name,
                              .version = by_source ? source_version(j) : p->version};
        if (!o->version.p && p->version.p)
            return judge_full(j, e);
    }
    return 0;
}

static bool add_vote(struct judge *j, vote_vec *votes, struct slice vulnerability, const struct opinion *o,
                     bool specific)
{
    struct vote *v = VEC_ADD(j->arena, votes);
    if (v)
        *v = (struct vote){vulnerability, o, specific};
    return v != NULL;
}

/* Where votes without a CVE stand under an id that another opinion's advisory knows as its CVE's: that CVE. */
static struct slice known_as(const opinion_vec *opinions, struct slice id)
{
    for (size_t i = 0; i < opinions->n; i++) {
        const struct advisory *a = opinions->v[i].advisory;
        for (size_t k = 0; a->cves.n == 1 && k < a->aliases.n; k++)
            if (slice_eq(a->aliases.v[k], id))
                return a->cves.v[0];
    }
    return id;
}

static bool cast_votes(struct judge *j, const opinion_vec *opinions, const struct opinion *o, vote_vec *votes)
{
    const struct advisory *a = o->advisory;
    const slice_vec *ids = a->cves.n ? &a->cves : &a->aliases;
    size_t cast = 0;
    for (size_t i = 0; i < ids->n; i++) {
        if (!a->cves.n && !slice_starts(ids->v[i], SLICE("CVE-")))
            continue;
        if (!add_vote(j, votes, ids->v[i], o, slice_ends(a->id, ids->v[i])))
            return false;
        cast++;
    }
    return cast || add_vote(j, votes, known_as(opinions, a->id), o, true);
}

int judge_vote_order(const void *a, const void *b)
{
    const struct vote *x = a, *y = b;
    int c = slice_cmp(x->vulnerability, y->vulnerability);
    c = c ? c : y->opinion->rank - x->opinion->rank;
    c = c ? c : (int)x->opinion->subscription - (int)y->opinion->subscription;
    c = c ? c : (int)y->specific - (int)x->specific;
    c = c ? c : slice_cmp(x->opinion->advisory->id, y->opinion->advisory->id);
    c = c ? c : slice_cmp(x->opinion->advisory->feed, y->opinion->advisory->feed);
    c = c ? c : slice_cmp(x->opinion->advisory->ecosystem, y->opinion->advisory->ecosystem);
    return c ? c : slice_cmp(x->opinion->name, y->opinion->name);
}

static int decide(struct judge *j, opinion_vec *opinions, struct err *e)
{
    vote_vec votes = {0};
    struct err why = ERR_INIT;
    if (!opinions->n)
        return 0;
    struct slice version = opinions->v[0].module ? j->package->version : opinions->v[0].version;
    if (!version_valid(j->version_kind, version, &why))
        return judge_reason(j, e, REASON_VERSION_INVALID, "%s %.*s: %s: its advisories can't be applied",
                            package_type_names[j->package->type], SLICE_FMT(slice_sub(j->package->name, 0, 200)),
                            why.text);
    judge_form_by_updates(j, opinions);
    for (size_t i = 0; i < opinions->n; i++) {
        int r = judge_form_opinion(j, &opinions->v[i], e);
        if (r < 0 || (!r && !cast_votes(j, opinions, &opinions->v[i], &votes)))
            return r < 0 ? -1 : judge_full(j, e);
    }
    if (votes.n)
        qsort(votes.v, votes.n, sizeof *votes.v, judge_vote_order);
    for (size_t from = 0, to; from < votes.n; from = to) {
        for (to = from + 1; to < votes.n && slice_eq(votes.v[to].vulnerability, votes.v[from].vulnerability);)
            to++;
        if (judge_group(j, votes.v + from, judge_builds_first(j, votes.v + from, to - from), e))
            return -1;
    }
    if (j->unknown)
        return judge_reason(j, e, REASON_UPDATES_UNKNOWN,
                            "%s %.*s %.*s: %zu vulnerabilities are fixed by updates, and which of these are "
                            "installed is not known",
                            package_type_names[j->package->type], SLICE_FMT(slice_sub(j->package->name, 0, 200)),
                            SLICE_FMT(slice_sub(j->package->version, 0, 200)), j->unknown);
    return 0;
}

int judge_package(const struct os_info *os, const struct package *p, const struct advisory_source *source,
                  struct arena *arena, finding_vec *out, struct reasons *reasons, struct err *e)
{
    struct judge j = {.package = p,
                      .source = source,
                      .arena = arena,
                      .out = out,
                      .reasons = reasons,
                      .reasons_before = reasons->texts.n};
    struct judge_ecosystem ecosystems[JUDGE_ECOSYSTEMS_MAX];
    struct slice names[JUDGE_NAMES_MAX];
    opinion_vec opinions = {0};
    struct slice own = ecosystem_of_package(p, os), context = judge_context_of(p, os, arena);
    size_t ecosystems_n = judge_ecosystems(context, arena, ecosystems), names_n = judge_names(p, arena, names);
    bool apart = false;
    j.family = judge_family_of(p->type);
    j.platform = judge_system(os);
    if (j.family->ecosystems)
        ecosystems_n = j.family->ecosystems(p, arena, ecosystems, ecosystems_n, &apart);
    if (!policy_held_against(p))
        return 0;
    j.version_kind = ecosystem_of_type(p->type)->version;
    j.source_name = names[0];
    j.own_name = judge_own_name(p, arena);
    j.ecosystem = own;
    slice_take_token(&own, ';', &j.ecosystem);
    j.stream_unknown = j.family->module_unknown && j.family->module_unknown(p, j.ecosystem);
    for (size_t i = 0; i < ecosystems_n; i++)
        for (size_t k = 0; k < names_n; k++)
            if (!ecosystems[i].name.p)
                return judge_full(&j, e);
            else if (names[k].n && collect(&j, source, &ecosystems[i], names[k], &opinions, e))
                return -1;
    if (apart && !opinions.n)
        return judge_reason(&j, e, REASON_FIPS_BUILD,
                            "%s %.*s %.*s: a FIPS build, and no advisory of FIPS builds speaks of it",
                            package_type_names[p->type], SLICE_FMT(slice_sub(p->name, 0, 200)),
                            SLICE_FMT(slice_sub(p->version, 0, 200)));
    if (p->source_unknown && !opinions.n)
        return judge_reason(&j, e, REASON_SOURCE_UNKNOWN,
                            "%s %.*s: which source it was built from is not said, and advisories go by source",
                            package_type_names[p->type], SLICE_FMT(slice_sub(p->name, 0, 200)));
    if (opinions.n && !ecosystem_of_type(p->type)->ordered)
        return judge_reason(&j, e, REASON_VERSIONS_NOT_COMPARABLE,
                            "%s %.*s: versions of this kind of package can't be compared yet",
                            package_type_names[p->type], SLICE_FMT(slice_sub(p->name, 0, 200)));
    if (j.stream_unknown &&
        judge_reason(&j, e, REASON_MODULE_UNKNOWN,
                     "%s %.*s %.*s: it can't be told whether advisories of modules speak of its stream",
                     package_type_names[p->type], SLICE_FMT(slice_sub(p->name, 0, 200)),
                     SLICE_FMT(slice_sub(p->version, 0, 200))))
        return -1;
    if (j.version_unknown &&
        judge_reason(&j, e, REASON_MODULE_UNKNOWN,
                     "%s %.*s %.*s: which build of %.*s it is of is not known, and its advisories name that",
                     package_type_names[p->type], SLICE_FMT(slice_sub(p->name, 0, 200)),
                     SLICE_FMT(slice_sub(p->version, 0, 200)), SLICE_FMT(slice_sub(p->module, 0, 100))))
        return -1;
    return j.family->decide ? j.family->decide(&j, opinions.v, opinions.n, e) : decide(&j, &opinions, e);
}
