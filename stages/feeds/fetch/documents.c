/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/fetch/documents.h"

#include "base/clock.h"
#include "feeds/table/families.h"
#include "feeds/reading.h"
#include "feeds/pipeline/wire.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

struct documents {
    const struct fetch *how;
    const struct feed *f;
    char *dir;
    struct arena arena;
    slice_vec names; /* "path" or "path version", in the list's order */
    struct http_client *http;
};

static struct slice path_of(struct slice name)
{
    struct slice path = SLICE_NONE;
    slice_take_token(&name, ' ', &path);
    return path;
}

/* Where a document of that path and version is kept. */
static char *kept_path(const struct documents *d, struct slice name)
{
    struct hash128 h = hash128(name);
    struct buf hex ATTR_CLEANUP(buf_done) = BUF_INIT(64);
    for (size_t i = 0; i < sizeof h.b; i++)
        buf_addf(&hex, "%02x", h.b[i]);
    return xasprintf("%s/%s", d->dir, buf_cstr(&hex));
}

/* ---- the list ---- */

static int take_name(void *arg, struct slice name, struct err *e)
{
    struct documents *d = arg;
    name = arena_slice(&d->arena, name);
    slice_vec_add(&d->arena, &d->names, name);
    return d->arena.overflow ? err_set(e, ERR_POISON, 0, "the list does not fit the memory") : 0;
}

static int read_list(struct documents *d, const struct feed *list, const char *url, struct err *e)
{
    static const char *const json[] = {"Accept: application/json, text/plain", NULL};
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/list", d->dir);
    if (fetch_file(d->how, d->http, url, json, DOCUMENT_BYTES_MAX, path, e))
        return -1;
    struct byte_source_file *file = xcalloc(1, sizeof *file);
    struct feed_taker taker = {.arg = d, .named = take_name};
    struct feed_stats stats;
    file->fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = file->fd < 0
                 ? err_errno(e, ERR_RETRY, errno, "cannot open %s", path)
                 : feed_read(list, byte_source_of_file(file), d->how->sandbox, d->how->sandbox_main, &taker, &stats, e);
    cleanup_close(&file->fd);
    free(file);
    unlink(path);
    return rc;
}

static struct hash128 digest_of(const struct documents *d)
{
    struct hash128 all = {0};
    for (size_t i = 0; i < d->names.n; i++) {
        uint8_t both[2 * sizeof all.b];
        struct hash128 one = hash128(d->names.v[i]);
        memcpy(both, all.b, sizeof all.b);
        memcpy(both + sizeof all.b, one.b, sizeof one.b);
        all = hash128(slice_of(both, sizeof both));
    }
    return all;
}

/* ---- the documents ---- */

static int fetch_document(struct documents *d, struct slice name, struct err *e)
{
    static const char *const any[] = {"Accept: application/xml, application/json", NULL};
    char *kept ATTR_CLEANUP(cleanup_free) = kept_path(d, name);
    char *part ATTR_CLEANUP(cleanup_free) = xasprintf("%s/part", d->dir);
    struct err why = ERR_INIT;
    if (access(kept, F_OK) == 0)
        return 0;
    char *address ATTR_CLEANUP(cleanup_free) = xasprintf("%s%.*s", d->f->url, SLICE_FMT(path_of(name)));
    char *url ATTR_CLEANUP(cleanup_free) = fetch_through(d->how, address);
    if (fetch_file(d->how, d->http, url, any, DOCUMENT_BYTES_MAX, part, &why)) {
        if (why.kind == ERR_NOT_FOUND)
            return 0; /* asked for again next time */
        if (e)
            *e = why;
        return -1;
    }
    return rename(part, kept) ? err_errno(e, ERR_RETRY, errno, "cannot rename %s", part) : 0;
}

static int fetch_documents(struct documents *d, struct err *e)
{
    for (size_t i = 0; i < d->names.n; i++) {
        if (fetch_document(d, d->names.v[i], e))
            return -1;
        if (d->how->progress)
            d->how->progress(d->how->arg, i + 1, (int64_t)d->names.n);
    }
    return 0;
}

/* ---- the tar ---- */

