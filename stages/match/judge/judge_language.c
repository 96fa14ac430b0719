/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge_language.c: packages of an ecosystem of their own, of a language mostly. Several publishers (GHSA, PYSEC, RUSTSEC,
 * GO, MAL …) tell of one vulnerability there under ids of their own and name each other's: "(language)" in judge.h.
 */
#include "match/judge/judge_internal.h"

#include "model/severity/severity.h"

#define IDS_MAX 256 /* of one finding that are kept */

/* What an advisory is known by, its own id or an alias. `of` names its closure once that is known. */
struct known_id {
    struct slice id;
    size_t of;
};
typedef VEC(struct known_id) known_id_vec;

/* The opinions about one thing, and its ids, sorted. */
struct closure {
    const struct opinion **v;
    size_t n;
    const struct known_id *ids;
    size_t ids_n;
};

/* ---- versions that are not known ---- */

/* Composer's branches: "dev-main", "2.x-dev". What was last committed to them when it was installed is not said. */
static bool is_branch(const struct package *p)
{
    return p->type == PKG_COMPOSER &&
           (slice_starts(p->version, SLICE("dev-")) || slice_ends(p->version, SLICE("-dev")));
}

static bool version_known(const struct judge *j)
{
    const struct package *p = j->package;
    return p->version.n && !p->not_judged.text.n && !is_branch(p) &&
           (version_valid(j->version_kind, p->version, NULL) || version_orderable(j->version_kind, p->version, NULL));
}

/* Whether it says that no version is without it: "introduced: 0" and nothing more. */
static bool of_all_versions(const struct advisory *a)
{
    bool all = a->ranges.n > 0;
    for (size_t i = 0; i < a->ranges.n; i++) {
        const struct version_range *r = &a->ranges.v[i];
        all &= !r->fixed.n && !r->last_affected.n && (!r->introduced.n || slice_eq_str(r->introduced, "0"));
    }
    return all;
}

static bool lists(const struct advisory *a, struct slice version)
{
    for (size_t i = 0; version.n && i < a->versions.n; i++)
        if (slice_eq(a->versions.v[i], version))
            return true;
    return false;
}

/* Without a version that orders, only what names it or speaks of all versions is heard. */
static void form_without_version(struct judge *j, struct opinion *o)
{
    const struct advisory *a = o->advisory;
    if (a->verdict == VERDICT_NOT_AFFECTED)
        return;
    if (lists(a, o->version)) {
        o->kind = OPINION_HIT;
    } else if (of_all_versions(a)) {
        o->kind = OPINION_HIT;
        o->range = &a->ranges.v[0];
    } else {
        j->unknown++;
    }
}

static int form_opinions(struct judge *j, struct opinion *v, size_t n, struct err *e)
{
    const struct package *p = j->package;
    const bool known = version_known(j);
    for (size_t i = 0; i < n; i++)
        if (!known)
            form_without_version(j, &v[i]);
        else if (judge_form_opinion(j, &v[i], e) < 0)
            return -1;
    if (!j->unknown)
        return 0;
    return judge_reason(
        j, e, REASON_VERSION_UNKNOWN,
        "%s %.*s: which version it is is not known (%.*s), and %zu advisor%s could not be held against it",
        package_type_names[p->type], SLICE_FMT(slice_sub(j->own_name, 0, 200)),
        SLICE_FMT(p->version.n ? slice_sub(p->version, 0, 200) : SLICE("none is named")), j->unknown,
        j->unknown == 1 ? "y" : "ies");
}

/* ---- which advisories are about one thing ---- */

static bool add_id(struct judge *j, known_id_vec *v, struct slice id, size_t of)
{
    struct known_id *k = id.n ? VEC_ADD(j->arena, v) : NULL;
    if (k)
        *k = (struct known_id){id, of};
    return k || !id.n;
}

static bool add_ids(struct judge *j, known_id_vec *v, const struct advisory *a, size_t of)
{
    bool fits = add_id(j, v, a->id, of);
    for (size_t i = 0; i < a->cves.n; i++)
        fits &= add_id(j, v, a->cves.v[i], of);
    for (size_t i = 0; i < a->aliases.n; i++)
        fits &= add_id(j, v, a->aliases.v[i], of);
    return fits;
}

static int by_id(const void *a, const void *b)
{
    const struct known_id *x = a, *y = b;
    int c = slice_cmp(x->id, y->id);
    return c ? c : (x->of > y->of) - (x->of < y->of);
}

static int by_closure(const void *a, const void *b)
{
    const struct known_id *x = a, *y = b;
    int c = (x->of > y->of) - (x->of < y->of);
    return c ? c : slice_cmp(x->id, y->id);
}

