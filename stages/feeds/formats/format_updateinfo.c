/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_updateinfo.c: updateinfo.xml of rpm repositories (written by createrepo, read by dnf), with one `update` for
 * each notice: Amazon Linux, Fedora (by Bodhi), Rocky, AlmaLinux, Bottlerocket. A notice becomes one advisory for each
 * package and one vulnerability.
 *
 *  - A repository's file lists the packages of all architectures that the notice was built for; sources are left out.
 *  - CVEs come from references of type "cve"; where there is none (Fedora refers to Bugzilla), from the references'
 *    titles. A notice of another type than "security" that names no CVE says nothing about vulnerabilities.
 *  - A collection's `module` is the packages' module.
 *  - Amazon Linux 2 and 2023 have repositories beside "core", each with notices of its own kind whose id names the
 *    topic (ALAS2KERNEL-5.10-2022-001), about packages that "core" has too, in other versions. Their module is
 *    "extras:kernel-5.10"; judge.h says what that means.
 *  - A file of another Fedora release than the row's is skipped notice by notice, and so refused.
 *  - Bottlerocket's packages have the names of its inventory (application-inventory.json). Old notices give versions of
 *    the system, new ones those of the package. Some state no release: then any release of the version has the fix.
 */
#include "feeds/formats/formats.h"
#include "feeds/formats/statements.h"
#include "io/text/xml.h"

#include "base/clock.h"
#include "model/distro/distro.h"
#include "model/version/version.h"

#define UPDATEINFO_MAX ((uint64_t)4 << 30)
#define PACKAGES_MAX   200000 /* of one notice */
#define CVES_MAX       2000

struct notice {
    struct advisory facts;
    struct slice title, description, topic;
    statement_vec statements;
    bool security;
};

/* All CVE ids in a text. */
static void add_cves(struct feed_reading *r, slice_vec *cves, struct slice s)
{
    ptrdiff_t at;
    while ((at = slice_find_slice(s, SLICE("CVE-"))) >= 0) {
        s = slice_from(s, (size_t)at);
        size_t n = 4;
        while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '-'))
            n++;
        while (n > 4 && s.p[n - 1] == '-')
            n--;
        struct slice cve = slice_sub(s, 0, n);
        bool known = !reading_is_cve(cve) || cves->n >= CVES_MAX;
        for (size_t i = 0; i < cves->n && !known; i++)
            known = slice_eq(cves->v[i], cve);
        if (!known)
            slice_vec_add(r->arena, cves, cve);
        s = slice_from(s, n);
    }
}

static void read_references(struct feed_reading *r, const struct xml_node *update, struct notice *n)
{
    const struct xml_node *references = xml_child(update, "references"), *first = xml_child(references, "reference");
    slice_vec *cves = &n->facts.cves;
    for (const struct xml_node *c = first; c; c = xml_again(c))
        if (slice_eq_str(xml_attribute(c, "type"), "cve"))
            add_cves(r, cves, xml_attribute(c, "id"));
    for (const struct xml_node *c = cves->n ? NULL : first; c; c = xml_again(c))
        add_cves(r, cves, xml_attribute(c, "title"));
    if (!cves->n && n->security)
        add_cves(r, cves, n->title);
}

/* "2011-09-27 22:46", "2023-02-09T18:35:00Z": the day is enough. */
static int64_t day_of(const struct xml_node *n)
{
    int64_t at = 0;
    struct slice s = slice_sub(xml_attribute(n, "date"), 0, 10);
    return s.n && clock_parse(s, &at) ? at : 0;
}

