/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge.h: one package against what is known: findings. Pure; used by the match stage and by careen scan. The same
 * package and the same advisories give the same bytes, in whatever order the advisories come.
 *
 * Each line says whose rule it is; "(dpkg)", "(rpm)", "(windows)" and "(language)" stand in judge_<family>.c, the others
 * are general: judge.c forms opinions, judge_group.c makes one finding of several.
 *
 * How an advisory decides about a package
 *  - It holds for the package's ecosystem (judge_ecosystems names the spellings that count) and for its source name
 *    with its source version (name_kind source), its own name with its own version (binary), or both (either: the
 *    source decides where the names are equal).
 *    A package whose source nobody named (source_unknown) is met by advisories about its own name, which is mostly its
 *    source's too. Where there are none it may be another source's, whose advisories can't meet it: that is a reason.
 *  - Rebuilds (dpkg): the suffix "+b1" of a rebuild is not part of the source version. Nor are the marks of a rebuild
 *    for Raspberry Pi OS, "+rpi1" and "+rpt2": 7.88.1-10+rpi1+deb12u5 is Debian's 7.88.1-10+deb12u5, but dpkg would
 *    put it behind every 7.88.1-10+deb12uN, and each fix would be missed.
 *  - Architectures, where it names them, must hold the package's: "noarch", "all", "any" and "src" hold every machine,
 *    i386 to i686 are one, a package without an architecture or for all of them is spoken of by each. An i686 package
 *    on an x86_64 system is judged as i686.
 *  - Modules (rpm): a package of a module is judged only by advisories of its "name:stream" (further parts of a label
 *    don't count), one of no module never by a module's. An advisory that states no module speaks of modules when its
 *    fixed version has ".module" in it, and of no module otherwise. Where one of the two doesn't state its stream, it
 *    is taken for the same when both were built for the same system (".module+el8") and their upstream versions
 *    begin with the same major and minor number, from major 11 on with the same major one: streams are cut there
 *    (php 7.2 and 7.4, nodejs 16 and 18). A different major number is another stream. The rest is undecided: it is
 *    not applied, and that is a reason, because both a missed and an invented finding would be silent.
 *    An advisory whose package is the "name:stream" itself ("python39:3.9") speaks of every package of the module; its
 *    bounds are versions of the module, which the package's label has. A label without one is a reason.
 *  - Builds (rpm): Oracle ships libraries patched by Ksplice and validated for FIPS beside the ordinary ones, under the
 *    same names; their versions tell them (version_rpm_flavour). A fix of one kind says nothing of a build of another:
 *    it would make every ordinary package look old, and hide that a build of its own lacks the fix.
 *  - Topics (rpm): Amazon's repositories beside "core" ship other lines of packages that core has too; such a notice
 *    has the module "extras:kernel-5.10". Where the fix is numbered as the topic's name ends (5.10.205), it speaks of
 *    packages of that line alone, so never of core's kernel 4.14; else (docker, php-pecl-redis) of every package.
 *  - Epochs (rpm): an advisory's bound without one is compared without the package's, since whole feeds leave them out.
 *    A source version without one is compared without the bound's: a source package's file name never has it, and
 *    binaries don't always share their source's. A binary's version without one has epoch 0, as rpm says.
 *  - The kernel (dpkg, rpm): what is built from "linux-signed-aws" or Debian's "linux-signed-amd64" is the same kernel
 *    with a signature: it is judged as source "linux-aws", "linux", with its own version. "linux-meta…" holds no code,
 *    and packages of the kernel's headers (linux-libc-dev, linux-headers-…, kernel-headers) none that runs: an
 *    advisory that names the kernel's source does not speak of them, one that names them does.
 *  - FIPS (dpkg): Ubuntu's builds for FIPS 140 are judged by the records of Pro's FIPS pockets alone, since their
 *    versions don't compare with others; where these don't speak of a package that is a reason.
 *  - Ranges are OSV's: introduced <= version < fixed, or <= last_affected; introduced "0" or absent is the beginning; a
 *    version in `versions` is affected beside the ranges. fixed "0" says that the package was never affected.
 *    A verdict other than affected without any version speaks of all versions; "affected" without any is a reason.
 *  - Packages of an ecosystem of their own (language): judge_language.c. Their names have the ecosystem's normal form on both
 *    sides, a version stands to a bound as model/version/version_bound.h says. Advisories that are limited to systems
 *    ("windows") speak of programs there alone. A version that is not known, or has no place in the order, is held
 *    against advisories of all versions ("introduced: 0" and nothing more), and by its bytes against listed ones; if
 *    there are others that is one reason. What several say of one thing: docs/decisions/0018.
 *  - A bound that breaks its kind's rules has the place that the package manager itself gives it (version_order). What
 *    none could order is refused when a feed is read; of an older database it is a reason, never silence and never a
 *    finding.
 *  - Updates (windows): one that names updates instead (fixed_by, no range, no version) holds unless one of them is
 *    installed: a name in the package's `updates`, or a cumulative update that its build has (model/distro/windows.h).
 *    Where the build doesn't tell and none of the updates that advisories name is among `updates`, or these are none,
 *    or not all (WINDOWS_UPDATES_UNSEEN), what is installed is not known, and that is a reason. An advisory with a
 *    range goes before those about the same vulnerability.
 *
 * How several advisories about the same vulnerability become one finding (or none)
 *  1. Advisories are grouped by CVE (language: by any id that they share, into one finding whatever number of CVEs);
 *     one without a CVE stands under its own id, unless another advisory that speaks of the package gives that id as a name of its only CVE (Wolfi lists "CVE-…" and "GHSA-…" of one thing apart).
 *     Where one of a product that the system has (os_info.products: "rhel_eus:9.2", "openshift:4.12::el8") speaks
 *     of this version at all, only products are heard, and of these the exact ones before what is said without
 *     the system ("openshift:4.12") or of more releases ("openshift:4", "openshift"): the specific goes before the
 *     general, since a longer supported release gets its own fixes with other versions.
 *  2. One that says "not affected" of this version ends it: no finding. A binary's own word goes before its source's
 *     by the same feed, and both before its module's.
 *  3. A record about this CVE alone (its id holds the CVE's) is the publisher's word on it. Where there is one,
 *     bulletins that list many CVEs (DSA, USN) only add their names and references. Within one rank one that says
 *     affected wins.
 *     A source without a fix says nothing of a binary of its own name that the same feed knows to be fixed: that one is
 *     made from another source by now. Nor does one of a module where the package's own fix is known.
 *     Fixes come a minor release (rpm). A build that is past a fix of its own release, as its dist tag says ("el9_4",
 *     ".module+el8.9.0"), is fixed, whatever the version that mends another release's: 3.9.18-10.el9_4 is past
 *     3.9.18-3.el9_4.5 and has nothing to do with 3.9.19-8.el9. The same goes for fixes of another major release.
 *  4. Ubuntu Pro's records are apart: fixed by either counts as fixed; a fix only in Pro is needs_subscription.
 *     So are Red Hat's of releases that are supported longer, on a system that doesn't say it has them: "rhel_els:7" on
 *     every 7, and "rhel_eus:9.4" and its like for builds of 9.4.
 *  5. The fixed version is the lowest one named by an advisory that affects, that is newer than the installed version
 *     and that none of the affecting advisories calls affected. Without such a version there is none. A fix of the
 *     build's own minor release goes before others', and one of an older release comes last.
 *  6. The verdict is that of the advisory which names the fix; without a fix the first there is of wont_fix,
 *     end_of_life, needs_subscription, affected, under_investigation.
 *  7. The severity is the best choice (model/severity/severity.h) over all advisories that affect. Where none of
 *     them says one, it is the vulnerability's own (severity_of_vulnerability), and that score is one of the finding's;
 *     its source tells whose word it is: "CNA: redhat", "CISA-ADP", "NVD".
 *
 * The rule text can be run again (judge_rule_holds):
 *     <type> <source|binary|module|package> <name> <version> <condition>[ and <condition>] (<advisory>)
 * with the conditions ">= V", "< V", "<= V", "= V", "any", and "without U" (an update, which can't be asked again).
 * Blanks in the name are written %20.
 */
#ifndef CAREEN_MATCH_JUDGE_JUDGE_H
#define CAREEN_MATCH_JUDGE_JUDGE_H

#include "base/err.h"
#include "advisories/advisory_view.h"

/* Where advisories come from: adds all of (ecosystem, package) to *out. advisory_view_lookup fits behind it. */
struct advisory_source {
    int (*lookup)(void *arg, struct slice ecosystem, struct slice package, struct arena *arena, advisory_vec *out,
                  struct err *e);
    void *arg;
    /* Adds what is known of a vulnerability's scores to *out, for rule 7. NULL: nothing is. */
    int (*scores)(void *arg, struct slice vulnerability, struct arena *arena, score_vec *out, struct err *e);
};

#define JUDGE_REASONS_MAX 8 /* of one package; then one more says that there are others */

/*
 * Judges a package in its own ecosystem (ecosystem_of_package), with os's products where that is the system's. os may
 * also be one whose ecosystem is a judge_context and that has no products.
 *
 * Adds the package's findings to *out, sorted by vulnerability, and to *reasons why some advisory could not be applied.
 * Findings share slices with the package, the advisories and the arena. ERR_PARTIAL: the arena is full; else what
 * lookup failed with.
 */
int judge_package(const struct os_info *os, const struct package *p, const struct advisory_source *source,
                  struct arena *arena, finding_vec *out, struct reasons *reasons, struct err *e);

/* Whether judging can't tell the two apart: they differ in where they are, or in how that is known, at most. */
bool judge_same(const struct package *a, const struct package *b);

/* Whether a rule text holds when its versions are compared again. ERR_POISON when it is not a rule. */
int judge_rule_holds(struct slice rule, bool *ret_holds, struct err *e);

/*
 * Where a system's packages are judged, as one text: its ecosystem, then its products, each behind a ';'. Packages of
 * another ecosystem are judged there alone, and that is their text (ecosystem_of_package). Slices of os or in the arena.
 */
struct slice judge_context(const struct os_info *os, struct arena *arena);
/*
 * The context of one package: judge_context, or of another ecosystem its name; in an image of Windows with ";windows"
 * behind it, since some advisories speak of programs on one system alone. os as for judge_package.
 */
struct slice judge_context_of(const struct package *p, const struct os_info *os, struct arena *arena);
/* What the programs of a system run on, as advisories spell it: "linux", "windows". Static. */
struct slice judge_system(const struct os_info *os);
/* The spellings of an ecosystem that advisories are looked up under, and those of its products. */
#define JUDGE_ECOSYSTEMS_MAX 160
struct judge_ecosystem {
    struct slice name;
    bool subscription; /* Ubuntu Pro */
    int rank;          /* the specific before the general: a product, what holds for it too, 0 the system, -1 all */
};
size_t judge_ecosystems(struct slice context, struct arena *arena, struct judge_ecosystem to[JUDGE_ECOSYSTEMS_MAX]);
/* One name for all spellings of an ecosystem: "Ubuntu:Pro:22.04:LTS" -> "Ubuntu:22.04". */
struct slice judge_ecosystem_base(struct slice context, struct arena *arena);
/* The names that advisories about the package may stand under: its source, itself, its module; of p or in the arena. */
#define JUDGE_NAMES_MAX 3
size_t judge_names(const struct package *p, struct arena *arena, struct slice to[JUDGE_NAMES_MAX]);

/* Orders findings by vulnerability, type, namespace, package, version, architecture, location, layer. */
int judge_finding_order(const void *a, const void *b);

#endif
