/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/pipeline/sorted.h"

#include "feeds/pipeline/sorted_stream.h"
#include "io/store/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#define READ_BUFFER ((size_t)256 << 10)

struct run {
    uint64_t from, to; /* in the file of runs */
};
struct sorted {
    char *dir;
    int dir_fd; /* all files are of this folder, though another one may get its name */
    /* While it is made. */
    uint8_t *buffer;
    size_t used, cap;
    uint32_t *entries; /* where its records begin; of two with one key the later one is behind */
    size_t entries_n, entries_cap;
    struct run *runs;
    size_t runs_n;
    int runs_fd;
    struct sorted_out out;
    /* While it is read. */
    int fd;
    struct sorted_in in;
    uint8_t key[SORTED_KEY_MAX], before[SORTED_KEY_MAX]; /* of the record that was given last, and of the one before */
    size_t key_n, before_n;
    struct slice value;
    bool held;               /* it is to be given again */
    uint64_t given, records; /* given: up to and with the last one */
};

static char *path_of(const char *dir, const char *name)
{
    return xasprintf("%s/%s", dir, name);
}

static struct sorted *sorted_new(const char *dir)
{
    struct sorted *s = xcalloc(1, sizeof *s);
    s->dir = xstrdup(dir);
    s->dir_fd = s->runs_fd = s->fd = -1;
    return s;
}

