/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_layer FILE [RUNS]: what a gzip layer costs from bytes to evidence, against the least it can cost (inflating it
 * with ISA-L and hashing its packed bytes, one thread), alternating in one run; the medians' ratio is the figure that
 * travels. Also wall time against `igzip -dc FILE`, and the most private memory that parent and child had.
 */
#include "base/clock.h"
#include "io/digest.h"
#include "pull/layer.h"

#include <fcntl.h>
#include <isa-l/igzip_lib.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define RUNS_MAX 101
extern char **environ;

struct sample {
    double cpu, wall;
};

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double cpu_self(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return seconds(u.ru_utime) + seconds(u.ru_stime);
}

static double wall(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
    qsort(v, n, sizeof *v, by_value);
    return v[n / 2];
}

/* The floor: read, hash, inflate. */
static void floor_run(const char *path)
{
    static uint8_t in[128 << 10], out[256 << 10];
    static struct inflate_state z;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;
    struct digest d;
    uint8_t raw[DIGEST_RAW];
    digest_init(&d);
    isal_inflate_init(&z);
    z.crc_flag = ISAL_GZIP;
    while ((n = read(fd, in, sizeof in)) > 0) {
        digest_update(&d, slice_of(in, (size_t)n));
        z.next_in = in;
        z.avail_in = (uint32_t)n;
        do {
            z.next_out = out;
            z.avail_out = sizeof out;
            if (isal_inflate(&z) < 0)
                BUG("%s is not one good gzip member", path);
        } while (z.avail_in && z.block_state != ISAL_BLOCK_FINISH ? true : z.avail_out == 0);
    }
    digest_final(&d, raw);
    close(fd);
}

/* ---- private memory, sampled ---- */

static long private_kb(const char *pid)
{
    char path[64], line[256];
    long sum = 0;
    snprintf(path, sizeof path, "/proc/%s/smaps_rollup", pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "Private_", 8) == 0)
            sum += strtol(strchr(line, ':') + 1, NULL, 10);
    if (f)
        fclose(f);
    return sum;
}

/* The newest grandchild: the nursery's child. */
static bool child_of_nursery(char *pid, size_t max)
{
    char path[128], text[64] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    for (int depth = 0; depth < 2; depth++) {
        FILE *f = fopen(path, "r");
        text[0] = 0;
        if (!f || !fgets(text, sizeof text, f))
            text[0] = 0;
        if (f)
            fclose(f);
        text[strcspn(text, " \n")] = 0;
        if (!text[0])
            return false;
        snprintf(path, sizeof path, "/proc/%s/task/%s/children", text, text);
    }
    snprintf(pid, max, "%s", text);
    return true;
}

static atomic_bool sampling;
static long most_child, most_parent;

static void *sample_memory(void *arg)
{
    (void)arg;
    while (atomic_load(&sampling)) {
        char pid[64];
        if (child_of_nursery(pid, sizeof pid)) {
            most_child = MAX(most_child, private_kb(pid));
            most_parent = MAX(most_parent, private_kb("self"));
        }
        clock_sleep_ms(1);
    }
    return NULL;
}

/* ---- the layer ---- */

static uint8_t raw[DIGEST_RAW];
static char digest_text[DIGEST_TEXT_MAX];

static void layer_run(struct sandbox *sb, const char *path, bool print)
{
    struct arena arena = ARENA_INIT((size_t)8 << 20);
    struct layer_result r;
    struct err e = ERR_INIT;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (layer_collect_file(sb, fd, slice_str(digest_text), -1, SLICE("application/vnd.oci.image.layer.v1.tar+gzip"),
                           NULL, &arena, &r, &e))
        BUG("%s", e.text);
    close(fd);
    if (print) {
        printf("layer %" PRId64 " bytes, unpacked %" PRId64 ", %" PRId64
               " entries, status %s, evidence %zu bytes, path index %zu bytes\n",
               r.size, r.unpacked_size, r.entries, pull_status_names[r.status], r.evidence.n, r.path_index.n);
        for (size_t i = 0; i < r.reasons.texts.n; i++)
            printf("reason: %.*s\n", SLICE_FMT(r.reasons.texts.v[i]));
    }
    layer_result_done(&r);
    arena_done(&arena);
}

