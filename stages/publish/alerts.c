/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/alerts.h"

#include "io/store/store.h"
#include "model/distro/distro.h"
#include "model/links.h"

#define TITLE_MAX 300

/* ---- findings, as told and as they are ---- */

/* A finding that is, with where it stands in the findings. */
struct present {
    struct told told;
    size_t at;
};

static int present_order(const void *a, const void *b)
{
    const struct present *x = a, *y = b;
    return told_order(&x->told, &y->told);
}

/* Everything the step works on. */
struct telling {
    const struct known_image *k;
    const struct told_image *told;
    struct arena *a;
    alert_vec *alerts;
    int64_t at_ms;
    VEC(struct present) present; /* not the exempted ones; sorted as what was told */
    told_place_vec places;       /* that use the image, sorted */
    slice_vec resources;         /* their names */
    bool first;                  /* nothing was told of it before */
};

static void add_present(struct telling *t)
{
    const struct known_image *k = t->k;
    for (size_t i = 0; i < k->findings.findings.n; i++) {
        const struct finding *f = &k->findings.findings.v[i];
        const struct vulnerability *v = &k->knowledge[i];
        /* A notice is nothing to be alarmed by. */
        bool silent = (k->exempted && k->exempted[i]) || f->kind == ADVISORY_NOTICE;
        struct present *to = silent ? NULL : VEC_ADD(t->a, &t->present);
        if (to)
            *to = (struct present){
                {
                    .vulnerability = f->vulnerability,
                    .ecosystem = f->ecosystem,
                    .ns = f->ns,
                    .parent = f->parent,
                    .package = f->package,
                    .version = f->version,
                    .architecture = f->architecture,
                    .location = f->location,
                    .fixed_version = f->fixed_version,
                    .type = f->type,
                    .severity = f->severity,
                    .verdict = f->verdict,
                    .malicious = f->kind == ADVISORY_MALICIOUS,
                    .known_exploited = v->kev,
                    .exploit_public = v->exploits.n > 0,
                    .there = true,
                },
                i,
            };
    }
    if (t->present.n)
        qsort(t->present.v, t->present.n, sizeof *t->present.v, present_order);
}

static int place_order(const void *a, const void *b)
{
    const struct told_place *x = a, *y = b;
    return slice_cmp(x->resource, y->resource);
}

static void add_place(struct telling *t, struct slice resource, bool workload)
{
    struct told_place *to = VEC_ADD(t->a, &t->places);
    if (to)
        *to = (struct told_place){.resource = resource, .workload = workload, .there = true};
}

static void add_places(struct telling *t)
{
    const struct known_image *k = t->k;
    for (size_t i = 0; i < k->images.n; i++)
        add_place(t, assess_resource_of_image(k, &k->images.v[i], t->a), false);
    for (size_t i = 0; i < k->workloads.n; i++)
        add_place(t, assess_resource_of_workload(k, &k->workloads.v[i], t->a), true);
    if (t->places.n)
        qsort(t->places.v, t->places.n, sizeof *t->places.v, place_order);
    for (size_t i = 0; i < t->places.n; i++)
        slice_vec_add(t->a, &t->resources, t->places.v[i].resource);
}

/* ---- why ---- */

struct why {
    enum alert_cause code;
    struct slice words;
};

static struct why why_new_image(const struct telling *t, const struct told_place *place)
{
    const struct known_image *k = t->k;
    struct slice where = place ? place->resource : k->digest;
    bool pushed = false;
    if (place && place->workload)
        return (struct why){ALERT_WORKLOAD_STARTED, arena_printf(t->a, "%.*s runs the image", SLICE_FMT(where))};
    /* A walk that finds an image nobody told of takes the finding for the push. */
    for (size_t i = 0; i < k->images.n && !pushed; i++)
        pushed = slice_eq(assess_resource_of_image(k, &k->images.v[i], t->a), where) && k->images.v[i].pushed_ms &&
                 k->images.v[i].pushed_ms != k->images.v[i].first_seen_ms;
    if (pushed)
        return (struct why){ALERT_IMAGE_PUSHED, arena_printf(t->a, "the image was pushed: %.*s", SLICE_FMT(where))};
    return (struct why){ALERT_IMAGE_FOUND, arena_printf(t->a, "the image was found: %.*s", SLICE_FMT(where))};
}

/* The first repository that holds it, else the first container that runs it. */
static const struct told_place *first_place(const struct telling *t)
{
    for (size_t i = 0; i < t->places.n; i++)
        if (!t->places.v[i].workload)
            return &t->places.v[i];
    return t->places.n ? &t->places.v[0] : NULL;
}

