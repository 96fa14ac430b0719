/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake.h: the first half of the pipeline that the stage and `careen feeds update` share: a feed's file is fetched,
 * read in a sandboxed child and put into a sorted file, which is there only when the whole feed was read and is good.
 * Of an index the names that it gives are kept instead.
 *
 * It touches no database and no topic, so that the stage does it in a job. Threads: whichever calls; what is told is
 * told on that thread.
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
 * 0 and FETCH_NEW: the sorted file is there (but of an index). Otherwise there is none. old: what is remembered of the
 * feed; arena: of the names.
 */
int feed_take(const struct feed_intake *in, const struct feed *f, const struct feed_memory *old, struct arena *arena,
              struct feed_taken *ret_taken, struct err *e);
/* The same of bytes that are here: nothing is fetched, and nothing compared with what was had before. */
int feed_take_source(const struct feed_intake *in, const struct feed *f, struct byte_source source,
                     struct feed_taken *ret_taken, struct err *e);

#endif
