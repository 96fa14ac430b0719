/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_photon.c: Photon OS's CVE metadata (packages.vmware.com/photon/photon_cve_metadata), a JSON array a release:
 *     {"cve_id": "CVE-2025-9086", "pkg": "curl", "cve_score": 7.5, "status": "Fixed",
 *      "aff_ver": "all versions before 8.16.0-1.ph4 are vulnerable", "res_ver": "8.16.0-1.ph4"}
 * Newer files list each subpackage, older ones the source package alone, so a name is taken for either. Versions have
 * no epoch (judge.h: compared without it). "Not Affected", and "Fixed" without a version, say nothing that could be
 * compared and give no record. Ids are CVEs and, where there is none, BDSA-… and the like. The rows of one package and
 * id may stand apart and are united, so the file's statements are kept until its end.
 */
#include "feeds/formats/elements.h"
#include "feeds/formats/formats.h"

#include "model/version/version.h"

#define PHOTON_MAX      ((uint64_t)512 << 20)
#define PHOTON_KEPT_MAX ((size_t)128 << 20)

struct photon_row {
    struct slice id, package, fixed; /* fixed absent: no version has the fix */
};
struct photon {
    struct feed_reading *r;
    struct arena kept;
    VEC(struct photon_row) rows;
};

/* "CVE-2025-9086", "BDSA-2025-0719"; not "Re". */
static bool is_id(struct slice s)
{
    bool digit = false;
    for (size_t i = 0; i < s.n; i++)
        digit = digit || (s.p[i] >= '0' && s.p[i] <= '9');
    return digit && reading_is_name(s, 64) && slice_find(s, '-') > 0 && slice_find(s, ' ') < 0;
}

static bool is_none(struct slice version)
{
    return !version.n || slice_eq_nocase(version, SLICE("na")) || slice_eq_nocase(version, SLICE("n/a"));
}

/* NULL, or why the row breaks the format. */
static const char *read_row(struct photon *p, const json_t *json)
{
    struct photon_row row = {json_tree_view(json, "cve_id"), json_tree_view(json, "pkg"),
                             reading_version(p->r->arena, json_tree_view(json, "res_ver"))};
    struct slice status = json_tree_view(json, "status"), affected = json_tree_view(json, "aff_ver");
    if (!json_is_object(json) || !json_object_get(json, "cve_id") || !json_object_get(json, "pkg"))
        return "a row without an id or a package";
    if (slice_eq_nocase(status, SLICE("not affected")))
        return NULL;
    if (is_none(row.fixed)) {
        row.fixed = SLICE_NONE;
        if (is_none(affected) || slice_eq_nocase(status, SLICE("fixed")))
            return NULL;
    } else if (!reading_is_name(row.fixed, 256) || !version_orderable(VERSION_RPM, row.fixed, NULL)) {
        return "a version that is none";
    }
    if (!is_id(row.id))
        return "an id that is none";
    if (!reading_is_name(row.package, 200))
        return "a package's name that is none";
    struct photon_row *to = VEC_ADD(&p->kept, &p->rows);
    if (to)
        *to = (struct photon_row){arena_slice(&p->kept, row.id), arena_slice(&p->kept, row.package),
                                  row.fixed.n ? arena_slice(&p->kept, row.fixed) : SLICE_NONE};
    return NULL;
}

static int photon_element(struct feed_reading *r, void *arg, const struct element *x, struct err *e)
{
    struct photon *p = arg;
    const char *bad = read_row(p, x->json);
    if (bad)
        return reading_skip(r, json_tree_view(x->json, "cve_id"), bad, e);
    return p->kept.overflow ? err_set(e, ERR_POISON, 0, "its rows take more than %zu bytes", PHOTON_KEPT_MAX) : 0;
}

static int row_order(const void *a, const void *b)
{
    const struct photon_row *x = a, *y = b;
    int c = slice_cmp(x->package, y->package);
    c = c ? c : slice_cmp(x->id, y->id);
    return c ? c : slice_cmp(x->fixed, y->fixed);
}

static int tell_rows(struct photon *p, const struct photon_row *row, size_t n, struct err *e)
{
    struct arena *arena = p->r->arena;
    arena_reset(arena);
    struct advisory a = {.ecosystem = slice_str(p->r->feed->ecosystem),
                         .package = row->package,
                         .id = row->id,
                         .name_kind = NAME_EITHER,
                         .verdict = VERDICT_AFFECTED};
    if (reading_is_cve(row->id))
        slice_vec_add(arena, &a.cves, row->id);
    for (size_t i = 0; i < n; i++) {
        if (i && slice_eq(row[i].fixed, row[i - 1].fixed))
            continue;
        struct version_range *range = VEC_ADD(arena, &a.ranges);
        if (range)
            *range = (struct version_range){.introduced = SLICE("0"), .fixed = row[i].fixed};
    }
    return arena->overflow ? err_set(e, ERR_POISON, 0, "too many rows of one package and id")
                           : reading_advisory(p->r, &a, e);
}

int format_photon(struct feed_reading *r, struct err *e)
{
    struct photon p = {.r = r, .kept = ARENA_INIT(PHOTON_KEPT_MAX)};
    int rc = elements_read(r, &(struct elements){.max = PHOTON_MAX, .arg = &p, .element = photon_element}, e);
    if (p.rows.n)
        qsort(p.rows.v, p.rows.n, sizeof *p.rows.v, row_order);
    for (size_t i = 0, n; rc == 0 && i < p.rows.n; i += n) {
        const struct photon_row *row = &p.rows.v[i];
        for (n = 1; i + n < p.rows.n && slice_eq(row[n].package, row->package) && slice_eq(row[n].id, row->id);)
            n++;
        rc = tell_rows(&p, row, n, e);
    }
    arena_done(&p.kept);
    return rc;
}
