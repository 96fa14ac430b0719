/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_csaf_names.c: CSAF of publishers whose products are named by what they are, without package URLs: a tar of
 * documents, each about one CVE (or one notice).
 *  - SUSE (suse.com/support/security/csaf, csaf-vex.tar.bz2): "SUSE Linux Enterprise Server 15 SP5:samba-4.17.9-1.2",
 *    of all architectures. What it recommends has the fix; what is affected, under investigation or not affected stands
 *    without a version, by the names of installed packages and sources alike. model/distro/distro.h says which system's
 *    packages a product's are.
 *  - openEuler (repo.openeuler.org/security/data/csaf, advisories and cve): "openEuler-22.03-LTS-SP3:vim-common-9.0-33.
 *    oe2203sp3.aarch64", the part an rpm's file name. Both kinds of documents say the same, under the same ids.
 *
 * Fixes are told a notice, as the remediation's address names it; without one under "VEX/CVE-…", beside OVAL's own.
 * A name with a fix in an ecosystem keeps the fix; else affected goes before under investigation, that before not
 * affected. "Not affected" is kept where the document could make a finding in the same system, or in another of the row
 * in a package of the same name, so that it overrides what other feeds say; alone it decides nothing, and publishers
 * say it of ten times as many packages. It counts for what is built from the source of that name too, unless the
 * document itself finds something in the system.
 */
#include "feeds/formats/formats.h"
#include "feeds/formats/csaf/csaf_documents.h"
#include "feeds/formats/csaf/csaf_notes.h"
#include "feeds/formats/statements.h"
#include "model/distro/distro.h"
#include "model/version/version.h"

enum said { SAID_FIXED, SAID_AFFECTED, SAID_INVESTIGATED, SAID_NOT_AFFECTED };

/* One product id of one status. */
struct product {
    struct slice ecosystem, name, architecture, version, notice; /* the last two only with a fix */
    enum said said;
    bool source;
    uint32_t number; /* its number in the document */
};

struct reader {
    struct feed_reading *r;
    const struct csaf_document *d;
    const struct csaf_vulnerability *v;
    struct csaf_notes notes;
    VEC(struct product) all;
    slice_vec hits; /* names with another statement than "not affected", sorted */
    bool told;
    const char *bad;
};

/* ---- what a product id says ---- */

static struct slice openeuler_platform(struct slice name, struct arena *arena)
{
    if (!slice_take_prefix(&name, SLICE("openEuler-")) || !name.n || name.p[0] < '0' || name.p[0] > '9')
        return SLICE_NONE;
    return arena_printf(arena, "openEuler:%.*s", SLICE_FMT(name));
}

static const struct {
    const char *ecosystem;
    struct slice (*platform)(struct slice name, struct arena *arena);
} publishers[] = {
    {"SUSE", distro_product_ecosystem},
    {"openSUSE", distro_product_ecosystem},
    {"openEuler", openeuler_platform},
};

/* SLICE_NONE: not of the feed's row. */
static struct slice ecosystem_of(struct feed_reading *r, struct slice platform)
{
    struct slice row = slice_str(r->feed->ecosystem), e = SLICE_NONE, rest;
    for (size_t i = 0; i < ARRAY_LEN(publishers); i++)
        if (slice_eq_str(row, publishers[i].ecosystem))
            e = publishers[i].platform(platform, r->arena);
    rest = e;
    if (!slice_take_prefix(&rest, row) || (rest.n && rest.p[0] != ':') || !reading_is_name(e, 100))
        return SLICE_NONE;
    return e;
}

/* Takes ".x86_64" off the end. */
static struct slice take_architecture(struct slice *name)
{
    static const char *const known[] = {"x86_64",  "aarch64",     "noarch", "src",     "nosrc", "ppc64le",
                                        "s390x",   "i586",        "i686",   "riscv64", "ppc64", "ia64",
                                        "armv7hl", "loongarch64", "s390",   "i386"};
    ptrdiff_t dot = slice_rfind(*name, '.');
    struct slice last = dot < 0 ? SLICE_NONE : slice_from(*name, (size_t)dot + 1);
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (slice_eq_str(last, known[i])) {
            *name = slice_sub(*name, 0, (size_t)dot);
            return last;
        }
    return SLICE_NONE;
}

