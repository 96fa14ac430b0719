/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/embedded/embedded.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>

size_t embedded_map_size;

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct embedded_env *registry;

/* ---- the wake page ---- */

static int wake_open(struct embedded_env *v, struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/wake", v->dir);
    int fd ATTR_CLEANUP(cleanup_close) = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct stat st;
    if (fd < 0 || fstat(fd, &st))
        return err_errno(e, ERR_FATAL, errno, "cannot open %s", path);
    /* Written, not truncated to length: touching a hole of a full disk would be SIGBUS. */
    static const uint8_t zeros[EMBEDDED_WAKE_SIZE];
    size_t have = MIN((size_t)st.st_size, EMBEDDED_WAKE_SIZE);
    while (have < EMBEDDED_WAKE_SIZE) {
        ssize_t n = pwrite(fd, zeros, EMBEDDED_WAKE_SIZE - have, (off_t)have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_errno(e, ERR_FATAL, n ? errno : ENOSPC, "cannot write %s", path);
        have += (size_t)n;
    }
    void *p = mmap(NULL, EMBEDDED_WAKE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        return err_errno(e, ERR_FATAL, errno, "cannot map %s", path);
    v->wake = p;
    return 0;
}

void embedded_wake_all(struct embedded_env *v, atomic_uint *counter)
{
    int keep = errno;
    if (counter)
        atomic_fetch_add(counter, 1);
    atomic_fetch_add(&v->wake->turn, 1);
    syscall(SYS_futex, &v->wake->turn, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
    errno = keep;
}

void embedded_wait(struct embedded_env *v, uint32_t seen_turn, int64_t ms)
{
    struct timespec ts = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    syscall(SYS_futex, &v->wake->turn, FUTEX_WAIT, seen_turn, &ts, NULL, 0);
}

/* ---- the environment ---- */

static int make_cluster_id(char *to, struct err *e)
{
    uint8_t r[16];
    if (getrandom(r, sizeof r, 0) != (ssize_t)sizeof r)
        return err_errno(e, ERR_FATAL, errno, "no random bytes for the cluster id");
    /* RFC 4122, version 4. */
    r[6] = (uint8_t)((r[6] & 0x0F) | 0x40);
    r[8] = (uint8_t)((r[8] & 0x3F) | 0x80);
    size_t at = 0;
    for (size_t i = 0; i < sizeof r; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            to[at++] = '-';
        snprintf(to + at, 3, "%02x", r[i]);
        at += 2;
    }
    return 0;
}

static int check_format(struct embedded_env *v, struct store_txn *txn, struct err *e)
{
    struct slice value;
    int r = store_get(txn, v->meta, SLICE("format"), &value, e);
    if (r < 0)
        return -1;
    if (r == 0) {
        uint8_t format[4];
        key_u32(format, EMBEDDED_FORMAT);
        if (make_cluster_id(v->cluster_id, e) ||
            store_put(txn, v->meta, SLICE("format"), slice_of(format, sizeof format), e))
            return -1;
        return store_put(txn, v->meta, SLICE("cluster"), slice_str(v->cluster_id), e);
    }
    uint32_t format = value.n == 4 ? key_get_u32(value.p) : 0;
    if (format != EMBEDDED_FORMAT)
        return err_set(e, ERR_USAGE, 0,
                       "the embedded bus in %s has format %" PRIu32
                       ", this build knows %u: use the build that wrote it, or "
                       "remove the folder, and every stage starts over",
                       v->dir, format, EMBEDDED_FORMAT);
    r = store_get(txn, v->meta, SLICE("cluster"), &value, e);
    if (r < 0)
        return -1;
    if (r == 0 || value.n != sizeof v->cluster_id - 1)
        return err_set(e, ERR_FATAL, 0, "the embedded bus in %s is damaged: it has no cluster id", v->dir);
    memcpy(v->cluster_id, value.p, value.n);
    return 0;
}

static int open_tables(struct embedded_env *v, struct err *e)
{
    const struct {
        const char *name;
        store_table *table;
    } rest[] = {
        {"log", &v->log}, {"index", &v->index}, {"ends", &v->ends}, {"commits", &v->commits}, {"graves", &v->graves}};
    /* meta first: a format that is not known must not be touched. */
    struct store_txn *txn;
    if (store_table_open(v->store, "meta", &v->meta, e) || embedded_begin(v, true, &txn, e))
        return -1;
    if (check_format(v, txn, e)) {
        embedded_end(v, txn, false, NULL);
        return -1;
    }
    if (embedded_end(v, txn, true, e))
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(rest); i++)
        if (store_table_open(v->store, rest[i].name, rest[i].table, e))
            return -1;
    return 0;
}

static void env_free(struct embedded_env *v)
{
    if (v->wake)
        munmap(v->wake, EMBEDDED_WAKE_SIZE);
    store_close(v->store);
    cleanup_close(&v->dir_fd);
    pthread_mutex_destroy(&v->lock);
    free(v->dir);
    free(v);
}

static int env_open(const char *dir, int dir_fd, const struct stat *st, struct embedded_env **ret_env, struct err *e)
{
    struct embedded_env *v = xcalloc(1, sizeof *v);
    v->dir = xstrdup(dir);
    v->dir_fd = dir_fd;
    v->device = st->st_dev;
    v->inode = st->st_ino;
    v->pid = getpid();
    pthread_mutex_init(&v->lock, NULL);
    char *log ATTR_CLEANUP(cleanup_free) = xasprintf("%s/log", dir);
    const struct store_options o = {
        .map_size = embedded_map_size, .tables = 8, .shared = true, .sync = STORE_SYNC_FULL};
    if (store_open(log, &o, &v->store, e) || open_tables(v, e) || wake_open(v, e)) {
        env_free(v);
        return -1;
    }
    *ret_env = v;
    return 0;
}

static int env_find_or_open(const char *dir, struct embedded_env **ret_env, struct err *e)
{
    if (store_make_dirs(dir, e))
        return -1;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st)) {
        err_errno(e, ERR_FATAL, errno, "cannot open the folder %s", dir);
        cleanup_close(&fd);
        return -1;
    }
    for (struct embedded_env *v = registry; v; v = v->next)
        if (v->pid == getpid() && v->device == st.st_dev && v->inode == st.st_ino) {
            close(fd);
            *ret_env = v;
            return 0;
        }
    struct embedded_env *v;
    if (env_open(dir, fd, &st, &v, e))
        return -1;
    v->next = registry;
    registry = v;
    *ret_env = v;
    return 0;
}

