/* SPDX-License-Identifier: Apache-2.0 */
#include "io/http/httpd.h"

#include <microhttpd.h>
#include <netdb.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/jsonw.h"

#define BODIES_MAX ((size_t)8 << 20)

struct httpd {
    struct httpd_options o;
    struct MHD_Daemon *daemon;
    uint16_t port;
    atomic_uint active; /* requests being received or answered */
    atomic_size_t held; /* bytes of bodies being received */
};

/* One request while its body comes in. */
struct exchange {
    struct httpd *server;
    struct buf body;
    size_t held; /* of the server's */
    bool too_long, refused;
};

struct slice httpd_query(const struct httpd_request *q, const char *name)
{
    const char *v = NULL;
    size_t n = 0;
    if (MHD_lookup_connection_value_n(q->internal, MHD_GET_ARGUMENT_KIND, name, strlen(name), &v, &n) == MHD_NO)
        return SLICE_NONE;
    return slice_of(v ? v : "", v ? n : 0); /* "?name" has no value */
}

struct query_check {
    const char *const *known;
    uint64_t seen; /* bit i: known[i] */
    struct slice unknown;
};

static enum MHD_Result check_parameter(void *arg, enum MHD_ValueKind kind, const char *name, size_t name_n,
                                       const char *value, size_t value_n)
{
    struct query_check *c = arg;
    struct slice s = slice_of(name, name_n);
    (void)kind, (void)value, (void)value_n;
    for (size_t i = 0; c->known[i] && i < 64; i++)
        if (slice_eq_str(s, c->known[i]) && !(c->seen >> i & 1)) {
            c->seen |= UINT64_C(1) << i;
            return MHD_YES;
        }
    c->unknown = s;
    return MHD_NO;
}

struct slice httpd_query_unknown(const struct httpd_request *q, const char *const *known)
{
    struct query_check c = {.known = known, .unknown = SLICE_NONE};
    MHD_get_connection_values_n(q->internal, MHD_GET_ARGUMENT_KIND, check_parameter, &c);
    return c.unknown;
}

struct slice httpd_header(const struct httpd_request *q, const char *name)
{
    const char *v = NULL;
    size_t n = 0;
    if (MHD_lookup_connection_value_n(q->internal, MHD_HEADER_KIND, name, strlen(name), &v, &n) == MHD_NO)
        return SLICE_NONE;
    return slice_of(v ? v : "", v ? n : 0);
}

void httpd_header_set(struct httpd_response *r, const char *name, const char *fmt, ...)
{
    va_list ap;
    ASSERT(r->headers_n < HTTPD_HEADERS_MAX);
    r->headers[r->headers_n].name = name;
    va_start(ap, fmt);
    vsnprintf(r->headers[r->headers_n].value, sizeof r->headers[0].value, fmt, ap);
    va_end(ap);
    r->headers_n++;
}

void httpd_fail(struct httpd_response *r, int status, const char *fmt, ...)
{
    char text[512];
    struct jsonw w;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    buf_clear(&r->body);
    r->status = status;
    r->content_type = "application/json";
    jsonw_init(&w, &r->body, 0);
    jsonw_object(&w);
    jsonw_pair_str(&w, "error", text);
    jsonw_end(&w);
}

static bool route_covers(const struct httpd_route *route, struct slice path, size_t *ret_length)
{
    struct slice p = slice_str(route->path);
    *ret_length = p.n;
    if (slice_eq(p, path))
        return true;
    return slice_ends(p, SLICE("/")) && slice_starts(path, p);
}

/* The longest matching path; *ret_known tells that some method would do there. */
static const struct httpd_route *route_find(const struct httpd *h, const char *method, struct slice path,
                                            const char **ret_other)
{
    const struct httpd_route *best = NULL;
    size_t best_length = 0, length;
    bool head = slice_eq_str(slice_str(method), "HEAD");
    for (size_t i = 0; i < h->o.n_routes; i++) {
        const struct httpd_route *r = &h->o.routes[i];
        if (!route_covers(r, path, &length))
            continue;
        if (!slice_eq_str(slice_str(r->method), head ? "GET" : method))
            *ret_other = r->method;
        else if (!best || length > best_length) {
            best = r;
            best_length = length;
        }
    }
    return best;
}