static bool is_digit(struct slice s)
{
    return s.n && s.p[0] >= '0' && s.p[0] <= '9';
}

/* "samba-libs-4.19.2-1.1" -> its name and version; false when it has none. */
static bool split_version(struct slice s, struct slice *ret_name, struct slice *ret_version)
{
    ptrdiff_t release = slice_rfind(s, '-');
    ptrdiff_t version = release < 0 ? -1 : slice_rfind(slice_sub(s, 0, (size_t)release), '-');
    if (version <= 0)
        return false;
    *ret_name = slice_sub(s, 0, (size_t)version);
    *ret_version = slice_from(s, (size_t)version + 1);
    return true;
}

/* A name such as "java-1_8_0-openjdk" is not one with a version. */
static bool looks_versioned(struct slice version)
{
    struct slice release = slice_from(version, (size_t)(slice_rfind(version, '-') + 1));
    return is_digit(version) && is_digit(release) && slice_find(release, '.') > 0;
}

/* False when it is no statement about packages of the row's systems. */
static bool read_product(struct reader *x, struct slice id, enum said said, struct product *p)
{
    struct csaf_place place;
    if (!csaf_place(x->d, id, &place) || !place.platform)
        return false;
    const struct csaf_product *on = place.platform;
    struct slice name = place.package->id, version = SLICE_NONE;
    *p = (struct product){.said = said, .number = csaf_number(x->d, id)};
    p->ecosystem = ecosystem_of(x->r, on->name.n ? on->name : on->id);
    if (!p->ecosystem.n)
        return false;
    if (slice_ends(name, SLICE(".rpm")))
        name.n -= 4;
    struct slice architecture = take_architecture(&name);
    p->source = slice_eq_str(architecture, "src") || slice_eq_str(architecture, "nosrc");
    if (!p->source && !slice_eq_str(architecture, "noarch"))
        p->architecture = architecture;
    p->name = name;
    bool versioned = split_version(name, &p->name, &version);
    if (said == SAID_FIXED) {
        p->version = version;
        p->notice = csaf_erratum(&x->notes, p->number);
        if (!versioned || version.n > 200 || !version_orderable(VERSION_RPM, version, NULL))
            return x->bad = "a fix that is no package with a version", false;
    } else if (!versioned || !looks_versioned(version)) {
        p->name = name;
    }
    if (!reading_is_name(p->name, 160))
        return x->bad = "a package without a name", false;
    return !csaf_is_debug(p->name);
}

/* ---- order ---- */

static int subject_order(const struct product *x, const struct product *y)
{
    int c = slice_cmp(x->ecosystem, y->ecosystem);
    return c ? c : slice_cmp(x->name, y->name);
}

static int product_order(const void *a, const void *b)
{
    const struct product *x = a, *y = b;
    int c = subject_order(x, y);
    c = c ? c : (int)x->said - (int)y->said;
    return c ? c : (x->number > y->number) - (x->number < y->number);
}

/* Fixes first, by notice. */
static int fix_order(const void *a, const void *b)
{
    const struct product *x = a, *y = b;
    int c = (x->said != SAID_FIXED) - (y->said != SAID_FIXED);
    c = c ? c : slice_cmp(x->notice, y->notice);
    c = c ? c : (int)x->source - (int)y->source;
    return c ? c : product_order(a, b);
}

