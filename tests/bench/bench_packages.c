/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_packages [PACKAGES [RUNS]]: what a package database costs from its bytes to its packages, of every kind,
 * against reading and hashing the same bytes (SHA-256), alternating in one run; the medians' ratio is the figure. The
 * databases are made here (unit/rpm_writer.h), with headers and stanzas of real sizes.
 */
#include "../unit/rpm_writer.h"

#include "inventory/parse.h"
#include "io/digest.h"
#include "model/evidence.h"

#include <fcntl.h>
#include <sys/resource.h>

#define RUNS_MAX     101
#define PACKAGES_MAX 20000

static double cpu_self(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
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

/* ---- the databases ---- */

static const char *const folders[] = {"/usr/bin/", "/usr/lib64/", "/usr/share/doc/package/", "/usr/share/man/man1/",
                                      NULL};
static const char *files[101];

/* Sizes from 10 to 30 KiB, 100 files each. */
static struct rpm_made *make_packages(size_t n)
{
    struct rpm_made *m = xcalloc(n, sizeof *m);
    for (size_t i = 0; i < 100; i++)
        files[i] = xasprintf("some-file-of-a-package-%zu.txt", i);
    for (size_t i = 0; i < n; i++)
        m[i] = (struct rpm_made){.name = xasprintf("package-%zu-libs", i),
                                 .version = xasprintf("%zu.%zu.7", i % 9, i % 31),
                                 .release = "27.el9_4",
                                 .arch = "x86_64",
                                 .source = xasprintf("package-%zu-%zu.%zu.7-27.el9_4.src.rpm", i, i % 9, i % 31),
                                 .vendor = "Red Hat, Inc.",
                                 .epoch = i % 10 ? -1 : 1,
                                 .folders = folders,
                                 .files = files,
                                 .filler = 6000 + i * 7919 % 20480};
    return m;
}

static void make_dpkg(struct buf *b, const struct rpm_made *m, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_addf(
            b,
            "Package: %s\nStatus: install ok installed\nPriority: optional\nSection: libs\nInstalled-Size: 412\n"
            "Maintainer: Some Team <team@lists.example.org>\nArchitecture: amd64\nMulti-Arch: same\nSource: %s-src\n"
            "Version: 1:%s-2+deb12u1\nReplaces: %s-old (<< 1.0)\nDepends: libc6 (>= 2.34), libgcc-s1 (>= 3.0), "
            "libstdc++6 (>= 12), zlib1g (>= 1:1.1.4), libssl3 (>= 3.0.0)\nConffiles:\n"
            " /etc/%s/config 0123456789abcdef0123456789abcdef\n /etc/%s/other 0123456789abcdef0123456789abcdef\n"
            "Description: a library of some use\n This package has the library that programs of this kind need to\n"
            " run. It does what its name says, and what is written here is as long as\n such texts are.\n .\n"
            " There is a second paragraph too.\nHomepage: https://example.org/%s\n\n",
            m[i].name, m[i].name, m[i].version, m[i].name, m[i].name, m[i].name, m[i].name);
}

static void make_apk(struct buf *b, const struct rpm_made *m, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_addf(
            b,
            "C:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nP:%s\nV:%s-r2\nA:x86_64\nS:37944\nI:113664\nT:a library of some use\n"
            "U:https://example.org/%s\nL:MIT\no:%s\nm:Somebody <somebody@example.org>\nt:1700000000\n"
            "c:0123456789abcdef0123456789abcdef01234567\nD:so:libc.musl-x86_64.so.1\np:so:lib%s.so.1=1.0\n",
            m[i].name, m[i].version, m[i].name, m[i].name, m[i].name);
        for (size_t j = 0; j < 100; j++)
            buf_addf(b, "%sR:%s\na:0:0:755\nZ:Q1BBBBBBBBBBBBBBBBBBBBBBBBBBB=\n",
                     j % 25 ? "" : "F:usr/share/some/folder\n", files[j]);
        buf_add_byte(b, '\n');
    }
}

static void make_sqlite(struct buf *b, const struct rpm_made *m, size_t n)
{
    rpm_sqlite_make(b, m, n, 4096);
}

