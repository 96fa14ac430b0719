/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence_writer.h: the evidence of one layer (model/evidence.h) as it comes, packed with zstd, within bounds: what is
 * over max_evidence or max_packed is left out, and a reason says so once. Whatever is wrong with the layer is told
 * through writer_reason. The same calls give the same bytes.
 *
 * writer_init and writer_done go round all others. One thread at a time.
 */
#ifndef CAREEN_PULL_EVIDENCE_WRITER_H
#define CAREEN_PULL_EVIDENCE_WRITER_H

#include "base/buf.h"
#include "model/evidence.h"
#include "model/reason.h"

#define WRITER_REASONS_MAX 32
/* Content comes in pieces of this size, so that it packs to the same bytes however the layer was cut. */
#define WRITER_PIECE ((size_t)64 << 10)

struct evidence_writer {
    uint64_t max_evidence; /* bytes before packing */
    uint64_t max_packed;   /* bytes of zstd behind which content is left out */
    void (*write)(void *arg, struct slice bytes);
    void *arg;

    struct ZSTD_CCtx_s *zstd;
    uint8_t *packed;
    size_t packed_cap;
    uint64_t evidence, packed_n;
    bool full;
    struct buf entry;
    struct buf reasons; /* prefixed words and texts */
    uint32_t reasons_n;
};

/* The limits, write and arg are set; the rest is zero. Writes the magic. */
void writer_init(struct evidence_writer *w);
void writer_done(struct evidence_writer *w);
/* The last entry, and the end of the packed stream. */
void writer_end(struct evidence_writer *w, uint64_t entries, uint64_t unpacked);

/* Text for people: foreign bytes that are not printable become "?". */
ATTR_PRINTF(3, 4)
void writer_reason(struct evidence_writer *w, enum reason_code code, const char *fmt, ...);
/* Room for n more bytes of evidence? Says so once when there is none. */
bool writer_has_room(struct evidence_writer *w, uint64_t n);
/* An entry, where there is room. */
void writer_put(struct evidence_writer *w, const struct evidence_entry *entry);

/* A FILE entry in pieces, for which there is room: its front, then n bytes through the others. */
void writer_front(struct evidence_writer *w, const struct evidence_entry *entry, uint64_t n);
/* Gives how many bytes were left out, for which zeros stand. */
uint64_t writer_content(struct evidence_writer *w, struct slice bytes);
void writer_zeros(struct evidence_writer *w, uint64_t n);

#endif