static void read_products(struct reader *x)
{
    static const struct {
        enum csaf_status status;
        enum said said;
    } read[] = {{CSAF_FIXED, SAID_FIXED},
                {CSAF_FIRST_FIXED, SAID_FIXED},
                {CSAF_RECOMMENDED, SAID_FIXED},
                {CSAF_AFFECTED, SAID_AFFECTED},
                {CSAF_UNDER_INVESTIGATION, SAID_INVESTIGATED},
                {CSAF_NOT_AFFECTED, SAID_NOT_AFFECTED}};
    for (size_t k = 0; k < ARRAY_LEN(read); k++)
        for (size_t i = 0; i < x->v->status[read[k].status].n && !x->bad; i++) {
            struct product p, *to;
            if (!read_product(x, x->v->status[read[k].status].v[i], read[k].said, &p))
                continue;
            if ((to = (__typeof__(to))VEC_ADD(x->r->arena, &x->all)))
                *to = p;
            if (p.said != SAID_NOT_AFFECTED)
                slice_vec_add(x->r->arena, &x->hits, p.name);
        }
    slice_vec_sort(&x->hits);
}

/* ---- records ---- */

static struct advisory facts_of(struct reader *x, uint32_t number)
{
    struct advisory a = {.published_ms = x->d->published_ms, .modified_ms = x->d->modified_ms};
    slice_vec_add(x->r->arena, &a.cves, x->v->cve);
    csaf_rate(x->r, &x->notes, &a, number);
    return a;
}

/* Products with a fix by one notice, all sources or all installed packages. */
static int tell_fixes(struct reader *x, const struct product *p, size_t n, struct err *e)
{
    struct advisory a = facts_of(x, p->number);
    statement_vec v = {0};
    bool notice = p->notice.n > 0;
    a.id = arena_printf(x->r->arena, "%.*s/%.*s%s", SLICE_FMT(notice ? p->notice : SLICE("VEX")), SLICE_FMT(x->v->cve),
                        p->source ? "/src" : "");
    a.fix_reference = p->notice;
    a.verdict = VERDICT_AFFECTED;
    a.name_kind = p->source ? NAME_SOURCE : NAME_BINARY;
    for (size_t i = 0; i < n; i++) {
        struct statement *s = VEC_ADD(x->r->arena, &v);
        if (s)
            *s = (struct statement){.ecosystem = p[i].ecosystem,
                                    .package = p[i].name,
                                    .flavour = version_rpm_flavour(p[i].version),
                                    .architectures = p[i].architecture,
                                    .range = {.introduced = SLICE("0"), .fixed = p[i].version}};
    }
    x->told |= v.n > 0;
    return statements_tell(x->r, &a, &v, e);
}

/* system_hit: something in the same system could make a finding. */
static int tell_unfixed(struct reader *x, const struct product *p, bool system_hit, struct err *e)
{
    static const enum verdict verdicts[] = {[SAID_AFFECTED] = VERDICT_AFFECTED,
                                            [SAID_INVESTIGATED] = VERDICT_UNDER_INVESTIGATION,
                                            [SAID_NOT_AFFECTED] = VERDICT_NOT_AFFECTED};
    if (p->said == SAID_NOT_AFFECTED && !system_hit && !csaf_has_name(&x->hits, p->name))
        return 0;
    struct advisory a = facts_of(x, p->number);
    a.ecosystem = p->ecosystem;
    a.package = p->name;
    a.id = arena_printf(x->r->arena, "VEX/%.*s", SLICE_FMT(x->v->cve));
    a.verdict = verdicts[p->said];
    a.name_kind = p->said == SAID_NOT_AFFECTED && system_hit ? NAME_BINARY : NAME_EITHER;
    if (a.verdict == VERDICT_AFFECTED && csaf_no_fix(&x->notes, p->number))
        a.verdict = VERDICT_WONT_FIX;
    struct version_range *range = a.verdict == VERDICT_AFFECTED ? VEC_ADD(x->r->arena, &a.ranges) : NULL;
    if (range)
        *range = (struct version_range){.introduced = SLICE("0")};
    x->told = true;
    return reading_advisory(x->r, &a, e);
}

