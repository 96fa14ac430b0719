/* SPDX-License-Identifier: Apache-2.0 */
/* osv.h: what format_osv.c (containers and documents) and osv_entry.c (one `affected` of a document) share. */
#ifndef CAREEN_FEED_OSV_H
#define CAREEN_FEED_OSV_H

#include "feeds/reading.h"

#define OSV_IDS_MAX 2000

/* A document's own facts, which each of its advisories repeats. */
struct osv_document {
    struct slice id;
    const json_t *json;
    slice_vec cves, aliases;
    score_vec scores;
    struct slice severity, fix_reference;
    int64_t published_ms, modified_ms;
};

typedef VEC(struct advisory) osv_advisory_vec;

bool osv_has(const slice_vec *v, struct slice s);
void osv_copy(struct feed_reading *r, slice_vec *to, const slice_vec *from);
/*
 * severity: [{type, score}]. CVSS kinds take their version from the vector, so that 3.0 and 3.1 are told apart; a word
 * ("Ubuntu": "medium") is also the advisory's severity, where word is not NULL.
 */
void osv_severity(struct feed_reading *r, const json_t *array, score_vec *scores, struct slice *word);
/* Adds what one `affected` says to the list: one advisory a (ecosystem, package). NULL, or why it breaks the format. */
const char *osv_entry(struct feed_reading *r, const struct osv_document *d, const json_t *affected,
                      osv_advisory_vec *list);

#endif
