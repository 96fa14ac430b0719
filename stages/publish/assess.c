/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/assess.h"

#include "base/hash.h"
#include "io/store.h"
#include "model/distro.h"

/* ---- recommendations ---- */

/* *ret_subscribers: those whose fix is published to subscribers only. */
static void count(struct recommendation *r, const struct known_image *k, int32_t *ret_subscribers)
{
    for (size_t i = 0; i < k->findings.findings.n; i++) {
        const struct finding *f = &k->findings.findings.v[i];
        const struct vulnerability *v = &k->knowledge[i];
        if (k->exempted && k->exempted[i])
            continue;
        switch (f->severity) {
        case SEVERITY_CRITICAL:
            r->critical++;
            break;
        case SEVERITY_HIGH:
            r->high++;
            break;
        case SEVERITY_MEDIUM:
            r->medium++;
            break;
        case SEVERITY_LOW:
        case SEVERITY_NEGLIGIBLE:
            r->low++;
            break;
        default:
            r->unknown++;
            break;
        }
        r->fixable += f->fixed_version.n && f->verdict != VERDICT_NEEDS_SUBSCRIPTION;
        *ret_subscribers += f->verdict == VERDICT_NEEDS_SUBSCRIPTION;
        if (!v->id.n)
            continue;
        r->known_exploited += v->kev;
        r->exploit_public += v->exploits.n > 0;
        if (v->epss > r->top_epss)
            r->top_epss = v->epss;
    }
}

static int32_t total(const struct recommendation *r)
{
    return r->critical + r->high + r->medium + r->low + r->unknown;
}

/* The first of the sentences that begins so; SLICE_NONE: none. */
static struct slice sentence(const slice_vec *v, struct slice beginning)
{
    for (size_t i = 0; i < v->n; i++)
        if (slice_starts(v->v[i], beginning))
            return v->v[i];
    return SLICE_NONE;
}

/* Nothing was found. */
static void judge_empty(const struct known_image *k, struct recommendation *r, struct slice *why)
{
    const struct distro *d = distro_by_id(k->os.id);
    bool nobodys = !k->findings.ecosystem.n && k->findings.packages > 0;
    struct slice unknown = !nobodys              ? SLICE_NONE
                           : distro_published(d) ? sentence(&k->inventory_notes, SLICE("no advisories for "))
                                                 : sentence(&k->inventory_notes, SLICE(DISTRO_NOT_KNOWN));
    if (k->inventory_status == INVENTORY_PARTIAL || (k->findings.reasons.n && k->findings.ecosystem.n)) {
        r->code = ASSESSED_UNVERIFIED; /* not everything could be asked */
    } else if (unknown.n) {
        r->code = ASSESSED_UNVERIFIED;
        *why = unknown;
    } else if (nobodys) {
        r->code = ASSESSED_NOT_APPLICABLE;
        *why = SLICE("nobody publishes advisories for this operating system");
    } else if (!k->findings.packages) {
        r->code = ASSESSED_NOT_APPLICABLE;
        *why = SLICE("no operating system is in it, so that there are no packages to judge");
    } else {
        r->code = ASSESSED_HEALTHY;
    }
}

/* What all resources of the image have in common. */
struct state {
    struct recommendation r;
    struct slice why;    /* the reason that decided, if one did */
    int32_t subscribers; /* findings whose fix is published to subscribers only */
};

static void judge_state(const struct known_image *k, struct arena *a, struct state *s)
{
    struct recommendation *r = &s->r;
    if (k->images.n && k->images.v[0].status != IMAGE_OK) {
        r->code = k->images.v[0].status == IMAGE_UNSUPPORTED ? ASSESSED_NOT_APPLICABLE : ASSESSED_UNVERIFIED;
        slice_vec_add(a, &r->reasons, k->images.v[0].reason);
        return;
    }
    if (!k->has_inventory) {
        r->code = ASSESSED_UNVERIFIED;
        slice_vec_add(a, &r->reasons,
                      k->images.n ? SLICE("the image waits for its layers to be pulled")
                                  : SLICE("the image is in no registry that Careen watches"));
        return;
    }
    for (size_t i = 0; i < k->inventory_reasons.n; i++)
        slice_vec_add(a, &r->reasons, k->inventory_reasons.v[i]);
    if (k->inventory_status == INVENTORY_FAILED || !k->has_findings) {
        r->code = ASSESSED_UNVERIFIED;
        if (!k->has_findings && k->inventory_status != INVENTORY_FAILED)
            slice_vec_add(a, &r->reasons, SLICE("the inventory waits to be matched"));
        return;
    }
    for (size_t i = 0; i < k->findings.reasons.n; i++)
        slice_vec_add(a, &r->reasons, k->findings.reasons.v[i]);
    for (size_t i = 0; i < k->inventory_notes.n; i++)
        slice_vec_add(a, &r->reasons, k->inventory_notes.v[i]);
    count(r, k, &s->subscribers);
    if (total(r) > 0)
        r->code = ASSESSED_UNHEALTHY;
    else
        judge_empty(k, r, &s->why);
}

