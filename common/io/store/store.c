/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How LMDB is used here, each for a measured reason: composite keys instead of DUPSORT (which had defects before
 * 0.9.31), never WRITEMAP (a stray write would reach the file), a huge sparse map from the start, stale readers cleared
 * at open, and NOTLS, so that a read transaction does not occupy a slot for each thread.
 */
#include "io/store/store.h"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

struct store {
    MDB_env *env;
    char *dir;
    int lock_fd;
    bool read_only;
};

struct store_txn {
    MDB_txn *txn;
    struct store *store;
    struct store_companion *companion;
};

/*
 * LMDB reports a write that was cut short as EIO, and the first write that meets a full disk or the process's limit of
 * file sizes is cut short.
 */
static bool no_room(int rc, const struct store *s)
{
    const uint64_t least = 1 << 20;
    struct statvfs fs;
    struct rlimit limit;
    struct stat st;
    if (err_is_full(rc))
        return true;
    if (rc != EIO || !s)
        return false;
    if (statvfs(s->dir, &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize < least)
        return true;
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/data.mdb", s->dir);
    return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && stat(path, &st) == 0 &&
           (uint64_t)st.st_size + least > limit.rlim_cur;
}

bool store_map_full(const struct err *e)
{
    return e->kind == ERR_FULL && e->code == MDB_MAP_FULL;
}

static int store_err(struct err *e, int rc, const struct store *s, const char *doing)
{
    const char *dir = s ? s->dir : "?";
    if (rc == MDB_MAP_FULL)
        return err_set(e, ERR_FULL, rc, "store %s: %s: the map is full", dir, doing);
    if (no_room(rc, s))
        return err_set(e, ERR_FULL, rc, "store %s: %s: no space left on the disk", dir, doing);
    /* The row is at fault, not the store: a key of 1 to 511 bytes is what LMDB takes. */
    if (rc == MDB_BAD_VALSIZE)
        return err_set(e, ERR_POISON, rc, "store %s: %s: the key is empty or too long", dir, doing);
    if (rc == EIO)
        return err_set(e, ERR_RETRY, rc, "store %s: %s: %s", dir, doing, mdb_strerror(rc));
    return err_set(e, ERR_FATAL, rc, "store %s: %s: %s", dir, doing, mdb_strerror(rc));
}

int store_make_dirs(const char *dir, struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = xstrdup(dir);
    for (char *p = path + 1;; p++) {
        if (*p && *p != '/')
            continue;
        char keep = *p;
        *p = 0;
        if (mkdir(path, 0700) && errno != EEXIST)
            return err_errno(e, ERR_FATAL, errno, "cannot make the folder %s", path);
        *p = keep;
        if (!keep)
            return 0;
    }
}

static int take_lock(struct store *s, struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/LOCK", s->dir);
    s->lock_fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (s->lock_fd < 0)
        return err_errno(e, ERR_FATAL, errno, "cannot open %s", path);
    if (flock(s->lock_fd, LOCK_EX | LOCK_NB))
        return errno == EWOULDBLOCK
                   ? err_set(e, ERR_USAGE, errno,
                             "state folder %s is in use by another process; give this one a --state folder of its own",
                             s->dir)
                   : err_errno(e, ERR_FATAL, errno, "cannot lock %s", path);
    return 0;
}

/*
 * LMDB writes its lock file through a map of a sparse file: on a full disk that is SIGBUS. So its blocks are taken
 * before, where having none is an error. A page more than LMDB 0.9's 64 bytes a reader and its header.
 */
#define READERS       1024
#define LOCK_FILE_MAX ((off_t)READERS * 64 + 4096)

static int reserve_lock_file(struct store *s, struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/lock.mdb", s->dir);
    int fd ATTR_CLEANUP(cleanup_close) = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    struct stat st;
    if (fd < 0)
        return err_errno(e, ERR_FATAL, errno, "cannot open %s", path);
    if (fstat(fd, &st) == 0 && (off_t)st.st_blocks * 512 >= LOCK_FILE_MAX)
        return 0;
    int rc = posix_fallocate(fd, 0, LOCK_FILE_MAX);
    return rc ? err_errno(e, ERR_FATAL, rc, "store %s: no room for the lock file", s->dir) : 0;
}

/* LMDB's own code, 0 success. On failure s->env is NULL. */
static int open_env(struct store *s, const struct store_options *o, const char *path)
{
    unsigned flags = MDB_NOTLS | MDB_NORDAHEAD;
    if (o->read_only)
        flags |= MDB_RDONLY;
    if (o->sync == STORE_SYNC_DATA)
        flags |= MDB_NOMETASYNC;
    else if (o->sync == STORE_SYNC_OFF)
        flags |= MDB_NOSYNC;
    int rc = mdb_env_create(&s->env);
    if (!rc)
        rc = mdb_env_set_maxdbs(s->env, o->tables ? o->tables : 32);
    if (!rc)
        rc = mdb_env_set_mapsize(s->env, o->map_size ? o->map_size : (size_t)64 << 30);
    if (!rc)
        rc = mdb_env_set_maxreaders(s->env, READERS);
    if (!rc)
        rc = mdb_env_open(s->env, path, flags, 0600);
    if (rc == EACCES && o->read_only) {
        /* A read-only folder has no place for the reader table; nobody can be writing there either. */
        rc = mdb_env_open(s->env, path, flags | MDB_NOLOCK, 0600);
    }
    if (rc && s->env)
        mdb_env_close(STEAL(s->env));
    return rc;
}

static bool same_folder(int fd, const char *path)
{
    struct stat opened, there;
    return !fstat(fd, &opened) && !stat(path, &there) && opened.st_dev == there.st_dev && opened.st_ino == there.st_ino;
}

/*
 * LMDB opens the data and the lock file one after the other by their paths. If the folder were exchanged in between, it
 * would read one database under the other's lock file, and who alone has a lock file open writes into it which
 * transaction is the last. So both are opened below a descriptor of the folder. Where there is no /proc, what was
 * opened counts only if the folder is still the same behind it. A folder that another took the place of is emptied, so
 * that what is missing there is looked for in the other.
 */
static int open_exchanged(struct store *s, const struct store_options *o)
{
    for (int tries = 0;; tries++) {
        char path[64];
        int fd ATTR_CLEANUP(cleanup_close) = open(s->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            return errno;
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        bool by_fd = same_folder(fd, path);
        int rc = open_env(s, o, by_fd ? path : s->dir);
        if ((!rc && by_fd) || tries == 16 || same_folder(fd, s->dir))
            return rc;
        if (!rc)
            mdb_env_close(STEAL(s->env));
    }
}

int store_open(const char *dir, const struct store_options *options, struct store **ret_store, struct err *e)
{
    struct store_options o = options ? *options : (struct store_options){0};
    struct store *s = xcalloc(1, sizeof *s);
    s->dir = xstrdup(dir);
    s->lock_fd = -1;
    s->read_only = o.read_only;
    int rc = 0;
    if (!o.read_only && (store_make_dirs(dir, e) || (!o.shared && take_lock(s, e)) || reserve_lock_file(s, e)))
        rc = -1;
    else if ((rc = o.exchanged ? open_exchanged(s, &o) : open_env(s, &o, s->dir)))
        rc = rc == ENOENT && o.read_only ? err_set(e, ERR_NOT_FOUND, rc, "there is no store in %s", dir)
                                         : store_err(e, rc, s, "cannot open");
    if (rc) {
        store_close(s);
        return -1;
    }
    store_clear_dead_readers(s);
    *ret_store = s;
    return 0;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    if (s->env)
        mdb_env_close(s->env);
    cleanup_close(&s->lock_fd);
    free(s->dir);
    free(s);
}

int store_wipe(const char *dir, struct err *e)
{
    static const char *const files[] = {"data.mdb", "lock.mdb", "LOCK"};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/%s", dir, files[i]);
        if (unlink(path) && errno != ENOENT)
            return err_errno(e, ERR_FATAL, errno, "cannot remove %s", path);
    }
    return 0;
}

int store_grow(struct store *s, struct err *e)
{
    MDB_envinfo info;
    mdb_env_info(s->env, &info);
    int rc = mdb_env_set_mapsize(s->env, info.me_mapsize * 2);
    return rc ? store_err(e, rc, s, "cannot grow the map") : 0;
}

void store_clear_dead_readers(struct store *s)
{
    int dead;
    mdb_reader_check(s->env, &dead);
}

size_t store_used_bytes(struct store *s)
{
    MDB_envinfo info;
    MDB_stat stat;
    mdb_env_info(s->env, &info);
    mdb_env_stat(s->env, &stat);
    return (info.me_last_pgno + 1) * stat.ms_psize;
}

int store_tables_open(struct store *s, const char *const *names, size_t n, store_table *ret_tables, struct err *e)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(s->env, NULL, s->read_only ? MDB_RDONLY : 0, &txn);
    if (rc)
        return store_err(e, rc, s, "cannot open tables");
    for (size_t i = 0; i < n; i++) {
        MDB_dbi dbi;
        rc = mdb_dbi_open(txn, names[i], s->read_only ? 0 : MDB_CREATE, &dbi);
        if (rc) {
            mdb_txn_abort(txn);
            return rc == MDB_NOTFOUND ? err_set(e, ERR_NOT_FOUND, rc, "store %s has no table %s", s->dir, names[i])
                                      : store_err(e, rc, s, names[i]);
        }
        ret_tables[i] = dbi;
    }
    rc = mdb_txn_commit(txn);
    return rc ? store_err(e, rc, s, "cannot open tables") : 0;
}

