/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cvss.h: scores from CVSS vectors, computed here, never taken over from a feed. Pure, any thread.
 *
 * Sources: CVSS v2.0 Complete Guide (FIRST, 2007) section 3.2.1; CVSS v3.0 and v3.1 Specification Document sections 7
 * and 8 and appendix A (v3.1 defines Roundup on integers, v3.0 as a plain ceiling to one decimal); CVSS v4.0
 * Specification Document section 8. Scores are tenths, so that they compare and print exactly: 98 is 9.8. Of 2.0
 * and 3.x it is the base score: temporal and environmental metrics are checked for their form and ignored, as
 * publishers do. Of 4.0 it is the one score that a vector has, with the threat and environmental metrics that it gives;
 * supplemental ones change nothing.
 */
#ifndef CAREEN_MODEL_SEVERITY_CVSS_H
#define CAREEN_MODEL_SEVERITY_CVSS_H

#include "base/err.h"
#include "base/slice.h"
#include "model/records.h"

enum cvss_version { CVSS_NONE, CVSS_2_0, CVSS_3_0, CVSS_3_1, CVSS_4_0, CVSS_VERSION_MAX };
extern const char *const cvss_version_names[]; /* "CVSS:2.0" …; "" for CVSS_NONE */

struct cvss {
    enum cvss_version version;
    int score;              /* tenths, 0..100 */
    enum severity severity; /* never SEVERITY_UNKNOWN */
};

/*
 * Reads "CVSS:3.1/AV:N/…", "CVSS:3.0/…", "CVSS:4.0/…", and of 2.0 "AV:N/AC:L/Au:N/C:P/I:P/A:P" bare, in parentheses or
 * behind "CVSS:2.0/". Metrics may stand in any order with a slash behind the last, none twice, all base metrics must be
 * there. ERR_POISON says which metric is wrong.
 */
int cvss_read(struct slice vector, struct cvss *ret_cvss, struct err *e);
/* The qualitative rating: of 3.0 and later None (as negligible), Low, Medium, High, Critical; of 2.0 NVD's Low, Medium,
 * High. */
enum severity cvss_rating(enum cvss_version version, int score);

#endif
