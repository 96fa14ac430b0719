/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h: an HTTP/1.1 client over libcurl. One struct http_client keeps its connections open between requests and
 * belongs to one thread at a time.
 *
 *  - Redirects of GET and HEAD are followed here rather than by libcurl, at most 5: never from https to http, never
 *    closer to us than the first server is (http_url.h), and without the Authorization header once host or port differ.
 *  - Bodies are bounded: they go into the response's buffer with its maximum, or to a callback that may fail.
 *  - Errors name the method, the URL (without its query) and the status. They never contain credentials.
 *  - Proxies come from the environment, as libcurl reads it. Behind a proxy only the names and addresses that are
 *    written in URLs can be checked, since the proxy resolves names.
 *
 * Kinds of errors, whose code is the HTTP status or 0 where there was no answer:
 *
 *     ERR_RETRY      transport, time-outs, 408, 425, 429, 5xx (retry_after_ms from Retry-After)
 *     ERR_NOT_FOUND  404, 410
 *     ERR_REFUSED    401, 403, 407, an untrusted certificate, a server that does not speak TLS (code HTTP_NO_TLS)
 *     ERR_POISON     other answers
 *     ERR_USAGE      not a URL, or no CA file
 */
#ifndef CAREEN_IO_HTTP_HTTP_H
#define CAREEN_IO_HTTP_HTTP_H

#include "base/buf.h"
#include "base/err.h"
#include "io/http/http_url.h"

/* Some publishers refuse robots that do not say what they are. */
#define HTTP_USER_AGENT "Careen/" CAREEN_VERSION " (container image assessment)"
#define HTTP_NO_TLS     (-1)

struct http_options {
    const char *ca_file;      /* PEM; NULL: the system's. Copied */
    int64_t connect_ms;       /* 0: 10 s */
    int64_t low_speed_bytes;  /* a transfer fails that is slower than so many bytes per second; 0: 1024 … */
    int64_t low_speed_ms;     /* … for so long; 0: 60 s */
    const _Atomic bool *stop; /* when it turns true, transfers fail with ERR_RETRY. May be NULL */
};

struct http_client;
struct http_client *http_client_new(const struct http_options *o); /* o may be NULL */
void http_client_free(struct http_client *c);

/* The server that an answer came from. A later request whose URL that answer named gets it as named_by. */
struct http_origin {
    struct http_url url;
    enum http_reach reach;
    bool known; /* false: no connection was made */
};

struct http_response {
    int status;                /* 0: no answer */
    char url[2048];            /* of the last hop, for joining relative references */
    struct http_origin origin; /* of the first hop */
    struct buf head;           /* header lines of the last hop, LF-ended */
    struct buf body;           /* of a 2xx answer without on_data; of an error answer its first 4 KiB */
    int64_t length;            /* Content-Length; -1: not given */
};
#define HTTP_RESPONSE_INIT(max_body)                                                                                   \
    ((struct http_response){.head = BUF_INIT((size_t)128 << 10), .body = BUF_INIT(max_body), .length = -1})
void http_response_done(struct http_response *r);
/*
 * The value of the nth header of that name, from 0; SLICE_NONE when there is none. Valid until the response is used
 * again.
 */
struct slice http_header(const struct http_response *r, const char *name, size_t nth);

struct http_request {
    const char *method;                 /* GET, HEAD or POST; NULL: GET */
    const char *url;                    /* http or https */
    const char *authorization;          /* "Basic …", "Bearer …" or NULL */
    const char *const *headers;         /* further "Name: value", NULL-ended; or NULL */
    struct slice body;                  /* of a POST */
    int64_t range_from;                 /* > 0: Range: bytes=N- */
    int64_t total_ms;                   /* for the whole request; 0: 60 s without on_data, no limit with it */
    const struct http_origin *named_by; /* who named the URL, which then must obey the rules of redirects; or NULL */
    /*
     * Only for 2xx: on_start once before the body, on_data for each piece of it. Returning -1 with e filled ends the
     * transfer.
     */
    int (*on_start)(void *arg, const struct http_response *r, struct err *e);
    int (*on_data)(void *arg, struct slice bytes, struct err *e);
    void *arg;
};

/*
 * 0 for 2xx and 304; otherwise -1, and r holds the server's answer where there was one. r must be initialised and is
 * emptied first. When on_start or on_data fails, e is its error.
 */
int http_fetch(struct http_client *c, const struct http_request *q, struct http_response *r, struct err *e);

/* Reads an HTTP date (RFC 9110 5.6.7) as milliseconds since 1970; 0 when it is none. */
int64_t http_date(struct slice value);
/* Reads Retry-After (RFC 9110 10.2.3: seconds or an HTTP date) as milliseconds from now, 0..24 h; 0 when unreadable. */
int64_t http_retry_after(struct slice value, int64_t now_wall_ms);
enum err_kind http_status_kind(int status);
const char *http_status_text(int status); /* "Not Found", "" when unknown */

#endif