static void make_bdb(struct buf *b, const struct rpm_made *m, size_t n)
{
    rpm_bdb_make(b, m, n, 4096, false);
}

static void make_bdb_big(struct buf *b, const struct rpm_made *m, size_t n)
{
    rpm_bdb_make(b, m, n, 4096, true);
}

static const struct kind {
    const char *name, *path;
    void (*make)(struct buf *b, const struct rpm_made *m, size_t n);
} kinds[] = {
    {"rpm, SQLite", "var/lib/rpm/rpmdb.sqlite", make_sqlite},
    {"rpm, Berkeley DB", "var/lib/rpm/Packages", make_bdb},
    {"rpm, Berkeley DB, big-endian", "var/lib/rpm/Packages", make_bdb_big},
    {"rpm, ndb", "usr/lib/sysimage/rpm/Packages.db", rpm_ndb_make},
    {"dpkg", "var/lib/dpkg/status", make_dpkg},
    {"apk", "lib/apk/db/installed", make_apk},
};

/* ---- the measured ---- */

/* From a file, as a reader of it has to. */
static void floor_run(int fd)
{
    static uint8_t block[256 << 10];
    struct digest d;
    uint8_t raw[DIGEST_RAW];
    off_t at = 0;
    ssize_t n;
    digest_init(&d);
    while ((n = pread(fd, block, sizeof block, at)) > 0) {
        digest_update(&d, slice_of(block, (size_t)n));
        at += n;
    }
    digest_final(&d, raw);
}

static void parse_run(struct slice evidence, size_t packages)
{
    struct arena arena = ARENA_INIT((size_t)256 << 20);
    struct layer_packages layer;
    struct err e = ERR_INIT;
    if (parse_layer(evidence, &arena, &layer, &e))
        BUG("%s", e.text);
    if (layer.status != PULL_GOOD || layer.files.v[0].packages.n != packages)
        BUG("%zu of %zu packages", layer.files.v[0].packages.n, packages);
    arena_done(&arena);
}

static void measure(const struct kind *k, const struct rpm_made *m, size_t n, size_t runs)
{
    struct buf db = BUF_INIT((size_t)1 << 30), evidence = BUF_INIT((size_t)1 << 30);
    double least[RUNS_MAX], cpu[RUNS_MAX];
    FILE *f ATTR_CLEANUP(cleanup_fclose) = tmpfile();
    k->make(&db, m, n);
    if (!f || fwrite(db.p, 1, db.n, f) != db.n || fflush(f))
        BUG("a temporary file of %zu bytes could not be written", db.n);
    struct evidence_entry file = {
        .kind = EVIDENCE_FILE, .path = slice_str(k->path), .bytes = buf_slice(&db), .size = db.n};
    evidence_begin(&evidence);
    evidence_write(&evidence, &file);
    evidence_write(&evidence, &(struct evidence_entry){.kind = EVIDENCE_END});
    parse_run(buf_slice(&evidence), n);
    floor_run(fileno(f));
    for (size_t i = 0; i < runs; i++) {
        double before = cpu_self();
        floor_run(fileno(f));
        least[i] = cpu_self() - before;
        before = cpu_self();
        parse_run(buf_slice(&evidence), n);
        cpu[i] = cpu_self() - before;
    }
    double l = median(least, runs), c = median(cpu, runs);
    printf("%-30s %7.1f MiB: packages %7.2f ms, read + SHA-256 %7.2f ms: ratio %.2f\n", k->name, (double)db.n / 1048576,
           c * 1e3, l * 1e3, c / l);
    buf_done(&db);
    buf_done(&evidence);
}

int main(int argc, char **argv)
{
    uint64_t n = 3000, runs = 11;
    if ((argc > 1 && !slice_parse_u64(slice_str(argv[1]), &n)) || !n || n > PACKAGES_MAX ||
        (argc > 2 && !slice_parse_u64(slice_str(argv[2]), &runs)) || !runs || runs > RUNS_MAX) {
        fprintf(stderr, "bench_packages [PACKAGES, 1..%d [RUNS, 1..%d]]\n", PACKAGES_MAX, RUNS_MAX);
        return 2;
    }
    struct rpm_made *m = make_packages(n);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        measure(&kinds[i], m, n, runs);
    return 0;
}
