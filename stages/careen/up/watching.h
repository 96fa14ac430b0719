/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watching.h: what careen up shows: found, pulled, assessed, as bars; a line for each image that was assessed; a table
 * of the results. It reads the topics like any other reader and keeps one small row for each image and layer.
 */
#ifndef CAREEN_CAREEN_UP_WATCHING_H
#define CAREEN_CAREEN_UP_WATCHING_H

#include "stage/settings.h"

struct watching;
int watching_open(const struct settings *s, struct watching **ret_watching, struct err *e);
void watching_close(struct watching *w); /* NULL is legal */
/* Reads what there is, waiting at most timeout_ms for the first record, and redraws. */
int watching_poll(struct watching *w, int timeout_ms, struct err *e);
/* Every image that was found is assessed and nothing has moved for a while. */
bool watching_settled(struct watching *w);
size_t watching_found(const struct watching *w);           /* images */
void watching_line(struct watching *w, struct slice line); /* one line of text above the bars */
/*
 * The findings and the recommendation of the images so far, on standard output. careen: how this program is called,
 * NULL when there will be nothing left to look at; passing: the feeds' folder is the demo's and goes too.
 */
void watching_results(struct watching *w, const char *careen, bool passing);

#endif
