/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_osv.c: documents of the Open Source Vulnerability format (ossf.github.io/osv-schema, 1.x), as a zip or
 * a tar of them or as a JSON array. One document becomes one advisory for each ecosystem and package, and one
 * vulnerability.
 *
 * What is read how:
 *  - ranges of type ECOSYSTEM or SEMVER: osv_ranges.c; GIT's say nothing of versions;
 *  - `versions` of distributions are kept only where no such range decides: Debian's and Ubuntu's repeat every version
 *    ever built;
 *  - several `affected` of one package are one advisory with the union of the ranges;
 *  - a feed of a language's ecosystem (osv_language.c): names are in the ecosystem's normal form, `versions` count beside
 *    ranges, only `aliases` are other names; MAL- documents tell of malicious packages, RustSec's informational ones
 *    are notices;
 *  - of distributions, CVE ids come from the document's own id, `upstream` and `aliases`, else `related`; an entry's `cves_map` (Ubuntu's
 *    notices) narrows them to that release;
 *  - builds of a module (AlmaLinux, Rocky Linux) get the stream that the summary names;
 *  - SUSE's give one advisory an installed package, from the list beside the source; how packages are named elsewhere
 *    is a table in osv_entry.c;
 *  - Freexian's ELA are of "Debian:ELTS:<release>" and need a subscription; Livepatch's modules give no advisory;
 *  - updates that name no CVE and are no security notices (ALBA, RHEA …) tell nothing, nor do notices without any
 *    vulnerability's id whose title is maintenance ("tzdata - new timezone database", "curl regression");
 *  - an entry's package URL restricts it: to its arch, and to its distro's release where the ecosystem states none;
 *  - a withdrawn document, and one whose CVE was rejected, gives no advisory, so that the comparison with what was
 *    published before removes what it said.
 */
#include "feeds/formats/formats.h"
#include "feeds/formats/elements.h"
#include "feeds/formats/osv/osv.h"
#include "model/severity/severity.h"

#define OSV_UNPACKED_MAX ((uint64_t)16 << 30)
#define AFFECTED_MAX     20000
#define REFERENCES_MAX   32
#define REFERENCE_LENGTH 500

/* Prefixes under which distributions republish a CVE, and of their notices that tell of a fix. */
static const char *const cve_prefixes[] = {"DEBIAN-", "UBUNTU-", "ALPINE-", "ALPAQUITA-", "BELL-", "MINI-", "ECHO-"};
static const char *const notice_prefixes[] = {"DSA-",     "DLA-",     "DTSA-",     "ELA-",   "USN-",  "LSN-",  "ALSA-",
                                              "ALBA-",    "ALEA-",    "RLSA-",     "RXSA-",  "RHSA-", "RHBA-", "RHEA-",
                                              "SUSE-SU-", "SUSE-RU-", "openSUSE-", "MGASA-", "OESA-"};

/* Prefixes of updates that fix no vulnerability, unless they name one. */
static const char *const update_prefixes[] = {"ALBA-",        "ALEA-",        "RLBA-",       "RLEA-",    "RHBA-",
                                              "RHEA-",        "MGAA-",        "SUSE-RU-",    "SUSE-FU-", "SUSE-OU-",
                                              "openSUSE-RU-", "openSUSE-FU-", "openSUSE-OU-"};

static bool has_prefix(struct slice s, const char *const *prefixes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_starts(s, slice_str(prefixes[i])))
            return true;
    return false;
}

/*
 * Debian's and Ubuntu's notices have one form for all updates: "tzdata - new timezone database". One that names no
 * vulnerability mends one all the same (DSA-2599-1 "nss - mis-issued intermediates"), unless its title says what else
 * it does: one of these words, or nothing but "update".
 */
static const char *const maintenance[] = {"regression",     "bugfix",         "bug fix",         "new upstream version",
                                          "timezone",       "time zone",      "database update", "end of life",
                                          "end of support", "support status", "version number",  "new package",
                                          "crash fix",      "enhancement",    "stable update"};
/* Sources of nothing but data, in which no vulnerability can be. */
static const char *const data_packages[] = {"tzdata",
                                            "libdatetime-timezone-perl",
                                            "distro-info-data",
                                            "debian-security-support",
                                            "debian-archive-keyring",
                                            "wireless-regdb",
                                            "ieee-data",
                                            "hwdata",
                                            "publicsuffix",
                                            "iana-timezone-data"};

static bool is_one_of(struct slice s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_eq_str(s, words[i]))
            return true;
    return false;
}

static bool holds_words(struct slice s, struct slice words)
{
    for (size_t i = 0; i + words.n <= s.n; i++)
        if (slice_eq_nocase(slice_sub(s, i, words.n), words))
            return true;
    return false;
}

