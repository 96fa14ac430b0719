/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/fetch/fetch.h"

#include "base/clock.h"
#include "feeds/fetch/documents.h"
#include "feeds/fetch/repository.h"
#include "feeds/pipeline/wire.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>

#define MEMORY_FORMAT 1u
#define CHUNK         ((size_t)1 << 20)

/* ---- memory ---- */

int feed_memory_encode(const struct feed_memory *m, struct buf *out)
{
    buf_add_u32(out, MEMORY_FORMAT);
    buf_add_u32(out, m->reader);
    buf_add_prefixed(out, slice_str(m->source));
    buf_add_prefixed(out, slice_str(m->etag));
    buf_add_prefixed(out, slice_str(m->last_modified));
    buf_add(out, m->digest.b, sizeof m->digest.b);
    buf_add_u64(out, m->size);
    buf_add_u64(out, m->records);
    buf_add_u64(out, (uint64_t)m->mtime_ms);
    buf_add_u64(out, (uint64_t)m->fetched_ms);
    buf_add_u32(out, m->failures);
    buf_add_u64(out, m->skipped);
    buf_add_u64(out, (uint64_t)m->newest_ms);
    return buf_add_u64(out, (uint64_t)m->changed_ms);
}

static bool take_text(struct slice *in, char *to, size_t max)
{
    struct slice s;
    if (!slice_take_prefixed(in, &s) || s.n >= max)
        return false;
    memcpy(to, s.p, s.n);
    to[s.n] = 0;
    return true;
}

bool feed_memory_decode(struct slice in, struct feed_memory *ret_m)
{
    struct feed_memory m = {0};
    uint32_t format;
    uint64_t mtime, fetched, newest, changed;
    *ret_m = m;
    if (!slice_take_u32(&in, &format) || format != MEMORY_FORMAT || !slice_take_u32(&in, &m.reader) ||
        !take_text(&in, m.source, sizeof m.source) || !take_text(&in, m.etag, sizeof m.etag) ||
        !take_text(&in, m.last_modified, sizeof m.last_modified) || in.n < sizeof m.digest.b)
        return false;
    memcpy(m.digest.b, in.p, sizeof m.digest.b);
    in = slice_from(in, sizeof m.digest.b);
    if (!slice_take_u64(&in, &m.size) || !slice_take_u64(&in, &m.records) || !slice_take_u64(&in, &mtime) ||
        !slice_take_u64(&in, &fetched) || !slice_take_u32(&in, &m.failures))
        return false;
    if (!slice_take_u64(&in, &m.skipped))
        m.skipped = 0;
    if (!slice_take_u64(&in, &newest) || !slice_take_u64(&in, &changed))
        newest = changed = 0;
    m.newest_ms = (int64_t)newest;
    m.changed_ms = (int64_t)changed;
    m.mtime_ms = (int64_t)mtime;
    m.fetched_ms = (int64_t)fetched;
    *ret_m = m;
    return true;
}

bool feed_memory_is_of(const struct feed_memory *old, const char *source)
{
    return old && old->reader == FEED_READER_VERSION && old->fetched_ms && strcmp(old->source, source) == 0;
}

/* Chained over chunks, so that memory is one chunk whatever the file. */
struct digesting {
    struct hash128 digest;
    struct buf chunk;
    uint64_t size;
};

static void digest_add(struct digesting *d, struct slice bytes)
{
    d->size += bytes.n;
    while (bytes.n) {
        if (!d->chunk.n)
            buf_add(&d->chunk, d->digest.b, sizeof d->digest.b);
        size_t n = MIN(bytes.n, d->chunk.max - d->chunk.n);
        buf_add(&d->chunk, bytes.p, n);
        bytes = slice_from(bytes, n);
        if (d->chunk.n == d->chunk.max) {
            d->digest = hash128(buf_slice(&d->chunk));
            buf_clear(&d->chunk);
        }
    }
}

static void digest_end(struct digesting *d)
{
    if (d->chunk.n)
        d->digest = hash128(buf_slice(&d->chunk));
    buf_done(&d->chunk);
}

/* ---- a feeds folder ---- */

