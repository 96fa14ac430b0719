/* SPDX-License-Identifier: Apache-2.0 */
#include "io/digest.h"
#include "io/oci/registry_call.h"

/* Longest pause that a half-read blob waits out: giving up means reading all of it again. */
#define PAUSE_WITHIN_MS 30000

struct blob {
    struct registry *r;
    struct slice repository, digest;
    registry_sink sink;
    void *arg;
    int64_t size;    /* -1 unknown */
    int64_t got;     /* bytes given to sink */
    int64_t discard; /* bytes of this answer that sink has already */
    struct digest hash;
    bool final;      /* the error is not one of the connection: no resuming */
    bool from_start; /* ask without Range: the registry refused it */
};

static int blob_error(struct blob *b, enum err_kind kind, struct err *e, const char *what)
{
    return err_set(e, kind, 0, "registry %s: blob %.*s: %s", b->r->host, SLICE_FMT(b->digest), what);
}

/* "bytes 5-9/10", with a star for an unknown total: RFC 9110 14.4. */
static bool content_range(struct slice s, uint64_t *ret_first, uint64_t *ret_total)
{
    struct slice first, last, unit;
    *ret_total = UINT64_MAX;
    if (!slice_take_token(&s, ' ', &unit) || !slice_eq_nocase(unit, SLICE("bytes")))
        return false;
    s = slice_trim(s);
    uint64_t end;
    if (!slice_take_token(&s, '-', &first) || !slice_take_token(&s, '/', &last) || !slice_parse_u64(first, ret_first) ||
        !slice_parse_u64(last, &end) || end < *ret_first)
        return false;
    return slice_eq_str(s, "*") || slice_parse_u64(s, ret_total);
}

static int blob_start(void *arg, const struct http_response *resp, struct err *e)
{
    struct blob *b = arg;
    uint64_t first, total;
    b->discard = 0;
    if (resp->status == 206) {
        if (!content_range(http_header(resp, "Content-Range", 0), &first, &total) || first != (uint64_t)b->got ||
            (b->size >= 0 && total != UINT64_MAX && total != (uint64_t)b->size)) {
            b->from_start = true;
            return blob_error(b, ERR_RETRY, e, "another range than asked for");
        }
    } else if (resp->status == 200) {
        b->discard = b->got; /* ranges are optional for registries */
    } else {
        return blob_error(b, ERR_POISON, e, "an answer without the blob");
    }
    return 0;
}

static int blob_data(void *arg, struct slice bytes, struct err *e)
{
    struct blob *b = arg;
    if (b->discard) {
        size_t n = (size_t)MIN((int64_t)bytes.n, b->discard);
        b->discard -= (int64_t)n;
        bytes = slice_from(bytes, n);
    }
    if (bytes.n == 0)
        return 0;
    if (b->size >= 0 && (int64_t)bytes.n > b->size - b->got) {
        b->final = true;
        return blob_error(b, ERR_RETRY, e, "longer than its manifest says");
    }
    digest_update(&b->hash, bytes);
    b->got += (int64_t)bytes.n;
    if (b->sink(b->arg, bytes, e) == 0)
        return 0;
    b->final = true;
    return -1;
}

static int blob_check(struct blob *b, struct err *e)
{
    uint8_t raw[DIGEST_RAW];
    char text[DIGEST_TEXT_MAX];
    digest_final(&b->hash, raw);
    if (digest_is(b->digest, raw))
        return 0;
    return err_set(e, ERR_RETRY, 0, "registry %s: the %" PRId64 " bytes sent for blob %.*s have the digest %s",
                   b->r->host, b->got, SLICE_FMT(b->digest), digest_format(raw, text));
}

/* One request; 0 when the blob is whole. */
static int blob_once(struct blob *b, const char *path, const char *scope, struct err *e)
{
    struct registry_call c = {.url = path,
                              .repository = b->repository,
                              .scope = scope,
                              .range_from = b->from_start ? 0 : b->got,
                              .on_start = blob_start,
                              .on_data = blob_data,
                              .arg = b,
                              .longest_wait_ms = b->got ? PAUSE_WITHIN_MS : 0};
    int rc = registry_call_once(b->r, &c, e);
    if (rc && b->r->r.status == 416 && c.range_from) {
        b->from_start = true;
        return blob_error(b, ERR_RETRY, e, "the range is refused");
    }
    /* A connection that ends right behind the last byte has brought everything. */
    if (rc && !b->final && b->size >= 0 && b->got == b->size && b->r->r.status / 100 == 2)
        return 0;
    if (rc == 0 && b->size >= 0 && b->got < b->size)
        return blob_error(b, ERR_RETRY, e, "shorter than its manifest says");
    return rc;
}

static int blob_run(struct blob *b, const char *path, const char *scope, struct err *e)
{
    unsigned resumes = 0, stuck = 0;
    for (;;) {
        int64_t before = b->got;
        if (blob_once(b, path, scope, e) == 0)
            return blob_check(b, e);
        if (b->final || e->kind != ERR_RETRY)
            return -1;
        bool progress = b->got > before;
        stuck = progress ? 0 : stuck + 1;
        resumes += progress;
        if (resumes > b->r->o.resumes || stuck >= b->r->o.attempts)
            return -1;
        /* A cut connection that brought something is taken up at once. */
        if (!registry_backoff(b->r, stuck, b->got ? PAUSE_WITHIN_MS : GATE_LONGEST_WAIT_MS, e))
            return -1;
    }
}

int registry_blob(struct registry *r, struct slice repository, struct slice digest, int64_t size, registry_sink sink,
                  void *arg, struct err *e)
{
    char *path ATTR_CLEANUP(cleanup_free) = NULL, *scope ATTR_CLEANUP(cleanup_free) = NULL;
    uint8_t raw[DIGEST_RAW];
    struct err own = ERR_INIT;
    if (!e)
        e = &own;
    if (!digest_parse(digest, raw))
        return err_set(e, ERR_POISON, 0, "blob \"%.*s\" has no sha256 digest", (int)MIN(digest.n, (size_t)150),
                       (const char *)(digest.p ? digest.p : (const uint8_t *)""));
    if (registry_path(repository, "/blobs/", digest, &path, &scope, e))
        return -1;
    struct blob b = {.r = r, .repository = repository, .digest = digest, .sink = sink, .arg = arg, .size = size};
    digest_init(&b.hash);
    int rc = blob_run(&b, path, scope, e);
    digest_done(&b.hash);
    return rc;
}

static int sink_to_buf(void *arg, struct slice bytes, struct err *e)
{
    struct buf *out = arg;
    if (buf_add_slice(out, bytes) == 0)
        return 0;
    return err_set(e, ERR_POISON, 0, "a blob that should be small is longer than %zu bytes", out->max);
}

int registry_blob_small(struct registry *r, struct slice repository, struct slice digest, struct buf *out,
                        struct err *e)
{
    buf_clear(out);
    return registry_blob(r, repository, digest, -1, sink_to_buf, out, e);
}