int embedded_env_get(const char *dir, struct embedded_env **ret_env, struct err *e)
{
    pthread_mutex_lock(&registry_lock);
    int rc = env_find_or_open(dir, ret_env, e);
    if (!rc)
        (*ret_env)->users++;
    pthread_mutex_unlock(&registry_lock);
    return rc;
}

void embedded_env_put(struct embedded_env *v)
{
    if (!v)
        return;
    pthread_mutex_lock(&registry_lock);
    if (--v->users == 0) {
        for (struct embedded_env **at = &registry; *at; at = &(*at)->next)
            if (*at == v) {
                *at = v->next;
                break;
            }
        env_free(v);
    }
    pthread_mutex_unlock(&registry_lock);
}

int embedded_begin(struct embedded_env *v, bool write, struct store_txn **ret_txn, struct err *e)
{
    pthread_mutex_lock(&v->lock);
    int rc = store_begin(v->store, write, ret_txn, e);
    if (rc)
        pthread_mutex_unlock(&v->lock);
    return rc;
}

int embedded_end(struct embedded_env *v, struct store_txn *txn, bool commit, struct err *e)
{
    int rc = 0;
    if (commit)
        rc = store_commit(txn, e);
    else
        store_abort(txn);
    pthread_mutex_unlock(&v->lock);
    return rc;
}

int embedded_grow(struct embedded_env *v, struct err *e)
{
    pthread_mutex_lock(&v->lock);
    store_clear_dead_readers(v->store);
    int rc = store_grow(v->store, e);
    pthread_mutex_unlock(&v->lock);
    return rc;
}