/* The feed's file: its path, or of those that its pattern matches the last in byte order. NULL: none. */
static char *local_path(const char *feeds_dir, const struct feed *f)
{
    if (!f->path)
        return NULL;
    char *path = xasprintf("%s/%s", feeds_dir, f->path);
    if (!strchr(f->path, '*')) {
        if (access(path, F_OK) == 0)
            return path;
        free(path);
        return NULL;
    }
    char *slash = strrchr(path, '/'), *best = NULL;
    *slash = 0;
    DIR *d = opendir(path);
    for (struct dirent *entry; d && (entry = readdir(d));)
        if (fnmatch(slash + 1, entry->d_name, FNM_PERIOD) == 0 && (!best || strcmp(entry->d_name, best) > 0)) {
            free(best);
            best = xstrdup(entry->d_name);
        }
    if (d)
        closedir(d);
    char *found = best ? xasprintf("%s/%s", path, best) : NULL;
    free(best);
    free(path);
    return found;
}

static int digest_file(const struct fetch *how, int fd, int64_t size, struct digesting *d, struct err *e)
{
    uint8_t *p ATTR_CLEANUP(cleanup_free) = xmalloc(CHUNK);
    for (;;) {
        ssize_t n = read(fd, p, CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(e, ERR_RETRY, errno, "cannot read");
        if (n == 0)
            break;
        digest_add(d, slice_of(p, (size_t)n));
        if (how->progress)
            how->progress(how->arg, d->size, size);
    }
    digest_end(d);
    return 0;
}

static int fetch_local(const struct fetch *how, const struct feed *f, const struct feed_memory *old,
                       enum fetch_outcome *ret_outcome, char **ret_path, struct feed_memory *ret_memory, struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = local_path(how->feeds_dir, f);
    if (!path) {
        *ret_outcome = FETCH_ABSENT;
        return 0;
    }
    int fd ATTR_CLEANUP(cleanup_close) = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st))
        return err_errno(e, ERR_RETRY, errno, "feed %s: cannot open %s", f->name, path);
    if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > FEED_FETCH_MAX)
        return err_set(e, ERR_POISON, 0, "feed %s: %s is no file of at most %" PRIu64 " bytes", f->name, path,
                       FEED_FETCH_MAX);
    int64_t mtime_ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
    struct feed_memory m = {.reader = FEED_READER_VERSION, .size = (uint64_t)st.st_size, .mtime_ms = mtime_ms};
    snprintf(m.source, sizeof m.source, "%s", path);
    bool known = feed_memory_is_of(old, path), same = known && old->mtime_ms == mtime_ms && old->size == m.size;
    if (!same) {
        struct digesting d = {.chunk = BUF_INIT(CHUNK)};
        if (digest_file(how, fd, st.st_size, &d, e)) {
            buf_done(&d.chunk);
            return err_wrap(e, "feed %s: %s", f->name, path);
        }
        m.digest = d.digest;
        same = known && old->size == d.size && memcmp(old->digest.b, d.digest.b, sizeof d.digest.b) == 0;
    }
    if (same) {
        m = *old;
        m.mtime_ms = mtime_ms;
    }
    m.fetched_ms = clock_wall_ms();
    if (!same)
        m.changed_ms = MIN(mtime_ms, m.fetched_ms);
    *ret_outcome = same ? FETCH_UNCHANGED : FETCH_NEW;
    *ret_memory = m;
    *ret_path = same ? NULL : STEAL(path);
    return 0;
}

/* ---- from the publisher ---- */

unsigned feed_addresses(const struct feed *f)
{
    unsigned n = f->url != NULL;
    while (n && n < FEED_ADDRESSES_MAX && f->also[n - 1])
        n++;
    return n;
}

char *feed_through(const char *url_base, const char *url)
{
    struct slice base = slice_str(url_base);
    const char *host = strstr(url, "://"), *path = host ? strchr(host + 3, '/') : NULL;
    while (base.n && base.p[base.n - 1] == '/')
        base.n--;
    return base.n && path ? xasprintf("%.*s%s", SLICE_FMT(base), path) : xstrdup(url);
}

char *fetch_through(const struct fetch *how, const char *url)
{
    return feed_through(how->url_base, url);
}

struct download {
    const struct fetch *how;
    int fd;
    uint64_t max;
    struct digesting digest;
    int64_t total;
};

static int download_start(void *arg, const struct http_response *r, struct err *e)
{
    struct download *d = arg;
    d->total = r->length;
    if (r->length > (int64_t)d->max)
        return err_set(e, ERR_POISON, 0, "it is %" PRId64 " bytes; at most %" PRIu64 " are taken", r->length, d->max);
    return 0;
}

