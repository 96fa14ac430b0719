/* SPDX-License-Identifier: Apache-2.0 */
/* osv_entry.c: one `affected` entry of an OSV document: which package of which ecosystem, which versions, which
 * verdict. */
#include "feeds/formats/osv/osv.h"

#include "model/distro/distro.h"
#include "model/distro/redhat.h"

#define BINARIES_MAX 5000

bool osv_has(const slice_vec *v, struct slice s)
{
    for (size_t i = 0; i < v->n; i++)
        if (slice_eq(v->v[i], s))
            return true;
    return false;
}

void osv_severity(struct feed_reading *r, const json_t *array, score_vec *scores, struct slice *word)
{
    for (size_t i = 0; i < json_array_size(array) && i < 16; i++) {
        const json_t *s = json_array_get(array, i);
        struct slice type = json_tree_view(s, "type"), value = json_tree_view(s, "score"), kind = type;
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

/* ---- one affected package ---- */

/*
 * How the documents of an ecosystem name packages: as the source they are built from, as what is installed, or as a
 * source with the installed packages and their own versions beside (SUSE). Those that are not here name them as the
 * rest of their distribution's advisories does (model/distro/distro.h).
 */
static const struct naming {
    const char *ecosystem;
    enum name_kind kind;
    bool modular; /* the summary names the module's stream */
} namings[] = {
    {"AlmaLinux", NAME_BINARY, true}, {"Rocky Linux", NAME_SOURCE, true},  {"Red Hat", NAME_BINARY, true},
    {"SUSE", NAME_SOURCE, false},     {"openSUSE", NAME_SOURCE, false},    {"openEuler", NAME_SOURCE, false},
    {"Mageia", NAME_SOURCE, false},   {"Azure Linux", NAME_SOURCE, false}, {"Alpaquita", NAME_SOURCE, false},
    {"MinimOS", NAME_EITHER, false}, /* origins, and some of their subpackages by name */
};

static const struct naming *naming_of(struct slice ecosystem)
{
    struct slice name = SLICE_NONE;
    slice_take_token(&ecosystem, ':', &name);
    for (size_t i = 0; i < ARRAY_LEN(namings); i++)
        if (slice_eq_str(name, namings[i].ecosystem))
            return &namings[i];
    return NULL;
}

static enum name_kind name_kind_of(struct slice ecosystem)
{
    const struct naming *n = naming_of(ecosystem);
    const struct distro *d = n ? NULL : distro_of_ecosystem(ecosystem);
    return n ? n->kind : d ? d->names : NAME_EITHER;
}

static bool has_fix(const struct advisory *a)
{
    for (size_t i = 0; i < a->ranges.n; i++)
        if (a->ranges.v[i].fixed.n)
            return true;
    return false;
}

/*
 * The stream that a document is about, as its summary names it: "Important: nodejs:18 security update" -> "nodejs:18".
 * Only for builds of modules, since "kernel:4.18.0 security update" is no module: their releases hold ".module".
 */
static struct slice module_of(const struct osv_document *d, const struct advisory *a)
{
    struct slice summary = json_tree_view(d->json, "summary"), word;
    const struct naming *n = naming_of(a->ecosystem);
    bool built = false;
    for (size_t i = 0; i < a->ranges.n; i++)
        built = built || slice_find_slice(a->ranges.v[i].fixed, SLICE(".module")) >= 0;
    while (n && n->modular && built && slice_take_token(&summary, ' ', &word)) {
        ptrdiff_t colon = slice_find(word, ':');
        if (colon > 0 && (size_t)colon + 1 < word.n && word.n <= 100 && slice_is_text(word))
            return word;
    }
    return SLICE_NONE;
}

/* Ubuntu's tracker ignores what a release past its support would need: "end of standard support, was needed". */
static bool is_over(struct slice note)
{
    static const char *const words[] = {"end of standard support", "out of standard support", "end of life",
                                        "end-of-life"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_find_slice(note, slice_str(words[i])) >= 0)
            return true;
    return false;
}

/*
 * Debian's `urgency` and Ubuntu's `availability` of the entry. "end-of-life" is a verdict and no severity; "not yet
 * assigned" is no severity. A fix that needs a subscription (Ubuntu Pro, Freexian's ELTS) is none for who has no such.
 */
static void read_specifics(const struct osv_document *d, const json_t *affected, struct advisory *a)
{
    const json_t *es = json_object_get(affected, "ecosystem_specific");
    const json_t *ds = json_object_get(affected, "database_specific");
    struct slice urgency = json_tree_view(es, "urgency"), availability = json_tree_view(es, "availability"),
                 priority = json_tree_view(es, "ubuntu_priority");
    if (!urgency.n)
        urgency = json_tree_view(ds, "urgency");
    if (!urgency.n && !a->severity.n)
        urgency = priority;
    if (slice_eq_str(urgency, "end-of-life"))
        a->verdict = VERDICT_END_OF_LIFE;
    else if (urgency.n && urgency.n <= 32 && slice_is_text(urgency) && !slice_eq_str(urgency, "not yet assigned"))
        a->severity = urgency;
    struct slice status = json_tree_view(es, "ubuntu_status");
    if (!has_fix(a) && slice_eq_str(status, "ignored"))
        a->verdict = is_over(json_tree_view(es, "ubuntu_note")) ? VERDICT_END_OF_LIFE : VERDICT_WONT_FIX;
    else if (!has_fix(a) && slice_eq_str(status, "needs-triage"))
        a->verdict = VERDICT_UNDER_INVESTIGATION;
    bool pro = slice_starts(a->ecosystem, SLICE("Ubuntu:Pro"));
    bool paid = availability.n ? !slice_starts(availability, SLICE("No subscription")) : pro;
    paid = paid && slice_starts(a->ecosystem, SLICE("Ubuntu"));
    if (has_fix(a) && (paid || slice_starts(d->id, SLICE("ELA-"))))
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
    for (size_t i = 0; i < json_array_size(cves) && i < OSV_IDS_MAX; i++) {
        const json_t *cve = json_array_get(cves, i);
        struct slice id = json_tree_view(cve, "id");
        if (!reading_is_cve(id) || osv_has(&ids, id))
            continue;
        slice_vec_add(r->arena, &ids, id);
        osv_severity(r, json_object_get(cve, "severity"), &scores, &word);
    }
    if (ids.n)
        a->cves = ids;
    /* With several CVEs nobody could say to which of them a score belongs. */
    if (ids.n == 1 && !a->scores.n)
        a->scores = scores;
    if (ids.n == 1 && !a->severity.n)
        a->severity = word;
}

void osv_copy(struct feed_reading *r, slice_vec *to, const slice_vec *from)
{
    for (size_t i = 0; i < from->n; i++)
        slice_vec_add(r->arena, to, from->v[i]);
}

static struct slice machine_of(const struct advisory *a)
{
    return a->architectures.n ? a->architectures.v[0] : SLICE_NONE;
}

/* The record of one's ecosystem, package and architecture. */
static struct advisory *advisory_of(struct feed_reading *r, const struct osv_document *d, osv_advisory_vec *list,
                                    const struct advisory *one)
{
    struct slice ecosystem = one->ecosystem, package = one->package;
    /* Entries of one package stand side by side or close; documents with thousands are kernels of many flavours. */
    for (size_t i = list->n; i-- > 0;)
        if (slice_eq(list->v[i].package, package) && slice_eq(list->v[i].ecosystem, ecosystem) &&
            slice_eq(machine_of(&list->v[i]), machine_of(one)))
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
    osv_copy(r, &a->cves, &d->cves);
    osv_copy(r, &a->aliases, &d->aliases);
    osv_copy(r, &a->architectures, &one->architectures);
    return a;
}

/* "Debian:trixie" is "Debian:13", "Alpine:v3.24" is "Alpine:3.24": the release as such an image's VERSION_ID has it. */
static struct slice hardened_release(struct feed_reading *r, struct slice ecosystem, struct slice of)
{
    struct slice kind = SLICE_NONE, release;
    slice_take_token(&of, ':', &kind);
    if (slice_eq_str(kind, "Debian") && distro_codename_release(SLICE("debian"), of, &release))
        return arena_printf(r->arena, "Docker Hardened Images:Debian:%.*s", SLICE_FMT(release));
    if (slice_eq_str(kind, "Alpine") && slice_take_prefix(&of, SLICE("v")))
        return arena_printf(r->arena, "Docker Hardened Images:Alpine:%.*s", SLICE_FMT(of));
    return ecosystem;
}

/*
 * Under which ecosystem an entry stands (docs/formats/ecosystems.md). Freexian writes "Debian:8" for what only its
 * customers get; SUSE names the product that ships a package, a module of the system for most; Red Hat the CPE. Absent:
 * of no system that there is.
 */
static struct slice ecosystem_of(struct feed_reading *r, const struct osv_document *d, struct slice ecosystem)
{
    struct slice rest = ecosystem;
    if (slice_starts(d->id, SLICE("ELA-")) && slice_take_prefix(&rest, SLICE("Debian:")))
        return arena_printf(r->arena, "Debian:ELTS:%.*s", SLICE_FMT(rest));
    if (slice_starts(ecosystem, SLICE("SUSE:")) || slice_starts(ecosystem, SLICE("openSUSE:")))
        return distro_product_ecosystem(ecosystem, r->arena);
    if (slice_take_prefix(&rest, SLICE("Docker Hardened Images:")))
        return hardened_release(r, ecosystem, rest);
    if (slice_take_prefix(&rest, SLICE("Red Hat:"))) {
        rest = redhat_product_of_cpe(arena_printf(r->arena, "cpe:/a:redhat:%.*s", SLICE_FMT(rest)), r->arena);
        return rest.n ? arena_printf(r->arena, "Red Hat:%.*s", SLICE_FMT(rest)) : SLICE_NONE;
    }
    return ecosystem;
}

/* Two entries of one package hold for the systems of both; where one of them is a vulnerability, both are. */
static void unite_limits(struct feed_reading *r, struct advisory *a, const struct advisory *one, bool first)
{
    bool limited = one->systems.n && (first || a->systems.n);
    if (!limited)
        a->systems = (slice_vec){0};
    for (size_t i = 0; i < one->systems.n && limited; i++)
        if (!osv_has(&a->systems, one->systems.v[i]))
            slice_vec_add(r->arena, &a->systems, one->systems.v[i]);
    for (size_t i = 0; i < one->symbols.n; i++)
        if (!osv_has(&a->symbols, one->symbols.v[i]))
            slice_vec_add(r->arena, &a->symbols, one->symbols.v[i]);
    a->kind = first || a->kind == one->kind ? one->kind : ADVISORY_VULNERABILITY;
}

/* Adds one package's part: `one` holds its ecosystem, its ranges and versions. */
static const char *add_entry(struct feed_reading *r, const struct osv_document *d, const json_t *affected,
                             const struct advisory *one, osv_advisory_vec *list)
{
    size_t before = list->n;
    struct advisory *a = advisory_of(r, d, list, one);
    if (!a)
        return "too many packages";
    enum verdict verdict = a->verdict;
    struct slice module = module_of(d, one);
    for (size_t i = 0; i < one->ranges.n; i++)
        osv_add_range(r, a, &one->ranges.v[i]);
    osv_copy(r, &a->versions, &one->versions);
    unite_limits(r, a, one, list->n > before);
    a->name_kind = one->name_kind;
    if (module.n)
        a->module = module;
    score_vec scores = {0};
    struct slice word = SLICE_NONE;
    osv_severity(r, json_object_get(affected, "severity"), &scores, &word);
    if (scores.n)
        a->scores = scores;
    if (word.n)
        a->severity = word;
    read_cves_map(r, affected, a);
    read_specifics(d, affected, a);
    /* Entries that disagree: affected is the safe reading. */
    if (list->n == before && verdict != a->verdict)
        a->verdict = VERDICT_AFFECTED;
    return NULL;
}

/*
 * SUSE's documents list under each source every package that the update installs, each with its own version: these
 * decide, because a source's version says nothing of them ("chromium 51" updated "imlib2 1.4.5").
 */
static const char *add_binaries(struct feed_reading *r, const struct osv_document *d, const json_t *affected,
                                const json_t *binaries, const struct advisory *one, osv_advisory_vec *list)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(binaries); i++) {
        const char *name;
        json_t *version;
        json_object_foreach(json_array_get(binaries, i), name, version)
        {
            struct version_range range = {.introduced = SLICE("0"),
                                          .fixed = reading_version(r->arena, slice_str(json_string_value(version)))};
            struct advisory binary = {.ecosystem = one->ecosystem,
                                      .package = slice_str(name),
                                      .name_kind = NAME_BINARY,
                                      .architectures = one->architectures};
            if (!reading_is_name(binary.package, 200) || !reading_is_name(range.fixed, 256) || ++n > BINARIES_MAX)
                return "binaries that are not names with versions, or too many";
            if (!osv_add_range(r, &binary, &range))
                return "too many ranges";
            const char *bad = add_entry(r, d, affected, &binary, list);
            if (bad)
                return bad;
        }
    }
    return NULL;
}

