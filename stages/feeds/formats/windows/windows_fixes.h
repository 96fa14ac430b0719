/* SPDX-License-Identifier: Apache-2.0 */
/*
 * windows_fixes.h: what formats about Windows collect before they can give advisories: which update fixes which
 * vulnerability in which product, and which update supersedes which. 24 bytes a fix, 8 a supersedence; both bounded.
 *
 * An advisory is of one product and one CVE. fixed_by names the updates that fix it and, over any number of steps,
 * those that supersede them: whichever of these is installed, it is fixed. (Several updates for one product are
 * alternatives: a hotpatch and the cumulative one, a release that was repeated.) Where the build with which one of the
 * updates came is stated by the feed or known (windows.h), the range says so, from the release's first build on: a
 * build of another release is in none. Without update and build all builds are affected. Only products of
 * windows_release_named count.
 *
 * One advisory names at most WINDOWS_FIXED_BY_MAX updates, and following who supersedes whom takes at most
 * WINDOWS_STEPS_MAX steps for a whole feed (WES-NG's of 2026: 173 and 0.8 million). Past that a list is cut, at the
 * worst to the updates that the publisher names itself, and counted as skipped: a feed with many such is refused.
 */
#ifndef CAREEN_FEEDS_FORMATS_WINDOWS_WINDOWS_FIXES_H
#define CAREEN_FEEDS_FORMATS_WINDOWS_WINDOWS_FIXES_H

#include "feeds/reading.h"
#include "model/distro/windows.h"

#define WINDOWS_FIXED_BY_MAX 1024
#define WINDOWS_STEPS_MAX    ((uint64_t)8 << 20)

struct windows_fix {
    uint64_t cve;  /* year * 10^9 + number; of Microsoft's own, ADV200011, the number alone */
    uint32_t kb;   /* 0: none is said */
    uint32_t ubr;  /* fixed build's last number; 0: not said */
    uint32_t date; /* yyyymmdd */
    uint16_t build;
    uint8_t core;
    uint8_t severity; /* index + 1 in Microsoft's words, 0: none */
};
struct windows_supersedence {
    uint32_t by, old;
};
struct windows_fixes {
    struct windows_fix *fixes;
    size_t fixes_n, fixes_cap;
    struct windows_supersedence *superseded;
    size_t superseded_n, superseded_cap;
    uint64_t steps;
};

void windows_fixes_done(struct windows_fixes *w);
/* ERR_POISON past the bounds. The same as the last one is dropped. */
int windows_fixes_add(struct windows_fixes *w, const struct windows_fix *fix, struct err *e);
int windows_fixes_supersede(struct windows_fixes *w, uint32_t by, uint32_t old, struct err *e);
/*
 * Gives the advisories, sorted by product and CVE. prefix: put before the CVE in their ids, as two feeds may not share
 * one ("WES-"). names: NAME_BINARY where products with and without Server Core are told apart, else NAME_SOURCE.
 */
int windows_fixes_emit(struct windows_fixes *w, struct feed_reading *r, const char *prefix, enum name_kind names,
                       struct err *e);

bool windows_fix_cve(struct slice text, uint64_t *ret_cve);
bool windows_fix_kb(struct slice text, uint32_t *ret_kb); /* "5034129", "KB5034129" */
uint8_t windows_fix_severity(struct slice word);

#endif
