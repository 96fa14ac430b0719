/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_packages [PACKAGES [RUNS [KIND]]]: what a package database costs from its bytes to its packages, of every kind,
 * against reading and hashing the same bytes (SHA-256), alternating in one run; the medians' ratio is the figure. The
 * databases are made here (unit/rpm_writer.h), with headers and stanzas of real sizes.
 */
#include "../unit/rpm_writer.h"

#include <malloc.h>

#include "packages/parse.h"
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

static void make_opkg(struct buf *b, const struct rpm_made *m, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_addf(b,
                 "Package: %s\nVersion: %s-2\nDepends: libc, libubox20230523, libopenssl3\nStatus: install user "
                 "installed\nArchitecture: x86_64\nConffiles:\n /etc/config/%s 0123456789abcdef0123456789abcdef"
                 "0123456789abcdef0123456789abcdef\nInstalled-Time: 1700000000\n\n",
                 m[i].name, m[i].version, m[i].name);
}

static void make_manifest(struct buf *b, const struct rpm_made *m, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_addf(b,
                 "%s\t%s-27.azl3\t1700000000\t1690000000\tMicrosoft Corporation\t(none)\t%zu\tx86_64\t%zu\t"
                 "%s-%s-27.azl3.src.rpm\n",
                 m[i].name, m[i].version, 1000 + i * 7919, i % 10 ? (size_t)0 : (size_t)1, m[i].name, m[i].version);
}

static void make_bottlerocket(struct buf *b, const struct rpm_made *m, size_t n)
{
    buf_add_str(b, "{\n  \"Content\": [\n");
    for (size_t i = 0; i < n; i++)
        buf_addf(b,
                 "    {\n      \"Name\": \"%s\",\n      \"Publisher\": \"Bottlerocket\",\n      \"Version\": \"%s\",\n"
                 "      \"Release\": \"1.1700000000.0123abcd.br1\",\n      \"Epoch\": \"0\",\n      \"InstalledTime\": "
                 "\"2024-05-01T00:00:00Z\",\n      \"ApplicationType\": \"Unspecified\",\n      \"Architecture\": "
                 "\"x86_64\",\n      \"Url\": \"https://example.org/%s\",\n      \"Summary\": \"A library of some "
                 "use\"\n    }%s\n",
                 m[i].name, m[i].version, m[i].name, i + 1 < n ? "," : "");
    buf_add_str(b, "  ]\n}\n");
}

/* ---- a registry hive (hive.h): an update is a key with two values ---- */

static uint32_t cell(struct buf *b, size_t content)
{
    size_t at = b->n, size = (content + 4 + 7) & ~(size_t)7;
    for (size_t i = 0; i < size; i++)
        buf_add_byte(b, 0);
    uint32_t word = (uint32_t) - (int32_t)size;
    memcpy(b->p + at, &word, sizeof word);
    return (uint32_t)(at - 4096);
}

static void put(struct buf *b, uint32_t at, size_t offset, uint32_t value, size_t n)
{
    memcpy(b->p + 4096 + at + 4 + offset, &value, n);
}

static void put_text(struct buf *b, uint32_t at, size_t offset, const char *text)
{
    memcpy(b->p + 4096 + at + 4 + offset, text, strlen(text));
}

static uint32_t hive_value_put(struct buf *b, const char *name, uint32_t type, uint32_t n, uint32_t data)
{
    uint32_t at = cell(b, 20 + strlen(name));
    put_text(b, at, 0, "vk");
    put(b, at, 2, (uint32_t)strlen(name), 2);
    put(b, at, 4, n, 4);
    put(b, at, 8, data, 4);
    put(b, at, 12, type, 4);
    put(b, at, 16, 1, 2);
    put_text(b, at, 20, name);
    return at;
}

static uint32_t hive_list_put(struct buf *b, const uint32_t *items, size_t n, bool keys)
{
    uint32_t at = cell(b, keys ? 4 + 8 * n : 4 * n);
    if (keys) {
        put_text(b, at, 0, "lf");
        put(b, at, 2, (uint32_t)n, 2);
    }
    for (size_t i = 0; i < n; i++)
        put(b, at, keys ? 4 + 8 * i : 4 * i, items[i], 4);
    return at;
}

