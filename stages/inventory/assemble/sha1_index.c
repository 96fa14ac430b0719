/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/assemble/sha1_index.h"

#include "io/sha1.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define CHECKED 100 /* lines at the front that must be in order */

static struct slice table;

/* The line that begins at a place. */
static struct slice line_at(size_t at)
{
    struct slice rest = slice_from(table, at), line = SLICE("");
    slice_take_line(&rest, &line);
    return line;
}

static bool is_row(struct slice line)
{
    return line.n > SHA1_HEX + 1 && line.p[SHA1_HEX] == ' ';
}

static int check(const char *path, struct err *e)
{
    struct slice rest = table, line, before = SLICE("");
    for (size_t i = 0; i < CHECKED && slice_take_line(&rest, &line); i++) {
        if (!is_row(line))
            return err_set(e, ERR_USAGE, 0, "%s: line %zu is not \"SHA-1 group:artifact:version\"", path, i + 1);
        if (slice_cmp(before, line) > 0)
            return err_set(e, ERR_USAGE, 0, "%s: line %zu is out of order; LC_ALL=C sort sorts it", path, i + 1);
        before = line;
    }
    return 0;
}

int sha1_index_use(const char *path, struct err *e)
{
    struct stat st;
    if (table.n)
        munmap((void *)(uintptr_t)table.p, table.n);
    table = SLICE_NONE;
    if (!path)
        return 0;
    int fd ATTR_CLEANUP(cleanup_close) = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode))
        return err_errno(e, ERR_USAGE, fd < 0 ? errno : EINVAL, "%s", path);
    if (!st.st_size)
        return 0;
    void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        return err_errno(e, ERR_USAGE, errno, "%s", path);
    table = slice_of(p, (size_t)st.st_size);
    if (!check(path, e))
        return 0;
    sha1_index_use(NULL, NULL);
    return -1;
}

struct slice sha1_index_find(struct slice sha1)
{
    size_t low = 0, high = table.n; /* the line begins in [low, high) */
    while (low < high) {
        size_t at = low + (high - low) / 2;
        while (at > low && table.p[at - 1] != '\n')
            at--;
        struct slice line = line_at(at);
        int c = slice_cmp(slice_sub(line, 0, SHA1_HEX), sha1);
        if (!c)
            return is_row(line) ? slice_trim(slice_from(line, SHA1_HEX + 1)) : SLICE_NONE;
        if (c > 0) {
            high = at;
            continue;
        }
        struct slice rest = slice_from(table, at);
        slice_take_line(&rest, &line);
        low = table.n - rest.n;
    }
    return SLICE_NONE;
}

void sha1_index_apply(struct package *p)
{
    struct slice sha1 = p->origin, row, group, name;
    if (!table.n || p->type != PKG_MAVEN || !slice_take_prefix(&sha1, SLICE(ORIGIN_SHA1)))
        return;
    row = sha1_index_find(sha1);
    if (!slice_take_token(&row, ':', &group) || !slice_take_token(&row, ':', &name) || !group.n || !name.n || !row.n)
        return;
    p->ns = group;
    p->name = name;
    p->version = row;
    p->certainty = CERTAINTY_INSTALLED;
    p->why = SLICE("its SHA-1 is known");
    p->not_judged = REASON_NONE;
}
