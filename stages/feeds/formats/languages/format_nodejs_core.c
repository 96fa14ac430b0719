/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_nodejs_core.c: vulnerabilities of Node.js itself, a tar with vuln/core/<number>.json among other things:
 *     {"cve": ["CVE-2026-21717"], "vulnerable": "20.x || 22.x", "patched": "^20.20.2 || ^22.22.2", "ref": "https://…",
 *      "description": "…", "overview": "…", "affectedEnvironments": ["all"], "severity": "medium"}
 * Ranges are node-semver's: alternatives between "||", in each all conditions hold. Affected is what is vulnerable and not
 * patched; a patched version alone begins what is patched of its line, as "^" does. A line that nothing patches
 * ends with its last version, since the next one's first says nothing of a fix. A publish_date stands in a few old ones
 * only, so it is not read: it would be the newest date of all.
 */
#include "feeds/formats/formats.h"
#include "feeds/formats/languages/intervals.h"
#include "model/ecosystem/ecosystem.h"

#define NODE_UNPACKED_MAX ((uint64_t)4 << 30)
#define LAST              "99999999"

static struct slice next_version(struct slice version, struct arena *arena)
{
    return arena_printf(arena, "%.*s.1", SLICE_FMT(version));
}

/* The numbers of "4", "4.x" or "4.1.2": how many there are, 0 when it is no such thing. */
static size_t take_numbers(struct slice v, uint64_t to[3])
{
    struct slice part;
    size_t n = 0;
    while (slice_take_token(&v, '.', &part)) {
        if (slice_eq_str(part, "x") || slice_eq_str(part, "*"))
            return v.n ? 0 : n;
        if (n == 3 || !slice_parse_u64(part, &to[n]) || to[n] > 10000000)
            return 0;
        n++;
    }
    return n;
}

/* Of which n numbers are given, the first or the last version that begins with them. */
static struct slice fill(struct arena *arena, const uint64_t v[3], size_t n, bool last)
{
    struct slice s = arena_printf(arena, "%" PRIu64, v[0]);
    for (size_t i = 1; i < 3; i++)
        s = i < n  ? arena_printf(arena, "%.*s.%" PRIu64, SLICE_FMT(s), v[i])
            : last ? arena_printf(arena, "%.*s." LAST, SLICE_FMT(s))
                   : arena_printf(arena, "%.*s.0", SLICE_FMT(s));
    return s;
}

/* patched: a version alone stands for all that follow in its line, and a line ends where the next one begins. */
static const char *narrow(struct arena *arena, enum version_kind kind, struct interval *x, struct slice op,
                          struct slice version, bool patched)
{
    uint64_t v[3] = {0};
    size_t n = take_numbers(version, v), line = n;
    bool exact = !op.n || slice_eq_str(op, "=");
    if (!n)
        return "a version that is none of Node.js'";
    struct slice first = fill(arena, v, n, false);
    if (slice_eq_str(op, "^") || (exact && patched))
        line = v[0] ? 1 : MIN(n, (size_t)2);
    else if (slice_eq_str(op, "~"))
        line = MIN(n, (size_t)2);
    else if (!exact)
        return interval_narrow(kind, x, op,
                               slice_eq_str(op, "<=") || slice_eq_str(op, ">") ? fill(arena, v, n, true) : first);
    struct slice last = fill(arena, v, line, true);
    if (patched)
        v[line - 1]++;
    const char *bad = interval_narrow(kind, x, SLICE(">="), first);
    if (bad)
        return bad;
    return patched ? interval_narrow(kind, x, SLICE("<"), fill(arena, v, line, false))
                   : interval_narrow(kind, x, SLICE("<="), last);
}

/* The next alternative of "a || b". */
static bool take_alternative(struct slice *s, struct slice *ret_one)
{
    ptrdiff_t at = slice_find_slice(*s, SLICE("||"));
    if (!s->n)
        return false;
    *ret_one = slice_trim(at < 0 ? *s : slice_sub(*s, 0, (size_t)at));
    *s = at < 0 ? SLICE_NONE : slice_from(*s, (size_t)at + 2);
    return true;
}

