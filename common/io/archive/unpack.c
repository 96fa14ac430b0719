/* SPDX-License-Identifier: Apache-2.0 */
#include "io/archive/unpack.h"

#include <archive.h>
#include <archive_entry.h>

#define ZIP_END_SIZE 22
#define TAIL_MAX     1024 /* an end record with a comment of up to a kilobyte */

struct unpack {
    struct archive *a;
    struct byte_source source;
    enum unpack_kind kind;
    uint64_t max, bytes, entries;
    struct err read_error;
    bool ended;
    uint8_t tail[2 * TAIL_MAX];
    size_t tail_n;
};

static void keep_tail(struct unpack *u, const uint8_t *p, size_t n)
{
    if (n >= TAIL_MAX) {
        memcpy(u->tail, p + n - TAIL_MAX, TAIL_MAX);
        u->tail_n = TAIL_MAX;
        return;
    }
    if (u->tail_n + n > sizeof u->tail) {
        memmove(u->tail, u->tail + u->tail_n - TAIL_MAX, TAIL_MAX);
        u->tail_n = TAIL_MAX;
    }
    memcpy(u->tail + u->tail_n, p, n);
    u->tail_n += n;
}

static la_ssize_t archive_pull(struct archive *a, void *arg, const void **ret_p)
{
    struct unpack *u = arg;
    const uint8_t *p = NULL;
    size_t n = 0;
    if (u->source.read(u->source.arg, &p, &n, &u->read_error)) {
        archive_set_error(a, EIO, "the source failed");
        return -1;
    }
    if (n == 0)
        u->ended = true;
    else
        keep_tail(u, p, n);
    *ret_p = p;
    return (la_ssize_t)n;
}

static int unpack_error(struct unpack *u, struct err *e)
{
    if (u->read_error.kind != ERR_NONE) {
        if (e)
            *e = u->read_error;
        return -1;
    }
    const char *text = archive_error_string(u->a);
    return err_set(e, ERR_POISON, archive_errno(u->a), "the file is cut or damaged: %s",
                   text ? text : "no reason known");
}

int unpack_open(struct byte_source source, enum unpack_kind kind, uint64_t max, struct unpack **ret_unpack,
                struct err *e)
{
    struct unpack *u = xcalloc(1, sizeof *u);
    *u = (struct unpack){.source = source, .kind = kind, .max = max, .a = archive_read_new()};
    if (!u->a)
        BUG("archive_read_new: out of memory");
    if (kind == UNPACK_ZIP) {
        archive_read_support_format_zip_streamable(u->a);
    } else {
        /* Exactly these: others of libarchive's filters run programs. */
        archive_read_support_filter_gzip(u->a);
        archive_read_support_filter_zstd(u->a);
        archive_read_support_filter_bzip2(u->a);
        archive_read_support_filter_xz(u->a);
        if (kind == UNPACK_TAR)
            archive_read_support_format_tar(u->a);
        else
            archive_read_support_format_raw(u->a);
    }
    struct archive_entry *entry;
    int rc = archive_read_open(u->a, u, NULL, archive_pull, NULL);
    if (rc == ARCHIVE_OK && kind == UNPACK_FILE)
        rc = archive_read_next_header(u->a, &entry);
    if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN) {
        if ((u->ended && u->tail_n == 0) || rc == ARCHIVE_EOF)
            err_set(e, ERR_POISON, 0, "it is empty");
        else
            unpack_error(u, e);
        unpack_close(u);
        return -1;
    }
    *ret_unpack = u;
    return 0;
}

void unpack_close(struct unpack *u)
{
    if (!u)
        return;
    archive_read_free(u->a);
    free(u);
}

