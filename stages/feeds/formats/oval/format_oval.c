/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_oval.c: OVAL definitions of rpm distributions. One definition becomes one advisory for each ecosystem and
 * package, and one vulnerability. What each publisher does:
 *
 *  - Oracle (com.oracle.elsa-all.xml.bz2): class patch, ELSA-…; a group for each release, in it one for each
 *    architecture, in it the packages, each with a signature test; "Module virt:ol is enabled". Builds for Ksplice and
 *    FIPS can be told by their versions (model/version/version.h, version_rpm_flavour);
 *  - SUSE and openSUSE (…-affected.xml): class vulnerability, one for each CVE: products' releases, then packages that
 *    are earlier than a version, "is affected" (any version) or "is not affected" (which gives no record);
 *  - Azure Linux (CBL-Mariner before 3.0): class vulnerability, one for each CVE and source package, no platform, since
 *    a file is about one release. patchable "true" is fixed in evr; "false" has no fix yet; "Not Applicable" says that
 *    the CVE never held or no longer holds, and gives no advisory, as other definitions of the same CVE may be in
 *    force;
 *  - Photon: class patch, one for each notice and release, binary packages;
 *  - Anolis and AlmaLinux: class patch.
 */
#include "feeds/formats/formats.h"
#include "feeds/formats/oval/oval.h"
#include "feeds/formats/statements.h"

#include "base/clock.h"
#include "model/version/version.h"

#define OVAL_UNPACKED_MAX ((uint64_t)4 << 30)
#define CVES_MAX          2000
#define FOUND_MAX         400000 /* statements of one definition */

/* ---- a definition's facts ---- */

struct definition {
    struct slice id, severity, fix_reference;
    slice_vec cves;
    score_vec scores;
    int64_t published_ms, modified_ms;
    bool vulnerability, unpatched;
};

struct reader {
    struct feed_reading *r;
    const struct oval_publisher *publisher;
    struct oval *oval;
    struct buf kept; /* definitions, one behind the other */
};

/* "CVE-2021-1", "Mitre CVE-2021-1", "CVE:00001:CVE-2019-16168", "CVE-2021-1 at NVD" */
static struct slice cve_in(struct slice s)
{
    while (s.n) {
        ptrdiff_t at = slice_find_slice(s, SLICE("CVE-"));
        if (at < 0)
            return SLICE_NONE;
        s = slice_from(s, (size_t)at);
        size_t n = 4;
        while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '-'))
            n++;
        if (reading_is_cve(slice_sub(s, 0, n)))
            return slice_sub(s, 0, n);
        s = slice_from(s, 4);
    }
    return SLICE_NONE;
}

static void add_cve(struct reader *o, struct definition *d, struct slice text)
{
    struct slice cve = cve_in(text);
    for (size_t i = 0; cve.n && i < d->cves.n; i++)
        if (slice_eq(d->cves.v[i], cve))
            return;
    if (cve.n && d->cves.n < CVES_MAX)
        slice_vec_add(o->r->arena, &d->cves, cve);
}

/* "8.1/CVSS:3.0/AV:N/…" and "CVSS:3.0/AV:N/…" */
static void add_score(struct reader *o, struct definition *d, struct slice value)
{
    ptrdiff_t at = slice_find_slice(value, SLICE("CVSS:"));
    struct slice vector = at < 0 ? SLICE_NONE : slice_from(value, (size_t)at);
    ptrdiff_t end = slice_find(vector, '/');
    if (end < 0 || vector.n > 256 || !slice_is_text(vector))
        return;
    struct slice kind = slice_sub(vector, 0, (size_t)end);
    for (size_t i = 0; i < d->scores.n; i++)
        if (slice_eq(d->scores.v[i].kind, kind))
            return;
    struct score *s = VEC_ADD(o->r->arena, &d->scores);
    if (s)
        *s = (struct score){.source = slice_str(o->r->feed->name), .kind = kind, .vector = vector};
}

static int64_t date_of(struct slice s)
{
    int64_t at = 0;
    return s.n && clock_parse(s, &at) ? at : 0;
}

/* The title's first word without a colon at its end: "ELSA-2007-0057:", "CVE-2001-1267", "PHSA-2020:00001". */
static struct slice title_id(struct slice title)
{
    struct slice word = SLICE_NONE;
    slice_take_token(&title, ' ', &word);
    if (slice_ends(word, SLICE(":")))
        word.n--;
    return word;
}

