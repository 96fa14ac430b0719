/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_wesng.c: the definitions of Windows Exploit Suggester NG: Microsoft's security bulletins and update guide as
 * CSV in a zip, a row for each CVE, product and update:
 *     "DatePosted","CVE","BulletinKB","Title","AffectedProduct","AffectedComponent","Severity","Impact","Supersedes",
 *     "Exploits"
 * Supersedes has update numbers with ';' between them. Rows without an update repeat others and are passed over, and so
 * are those of products that there are no container images of, and of .NET and other parts, which have their own.
 */
#include "feeds/formats/formats.h"
#include "io/text/csv.h"
#include "feeds/formats/windows/windows_fixes.h"

#define WESNG_MAX ((uint64_t)2 << 30)

enum { W_DATE, W_CVE, W_KB, W_PRODUCT, W_SEVERITY, W_SUPERSEDES, W_N };
static const char *const columns[W_N] = {"DatePosted",      "CVE",      "BulletinKB",
                                         "AffectedProduct", "Severity", "Supersedes"};

/* Neighbouring rows are of the same few products: the last answer is kept. */
struct product {
    struct slice name;
    uint8_t text[128];
    const struct windows_release *release;
    bool core;
};

static void look_up(struct product *p, struct slice name)
{
    if (p->name.p && slice_eq(p->name, name))
        return;
    size_t n = MIN(name.n, sizeof p->text);
    if (n)
        memcpy(p->text, name.p, n);
    p->name = slice_of(p->text, n);
    p->core = false;
    p->release = windows_release_named(name, &p->core);
}

static int wesng_row(struct feed_reading *r, struct windows_fixes *w, struct product *p, const struct csv *c,
                     const size_t *column, struct err *e)
{
    struct slice product = csv_field(c, column[W_PRODUCT]), cve = csv_field(c, column[W_CVE]), old,
                 supersedes = csv_field(c, column[W_SUPERSEDES]);
    struct windows_fix fix;
    uint64_t date;
    uint32_t superseded;
    memset(&fix, 0, sizeof fix); /* compared as bytes */
    r->stats.documents++;
    if (c->fields_n <= column[W_SUPERSEDES])
        return reading_skip(r, slice_sub(cve, 0, 64), "a row with too few fields", e);
    if (!slice_starts(product, SLICE("Windows Server")))
        return 0;
    look_up(p, product);
    if (!p->release || !cve.n || !windows_fix_kb(csv_field(c, column[W_KB]), &fix.kb))
        return 0;
    if (!windows_fix_cve(cve, &fix.cve))
        return reading_skip(r, slice_sub(cve, 0, 64), "not a CVE", e);
    if (slice_parse_u64(csv_field(c, column[W_DATE]), &date) && date > 19700101 && date < 99999999)
        fix.date = (uint32_t)date;
    fix.build = (uint16_t)p->release->build;
    fix.core = p->core;
    fix.severity = windows_fix_severity(csv_field(c, column[W_SEVERITY]));
    while (slice_take_token(&supersedes, ';', &old))
        if (windows_fix_kb(old, &superseded) && windows_fixes_supersede(w, fix.kb, superseded, e))
            return -1;
    return windows_fixes_add(w, &fix, e);
}

static int wesng_csv(struct feed_reading *r, struct windows_fixes *w, struct unpack *u, struct err *e)
{
    struct csv c;
    struct product p = {.release = NULL};
    size_t column[W_N];
    csv_init(&c, unpack_source(u));
    int rc = csv_header(&c, columns, W_N, column, e) ? -1 : 1;
    while (rc == 1 && (rc = csv_next(&c, e)) == 1)
        if (wesng_row(r, w, &p, &c, column, e))
            rc = -1;
    csv_done(&c);
    return rc;
}

int format_wesng(struct feed_reading *r, struct err *e)
{
    struct unpack *u;
    struct windows_fixes w = {0};
    struct slice name;
    bool found = false;
    int rc;
    if (unpack_open(r->source, UNPACK_ZIP, WESNG_MAX, &u, e))
        return -1;
    while ((rc = unpack_next(u, &name, e)) == 1)
        if (slice_starts(name, SLICE("CVEs_")) && slice_ends(name, SLICE(".csv"))) {
            found = true;
            if (wesng_csv(r, &w, u, e)) {
                rc = -1;
                break;
            }
        }
    if (!rc && !found)
        rc = err_set(e, ERR_POISON, 0, "it has no CVEs_….csv");
    if (!rc)
        rc = windows_fixes_emit(&w, r, "WES-", NAME_BINARY, e);
    r->stats.unpacked_bytes = unpack_bytes(u);
    windows_fixes_done(&w);
    unpack_close(u);
    return rc;
}
