/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deflated.h: a document that was packed by zlib (RFC 1950) or gzip (RFC 1952) and lies somewhere within a file that
 * streams by: where one may begin, and unpacking it piece by piece into a bounded buffer. That most beginnings are none is
 * found out from a few bytes. Checksums are checked.
 *
 * One thread at a time.
 */
#ifndef CAREEN_IO_ARCHIVE_DEFLATED_H
#define CAREEN_IO_ARCHIVE_DEFLATED_H

#include "base/buf.h"

enum deflated_form { DEFLATED_ZLIB, DEFLATED_GZIP };

struct deflated {
    struct buf out;
    uint64_t used;              /* packed bytes that were read */
    bool whole;                 /* it came to its end, and its checksum is right */
    struct inflate_state *isal; /* NULL: nothing is open */
};

/*
 * Whether s, the first bytes of what may be such a stream (1 KiB suffice), unpack to something that begins with `first`.
 */
bool deflated_begins(struct deflated *d, struct slice s, enum deflated_form form, uint8_t first);
/* max: bytes of d->out; what is longer never becomes whole. */
void deflated_open(struct deflated *d, enum deflated_form form, size_t max);
/* False: the rest need not come; d->whole says whether all is there. */
bool deflated_feed(struct deflated *d, struct slice bytes);
/* Frees what is held. */
void deflated_done(struct deflated *d);

#endif
