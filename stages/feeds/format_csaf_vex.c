/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_csaf_vex.c: Red Hat's VEX, a tar of one CSAF document a CVE, after
 * access.redhat.com/articles/7063463 ("An evolution in vulnerability exploitability exchange"). What of it holds for
 * packages:
 *  - The platform's CPE is the ecosystem (model/redhat.h): "Red Hat:9" for the mainline, "Red Hat:rhel_eus:9.2" …;
 *    the package's purl is name, version, architecture and module. Containers, Maven and text-only products are left.
 *  - fixed: one advisory a name with the version that fixes. Names that only the source package has become advisories
 *    on the source; debug packages are left out, as in Red Hat's own OVAL. Architectures are named only where their
 *    versions differ. Where the mainline has fixes in several minor releases, each is an advisory of its own, from
 *    what its release began with: 9.3's curl-7.76.1-26.el9 is newer than 9.2's fix 7.76.1-23.el9_2.4 and yet affected.
 *  - known_affected without a fix: of the component, which is a source's or a binary's name. The remediation says why:
 *    "Out of support scope" is end of life, "Will not fix" is that, anything else is affected.
 *  - known_not_affected is kept where something else in the document could make a finding in the same package: a
 *    statement on a source, or of a product that the mainline says otherwise of. Alone it decides nothing.
 *  - severity is the impact that Red Hat states for the product; its CVSS vector is kept beside it.
 * A name with a fix and another statement in one ecosystem keeps the fix, and of the other what speaks of a source that
 * has no fix.
 */
#include "feeds/csaf_notes.h"
#include "model/purl.h"
#include "model/redhat.h"
#include "model/version.h"

#define ARCHITECTURES_MAX 64

/* One product id of one status. */
struct statement {
    struct slice ecosystem, name, module, architecture, version; /* version "": of all */
    enum csaf_status status;
    uint32_t product; /* its number in the document */
    bool mainline;
};
typedef VEC(struct statement) statement_vec;

struct vex {
    struct feed_reading *r;
    const struct csaf_document *d;
    const struct csaf_vulnerability *v;
    statement_vec all;
    VEC(struct advisory) out;
    struct csaf_notes notes;
    slice_vec mainline_hits; /* names with another statement than "not affected" in a mainline, sorted */
    bool mainline_source;    /* one of these is a source's */
    const char *bad;
};

/* ---- what a product id says ---- */

static struct slice name_stream(struct slice label)
{
    struct slice rest = label, name = SLICE_NONE, stream = SLICE_NONE;
    slice_take_token(&rest, ':', &name);
    slice_take_token(&rest, ':', &stream);
    return name.n && stream.n ? slice_sub(label, 0, name.n + 1 + stream.n) : SLICE_NONE;
}

/* "nodejs:18/nodejs" -> "nodejs": older documents have no purl for the system's components. */
static struct slice component_name(struct slice id)
{
    struct slice name = slice_from(id, (size_t)(slice_rfind(id, '/') + 1));
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] <= ' ' || name.p[i] == ':' || name.p[i] == '@')
            return SLICE_NONE;
    return slice_find(id, '/') < 0 || slice_find(id, ':') > 0 ? name : SLICE_NONE;
}

/* The package's side of a statement; false when it is no rpm. */
static bool read_package(struct vex *x, const struct csaf_place *place, struct statement *s)
{
    struct arena *a = x->r->arena;
    struct purl p;
    struct slice id = place->package->id;
    if (!place->package->purl.n && s->mainline && component_name(id).n)
        p = (struct purl){.name = component_name(id)};
    else if (!slice_starts(place->package->purl, SLICE("pkg:rpm/")) || purl_parse(place->package->purl, a, &p, NULL))
        return false;
    struct slice epoch = purl_qualifier(&p, "epoch");
    s->name = p.name;
    s->version = reading_version(a, p.version);
    s->architecture = purl_qualifier(&p, "arch");
    s->module = name_stream(purl_qualifier(&p, "rpmmod"));
    if (epoch.n && !slice_eq_str(epoch, "0") && slice_find(s->version, ':') < 0)
        s->version = arena_printf(a, "%.*s:%.*s", SLICE_FMT(epoch), SLICE_FMT(s->version));
    /* Without a release it is no version of an rpm but part of a stream's name: "go-toolset@rhel8". */
    if (slice_find(s->version, '-') < 0)
        s->version = SLICE("");
    ptrdiff_t slash = slice_find(id, '/');
    if (!s->module.n && slash > 0)
        s->module = name_stream(slice_sub(id, 0, (size_t)slash));
    if (!s->module.n && place->between.n)
        s->module = name_stream(place->between);
    if ((s->module.n && !reading_is_name(s->module, 64)) ||
        (s->architecture.n && !reading_is_name(s->architecture, 16)) || s->version.n > 100)
        return false;
    return reading_is_name(s->name, 160) && !csaf_is_debug(s->name) &&
           (!s->version.n || version_orderable(VERSION_RPM, s->version, NULL));
}

