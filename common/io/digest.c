/* SPDX-License-Identifier: Apache-2.0 */
/* First: OpenSSL has parameters whose names base.h bans. */
#include <openssl/evp.h>

#include "io/digest.h"

void digest_init(struct digest *d)
{
    d->ctx = EVP_MD_CTX_new();
    if (!d->ctx || EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL) != 1)
        BUG("SHA-256 is not available");
}

void digest_update(struct digest *d, struct slice bytes)
{
    if (bytes.n && EVP_DigestUpdate(d->ctx, bytes.p, bytes.n) != 1)
        BUG("SHA-256 failed");
}

void digest_final(struct digest *d, uint8_t ret_raw[DIGEST_RAW])
{
    if (EVP_DigestFinal_ex(d->ctx, ret_raw, NULL) != 1)
        BUG("SHA-256 failed");
    digest_done(d);
}

void digest_done(struct digest *d)
{
    EVP_MD_CTX_free(d->ctx);
    d->ctx = NULL;
}

void digest_of(struct slice bytes, uint8_t ret_raw[DIGEST_RAW])
{
    struct digest d;
    digest_init(&d);
    digest_update(&d, bytes);
    digest_final(&d, ret_raw);
}

char *digest_format(const uint8_t raw[DIGEST_RAW], char *text)
{
    static const char hex[] = "0123456789abcdef";
    memcpy(text, "sha256:", 7);
    for (size_t i = 0; i < DIGEST_RAW; i++) {
        text[7 + 2 * i] = hex[raw[i] >> 4];
        text[8 + 2 * i] = hex[raw[i] & 15];
    }
    text[DIGEST_TEXT_MAX - 1] = 0;
    return text;
}

bool digest_parse(struct slice text, uint8_t ret_raw[DIGEST_RAW])
{
    uint8_t raw[DIGEST_RAW];
    if (!slice_take_prefix(&text, SLICE("sha256:")) || text.n != (size_t)2 * DIGEST_RAW)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        unsigned v;
        if (c >= '0' && c <= '9')
            v = c - (unsigned)'0';
        else if (c >= 'a' && c <= 'f')
            v = c - (unsigned)'a' + 10;
        else
            return false;
        raw[i / 2] = (uint8_t)(i % 2 ? raw[i / 2] | v : v << 4);
    }
    memcpy(ret_raw, raw, sizeof raw);
    return true;
}

bool digest_is(struct slice text, const uint8_t raw[DIGEST_RAW])
{
    uint8_t parsed[DIGEST_RAW];
    return digest_parse(text, parsed) && memcmp(parsed, raw, sizeof parsed) == 0;
}