static uint32_t hive_key_put(struct buf *b, const char *name, const uint32_t *keys, size_t keys_n,
                             const uint32_t *values, size_t values_n)
{
    uint32_t key_list = keys_n ? hive_list_put(b, keys, keys_n, true) : UINT32_MAX;
    uint32_t value_list = values_n ? hive_list_put(b, values, values_n, false) : UINT32_MAX;
    uint32_t at = cell(b, 76 + strlen(name));
    put_text(b, at, 0, "nk");
    put(b, at, 2, 0x20, 2);
    put(b, at, 20, (uint32_t)keys_n, 4);
    put(b, at, 28, key_list, 4);
    put(b, at, 36, (uint32_t)values_n, 4);
    put(b, at, 40, value_list, 4);
    put(b, at, 72, (uint32_t)strlen(name), 2);
    put_text(b, at, 76, name);
    return at;
}

static void make_hive(struct buf *b, const struct rpm_made *m, size_t n)
{
    static const char *const path[] = {
        "Packages", "Component Based Servicing", "CurrentVersion", "Windows", "Microsoft", "ROOT"};
    uint32_t *keys = xcalloc(n, sizeof *keys), words[128];
    (void)m;
    for (size_t i = 0; i < 4096 + 32; i++)
        buf_add_byte(b, 0);
    for (size_t i = 0; i < n; i++) {
        char *name ATTR_CLEANUP(cleanup_free) =
            xasprintf("Package_for_KB%zu~31bf3856ad364e35~amd64~~20348.%zu.1.%zu", 5000000 + i, i % 2000, i % 9);
        char *file ATTR_CLEANUP(cleanup_free) =
            xasprintf("\\\\?\\C:\\Windows\\SoftwareDistribution\\Download\\windows-kb%zu-x64.cab\\", 5000000 + i);
        uint32_t data = cell(b, 2 * strlen(file) + 2);
        for (size_t j = 0; j < strlen(file); j++)
            put(b, data, 2 * j, (uint8_t)file[j], 2);
        uint32_t values[] = {hive_value_put(b, "CurrentState", 4, 0x80000004, 0x70),
                             hive_value_put(b, "InstallLocation", 1, (uint32_t)(2 * strlen(file) + 2), data)};
        keys[i] = hive_key_put(b, name, NULL, 0, values, ARRAY_LEN(values));
    }
    uint32_t key = hive_key_put(b, path[0], keys, n, NULL, 0);
    for (size_t i = 1; i < ARRAY_LEN(path); i++)
        key = hive_key_put(b, path[i], &key, 1, NULL, 0);
    free(keys);
    while (b->n % 4096)
        buf_add_byte(b, 0);
    uint32_t bins = (uint32_t)(b->n - 4096), sum = 0;
    const uint32_t head[] = {1, 1, 0, 0, 1, 5, 0, 1, key, bins, 1};
    memcpy(b->p, "regf", 4);
    memcpy(b->p + 4, head, sizeof head);
    memcpy(words, b->p, 508);
    for (size_t i = 0; i < 127; i++)
        sum ^= words[i];
    memcpy(b->p + 508, &sum, 4);
    memcpy(b->p + 4096, "hbin", 4);
    memcpy(b->p + 4096 + 8, &bins, 4);
}

/* ---- databases that are folders: what a package has there ---- */

static void pacman_one(struct buf *path, struct buf *b, const struct rpm_made *m)
{
    buf_addf(path, "var/lib/pacman/local/%s-%s-1/desc", m->name, m->version);
    buf_addf(
        b,
        "%%NAME%%\n%s\n\n%%VERSION%%\n%s-1\n\n%%BASE%%\n%s-base\n\n%%DESC%%\nA library of some use, described in a "
        "line\n\n%%URL%%\nhttps://example.org/%s\n\n%%ARCH%%\nx86_64\n\n%%BUILDDATE%%\n1700000000\n\n%%INSTALLDATE%%"
        "\n1700000000\n\n%%PACKAGER%%\nSome Body <some@example.org>\n\n%%SIZE%%\n123456\n\n%%LICENSE%%\nMIT\n\n"
        "%%VALIDATION%%\npgp\n\n%%DEPENDS%%\nglibc\nlibacl.so=1-64\nlibattr.so=1-64\nzlib\nopenssl\n\n%%PROVIDES%%\n"
        "lib%s.so=1-64\n\n%%XDATA%%\npkgtype=pkg\n\n",
        m->name, m->version, m->name, m->name, m->name);
}

static void portage_one(struct buf *path, struct buf *b, const struct rpm_made *m)
{
    buf_addf(path, "var/db/pkg/dev-libs/%s-%s/PF", m->name, m->version);
    buf_addf(b, "%s-%s\n", m->name, m->version);
}

