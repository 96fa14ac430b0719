/* SPDX-License-Identifier: Apache-2.0 */
/*
 * httpd.h: a small HTTP server over libmicrohttpd: a table of routes, bodies read whole and bounded, answers built
 * whole. HEAD is answered by GET's route. What matches no route gets 404, a known path with another method 405, a body
 * that is too long 413, one that comes while 8 MiB of bodies are being received 503, all with {"error":"…"}.
 *
 * Threads: handlers run on the server's threads, several at once; a handler must not keep the request's slices.
 * Lifetimes: routes (and their args) must outlive the server; it copies nothing.
 */
#ifndef CAREEN_IO_HTTP_HTTPD_H
#define CAREEN_IO_HTTP_HTTPD_H

#include "base/buf.h"
#include "base/err.h"

struct httpd_request {
    const char *method;
    struct slice path; /* percent-decoded, without the query; may hold any byte but NUL */
    struct slice rest; /* of the path behind the route's prefix */
    struct slice body;
    void *internal;
};
/* SLICE_NONE when absent. Values are percent-decoded. Valid during the handler. */
struct slice httpd_query(const struct httpd_request *q, const char *name);
/*
 * The first parameter of the query that is none of `known` (ends with NULL), or that is given again; SLICE_NONE: there
 * is none. Whoever misspells one is told, rather than answered as if nothing had been asked. Valid during the handler.
 */
struct slice httpd_query_unknown(const struct httpd_request *q, const char *const *known);
struct slice httpd_header(const struct httpd_request *q, const char *name);

struct httpd_response {
    int status;               /* starts as 200 */
    const char *content_type; /* starts as application/json; a string that lives on */
    struct buf body;          /* overflow answers 500 */
    const char *header_name;  /* one more header; NULL: none */
    char header_value[256];
};
typedef void (*httpd_handler)(void *arg, const struct httpd_request *q, struct httpd_response *r);

struct httpd_route {
    const char *method; /* GET, POST, PUT, PATCH, DELETE */
    const char *path;   /* a path that ends in "/" stands for all paths below it too; the longest match wins */
    httpd_handler handler;
    void *arg;
};

struct httpd_options {
    const char *listen; /* host:port, [v6]:port or :port; port 0: any free one */
    const struct httpd_route *routes;
    size_t n_routes;
    unsigned threads;           /* 1..4; 0: 1 */
    unsigned connections;       /* 0: 256 */
    unsigned connections_of_ip; /* 0: no limit of its own */
    unsigned idle_seconds;      /* a connection that does nothing for so long is closed; 0: 30 */
    size_t max_body;            /* of requests; 0: 1 MiB */
    size_t max_answer;          /* 0: 64 MiB */
};

struct httpd;
/* ERR_USAGE: listen is not understood; ERR_FATAL: the port can't be had. */
int httpd_start(const struct httpd_options *o, struct httpd **ret_server, struct err *e);
/* Whether all these addresses can be listened on now, together; NULLs are passed over. The same errors. */
int httpd_can_listen(const char *const *listens, size_t n, struct err *e);
uint16_t httpd_port(const struct httpd *h);
/* Takes no new connections, lets running requests end for at most grace_ms, then closes. NULL is legal. */
void httpd_stop(struct httpd *h, int64_t grace_ms);

/* Sets the status and {"error": text}. */
ATTR_PRINTF(3, 4) void httpd_fail(struct httpd_response *r, int status, const char *fmt, ...);

#endif
