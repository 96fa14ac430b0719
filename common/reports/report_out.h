/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_out.h: where a report goes: into a buffer, which is emptied into `write` whenever it holds a piece, so that a
 * report may be longer than memory. Without `write` all of it stays in the buffer. One thread.
 */
#ifndef CAREEN_REPORTS_REPORT_OUT_H
#define CAREEN_REPORTS_REPORT_OUT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/terminal/text.h"

struct report_out {
    struct buf *buf; /* the caller's; what it may hold at once is its maximum */
    int (*write)(void *arg, struct slice bytes, struct err *e); /* NULL: it stays in buf */
    void *arg;
    const struct text_terminal *terminal; /* of text for people; never NULL, all zero: none */
};

/* Between rows: hands on what there is once it is a piece. ERR_PARTIAL: buf was too small; else write's error. */
int report_out_row(struct report_out *o, struct err *e);
/* At the end: hands on the rest. The same errors. */
int report_out_end(struct report_out *o, struct err *e);

#endif
