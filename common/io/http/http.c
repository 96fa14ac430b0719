/* SPDX-License-Identifier: Apache-2.0 */
#include "io/http/http.h"

#include <curl/curl.h>
#include <pthread.h>

#include "base/clock.h"

#define MAX_REDIRECTS    5
#define MAX_ERROR_BODY   ((size_t)4096)
#define MAX_DISCARD      ((size_t)1 << 20)
#define DEFAULT_TOTAL_MS 60000

struct http_client {
    CURL *curl;
    struct http_options o;
    char *ca_file;
    bool proxied; /* the environment names a proxy, so peers' addresses say nothing */
    char error[CURL_ERROR_SIZE];
};

/* One hop. */
struct transfer {
    struct http_client *c;
    const struct http_request *q;
    struct http_response *r;
    struct err *e;
    bool failed;          /* a callback of ours filled e */
    bool started, enough; /* on_start was called; the rest of the body does not matter */
    size_t discarded;
    const struct http_origin *named_by; /* NULL: no address rules for this hop */
    bool same_host;                     /* as the one who named it */
    enum http_reach reach;
    bool reach_known;
    char shown[300];
    const char *method;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void curl_start(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        BUG("libcurl can't start");
}

static bool proxy_in_environment(void)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *v = getenv(names[i]);
        if (v && *v)
            return true;
    }
    return false;
}

struct http_client *http_client_new(const struct http_options *o)
{
    pthread_once(&curl_once, curl_start);
    struct http_client *c = xcalloc(1, sizeof *c);
    if (o)
        c->o = *o;
    if (c->o.ca_file)
        c->ca_file = xstrdup(c->o.ca_file);
    c->o.ca_file = c->ca_file;
    c->o.connect_ms = c->o.connect_ms > 0 ? c->o.connect_ms : 10000;
    c->o.low_speed_bytes = c->o.low_speed_bytes > 0 ? c->o.low_speed_bytes : 1024;
    c->o.low_speed_ms = c->o.low_speed_ms > 0 ? c->o.low_speed_ms : 60000;
    c->proxied = proxy_in_environment();
    c->curl = curl_easy_init();
    if (!c->curl)
        BUG("libcurl gives no handle");
    return c;
}

void http_client_free(struct http_client *c)
{
    if (!c)
        return;
    curl_easy_cleanup(c->curl);
    free(c->ca_file);
    free(c);
}

void http_response_done(struct http_response *r)
{
    buf_done(&r->head);
    buf_done(&r->body);
}

struct slice http_header(const struct http_response *r, const char *name, size_t nth)
{
    struct slice s = buf_slice(&r->head), line;
    while (slice_take_line(&s, &line)) {
        struct slice key = line;
        ptrdiff_t colon = slice_find(line, ':');
        if (colon < 0)
            continue;
        key.n = (size_t)colon;
        if (slice_eq_nocase(key, slice_str(name)) && nth-- == 0)
            return slice_trim(slice_from(line, (size_t)colon + 1));
    }
    return SLICE_NONE;
}

int64_t http_date(struct slice value)
{
    char text[64];
    if (value.n == 0 || value.n >= sizeof text)
        return 0;
    snprintf(text, sizeof text, "%.*s", SLICE_FMT(value));
    time_t at = curl_getdate(text, NULL);
    return at < 0 ? 0 : (int64_t)at * 1000;
}

int64_t http_retry_after(struct slice value, int64_t now_wall_ms)
{
    const int64_t day_ms = INT64_C(86400000);
    uint64_t seconds;
    if (slice_parse_u64(value, &seconds))
        return seconds > 86400 ? day_ms : (int64_t)seconds * 1000;
    int64_t at = http_date(value), wait = at - now_wall_ms;
    return !at || wait < 0 ? 0 : MIN(wait, day_ms);
}

enum err_kind http_status_kind(int status)
{
    if (status == 401 || status == 403 || status == 407)
        return ERR_REFUSED;
    if (status == 404 || status == 410)
        return ERR_NOT_FOUND;
    if (status == 408 || status == 425 || status == 429)
        return ERR_RETRY;
    if (status >= 500 && status != 501 && status != 505)
        return ERR_RETRY;
    return ERR_POISON;
}

