/* SPDX-License-Identifier: Apache-2.0 */
/* What the embedded bus leaves on disk: after kills at random moments, a full map, a full disk, expiry, foreign
 * formats. */
#include "unit/bus_conformance.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "bus/embedded/embedded.h"
#include "unit/cases.h"
#include "unit/embedded_folder.h"

static struct conformance conformance = {.fresh = folder_fresh_url, .patience_ms = 8000, .compacts_at_once = true};

static int setup(void **state)
{
    *state = &conformance;
    return 0;
}

static struct bus *open_keeping(const char *url, int64_t retention_ms)
{
    struct err e = ERR_INIT;
    struct bus *b = NULL;
    if (bus_open(url, &(struct bus_options){.retention_override_ms = retention_ms}, &b, &e))
        fail_msg("%s", e.text);
    return b;
}

static void expect_range(struct bus *b, enum topic t, uint32_t p, int64_t low, int64_t high)
{
    struct err e = ERR_INIT;
    int64_t have_low = -1, have_high = -1;
    assert_int_equal(bus_range(b, t, p, &have_low, &have_high, &e), 0);
    assert_int_equal(have_low, low);
    assert_int_equal(have_high, high);
}

/* ---- kills ---- */

enum { ROUNDS = 24, BATCH = 20, KEYS = 37 };

/* A writer's batch is BATCH records: sequence numbers to a kept topic and the same to a compacted one. */
static void write_until_killed(const char *url, int64_t first, int64_t *flushed)
{
    struct err e = ERR_INIT;
    struct bus *b;
    char key[32];
    CHILD_CHECK(bus_open(url, NULL, &b, &e) == 0);
    for (int64_t n = first;;) {
        for (int i = 0; i < BATCH; i++, n++) {
            snprintf(key, sizeof key, "key %" PRId64, n * n % KEYS);
            CHILD_CHECK(bus_produce(b, TOPIC_ALERTS, 0, slice_str(key), SLICE("v"), (uint64_t)n, &e) == 0);
            CHILD_CHECK(bus_produce(b, TOPIC_LAYERS, (uint32_t)(n * n % KEYS) % 3, slice_str(key),
                                    n % 5 ? SLICE("v") : SLICE_NONE, (uint64_t)n, &e) == 0);
        }
        CHILD_CHECK(bus_flush(b, 1000, &e) == 0);
        __atomic_store_n(flushed, n, __ATOMIC_SEQ_CST);
    }
}

static void read_until_killed(const char *url)
{
    struct err e = ERR_INIT;
    struct bus *b;
    struct bus_event event;
    CHILD_CHECK(bus_open(url, NULL, &b, &e) == 0);
    CHILD_CHECK(bus_watch(b, TOPIC_ALERTS, 0, 0, &e) == 0);
    for (;;)
        CHILD_CHECK(bus_poll(b, 5, &event, &e) == 0);
}

/* Every record once, in order, and in whole batches; gives how many. */
static int64_t read_sequence(struct conformance *c, const char *url)
{
    struct bus *b = conform_open(url);
    struct err e = ERR_INIT;
    int64_t low, high, n = 0;
    assert_int_equal(bus_range(b, TOPIC_ALERTS, 0, &low, &high, &e), 0);
    conform_watch(b, TOPIC_ALERTS, 0, 0);
    while (n < high) {
        struct bus_event event = conform_next(c, b);
        if (event.kind != BUS_RECORD)
            continue;
        assert_int_equal(event.offset, n);
        assert_int_equal(event.position, n);
        n++;
    }
    assert_int_equal(n % BATCH, 0);
    /* The compacted topic got the same numbers: the newest of each key is the newest of the sequence. */
    for (uint32_t p = 0; p < CONFORM_PARTITIONS; p++)
        conform_watch(b, TOPIC_LAYERS, p, 0);
    int64_t newest[KEYS];
    size_t keys = 0, want = 0;
    for (int i = 0; i < KEYS; i++)
        newest[i] = -1;
    for (int64_t i = 0; i < n; i++)
        newest[i * i % KEYS] = i;
    for (int i = 0; i < KEYS; i++)
        want += newest[i] >= 0;
    for (size_t ends = 0; ends < CONFORM_PARTITIONS;) {
        struct bus_event event = conform_next(c, b);
        if (event.topic != TOPIC_LAYERS)
            continue;
        ends += event.kind == BUS_CAUGHT_UP;
        if (event.kind != BUS_RECORD)
            continue;
        int64_t at = (int64_t)event.position;
        assert_int_equal(newest[at * at % KEYS], at);
        assert_int_equal(event.tombstone, at % 5 == 0);
        keys++;
    }
    assert_int_equal(keys, want);
    bus_close(b);
    return n;
}

