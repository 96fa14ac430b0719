/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/kept_file.h"

#define HOLD_MAX ((size_t)1 << 20) /* a larger file's buffer is given back */

static void front(const struct kept_file *f, struct evidence_writer *w, uint64_t n)
{
    const struct evidence_entry entry = {.kind = EVIDENCE_FILE,
                                         .path = slice_of(f->path, f->path_n),
                                         .size = f->size,
                                         .collector = slice_str(f->wanted->format->name)};
    writer_front(w, &entry, n);
}

bool kept_begin(struct kept_file *f, struct evidence_writer *w, const struct wanted *wanted, struct slice path,
                uint64_t size)
{
    f->wanted = wanted;
    memcpy(f->path, path.p, path.n);
    f->path_n = path.n;
    f->size = size;
    f->n = 0;
    f->left_out = 0;
    f->max = (size_t)MIN(size, (uint64_t)wanted->rule->max);
    f->streamed = f->max > KEEP_LARGE;
    if (f->streamed && !writer_has_room(w, path.n + f->max + 64)) {
        f->wanted = NULL;
        return false;
    }
    size_t room = f->streamed ? WRITER_PIECE : f->max;
    if (room > f->cap) {
        free(f->bytes);
        f->bytes = xmalloc(room); /* what a false size claims and never fills costs no memory */
        f->cap = room;
    }
    f->staged_n = 0;
    if (f->streamed)
        front(f, w, f->max);
    return true;
}

/* Writes the next bytes of a streamed file; without p, n zeros. */
static void stage(struct kept_file *f, struct evidence_writer *w, const uint8_t *p, size_t n)
{
    while (n) {
        size_t piece = MIN(n, WRITER_PIECE - f->staged_n);
        if (p)
            memcpy(f->bytes + f->staged_n, p, piece);
        else
            memset(f->bytes + f->staged_n, 0, piece);
        p = p ? p + piece : NULL;
        n -= piece;
        f->staged_n += piece;
        if (f->staged_n == WRITER_PIECE) {
            f->left_out += writer_content(w, slice_of(f->bytes, WRITER_PIECE));
            f->staged_n = 0;
        }
    }
}

/* Holes are zeros. */
static void fill(struct kept_file *f, struct evidence_writer *w, uint64_t to)
{
    size_t end = (size_t)MIN(to, (uint64_t)f->max);
    if (end > f->n) {
        if (f->streamed)
            stage(f, w, NULL, end - f->n);
        else
            memset(f->bytes + f->n, 0, end - f->n);
        f->n = end;
    }
}

void kept_data(struct kept_file *f, struct evidence_writer *w, uint64_t at, struct slice bytes)
{
    fill(f, w, at);
    if (at < f->max) {
        size_t n = MIN(bytes.n, f->max - (size_t)at);
        if (f->streamed)
            stage(f, w, bytes.p, n);
        else
            memcpy(f->bytes + at, bytes.p, n);
        f->n = (size_t)at + n;
    }
}

void kept_end(struct kept_file *f, struct evidence_writer *w, bool whole)
{
    struct slice path = slice_of(f->path, f->path_n);
    if (whole)
        fill(f, w, f->size);
    bool kept = f->streamed || writer_has_room(w, path.n + f->n + 64);
    if (f->streamed) {
        f->left_out += writer_content(w, slice_of(f->bytes, f->staged_n));
        writer_zeros(w, f->max - f->n);
    } else if (kept) {
        front(f, w, f->n);
        f->left_out += writer_content(w, slice_of(f->bytes, f->n));
    }
    f->wanted = NULL;
    if (!kept)
        return;
    if (f->left_out) {
        writer_reason(w, REASON_FILE_CUT,
                      "%.*s: %" PRIu64 " of its %" PRIu64
                      " bytes are left out: the evidence packs to more than %" PRIu64,
                      SLICE_FMT(path), f->left_out, f->size, w->max_packed);
        w->full = true;
    }
    if (f->n < f->size)
        writer_reason(w, REASON_FILE_CUT, "%.*s: only %zu of its %" PRIu64 " bytes were kept", SLICE_FMT(path), f->n,
                      f->size);
    if (f->cap > HOLD_MAX) {
        free(f->bytes);
        f->bytes = NULL;
        f->cap = 0;
    }
}

void kept_done(struct kept_file *f)
{
    free(f->bytes);
}
