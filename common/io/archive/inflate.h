/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inflate.h: one streaming interface over what layers are packed with: nothing, gzip (RFC 1952; inflated by ISA-L,
 * which takes half the time of zlib) and zstd (RFC 8878). The first bytes decide which, as in the container runtimes; a
 * media type that says otherwise is only reported (inflate_disagrees). xz, bzip2 and lz4 are recognised and refused by
 * name.
 *
 *     z = inflate_new(media_type, max);
 *     for each piece of input: while ((r = inflate_next(z, &in, &out, &e)) == 1) use(out);
 *     r = inflate_end(z, &e);
 *
 *  - Pieces of output lie in the inflater (for plain input: in the input) and are valid until the next call. They are
 *    at most INFLATE_OUT bytes for packed input: small enough to stay in a core's second-level cache until they are
 *    read, large enough that ISA-L's copy of its history (64 KiB a call) does not matter. 32 KiB took 5 % longer, 512
 *    KiB the same.
 *  - gzip: several members, each with its CRC and length checked (2 % of the time, by ISA-L's folding CRC). What
 *    follows the last member and is not a member is ignored, as gzip does.
 *  - zstd: several frames, skippable ones too; windows up to 128 MiB (that much memory is then needed). Checksums are
 *    checked.
 *  - After a failure every call fails; the output before it is valid. Memory: 350 KiB, plus zstd's window.
 *
 * One thread at a time.
 */
#ifndef CAREEN_IO_ARCHIVE_INFLATE_H
#define CAREEN_IO_ARCHIVE_INFLATE_H

#include "base/err.h"
#include "base/slice.h"

#define INFLATE_OUT ((size_t)256 << 10)

enum inflate_kind { INFLATE_UNKNOWN, INFLATE_PLAIN, INFLATE_GZIP, INFLATE_ZSTD };
struct inflate;

/* media_type may be SLICE_NONE. max_unpacked: more output than this is an error (a bomb). */
struct inflate *inflate_new(struct slice media_type, uint64_t max_unpacked);
void inflate_free(struct inflate *z);
/*
 * Consumes from *in: 1 a piece of output, 0 *in is empty and more is needed, <0 failure (ERR_PARTIAL). Call it until it
 * gives 0.
 */
int inflate_next(struct inflate *z, struct slice *in, struct slice *ret_out, struct err *e);
/* After the last input: fails (ERR_PARTIAL) when the stream is cut. */
int inflate_end(struct inflate *z, struct err *e);

enum inflate_kind inflate_kind(const struct inflate *z); /* INFLATE_UNKNOWN until the first bytes were seen */
enum inflate_kind inflate_kind_of(struct slice media_type);
const char *inflate_kind_name(enum inflate_kind kind);
bool inflate_disagrees(const struct inflate *z); /* the media type says something else than the bytes */
uint64_t inflate_unpacked(const struct inflate *z);

#endif
