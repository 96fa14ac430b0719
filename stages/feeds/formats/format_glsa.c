/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_glsa.c: Gentoo's security advisories (the GLSA document type, security.gentoo.org), a tar of them:
 *     <glsa id="202305-28"><title>…</title><announced>2023-05-21</announced><affected>
 *       <package name="dev-java/snakeyaml" arch="*"><unaffected range="ge">1.33</unaffected>
 *       <vulnerable range="lt">1.33</vulnerable></package></affected><impact type="low"/>
 *       <references><uri link="…">CVE-2022-38749</uri></references></glsa>
 * Affected is what a vulnerable range holds and no unaffected one does. Ranges: lt, le, eq, ge, gt; rlt, rle, rge, rgt
 * hold only revisions of their own version (1.2-r3). The differences are computed here, so that an advisory is ranges:
 *  - the version right behind X-r3 is X-r4, and every revision of X is below X-r99999999;
 *  - a range of a slot that its version begins with (3.9 of slot 3.9) starts at the slot's first version and, when it
 *    is an unaffected one, ends at its last; other slots, like 0, bound nothing;
 *  - "eq" with a trailing '*' holds every version that begins so.
 */
#include "base/clock.h"
#include "feeds/formats/formats.h"
#include "io/archive/unpack.h"
#include "io/text/xml.h"
#include "model/version/version.h"

#define GLSA_UNPACKED_MAX ((uint64_t)1 << 30)
#define PACKAGES_MAX      1000
#define INTERVALS_MAX     2000
#define LAST_REVISION     "-r99999999"

/* Versions from lo on (absent: from the beginning) up to hi (absent: all). */
struct interval {
    struct slice lo, hi, slot;
    bool inclusive; /* hi itself too */
};
typedef VEC(struct interval) interval_vec;

static int compare(struct slice a, struct slice b)
{
    int c = 0;
    version_compare(VERSION_PORTAGE, a, b, &c, NULL); /* both were found valid */
    return c;
}

static bool is_empty(const struct interval *i)
{
    int c = i->lo.n && i->hi.n ? compare(i->lo, i->hi) : -1;
    return c > 0 || (c == 0 && !i->inclusive);
}

/* "1.2-r3" -> "1.2" and 3. */
static struct slice without_revision(struct slice v, uint64_t *ret_revision)
{
    struct slice number;
    ptrdiff_t at = slice_rfind(v, '-');
    *ret_revision = 0;
    if (at > 0 && (size_t)at + 2 < v.n && v.p[at + 1] == 'r') {
        number = slice_from(v, (size_t)at + 2);
        if (slice_parse_u64(number, ret_revision))
            return slice_sub(v, 0, (size_t)at);
    }
    return v;
}

static struct slice behind(struct slice v, struct arena *arena)
{
    uint64_t revision;
    struct slice base = without_revision(v, &revision);
    return arena_printf(arena, "%.*s-r%" PRIu64, SLICE_FMT(base), revision + 1);
}

/* ---- ranges ---- */

/* NULL, or what is wrong. v is a version, or one without the '*' at its end. */
static const char *read_range(struct slice range, struct slice v, bool star, struct arena *arena, struct interval *i)
{
    uint64_t revision;
    struct slice base = without_revision(v, &revision);
    struct slice last = arena_printf(arena, "%.*s" LAST_REVISION, SLICE_FMT(base));
    bool own = slice_take_prefix(&range, SLICE("r"));
    if (star && (own || !slice_eq_str(range, "eq")))
        return "a range of a version with '*' that is not eq";
    if (slice_eq_str(range, "lt"))
        *i = (struct interval){.lo = own ? base : SLICE_NONE, .hi = v};
    else if (slice_eq_str(range, "le"))
        *i = (struct interval){.lo = own ? base : SLICE_NONE, .hi = v, .inclusive = true};
    else if (slice_eq_str(range, "ge"))
        *i = (struct interval){.lo = v, .hi = own ? last : SLICE_NONE, .inclusive = true};
    else if (slice_eq_str(range, "gt"))
        *i = (struct interval){.lo = behind(v, arena), .hi = own ? last : SLICE_NONE, .inclusive = true};
    else if (slice_eq_str(range, "eq") && !own)
        *i = (struct interval){
            .lo = v, .hi = star ? arena_printf(arena, "%.*s.99999999", SLICE_FMT(v)) : v, .inclusive = true};
    else
        return "a range that is none of lt, le, eq, ge, gt, rlt, rle, rge, rgt";
    return NULL;
}