/* The date and not whether it is past: a recommendation is a function of what is known, not of the day. */
static void describe_end(const struct known_image *k, struct arena *a, struct recommendation *r)
{
    if (k->has_inventory && k->os.end_of_life.n)
        r->description = arena_printf(a, "%.*s The publisher of %.*s maintains it until %.*s and no longer.",
                                      SLICE_FMT(r->description), SLICE_FMT(k->os.name.n ? k->os.name : k->os.id),
                                      SLICE_FMT(k->os.end_of_life));
}

static void describe_unhealthy(const struct state *s, struct recommendation *r, struct arena *a, const char *what)
{
    struct slice more = s->subscribers ? arena_printf(a, ", %d with a subscription", s->subscribers) : SLICE("");
    r->description =
        arena_printf(a, "%s has %d known vulnerabilities (%d critical, %d high), %d of them with a fix%.*s.", what,
                     total(r), r->critical, r->high, r->fixable, SLICE_FMT(more));
    r->remediation =
        r->fixable ? SLICE("Build a new image with the fixed packages, push it, and run that one.")
        : s->subscribers
            ? SLICE("The fixed packages are for subscribers of the publisher; subscribe, go to a release "
                    "that is still maintained, consider other packages, or exempt with a reason.")
            : SLICE("No fixed package is published yet; consider other packages, or exempt with a reason.");
}

static void describe(const struct known_image *k, const struct state *s, struct recommendation *r, struct arena *a,
                     const char *what)
{
    struct slice why = s->why;
    switch (r->code) {
    case ASSESSED_UNHEALTHY:
        describe_unhealthy(s, r, a, what);
        break;
    case ASSESSED_HEALTHY:
        r->description = arena_printf(a, "%s has no known vulnerabilities.", what);
        break;
    case ASSESSED_NOT_APPLICABLE:
        r->description =
            arena_printf(a, "%s can't be judged: %.*s.", what, SLICE_FMT(why.n ? why : SLICE("no reason is known")));
        break;
    default:
        r->description = arena_printf(a, "%s is not assessed, or not in full: %.*s.", what,
                                      SLICE_FMT(why.n ? why : SLICE("no reason is known")));
        break;
    }
    describe_end(k, a, r);
}

static int recommendation_order(const void *x, const void *y)
{
    const struct recommendation *a = x, *b = y;
    return slice_cmp(a->resource_id, b->resource_id);
}

int assess_recommendations(const struct known_image *k, struct arena *a, recommendation_vec *ret, struct err *e)
{
    struct state state = {.r.image_digest = k->digest};
    judge_state(k, a, &state);
    if (state.why.n)
        slice_vec_add(a, &state.r.reasons, state.why);
    else if (state.r.reasons.n)
        state.why = state.r.reasons.v[0];
    slice_vec_sort(&state.r.reasons);
    for (size_t i = 0; i < k->images.n; i++) {
        const struct image *im = &k->images.v[i];
        struct recommendation *r = VEC_ADD(a, ret);
        if (!r)
            break;
        *r = state.r;
        r->assessment_key = SLICE(ASSESSMENT_REGISTRY_IMAGES);
        r->registry = im->registry;
        r->repository = im->repository;
        r->tags = im->tags;
        r->resource_id =
            arena_printf(a, "%.*s/%.*s@%.*s", SLICE_FMT(im->registry), SLICE_FMT(im->repository), SLICE_FMT(k->digest));
        describe(k, &state, r, a, "The image");
    }
    for (size_t i = 0; i < k->workloads.n; i++) {
        const struct workload *w = &k->workloads.v[i];
        struct recommendation *r = VEC_ADD(a, ret);
        if (!r)
            break;
        *r = state.r;
        r->assessment_key = SLICE(ASSESSMENT_RUNNING_CONTAINERS);
        r->cluster = w->cluster;
        r->ns = w->ns;
        r->owner = w->owner;
        r->container = w->container;
        r->resource_id = arena_printf(a, "%.*s/%.*s/%.*s/%.*s@%.*s", SLICE_FMT(w->cluster), SLICE_FMT(w->ns),
                                      SLICE_FMT(w->owner), SLICE_FMT(w->container), SLICE_FMT(k->digest));
        describe(k, &state, r, a, "The running container's image");
    }
    if (a->overflow)
        return err_set(e, ERR_POISON, 0, "image %.*s is used in too many places to be told", SLICE_FMT(k->digest));
    if (ret->n)
        qsort(ret->v, ret->n, sizeof *ret->v, recommendation_order);
    return 0;
}

