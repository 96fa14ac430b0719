/* SPDX-License-Identifier: Apache-2.0 */
/* kafka_bus.c: the Kafka bus against a real broker. Run by tests/kafka/test_bus.sh. */
#include "kafka_admin.h"

#include <fcntl.h>
#include <librdkafka/rdkafka_mock.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

/* ---- options ---- */

static struct err open_err(const char *key, const char *value)
{
    struct bus *b = NULL;
    struct err e = ERR_INIT;
    const struct bus_options o = {.client = "test", .kafka_keys = &key, .kafka_values = &value, .kafka_n = 1};
    assert_int_equal(bus_open(kafka_url(), &o, &b, &e), -1);
    assert_null(b);
    return e;
}

static void test_options(void **state ATTR_UNUSED)
{
    struct err e = open_err("no.such.thing", "1");
    assert_int_equal(e.kind, ERR_USAGE);
    assert_non_null(strstr(e.text, "No such configuration property: \"no.such.thing\""));
    e = open_err("linger.ms", "never");
    assert_int_equal(e.kind, ERR_USAGE);
    assert_non_null(strstr(e.text, "linger.ms"));
    e = open_err("enable.idempotence", "false");
    assert_int_equal(e.kind, ERR_USAGE);
    assert_non_null(strstr(e.text, "enable.idempotence must be true"));
    assert_int_equal(open_err("metadata.broker.list", "127.0.0.1:1").kind, ERR_USAGE);
    assert_int_equal(open_err("request.required.acks", "1").kind, ERR_USAGE);
    /* Wrong for librdkafka, and secret: the text must not have it. */
    e = open_err("sasl.oauthbearer.method", "hunter2-the-password");
    assert_int_equal(e.kind, ERR_USAGE);
    assert_null(strstr(e.text, "hunter2"));
    e = open_err("ssl.key.password", "@/nonexistent/secret");
    assert_int_equal(e.kind, ERR_USAGE);
    assert_non_null(strstr(e.text, "/nonexistent/secret"));
}

static void test_option_file(void **state ATTR_UNUSED)
{
    char path[] = "/tmp/careen-option-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "lz4\n", 4), 4);
    close(fd);
    char value[64];
    snprintf(value, sizeof value, "@%s", path);
    const char *const keys[] = {"compression.type", "isolation.level"}, *const values[] = {value, "read_uncommitted"};
    struct bus *b = NULL;
    OK(bus_open(kafka_url(), &(struct bus_options){.kafka_keys = keys, .kafka_values = values, .kafka_n = 2}, &b, E));
    bus_close(b);
    fd = open(path, O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, "none-such\n", 10), 10);
    close(fd);
    struct err e = open_err("compression.type", value);
    unlink(path);
    assert_int_equal(e.kind, ERR_USAGE);
    assert_null(strstr(e.text, "none-such"));
}

/* ---- topics ---- */

static void check_refused(struct bus *b, const char *first, const char *second)
{
    struct err e = ERR_INIT;
    uint32_t n = 77;
    assert_int_equal(bus_topics_check(b, &n, &e), -1);
    if (e.kind != ERR_USAGE || !strstr(e.text, first) || !strstr(e.text, second))
        fail_msg("expected a usage error with \"%s\" and \"%s\", got %s: %s", first, second, err_kind_name(e.kind),
                 e.text);
    assert_int_equal(n, 77);
}

/* Deleting takes effect a moment after it was confirmed. */
static void delete_topic(struct bus *b, const char *name)
{
    admin_delete(name);
    char text[64];
    snprintf(text, sizeof text, "topic %s is missing", name);
    struct err e = ERR_INIT;
    uint32_t n;
    for (int i = 0; i < 100 && !strstr(e.text, text); i++, clock_sleep_ms(50))
        assert_int_equal(bus_topics_check(b, &n, &e), -1);
}

