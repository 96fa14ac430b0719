/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "io/http/http.h"
#include "io/http/httpd.h"

struct world {
    struct httpd *server, *other;
    struct http_client *client;
    struct http_response r;
    char base[64];
    char other_base[64];
};

static struct world *w;

static void echo(void *arg, const struct httpd_request *q, struct httpd_response *r)
{
    (void)arg;
    struct slice auth = httpd_header(q, "Authorization"), range = httpd_header(q, "Range");
    r->content_type = "text/plain";
    buf_addf(&r->body, "%s %.*s rest=%.*s x=%.*s auth=%.*s range=%.*s agent=%.*s body=%.*s", q->method,
             SLICE_FMT(q->path), SLICE_FMT(q->rest), SLICE_FMT(httpd_query(q, "x")), SLICE_FMT(auth), SLICE_FMT(range),
             SLICE_FMT(httpd_header(q, "User-Agent")), SLICE_FMT(q->body));
}

static void redirect(void *arg, const struct httpd_request *q, struct httpd_response *r)
{
    (void)arg;
    struct slice to = httpd_query(q, "to");
    r->status = 307;
    httpd_header_set(r, "Location", "%.*s", SLICE_FMT(to));
}

static void status(void *arg, const struct httpd_request *q, struct httpd_response *r)
{
    (void)arg;
    uint64_t code = 0;
    slice_parse_u64(q->rest, &code);
    httpd_fail(r, (int)code, "status %d", (int)code);
    httpd_header_set(r, "Retry-After", "7");
}

static void big(void *arg, const struct httpd_request *q, struct httpd_response *r)
{
    (void)arg;
    uint64_t n = 0;
    slice_parse_u64(httpd_query(q, "n"), &n);
    for (uint64_t i = 0; i < n; i++)
        buf_add_byte(&r->body, (uint8_t)('a' + i % 26));
}

static const struct httpd_route routes[] = {
    {"GET", "/echo", echo, NULL},          {"POST", "/echo", echo, NULL},     {"GET", "/tree/", echo, NULL},
    {"GET", "/redirect", redirect, NULL},  {"GET", "/status/", status, NULL}, {"GET", "/big", big, NULL},
    {"POST", "/redirect", redirect, NULL},
};

static struct httpd *serve(const char *listen, struct err *e)
{
    struct httpd *h = NULL;
    struct httpd_options o = {.listen = listen,
                              .routes = routes,
                              .n_routes = ARRAY_LEN(routes),
                              .threads = 2,
                              .max_body = 1000,
                              .max_answer = (size_t)1 << 20};
    httpd_start(&o, &h, e);
    return h;
}

static int setup(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct http_options o = {.connect_ms = 2000};
    w = xcalloc(1, sizeof *w);
    w->server = serve("127.0.0.1:0", &e);
    w->other = serve("127.0.0.1:0", &e);
    if (!w->server || !w->other)
        fail_msg("%s", e.text);
    w->client = http_client_new(&o);
    w->r = HTTP_RESPONSE_INIT(100000);
    snprintf(w->base, sizeof w->base, "http://127.0.0.1:%u", httpd_port(w->server));
    snprintf(w->other_base, sizeof w->other_base, "http://127.0.0.1:%u", httpd_port(w->other));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    http_client_free(w->client);
    http_response_done(&w->r);
    httpd_stop(w->server, 1000);
    httpd_stop(w->other, 1000);
    free(w);
    return 0;
}

static int get(struct http_request q, const char *base, const char *path, struct err *e)
{
    char url[1024];
    snprintf(url, sizeof url, "%s%s", base, path);
    q.url = url;
    *e = ERR_INIT;
    return http_fetch(w->client, &q, &w->r, e);
}

static void expect_body(const char *part)
{
    if (slice_find_slice(buf_slice(&w->r.body), slice_str(part)) < 0)
        fail_msg("\"%s\" is not in \"%s\"", part, buf_cstr(&w->r.body));
}

