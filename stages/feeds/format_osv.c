/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_osv.c: documents of the Open Source Vulnerability format (ossf.github.io/osv-schema, 1.x), as a zip of them or
 * as a JSON array. One document becomes one advisory a (ecosystem, package) and one vulnerability.
 *
 * What is read how:
 *  - ranges of type ECOSYSTEM or SEMVER: events in order; `fixed`, `last_affected` or `limit` close what `introduced`
 *    opened, a second `introduced` or end changes nothing (the format's evaluation, done once);
 *  - `versions` are kept only where no such range decides: Debian's and Ubuntu's repeat every version ever built;
 *  - several `affected` of one package are one advisory with the union of the ranges;
 *  - CVE ids come from the document's own id, `upstream` and `aliases`, else `related`; an entry's `cves_map` (Ubuntu's
 *    notices) narrows them to that release;
 *  - a withdrawn document gives no advisory, so that a comparison with yesterday removes what it said.
 */
#include "feeds/json_split.h"
#include "feeds/reading.h"
#include "model/distro.h"

#define OSV_UNPACKED_MAX ((uint64_t)16 << 30)
#define AFFECTED_MAX     20000
#define EVENTS_MAX       2000
#define VERSIONS_MAX     20000
#define REFERENCES_MAX   32
#define IDS_MAX          2000
#define REFERENCE_LENGTH 500

/* A document's own facts, which each of its advisories repeats. */
struct osv_document {
    struct slice id;
    const json_t *json;
    slice_vec cves, aliases;
    score_vec scores;
    struct slice severity, fix_reference;
    int64_t published_ms, modified_ms;
};

/* Prefixes under which distributions republish a CVE, and of their notices that tell of a fix. */
static const char *const cve_prefixes[] = {"DEBIAN-", "UBUNTU-", "ALPINE-", "ALPAQUITA-", "MINI-", "ECHO-"};
static const char *const notice_prefixes[] = {"DSA-",  "DLA-",  "DTSA-",    "ELA-",      "USN-",
                                              "LSN-",  "ALSA-", "ALBA-",    "ALEA-",     "RLSA-",
                                              "RXSA-", "RHSA-", "SUSE-SU-", "openSUSE-", "MGASA-"};

static bool has_prefix(struct slice s, const char *const *prefixes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_starts(s, slice_str(prefixes[i])))
            return true;
    return false;
}

static struct slice cve_of_id(struct slice id)
{
    for (size_t i = 0; i < ARRAY_LEN(cve_prefixes); i++)
        if (slice_take_prefix(&id, slice_str(cve_prefixes[i])))
            break;
    return reading_is_cve(id) ? id : SLICE_NONE;
}

static bool vec_has(const slice_vec *v, struct slice s)
{
    for (size_t i = 0; i < v->n; i++)
        if (slice_eq(v->v[i], s))
            return true;
    return false;
}

/* Adds the strings of an array: CVE ids into cves, others into aliases (unless NULL). */
static void add_ids(struct feed_reading *r, const json_t *array, slice_vec *cves, slice_vec *aliases, struct slice own)
{
    for (size_t i = 0; i < json_array_size(array) && i < IDS_MAX; i++) {
        struct slice id = slice_str(json_string_value(json_array_get(array, i)));
        if (!reading_is_name(id, 128) || slice_eq(id, own))
            continue;
        slice_vec *to = reading_is_cve(id) ? cves : aliases;
        if (to && !vec_has(to, id))
            slice_vec_add(r->arena, to, id);
    }
}

/*
 * severity: [{type, score}]. CVSS kinds take their version from the vector, so that 3.0 and 3.1 are told apart; a word
 * ("Ubuntu": "medium") is also the advisory's severity.
 */
