/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#define XXH_NO_STREAM
#include <xxhash.h>

uint64_t hash64(struct slice s)
{
    return XXH3_64bits(s.p, s.n);
}

struct hash128 hash128(struct slice s)
{
    XXH128_canonical_t c;
    XXH128_canonicalFromHash(&c, XXH3_128bits(s.p, s.n));
    struct hash128 h;
    memcpy(h.b, c.digest, sizeof h.b);
    return h;
}

uint32_t hash_partition(struct slice key, uint32_t partitions)
{
    return partitions ? (uint32_t)(XXH64(key.p, key.n, 0) % partitions) : 0;
}