static void add_statement(struct vex *x, struct slice product, enum csaf_status status)
{
    struct csaf_place place;
    struct statement s = {.status = status, .product = csaf_number(x->d, product)}, *to;
    if (!csaf_place(x->d, product, &place) || !place.platform)
        return;
    struct slice stream = redhat_product_of_cpe(place.platform->cpe, x->r->arena);
    s.mainline = redhat_is_mainline(stream);
    if (!stream.n || !read_package(x, &place, &s) || (status == CSAF_FIXED && !s.version.n))
        return;
    s.ecosystem = arena_printf(x->r->arena, "Red Hat:%.*s", SLICE_FMT(stream));
    if (reading_is_name(s.ecosystem, 100) && (to = VEC_ADD(x->r->arena, &x->all)))
        *to = s;
}

/* ---- order ---- */

static bool is_source(const struct statement *s)
{
    return slice_eq_str(s->architecture, "src") || slice_eq_str(s->architecture, "nosrc");
}

static int compare_versions(struct slice a, struct slice b)
{
    int c = 0;
    if (version_order(VERSION_RPM, a, b, &c, NULL) || !c)
        return slice_cmp(a, b);
    return c;
}

static int statement_order(const void *a, const void *b)
{
    const struct statement *x = a, *y = b;
    int c = slice_cmp(x->ecosystem, y->ecosystem);
    c = c ? c : slice_cmp(x->name, y->name);
    c = c ? c : slice_cmp(x->module, y->module);
    c = c ? c : (int)x->status - (int)y->status;
    c = c ? c : (int)is_source(x) - (int)is_source(y);
    c = c ? c : slice_cmp(x->architecture, y->architecture);
    c = c                              ? c
        : x->version.n && y->version.n ? compare_versions(x->version, y->version)
                                       : (x->version.n > 0) - (y->version.n > 0);
    return c ? c : (x->product > y->product) - (x->product < y->product);
}

static bool same_subject(const struct statement *a, const struct statement *b)
{
    return slice_eq(a->ecosystem, b->ecosystem) && slice_eq(a->name, b->name) && slice_eq(a->module, b->module);
}

/* ---- what is said of a product ---- */

static enum verdict verdict_of(const struct vex *x, const struct statement *s)
{
    if (s->status == CSAF_NOT_AFFECTED)
        return VERDICT_NOT_AFFECTED;
    if (s->status == CSAF_UNDER_INVESTIGATION)
        return VERDICT_UNDER_INVESTIGATION;
    const struct csaf_note *no_fix = csaf_no_fix(&x->notes, s->product);
    if (no_fix && slice_starts(no_fix->details, SLICE("Out of support scope")))
        return VERDICT_END_OF_LIFE;
    return no_fix ? VERDICT_WONT_FIX : VERDICT_AFFECTED;
}

/* ---- advisories ---- */

/* "nodejs:18/x86_64/18.19.0-1.el8/CVE-2023-38545": what tells it from others on the name, then the CVE. */
static struct advisory *new_advisory(struct vex *x, const struct statement *s, struct slice architecture,
                                     struct slice later)
{
    struct arena *arena = x->r->arena;
    struct advisory *a = VEC_ADD(arena, &x->out);
    if (!a)
        return NULL;
    *a =
        (struct advisory){.ecosystem = s->ecosystem,
                          .package = s->name,
                          .name_kind = !s->version.n  ? NAME_EITHER
                                       : is_source(s) ? NAME_SOURCE
                                                      : NAME_BINARY,
                          .module = s->module,
                          .id = arena_printf(arena, "%.*s%s%.*s%s%.*s%s%.*s", SLICE_FMT(s->module),
                                             s->module.n ? "/" : "", SLICE_FMT(architecture), architecture.n ? "/" : "",
                                             SLICE_FMT(later), later.n ? "/" : "", SLICE_FMT(x->v->cve)),
                          .published_ms = x->d->published_ms,
                          .modified_ms = x->d->modified_ms};
    slice_vec_add(arena, &a->cves, x->v->cve);
    csaf_rate(x->r, &x->notes, a, s->product);
    return a;
}