static int download_data(void *arg, struct slice bytes, struct err *e)
{
    struct download *d = arg;
    digest_add(&d->digest, bytes);
    if (d->digest.size > d->max)
        return err_set(e, ERR_POISON, 0, "it is over %" PRIu64 " bytes", d->max);
    while (bytes.n) {
        ssize_t n = write(d->fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(e, ERR_RETRY, errno, "cannot write the download");
        bytes = slice_from(bytes, (size_t)n);
    }
    if (d->how->progress)
        d->how->progress(d->how->arg, d->digest.size, d->total);
    return 0;
}

static void keep_header(const struct http_response *r, const char *name, char *to, size_t max)
{
    struct slice v = http_header(r, name, 0);
    /* A longer one is not sent back: a cut validator would be a wrong one. */
    if (v.n && v.n < max && slice_is_text(v)) {
        memcpy(to, v.p, v.n);
        to[v.n] = 0;
    }
}

/* The file's name at url ("csaf_vex_2024-08-04.tar.zst") in place of url's own last part. */
static int named_url(const struct fetch *how, char **url, struct err *e)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    struct http_response r = HTTP_RESPONSE_INIT(512);
    struct http_client *c = http_client_new(how->http);
    struct http_request q = {.url = *url};
    int rc = http_fetch(c, &q, &r, e);
    struct slice name = slice_trim(buf_slice(&r.body));
    for (size_t i = 0; i < name.n && !rc; i++)
        if (!name.p[i] || !strchr(allowed, name.p[i]))
            rc = err_set(e, ERR_POISON, 0, "%s does not hold the name of a file", *url);
    if (!rc && (!name.n || name.p[0] == '.'))
        rc = err_set(e, ERR_POISON, 0, "%s does not hold the name of a file", *url);
    if (!rc) {
        char *to = xasprintf("%.*s%.*s", (int)(strrchr(*url, '/') + 1 - *url), *url, (int)name.n, (const char *)name.p);
        free(*url);
        *url = to;
    }
    http_client_free(c);
    http_response_done(&r);
    return rc;
}

static int feed_url(const struct fetch *how, const struct feed *f, const char *address, char **ret, struct err *e)
{
    if (repository_is(address))
        return repository_updateinfo(how->http, address, how->url_base, ret, e);
    char *url ATTR_CLEANUP(cleanup_free) = fetch_through(how, address);
    if (f->url_names_it && named_url(how, &url, e))
        return -1;
    *ret = STEAL(url);
    return 0;
}

static int request(struct download *d, const char *url, const struct feed_memory *old, struct http_response *r,
                   struct err *e)
{
    char etag[300], since[100];
    const char *headers[4];
    size_t n = 0;
    bool known = feed_memory_is_of(old, url);
    if (known && old->etag[0]) {
        snprintf(etag, sizeof etag, "If-None-Match: %s", old->etag);
        headers[n++] = etag;
    }
    if (known && old->last_modified[0]) {
        snprintf(since, sizeof since, "If-Modified-Since: %s", old->last_modified);
        headers[n++] = since;
    }
    headers[n] = NULL;
    struct http_client *c = http_client_new(d->how->http);
    struct http_request q = {
        .url = url, .headers = headers, .on_start = download_start, .on_data = download_data, .arg = d};
    int rc = http_fetch(c, &q, r, e);
    http_client_free(c);
    if (!rc && r->status == 304 && !known)
        return err_set(e, ERR_RETRY, 304, "%s: not modified, but nothing was asked", url);
    /* curl knows of a cut body only with a length or chunks; the rest the formats find. */
    if (!rc && r->status != 304 && d->total >= 0 && d->digest.size != (uint64_t)d->total)
        return err_set(e, ERR_RETRY, 0, "%s: %" PRIu64 " of %" PRId64 " bytes came", url, d->digest.size, d->total);
    return rc;
}