int store_table_open(struct store *s, const char *name, store_table *ret_table, struct err *e)
{
    return store_tables_open(s, &name, 1, ret_table, e);
}

int store_begin(struct store *s, bool write, struct store_txn **ret_txn, struct err *e)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(s->env, NULL, write ? 0 : MDB_RDONLY, &txn);
    if (rc == MDB_MAP_RESIZED) {
        mdb_env_set_mapsize(s->env, 0);
        rc = mdb_txn_begin(s->env, NULL, write ? 0 : MDB_RDONLY, &txn);
    }
    if (rc)
        return store_err(e, rc, s, "cannot begin a transaction");
    struct store_txn *t = xcalloc(1, sizeof *t);
    t->txn = txn;
    t->store = s;
    *ret_txn = t;
    return 0;
}

struct store_companion *store_companion(const struct store_txn *t)
{
    return t->companion;
}

void store_set_companion(struct store_txn *t, struct store_companion *c)
{
    t->companion = c;
}

static void txn_end(struct store_txn *t)
{
    if (t->companion)
        t->companion->done(t->companion);
    free(t);
}

int store_commit(struct store_txn *t, struct err *e)
{
    struct store *s = t->store;
    if (t->companion && t->companion->before_commit(t->companion, t, e)) {
        store_abort(t);
        return -1;
    }
    int rc = mdb_txn_commit(t->txn);
    txn_end(t);
    return rc ? store_err(e, rc, s, "cannot commit") : 0;
}