/* ---- topics ---- */

#define TOPIC_ROW 7u /* id u16, partitions u32, compacted u8 */

static struct slice topic_key(enum topic t, char *to, size_t n)
{
    snprintf(to, n, "topic/%s", topics[t].name);
    return slice_str(to);
}

int embedded_topics_load(struct embedded *b, struct store_txn *txn, struct err *e)
{
    for (unsigned t = 0; t < TOPIC_MAX; t++) {
        char name[64];
        struct slice value;
        int r = store_get(txn, b->env->meta, topic_key((enum topic)t, name, sizeof name), &value, e);
        if (r < 0)
            return -1;
        if (r == 0)
            continue;
        if (value.n != TOPIC_ROW)
            return err_set(e, ERR_FATAL, 0, "the embedded bus in %s is damaged: row of topic %s", b->env->dir,
                           topics[t].name);
        b->topics[t] = (struct embedded_topic){.id = (uint16_t)(value.p[0] << 8 | value.p[1]),
                                               .partitions = key_get_u32(value.p + 2),
                                               .compacted = value.p[6] != 0};
    }
    return 0;
}

static int topics_refresh(struct embedded *b, struct err *e)
{
    struct store_txn *txn;
    if (embedded_begin(b->env, false, &txn, e))
        return -1;
    int rc = embedded_topics_load(b, txn, e);
    embedded_end(b->env, txn, false, NULL);
    return rc;
}

int embedded_topic(struct embedded *b, enum topic t, uint32_t partition, const struct embedded_topic **ret_topic,
                   struct err *e)
{
    ASSERT((unsigned)t < TOPIC_MAX);
    if (!b->topics[t].partitions && topics_refresh(b, e))
        return -1;
    const struct embedded_topic *topic = &b->topics[t];
    if (!topic->partitions)
        return err_set(e, ERR_USAGE, 0, "topic %s does not exist in the embedded bus %s: create the topics first",
                       topics[t].name, b->env->dir);
    if (partition >= topic->partitions)
        return err_set(e, ERR_USAGE, 0, "topic %s has %" PRIu32 " partitions, there is no partition %" PRIu32,
                       topics[t].name, topic->partitions, partition);
    *ret_topic = topic;
    return 0;
}

/* The next number no topic has, also none that this build does not know. */
static int next_topic_id(struct embedded *b, struct store_txn *txn, uint16_t *ret_id, struct err *e)
{
    struct store_iter it;
    struct slice key, value;
    uint16_t id = 0;
    int r;
    store_iter_init(&it, txn, b->env->meta, SLICE("topic/"), SLICE_NONE);
    while ((r = store_iter_next(&it, &key, &value, e)) == 1)
        if (value.n == TOPIC_ROW)
            id = (uint16_t)MAX((unsigned)id, (unsigned)(value.p[0] << 8 | value.p[1]) + 1);
    store_iter_done(&it);
    if (r < 0)
        return -1;
    *ret_id = id;
    return 0;
}

static int create_missing(struct embedded *b, struct store_txn *txn, uint32_t partitions, struct err *e)
{
    uint16_t id;
    if (embedded_topics_load(b, txn, e) || next_topic_id(b, txn, &id, e))
        return -1;
    for (unsigned t = 0; t < TOPIC_MAX; t++) {
        if (b->topics[t].partitions)
            continue;
        char name[64];
        uint8_t row[TOPIC_ROW];
        row[0] = (uint8_t)(id >> 8);
        row[1] = (uint8_t)id;
        key_u32(row + 2, partitions);
        row[6] = topics[t].compacted;
        id++;
        if (store_put(txn, b->env->meta, topic_key((enum topic)t, name, sizeof name), slice_of(row, sizeof row), e))
            return -1;
    }
    return 0;
}

