/* SPDX-License-Identifier: Apache-2.0 */
/*
 * documents.h: feeds that their publishers serve as thousands of documents with a list of them (`list` of struct feed):
 * openEuler's notices, Microsoft's months. Each document is fetched once and kept under its path and the version that
 * the list gives it, so that a later refresh, also after an interruption, fetches nothing that is there. All of them
 * together are packed into the tar that the feed's reader reads. A document that is in the list but not on the server
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