static void read_severity(struct feed_reading *r, const json_t *array, score_vec *scores, struct slice *word)
{
    for (size_t i = 0; i < json_array_size(array) && i < 16; i++) {
        const json_t *s = json_array_get(array, i);
        struct slice type = json_member(s, "type"), value = json_member(s, "score"), kind = type;
        if (!reading_is_name(type, 32) || !value.n || value.n > 256 || !slice_is_text(value))
            continue;
        if (slice_starts(value, SLICE("CVSS:")))
            kind = slice_sub(value, 0, (size_t)MAX(slice_find(value, '/'), 0));
        else if (slice_eq_str(type, "CVSS_V2"))
            kind = SLICE("CVSS:2.0");
        else if (!slice_starts(type, SLICE("CVSS")) && word)
            *word = value;
        bool known = false;
        for (size_t k = 0; k < scores->n; k++)
            known = known || (slice_eq(scores->v[k].kind, kind) && slice_eq(scores->v[k].vector, value));
        struct score *score = known ? NULL : VEC_ADD(r->arena, scores);
        if (score)
            *score = (struct score){.source = slice_str(r->feed->name), .kind = kind, .vector = value};
    }
}

/* ---- ranges ---- */

static bool add_range(struct feed_reading *r, struct advisory *a, const struct version_range *range)
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

/* NULL, or why the events can't be read. */
static const char *read_events(struct feed_reading *r, const json_t *events, struct advisory *a)
{
    struct version_range range = {0};
    bool open = false;
    size_t n = json_array_size(events);
    if (n == 0 || n > EVENTS_MAX)
        return "a range without events, or with too many";
    for (size_t i = 0; i < n; i++) {
        const json_t *event = json_array_get(events, i);
        struct slice introduced = json_member(event, "introduced"), fixed = json_member(event, "fixed"),
                     last = json_member(event, "last_affected"), limit = json_member(event, "limit");
        struct slice end = fixed.n ? fixed : last.n ? last : limit;
        if (!reading_is_name(introduced.n ? introduced : end, 256) || (introduced.n && end.n))
            return "an event that is none of introduced, fixed, last_affected, limit";
        if (introduced.n) {
            if (!open)
                range = (struct version_range){.introduced = introduced};
            open = true;
            continue;
        }
        if (limit.n && slice_eq_str(limit, "*"))
            continue;
        if (!open && i == 0)
            return "events that begin with an end";
        if (!open)
            continue;
        if (last.n && !fixed.n)
            range.last_affected = last;
        else
            range.fixed = end;
        if (!add_range(r, a, &range))
            return "too many ranges";
        open = false;
    }
    return open && !add_range(r, a, &range) ? "too many ranges" : NULL;
}

static const char *read_ranges(struct feed_reading *r, const json_t *affected, struct advisory *a, bool *ret_decided)
{
    const json_t *ranges = json_object_get(affected, "ranges"), *versions = json_object_get(affected, "versions");
    if ((ranges && !json_is_array(ranges)) || (versions && !json_is_array(versions)))
        return "ranges or versions are not lists";
    *ret_decided = false;
    for (size_t i = 0; i < json_array_size(ranges); i++) {
        const json_t *range = json_array_get(ranges, i);
        struct slice type = json_member(range, "type");
        if (slice_eq_str(type, "GIT"))
            continue;
        if (!slice_eq_str(type, "ECOSYSTEM") && !slice_eq_str(type, "SEMVER"))
            return "a range of an unknown type";
        const char *bad = read_events(r, json_object_get(range, "events"), a);
        if (bad)
            return bad;
        *ret_decided = true;
    }
    if (*ret_decided)
        return NULL;
    if (json_array_size(versions) > VERSIONS_MAX)
        return "too many versions";
    for (size_t i = 0; i < json_array_size(versions); i++) {
        struct slice v = slice_str(json_string_value(json_array_get(versions, i)));
        if (!reading_is_name(v, 256))
            return "a version that is not text";
        if (!slice_vec_add(r->arena, &a->versions, v))
            return "too many versions";
        *ret_decided = true;
    }
    return NULL;
}

/* ---- one affected package ---- */

/* Whether the packages of an ecosystem's advisories are named as sources or as what is installed. */
static enum name_kind name_kind_of(struct slice ecosystem)
{
    const struct distro *d = distro_of_ecosystem(ecosystem);
    return d ? d->names : NAME_EITHER;
}

static bool has_fix(const struct advisory *a)
{
    for (size_t i = 0; i < a->ranges.n; i++)
        if (a->ranges.v[i].fixed.n)
            return true;
    return false;
}

