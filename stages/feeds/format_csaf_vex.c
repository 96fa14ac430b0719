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
#include "feeds/csaf.h"
#include "feeds/reading.h"
#include "feeds/unpack.h"
#include "model/purl.h"
#include "model/redhat.h"
#include "model/version.h"

#define VEX_UNPACKED_MAX  ((uint64_t)64 << 30)
#define REFERENCES_MAX    64
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
    /* What is said of each product, by its number: 1 + the index of the note or score, 0: nothing. At 0: of all. */
    uint32_t *fix, *no_fix, *impact, *score;
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

static bool is_debug(struct slice name)
{
    return slice_ends(name, SLICE("-debuginfo")) || slice_ends(name, SLICE("-debugsource")) ||
           slice_find_slice(name, SLICE("-debuginfo-")) >= 0;
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
    s->version = p.version;
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
    return reading_is_name(s->name, 160) && !is_debug(s->name) &&
           (!s->version.n || version_valid(VERSION_RPM, s->version, NULL));
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
    if (version_compare(VERSION_RPM, a, b, &c, NULL) || !c)
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

/* ---- notes on a product ---- */

static void note_products(const struct vex *x, uint32_t *table, const slice_vec *products, size_t i)
{
    for (size_t k = 0; k < products->n || k == 0; k++) {
        uint32_t n = products->n ? csaf_number(x->d, products->v[k]) : 0;
        if ((n || !products->n) && !table[n])
            table[n] = (uint32_t)i + 1;
    }
}

static bool read_notes(struct vex *x)
{
    size_t n = (x->d->products.n + x->d->parts.n + 1) * sizeof(uint32_t);
    uint32_t **tables[] = {&x->fix, &x->no_fix, &x->impact, &x->score};
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        if (!(*tables[i] = arena_zalloc(x->r->arena, n)))
            return false;
    for (size_t i = 0; i < x->v->remediations.n; i++) {
        const struct csaf_note *note = &x->v->remediations.v[i];
        if (slice_eq_str(note->category, "vendor_fix"))
            note_products(x, x->fix, &note->products, i);
        else if (slice_eq_str(note->category, "no_fix_planned"))
            note_products(x, x->no_fix, &note->products, i);
    }
    for (size_t i = 0; i < x->v->threats.n; i++)
        if (slice_eq_str(x->v->threats.v[i].category, "impact"))
            note_products(x, x->impact, &x->v->threats.v[i].products, i);
    for (size_t i = 0; i < x->v->scores.n; i++)
        note_products(x, x->score, &x->v->scores.v[i].products, i);
    return true;
}

static uint32_t said(const uint32_t *table, uint32_t product)
{
    return table[product] ? table[product] : table[0];
}

/* "https://access.redhat.com/errata/RHSA-2023:5763" -> "RHSA-2023:5763" */
static struct slice erratum(const struct vex *x, uint32_t product)
{
    uint32_t n = said(x->fix, product);
    struct slice url = n ? x->v->remediations.v[n - 1].url : SLICE_NONE;
    ptrdiff_t slash = slice_rfind(url, '/');
    struct slice id = slash < 0 ? SLICE_NONE : slice_from(url, (size_t)slash + 1);
    return reading_is_name(id, 64) ? id : SLICE_NONE;
}

static enum verdict verdict_of(const struct vex *x, const struct statement *s)
{
    if (s->status == CSAF_NOT_AFFECTED)
        return VERDICT_NOT_AFFECTED;
    if (s->status == CSAF_UNDER_INVESTIGATION)
        return VERDICT_UNDER_INVESTIGATION;
    uint32_t n = said(x->no_fix, s->product);
    if (n && slice_starts(x->v->remediations.v[n - 1].details, SLICE("Out of support scope")))
        return VERDICT_END_OF_LIFE;
    return n ? VERDICT_WONT_FIX : VERDICT_AFFECTED;
}

static bool is_score(const struct csaf_score *s)
{
    return s->vector.n <= 256 && slice_is_text(s->vector) && reading_is_name(s->kind, 32);
}

/* Severity and score of the product. */
static void rate(const struct vex *x, struct advisory *a, uint32_t product)
{
    uint32_t impact = said(x->impact, product), score = said(x->score, product);
    if (impact && reading_is_name(x->v->threats.v[impact - 1].details, 32))
        a->severity = x->v->threats.v[impact - 1].details;
    if (!score || !is_score(&x->v->scores.v[score - 1]))
        return;
    struct score *to = VEC_ADD(x->r->arena, &a->scores);
    if (to)
        *to = (struct score){slice_str(x->r->feed->name), x->v->scores.v[score - 1].kind,
                             x->v->scores.v[score - 1].vector};
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
    rate(x, a, s->product);
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
        struct slice by = erratum(x, s[i].product);
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

static bool has_name(const slice_vec *sorted, struct slice name)
{
    size_t from = 0, to = sorted->n;
    while (from < to) {
        size_t at = from + (to - from) / 2;
        int c = slice_cmp(sorted->v[at], name);
        if (!c)
            return true;
        *(c < 0 ? &from : &to) = c < 0 ? at + 1 : at;
    }
    return false;
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
    bool contradicts = source_hit || (!s->mainline && (x->mainline_source || has_name(&x->mainline_hits, s->name)));
    if (s->status == CSAF_NOT_AFFECTED && !contradicts)
        return;
    add_unfixed(x, s, SLICE(""));
}

/* ---- one vulnerability, one document ---- */

static int emit_vulnerability(struct vex *x, struct err *e)
{
    struct vulnerability v = vulnerability_unknown(x->v->cve);
    v.summary = x->v->title.n ? x->v->title : x->d->title;
    v.details = x->v->description;
    v.published_ms = x->v->published_ms ? x->v->published_ms : x->d->published_ms;
    v.modified_ms = x->d->modified_ms;
    if (reading_is_name(x->v->cwe, 32))
        slice_vec_add(x->r->arena, &v.cwes, x->v->cwe);
    for (size_t i = 0; i < x->v->references.n && v.references.n < REFERENCES_MAX; i++)
        if (x->v->references.v[i].n <= 1024 && slice_is_text(x->v->references.v[i]))
            slice_vec_add(x->r->arena, &v.references, x->v->references.v[i]);
    for (size_t i = 0; i < x->v->scores.n && i < 8; i++) {
        const struct csaf_score *s = &x->v->scores.v[i];
        struct score *to = is_score(s) ? VEC_ADD(x->r->arena, &v.scores) : NULL;
        if (to)
            *to = (struct score){slice_str(x->r->feed->name), s->kind, s->vector};
    }
    return reading_vulnerability(x->r, &v, e);
}

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
    if (read_notes(&x)) {
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
    return emit_vulnerability(&x, e);
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
    struct unpack *u;
    if (unpack_open(r->source, UNPACK_TAR, VEX_UNPACKED_MAX, &u, e))
        return -1;
    struct buf text = BUF_INIT(CSAF_DOCUMENT_MAX);
    struct slice name;
    int rc;
    while ((rc = unpack_next(u, &name, e)) == 1) {
        struct err why = ERR_INIT;
        char id[128];
        if (!slice_ends(name, SLICE(".json")))
            continue;
        /* The name is gone once the entry's bytes are read. */
        ptrdiff_t slash = slice_rfind(name, '/');
        struct slice base = slice_from(name, (size_t)(slash + 1));
        snprintf(id, sizeof id, "%.*s", SLICE_FMT(slice_sub(base, 0, base.n - 5)));
        buf_clear(&text);
        int got = unpack_entry(u, &text, &why);
        if (got == 1) {
            rc = csaf_vex_document(r, slice_str(id), buf_slice(&text), e);
        } else if (got == 0) {
            reading_document(r);
            rc = reading_skip(r, slice_str(id), why.text, e);
        } else {
            if (e)
                *e = why;
            rc = -1;
        }
        if (rc)
            break;
    }
    r->stats.unpacked_bytes = unpack_bytes(u);
    buf_done(&text);
    unpack_close(u);
    return rc;
}
