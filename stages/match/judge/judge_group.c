/* SPDX-License-Identifier: Apache-2.0 */
/* What several advisories about one vulnerability say together: rules 2 to 7 of judge.h. */
#include "match/judge/judge_family.h"
#include "match/judge/judge_internal.h"

#include "model/severity/severity.h"

/* The votes of one side, free or by subscription. */
struct side {
    const struct vote *votes; /* those that decide: all specific ones, else all */
    size_t n;
    bool hit, fixed;
    bool own_fix;     /* the build is past a fix of its own minor release */
    struct slice fix; /* the version that really fixes; absent when there is none */
    const struct opinion *fixer;
};

static int compare(const struct judge *j, const struct opinion *o, struct slice a, struct slice b)
{
    int c = 0;
    /* Both were compared before: ranges that can't be read gave no opinion. A stranger counts as equal. */
    return judge_compare(judge_order(j, o), a, VERSION_FIXED, b, &c, NULL) ? 0 : c;
}

static bool matched_alike(const struct opinion *a, const struct opinion *b)
{
    return a->source_name == b->source_name && a->module == b->module;
}

/* ---- minor releases ---- */

/* For which release a fix was made, seen from a version. Of modules no release gets fixes of its own. */
static enum judge_release release_of(const struct judge *j, const struct opinion *o, struct slice version,
                                     struct slice fix)
{
    return j->family->release && !o->module ? j->family->release(version, fix) : RELEASE_UNSAID;
}

/* Whether a version is at or past a fix of its own minor release that this one names. */
static bool past_own_fix(const struct judge *j, const struct opinion *o, struct slice version)
{
    const version_range_vec *ranges = &o->advisory->ranges;
    for (size_t i = 0; i < ranges->n; i++)
        if (ranges->v[i].fixed.n && release_of(j, o, version, ranges->v[i].fixed) == RELEASE_OWN &&
            compare(j, o, version, ranges->v[i].fixed) >= 0)
            return true;
    return false;
}

static bool of_other_release(enum judge_release r)
{
    return r == RELEASE_OTHER || r == RELEASE_OLDER;
}

/* Whether all fixes that it names are of other minor or major releases than a version. */
static bool of_other_releases(const struct judge *j, const struct opinion *o, struct slice version)
{
    const version_range_vec *ranges = &o->advisory->ranges;
    for (size_t i = 0; i < ranges->n; i++)
        if (!ranges->v[i].fixed.n || !of_other_release(release_of(j, o, version, ranges->v[i].fixed)))
            return false;
    return ranges->n > 0;
}

/* Which fix to tell of two: one of the build's own minor release, of no minor or a later one, of an older one. */
static int release_distance(const struct judge *j, const struct opinion *o, struct slice fix)
{
    enum judge_release r = release_of(j, o, o->version, fix);
    return r == RELEASE_OLDER ? 2 : r == RELEASE_OTHER;
}

/* ---- fixes ---- */

/* Whether no deciding advisory that was matched the same way calls this version affected. */
static bool really_fixes(const struct judge *j, const struct side *s, const struct opinion *by, struct slice version)
{
    const struct version_range *range;
    bool own = false;
    for (size_t i = 0; i < s->n && !own; i++)
        own = matched_alike(s->votes[i].opinion, by) && past_own_fix(j, s->votes[i].opinion, version);
    for (size_t i = 0; i < s->n; i++) {
        const struct opinion *o = s->votes[i].opinion;
        if (o->kind != OPINION_HIT || !matched_alike(o, by) || (own && of_other_releases(j, o, version)))
            continue;
        /* No version at all: all of them. */
        if ((!o->advisory->ranges.n && !o->advisory->versions.n) ||
            judge_affects(judge_order(j, o), o->advisory, version, &range, NULL))
            return false;
    }
    return true;
}

