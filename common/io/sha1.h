/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sha1.h: SHA-1, by which repositories of packages know their files; never a proof of anything. A zeroed struct may be
 * begun, ended and begun again; sha1_done releases what it took. Each belongs to one thread at a time.
 */
#ifndef CAREEN_IO_SHA1_H
#define CAREEN_IO_SHA1_H

#include "base/slice.h"

#define SHA1_RAW ((size_t)20)
#define SHA1_HEX (2 * SHA1_RAW)

struct sha1 {
    void *ctx;
};

void sha1_begin(struct sha1 *s);
void sha1_update(struct sha1 *s, struct slice bytes);
/* Small letters and digits, NUL-terminated. */
void sha1_end(struct sha1 *s, char ret_hex[SHA1_HEX + 1]);
void sha1_done(struct sha1 *s);

#endif