static void killed(void **state)
{
    const char *url;
    bus_close(conform_fresh(*state, &url));
    int64_t *flushed = conform_shared(sizeof *flushed), n = 0;
    uint64_t seed = 20240229;
    for (int round = 0; round < ROUNDS; round++) {
        pid_t writer = fork(), reader = -1;
        if (writer == 0)
            write_until_killed(url, n, flushed);
        if (round % 2 && (reader = fork()) == 0)
            read_until_killed(url);
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        struct timespec delay = {.tv_nsec = (long)(2000000 + (seed >> 33) % 30000000)};
        /* Some rounds are killed whenever it is, on a busy machine before anything was written; the others later. */
        for (int i = 0; round % 4 < 2 && *(volatile int64_t *)flushed == n && i < 20000; i++)
            clock_sleep_ms(1);
        nanosleep(&delay, NULL);
        kill(writer, SIGKILL);
        waitpid(writer, NULL, 0);
        if (reader > 0) {
            kill(reader, SIGKILL);
            waitpid(reader, NULL, 0);
        }
        int64_t known = *flushed;
        n = read_sequence(*state, url);
        /* What flush had reported is there; beyond it at most the batch that was being reported. */
        assert_true(n == known || n == known + BATCH);
        *flushed = n;
    }
    assert_true(n > BATCH * ROUNDS / 4);
    struct folder f = folder_check(folder_of(url));
    assert_int_equal(f.indexed, f.records - (size_t)n);
    munmap(flushed, sizeof *flushed);
}

/* Dies at each named place of the code, where the build has them (CAREEN_CRASH_POINTS). */
static void crash_points(void **state)
{
#ifdef CAREEN_CRASH_POINTS
    static const char *const points[] = {"bus.flush.begin:3", "bus.flush.written:3", "bus.flush.committed:3",
                                         "bus.expire:1"};
    const char *url;
    int64_t *flushed = conform_shared(sizeof *flushed), n = 0;
    bus_close(conform_fresh(*state, &url));
    for (size_t i = 0; i < ARRAY_LEN(points); i++) {
        pid_t pid = fork();
        if (pid == 0) {
            setenv("CAREEN_CRASH_AT", points[i], 1);
            write_until_killed(url, n, flushed);
        }
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        int64_t before = n;
        n = read_sequence(*state, url);
        /* Dead before the commit: that batch is not there. Dead behind it: it is, though flush did not report it. */
        int64_t batches[] = {2, 2, 3, 1};
        assert_int_equal(n - before, batches[i] * BATCH);
    }
    folder_check(folder_of(url));
    munmap(flushed, sizeof *flushed);
#else
    (void)state;
    skip_case("built without CAREEN_CRASH_POINTS");
#endif
}

/* ---- growing, filling ---- */