/* A package's version before its module's, a source's before a binary's, then the nearest and lowest. */
static bool better_fix(const struct judge *j, const struct side *s, const struct opinion *o, struct slice fix)
{
    if (s->fixer->module != o->module)
        return s->fixer->module;
    if (s->fixer->source_name != o->source_name)
        return o->source_name;
    int nearer = release_distance(j, s->fixer, s->fix) - release_distance(j, o, fix);
    return nearer ? nearer > 0 : compare(j, o, fix, s->fix) < 0;
}

static void consider_fixes(const struct judge *j, struct side *s, const struct opinion *o)
{
    const version_range_vec *ranges = &o->advisory->ranges;
    for (size_t i = 0; i < ranges->n; i++) {
        struct slice f = ranges->v[i].fixed;
        if (!f.n || compare(j, o, o->version, f) >= 0 || (s->fixer && !better_fix(j, s, o, f)))
            continue;
        if (really_fixes(j, s, o, f)) {
            s->fix = f;
            s->fixer = o;
        }
    }
}

static bool names_fix(const struct advisory *a)
{
    for (size_t i = 0; i < a->ranges.n; i++)
        if (a->ranges.v[i].fixed.n)
            return true;
    return false;
}

/*
 * A source that has no fix says nothing of a binary of its name that the same feed knows to be fixed, nor does a module
 * of a package with a fix of its own, nor another minor release's fix of a build that is past its own.
 */
static bool outdone(const struct judge *j, const struct side *s, const struct opinion *o)
{
    bool unfixed = o->source_name && !names_fix(o->advisory);
    if (s->own_fix && of_other_releases(j, o, o->version))
        return true;
    for (size_t i = 0; i < s->n && (unfixed || o->module); i++) {
        const struct opinion *by = s->votes[i].opinion;
        bool narrower = o->module ? !by->module : !by->source_name && !by->module;
        if (by->kind == OPINION_FIXED && narrower && slice_eq(by->advisory->feed, o->advisory->feed))
            return true;
    }
    return false;
}

static struct side side_of(const struct judge *j, const struct vote *votes, size_t n)
{
    struct side s = {.votes = votes, .n = n};
    size_t specific = 0;
    while (specific < n && votes[specific].specific)
        specific++;
    if (specific)
        s.n = specific;
    for (size_t i = 0; i < s.n; i++)
        s.own_fix |=
            votes[i].opinion->kind == OPINION_FIXED && past_own_fix(j, votes[i].opinion, votes[i].opinion->version);
    for (size_t i = 0; i < s.n; i++) {
        s.hit |= votes[i].opinion->kind == OPINION_HIT && !outdone(j, &s, votes[i].opinion);
        s.fixed |= votes[i].opinion->kind == OPINION_FIXED;
    }
    for (size_t i = 0; i < s.n && s.hit; i++)
        if (votes[i].opinion->kind == OPINION_HIT && !outdone(j, &s, votes[i].opinion))
            consider_fixes(j, &s, votes[i].opinion);
    return s;
}

/* ---- the finding ---- */

static enum verdict verdict_without_fix(const struct side *s)
{
    static const enum verdict order[] = {VERDICT_WONT_FIX, VERDICT_END_OF_LIFE, VERDICT_NEEDS_SUBSCRIPTION,
                                         VERDICT_AFFECTED};
    for (size_t k = 0; k < ARRAY_LEN(order); k++)
        for (size_t i = 0; i < s->n; i++)
            if (s->votes[i].opinion->kind == OPINION_HIT && s->votes[i].opinion->advisory->verdict == order[k])
                return order[k];
    return VERDICT_UNDER_INVESTIGATION;
}

static int source_order(const void *a, const void *b)
{
    const struct source_ref *x = a, *y = b;
    int c = slice_cmp(x->feed, y->feed);
    return c ? c : slice_cmp(x->advisory, y->advisory);
}

static int score_order(const void *a, const void *b)
{
    const struct score *x = a, *y = b;
    int c = slice_cmp(x->source, y->source);
    c = c ? c : slice_cmp(x->kind, y->kind);
    return c ? c : slice_cmp(x->vector, y->vector);
}