/*
 * Debian's `urgency` and Ubuntu's `availability` of the entry. "end-of-life" is a verdict and no severity; "not yet
 * assigned" is no severity. A fix that needs a subscription (Ubuntu Pro, Livepatch) is none for who has no such.
 */
static void read_specifics(const json_t *affected, struct advisory *a)
{
    const json_t *es = json_object_get(affected, "ecosystem_specific");
    const json_t *ds = json_object_get(affected, "database_specific");
    struct slice urgency = json_member(es, "urgency"), availability = json_member(es, "availability");
    if (!urgency.n)
        urgency = json_member(ds, "urgency");
    if (slice_eq_str(urgency, "end-of-life"))
        a->verdict = VERDICT_END_OF_LIFE;
    else if (urgency.n && urgency.n <= 32 && slice_is_text(urgency) && !slice_eq_str(urgency, "not yet assigned"))
        a->severity = urgency;
    struct slice status = json_member(es, "ubuntu_status");
    if (!has_fix(a) && slice_eq_str(status, "ignored"))
        a->verdict = VERDICT_WONT_FIX;
    else if (!has_fix(a) && slice_eq_str(status, "needs-triage"))
        a->verdict = VERDICT_UNDER_INVESTIGATION;
    bool pro = slice_starts(a->ecosystem, SLICE("Ubuntu:Pro"));
    bool paid = availability.n ? !slice_starts(availability, SLICE("No subscription")) : pro;
    if (slice_starts(a->ecosystem, SLICE("Ubuntu")) && paid && has_fix(a))
        a->verdict = VERDICT_NEEDS_SUBSCRIPTION;
}

/* Ubuntu's notices say per release which CVEs it is about, each with its scores. */
static void read_cves_map(struct feed_reading *r, const json_t *affected, struct advisory *a)
{
    const json_t *map = json_object_get(json_object_get(affected, "database_specific"), "cves_map");
    const json_t *cves = json_object_get(map, "cves");
    slice_vec ids = {0};
    score_vec scores = {0};
    struct slice word = SLICE_NONE;
    for (size_t i = 0; i < json_array_size(cves) && i < IDS_MAX; i++) {
        const json_t *cve = json_array_get(cves, i);
        struct slice id = json_member(cve, "id");
        if (!reading_is_cve(id) || vec_has(&ids, id))
            continue;
        slice_vec_add(r->arena, &ids, id);
        read_severity(r, json_object_get(cve, "severity"), &scores, &word);
    }
    if (ids.n)
        a->cves = ids;
    /* Of several CVEs nobody could tell which score is whose. */
    if (ids.n == 1 && !a->scores.n)
        a->scores = scores;
    if (ids.n == 1 && !a->severity.n)
        a->severity = word;
}

static void copy_vec(struct feed_reading *r, slice_vec *to, const slice_vec *from)
{
    for (size_t i = 0; i < from->n; i++)
        slice_vec_add(r->arena, to, from->v[i]);
}

typedef VEC(struct advisory) advisory_vec;

static struct advisory *advisory_of(struct feed_reading *r, const struct osv_document *d, advisory_vec *list,
                                    struct slice ecosystem, struct slice package)
{
    /* Entries of one package stand side by side or close; documents with thousands are kernels of many flavours. */
    for (size_t i = list->n; i-- > 0;)
        if (slice_eq(list->v[i].package, package) && slice_eq(list->v[i].ecosystem, ecosystem))
            return &list->v[i];
    struct advisory *a = VEC_ADD(r->arena, list);
    if (!a)
        return NULL;
    *a = (struct advisory){.ecosystem = ecosystem,
                           .package = package,
                           .id = d->id,
                           .name_kind = name_kind_of(ecosystem),
                           .severity = d->severity,
                           .scores = d->scores,
                           .fix_reference = d->fix_reference,
                           .published_ms = d->published_ms,
                           .modified_ms = d->modified_ms};
    copy_vec(r, &a->cves, &d->cves);
    copy_vec(r, &a->aliases, &d->aliases);
    return a;
}

