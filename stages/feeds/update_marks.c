/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/update_marks.h"

#include "base/clock.h"
#include "feeds/table/families.h"
#include "feeds/fetch/refresh.h"

#include <fcntl.h>
#include <sys/file.h>

static int end_txn(struct store_txn *t, int rc, struct err *e)
{
    if (rc >= 0)
        return store_commit(t, e);
    store_abort(t);
    return -1;
}

int feeds_mark_begun(struct advisory_db *db, const char *names, struct feeds_updated *ret_mark, struct err *e)
{
    struct arena arena = ARENA_INIT((size_t)4 << 20);
    struct store_txn *t;
    feed_trouble_vec old = {0};
    *ret_mark = (struct feeds_updated){.began_ms = clock_wall_ms()};
    if (store_begin(db->store, true, &t, e))
        return -1;
    int rc = advisory_view_troubles(t, db->tables, &arena, &old, e);
    for (size_t i = 0; i < old.n && rc >= 0; i++) {
        const struct feed *f = feed_by_name(old.v[i].name);
        if (!f || feed_wanted(f, names))
            rc = advisory_view_trouble_del(t, db->tables, old.v[i].name, e);
    }
    if (rc >= 0)
        rc = advisory_view_updated_put(t, db->tables, ret_mark, e);
    arena_done(&arena);
    return end_txn(t, rc, e);
}

int feeds_mark_trouble(struct advisory_db *db, const struct feed *f, const struct err *why, struct err *e)
{
    struct store_txn *t;
    struct feed_trouble trouble = {
        .name = slice_str(f->name), .reason = slice_str(why->text), .tried_ms = clock_wall_ms()};
    if (store_begin(db->store, true, &t, e))
        return -1;
    return end_txn(t, advisory_view_trouble_put(t, db->tables, &trouble, e), e);
}

int feeds_mark_ended(struct advisory_db *db, struct feeds_updated *mark, struct err *e)
{
    struct store_txn *t;
    mark->ended_ms = clock_wall_ms();
    if (store_begin(db->store, true, &t, e))
        return -1;
    return end_txn(t, advisory_view_updated_put(t, db->tables, mark, e), e);
}

int feeds_memory_get(struct advisory_db *db, store_table memory, const struct feed *f, struct feed_memory *ret_m,
                     struct err *e)
{
    struct store_txn *t;
    struct slice v;
    *ret_m = (struct feed_memory){0};
    if (store_begin(db->store, false, &t, e))
        return -1;
    int got = store_get(t, memory, slice_str(f->name), &v, e);
    if (got == 1)
        feed_memory_decode(v, ret_m);
    store_abort(t);
    return got;
}

int feeds_memory_put(struct advisory_db *db, store_table memory, struct store_txn *t, const struct feed *f,
                     const struct feed_memory *m, struct err *e)
{
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(4096);
    feed_memory_encode(m, &b);
    struct feed_meta meta = {.name = slice_str(f->name),
                             .etag = slice_str(m->etag),
                             .fetched_ms = m->fetched_ms,
                             .modified_ms = feed_newest(m->newest_ms, m->changed_ms),
                             .records = m->records,
                             .skipped = m->skipped,
                             .undated = !m->newest_ms,
                             .from_folder = !strstr(m->source, "://"),
                             .rhythm_days = f->rhythm_days,
                             .ecosystem = slice_str(f->ecosystem),
                             .whose = slice_str(f->whose)};
    if (store_put(t, memory, slice_str(f->name), buf_slice(&b), e))
        return -1;
    /* A name that is only remembered, and an index, are no feeds that a scan could have used. */
    return m->fetched_ms && f->kind != FEED_INDEX ? advisory_view_feed_put(t, db->tables, &meta, e) : 0;
}

int feeds_update_lock(const char *work_dir, enum feeds_lock how, int *ret_fd, struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/update.lock", work_dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(e, ERR_FATAL, errno, "cannot open %s", path);
    while (flock(fd, how == FEEDS_LOCK_WAIT ? LOCK_EX : LOCK_EX | LOCK_NB)) {
        int code = errno;
        if (code == EINTR)
            continue;
        close(fd);
        return code == EWOULDBLOCK && how == FEEDS_LOCK_TRY ? 1 : err_errno(e, ERR_FATAL, code, "cannot lock %s", path);
    }
    *ret_fd = fd;
    return 0;
}
