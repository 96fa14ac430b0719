/* SPDX-License-Identifier: Apache-2.0 */
/*
 * documents.h: a feed that its publisher serves as thousands of documents and a list of them (struct feed's `list`):
 * openEuler's notices, Microsoft's months. Each document is asked for once: it is kept under its path and the version
 * that the list gives it, so that a second refresh, or one that was cut off, asks for nothing that is there. All of
 * them together make the tar that the feed's reader reads. A document that the list names and its server has not
 * becomes an empty one below DOCUMENT_MISSING, which the reader counts as left out.
 */
#ifndef CAREEN_FEEDS_FETCH_DOCUMENTS_H
#define CAREEN_FEEDS_FETCH_DOCUMENTS_H

#include "feeds/fetch/fetch.h"

#define DOCUMENT_BYTES_MAX ((uint64_t)256 << 20)

/* As feed_fetch. The documents are kept in work_dir/<name of the feed>.documents. */
int documents_fetch(const struct fetch *how, const struct feed *f, const struct feed_memory *old,
                    enum fetch_outcome *ret_outcome, char **ret_path, struct feed_memory *ret_memory, struct err *e);

#endif
