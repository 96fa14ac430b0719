/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/assess.h"

#include "base/clock.h"
#include "model/distro/distro.h"
#include "model/distro/eol.h"
#include "model/software.h"

/* ---- the state of an image ---- */

static void count(const struct known_image *k, struct finding_counts *c)
{
    *c = FINDING_COUNTS_INIT;
    for (size_t i = 0; i < k->findings.findings.n; i++)
        if (!k->exempted || !k->exempted[i])
            finding_counts_add(c, &k->policy, &k->findings.findings.v[i], k->knowledge ? &k->knowledge[i] : NULL);
}

/* The first package that may be vulnerable by what nobody could compare; NULL: there is none. */
static const struct package *first_hidden(const struct known_image *k)
{
    for (size_t i = 0; i < k->packages.n; i++) {
        const struct package *p = &k->packages.v[i];
        if (p->not_judged.text.n && reason_kinds[reason_code(p->not_judged)].hides)
            return p;
    }
    return NULL;
}

/* Nothing was found that counts. */
static void judge_empty(const struct known_image *k, struct arena *a, struct image_state *s)
{
    const struct distro *d = distro_by_id(k->os.id);
    bool nobodys =
        !k->findings.ecosystem.n && k->findings.packages > 0 && distro_judged(&k->os, &k->packages) != DISTRO_JUDGED;
    const struct package *hidden = k->findings.packages ? NULL : first_hidden(k);
    bool comparable = k->findings.ecosystem.n || (k->findings.packages > 0 && !nobodys);
    enum reason_code unknown = distro_published(d) ? REASON_RELEASE_UNKNOWN : REASON_SYSTEM_UNKNOWN;
    if (k->inventory_status == INVENTORY_PARTIAL || (k->findings.reasons.texts.n && comparable)) {
        s->code = ASSESSED_UNVERIFIED; /* not everything could be asked */
    } else if (nobodys && reasons_has(&k->inventory_notes, unknown)) {
        s->code = ASSESSED_UNVERIFIED;
        s->why = reason_make(unknown, reasons_text(&k->inventory_notes, unknown));
    } else if (nobodys) {
        s->code = ASSESSED_NOT_APPLICABLE;
        s->why = reason_make(REASON_NOBODY_PUBLISHES, SLICE("nobody publishes advisories for this operating system"));
    } else if (hidden) {
        s->code = ASSESSED_UNVERIFIED;
        s->why =
            reason_make(reason_code(hidden->not_judged),
                        arena_printf(a, "no package of it can be judged; the first is %.*s: %.*s",
                                     SLICE_FMT(slice_sub(hidden->name, 0, 200)), SLICE_FMT(hidden->not_judged.text)));
    } else if (!k->findings.packages) {
        s->code = ASSESSED_NOT_APPLICABLE;
        s->why =
            reason_make(REASON_NO_SYSTEM,
                        SLICE("no operating system and no library is in it, so that there are no packages to judge"));
    } else if (s->ended) {
        s->code = ASSESSED_UNVERIFIED;
        s->why = reason_make(REASON_END_OF_LIFE, eol_sentence(&k->os, k->now_ms, a));
    } else {
        s->code = ASSESSED_HEALTHY;
    }
}

static void judge_state(const struct known_image *k, struct arena *a, struct image_state *s)
{
    if (k->images.n && k->images.v[0].status != IMAGE_OK) {
        s->code = k->images.v[0].status == IMAGE_UNSUPPORTED ? ASSESSED_NOT_APPLICABLE : ASSESSED_UNVERIFIED;
        reasons_add_one(a, &s->reasons, k->images.v[0].reason);
        return;
    }
    if (!k->has_inventory) {
        s->code = ASSESSED_UNVERIFIED;
        if (k->images.n)
            reasons_add(a, &s->reasons, REASON_WAITS_FOR_LAYERS, SLICE("the image waits for its layers to be pulled"));
        else
            reasons_add(a, &s->reasons, REASON_NOT_WATCHED, SLICE("the image is in no registry that Careen watches"));
        return;
    }
    reasons_add_all(a, &s->reasons, &k->inventory_reasons);
    if (k->inventory_status == INVENTORY_FAILED || !k->has_findings) {
        s->code = ASSESSED_UNVERIFIED;
        if (!k->has_findings && k->inventory_status != INVENTORY_FAILED)
            reasons_add(a, &s->reasons, REASON_WAITS_FOR_MATCH, SLICE("the inventory waits to be matched"));
        return;
    }
    reasons_add_all(a, &s->reasons, &k->findings.reasons);
    reasons_add_all(a, &s->reasons, &k->inventory_notes);
    s->ended = eol_past(k->os.end_of_life, k->now_ms);
    count(k, &s->counts);
    if (s->counts.counted)
        s->code = ASSESSED_UNHEALTHY;
    else
        judge_empty(k, a, s);
}

