/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm_probe KIND FILE [PACKAGES]: writes a database of rpm with unit/rpm_writer.h, so that rpm itself can be asked what
 * is in it. KIND: sqlite, bdb, bdb-big, ndb.
 */
#include "../../unit/rpm_writer.h"
#include "base/arena.h"

static const char *const folders[] = {"/usr/bin/", "/etc/", NULL}, *const files[] = {"tool", "tool.conf", NULL};

int main(int argc, char **argv)
{
    uint64_t n = 40;
    if (argc < 3 || (argc > 3 && !slice_parse_u64(slice_str(argv[3]), &n)) || n > 100000) {
        fprintf(stderr, "rpm_probe sqlite|bdb|bdb-big|ndb FILE [PACKAGES]\n");
        return 2;
    }
    struct rpm_made *m = xcalloc(n + 1, sizeof *m);
    struct buf b = BUF_INIT((size_t)1 << 30);
    struct arena a = ARENA_INIT((size_t)64 << 20);
    for (size_t i = 0; i < n; i++)
        m[i] = (struct rpm_made){.name = (const char *)arena_printf(&a, "tool-%zu", i).p,
                                 .version = (const char *)arena_printf(&a, "%zu.%zu", i % 7, i).p,
                                 .release = i % 3 ? "1.el9" : "2~rc1",
                                 .arch = i % 4 ? "x86_64" : "noarch",
                                 .source = i % 5 ? "tools-1.0-1.el9.src.rpm"
                                                 : (const char *)arena_printf(&a, "tool-%zu-1-1.nosrc.rpm", i).p,
                                 .vendor = i % 6 ? "Some Vendor" : NULL,
                                 .module = i % 8 ? NULL : "tools:1:20260101:0123abcd",
                                 .epoch = (int64_t)(i % 4) - 1,
                                 .folders = folders,
                                 .files = files,
                                 .filler = i * 1237 % 12000};
    if (n)
        m[n - 1] = (struct rpm_made){
            .name = "gpg-pubkey", .version = "fd431d51", .release = "4ae0493b", .epoch = -1, .filler = 900};
    if (strcmp(argv[1], "ndb") == 0)
        rpm_ndb_make(&b, m, n);
    else if (strcmp(argv[1], "sqlite") == 0)
        rpm_sqlite_make(&b, m, n, 4096);
    else
        rpm_bdb_make(&b, m, n, 4096, strcmp(argv[1], "bdb-big") == 0);
    FILE *f = fopen(argv[2], "wb");
    if (!f || fwrite(b.p, 1, b.n, f) != b.n || fclose(f)) {
        perror(argv[2]);
        return 1;
    }
    buf_done(&b);
    arena_done(&a);
    free(m);
    return 0;
}
