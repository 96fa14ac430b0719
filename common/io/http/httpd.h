/* SPDX-License-Identifier: Apache-2.0 */
/*
 * httpd.h: a small HTTP server over libmicrohttpd: a table of routes; bodies are read whole, with a limit, and answers
 * are built whole. HEAD is answered by the route for GET. The server itself answers, with {"error":"…"}: 404 when no
 * route matches, 405 for a known path with another method, 413 for a body that is too long, 503 for a body that arrives
 * while 8 MiB of bodies are being received.
 *
 * Threads: handlers run on the server's threads, several at once. Lifetimes: a handler must not keep the request's
 * slices; routes and their args must outlive the server, which copies nothing.
 */
#ifndef CAREEN_IO_HTTP_HTTPD_H
#define CAREEN_IO_HTTP_HTTPD_H

#include "base/buf.h"
#include "base/err.h"

struct httpd_request {
    const char *method;
    struct slice path; /* percent-decoded, without the query; may hold any byte but NUL */
    struct slice rest; /* the part of the path behind the route's prefix */
    struct slice body;
    void *internal;
};
/* A parameter of the query, percent-decoded; SLICE_NONE when absent. Valid during the handler. */
struct slice httpd_query(const struct httpd_request *q, const char *name);
/*
 * The first parameter of the query that is not in `known` (NULL-terminated) or is given twice; SLICE_NONE: there is
 * none. So whoever misspells a parameter is told, rather than answered as if it had not been given. Valid during the
 * handler.
 */
struct slice httpd_query_unknown(const struct httpd_request *q, const char *const *known);
struct slice httpd_header(const struct httpd_request *q, const char *name);

#define HTTPD_HEADERS_MAX 4

struct httpd_response {
    int status;               /* starts as 200 */
    const char *content_type; /* starts as application/json; must be a static string */
    struct buf body;          /* when it overflows, the answer is 500 */
    /* Further headers, httpd_header_set. */
    struct {
        const char *name;
        char value[256];
    } headers[HTTPD_HEADERS_MAX];
    size_t headers_n;
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
    unsigned idle_seconds;      /* a connection without any activity for so long is closed; 0: 30 */
    size_t max_body;            /* of requests; 0: 1 MiB */
    size_t max_answer;          /* 0: 64 MiB */
};

struct httpd;
/* ERR_USAGE: listen can't be understood; ERR_FATAL: the port can't be used. */
int httpd_start(const struct httpd_options *o, struct httpd **ret_server, struct err *e);
/*
 * Whether all these addresses can be listened on now, together; NULLs are skipped. The errors are those of httpd_start.
 */
int httpd_can_listen(const char *const *listens, size_t n, struct err *e);
uint16_t httpd_port(const struct httpd *h);
/* Accepts no new connections, waits at most grace_ms for running requests, then closes. NULL is legal. */
void httpd_stop(struct httpd *h, int64_t grace_ms);

/*
 * Adds a header; its name must be a static string. A value is cut at 255 bytes; the caller takes care that foreign text in
 * it holds no line end.
 */
ATTR_PRINTF(3, 4) void httpd_header_set(struct httpd_response *r, const char *name, const char *fmt, ...);
/* Makes the answer {"error": text} with that status. */
ATTR_PRINTF(3, 4) void httpd_fail(struct httpd_response *r, int status, const char *fmt, ...);

#endif