/* A notice without any vulnerability's id that is maintenance by its title, or of packages that hold only data. */
static bool mends_nothing(const struct osv_document *d)
{
    struct slice title = json_tree_view(d->json, "summary");
    const json_t *affected = json_object_get(d->json, "affected");
    size_t n = json_array_size(affected), data = 0;
    if (d->cves.n || d->aliases.n || !d->fix_reference.n)
        return false;
    for (size_t i = 0; i < n; i++)
        data += is_one_of(json_tree_view(json_object_get(json_array_get(affected, i), "package"), "name"),
                          data_packages, ARRAY_LEN(data_packages));
    ptrdiff_t dash = slice_find_slice(title, SLICE(" - "));
    if (dash >= 0)
        title = slice_from(title, (size_t)dash + 3);
    bool told = slice_eq_nocase(slice_trim(title), SLICE("update"));
    for (size_t i = 0; i < ARRAY_LEN(maintenance) && !told; i++)
        told = holds_words(title, slice_str(maintenance[i]));
    return told || (n && data == n);
}

static struct slice cve_of_id(struct slice id)
{
    for (size_t i = 0; i < ARRAY_LEN(cve_prefixes); i++)
        if (slice_take_prefix(&id, slice_str(cve_prefixes[i])))
            break;
    return reading_is_cve(id) ? id : SLICE_NONE;
}

/* Adds the strings of an array: CVE ids into cves, others into aliases (unless NULL). */
static void add_ids(struct feed_reading *r, const json_t *array, slice_vec *cves, slice_vec *aliases, struct slice own)
{
    for (size_t i = 0; i < json_array_size(array) && i < OSV_IDS_MAX; i++) {
        struct slice id = slice_str(json_string_value(json_array_get(array, i)));
        if (!reading_is_name(id, 128) || slice_eq(id, own))
            continue;
        slice_vec *to = reading_is_cve(id) ? cves : aliases;
        if (to && !osv_has(to, id))
            slice_vec_add(r->arena, to, id);
    }
}

/* ---- one document ---- */

