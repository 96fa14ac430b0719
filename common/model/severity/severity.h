/* SPDX-License-Identifier: Apache-2.0 */
/*
 * severity.h: how bad an advisory is, and who says so. The publisher's own word comes first, because it knows how its
 * package is built; then CVSS, the highest version first and within it the highest score. Pure, any thread.
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
 * A word as publishers use it, whatever its case: Debian's urgencies (trailing asterisks dropped), Ubuntu's priorities,
 * GitHub's, Red Hat's and others' words. SEVERITY_UNKNOWN for all else, and for "not yet assigned", "untriaged" …
 */
enum severity severity_of_word(struct slice word);
/* From the scores alone: words in them (kind that is not CVSS) first, then vectors. Slices point into the scores. */
struct severity_choice severity_of_scores(const score_vec *scores);
/* From the advisory's own word, then its scores. Slices point into the advisory. */
struct severity_choice severity_of_advisory(const struct advisory *a);

/*
 * Scores of a vulnerability as such, by who ships no packages: `source` of a struct score is "CNA: <who assigned the
 * number>" of the CVE list, "CISA-ADP" (or "ADP: <another>") of what CISA adds to its records, and "NVD".
 */
#define SCORE_CNA  "CNA: "
#define SCORE_CISA "CISA-ADP"
#define SCORE_ADP  "ADP: "
#define SCORE_NVD  "NVD"
bool score_is_general(struct slice source);
/*
 * How bad a vulnerability is where no advisory of the package's publisher says so: by who assigned its number and knows
 * the product, then by CISA, which fills in what they left out, then by NVD, which knows neither the product nor, since
 * 2024, every number. Among one publisher's the highest version of CVSS, then the worst. `source` of the choice is the
 * score's. NULL: no general score among them that can be read.
 */
const struct score *severity_of_vulnerability(const score_vec *scores, struct severity_choice *ret_choice);
/* The better of two: the higher rank, then the worse severity, then the source's name. */
struct severity_choice severity_better(struct severity_choice a, struct severity_choice b);

#endif
