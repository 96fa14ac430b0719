/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assessed_image.h: everything that is told of one image, as one plain struct over which all reports are written
 * (report_format.h). `careen scan` fills it from what it read in one process, `careen findings` from the topics,
 * publish from its tables; who reports does not know which.
 *
 * Lifetimes: it owns nothing. Whatever it points to lives in the arena of who filled it (keep.h copies records into
 * one). Pure, any thread.
 */
#ifndef CAREEN_REPORTS_ASSESSED_IMAGE_H
#define CAREEN_REPORTS_ASSESSED_IMAGE_H

#include "model/policy.h"

/* How much was judged. */
enum report_extent {
    REPORT_JUDGED,      /* or nothing was there to judge: an image without an operating system */
    REPORT_NOBODYS,     /* nobody publishes advisories for its system */
    REPORT_NOT_ASSESSED /* nothing was judged, though somebody publishes or may */
};

/* A feed of the advisory database by which the image was judged. */
struct report_feed {
    struct slice name;
    int64_t fetched_ms, newest_ms; /* when it was read whole; the newest date in it, 0: not known */
    bool stands_still;
    uint64_t records;
};
typedef VEC(struct report_feed) report_feed_vec;

/* What --fail-on and --fail-on-unknown make of the findings that the filters left. */
struct report_gate {
    const char *fail_on; /* NULL: not asked for */
    bool fail_on_unknown, failed;
    size_t reached, unknown; /* findings at or above it; those without a severity */
    size_t filtered;         /* that the filters left out and that would fail it */
};

struct assessed_image {
    struct slice reference;     /* as a person named it, with defaults filled in */
    struct image image;         /* digest absent: it is known by a list of its packages alone */
    struct inventory inventory; /* system, notes, what is unread; packages only where those are told */
    size_t packages;            /* how many are installed */

    /* How much of it is known and why not all: the inventory's, then what judging adds. */
    enum inventory_status status;
    struct reasons reasons;
    enum report_extent extent;

    /* What was found; all zero when only the inventory is reported. */
    struct slice ecosystem; /* of its system */
    int32_t judged;         /* packages */
    finding_vec findings;
    const struct vulnerability *known; /* of findings.v[i]; id absent: nobody knows it */
    struct policy policy;              /* which findings count */
    struct finding_counts counts;
    struct slice filter; /* what left counts.filtered out: "--severity high"; absent: nothing */
    bool has_code;
    enum assessment_code code; /* what publish recommends of it */
    struct reason code_reason; /* what decided the code; absent where findings, or their absence, did */

    /* Only for a scan. */
    report_feed_vec feeds;
    const struct report_gate *gate; /* NULL: there is none */

    int64_t now_ms; /* by which ends of life are told */
};

/* By the inventory alone; whether the database has anything for the system must be checked by the caller. */
enum report_extent report_extent_of(enum inventory_status status, const struct os_info *os,
                                    const package_vec *packages);
/*
 * For who has an inventory and findings apart, once the extent is that of the inventory: counts the findings, and says
 * not assessed where there are none because the database had no advisories of the system.
 */
void assessed_image_count(struct assessed_image *a);

/*
 * The order in which findings are told wherever the records of topics are: report_finding_by_severity, those of one
 * vulnerability as they were. findings.v and known become new arrays in the arena; false when they don't fit.
 */
bool assessed_image_sort(struct assessed_image *a, struct arena *arena);

/* For qsort of struct finding: most severe first, then by vulnerability. */
int report_finding_by_severity(const void *a, const void *b);

#endif
