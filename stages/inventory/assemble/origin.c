/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/assemble/origin.h"

#include "model/distro/distro.h"
#include "model/ecosystem/ecosystem.h"

/* ---- dpkg ---- */

/* Texts in Maintainer that show whose package it is; each is an address, or the end of one. */
static const char *const makers[] = {
    "support@docker.com",
    "@microsoft.com",
    "@containerd.io",
    "@hashicorp.com",
    "@kubernetes.io",
    "@grafana.com",
    "@elastic.co",
    "@mongodb.com",
    "@influxdb.com",
    "@influxdata.com",
    "@datadoghq.com",
    "@gitlab.com",
    "@oss.oracle.com",
    "@percona.com",
    "cudatools@nvidia.com",
    "temurin-dev@eclipse.org",
    "corretto-team@amazon.com",
    "@f5.com",
    "@nginx.com",
    "@tailscale.com",
    "@cloudflare.com",
    "@puppet.com",
    "@puppetlabs.com",
    "@chef.io",
    "@getchef.com",
    "@erlang-solutions.com",
    "@rabbitmq.com",
    "@neo4j.com",
    "@clickhouse.com",
    "@redis.io",
    "@redis.com",
    "@confluent.io",
    "@newrelic.com",
    "@splunk.com",
    "@sysdig.com",
    "@goteleport.com",
    "@zabbix.com",
    "@nodesource.com",
    "chrome-linux@google.com",
    "chromium-dev@google.com",
    "chromium-dev@chromium.org",
    "linux-packages@google.com",
    "cloud-sdk-eng@google.com",
    "/google-cloud-sdk/",
    "yarn@dan.cx",
    "@mariadb.com",
    "@mariadb.org",
    /* distributions that are judged as the one they are made from */
    "@kali.org",
    "@linuxmint.com",
};

/* Texts in versions that only builds of a certain repository have. */
static const struct {
    const char *mark, *of;
    bool number; /* a digit follows the mark */
} marks[] = {
    {"~ubuntu.", "its maker's own repository", true},
    {"~debian.", "its maker's own repository", true},
    {"nodesource", "NodeSource", true},
    {".pgdg", "PostgreSQL's own repository", true},
    {"deb.sury.org", "deb.sury.org", false},
    {"~1.gbp", "deb.sury.org", false},
    {"dotdeb", "Dotdeb", false},
    {"+maria~", "MariaDB's own repository", false},
    {"ppa", "a personal package archive", true},
};

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool has_mark(struct slice version, struct slice mark, bool number)
{
    for (size_t from = 0;;) {
        ptrdiff_t at = slice_find_slice(slice_from(version, from), mark);
        if (at < 0)
            return false;
        size_t start = from + (size_t)at, end = start + mark.n;
        if ((!is_letter(mark.p[0]) || !start || !is_letter(version.p[start - 1])) &&
            (!number || (end < version.n && byte_is_digit(version.p[end]))))
            return true;
        from = start + 1;
    }
}

/* "1.24.0-1~bookworm", "3.12.1-1+jammy1": the archives end no version with a codename like that. */
static bool ends_with_codename(struct slice version)
{
    struct slice word, release;
    size_t n = version.n;
    while (n && byte_is_digit(version.p[n - 1]))
        n--;
    bool numbered = n < version.n;
    size_t end = n;
    while (n && version.p[n - 1] >= 'a' && version.p[n - 1] <= 'z')
        n--;
    if (n < 2 || version.p[n - 1] != (numbered ? '+' : '~') || !byte_is_digit(version.p[n - 2]))
        return false;
    word = slice_sub(version, n, end - n);
    return !slice_eq_str(word, "sid") && !slice_eq_str(word, "unstable") && !slice_eq_str(word, "testing") &&
           (distro_codename_release(SLICE("debian"), word, &release) ||
            distro_codename_release(SLICE("ubuntu"), word, &release));
}

/* "+local", "~local2", "-1local1.3": what dch --local and careful builders put at the end. */
static bool is_local(struct slice version)
{
    size_t n = version.n, word = strlen("local");
    while (n && (byte_is_digit(version.p[n - 1]) || version.p[n - 1] == '.'))
        n--;
    return n > word && slice_eq_str(slice_sub(version, n - word, word), "local") && !is_letter(version.p[n - word - 1]);
}

/* "Name <address>" -> address. */
static struct slice address_of(struct slice maintainer)
{
    ptrdiff_t open = slice_rfind(maintainer, '<'), close = slice_rfind(maintainer, '>');
    return open >= 0 && close > open ? slice_sub(maintainer, (size_t)open + 1, (size_t)(close - open - 1)) : maintainer;
}