/* first: of each opinion another that is about the same; the first of all is its own. */
static size_t first_of(size_t *first, size_t i)
{
    while (first[i] != i)
        i = first[i] = first[first[i]];
    return i;
}

static void join(size_t *first, size_t a, size_t b)
{
    a = first_of(first, a);
    b = first_of(first, b);
    first[MAX(a, b)] = MIN(a, b);
}

/* Two that share an id are about one thing, and so are all that are about the same as one of them. ids: by closure. */
static size_t *close_over(struct judge *j, const struct opinion *v, size_t n, known_id_vec *ids)
{
    size_t *first = arena_alloc(j->arena, (n + 1) * sizeof *first);
    for (size_t i = 0; first && i < n; i++) {
        first[i] = i;
        if (!add_ids(j, ids, v[i].advisory, i))
            return NULL;
    }
    if (!first || !ids->n)
        return first;
    qsort(ids->v, ids->n, sizeof *ids->v, by_id);
    for (size_t i = 1; i < ids->n; i++)
        if (slice_eq(ids->v[i - 1].id, ids->v[i].id))
            join(first, ids->v[i - 1].of, ids->v[i].of);
    for (size_t i = 0; i < ids->n; i++)
        ids->v[i].of = first_of(first, ids->v[i].of);
    qsort(ids->v, ids->n, sizeof *ids->v, by_closure);
    return first;
}

/* ---- the ids of one thing ---- */

/* Which kind of id a finding stands under: a CVE's first, since what is known of exploitation stands there. */
static int id_rank(struct slice id)
{
    static const char *const starts[] = {"CVE-", "MAL-", "GHSA-"};
    size_t i = 0;
    while (i < ARRAY_LEN(starts) && !slice_starts(id, slice_str(starts[i])))
        i++;
    return (int)i;
}

/* Of several CVEs the one with the lowest number: CVE-2021-9999 goes before CVE-2021-10000. */
static int key_order(struct slice a, struct slice b)
{
    int c = id_rank(a) - id_rank(b);
    if (!c && !id_rank(a) && slice_eq(slice_sub(a, 0, 9), slice_sub(b, 0, 9)) && a.n != b.n)
        c = a.n < b.n ? -1 : 1;
    return c ? c : slice_cmp(a, b);
}

/* The id under which a closure is shown; all others, sorted. */
static bool ids_of(struct judge *j, const struct closure *c, struct slice *ret_key, slice_vec *ret_others)
{
    *ret_key = c->ids[0].id;
    for (size_t i = 1; i < c->ids_n; i++)
        if (key_order(c->ids[i].id, *ret_key) < 0)
            *ret_key = c->ids[i].id;
    for (size_t i = 0; i < c->ids_n && ret_others->n < IDS_MAX; i++) {
        struct slice id = c->ids[i].id;
        if (!slice_eq(id, *ret_key) && (!i || !slice_eq(c->ids[i - 1].id, id)) &&
            !slice_vec_add(j->arena, ret_others, id))
            return false;
    }
    return true;
}

/* ---- one finding ---- */

/* Open: from some version on, and nobody says until which. */
static bool is_open(const struct opinion *o)
{
    return o->range && !o->range->fixed.n && !o->range->last_affected.n;
}

static bool names_fix(const struct opinion *o)
{
    for (size_t i = 0; i < o->advisory->ranges.n; i++)
        if (o->advisory->ranges.v[i].fixed.n)
            return true;
    return false;
}

/*
 * Who knows of a fix decides where others only say that every version is affected: they were written before there was
 * one. That a package is malicious is nothing that another advisory takes back.
 */
static bool cast(struct judge *j, const struct closure *c, struct slice key, vote_vec *votes)
{
    bool fix_known = false;
    for (size_t i = 0; i < c->n; i++)
        fix_known |= names_fix(c->v[i]);
    for (size_t i = 0; i < c->n; i++) {
        struct vote *to = VEC_ADD(j->arena, votes);
        bool weak = fix_known && is_open(c->v[i]) && c->v[i]->advisory->kind != ADVISORY_MALICIOUS;
        if (!to)
            return false;
        *to = (struct vote){key, c->v[i], !weak};
    }
    qsort(votes->v, votes->n, sizeof *votes->v, judge_vote_order);
    return true;
}