void store_abort(struct store_txn *t)
{
    if (!t)
        return;
    mdb_txn_abort(t->txn);
    txn_end(t);
}

static MDB_val to_val(struct slice s)
{
    return (MDB_val){.mv_size = s.n, .mv_data = (void *)(uintptr_t)(s.p ? s.p : (const uint8_t *)"")};
}

static struct slice from_val(MDB_val v)
{
    return slice_of(v.mv_data, v.mv_size);
}

int store_get(struct store_txn *t, store_table table, struct slice key, struct slice *ret_value, struct err *e)
{
    MDB_val k = to_val(key), v;
    int rc = mdb_get(t->txn, table, &k, &v);
    if (rc == MDB_NOTFOUND)
        return 0;
    if (rc)
        return store_err(e, rc, t->store, "cannot read");
    *ret_value = from_val(v);
    return 1;
}

static int put(struct store_txn *t, store_table table, struct slice key, struct slice value, unsigned flags,
               struct err *e)
{
    MDB_val k = to_val(key), v = to_val(value);
    int rc = mdb_put(t->txn, table, &k, &v, flags);
    return rc ? store_err(e, rc, t->store, "cannot write") : 0;
}

int store_put(struct store_txn *t, store_table table, struct slice key, struct slice value, struct err *e)
{
    return put(t, table, key, value, 0, e);
}

int store_append(struct store_txn *t, store_table table, struct slice key, struct slice value, struct err *e)
{
    return put(t, table, key, value, MDB_APPEND, e);
}

/* Where a cursor comes to stand: at the first key >= key, then moved as step says. */
static int seek(struct store_txn *t, store_table table, struct slice key, bool above, struct slice *ret_key,
                struct slice *ret_value, struct err *e)
{
    MDB_cursor *c;
    MDB_val k = to_val(key), v;
    int rc = mdb_cursor_open(t->txn, table, &c);
    if (rc)
        return store_err(e, rc, t->store, "cannot read");
    rc = mdb_cursor_get(c, &k, &v, MDB_SET_RANGE);
    bool equal = !rc && slice_eq(from_val(k), key);
    if (above && equal)
        rc = mdb_cursor_get(c, &k, &v, MDB_NEXT);
    else if (!above && !equal && (!rc || rc == MDB_NOTFOUND))
        rc = mdb_cursor_get(c, &k, &v, rc ? MDB_LAST : MDB_PREV);
    mdb_cursor_close(c);
    if (rc == MDB_NOTFOUND)
        return 0;
    if (rc)
        return store_err(e, rc, t->store, "cannot read");
    *ret_key = from_val(k);
    *ret_value = from_val(v);
    return 1;
}

