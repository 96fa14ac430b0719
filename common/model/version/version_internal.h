/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version_internal.h: what each kind of version provides to version.c. check returns NULL for a valid version,
 * otherwise the reason why it is none. compare is called with versions that version_orderable accepts, which may be
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
static inline bool version_is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}
static inline bool version_is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
/* Whether s consists of ASCII letters, digits and those marks only. */
bool version_only(struct slice s, const char *marks);

#endif
