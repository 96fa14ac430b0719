/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cvss.h: computes scores from CVSS vectors; scores in feeds are never taken over. Pure; any thread.
 *
 * Sources: CVSS v2.0 Complete Guide (FIRST, 2007) section 3.2.1; CVSS v3.0 and v3.1 Specification Document sections 7
 * and 8 and appendix A (v3.1 defines Roundup on integers, v3.0 as a plain ceiling to one decimal); CVSS v4.0
 * Specification Document section 8.
 *
 * Scores are tenths, so that they compare and print exactly: 98 is 9.8. For 2.0 and 3.x it is the base score; temporal
 * and environmental metrics are checked for their form and otherwise ignored, as publishers do. For 4.0 it is the one
 * score that a vector has, with the threat and environmental metrics that it gives; supplemental metrics change
 * nothing.
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
 * Reads "CVSS:3.1/AV:N/…", "CVSS:3.0/…", "CVSS:4.0/…", and 2.0's "AV:N/AC:L/Au:N/C:P/I:P/A:P" bare, in parentheses or
 * behind "CVSS:2.0/". Metrics may stand in any order, and a slash may follow the last. All base metrics must be there
 * and none twice. ERR_POISON says which metric is wrong.
 */
int cvss_read(struct slice vector, struct cvss *ret_cvss, struct err *e);
/*
 * The qualitative rating: None (as negligible), Low, Medium, High, Critical for 3.0 and later; NVD's Low, Medium, High
 * for 2.0.
 */
enum severity cvss_rating(enum cvss_version version, int score);

#endif
