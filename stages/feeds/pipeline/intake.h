/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake.h: takes in one feed: fetches its file, reads it in a sandboxed child and writes its records to a sorted file
 * on disk. This is the first half of the pipeline that the feeds stage and `careen feeds update` share; the second half
 * compares the sorted file with what was known before.
 *
 * The sorted file exists only if the whole feed was read and is good. A feed of kind FEED_INDEX has no records: the
 * names of other feeds, which it lists, are returned instead.
 *
 * It uses no database and no topic, so the stage can run it in a job. Threads: any; the callbacks run on the thread
 * that calls.
 */
#ifndef CAREEN_FEEDS_PIPELINE_INTAKE_H
#define CAREEN_FEEDS_PIPELINE_INTAKE_H

#include "feeds/fetch/fetch.h"
#include "feeds/feed.h"

/* Callbacks that report progress; each may be NULL. */
struct feed_intake_ops {
    void (*fetched)(void *arg, uint64_t bytes, int64_t total); /* often; total -1: unknown */
    void (*reading)(void *arg); /* begins to read a file, of which there may be several */
    void (*read)(void *arg, uint64_t bytes, uint64_t records);         /* often: so far */
    void (*left_out)(void *arg, struct slice id, struct slice reason); /* a document, or a part of one */
};

struct feed_intake {
    struct fetch fetch; /* where from; its progress is not used */
    const char *staged; /* folder of the sorted file */
    const struct feed_intake_ops *ops;
    void *arg;
};

struct feed_taken {
    enum fetch_outcome outcome;
    bool from_folder; /* an index: a feeds folder took its place */
    struct feed_memory now;
    struct feed_stats stats; /* of FETCH_NEW */
    slice_vec names;         /* of an index, in the arena that was given */
    struct err absent;       /* of FETCH_ABSENT: why, ERR_NONE when there is nothing to say */
};

/*
 * Returns 0 with an outcome in ret_taken. Only with FETCH_NEW, and not for an index, does the sorted file exist
 * afterwards. old: what was remembered of the feed the last time. The names of an index are kept in arena.
 */
int feed_take(const struct feed_intake *in, const struct feed *f, const struct feed_memory *old, struct arena *arena,
              struct feed_taken *ret_taken, struct err *e);
/* The same for bytes that the caller has: nothing is fetched, or compared with what was had the last time. */
int feed_take_source(const struct feed_intake *in, const struct feed *f, struct byte_source source,
                     struct feed_taken *ret_taken, struct err *e);

#endif