static void test_topics(void **state ATTR_UNUSED)
{
    struct bus *b = kafka_bus_open("test");
    assert_true(strlen(bus_cluster_id(b)) >= 16);
    check_refused(b, "registry-events", "careen topics create");

    admin_create("findings", PARTITIONS - 1, (const char *const[]){"cleanup.policy", "compact", NULL});
    admin_create("ticks", PARTITIONS,
                 (const char *const[]){"cleanup.policy", "compact", "max.message.bytes", "9437184", NULL});
    OK(bus_topics_create(b, PARTITIONS, E));
    check_refused(b, "findings", "3 partitions");
    delete_topic(b, "findings");
    OK(bus_topics_create(b, PARTITIONS, E));
    check_refused(b, "ticks", "cleanup.policy=compact");
    delete_topic(b, "ticks");
    OK(bus_topics_create(b, PARTITIONS, E));
    uint32_t n = 0;
    OK(bus_topics_check(b, &n, E));
    assert_int_equal(n, PARTITIONS);
    OK(bus_topics_create(b, PARTITIONS + 1, E)); /* all there: nothing to do */
    OK(bus_topics_check(b, &n, E));
    assert_int_equal(n, PARTITIONS);

    admin_alter("alerts", (const char *const[]){"cleanup.policy", "delete", "max.message.bytes", "1000000", NULL});
    check_refused(b, "alerts", "max.message.bytes=1000000");
    admin_alter("alerts", (const char *const[]){"cleanup.policy", "delete", "max.message.bytes", "9437184", NULL});
    admin_alter("images", (const char *const[]){"cleanup.policy", "compact", "delete.retention.ms", "86400000",
                                                "max.message.bytes", "9437184", NULL});
    check_refused(b, "images", "delete.retention.ms=86400000");
    admin_alter("images", (const char *const[]){"cleanup.policy", "compact", "delete.retention.ms", "604800000",
                                                "max.message.bytes", "9437184", NULL});
    OK(bus_topics_check(b, &n, E));

    struct bus *again = kafka_bus_open("test");
    assert_string_equal(bus_cluster_id(b), bus_cluster_id(again));
    bus_close(again);
    bus_close(b);
}

/* ---- writing and reading ---- */

static void test_records(void **state ATTR_UNUSED)
{
    struct bus *b = kafka_bus_open("test");
    const uint32_t p = 1;
    int64_t base = kafka_high(b, TOPIC_PULLS, p), before = clock_wall_ms();
    OK(bus_watch(b, TOPIC_PULLS, p, base, E));
    struct bus_event ev = kafka_next(b);
    assert_int_equal(ev.kind, BUS_CAUGHT_UP);
    assert_int_equal(ev.offset, base);
    OK(bus_produce(b, TOPIC_PULLS, p, SLICE("a"), SLICE("one"), 0, E));
    OK(bus_produce(b, TOPIC_PULLS, p, SLICE("b"), SLICE(""), UINT64_MAX, E));
    OK(bus_produce(b, TOPIC_PULLS, p, SLICE("c"), SLICE_NONE, 42, E));
    OK(bus_produce(b, TOPIC_PULLS, p, slice_of("\0k", 2), slice_of("\0\xff", 2), 7, E));
    OK(bus_flush(b, 10000, E));
    OK(bus_flush(b, 0, E)); /* nothing queued: nothing to wait for */

    ev = kafka_next(b);
    assert_int_equal(ev.kind, BUS_RECORD);
    assert_int_equal(ev.topic, TOPIC_PULLS);
    assert_int_equal(ev.partition, p);
    assert_int_equal(ev.offset, base);
    assert_true(slice_eq_str(ev.key, "a") && slice_eq_str(ev.value, "one") && !ev.tombstone && ev.position == 0);
    assert_true(ev.timestamp_ms >= before && ev.timestamp_ms <= clock_wall_ms());
    ev = kafka_next_record(b);
    assert_true(slice_eq_str(ev.key, "b") && ev.value.n == 0 && !ev.tombstone && ev.position == UINT64_MAX);
    ev = kafka_next_record(b);
    assert_true(slice_eq_str(ev.key, "c") && ev.tombstone && ev.position == 42 && ev.offset == base + 2);
    ev = kafka_next_record(b);
    assert_true(slice_eq(ev.key, slice_of("\0k", 2)) && slice_eq(ev.value, slice_of("\0\xff", 2)));
    ev = kafka_next(b);
    assert_int_equal(ev.kind, BUS_CAUGHT_UP); /* told again after more was read */
    assert_int_equal(ev.offset, base + 4);
    bus_close(b);
}

