/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feeds_status.h: what `careen feeds status` says: of each system and language whether it can be judged and as of when,
 * of each feed how old it is and how old its newest date is, and how the last update went.
 */
#ifndef CAREEN_CAREEN_FEEDS_FEEDS_STATUS_H
#define CAREEN_CAREEN_FEEDS_FEEDS_STATUS_H

#include "advisories/advisory_view.h"

struct system_status {
    struct slice name; /* "Alpine", "npm" */
    bool language, judged;
    struct slice why; /* why it is not judged; absent when it is */
    /* Since when at the latest the least fresh of its feeds is as its publisher had it; of one that came from a folder
     * its newest date, for nobody knows when the folder was filled. 0: not known. */
    int64_t as_of_ms;
    int64_t newest_ms;   /* the newest date in any of them; 0: there is none inside, or nobody knows */
    uint64_t advisories; /* of all of its releases */
    slice_vec releases;  /* ecosystems that have advisories: "Alpine:v3.20" */
    slice_vec feeds;     /* that were read */
    slice_vec still;     /* of these, those that stand still */
};
struct feeds_status {
    int64_t now_ms;
    feed_meta_vec feeds; /* by name, numbers in names by their value */
    feed_trouble_vec troubles;
    struct feeds_updated updated; /* zeroed when no update told of itself */
    bool running;                 /* an update has the database now */
    VEC(struct system_status) systems;
};

/* Everything in arena. ERR_NOT_FOUND and others as advisory_db_open. */
int feeds_status_read(const char *cache_dir, struct arena *arena, struct feeds_status *ret_status, struct err *e);
/* True when the last update failed for a feed or was cut off. */
bool feeds_status_failed(const struct feeds_status *s);
void feeds_status_table(const struct feeds_status *s, struct buf *out);
void feeds_status_json(const struct feeds_status *s, struct buf *out);

#endif