const char *http_status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } texts[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {409, "Conflict"},
        {410, "Gone"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (texts[i].status == status)
            return texts[i].text;
    return "";
}

/* ---- callbacks of libcurl ---- */

static bool status_is_redirect(int s)
{
    return s == 301 || s == 302 || s == 303 || s == 307 || s == 308;
}

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    struct slice line = slice_of(p, size * n);
    if (slice_starts(line, SLICE("HTTP/"))) { /* of 1xx too: the last one stays */
        buf_clear(&t->r->head);
        t->r->length = -1;
        return n;
    }
    struct slice s = slice_trim(line);
    if (s.n && (buf_add_slice(&t->r->head, s) || buf_add_byte(&t->r->head, '\n'))) {
        t->failed = true;
        err_set(t->e, ERR_POISON, 0, "%s %s: the answer's header is longer than %zu bytes", t->method, t->shown,
                t->r->head.max);
        return 0;
    }
    return n;
}

static void transfer_note_head(struct transfer *t)
{
    long status = 0;
    uint64_t length;
    curl_easy_getinfo(t->c->curl, CURLINFO_RESPONSE_CODE, &status);
    t->r->status = (int)status;
    if (slice_parse_u64(http_header(t->r, "Content-Length", 0), &length) && length <= INT64_MAX)
        t->r->length = (int64_t)length;
}

static int transfer_start(struct transfer *t)
{
    if (t->started)
        return 0;
    t->started = true;
    transfer_note_head(t);
    if (t->r->status == 206 && t->q->range_from <= 0) {
        t->failed = true;
        return err_set(t->e, ERR_RETRY, 206, "%s %s: a part was sent (206) where the whole was asked for", t->method,
                       t->shown);
    }
    if (t->r->status / 100 == 2 && t->q->on_start && t->q->on_start(t->q->arg, t->r, t->e)) {
        t->failed = true;
        return -1;
    }
    return 0;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    struct slice bytes = slice_of(p, size * n);
    if (transfer_start(t))
        return 0;
    struct http_response *r = t->r;
    if (r->status / 100 != 2) {
        size_t room = MAX_ERROR_BODY - MIN(MAX_ERROR_BODY, r->body.n);
        if (!status_is_redirect(r->status))
            buf_add_slice(&r->body, slice_sub(bytes, 0, room));
        t->discarded += bytes.n;
        t->enough = t->discarded > MAX_DISCARD;
        return t->enough ? 0 : n;
    }
    if (t->q->on_data) {
        t->failed = t->q->on_data(t->q->arg, bytes, t->e) != 0;
        return t->failed ? 0 : n;
    }
    if (buf_add_slice(&r->body, bytes) == 0)
        return n;
    t->failed = true;
    err_set(t->e, ERR_POISON, 0, "%s %s: the answer is longer than %zu bytes", t->method, t->shown, r->body.max);
    return 0;
}

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    struct transfer *t = arg;
    if (!t->c->o.stop || !*t->c->o.stop)
        return 0;
    t->failed = true;
    err_set(t->e, ERR_RETRY, 0, "%s %s: stopped", t->method, t->shown);
    return 1;
}

static bool transfer_may_reach(struct transfer *t, enum http_reach to)
{
    if (!t->named_by || t->same_host || !t->named_by->known || http_reach_allowed(t->named_by->reach, to))
        return true;
    t->failed = true;
    err_set(t->e, ERR_REFUSED, 0, "%s %s: refused, because %s sent us there and it is a %s address", t->method,
            t->shown, t->named_by->url.host, http_reach_name(to));
    return false;
}

