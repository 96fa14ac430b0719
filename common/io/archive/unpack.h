/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unpack.h: reads the files in a container as a stream, with libarchive: those of a zip, those of a tar, or one bare
 * file; the last two may be compressed by gzip, zstd, bzip2 or xz. Each entry is read whole into a bounded buffer, a
 * bare file piece by piece. Whatever the bytes are, at most `max` unpacked bytes come out. Layers of images have readers
 * of their own, which are faster and side with the container runtimes where readers differ (inflate.h, tar.h).
 *
 * Zips are those of publishers, entry after entry as a caller pulls them: by the local headers, without seeking; of the
 * central directory only the number of entries counts. A stranger's zips, which are pushed, nested and may lie, are
 * zip_walk.h's.
 *
 * A cut container is always an error and never taken for a shorter one: compressed streams show it themselves, and in a
 * zip the end record must be there and count the entries that were seen.
 */
#ifndef CAREEN_IO_ARCHIVE_UNPACK_H
#define CAREEN_IO_ARCHIVE_UNPACK_H

#include "base/buf.h"
#include "base/byte_source.h"

enum unpack_kind { UNPACK_FILE, UNPACK_ZIP, UNPACK_TAR };

struct unpack;
/* ERR_POISON when it is no such container, or empty. The source outlives what is opened. */
int unpack_open(struct byte_source source, enum unpack_kind kind, uint64_t max, struct unpack **ret_unpack,
                struct err *e);
void unpack_close(struct unpack *u);
/*
 * The next entry that is a file. 1: its name, valid until the next call; 0: the end; <0: failure. Not for UNPACK_FILE.
 */
int unpack_next(struct unpack *u, struct slice *ret_name, struct err *e);
/*
 * Appends the current entry's bytes to out. 1: done; 0: it is damaged or larger than out's maximum, e says why, and
 * unpack_next goes on; <0: failure.
 */
int unpack_entry(struct unpack *u, struct buf *out, struct err *e);
/* UNPACK_FILE: the next piece; *ret_n == 0 at the end. */
int unpack_piece(struct unpack *u, const uint8_t **ret_p, size_t *ret_n, struct err *e);
/* UNPACK_FILE: its pieces as a source, which u outlives. */
struct byte_source unpack_source(struct unpack *u);
uint64_t unpack_bytes(const struct unpack *u); /* unpacked so far */

#endif
