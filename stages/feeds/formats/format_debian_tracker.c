/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_debian_tracker.c: the JSON that Debian's security tracker publishes, and Freexian's for its ELTS:
 *     {"xz-utils": {"CVE-2024-3094": {"description": "…", "releases": {"bookworm": {"status": "resolved",
 *      "fixed_version": "0", "urgency": "unimportant"}, "sid": {"status": "open", "nodsa_reason": "ignored"}}}}}
 * One document is one package's CVE. It says what OSV's documents of the same CVE leave out: what Debian will not fix,
 * what it doesn't know yet, what is past its support. Their ids ("CVE-…", "DEBIAN-CVE-…") and so their keys differ.
 *  - resolved: affected before fixed_version; "0" is never affected; an update of ELTS needs a subscription;
 *  - open: affected; with urgency end-of-life that; with nodsa_reason ignored it won't be fixed (postponed ones will);
 *  - undetermined: under investigation;
 *  - urgencies are severities, with their asterisks (guessed by the tracker), but end-of-life and "not yet assigned".
 * Testing and unstable are one release here: what one of them has fixed is its fix.
 */
#include "feeds/formats/elements.h"
#include "feeds/formats/formats.h"
#include "model/distro/distro.h"

#define TRACKER_MAX  ((uint64_t)2 << 30)
#define RELEASES_MAX 32

/* What the tracker says about one release. */
struct statement {
    struct slice release; /* "12" */
    struct slice fixed, urgency;
    enum verdict verdict;
    bool unstable;
};
struct statements {
    struct statement v[RELEASES_MAX];
    size_t n;
};

static bool answers(const struct statement *s)
{
    return s->fixed.n || s->verdict == VERDICT_NOT_AFFECTED;
}

/* Of testing and unstable the statement about testing counts, unless only unstable has a fix. */
static void add_statement(struct statements *all, const struct statement *s)
{
    for (size_t i = 0; i < all->n; i++) {
        struct statement *x = &all->v[i];
        if (!slice_eq(x->release, s->release))
            continue;
        if (x->unstable ? answers(s) || !answers(x) : answers(s) && !answers(x))
            *x = *s;
        return;
    }
    if (all->n < RELEASES_MAX)
        all->v[all->n++] = *s;
}

/* NULL, or what is wrong with it. */
static const char *read_release(const struct feed_reading *r, const json_t *json, struct statement *s)
{
    struct slice status = json_tree_view(json, "status"),
                 fixed = reading_version(r->arena, json_tree_view(json, "fixed_version"));
    s->urgency = json_tree_view(json, "urgency");
    if (slice_eq_str(status, "resolved")) {
        if (!reading_is_name(fixed, 256))
            return "resolved without a version";
        if (slice_eq_str(fixed, "0"))
            s->verdict = VERDICT_NOT_AFFECTED;
        else
            s->fixed = fixed;
        if (s->fixed.n && strcmp(r->feed->ecosystem, "Debian") != 0)
            s->verdict = VERDICT_NEEDS_SUBSCRIPTION;
    } else if (slice_eq_str(status, "undetermined")) {
        s->verdict = VERDICT_UNDER_INVESTIGATION;
    } else if (!slice_eq_str(status, "open")) {
        return "a status that is none of open, resolved, undetermined";
    } else if (slice_eq_str(s->urgency, "end-of-life")) {
        s->verdict = VERDICT_END_OF_LIFE;
    } else if (slice_eq_str(json_tree_view(json, "nodsa_reason"), "ignored")) {
        s->verdict = VERDICT_WONT_FIX;
    }
    if (slice_eq_str(s->urgency, "end-of-life") || slice_eq_str(s->urgency, "not yet assigned") || s->urgency.n > 32 ||
        !slice_is_text(s->urgency))
        s->urgency = SLICE_NONE;
    return NULL;
}

static const char *read_releases(const struct feed_reading *r, const json_t *releases, struct statements *all)
{
    const char *codename;
    json_t *json;
    if (!releases || (json_is_array(releases) && !json_array_size(releases)))
        return NULL; /* In no release that is kept; an empty list has been seen for it. */
    if (!json_is_object(releases))
        return "releases are not an object";
    json_object_foreach((json_t *)(uintptr_t)releases, codename, json)
    {
        struct statement s = {0};
        /* A release that is not known yet: its images aren't either. */
        if (!distro_codename_release(SLICE("debian"), slice_str(codename), &s.release))
            continue;
        s.unstable = strcmp(codename, "sid") == 0;
        const char *bad = json_is_object(json) ? read_release(r, json, &s) : "a release is not an object";
        if (bad)
            return bad;
        add_statement(all, &s);
    }
    return NULL;
}

static int emit(struct feed_reading *r, struct slice package, struct slice id, const struct statement *s, struct err *e)
{
    struct advisory a = {.ecosystem = arena_printf(r->arena, "%s:%.*s", r->feed->ecosystem, SLICE_FMT(s->release)),
                         .package = package,
                         .id = id,
                         .name_kind = NAME_SOURCE,
                         .verdict = s->verdict,
                         .severity = s->urgency};
    if (reading_is_cve(id))
        slice_vec_add(r->arena, &a.cves, id);
    if (s->verdict != VERDICT_NOT_AFFECTED) {
        struct version_range *range = VEC_ADD(r->arena, &a.ranges);
        if (range)
            *range = (struct version_range){.introduced = SLICE("0"), .fixed = s->fixed};
    }
    if (r->arena->overflow)
        return reading_skip(r, id, "too much for the memory of one document", e);
    return reading_advisory(r, &a, e);
}

static int tracker_document(struct feed_reading *r, struct slice package, struct slice id, const json_t *json,
                            struct err *e)
{
    struct statements all = {0};
    struct vulnerability v = vulnerability_unknown(id);
    if (!reading_is_name(package, 200))
        return reading_skip(r, id, "of a package that is no name", e);
    if (!reading_is_name(id, 64))
        return reading_skip(r, package, "an id that is no name", e);
    const char *bad = read_releases(r, json_object_get(json, "releases"), &all);
    if (bad)
        return reading_skip(r, id, bad, e);
    v.details = json_tree_view(json, "description");
    v.withdrawn = reading_is_rejected(v.details);
    r->stats.withdrawn += v.withdrawn;
    for (size_t i = 0; i < all.n && !v.withdrawn; i++)
        if (emit(r, package, id, &all.v[i], e))
            return -1;
    return reading_vulnerability(r, &v, e);
}

static int tracker_element(struct feed_reading *r, void *arg, const struct element *x, struct err *e)
{
    (void)arg;
    return tracker_document(r, x->outer, x->key, x->json, e);
}

static int tracker_field(struct feed_reading *r, void *arg, struct slice key, struct slice text, struct err *e)
{
    (void)arg;
    (void)text;
    reading_document(r);
    return reading_skip(r, key, "a package that is not an object", e);
}

int format_debian_tracker(struct feed_reading *r, struct err *e)
{
    const struct elements want = {
        .max = TRACKER_MAX, .list = ELEMENTS_OF_ALL, .element = tracker_element, .field = tracker_field};
    return elements_read(r, &want, e);
}
