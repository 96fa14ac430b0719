/* SPDX-License-Identifier: Apache-2.0 */
/*
 * osv_ranges.c: which versions an `affected` entry speaks of: its ranges, or its list, or both.
 *
 * A range is a list of events, and what it means is a walk over them in the order of versions: `introduced` opens,
 * `fixed`, `last_affected` and `limit` close. Files have them in no order, so for packages of a language, whose
 * versions all order alike, they are sorted first; at one version `fixed` comes before `introduced`, which is said
 * again, and `last_affected` behind it, since that one still holds. A distribution's bounds may lack the epochs of others
 * (match/judge/judge.h), and its files are in order: there the file's order counts, and so it does where some bound is no
 * version.
 */
#include "feeds/formats/osv/osv.h"

#define EVENTS_MAX   2000
#define VERSIONS_MAX 20000

/* In this order at one version. */
enum event_kind { EVENT_FIXED, EVENT_INTRODUCED, EVENT_LAST };
struct event {
    struct slice version;
    enum event_kind kind;
    size_t at;
    const struct ecosystem *row;
};
typedef VEC(struct event) event_vec;

static bool is_zero(struct slice v)
{
    return slice_eq_str(v, "0");
}

bool osv_add_range(struct feed_reading *r, struct advisory *a, const struct version_range *range)
{
    for (size_t i = 0; i < a->ranges.n; i++) {
        const struct version_range *x = &a->ranges.v[i];
        if (slice_eq(x->introduced, range->introduced) && slice_eq(x->fixed, range->fixed) &&
            slice_eq(x->last_affected, range->last_affected))
            return true;
    }
    struct version_range *to = VEC_ADD(r->arena, &a->ranges);
    if (to)
        *to = *range;
    return to != NULL;
}

/* "0" is before every version. */
static int compare(const struct ecosystem *row, struct slice a, struct slice b)
{
    int c = (int)is_zero(b) - (int)is_zero(a);
    if (!c && !is_zero(a))
        version_order(row->version, a, b, &c, NULL);
    return c;
}

static int event_order(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    int c = compare(x->row, x->version, y->version);
    c = c ? c : (int)x->kind - (int)y->kind;
    return c ? c : (x->at > y->at) - (x->at < y->at);
}

static bool is_ordered(const struct ecosystem *row, struct slice v)
{
    return row && row->ordered && (is_zero(v) || version_orderable(row->version, v, NULL));
}

/*
 * A bound as it was meant. CPEs say "-" of a version's update where it has none, and converters write that as "2.6.0-NA";
 * a build of a version, "0.2.0+n653", stands there with a hyphen.
 */
static struct slice meant(struct feed_reading *r, const struct ecosystem *row, struct slice v)
{
    ptrdiff_t hyphen = slice_find(v, '-');
    if (!row || !row->ordered || hyphen <= 0 || is_ordered(row, v))
        return v;
    struct slice bare = slice_sub(v, 0, (size_t)hyphen), rest = slice_from(v, (size_t)hyphen + 1);
    struct slice to =
        slice_eq_str(rest, "NA") ? bare : arena_printf(r->arena, "%.*s+%.*s", SLICE_FMT(bare), SLICE_FMT(rest));
    return is_ordered(row, to) ? to : v;
}

/* NULL, or why the events can't be read. *limit: the highest there is; absent: none, or one without an end. */
static const char *take_events(struct feed_reading *r, const struct ecosystem *row, const json_t *events, event_vec *to,
                               struct slice *limit)
{
    size_t n = json_array_size(events);
    bool endless = false, opens = false;
    if (n == 0 || n > EVENTS_MAX)
        return "a range without events, or with too many";
    for (size_t i = 0; i < n; i++) {
        const json_t *event = json_array_get(events, i);
        struct slice introduced = reading_version(r->arena, json_tree_view(event, "introduced")),
                     fixed = reading_version(r->arena, json_tree_view(event, "fixed")),
                     last = reading_version(r->arena, json_tree_view(event, "last_affected")),
                     bound = reading_version(r->arena, json_tree_view(event, "limit"));
        struct slice end = fixed.n ? fixed : last.n ? last : bound;
        if (!reading_is_name(introduced.n ? introduced : end, 256) || (introduced.n && end.n))
            return "an event that is none of introduced, fixed, last_affected, limit";
        if (bound.n && !fixed.n && !last.n) {
            endless |= slice_eq_str(bound, "*");
            if (!limit->n || (is_ordered(row, bound) && is_ordered(row, *limit) && compare(row, *limit, bound) < 0))
                *limit = bound;
            continue;
        }
        struct event *x = VEC_ADD(r->arena, to);
        if (!x)
            return "too many events";
        *x = (struct event){.version = meant(r, row, introduced.n ? introduced : end),
                            .kind = introduced.n ? EVENT_INTRODUCED
                                    : fixed.n    ? EVENT_FIXED
                                                 : EVENT_LAST,
                            .at = i,
                            .row = row};
        opens |= introduced.n > 0;
    }
    if (endless)
        *limit = SLICE_NONE;
    return opens ? NULL : "a range that nothing introduces";
}

/* What is left of a range below the limit: true if anything is. */
static bool below(const struct ecosystem *row, struct slice limit, struct version_range *range)
{
    struct slice end = range->fixed.n ? range->fixed : range->last_affected;
    if (!limit.n)
        return true;
    bool ordered = is_ordered(row, limit);
    if (ordered && is_ordered(row, range->introduced) && compare(row, range->introduced, limit) >= 0)
        return false;
    if (!end.n || (ordered && is_ordered(row, end) && compare(row, limit, end) <= 0)) {
        range->fixed = limit;
        range->last_affected = SLICE_NONE;
    }
    return true;
}

