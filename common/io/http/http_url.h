/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_url.h: URLs, as far as the HTTP client and the registry client need them (RFC 3986, by libcurl's parser), and
 * how far away from us an address is. A URL that a server named (redirect, token realm, Link) may not lead closer to us
 * than the server itself is: otherwise a server could make us send requests to our own neighbours (RFC 1918, loopback,
 * 169.254.169.254). The functions have no state; any thread may call them.
 */
#ifndef CAREEN_IO_HTTP_HTTP_URL_H
#define CAREEN_IO_HTTP_HTTP_URL_H

#include "base/err.h"
#include "base/slice.h"

struct http_url {
    bool https;
    char host[256]; /* lower case; IPv6 in brackets */
    uint16_t port;  /* the scheme's default when none is written */
};

/* ERR_USAGE when url is not an absolute http or https URL. */
int http_url_parse(const char *url, struct http_url *ret_url, struct err *e);
bool http_url_same(const struct http_url *a, const struct http_url *b); /* host and port */
/* Resolves reference against base; malloc'd, NULL when the result is not a URL. */
char *http_url_join(const char *base, const char *reference);
/* Writes the URL without user, query and fragment, as it may be shown to people. Returns text. */
const char *http_url_show(const char *url, char *text, size_t n);
/* Percent-encodes everything but RFC 3986's unreserved characters; malloc'd. */
char *http_url_escape(struct slice s);

enum http_reach { REACH_PUBLIC, REACH_PRIVATE, REACH_LOOPBACK, REACH_LINK_LOCAL };
/*
 * The reach of an IPv4 or IPv6 address (brackets and zone allowed; mapped and NAT64 forms are unwrapped). False: it is
 * none.
 */
bool http_reach_of_address(const char *text, enum http_reach *ret_reach);
/* The reach of a host that is an address or a localhost name. False: only a resolver can tell. */
bool http_reach_of_host(const char *host, enum http_reach *ret_reach);
/* Whether a server at `from` may send us to another host at `to`. */
bool http_reach_allowed(enum http_reach from, enum http_reach to);
const char *http_reach_name(enum http_reach r);

#endif