static int emit_vulnerability(struct feed_reading *r, const struct osv_document *d, bool withdrawn, struct err *e)
{
    /* A language's document about one number is what its publisher knows of that; it stands under the number. */
    struct slice cve = d->language && d->cves.n == 1 && !withdrawn ? d->cves.v[0] : cve_of_id(d->id);
    struct vulnerability v = vulnerability_unknown(cve.n ? cve : d->id);
    v.summary = json_tree_view(d->json, "summary");
    v.details = json_tree_view(d->json, "details");
    v.scores = d->scores;
    v.published_ms = d->published_ms;
    v.modified_ms = d->modified_ms;
    v.withdrawn = withdrawn;
    osv_copy(r, &v.aliases, &d->aliases);
    for (size_t i = 0; i < d->cves.n; i++)
        if (!slice_eq(d->cves.v[i], v.id))
            slice_vec_add(r->arena, &v.aliases, d->cves.v[i]);
    if (!slice_eq(v.id, d->id))
        slice_vec_add(r->arena, &v.aliases, d->id);
    const json_t *references = json_object_get(d->json, "references");
    for (size_t i = 0; i < json_array_size(references) && v.references.n < REFERENCES_MAX; i++) {
        struct slice url = json_tree_view(json_array_get(references, i), "url");
        if (url.n && url.n <= REFERENCE_LENGTH && slice_is_text(url) && !osv_has(&v.references, url))
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
    /* What a distribution's document mends is upstream of it; of a language's only aliases are the same thing. */
    if (!d->language)
        add_ids(r, json_object_get(d->json, "upstream"), &d->cves, &d->aliases, d->id);
    add_ids(r, json_object_get(d->json, "aliases"), &d->cves, &d->aliases, d->id);
    /* Chainguard's "related" are other names of the same thing, GitHub's among them. */
    bool names = slice_starts(d->id, SLICE("CGA-"));
    if (!d->cves.n && !d->language)
        add_ids(r, json_object_get(d->json, "related"), &d->cves, names ? &d->aliases : NULL, d->id);
    osv_severity(r, json_object_get(d->json, "severity"), &d->scores, &d->severity);
    /* "Important: nodejs:18 security update", or beside the document's own data. */
    struct slice summary = json_tree_view(d->json, "summary"), word = SLICE_NONE;
    if (!d->severity.n && !d->language && slice_take_token(&summary, ':', &word) && summary.n &&
        severity_of_word(word) != SEVERITY_UNKNOWN)
        d->severity = word;
    word = json_tree_view(json_object_get(d->json, "database_specific"), "severity");
    if (!d->severity.n && severity_of_word(word) != SEVERITY_UNKNOWN)
        d->severity = word;
    if (has_prefix(d->id, notice_prefixes, ARRAY_LEN(notice_prefixes)))
        d->fix_reference = d->id;
    d->published_ms = reading_member_time(d->json, "published");
    d->modified_ms = reading_member_time(d->json, "modified");
}

static int osv_emit(struct feed_reading *r, struct osv_document *d, struct err *e)
{
    const json_t *affected = json_object_get(d->json, "affected");
    bool withdrawn =
        json_tree_view(d->json, "withdrawn").n > 0 || reading_is_rejected(json_tree_view(d->json, "details"));
    osv_advisory_vec list = {0};
    size_t n = withdrawn ? 0 : json_array_size(affected);
    if ((affected && !json_is_array(affected)) || n > AFFECTED_MAX)
        return reading_skip(r, d->id, "affected is not a list, or too long", e);
    read_document(r, d);
    if (!d->cves.n && has_prefix(d->id, update_prefixes, ARRAY_LEN(update_prefixes)))
        return 0;
    if (mends_nothing(d))
        return reading_left_out(r, d->id, "by its title or its packages a notice that mends no vulnerability", e);
    for (size_t i = 0; i < n; i++) {
        const char *bad = osv_entry(r, d, json_array_get(affected, i), &list);
        if (bad)
            return reading_skip(r, d->id, bad, e);
    }
    if (d->unplaced &&
        reading_left_out(r, d->id, "a range whose bound is no version; the versions that it lists count", e))
        return -1;
    osv_machines(r, &list);
    if (r->arena->overflow)
        return reading_skip(r, d->id, "too much for the memory of one document", e);
    r->stats.withdrawn += withdrawn;
    for (size_t i = 0; i < list.n; i++)
        if (reading_advisory(r, &list.v[i], e))
            return -1;
    return emit_vulnerability(r, d, withdrawn, e);
}

static int osv_json(struct feed_reading *r, struct slice name, const json_t *json, struct err *e)
{
    const struct ecosystem *row = ecosystem_of_advisories(slice_str(r->feed->ecosystem));
    struct osv_document d = {
        .json = json, .id = json_tree_view(json, "id"), .language = row && row->advisories ? row : NULL};
    return reading_is_name(d.id, 128) ? osv_emit(r, &d, e) : reading_skip(r, name, "a document without an id", e);
}

static int osv_document(struct feed_reading *r, struct slice name, struct slice text, struct err *e)
{
    struct err why = ERR_INIT;
    json_t *json ATTR_CLEANUP(cleanup_json) = NULL;
    reading_document(r);
    return reading_json(text, &json, &why) ? reading_skip(r, name, why.text, e) : osv_json(r, name, json, e);
}

static int osv_element(struct feed_reading *r, void *arg, const struct element *x, struct err *e)
{
    (void)arg;
    return osv_json(r, SLICE("(no id)"), x->json, e);
}

/* The first piece of a source, given once more. */
struct peeked {
    struct byte_source from;
    const uint8_t *p;
    size_t n;
    bool held;
};

static int peeked_read(void *arg, const uint8_t **ret_p, size_t *ret_n, struct err *e)
{
    struct peeked *s = arg;
    if (!s->held)
        return s->from.read(s->from.arg, ret_p, ret_n, e);
    *ret_p = s->p;
    *ret_n = s->n;
    s->held = false;
    return 0;
}

/*
 * A repository's tar holds more than its advisories: statements of another form below vex/, and examples. A publisher's
 * own archive holds nothing else.
 */
static int osv_repository_document(struct feed_reading *r, struct slice name, struct slice text, struct err *e)
{
    static const char *const others[] = {"/vex/", "/integration/", "/examples/", "/."};
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (slice_find_slice(name, slice_str(others[i])) >= 0)
            return 0;
    return osv_document(r, name, text, e);
}

int format_osv_archive(struct feed_reading *r, struct err *e)
{
    struct peeked s = {.from = r->source, .held = true};
    if (s.from.read(s.from.arg, &s.p, &s.n, e))
        return -1;
    bool zip = slice_starts(slice_of(s.p, s.n), SLICE("PK"));
    r->source = (struct byte_source){.read = peeked_read, .arg = &s};
    int rc = reading_entries(r, zip ? UNPACK_ZIP : UNPACK_TAR, OSV_UNPACKED_MAX, ".json", osv_repository_document, e);
    r->source = s.from;
    return rc;
}

int format_osv_json(struct feed_reading *r, struct err *e)
{
    return elements_read(r, &(struct elements){.max = OSV_UNPACKED_MAX, .element = osv_element}, e);
}
