/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feeds_internal.h: what the stage's files share. feeds_stage.c has the descriptor and applies what the topics say,
 * feeds_refresh.c the two kinds of work, feeds_end.c what is kept of feeds and the pipeline's end at the topics.
 *
 * A feed belongs to one partition. Its owner refreshes it: a job takes it in (pipeline/intake.h); then the work "emit"
 * compares what was read with what is out, in portions (pipeline/emit.h), and emits the difference. What is out is known
 * from the topics themselves (whole inputs), never remembered: so a lost state, or another process that takes over, emits
 * what is missing and nothing else.
 *
 * All of it is called by the runner, on its thread, with the partition's open step; but a job's run.
 */
#ifndef CAREEN_FEEDS_FEEDS_INTERNAL_H
#define CAREEN_FEEDS_FEEDS_INTERNAL_H

#include "feeds/feeds_stage.h"
#include "feeds/feeds_told.h"
#include "feeds/pipeline/emit.h"

#include <stdatomic.h>

enum { FEEDS_TABLE_MEMORY, FEEDS_TABLE_PROGRESS, FEEDS_TABLE_WOKEN };
enum { FEEDS_WHOLE_OUT, FEEDS_WHOLE_DROPPED };
enum { FEEDS_WORK_REFRESH, FEEDS_WORK_EMIT, FEEDS_WORKS };

/* The order of work: what names other feeds first, then advisories, then exploit knowledge. */
enum feeds_priority {
    FEEDS_PRIORITY_NOW, /* it was asked for by name, or must be read again */
    FEEDS_PRIORITY_INDEX = FEEDS_PRIORITY_NOW,
    FEEDS_PRIORITY_ADVISORIES,
    FEEDS_PRIORITY_EXPLOITS,
};

struct feeds_stage_data {
    struct feeds_config config;
    struct sandbox *sandbox;
    struct http_options http;
    _Atomic bool stop;
    /* The rest is for the runner's thread only. */
    struct feeds_told *told;
    const struct feed *emitting; /* whose portion was the last one, */
    uint64_t emitting_as;        /* and the step's generation then */
};

/* ---- which feeds ---- */

/* Any partition may own a feed that an index names, so each reads the indexes for itself: they are small. */
bool feeds_is_mine(const struct step *s, const struct feed *f);
/* The feeds that this partition refreshes, in the step's arena. */
int feeds_list_mine(struct step *s, feed_vec *ret_mine, struct err *e);
enum feeds_priority feeds_priority(const struct feed *f);
int feeds_ask(struct step *s, const struct feed *f, enum feeds_priority priority, int64_t not_before_ms, struct err *e);
/* STATE/feeds/WHAT/FEED, or the folder of all feeds' when f is NULL; the caller's. */
char *feeds_work_path(const struct feeds_stage_data *d, const struct feed *f, const char *what);

/* ---- what is kept of them ---- */

/* 1; 0 nothing is, and *ret_m is zeroed. */
int feeds_recall(struct step *s, const struct feed *f, struct feed_memory *ret_m, struct err *e);
int feeds_remember(struct step *s, const struct feed *f, const struct feed_memory *m, struct err *e);

/* How far a comparison is, and what is to be remembered at its end. */
struct feeds_progress {
    struct slice from; /* the row key from which it goes on; in the step's arena */
    struct feed_memory memory;
};
int feeds_progress_put(struct step *s, const struct feed *f, const struct feeds_progress *p, struct err *e);
/* 1, 0 there is no comparison under way. */
int feeds_progress_get(struct step *s, const struct feed *f, struct feeds_progress *ret_progress, struct err *e);
/* It is over: with it goes what was staged. */
int feeds_progress_drop(struct step *s, const struct feed *f, struct err *e);

/* ---- what was dropped, and who is woken ---- */

/*
 * A tombstone of an advisory was read, whose row is still in "out". It is noted in the whole table "dropped", by the
 * feed that had the record.
 */
int feeds_drop_seen(struct step *s, const struct bus_event *event, struct slice row_key, struct err *e);
/* For what was noted and is new to this partition, the feeds that may have the same record are read again. */
int feeds_wake(struct step *s, struct err *e);

/* The pipeline's end in this step. */
struct feed_end feeds_end_of(struct step *s);

/* ---- work ---- */

extern const struct stage_work feeds_works[FEEDS_WORKS];

#endif
