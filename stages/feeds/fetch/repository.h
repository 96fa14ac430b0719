/* SPDX-License-Identifier: Apache-2.0 */
/*
 * repository.h: finds the updateinfo of an rpm repository. Repositories name their metadata by digests, so a feed's row
 * has an address that does not change: one that ends with "/repodata/repomd.xml", or with "/mirror.list" (Amazon), a
 * file whose first line is the repository's address. Only that address, and the metadata's path, are read from these
 * files, within bounds: this is outside of the sandbox, where no XML is parsed.
 */
#ifndef CAREEN_FEEDS_FETCH_REPOSITORY_H
#define CAREEN_FEEDS_FETCH_REPOSITORY_H

#include "feeds/fetch/fetch.h"

#define REPOSITORY_TEXT_MAX ((size_t)1 << 20)

/* Whether the address is a repository's, not a file's. */
bool repository_is(const char *url);
/*
 * *ret_url: the address of its updateinfo, malloc'd. url_base, unless NULL, stands in place of every "https://host".
 * ERR_POISON: the repository's files name no updateinfo; other errors as in http.h.
 */
int repository_updateinfo(const struct http_options *http, const char *url, const char *url_base, char **ret_url,
                          struct err *e);

/* The steps without the network. They give slices of text; SLICE_NONE: it is not there, or can't be trusted. */
struct slice repository_mirror(struct slice text);   /* "https://host/path", without a slash at its end */
struct slice repository_location(struct slice text); /* "repodata/…-updateinfo.xml.gz" */

#endif
