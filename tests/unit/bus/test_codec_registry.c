/* SPDX-License-Identifier: Apache-2.0 */
/* The codec with a schema registry: a small one runs here on a thread, and answers as it is told. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "bus/codec/codec.h"
#include "bus/codec/schema_registry.h"

struct server {
    int fd;
    uint16_t port;
    pthread_t thread;
    atomic_int status; /* of every answer, 0: as it should be */
    atomic_int hits;
    atomic_bool stop, huge;
    char last[256]; /* request line */
    char *texts[8]; /* the id is 100 + place */
    size_t n;
    const char *body; /* with status: the answer */
};

static json_t *answer_to(struct server *s, const char *body)
{
    unsigned long id;
    char *end;
    if (!strncmp(s->last, "POST /base/subjects/", 20)) {
        json_t *ask = json_loads(body, 0, NULL);
        const char *text = json_string_value(json_object_get(ask, "schema"));
        size_t at = 0;
        while (text && at < s->n && strcmp(s->texts[at], text))
            at++;
        if (text && at == s->n)
            s->texts[s->n++] = xstrdup(text);
        json_decref(ask);
        return json_pack("{s:i}", "id", (int)(100 + at));
    }
    id = strncmp(s->last, "GET /base/schemas/ids/", 22) ? 0 : strtoul(s->last + 22, &end, 10);
    return id >= 100 && id < 100 + s->n ? json_pack("{s:s}", "schema", s->texts[id - 100]) : NULL;
}

static void respond(struct server *s, int fd, const char *body)
{
    json_t *j = s->status ? NULL : answer_to(s, body);
    char *text = j ? json_dumps(j, JSON_COMPACT) : NULL;
    const char *send = text ? text : s->body ? s->body : "{\"error_code\":40403,\"message\":\"no such thing\"}";
    int status = s->status ? s->status : text ? 200 : 404;
    size_t padding = s->huge ? (size_t)2 << 20 : 0;
    char *head = xasprintf("HTTP/1.1 %d X\r\nContent-Length: %zu\r\nLocation: /other\r\n\r\n%s", status,
                           strlen(send) + padding, send);
    ssize_t sent = write(fd, head, strlen(head));
    char *blank = xcalloc(1, padding + 1);
    memset(blank, ' ', padding);
    for (size_t at = 0; sent > 0 && at < padding; at += (size_t)sent)
        sent = write(fd, blank + at, padding - at);
    free(blank);
    free(head);
    free(text);
    json_decref(j);
}

static void serve_one(struct server *s, int fd)
{
    static char request[1 << 16];
    size_t n = 0, length = 0;
    const char *body = NULL, *field;
    for (;;) {
        ssize_t got = read(fd, request + n, sizeof request - 1 - n);
        if (got <= 0)
            return;
        n += (size_t)got;
        request[n] = 0;
        body = strstr(request, "\r\n\r\n");
        if (body && (field = strcasestr(request, "Content-Length: ")))
            length = strtoul(field + 16, NULL, 10);
        if (body && request + n >= body + 4 + length)
            break;
    }
    snprintf(s->last, sizeof s->last, "%.*s", (int)strcspn(request, "\r"), request);
    s->hits++;
    respond(s, fd, body + 4);
}

static void *serve(void *arg)
{
    struct server *s = arg;
    for (;;) {
        int fd = accept(s->fd, NULL, NULL);
        if (fd < 0 || s->stop) {
            if (fd >= 0)
                close(fd);
            return NULL;
        }
        serve_one(s, fd);
        shutdown(fd, SHUT_WR);
        close(fd);
    }
}

static int dial(uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return connect(fd, (struct sockaddr *)&to, sizeof to) ? (close(fd), -1) : fd;
}

static int setup(void **state)
{
    struct server *s = xcalloc(1, sizeof *s);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(s->fd, (struct sockaddr *)&at, n) || listen(s->fd, 8) || getsockname(s->fd, (struct sockaddr *)&at, &n))
        return -1;
    s->port = ntohs(at.sin_port);
    *state = s;
    return pthread_create(&s->thread, NULL, serve, s);
}

static int teardown(void **state)
{
    struct server *s = *state;
    s->stop = true;
    int fd = dial(s->port);
    pthread_join(s->thread, NULL);
    if (fd >= 0)
        close(fd);
    close(s->fd);
    for (size_t i = 0; i < s->n; i++)
        free(s->texts[i]);
    free(s);
    return 0;
}

