/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sha1.h: SHA-1, by which repositories of packages know their files; never a proof of anything. A struct may be begun,
 * ended and begun again; it holds nothing else. It works in a sandboxed child. Each belongs to one thread at a time.
 */
#ifndef CAREEN_IO_SHA1_H
#define CAREEN_IO_SHA1_H

#include "base/slice.h"

#define SHA1_RAW ((size_t)20)
#define SHA1_HEX (2 * SHA1_RAW)

struct sha1 {
    uint64_t state[16]; /* OpenSSL's SHA_CTX */
};

void sha1_begin(struct sha1 *s);
void sha1_update(struct sha1 *s, struct slice bytes);
/* Small letters and digits, NUL-terminated. */
void sha1_end(struct sha1 *s, char ret_hex[SHA1_HEX + 1]);

#endif