static bool walk(struct feed_reading *r, const struct ecosystem *row, const event_vec *events, struct slice limit,
                 struct advisory *a)
{
    struct version_range range = {0};
    bool open = false;
    for (size_t i = 0; i < events->n; i++) {
        const struct event *x = &events->v[i];
        if (x->kind == EVENT_INTRODUCED) {
            if (!open)
                range = (struct version_range){.introduced = x->version};
            open = true;
            continue;
        }
        if (!open)
            continue;
        open = false;
        if (x->kind == EVENT_LAST)
            range.last_affected = x->version;
        else
            range.fixed = x->version;
        if (below(row, limit, &range) && !osv_add_range(r, a, &range))
            return false;
    }
    return !open || !below(row, limit, &range) || osv_add_range(r, a, &range);
}

const char *osv_read_events(struct feed_reading *r, const struct ecosystem *row, const json_t *json, struct advisory *a)
{
    event_vec events = {0};
    struct slice limit = SLICE_NONE;
    const char *bad = take_events(r, row, json, &events, &limit);
    bool sorted = true;
    if (bad)
        return bad;
    for (size_t i = 0; i < events.n; i++)
        sorted = sorted && is_ordered(row, events.v[i].version);
    if (sorted)
        qsort(events.v, events.n, sizeof *events.v, event_order);
    else if (events.v[0].kind != EVENT_INTRODUCED)
        return "events that begin with an end";
    return walk(r, row, &events, limit, a) ? NULL : "too many ranges";
}

/* ---- enumerated versions ---- */

static bool has_place(const struct ecosystem *row, const struct version_range *range)
{
    const struct slice bounds[] = {range->introduced, range->fixed, range->last_affected};
    for (size_t i = 0; i < ARRAY_LEN(bounds); i++)
        if (bounds[i].n && !is_ordered(row, bounds[i]))
            return false;
    return true;
}

static bool within(const struct ecosystem *row, const struct version_range *range, struct slice v)
{
    return (!range->introduced.n || compare(row, v, range->introduced) >= 0) &&
           (!range->fixed.n || compare(row, v, range->fixed) < 0) &&
           (!range->last_affected.n || compare(row, v, range->last_affected) <= 0);
}

/* Where an entry lists its versions, a range with a bound that is no version ("2.6.0-NA") says nothing beside them. */
static void leave_unplaced(struct osv_document *d, const json_t *versions, struct advisory *a)
{
    size_t kept = 0;
    for (size_t i = 0; i < a->ranges.n; i++)
        if (!d->language->ordered || has_place(d->language, &a->ranges.v[i]))
            a->ranges.v[kept++] = a->ranges.v[i];
    if (kept == a->ranges.n || !json_array_size(versions))
        return;
    d->unplaced = true;
    a->ranges.n = kept;
}

/*
 * Of packages of a language a listed version counts beside the ranges, so that those which no range holds are kept: one
 * list of PyPI has thousands that its two bounds say as well.
 */
static const char *read_versions(struct feed_reading *r, const struct ecosystem *row, const json_t *versions,
                                 struct advisory *a)
{
    if (json_array_size(versions) > VERSIONS_MAX)
        return "too many versions";
    for (size_t i = 0; i < json_array_size(versions); i++) {
        struct slice v = reading_version(r->arena, slice_str(json_string_value(json_array_get(versions, i))));
        bool held = false;
        if (!reading_is_name(v, 256))
            return "a version that is not text";
        for (size_t k = 0; k < a->ranges.n && !held && is_ordered(row, v); k++)
            held = has_place(row, &a->ranges.v[k]) && within(row, &a->ranges.v[k], v);
        if (!held && !slice_vec_add(r->arena, &a->versions, v))
            return "too many versions";
    }
    return NULL;
}

static const char *read_all_events(struct feed_reading *r, const struct ecosystem *row, const json_t *ranges,
                                   struct advisory *a, bool *ret_decided)
{
    const char *bad = NULL;
    for (size_t i = 0; i < json_array_size(ranges) && !bad; i++) {
        const json_t *range = json_array_get(ranges, i);
        struct slice type = json_tree_view(range, "type");
        if (slice_eq_str(type, "GIT"))
            continue;
        if (!slice_eq_str(type, "ECOSYSTEM") && !slice_eq_str(type, "SEMVER"))
            return "a range of an unknown type";
        bad = osv_read_events(r, row, json_object_get(range, "events"), a);
        *ret_decided = true;
    }
    return bad;
}

const char *osv_read_ranges(struct feed_reading *r, struct osv_document *d, const json_t *affected, struct advisory *a,
                            bool *ret_decided)
{
    const json_t *ranges = json_object_get(affected, "ranges"), *versions = json_object_get(affected, "versions");
    if ((ranges && !json_is_array(ranges)) || (versions && !json_is_array(versions)))
        return "ranges or versions are not lists";
    *ret_decided = false;
    const char *bad = read_all_events(r, d->language, ranges, a, ret_decided);
    if (!bad && d->language)
        bad = osv_language_ranges(r, d->language, affected, a);
    if (!bad && d->language)
        leave_unplaced(d, versions, a);
    if (!bad && (d->language || !*ret_decided))
        bad = read_versions(r, d->language, versions, a);
    /* A list may also be all that is left. */
    *ret_decided = *ret_decided && d->language ? a->ranges.n || a->versions.n : *ret_decided || a->versions.n;
    return bad;
}
