/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest.h: SHA-256 (OpenSSL's, with the machine's SHA instructions) and the text form of digests, "sha256:<64 hex>".
 * Only lower-case hex is a digest, as the OCI image specification (descriptor.md, "Digests") asks.
 *
 *     struct digest d; digest_init(&d); digest_update(&d, bytes); digest_final(&d, raw);
 *
 * digest_final releases what digest_init took; digest_done does so for a digest that is given up. Each digest belongs
 * to one thread at a time.
 */
#ifndef CAREEN_IO_DIGEST_H
#define CAREEN_IO_DIGEST_H

#include "base/slice.h"

#define DIGEST_RAW      32
#define DIGEST_TEXT_MAX (7 + 2 * DIGEST_RAW + 1)

struct digest {
    void *ctx;
};

void digest_init(struct digest *d);
void digest_update(struct digest *d, struct slice bytes);
void digest_final(struct digest *d, uint8_t ret_raw[DIGEST_RAW]);
void digest_done(struct digest *d); /* legal after digest_final and on a zeroed struct */

void digest_of(struct slice bytes, uint8_t ret_raw[DIGEST_RAW]);
/* text holds DIGEST_TEXT_MAX bytes and is returned, NUL-terminated. */
char *digest_format(const uint8_t raw[DIGEST_RAW], char *text);
/* False unless text is exactly "sha256:" and 64 lower-case hex digits. */
bool digest_parse(struct slice text, uint8_t ret_raw[DIGEST_RAW]);
/* True when text is the digest raw. */
bool digest_is(struct slice text, const uint8_t raw[DIGEST_RAW]);

#endif