static const char *read_affected(struct feed_reading *r, const struct osv_document *d, const json_t *affected,
                                 advisory_vec *list)
{
    const json_t *package = json_object_get(affected, "package");
    struct slice ecosystem = json_member(package, "ecosystem"), name = json_member(package, "name");
    if (!package && json_is_object(affected))
        return NULL; /* Only GIT ranges: a repository, no package. */
    if (!reading_is_name(ecosystem, 64) || !reading_is_name(name, 200))
        return "an affected package without ecosystem or name";
    /* A zip may hold documents that are also of other ecosystems; those come with their own zip. */
    struct slice own = slice_str(r->feed->ecosystem), rest = ecosystem;
    if (own.n && (!slice_take_prefix(&rest, own) || (rest.n && rest.p[0] != ':')))
        return NULL;
    struct advisory one = {.ecosystem = ecosystem};
    bool decided;
    const char *bad = read_ranges(r, affected, &one, &decided);
    if (bad || !decided)
        return bad;
    size_t before = list->n;
    struct advisory *a = advisory_of(r, d, list, ecosystem, name);
    if (!a)
        return "too many packages";
    enum verdict verdict = a->verdict;
    for (size_t i = 0; i < one.ranges.n; i++)
        add_range(r, a, &one.ranges.v[i]);
    copy_vec(r, &a->versions, &one.versions);
    score_vec scores = {0};
    struct slice word = SLICE_NONE;
    read_severity(r, json_object_get(affected, "severity"), &scores, &word);
    if (scores.n)
        a->scores = scores;
    if (word.n)
        a->severity = word;
    read_cves_map(r, affected, a);
    read_specifics(affected, a);
    /* Entries that disagree: affected is the safe reading. */
    if (list->n == before && verdict != a->verdict)
        a->verdict = VERDICT_AFFECTED;
    return NULL;
}

/* ---- one document ---- */

static int emit_vulnerability(struct feed_reading *r, const struct osv_document *d, bool withdrawn, struct err *e)
{
    struct slice cve = cve_of_id(d->id);
    struct vulnerability v = vulnerability_unknown(cve.n ? cve : d->id);
    v.summary = json_member(d->json, "summary");
    v.details = json_member(d->json, "details");
    v.scores = d->scores;
    v.published_ms = d->published_ms;
    v.modified_ms = d->modified_ms;
    v.withdrawn = withdrawn;
    copy_vec(r, &v.aliases, &d->aliases);
    for (size_t i = 0; i < d->cves.n; i++)
        if (!slice_eq(d->cves.v[i], v.id))
            slice_vec_add(r->arena, &v.aliases, d->cves.v[i]);
    if (cve.n && cve.n != d->id.n)
        slice_vec_add(r->arena, &v.aliases, d->id);
    const json_t *references = json_object_get(d->json, "references");
    for (size_t i = 0; i < json_array_size(references) && v.references.n < REFERENCES_MAX; i++) {
        struct slice url = json_member(json_array_get(references, i), "url");
        if (url.n && url.n <= REFERENCE_LENGTH && slice_is_text(url) && !vec_has(&v.references, url))
            slice_vec_add(r->arena, &v.references, url);
    }
    const json_t *cwes = json_object_get(json_object_get(d->json, "database_specific"), "cwe_ids");
    for (size_t i = 0; i < json_array_size(cwes) && i < 32; i++) {
        struct slice cwe = slice_str(json_string_value(json_array_get(cwes, i)));
        if (reading_is_name(cwe, 32))
            slice_vec_add(r->arena, &v.cwes, cwe);
    }
    return reading_vulnerability(r, &v, e);
}

static void read_document(struct feed_reading *r, struct osv_document *d)
{
    struct slice cve = cve_of_id(d->id);
    if (cve.n)
        slice_vec_add(r->arena, &d->cves, cve);
    add_ids(r, json_object_get(d->json, "upstream"), &d->cves, &d->aliases, d->id);
    add_ids(r, json_object_get(d->json, "aliases"), &d->cves, &d->aliases, d->id);
    if (!d->cves.n)
        add_ids(r, json_object_get(d->json, "related"), &d->cves, NULL, d->id);
    read_severity(r, json_object_get(d->json, "severity"), &d->scores, &d->severity);
    if (has_prefix(d->id, notice_prefixes, ARRAY_LEN(notice_prefixes)))
        d->fix_reference = d->id;
    d->published_ms = json_member_time(d->json, "published");
    d->modified_ms = json_member_time(d->json, "modified");
}

