/* SPDX-License-Identifier: Apache-2.0 */
/* The match stage under the real runner on the embedded bus: a few records in, the findings out; again after lost
 * state. */
#include "base/clock.h"
#include "base/log.h"
#include "match/match.h"

#include <ftw.h>
#include <setjmp.h>
#include <cmocka.h>

#define PARTITIONS 3u
#define DAY        ((int64_t)86400 * 1000)

static char dir[100], url[140], state_dir[140];
static struct codec *codec;
static struct arena arena;

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void must(int rc, const struct err *e)
{
    if (rc < 0)
        fail_msg("%s", e->text);
}

static int setup(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    const char *tmp = getenv("TMPDIR");
    snprintf(dir, sizeof dir, "%.60s/match-runner-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(dir))
        return -1;
    snprintf(url, sizeof url, "embedded:%s/bus", dir);
    snprintf(state_dir, sizeof state_dir, "%s/state", dir);
    arena = ARENA_INIT(64 << 20);
    return codec_open(NULL, &codec, &e);
}

static int teardown(void **state)
{
    (void)state;
    codec_close(codec);
    arena_done(&arena);
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}

static void put(struct bus *b, enum topic t, const char *key, const void *record)
{
    struct err e = ERR_INIT;
    struct buf v ATTR_CLEANUP(buf_done) = BUF_INIT(1 << 20);
    if (record)
        must(codec_encode(codec, t, record, &v, &e), &e);
    must(bus_produce(b, t, topic_partition(t, slice_str(key), PARTITIONS), slice_str(key),
                     record ? buf_slice(&v) : SLICE_NONE, 0, &e),
         &e);
}

static void put_image(struct bus *b, unsigned n, const char *version)
{
    char digest[72], key[100];
    struct package p = {.type = PKG_DPKG, .name = SLICE("openssl"), .version = slice_str(version)};
    snprintf(digest, sizeof digest, "sha256:%064x", n);
    snprintf(key, sizeof key, "%s,r/a", digest);
    struct image i = {.digest = slice_str(digest), .pushed_ms = clock_wall_ms() - DAY};
    struct inventory v = {
        .image_digest = slice_str(digest), .os = {.ecosystem = SLICE("Debian:12")}, .packages = {&p, 1, 1}, .parts = 1};
    put(b, TOPIC_IMAGES, key, &i);
    put(b, TOPIC_INVENTORIES, digest, &v);
}

static void put_advisory(struct bus *b, const char *id, const char *fixed)
{
    char key[100];
    struct version_range range = {SLICE("0"), slice_str(fixed), SLICE_NONE};
    struct advisory a = {.ecosystem = SLICE("Debian:12"),
                         .package = SLICE("openssl"),
                         .id = slice_str(id),
                         .feed = SLICE("f"),
                         .ranges = {&range, 1, 1}};
    snprintf(key, sizeof key, "Debian:12,openssl,%s", id);
    put(b, TOPIC_ADVISORIES, key, fixed ? &a : NULL);
}

static struct bus *open_bus(void)
{
    struct err e = ERR_INIT;
    struct bus *b;
    must(bus_open(url, &(struct bus_options){.client = "test"}, &b, &e), &e);
    return b;
}

static void close_bus(struct bus *b)
{
    struct err e = ERR_INIT;
    must(bus_flush(b, 10000, &e), &e);
    bus_close(b);
}

static void run(void)
{
    struct err e = ERR_INIT;
    struct runner_config c = {.bus_url = url, .state_dir = state_dir, .workers = 1, .until_idle = true};
    must(runner_run(&match_stage, &c, &e), &e);
}

/* How many findings each of the ten images has in the end, as digits; '-' for no record. *records: how many were ever
 * written. */
static void read_back(char text[11], unsigned *records)
{
    struct err e = ERR_INIT;
    struct bus *b = open_bus();
    memset(text, '-', 10);
    text[10] = 0;
    *records = 0;
    for (uint32_t p = 0; p < PARTITIONS; p++)
        must(bus_watch(b, TOPIC_FINDINGS, p, 0, &e), &e);
    for (unsigned ends = 0; ends < PARTITIONS;) {
        struct bus_event ev;
        must(bus_poll(b, 1000, &ev, &e), &e);
        ends += ev.kind == BUS_CAUGHT_UP;
        if (ev.kind != BUS_RECORD)
            continue;
        struct findings f = {0};
        unsigned n = (unsigned)(ev.key.p[ev.key.n - 1] - '0');
        ++*records;
        if (!ev.tombstone)
            must(codec_decode(codec, TOPIC_FINDINGS, ev.value, &arena, &f, &e), &e);
        text[n % 10] = ev.tombstone ? '-' : (char)('0' + f.findings.n);
    }
    bus_close(b);
}

static void test_from_records_to_findings(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char text[11];
    unsigned records, after;
    struct bus *b = open_bus();
    must(bus_topics_create(b, PARTITIONS, &e), &e);
    for (unsigned n = 0; n < 10; n++)
        put_image(b, n, n < 5 ? "1" : "3");
    put_advisory(b, "A-1", "2");
    close_bus(b);
    run();
    read_back(text, &records);
    assert_string_equal(text, "1111100000");
    /* A change that hits the other half, one that hits nobody, an image that goes, and a tick. */
    b = open_bus();
    put_advisory(b, "A-2", "4");
    put_advisory(b, "A-3", "0.1");
    put_advisory(b, "A-1", NULL);
    put(b, TOPIC_IMAGES, "sha256:0000000000000000000000000000000000000000000000000000000000000007,r/a", NULL);
    for (unsigned p = 0; p < PARTITIONS; p++) {
        char key[20];
        struct tick t = {.kind = TICK_RESCAN, .at_ms = clock_wall_ms()};
        snprintf(key, sizeof key, "rescan,%u", p);
        put(b, TOPIC_TICKS, key, &t);
    }
    close_bus(b);
    run();
    read_back(text, &records);
    assert_string_equal(text, "1111111-11");
    /* Nothing new: nothing is written, with the state and without it. */
    run();
    read_back(text, &after);
    assert_int_equal(after, records);
    nftw(state_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    run();
    read_back(text, &after);
    assert_string_equal(text, "1111111-11");
    assert_int_equal(after, records);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_from_records_to_findings, setup, teardown)};
    log_setup(LOG_ERROR, "match");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