const char *osv_entry(struct feed_reading *r, struct osv_document *d, const json_t *affected, osv_advisory_vec *list)
{
    const json_t *package = json_object_get(affected, "package"), *es = json_object_get(affected, "ecosystem_specific");
    struct osv_purl u = osv_purl(r, package);
    struct slice ecosystem = u.ecosystem, name = json_tree_view(package, "name");
    if (!package && json_is_object(affected))
        return NULL; /* Only GIT ranges: a repository, no package. */
    if (!reading_is_name(ecosystem, 100) || !reading_is_name(name, 200))
        return "an affected package without ecosystem or name";
    if (json_object_get(es, "module_name_regex"))
        return NULL; /* Livepatch: a module in a running kernel's memory, no version of a package. */
    ecosystem = ecosystem_of(r, d, ecosystem);
    struct slice own = slice_str(r->feed->ecosystem), rest = ecosystem;
    if (!ecosystem.n)
        return NULL;
    /* A zip may hold documents that are also of other ecosystems; those come with their own zip. */
    if (own.n && (!slice_take_prefix(&rest, own) || (rest.n && rest.p[0] != ':')))
        return NULL;
    if (d->language) {
        /* What stands behind the colon is another registry of the same packages: "Maven:https://maven.google.com". */
        ecosystem = slice_str(d->language->advisories);
        name = ecosystem_name(d->language, SLICE_NONE, name, r->arena);
        if (!name.n)
            return "a name that is nothing in its normal form";
    }
    struct advisory one = {.ecosystem = ecosystem, .package = name, .name_kind = name_kind_of(ecosystem)};
    bool decided;
    const char *bad = osv_read_ranges(r, d, affected, &one, &decided);
    if (bad || !decided)
        return bad;
    if (d->language)
        osv_language_entry(r, d, affected, &one);
    osv_add_epoch(r, &u, &one);
    if (u.architecture.n)
        slice_vec_add(r->arena, &one.architectures, u.architecture);
    const json_t *binaries = json_object_get(es, "binaries");
    bool suse = slice_starts(ecosystem, SLICE("SUSE:")) || slice_starts(ecosystem, SLICE("openSUSE:"));
    if (suse && has_fix(&one) && json_array_size(binaries))
        return add_binaries(r, d, affected, binaries, &one, list);
    return add_entry(r, d, affected, &one, list);
}
