/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_secdb.c: Alpine's security database, one JSON document for each release and repository, made from the
 * "secfixes" comments of the packages' build files:
 *
 *     {"distroversion": "v3.20", "reponame": "main",
 *      "packages": [{"pkg": {"name": "xz", "secfixes": {"5.2.5-r1": ["CVE-2022-1271 ZDI-CAN-16587"],
 *                                                       "0": ["CVE-…"]}}}]}
 *
 * A version is the first one with the fix; "0" says that the package was never affected. An item is one or several ids
 * (secdb_item.h), of which those after the first are often other names of the same thing. An item without an id is left
 * out and counted. The packages are source packages. When an id is listed under several versions, the fix was redone:
 * everything before the last of them is affected, and that is what the union of the ranges says.
 */
#include "feeds/formats/elements.h"
#include "feeds/formats/formats.h"
#include "feeds/formats/secdb_item.h"

#define SECDB_MAX     ((uint64_t)256 << 20)
#define PKG_ITEMS_MAX 5000

static struct advisory *advisory_of(struct feed_reading *r, advisory_vec *list, struct slice id)
{
    for (size_t i = 0; i < list->n; i++)
        if (slice_eq(list->v[i].id, id))
            return &list->v[i];
    struct advisory *a = VEC_ADD(r->arena, list);
    if (a)
        a->id = id;
    return a;
}

static bool add_range(struct feed_reading *r, struct advisory *a, struct slice fixed)
{
    for (size_t i = 0; i < a->ranges.n; i++)
        if (slice_eq(a->ranges.v[i].fixed, fixed))
            return true;
    struct version_range *range = VEC_ADD(r->arena, &a->ranges);
    if (range)
        *range = (struct version_range){.introduced = SLICE("0"), .fixed = fixed};
    return range != NULL;
}

/* The ids of one item of one version: false when the arena is used up. */
static bool add_ids(struct feed_reading *r, advisory_vec *list, struct slice version, const struct slice *ids, size_t n)
{
    size_t cves = 0;
    for (size_t i = 0; i < n; i++)
        cves += reading_is_cve(ids[i]);
    for (size_t i = 0; i < n; i++) {
        if (cves ? !reading_is_cve(ids[i]) : i > 0)
            continue;
        struct advisory *a = advisory_of(r, list, ids[i]);
        if (!a)
            return false;
        if (reading_is_cve(ids[i]) && !a->cves.n)
            slice_vec_add(r->arena, &a->cves, ids[i]);
        for (size_t k = 0; k < n; k++)
            if (k != i && !reading_is_cve(ids[k]))
                slice_vec_add(r->arena, &a->aliases, ids[k]);
        if (!slice_eq_str(version, "0") && !add_range(r, a, version))
            return false;
    }
    return !r->arena->overflow;
}

/* *left: an item that holds no id. */
static const char *read_items(struct feed_reading *r, struct slice version, const json_t *items, advisory_vec *list,
                              struct slice *left)
{
    for (size_t i = 0; i < json_array_size(items); i++) {
        struct slice ids[SECDB_ITEM_IDS_MAX], item = slice_str(json_string_value(json_array_get(items, i)));
        if (!item.p)
            return "an id is not text";
        size_t n = secdb_item_ids(r->arena, item, ids);
        if (!n)
            *left = item;
        if (!add_ids(r, list, version, ids, n))
            return "too many ids";
    }
    return NULL;
}

static const char *read_secfixes(struct feed_reading *r, const json_t *secfixes, advisory_vec *list, struct slice *left)
{
    const char *key, *bad = NULL;
    json_t *items;
    size_t total = 0;
    json_object_foreach((json_t *)(uintptr_t)secfixes, key, items)
    {
        struct slice version = secdb_version(r->arena, slice_str(key));
        if (!reading_is_name(version, 128))
            return "a version is not one";
        /* A version that lists nothing is null in old files. */
        if (!json_is_array(items) && !json_is_null(items))
            return "a version without a list of ids";
        total += json_array_size(items);
        bad = total > PKG_ITEMS_MAX ? "too many ids" : read_items(r, version, items, list, left);
        if (bad)
            return bad;
    }
    return NULL;
}

static int compare_advisories(const void *a, const void *b)
{
    return slice_cmp(((const struct advisory *)a)->id, ((const struct advisory *)b)->id);
}

static int compare_ranges(const void *a, const void *b)
{
    return slice_cmp(((const struct version_range *)a)->fixed, ((const struct version_range *)b)->fixed);
}

static int secdb_package(struct feed_reading *r, const json_t *json, struct err *e)
{
    const json_t *pkg = json_object_get(json, "pkg"), *secfixes = json_object_get(pkg, "secfixes");
    struct slice name = json_tree_view(pkg, "name"), left = SLICE_NONE;
    advisory_vec list = {0};
    if (!reading_is_name(name, 200))
        return reading_skip(r, SLICE("(no name)"), "a package without a name", e);
    const char *bad =
        json_is_object(secfixes) ? read_secfixes(r, secfixes, &list, &left) : "a package without secfixes";
    if (bad)
        return reading_skip(r, name, bad, e);
    if (left.p) {
        char why[160];
        snprintf(why, sizeof why, "an item that holds no id: %.*s", SLICE_FMT(reading_cut(left, 80)));
        if (reading_left_out(r, name, why, e))
            return -1;
    }
    if (list.n)
        qsort(list.v, list.n, sizeof *list.v, compare_advisories);
    for (size_t i = 0; i < list.n; i++) {
        struct advisory *a = &list.v[i];
        a->ecosystem = slice_str(r->feed->ecosystem);
        a->package = name;
        a->name_kind = NAME_SOURCE;
        a->verdict = a->ranges.n ? VERDICT_AFFECTED : VERDICT_NOT_AFFECTED;
        if (a->ranges.n)
            qsort(a->ranges.v, a->ranges.n, sizeof *a->ranges.v, compare_ranges);
        if (reading_advisory(r, a, e))
            return -1;
    }
    return 0;
}

static int secdb_element(struct feed_reading *r, void *arg, const struct element *x, struct err *e)
{
    (void)arg;
    return secdb_package(r, x->json, e);
}

/* The file must be of the release that the row says: a wrong file would judge by another release's versions. */
static int secdb_field(struct feed_reading *r, void *arg, struct slice key, struct slice text, struct err *e)
{
    (void)arg;
    if (!slice_eq_str(key, "distroversion"))
        return 0;
    struct slice release = text.n >= 2 ? slice_sub(text, 1, text.n - 2) : text,
                 expected = slice_str(r->feed->ecosystem);
    slice_take_prefix(&expected, SLICE("Alpine:"));
    if (!slice_eq(release, expected))
        return err_set(e, ERR_POISON, 0, "the file is of release '%.*s', not of '%.*s'",
                       SLICE_FMT(slice_sub(release, 0, 40)), SLICE_FMT(expected));
    return 0;
}

int format_secdb(struct feed_reading *r, struct err *e)
{
    const struct elements want = {.max = SECDB_MAX, .list = "packages", .element = secdb_element, .field = secdb_field};
    return elements_read(r, &want, e);
}
