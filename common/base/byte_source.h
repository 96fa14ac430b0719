/* SPDX-License-Identifier: Apache-2.0 */
/*
 * byte_source.h: bytes in order, from wherever they come: memory, a file, what a sandboxed child is given, or what
 * comes out of a compression. Readers of streams take one. The source lives as long as what `arg` points to, which is
 * the caller's. One thread at a time.
 */
#ifndef CAREEN_BASE_BYTE_SOURCE_H
#define CAREEN_BASE_BYTE_SOURCE_H

#include "base/err.h"
#include "base/slice.h"

struct byte_source {
    /* The next piece: *ret_n == 0 at the end; valid until the next call. <0: it can't be read, and e says why. */
    int (*read)(void *arg, const uint8_t **ret_p, size_t *ret_n, struct err *e);
    void *arg;
};

struct byte_source_memory {
    struct slice left;
};
struct byte_source byte_source_of_memory(struct byte_source_memory *m); /* gives m->left once */

struct byte_source_file {
    int fd;         /* the caller's; read from where it stands */
    uint64_t bytes; /* read so far */
    uint8_t buffer[65536];
};
struct byte_source byte_source_of_file(struct byte_source_file *f);

#endif
