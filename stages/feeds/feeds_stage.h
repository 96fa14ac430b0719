/* SPDX-License-Identifier: Apache-2.0 */
/* feeds_stage.h: the stage that turns published advisory and exploit data into records. See README.md. */
#ifndef CAREEN_FEEDS_FEEDS_STAGE_H
#define CAREEN_FEEDS_FEEDS_STAGE_H

#include "feeds/feed.h"
#include "stage/stage.h"

struct feeds_config {
    const char *state_dir;
    const char *feeds_dir; /* NULL: from the publishers */
    const char *mirror;    /* base URL in place of the publishers' hosts; NULL */
    const char *names;     /* which feeds, see feed_wanted; NULL: all */
};

extern const struct stage_def feeds_stage;
/* The partition whose owner refreshes a feed; the same for all feeds that may have an advisory of the same key. */
uint32_t feed_partition(const struct feed *f, uint32_t partitions);

#endif