/* After the connection is there and before the request is sent, also on connections that are used again. */
static int on_connected(void *arg, char *peer, char *local, int peer_port, int local_port)
{
    (void)local, (void)peer_port, (void)local_port;
    struct transfer *t = arg;
    if (t->c->proxied || !http_reach_of_address(peer, &t->reach))
        return CURL_PREREQFUNC_OK;
    t->reach_known = true;
    return transfer_may_reach(t, t->reach) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/* ---- one hop ---- */

static struct curl_slist *add_header(struct curl_slist *list, const char *line)
{
    struct curl_slist *l = curl_slist_append(list, line);
    if (!l)
        BUG("out of memory");
    return l;
}

static struct curl_slist *hop_headers(const struct http_request *q, bool authorize)
{
    struct curl_slist *list = add_header(NULL, "Expect:");
    for (const char *const *h = q->headers; h && *h; h++)
        list = add_header(list, *h);
    if (q->range_from > 0) {
        char text[64];
        snprintf(text, sizeof text, "Range: bytes=%" PRId64 "-", q->range_from);
        list = add_header(list, text);
    }
    if (authorize && q->authorization) {
        char *text ATTR_CLEANUP(cleanup_free) = xasprintf("Authorization: %s", q->authorization);
        list = add_header(list, text);
    }
    return list;
}

static void hop_limits(struct transfer *t)
{
    CURL *h = t->c->curl;
    const struct http_options *o = &t->c->o;
    int64_t total = t->q->total_ms ? t->q->total_ms : t->q->on_data ? 0 : DEFAULT_TOTAL_MS;
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_ms);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, (long)o->low_speed_bytes);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, (long)MAX(1, o->low_speed_ms / 1000));
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)total);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    /* HTTP/2 would let one paused stream hold up the connection's others. */
    curl_easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(h, CURLOPT_BUFFERSIZE, 131072L);
    curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(h, CURLOPT_TCP_KEEPALIVE, 1L);
    if (o->ca_file)
        curl_easy_setopt(h, CURLOPT_CAINFO, o->ca_file);
}

static void hop_setup(struct transfer *t, const char *url, struct curl_slist *headers)
{
    CURL *h = t->c->curl;
    curl_easy_reset(h);
    hop_limits(t);
    t->c->error[0] = 0;
    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, t->c->error);
    curl_easy_setopt(h, CURLOPT_URL, url);
    curl_easy_setopt(h, CURLOPT_USERAGENT, HTTP_USER_AGENT);
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(h, CURLOPT_XFERINFODATA, t);
    curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(h, CURLOPT_PREREQFUNCTION, on_connected);
    curl_easy_setopt(h, CURLOPT_PREREQDATA, t);
    if (slice_eq_str(slice_str(t->method), "HEAD")) {
        curl_easy_setopt(h, CURLOPT_NOBODY, 1L);
    } else if (slice_eq_str(slice_str(t->method), "POST")) {
        curl_easy_setopt(h, CURLOPT_POST, 1L);
        curl_easy_setopt(h, CURLOPT_POSTFIELDS, t->q->body.n ? (const char *)t->q->body.p : "");
        curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->q->body.n);
    }
}

/* libcurl tells by OpenSSL's text alone that what answered was no TLS. */
static bool answered_without_tls(CURLcode rc, const char *why)
{
    return rc == CURLE_SSL_CONNECT_ERROR && (strstr(why, "wrong version number") ||
                                             strstr(why, "packet length too long") || strstr(why, "http request"));
}

static int transport_error(struct transfer *t, CURLcode rc)
{
    enum err_kind kind = ERR_RETRY;
    const char *why = t->c->error[0] ? t->c->error : curl_easy_strerror(rc);
    if (rc == CURLE_PEER_FAILED_VERIFICATION)
        return err_set(t->e, ERR_REFUSED, 0,
                       "%s %s: the server's certificate is not trusted: %s; set ca_file to its CA", t->method, t->shown,
                       why);
    if (rc == CURLE_SSL_CACERT_BADFILE)
        return err_set(t->e, ERR_USAGE, 0, "CA file %s can't be read as PEM certificates",
                       t->c->ca_file ? t->c->ca_file : "of the system");
    if (answered_without_tls(rc, why))
        return err_set(t->e, ERR_REFUSED, HTTP_NO_TLS, "%s %s: the server speaks no TLS there", t->method, t->shown);
    if (rc == CURLE_URL_MALFORMAT || rc == CURLE_UNSUPPORTED_PROTOCOL)
        kind = ERR_USAGE;
    return err_set(t->e, kind, 0, "%s %s: %s", t->method, t->shown, why);
}

/* 0 when a whole answer came, whatever its status. */
static int hop_run(struct transfer *t, const char *url, bool authorize)
{
    struct curl_slist *headers = hop_headers(t->q, authorize);
    http_url_show(url, t->shown, sizeof t->shown);
    buf_clear(&t->r->head);
    buf_clear(&t->r->body);
    t->r->status = 0;
    t->r->length = -1;
    t->started = t->enough = t->reach_known = false;
    t->discarded = 0;
    hop_setup(t, url, headers);
    CURLcode rc = curl_easy_perform(t->c->curl);
    curl_slist_free_all(headers);
    if (rc == CURLE_OK || t->enough)
        transfer_start(t);
    else if (!t->failed)
        transport_error(t, rc);
    if (!t->started)
        transfer_note_head(t);
    return t->failed || (rc != CURLE_OK && !t->enough) ? -1 : 0;
}