/* Sorted products. Those without a fix are told, one record a name. */
static int tell_all_unfixed(struct reader *x, struct err *e)
{
    const struct product *p = x->all.v;
    bool system_hit = false;
    for (size_t i = 0, n; i < x->all.n; i += n) {
        if (!i || !slice_eq(p[i].ecosystem, p[i - 1].ecosystem)) {
            system_hit = false;
            for (size_t k = i; k < x->all.n && slice_eq(p[k].ecosystem, p[i].ecosystem); k++)
                system_hit |= p[k].said != SAID_NOT_AFFECTED;
        }
        for (n = 1; i + n < x->all.n && !subject_order(&p[i], &p[i + n]);)
            n++;
        if (p[i].said != SAID_FIXED && tell_unfixed(x, &p[i], system_hit, e))
            return -1;
    }
    return 0;
}

/* A source's version is told only for a name of no installed package: these have versions of their own. */
static size_t drop_named_sources(struct reader *x)
{
    struct product *p = x->all.v;
    size_t kept = 0;
    for (size_t i = 0, n; i < x->all.n; i += n) {
        bool installed = false;
        for (n = 0; i + n < x->all.n && !subject_order(&p[i], &p[i + n]); n++)
            installed |= p[i + n].said == SAID_FIXED && !p[i + n].source;
        for (size_t k = i; k < i + n; k++)
            if (p[k].said == SAID_FIXED && !(installed && p[k].source))
                p[kept++] = p[k];
    }
    return kept;
}

static int tell_all_fixes(struct reader *x, struct err *e)
{
    size_t fixes = drop_named_sources(x);
    const struct product *p = x->all.v;
    if (fixes)
        qsort(x->all.v, fixes, sizeof *x->all.v, fix_order);
    for (size_t i = 0, n; i < fixes; i += n) {
        for (n = 1; i + n < fixes && slice_eq(p[i].notice, p[i + n].notice) && p[i].source == p[i + n].source;)
            n++;
        if (tell_fixes(x, &p[i], n, e))
            return -1;
    }
    return 0;
}

static int read_vulnerability(struct feed_reading *r, const struct csaf_document *d, const struct csaf_vulnerability *v,
                              struct err *e)
{
    struct reader x = {.r = r, .d = d, .v = v};
    struct slice id = slice_sub(d->id, 0, 100);
    if (!reading_is_cve(v->cve))
        return reading_skip(r, id, "a vulnerability without a CVE", e);
    if (csaf_notes_read(&x.notes, d, v, r->arena))
        read_products(&x);
    if (x.bad || r->arena->overflow)
        return reading_skip(r, id, x.bad ? x.bad : "too much for the memory of one document", e);
    if (x.all.n)
        qsort(x.all.v, x.all.n, sizeof *x.all.v, product_order);
    if (tell_all_unfixed(&x, e) || tell_all_fixes(&x, e))
        return -1;
    return x.told ? csaf_tell_vulnerability(r, d, v, e) : 0;
}

int csaf_names_document(struct feed_reading *r, struct slice name, struct slice text, struct err *e)
{
    struct csaf_document d;
    struct err why = ERR_INIT;
    reading_document(r);
    name = slice_path_name(name);
    if (csaf_read(text, r->arena, &d, &why))
        return reading_skip(r, name, why.text, e);
    if (!slice_eq_str(d.category, "csaf_vex"))
        return reading_skip(r, name, "not a VEX document", e);
    /* Numbers that say nothing of any product have no vulnerability in them. */
    for (size_t i = 0; i < d.vulnerabilities.n; i++)
        if (read_vulnerability(r, &d, &d.vulnerabilities.v[i], e))
            return -1;
    return 0;
}

int format_csaf_names(struct feed_reading *r, struct err *e)
{
    return reading_large_entries(r, UNPACK_TAR, CSAF_UNPACKED_MAX, CSAF_DOCUMENT_MAX, ".json", csaf_names_document, e);
}
