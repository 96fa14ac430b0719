/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_ubuntu_vex.c: Canonical's OpenVEX documents, a tar of them, one a CVE:
 *     {"metadata": {…}, "statements": [{"vulnerability": {"name": "CVE-2023-38545"}, "status": "affected",
 *      "action_statement": "…",
 *      "products": [{"@id": "pkg:deb/ubuntu/curl@7.47.0-1ubuntu2.19?arch=source&distro=xenial"},
 *                   {"@id": "pkg:deb/ubuntu/curl@…?arch=source&distro=esm-infra/xenial"}, …]}]}
 *
 * They say why, which Canonical's OSV documents of the same CVE don't: not affected, won't fix, end of support, under
 * investigation. A product's version is the pocket's present one, whatever its status, so that "fixed" names no first
 * fixed version: OSV has these. What holds of a version is taken to hold of those before it.
 * Only sources are read; the notices' documents (USN) and releases that are not known are passed over.
 */
#include "feeds/formats/formats.h"
#include "io/archive/unpack.h"
#include "model/distro/distro.h"
#include "model/purl.h"

#define VEX_UNPACKED_MAX ((uint64_t)16 << 30)
#define STATEMENTS_MAX   1000
#define PRODUCTS_MAX     200000

/* False: the statement has nothing to tell that OSV's ranges don't. */
static bool read_verdict(const json_t *statement, enum verdict *ret_verdict, const char **ret_bad)
{
    struct slice status = json_tree_view(statement, "status"), action = json_tree_view(statement, "action_statement");
    *ret_verdict = VERDICT_AFFECTED;
    if (slice_eq_str(status, "fixed"))
        return false;
    if (slice_eq_str(status, "not_affected")) {
        *ret_verdict = VERDICT_NOT_AFFECTED;
        /* A statement about a package that the archive doesn't have says nothing about one in an image. */
        return !slice_eq_str(json_tree_view(statement, "justification"), "component_not_present");
    }
    if (slice_eq_str(status, "under_investigation"))
        *ret_verdict = VERDICT_UNDER_INVESTIGATION;
    else if (!slice_eq_str(status, "affected"))
        *ret_bad = "a status that is none of affected, not_affected, fixed, under_investigation";
    else if (slice_find_slice(action, SLICE("decided to not fix")) >= 0)
        *ret_verdict = VERDICT_WONT_FIX;
    else if (slice_find_slice(action, SLICE("no longer supported")) >= 0)
        *ret_verdict = VERDICT_END_OF_LIFE;
    return true;
}

/* "jammy", "esm-infra/xenial", "trusty/esm" -> the ecosystem; absent for pockets that are not looked up. */
static struct slice ecosystem_of(struct slice distro, struct arena *arena)
{
    struct slice part, release, pocket = SLICE_NONE, base = SLICE_NONE;
    while (slice_take_token(&distro, '/', &part)) {
        if (distro_codename_release(SLICE("ubuntu"), part, &release))
            base = distro_ecosystem(distro_by_id(SLICE("ubuntu")), release, arena);
        else
            pocket = part;
    }
    if (!base.n || !pocket.n)
        return base;
    slice_take_prefix(&base, SLICE("Ubuntu:"));
    if (slice_starts(pocket, SLICE("esm")) || slice_ends(pocket, SLICE("-esm")))
        return arena_printf(arena, "Ubuntu:Pro:%.*s", SLICE_FMT(base));
    return SLICE_NONE;
}

static const char *add_product(struct feed_reading *r, const json_t *product, enum verdict verdict, struct slice id,
                               advisory_vec *list)
{
    struct slice text = json_tree_view(product, "@id");
    struct purl p;
    if (slice_find_slice(text, SLICE("arch=source")) < 0)
        return NULL;
    if (purl_parse(text, r->arena, &p, NULL) || !reading_is_name(p.name, 200) || !reading_is_name(p.version, 256))
        return "a product that is no package";
    struct slice ecosystem = ecosystem_of(purl_qualifier(&p, "distro"), r->arena);
    if (!ecosystem.n)
        return NULL;
    struct advisory *a = NULL;
    for (size_t i = 0; i < list->n && !a; i++)
        if (slice_eq(list->v[i].package, p.name) && slice_eq(list->v[i].ecosystem, ecosystem))
            a = &list->v[i];
    /* Infrastructure and applications share one ecosystem: of two statements, affected is the safe reading. */
    if (a && a->verdict != verdict)
        verdict = a->verdict == VERDICT_NOT_AFFECTED ? verdict : VERDICT_AFFECTED;
    if (!a)
        a = VEC_ADD(r->arena, list);
    if (!a)
        return "too many packages";
    *a = (struct advisory){
        .ecosystem = ecosystem, .package = p.name, .id = id, .name_kind = NAME_SOURCE, .verdict = verdict};
    slice_vec_add(r->arena, &a->cves, id);
    if (verdict != VERDICT_NOT_AFFECTED) {
        struct version_range *range = VEC_ADD(r->arena, &a->ranges);
        if (range)
            *range = (struct version_range){.introduced = SLICE("0"), .last_affected = p.version};
    }
    return NULL;
}

/* *ret_id: the document's CVE, absent when it is a notice's or holds no statement. */
static const char *read_statements(struct feed_reading *r, const json_t *statements, struct slice *ret_id,
                                   advisory_vec *list)
{
    if (!json_is_array(statements) || json_array_size(statements) > STATEMENTS_MAX)
        return "statements are not a list, or too many";
    for (size_t i = 0; i < json_array_size(statements); i++) {
        const json_t *s = json_array_get(statements, i), *products = json_object_get(s, "products");
        struct slice id = json_tree_view(json_object_get(s, "vulnerability"), "name");
        enum verdict verdict;
        const char *bad = NULL;
        if (!reading_is_cve(id)) {
            if (!reading_is_name(id, 64))
                return "a statement about no vulnerability";
            continue;
        }
        *ret_id = id;
        if (!read_verdict(s, &verdict, &bad))
            continue;
        if (!json_is_array(products) || json_array_size(products) > PRODUCTS_MAX)
            bad = "products are not a list, or too many";
        for (size_t k = 0; k < json_array_size(products) && !bad; k++)
            bad = add_product(r, json_array_get(products, k), verdict, id, list);
        if (bad)
            return bad;
    }
    return r->arena->overflow ? "too much for the memory of one document" : NULL;
}

static int vex_document(struct feed_reading *r, struct slice name, struct slice text, struct err *e)
{
    struct err why = ERR_INIT;
    struct slice id = SLICE_NONE;
    advisory_vec list = {0};
    json_t *json;
    reading_document(r);
    if (reading_json(text, &json, &why))
        return reading_skip(r, name, why.text, e);
    const char *bad = read_statements(r, json_object_get(json, "statements"), &id, &list);
    int rc = bad ? reading_skip(r, id.n ? id : name, bad, e) : 0;
    for (size_t i = 0; i < list.n && !bad && !rc; i++)
        rc = reading_advisory(r, &list.v[i], e);
    json_decref(json);
    return rc;
}

int format_ubuntu_vex(struct feed_reading *r, struct err *e)
{
    return reading_entries(r, UNPACK_TAR, VEX_UNPACKED_MAX, ".json", vex_document, e);
}
