/* SPDX-License-Identifier: Apache-2.0 */
/*
 * severity.h: how bad an advisory is, and who says so. The publisher's own word comes first, because the publisher
 * knows how its package is built; then CVSS vectors, the highest version first and within it the highest score. Pure;
 * any thread.
 */
#ifndef CAREEN_MODEL_SEVERITY_SEVERITY_H
#define CAREEN_MODEL_SEVERITY_SEVERITY_H

#include "model/records.h"

struct severity_choice {
    enum severity severity;
    struct slice source; /* "Debian", "Ubuntu", "GitHub" … for a word, "CVSS:3.1" … for a vector; empty when unknown */
    int rank;            /* to compare choices of several advisories: higher wins */
};

/*
 * Understands the words that publishers use, in any case: Debian's urgencies (trailing asterisks are dropped), Ubuntu's
 * priorities, GitHub's, Red Hat's and others' words. SEVERITY_UNKNOWN for "not yet assigned", "untriaged" and all else.
 */
enum severity severity_of_word(struct slice word);
/*
 * From scores alone: those that are words (their kind is not CVSS) first, then vectors. Slices point into the scores.
 */
struct severity_choice severity_of_scores(const score_vec *scores);
/* From the advisory's own word, else from its scores. Slices point into the advisory. */
struct severity_choice severity_of_advisory(const struct advisory *a);

/*
 * General scores are those that parties who ship no packages give a vulnerability as such. The `source` of such a
 * struct score is "CNA: <who assigned the number>" in the CVE list, "CISA-ADP" (or "ADP: <another>") for what CISA adds
 * to the list's records, and "NVD".
 */
#define SCORE_CNA  "CNA: "
#define SCORE_CISA "CISA-ADP"
#define SCORE_ADP  "ADP: "
#define SCORE_NVD  "NVD"
bool severity_score_is_general(struct slice source);
/*
 * How bad a vulnerability is where no advisory of the package's publisher says so. First by who assigned its number,
 * since they know the product; then by CISA, which fills in what they left out; then by NVD, which knows neither the
 * product nor, since 2024, every number. Among scores of one party the highest version of CVSS counts, then the worst
 * score. The choice's `source` is the score's. NULL: there is no general score that can be read.
 */
const struct score *severity_of_vulnerability(const score_vec *scores, struct severity_choice *ret_choice);
/* The better of two: the higher rank, then the worse severity, then the source's name. */
struct severity_choice severity_better(struct severity_choice a, struct severity_choice b);

#endif