static void add_range(struct vex *x, struct advisory *a, struct slice introduced, struct slice fixed)
{
    struct version_range *r = VEC_ADD(x->r->arena, &a->ranges);
    if (r)
        *r = (struct version_range){.introduced = introduced, .fixed = fixed};
}

/* Fixes of one architecture (or of all), lowest first. */
static void add_fixes(struct vex *x, const struct statement *s, size_t n, const slice_vec *architectures)
{
    struct slice label = architectures->n ? architectures->v[0] : SLICE("");
    struct slice from = SLICE("0"), fix = s->version;
    for (size_t i = 0; i < n; i++) {
        if (i) {
            from = s->mainline ? redhat_release_began(fix, s[i].version, x->r->arena) : SLICE_NONE;
            if (!from.n)
                continue;
            fix = s[i].version;
        }
        struct slice by = csaf_erratum(&x->notes, s[i].product);
        struct advisory *a = new_advisory(x, &s[i], label, i ? fix : SLICE(""));
        if (!a)
            return;
        add_range(x, a, from, fix);
        a->fix_reference = by;
        for (size_t k = 0; k < architectures->n; k++)
            slice_vec_add(x->r->arena, &a->architectures, architectures->v[k]);
    }
}

static size_t same_architecture(const struct statement *s, size_t n)
{
    size_t k = 1;
    while (k < n && slice_eq(s[k].architecture, s->architecture))
        k++;
    return k;
}

static bool same_versions(const struct statement *a, size_t an, const struct statement *b, size_t bn)
{
    size_t i = 0, k = 0;
    while (i < an && k < bn && slice_eq(a[i].version, b[k].version)) {
        struct slice v = a[i].version;
        while (i < an && slice_eq(a[i].version, v))
            i++;
        while (k < bn && slice_eq(b[k].version, v))
            k++;
    }
    return i == an && k == bn;
}

/* Sorted fixed statements of one name, binaries of all architectures: machines with equal fixes share an advisory. */
static void add_fixed(struct vex *x, const struct statement *s, size_t n)
{
    slice_vec none = {0}, machines;
    bool differ = false;
    size_t first = same_architecture(s, n), count = 0;
    for (size_t i = first, k; i < n; i += k) {
        k = same_architecture(s + i, n - i);
        differ |= !same_versions(s, first, s + i, k);
        if (++count == ARCHITECTURES_MAX) {
            x->bad = "one package on too many architectures";
            return;
        }
    }
    if (!differ) {
        add_fixes(x, s, first, &none);
        return;
    }
    for (size_t i = 0, k; i < n; i += k) {
        bool done = false;
        k = same_architecture(s + i, n - i);
        machines = (slice_vec){0};
        for (size_t o = 0, on; o < n; o += on) {
            on = same_architecture(s + o, n - o);
            if (!same_versions(s + i, k, s + o, on))
                continue;
            done |= o < i;
            slice_vec_add(x->r->arena, &machines, s[o].architecture);
        }
        if (!done)
            add_fixes(x, s + i, k, &machines);
    }
}

static size_t subject_end(const struct vex *x, size_t from)
{
    size_t to = from + 1;
    while (to < x->all.n && same_subject(&x->all.v[from], &x->all.v[to]))
        to++;
    return to;
}

/* Whether these can make a finding in a binary of another name. */
static bool hits_source(const struct statement *s, size_t n)
{
    bool binary = s->status == CSAF_NOT_AFFECTED || (s->status == CSAF_AFFECTED && s->version.n && !is_source(s));
    for (size_t i = 0; i < n && s->status == CSAF_FIXED; i++)
        binary |= s[i].status == CSAF_FIXED && !is_source(&s[i]);
    return !binary;
}

static struct advisory *add_unfixed(struct vex *x, const struct statement *s, struct slice label)
{
    struct advisory *a = new_advisory(x, s, SLICE(""), label);
    if (!a)
        return NULL;
    a->verdict = verdict_of(x, s);
    if (a->verdict == VERDICT_AFFECTED)
        add_range(x, a, SLICE("0"), SLICE_NONE);
    return a;
}

/*
 * A component that is called affected beside a binary of its name with a fix: the binary comes from another source by
 * now (9.4's kernel-rt is built from kernel), and the component stays as it is.
 */
static void add_unfixed_source(struct vex *x, const struct statement *s, size_t n, size_t fixed, size_t binaries)
{
    if (fixed != binaries || fixed == n || s[fixed].status == CSAF_NOT_AFFECTED || s[fixed].version.n)
        return;
    struct advisory *a = add_unfixed(x, &s[fixed], SLICE("source"));
    if (a)
        a->name_kind = NAME_SOURCE;
}