static struct why why_appeared(const struct telling *t)
{
    struct hash128 now;
    if (t->first)
        return why_new_image(t, first_place(t));
    if (!t->told->has_contents)
        return (struct why){ALERT_CAUSE_UNKNOWN,
                            SLICE("it is new since what was told last; what changed is not known, since the state of "
                                  "publish was lost in between")};
    now = told_contents_hash(t->k);
    if (memcmp(now.b, t->told->contents.b, sizeof now.b) != 0)
        return (struct why){ALERT_INVENTORY_CHANGED, SLICE("the inventory of the image changed")};
    return (struct why){ALERT_ADVISORY_CHANGED, SLICE("an advisory says now that this version is affected")};
}

static bool has_package(const struct known_image *k, const struct told *f)
{
    for (size_t i = 0; i < k->packages.n; i++) {
        const struct package *p = &k->packages.v[i];
        if (p->type == f->type && slice_eq(p->ns, f->ns) && slice_eq(p->name, f->package) &&
            slice_eq(p->version, f->version) && slice_eq(p->architecture, f->architecture) &&
            slice_eq(p->location, f->location))
            return true;
    }
    return false;
}

static bool is_exempted(const struct known_image *k, const struct told *f)
{
    for (size_t i = 0; k->exempted && i < k->findings.findings.n; i++) {
        const struct finding *x = &k->findings.findings.v[i];
        if (k->exempted[i] && slice_eq(x->vulnerability, f->vulnerability) && slice_eq(x->ns, f->ns) &&
            slice_eq(x->package, f->package) && slice_eq(x->version, f->version))
            return true;
    }
    return false;
}

static struct why why_resolved(const struct telling *t, const struct told *f)
{
    if (is_exempted(t->k, f))
        return (struct why){ALERT_EXEMPTED, SLICE("it is exempted")};
    if (!has_package(t->k, f))
        return (struct why){ALERT_INVENTORY_CHANGED, SLICE("the inventory of the image has the package no more")};
    return (struct why){ALERT_ADVISORY_CHANGED, SLICE("no advisory says any more that this version is affected")};
}

static struct why why_changed(const struct told *now, const struct told *old)
{
    if (now->known_exploited && !old->known_exploited)
        return (struct why){ALERT_EXPLOITED, SLICE("it is known to be exploited now")};
    if (now->exploit_public && !old->exploit_public)
        return (struct why){ALERT_EXPLOIT_PUBLISHED, SLICE("an exploit was published")};
    if (now->fixed_version.n && !old->fixed_version.n)
        return (struct why){ALERT_FIX_PUBLISHED, SLICE("a fixed version was published")};
    return (struct why){ALERT_ADVISORY_CHANGED, now->severity != old->severity ? SLICE("its severity changed")
                                                : now->verdict != old->verdict ? SLICE("its verdict changed")
                                                : !slice_eq(now->fixed_version, old->fixed_version)
                                                    ? SLICE("its fixed version changed")
                                                    : SLICE("what is known of its exploitation changed")};
}

static struct why why_place(const struct telling *t, const struct told_place *p, enum alert_kind kind)
{
    if (kind == ALERT_GONE)
        return p->workload
                   ? (struct why){ALERT_WORKLOAD_STOPPED,
                                  arena_printf(t->a, "%.*s runs the image no more", SLICE_FMT(p->resource))}
                   : (struct why){ALERT_IMAGE_DELETED, arena_printf(t->a, "%.*s is no more", SLICE_FMT(p->resource))};
    /* Places are told with the first finding: until then none was. */
    if (t->first || p->workload || !t->told->places.n)
        return why_new_image(t, p);
    return (struct why){ALERT_IMAGE_ADDED_TO_REPOSITORY,
                        arena_printf(t->a, "another repository has the image: %.*s", SLICE_FMT(p->resource))};
}

/* ---- alerts ---- */

/*
 * An alert's id is a hash of what it says, so that the same thing told again, by whoever and after whatever was lost,
 * has the same id; the sequence tells what happened again.
 */
static struct slice alert_id(struct arena *a, const struct alert *t, struct slice place)
{
    struct buf b = BUF_INIT((size_t)1 << 20);
    const struct slice parts[] = {t->image_digest, t->vulnerability, t->type,          t->package,           t->version,
                                  t->architecture, t->location,      t->fixed_version, t->old_fixed_version, place};
    buf_add_byte(&b, (uint8_t)t->kind);
    buf_add_byte(&b, (uint8_t)(told_alert_of_place(t->kind) ? 0 : t->severity));
    buf_add_byte(&b, (uint8_t)t->old_severity);
    buf_add_byte(&b, (uint8_t)t->verdict);
    buf_add_byte(&b, t->known_exploited);
    buf_add_u32(&b, (uint32_t)t->sequence);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        buf_add_prefixed(&b, parts[i]);
    if (t->ns.n) /* else the ids of alerts from before there were namespaces would change */
        buf_add_prefixed(&b, t->ns);
    struct hash128 h = hash128(buf_slice(&b));
    buf_done(&b);
    return arena_printf(a, "%016" PRIx64 "%016" PRIx64, key_get_u64(h.b), key_get_u64(h.b + 8));
}