void assess_state(const struct known_image *k, struct arena *a, struct image_state *ret)
{
    struct image_state s = {.counts = FINDING_COUNTS_INIT};
    judge_state(k, a, &s);
    bool by_findings = s.code == ASSESSED_HEALTHY || s.code == ASSESSED_UNHEALTHY;
    if (!by_findings && !s.why.text.n && s.reasons.texts.n)
        s.why = reasons_at(&s.reasons, 0);
    else if (s.why.text.n)
        reasons_add_one(a, &s.reasons, s.why);
    if (s.ended)
        reasons_add(a, &s.reasons, REASON_END_OF_LIFE, eol_sentence(&k->os, k->now_ms, a));
    struct slice unread = unread_text(&k->unread, true, a);
    if (unread.n)
        reasons_addf(a, &s.reasons, REASON_SOFTWARE_NOT_JUDGED, "seen and not judged: %.*s", SLICE_FMT(unread));
    reasons_sort(&s.reasons);
    *ret = s;
}

/* ---- recommendations ---- */

/* The reasons say so when a system is past its end of life. */
static void describe_end(const struct known_image *k, struct arena *a, struct recommendation *r)
{
    if (k->has_inventory && k->os.end_of_life.n && !r->ended)
        r->description = arena_printf(a, "%.*s The publisher of %.*s maintains it until %.*s and no longer.",
                                      SLICE_FMT(r->description), SLICE_FMT(k->os.name.n ? k->os.name : k->os.id),
                                      SLICE_FMT(k->os.end_of_life));
    else if (r->ended && r->code != ASSESSED_UNVERIFIED)
        r->description =
            arena_printf(a, "%.*s %.*s.", SLICE_FMT(r->description), SLICE_FMT(eol_sentence(&k->os, k->now_ms, a)));
}

/* "complete" and "healthy" speak of what is read: what was seen beside it is told with them. */
static void describe_unread(const struct known_image *k, struct arena *a, struct recommendation *r)
{
    struct slice text = unread_text(&k->unread, false, a);
    if (k->has_inventory && text.n)
        r->description =
            arena_printf(a, "%.*s Seen in it and not judged: %.*s.", SLICE_FMT(r->description), SLICE_FMT(text));
}

static void describe_unhealthy(const struct image_state *s, struct recommendation *r, struct arena *a, const char *what)
{
    const struct finding_counts *c = &s->counts;
    struct slice attack = c->malicious ? arena_printf(a, "%s carries %d malicious package%s. ", what, c->malicious,
                                                      c->malicious == 1 ? "" : "s")
                                       : SLICE("");
    struct slice more = c->subscription ? arena_printf(a, ", %d with a subscription", c->subscription) : SLICE("");
    r->description = arena_printf(
        a, "%.*s%s has %d known vulnerabilit%s (%d critical, %d high), %d of them with a fix%.*s.", SLICE_FMT(attack),
        what, c->findings, c->findings == 1 ? "y" : "ies", r->critical, r->high, c->fixable, SLICE_FMT(more));
    r->remediation =
        c->fixable ? SLICE("Build a new image with the fixed packages, push it, and run that one.")
        : c->subscription
            ? SLICE("The fixed packages are for subscribers of the publisher; subscribe, go to a release "
                    "that is still maintained, consider other packages, or exempt with a reason.")
            : SLICE("No fixed package is published yet; consider other packages, or exempt with a reason.");
}

static void describe_healthy(const struct image_state *s, struct recommendation *r, struct arena *a, const char *what)
{
    int32_t n = s->counts.findings;
    r->description = n ? arena_printf(a,
                                      "%s has no known vulnerabilities that count; %d %s known that %s not, by the "
                                      "settings unhealthy_from and unhealthy_unfixed.",
                                      what, n, n == 1 ? "is" : "are", n == 1 ? "does" : "do")
                       : arena_printf(a, "%s has no known vulnerabilities.", what);
}

static void describe(const struct known_image *k, const struct image_state *s, struct recommendation *r,
                     struct arena *a, const char *what)
{
    struct slice why = s->why.text.n ? s->why.text : SLICE("no reason is known");
    switch (r->code) {
    case ASSESSED_UNHEALTHY:
        describe_unhealthy(s, r, a, what);
        break;
    case ASSESSED_HEALTHY:
        describe_healthy(s, r, a, what);
        break;
    case ASSESSED_NOT_APPLICABLE:
        r->description = arena_printf(a, "%s can't be judged: %.*s.", what, SLICE_FMT(why));
        break;
    default:
        r->description = arena_printf(a, "%s is not assessed, or not in full: %.*s.", what, SLICE_FMT(why));
        break;
    }
    describe_unread(k, a, r);
    describe_end(k, a, r);
}