static bool add_scores(struct arena *a, score_vec *to, const score_vec *from)
{
    for (size_t i = 0; i < from->n; i++) {
        struct score *s = VEC_ADD(a, to);
        if (!s)
            return false;
        *s = from->v[i];
    }
    return true;
}

static void sort_unique(void *v, size_t *n, size_t size, int (*order)(const void *, const void *))
{
    uint8_t *p = v;
    size_t kept = 0;
    if (*n)
        qsort(v, *n, size, order);
    for (size_t i = 0; i < *n; i++)
        if (!kept || order(p + (kept - 1) * size, p + i * size))
            memmove(p + kept++ * size, p + i * size, size);
    *n = kept;
}

/* Sources, scores and severity of everyone that says affected. */
static bool add_voices(struct judge *j, struct finding *f, const struct vote *votes, size_t n)
{
    struct severity_choice best = {0};
    for (size_t i = 0; i < n; i++) {
        const struct advisory *a = votes[i].opinion->advisory;
        if (votes[i].opinion->kind != OPINION_HIT)
            continue;
        struct source_ref *s = VEC_ADD(j->arena, &f->sources);
        if (!s || !add_scores(j->arena, &f->scores, &a->scores))
            return false;
        *s = (struct source_ref){a->feed, a->id};
        best = severity_better(best, severity_of_advisory(a));
    }
    sort_unique(f->sources.v, &f->sources.n, sizeof *f->sources.v, source_order);
    sort_unique(f->scores.v, &f->scores.n, sizeof *f->scores.v, score_order);
    f->severity = best.severity;
    f->severity_source = best.source;
    return true;
}

/* Rule 7 where no advisory says how bad it is. */
static int look_up_severity(const struct judge *j, struct finding *f, struct err *e)
{
    score_vec known = {0};
    struct severity_choice choice;
    if (f->severity != SEVERITY_UNKNOWN || !j->source->scores)
        return 0;
    if (j->source->scores(j->source->arg, f->vulnerability, j->arena, &known, e))
        return -1;
    const struct score *s = severity_of_vulnerability(&known, &choice);
    struct score *to = s ? VEC_ADD(j->arena, &f->scores) : NULL;
    if (!s)
        return 0;
    if (!to)
        return judge_full(j, e);
    *to = *s;
    sort_unique(f->scores.v, &f->scores.n, sizeof *f->scores.v, score_order);
    f->severity = choice.severity;
    f->severity_source = choice.source;
    return 0;
}

/* What to cite for the fix: what its advisory cites, or the bulletin that names the same version. */
static struct slice reference(const struct judge *j, const struct side *s, const struct vote *votes, size_t n)
{
    if (s->fixer->advisory->fix_reference.n)
        return s->fixer->advisory->fix_reference;
    for (size_t i = 0; i < n; i++) {
        const struct opinion *o = votes[i].opinion;
        if (votes[i].specific || o->subscription != s->fixer->subscription || o->kind != OPINION_HIT)
            continue;
        for (size_t k = 0; k < o->advisory->ranges.n; k++)
            if (o->advisory->ranges.v[k].fixed.n && !compare(j, o, o->advisory->ranges.v[k].fixed, s->fix))
                return o->advisory->fix_reference.n ? o->advisory->fix_reference : o->advisory->id;
    }
    return SLICE_NONE;
}

static const struct opinion *first_hit(const struct side *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->votes[i].opinion->kind == OPINION_HIT)
            return s->votes[i].opinion;
    return NULL;
}

