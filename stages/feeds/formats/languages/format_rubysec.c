/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_rubysec.c: RubySec's database, a tar of YAML: gems/<gem>/<id>.yml, and rubies/<engine>/<id>.yml of interpreters:
 *     gem: rack            (or  engine: jruby)
 *     cve: 2024-25126      ghsa: 22f2-v57c-j9cx     osvdb: 116010
 *     title: …             description: …            date: 2024-02-21           cvss_v3: 7.5
 *     patched_versions: ["~> 2.2.8, >= 2.2.8.1", ">= 3.0.9.1"]      unaffected_versions: ["< 0.4"]
 * Affected is every version that neither list holds; each item is what all its conditions hold (Gem::Requirement). An
 * item of "~> 1.5.3" is 1.5.3 and what follows below 1.6, whose prereleases are of 1.6. The numbers of CVSS come
 * without their vectors, so they are words here. `related` ids are other things.
 */
#include "base/clock.h"
#include "feeds/formats/formats.h"
#include "feeds/formats/languages/intervals.h"
#include "io/text/yaml_tree.h"
#include "model/ecosystem/ecosystem.h"

#define RUBYSEC_UNPACKED_MAX ((uint64_t)1 << 30)
#define YAML_MAX             ((size_t)1 << 20)
#define YAML_VALUES_MAX      20000
#define REFERENCES_MAX       32

/* ---- versions ---- */

/* The first version behind one: nothing that is published lies between. */
static struct slice next_gem(struct slice version, struct arena *arena)
{
    return arena_printf(arena, "%.*s.0.1.a", SLICE_FMT(version));
}

/* "1.5.3" -> "1.6", "2" -> "3"; letters and what follows them are not counted. In the arena, absent when it is no such. */
static struct slice bump(struct slice version, struct arena *arena)
{
    size_t parts[2] = {0}, n = 0, at = 0;
    uint64_t last;
    while (at < version.n && version.p[at] >= '0' && version.p[at] <= '9') {
        size_t end = at;
        while (end < version.n && version.p[end] >= '0' && version.p[end] <= '9')
            end++;
        parts[0] = n ? parts[1] : at;
        parts[1] = at;
        n++;
        at = end + (end < version.n && version.p[end] == '.');
        if (at == end)
            break;
    }
    struct slice head = slice_sub(version, 0, parts[0]), number = slice_from(version, parts[0]);
    size_t digits = 0;
    while (digits < number.n && number.p[digits] >= '0' && number.p[digits] <= '9')
        digits++;
    if (!n || !slice_parse_u64(slice_sub(number, 0, digits), &last))
        return SLICE_NONE;
    return arena_printf(arena, "%.*s%" PRIu64, SLICE_FMT(head), last + 1);
}

static const char *narrow_pessimistic(struct arena *arena, enum version_kind kind, struct interval *x, struct slice op,
                                      struct slice version)
{
    struct slice end = bump(version, arena);
    if (!slice_eq_str(op, "~>") || !end.n)
        return "an operator that is none of RubyGems', or no version behind it";
    /* Gems' prereleases have an own place in their order; interpreters' are none of what is patched. */
    if (kind == VERSION_GEM)
        end = arena_printf(arena, "%.*s.a", SLICE_FMT(end));
    const char *bad = interval_narrow(kind, x, SLICE(">="), version);
    return bad ? bad : interval_narrow(kind, x, SLICE("<"), end);
}

/* Takes what a list's items hold out of the set. */
static const char *subtract_list(struct feed_reading *r, enum version_kind kind, const json_t *list, interval_vec *set)
{
    if (list && !json_is_array(list) && !json_is_null(list))
        return "versions that are no list";
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct interval good = {0};
        struct slice item = json_tree_string(json_array_get(list, i));
        const char *bad =
            item.n ? interval_narrow_all(r->arena, kind, &good, item, narrow_pessimistic) : "versions that are no text";
        if (bad)
            return bad;
        if (!intervals_subtract(r->arena, kind, set, &good))
            return "too many versions";
    }
    return NULL;
}

/* ---- a document ---- */

/* "2024-25126" with "CVE-" before it; the prefix may be there. Absent where the member is. */
static struct slice id_of(struct feed_reading *r, const json_t *json, const char *key, const char *prefix)
{
    struct slice s = json_tree_view(json, key);
    slice_take_prefix(&s, slice_str(prefix));
    return reading_is_name(s, 64) ? arena_printf(r->arena, "%s%.*s", prefix, SLICE_FMT(s)) : SLICE_NONE;
}

/* CVSS' own words for its numbers; version 2 has three. */
static const char *word_of_score(double score, bool second)
{
    return score >= 9 && !second ? "critical" : score >= 7 ? "high" : score >= 4 ? "medium" : score > 0 ? "low" : "";
}

