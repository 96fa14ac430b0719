/* SPDX-License-Identifier: Apache-2.0 */
/*
 * By OpenSSL's functions of before its third version: they touch nothing but the memory that they are given. Those that took
 * their place read a configuration file when a process first uses them, which a sandboxed child may not.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
/* First: OpenSSL has parameters whose names base.h bans. */
#include <openssl/sha.h>

#include "io/sha1.h"

_Static_assert(sizeof(SHA_CTX) <= sizeof(((struct sha1 *)0)->state), "room");
_Static_assert(SHA1_RAW == SHA_DIGEST_LENGTH, "length");

static SHA_CTX *context(struct sha1 *s)
{
    return (SHA_CTX *)(void *)s->state;
}

void sha1_begin(struct sha1 *s)
{
    SHA1_Init(context(s));
}

void sha1_update(struct sha1 *s, struct slice bytes)
{
    if (bytes.n)
        SHA1_Update(context(s), bytes.p, bytes.n);
}

void sha1_end(struct sha1 *s, char ret_hex[SHA1_HEX + 1])
{
    static const char hex[] = "0123456789abcdef";
    uint8_t raw[SHA1_RAW];
    SHA1_Final(raw, context(s));
    for (size_t i = 0; i < SHA1_RAW; i++) {
        ret_hex[2 * i] = hex[raw[i] >> 4];
        ret_hex[2 * i + 1] = hex[raw[i] & 15];
    }
    ret_hex[SHA1_HEX] = 0;
}
