/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_internal.h: what each kind of version provides to version.c. check returns NULL for a valid version,
 * otherwise the reason why it is none. A bare number of any length is one of every kind: "0" is how advisories say "from the
 * beginning", and what they say is left out where a bound is no version. compare is called with versions that version_orderable accepts, which may be
 * invalid except for strict kinds.
 */
#ifndef CAREEN_MODEL_VERSION_VERSION_INTERNAL_H
#define CAREEN_MODEL_VERSION_VERSION_INTERNAL_H

#include "base/slice.h"

const char *version_dpkg_check(struct slice v);
int version_dpkg_compare(struct slice a, struct slice b);
const char *version_apk_check(struct slice v);
int version_apk_compare(struct slice a, struct slice b);
const char *version_rpm_check(struct slice v);
int version_rpm_compare(struct slice a, struct slice b);
const char *version_opkg_check(struct slice v);
int version_opkg_compare(struct slice a, struct slice b);
const char *version_pacman_check(struct slice v);
int version_pacman_compare(struct slice a, struct slice b);
const char *version_portage_check(struct slice v);
int version_portage_compare(struct slice a, struct slice b);
const char *version_windows_check(struct slice v);
int version_windows_compare(struct slice a, struct slice b);
const char *version_semver_check(struct slice v);
int version_semver_compare(struct slice a, struct slice b);
const char *version_npm_check(struct slice v);
int version_npm_compare(struct slice a, struct slice b);
const char *version_pub_check(struct slice v);
int version_pub_compare(struct slice a, struct slice b);
const char *version_julia_check(struct slice v);
int version_julia_compare(struct slice a, struct slice b);
const char *version_nuget_check(struct slice v);
int version_nuget_compare(struct slice a, struct slice b);
const char *version_bitnami_check(struct slice v);
int version_bitnami_compare(struct slice a, struct slice b);
const char *version_cran_check(struct slice v);
int version_cran_compare(struct slice a, struct slice b);
const char *version_hackage_check(struct slice v);
int version_hackage_compare(struct slice a, struct slice b);
const char *version_pypi_check(struct slice v);
int version_pypi_compare(struct slice a, struct slice b);
const char *version_gem_check(struct slice v);
int version_gem_compare(struct slice a, struct slice b);
const char *version_maven_check(struct slice v);
int version_maven_compare(struct slice a, struct slice b);
const char *version_generic_check(struct slice v);
int version_generic_compare(struct slice a, struct slice b);
const char *version_php_check(struct slice v);
int version_php_compare(struct slice a, struct slice b);
const char *version_composer_check(struct slice v);
int version_composer_compare(struct slice a, struct slice b);
const char *version_conan_check(struct slice v);
int version_conan_compare(struct slice a, struct slice b);
const char *version_jvm_check(struct slice v);
int version_jvm_compare(struct slice a, struct slice b);
const char *version_cpan_check(struct slice v);
int version_cpan_compare(struct slice a, struct slice b);
const char *version_luarocks_check(struct slice v);
int version_luarocks_compare(struct slice a, struct slice b);

/* What version_bound.c cuts off, or v as it is: a local part, a build's platform, a rockspec's revision. */
struct slice version_pypi_without_local(struct slice v);
struct slice version_maven_without_platform(struct slice v);
struct slice version_luarocks_without_revision(struct slice v);
/* As version_jvm_compare, but for the builds; and whether both are of one feature release, as 8u392 and 1.8.0_5 are. */
int version_jvm_compare_releases(struct slice a, struct slice b);
bool version_jvm_same_feature(struct slice a, struct slice b);

/* Splits [epoch:]version[-revision] at the first colon and the last hyphen. */
struct version_parts {
    struct slice epoch, version, revision;
    bool has_epoch, has_revision;
};
struct version_parts version_split(struct slice v);
/* Takes the leading digits off *s. */
struct slice version_take_digits(struct slice *s);
/* Compares two runs of digits as numbers of any length; an empty one is zero. */
int version_compare_digits(struct slice a, struct slice b);
/* Compares rows of numbers that are parted by that mark; an absent one is zero. */
int version_compare_numbers(struct slice a, struct slice b, uint8_t mark);
/* Bytewise, with capital letters of ASCII as small ones. */
int version_compare_nocase(struct slice a, struct slice b);
static inline bool version_is_digit(uint8_t c)
{
    return byte_is_digit(c);
}
static inline bool version_is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
/* Whether s consists of ASCII letters, digits and those marks only. */
bool version_only(struct slice s, const char *marks);

#endif
