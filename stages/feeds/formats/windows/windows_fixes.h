/* SPDX-License-Identifier: Apache-2.0 */
/*
 * windows_fixes.h: what formats about Windows must collect before they can give advisories: which update fixes which
 * vulnerability in which product, and which update supersedes which. A fix takes 24 bytes, a supersedence 8; both are
 * bounded.
 *
 * An advisory is about one product and one CVE. fixed_by names the updates that fix it and, over any number of steps,
 * those that supersede them: if any of these is installed, it is fixed. (Several updates for one product are
 * alternatives: a hotpatch and the cumulative one, or a repeated release.) If the feed states the build with which one
 * of the updates came, or it is known (windows.h), a range says so, beginning with the release's first build: a build
 * of another release lies in no range. Without update and build all builds are affected. Only products of
 * windows_release_named count.
 *
 * An advisory names at most WINDOWS_FIXED_BY_MAX updates, and following supersedences takes at most WINDOWS_STEPS_MAX
 * steps for a whole feed (in WES-NG's of 2026: 173 and 0.8 million). Beyond that a list is cut, in the worst case to
 * the updates that the publisher names itself, and the document counts as skipped: a feed with many such documents is
 * refused.
 */
#ifndef CAREEN_FEEDS_FORMATS_WINDOWS_WINDOWS_FIXES_H
#define CAREEN_FEEDS_FORMATS_WINDOWS_WINDOWS_FIXES_H

#include "feeds/reading.h"
#include "model/distro/windows.h"

#define WINDOWS_FIXED_BY_MAX 1024
#define WINDOWS_STEPS_MAX    ((uint64_t)8 << 20)

struct windows_fix {
    uint64_t cve;  /* year * 10^9 + number; for Microsoft's own ids, such as ADV200011, the number alone */
    uint32_t kb;   /* number of the update; 0: not stated */
    uint32_t ubr;  /* last number of the fixed build; 0: not stated */
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
/* One that equals the last is dropped. ERR_POISON: there are too many. */
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
