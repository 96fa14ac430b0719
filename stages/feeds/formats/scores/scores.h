/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scores.h: what the readers of vulnerabilities' scores share (NVD's files, records of the CVE list). They keep vectors
 * that can be read, each once; where a source has 3.1 beside 3.0 or 2.0, only the newest version of CVSS. Since
 * hundreds of thousands of records are kept, they hold scores and weaknesses and nothing else.
 */
#ifndef CAREEN_FEEDS_FORMATS_SCORES_SCORES_H
#define CAREEN_FEEDS_FORMATS_SCORES_SCORES_H

#include "feeds/reading.h"

#define SCORES_MAX      16 /* of one record */
#define SCORES_CWES_MAX 32

/*
 * Adds a vector, unless it can't be read, is there already, or is older than one of the same source. source: see
 * severity.h.
 */
void scores_add(struct feed_reading *r, score_vec *scores, struct slice source, struct slice vector);
/*
 * Adds SSVC's three decision points as one score of kind "SSVC": "Exploitation:poc/Automatable:no/Technical
 * Impact:total". It is no severity; it says what is known of attacks.
 */
void scores_add_ssvc(struct feed_reading *r, score_vec *scores, struct slice source, const json_t *content);
/* Adds "CWE-79"; a text that is no number of a CWE is ignored. */
void scores_add_cwe(struct feed_reading *r, slice_vec *cwes, struct slice cwe);
/* Gives the record to the sink if it says anything. */
int scores_emit(struct feed_reading *r, struct slice cve, const score_vec *scores, const slice_vec *cwes,
                struct err *e);

#endif