static void read_references(struct reader *o, const struct xml_node *metadata, struct definition *d)
{
    const char *wanted = o->publisher->id_source;
    for (const struct xml_node *n = xml_child(metadata, "reference"); n; n = xml_again(n)) {
        struct slice source = xml_attribute(n, "source"), id = xml_attribute(n, "ref_id");
        if (slice_eq_str(source, "CVE"))
            add_cve(o, d, id);
        else if (wanted && slice_eq_str(source, wanted) && !d->id.n)
            d->id = id;
    }
}

static void read_advisory(struct reader *o, const struct xml_node *metadata, struct definition *d)
{
    const struct xml_node *advisory = xml_child(metadata, "advisory");
    struct arena *arena = o->r->arena;
    struct slice severity = xml_child_text(advisory ? advisory : metadata, "severity", arena);
    if (severity.n && severity.n <= 32 && slice_is_text(severity))
        d->severity = severity;
    for (const struct xml_node *n = xml_child(advisory, "cve"); n; n = xml_again(n))
        add_cve(o, d, xml_text(n, arena));
    /* With several CVEs nobody could say to which of them a score belongs. */
    for (const struct xml_node *n = xml_child(advisory, "cve"); n && d->cves.n == 1; n = xml_again(n)) {
        add_score(o, d, xml_attribute(n, "cvss4"));
        add_score(o, d, xml_attribute(n, "cvss3"));
    }
    d->published_ms = date_of(xml_attribute(xml_child(advisory, "issued"), "date"));
    d->modified_ms = date_of(xml_attribute(xml_child(advisory, "updated"), "date"));
    if (!d->published_ms)
        d->published_ms = date_of(xml_child_text(metadata, "advisory_date", arena));
}

static int tell_vulnerability(struct reader *o, const struct xml_node *metadata, const struct definition *d,
                              struct err *e)
{
    struct arena *arena = o->r->arena;
    bool one = d->vulnerability && d->cves.n == 1;
    struct vulnerability v = vulnerability_unknown(one ? d->cves.v[0] : d->id);
    v.summary = xml_child_text(metadata, "title", arena);
    v.details = xml_child_text(metadata, "description", arena);
    v.published_ms = d->published_ms;
    v.modified_ms = d->modified_ms;
    v.scores = d->scores;
    for (size_t i = 0; i < d->cves.n; i++)
        if (!slice_eq(d->cves.v[i], v.id))
            slice_vec_add(arena, &v.aliases, d->cves.v[i]);
    for (const struct xml_node *n = xml_child(metadata, "reference"); n && v.references.n < 32; n = xml_again(n)) {
        struct slice url = xml_attribute(n, "ref_url");
        if (url.n && url.n <= 500 && slice_is_text(url))
            slice_vec_add(arena, &v.references, url);
    }
    return reading_vulnerability(o->r, &v, e);
}

/* ---- keeping a definition until its tests are known ---- */

static void keep_definition(struct buf *b, const struct definition *d, struct slice criteria)
{
    buf_add_prefixed(b, d->id);
    buf_add_prefixed(b, d->severity);
    buf_add_prefixed(b, d->fix_reference);
    buf_add_u64(b, (uint64_t)d->published_ms);
    buf_add_u64(b, (uint64_t)d->modified_ms);
    buf_add_byte(b, (uint8_t)((d->vulnerability ? 1 : 0) | (d->unpatched ? 2 : 0)));
    buf_add_varint(b, d->cves.n);
    for (size_t i = 0; i < d->cves.n; i++)
        buf_add_prefixed(b, d->cves.v[i]);
    buf_add_varint(b, d->scores.n);
    for (size_t i = 0; i < d->scores.n; i++) {
        buf_add_prefixed(b, d->scores.v[i].kind);
        buf_add_prefixed(b, d->scores.v[i].vector);
    }
    buf_add_prefixed(b, criteria);
}

static struct slice kept_text(struct slice *s)
{
    struct slice v;
    if (!slice_take_prefixed(s, &v))
        BUG("oval: a definition that was kept is damaged");
    return v.n ? v : SLICE_NONE;
}

static uint64_t kept_number(struct slice *s)
{
    uint64_t v;
    if (!slice_take_varint(s, &v))
        BUG("oval: a definition that was kept is damaged");
    return v;
}