/* Whether a version is of a slot by its text: 3.9.5 of 3.9. */
static bool begins_with_slot(struct slice v, struct slice slot)
{
    return slot.n && slice_starts(v, slot) && version_valid(VERSION_PORTAGE, slot, NULL) &&
           (v.n == slot.n || v.p[slot.n] < '0' || v.p[slot.n] > '9');
}

static const char *add_interval(const struct xml_node *n, bool unaffected, struct arena *arena, interval_vec *out)
{
    struct slice text = reading_version(arena, xml_text(n, arena)), v = text, slot = xml_attribute(n, "slot");
    bool star = slice_ends(v, SLICE("*"));
    if (star)
        v.n--;
    while (star && slice_ends(v, SLICE(".")))
        v.n--;
    if (v.n > 200 || !version_valid(VERSION_PORTAGE, v, NULL))
        return "a range of something that is no version";
    struct interval *i = out->n < INTERVALS_MAX ? VEC_ADD(arena, out) : NULL;
    if (!i)
        return "too many ranges";
    const char *bad = read_range(xml_attribute(n, "range"), v, star, arena, i);
    if (bad)
        return bad;
    if (slice_eq_str(slot, "*"))
        slot = SLICE_NONE;
    i->slot = slot;
    if (begins_with_slot(v, slot)) {
        i->lo = i->lo.n ? i->lo : slot;
        if (unaffected && !i->hi.n) {
            i->hi = arena_printf(arena, "%.*s.99999999", SLICE_FMT(slot));
            i->inclusive = true;
        }
        if (unaffected)
            i->slot = SLICE_NONE; /* it says by its bounds what it holds */
    }
    return NULL;
}

/* What is left of x without u: up to two intervals. */
static size_t subtract(const struct interval *x, const struct interval *u, struct arena *arena, struct interval to[2])
{
    struct interval left = *x, right = *x;
    size_t n = 0;
    int c;
    if (u->slot.n && !slice_eq(u->slot, x->slot)) {
        to[0] = *x;
        return 1;
    }
    if (u->lo.n) {
        c = left.hi.n ? compare(left.hi, u->lo) : 1;
        if (c > 0 || (c == 0 && left.inclusive)) {
            left.hi = u->lo;
            left.inclusive = false;
        }
        if (!is_empty(&left))
            to[n++] = left;
    }
    if (u->hi.n) {
        struct slice from = u->inclusive ? behind(u->hi, arena) : u->hi;
        if (!right.lo.n || compare(right.lo, from) < 0)
            right.lo = from;
        if (!is_empty(&right))
            to[n++] = right;
    }
    return n;
}

static const char *add_ranges(const interval_vec *vulnerable, const interval_vec *unaffected, struct arena *arena,
                              struct advisory *a)
{
    interval_vec left = *vulnerable;
    for (size_t u = 0; u < unaffected->n; u++) {
        interval_vec next = {0};
        for (size_t i = 0; i < left.n; i++) {
            struct interval two[2];
            size_t n = subtract(&left.v[i], &unaffected->v[u], arena, two);
            for (size_t k = 0; k < n; k++) {
                struct interval *to = next.n < INTERVALS_MAX ? VEC_ADD(arena, &next) : NULL;
                if (!to)
                    return "too many ranges";
                *to = two[k];
            }
        }
        left = next;
    }
    for (size_t i = 0; i < left.n; i++) {
        struct version_range *to = VEC_ADD(arena, &a->ranges);
        if (!to)
            return "too many ranges";
        *to = (struct version_range){.introduced = left.v[i].lo.n ? left.v[i].lo : SLICE("0"),
                                     .fixed = left.v[i].inclusive ? SLICE_NONE : left.v[i].hi,
                                     .last_affected = left.v[i].inclusive ? left.v[i].hi : SLICE_NONE};
    }
    return NULL;
}

/* ---- a document ---- */

