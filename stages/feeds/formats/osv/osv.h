/* SPDX-License-Identifier: Apache-2.0 */
/* osv.h: what format_osv.c (containers and documents) and those that read one `affected` of a document share. */
#ifndef CAREEN_FEEDS_FORMATS_OSV_OSV_H
#define CAREEN_FEEDS_FORMATS_OSV_OSV_H

#include "feeds/reading.h"
#include "model/ecosystem/ecosystem.h"

#define OSV_IDS_MAX 2000

/* A document's own facts, which each of its advisories repeats. */
struct osv_document {
    struct slice id;
    const json_t *json;
    slice_vec cves, aliases;
    score_vec scores;
    struct slice severity, fix_reference;
    const struct ecosystem *language; /* the row of the feed's ecosystem where that is a language's, else NULL */
    bool unplaced; /* a range's bound has no place, and the versions that the entry lists stood in for the range */
    int64_t published_ms, modified_ms;
};

typedef VEC(struct advisory) osv_advisory_vec;

/* What an entry's package URL says. */
struct osv_purl {
    struct slice ecosystem; /* the entry's own, with the release where only the URL states it */
    struct slice architecture, epoch;
};
struct osv_purl osv_purl(struct feed_reading *r, const json_t *package);
/* Puts the URL's epoch before bounds that have none. */
void osv_add_epoch(struct feed_reading *r, const struct osv_purl *u, struct advisory *a);
/*
 * For a package with entries for several architectures: equal entries become one record; others get different ids, as
 * in statements.h: "CGA-22hv-wp9q-4779#x86_64".
 */
void osv_machines(struct feed_reading *r, osv_advisory_vec *list);

bool osv_has(const slice_vec *v, struct slice s);
void osv_copy(struct feed_reading *r, slice_vec *to, const slice_vec *from);
/*
 * Reads severity: [{type, score}]. For CVSS the version comes from the vector, so that 3.0 and 3.1 are kept apart. A
 * word ("Ubuntu": "medium") also becomes the advisory's severity, *word, unless word is NULL.
 */
void osv_severity(struct feed_reading *r, const json_t *array, score_vec *scores, struct slice *word);
/* ---- ranges: NULL, or what is wrong. row: of a language's ecosystem, else NULL. ---- */

bool osv_add_range(struct feed_reading *r, struct advisory *a, const struct version_range *range);
/* Adds what one range's events say. */
const char *osv_read_events(struct feed_reading *r, const struct ecosystem *row, const json_t *events,
                            struct advisory *a);
/* Adds an entry's ranges and versions; *ret_decided: there are any. */
const char *osv_read_ranges(struct feed_reading *r, struct osv_document *d, const json_t *affected, struct advisory *a,
                            bool *ret_decided);

/* ---- packages of a language: of an ecosystem whose row names its advisories itself ---- */

/* What the entry says of its ranges elsewhere: changes and adds ranges. */
const char *osv_language_ranges(struct feed_reading *r, const struct ecosystem *row, const json_t *affected,
                                struct advisory *a);
/* Its kind, and to which systems, machines and symbols it is limited. */
void osv_language_entry(struct feed_reading *r, const struct osv_document *d, const json_t *affected,
                        struct advisory *a);

/*
 * Adds what one `affected` says to the list, which has an advisory for each ecosystem and package. NULL, or what is
 * wrong.
 */
const char *osv_entry(struct feed_reading *r, struct osv_document *d, const json_t *affected, osv_advisory_vec *list);

#endif
