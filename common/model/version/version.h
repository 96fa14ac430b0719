/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version.h: which of two package versions is older, by the rules of their package manager. Pure; any thread; no
 * allocation; linear in the versions' lengths; numbers may have any length. For valid versions the order is total
 * (antisymmetric and transitive), so that it can be used for sorting.
 *
 *  - dpkg: deb-version(7). [epoch:]upstream[-revision], epoch at most 2147483647. As in dpkg itself an upstream version
 *    that starts with a letter or holds an underscore has an order and is accepted; blanks, other characters outside
 *    A-Za-z0-9.+-:~, an empty epoch, upstream version or revision are not. An absent revision equals revision 0.
 *  - apk: apk-package versions of apk-tools 3: digits{.digits}[letter]{_suffix[digits]}[~hexdigits][-rdigits] with the
 *    suffixes alpha beta pre rc (before the bare version) cvs svn git hg p (after it). Components after the first
 *    compare as text when either begins with 0, else as numbers. A version that continues is newer than one that ends
 *    there, unless it continues with one of the first four suffixes.
 *    apk-tools 2 (Alpine to 3.22) also takes digits behind the letter ("3.3.3p1-r3" of libretls): the letter compares
 *    first, then the digits as a number, then what follows as behind any number. apk-tools 3 refuses such a version;
 *    here it is one.
 *  - rpm: rpm-version(7). [epoch:]version[-release]; an absent epoch is 0, and a release compares only where both have
 *    one (so this order is total among versions with a release, and among those without). Bottlerocket uses the same.
 *  - opkg: dpkg's order of the nineties, which opkg kept; version_opkg.c says how it differs from today's.
 *  - pacman: vercmp(8). [epoch:]version[-release], with a release as in rpm's. The order is total among versions that
 *    don't end in a punctuation mark: vercmp itself says 1. > 1..a > 1.1 > 1.
 *  - portage: Gentoo's Package Manager Specification 8, section 3.3:
 *    digits{.digits}[letter]{_suffix[digits]}[-rdigits].
 *  - windows: digits{.digits}; absent ones are 0.
 *
 * Versions of languages' packages (version/language; what their own tools say and where these are no orders, and what is
 * done then, is tests/truth/orders/known.py). What breaks their rules has no order at all: a branch, a placeholder.
 *
 *  - pypi: PEP 440 with all its spellings. No legacy versions.
 *  - golang, cargo, hex, swift, otp: Semantic Versioning 2.0.0, build metadata ignored (+incompatible, +dirty), a leading
 *    v cut. As of npm, nuget, pub, julia and bitnami, absent numbers are 0 and a fourth one counts: who writes
 *    advisories by hand leaves numbers out.
 *  - npm: that, in semver's loose reading: any count of v and = before it, 1.2.3beta is 1.2.3-beta.
 *  - nuget: four numbers; labels compare in any case.
 *  - pub, julia: build metadata orders, behind what has none.
 *  - bitnami: -N at the end is a packaging revision and says nothing.
 *  - maven: ComparableVersion of Maven 3.9. That runs in circles (1-sp > 1 > 1.0.rc.1 > 1-sp) where words stand between
 *    dots and hyphens alike; here what comes before the release is before what comes after it.
 *  - generic: the same with more words (dev, pre, preview, lts), for programs that are known by their own identity.
 *  - composer: composer/semver's form and php's version_compare. Of branches only those of numbers (2.x-dev).
 *  - php: version_compare itself, of versions that begin with a digit: PEAR, WordPress.
 *  - gem: Gem::Version.
 *  - conan: items between dots, a prerelease, a build, which orders. An item of digits and letters goes by its number
 *    first, and words are newer than numbers; Conan's own order of such is none.
 *  - cran (Bioconductor's too), hackage: numbers, and what goes on is newer: 1.0 < 1.0.0.
 *  - cpan: version.pm, decimal (1.10 = 1.100) and dotted (v1.2.3).
 *  - luarocks: its own, with an absent revision as 0.
 *  - jvm: 8u392-b08 = 1.8.0_392-b08 = 8.0.392+8; from 9 on JEP 223 and 322 with vendors' further numbers.
 */
#ifndef CAREEN_MODEL_VERSION_VERSION_H
#define CAREEN_MODEL_VERSION_VERSION_H

#include "base/err.h"
#include "base/slice.h"

enum version_kind {
    VERSION_DPKG,
    VERSION_APK,
    VERSION_RPM,
    VERSION_OPKG,
    VERSION_PACMAN,
    VERSION_PORTAGE,
    VERSION_BOTTLEROCKET,
    VERSION_WINDOWS,
    VERSION_PYPI,
    VERSION_NPM,
    VERSION_MAVEN,
    VERSION_GOLANG,
    VERSION_CARGO,
    VERSION_NUGET,
    VERSION_COMPOSER,
    VERSION_GEM,
    VERSION_HEX,
    VERSION_OTP,
    VERSION_PUB,
    VERSION_SWIFT,
    VERSION_CONAN,
    VERSION_CPAN,
    VERSION_CRAN, /* Bioconductor's too */
    VERSION_LUAROCKS,
    VERSION_HACKAGE,
    VERSION_JULIA,
    VERSION_BITNAMI,
    VERSION_JVM,
    VERSION_PHP,     /* php's version_compare: PEAR, WordPress */
    VERSION_GENERIC, /* programs that are known by their own identity */
    VERSION_KIND_MAX
};

/* *ret_cmp: -1 a is older, 0 equal, 1 a is newer. ERR_POISON names the version that is not one of kind k, and why. */
int version_compare(enum version_kind k, struct slice a, struct slice b, int *ret_cmp, struct err *e);
/* False fills e with ERR_POISON. */
bool version_valid(enum version_kind k, struct slice v, struct err *e);
/*
 * The same for versions that somebody wrote into an advisory by hand. One that breaks the rules of its kind still has a
 * place in the package manager's order, since apk, dpkg, rpm, opkg and pacman compare any text. So only these are
 * refused: a word without a digit ("none"), a blank, a character outside ASCII, an epoch that is no number. For portage
 * and windows it is the same as version_valid and version_compare. Among invalid versions the order is only
 * antisymmetric. version_order takes versions that are valid or orderable.
 */
bool version_orderable(enum version_kind k, struct slice v, struct err *e);
int version_order(enum version_kind k, struct slice a, struct slice b, int *ret_cmp, struct err *e);
/*
 * The kind of build that an rpm's version names, where a publisher keeps special builds of a package apart from the
 * ordinary ones: "ksplice" (Oracle's live-patched libraries, 1.1.1g-15.ksplice1.el8_3) and "fips" (Oracle's validated
 * modules, 10:3.6.16-4.0.1.el8_fips). SLICE_NONE: an ordinary build. An advisory holds only for builds of its own kind.
 */
struct slice version_rpm_flavour(struct slice evr);
const char *version_kind_name(enum version_kind k); /* "dpkg", "apk" … as package types are named */
/* The kind of that name; "deb", "alpm" and "ebuild" are known too. */
bool version_kind_by_name(struct slice name, enum version_kind *ret_kind);

#endif