static const char *add_package(const struct xml_node *n, const struct advisory *shared, struct arena *arena,
                               advisory_vec *list)
{
    struct slice name = xml_attribute(n, "name"), arches = xml_attribute(n, "arch"), arch;
    interval_vec vulnerable = {0}, unaffected = {0};
    struct advisory *a = NULL;
    const char *bad = NULL;
    if (!reading_is_name(name, 200))
        return "a package without a name";
    for (const struct xml_node *c = xml_child(n, "vulnerable"); c && !bad; c = xml_again(c))
        bad = add_interval(c, false, arena, &vulnerable);
    for (const struct xml_node *c = xml_child(n, "unaffected"); c && !bad; c = xml_again(c))
        bad = add_interval(c, true, arena, &unaffected);
    for (size_t i = 0; i < list->n && !a; i++)
        if (slice_eq(list->v[i].package, name))
            a = &list->v[i];
    bool first = !a;
    if (first && (a = list->n < PACKAGES_MAX ? VEC_ADD(arena, list) : NULL) == NULL)
        return "too many packages";
    if (first) {
        *a = *shared;
        a->package = name;
        while (!slice_eq_str(arches, "*") && slice_take_token(&arches, ' ', &arch))
            if (arch.n)
                slice_vec_add(arena, &a->architectures, arch);
    } else {
        a->architectures = (slice_vec){0}; /* of several entries for some machines each: all of them */
    }
    return bad ? bad : add_ranges(&vulnerable, &unaffected, arena, a);
}

/* Text of references: "CVE-2004-0488", "CAN-2004-0488" as they were called at first. */
static void read_references(struct feed_reading *r, const struct xml_node *glsa, struct advisory *a,
                            struct vulnerability *v)
{
    for (const struct xml_node *n = xml_child(xml_child(glsa, "references"), "uri"); n && v->references.n < 64;
         n = xml_again(n)) {
        struct slice id = xml_text(n, r->arena), url = xml_attribute(n, "link");
        if (slice_take_prefix(&id, SLICE("CAN-")))
            id = arena_printf(r->arena, "CVE-%.*s", SLICE_FMT(slice_sub(id, 0, 20)));
        if (reading_is_cve(id)) {
            slice_vec_add(r->arena, &a->cves, id);
            slice_vec_add(r->arena, &v->aliases, id);
        }
        if (url.n && url.n <= 500 && slice_is_text(url))
            slice_vec_add(r->arena, &v->references, url);
    }
    slice_vec_sort(&a->cves);
}

static int glsa_emit(struct feed_reading *r, const struct xml_node *glsa, struct slice id, struct err *e)
{
    struct vulnerability v = vulnerability_unknown(arena_printf(r->arena, "GLSA-%.*s", SLICE_FMT(id)));
    struct advisory shared = {.ecosystem = slice_str(r->feed->ecosystem),
                              .id = v.id,
                              .name_kind = NAME_BINARY,
                              .fix_reference = v.id,
                              .severity = xml_attribute(xml_child(glsa, "impact"), "type")};
    advisory_vec list = {0};
    const char *bad = NULL;
    if (shared.severity.n > 32 || !slice_is_text(shared.severity))
        shared.severity = SLICE_NONE;
    v.summary = xml_child_text(glsa, "title", r->arena);
    v.details = xml_child_text(glsa, "synopsis", r->arena);
    if (!clock_parse(xml_child_text(glsa, "announced", r->arena), &v.published_ms))
        v.published_ms = 0;
    shared.published_ms = v.published_ms;
    read_references(r, glsa, &shared, &v);
    for (const struct xml_node *n = xml_child(xml_child(glsa, "affected"), "package"); n && !bad; n = xml_again(n))
        bad = add_package(n, &shared, r->arena, &list);
    if (bad || r->arena->overflow)
        return reading_skip(r, id, bad ? bad : "too much for the memory of one document", e);
    for (size_t i = 0; i < list.n; i++)
        if (list.v[i].ranges.n && reading_advisory(r, &list.v[i], e))
            return -1;
    return reading_vulnerability(r, &v, e);
}

static int glsa_document(struct feed_reading *r, struct slice name, struct slice text, struct err *e)
{
    struct err why = ERR_INIT;
    const struct xml_node *root;
    /* The snapshot of the ebuild repository holds metadata/glsa/glsa-200310-03.xml among a metadata.xml a package. */
    if (slice_ends(name, SLICE("/metadata")) ||
        (slice_find_slice(name, SLICE("/metadata/")) >= 0 && slice_find_slice(name, SLICE("/glsa/")) < 0))
        return 0;
    reading_document(r);
    if (xml_document(text, r->arena, &root, &why))
        return reading_skip(r, name, why.text, e);
    struct slice id = xml_attribute(root, "id");
    if (!slice_eq_str(root->name, "glsa") || !reading_is_name(id, 32))
        return reading_skip(r, name, "not a GLSA", e);
    if (root->cut)
        return reading_skip(r, id, "too big", e);
    return glsa_emit(r, root, id, e);
}

int format_glsa(struct feed_reading *r, struct err *e)
{
    return reading_entries(r, UNPACK_TAR, GLSA_UNPACKED_MAX, ".xml", glsa_document, e);
}