static int add_document(const struct documents *d, struct archive *a, struct slice name, uint64_t *total, struct err *e)
{
    char *kept ATTR_CLEANUP(cleanup_free) = kept_path(d, name);
    int fd ATTR_CLEANUP(cleanup_close) = open(kept, O_RDONLY | O_CLOEXEC);
    char *path ATTR_CLEANUP(cleanup_free) =
        xasprintf("%s%.*s", fd < 0 ? DOCUMENT_MISSING : "", SLICE_FMT(path_of(name)));
    struct stat st = {0};
    uint8_t *p ATTR_CLEANUP(cleanup_free) = xmalloc((size_t)1 << 16);
    if (fd >= 0 && fstat(fd, &st))
        return err_errno(e, ERR_RETRY, errno, "cannot read %s", kept);
    if ((*total += (uint64_t)st.st_size + 1024) > FEED_FETCH_MAX)
        return err_set(e, ERR_POISON, 0, "the documents are over %" PRIu64 " bytes", FEED_FETCH_MAX);
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, path);
    archive_entry_set_size(entry, st.st_size);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0600);
    bool ok = archive_write_header(a, entry) == ARCHIVE_OK;
    archive_entry_free(entry);
    for (ssize_t n; ok && fd >= 0 && (n = read(fd, p, (size_t)1 << 16)) > 0;)
        ok = archive_write_data(a, p, (size_t)n) == n;
    return ok ? 0 : err_set(e, ERR_RETRY, 0, "cannot write the documents: %s", archive_error_string(a));
}

static int write_tar(const struct documents *d, const char *path, uint64_t *ret_size, struct err *e)
{
    struct archive *a = archive_write_new();
    int rc = 0;
    *ret_size = 0;
    archive_write_set_format_pax_restricted(a);
    if (archive_write_open_filename(a, path) != ARCHIVE_OK)
        rc = err_set(e, ERR_RETRY, 0, "cannot write %s: %s", path, archive_error_string(a));
    for (size_t i = 0; i < d->names.n && !rc; i++)
        rc = add_document(d, a, d->names.v[i], ret_size, e);
    if (!rc && archive_write_close(a) != ARCHIVE_OK)
        rc = err_set(e, ERR_RETRY, 0, "cannot write %s: %s", path, archive_error_string(a));
    archive_write_free(a);
    return rc;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Documents that the list names no more, or in another version. */
static void drop_others(const struct documents *d)
{
    char **kept = xcalloc(d->names.n + 1, sizeof *kept);
    for (size_t i = 0; i < d->names.n; i++)
        kept[i] = kept_path(d, d->names.v[i]);
    qsort(kept, d->names.n, sizeof *kept, by_bytes);
    DIR *dir = opendir(d->dir);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/%s", d->dir, entry->d_name), *key = path;
        if (entry->d_name[0] != '.' && !bsearch(&key, kept, d->names.n, sizeof *kept, by_bytes))
            unlink(path);
    }
    if (dir)
        closedir(dir);
    for (size_t i = 0; i < d->names.n; i++)
        free(kept[i]);
    free(kept);
}

static int fetch_all(struct documents *d, const char *url, const struct feed_memory *old,
                     enum fetch_outcome *ret_outcome, char **ret_path, struct feed_memory *ret_memory, struct err *e)
{
    struct feed_memory m = {.reader = FEED_READER_VERSION};
    struct hash128 digest = digest_of(d);
    if (feed_memory_is_of(old, url) && memcmp(old->digest.b, digest.b, sizeof digest.b) == 0) {
        m = *old;
        m.fetched_ms = clock_wall_ms();
        *ret_outcome = FETCH_UNCHANGED;
        *ret_memory = m;
        return 0;
    }
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/%s.feed", d->how->work_dir, d->f->name);
    if (fetch_documents(d, e) || write_tar(d, path, &m.size, e))
        return -1;
    drop_others(d);
    snprintf(m.source, sizeof m.source, "%s", url);
    m.digest = digest;
    m.fetched_ms = m.changed_ms = clock_wall_ms();
    *ret_outcome = FETCH_NEW;
    *ret_memory = m;
    *ret_path = STEAL(path);
    return 0;
}

int documents_fetch(const struct fetch *how, const struct feed *f, const struct feed_memory *old,
                    enum fetch_outcome *ret_outcome, char **ret_path, struct feed_memory *ret_memory, struct err *e)
{
    const struct feed *list = feed_by_name(slice_str(f->list));
    ASSERT(list && list->kind == FEED_LIST);
    struct documents d = {.how = how,
                          .f = f,
                          .dir = xasprintf("%s/%s.documents", how->work_dir, f->name),
                          .arena = ARENA_INIT((size_t)64 << 20),
                          .http = http_client_new(how->http)};
    char *url ATTR_CLEANUP(cleanup_free) = fetch_through(how, list->url);
    int rc = mkdir(d.dir, 0700) && errno != EEXIST ? err_errno(e, ERR_FATAL, errno, "cannot make the folder %s", d.dir)
                                                   : read_list(&d, list, url, e);
    if (!rc)
        rc = fetch_all(&d, url, old, ret_outcome, ret_path, ret_memory, e);
    http_client_free(d.http);
    arena_done(&d.arena);
    free(d.dir);
    return rc;
}
