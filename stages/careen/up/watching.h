/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watching.h: what careen up shows: bars for images found, layers pulled and images assessed; a line for each image
 * that was assessed; a table of the results. It reads the topics like any other reader and keeps a small row for each
 * image and layer.
 */
#ifndef CAREEN_CAREEN_UP_WATCHING_H
#define CAREEN_CAREEN_UP_WATCHING_H

#include "stage/settings.h"

struct watching;
int watching_open(const struct settings *s, struct watching **ret_watching, struct err *e);
void watching_close(struct watching *w); /* NULL is legal */
/* Reads the records that there are, waits at most timeout_ms for the first, and redraws. */
int watching_poll(struct watching *w, int timeout_ms, struct err *e);
/* Whether every image that was found is assessed, and nothing has changed for a while. */
bool watching_settled(struct watching *w);
size_t watching_found(const struct watching *w);           /* images */
void watching_line(struct watching *w, struct slice line); /* one line of text above the bars */
/*
 * Prints the findings and recommendations of the images so far on standard output. careen: how this program is called,
 * for the commands to try next; NULL when nothing will be left to look at. passing: the feeds' folder is the demo's and
 * will be removed.
 */
void watching_results(struct watching *w, const char *careen, bool passing);

#endif
