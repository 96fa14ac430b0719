/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_msrc_cvrf.c: Microsoft's security update guide as CVRF 1.1 documents, one a month, in a tar
 * (https://api.msrc.microsoft.com/cvrf/v3.0/updates lists them, …/cvrf/v3.0/cvrf/2024-Mar gives one):
 *     <FullProductName ProductID="11923">Windows Server 2022</FullProductName> …
 *     <Vulnerability><CVE>CVE-2024-20674</CVE>
 *       <ProductStatuses><Status Type="Known Affected"><ProductID>11923</ProductID></Status></ProductStatuses>
 *       <Threats><Threat Type="Severity"><Description>Critical</Description>
 *         <ProductID>11923</ProductID></Threat></Threats>
 *       <Remediations><Remediation Type="Vendor Fix"><Description>5034129</Description>
 *         <Supercedence>5033118</Supercedence><ProductID>11923</ProductID>
 *         <FixedBuild>10.0.20348.2227</FixedBuild></Remediation></Remediations></Vulnerability>
 * The names stand before what uses them. A product that is affected and has no fix is affected in all its builds.
 */
#include "base/clock.h"
#include "feeds/formats/formats.h"
#include "io/archive/unpack.h"
#include "feeds/formats/windows/windows_fixes.h"
#include "io/text/xml.h"

#define CVRF_MAX     ((uint64_t)8 << 30)
#define PRODUCTS_MAX 256 /* products that there are container images of; each has a name or two */

struct products {
    struct {
        uint32_t id;
        uint16_t build;
        bool core;
        uint8_t severity; /* of the vulnerability at hand */
        bool affected, fixed;
    } v[PRODUCTS_MAX];
    size_t n;
};

static uint32_t number(struct slice s)
{
    uint64_t n;
    return slice_parse_u64(slice_trim(s), &n) && n <= UINT32_MAX ? (uint32_t)n : 0;
}

static void add_product(struct products *p, const struct xml_node *n, struct arena *a)
{
    uint32_t id = number(xml_attribute(n, "ProductID"));
    bool core = false;
    const struct windows_release *r = windows_release_named(xml_text(n, a), &core);
    for (size_t i = 0; r && i < p->n; i++)
        if (p->v[i].id == id)
            return;
    if (!r || !id || p->n == PRODUCTS_MAX)
        return;
    memset(&p->v[p->n], 0, sizeof p->v[p->n]);
    p->v[p->n].id = id;
    p->v[p->n].build = (uint16_t)r->build;
    p->v[p->n++].core = core;
}

static size_t find(const struct products *p, const struct xml_node *id, struct arena *a)
{
    uint32_t n = number(xml_text(id, a));
    for (size_t i = 0; i < p->n && n; i++)
        if (p->v[i].id == n)
            return i;
    return SIZE_MAX;
}

static void read_statuses(struct products *p, const struct xml_node *vulnerability, struct arena *a)
{
    const struct xml_node *s = xml_child(xml_child(vulnerability, "ProductStatuses"), "Status"),
                          *t = xml_child(xml_child(vulnerability, "Threats"), "Threat");
    for (size_t i = 0; i < p->n; i++) {
        p->v[i].affected = p->v[i].fixed = false;
        p->v[i].severity = 0;
    }
    for (; s; s = xml_again(s))
        for (const struct xml_node *id = xml_child(s, "ProductID"); id; id = xml_again(id)) {
            size_t at = slice_eq_str(xml_attribute(s, "Type"), "Known Affected") ? find(p, id, a) : SIZE_MAX;
            if (at != SIZE_MAX)
                p->v[at].affected = true;
        }
    for (; t; t = xml_again(t))
        for (const struct xml_node *id = xml_child(t, "ProductID"); id; id = xml_again(id)) {
            size_t at = slice_eq_str(xml_attribute(t, "Type"), "Severity") ? find(p, id, a) : SIZE_MAX;
            if (at != SIZE_MAX)
                p->v[at].severity = windows_fix_severity(xml_child_text(t, "Description", a));
        }
}

static struct windows_fix fix_of(const struct products *p, size_t at, uint64_t cve, uint32_t date)
{
    struct windows_fix fix;
    memset(&fix, 0, sizeof fix); /* compared as bytes */
    fix.cve = cve;
    fix.date = date;
    fix.build = p->v[at].build;
    fix.core = p->v[at].core;
    fix.severity = p->v[at].severity;
    return fix;
}

static int read_remediation(struct products *p, struct windows_fixes *w, const struct xml_node *n, uint64_t cve,
                            uint32_t date, struct arena *a, struct err *e)
{
    uint32_t kb = 0, old = 0;
    unsigned ubr = 0, build = windows_build_of(xml_child_text(n, "FixedBuild", a), &ubr);
    if (!slice_eq_str(xml_attribute(n, "Type"), "Vendor Fix"))
        return 0;
    windows_fix_kb(xml_child_text(n, "Description", a), &kb);
    for (const struct xml_node *id = xml_child(n, "ProductID"); id; id = xml_again(id)) {
        size_t at = find(p, id, a);
        if (at == SIZE_MAX)
            continue;
        struct windows_fix fix = fix_of(p, at, cve, date);
        fix.kb = kb;
        fix.ubr = build == fix.build ? ubr : 0;
        if (!fix.kb && !fix.ubr)
            continue;
        p->v[at].fixed = true;
        if ((kb && windows_fix_kb(xml_child_text(n, "Supercedence", a), &old) &&
             windows_fixes_supersede(w, kb, old, e)) ||
            windows_fixes_add(w, &fix, e))
            return -1;
    }
    return 0;
}

/* The first date of its history, as yyyymmdd. */
static uint32_t date_of(const struct xml_node *vulnerability, struct arena *a)
{
    const struct xml_node *r = xml_child(xml_child(vulnerability, "RevisionHistory"), "Revision");
    struct slice s = xml_child_text(r, "Date", a);
    if (s.n < 10)
        return 0;
    return number(slice_sub(s, 0, 4)) * 10000 + number(slice_sub(s, 5, 2)) * 100 + number(slice_sub(s, 8, 2));
}

static int read_vulnerability(struct feed_reading *r, struct products *p, struct windows_fixes *w,
                              const struct xml_node *n, struct err *e)
{
    struct slice name = xml_child_text(n, "CVE", r->arena);
    uint64_t cve;
    r->stats.documents++;
    if (n->cut)
        return reading_skip(r, SLICE("(a vulnerability)"), "too big", e);
    if (!windows_fix_cve(name, &cve))
        return name.n && !slice_starts(name, SLICE("CVE-")) && !slice_starts(name, SLICE("ADV"))
                   ? 0 /* notes about other projects' advisories */
                   : reading_skip(r, slice_sub(name, 0, 64), "not a CVE", e);
    uint32_t date = date_of(n, r->arena);
    read_statuses(p, n, r->arena);
    const struct xml_node *m = xml_child(xml_child(n, "Remediations"), "Remediation");
    for (; m; m = xml_again(m))
        if (read_remediation(p, w, m, cve, date, r->arena, e))
            return -1;
    for (size_t i = 0; i < p->n; i++) {
        struct windows_fix fix = fix_of(p, i, cve, date);
        if (p->v[i].affected && !p->v[i].fixed && windows_fixes_add(w, &fix, e))
            return -1;
    }
    return r->arena->overflow ? reading_skip(r, name, "too big", e) : 0;
}

static int read_document(struct feed_reading *r, struct windows_fixes *w, struct unpack *u, struct err *e)
{
    static const char *const wanted[] = {"FullProductName", "Vulnerability", NULL};
    struct products p = {.n = 0};
    const struct xml_node *n;
    struct xml *x;
    int rc = xml_open(unpack_source(u), wanted, &x, e);
    if (rc)
        return -1;
    while (arena_reset(r->arena), (rc = xml_next(x, r->arena, &n, e)) == 1) {
        if (slice_eq_str(n->name, "FullProductName"))
            add_product(&p, n, r->arena);
        else if (read_vulnerability(r, &p, w, n, e)) {
            rc = -1;
            break;
        }
    }
    xml_close(x);
    return rc;
}

int format_msrc_cvrf(struct feed_reading *r, struct err *e)
{
    struct unpack *u;
    struct windows_fixes w = {0};
    struct slice name;
    int rc;
    if (unpack_open(r->source, UNPACK_TAR, CVRF_MAX, &u, e))
        return -1;
    while ((rc = unpack_next(u, &name, e)) == 1) {
        bool missing = slice_starts(name, SLICE(DOCUMENT_MISSING));
        if (missing)
            reading_document(r);
        if (missing ? reading_skip(r, reading_cut(name, 64), "its server has not what its list names", e)
                    : read_document(r, &w, u, e)) {
            rc = -1;
            break;
        }
    }
    if (!rc)
        rc = windows_fixes_emit(&w, r, "", NAME_BINARY, e);
    r->stats.unpacked_bytes = unpack_bytes(u);
    windows_fixes_done(&w);
    unpack_close(u);
    return rc;
}