int store_floor(struct store_txn *t, store_table table, struct slice key, struct slice *ret_key,
                struct slice *ret_value, struct err *e)
{
    return seek(t, table, key, false, ret_key, ret_value, e);
}

int store_above(struct store_txn *t, store_table table, struct slice key, struct slice *ret_key,
                struct slice *ret_value, struct err *e)
{
    return seek(t, table, key, true, ret_key, ret_value, e);
}

int store_del(struct store_txn *t, store_table table, struct slice key, struct err *e)
{
    MDB_val k = to_val(key);
    int rc = mdb_del(t->txn, table, &k, NULL);
    if (rc == MDB_NOTFOUND)
        return 0;
    return rc ? store_err(e, rc, t->store, "cannot delete") : 1;
}

int store_payload(struct store_txn *t, store_table table, uint64_t *ret_bytes, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    uint64_t sum = 0;
    int r;
    store_iter_init(&it, t, table, SLICE_NONE, SLICE_NONE);
    while ((r = store_iter_next(&it, &key, &value, e)) == 1)
        sum += key.n + value.n;
    store_iter_done(&it);
    if (!r)
        *ret_bytes = sum;
    return r;
}

int store_count(struct store_txn *t, store_table table, uint64_t *ret_n, struct err *e)
{
    MDB_stat stat;
    int rc = mdb_stat(t->txn, table, &stat);
    if (rc)
        return store_err(e, rc, t->store, "cannot count");
    *ret_n = stat.ms_entries;
    return 0;
}

void store_iter_init(struct store_iter *it, struct store_txn *t, store_table table, struct slice prefix,
                     struct slice from)
{
    *it = (struct store_iter){.txn = t, .table = table, .prefix = prefix, .from = from.p ? from : prefix};
}

static int iter_open(struct store_iter *it, struct err *e)
{
    if (it->cursor)
        return 0;
    MDB_cursor *c;
    int rc = mdb_cursor_open(it->txn->txn, it->table, &c);
    if (rc)
        return store_err(e, rc, it->txn->store, "cannot walk a table");
    it->cursor = c;
    return 0;
}

static int iter_give(struct store_iter *it, int rc, MDB_val k, MDB_val v, struct slice *ret_key,
                     struct slice *ret_value, struct err *e)
{
    if (rc == MDB_NOTFOUND)
        return 0;
    if (rc)
        return store_err(e, rc, it->txn->store, "cannot walk a table");
    if (!slice_starts(from_val(k), it->prefix))
        return 0;
    *ret_key = from_val(k);
    *ret_value = from_val(v);
    return 1;
}

int store_iter_next(struct store_iter *it, struct slice *ret_key, struct slice *ret_value, struct err *e)
{
    if (iter_open(it, e))
        return -1;
    MDB_val k = to_val(it->from), v;
    MDB_cursor_op op = it->started ? MDB_NEXT : it->from.n ? MDB_SET_RANGE : MDB_FIRST;
    it->started = true;
    int rc = mdb_cursor_get(it->cursor, &k, &v, op);
    return iter_give(it, rc, k, v, ret_key, ret_value, e);
}

int store_iter_last(struct store_iter *it, struct slice *ret_key, struct slice *ret_value, struct err *e)
{
    if (iter_open(it, e))
        return -1;
    /* The key behind every key of the prefix: the prefix with its last byte that is not 0xFF raised by one. */
    uint8_t behind[512];
    size_t n = MIN(it->prefix.n, sizeof behind);
    if (n)
        memcpy(behind, it->prefix.p, n);
    while (n && behind[n - 1] == 0xFF)
        n--;
    MDB_val k, v;
    int rc;
    if (n) {
        behind[n - 1]++;
        k = to_val(slice_of(behind, n));
        rc = mdb_cursor_get(it->cursor, &k, &v, MDB_SET_RANGE);
        rc = mdb_cursor_get(it->cursor, &k, &v, rc == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
    } else {
        rc = mdb_cursor_get(it->cursor, &k, &v, MDB_LAST);
    }
    it->started = true;
    return iter_give(it, rc, k, v, ret_key, ret_value, e);
}

int store_iter_del(struct store_iter *it, struct err *e)
{
    int rc = mdb_cursor_del(it->cursor, 0);
    return rc ? store_err(e, rc, it->txn->store, "cannot delete") : 0;
}

void store_iter_done(struct store_iter *it)
{
    if (it->cursor)
        mdb_cursor_close(it->cursor);
    it->cursor = NULL;
}
