/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep.h: copies records into an arena, so that they outlive what they were read from. Any thread, each with its own
 * arena.
 */
#ifndef CAREEN_REPORTS_KEEP_H
#define CAREEN_REPORTS_KEEP_H

#include "model/records.h"

/* False when the arena is full. */
bool keep_finding(struct arena *a, const struct finding *from, struct finding *ret);
/* Copies what people are shown of a vulnerability: title, scores, exploits, one address; not its long description. */
bool keep_vulnerability(struct arena *a, const struct vulnerability *from, struct vulnerability *ret);
bool keep_list(struct arena *a, const slice_vec *from, slice_vec *ret);
bool keep_scores(struct arena *a, const score_vec *from, score_vec *ret);

#endif