static int add_finding(struct judge *j, const struct vote *votes, size_t n, const struct side *by, bool subscription,
                       struct err *e)
{
    const struct package *p = j->package;
    struct finding *f = VEC_ADD(j->arena, j->out);
    if (!f)
        return judge_full(j, e);
    *f = (struct finding){.vulnerability = votes[0].vulnerability,
                          .type = p->type,
                          .scope = p->scope,
                          .certainty = p->certainty,
                          .ecosystem = j->ecosystem,
                          .ns = p->ns,
                          .package = p->name,
                          .version = p->version,
                          .architecture = p->architecture,
                          .source_name = p->source_name,
                          .source_version = p->source_version,
                          .location = p->location,
                          .evidence = p->evidence,
                          .parent = p->parent,
                          .why = p->why,
                          .owner = p->owner,
                          .layer = p->layer,
                          .fixed_version = by->fix,
                          .verdict = by->fixer ? by->fixer->advisory->verdict : verdict_without_fix(by)};
    const struct opinion *hit = first_hit(by);
    /* A build of a module, as "dnf module list" and its label spell it. */
    if (by->fixer && by->fixer->module)
        f->fixed_version = arena_printf(j->arena, "%.*s:%.*s", SLICE_FMT(by->fixer->name), SLICE_FMT(by->fix));
    if (by->fixer)
        f->fix_reference = reference(j, by, votes, n);
    else if (hit->by_updates)
        f->fixed_version = f->fix_reference = hit->advisory->fix_reference;
    if (subscription && by->fixer)
        f->verdict = VERDICT_NEEDS_SUBSCRIPTION;
    f->rule = judge_rule(j, by->fixer ? by->fixer : hit);
    return f->rule.p && add_voices(j, f, votes, n) ? look_up_severity(j, f, e) : judge_full(j, e);
}

/* Votes are sorted by rank, the most specific first: leaves those of the first rank that says anything. */
static void hear(const struct vote **votes, size_t *n)
{
    for (size_t from = 0, to; from < *n; from = to) {
        bool says = false;
        for (to = from; to < *n && (*votes)[to].opinion->rank == (*votes)[from].opinion->rank; to++)
            says |= (*votes)[to].opinion->kind != OPINION_NONE;
        if (says || to == *n) {
            *votes += from;
            *n = to - from;
            return;
        }
    }
}

static int narrowness(const struct opinion *o)
{
    return o->module ? 0 : o->source_name ? 1 : 2;
}

/* "Not affected", and the same feed doesn't say otherwise by a narrower name. */
static bool denies(const struct vote *votes, size_t n, const struct opinion *o)
{
    for (size_t i = 0; i < n && o->kind == OPINION_NOT_AFFECTED; i++) {
        const struct opinion *by = votes[i].opinion;
        if ((by->kind == OPINION_HIT || by->kind == OPINION_FIXED) && narrowness(by) > narrowness(o) &&
            slice_eq(by->advisory->feed, o->advisory->feed))
            return false;
    }
    return o->kind == OPINION_NOT_AFFECTED;
}

int judge_group(struct judge *j, const struct vote *votes, size_t n, struct err *e)
{
    size_t free_n = 0;
    hear(&votes, &n);
    for (size_t i = 0; i < n; i++) {
        if (denies(votes, n, votes[i].opinion))
            return 0;
        free_n += !votes[i].opinion->subscription;
    }
    struct side unpaid = side_of(j, votes, free_n), paid = side_of(j, votes + free_n, n - free_n);
    if ((unpaid.fixed && !unpaid.hit) || (paid.fixed && !paid.hit) || (!unpaid.hit && !paid.hit))
        return 0;
    if (unpaid.hit && (unpaid.fixer || !paid.fixer))
        return add_finding(j, votes, n, &unpaid, false, e);
    return add_finding(j, votes, n, &paid, true, e);
}

int judge_finding_order(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    int c = slice_cmp(x->vulnerability, y->vulnerability);
    c = c ? c : (int)x->type - (int)y->type;
    c = c ? c : slice_cmp(x->ns, y->ns);
    c = c ? c : slice_cmp(x->package, y->package);
    c = c ? c : slice_cmp(x->version, y->version);
    c = c ? c : slice_cmp(x->architecture, y->architecture);
    c = c ? c : slice_cmp(x->location, y->location);
    return c ? c : slice_cmp(x->layer, y->layer);
}