static void exchange_answer(struct exchange *x, struct MHD_Connection *c, const char *url, const char *method,
                            struct httpd_response *r)
{
    const char *other = NULL;
    struct slice path = slice_str(url);
    const struct httpd_route *route = route_find(x->server, method, path, &other);
    if (x->too_long) {
        httpd_fail(r, 413, "the body is longer than %zu bytes", x->body.max);
    } else if (x->refused) {
        httpd_fail(r, 503, "too much is being sent at once; send it again later");
    } else if (route) {
        struct httpd_request q = {.method = method,
                                  .path = path,
                                  .rest = slice_from(path, strlen(route->path)),
                                  .body = buf_slice(&x->body),
                                  .internal = c};
        route->handler(route->arg, &q, r);
        if (r->body.overflow)
            httpd_fail(r, 500, "the answer would be longer than %zu bytes; ask for less", r->body.max);
    } else if (other) {
        httpd_fail(r, 405, "use %s here", other);
        httpd_header_set(r, "Allow", "%s", other);
    } else {
        httpd_fail(r, 404, "nothing is served at this path");
    }
}

static enum MHD_Result exchange_send(struct MHD_Connection *c, struct httpd_response *r, bool close_after)
{
    struct MHD_Response *m = MHD_create_response_from_buffer(
        r->body.n, r->body.n ? r->body.p : (void *)"", r->body.n ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
    if (!m)
        return MHD_NO;
    if (r->body.n)
        r->body = BUF_INIT(0); /* MHD frees it */
    MHD_add_response_header(m, "Content-Type", r->content_type);
    MHD_add_response_header(m, "X-Content-Type-Options", "nosniff");
    for (size_t i = 0; i < r->headers_n; i++)
        MHD_add_response_header(m, r->headers[i].name, r->headers[i].value);
    if (close_after)
        MHD_add_response_header(m, "Connection", "close");
    enum MHD_Result rc = MHD_queue_response(c, (unsigned)r->status, m);
    MHD_destroy_response(m);
    buf_done(&r->body);
    return rc;
}

/* Whoever may connect may send: what all bodies together take is bounded, whatever the number of connections. */
static bool exchange_hold(struct exchange *x, size_t n)
{
    x->held += n;
    if (atomic_fetch_add(&x->server->held, n) + n <= MAX(BODIES_MAX, x->server->o.max_body))
        return true;
    atomic_fetch_sub(&x->server->held, x->held);
    x->held = 0;
    x->refused = true;
    buf_done(&x->body);
    return false;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *c, const char *url, const char *method,
                                  const char *version, const char *data, size_t *n, void **state)
{
    struct httpd *h = arg;
    struct exchange *x = *state;
    (void)version;
    if (!x) {
        x = *state = xcalloc(1, sizeof *x);
        x->server = h;
        x->body = BUF_INIT(h->o.max_body);
        atomic_fetch_add(&h->active, 1);
        const char *length = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Content-Length");
        uint64_t announced;
        x->too_long = length && (!slice_parse_u64(slice_str(length), &announced) || announced > h->o.max_body);
        if (!x->too_long)
            return MHD_YES;
    } else if (*n) {
        if (x->refused || !exchange_hold(x, *n)) {
            *n = 0;
            return MHD_YES;
        }
        x->too_long = buf_add(&x->body, data, *n) != 0 || x->too_long;
        *n = 0;
        if (x->body.overflow) {
            x->body.n = 0;
            return MHD_YES; /* an answer may be queued only before or after the body */
        }
        return MHD_YES;
    }
    struct httpd_response r = {.status = 200, .content_type = "application/json", .body = BUF_INIT(h->o.max_answer)};
    exchange_answer(x, c, url, method, &r);
    return exchange_send(c, &r, x->too_long || x->refused);
}

static void on_completed(void *arg, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why)
{
    struct httpd *h = arg;
    struct exchange *x = *state;
    (void)c, (void)why;
    if (!x)
        return;
    buf_done(&x->body);
    atomic_fetch_sub(&h->held, x->held);
    free(x);
    *state = NULL;
    atomic_fetch_sub(&h->active, 1);
}

static size_t quiet_unescape(void *arg, struct MHD_Connection *c, char *s)
{
    (void)arg, (void)c;
    return MHD_http_unescape(s);
}

static void no_log(void *arg, const char *fmt, va_list ap)
{
    (void)arg, (void)fmt, (void)ap;
}

static int listen_address(const char *text, struct addrinfo **ret_list, struct err *e)
{
    struct slice s = slice_str(text), host, port;
    ptrdiff_t colon = slice_rfind(s, ':');
    uint64_t number;
    if (colon < 0 || (port = slice_from(s, (size_t)colon + 1), !slice_parse_u64(port, &number)) || number > 65535)
        return err_set(e, ERR_USAGE, 0, "listen address \"%s\" is not host:port", text);
    host = slice_sub(s, 0, (size_t)colon);
    if (slice_starts(host, SLICE("[")) && slice_ends(host, SLICE("]")))
        host = slice_sub(host, 1, host.n - 2);
    char *h ATTR_CLEANUP(cleanup_free) = slice_dup(host), *p ATTR_CLEANUP(cleanup_free) = slice_dup(port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    int rc = getaddrinfo(host.n ? h : NULL, p, &hints, ret_list);
    if (rc)
        return err_set(e, ERR_USAGE, 0, "listen address \"%s\": %s", text, gai_strerror(rc));
    return 0;
}

static int listen_socket(const char *text, struct err *e)
{
    struct addrinfo *list = NULL;
    int fd = -1, why = 0;
    if (listen_address(text, &list, e))
        return -1;
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        int one = 1;
        fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) ||
                        bind(fd, a->ai_addr, a->ai_addrlen) || listen(fd, 128))) {
            why = errno;
            close(fd);
            fd = -1;
        } else if (fd < 0) {
            why = errno;
        }
    }
    freeaddrinfo(list);
    return fd >= 0 ? fd : err_errno(e, ERR_FATAL, why, "can't listen on %s", text);
}

