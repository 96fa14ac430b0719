/* SPDX-License-Identifier: Apache-2.0 */
/* numbers.h: numbers within bytes of foreign files, in either byte order. Pure, any thread. */
#ifndef CAREEN_IO_BINARY_NUMBERS_H
#define CAREEN_IO_BINARY_NUMBERS_H

#include "base/slice.h"

/* Of n bytes at an offset, at most 8; bytes behind the end count as zeros. */
static inline uint64_t binary_number(struct slice s, uint64_t at, size_t n, bool big)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n && at < s.n && i < s.n - at; i++)
        v |= (uint64_t)s.p[at + i] << 8 * (big ? n - 1 - i : i);
    return v;
}

/* a + b, or the greatest number where that is more than there is room for. */
static inline uint64_t binary_sum(uint64_t a, uint64_t b)
{
    return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

#endif