static struct slice take_definition(struct reader *o, struct slice *s, struct definition *d)
{
    uint64_t at[2];
    *d = (struct definition){.id = kept_text(s), .severity = kept_text(s), .fix_reference = kept_text(s)};
    if (!slice_take_u64(s, &at[0]) || !slice_take_u64(s, &at[1]) || !s->n)
        BUG("oval: a definition that was kept is damaged");
    d->published_ms = (int64_t)at[0];
    d->modified_ms = (int64_t)at[1];
    d->vulnerability = s->p[0] & 1;
    d->unpatched = s->p[0] & 2;
    *s = slice_from(*s, 1);
    for (uint64_t n = kept_number(s); n; n--)
        slice_vec_add(o->r->arena, &d->cves, kept_text(s));
    for (uint64_t n = kept_number(s); n; n--) {
        struct score one = {.source = slice_str(o->r->feed->name)}, *to = VEC_ADD(o->r->arena, &d->scores);
        one.kind = kept_text(s);
        one.vector = kept_text(s);
        if (to)
            *to = one;
    }
    return kept_text(s);
}

/* The id, and what the definition's own words do to it. NULL: keep it; "": it says nothing; else why it is skipped. */
static const char *read_definition(struct reader *o, const struct xml_node *n, struct definition *d)
{
    struct arena *arena = o->r->arena;
    const struct xml_node *metadata = xml_child(n, "metadata");
    struct slice class = xml_attribute(n, "class"), number = xml_attribute(n, "id");
    struct slice patchable = xml_child_text(metadata, "patchable", arena);
    if (n->cut)
        return "too much for the memory of one document";
    d->vulnerability = slice_eq_str(class, "vulnerability");
    if (!d->vulnerability && !slice_eq_str(class, "patch"))
        return "";
    read_references(o, metadata, d);
    read_advisory(o, metadata, d);
    if (patchable.n) {
        ptrdiff_t colon = slice_rfind(number, ':');
        d->id = arena_printf(arena, "AZL-%.*s", SLICE_FMT(slice_from(number, (size_t)(colon + 1))));
        d->unpatched = slice_eq_str(patchable, "false");
        o->r->stats.withdrawn += slice_eq_str(patchable, "Not Applicable");
    } else if (!d->id.n) {
        d->id = title_id(xml_child_text(metadata, "title", arena));
    }
    if (!reading_is_name(d->id, 128))
        return "a definition without an id";
    if (!d->vulnerability)
        d->fix_reference = d->id;
    if (!d->cves.n && d->vulnerability)
        return "a vulnerability without a CVE";
    return slice_eq_str(patchable, "Not Applicable") ? "" : NULL;
}

static int oval_definition(struct reader *o, const struct xml_node *n, struct err *e)
{
    struct definition d = {0};
    struct buf criteria ATTR_CLEANUP(buf_done) = BUF_INIT(FEED_DOCUMENT_MAX);
    o->r->stats.documents++; /* the arena holds the document, so it isn't reset here */
    const char *bad = read_definition(o, n, &d);
    if (!bad)
        bad = oval_keep_criteria(o->oval, xml_child(n, "criteria"), &criteria);
    if (!bad && o->r->arena->overflow)
        bad = "too much for the memory of one document";
    if (bad)
        return bad[0] ? reading_skip(o->r, d.id.n ? d.id : xml_attribute(n, "id"), bad, e) : 0;
    keep_definition(&o->kept, &d, buf_slice(&criteria));
    if (o->kept.overflow)
        return err_set(e, ERR_POISON, 0, "its definitions take more than %zu bytes", OVAL_KEPT_MAX);
    return tell_vulnerability(o, xml_child(n, "metadata"), &d, e);
}

/* ---- a definition's statements ---- */

struct statements {
    struct reader *o;
    const struct definition *definition;
    statement_vec found;
};

static struct slice map_platform(void *arg, struct slice name, struct arena *arena)
{
    struct statements *s = arg;
    struct slice row = slice_str(s->o->r->feed->ecosystem), rest;
    struct slice e = s->o->publisher->platform ? s->o->publisher->platform(name, arena) : row;
    rest = e;
    return slice_take_prefix(&rest, row) && (!rest.n || rest.p[0] == ':') ? e : SLICE_NONE;
}

static int add_statement(struct statements *s, struct slice ecosystem, const struct statement *f)
{
    struct statement *to = s->found.n < FOUND_MAX ? VEC_ADD(s->o->r->arena, &s->found) : NULL;
    if (!to)
        return -1;
    *to = *f;
    to->ecosystem = ecosystem;
    return 0;
}