int fetch_file(const struct fetch *how, struct http_client *c, const char *url, const char *const *headers,
               uint64_t max, const char *path, struct err *e)
{
    int fd ATTR_CLEANUP(cleanup_close) = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(e, ERR_FATAL, errno, "cannot write %s", path);
    struct fetch silent = *how;
    silent.progress = NULL;
    struct download d = {.how = &silent, .fd = fd, .max = max, .digest = {.chunk = BUF_INIT(CHUNK)}, .total = -1};
    struct http_response r = HTTP_RESPONSE_INIT(4096);
    struct http_request q = {
        .url = url, .headers = headers, .on_start = download_start, .on_data = download_data, .arg = &d};
    int rc = http_fetch(c, &q, &r, e);
    digest_end(&d.digest);
    if (!rc && r.status == 304)
        rc = err_set(e, ERR_RETRY, 304, "%s: not modified, but nothing was asked", url);
    if (!rc && d.total >= 0 && d.digest.size != (uint64_t)d.total)
        rc = err_set(e, ERR_RETRY, 0, "%s: %" PRIu64 " of %" PRId64 " bytes came", url, d.digest.size, d.total);
    http_response_done(&r);
    if (rc)
        unlink(path);
    return rc;
}

static int64_t changed_at(const struct feed_memory *m)
{
    int64_t now = clock_wall_ms(), at = m->last_modified[0] ? http_date(slice_str(m->last_modified)) : now;
    return at > 0 ? MIN(at, now) : now;
}

static int fetch_url(const struct fetch *how, const struct feed *f, const char *address, const struct feed_memory *old,
                     enum fetch_outcome *ret_outcome, char **ret_path, struct feed_memory *ret_memory, struct err *e)
{
    char *url ATTR_CLEANUP(cleanup_free) = NULL;
    char *part ATTR_CLEANUP(cleanup_free) = xasprintf("%s/%s.part", how->work_dir, f->name);
    char *path ATTR_CLEANUP(cleanup_free) = xasprintf("%s/%s.feed", how->work_dir, f->name);
    if (feed_url(how, f, address, &url, e))
        return -1;
    int fd ATTR_CLEANUP(cleanup_close) = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(e, ERR_FATAL, errno, "cannot write %s", part);
    struct download d = {
        .how = how, .fd = fd, .max = FEED_FETCH_MAX, .digest = {.chunk = BUF_INIT(CHUNK)}, .total = -1};
    struct http_response r = HTTP_RESPONSE_INIT(4096);
    struct feed_memory m = {.reader = FEED_READER_VERSION};
    int rc = request(&d, url, old, &r, e);
    digest_end(&d.digest);
    bool same = !rc && (r.status == 304 || (feed_memory_is_of(old, url) && old->size == d.digest.size &&
                                            memcmp(old->digest.b, d.digest.digest.b, sizeof old->digest.b) == 0));
    if (same)
        m = *old;
    if (!rc && r.status != 304) {
        snprintf(m.source, sizeof m.source, "%s", url);
        m.etag[0] = m.last_modified[0] = 0;
        keep_header(&r, "ETag", m.etag, sizeof m.etag);
        keep_header(&r, "Last-Modified", m.last_modified, sizeof m.last_modified);
        m.digest = d.digest.digest;
        m.size = d.digest.size;
        if (!same)
            m.changed_ms = changed_at(&m);
    }
    http_response_done(&r);
    if (!rc && !same && rename(part, path))
        rc = err_errno(e, ERR_RETRY, errno, "cannot rename %s", part);
    if (rc || same)
        unlink(part);
    if (rc)
        return -1;
    m.fetched_ms = clock_wall_ms();
    *ret_memory = m;
    *ret_outcome = same ? FETCH_UNCHANGED : FETCH_NEW;
    *ret_path = same ? NULL : STEAL(path);
    return 0;
}

int feed_fetch(const struct fetch *how, const struct feed *f, unsigned address, const struct feed_memory *old,
               enum fetch_outcome *ret_outcome, char **ret_path, struct feed_memory *ret_memory, struct err *e)
{
    *ret_path = NULL;
    if (how->feeds_dir)
        return fetch_local(how, f, old, ret_outcome, ret_path, ret_memory, e);
    if (!f->url) {
        *ret_outcome = FETCH_ABSENT;
        return 0;
    }
    ASSERT(address < feed_addresses(f));
    if (mkdir(how->work_dir, 0700) && errno != EEXIST)
        return err_errno(e, ERR_FATAL, errno, "cannot make the folder %s", how->work_dir);
    int rc =
        f->list ? documents_fetch(how, f, old, ret_outcome, ret_path, ret_memory, e)
                : fetch_url(how, f, address ? f->also[address - 1] : f->url, old, ret_outcome, ret_path, ret_memory, e);
    return rc ? err_wrap(e, "feed %s", f->name) : 0;
}