static int osv_emit(struct feed_reading *r, struct osv_document *d, struct err *e)
{
    const json_t *affected = json_object_get(d->json, "affected");
    bool withdrawn = json_member(d->json, "withdrawn").n > 0;
    advisory_vec list = {0};
    size_t n = withdrawn ? 0 : json_array_size(affected);
    if ((affected && !json_is_array(affected)) || n > AFFECTED_MAX)
        return reading_skip(r, d->id, "affected is not a list, or too long", e);
    read_document(r, d);
    for (size_t i = 0; i < n; i++) {
        const char *bad = read_affected(r, d, json_array_get(affected, i), &list);
        if (bad)
            return reading_skip(r, d->id, bad, e);
    }
    if (r->arena->overflow)
        return reading_skip(r, d->id, "too much for the memory of one document", e);
    r->stats.withdrawn += withdrawn;
    for (size_t i = 0; i < list.n; i++)
        if (reading_advisory(r, &list.v[i], e))
            return -1;
    return emit_vulnerability(r, d, withdrawn, e);
}

static int osv_document(struct feed_reading *r, struct slice name, struct slice text, struct err *e)
{
    struct err why = ERR_INIT;
    json_t *json;
    reading_document(r);
    if (reading_json(text, &json, &why))
        return reading_skip(r, name, why.text, e);
    struct osv_document d = {.json = json, .id = json_member(json, "id")};
    int rc = reading_is_name(d.id, 128) ? osv_emit(r, &d, e) : reading_skip(r, name, "a document without an id", e);
    json_decref(json);
    return rc;
}

int format_osv_zip(struct feed_reading *r, struct err *e)
{
    struct unpack *u;
    if (unpack_open(r->source, UNPACK_ZIP, OSV_UNPACKED_MAX, &u, e))
        return -1;
    struct buf text = BUF_INIT(FEED_DOCUMENT_MAX);
    struct slice name;
    int rc;
    while ((rc = unpack_next(u, &name, e)) == 1) {
        struct err why = ERR_INIT;
        char id[128];
        if (!slice_ends(name, SLICE(".json")))
            continue;
        /* The name is gone once the entry's bytes are read. */
        snprintf(id, sizeof id, "%.*s", SLICE_FMT(slice_sub(name, 0, name.n - 5)));
        buf_clear(&text);
        int got = unpack_entry(u, &text, &why);
        if (got == 1) {
            rc = osv_document(r, slice_str(id), buf_slice(&text), e);
        } else if (got == 0) {
            reading_document(r);
            rc = reading_skip(r, slice_str(id), why.text, e);
        } else {
            if (e)
                *e = why;
            rc = -1;
        }
        if (rc)
            break;
    }
    r->stats.unpacked_bytes = unpack_bytes(u);
    buf_done(&text);
    unpack_close(u);
    return rc;
}

int format_osv_json(struct feed_reading *r, struct err *e)
{
    struct unpack *u;
    if (unpack_open(r->source, UNPACK_FILE, OSV_UNPACKED_MAX, &u, e))
        return -1;
    struct json_split s;
    enum json_split_kind kind;
    struct slice key, text;
    int rc;
    json_split_init(&s, u, NULL);
    while ((rc = json_split_next(&s, &kind, &key, &text, e)) == 0 && kind != SPLIT_END) {
        if (kind == SPLIT_TOO_BIG) {
            reading_document(r);
            rc = reading_skip(r, SLICE("(unreadable)"), "too big", e);
        } else {
            rc = osv_document(r, SLICE("(no id)"), text, e);
        }
        if (rc)
            break;
    }
    r->stats.unpacked_bytes = unpack_bytes(u);
    json_split_done(&s);
    unpack_close(u);
    return rc;
}
