/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence.h: what pull keeps of a layer, and what inventory parses: a plain byte stream of entries, written once by
 * the sandboxed child, compressed with zstd as a whole, cut into chunks for layer-contents, cached by careen scan. The
 * format is docs/formats/evidence.md. The same layer with the same collectors gives the same bytes.
 *
 * Stream: the magic "CRN1", then entries: u8 kind, then fields as varint-prefixed byte strings and varints.
 * Paths are canonical (evidence_path): rooted without a leading slash, no ".", "..", "//" or NUL; raw bytes otherwise.
 */
#ifndef CAREEN_MODEL_EVIDENCE_H
#define CAREEN_MODEL_EVIDENCE_H

#include "base/buf.h"
#include "base/err.h"

enum evidence_kind {
    EVIDENCE_FILE = 1, /* collector, path, size in the layer, bytes (may be cut: reason says so) */
    EVIDENCE_WHITEOUT, /* path that lower layers' content loses (a ".wh.name" entry, or a non-folder over a folder) */
    EVIDENCE_OPAQUE,   /* folder whose lower content is hidden */
    EVIDENCE_LINK,     /* collector, path, target as canonical path ("": the root): a link at a wanted path, or (no
                          collector) where a folder above wanted paths may be */
    EVIDENCE_REASON,   /* text: why the evidence is partial */
    EVIDENCE_END,      /* entries, unpacked bytes: without it the stream is cut */
};

struct evidence_entry {
    enum evidence_kind kind;
    struct slice collector, path, bytes; /* bytes: content, link target or reason */
    uint64_t size;                       /* FILE: size in the layer; END: unpacked bytes */
    uint64_t entries;                    /* END */
    bool hard;                           /* LINK: a hard link (the content may be in a lower layer) */
};

int evidence_begin(struct buf *out);
int evidence_write(struct buf *out, const struct evidence_entry *entry); /* -1 when out overflows */
/* The front of a FILE entry whose bytes_n bytes follow behind it: for writers that have them elsewhere. */
int evidence_file_front(struct buf *out, const struct evidence_entry *entry, uint64_t bytes_n);
/* Takes the magic; ERR_POISON if it is not evidence. */
int evidence_open(struct slice *stream, struct err *e);
/* 1 an entry (slices into the stream), 0 the end entry was passed, <0 malformed or cut. The END entry itself is given.
 */
int evidence_next(struct slice *stream, struct evidence_entry *ret_entry, struct err *e);
/*
 * Canonical form of a tar member's or link's name in to[max]: false when it is empty (the root), holds NUL, or climbs
 * out of the root by "..", or does not fit. to and max: 4096 is enough for every path that a kernel takes.
 */
bool evidence_path(struct slice raw, uint8_t *to, size_t max, size_t *ret_n);

#endif