int embedded_topics_create(struct bus *bus, uint32_t partitions, struct err *e)
{
    struct embedded *b = (struct embedded *)bus;
    if (partitions == 0 || partitions > EMBEDDED_PARTITIONS_MAX)
        return err_set(e, ERR_USAGE, 0, "%" PRIu32 " partitions: the embedded bus takes 1 to %u", partitions,
                       EMBEDDED_PARTITIONS_MAX);
    struct store_txn *txn;
    if (embedded_begin(b->env, true, &txn, e))
        return -1;
    if (create_missing(b, txn, partitions, e)) {
        embedded_end(b->env, txn, false, NULL);
        return -1;
    }
    return embedded_end(b->env, txn, true, e) ? -1 : topics_refresh(b, e);
}

int embedded_topics_check(struct bus *bus, uint32_t *ret_partitions, struct err *e)
{
    struct embedded *b = (struct embedded *)bus;
    if (topics_refresh(b, e))
        return -1;
    for (unsigned t = 0; t < TOPIC_MAX; t++) {
        const struct embedded_topic *topic = &b->topics[t];
        if (!topic->partitions)
            return err_set(e, ERR_USAGE, 0, "topic %s does not exist in the embedded bus %s: create the topics first",
                           topics[t].name, b->env->dir);
        if (topic->partitions != b->topics[0].partitions)
            return err_set(e, ERR_USAGE, 0,
                           "topic %s has %" PRIu32 " partitions where %s has %" PRIu32
                           ": all need the same; remove %s and create the topics again",
                           topics[t].name, topic->partitions, topics[0].name, b->topics[0].partitions, b->env->dir);
        if (topic->compacted != topics[t].compacted)
            return err_set(e, ERR_USAGE, 0,
                           "topic %s is %scompacted where this build wants it %scompacted: use the build that "
                           "created it, or remove %s and create the topics again",
                           topics[t].name, topic->compacted ? "" : "not ", topics[t].compacted ? "" : "not ",
                           b->env->dir);
    }
    *ret_partitions = b->topics[0].partitions;
    return 0;
}

int embedded_next(struct embedded_env *v, struct store_txn *txn, const struct embedded_topic *topic, uint32_t partition,
                  uint64_t *ret_next, struct err *e)
{
    uint8_t key[EMBEDDED_PARTITION_KEY];
    struct slice value;
    embedded_partition_key(key, topic->id, partition);
    int r = store_get(txn, v->ends, slice_of(key, sizeof key), &value, e);
    if (r < 0)
        return -1;
    if (r == 1 && value.n != 8)
        return err_set(e, ERR_FATAL, 0, "the embedded bus in %s is damaged: end of a partition", v->dir);
    *ret_next = r == 1 ? key_get_u64(value.p) : 0;
    return 0;
}

static int range_in(struct embedded *b, struct store_txn *txn, const struct embedded_topic *topic, uint32_t partition,
                    uint64_t *low, uint64_t *high, struct err *e)
{
    uint8_t prefix[EMBEDDED_PARTITION_KEY];
    struct store_iter it;
    struct slice key, value;
    if (embedded_next(b->env, txn, topic, partition, high, e))
        return -1;
    embedded_partition_key(prefix, topic->id, partition);
    store_iter_init(&it, txn, b->env->log, slice_of(prefix, sizeof prefix), SLICE_NONE);
    int r = store_iter_next(&it, &key, &value, e);
    *low = r == 1 ? key_get_u64(key.p + EMBEDDED_PARTITION_KEY) : *high;
    store_iter_done(&it);
    return r < 0 ? -1 : 0;
}

int embedded_range(struct bus *bus, enum topic t, uint32_t partition, int64_t *ret_low, int64_t *ret_high,
                   struct err *e)
{
    struct embedded *b = (struct embedded *)bus;
    const struct embedded_topic *topic;
    struct store_txn *txn;
    uint64_t low = 0, high = 0;
    if (embedded_topic(b, t, partition, &topic, e) || embedded_begin(b->env, false, &txn, e))
        return -1;
    int rc = range_in(b, txn, topic, partition, &low, &high, e);
    embedded_end(b->env, txn, false, NULL);
    if (rc)
        return -1;
    *ret_low = (int64_t)low;
    *ret_high = (int64_t)high;
    return 0;
}