static const char *read_ranges(struct feed_reading *r, enum version_kind kind, struct slice text, bool patched,
                               interval_vec *set)
{
    struct slice one, word;
    while (take_alternative(&text, &one)) {
        struct interval x = {{SLICE_NONE, false}, {SLICE_NONE, false}};
        if (!one.n)
            return "an alternative without versions";
        while (one.n) {
            struct slice op = interval_take_operator(&one);
            if (!slice_take_token(&one, ' ', &word))
                return "an operator without a version";
            const char *bad = narrow(r->arena, kind, &x, op, word, patched);
            if (bad)
                return bad;
            one = slice_trim(one);
        }
        if (!intervals_add(r->arena, kind, set, &x))
            return "too many versions";
    }
    return NULL;
}

static const char *advisory_of(struct feed_reading *r, const json_t *json, struct slice name, struct advisory *a)
{
    const struct ecosystem *row = ecosystem_of_advisories(slice_str(r->feed->ecosystem));
    const json_t *cves = json_object_get(json, "cve"), *systems = json_object_get(json, "affectedEnvironments");
    interval_vec vulnerable = {0}, patched = {0};
    if (!row)
        return "its ecosystem is not known";
    *a = (struct advisory){.ecosystem = slice_str(r->feed->ecosystem),
                           .package = SLICE("node"),
                           .name_kind = NAME_EITHER,
                           .id = arena_printf(r->arena, "NSWG/%.*s", SLICE_FMT(slice_path_name(name))),
                           .severity = json_tree_view(json, "severity")};
    for (size_t i = 0; i < json_array_size(cves) && i < 64; i++)
        if (reading_is_cve(json_tree_string(json_array_get(cves, i))))
            slice_vec_add(r->arena, &a->cves, json_tree_string(json_array_get(cves, i)));
    for (size_t i = 0; i < json_array_size(systems) && i < 16; i++) {
        struct slice os = json_tree_string(json_array_get(systems, i));
        os = slice_eq_str(os, "win32") ? SLICE("windows") : os;
        if (reading_is_name(os, 32) && !slice_eq_str(os, "all"))
            slice_vec_add(r->arena, &a->systems, os);
    }
    if (a->severity.n > 32 || !slice_is_text(a->severity))
        a->severity = SLICE_NONE;
    const char *bad = read_ranges(r, row->version, json_tree_view(json, "vulnerable"), false, &vulnerable);
    if (!bad)
        bad = read_ranges(r, row->version, json_tree_view(json, "patched"), true, &patched);
    for (size_t i = 0; i < patched.n && !bad; i++)
        if (!intervals_subtract(r->arena, row->version, &vulnerable, &patched.v[i]))
            bad = "too many versions";
    if (!bad && !intervals_tell(r->arena, row->version, &vulnerable, next_version, a))
        bad = "too many versions";
    return bad;
}

static int nodejs_document(struct feed_reading *r, struct slice name, struct slice text, struct err *e)
{
    struct slice folder = slice_path_folder(name);
    struct err why = ERR_INIT;
    struct advisory a;
    uint64_t number;
    json_t *json ATTR_CLEANUP(cleanup_json) = NULL;
    /* index.json beside them repeats all of them. */
    if (!slice_eq_str(slice_path_name(folder), "core") ||
        !slice_eq_str(slice_path_name(slice_path_folder(folder)), "vuln") ||
        !slice_parse_u64(slice_path_name(name), &number))
        return 0;
    reading_document(r);
    if (reading_json(text, &json, &why))
        return reading_skip(r, name, why.text, e);
    const char *bad = advisory_of(r, json, name, &a);
    if (bad || r->arena->overflow)
        return reading_skip(r, name, bad ? bad : "too much for the memory of one document", e);
    struct vulnerability v = vulnerability_unknown(a.cves.n == 1 ? a.cves.v[0] : a.id);
    struct slice ref = json_tree_view(json, "ref"), title = json_tree_view(json, "description");
    v.summary = title.n ? title : json_tree_view(json, "overview");
    v.details = json_tree_view(json, "overview");
    for (size_t i = 0; a.cves.n > 1 && i < a.cves.n; i++)
        slice_vec_add(r->arena, &v.aliases, a.cves.v[i]);
    if (ref.n && ref.n <= 500 && slice_is_text(ref))
        slice_vec_add(r->arena, &v.references, ref);
    if (a.ranges.n && reading_advisory(r, &a, e))
        return -1;
    return reading_vulnerability(r, &v, e);
}

int format_nodejs_core(struct feed_reading *r, struct err *e)
{
    return reading_entries(r, UNPACK_TAR, NODE_UNPACKED_MAX, ".json", nodejs_document, e);
}