static struct codec *open_codec(const struct server *s)
{
    struct codec *c = NULL;
    struct err e = ERR_INIT;
    char *url ATTR_CLEANUP(cleanup_free) = xasprintf("http://me:secret@127.0.0.1:%d/base//", s->port);
    if (codec_open(url, &c, &e))
        fail_msg("%s", e.text);
    return c;
}

static const struct tick tick = {.kind = TICK_FEEDS, .subject = SLICE("debian"), .at_ms = 5};

static void test_write_and_read(void **state)
{
    struct server *s = *state;
    struct codec *writer = open_codec(s), *reader = open_codec(s);
    struct buf out = BUF_INIT(1000);
    struct arena a = ARENA_INIT(1 << 16);
    struct err e = ERR_INIT;
    struct tick back;
    struct layer layer = {.index = 3}, layer_back;
    for (int i = 0; i < 3; i++) {
        buf_clear(&out);
        assert_int_equal(codec_encode(writer, TOPIC_TICKS, &tick, &out, &e), 0);
        assert_memory_equal(out.p, "\0\0\0\0\x64", 5); /* id 100 */
    }
    assert_int_equal(s->hits, 1); /* registered once */
    assert_string_equal(s->last, "POST /base/subjects/ticks-value/versions HTTP/1.1");
    for (const struct schema_text *t = schema_texts; t->name; t++)
        if (!strcmp(t->name, "tick")) /* the original text, docs and all */
            assert_true(slice_eq(slice_str(s->texts[0]), slice_of(t->text, t->length)));
    for (int i = 0; i < 3; i++)
        assert_int_equal(codec_decode(reader, TOPIC_TICKS, buf_slice(&out), &a, &back, &e), 0);
    assert_true(slice_eq_str(back.subject, "debian") && back.kind == TICK_FEEDS && back.at_ms == 5);
    assert_int_equal(s->hits, 2); /* looked up once */
    assert_string_equal(s->last, "GET /base/schemas/ids/100 HTTP/1.1");
    buf_clear(&out);
    assert_int_equal(codec_encode(writer, TOPIC_LAYERS, &layer, &out, &e), 0);
    assert_memory_equal(out.p, "\0\0\0\0\x65", 5);
    assert_int_equal(codec_decode(reader, TOPIC_LAYERS, buf_slice(&out), &a, &layer_back, &e), 0);
    assert_int_equal(layer_back.index, 3);
    codec_close(writer);
    codec_close(reader);
    buf_done(&out);
    arena_done(&a);
}

static void test_reads_both_framings(void **state)
{
    struct server *s = *state;
    struct codec *plain = NULL, *registered = open_codec(s);
    struct buf out = BUF_INIT(1000);
    struct arena a = ARENA_INIT(1 << 16);
    struct err e = ERR_INIT;
    struct tick back;
    assert_int_equal(codec_open(NULL, &plain, &e), 0);
    assert_int_equal(codec_encode(plain, TOPIC_TICKS, &tick, &out, &e), 0);
    assert_int_equal(codec_decode(registered, TOPIC_TICKS, buf_slice(&out), &a, &back, &e), 0);
    assert_int_equal(s->hits, 0);
    assert_int_equal(back.at_ms, 5);
    codec_close(plain);
    codec_close(registered);
    buf_done(&out);
    arena_done(&a);
}