static struct slice severity_of(const json_t *json)
{
    static const char *const keys[] = {"cvss_v4", "cvss_v3", "cvss_v2"};
    double score;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (slice_parse_double(json_tree_view(json, keys[i]), &score))
            return slice_str(word_of_score(score, i == 2));
    return SLICE_NONE;
}

static void add_reference(struct feed_reading *r, struct vulnerability *v, struct slice url)
{
    if (url.n && url.n <= 500 && slice_is_text(url) && v->references.n < REFERENCES_MAX)
        slice_vec_add(r->arena, &v->references, url);
}

static struct vulnerability vulnerability_of(struct feed_reading *r, const json_t *json, const struct advisory *a)
{
    struct vulnerability v = vulnerability_unknown(a->cves.n ? a->cves.v[0] : a->id);
    const json_t *urls = json_object_get(json_object_get(json, "related"), "url");
    v.summary = json_tree_view(json, "title");
    v.details = json_tree_view(json, "description");
    v.published_ms = a->published_ms;
    for (size_t i = 0; i < a->aliases.n; i++)
        slice_vec_add(r->arena, &v.aliases, a->aliases.v[i]);
    add_reference(r, &v, json_tree_view(json, "url"));
    for (size_t i = 0; i < json_array_size(urls); i++)
        add_reference(r, &v, json_tree_string(json_array_get(urls, i)));
    return v;
}

static const char *advisory_of(struct feed_reading *r, const json_t *json, struct slice name, struct advisory *a)
{
    const struct ecosystem *row = ecosystem_of_advisories(slice_str(r->feed->ecosystem));
    struct slice cve = id_of(r, json, "cve", "CVE-"), ghsa = id_of(r, json, "ghsa", "GHSA-"),
                 osvdb = id_of(r, json, "osvdb", "OSVDB-");
    struct slice id = reading_is_cve(cve) ? cve : ghsa.n ? ghsa : osvdb.n ? osvdb : slice_path_name(name);
    interval_vec set = {0};
    const struct interval all = {{SLICE_NONE, false}, {SLICE_NONE, false}};
    *a = (struct advisory){.ecosystem = slice_str(r->feed->ecosystem), .name_kind = NAME_EITHER};
    a->package = json_tree_view(json, row && row == ecosystem_of_type(PKG_GEM) ? "gem" : "engine");
    a->id = arena_printf(r->arena, "RUBYSEC/%.*s", SLICE_FMT(id));
    a->severity = severity_of(json);
    a->published_ms = reading_member_time(json, "date");
    if (reading_is_cve(cve))
        slice_vec_add(r->arena, &a->cves, cve);
    if (ghsa.n)
        slice_vec_add(r->arena, &a->aliases, ghsa);
    if (osvdb.n)
        slice_vec_add(r->arena, &a->aliases, osvdb);
    if (!row || !reading_is_name(a->package, 200) || !reading_is_name(id, 100))
        return "no gem or engine, or no id";
    intervals_add(r->arena, row->version, &set, &all);
    const char *bad = subtract_list(r, row->version, json_object_get(json, "patched_versions"), &set);
    if (!bad)
        bad = subtract_list(r, row->version, json_object_get(json, "unaffected_versions"), &set);
    if (!bad && !intervals_tell(r->arena, row->version, &set, next_gem, a))
        bad = "too many versions";
    return bad;
}

/* Whether an entry is of the feed's part: "…/gems/rack/CVE-2024-25126". The repository has other YAML beside. */
static bool is_wanted(const struct feed_reading *r, struct slice name)
{
    struct slice folder = slice_path_folder(slice_path_folder(name));
    return slice_eq_str(slice_path_name(folder),
                        slice_eq_str(slice_str(r->feed->ecosystem), "RubyGems") ? "gems" : "rubies");
}

static int rubysec_document(struct feed_reading *r, struct slice name, struct slice text, struct err *e)
{
    struct err why = ERR_INIT;
    struct advisory a;
    json_t *json ATTR_CLEANUP(cleanup_json) = NULL;
    if (!is_wanted(r, name))
        return 0;
    reading_document(r);
    if (yaml_tree_read(text, YAML_MAX, YAML_VALUES_MAX, &json, &why))
        return reading_skip(r, name, why.text, e);
    const char *bad = advisory_of(r, json, name, &a);
    if (bad || r->arena->overflow)
        return reading_skip(r, name, bad ? bad : "too much for the memory of one document", e);
    struct vulnerability v = vulnerability_of(r, json, &a);
    if (a.ranges.n && reading_advisory(r, &a, e))
        return -1;
    return reading_vulnerability(r, &v, e);
}

int format_rubysec(struct feed_reading *r, struct err *e)
{
    return reading_large_entries(r, UNPACK_TAR, RUBYSEC_UNPACKED_MAX, YAML_MAX, ".yml", rubysec_document, e);
}
