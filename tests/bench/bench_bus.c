/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the embedded bus does on this disk: records a second written at batch 1, 100 and 1000 (512-byte values,
 * compacted topic, every record a new key, then every record an old key), read back, and how long after its flush a
 * record reaches a waiting process.
 *
 *     bench_bus [DIR]    a folder on the disk to measure, default TMPDIR or /tmp; what it makes there it removes
 */
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/hash.h"
#include "bus/bus.h"

#define PARTITIONS 8u
#define ROUNDS     300

static int64_t now_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void must(int rc, const struct err *e)
{
    if (rc == 0)
        return;
    fprintf(stderr, "bench_bus: %s\n", e->text);
    exit(1);
}

static void write_records(struct bus *b, const char *what, int batch, int64_t from, int64_t n)
{
    static uint8_t value[512];
    struct err e = ERR_INIT;
    char key[96];
    int64_t t0 = now_us();
    for (int64_t i = 0; i < n; i++) {
        snprintf(key, sizeof key, "sha256:%064" PRId64, from + i);
        struct slice k = slice_str(key);
        must(bus_produce(b, TOPIC_IMAGES, hash_partition(k, PARTITIONS), k, slice_of(value, sizeof value), (uint64_t)i,
                         &e),
             &e);
        if ((i + 1) % batch == 0)
            must(bus_flush(b, 10000, &e), &e);
    }
    must(bus_flush(b, 10000, &e), &e);
    printf("write %-9s batch %4d: %9.0f records/s\n", what, batch, (double)n * 1e6 / (double)(now_us() - t0));
}

static void print_size(const char *dir, int64_t payload)
{
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/log/data.mdb", dir);
    struct stat st;
    if (stat(path, &st) == 0)
        printf("file                      : %9.1f MiB for %.1f MiB of keys and values\n", (double)st.st_size / 1048576,
               (double)payload / 1048576);
}

static void read_records(struct bus *b)
{
    struct err e = ERR_INIT;
    int64_t t0 = now_us(), n = 0;
    for (uint32_t p = 0; p < PARTITIONS; p++)
        must(bus_watch(b, TOPIC_IMAGES, p, 0, &e), &e);
    for (uint32_t ends = 0; ends < PARTITIONS;) {
        struct bus_event event;
        must(bus_poll(b, 1000, &event, &e), &e);
        n += event.kind == BUS_RECORD;
        ends += event.kind == BUS_CAUGHT_UP;
    }
    printf("read                      : %9.0f records/s (%" PRId64 ")\n", (double)n * 1e6 / (double)(now_us() - t0), n);
}

static void wait_for_records(const char *dir, int64_t *seen_us)
{
    struct err e = ERR_INIT;
    struct bus *b;
    must(bus_embedded_open(dir, NULL, &b, &e), &e);
    must(bus_watch(b, TOPIC_TICKS, 0, 0, &e), &e);
    for (int got = 0; got < ROUNDS;) {
        struct bus_event event;
        must(bus_poll(b, 10000, &event, &e), &e);
        if (event.kind == BUS_RECORD)
            __atomic_store_n(&seen_us[got++], now_us(), __ATOMIC_SEQ_CST);
    }
    _exit(0);
}

static int by_value(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

static void latency(const char *dir, pid_t pid, int64_t *seen_us)
{
    int64_t flush_us[ROUNDS], wake_us[ROUNDS];
    struct err e = ERR_INIT;
    struct bus *b;
    must(bus_embedded_open(dir, NULL, &b, &e), &e);
    for (int i = 0; i < ROUNDS; i++) {
        int64_t seen, t0, t1;
        clock_sleep_ms(2);
        t0 = now_us();
        must(bus_produce(b, TOPIC_TICKS, 0, SLICE("k"), SLICE("v"), 0, &e), &e);
        must(bus_flush(b, 1000, &e), &e);
        t1 = now_us();
        while ((seen = __atomic_load_n(&seen_us[i], __ATOMIC_SEQ_CST)) == 0)
            clock_sleep_ms(1);
        flush_us[i] = t1 - t0;
        wake_us[i] = MAX(seen - t1, 0);
    }
    waitpid(pid, NULL, 0);
    bus_close(b);
    qsort(flush_us, ROUNDS, sizeof flush_us[0], by_value);
    qsort(wake_us, ROUNDS, sizeof wake_us[0], by_value);
    printf("flush of one record        : p50 %" PRId64 " us, p99 %" PRId64 " us\n", flush_us[ROUNDS / 2],
           flush_us[ROUNDS * 99 / 100]);
    printf("flush done to poll returned: p50 %" PRId64 " us, p99 %" PRId64 " us\n", wake_us[ROUNDS / 2],
           wake_us[ROUNDS * 99 / 100]);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

int main(int argc, char **argv)
{
    const char *base = argc > 1 ? argv[1] : getenv("TMPDIR");
    char *dir ATTR_CLEANUP(cleanup_free) = xasprintf("%s/bench-bus-XXXXXX", base && *base ? base : "/tmp");
    struct err e = ERR_INIT;
    struct bus *b;
    if (!mkdtemp(dir))
        must(err_errno(&e, ERR_FATAL, errno, "cannot make a folder %s", dir), &e);
    must(bus_embedded_open(dir, NULL, &b, &e), &e);
    must(bus_topics_create(b, PARTITIONS, &e), &e);
    bus_close(b);
    int64_t *seen_us = mmap(NULL, ROUNDS * sizeof *seen_us, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (seen_us == MAP_FAILED)
        must(err_errno(&e, ERR_FATAL, errno, "cannot map memory"), &e);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        wait_for_records(dir, seen_us);
    latency(dir, pid, seen_us);
    must(bus_embedded_open(dir, NULL, &b, &e), &e);
    write_records(b, "new keys", 1, 0, 1000);
    write_records(b, "new keys", 100, 1000, 20000);
    write_records(b, "new keys", 1000, 21000, 100000);
    print_size(dir, 121000 * (512 + 71));
    write_records(b, "old keys", 1, 0, 1000);
    write_records(b, "old keys", 100, 1000, 20000);
    write_records(b, "old keys", 1000, 21000, 100000);
    print_size(dir, 121000 * (512 + 71));
    read_records(b);
    bus_close(b);
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}
