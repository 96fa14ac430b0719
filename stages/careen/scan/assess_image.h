/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assess_image.h: judges an inventory by the advisory database of this machine (advisories/advisory_view.h), with the
 * same pure judge as the match stage, and adds what is known of the findings' exploitation.
 *
 * When nothing is known of a system, that is never reported as "no findings": the assessment is partial then, with the
 * reason. Lifetimes: results live in the arena; the database need not stay open.
 */
#ifndef CAREEN_CAREEN_SCAN_ASSESS_IMAGE_H
#define CAREEN_CAREEN_SCAN_ASSESS_IMAGE_H

#include "advisories/advisory_view.h"
#include "reports/assessed_image.h"
#include "publish/assess.h"

struct assessment {
    enum inventory_status status;
    struct reasons reasons;      /* those of the inventory, then those that judging adds */
    finding_vec findings;        /* most severe first, then exploited, then by vulnerability and package */
    struct vulnerability *known; /* of findings.v[i]; id absent: nobody knows it */
    feed_meta_vec feeds;
    enum report_extent extent;
    struct reason not_assessed; /* the reason when extent is REPORT_NOT_ASSESSED */
    finding_vec filtered;       /* those that assessment_filter took out of findings, in their order */
};

struct assess_options {
    bool include_owned; /* hold their ecosystem's advisories also against packages that a distribution's own own */
};
int assess_image(const struct inventory *inventory, struct advisory_db *db, const struct assess_options *options,
                 struct arena *arena, struct assessment *ret, struct err *e);

/* What publish would recommend of it, by the same rule; of all findings, before they are filtered. */
struct image_state assessment_state(const struct assessment *a, const struct inventory *inventory, struct policy policy,
                                    int64_t now_ms, struct arena *arena);

/* What a person asked to see. Findings that are left out are not counted either; how many they are is shown. */
struct assessment_filter {
    unsigned severities; /* bit 1 << enum severity; 0: all */
    bool only_fixed;     /* by what everybody can have */
};
void assessment_filter(struct assessment *a, const struct assessment_filter *filter, struct arena *arena);

#endif