static struct recommendation common_of(const struct known_image *k, const struct image_state *s)
{
    const struct finding_counts *c = &s->counts;
    return (struct recommendation){
        .image_digest = k->digest,
        .code = s->code,
        .reasons = s->reasons,
        .critical = c->severity[SEVERITY_CRITICAL],
        .high = c->severity[SEVERITY_HIGH],
        .medium = c->severity[SEVERITY_MEDIUM],
        .low = c->severity[SEVERITY_LOW],
        .negligible = c->severity[SEVERITY_NEGLIGIBLE],
        .unknown = c->severity[SEVERITY_UNKNOWN],
        .counted = c->counted,
        .fixable = c->fixable,
        .fixable_with_subscription = c->subscription,
        .known_exploited = c->exploited,
        .exploit_public = c->exploit_public,
        .top_epss = c->top_epss,
        .end_of_life = k->has_inventory ? k->os.end_of_life : SLICE_NONE,
        .ended = s->ended,
    };
}

struct slice assess_resource_of_image(const struct known_image *k, const struct image *im, struct arena *a)
{
    return arena_printf(a, "%.*s/%.*s@%.*s", SLICE_FMT(im->registry), SLICE_FMT(im->repository), SLICE_FMT(k->digest));
}

struct slice assess_resource_of_workload(const struct known_image *k, const struct workload *w, struct arena *a)
{
    return arena_printf(a, "%.*s/%.*s/%.*s/%.*s@%.*s", SLICE_FMT(w->cluster), SLICE_FMT(w->ns), SLICE_FMT(w->owner),
                        SLICE_FMT(w->container), SLICE_FMT(k->digest));
}

/* What is true of only one use of the image. shaken: it is no longer certain that it is healthy. */
static struct image_state with_reason(const struct image_state *s, struct arena *a, struct reason reason, bool shaken)
{
    struct image_state own = *s;
    own.reasons = (struct reasons){0};
    reasons_add_all(a, &own.reasons, &s->reasons);
    reasons_add_one(a, &own.reasons, reason);
    reasons_sort(&own.reasons);
    if (shaken && own.code == ASSESSED_HEALTHY) {
        own.code = ASSESSED_UNVERIFIED;
        own.why = reason;
    }
    return own;
}

static struct image_state state_of_image(const struct image_state *s, const struct image *im, struct arena *a)
{
    char day[CLOCK_TEXT_MAX];
    if (!im->unwatched_ms)
        return *s;
    struct slice text = arena_printf(a,
                                     "the configuration does not name its repository since %.10s, so that nobody asks "
                                     "whether it is still there and what its tags are",
                                     clock_format(im->unwatched_ms, day));
    return with_reason(s, a, reason_make(REASON_REPOSITORY_NOT_WATCHED, text), true);
}

static struct image_state state_of_workload(const struct image_state *s, const struct known_image *k,
                                            const struct workload *w, struct arena *a)
{
    if (!w->platform_assumed || !k->images.n)
        return *s;
    const struct image *im = &k->images.v[0];
    struct slice text = arena_printf(a, "the platform of its node is not known; this is the image for %.*s/%.*s",
                                     SLICE_FMT(im->os), SLICE_FMT(im->architecture));
    return with_reason(s, a, reason_make(REASON_PLATFORM_ASSUMED, text), false);
}

static int recommendation_order(const void *x, const void *y)
{
    const struct recommendation *a = x, *b = y;
    return slice_cmp(a->resource_id, b->resource_id);
}

int assess_recommendations(const struct known_image *k, struct arena *a, recommendation_vec *ret, struct err *e)
{
    struct image_state state;
    assess_state(k, a, &state);
    for (size_t i = 0; i < k->images.n; i++) {
        const struct image *im = &k->images.v[i];
        const struct image_state own = state_of_image(&state, im, a);
        struct recommendation *r = VEC_ADD(a, ret);
        if (!r)
            break;
        *r = common_of(k, &own);
        r->assessment_key = SLICE(ASSESSMENT_REGISTRY_IMAGES);
        r->registry = im->registry;
        r->repository = im->repository;
        r->tags = im->tags;
        r->resource_id = assess_resource_of_image(k, im, a);
        describe(k, &own, r, a, "The image");
    }
    for (size_t i = 0; i < k->workloads.n; i++) {
        const struct workload *w = &k->workloads.v[i];
        const struct image_state own = state_of_workload(&state, k, w, a);
        struct recommendation *r = VEC_ADD(a, ret);
        if (!r)
            break;
        *r = common_of(k, &own);
        r->assessment_key = SLICE(ASSESSMENT_RUNNING_CONTAINERS);
        r->cluster = w->cluster;
        r->ns = w->ns;
        r->owner = w->owner;
        r->container = w->container;
        r->resource_id = assess_resource_of_workload(k, w, a);
        describe(k, &own, r, a, "The running container's image");
    }
    if (a->overflow)
        return err_set(e, ERR_POISON, 0, "image %.*s is used in too many places to be told", SLICE_FMT(k->digest));
    if (ret->n)
        qsort(ret->v, ret->n, sizeof *ret->v, recommendation_order);
    return 0;
}
