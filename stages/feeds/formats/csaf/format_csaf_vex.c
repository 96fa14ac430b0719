/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_csaf_vex.c: Red Hat's VEX, a tar of one CSAF document a CVE, in the shape of `vex`
 * (access.redhat.com/articles/7063463, "An evolution in vulnerability exploitability exchange") and in that of
 * `vex-feed`. What one product id says is csaf_redhat.h; what of all of them holds for packages:
 *  - fixed: one advisory a name with the version that fixes. Where a source and binaries of its name have a fix, the
 *    binaries' are told, and the source's too where they don't name machines: then other binaries have no word of their
 *    own. Debug packages are left out, as in Red Hat's own OVAL. Architectures are named only where their versions
 *    differ. Where an ecosystem has fixes in several minor releases, each is an advisory of its own, the lowest one a
 *    release; which one a build has to do with is the judge's (model/distro/redhat.h, match/judge/judge.h).
 *  - known_affected without a fix: of the component, which is a source's or a binary's name. The remediation says why:
 *    "Out of support scope" is end of life, "Will not fix" is that, anything else is affected.
 *  - known_not_affected is kept where something else in the document could make a finding in the same package: a
 *    statement on a source, or of a product that a more general one says otherwise of. Alone it decides nothing. Of a
 *    binary beside its source it counts where it is said for every release that the source is affected in.
 *  - A name with a fix and another statement in one ecosystem keeps the fix: releases of one ecosystem get theirs at
 *    different times. Only a component that is affected beside a binary of its name that is made from another source by
 *    now stays.
 *  - severity is the impact that Red Hat states for the product; its CVSS vector is kept beside it.
 * Container images as products are counted: what is judged are packages.
 */
#include "feeds/formats/formats.h"
#include "feeds/formats/csaf/csaf_documents.h"
#include "feeds/formats/csaf/csaf_redhat.h"
#include "model/distro/redhat.h"
#include "model/version/version.h"

#define ARCHITECTURES_MAX 64

typedef VEC(struct redhat_statement) redhat_statement_vec;

struct vex {
    struct feed_reading *r;
    const struct csaf_document *d;
    const struct csaf_vulnerability *v;
    redhat_statement_vec all;
    VEC(struct advisory) out;
    struct csaf_notes notes;
    slice_vec hits; /* "ecosystem;name" with another statement than "not affected", "ecosystem;" a source's, sorted */
    slice_vec mainline_hits; /* of these the names that a mainline has, sorted */
    bool mainline_source;    /* one of these is a source's */
    const char *bad;
};

/* The statements of one name in one ecosystem and module, in order: fixes first. */
struct subject {
    const struct redhat_statement *v;
    size_t n;
};

/* ---- order ---- */

static int compare_versions(struct slice a, struct slice b)
{
    int c = 0;
    if (version_order(VERSION_RPM, a, b, &c, NULL) || !c)
        return slice_cmp(a, b);
    return c;
}

/* Within a subject by status, then binaries before what is or may be a source. */
static int statement_order(const void *a, const void *b)
{
    const struct redhat_statement *x = a, *y = b;
    int c = slice_cmp(x->ecosystem, y->ecosystem);
    c = c ? c : slice_cmp(x->name, y->name);
    c = c ? c : slice_cmp(x->module, y->module);
    c = c ? c : (int)x->status - (int)y->status;
    c = c ? c : (x->names != REDHAT_BINARY) - (y->names != REDHAT_BINARY);
    c = c ? c : slice_cmp(x->architecture, y->architecture);
    c = c                              ? c
        : x->version.n && y->version.n ? compare_versions(x->version, y->version)
                                       : (x->version.n > 0) - (y->version.n > 0);
    return c ? c : (x->product > y->product) - (x->product < y->product);
}

static bool same_subject(const struct redhat_statement *a, const struct redhat_statement *b)
{
    return slice_eq(a->ecosystem, b->ecosystem) && slice_eq(a->name, b->name) && slice_eq(a->module, b->module);
}

static struct subject subject_at(const struct vex *x, size_t from)
{
    size_t to = from + 1;
    while (to < x->all.n && same_subject(&x->all.v[from], &x->all.v[to]))
        to++;
    return (struct subject){&x->all.v[from], to - from};
}

/* The first statements of one status; only binaries, or only the others. n is 0 when there are none. */
static struct subject part_of(struct subject s, enum csaf_status status, bool binaries)
{
    struct subject p = {s.v, 0};
    for (size_t i = 0; i < s.n; i++)
        if (s.v[i].status == status && (s.v[i].names == REDHAT_BINARY) == binaries) {
            p.v = p.n ? p.v : &s.v[i];
            p.n++;
        }
    return p;
}

