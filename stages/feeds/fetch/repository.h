/* SPDX-License-Identifier: Apache-2.0 */
/*
 * repository.h: where an rpm repository has its updateinfo. Repositories name their metadata by digests, so a row gives
 * what doesn't change: an address that ends with "/repodata/repomd.xml", or with "/mirror.list" (Amazon), whose first
 * line is the repository's. Of both files only these names are read, within bounds: no XML is parsed here, outside of
 * the sandbox.
 */
#ifndef CAREEN_FEEDS_FETCH_REPOSITORY_H
#define CAREEN_FEEDS_FETCH_REPOSITORY_H

#include "feeds/fetch/fetch.h"

#define REPOSITORY_TEXT_MAX ((size_t)1 << 20)

/* True when the address names a repository, not a file. */
bool repository_is(const char *url);
/*
 * *ret_url, malloc'd: the address of its updateinfo. url_base, when not NULL, stands in place of every "https://host".
 * ERR_POISON: the repository's files say nothing of the kind; others as http.h says.
 */
int repository_updateinfo(const struct http_options *http, const char *url, const char *url_base, char **ret_url,
                          struct err *e);

/* The parts without the network: slices of text, SLICE_NONE when it is not there or not to be trusted. */
struct slice repository_mirror(struct slice text);   /* "https://host/path", without a slash at its end */
struct slice repository_location(struct slice text); /* "repodata/…-updateinfo.xml.gz" */

#endif