static int open_file(const struct sorted *s, const char *name, int *ret_fd, struct err *e)
{
    *ret_fd = openat(s->dir_fd, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return *ret_fd < 0 ? err_errno(e, ERR_RETRY, errno, "cannot open %s/%s", s->dir, name) : 0;
}

/* The last three are of what an older program kept there. */
static const char *const file_names[] = {"rows", "rows.part", "runs", "data.mdb", "lock.mdb", "LOCK"};

void sorted_remove(const char *dir)
{
    for (size_t i = 0; i < ARRAY_LEN(file_names); i++) {
        char *path ATTR_CLEANUP(cleanup_free) = path_of(dir, file_names[i]);
        unlink(path);
    }
    rmdir(dir);
}

/* A process that lost the feed's partition may still be at it: its files are not touched, and ours are not its. */
static int lock_folder(struct sorted *s, struct err *e)
{
    s->dir_fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->dir_fd < 0)
        return err_errno(e, ERR_RETRY, errno, "cannot open %s", s->dir);
    if (flock(s->dir_fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return errno == EWOULDBLOCK ? err_set(e, ERR_RETRY, 0, "another process writes in %s", s->dir)
                                : err_errno(e, ERR_RETRY, errno, "cannot lock %s", s->dir);
}

int sorted_create(const char *dir, struct sorted **ret_sorted, struct err *e)
{
    if (store_make_dirs(dir, e))
        return -1;
    struct sorted *s = sorted_new(dir);
    if (lock_folder(s, e)) {
        sorted_close(s);
        return -1;
    }
    for (size_t i = 0; i < ARRAY_LEN(file_names); i++)
        unlinkat(s->dir_fd, file_names[i], 0);
    *ret_sorted = s;
    return 0;
}

void sorted_close(struct sorted *s)
{
    if (!s)
        return;
    cleanup_close(&s->dir_fd);
    cleanup_close(&s->runs_fd);
    cleanup_close(&s->fd);
    sorted_in_done(&s->in);
    sorted_out_done(&s->out);
    free(s->buffer);
    free(s->entries);
    free(s->runs);
    free(s->dir);
    free(s);
}

/* ---- making it ---- */

static struct slice key_at(const uint8_t *record)
{
    uint32_t n;
    memcpy(&n, record, sizeof n);
    return slice_of(record + SORTED_HEAD, n);
}

static struct slice value_at(const uint8_t *record)
{
    uint32_t n[2];
    memcpy(n, record, sizeof n);
    return slice_of(record + SORTED_HEAD + n[0], n[1]);
}

static int entry_order(const void *a, const void *b, void *buffer)
{
    const uint32_t *x = a, *y = b;
    int c = slice_cmp(key_at((uint8_t *)buffer + *x), key_at((uint8_t *)buffer + *y));
    return c ? c : *x < *y ? -1 : *x > *y;
}

/* Writes what is in the buffer behind what `out` has, each key once. */
static int write_buffer(struct sorted *s, struct sorted_out *out, struct err *e)
{
    if (s->entries_n)
        qsort_r(s->entries, s->entries_n, sizeof *s->entries, entry_order, s->buffer);
    for (size_t i = 0; i < s->entries_n; i++) {
        const uint8_t *record = s->buffer + s->entries[i];
        bool again = i + 1 < s->entries_n && slice_eq(key_at(record), key_at(s->buffer + s->entries[i + 1]));
        if (!again && sorted_out_record(out, key_at(record), value_at(record), e))
            return -1;
    }
    s->entries_n = s->used = 0;
    return 0;
}

static int end_run(struct sorted *s, struct err *e)
{
    if (s->runs_fd < 0) {
        if (open_file(s, "runs", &s->runs_fd, e))
            return -1;
        s->out = sorted_out_to(s->runs_fd);
    }
    uint64_t from = s->out.written;
    if (write_buffer(s, &s->out, e) || sorted_out_flush(&s->out, e))
        return -1;
    s->runs = xrealloc(s->runs, (s->runs_n + 1) * sizeof *s->runs);
    s->runs[s->runs_n++] = (struct run){from, s->out.written};
    return 0;
}

int sorted_put(struct sorted *s, struct slice key, struct slice value, struct err *e)
{
    size_t n = SORTED_HEAD + key.n + value.n;
    if (!key.n || key.n > SORTED_KEY_MAX || value.n > SORTED_VALUE_MAX)
        return err_set(e, ERR_POISON, 0, "a record with a key of %zu and a value of %zu bytes", key.n, value.n);
    if (s->used && s->used + n > SORTED_BUFFER && end_run(s, e))
        return -1;
    if (s->used + n > s->cap) {
        s->cap = MAX(s->used + n, SORTED_BUFFER);
        s->buffer = xrealloc(s->buffer, s->cap);
    }
    if (s->entries_n == s->entries_cap) {
        s->entries_cap = s->entries_cap ? 2 * s->entries_cap : 4096;
        s->entries = xrealloc(s->entries, s->entries_cap * sizeof *s->entries);
    }
    uint8_t *to = s->buffer + s->used;
    uint32_t lengths[2] = {(uint32_t)key.n, (uint32_t)value.n};
    memcpy(to, lengths, sizeof lengths);
    memcpy(to + SORTED_HEAD, key.p, key.n);
    if (value.n)
        memcpy(to + SORTED_HEAD + key.n, value.p, value.n);
    s->entries[s->entries_n++] = (uint32_t)s->used;
    s->used += n;
    return 0;
}

/* ---- merging runs ---- */

struct merge {
    struct sorted_in *runs; /* each stands at a record or its end */
    uint32_t *heap;         /* indexes of those that stand at a record, the least key first */
    size_t n;
};

/* Among equal keys the record of the later run comes first, since it is the one that counts. */
static bool goes_before(const struct merge *m, uint32_t a, uint32_t b)
{
    int c = slice_cmp(m->runs[a].key, m->runs[b].key);
    return c ? c < 0 : a > b;
}

static void sift(struct merge *m, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < m->n; at = child) {
        if (child + 1 < m->n && goes_before(m, m->heap[child + 1], m->heap[child]))
            child++;
        if (!goes_before(m, m->heap[child], m->heap[at]))
            return;
        uint32_t swap = m->heap[at];
        m->heap[at] = m->heap[child];
        m->heap[child] = swap;
    }
}

static int merge_begin(struct merge *m, const struct sorted *s, struct err *e)
{
    /* A key always fits. */
    size_t room = MAX(SORTED_BUFFER / s->runs_n, (size_t)2 * SORTED_KEY_MAX);
    for (size_t i = 0; i < s->runs_n; i++) {
        m->runs[i] = sorted_in_from(s->runs_fd, s->runs[i].from, s->runs[i].to, room);
        int r = sorted_in_head(&m->runs[i], e);
        if (r < 0)
            return -1;
        if (r)
            m->heap[m->n++] = (uint32_t)i;
    }
    for (size_t i = m->n / 2; i-- > 0;)
        sift(m, i);
    return 0;
}

static int merge_next(struct merge *m, struct sorted_out *out, struct err *e)
{
    struct sorted_in *least = &m->runs[m->heap[0]];
    bool again = out->records && slice_eq(slice_of(out->last, out->last_n), least->key);
    if (again ? sorted_in_skip(least, e) : sorted_in_copy(least, out, e))
        return -1;
    int r = sorted_in_head(least, e);
    if (!r)
        m->heap[0] = m->heap[--m->n];
    sift(m, 0);
    return r < 0 ? -1 : 0;
}

static int merge_runs(struct sorted *s, struct sorted_out *out, struct err *e)
{
    struct merge m = {.runs = xcalloc(s->runs_n, sizeof *m.runs), .heap = xcalloc(s->runs_n, sizeof *m.heap)};
    int rc = merge_begin(&m, s, e);
    while (!rc && m.n)
        rc = merge_next(&m, out, e);
    for (size_t i = 0; i < s->runs_n; i++)
        sorted_in_done(&m.runs[i]);
    free(m.runs);
    free(m.heap);
    return rc;
}

/* ---- its end ---- */

static int write_rows(struct sorted *s, int fd, struct err *e)
{
    struct sorted_out out = sorted_out_to(fd);
    int rc = s->runs_n && s->entries_n ? end_run(s, e) : 0;
    if (!rc && !s->runs_n)
        rc = write_buffer(s, &out, e);
    free(STEAL(s->buffer));
    free(STEAL(s->entries));
    sorted_out_done(&s->out);
    if (!rc && s->runs_n)
        rc = merge_runs(s, &out, e);
    s->records = out.records;
    if (!rc)
        rc = sorted_out_record(&out, SLICE_NONE, slice_of(&s->records, sizeof s->records), e);
    if (!rc)
        rc = sorted_out_flush(&out, e);
    sorted_out_done(&out);
    return rc;
}

static int begin_reading(struct sorted *s, struct err *e)
{
    struct stat st;
    if (fstat(s->fd, &st))
        return err_errno(e, ERR_RETRY, errno, "cannot read %s/rows", s->dir);
    sorted_in_done(&s->in);
    s->in = sorted_in_from(s->fd, 0, (uint64_t)st.st_size, READ_BUFFER);
    s->key_n = s->before_n = 0;
    s->given = 0;
    s->held = false;
    return 0;
}

int sorted_finish(struct sorted *s, uint64_t *ret_records, struct err *e)
{
    if (open_file(s, "rows.part", &s->fd, e) || write_rows(s, s->fd, e))
        return -1;
    cleanup_close(&s->runs_fd);
    s->runs_fd = -1;
    unlinkat(s->dir_fd, "runs", 0);
    if (renameat(s->dir_fd, "rows.part", s->dir_fd, "rows"))
        return err_errno(e, ERR_RETRY, errno, "cannot rename %s/rows.part", s->dir);
    cleanup_close(&s->dir_fd);
    s->dir_fd = -1;
    *ret_records = s->records;
    return begin_reading(s, e);
}

/* ---- reading ---- */

/* Checks that the end is there, and reads from it how many records there are. */
static bool read_end(struct sorted *s)
{
    uint8_t end[SORTED_HEAD + sizeof s->records];
    const uint32_t lengths[2] = {0, sizeof s->records};
    struct stat st;
    if (fstat(s->fd, &st) || st.st_size < (off_t)sizeof end ||
        pread(s->fd, end, sizeof end, st.st_size - (off_t)sizeof end) != (ssize_t)sizeof end ||
        memcmp(end, lengths, sizeof lengths) != 0)
        return false;
    memcpy(&s->records, end + SORTED_HEAD, sizeof s->records);
    return true;
}

int sorted_open(const char *dir, struct sorted **ret_sorted, struct err *e)
{
    char *rows ATTR_CLEANUP(cleanup_free) = path_of(dir, "rows");
    struct sorted *s = sorted_new(dir);
    int rc = 0;
    s->fd = open(rows, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0)
        rc = errno == ENOENT ? err_set(e, ERR_NOT_FOUND, 0, "there is no sorted file in %s", dir)
                             : err_errno(e, ERR_RETRY, errno, "cannot open %s", rows);
    else if (!read_end(s))
        rc = err_set(e, ERR_NOT_FOUND, 0, "%s is not whole", rows);
    if (!rc)
        rc = begin_reading(s, e);
    if (rc)
        sorted_close(s);
    else
        *ret_sorted = s;
    return rc;
}

int sorted_next(struct sorted *s, struct slice *ret_key, struct slice *ret_value, struct err *e)
{
    if (!s->held) {
        int r = sorted_in_head(&s->in, e);
        if (r == 1 && !s->in.key.n && s->given == s->records)
            return 0;
        bool rises = r == 1 && s->given < s->records && slice_cmp(slice_of(s->key, s->key_n), s->in.key) < 0;
        if (r < 0 || !rises)
            return r < 0 ? -1 : err_set(e, ERR_NOT_FOUND, 0, "%s/rows is damaged", s->dir);
        memcpy(s->before, s->key, s->key_n);
        s->before_n = s->key_n;
        memcpy(s->key, s->in.key.p, s->in.key.n);
        s->key_n = s->in.key.n;
        if (sorted_in_value(&s->in, &s->value, e))
            return -1;
        s->given++;
    }
    s->held = false;
    *ret_key = slice_of(s->key, s->key_n);
    *ret_value = s->value;
    return 1;
}

int sorted_seek(struct sorted *s, struct slice from, struct err *e)
{
    struct slice key, value;
    /* Comparisons mostly go on where they stopped: at the record that was given last. */
    s->held = s->given && slice_cmp(slice_of(s->before, s->before_n), from) < 0;
    if (!s->held && begin_reading(s, e))
        return -1;
    int r = from.n ? 1 : 0;
    while (r == 1 && (r = sorted_next(s, &key, &value, e)) == 1)
        if (slice_cmp(key, from) >= 0) {
            s->held = true;
            break;
        }
    return r < 0 ? -1 : 0;
}