static void nix_one(struct buf *path, struct buf *b, const struct rpm_made *m)
{
    (void)b;
    buf_addf(path, "nix/store/0123456789abcdfghijklmnpqrsvwxyz-%s-%s", m->name, m->version);
}

static const struct kind {
    const char *name, *path;
    void (*make)(struct buf *b, const struct rpm_made *m, size_t n);
    void (*one)(struct buf *path, struct buf *b, const struct rpm_made *m); /* instead: a file a package */
} kinds[] = {
    {"rpm, SQLite", "var/lib/rpm/rpmdb.sqlite", make_sqlite, NULL},
    {"rpm, Berkeley DB", "var/lib/rpm/Packages", make_bdb, NULL},
    {"rpm, Berkeley DB, big-endian", "var/lib/rpm/Packages", make_bdb_big, NULL},
    {"rpm, ndb", "usr/lib/sysimage/rpm/Packages.db", rpm_ndb_make, NULL},
    {"rpm, manifest", "var/lib/rpmmanifest/container-manifest-2", make_manifest, NULL},
    {"dpkg", "var/lib/dpkg/status", make_dpkg, NULL},
    {"opkg", "usr/lib/opkg/status", make_opkg, NULL},
    {"apk", "lib/apk/db/installed", make_apk, NULL},
    {"pacman", NULL, NULL, pacman_one},
    {"Portage, names", NULL, NULL, portage_one},
    {"Nix, names", NULL, NULL, nix_one},
    {"Bottlerocket", "usr/share/bottlerocket/application-inventory.json", make_bottlerocket, NULL},
    {"Windows, hive", "Files/Windows/System32/config/SOFTWARE", make_hive, NULL},
};

/* Fills evidence and, as one file for the floor, what it was made from: the bytes, and of folders the paths too. */
static void make_database(const struct kind *k, const struct rpm_made *m, size_t n, struct buf *db,
                          struct buf *evidence)
{
    struct buf path = BUF_INIT(4096), bytes = BUF_INIT((size_t)1 << 20);
    struct evidence_entry file = {.kind = EVIDENCE_FILE};
    evidence_begin(evidence);
    if (k->make) {
        k->make(db, m, n);
        file.path = slice_str(k->path);
        file.bytes = buf_slice(db);
        file.size = db->n;
        evidence_write(evidence, &file);
    }
    for (size_t i = 0; k->one && i < n; i++) {
        buf_clear(&path);
        buf_clear(&bytes);
        k->one(&path, &bytes, &m[i]);
        file.path = buf_slice(&path);
        file.bytes = buf_slice(&bytes);
        file.size = bytes.n;
        evidence_write(evidence, &file);
        buf_add_slice(db, file.path);
        buf_add_slice(db, file.bytes);
    }
    evidence_write(evidence, &(struct evidence_entry){.kind = EVIDENCE_END});
    buf_done(&path);
    buf_done(&bytes);
}

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
    size_t n = 0;
    for (size_t i = 0; i < layer.files.n; i++)
        n += layer.files.v[i].packages.n;
    if (layer.status != PULL_GOOD || n != packages)
        BUG("%zu of %zu packages", n, packages);
    arena_done(&arena);
}

static void measure(const struct kind *k, const struct rpm_made *m, size_t n, size_t runs)
{
    struct buf db = BUF_INIT((size_t)1 << 30), evidence = BUF_INIT((size_t)1 << 30);
    double least[RUNS_MAX], cpu[RUNS_MAX];
    FILE *f ATTR_CLEANUP(cleanup_fclose) = tmpfile();
    make_database(k, m, n, &db, &evidence);
    if (!f || fwrite(db.p, 1, db.n, f) != db.n || fflush(f))
        BUG("a temporary file of %zu bytes could not be written", db.n);
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
        fprintf(stderr, "bench_packages [PACKAGES, 1..%d [RUNS, 1..%d [KIND]]]\n", PACKAGES_MAX, RUNS_MAX);
        return 2;
    }
    /* Each layer is parsed by a process of its own, whose memory is fresh: nothing of a run is kept for the next. */
    mallopt(M_TRIM_THRESHOLD, 0);
    mallopt(M_TOP_PAD, 0);
    struct rpm_made *m = make_packages(n);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (argc <= 3 || slice_starts(slice_str(kinds[i].name), slice_str(argv[3])))
            measure(&kinds[i], m, n, runs);
    return 0;
}