/* All statements of one name in one ecosystem and module; those of a fix come first. source_hit: something in the same
 * ecosystem may speak of any binary. */
static void add_subject(struct vex *x, const struct statement *s, size_t n, bool source_hit)
{
    size_t fixed = 0, binaries = 0;
    while (fixed < n && s[fixed].status == CSAF_FIXED)
        binaries += !is_source(&s[fixed++]);
    if (fixed) {
        add_fixed(x, s, binaries ? binaries : fixed);
        add_unfixed_source(x, s, n, fixed, binaries);
        return;
    }
    bool contradicts =
        source_hit || (!s->mainline && (x->mainline_source || csaf_has_name(&x->mainline_hits, s->name)));
    if (s->status == CSAF_NOT_AFFECTED && !contradicts)
        return;
    add_unfixed(x, s, SLICE(""));
}

/* ---- one vulnerability, one document ---- */

static void read_statements(struct vex *x)
{
    static const enum csaf_status read[] = {CSAF_FIXED, CSAF_AFFECTED, CSAF_NOT_AFFECTED, CSAF_UNDER_INVESTIGATION};
    for (size_t k = 0; k < ARRAY_LEN(read); k++)
        for (size_t i = 0; i < x->v->status[read[k]].n; i++)
            add_statement(x, x->v->status[read[k]].v[i], read[k]);
    if (x->all.n)
        qsort(x->all.v, x->all.n, sizeof *x->all.v, statement_order);
    for (size_t from = 0, to; from < x->all.n; from = to) {
        const struct statement *one = &x->all.v[from];
        to = subject_end(x, from);
        if (!one->mainline || one->status == CSAF_NOT_AFFECTED)
            continue;
        slice_vec_add(x->r->arena, &x->mainline_hits, one->name);
        x->mainline_source |= hits_source(one, to - from);
    }
    slice_vec_sort(&x->mainline_hits);
}

static void add_advisories(struct vex *x)
{
    const struct statement *s = x->all.v;
    bool source_hit = false;
    for (size_t from = 0, to; from < x->all.n; from = to) {
        if (!from || !slice_eq(s[from].ecosystem, s[from - 1].ecosystem)) {
            source_hit = false;
            for (size_t i = from; i < x->all.n && slice_eq(s[i].ecosystem, s[from].ecosystem); i = to) {
                to = subject_end(x, i);
                source_hit |= hits_source(&s[i], to - i);
            }
        }
        to = subject_end(x, from);
        add_subject(x, &s[from], to - from, source_hit);
    }
}

static int read_vulnerability(struct feed_reading *r, const struct csaf_document *d, const struct csaf_vulnerability *v,
                              struct err *e)
{
    struct vex x = {.r = r, .d = d, .v = v};
    if (!reading_is_cve(v->cve))
        return reading_skip(r, slice_sub(d->id, 0, 100), "a vulnerability without a CVE", e);
    if (csaf_notes_read(&x.notes, d, v, r->arena)) {
        read_statements(&x);
        add_advisories(&x);
    }
    if (x.bad)
        return reading_skip(r, slice_sub(d->id, 0, 100), x.bad, e);
    if (r->arena->overflow)
        return reading_skip(r, slice_sub(d->id, 0, 100), "too much for the memory of one document", e);
    for (size_t i = 0; i < x.out.n; i++)
        if (reading_advisory(r, &x.out.v[i], e))
            return -1;
    return csaf_tell_vulnerability(r, d, v, e);
}

int csaf_vex_document(struct feed_reading *r, struct slice name, struct slice text, struct err *e)
{
    struct csaf_document d;
    struct err why = ERR_INIT;
    reading_document(r);
    if (csaf_read(text, r->arena, &d, &why))
        return reading_skip(r, name, why.text, e);
    if (slice_eq_str(d.tracking_status, "deleted")) {
        r->stats.withdrawn++;
        return 0;
    }
    if (!slice_eq_str(d.category, "csaf_vex") || !d.vulnerabilities.n)
        return reading_skip(r, name, "not a VEX document about a vulnerability", e);
    for (size_t i = 0; i < d.vulnerabilities.n; i++)
        if (read_vulnerability(r, &d, &d.vulnerabilities.v[i], e))
            return -1;
    return 0;
}

int format_csaf_vex(struct feed_reading *r, struct err *e)
{
    return reading_large_entries(r, UNPACK_TAR, CSAF_UNPACKED_MAX, CSAF_DOCUMENT_MAX, ".json", csaf_vex_document, e);
}