static struct alert *add(struct telling *t, enum alert_kind kind, struct why why, int32_t sequence)
{
    struct alert *to = VEC_ADD(t->a, t->alerts);
    if (to)
        *to = (struct alert){
            .kind = kind,
            .image_digest = t->k->digest,
            .cause_code = why.code,
            .cause = why.words,
            .sequence = sequence,
            .resources = t->resources,
            .at_ms = t->at_ms,
            .epss = -1,
        };
    return to;
}

void alert_know(struct alert *t, const struct vulnerability *known, struct arena *a)
{
    t->link = link_of_vulnerability(t->vulnerability, known, a);
    if (!known->id.n)
        return;
    t->title = slice_sub(known->summary, 0, TITLE_MAX);
    t->epss = known->epss;
    t->kev_added = known->kev_added;
    t->kev_due = known->kev_due;
    if (t->kind == ALERT_RESOLVED && t->cause_code == ALERT_ADVISORY_CHANGED && known->withdrawn) {
        t->cause_code = ALERT_ADVISORY_WITHDRAWN;
        t->cause = SLICE("the vulnerability was withdrawn");
    }
}

static bool counted(const struct telling *t, const struct told *f)
{
    return policy_counts(&t->k->policy, f->malicious ? ADVISORY_MALICIOUS : ADVISORY_VULNERABILITY, f->severity,
                         f->verdict, f->fixed_version);
}

static void tell_finding(struct telling *t, const struct present *now, const struct told *old, enum alert_kind kind)
{
    const struct told *f = now ? &now->told : old;
    struct why why = kind == ALERT_APPEARED   ? why_appeared(t)
                     : kind == ALERT_RESOLVED ? why_resolved(t, old)
                                              : why_changed(f, old);
    struct alert *to = add(t, kind, why, (old ? MAX(old->sequence, t->told->base) : t->told->base) + 1);
    if (!to)
        return;
    to->vulnerability = f->vulnerability;
    to->ecosystem = f->ecosystem;
    to->ns = f->ns;
    to->parent = f->parent;
    to->package = f->package;
    to->version = f->version;
    to->architecture = f->architecture;
    to->location = f->location;
    to->type = to->package_type = slice_str(package_type_names[f->type]);
    to->severity = f->severity;
    to->verdict = f->verdict;
    to->fixed_version = f->fixed_version;
    to->known_exploited = f->known_exploited;
    to->exploit_public = f->exploit_public;
    if (kind == ALERT_CHANGED) {
        to->old_fixed_version = old->fixed_version;
        to->old_severity = old->severity;
        to->old_verdict = slice_str(verdict_names[old->verdict]);
    }
    to->counted = counted(t, f);
    if (now) {
        to->fix_reference = t->k->findings.findings.v[now->at].fix_reference;
        alert_know(to, &t->k->knowledge[now->at], t->a);
    }
    to->id = alert_id(t->a, to, SLICE_NONE);
}

static bool told_same(const struct told *a, const struct told *b)
{
    return slice_eq(a->fixed_version, b->fixed_version) && a->severity == b->severity && a->verdict == b->verdict &&
           a->known_exploited == b->known_exploited && a->exploit_public == b->exploit_public;
}

/* A package that a partial inventory lacks may be in what could not be read: nothing says that its finding is gone. */
static bool not_seen(const struct telling *t, const struct told *f)
{
    return t->k->findings.status != INVENTORY_COMPLETE && !is_exempted(t->k, f) && !has_package(t->k, f);
}

static void tell_findings(struct telling *t)
{
    const told_vec *told = &t->told->findings;
    for (size_t i = 0, j = 0; i < t->present.n || j < told->n;) {
        const struct present *n = i < t->present.n ? &t->present.v[i] : NULL;
        const struct told *o = j < told->n ? &told->v[j] : NULL;
        int c = !n ? 1 : !o ? -1 : told_order(&n->told, o);
        i += c <= 0;
        j += c >= 0;
        if (c < 0)
            tell_finding(t, n, NULL, ALERT_APPEARED);
        else if (c > 0 && o->there && !not_seen(t, o))
            tell_finding(t, NULL, o, ALERT_RESOLVED);
        else if (c == 0 && !o->there)
            tell_finding(t, n, o, ALERT_APPEARED);
        else if (c == 0 && !told_same(&n->told, o))
            tell_finding(t, n, o, ALERT_CHANGED);
    }
}