static int on_package(void *arg, const struct oval_context *c, const struct oval_leaf *l)
{
    struct statements *s = arg;
    struct arena *arena = s->o->r->arena;
    struct statement f = {.package = l->name, .module = c->module};
    /* A package that no record speaks of has no finding, and SUSE says this of ten times as many as of the others. */
    if (l->kind == LEAF_NOT_AFFECTED)
        return 0;
    slice_vec architectures = c->architectures;
    slice_vec_sort(&architectures);
    f.architectures = statement_architectures(arena, &architectures);
    f.range.introduced = SLICE("0");
    if (l->kind == LEAF_FIXED) {
        f.range.fixed = l->evr;
        f.flavour = version_rpm_flavour(l->evr);
    } else if (l->kind == LEAF_LAST) {
        f.range.last_affected = l->evr;
    } else if (l->kind == LEAF_SINCE) {
        f.range.introduced = l->evr;
    }
    if (!reading_is_name(f.package, 200) ||
        (l->evr.n && (!reading_is_name(l->evr, 256) || !version_orderable(VERSION_RPM, l->evr, NULL))))
        return -1;
    if (!c->platform_given)
        return slice_find(slice_str(s->o->r->feed->ecosystem), ':') < 0
                   ? -1
                   : add_statement(s, slice_str(s->o->r->feed->ecosystem), &f);
    for (size_t i = 0; i < c->platforms.n; i++)
        if (add_statement(s, c->platforms.v[i], &f))
            return -1;
    return 0;
}

static int tell_definition(struct reader *o, struct slice *kept, struct err *e)
{
    struct definition d;
    struct slice criteria = take_definition(o, kept, &d);
    struct statements s = {.o = o, .definition = &d};
    struct oval_walk w = {
        .oval = o->oval, .arena = o->r->arena, .arg = &s, .platform = map_platform, .package = on_package};
    if (oval_walk(&w, criteria))
        return reading_skip(o->r, d.id, w.bad[0] ? w.bad : "a package, version or platform that is none", e);
    if (o->r->arena->overflow)
        return reading_skip(o->r, d.id, "too much for the memory of one document", e);
    for (size_t i = 0; d.unpatched && i < s.found.n; i++)
        s.found.v[i].range.fixed = s.found.v[i].range.last_affected = SLICE_NONE;
    struct advisory facts = {.id = d.id,
                             .name_kind = o->publisher->names,
                             .verdict = VERDICT_AFFECTED,
                             .cves = d.cves,
                             .severity = d.severity,
                             .scores = d.scores,
                             .fix_reference = d.fix_reference,
                             .published_ms = d.published_ms,
                             .modified_ms = d.modified_ms};
    return statements_tell(o->r, &facts, &s.found, e);
}

/* ---- the file ---- */

static int read_all(struct reader *o, struct xml *x, struct err *e)
{
    const struct xml_node *n;
    int rc;
    while (arena_reset(o->r->arena), (rc = xml_next(x, o->r->arena, &n, e)) == 1) {
        if (slice_eq_str(n->name, "definition"))
            rc = oval_definition(o, n, e);
        else if (n->cut || !oval_take(o->oval, n, o->r->arena))
            rc = err_set(e, ERR_POISON, 0, "its tests take more than %zu bytes", OVAL_KEPT_MAX);
        else
            rc = 0;
        if (rc)
            return rc;
    }
    return rc;
}

int format_oval(struct feed_reading *r, struct err *e)
{
    static const char *const wanted[] = {"definition",     "rpminfo_test",  "textfilecontent54_test",
                                         "rpminfo_object", "rpminfo_state", NULL};
    struct reader o = {.r = r, .kept = BUF_INIT(OVAL_KEPT_MAX)};
    struct unpack *u;
    struct xml *x;
    o.publisher = oval_publisher(slice_str(r->feed->ecosystem));
    if (!o.publisher)
        BUG("feed %s: no OVAL publisher of %s is known", r->feed->name, r->feed->ecosystem);
    if (unpack_open(r->source, UNPACK_FILE, OVAL_UNPACKED_MAX, &u, e))
        return -1;
    int rc = xml_open(unpack_source(u), wanted, &x, e);
    if (rc == 0) {
        o.oval = oval_new();
        rc = read_all(&o, x, e);
        r->stats.unpacked_bytes = unpack_bytes(u);
        xml_close(x);
    }
    unpack_close(u);
    struct slice kept = buf_slice(&o.kept);
    while (rc == 0 && kept.n) {
        arena_reset(r->arena);
        rc = tell_definition(&o, &kept, e);
    }
    oval_free(o.oval);
    buf_done(&o.kept);
    return rc;
}
