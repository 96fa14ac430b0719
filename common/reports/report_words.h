/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_words.h: what the tables of `careen scan`, `careen findings` and `careen up` say alike: the words of a verdict, what
 * stands around the findings, and how they are counted (docs/formats/scan.md). Pure, any thread.
 */
#ifndef CAREEN_REPORTS_REPORT_WORDS_H
#define CAREEN_REPORTS_REPORT_WORDS_H

#include "base/terminal/text.h"
#include "model/policy.h"

/* How much was judged. */
enum report_extent {
    REPORT_JUDGED,      /* or nothing was there to judge: an image without an operating system */
    REPORT_NOBODYS,     /* nobody publishes advisories for its system */
    REPORT_NOT_ASSESSED /* nothing was judged, though somebody publishes or may */
};
/* By the inventory alone: that the database has nothing for the system is the caller's to know. packages: how many. */
enum report_extent report_extent_of(enum inventory_status status, const struct os_info *os,
                                    const package_vec *packages);

/* "1.2-3", "1.2-3 (subscription)", "(none yet)", "(will not be fixed)" …; of f, static or in the arena. */
struct slice report_fixed(const struct finding *f, struct arena *arena);
enum text_style report_fixed_style(const struct finding *f);
enum text_style report_severity_style(enum severity s);

struct report {
    const struct text_terminal *terminal;
    int64_t now_ms;
    const struct os_info *os;
    const slice_vec *notes, *reasons;
    const unread_vec *unread;
    enum inventory_status status;
    enum report_extent extent;
    const struct finding_counts *counts;
    struct slice filter; /* what left counts->filtered out: "--severity high"; absent: nothing */
};
void report_system(const struct report *r, struct buf *out);  /* the name alone, without an end of line */
void report_notes(const struct report *r, struct buf *out);   /* what a person should know that hides nothing */
void report_reasons(const struct report *r, struct buf *out); /* why not all, or nothing, was assessed */
void report_summary(const struct report *r, struct buf *out);
void report_unread(const struct report *r, struct buf *out); /* what was seen and is not judged; nothing without any */

#endif