/* The strongest statement on binaries, or on the others: a fix, affected, not affected, under investigation. */
static struct subject strongest(struct subject s, bool binaries)
{
    static const enum csaf_status order[] = {CSAF_FIXED, CSAF_AFFECTED, CSAF_NOT_AFFECTED, CSAF_UNDER_INVESTIGATION};
    struct subject p = {s.v, 0};
    for (size_t k = 0; k < ARRAY_LEN(order) && !p.n; k++)
        p = part_of(s, order[k], binaries);
    return p;
}

/* ---- what is said of a product ---- */

static enum verdict verdict_of(const struct vex *x, const struct redhat_statement *s)
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

static enum name_kind kind_of(const struct redhat_statement *s)
{
    return s->names == REDHAT_SOURCE ? NAME_SOURCE : s->names == REDHAT_BINARY ? NAME_BINARY : NAME_EITHER;
}

/* "nodejs:18/x86_64/18.19.0-1.el8/CVE-2023-38545": what tells it from others on the name, then the CVE. */
static struct advisory *new_advisory(struct vex *x, const struct redhat_statement *s, enum name_kind names,
                                     struct slice architecture, struct slice later)
{
    struct arena *arena = x->r->arena;
    struct advisory *a = VEC_ADD(arena, &x->out);
    if (!a)
        return NULL;
    struct slice module = s->whole_module ? SLICE("") : s->module;
    *a = (struct advisory){.ecosystem = s->ecosystem,
                           .package = s->name,
                           .name_kind = names,
                           .module = s->module,
                           .id = arena_printf(arena, "%.*s%s%.*s%s%.*s%s%.*s", SLICE_FMT(module), module.n ? "/" : "",
                                              SLICE_FMT(architecture), architecture.n ? "/" : "", SLICE_FMT(later),
                                              later.n ? "/" : "", SLICE_FMT(x->v->cve)),
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

/* Where a further fix counts from; absent when its minor release has a lower one. */
static struct slice begins(const struct vex *x, const struct redhat_statement *s, const slice_vec *before)
{
    struct slice last = before->v[before->n - 1];
    if (s->whole_module)
        return redhat_module_began(last, s->version, x->r->arena);
    for (size_t i = 0; i < before->n; i++)
        if (redhat_same_stream(redhat_stream_of(before->v[i]), redhat_stream_of(s->version)))
            return SLICE_NONE;
    return redhat_release_began(last, s->version, x->r->arena);
}

/* Fixes of one architecture (or of all), lowest first; word tells them from others on the name. */
static void add_fixes(struct vex *x, struct subject s, const slice_vec *architectures, const char *word)
{
    struct slice label = architectures->n ? architectures->v[0] : slice_str(word);
    slice_vec told = {0};
    for (size_t i = 0; i < s.n; i++) {
        const struct redhat_statement *one = &s.v[i];
        struct slice from = told.n ? begins(x, one, &told) : SLICE("0");
        if ((told.n && slice_eq(told.v[told.n - 1], one->version)) || !from.n)
            continue;
        struct advisory *a = new_advisory(x, one, kind_of(one), label, told.n ? one->version : SLICE(""));
        if (!a || !slice_vec_add(x->r->arena, &told, one->version))
            return;
        add_range(x, a, from, one->version);
        a->fix_reference = csaf_erratum(&x->notes, one->product);
        for (size_t k = 0; k < architectures->n; k++)
            slice_vec_add(x->r->arena, &a->architectures, architectures->v[k]);
    }
}

static size_t same_architecture(const struct redhat_statement *s, size_t n)
{
    size_t k = 1;
    while (k < n && slice_eq(s[k].architecture, s->architecture))
        k++;
    return k;
}

static bool same_versions(const struct redhat_statement *a, size_t an, const struct redhat_statement *b, size_t bn)
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
static void add_fixed(struct vex *x, struct subject of, const char *word)
{
    const struct redhat_statement *s = of.v;
    slice_vec none = {0}, machines;
    size_t n = of.n;
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
        add_fixes(x, (struct subject){s, first}, &none, word);
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
            add_fixes(x, (struct subject){s + i, k}, &machines, word);
    }
}

static void add_unfixed(struct vex *x, const struct redhat_statement *s, enum name_kind names, const char *word)
{
    struct advisory *a = new_advisory(x, s, names, SLICE(""), slice_str(word));
    if (!a)
        return;
    a->verdict = verdict_of(x, s);
    if (a->verdict == VERDICT_AFFECTED)
        add_range(x, a, SLICE("0"), SLICE_NONE);
}

/* ---- one subject ---- */

/* Whether it can make a finding in a binary of another name. */
static bool hits_source(struct subject s)
{
    struct subject others = strongest(s, false);
    if (!others.n)
        return false;
    bool fix = others.v->status == CSAF_FIXED;
    /* In `vex` all binaries are named beside the source, so a component with the name of a binary is something else. */
    return others.v->status != CSAF_NOT_AFFECTED &&
           !(fix && part_of(s, CSAF_FIXED, true).n && others.v->names == REDHAT_SOURCE &&
             part_of(s, CSAF_FIXED, true).v->architecture.n);
}

static bool has_hit(const struct vex *x, struct slice ecosystem, struct slice name)
{
    return csaf_has_name(&x->hits, arena_printf(x->r->arena, "%.*s;%.*s", SLICE_FMT(ecosystem), SLICE_FMT(name)));
}

/* Whether something in the document could make a finding where this says that there is none. */
static bool contradicts(const struct vex *x, const struct redhat_statement *s)
{
    struct slice product = s->ecosystem, generals[REDHAT_GENERALS_MAX];
    slice_take_prefix(&product, SLICE("Red Hat:"));
    bool found = has_hit(x, s->ecosystem, SLICE(""));
    size_t n = redhat_general_products(product, x->r->arena, generals);
    for (size_t i = 0; i < n && !found; i++) {
        struct slice general = arena_printf(x->r->arena, "Red Hat:%.*s", SLICE_FMT(generals[i]));
        found = has_hit(x, general, SLICE("")) || has_hit(x, general, s->name);
    }
    return found || (!s->mainline && (x->mainline_source || csaf_has_name(&x->mainline_hits, s->name)));
}

/* Whether a binary is not affected in every release that its source is affected in. */
static bool on_every_platform(struct subject denied, struct subject s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool said = s.v[i].names == REDHAT_BINARY || s.v[i].status == CSAF_NOT_AFFECTED;
        for (size_t k = 0; k < denied.n && !said; k++)
            said = denied.v[k].platform == s.v[i].platform;
        if (!said)
            return false;
    }
    return true;
}

