/* SPDX-License-Identifier: Apache-2.0 */
/*
 * severity.h: how bad an advisory is, and who says so. The publisher's own word comes first, because it knows how its
 * package is built; then CVSS, the highest version first and within it the highest score. Pure, any thread.
 */
#ifndef CAREEN_SEVERITY_H
#define CAREEN_SEVERITY_H

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
/* The better of two: the higher rank, then the worse severity, then the source's name. */
struct severity_choice severity_better(struct severity_choice a, struct severity_choice b);

#endif
