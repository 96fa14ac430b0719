/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feeds_age.h: whether the advisories that judged an image are old, from what the database says of its feeds, since a
 * scan does not have the table of feeds. Pure; any thread.
 */
#ifndef CAREEN_CAREEN_FEEDS_FEEDS_AGE_H
#define CAREEN_CAREEN_FEEDS_FEEDS_AGE_H

#include "advisories/advisory_view.h"

#define FEEDS_OLD_MS ((int64_t)3 * 24 * 3600 * 1000) /* a feed that was not asked for so long is old */

/* The newest date in the feed; 0: it has none, or it is not known. */
int64_t feed_meta_newest(const struct feed_meta *m);
bool feed_meta_stands_still(const struct feed_meta *m, int64_t now_ms);

/*
 * Adds a note for each way in which the advisories of the ecosystem are old: their feeds were not asked for some days,
 * or they were and stand still. Of rows of older programs only the first is known, for all feeds together. Texts are in
 * the arena. They name days rather than how long ago these are, so that they are the same all day.
 */
void feeds_age_notes(const feed_meta_vec *feeds, struct slice ecosystem, int64_t now_ms, struct arena *arena,
                     struct reasons *notes);

#endif
