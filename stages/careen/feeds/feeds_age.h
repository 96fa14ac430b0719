/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feeds_age.h: whether what an image was judged by is old, from what the database tells of its feeds alone: a scan has
 * no table of feeds. Pure, any thread.
 */
#ifndef CAREEN_CAREEN_FEEDS_FEEDS_AGE_H
#define CAREEN_CAREEN_FEEDS_FEEDS_AGE_H

#include "advisories/advisory_view.h"

#define FEEDS_OLD_MS ((int64_t)3 * 24 * 3600 * 1000) /* since when a feed was not asked for */

/* The newest date inside; 0: it has none, or nobody knows. */
int64_t feed_meta_newest(const struct feed_meta *m);
bool feed_meta_stands_still(const struct feed_meta *m, int64_t now_ms);

/*
 * Adds a sentence for each way in which the advisories of the ecosystem are old: their feeds were not asked for some
 * days, or were and stand still. Of feeds that an older program wrote only the first is known, of all together. Texts
 * are in the arena and name days, never how long ago they are: the same on the same day.
 */
void feeds_age_notes(const feed_meta_vec *feeds, struct slice ecosystem, int64_t now_ms, struct arena *arena,
                     slice_vec *notes);

#endif