/* libarchive stops at the central directory: what is behind proves that the file is whole. */
static int zip_end_check(struct unpack *u, struct err *e)
{
    while (!u->ended) {
        const uint8_t *p;
        size_t n;
        if (u->source.read(u->source.arg, &p, &n, e))
            return -1;
        if (n == 0)
            u->ended = true;
        else
            keep_tail(u, p, n);
    }
    for (size_t at = u->tail_n; at >= ZIP_END_SIZE; at--) {
        const uint8_t *end = u->tail + at - ZIP_END_SIZE;
        if (memcmp(end, "PK\5\6", 4) != 0)
            continue;
        /* APPNOTE 4.3.16: total number of entries at 10; 0xFFFF defers to the zip64 record. */
        unsigned count = end[10] | (unsigned)end[11] << 8;
        if (count != 0xFFFF && count != (u->entries & 0xFFFF))
            return err_set(e, ERR_POISON, 0, "the zip lists %u entries but %" PRIu64 " could be read", count,
                           u->entries);
        return 0;
    }
    return err_set(e, ERR_POISON, 0, "the zip is cut: it has no end record");
}

int unpack_next(struct unpack *u, struct slice *ret_name, struct err *e)
{
    for (;;) {
        struct archive_entry *entry;
        int rc = archive_read_next_header(u->a, &entry);
        if (rc == ARCHIVE_RETRY)
            continue;
        if (rc == ARCHIVE_EOF)
            return u->kind == UNPACK_ZIP ? zip_end_check(u, e) : 0;
        if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
            return unpack_error(u, e);
        u->entries++;
        const char *name = archive_entry_pathname(entry);
        size_t n = name ? strlen(name) : 0;
        /* A streamed zip entry of unknown size has no type: only a trailing slash makes it a folder. */
        if (n > 0 && name[n - 1] == '/')
            continue;
        if (u->kind == UNPACK_TAR && archive_entry_filetype(entry) != AE_IFREG)
            continue;
        *ret_name = n ? slice_of(name, n) : SLICE("(no name)");
        return 1;
    }
}

static int unpack_block(struct unpack *u, const uint8_t **ret_p, size_t *ret_n, int *ret_rc, struct err *e)
{
    const void *p;
    size_t n = 0;
    la_int64_t offset;
    int rc;
    do
        rc = archive_read_data_block(u->a, &p, &n, &offset);
    while (rc == ARCHIVE_RETRY);
    *ret_rc = rc;
    if (rc == ARCHIVE_EOF) {
        *ret_n = 0;
        return 0;
    }
    if (rc == ARCHIVE_FATAL)
        return unpack_error(u, e);
    u->bytes += n;
    if (u->bytes > u->max)
        return err_set(e, ERR_POISON, 0, "it unpacks to more than %" PRIu64 " bytes", u->max);
    *ret_p = p;
    *ret_n = n;
    return 0;
}

int unpack_entry(struct unpack *u, struct buf *out, struct err *e)
{
    for (;;) {
        const uint8_t *p;
        size_t n;
        int rc;
        if (unpack_block(u, &p, &n, &rc, e))
            return -1;
        if (rc == ARCHIVE_EOF)
            break;
        if (rc != ARCHIVE_OK) {
            unpack_error(u, e);
            return 0;
        }
        buf_add(out, p, n);
    }
    if (out->overflow) {
        err_set(e, ERR_POISON, 0, "larger than %zu bytes", out->max);
        return 0;
    }
    return 1;
}

int unpack_piece(struct unpack *u, const uint8_t **ret_p, size_t *ret_n, struct err *e)
{
    int rc;
    do {
        if (unpack_block(u, ret_p, ret_n, &rc, e))
            return -1;
        if (rc != ARCHIVE_OK && rc != ARCHIVE_EOF)
            return unpack_error(u, e);
    } while (rc == ARCHIVE_OK && *ret_n == 0);
    return 0;
}

static int source_read(void *arg, const uint8_t **ret_p, size_t *ret_n, struct err *e)
{
    return unpack_piece(arg, ret_p, ret_n, e);
}

struct byte_source unpack_source(struct unpack *u)
{
    return (struct byte_source){.read = source_read, .arg = u};
}

uint64_t unpack_bytes(const struct unpack *u)
{
    return u->bytes;
}
