/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index.h: what publishers say there is. A reader of an index cuts its text into words (links, paths, strings of a
 * catalogue) and holds each against the families of the index (families.h), which know how a member is spelt; what
 * fits none is passed over, since pages link much else. A list of documents (FEED_LIST) gives its paths as they are.
 *
 * The readers here are of forms that several publishers have; one that only one has stands in that publisher's file,
 * made of what is here. All are pure, and run in the sandboxed child like formats.
 */
#ifndef CAREEN_FEEDS_FETCH_INDEX_H
#define CAREEN_FEEDS_FETCH_INDEX_H

#include "feeds/reading.h"

/* An HTML page's links, or a list of all files, a line each ("mtime TAB kind TAB size TAB path"). */
int index_links(struct feed_reading *r, struct err *e);
/* A JSON document: every string under this key, wherever it stands, alone or in a list. */
int index_strings(struct feed_reading *r, const char *key, struct err *e);

/* ---- for readers ---- */

/* One word: gives the members that it names to the sink; of a list of documents the word itself. */
int index_word(struct feed_reading *r, struct slice word, struct err *e);
/* Reads lines of any text; one over 64 KiB comes in pieces that overlap by 1 KiB, so that no link is lost. */
typedef int (*index_line_reader)(struct feed_reading *r, struct slice line, struct err *e);
int index_lines(struct feed_reading *r, index_line_reader read, struct err *e);
/* The whole text as JSON, at most 8 MiB; json_decref it. ERR_POISON: it is none, or empty. */
int index_json(struct feed_reading *r, json_t **ret_json, struct err *e);
/* A path below a folder of documents: no step upwards, nothing that would need quoting. */
bool index_is_document_path(struct slice s);

#endif