static enum advisory_kind kind_of(const vote_vec *votes)
{
    bool notice = true, malicious = false;
    for (size_t i = 0; i < votes->n; i++) {
        const struct opinion *o = votes->v[i].opinion;
        notice &= o->kind != OPINION_HIT || o->advisory->kind == ADVISORY_NOTICE;
        malicious |= o->kind == OPINION_HIT && o->advisory->kind == ADVISORY_MALICIOUS;
    }
    return malicious ? ADVISORY_MALICIOUS : notice ? ADVISORY_NOTICE : ADVISORY_VULNERABILITY;
}

/* Where none that affects says how bad it is, another that is about the same thing may. */
static void borrow_severity(struct finding *f, const vote_vec *votes)
{
    struct severity_choice best = {0};
    for (size_t i = 0; i < votes->n; i++)
        best = severity_better(best, severity_of_advisory(votes->v[i].opinion->advisory));
    if (f->severity == SEVERITY_UNKNOWN || severity_score_is_general(f->severity_source)) {
        if (best.severity == SEVERITY_UNKNOWN)
            return;
        f->severity = best.severity;
        f->severity_source = best.source;
    }
}

static bool complete(struct judge *j, struct finding *f, const vote_vec *votes, slice_vec *others)
{
    f->aliases = *others;
    f->kind = kind_of(votes);
    borrow_severity(f, votes);
    if (f->kind == ADVISORY_MALICIOUS) {
        f->severity = SEVERITY_CRITICAL;
        f->severity_source = SLICE("malicious package");
    }
    for (size_t i = 0; i < votes->n; i++) {
        const struct opinion *o = votes->v[i].opinion;
        for (size_t k = 0; o->kind == OPINION_HIT && k < o->advisory->symbols.n; k++)
            if (!slice_vec_add(j->arena, &f->symbols, o->advisory->symbols.v[k]))
                return false;
    }
    slice_vec_sort(&f->symbols);
    return true;
}

static int decide_closure(struct judge *j, const struct closure *c, struct err *e)
{
    vote_vec votes = {0};
    slice_vec others = {0};
    struct slice key;
    const size_t before = j->out->n;
    bool hit = false;
    for (size_t i = 0; i < c->n; i++)
        hit |= c->v[i]->kind == OPINION_HIT;
    if (!hit || !c->ids_n)
        return 0;
    if (!ids_of(j, c, &key, &others) || !cast(j, c, key, &votes))
        return judge_full(j, e);
    if (judge_group(j, votes.v, votes.n, e))
        return -1;
    return j->out->n == before || complete(j, &j->out->v[before], &votes, &others) ? 0 : judge_full(j, e);
}

/* The opinions sorted by closure; within one as they were. */
static const struct opinion **in_closures(struct judge *j, const struct opinion *v, size_t n, size_t *first,
                                          size_t *ret_sizes)
{
    const struct opinion **sorted = arena_alloc(j->arena, (n + 1) * sizeof *sorted);
    size_t *at = arena_alloc(j->arena, (n + 1) * sizeof *at), sum = 0;
    if (!sorted || !at)
        return NULL;
    for (size_t i = 0; i < n; i++)
        ret_sizes[first_of(first, i)]++;
    for (size_t i = 0; i < n; i++) {
        at[i] = sum;
        sum += ret_sizes[i];
    }
    for (size_t i = 0; i < n; i++)
        sorted[at[first_of(first, i)]++] = &v[i];
    return sorted;
}

static int decide_all(struct judge *j, const struct opinion *v, size_t n, struct err *e)
{
    known_id_vec ids = {0};
    size_t *first = close_over(j, v, n, &ids), *sizes = arena_zalloc(j->arena, (n + 1) * sizeof *sizes), id = 0;
    const struct opinion **sorted = first && sizes ? in_closures(j, v, n, first, sizes) : NULL;
    if (!sorted)
        return judge_full(j, e);
    for (size_t i = 0; i < n; i++) {
        struct closure c = {.v = sorted, .n = sizes[i], .ids = ids.v + id};
        while (id < ids.n && ids.v[id].of == i)
            id++, c.ids_n++;
        sorted += c.n;
        if (c.n && decide_closure(j, &c, e))
            return -1;
    }
    return 0;
}

static int decide(struct judge *j, struct opinion *v, size_t n, struct err *e)
{
    const size_t before = j->out->n;
    bool hit = false;
    if (form_opinions(j, v, n, e))
        return -1;
    for (size_t i = 0; i < n; i++)
        hit |= v[i].kind == OPINION_HIT;
    if (hit && decide_all(j, v, n, e))
        return -1;
    if (j->out->n > before)
        qsort(j->out->v + before, j->out->n - before, sizeof *j->out->v, judge_finding_order);
    return 0;
}

const struct judge_family judge_language = {.sourceless = true, .decide = decide};
