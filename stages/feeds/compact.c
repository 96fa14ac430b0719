/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/compact.h"

#include "base/crashpoint.h"
#include "feeds/pipeline/rows.h"

#include <fcntl.h>
#include <sys/stat.h>

#define ROWS_A_PORTION 50000              /* so that the pages that one transaction keeps in memory are few */
#define COMPACTED      SLICE("compacted") /* in meta: the size that the last one came to */

/* ---- is it loose? ---- */

static int payload(const struct feeds_compact *c, struct store_txn *t, uint64_t *ret_bytes, struct err *e)
{
    store_table tables[ADVISORY_VIEW_TABLES + 2];
    uint64_t n;
    memcpy(tables, c->db->tables, sizeof c->db->tables);
    tables[ADVISORY_VIEW_TABLES] = c->out;
    tables[ADVISORY_VIEW_TABLES + 1] = c->memory;
    *ret_bytes = 0;
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        if (store_payload(t, tables[i], &n, e))
            return -1;
        *ret_bytes += n;
    }
    return 0;
}

/* 1, 0, <0. Rows that never pack well must not have it written anew each time: it has to have grown, too. */
static int loose(const struct feeds_compact *c, uint64_t *ret_size, struct err *e)
{
    struct store_txn *t;
    struct slice v;
    uint64_t size = store_used_bytes(c->db->store), bytes = 0, last = 0;
    if (size < (c->from ? c->from : FEEDS_COMPACT_FROM))
        return 0;
    if (store_begin(c->db->store, false, &t, e))
        return -1;
    int r = store_get(t, c->db->tables[ADVISORY_VIEW_META], COMPACTED, &v, e);
    if (r == 1 && !slice_take_u64(&v, &last))
        last = 0;
    r = r < 0 ? -1 : payload(c, t, &bytes, e);
    store_abort(t);
    *ret_size = size;
    return r ? r : size > bytes + bytes / 5 * 2 && size > last + last / 5;
}

/* ---- the other folder ---- */

static char *beside(const char *dir)
{
    return xasprintf("%s.new", dir);
}

int feeds_compact_clear(const char *dir, struct err *e)
{
    char *other ATTR_CLEANUP(cleanup_free) = beside(dir);
    if (store_wipe(other, e))
        return -1;
    /* A reader that was opening the old one may just have made a lock file in it; the next update takes it away. */
    if (rmdir(other) && errno != ENOENT && errno != ENOTEMPTY)
        return err_errno(e, ERR_FATAL, errno, "cannot remove %s", other);
    return 0;
}

/* Tried with empty folders, since the work would be for nothing where it does not go. */
static bool can_exchange(const char *dir)
{
    char *other ATTR_CLEANUP(cleanup_free) = beside(dir), *probe ATTR_CLEANUP(cleanup_free) = beside(other);
    struct stat st;
    bool can = !lstat(dir, &st) && S_ISDIR(st.st_mode) && !mkdir(other, 0700) && !mkdir(probe, 0700) &&
               !renameat2(AT_FDCWD, other, AT_FDCWD, probe, RENAME_EXCHANGE);
    rmdir(probe);
    if (!can)
        rmdir(other);
    return can;
}

/* Who could read or write the old one can do so with the new one. */
static int same_access(const char *from, const char *to, const char *name, struct err *e)
{
    char *old ATTR_CLEANUP(cleanup_free) = xasprintf("%s%s", from, name);
    char *new ATTR_CLEANUP(cleanup_free) = xasprintf("%s%s", to, name);
    struct stat was, is;
    if (stat(old, &was) || stat(new, &is))
        return err_errno(e, ERR_RETRY, errno, "cannot look at %s and %s", old, new);
    if ((was.st_uid != is.st_uid || was.st_gid != is.st_gid) && chown(new, was.st_uid, was.st_gid))
        return err_errno(e, ERR_RETRY, errno, "cannot give %s the owner of %s", new, old);
    if ((was.st_mode & 07777) != (is.st_mode & 07777) && chmod(new, was.st_mode & 07777))
        return err_errno(e, ERR_RETRY, errno, "cannot give %s the mode of %s", new, old);
    return 0;
}

static int sync_folder(const char *path, struct err *e)
{
    int fd ATTR_CLEANUP(cleanup_close) = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* EINVAL: a file system whose folders need no such thing. */
    if (fd < 0 || (fsync(fd) && errno != EINVAL))
        return err_errno(e, ERR_RETRY, errno, "cannot write %s to the disk", path);
    return 0;
}

/* ---- the copy ---- */

struct copying {
    const struct feeds_compact *c;
    struct advisory_db to;
    store_table out, memory;
    struct store_txn *from_txn, *to_txn;
    uint64_t total;
};

