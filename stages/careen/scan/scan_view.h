/* SPDX-License-Identifier: Apache-2.0 */
/* scan_view.h: what was read and judged in this process, as the one struct that reports are written of. Pure. */
#ifndef CAREEN_CAREEN_SCAN_SCAN_VIEW_H
#define CAREEN_CAREEN_SCAN_SCAN_VIEW_H

#include "careen/scan/assess_image.h"
#include "careen/scan/gather.h"

/* The inventory alone: nothing is judged. It points into what was gathered. */
void scan_view_packages(const struct gathered *g, struct slice reference, int64_t now_ms, struct assessed_image *ret);
/*
 * Adds what was found: v as scan_view_packages gave it, once the filter was applied; state: of all findings before. It
 * points into the assessment. False when the arena is full.
 */
bool scan_view_assess(struct assessed_image *v, const struct assessment *a, const struct policy *policy,
                      const struct image_state *state, struct arena *arena);

#endif