static int status_error(struct transfer *t)
{
    struct http_response *r = t->r;
    int64_t wait = http_retry_after(http_header(r, "Retry-After", 0), clock_wall_ms());
    err_set(t->e, http_status_kind(r->status), r->status, "%s %s: status %d %s", t->method, t->shown, r->status,
            http_status_text(r->status));
    if (t->e && t->e->kind == ERR_RETRY)
        t->e->retry_after_ms = wait;
    return -1;
}

/* ---- the chain of hops ---- */

/* Whether the next URL may follow: no downgrade, and no address closer than the first server's. */
static int hop_allowed(struct transfer *t, const char *url, const struct http_url *to)
{
    const struct http_origin *from = t->named_by;
    enum http_reach reach;
    if (!from)
        return 0;
    http_url_show(url, t->shown, sizeof t->shown);
    t->same_host = http_url_same(&from->url, to);
    if (from->url.https && !to->https)
        return err_set(t->e, ERR_REFUSED, 0, "%s %s: refused, because %s answers over https and sent us to http",
                       t->method, t->shown, from->url.host);
    if (http_reach_of_host(to->host, &reach) && !transfer_may_reach(t, reach))
        return -1;
    return 0;
}

static char *redirect_target(struct transfer *t, const char *url)
{
    struct slice location = http_header(t->r, "Location", 0);
    char *reference ATTR_CLEANUP(cleanup_free) = slice_dup(location);
    char *next = location.n ? http_url_join(url, reference) : NULL;
    if (!next)
        err_set(t->e, ERR_POISON, t->r->status, "%s %s: status %d without a usable Location", t->method, t->shown,
                t->r->status);
    return next;
}

/* Behind a proxy only an address in the URL tells; a name counts as public, so it can't lead us inside by address. */
static struct http_origin origin_of(const struct transfer *t, const struct http_url *url)
{
    struct http_origin o = {*url, t->reach, true};
    if (!t->reach_known && !http_reach_of_host(url->host, &o.reach))
        o.reach = REACH_PUBLIC;
    return o;
}

static int fetch_chain(struct transfer *t)
{
    struct http_response *r = t->r;
    struct http_url first, here;
    struct http_origin previous;
    char *url ATTR_CLEANUP(cleanup_free) = xstrdup(t->q->url);
    if (http_url_parse(url, &first, t->e))
        return -1;
    t->named_by = t->q->named_by;
    here = first;
    for (int hop = 0;; hop++) {
        snprintf(r->url, sizeof r->url, "%s", url);
        if (hop_allowed(t, url, &here) || hop_run(t, url, http_url_same(&first, &here)))
            return -1;
        if (hop == 0)
            r->origin = origin_of(t, &first);
        if (r->status / 100 == 2 || r->status == 304)
            return 0;
        if (!status_is_redirect(r->status) || slice_eq_str(slice_str(t->method), "POST"))
            return status_error(t);
        if (hop == MAX_REDIRECTS)
            return err_set(t->e, ERR_POISON, r->status, "%s %s: more than %d redirects", t->method, t->shown,
                           MAX_REDIRECTS);
        char *next = redirect_target(t, url);
        if (!next)
            return -1;
        free(url);
        url = next;
        /* Downgrades are judged from the hop before, addresses from the first server (or whoever named it). */
        previous = t->q->named_by && t->q->named_by->known ? *t->q->named_by : r->origin;
        previous.url.https = here.https;
        t->named_by = &previous;
        if (http_url_parse(url, &here, t->e))
            return -1;
    }
}

int http_fetch(struct http_client *c, const struct http_request *q, struct http_response *r, struct err *e)
{
    struct transfer t = {.c = c, .q = q, .r = r, .e = e, .method = q->method ? q->method : "GET"};
    struct err unused;
    if (!t.e)
        t.e = &unused; /* callbacks of the caller may rely on it */
    r->status = 0;
    r->origin = (struct http_origin){.known = false};
    return fetch_chain(&t);
}
