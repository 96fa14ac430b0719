/* SPDX-License-Identifier: Apache-2.0 */
/* hash.h: non-cryptographic hashes (XXH3 and XXH64 of libxxhash), stable across machines and versions. */
#ifndef CAREEN_BASE_HASH_H
#define CAREEN_BASE_HASH_H

#include "base/slice.h"

struct hash128 {
    uint8_t b[16]; /* big-endian, so that memcmp orders it */
};

uint64_t hash64(struct slice s);
struct hash128 hash128(struct slice s);
static inline struct slice hash128_slice(const struct hash128 *h)
{
    return slice_of(h->b, sizeof h->b);
}
/* The only partition function: topics that are partitioned by digest (bus/topics.h) use it on the key's digest. */
uint32_t hash_partition(struct slice key, uint32_t partitions);

#endif
