/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_friendsofphp.c: FriendsOfPHP's database of Composer's packages, a tar of YAML, <vendor>/<package>/<id>.yaml:
 *     title: …      link: https://…      cve: CVE-2012-6431  (or ~)      reference: composer://symfony/http-foundation
 *     branches:
 *         2.0.x:  {time: 2012-03-19 15:59:52, versions: ['>=2.0.0', '<2.0.19']}
 * Affected of a branch is what all of its conditions hold. A branch without a time has no fix: its end is where the next
 * one begins, which says for itself whether it is affected.
 */
#include "base/clock.h"
#include "feeds/formats/formats.h"
#include "feeds/formats/languages/intervals.h"
#include "io/text/yaml_tree.h"
#include "model/ecosystem/ecosystem.h"

#define PHP_UNPACKED_MAX ((uint64_t)1 << 30)
#define YAML_MAX         ((size_t)1 << 20)
#define YAML_VALUES_MAX  20000

/* The first version behind one: patches of a stable version are right behind it. */
static struct slice next_version(struct slice version, struct arena *arena)
{
    return arena_printf(arena, "%.*s%s", SLICE_FMT(version), slice_find(version, '-') < 0 ? "-p1" : ".1");
}

static const char *add_branch(struct feed_reading *r, enum version_kind kind, const json_t *branch, interval_vec *set,
                              int64_t *newest)
{
    const json_t *versions = json_object_get(branch, "versions");
    struct interval x = {{SLICE_NONE, false}, {SLICE_NONE, false}};
    int64_t at = reading_member_time(branch, "time");
    if (!json_array_size(versions))
        return "a branch without versions";
    for (size_t i = 0; i < json_array_size(versions); i++) {
        struct slice item = json_tree_string(json_array_get(versions, i));
        const char *bad = item.n ? interval_narrow_all(r->arena, kind, &x, item, NULL) : "a version that is no text";
        if (bad)
            return bad;
    }
    *newest = MAX(*newest, at);
    return intervals_add(r->arena, kind, set, &x) ? NULL : "too many branches";
}

static const char *advisory_of(struct feed_reading *r, const json_t *json, struct slice name, struct advisory *a)
{
    const struct ecosystem *row = ecosystem_of_advisories(slice_str(r->feed->ecosystem));
    struct slice package = json_tree_view(json, "reference"), cve = json_tree_view(json, "cve");
    const char *key, *bad = NULL;
    json_t *branch;
    interval_vec set = {0};
    if (!row || !slice_take_prefix(&package, SLICE("composer://")) || !reading_is_name(package, 200))
        return "it names no package of Composer's";
    *a = (struct advisory){.ecosystem = slice_str(r->feed->ecosystem), .name_kind = NAME_EITHER};
    a->package = ecosystem_name(row, SLICE_NONE, package, r->arena);
    a->id = arena_printf(r->arena, "FOP/%.*s/%.*s", SLICE_FMT(a->package), SLICE_FMT(slice_path_name(name)));
    if (reading_is_cve(cve))
        slice_vec_add(r->arena, &a->cves, cve);
    if (!reading_is_name(a->id, 300))
        return "its file's name is no id";
    json_object_foreach(json_object_get(json, "branches"), key, branch)
    {
        bad = add_branch(r, row->version, branch, &set, &a->published_ms);
        if (bad)
            return bad;
    }
    return intervals_tell(r->arena, row->version, &set, next_version, a) ? NULL : "too many branches";
}

static int php_document(struct feed_reading *r, struct slice name, struct slice text, struct err *e)
{
    struct err why = ERR_INIT;
    struct advisory a;
    json_t *json ATTR_CLEANUP(cleanup_json) = NULL;
    if (slice_find_slice(name, SLICE("/.")) >= 0 || slice_starts(name, SLICE(".")))
        return 0; /* the repository's own settings */
    reading_document(r);
    if (yaml_tree_read(text, YAML_MAX, YAML_VALUES_MAX, &json, &why))
        return reading_skip(r, name, why.text, e);
    const char *bad = advisory_of(r, json, name, &a);
    if (bad || r->arena->overflow)
        return reading_skip(r, name, bad ? bad : "too much for the memory of one document", e);
    struct vulnerability v = vulnerability_unknown(a.cves.n ? a.cves.v[0] : a.id);
    struct slice link = json_tree_view(json, "link");
    v.summary = json_tree_view(json, "title");
    v.published_ms = a.published_ms;
    if (link.n && link.n <= 500 && slice_is_text(link))
        slice_vec_add(r->arena, &v.references, link);
    if (a.ranges.n && reading_advisory(r, &a, e))
        return -1;
    return reading_vulnerability(r, &v, e);
}

int format_friendsofphp(struct feed_reading *r, struct err *e)
{
    return reading_large_entries(r, UNPACK_TAR, PHP_UNPACKED_MAX, YAML_MAX, ".yaml", php_document, e);
}