static void map_grows(void **state)
{
    enum { N = 200, BYTES = 40000 };
    const char *url;
    struct err e = ERR_INIT;
    embedded_map_size = 1 << 20;
    struct bus *maker = conform_fresh(*state, &url);
    uint8_t *bytes = xcalloc(1, BYTES);
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        /* Opened with the small map, reads what was written beyond it, then writes itself. */
        struct bus *b;
        struct bus_event event;
        CHILD_CHECK(bus_open(url, NULL, &b, &e) == 0 && bus_watch(b, TOPIC_ALERTS, 0, 0, &e) == 0);
        CHILD_CHECK(write(ready[1], "r", 1) == 1);
        for (int n = 0; n < N;) {
            CHILD_CHECK(bus_poll(b, 5000, &event, &e) == 0 && event.kind != BUS_NOTHING);
            CHILD_CHECK(event.kind != BUS_RECORD || (event.offset == n++ && event.value.n == BYTES));
        }
        for (int i = 0; i < N; i++)
            CHILD_CHECK(bus_produce(b, TOPIC_ALERTS, 1, SLICE("k"), slice_of(bytes, BYTES), 0, &e) == 0);
        CHILD_CHECK(bus_flush(b, 1000, &e) == 0);
        bus_close(b);
        _exit(0);
    }
    char byte;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    for (int i = 0; i < N; i++)
        assert_int_equal(bus_produce(maker, TOPIC_ALERTS, 0, SLICE("k"), slice_of(bytes, BYTES), 0, &e), 0);
    conform_flush(maker);
    conform_reap(pid);
    expect_range(maker, TOPIC_ALERTS, 0, 0, N);
    expect_range(maker, TOPIC_ALERTS, 1, 0, N);
    bus_close(maker);
    embedded_map_size = 0;
    close(ready[0]);
    close(ready[1]);
    free(bytes);
    assert_int_equal(folder_check(folder_of(url)).records, 2 * N);
}

static int produce_three(struct bus *b, struct err *e)
{
    static const uint8_t bytes[100000];
    for (int i = 0; i < 3; i++)
        if (bus_produce(b, TOPIC_ALERTS, 0, SLICE("k"), slice_of(bytes, sizeof bytes), 0, e))
            return -1;
    return bus_flush(b, 1000, e);
}

/* In a child. room makes the full disk larger. */
static void fill_disk(struct bus *b, void (*room)(const char *url), const char *url)
{
    struct err e = ERR_INIT;
    int64_t low, high, stored = 0;
    for (int flushes = 0; produce_three(b, &e) == 0; flushes++, stored += 3)
        CHILD_CHECK(flushes < 100);
    CHILD_CHECK(e.kind == ERR_FULL && stored >= 3);
    for (int again = 0; again < 3; again++) {
        /* Nothing of the failed flush is there or still queued, and reading goes on. */
        CHILD_CHECK(bus_flush(b, 1000, &e) == 0);
        CHILD_CHECK(bus_range(b, TOPIC_ALERTS, 0, &low, &high, &e) == 0 && low == 0 && high == stored);
        CHILD_CHECK(produce_three(b, &e) == -1 && e.kind == ERR_FULL);
    }
    room(url);
    CHILD_CHECK(produce_three(b, &e) == 0);
    CHILD_CHECK(bus_range(b, TOPIC_ALERTS, 0, &low, &high, &e) == 0 && low == 0 && high == stored + 3);
    CHILD_CHECK(bus_watch(b, TOPIC_ALERTS, 0, 0, &e) == 0);
    for (int64_t n = 0; n < high; n++) {
        struct bus_event event;
        CHILD_CHECK(bus_poll(b, 1000, &event, &e) == 0);
        CHILD_CHECK(event.kind == BUS_RECORD && event.offset == n && event.value.n == 100000);
    }
    bus_close(b);
    _exit(0);
}

static void no_limit(const char *url)
{
    (void)url;
    struct rlimit limit;
    CHILD_CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    CHILD_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

/* A limit of file sizes stands for the full disk: it needs no privilege, and LMDB sees the same cut write. */
static void file_limit(void **state)
{
    const char *url;
    bus_close(conform_fresh(*state, &url));
    pid_t pid = fork();
    if (pid == 0) {
        struct err e = ERR_INIT;
        struct bus *b;
        struct rlimit limit;
        signal(SIGXFSZ, SIG_IGN);
        CHILD_CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
        limit.rlim_cur = 3 << 20;
        CHILD_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
        CHILD_CHECK(bus_open(url, NULL, &b, &e) == 0);
        fill_disk(b, no_limit, url);
    }
    conform_reap(pid);
    assert_true(folder_check(folder_of(url)).records >= 6);
}

static int write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return -1;
    bool ok = fputs(text, f) >= 0;
    return fclose(f) || !ok ? -1 : 0;
}

