/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus_conformance.h: what every bus must do, as cmocka tests. A test program includes this once, fills a
 * struct conformance and runs CONFORMANCE_TESTS with it as the group's state:
 *
 *     static struct conformance c = {.fresh = …, .patience_ms = 5000, .compacts_at_once = true};
 *     static int setup(void **state) { *state = &c; return 0; }
 *     const struct CMUnitTest tests[] = {CONFORMANCE_TESTS};
 *     return cmocka_run_group_tests(tests, setup, NULL);
 *
 * Tests that fork do it before they open a bus, so that no client thread exists then. A forked child ends with _exit.
 */
#ifndef CAREEN_TESTS_UNIT_BUS_CONFORMANCE_H
#define CAREEN_TESTS_UNIT_BUS_CONFORMANCE_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/clock.h"
#include "bus/bus.h"

struct conformance {
    /* Makes a bus without topics or groups and gives its url, valid until the next call. */
    const char *(*fresh)(void *arg);
    void *arg;
    int patience_ms;       /* longest wait for what must happen at some time: a member's death noticed, a commit seen */
    bool compacts_at_once; /* else older records of a key may still be given */
};

#define CONFORM_PARTITIONS 3u

/* In a forked child, where cmocka's assertions have nowhere to jump to. */
#define CHILD_CHECK(cond)                                                                                              \
    do {                                                                                                               \
        if (!(cond)) {                                                                                                 \
            fprintf(stderr, "child: %s:%d: failed: %s\n", __FILE__, __LINE__, #cond);                                  \
            _exit(1);                                                                                                  \
        }                                                                                                              \
    } while (0)

/* ---- helpers ---- */

/* Every bus is opened with these; a test program may change them before its first test. */
static struct bus_options conform_options = {.client = "conformance"};

static struct bus *conform_open(const char *url)
{
    struct err e = ERR_INIT;
    struct bus *b = NULL;
    if (bus_open(url, &conform_options, &b, &e))
        fail_msg("bus_open %s: %s", url, e.text);
    return b;
}

static struct bus *conform_fresh(struct conformance *c, const char **ret_url)
{
    struct err e = ERR_INIT;
    const char *url = c->fresh(c->arg);
    struct bus *b = conform_open(url);
    if (bus_topics_create(b, CONFORM_PARTITIONS, &e))
        fail_msg("bus_topics_create: %s", e.text);
    if (ret_url)
        *ret_url = url;
    return b;
}

static void conform_produce(struct bus *b, enum topic t, uint32_t p, const char *key, const char *value)
{
    struct err e = ERR_INIT;
    if (bus_produce(b, t, p, slice_str(key), slice_str(value), 0, &e))
        fail_msg("bus_produce: %s", e.text);
}

static void conform_flush(struct bus *b)
{
    struct err e = ERR_INIT;
    if (bus_flush(b, 30000, &e))
        fail_msg("bus_flush: %s", e.text);
}

static void conform_watch(struct bus *b, enum topic t, uint32_t p, int64_t offset)
{
    struct err e = ERR_INIT;
    if (bus_watch(b, t, p, offset, &e))
        fail_msg("bus_watch: %s", e.text);
}

/* The next event that is one, or a failed test when none comes in time. */
static struct bus_event conform_next(struct conformance *c, struct bus *b)
{
    int64_t deadline = clock_mono_ms() + c->patience_ms;
    struct bus_event event = {.kind = BUS_NOTHING};
    while (event.kind == BUS_NOTHING && clock_mono_ms() < deadline) {
        struct err e = ERR_INIT;
        if (bus_poll(b, 200, &event, &e) && e.kind != ERR_RETRY)
            fail_msg("bus_poll: %s", e.text);
    }
    if (event.kind == BUS_NOTHING)
        fail_msg("no event within %d ms", c->patience_ms);
    return event;
}

static void conform_expect(struct conformance *c, struct bus *b, int64_t offset, const char *key, const char *value)
{
    struct bus_event event = conform_next(c, b);
    assert_int_equal(event.kind, BUS_RECORD);
    assert_int_equal(event.offset, offset);
    assert_true(slice_eq_str(event.key, key));
    assert_int_equal(event.tombstone, value == NULL);
    if (value)
        assert_true(slice_eq_str(event.value, value));
}

static void conform_expect_caught_up(struct conformance *c, struct bus *b, int64_t offset)
{
    struct bus_event event = conform_next(c, b);
    assert_int_equal(event.kind, BUS_CAUGHT_UP);
    assert_int_equal(event.offset, offset);
}

static void conform_expect_nothing(struct bus *b, int ms)
{
    struct bus_event event;
    struct err e = ERR_INIT;
    assert_int_equal(bus_poll(b, ms, &event, &e), 0);
    assert_int_equal(event.kind, BUS_NOTHING);
}

static void *conform_shared(size_t n)
{
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(p != MAP_FAILED);
    return p;
}

static void conform_reap(pid_t pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- topics ---- */

static ATTR_UNUSED void conform_topics(void **state)
{
    struct conformance *c = *state;
    struct err e = ERR_INIT;
    uint32_t partitions = 99;
    int64_t low, high;
    const char *url = c->fresh(c->arg);
    struct bus *b = conform_open(url), *other;
    assert_int_equal(bus_topics_check(b, &partitions, &e), -1);
    assert_int_equal(e.kind, ERR_USAGE);
    assert_non_null(strstr(e.text, topics[0].name));
    assert_int_equal(partitions, 99);
    assert_int_equal(bus_topics_create(b, CONFORM_PARTITIONS, &e), 0);
    assert_int_equal(bus_topics_check(b, &partitions, &e), 0);
    assert_int_equal(partitions, CONFORM_PARTITIONS);
    assert_int_equal(bus_topics_create(b, CONFORM_PARTITIONS + 2, &e), 0);
    other = conform_open(url);
    assert_int_equal(bus_topics_check(other, &partitions, &e), 0);
    assert_int_equal(partitions, CONFORM_PARTITIONS);
    assert_true(strlen(bus_cluster_id(b)) > 0);
    assert_string_equal(bus_cluster_id(b), bus_cluster_id(other));
    for (int t = 0; t < TOPIC_MAX; t++) {
        assert_int_equal(bus_range(b, (enum topic)t, CONFORM_PARTITIONS - 1, &low, &high, &e), 0);
        assert_int_equal(low, 0);
        assert_int_equal(high, 0);
    }
    bus_close(other);
    bus_close(b);
}

/* ---- writing and reading ---- */

static ATTR_UNUSED void conform_order(void **state)
{
    enum { N = 300 };
    struct conformance *c = *state;
    struct err e = ERR_INIT;
    const char *url;
    struct bus *b = conform_fresh(c, &url), *reader = conform_open(url);
    int64_t low, high, next[CONFORM_PARTITIONS] = {0};
    bool ended[CONFORM_PARTITIONS] = {false};
    char text[32];
    for (int i = 0; i < N; i++) {
        snprintf(text, sizeof text, "%d", i);
        conform_produce(b, TOPIC_ALERTS, (uint32_t)i % 2, "same", text);
        if (i % 70 == 0)
            conform_flush(b);
    }
    conform_flush(b);
    assert_int_equal(bus_range(reader, TOPIC_ALERTS, 1, &low, &high, &e), 0);
    assert_int_equal(low, 0);
    assert_int_equal(high, N / 2);
    for (uint32_t p = 0; p < CONFORM_PARTITIONS; p++)
        conform_watch(reader, TOPIC_ALERTS, p, 0);
    while (!ended[0] || !ended[1] || !ended[2]) {
        struct bus_event event = conform_next(c, reader);
        uint32_t p = event.partition;
        assert_int_equal(event.topic, TOPIC_ALERTS);
        assert_true(p < CONFORM_PARTITIONS);
        assert_false(ended[p]);
        assert_int_equal(event.offset, next[p]);
        if (event.kind == BUS_CAUGHT_UP) {
            /* A bus may have fetched only a part by now, and says so; the end is the one that counts. */
            ended[p] = event.offset == (p == 2 ? 0 : N / 2);
            continue;
        }
        snprintf(text, sizeof text, "%" PRId64, next[p] * 2 + (int64_t)p);
        assert_true(slice_eq_str(event.value, text));
        next[p]++;
    }
    conform_expect_nothing(reader, 50);
    bus_close(reader);
    bus_close(b);
}

static ATTR_UNUSED void conform_bytes(void **state)
{
    static const uint8_t key[] = {0, 255, 'k', 0, '\n'}, value[] = {0, 0, 128, 'v', 0};
    struct conformance *c = *state;
    struct err e = ERR_INIT;
    struct bus *b = conform_fresh(c, NULL);
    int64_t before = clock_wall_ms();
    assert_int_equal(
        bus_produce(b, TOPIC_LAYERS, 1, slice_of(key, sizeof key), slice_of(value, sizeof value), UINT64_MAX - 5, &e),
        0);
    assert_int_equal(bus_produce(b, TOPIC_LAYERS, 1, SLICE("empty"), SLICE(""), 7, &e), 0);
    assert_int_equal(bus_produce(b, TOPIC_LAYERS, 1, SLICE("gone"), SLICE_NONE, 0, &e), 0);
    conform_flush(b);
    conform_watch(b, TOPIC_LAYERS, 1, 0);
    struct bus_event event = conform_next(c, b);
    assert_int_equal(event.kind, BUS_RECORD);
    assert_true(slice_eq(event.key, slice_of(key, sizeof key)));
    assert_true(slice_eq(event.value, slice_of(value, sizeof value)));
    assert_true(event.position == UINT64_MAX - 5);
    assert_false(event.tombstone);
    assert_true(event.timestamp_ms >= before - 1000 && event.timestamp_ms <= clock_wall_ms() + 1000);
    event = conform_next(c, b);
    assert_true(slice_eq(event.key, SLICE("empty")));
    assert_int_equal(event.value.n, 0);
    assert_false(event.tombstone);
    assert_int_equal(event.position, 7);
    event = conform_next(c, b);
    assert_true(slice_eq(event.key, SLICE("gone")));
    assert_true(event.tombstone);
    assert_int_equal(event.position, 0);
    conform_expect_caught_up(c, b, 3);
    bus_close(b);
}

static ATTR_UNUSED void conform_large(void **state)
{
    struct conformance *c = *state;
    struct err e = ERR_INIT;
    struct bus *b = conform_fresh(c, NULL);
    uint8_t *bytes = xmalloc(TOPIC_RECORD_MAX);
    for (size_t i = 0; i < TOPIC_RECORD_MAX; i++)
        bytes[i] = (uint8_t)(i * 31 + i / 4096);
    assert_int_equal(bus_produce(b, TOPIC_LAYER_CONTENTS, 0, SLICE("k"), slice_of(bytes, TOPIC_RECORD_MAX), 0, &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
    assert_int_equal(bus_produce(b, TOPIC_LAYER_CONTENTS, 0, SLICE("k"), slice_of(bytes, TOPIC_RECORD_MAX - 1), 0, &e),
                     0);
    conform_produce(b, TOPIC_LAYER_CONTENTS, 0, "small", "after");
    conform_flush(b);
    conform_watch(b, TOPIC_LAYER_CONTENTS, 0, 0);
    struct bus_event event = conform_next(c, b);
    assert_int_equal(event.offset, 0);
    assert_true(slice_eq(event.value, slice_of(bytes, TOPIC_RECORD_MAX - 1)));
    conform_expect(c, b, 1, "small", "after");
    free(bytes);
    bus_close(b);
}

static ATTR_UNUSED void conform_replay(void **state)
{
    struct conformance *c = *state;
    const char *url;
    struct bus *b = conform_fresh(c, &url);
    char text[16];
    for (int i = 0; i < 10; i++) {
        snprintf(text, sizeof text, "%d", i);
        conform_produce(b, TOPIC_ALERTS, 0, "k", text);
    }
    conform_flush(b);
    conform_watch(b, TOPIC_ALERTS, 0, 8);
    conform_expect(c, b, 8, "k", "8");
    /* Moved while records read ahead are waiting: only those from the new place may come. */
    conform_watch(b, TOPIC_ALERTS, 0, 0);
    for (int i = 0; i < 10; i++) {
        snprintf(text, sizeof text, "%d", i);
        conform_expect(c, b, i, "k", text);
    }
    conform_expect_caught_up(c, b, 10);
    conform_expect_nothing(b, 20);
    /* Told again after more was read, and after moving. */
    conform_produce(b, TOPIC_ALERTS, 0, "k", "10");
    conform_flush(b);
    conform_expect(c, b, 10, "k", "10");
    conform_expect_caught_up(c, b, 11);
    conform_watch(b, TOPIC_ALERTS, 0, 11);
    conform_expect_caught_up(c, b, 11);
    bus_close(b);
    b = conform_open(url);
    conform_watch(b, TOPIC_ALERTS, 0, 10);
    conform_expect(c, b, 10, "k", "10");
    conform_expect_caught_up(c, b, 11);
    bus_close(b);
}

static ATTR_UNUSED void conform_compaction(void **state)
{
    struct conformance *c = *state;
    struct bus *b = conform_fresh(c, NULL);
    bool newest_a = false;
    int64_t offset_a = -1, offset_b = -1, count = 0;
    conform_produce(b, TOPIC_IMAGES, 0, "a", "1");
    conform_produce(b, TOPIC_IMAGES, 0, "b", "1");
    conform_flush(b);
    conform_produce(b, TOPIC_IMAGES, 0, "a", "2");
    conform_produce(b, TOPIC_IMAGES, 0, "b", NULL);
    conform_produce(b, TOPIC_IMAGES, 0, "a", "3");
    conform_produce(b, TOPIC_IMAGES, 1, "a", "other partition");
    conform_flush(b);
    conform_watch(b, TOPIC_IMAGES, 0, 0);
    for (;;) {
        struct bus_event event = conform_next(c, b);
        if (event.kind == BUS_CAUGHT_UP && event.offset == 5)
            break;
        if (event.kind != BUS_RECORD)
            continue;
        count++;
        if (slice_eq_str(event.key, "a")) {
            offset_a = event.offset;
            newest_a = slice_eq_str(event.value, "3");
        } else {
            assert_true(slice_eq_str(event.key, "b"));
            offset_b = event.tombstone ? event.offset : -1;
        }
    }
    assert_int_equal(offset_a, 4);
    assert_true(newest_a);
    assert_int_equal(offset_b, 3);
    if (c->compacts_at_once)
        assert_int_equal(count, 2);
    conform_watch(b, TOPIC_IMAGES, 1, 0);
    conform_expect(c, b, 0, "a", "other partition");
    bus_close(b);
}

/* ---- waking ---- */

static struct bus *conform_alarmed;
static void conform_on_alarm(int signal_number)
{
    (void)signal_number;
    bus_wake(conform_alarmed);
}

static ATTR_UNUSED void conform_wake(void **state)
{
    struct conformance *c = *state;
    struct bus *b = conform_fresh(c, NULL);
    conform_watch(b, TOPIC_ALERTS, 0, 0);
    conform_expect_caught_up(c, b, 0);
    int64_t t0 = clock_mono_ms();
    conform_expect_nothing(b, 120);
    int64_t t1 = clock_mono_ms();
    assert_in_range(t1 - t0, 110, 2000);
    bus_wake(b);
    conform_expect_nothing(b, 20000);
    assert_true(clock_mono_ms() - t1 < 2000);
    struct sigaction action = {.sa_handler = conform_on_alarm, .sa_flags = SA_RESTART}, old;
    conform_alarmed = b;
    sigaction(SIGALRM, &action, &old);
    const struct itimerval timer = {.it_value = {.tv_usec = 100000}};
    setitimer(ITIMER_REAL, &timer, NULL);
    t0 = clock_mono_ms();
    conform_expect_nothing(b, 20000);
    assert_in_range(clock_mono_ms() - t0, 50, 3000);
    sigaction(SIGALRM, &old, NULL);
    /* Nothing is lost by it. */
    conform_produce(b, TOPIC_ALERTS, 0, "k", "v");
    conform_flush(b);
    conform_expect(c, b, 0, "k", "v");
    bus_close(b);
}

/* ---- several processes write ---- */

enum { CONFORM_WRITERS = 4, CONFORM_EACH = 240 };

static void conform_writer(const char *url, int writer)
{
    struct err e = ERR_INIT;
    struct bus *b;
    char key[16], value[16];
    CHILD_CHECK(bus_open(url, &(struct bus_options){.client = "writer"}, &b, &e) == 0);
    snprintf(key, sizeof key, "%d", writer);
    for (int i = 0; i < CONFORM_EACH; i++) {
        snprintf(value, sizeof value, "%d", i);
        CHILD_CHECK(bus_produce(b, TOPIC_ALERTS, (uint32_t)i % CONFORM_PARTITIONS, slice_str(key), slice_str(value),
                                (uint64_t)i, &e) == 0);
        if (i % 30 == 29)
            CHILD_CHECK(bus_flush(b, 30000, &e) == 0);
    }
    CHILD_CHECK(bus_flush(b, 30000, &e) == 0);
    bus_close(b);
    _exit(0);
}

static ATTR_UNUSED void conform_writers(void **state)
{
    struct conformance *c = *state;
    const char *url;
    bus_close(conform_fresh(c, &url));
    pid_t pids[CONFORM_WRITERS];
    for (int w = 0; w < CONFORM_WRITERS; w++) {
        pids[w] = fork();
        assert_true(pids[w] >= 0);
        if (pids[w] == 0)
            conform_writer(url, w);
    }
    struct bus *b = conform_open(url);
    uint64_t next[CONFORM_WRITERS][CONFORM_PARTITIONS];
    for (uint32_t p = 0; p < CONFORM_PARTITIONS; p++) {
        conform_watch(b, TOPIC_ALERTS, p, 0);
        for (int w = 0; w < CONFORM_WRITERS; w++)
            next[w][p] = p;
    }
    for (int n = 0; n < CONFORM_WRITERS * CONFORM_EACH;) {
        struct bus_event event = conform_next(c, b);
        if (event.kind != BUS_RECORD)
            continue;
        n++;
        uint64_t writer;
        assert_true(slice_parse_u64(event.key, &writer) && writer < CONFORM_WRITERS);
        assert_int_equal(event.position, next[writer][event.partition]);
        next[writer][event.partition] += CONFORM_PARTITIONS;
    }
    for (int w = 0; w < CONFORM_WRITERS; w++)
        conform_reap(pids[w]);
    bus_close(b);
}

#include "bus_conformance_group.h"

#define CONFORMANCE_TESTS                                                                                              \
    cmocka_unit_test(conform_topics), cmocka_unit_test(conform_order), cmocka_unit_test(conform_bytes),                \
        cmocka_unit_test(conform_large), cmocka_unit_test(conform_replay), cmocka_unit_test(conform_compaction),       \
        cmocka_unit_test(conform_wake), cmocka_unit_test(conform_writers), cmocka_unit_test(conform_commits),          \
        cmocka_unit_test(conform_group), cmocka_unit_test(conform_group_reading),                                      \
        cmocka_unit_test(conform_group_killed)

#endif