/* ---- alerts ---- */

int told_order(const struct told *a, const struct told *b)
{
    int c = slice_cmp(a->vulnerability, b->vulnerability);
    if (!c)
        c = (a->type > b->type) - (a->type < b->type);
    if (!c)
        c = slice_cmp(a->package, b->package);
    if (!c)
        c = slice_cmp(a->version, b->version);
    if (!c)
        c = slice_cmp(a->architecture, b->architecture);
    return c ? c : slice_cmp(a->location, b->location);
}

static int told_order_void(const void *a, const void *b)
{
    return told_order(a, b);
}

static struct told told_of(const struct finding *f, const struct vulnerability *v)
{
    return (struct told){
        .vulnerability = f->vulnerability,
        .package = f->package,
        .version = f->version,
        .architecture = f->architecture,
        .location = f->location,
        .fixed_version = f->fixed_version,
        .type = f->type,
        .severity = f->severity,
        .verdict = f->verdict,
        .known_exploited = v->kev,
        .knowledge = v,
    };
}

static void resources(const struct known_image *k, struct arena *a, slice_vec *ret)
{
    for (size_t i = 0; i < k->images.n; i++)
        slice_vec_add(a, ret,
                      arena_printf(a, "%.*s/%.*s@%.*s", SLICE_FMT(k->images.v[i].registry),
                                   SLICE_FMT(k->images.v[i].repository), SLICE_FMT(k->digest)));
    for (size_t i = 0; i < k->workloads.n; i++) {
        const struct workload *w = &k->workloads.v[i];
        slice_vec_add(a, ret,
                      arena_printf(a, "%.*s/%.*s/%.*s/%.*s", SLICE_FMT(w->cluster), SLICE_FMT(w->ns),
                                   SLICE_FMT(w->owner), SLICE_FMT(w->container)));
    }
    slice_vec_sort(ret);
}

/*
 * An alert's id is a hash of what it says, so that the same thing told again, by whoever and after whatever was lost,
 * has the same id.
 */
static struct slice alert_id(struct arena *a, const struct alert *t)
{
    struct buf b = BUF_INIT(65536);
    const struct slice parts[] = {t->image_digest, t->vulnerability, t->package_type,  t->package,          t->version,
                                  t->architecture, t->location,      t->fixed_version, t->old_fixed_version};
    buf_add_byte(&b, (uint8_t)t->kind);
    buf_add_byte(&b, (uint8_t)t->severity);
    buf_add_byte(&b, (uint8_t)t->old_severity);
    buf_add_byte(&b, (uint8_t)t->verdict);
    buf_add_byte(&b, t->known_exploited);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        buf_add_prefixed(&b, parts[i]);
    struct hash128 h = hash128(buf_slice(&b));
    buf_done(&b);
    return arena_printf(a, "%016" PRIx64 "%016" PRIx64, key_get_u64(h.b), key_get_u64(h.b + 8));
}