/* In a process of its own, so that the CPU time of nursery and child can be had: they are waited for at its end. */
static struct sample layer_sample(const char *path, bool memory)
{
    int pair[2];
    if (pipe(pair))
        BUG("pipe");
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        static const sandbox_main mains[] = {collect_main};
        struct sandbox *sb;
        struct err e = ERR_INIT;
        pthread_t sampler;
        if (sandbox_start(mains, 1, NULL, &sb, &e))
            BUG("%s", e.text);
        atomic_store(&sampling, memory);
        if (memory)
            pthread_create(&sampler, NULL, sample_memory, NULL);
        double before = wall(), cpu = cpu_self();
        layer_run(sb, path, memory);
        struct sample s = {.wall = wall() - before, .cpu = cpu_self() - cpu};
        if (memory) {
            atomic_store(&sampling, false);
            pthread_join(sampler, NULL);
            printf("private memory: child %.1f MB, parent %.1f MB\n", (double)most_child / 1e3,
                   (double)most_parent / 1e3);
        }
        sandbox_stop(sb);
        struct rusage u;
        getrusage(RUSAGE_CHILDREN, &u); /* the nursery and what it waited for */
        s.cpu += seconds(u.ru_utime) + seconds(u.ru_stime);
        fflush(stdout);
        (void)!write(pair[1], &s, sizeof s);
        _exit(0);
    }
    struct sample s = {0};
    close(pair[1]);
    if (read(pair[0], &s, sizeof s) != sizeof s)
        BUG("the measured process died");
    close(pair[0]);
    waitpid(pid, NULL, 0);
    return s;
}

static double igzip_wall(const char *path)
{
    posix_spawn_file_actions_t to_null;
    pid_t pid;
    int status = 1;
    char *argv[] = {(char[]){"igzip"}, (char[]){"-dc"}, (char *)(uintptr_t)path, NULL};
    posix_spawn_file_actions_init(&to_null);
    posix_spawn_file_actions_addopen(&to_null, 1, "/dev/null", O_WRONLY, 0);
    double before = wall();
    if (posix_spawnp(&pid, "igzip", &to_null, NULL, argv, environ) || waitpid(pid, &status, 0) < 0 || status)
        return 0;
    posix_spawn_file_actions_destroy(&to_null);
    return wall() - before;
}

int main(int argc, char **argv)
{
    uint64_t runs = 11;
    if (argc < 2 || (argc > 2 && !slice_parse_u64(slice_str(argv[2]), &runs)) || !runs || runs > RUNS_MAX) {
        fprintf(stderr, "bench_layer FILE.tar.gz [RUNS, 1..%d]\n", RUNS_MAX);
        return 2;
    }
    static uint8_t block[1 << 20];
    struct digest d;
    int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    ssize_t n;
    if (fd < 0) {
        perror(argv[1]);
        return 2;
    }
    digest_init(&d);
    while ((n = read(fd, block, sizeof block)) > 0)
        digest_update(&d, slice_of(block, (size_t)n));
    close(fd);
    digest_final(&d, raw);
    digest_format(raw, digest_text);
    double least[RUNS_MAX], cpu[RUNS_MAX], walls[RUNS_MAX], igzip[RUNS_MAX];
    layer_sample(argv[1], true);
    floor_run(argv[1]);
    for (uint64_t i = 0; i < runs; i++) {
        double before = cpu_self();
        floor_run(argv[1]);
        least[i] = cpu_self() - before;
        struct sample s = layer_sample(argv[1], false);
        cpu[i] = s.cpu;
        walls[i] = s.wall;
        igzip[i] = igzip_wall(argv[1]);
    }
    double l = median(least, runs), c = median(cpu, runs), w = median(walls, runs), g = median(igzip, runs);
    printf("CPU: layer %.3f s, inflate + SHA-256 %.3f s: ratio %.3f\n", c, l, c / l);
    printf("wall: layer %.3f s, igzip -dc %.3f s: ratio %.3f\n", w, g, g > 0 ? w / g : 0);
    return 0;
}
