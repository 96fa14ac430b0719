/* SPDX-License-Identifier: Apache-2.0 */
/* csaf_documents.h: one document of a tar of CSAF documents; readings of the whole tar are format_csaf_*.c. */
#ifndef CAREEN_FEEDS_FORMATS_CSAF_CSAF_DOCUMENTS_H
#define CAREEN_FEEDS_FORMATS_CSAF_CSAF_DOCUMENTS_H

#include "feeds/reading.h"

/* reading_entry of Red Hat's, and of SUSE's or openEuler's. name: of the entry, for what is told of a bad one. */
int csaf_vex_document(struct feed_reading *r, struct slice name, struct slice text, struct err *e);
int csaf_names_document(struct feed_reading *r, struct slice name, struct slice text, struct err *e);

#endif
