/* SPDX-License-Identifier: Apache-2.0 */
/*
 * update.h: `careen feeds update`: every feed is fetched and read into the advisory database that scans map read-only
 * (CACHE/advisories, advisories/advisory_view.h). Only differences are written, in transactions of bounded size, so
 * scans go on while it runs and a kill at any moment leaves a database whose every row is yesterday's or today's;
 * running it again finishes. A feed that can't be had or is refused keeps its rows. A second update waits for the
 * first. When much changed, the database is written anew, tightly (compact.h).
 */
#ifndef CAREEN_FEEDS_UPDATE_H
#define CAREEN_FEEDS_UPDATE_H

#include "feeds/feed.h"
#include "io/http/http.h"
#include "io/sandbox/sandbox.h"

enum feed_state {
    FEED_WAITING,    /* another update holds the database (feed NULL) */
    FEED_COMPACTING, /* the database is written anew (feed NULL): bytes of total so far; last with text: what came of it
                      */
    FEED_FETCHING,   /* bytes of total so far */
    FEED_READING,    /* bytes of total, records so far */
    FEED_WRITING,    /* changed and removed so far */
    FEED_DONE,       /* its records are in */
    FEED_UNCHANGED,  /* nothing new at the source */
    FEED_ABSENT,     /* not in the feeds folder, or not to be had without one */
    FEED_FAILED,     /* text says why; yesterday's records stay */
    FEED_STATE_MAX
};
extern const char *const feed_state_names[];

struct feed_report {
    const struct feed *feed;
    enum feed_state state;
    uint64_t bytes, records, changed, removed;
    uint64_t containers;         /* of FEED_DONE: statements about container images, which are not used */
    uint64_t documents, skipped; /* of FEED_DONE: what was read; documents and parts of them that were left out */
    const char *first_skip;      /* "id: why" of the first of those, NULL without; the publisher's bytes */
    int64_t total;               /* bytes, -1 unknown */
    const char *text;
    int64_t newest_ms; /* of FEED_DONE and FEED_UNCHANGED: see feed_newest; 0 unknown */
    bool still;        /* and whether that is older than this feed's rhythm allows */
};
/* Called often with the first states, once a feed with one of the last. On the caller's thread. */
typedef void (*feed_progress)(void *arg, const struct feed_report *report);

struct feeds_update {
    const char *cache_dir; /* the database is in cache_dir/advisories */
    const char *feeds_dir; /* NULL: from the publishers */
    const char *names;     /* which feeds, see feed_wanted */
    const char *url_base;  /* a mirror, see fetch.h; NULL */
    const struct http_options *http;
    struct sandbox *sandbox; /* foreign bytes are read in its children; NULL: in this process. See feed_read */
    size_t sandbox_main;     /* index of feed_sandbox_main in it */
    size_t portion;          /* changes a transaction; 0: 60,000 */
    uint64_t compact_from;   /* bytes from which on the database is written anew when loose; 0: see compact.h */
    feed_progress progress;
    void *arg;
};

/*
 * 0: every wanted feed that could be there is in. ERR_PARTIAL: some failed, the others are in (each was told).
 * ERR_RETRY or the last feed's kind of error: nothing could be had; why was told of each. ERR_USAGE, before anything is
 * touched: a name is no feed's, there is no such folder.
 */
int feeds_update_database(const struct feeds_update *u, struct err *e);
/*
 * Puts the shipped set (true advisories of the demo's few packages, nothing more) into the database under the feed
 * name "demo". It goes by itself when osv-debian comes in.
 */
int feeds_install_demo(const struct feeds_update *u, struct err *e);

#endif
