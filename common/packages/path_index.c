/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/path_index.h"

#include "base/hash.h"

#define VERSION 1
#define HASHES  4u
#define LOG_MIN 6u /* 64 bytes */
#define LOG_MAX 16u
_Static_assert(1u << LOG_MAX == PATH_INDEX_BITS_MAX, "sizes");

static uint64_t hash_of(enum path_index_key key, struct slice text)
{
    /* An odd constant a kind keeps "jar" the name apart from "jar" the extension. */
    return hash64(text) * (0x9e3779b97f4a7c15u + 2 * (uint64_t)key);
}

/* The i-th bit of a hash, by double hashing; a filter of 2^k bits uses the low k bits of it, so that halves fold. */
static uint32_t bit_of(uint64_t hash, uint32_t i)
{
    return (uint32_t)hash + i * ((uint32_t)(hash >> 32) | 1);
}

static void add(struct path_index *x, enum path_index_key key, struct slice text)
{
    uint64_t hash = hash_of(key, text);
    for (uint32_t i = 0; i < HASHES; i++) {
        uint32_t bit = bit_of(hash, i) & (uint32_t)(PATH_INDEX_BITS_MAX * 8 - 1);
        x->bits[bit / 8] = (uint8_t)(x->bits[bit / 8] | 1u << bit % 8);
    }
}

static struct slice extension_of(struct slice name)
{
    ptrdiff_t dot = slice_rfind(name, '.');
    return dot > 0 ? slice_from(name, (size_t)dot + 1) : SLICE_NONE;
}

void path_index_init(struct path_index *x)
{
    memset(x, 0, sizeof *x);
}

void path_index_add(struct path_index *x, struct slice path)
{
    struct slice name = slice_from(path, (size_t)(slice_rfind(path, '/') + 1)), extension = extension_of(name);
    add(x, PATH_INDEX_PATH, path);
    add(x, PATH_INDEX_NAME, name);
    if (extension.n)
        add(x, PATH_INDEX_EXTENSION, extension);
}

static size_t bits_set(const uint8_t *p, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i += 8) {
        uint64_t word;
        memcpy(&word, p + i, sizeof word);
        count += (size_t)__builtin_popcountll(word);
    }
    return count;
}

size_t path_index_finish(struct path_index *x, uint8_t *to)
{
    uint32_t log = LOG_MAX;
    /* At four tenths full a name that is not there passes once in 40. */
    while (log > LOG_MIN && bits_set(x->bits, (size_t)1 << log) * 10 < ((size_t)1 << log) * 16) {
        size_t half = (size_t)1 << (log - 1);
        for (size_t i = 0; i < half; i++)
            x->bits[i] |= x->bits[half + i];
        log--;
    }
    to[0] = VERSION;
    to[1] = HASHES;
    to[2] = (uint8_t)log;
    to[3] = 0;
    memcpy(to + PATH_INDEX_HEAD, x->bits, (size_t)1 << log);
    return PATH_INDEX_HEAD + ((size_t)1 << log);
}

bool path_index_may_hold(struct slice index, enum path_index_key key, struct slice text)
{
    if (index.n < PATH_INDEX_HEAD || index.p[0] != VERSION || index.p[1] != HASHES || index.p[2] > LOG_MAX ||
        index.p[2] < LOG_MIN || index.n != PATH_INDEX_HEAD + ((size_t)1 << index.p[2]))
        return true;
    uint64_t hash = hash_of(key, text);
    for (uint32_t i = 0; i < HASHES; i++) {
        uint32_t bit = bit_of(hash, i) & (uint32_t)(((size_t)8 << index.p[2]) - 1);
        if (!(index.p[PATH_INDEX_HEAD + bit / 8] & 1u << bit % 8))
            return false;
    }
    return true;
}