/* "root@build", "@": of no public domain; who builds at home is named so by dpkg's tools. */
static bool is_nobody(struct slice address)
{
    static const char *const private[] = {".localhost", ".localdomain", ".local", ".lan", ".home", ".internal"};
    struct slice host = address;
    if (!slice_take_prefix(&host, SLICE("root@")))
        return slice_starts(address, SLICE("@"));
    for (size_t i = 0; i < ARRAY_LEN(private); i++)
        if (slice_ends(host, slice_str(private[i])))
            return true;
    return slice_find(host, '.') < 0;
}

static struct reason dpkg_origin(const struct package *p, struct arena *arena)
{
    struct slice address = address_of(p->vendor);
    /* Canonical's builds for FIPS are made in an archive of that kind. */
    bool fips = slice_find_slice(p->version, SLICE("fips")) >= 0;
    if (is_local(p->version))
        return reason_make(REASON_BUILT_LOCALLY, SLICE("its version says that it was built locally"));
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (has_mark(p->version, slice_str(marks[i].mark), marks[i].number) && !(fips && marks[i].mark[0] == 'p'))
            return reason_make(REASON_OTHER_REPOSITORY,
                               arena_printf(arena, "its version says that it is from %s", marks[i].of));
    if (ends_with_codename(p->version))
        return reason_make(REASON_OTHER_VENDOR,
                           SLICE("its version says that it was built for this release by somebody else"));
    /* "linux" of Raspberry Pi OS is another tree than Debian's, with an epoch that puts it behind all of that. */
    if (has_mark(p->version, SLICE("+rpt"), true) && slice_eq_str(p->source_name, "linux"))
        return reason_make(REASON_OTHER_VENDOR, SLICE("it is Raspberry Pi's own kernel"));
    bool made_elsewhere = slice_starts(address, SLICE("root@")) && !is_nobody(address);
    for (size_t i = 0; i < ARRAY_LEN(makers); i++)
        made_elsewhere |= slice_ends(address, slice_str(makers[i]));
    if (made_elsewhere)
        return reason_make(REASON_OTHER_VENDOR,
                           arena_printf(arena, "its maintainer is %.*s", SLICE_FMT(slice_sub(p->vendor, 0, 200))));
    if (is_nobody(address))
        return reason_make(REASON_BUILT_LOCALLY, arena_printf(arena, "its maintainer is %.*s: it was built locally",
                                                              SLICE_FMT(slice_sub(p->vendor, 0, 200))));
    return REASON_NONE;
}

/* ---- rpm ---- */

struct vendors {
    const struct distro *rows[3];
    bool known;  /* the rows know the vendor of at least half of them: else they would know wrongly */
    bool stated; /* most of the database's packages name theirs */
};

static bool is_absent(struct slice vendor)
{
    return !vendor.n || slice_eq_str(vendor, "(none)");
}

/* COPR builds anybody's packages and begins its vendor with Fedora's name. */
static bool is_copr(struct slice vendor)
{
    return slice_find_slice(vendor, SLICE("COPR")) >= 0 || slice_find_slice(vendor, SLICE("Copr")) >= 0;
}

static bool is_own(const struct vendors *v, struct slice vendor)
{
    for (size_t i = 0; i < ARRAY_LEN(v->rows); i++)
        for (const char *const *s = v->rows[i] ? v->rows[i]->vendors : NULL; s && *s; s++)
            if (slice_starts(vendor, slice_str(*s)))
                return !is_copr(vendor);
    return false;
}

static struct vendors vendors_of(const struct os_info *os, const package_vec *packages)
{
    const struct distro *self = distro_by_id(os->id);
    struct vendors v = {.rows = {self, self ? distro_by_id(slice_str(self->parent)) : NULL, distro_of(os)}};
    size_t all = 0, absent = 0, own = 0;
    for (size_t i = 0; i < packages->n; i++)
        if (packages->v[i].type == PKG_RPM) {
            all++;
            absent += is_absent(packages->v[i].vendor);
            own += is_own(&v, packages->v[i].vendor);
        }
    v.stated = absent * 2 < all;
    v.known = own * 2 >= all - absent && own;
    return v;
}

