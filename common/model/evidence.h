/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence.h: evidence is what pull keeps of a layer and what inventory parses: a stream of entries that the sandboxed
 * child writes once. It is compressed with zstd as a whole and cut into chunks for the topic layer-contents. The same
 * layer with the same collectors gives the same bytes.
 *
 * Format (docs/formats/evidence.md): the magic "CRN1", then entries, each a u8 kind and its fields as varint-prefixed
 * byte strings and varints. Paths are canonical (evidence_path): from the root without a leading slash, without ".",
 * "..", "//" and NUL; otherwise any bytes.
 */
#ifndef CAREEN_MODEL_EVIDENCE_H
#define CAREEN_MODEL_EVIDENCE_H

#include "base/buf.h"
#include "base/err.h"

enum evidence_kind {
    EVIDENCE_FILE = 1, /* collector, path, size in the layer, bytes (when they were cut, a reason says so) */
    EVIDENCE_WHITEOUT, /* a path removed from the layers below (an entry ".wh.name", or a non-folder over a folder) */
    EVIDENCE_OPAQUE,   /* folder whose lower content is hidden */
    EVIDENCE_LINK, /* collector, path, target as a canonical path ("": the root): a link at a wanted path, or, without a
                          collector, in the place of a folder that may hold wanted paths */
    EVIDENCE_REASON, /* code, text: why the evidence is partial */
    EVIDENCE_END,    /* number of entries, unpacked bytes; a stream without it is cut */
};

struct evidence_entry {
    enum evidence_kind kind;
    struct slice collector, path, bytes; /* bytes: content, link target or text of a reason */
    struct slice code;                   /* REASON: its word (model/reason.h); empty in evidence of older versions */
    uint64_t size;                       /* FILE: size in the layer; END: unpacked bytes */
    uint64_t entries;                    /* END */
    bool hard;                           /* LINK: a hard link (the content may be in a lower layer) */
};

int evidence_begin(struct buf *out);
int evidence_write(struct buf *out, const struct evidence_entry *entry); /* -1 when out overflows */
/* Writes a FILE entry without its content; the caller then writes the bytes_n bytes itself. */
int evidence_file_front(struct buf *out, const struct evidence_entry *entry, uint64_t bytes_n);
/* Consumes the magic; ERR_POISON when the stream is not evidence. */
int evidence_open(struct slice *stream, struct err *e);
/*
 * 1: an entry, with slices into the stream; the END entry is given too. 0: the END entry was the last one. <0: the
 * stream is malformed or cut.
 */
int evidence_next(struct slice *stream, struct evidence_entry *ret_entry, struct err *e);
/*
 * Writes the canonical form of the name of a tar member or a link's target to to[max]. False when it is empty (the
 * root), holds a NUL, leaves the root by "..", or does not fit; 4096 bytes are enough for every path that a kernel
 * accepts.
 */
bool evidence_path(struct slice raw, uint8_t *to, size_t max, size_t *ret_n);

#endif