/* A mount namespace of its own; without privilege in a user namespace where it is root. */
static int private_mounts(void)
{
    char uids[32], gids[32];
    bool root = geteuid() == 0;
    snprintf(uids, sizeof uids, "0 %u 1", (unsigned)geteuid());
    snprintf(gids, sizeof gids, "0 %u 1", (unsigned)getegid());
    if (unshare(root ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS))
        return -1;
    if (!root && (write_text("/proc/self/setgroups", "deny") || write_text("/proc/self/uid_map", uids) ||
                  write_text("/proc/self/gid_map", gids)))
        return -1;
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static void remount(const char *url)
{
    CHILD_CHECK(mount("tmpfs", folder_of(url), NULL, MS_REMOUNT, "size=64m") == 0);
}

static void disk_full(void **state)
{
    const char *url = folder_fresh_url(NULL);
    int status;
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        struct err e = ERR_INIT;
        struct bus *b;
        CHILD_CHECK(store_make_dirs(folder_of(url), &e) == 0);
        if (private_mounts() || mount("tmpfs", folder_of(url), "tmpfs", 0, "size=4m"))
            _exit(77);
        CHILD_CHECK(bus_open(url, NULL, &b, &e) == 0 && bus_topics_create(b, 1, &e) == 0);
        fill_disk(b, remount, url);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        skip_case("this user may not mount a tmpfs in a namespace of its own");
    }
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* ---- expiry ---- */

static void retention(void **state)
{
    const char *url;
    struct bus *b = conform_fresh(*state, &url);
    for (int i = 0; i < 5; i++)
        conform_produce(b, TOPIC_ALERTS, 0, "k", "v");
    conform_produce(b, TOPIC_IMAGES, 0, "stays", "v");
    conform_flush(b);
    bus_close(b);
    clock_sleep_ms(30);
    b = open_keeping(url, 60000);
    conform_flush(b);
    expect_range(b, TOPIC_ALERTS, 0, 0, 5);
    bus_close(b);
    b = open_keeping(url, 20);
    conform_watch(b, TOPIC_ALERTS, 0, 2);
    conform_flush(b);
    expect_range(b, TOPIC_ALERTS, 0, 5, 5);
    expect_range(b, TOPIC_IMAGES, 0, 0, 1);
    conform_expect_caught_up(*state, b, 5);
    bus_close(b);
    /* Emptied, but its offsets go on; kept for longer, since the machine may be slower than 20 ms. */
    b = open_keeping(url, 60000);
    conform_watch(b, TOPIC_ALERTS, 0, 5);
    conform_produce(b, TOPIC_ALERTS, 0, "k", "later");
    conform_flush(b);
    conform_expect(*state, b, 5, "k", "later");
    bus_close(b);
    assert_int_equal(folder_check(folder_of(url)).records, 2);
}

static void tombstones_expire(void **state)
{
    const char *url;
    struct bus *b = conform_fresh(*state, &url);
    conform_produce(b, TOPIC_IMAGES, 0, "gone", "v");
    conform_produce(b, TOPIC_IMAGES, 0, "back", "v");
    conform_flush(b);
    conform_produce(b, TOPIC_IMAGES, 0, "gone", NULL);
    conform_produce(b, TOPIC_IMAGES, 0, "back", NULL);
    conform_flush(b);
    conform_produce(b, TOPIC_IMAGES, 0, "back", "again");
    conform_flush(b);
    bus_close(b);
    struct folder f = folder_check(folder_of(url));
    assert_int_equal(f.records, 2);
    assert_int_equal(f.tombstones, 1);
    clock_sleep_ms(30);
    b = open_keeping(url, 20);
    conform_flush(b);
    expect_range(b, TOPIC_IMAGES, 0, 4, 5);
    conform_watch(b, TOPIC_IMAGES, 0, 0);
    conform_expect(*state, b, 4, "back", "again");
    conform_expect_caught_up(*state, b, 5);
    conform_produce(b, TOPIC_IMAGES, 0, "gone", "returns");
    conform_flush(b);
    conform_expect(*state, b, 5, "gone", "returns");
    bus_close(b);
    f = folder_check(folder_of(url));
    assert_int_equal(f.records, 2);
    assert_int_equal(f.tombstones, 0);
}

/* More than one portion: each flush removes some, until all are gone. */
static void expires_in_portions(void **state)
{
    enum { N = EMBEDDED_EXPIRE_RECORDS + 500 };
    const char *url;
    struct bus *b = conform_fresh(*state, &url);
    struct err e = ERR_INIT;
    int64_t low, high;
    for (int i = 0; i < N; i++)
        conform_produce(b, TOPIC_TICKS, 1, "k", "v");
    conform_flush(b);
    bus_close(b);
    clock_sleep_ms(30);
    b = open_keeping(url, 20);
    conform_flush(b);
    assert_int_equal(bus_range(b, TOPIC_TICKS, 1, &low, &high, &e), 0);
    assert_int_equal(low, EMBEDDED_EXPIRE_RECORDS);
    conform_flush(b);
    expect_range(b, TOPIC_TICKS, 1, N, N);
    bus_close(b);
}

/* ---- foreign folders ---- */

static void put_meta(const char *dir, const char *key, const void *value, size_t n)
{
    struct err e = ERR_INIT;
    struct store *s = folder_store(dir);
    struct store_txn *txn;
    store_table meta;
    assert_int_equal(store_table_open(s, "meta", &meta, &e), 0);
    assert_int_equal(store_begin(s, true, &txn, &e), 0);
    assert_int_equal(store_put(txn, meta, slice_str(key), slice_of(value, n), &e), 0);
    assert_int_equal(store_commit(txn, &e), 0);
    store_close(s);
}

static void unknown_format(void **state)
{
    const char *url;
    struct bus *b = conform_fresh(*state, &url);
    struct err e = ERR_INIT;
    uint8_t format[4];
    bus_close(b);
    key_u32(format, EMBEDDED_FORMAT + 98);
    put_meta(folder_of(url), "format", format, sizeof format);
    assert_int_equal(bus_open(url, NULL, &b, &e), -1);
    assert_int_equal(e.kind, ERR_USAGE);
    assert_non_null(strstr(e.text, "format 99"));
    assert_non_null(strstr(e.text, folder_of(url)));
    key_u32(format, EMBEDDED_FORMAT);
    put_meta(folder_of(url), "format", format, sizeof format);
    bus_close(conform_open(url));
}

static void wrong_topics(void **state)
{
    const char *url;
    struct bus *b = conform_fresh(*state, &url);
    struct err e = ERR_INIT;
    uint32_t partitions;
    bus_close(b);
    /* Rows of meta: number u16, partitions u32, compacted u8. */
    const uint8_t more[] = {0, TOPIC_FINDINGS, 0, 0, 0, 7, 1},
                  kept[] = {0, TOPIC_FINDINGS, 0, 0, 0, CONFORM_PARTITIONS, 0};
    put_meta(folder_of(url), "topic/findings", more, sizeof more);
    b = conform_open(url);
    assert_int_equal(bus_topics_check(b, &partitions, &e), -1);
    assert_int_equal(e.kind, ERR_USAGE);
    assert_non_null(strstr(e.text, "findings"));
    assert_non_null(strstr(e.text, "7"));
    bus_close(b);
    put_meta(folder_of(url), "topic/findings", kept, sizeof kept);
    b = conform_open(url);
    assert_int_equal(bus_topics_check(b, &partitions, &e), -1);
    assert_int_equal(e.kind, ERR_USAGE);
    assert_non_null(strstr(e.text, "compacted"));
    bus_close(b);
}

static void cannot_open(void **state)
{
    struct bus *b = NULL;
    struct err e = ERR_INIT;
    (void)state;
    assert_int_equal(bus_open("embedded:/proc/nowhere/bus", NULL, &b, &e), -1);
    assert_non_null(strstr(e.text, "/proc/nowhere"));
    assert_null(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed),
        cmocka_unit_test(crash_points),
        cmocka_unit_test(map_grows),
        cmocka_unit_test(file_limit),
        cmocka_unit_test(disk_full),
        cmocka_unit_test(retention),
        cmocka_unit_test(tombstones_expire),
        cmocka_unit_test(expires_in_portions),
        cmocka_unit_test(unknown_format),
        cmocka_unit_test(wrong_topics),
        cmocka_unit_test(cannot_open),
    };
    return run_cases(tests, setup, folders_teardown);
}
