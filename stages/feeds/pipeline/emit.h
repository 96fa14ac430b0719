/* SPDX-License-Identifier: Apache-2.0 */
/*
 * emit.h: the second half of the pipeline: what a feed says is compared with what is out, in portions, and what differs
 * goes to an end: the topics (feeds_stage.c) or the advisory database (update.c). An end is a table of operations over
 * its own open transaction; everything else, and what follows for other feeds, is here.
 */
#ifndef CAREEN_FEEDS_PIPELINE_EMIT_H
#define CAREEN_FEEDS_PIPELINE_EMIT_H

#include "feeds/fetch/fetch.h"
#include "feeds/pipeline/compare.h"
#include "feeds/table/families.h"

struct feed_end_ops {
    /* What is remembered of a feed. 1: found; 0: nothing, and *ret_memory is zeroed. */
    int (*recall)(void *end, const struct feed *f, struct feed_memory *ret_memory, struct err *e);
    int (*remember)(void *end, const struct feed *f, const struct feed_memory *memory, struct err *e);
    /* A record that is new or another one; and one that is gone. */
    int (*put)(void *end, const struct feed *f, const struct feed_change *c, const struct feed_record *r,
               struct err *e);
    int (*drop)(void *end, const struct feed *f, const struct feed_change *c, struct err *e);
    /* A record that is not this feed's own (why is ERR_POISON): 0 passes over it, -1 ends the feed with *e. */
    int (*refuse)(void *end, const struct feed *f, const struct feed_change *c, const struct err *why, struct err *e);
    /* Whether a feed that an index names is this end's to refresh. */
    bool (*takes)(void *end, const struct feed *f);
    /* A feed that an index named for the first time, whose empty memory is kept by now. */
    int (*found)(void *end, const struct feed *f, const struct feed *index, struct err *e);
    /* This feed is to be read again even if its source did not change. */
    int (*again)(void *end, const struct feed *f, struct err *e);
};
struct feed_end {
    const struct feed_end_ops *ops;
    void *end;
    struct codec *codec;
};

struct feed_portion {
    struct slice next; /* the row key from which the next one goes on, in the arena */
    bool removed;      /* something was dropped */
};
/* Emits one portion of the comparison, from row key `from` on: 1 more is left, 0 that was the last. */
int feed_emit(const struct feed_end *end, const struct feed_comparison *c, struct slice from, struct arena *arena,
              struct feed_portion *ret_portion, struct err *e);
/*
 * For a feed that dropped something. What it dropped, a feed after it in the table may have had under the same key
 * without being heard: each of `feeds` that may is to be read again. The end calls it where no kill can part it from the
 * dropping; a comparison of those feeds must then see that the records are gone.
 */
int feed_wake_siblings(const struct feed_end *end, const struct feed *f, const feed_vec *feeds, struct err *e);
/*
 * What an index names is remembered from now on, whatever becomes of the index. ERR_POISON: a name is one feed too
 * many; those before it are remembered.
 */
int feed_take_names(const struct feed_end *end, const struct feed *index, const slice_vec *names, struct err *e);

#endif