/* A schema that only the registry knows: another writer's, read by the names of its fields. */
static void test_foreign_writer(void **state)
{
    struct server *s = *state;
    struct codec *c = open_codec(s);
    struct arena a = ARENA_INIT(1 << 16);
    struct err e = ERR_INIT;
    struct exemption x;
    s->texts[s->n++] = xstrdup("{\"type\":\"record\",\"name\":\"org.example.exemption\",\"fields\":["
                               "{\"name\":\"extra\",\"type\":[\"null\",\"double\"]},"
                               "{\"name\":\"vulnerability\",\"type\":\"string\"}]}");
    s->texts[s->n++] =
        xstrdup("{\"type\":\"record\",\"name\":\"exemption\",\"fields\":[{\"name\":\"n\",\"type\":\"x\"}]}");
    assert_int_equal(codec_decode(c, TOPIC_EXEMPTIONS,
                                  SLICE("\0\0\0\0\x64\x00\x1A"
                                        "CVE-2020-0001"),
                                  &a, &x, &e),
                     0);
    assert_true(slice_eq_str(x.vulnerability, "CVE-2020-0001") && !x.id.n && !x.created_ms);
    assert_int_equal(codec_decode(c, TOPIC_EXEMPTIONS, SLICE("\0\0\0\0\x64\x02\x1A"), &a, &x, &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
    assert_int_equal(codec_decode(c, TOPIC_EXEMPTIONS, SLICE("\0\0\0\0\x65\x00"), &a, &x, &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
    assert_non_null(strstr(e.text, "schema id 101: field n: schema: type not defined"));
    codec_close(c);
    arena_done(&a);
}

static void expect(struct server *s, int status, const char *body, enum err_kind write_kind, enum err_kind read_kind,
                   const char *text)
{
    struct codec *c = open_codec(s);
    struct buf out = BUF_INIT(1000);
    struct arena a = ARENA_INIT(1 << 16);
    struct tick back;
    struct err e = ERR_INIT;
    s->status = status;
    s->body = body;
    assert_int_equal(codec_encode(c, TOPIC_TICKS, &tick, &out, &e), -1);
    if (e.kind != write_kind || !strstr(e.text, text) || strstr(e.text, "secret"))
        fail_msg("status %d, writing: %s: %s", status, err_kind_name(e.kind), e.text);
    assert_int_equal(out.n, 0);
    assert_int_equal(codec_decode(c, TOPIC_TICKS, SLICE("\0\0\0\0\x07xxx"), &a, &back, &e), -1);
    if (e.kind != read_kind || !strstr(e.text, "schema id 7") || strstr(e.text, "secret"))
        fail_msg("status %d, reading: %s: %s", status, err_kind_name(e.kind), e.text);
    /* Once it answers well, the same codec works. */
    s->status = 0;
    s->body = NULL;
    s->huge = false;
    assert_int_equal(codec_encode(c, TOPIC_TICKS, &tick, &out, &e), 0);
    codec_close(c);
    buf_done(&out);
    arena_done(&a);
}

static void test_failures(void **state)
{
    struct server *s = *state;
    expect(s, 500, "oops", ERR_RETRY, ERR_RETRY, "status 500");
    expect(s, 429, "", ERR_RETRY, ERR_RETRY, "status 429");
    expect(s, 401, "", ERR_REFUSED, ERR_REFUSED, "status 401");
    expect(s, 404, "", ERR_USAGE, ERR_POISON, "status 404");
    expect(s, 302, "", ERR_USAGE, ERR_USAGE, "status 302"); /* not followed */
    expect(s, 409, "{\"error_code\":409,\"message\":\"not compatible\"}", ERR_USAGE, ERR_USAGE,
           "status 409: not compatible");
    expect(s, 200, "[1]", ERR_RETRY, ERR_RETRY, "not a JSON object");
    expect(s, 200, "{\"schemaType\":\"PROTOBUF\",\"schema\":\"x\"}", ERR_RETRY, ERR_POISON, "has no id");
    expect(s, 200, "{\"id\":-1,\"schema\":\"\\\"int\\\"\"}", ERR_RETRY, ERR_POISON, "has no id");
    s->huge = true;
    expect(s, 200, "{\"id\":1}", ERR_RETRY, ERR_RETRY, "answer over 1048576 bytes");
}

static void test_unknown_id(void **state)
{
    struct server *s = *state;
    struct codec *c = open_codec(s);
    struct arena a = ARENA_INIT(1 << 16);
    struct err e = ERR_INIT;
    struct tick back;
    assert_int_equal(codec_decode(c, TOPIC_TICKS, SLICE("\0\x01\0\0\0xxx"), &a, &back, &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
    assert_non_null(strstr(e.text, "schema id 16777216: "));
    assert_non_null(strstr(e.text, "no such thing"));
    codec_close(c);
    arena_done(&a);
}

static void test_away(void **state)
{
    struct server *s = *state;
    struct codec *c = open_codec(s);
    struct buf out = BUF_INIT(1000);
    struct err e = ERR_INIT;
    s->stop = true;
    int fd = dial(s->port);
    pthread_join(s->thread, NULL);
    close(fd);
    close(s->fd);
    assert_int_equal(codec_encode(c, TOPIC_TICKS, &tick, &out, &e), -1);
    assert_int_equal(e.kind, ERR_RETRY);
    assert_null(strstr(e.text, "secret"));
    codec_close(c);
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    s->stop = false;
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0); /* ends at once: the socket does not listen */
}

static void test_bad_url(void **state)
{
    (void)state;
    struct codec *c = NULL;
    struct err e = ERR_INIT;
    assert_int_equal(codec_open("ftp://x", &c, &e), -1);
    assert_int_equal(e.kind, ERR_USAGE);
    assert_null(c);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_write_and_read), T(test_reads_both_framings), T(test_foreign_writer),
        T(test_failures),       T(test_unknown_id),          T(test_away),
        T(test_bad_url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