static void test_methods(void **state)
{
    (void)state;
    struct err e;
    const char *extra[] = {"Accept: text/plain", NULL};
    assert_int_equal(get((struct http_request){.headers = extra, .authorization = "Basic eDp5", .range_from = 5},
                         w->base, "/echo?x=a%20b&y", &e),
                     0);
    assert_int_equal(w->r.status, 200);
    expect_body("GET /echo rest= x=a b auth=Basic eDp5 range=bytes=5- agent=" HTTP_USER_AGENT);
    assert_true(slice_eq_str(http_header(&w->r, "content-TYPE", 0), "text/plain"));
    assert_null(http_header(&w->r, "content-type", 1).p);
    assert_int_equal(w->r.length, (int64_t)w->r.body.n);
    assert_int_equal(get((struct http_request){.method = "POST", .body = SLICE("k=v")}, w->base, "/echo", &e), 0);
    expect_body("body=k=v");
    assert_int_equal(get((struct http_request){.method = "HEAD"}, w->base, "/echo", &e), 0);
    assert_int_equal(w->r.body.n, 0);
    assert_true(w->r.length > 0);
    assert_int_equal(get((struct http_request){0}, w->base, "/tree/a/b%2fc", &e), 0);
    expect_body("rest=a/b/c");
}

static void test_routes(void **state)
{
    (void)state;
    struct err e;
    assert_int_equal(get((struct http_request){0}, w->base, "/nowhere", &e), -1);
    assert_int_equal(e.kind, ERR_NOT_FOUND);
    assert_int_equal(w->r.status, 404);
    expect_body("\"error\"");
    assert_int_equal(get((struct http_request){.method = "POST", .body = SLICE("x")}, w->base, "/tree/x", &e), -1);
    assert_int_equal(w->r.status, 405);
    assert_true(slice_eq_str(http_header(&w->r, "Allow", 0), "GET"));
    char text[3000];
    memset(text, 'x', sizeof text);
    assert_int_equal(
        get((struct http_request){.method = "POST", .body = slice_of(text, sizeof text)}, w->base, "/echo", &e), -1);
    assert_int_equal(e.code, 413);
    assert_int_equal(get((struct http_request){.method = "POST", .body = slice_of(text, 1000)}, w->base, "/echo", &e),
                     0);
    assert_int_equal(get((struct http_request){0}, w->base, "/big?n=2000000", &e), -1);
    assert_int_equal(e.code, 500);
}

static void test_status(void **state)
{
    (void)state;
    static const struct {
        int status;
        enum err_kind kind;
    } cases[] = {{400, ERR_POISON}, {401, ERR_REFUSED}, {403, ERR_REFUSED}, {404, ERR_NOT_FOUND}, {410, ERR_NOT_FOUND},
                 {416, ERR_POISON}, {429, ERR_RETRY},   {500, ERR_RETRY},   {501, ERR_POISON},    {503, ERR_RETRY}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err e;
        char path[64];
        snprintf(path, sizeof path, "/status/%d?signature=secret", cases[i].status);
        assert_int_equal(get((struct http_request){0}, w->base, path, &e), -1);
        assert_int_equal(e.kind, cases[i].kind);
        assert_int_equal(e.code, cases[i].status);
        assert_int_equal(e.retry_after_ms, cases[i].kind == ERR_RETRY ? 7000 : 0);
        assert_non_null(strstr(e.text, "127.0.0.1"));
        assert_null(strstr(e.text, "secret"));
    }
    /* A part is no whole, unless it was asked for. */
    struct err e;
    assert_int_equal(get((struct http_request){0}, w->base, "/status/206", &e), -1);
    assert_int_equal(e.kind, ERR_RETRY);
    assert_int_equal(get((struct http_request){.range_from = 7}, w->base, "/status/206", &e), 0);
}

static int count(void *arg, struct slice bytes, struct err *e)
{
    size_t *left = arg;
    if (bytes.n > *left)
        return err_set(e, ERR_FULL, 0, "enough");
    *left -= bytes.n;
    return 0;
}