/* "ALAS2KERNEL-5.10-2022-001" -> "kernel-5.10"; absent for "ALAS2-2022-001" and "ALAS-2011-1". */
static struct slice amazon_topic(struct feed_reading *r, struct slice id)
{
    struct slice s = id;
    if (!slice_take_prefix(&s, SLICE("ALAS")))
        return SLICE_NONE;
    while (s.n && s.p[0] >= '0' && s.p[0] <= '9')
        s = slice_from(s, 1);
    ptrdiff_t number = slice_rfind(s, '-');
    ptrdiff_t year = number < 0 ? -1 : slice_rfind(slice_sub(s, 0, (size_t)number), '-');
    s = slice_sub(s, 0, (size_t)MAX(year, 0));
    slice_take_prefix(&s, SLICE("-"));
    uint8_t *lower = arena_alloc(r->arena, s.n + 1);
    for (size_t i = 0; lower && i < s.n; i++)
        lower[i] = byte_lower(s.p[i]);
    return lower && s.n ? arena_printf(r->arena, "extras:%.*s", SLICE_FMT(slice_of(lower, s.n))) : SLICE_NONE;
}

static struct slice module_of(struct feed_reading *r, const struct xml_node *collection)
{
    const struct xml_node *m = xml_child(collection, "module");
    struct slice name = xml_attribute(m, "name"), stream = xml_attribute(m, "stream");
    return name.n && stream.n ? arena_printf(r->arena, "%.*s:%.*s", SLICE_FMT(name), SLICE_FMT(stream)) : SLICE_NONE;
}

static bool needs_release(const struct feed_reading *r)
{
    const struct distro *d = distro_of_ecosystem(slice_str(r->feed->ecosystem));
    return !d || d->type != PKG_BOTTLEROCKET;
}

static const char *read_package(struct feed_reading *r, const struct xml_node *p, struct slice module, struct notice *n)
{
    struct slice name = xml_attribute(p, "name"), epoch = slice_trim(xml_attribute(p, "epoch")), evr,
                 arch = xml_attribute(p, "arch"), version = reading_version(r->arena, xml_attribute(p, "version")),
                 release = reading_version(r->arena, xml_attribute(p, "release"));
    if (slice_eq_str(arch, "src") || slice_eq_str(arch, "nosrc"))
        return NULL;
    /* Where it is left out rpm takes 0 for it, and so do the tools that read these files. */
    evr = arena_printf(r->arena, "%.*s:%.*s%s%.*s", SLICE_FMT(epoch.n ? epoch : SLICE("0")), SLICE_FMT(version),
                       release.n ? "-" : "", SLICE_FMT(release));
    if (!reading_is_name(name, 200) || (arch.n && (!reading_is_name(arch, 32) || slice_find(arch, '+') >= 0)))
        return "a package without a name";
    if (!version.n || (!release.n && needs_release(r)) || !reading_is_name(evr, 256) ||
        !version_orderable(VERSION_RPM, evr, NULL))
        return "a package without a version that is one";
    struct statement *s = n->statements.n < PACKAGES_MAX ? VEC_ADD(r->arena, &n->statements) : NULL;
    if (!s)
        return "too many packages";
    *s = (struct statement){.ecosystem = slice_str(r->feed->ecosystem),
                            .package = name,
                            .module = module,
                            .flavour = version_rpm_flavour(evr),
                            .architectures = slice_eq_str(arch, "noarch") ? SLICE_NONE : arch,
                            .range = {.introduced = SLICE("0"), .fixed = evr}};
    return NULL;
}

static const char *read_packages(struct feed_reading *r, const struct xml_node *update, struct notice *n)
{
    for (const struct xml_node *c = xml_child(xml_child(update, "pkglist"), "collection"); c; c = xml_again(c)) {
        struct slice module = n->topic.n ? n->topic : module_of(r, c);
        for (const struct xml_node *p = xml_child(c, "package"); p; p = xml_again(p)) {
            const char *bad = read_package(r, p, module, n);
            if (bad)
                return bad;
        }
    }
    return NULL;
}

/* "Fedora 40", "Fedora 38 Modular" must be the row's release. Others' texts say nothing that could be compared. */
static bool other_release(struct feed_reading *r, const struct xml_node *update)
{
    struct slice release = xml_child_text(update, "release", r->arena), own = slice_str(r->feed->ecosystem),
                 number = {0};
    if (!slice_take_prefix(&release, SLICE("Fedora ")) || !slice_take_prefix(&own, SLICE("Fedora:")))
        return false;
    slice_take_token(&release, ' ', &number);
    return !slice_eq(number, own);
}

