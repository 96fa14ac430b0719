/* SPDX-License-Identifier: Apache-2.0 */
/* First: OpenSSL has parameters whose names base.h bans. */
#include <openssl/evp.h>

#include "io/sha1.h"

void sha1_begin(struct sha1 *s)
{
    if (!s->ctx)
        s->ctx = EVP_MD_CTX_new();
    if (!s->ctx || EVP_DigestInit_ex(s->ctx, EVP_sha1(), NULL) != 1)
        BUG("SHA-1 is not available");
}

void sha1_update(struct sha1 *s, struct slice bytes)
{
    if (bytes.n && EVP_DigestUpdate(s->ctx, bytes.p, bytes.n) != 1)
        BUG("SHA-1 failed");
}

void sha1_end(struct sha1 *s, char ret_hex[SHA1_HEX + 1])
{
    static const char hex[] = "0123456789abcdef";
    uint8_t raw[EVP_MAX_MD_SIZE];
    if (EVP_DigestFinal_ex(s->ctx, raw, NULL) != 1)
        BUG("SHA-1 failed");
    for (size_t i = 0; i < SHA1_RAW; i++) {
        ret_hex[2 * i] = hex[raw[i] >> 4];
        ret_hex[2 * i + 1] = hex[raw[i] & 15];
    }
    ret_hex[SHA1_HEX] = 0;
}

void sha1_done(struct sha1 *s)
{
    EVP_MD_CTX_free(s->ctx);
    s->ctx = NULL;
}
