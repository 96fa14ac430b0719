/* SPDX-License-Identifier: Apache-2.0 */
/* osv.h: what format_osv.c (containers and documents) and osv_entry.c (one `affected` of a document) share. */
#ifndef CAREEN_FEEDS_FORMATS_OSV_OSV_H
#define CAREEN_FEEDS_FORMATS_OSV_OSV_H

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

/* What the package URL of an entry says. */
struct osv_purl {
    struct slice ecosystem; /* the entry's own, with the release where only the URL states it */
    struct slice architecture, epoch;
};
struct osv_purl osv_purl(struct feed_reading *r, const json_t *package);
/* Puts the epoch before the bounds that state none. */
void osv_add_epoch(struct feed_reading *r, const struct osv_purl *u, struct advisory *a);
/*
 * Of one package's entries for several machines: equal ones become one record, others are told apart by their ids, as
 * statements.h does: "CGA-22hv-wp9q-4779#x86_64".
 */
void osv_machines(struct feed_reading *r, osv_advisory_vec *list);

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
