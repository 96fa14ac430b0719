/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csaf_notes.h: what a CSAF document says about a product beside its status (remediations, threats, scores), and what
 * the formats based on CSAF share. Results are slices of the document or in its arena.
 */
#ifndef CAREEN_FEEDS_FORMATS_CSAF_CSAF_NOTES_H
#define CAREEN_FEEDS_FORMATS_CSAF_CSAF_NOTES_H

#include "feeds/formats/csaf/csaf.h"
#include "feeds/reading.h"

#define CSAF_UNPACKED_MAX ((uint64_t)64 << 30)

/*
 * By the number of a product (csaf_number): 1 + the index of the note or score, 0: none. At 0: what holds for all
 * products.
 */
struct csaf_notes {
    const struct csaf_document *d;
    const struct csaf_vulnerability *v;
    uint32_t *fix, *no_fix, *impact, *score;
};
/* False when the arena is full. */
bool csaf_notes_read(struct csaf_notes *n, const struct csaf_document *d, const struct csaf_vulnerability *v,
                     struct arena *arena);
/* The notice with the fix: what stands behind the last '/' or '=' of the remediation's URL. */
struct slice csaf_erratum(const struct csaf_notes *n, uint32_t product);
/* The note that there will be no fix ("no_fix_planned"); NULL: there is none. */
const struct csaf_note *csaf_no_fix(const struct csaf_notes *n, uint32_t product);
/* Puts the product's severity and score into *a. */
void csaf_rate(const struct feed_reading *r, const struct csaf_notes *n, struct advisory *a, uint32_t product);

/* Gives the record of the vulnerability itself to the sink. */
int csaf_tell_vulnerability(struct feed_reading *r, const struct csaf_document *d, const struct csaf_vulnerability *v,
                            struct err *e);
bool csaf_is_debug(struct slice package); /* symbols and sources for debuggers */
bool csaf_has_name(const slice_vec *sorted, struct slice name);

#endif
