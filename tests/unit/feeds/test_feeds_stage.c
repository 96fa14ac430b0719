/* SPDX-License-Identifier: Apache-2.0 */
/* The feeds stage on the embedded bus: what it emits, twice the same, after lost state, after a kill. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "base/hash.h"
#include "base/log.h"
#include "bus/bus.h"
#include "feeds/feeds_stage.h"
#include "unit/feeds_support.h"

#include <ftw.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define PARTITIONS 3

struct fixture {
    char dir[256], feeds[300], bus[320], state[300];
};

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static struct bus *open_bus(const struct fixture *x)
{
    struct bus *b;
    struct err e = ERR_INIT;
    struct bus_options o = {.client = "test"};
    if (bus_open(x->bus, &o, &b, &e))
        fail_msg("%s", e.text);
    return b;
}

static int setup(void **state)
{
    struct fixture *x = xcalloc(1, sizeof *x);
    const char *tmp = getenv("TMPDIR");
    snprintf(x->dir, sizeof x->dir, "%s/careen-stage-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(x->dir))
        return -1;
    snprintf(x->feeds, sizeof x->feeds, "%s/data", x->dir);
    snprintf(x->bus, sizeof x->bus, "embedded:%s/bus", x->dir);
    snprintf(x->state, sizeof x->state, "%s/state", x->dir);
    struct bus *b = open_bus(x);
    int rc = bus_topics_create(b, PARTITIONS, NULL);
    bus_close(b);
    *state = x;
    return rc;
}

static int teardown(void **state)
{
    struct fixture *x = *state;
    nftw(x->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(x);
    return 0;
}

static void write_secdb(const struct fixture *x, const char *repository, int n, const char *version)
{
    char path[400];
    snprintf(path, sizeof path, "%s/alpine-secdb/v3.20/%s.json", x->feeds, repository);
    for (char *p = path + 1; (p = strchr(p, '/')); *p++ = '/') {
        *p = 0;
        mkdir(path, 0700);
    }
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "{\"distroversion\":\"v3.20\",\"packages\":[");
    for (int i = 0; i < n; i++)
        fprintf(f, "%s{\"pkg\":{\"name\":\"p%d\",\"secfixes\":{\"%s\":[\"CVE-2024-%04d\"]}}}", i ? "," : "", i,
                i == 0 ? version : "1.0-r0", 1000 + i);
    fprintf(f, "]}");
    fclose(f);
}

/* The stage until it is idle, in a process of its own (it forks a sandbox and takes signals). True: it ended well. */
static bool run_stage(const struct fixture *x, int kill_after_ms)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct feeds_config config = {.state_dir = x->state, .feeds_dir = x->feeds};
        struct runner_config rc = {
            .bus_url = x->bus, .state_dir = x->state, .workers = 2, .stage_config = &config, .until_idle = true};
        struct err e = ERR_INIT;
        log_setup(LOG_ERROR, "feeds");
        int result = runner_run(&feeds_stage, &rc, &e);
        if (result)
            fprintf(stderr, "%s\n", e.text);
        _exit(result ? 1 : 0);
    }
    if (kill_after_ms) {
        usleep((useconds_t)kill_after_ms * 1000);
        kill(pid, SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* How many records were ever written to a topic. */
static int64_t written(const struct fixture *x, enum topic t)
{
    struct bus *b = open_bus(x);
    int64_t sum = 0;
    for (uint32_t k = 0; k < PARTITIONS; k++) {
        int64_t low, high;
        struct err e = ERR_INIT;
        assert_int_equal(bus_range(b, t, k, &low, &high, &e), 0);
        sum += high;
    }
    bus_close(b);
    return sum;
}

/* What is true now: key -> value or tombstone, the last of each, as sorted lines "key hash". */
struct truth {
    char *keys[4096];
    uint64_t hashes[4096];
    size_t n;
};

static void read_truth(const struct fixture *x, struct truth *t)
{
    struct bus *b = open_bus(x);
    struct err e = ERR_INIT;
    struct bus_event ev;
    t->n = 0;
    for (uint32_t k = 0; k < PARTITIONS; k++)
        assert_int_equal(bus_watch(b, TOPIC_ADVISORIES, k, 0, &e), 0);
    for (unsigned caught = 0; caught < PARTITIONS;) {
        assert_int_equal(bus_poll(b, 1000, &ev, &e), 0);
        caught += ev.kind == BUS_CAUGHT_UP;
        if (ev.kind != BUS_RECORD)
            continue;
        char *key = slice_dup(ev.key);
        size_t i = 0;
        while (i < t->n && strcmp(t->keys[i], key) != 0)
            i++;
        if (i < t->n)
            free(key);
        else
            t->keys[t->n++] = key;
        t->hashes[i] = ev.tombstone ? 0 : hash64(ev.value);
        assert_true(t->n < ARRAY_LEN(t->keys));
    }
    bus_close(b);
}

/* Keys that are there, and the sum of all hashes: equal truth, equal sums. */
static size_t sum_truth(const struct fixture *x, uint64_t *ret_sum)
{
    struct truth *t = xcalloc(1, sizeof *t);
    size_t there = 0;
    read_truth(x, t);
    *ret_sum = 0;
    for (size_t i = 0; i < t->n; i++) {
        there += t->hashes[i] != 0;
        *ret_sum += t->hashes[i] ? t->hashes[i] ^ hash64(slice_str(t->keys[i])) : 0;
        free(t->keys[i]);
    }
    free(t);
    return there;
}

static void tick(const struct fixture *x, const char *subject)
{
    struct bus *b = open_bus(x);
    struct codec *c;
    struct err e = ERR_INIT;
    struct buf value = BUF_INIT(4096);
    assert_int_equal(codec_open(NULL, &c, &e), 0);
    for (uint32_t k = 0; k < PARTITIONS; k++) {
        char key[32];
        struct tick t = {.kind = TICK_FEEDS, .subject = slice_str(subject), .at_ms = 1};
        snprintf(key, sizeof key, "feeds,%u", k);
        buf_clear(&value);
        assert_int_equal(codec_encode(c, TOPIC_TICKS, &t, &value, &e), 0);
        assert_int_equal(bus_produce(b, TOPIC_TICKS, k, slice_str(key), buf_slice(&value), 0, &e), 0);
    }
    assert_int_equal(bus_flush(b, 10000, &e), 0);
    buf_done(&value);
    codec_close(c);
    bus_close(b);
}

static void test_only_differences(void **state)
{
    struct fixture *x = *state;
    uint64_t first, again;
    write_secdb(x, "main", 300, "1.0-r0");
    assert_true(run_stage(x, 0));
    assert_int_equal(written(x, TOPIC_ADVISORIES), 300);
    assert_int_equal(sum_truth(x, &first), 300);
    /* The same content under another date, asked by a tick: nothing is written. */
    write_secdb(x, "main", 300, "1.0-r0");
    tick(x, "0");
    assert_true(run_stage(x, 0));
    assert_int_equal(written(x, TOPIC_ADVISORIES), 300);
    /* Lost state: read again, nothing is written. */
    nftw(x->state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    assert_true(run_stage(x, 0));
    assert_int_equal(written(x, TOPIC_ADVISORIES), 300);
    /* One changed, ten gone; the tick names the feed. */
    write_secdb(x, "main", 290, "1.0-r1");
    tick(x, "alpine-v3.20-main");
    assert_true(run_stage(x, 0));
    assert_int_equal(written(x, TOPIC_ADVISORIES), 311);
    assert_int_equal(sum_truth(x, &again), 290);
    assert_true(first != again);
}

static void test_refused_keeps(void **state)
{
    struct fixture *x = *state;
    uint64_t sum;
    write_secdb(x, "main", 100, "1.0-r0");
    assert_true(run_stage(x, 0));
    write_secdb(x, "main", 40, "1.0-r0");
    tick(x, "0");
    /* It will try again later, so it does not become idle. */
    assert_false(run_stage(x, 1500));
    assert_int_equal(sum_truth(x, &sum), 100);
    assert_int_equal(written(x, TOPIC_ADVISORIES), 100);
}

static void test_siblings(void **state)
{
    struct fixture *x = *state;
    uint64_t sum;
    write_secdb(x, "main", 10, "1.0-r0");
    write_secdb(x, "community", 12, "9.0-r0");
    assert_true(run_stage(x, 0));
    assert_int_equal(sum_truth(x, &sum), 12);
    int64_t before = written(x, TOPIC_ADVISORIES);
    tick(x, "0");
    assert_true(run_stage(x, 0));
    assert_int_equal(written(x, TOPIC_ADVISORIES), before);
    /* What main drops, community still has. */
    write_secdb(x, "main", 6, "1.0-r0");
    tick(x, "0");
    assert_true(run_stage(x, 0));
    tick(x, "0");
    assert_true(run_stage(x, 0));
    assert_int_equal(sum_truth(x, &sum), 12);
}

static void test_killed(void **state)
{
    struct fixture *x = *state;
    uint64_t undisturbed, sum;
    write_secdb(x, "main", 3000, "1.0-r0");
    for (int ms = 20; ms < 400; ms = ms * 3 / 2)
        run_stage(x, ms);
    assert_true(run_stage(x, 0));
    assert_int_equal(sum_truth(x, &sum), 3000);
    struct fixture *y;
    assert_int_equal(setup((void **)&y), 0);
    write_secdb(y, "main", 3000, "1.0-r0");
    assert_true(run_stage(y, 0));
    sum_truth(y, &undisturbed);
    assert_true(sum == undisturbed);
    teardown((void **)&y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
        TEST(test_only_differences),
        TEST(test_refused_keeps),
        TEST(test_siblings),
        TEST(test_killed),
    };
    return cmocka_run_group_tests_name("feeds_stage", tests, NULL, NULL);
}
