/* SPDX-License-Identifier: Apache-2.0 */
/* tar_internal.h: what tar.c, tar_header.c and tar_sparse.c share; see tar.h. */
#ifndef CAREEN_IO_ARCHIVE_TAR_INTERNAL_H
#define CAREEN_IO_ARCHIVE_TAR_INTERNAL_H

#include "io/archive/tar.h"

#define TAR_BLOCK      ((size_t)512)
#define TAR_SPARSE_MAX ((size_t)65536)

struct tar_piece {
    uint64_t at, n;
};

struct tar_sparse {
    struct tar_piece *v;
    size_t n, cap;
    uint64_t stored; /* sum of the pieces */
};

void tar_sparse_clear(struct tar_sparse *s);
/* NULL, or what is wrong with the piece: order, overflow, number. */
const char *tar_sparse_add(struct tar_sparse *s, uint64_t at, uint64_t n);
/* The comma-separated map of GNU.sparse.map (format 0.1, and 0.0 once joined). */
const char *tar_sparse_text(struct tar_sparse *s, struct slice map);
/* The slots of an old GNU header (4) or extension block (21). */
const char *tar_sparse_slots(struct tar_sparse *s, const uint8_t *p, size_t slots, bool *ret_end);

/* A number field: octal with blanks and NULs around it, or base-256; false when malformed, negative or over 63 bits. */
bool tar_number(const uint8_t *p, size_t n, uint64_t *ret_v);
bool tar_checksum_fits(const uint8_t *block);
/* Up to the first NUL. */
struct slice tar_text(const uint8_t *p, size_t n);

enum tar_format { TAR_V7, TAR_USTAR, TAR_GNU, TAR_STAR };
enum tar_format tar_format(const uint8_t *block);
/* The name with its prefix; may be composed in to[256]. */
struct slice tar_name(const uint8_t *block, enum tar_format format, uint8_t *to);

/* What pax headers may change of a member. Slices point into the header's body. */
struct tar_pax {
    bool any, has_size, has_sparse_size;
    struct slice path, link, sparse_name, sparse_map, sparse_major, sparse_minor;
    uint64_t size, sparse_size;
};
/* NULL, or what is wrong. joined collects the map of sparse format 0.0. */
const char *tar_pax_parse(struct slice body, struct tar_pax *ret_pax, struct buf *joined);

#endif