static struct reason rpm_origin(const struct package *p, const struct vendors *v, struct arena *arena)
{
    if (is_absent(p->vendor))
        return v->stated ? reason_make(REASON_BUILT_LOCALLY, SLICE("it names no vendor: it was built locally"))
                         : REASON_NONE;
    if (!v->known || is_own(v, p->vendor))
        return REASON_NONE;
    return reason_make(REASON_OTHER_VENDOR,
                       arena_printf(arena, "its vendor is %.*s", SLICE_FMT(slice_sub(p->vendor, 0, 200))));
}

/* ---- pacman, portage ---- */

static struct reason pacman_origin(const struct package *p)
{
    return slice_eq_str(p->vendor, "Unknown Packager")
               ? reason_make(REASON_BUILT_LOCALLY, SLICE("its packager is not named: it was built locally"))
               : REASON_NONE;
}

static struct reason portage_origin(const struct package *p, struct arena *arena)
{
    return p->vendor.n && !slice_eq_str(p->vendor, "gentoo")
               ? reason_make(REASON_OTHER_REPOSITORY, arena_printf(arena, "it is from the repository %.*s",
                                                                   SLICE_FMT(slice_sub(p->vendor, 0, 200))))
               : REASON_NONE;
}

/* ---- all ---- */

struct judging {
    const struct os_info *os;
    const struct distro *of; /* whose advisories hold; NULL: not in the table */
    struct vendors vendors;
    struct arena *arena;
};

/* Why the system's advisories don't speak of a package of the system's own kind; absent: they do. */
static struct reason origin_of(const struct judging *j, const struct package *p)
{
    switch (p->type) {
    case PKG_DPKG:
        return dpkg_origin(p, j->arena);
    case PKG_RPM:
        return rpm_origin(p, &j->vendors, j->arena);
    case PKG_PACMAN:
        return pacman_origin(p);
    case PKG_PORTAGE:
        return portage_origin(p, j->arena);
    default:
        return REASON_NONE;
    }
}

/* Sets whose advisories judge a package, or why nobody's do. True: nobody's do. */
static bool judge_origin(const struct judging *j, struct package *p)
{
    const char *own = ecosystem_of_type(p->type)->advisories;
    if (own) {
        p->ecosystem = slice_str(own);
        return false;
    }
    if (!ecosystem_of_systems(p->type)) {
        if (!p->not_judged.text.n)
            p->not_judged = reason_make(
                REASON_NOBODY_PUBLISHES,
                arena_printf(j->arena, "nobody publishes advisories for %s packages", package_type_names[p->type]));
        return true;
    }
    if (!j->os->ecosystem.n)
        return false;
    /* Another system's packages beside this one's own: an rpm database in an image of Debian, a Nix store. */
    if (j->of && j->of->type != p->type)
        p->not_judged =
            reason_make(REASON_OTHER_KIND, arena_printf(j->arena, "%s's advisories don't speak of %s packages",
                                                        j->of->ecosystem, package_type_names[p->type]));
    else
        p->ecosystem = j->os->ecosystem;
    struct reason why = p->not_judged.text.n ? REASON_NONE : origin_of(j, p);
    if (why.text.n)
        p->not_judged = why;
    return p->not_judged.text.n > 0;
}

/* One note about n packages, of which the first is given. */
static void note(struct arena *arena, struct reasons *notes, size_t n, const char *what, const struct package *first)
{
    if (n)
        reasons_addf(arena, notes, REASON_PACKAGES_NOT_JUDGED, "%zu package%s %s; %s %.*s: %.*s", n,
                     n == 1 ? " is" : "s are", what, n == 1 ? "it is" : "the first is",
                     SLICE_FMT(slice_sub(first->name, 0, 200)), SLICE_FMT(first->not_judged.text));
}

void origin_judge(const struct os_info *os, package_vec *v, struct arena *arena, struct reasons *notes)
{
    const struct judging j = {.os = os, .of = distro_of(os), .vendors = vendors_of(os, v), .arena = arena};
    const struct package *first = NULL;
    size_t n = 0;
    for (size_t i = 0; i < v->n; i++)
        if (judge_origin(&j, &v->v[i]) && ecosystem_of_systems(v->v[i].type)) {
            first = first ? first : &v->v[i];
            n++;
        }
    note(arena, notes, n, "not the distribution's own and not judged", first);
}

void origin_note_others(const package_vec *v, struct arena *arena, struct reasons *notes)
{
    const struct package *first = NULL;
    size_t n = 0;
    for (size_t i = 0; i < v->n; i++)
        if (v->v[i].not_judged.text.n && !v->v[i].owner.n && !ecosystem_of_systems(v->v[i].type)) {
            first = first ? first : &v->v[i];
            n++;
        }
    note(arena, notes, n, "not of the system, listed and not judged", first);
}