/* The ecosystem has fixes for packages of this module, or (a component named like it) for the module as a whole. */
static bool told_otherwise(const struct vex *x, const struct redhat_statement *s)
{
    struct slice name = s->module;
    if (!s->module.n || (!s->whole_module && !(slice_take_prefix(&name, s->name) && name.n && name.p[0] == ':')))
        return false;
    for (size_t i = 0; i < x->all.n; i++) {
        const struct redhat_statement *o = &x->all.v[i];
        if (o->whole_module != s->whole_module && o->status == CSAF_FIXED && slice_eq(o->ecosystem, s->ecosystem) &&
            slice_eq(o->module, s->module))
            return s->whole_module || s->status != CSAF_FIXED;
    }
    return false;
}

static void add_binaries_beside_source(struct vex *x, struct subject s, struct subject binaries, struct subject source)
{
    bool hit = source.v->status != CSAF_NOT_AFFECTED, denied = binaries.v->status == CSAF_NOT_AFFECTED;
    if (binaries.v->status == CSAF_FIXED) {
        /* Without machines not all binaries are named; with them a component by that name is another one. */
        add_fixed(x, binaries, "");
        if (source.v->status == CSAF_FIXED && !binaries.v->architecture.n)
            add_fixed(x, source, "source");
        else if (hit && source.v->status != CSAF_FIXED && !source.v->version.n && binaries.v->architecture.n)
            add_unfixed(x, source.v, NAME_SOURCE, "source");
        return;
    }
    if (source.v->status == CSAF_FIXED)
        add_fixed(x, source, "");
    else if (hit || contradicts(x, source.v))
        add_unfixed(x, source.v, hit && !denied ? NAME_EITHER : NAME_SOURCE, "");
    if (denied ? hit && on_every_platform(binaries, s) : !hit)
        add_unfixed(x, binaries.v, NAME_BINARY, "binary");
}

/* Whether some source has a fix in the ecosystem. */
static bool fixes_source(const struct vex *x, struct slice ecosystem)
{
    for (size_t i = 0; i < x->all.n; i++)
        if (x->all.v[i].status == CSAF_FIXED && x->all.v[i].names != REDHAT_BINARY &&
            slice_eq(x->all.v[i].ecosystem, ecosystem))
            return true;
    return false;
}