static void test_positions_of_others(void **state ATTR_UNUSED)
{
    /* Records without the header, or with one that is no number, are read with position 0. */
    struct bus *b = kafka_bus_open("test");
    int64_t base = kafka_high(b, TOPIC_PULLS, 0);
    rd_kafka_t *rk = admin_handle();
    char one[] = "1";
    rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("pulls"), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_KEY(one, 1),
                      RD_KAFKA_V_VALUE(one, 1), RD_KAFKA_V_END);
    rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("pulls"), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_KEY(one, 1),
                      RD_KAFKA_V_VALUE(one, 1), RD_KAFKA_V_HEADER("position", "-5", 2), RD_KAFKA_V_END);
    assert_int_equal(rd_kafka_flush(rk, 10000), 0);
    rd_kafka_destroy(rk);
    OK(bus_watch(b, TOPIC_PULLS, 0, base, E));
    assert_int_equal(kafka_next_record(b).position, 0);
    assert_int_equal(kafka_next_record(b).position, 0);
    bus_close(b);
}

static void test_big_record(void **state ATTR_UNUSED)
{
    struct bus *b = kafka_bus_open("test");
    size_t n = TOPIC_RECORD_MAX - 3;
    uint8_t *bytes = xmalloc(n + 1);
    uint64_t x = 88172645463325252u; /* xorshift: bytes that don't compress */
    for (size_t i = 0; i < n + 1; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        bytes[i] = (uint8_t)x;
    }
    int64_t base = kafka_high(b, TOPIC_LAYER_CONTENTS, 2);
    OK(bus_produce(b, TOPIC_LAYER_CONTENTS, 2, SLICE("big"), slice_of(bytes, n), 1, E));
    struct err e = ERR_INIT;
    assert_int_equal(bus_produce(b, TOPIC_LAYER_CONTENTS, 2, SLICE("big"), slice_of(bytes, n + 1), 1, &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
    OK(bus_flush(b, 20000, E));
    OK(bus_watch(b, TOPIC_LAYER_CONTENTS, 2, base, E));
    struct bus_event ev = kafka_next_record(b);
    assert_int_equal(ev.value.n, n);
    assert_memory_equal(ev.value.p, bytes, n);
    free(bytes);
    bus_close(b);
}

/* Of 16 records of zeroes; the script looks at the broker's files for whether they were compressed. */
static void test_compressible(void **state ATTR_UNUSED)
{
    struct bus *b = kafka_bus_open("test");
    size_t n = 4 << 20;
    uint8_t *bytes = xcalloc(1, n);
    for (int i = 0; i < 16; i++) {
        struct err e = ERR_INIT;
        int rc = bus_produce(b, TOPIC_LAYER_CONTENTS, 3, SLICE("k"), slice_of(bytes, n), 1, &e);
        if (rc < 0 && e.kind != ERR_RETRY)
            fail_msg("bus_produce: %s", e.text);
        if (rc < 0)
            OK(bus_flush(b, 30000, E));
    }
    OK(bus_flush(b, 30000, E));
    free(bytes);
    bus_close(b);
}

static void test_bad_partition(void **state ATTR_UNUSED)
{
    struct bus *b = kafka_bus_open("test");
    struct err e = ERR_INIT;
    uint32_t n;
    OK(bus_topics_check(b, &n, E));
    int rc = bus_produce(b, TOPIC_PULLS, PARTITIONS, SLICE("k"), SLICE("v"), 1, &e);
    assert_int_equal(rc, -1);
    assert_int_equal(e.kind, ERR_USAGE);
    assert_non_null(strstr(e.text, "pulls"));
    /* What was refused is forgotten: the next flush is about the next records only. */
    int64_t base = kafka_high(b, TOPIC_PULLS, 0);
    OK(bus_produce(b, TOPIC_PULLS, 0, SLICE("k"), SLICE("v"), 1, E));
    OK(bus_flush(b, 10000, E));
    assert_int_equal(kafka_high(b, TOPIC_PULLS, 0), base + 1);
    int64_t low, high;
    assert_int_equal(bus_range(b, TOPIC_PULLS, PARTITIONS, &low, &high, &e), -1);
    bus_close(b);
}

/* ---- moving ---- */

static void test_moves(void **state ATTR_UNUSED)
{
    enum { N = 4000 };
    struct bus *b = kafka_bus_open("test");
    int64_t base[2];
    for (uint32_t p = 0; p < 2; p++) {
        base[p] = kafka_high(b, TOPIC_WORKLOADS, p);
        kafka_put(b, TOPIC_WORKLOADS, p, "m", 0, N);
    }
    OK(bus_flush(b, 20000, E));
    OK(bus_watch(b, TOPIC_WORKLOADS, 0, base[0], E));
    OK(bus_watch(b, TOPIC_WORKLOADS, 1, base[1], E));
    int64_t expected[2] = {base[0], base[1]};
    uint64_t x = 12345;
    for (int move = 0; move < 60; move++) {
        int records = (int)(x % 700);
        for (int i = 0; i < records; i++) {
            struct bus_event ev = kafka_next(b);
            assert_int_equal(ev.offset, expected[ev.partition]);
            if (ev.kind == BUS_RECORD)
                expected[ev.partition]++;
            else
                assert_int_equal(ev.offset, base[ev.partition] + N);
            if (expected[0] == base[0] + N && expected[1] == base[1] + N)
                break;
        }
        x = x * 6364136223846793005u + 1442695040888963407u;
        uint32_t p = (uint32_t)(x >> 60) & 1;
        expected[p] = base[p] + (int64_t)((x >> 32) % N);
        OK(bus_watch(b, TOPIC_WORKLOADS, p, expected[p], E));
    }
    bus_close(b);
}

static void test_lost_offset(void **state ATTR_UNUSED)
{
    struct bus *b = kafka_bus_open("test");
    int64_t beyond = kafka_high(b, TOPIC_EXEMPTIONS, 3) + 1000;
    OK(bus_watch(b, TOPIC_EXEMPTIONS, 3, beyond, E));
    struct bus_event ev;
    struct err e = ERR_INIT;
    int64_t until = clock_mono_ms() + 10000;
    while (bus_poll(b, 200, &ev, &e) == 0 && clock_mono_ms() < until)
        assert_int_equal(ev.kind, BUS_NOTHING);
    char number[24];
    snprintf(number, sizeof number, "%" PRId64, beyond);
    if (e.kind != ERR_FATAL || !strstr(e.text, "exemptions") || !strstr(e.text, "partition 3") ||
        !strstr(e.text, number))
        fail_msg("expected a fatal error with topic, partition and offset, got %s: %s", err_kind_name(e.kind), e.text);
    bus_close(b);
}

/* Moving one partition tells nothing again of the others. */
static void test_moves_are_apart(void **state ATTR_UNUSED)
{
    struct bus *b = kafka_bus_open("test");
    for (uint32_t p = 0; p < 2; p++)
        OK(bus_watch(b, TOPIC_RECOMMENDATIONS, p, 0, E));
    assert_int_equal(kafka_next(b).kind, BUS_CAUGHT_UP);
    assert_int_equal(kafka_next(b).kind, BUS_CAUGHT_UP);
    OK(bus_watch(b, TOPIC_RECOMMENDATIONS, 1, 0, E));
    struct bus_event ev = kafka_next(b);
    assert_true(ev.kind == BUS_CAUGHT_UP && ev.partition == 1);
    OK(bus_poll(b, 500, &ev, E));
    assert_int_equal(ev.kind, BUS_NOTHING);
    bus_close(b);
}

/* ---- waking ---- */

static struct bus *wake_bus;
static atomic_int wake_signals;

static void on_alarm(int sig ATTR_UNUSED)
{
    atomic_fetch_add(&wake_signals, 1);
    bus_wake(wake_bus);
}

static void *wake_later(void *arg ATTR_UNUSED)
{
    clock_sleep_ms(100);
    bus_wake(wake_bus);
    return NULL;
}

static int64_t poll_took(struct bus *b)
{
    struct bus_event ev;
    int64_t start = clock_mono_ms();
    OK(bus_poll(b, 5000, &ev, E));
    assert_int_equal(ev.kind, BUS_NOTHING);
    return clock_mono_ms() - start;
}

static void test_wake(void **state ATTR_UNUSED)
{
    struct bus *b = wake_bus = kafka_bus_open("test");
    bus_wake(b);
    bus_wake(b); /* two before one poll are one */
    assert_true(poll_took(b) < 50);
    pthread_t thread;
    pthread_create(&thread, NULL, wake_later, NULL);
    int64_t took = poll_took(b);
    pthread_join(thread, NULL);
    assert_in_range(took, 50, 1500);
    struct sigaction act = {.sa_handler = on_alarm}, old;
    sigaction(SIGUSR1, &act, &old);
    raise(SIGUSR1);
    took = poll_took(b);
    sigaction(SIGUSR1, &old, NULL);
    assert_int_equal(atomic_load(&wake_signals), 1);
    assert_true(took < 50);
    struct bus_event ev;
    int64_t start = clock_mono_ms();
    OK(bus_poll(b, 300, &ev, E)); /* no wake is left over */
    assert_in_range(clock_mono_ms() - start, 280, 1500);
    bus_close(b);
}

/* How long a record takes from bus_produce to bus_poll, both in this process. */
static void test_latency(void **state ATTR_UNUSED)
{
    struct bus *b = kafka_bus_open("test");
    OK(bus_watch(b, TOPIC_TICKS, 0, kafka_high(b, TOPIC_TICKS, 0), E));
    assert_int_equal(kafka_next(b).kind, BUS_CAUGHT_UP);
    int64_t worst = 0, sum = 0;
    for (int i = 0; i < 50; i++) {
        int64_t start = clock_mono_ms();
        OK(bus_produce(b, TOPIC_TICKS, 0, SLICE("t"), SLICE("t"), 1, E));
        OK(bus_flush(b, 10000, E));
        kafka_next_record(b);
        int64_t took = clock_mono_ms() - start;
        sum += took;
        if (i > 0) /* the first one connects */
            worst = MAX(worst, took);
    }
    print_message("latency: mean %" PRId64 " ms, worst %" PRId64 " ms\n", sum / 50, worst);
    assert_true(sum / 50 < 200);
    bus_close(b);
}

/* ---- compaction ---- */

static void test_compaction(void **state ATTR_UNUSED)
{
    const uint32_t p = 0;
    admin_alter("vulnerabilities",
                (const char *const[]){"cleanup.policy", "compact", "max.message.bytes", "9437184", "segment.ms", "200",
                                      "min.cleanable.dirty.ratio", "0.001", "delete.retention.ms", "604800000",
                                      "file.delete.delay.ms", "100", NULL});
    struct bus *b = kafka_bus_open("test");
    for (int round = 0; round < 20; round++) {
        kafka_put(b, TOPIC_VULNERABILITIES, p, "v", 0, 10);
        OK(bus_produce(b, TOPIC_VULNERABILITIES, p, SLICE("gone"), round < 19 ? SLICE("x") : SLICE_NONE, 1, E));
    }
    OK(bus_flush(b, 10000, E));
    int64_t until = clock_mono_ms() + 30000;
    for (;;) {
        clock_sleep_ms(300);
        OK(bus_produce(b, TOPIC_VULNERABILITIES, p, SLICE("roll"), SLICE("x"), 1, E)); /* a new segment begins */
        OK(bus_flush(b, 10000, E));
        int64_t high = kafka_high(b, TOPIC_VULNERABILITIES, p), last = -1;
        OK(bus_watch(b, TOPIC_VULNERABILITIES, p, 0, E));
        int numbered = 0, tombstones = 0, others = 0;
        struct bus_event ev;
        while ((ev = kafka_next(b)).kind == BUS_RECORD) {
            assert_true(ev.offset > last);
            last = ev.offset;
            numbered += slice_starts(ev.key, SLICE("v"));
            tombstones += slice_eq_str(ev.key, "gone") && ev.tombstone;
            others += slice_eq_str(ev.key, "gone") && !ev.tombstone;
        }
        /* However many records are left, the end is the end, and the tombstone is there for who comes late. */
        assert_int_equal(ev.kind, BUS_CAUGHT_UP);
        assert_int_equal(ev.offset, high);
        assert_int_equal(tombstones, 1);
        if (numbered == 10 && others == 0)
            break;
        if (clock_mono_ms() > until)
            fail_msg("not compacted within 30 s: %d numbered, %d others", numbered, others);
    }
    bus_close(b);
}

/* ---- a broker that was just started ---- */

/*
 * For its first seconds it has no coordinator for any group, then one that does not know it, then one that still reads
 * its offsets. The mock stands in: a real one can't be held there.
 */
static void test_young_coordinator(void **state ATTR_UNUSED)
{
    enum { OFFSET_FETCH = 9, FIND_COORDINATOR = 10, QUESTIONS = 6 };
    rd_kafka_resp_err_t not_yet[QUESTIONS];
    for (int i = 0; i < QUESTIONS; i++)
        not_yet[i] = RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE;
    rd_kafka_t *host = admin_handle();
    rd_kafka_mock_cluster_t *young = rd_kafka_mock_cluster_new(host, 1);
    assert_non_null(young);
    rd_kafka_mock_topic_create(young, topics[TOPIC_LAYERS].name, PARTITIONS, 1);
    rd_kafka_mock_push_request_errors_array(young, FIND_COORDINATOR, QUESTIONS, not_yet);
    rd_kafka_mock_push_request_errors(young, OFFSET_FETCH, 4, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
                                      RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                      RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS);
    char url[128];
    snprintf(url, sizeof url, "kafka://%s", rd_kafka_mock_cluster_bootstraps(young));

    struct bus *b = NULL;
    int64_t next = 0;
    OK(bus_open(url, &(struct bus_options){.client = "test"}, &b, E));
    OK(bus_committed(b, "careen-test", TOPIC_LAYERS, 0, &next, E));
    assert_int_equal(next, -1);
    bus_close(b);
    rd_kafka_mock_cluster_destroy(young);
    rd_kafka_destroy(host);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "unreachable") == 0) {
        struct bus *b;
        struct err e = ERR_INIT;
        int64_t start = clock_mono_ms();
        int rc = bus_open("kafka://127.0.0.1:1", NULL, &b, &e);
        int64_t took = clock_mono_ms() - start;
        bool good =
            rc < 0 && e.kind == ERR_RETRY && strstr(e.text, "no broker of 127.0.0.1:1 answered") && took < 12000;
        fprintf(stderr, "unreachable: %s after %d ms: %s\n", good ? "as expected" : "WRONG", (int)took, e.text);
        return good ? 0 : 1;
    }
    admin_wipe();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_option_file),
        cmocka_unit_test(test_topics),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_positions_of_others),
        cmocka_unit_test(test_big_record),
        cmocka_unit_test(test_compressible),
        cmocka_unit_test(test_bad_partition),
        cmocka_unit_test(test_moves),
        cmocka_unit_test(test_moves_are_apart),
        cmocka_unit_test(test_lost_offset),
        cmocka_unit_test(test_wake),
        cmocka_unit_test(test_latency),
        cmocka_unit_test(test_compaction),
        cmocka_unit_test(test_young_coordinator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
