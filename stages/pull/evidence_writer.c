/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/evidence_writer.h"

#include <zstd.h>

static void pack(struct evidence_writer *w, struct slice bytes, ZSTD_EndDirective how)
{
    ZSTD_inBuffer in = {bytes.p ? bytes.p : (const uint8_t *)"", bytes.n, 0};
    size_t left;
    do {
        ZSTD_outBuffer out = {w->packed, w->packed_cap, 0};
        left = ZSTD_compressStream2(w->zstd, &out, &in, how);
        if (ZSTD_isError(left))
            BUG("zstd: %s", ZSTD_getErrorName(left));
        w->packed_n += out.pos;
        if (out.pos)
            w->write(w->arg, slice_of(w->packed, out.pos));
    } while (how == ZSTD_e_end ? left != 0 : in.pos < in.size);
}

void writer_init(struct evidence_writer *w)
{
    w->zstd = ZSTD_createCCtx();
    if (!w->zstd || ZSTD_isError(ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, 3)))
        BUG("zstd context");
    w->packed_cap = ZSTD_CStreamOutSize();
    w->packed = xmalloc(w->packed_cap);
    w->entry = BUF_INIT((size_t)64 << 10);
    w->reasons = BUF_INIT((size_t)64 << 10);
    evidence_begin(&w->entry);
    w->evidence = w->entry.n;
    pack(w, buf_slice(&w->entry), ZSTD_e_continue);
}

void writer_done(struct evidence_writer *w)
{
    ZSTD_freeCCtx(w->zstd);
    free(w->packed);
    buf_done(&w->entry);
    buf_done(&w->reasons);
}

static void entry_put(struct evidence_writer *w, const struct evidence_entry *entry)
{
    buf_clear(&w->entry);
    if (evidence_write(&w->entry, entry))
        BUG("an evidence entry of more than %zu bytes", w->entry.max);
    w->evidence += w->entry.n;
    pack(w, buf_slice(&w->entry), ZSTD_e_continue);
}

void writer_end(struct evidence_writer *w, uint64_t entries, uint64_t unpacked)
{
    entry_put(w, &(struct evidence_entry){.kind = EVIDENCE_END, .entries = entries, .size = unpacked});
    pack(w, SLICE_NONE, ZSTD_e_end);
}

void writer_reason(struct evidence_writer *w, enum reason_code code, const char *fmt, ...)
{
    char text[400];
    if (w->reasons_n > WRITER_REASONS_MAX)
        return;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (w->reasons_n++ == WRITER_REASONS_MAX) {
        code = REASON_MORE;
        snprintf(text, sizeof text, "and more");
    }
    for (char *p = text; *p; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
    struct evidence_entry entry = {.kind = EVIDENCE_REASON, .code = reason_word(code), .bytes = slice_str(text)};
    buf_add_prefixed(&w->reasons, entry.code);
    buf_add_prefixed(&w->reasons, entry.bytes);
    entry_put(w, &entry);
}

bool writer_has_room(struct evidence_writer *w, uint64_t n)
{
    if (w->full || n > w->max_evidence || w->evidence > w->max_evidence - n) {
        if (!w->full)
            writer_reason(w, REASON_EVIDENCE_FULL, "more than %" PRIu64 " bytes of evidence: the rest is left out",
                          w->max_evidence);
        w->full = true;
        return false;
    }
    return true;
}

void writer_front(struct evidence_writer *w, const struct evidence_entry *entry, uint64_t n)
{
    buf_clear(&w->entry);
    evidence_file_front(&w->entry, entry, n);
    w->evidence += w->entry.n + n;
    pack(w, buf_slice(&w->entry), ZSTD_e_continue);
}

void writer_zeros(struct evidence_writer *w, uint64_t n)
{
    static const uint8_t zero[WRITER_PIECE];
    for (; n; n -= MIN(n, (uint64_t)WRITER_PIECE))
        pack(w, slice_of(zero, (size_t)MIN(n, (uint64_t)WRITER_PIECE)), ZSTD_e_continue);
}

uint64_t writer_content(struct evidence_writer *w, struct slice bytes)
{
    for (; bytes.n && w->packed_n <= w->max_packed; bytes = slice_from(bytes, WRITER_PIECE))
        pack(w, slice_sub(bytes, 0, WRITER_PIECE), ZSTD_e_continue);
    writer_zeros(w, bytes.n);
    return bytes.n;
}

/* A list of what a large file says may be longer than what is held of an entry. */
static void put_large(struct evidence_writer *w, const struct evidence_entry *entry)
{
    writer_front(w, entry, entry->bytes.n);
    uint64_t left_out = writer_content(w, entry->bytes);
    if (!left_out)
        return;
    writer_reason(w, REASON_FILE_CUT,
                  "%.*s: %" PRIu64
                  " of the %zu bytes that are kept of it are left out: the evidence packs to more than "
                  "%" PRIu64,
                  SLICE_FMT(entry->path), left_out, entry->bytes.n, w->max_packed);
    w->full = true;
}

void writer_put(struct evidence_writer *w, const struct evidence_entry *entry)
{
    if (!writer_has_room(w, entry->path.n + entry->bytes.n + entry->collector.n + 16))
        return;
    if (entry->kind == EVIDENCE_FILE && entry->bytes.n > w->entry.max / 2)
        put_large(w, entry);
    else
        entry_put(w, entry);
}