/*
 * A component without a fix is a source's or a binary's name, whatever its architecture says: older documents have
 * arch=src for both. Where another source has a fix, a binary of this name may come from that one.
 */
static enum name_kind names_of_unfixed(const struct vex *x, const struct redhat_statement *s)
{
    if (s->names == REDHAT_BINARY)
        return s->version.n ? NAME_BINARY : NAME_EITHER;
    return s->names == REDHAT_SOURCE && s->status != CSAF_NOT_AFFECTED && fixes_source(x, s->ecosystem) ? NAME_SOURCE
                                                                                                        : NAME_EITHER;
}

static void add_subject(struct vex *x, struct subject s)
{
    struct subject binaries = strongest(s, true), source = strongest(s, false);
    struct subject one = binaries.n ? binaries : source;
    if (told_otherwise(x, s.v))
        return;
    if (binaries.n && source.n)
        add_binaries_beside_source(x, s, binaries, source);
    else if (one.v->status == CSAF_FIXED)
        add_fixed(x, one, "");
    else if (one.v->status != CSAF_NOT_AFFECTED || contradicts(x, one.v))
        add_unfixed(x, one.v, names_of_unfixed(x, one.v), "");
}

/* ---- one vulnerability, one document ---- */

/*
 * What has no architecture is a binary where a source stands beside it: beside a fix one with the same version (another
 * minor release's may be spelt otherwise), beside anything else any.
 */
static void tell_binaries(struct redhat_statement *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n && s[i].names == REDHAT_EITHER && !s[i].whole_module; k++)
            if (s[k].names == REDHAT_SOURCE &&
                (s[i].status != CSAF_FIXED || (s[k].status == CSAF_FIXED && slice_eq(s[k].version, s[i].version))))
                s[i].names = REDHAT_BINARY;
}

static void read_statements(struct vex *x)
{
    static const enum csaf_status read[] = {CSAF_FIXED, CSAF_AFFECTED, CSAF_NOT_AFFECTED, CSAF_UNDER_INVESTIGATION};
    struct redhat_statement s, *to;
    for (size_t k = 0; k < ARRAY_LEN(read); k++)
        for (size_t i = 0; i < x->v->status[read[k]].n; i++) {
            enum redhat_reading r = redhat_statement_read(x->d, x->v->status[read[k]].v[i], read[k], x->r->arena, &s);
            x->r->stats.containers += r == REDHAT_CONTAINER;
            if (r == REDHAT_READ && (to = (__typeof__(to))VEC_ADD(x->r->arena, &x->all)))
                *to = s;
        }
    if (x->all.n)
        qsort(x->all.v, x->all.n, sizeof *x->all.v, statement_order);
    for (size_t from = 0; from < x->all.n; from += subject_at(x, from).n)
        tell_binaries(&x->all.v[from], subject_at(x, from).n);
    if (x->all.n)
        qsort(x->all.v, x->all.n, sizeof *x->all.v, statement_order);
}

static void add_hit(struct vex *x, const struct redhat_statement *s, struct slice name)
{
    slice_vec_add(x->r->arena, &x->hits,
                  arena_printf(x->r->arena, "%.*s;%.*s", SLICE_FMT(s->ecosystem), SLICE_FMT(name)));
}

static void find_hits(struct vex *x)
{
    for (size_t from = 0, n; from < x->all.n; from += n) {
        struct subject s = subject_at(x, from);
        n = s.n;
        bool source = hits_source(s);
        if (s.v->status == CSAF_NOT_AFFECTED && !source)
            continue;
        add_hit(x, s.v, s.v->name);
        if (source)
            add_hit(x, s.v, SLICE(""));
        if (s.v->mainline)
            slice_vec_add(x->r->arena, &x->mainline_hits, s.v->name);
        x->mainline_source |= s.v->mainline && source;
    }
    slice_vec_sort(&x->hits);
    slice_vec_sort(&x->mainline_hits);
}

static int read_vulnerability(struct feed_reading *r, const struct csaf_document *d, const struct csaf_vulnerability *v,
                              struct err *e)
{
    struct vex x = {.r = r, .d = d, .v = v};
    if (!reading_is_cve(v->cve))
        return reading_skip(r, slice_sub(d->id, 0, 100), "a vulnerability without a CVE", e);
    if (csaf_notes_read(&x.notes, d, v, r->arena)) {
        read_statements(&x);
        find_hits(&x);
        for (size_t from = 0, n; from < x.all.n; from += n) {
            n = subject_at(&x, from).n;
            add_subject(&x, subject_at(&x, from));
        }
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
