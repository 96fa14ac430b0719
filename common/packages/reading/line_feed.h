/* SPDX-License-Identifier: Apache-2.0 */
/*
 * line_feed.h: the lines of a file that streams by, for reducers that want some of them. A line is held only where it
 * spans two pieces, and of one that is longer than max only its first max bytes are given, marked as cut. A gap
 * between two pieces is one NUL. Lines are without their LF or CR LF.
 *
 *     begin:     line_feed_begin(&f, max, take)
 *     feed:      line_feed(&f, at, bytes, arg)
 *     end:       line_feed_end(&f, arg)
 *     layer_end: line_feed_done(&f)
 *
 * When take returns false no more lines are given. One thread.
 */
#ifndef CAREEN_PACKAGES_READING_LINE_FEED_H
#define CAREEN_PACKAGES_READING_LINE_FEED_H

#include "base/buf.h"

typedef bool line_take_fn(void *arg, struct slice line, bool cut);

struct line_feed {
    line_take_fn *take;
    struct buf held; /* the beginning of a line that goes on in the next piece */
    uint64_t at;     /* where the next piece belongs */
    bool over;       /* take wants no more */
    bool cut;        /* the line at hand is longer than held may be */
};

void line_feed_begin(struct line_feed *f, size_t max, line_take_fn *take);
void line_feed(struct line_feed *f, uint64_t at, struct slice bytes, void *arg);
void line_feed_end(struct line_feed *f, void *arg);
void line_feed_done(struct line_feed *f);

#endif