/* ---- places ---- */

/* From what is true now, or from what was told last where nothing is known any more. */
static void count_findings(const struct telling *t, struct alert *to)
{
    int32_t *const counts[SEVERITY_MAX] = {&to->unknown, &to->negligible, &to->low,
                                           &to->medium,  &to->high,       &to->critical};
    bool now = t->k->has_findings && t->places.n;
    size_t n = now ? t->present.n : t->told->findings.n;
    for (size_t i = 0; i < n; i++) {
        const struct told *f = now ? &t->present.v[i].told : &t->told->findings.v[i];
        if (!f->there)
            continue;
        to->findings++;
        ++*counts[f->severity];
        to->severity = MAX(to->severity, f->severity);
        to->known_exploited |= f->known_exploited;
        to->exploit_public |= f->exploit_public;
        to->counted |= counted(t, f);
    }
}

static int32_t above_all(const struct told_image *told)
{
    int32_t most = told->base;
    for (size_t i = 0; i < told->findings.n; i++)
        most = MAX(most, told->findings.v[i].sequence);
    for (size_t i = 0; i < told->places.n; i++)
        most = MAX(most, told->places.v[i].sequence);
    return most + 1;
}

static void tell_place(struct telling *t, const struct told_place *place, enum alert_kind kind, int32_t sequence,
                       int32_t left)
{
    struct alert *to = add(t, kind, why_place(t, place, kind), sequence);
    if (!to)
        return;
    to->resources = (slice_vec){0};
    slice_vec_add(t->a, &to->resources, place->resource);
    to->places_left = left;
    count_findings(t, to);
    /* Whatever is known of its findings by now, it is the same event. */
    bool exploited = to->known_exploited;
    to->known_exploited = false;
    to->id = alert_id(t->a, to, place->resource);
    to->known_exploited = exploited;
}

static void tell_places(struct telling *t)
{
    const told_place_vec *told = &t->told->places;
    size_t leaving = 0, left = 0;
    for (size_t j = 0; j < told->n; j++)
        if (told->v[j].there)
            leaving +=
                !bsearch(&told->v[j], t->places.n ? t->places.v : told->v, t->places.n, sizeof *told->v, place_order);
    left = t->places.n + leaving;
    for (size_t i = 0, j = 0; i < t->places.n || j < told->n;) {
        const struct told_place *n = i < t->places.n ? &t->places.v[i] : NULL, *o = j < told->n ? &told->v[j] : NULL;
        int c = !n ? 1 : !o ? -1 : place_order(n, o);
        i += c <= 0;
        j += c >= 0;
        int32_t sequence = (c >= 0 ? MAX(o->sequence, t->told->base) : t->told->base) + 1;
        if (c > 0 && o->there) {
            left--;
            tell_place(t, o, ALERT_GONE, left ? sequence : above_all(t->told), (int32_t)left);
        } else if ((c < 0 || (c == 0 && !o->there)) && t->present.n) {
            tell_place(t, n, ALERT_ADDED, sequence, 0);
        }
    }
}

static bool any_told(const told_vec *v)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->v[i].there)
            return true;
    return false;
}

/* Something was compared: the image was read, and the database has advisories of its system, if it has one. */
static bool is_judged(const struct known_image *k)
{
    const struct reasons *r = &k->findings.reasons;
    /* A record without codes does not say whether: match writes it again. */
    return k->has_findings && k->findings.status != INVENTORY_FAILED && r->codes.n == r->texts.n &&
           !reasons_has(r, REASON_NO_ADVISORIES);
}

int assess_alerts(const struct known_image *k, const struct told_image *told, int64_t at_ms, struct arena *a,
                  alert_vec *ret_alerts, struct told_after *ret_after, struct err *e)
{
    struct telling t = {.k = k, .told = told, .a = a, .alerts = ret_alerts, .at_ms = at_ms};
    add_places(&t);
    t.first = !told->known && !told->findings.n;
    /* Findings that are not there yet, of an image that is, tell nothing new and take nothing back. */
    bool judged = t.places.n && is_judged(k);
    if (judged)
        add_present(&t);
    /* Where an image without findings is, and is no more, alarms nobody. */
    if (t.present.n || any_told(&told->findings))
        tell_places(&t);
    if (judged)
        tell_findings(&t);
    *ret_after = (struct told_after){
        .judged = judged,
        .places_told = judged && (t.present.n || k->findings.status == INVENTORY_COMPLETE),
        .places = t.places,
        .base = above_all(told),
    };
    return a->overflow
               ? err_set(e, ERR_POISON, 0, "image %.*s has too many findings to be told at once", SLICE_FMT(k->digest))
               : 0;
}