static int copy_packed(struct copying *k, struct packed from, struct packed to, struct err *e)
{
    struct packed_copy *copy = packed_copy_new(k->from_txn, from, to);
    int rc;
    do {
        if (store_begin(k->to.store, true, &k->to_txn, e)) {
            rc = -1;
            break;
        }
        rc = packed_copy_some(copy, k->to_txn, ROWS_A_PORTION, e);
        if (rc < 0)
            store_abort(k->to_txn);
        else if (store_commit(k->to_txn, e))
            rc = -1;
        if (rc >= 0 && k->c->progress)
            k->c->progress(k->c->arg, MIN((uint64_t)store_used_bytes(k->to.store), k->total), k->total);
    } while (rc == 1);
    packed_copy_free(copy);
    return rc;
}

static int copy_plain(struct copying *k, store_table from, store_table to, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    int r;
    store_iter_init(&it, k->from_txn, from, SLICE_NONE, SLICE_NONE);
    while ((r = store_iter_next(&it, &key, &value, e)) == 1)
        if (store_put(k->to_txn, to, key, value, e)) {
            r = -1;
            break;
        }
    store_iter_done(&it);
    return r;
}

static int copy_rest(struct copying *k, struct err *e)
{
    struct buf size ATTR_CLEANUP(buf_done) = BUF_INIT(8);
    buf_add_u64(&size, store_used_bytes(k->to.store));
    if (store_begin(k->to.store, true, &k->to_txn, e))
        return -1;
    if (copy_plain(k, k->c->db->tables[ADVISORY_VIEW_META], k->to.tables[ADVISORY_VIEW_META], e) ||
        copy_plain(k, k->c->memory, k->memory, e) ||
        store_put(k->to_txn, k->to.tables[ADVISORY_VIEW_META], COMPACTED, buf_slice(&size), e)) {
        store_abort(k->to_txn);
        return -1;
    }
    return store_commit(k->to_txn, e);
}

static int copy_tables(struct copying *k, struct err *e)
{
    struct packed from[2], to[2];
    advisory_view_packed(k->c->db->tables, from);
    advisory_view_packed(k->to.tables, to);
    if (store_table_open(k->to.store, "feed-out", &k->out, e) ||
        store_table_open(k->to.store, "feed-memory", &k->memory, e) ||
        store_begin(k->c->db->store, false, &k->from_txn, e))
        return -1;
    int rc = copy_packed(k, from[0], to[0], e);
    if (!rc)
        rc = copy_packed(k, from[1], to[1], e);
    if (!rc)
        rc = copy_packed(k, feed_out_packed(k->c->out), feed_out_packed(k->out), e);
    if (!rc)
        rc = copy_rest(k, e);
    store_abort(k->from_txn);
    return rc;
}

/* Every commit goes to the disk; what remains are the folder's own entries. */
static int build(const struct feeds_compact *c, const char *other, uint64_t total, uint64_t *ret_size, struct err *e)
{
    struct copying k = {.c = c, .total = total};
    int rc = advisory_db_open(other, true, &k.to, e);
    if (rc)
        return rc;
    rc = copy_tables(&k, e);
    *ret_size = store_used_bytes(k.to.store);
    advisory_db_close(&k.to);
    if (rc || same_access(c->dir, other, "/data.mdb", e) || same_access(c->dir, other, "/lock.mdb", e) ||
        same_access(c->dir, other, "", e))
        return -1;
    return sync_folder(other, e);
}

int feeds_compact(const struct feeds_compact *c, uint64_t *ret_before, uint64_t *ret_after, struct err *e)
{
    char *other ATTR_CLEANUP(cleanup_free) = beside(c->dir), *above ATTR_CLEANUP(cleanup_free) = NULL;
    uint64_t before, after;
    int r = loose(c, &before, e);
    if (r <= 0 || (r = feeds_compact_clear(c->dir, e)) || !can_exchange(c->dir))
        return r;
    if (build(c, other, before, &after, e)) {
        feeds_compact_clear(c->dir, NULL);
        return -1;
    }
    crash_point("feeds.compact.written");
    if (renameat2(AT_FDCWD, other, AT_FDCWD, c->dir, RENAME_EXCHANGE)) {
        r = err_errno(e, ERR_RETRY, errno, "cannot exchange %s and %s", other, c->dir);
        feeds_compact_clear(c->dir, NULL);
        return r;
    }
    crash_point("feeds.compact.exchanged");
    advisory_db_close(c->db);
    *ret_before = before;
    *ret_after = after;
    /* Exchanged it is, and both are whole: what fails now is no failure of it. */
    above = xasprintf("%s/..", c->dir);
    sync_folder(above, NULL);
    feeds_compact_clear(c->dir, NULL);
    return 1;
}
