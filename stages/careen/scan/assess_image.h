/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assess_image.h: an inventory against the advisory database of this machine (advisories/advisory_view.h): findings by
 * the same pure judge as the match stage's, and what is known of their exploitation.
 *
 * That nothing is known of a system is never told as "no findings": the assessment is then partial, with the reason.
 * Lifetimes: everything given lives in the arena; the database need not stay open.
 */
#ifndef CAREEN_CAREEN_SCAN_ASSESS_IMAGE_H
#define CAREEN_CAREEN_SCAN_ASSESS_IMAGE_H

#include "advisories/advisory_view.h"
#include "reports/assessed_image.h"
#include "publish/assess.h"

struct assessed {
    struct finding finding;
    struct vulnerability known; /* id absent: nobody knows it; kev, epss, exploits, scores */
};
typedef VEC(struct assessed) assessed_vec;

struct assessment {
    enum inventory_status status;
    slice_vec reasons;     /* the inventory's, then what judging adds */
    assessed_vec findings; /* most severe first, then exploited, then by vulnerability and package */
    feed_meta_vec feeds;
    enum report_extent extent;
    struct slice not_assessed; /* why, when extent is REPORT_NOT_ASSESSED */
    assessed_vec filtered;     /* what assessment_filter took out of findings, in their order */
};

int assess_image(const struct inventory *inventory, struct advisory_db *db, struct arena *arena, struct assessment *ret,
                 struct err *e);

/* What publish would recommend of it, by the same rule; of all findings, before they are filtered. */
struct image_state assessment_state(const struct assessment *a, const struct inventory *inventory, struct policy policy,
                                    int64_t now_ms, struct arena *arena);

/* What a person asked to see; findings that are left out do not count either, and that they were is told. */
struct assessment_filter {
    unsigned severities; /* bit 1 << enum severity; 0: all */
    bool only_fixed;     /* by what everybody can have */
};
void assessment_filter(struct assessment *a, const struct assessment_filter *filter, struct arena *arena);

#endif