static uint16_t socket_port(int fd)
{
    struct sockaddr_storage a = {0};
    socklen_t n = sizeof a;
    char port[8];
    uint64_t number = 0;
    if (getsockname(fd, (struct sockaddr *)&a, &n) ||
        getnameinfo((struct sockaddr *)&a, n, NULL, 0, port, sizeof port, NI_NUMERICSERV) ||
        !slice_parse_u64(slice_str(port), &number))
        return 0;
    return (uint16_t)number;
}

static void options_default(struct httpd_options *o)
{
    o->threads = o->threads ? MIN(o->threads, 4u) : 1;
    o->connections = o->connections ? o->connections : 256;
    o->idle_seconds = o->idle_seconds ? o->idle_seconds : 30;
    o->max_body = o->max_body ? o->max_body : (size_t)1 << 20;
    o->max_answer = o->max_answer ? o->max_answer : (size_t)64 << 20;
}

int httpd_start(const struct httpd_options *o, struct httpd **ret_server, struct err *e)
{
    int fd = listen_socket(o->listen, e);
    if (fd < 0)
        return -1;
    struct httpd *h = xcalloc(1, sizeof *h);
    h->o = *o;
    options_default(&h->o);
    h->port = socket_port(fd);
    /* MHD refuses a pool of one. */
    struct MHD_OptionItem pool[] = {
        {h->o.threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)h->o.threads, NULL},
        {MHD_OPTION_END, 0, NULL}};
    h->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, h,
        MHD_OPTION_EXTERNAL_LOGGER, no_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, h, MHD_OPTION_UNESCAPE_CALLBACK, quiet_unescape, NULL, MHD_OPTION_CONNECTION_LIMIT,
        h->o.connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT, h->o.connections_of_ip, MHD_OPTION_CONNECTION_TIMEOUT,
        h->o.idle_seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32768, MHD_OPTION_ARRAY, pool, MHD_OPTION_END);
    if (!h->daemon) {
        close(fd);
        free(h);
        return err_set(e, ERR_FATAL, 0, "the HTTP server on %s does not start", o->listen);
    }
    *ret_server = h;
    return 0;
}

int httpd_can_listen(const char *const *listens, size_t n, struct err *e)
{
    enum { MOST = 16 };
    int fds[MOST], rc = 0;
    size_t opened = 0;
    ASSERT(n <= MOST);
    for (size_t i = 0; i < n && !rc; i++) {
        int fd = listens[i] && *listens[i] ? listen_socket(listens[i], e) : -1;
        if (fd >= 0)
            fds[opened++] = fd;
        else if (listens[i] && *listens[i])
            rc = -1;
    }
    while (opened)
        close(fds[--opened]);
    return rc;
}

uint16_t httpd_port(const struct httpd *h)
{
    return h->port;
}

void httpd_stop(struct httpd *h, int64_t grace_ms)
{
    if (!h)
        return;
    int64_t until = clock_mono_ms() + grace_ms;
    int fd = MHD_quiesce_daemon(h->daemon);
    if (fd >= 0)
        close(fd);
    while (atomic_load(&h->active) && clock_mono_ms() < until)
        clock_sleep_ms(5);
    MHD_stop_daemon(h->daemon);
    free(h);
}