static void test_bodies(void **state)
{
    (void)state;
    struct err e;
    size_t left = 500000;
    assert_int_equal(get((struct http_request){0}, w->base, "/big?n=100000", &e), 0);
    assert_int_equal(w->r.body.n, 100000);
    assert_int_equal(get((struct http_request){0}, w->base, "/big?n=100001", &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
    assert_non_null(strstr(e.text, "longer"));
    assert_int_equal(get((struct http_request){.on_data = count, .arg = &left}, w->base, "/big?n=400000", &e), 0);
    assert_int_equal(left, 100000);
    assert_int_equal(get((struct http_request){.on_data = count, .arg = &left}, w->base, "/big?n=400000", &e), -1);
    assert_int_equal(e.kind, ERR_FULL);
    left = 0;
    assert_int_equal(get((struct http_request){.on_data = count, .arg = &left}, w->base, "/status/404", &e), -1);
    assert_int_equal(e.kind, ERR_NOT_FOUND); /* an error's body is not data */
}

static void test_redirects(void **state)
{
    (void)state;
    struct err e;
    char path[256];
    struct http_request q = {.authorization = "Bearer t"};
    assert_int_equal(get(q, w->base, "/redirect?to=/echo%3fx=1", &e), 0);
    expect_body("x=1 auth=Bearer t");
    snprintf(path, sizeof path, "/redirect?to=%s/echo", w->other_base);
    assert_int_equal(get(q, w->base, path, &e), 0);
    expect_body("auth= ");
    assert_non_null(strstr(w->r.url, w->other_base));
    assert_int_equal(get(q, w->base, "/redirect?to=/redirect%3fto=/redirect", &e), -1);
    assert_int_equal(get(q, w->base, "/redirect?to=http://169.254.169.254/latest", &e), -1);
    assert_int_equal(e.kind, ERR_REFUSED);
    assert_non_null(strstr(e.text, "link-local"));
    assert_int_equal(get(q, w->base, "/redirect?to=file:///etc/passwd", &e), -1);
    assert_int_equal(get(q, w->base, "/redirect?to=", &e), -1);
    assert_non_null(strstr(e.text, "Location"));
    q.method = "POST";
    assert_int_equal(get(q, w->base, "/redirect?to=/echo", &e), -1);
    assert_int_equal(e.code, 307);
}

static void test_loop(void **state)
{
    (void)state;
    struct err e;
    char path[300];
    /* Each hop takes one level of escapes off. */
    snprintf(path, sizeof path, "/redirect?to=%s",
             "/redirect%3fto=/redirect%253fto=/redirect%25253fto=/redirect%2525253fto="
             "/redirect%252525253fto=/echo");
    assert_int_equal(get((struct http_request){0}, w->base, path, &e), -1);
    assert_non_null(strstr(e.text, "redirects"));
    snprintf(path, sizeof path, "/redirect?to=%s",
             "/redirect%3fto=/redirect%253fto=/redirect%25253fto=/redirect%2525253fto=/echo");
    assert_int_equal(get((struct http_request){0}, w->base, path, &e), 0);
}

static void test_named_by(void **state)
{
    (void)state;
    struct err e;
    struct http_origin public = {.reach = REACH_PUBLIC, .known = true};
    assert_int_equal(http_url_parse("http://registry.example/v2/", &public.url, &e), 0);
    assert_int_equal(get((struct http_request){.named_by = &public}, w->base, "/echo", &e), -1);
    assert_int_equal(e.kind, ERR_REFUSED);
    assert_non_null(strstr(e.text, "registry.example"));
    public.reach = REACH_LOOPBACK;
    assert_int_equal(get((struct http_request){.named_by = &public}, w->base, "/echo", &e), 0);
    public.url.https = true;
    assert_int_equal(get((struct http_request){.named_by = &public}, w->base, "/echo", &e), -1);
    assert_non_null(strstr(e.text, "https"));
}

static void test_transport(void **state)
{
    (void)state;
    struct err e;
    char port[64];
    snprintf(port, sizeof port, "%s", w->other_base);
    httpd_stop(w->other, 0);
    w->other = NULL;
    assert_int_equal(get((struct http_request){0}, port, "/echo", &e), -1);
    assert_int_equal(e.kind, ERR_RETRY);
    assert_int_equal(w->r.status, 0);
    assert_int_equal(get((struct http_request){0}, "ftp://x", "/", &e), -1);
    assert_int_equal(e.kind, ERR_USAGE);
    struct http_options o = {.ca_file = "/nonexistent/ca.pem"};
    struct http_client *c = http_client_new(&o);
    struct http_request q = {.url = "https://127.0.0.1:1/"};
    assert_int_equal(http_fetch(c, &q, &w->r, &e), -1);
    http_client_free(c);
    _Atomic bool stop = true;
    o = (struct http_options){.stop = &stop};
    c = http_client_new(&o);
    char url[128];
    snprintf(url, sizeof url, "%s/big?n=1000", w->base);
    q = (struct http_request){.url = url};
    assert_int_equal(http_fetch(c, &q, &w->r, &e), -1);
    assert_int_equal(e.kind, ERR_RETRY);
    http_client_free(c);
}

static void test_urls(void **state)
{
    (void)state;
    struct http_url u;
    char text[200];
    assert_int_equal(http_url_parse("HTTPS://Reg.Example/v2/?x", &u, NULL), 0);
    assert_string_equal(u.host, "reg.example");
    assert_int_equal(u.port, 443);
    assert_true(u.https);
    assert_int_equal(http_url_parse("http://[::1]:5000/", &u, NULL), 0);
    assert_string_equal(u.host, "[::1]");
    assert_int_equal(u.port, 5000);
    assert_int_equal(http_url_parse("v2/", &u, NULL), -1);
    assert_string_equal(http_url_show("https://user:pw@h.example/a@b?sig=1#f", text, sizeof text),
                        "https://h.example/a@b");
    assert_string_equal(http_url_show("/a?token=1", text, sizeof text), "/a");
    char *j = http_url_join("https://h.example/v2/_catalog?n=1", "/v2/_catalog?n=1&last=a%2Fb");
    assert_string_equal(j, "https://h.example/v2/_catalog?n=1&last=a%2Fb");
    free(j);
    j = http_url_escape(SLICE("a b/ü~"));
    assert_string_equal(j, "a%20b%2F%C3%BC~");
    free(j);
}

static void test_reach(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        int reach; /* -1: only a resolver can tell */
    } cases[] = {
        {"8.8.8.8", REACH_PUBLIC},
        {"10.1.2.3", REACH_PRIVATE},
        {"172.31.0.1", REACH_PRIVATE},
        {"172.32.0.1", REACH_PUBLIC},
        {"192.168.0.1", REACH_PRIVATE},
        {"100.64.0.1", REACH_PRIVATE},
        {"127.9.9.9", REACH_LOOPBACK},
        {"0.0.0.0", REACH_LOOPBACK},
        {"169.254.169.254", REACH_LINK_LOCAL},
        {"2130706433", REACH_LOOPBACK},
        {"0x7f.1", REACH_LOOPBACK},
        {"[::1]", REACH_LOOPBACK},
        {"[::ffff:10.0.0.1]", REACH_PRIVATE},
        {"[fe80::1%eth0]", REACH_LINK_LOCAL},
        {"[fd00::1]", REACH_PRIVATE},
        {"[64:ff9b::a9fe:a9fe]", REACH_LINK_LOCAL},
        {"[2002:7f00:1::]", REACH_LOOPBACK},
        {"[2001:db8::1]", REACH_PUBLIC},
        {"localhost", REACH_LOOPBACK},
        {"a.localhost.", REACH_LOOPBACK},
        {"registry.example", -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum http_reach r = REACH_PUBLIC;
        bool known = http_reach_of_host(cases[i].host, &r);
        if (known != (cases[i].reach >= 0) || (known && (int)r != cases[i].reach))
            fail_msg("%s: %s", cases[i].host, known ? http_reach_name(r) : "unknown");
    }
    assert_false(http_reach_allowed(REACH_PUBLIC, REACH_PRIVATE));
    assert_false(http_reach_allowed(REACH_PRIVATE, REACH_LOOPBACK));
    assert_false(http_reach_allowed(REACH_LOOPBACK, REACH_LINK_LOCAL));
    assert_true(http_reach_allowed(REACH_PRIVATE, REACH_PUBLIC));
}

static void test_retry_after(void **state)
{
    (void)state;
    int64_t now = INT64_C(1700000000000); /* 2023-11-14T22:13:20Z */
    assert_int_equal(http_retry_after(SLICE("12"), now), 12000);
    assert_int_equal(http_retry_after(SLICE("99999999999"), now), 86400000);
    assert_int_equal(http_retry_after(SLICE("Tue, 14 Nov 2023 22:13:50 GMT"), now), 30000);
    assert_int_equal(http_retry_after(SLICE("Tue, 14 Nov 2023 22:00:00 GMT"), now), 0);
    assert_int_equal(http_retry_after(SLICE("soon"), now), 0);
    assert_int_equal(http_retry_after(SLICE_NONE, now), 0);
}

static void test_listen(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    assert_null(serve("127.0.0.1", &e));
    assert_int_equal(e.kind, ERR_USAGE);
    char taken[64];
    snprintf(taken, sizeof taken, "127.0.0.1:%u", httpd_port(w->server));
    assert_null(serve(taken, &e));
    assert_int_equal(e.kind, ERR_FATAL);
}

/* Eight connections that hold one MiB each without end: the next body is refused, and taken once they are gone. */
static void test_bodies_are_bounded_together(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct httpd *h = NULL;
    struct httpd_options o = {
        .listen = "127.0.0.1:0", .routes = routes, .n_routes = ARRAY_LEN(routes), .max_body = (size_t)1 << 20};
    char base[64], head[128], small[1000];
    int held[8];
    uint8_t *body = xcalloc(1, o.max_body);
    memset(small, 'x', sizeof small);
    assert_int_equal(httpd_start(&o, &h, &e), 0);
    snprintf(base, sizeof base, "http://127.0.0.1:%u", httpd_port(h));
    int n = snprintf(head, sizeof head, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", o.max_body);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(httpd_port(h))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (size_t i = 0; i < ARRAY_LEN(held); i++) {
        held[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(connect(held[i], (struct sockaddr *)&to, sizeof to), 0);
        assert_int_equal(send(held[i], head, (size_t)n, MSG_NOSIGNAL), n);
        for (size_t at = 0; at < o.max_body - 1;) {
            ssize_t sent = send(held[i], body + at, o.max_body - 1 - at, MSG_NOSIGNAL);
            assert_true(sent > 0);
            at += (size_t)sent;
        }
    }
    struct http_request post = {.method = "POST", .body = slice_of(small, sizeof small)};
    int64_t until = clock_mono_ms() + 10000;
    while (get(post, base, "/echo", &e) == 0 && clock_mono_ms() < until) {
    }
    assert_int_equal(e.code, 503);
    for (size_t i = 0; i < ARRAY_LEN(held); i++)
        close(held[i]);
    int rc = -1;
    while ((rc = get(post, base, "/echo", &e)) != 0 && clock_mono_ms() < until)
        clock_sleep_ms(10);
    assert_int_equal(rc, 0);
    httpd_stop(h, 1000);
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bodies_are_bounded_together, setup, teardown),
        cmocka_unit_test_setup_teardown(test_methods, setup, teardown),
        cmocka_unit_test_setup_teardown(test_routes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_status, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bodies, setup, teardown),
        cmocka_unit_test_setup_teardown(test_redirects, setup, teardown),
        cmocka_unit_test_setup_teardown(test_loop, setup, teardown),
        cmocka_unit_test_setup_teardown(test_named_by, setup, teardown),
        cmocka_unit_test_setup_teardown(test_transport, setup, teardown),
        cmocka_unit_test_setup_teardown(test_listen, setup, teardown),
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_reach),
        cmocka_unit_test(test_retry_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