static bool withdrawn(const struct xml_node *update)
{
    static const char *const words[] = {"retracted", "obsolete", "unpushed", "testing"};
    struct slice status = xml_attribute(update, "status");
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_eq_str(status, words[i]))
            return true;
    return false;
}

static const char *read_update(struct feed_reading *r, const struct xml_node *update, struct notice *n)
{
    struct arena *arena = r->arena;
    struct advisory *a = &n->facts;
    a->id = xml_child_text(update, "id", arena);
    if (update->cut)
        return "too much for the memory of one document";
    if (!reading_is_name(a->id, 128))
        return "a notice without an id";
    if (other_release(r, update))
        return "it is of another release than the feed";
    n->title = xml_child_text(update, "title", arena);
    n->description = xml_child_text(update, "description", arena);
    n->security = slice_eq_str(xml_attribute(update, "type"), "security");
    if (slice_starts(slice_str(r->feed->ecosystem), SLICE("Amazon Linux")))
        n->topic = amazon_topic(r, a->id);
    a->severity = xml_child_text(update, "severity", arena);
    if (a->severity.n > 32 || !slice_is_text(a->severity) || slice_eq_nocase(a->severity, SLICE("none")))
        a->severity = SLICE_NONE;
    a->name_kind = NAME_BINARY;
    a->verdict = VERDICT_AFFECTED;
    a->fix_reference = a->id;
    a->published_ms = day_of(xml_child(update, "issued"));
    a->modified_ms = day_of(xml_child(update, "updated"));
    read_references(r, update, n);
    const char *bad = read_packages(r, update, n);
    return bad ? bad : arena->overflow ? "too much for the memory of one document" : NULL;
}

static int tell_vulnerability(struct feed_reading *r, const struct xml_node *update, const struct notice *n,
                              struct err *e)
{
    struct vulnerability v = vulnerability_unknown(n->facts.id);
    v.summary = n->title;
    v.details = n->description;
    v.published_ms = n->facts.published_ms;
    v.modified_ms = n->facts.modified_ms;
    v.aliases = (slice_vec){0};
    for (size_t i = 0; i < n->facts.cves.n; i++)
        slice_vec_add(r->arena, &v.aliases, n->facts.cves.v[i]);
    const struct xml_node *c = xml_child(xml_child(update, "references"), "reference");
    for (; c && v.references.n < 32; c = xml_again(c)) {
        struct slice url = xml_attribute(c, "href");
        if (url.n && url.n <= 500 && slice_is_text(url))
            slice_vec_add(r->arena, &v.references, url);
    }
    return reading_vulnerability(r, &v, e);
}

static int updateinfo_update(struct feed_reading *r, const struct xml_node *update, struct err *e)
{
    struct notice n = {0};
    r->stats.documents++; /* the arena holds the document, so it isn't reset here */
    const char *bad = read_update(r, update, &n);
    if (bad)
        return reading_skip(r, n.facts.id.n ? n.facts.id : SLICE("(no id)"), bad, e);
    if (!n.security && !n.facts.cves.n)
        return 0;
    if (withdrawn(update)) {
        r->stats.withdrawn++;
        return 0;
    }
    return tell_vulnerability(r, update, &n, e) || statements_tell(r, &n.facts, &n.statements, e) ? -1 : 0;
}

int format_updateinfo(struct feed_reading *r, struct err *e)
{
    static const char *const wanted[] = {"update", NULL};
    const struct xml_node *n;
    struct unpack *u;
    struct xml *x;
    if (unpack_open(r->source, UNPACK_FILE, UPDATEINFO_MAX, &u, e))
        return -1;
    int rc = xml_open(unpack_source(u), wanted, &x, e);
    if (rc == 0) {
        while (arena_reset(r->arena), (rc = xml_next(x, r->arena, &n, e)) == 1)
            if ((rc = updateinfo_update(r, n, e)))
                break;
        xml_close(x);
    }
    r->stats.unpacked_bytes = unpack_bytes(u);
    unpack_close(u);
    return rc;
}
