/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feeds_status.h: what `careen feeds status` says: for each system and language whether it can be judged and as of
 * when, for each feed how old it is and how old its newest date is, and how the last update went.
 */
#ifndef CAREEN_CAREEN_FEEDS_FEEDS_STATUS_H
#define CAREEN_CAREEN_FEEDS_FEEDS_STATUS_H

#include "advisories/advisory_view.h"

struct system_status {
    struct slice name; /* "Alpine", "npm" */
    bool language, judged;
    struct slice why;    /* why it is not judged; absent when it is */
    struct slice failed; /* the feed that could not be had, where why says so */
    /*
     * When the least fresh of its feeds was last as its publisher had it. For a feed from a folder it is the newest
     * date in it, since nobody knows when the folder was filled. 0: not known.
     */
    int64_t as_of_ms;
    int64_t newest_ms;   /* the newest date in any of its feeds; 0: there is none, or it is not known */
    uint64_t advisories; /* of all its releases together */
    slice_vec releases;  /* ecosystems that have advisories: "Alpine:v3.20" */
    slice_vec feeds;     /* those that were read */
    slice_vec still;     /* those among them that stand still */
};
struct feeds_status {
    int64_t now_ms;
    feed_meta_vec feeds; /* by name, numbers in names by their value */
    feed_trouble_vec troubles;
    struct feeds_updated updated; /* the last update; zeroed when there is no mark of one */
    bool running;                 /* an update is using the database now */
    VEC(struct system_status) systems;
};

/* The reason without "feed NAME: " before it, for where the name was just told. */
struct slice feed_reason_text(struct slice feed, struct slice reason);

/* Everything in arena. ERR_NOT_FOUND and others as advisory_db_open. */
int feeds_status_read(const char *cache_dir, struct arena *arena, struct feeds_status *ret_status, struct err *e);
/* True when the last update failed for a feed or was cut off. */
bool feeds_status_failed(const struct feeds_status *s);
void feeds_status_table(const struct feeds_status *s, struct buf *out);
void feeds_status_json(const struct feeds_status *s, struct buf *out);

#endif