static struct alert *add(const struct known_image *k, const struct told *now, const struct told *old,
                         enum alert_kind kind, struct arena *a, alert_vec *ret)
{
    const struct told *t = now ? now : old;
    struct alert *to = VEC_ADD(a, ret);
    if (!to)
        return NULL;
    to->kind = kind;
    to->image_digest = k->digest;
    to->vulnerability = t->vulnerability;
    to->package = t->package;
    to->version = t->version;
    to->architecture = t->architecture;
    to->location = t->location;
    to->package_type = slice_str(package_type_names[t->type]);
    to->severity = t->severity;
    to->verdict = t->verdict;
    to->fixed_version = t->fixed_version;
    to->known_exploited = t->known_exploited;
    if (kind == ALERT_CHANGED) {
        to->old_fixed_version = old->fixed_version;
        to->old_severity = old->severity;
    }
    return to;
}

static bool told_same(const struct told *a, const struct told *b)
{
    return slice_eq(a->fixed_version, b->fixed_version) && a->severity == b->severity && a->verdict == b->verdict &&
           a->known_exploited == b->known_exploited;
}

static int now_told(const struct known_image *k, struct arena *a, told_vec *now)
{
    bool used = k->images.n + k->workloads.n > 0;
    for (size_t i = 0; used && k->has_findings && i < k->findings.findings.n; i++) {
        if (k->exempted && k->exempted[i])
            continue;
        struct told *t = VEC_ADD(a, now);
        if (!t)
            return -1;
        *t = told_of(&k->findings.findings.v[i], &k->knowledge[i]);
    }
    if (now->n)
        qsort(now->v, now->n, sizeof *now->v, told_order_void);
    return 0;
}

int assess_alerts(const struct known_image *k, const told_vec *told, struct slice cause, int64_t at_ms, struct arena *a,
                  alert_vec *ret_alerts, told_vec *ret_told, struct err *e)
{
    told_vec now = {0};
    slice_vec where = {0};
    /* Findings that are not there yet, of an image that is, tell nothing new and take nothing back. */
    if (k->images.n + k->workloads.n && !k->has_findings) {
        *ret_told = *told;
        return 0;
    }
    now_told(k, a, &now);
    resources(k, a, &where);
    for (size_t i = 0, j = 0; i < now.n || j < told->n;) {
        const struct told *n = i < now.n ? &now.v[i] : NULL, *o = j < told->n ? &told->v[j] : NULL;
        int c = !n ? 1 : !o ? -1 : told_order(n, o);
        struct alert *t = NULL;
        i += c <= 0;
        j += c >= 0;
        if (c == 0 && told_same(n, o))
            continue;
        t = add(k, c <= 0 ? n : NULL, c >= 0 ? o : NULL,
                c < 0   ? ALERT_APPEARED
                : c > 0 ? ALERT_RESOLVED
                        : ALERT_CHANGED,
                a, ret_alerts);
        if (!t)
            break;
        t->resources = where;
        t->cause = cause;
        t->at_ms = at_ms;
        if (n && c <= 0 && n->knowledge->id.n) {
            t->exploit_public = n->knowledge->exploits.n > 0;
            t->epss = n->knowledge->epss;
        }
        t->id = alert_id(a, t);
    }
    if (a->overflow)
        return err_set(e, ERR_POISON, 0, "image %.*s has too many findings to be told at once", SLICE_FMT(k->digest));
    *ret_told = now;
    return 0;
}

/* ---- what was told, kept ---- */

int told_encode(const struct told *t, struct buf *out)
{
    const struct slice parts[] = {t->vulnerability, t->package,  t->version,
                                  t->architecture,  t->location, t->fixed_version};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        buf_add_prefixed(out, parts[i]);
    buf_add_byte(out, (uint8_t)t->type);
    buf_add_byte(out, (uint8_t)t->severity);
    buf_add_byte(out, (uint8_t)t->verdict);
    return buf_add_byte(out, t->known_exploited);
}

bool told_decode(struct slice bytes, struct told *ret)
{
    struct told t = {0};
    struct slice *const parts[] = {&t.vulnerability, &t.package,  &t.version,
                                   &t.architecture,  &t.location, &t.fixed_version};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (!slice_take_prefixed(&bytes, parts[i]))
            return false;
    if (bytes.n != 4 || bytes.p[0] >= PKG_TYPE_MAX || bytes.p[1] >= SEVERITY_MAX || bytes.p[2] >= VERDICT_MAX)
        return false;
    t.type = (enum package_type)bytes.p[0];
    t.severity = (enum severity)bytes.p[1];
    t.verdict = (enum verdict)bytes.p[2];
    t.known_exploited = bytes.p[3] != 0;
    *ret = t;
    return true;
}
