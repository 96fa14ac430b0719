/* SPDX-License-Identifier: Apache-2.0 */
/* archive_support.h: for tests of inflate, tar and layers: made archives in a temporary folder, and tars made in C. */
#ifndef CAREEN_TESTS_UNIT_ARCHIVE_SUPPORT_H
#define CAREEN_TESTS_UNIT_ARCHIVE_SUPPORT_H

#include "base/buf.h"

#include <dirent.h>
#include <ftw.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

extern char **environ;

ATTR_UNUSED static int archive_remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

ATTR_UNUSED static void archive_remove(const char *dir)
{
    nftw(dir, archive_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A new folder with what tests/data/archives/make.py makes; NULL without python3, tar, gzip or zstd.
 */
ATTR_UNUSED static char *archive_make(void)
{
    const char *tmp = getenv("TMPDIR");
    char *dir = xasprintf("%s/careen-archives-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    char *argv[] = {(char[]){"python3"}, (char[]){TEST_DATA "/archives/make.py"}, dir, NULL};
    pid_t pid;
    int status = -1;
    if (!mkdtemp(dir))
        BUG("mkdtemp: %s", strerror(errno));
    if (posix_spawnp(&pid, "python3", NULL, NULL, argv, environ) || waitpid(pid, &status, 0) != pid || status) {
        archive_remove(dir);
        free(dir);
        return NULL;
    }
    return dir;
}

ATTR_UNUSED static struct buf archive_read_file(const char *dir, const char *name)
{
    struct buf b = BUF_INIT((size_t)64 << 20);
    char *path = xasprintf("%s/%s", dir, name);
    FILE *f = fopen(path, "rb");
    size_t n;
    uint8_t *to;
    if (!f)
        BUG("%s: %s", path, strerror(errno));
    while ((to = buf_reserve(&b, 65536)) && (n = fread(to, 1, 65536, f)) > 0)
        b.n += n;
    fclose(f);
    free(path);
    return b;
}

/* ---- tars made in C ---- */

ATTR_UNUSED static void tar_checksum(uint8_t *block)
{
    unsigned sum = 0;
    memset(block + 148, ' ', 8);
    for (size_t i = 0; i < 512; i++)
        sum += block[i];
    snprintf((char *)block + 148, 8, "%06o", sum);
}

/* A ustar header alone. */
ATTR_UNUSED static uint8_t *tar_put_header(struct buf *b, const char *name, char type, const char *link, uint64_t size)
{
    uint8_t *block = buf_reserve(b, 512);
    memset(block, 0, 512);
    memcpy(block, name, MIN(strlen(name), (size_t)100));
    snprintf((char *)block + 100, 8, "0000644");
    snprintf((char *)block + 124, 12, "%011" PRIo64, size);
    block[156] = (uint8_t)type;
    if (link)
        memcpy(block + 157, link, MIN(strlen(link), (size_t)100));
    memcpy(block + 257,
           "ustar\0"
           "00",
           8);
    tar_checksum(block);
    b->n += 512;
    return block;
}

ATTR_UNUSED static void tar_put_body(struct buf *b, struct slice body)
{
    static const uint8_t zeros[512];
    buf_add_slice(b, body);
    buf_add(b, zeros, -body.n & 511);
}

ATTR_UNUSED static void tar_put(struct buf *b, const char *name, char type, const char *link, struct slice body)
{
    tar_put_header(b, name, type, link, body.n);
    tar_put_body(b, body);
}

ATTR_UNUSED static void tar_put_file(struct buf *b, const char *name, const char *body)
{
    tar_put(b, name, '0', NULL, slice_str(body));
}

ATTR_UNUSED static void tar_put_end(struct buf *b)
{
    static const uint8_t zeros[1024];
    buf_add(b, zeros, sizeof zeros);
}

/* One pax record with its length counting itself. */
ATTR_UNUSED static void pax_put(struct buf *b, const char *key, struct slice value)
{
    size_t bare = strlen(key) + value.n + 3, n = bare + 1;
    while ((size_t)snprintf(NULL, 0, "%zu", n) + bare != n)
        n = (size_t)snprintf(NULL, 0, "%zu", n) + bare;
    buf_addf(b, "%zu %s=", n, key);
    buf_add_slice(b, value);
    buf_add_byte(b, '\n');
}

#endif
