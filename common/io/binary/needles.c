/* SPDX-License-Identifier: Apache-2.0 */
#include "io/binary/needles.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

/* Texts shorter than a head fit too much to share a group with others. */
static size_t group_of(struct slice text, size_t i)
{
    return text.n < NEEDLE_HEAD ? NEEDLE_GROUPS - 1 - i % 2 : i % (NEEDLE_GROUPS - 2);
}

static void add_head(struct needles *set, struct slice text, size_t group)
{
    uint8_t bit = (uint8_t)(1u << group);
    for (size_t k = 0; k < NEEDLE_HEAD; k++) {
        for (size_t half = 0; k >= text.n && half < 16; half++) {
            set->low[k][half] |= bit;
            set->high[k][half] |= bit;
        }
        if (k < text.n) {
            set->low[k][text.p[k] & 15] |= bit;
            set->high[k][text.p[k] >> 4] |= bit;
        }
    }
}

void needles_init(struct needles *set, const struct slice *texts, size_t n)
{
    ASSERT(n <= NEEDLES_MAX);
    memset(set, 0, sizeof *set);
    for (size_t group = 0; group < NEEDLE_GROUPS; group++) {
        set->from[group] = (uint16_t)set->n;
        for (size_t i = 0; i < n; i++) {
            ASSERT(texts[i].n >= NEEDLE_MIN);
            if (group_of(texts[i], i) != group)
                continue;
            add_head(set, texts[i], group);
            set->v[set->n] = texts[i];
            set->number[set->n++] = (uint16_t)i;
        }
    }
    set->from[NEEDLE_GROUPS] = (uint16_t)set->n;
}

/* The texts of these groups that stand at a place. */
static void look(const struct needles *set, struct slice bytes, size_t at, unsigned groups, needles_hit *hit, void *arg)
{
    for (; groups; groups &= groups - 1) {
        size_t group = (size_t)__builtin_ctz(groups);
        for (size_t i = set->from[group]; i < set->from[group + 1]; i++)
            if (set->v[i].n <= bytes.n - at && memcmp(bytes.p + at, set->v[i].p, set->v[i].n) == 0)
                hit(arg, set->number[i], at);
    }
}

static void find_each(const struct needles *set, struct slice bytes, size_t from, size_t to, needles_hit *hit,
                      void *arg)
{
    for (size_t at = from; at < to && at < bytes.n; at++) {
        unsigned groups = UINT8_MAX;
        for (size_t k = 0; groups && k < NEEDLE_HEAD && at + k < bytes.n; k++)
            groups &= (unsigned)set->low[k][bytes.p[at + k] & 15] & set->high[k][bytes.p[at + k] >> 4];
        look(set, bytes, at, groups, hit, arg);
    }
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static inline __m256i halves(const struct needles *set, size_t k)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)set->low[k]));
}

__attribute__((target("avx2"))) static inline __m256i upper_halves(const struct needles *set, size_t k)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)set->high[k]));
}

/* For each of 32 bytes the groups whose texts may have it at one place. */
__attribute__((target("avx2"))) static inline __m256i fitting(const uint8_t *p, __m256i low, __m256i high)
{
    const __m256i mask = _mm256_set1_epi8(15);
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i upper = _mm256_and_si256(_mm256_srli_epi16(b, 4), mask);
    return _mm256_and_si256(_mm256_shuffle_epi8(low, _mm256_and_si256(b, mask)), _mm256_shuffle_epi8(high, upper));
}

/* Gives where it stopped: behind that are too few bytes for a step. */
__attribute__((target("avx2"))) static size_t find_wide(const struct needles *set, struct slice bytes, size_t from,
                                                        size_t to, needles_hit *hit, void *arg)
{
    const __m256i low0 = halves(set, 0), low1 = halves(set, 1), low2 = halves(set, 2), low3 = halves(set, 3);
    const __m256i high0 = upper_halves(set, 0), high1 = upper_halves(set, 1), high2 = upper_halves(set, 2),
                  high3 = upper_halves(set, 3);
    size_t at = from;
    for (; at + 32 <= to && at + 32 + NEEDLE_HEAD <= bytes.n; at += 32) {
        const uint8_t *p = bytes.p + at;
        __m256i fit = _mm256_and_si256(fitting(p, low0, high0), fitting(p + 1, low1, high1));
        fit = _mm256_and_si256(fit, _mm256_and_si256(fitting(p + 2, low2, high2), fitting(p + 3, low3, high3)));
        unsigned none = (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(fit, _mm256_setzero_si256()));
        if (none == UINT32_MAX)
            continue;
        uint8_t groups[32];
        _mm256_storeu_si256((__m256i *)(void *)groups, fit);
        for (unsigned some = ~none; some; some &= some - 1) {
            size_t i = (size_t)__builtin_ctz(some);
            look(set, bytes, at + i, groups[i], hit, arg);
        }
    }
    return at;
}
#endif

void needles_find(const struct needles *set, struct slice bytes, size_t from, size_t to, needles_hit *hit, void *arg)
{
    to = MIN(to, bytes.n);
#ifdef __x86_64__
    if (from < to && __builtin_cpu_supports("avx2"))
        from = find_wide(set, bytes, from, to, hit, arg);
#endif
    find_each(set, bytes, from, to, hit, arg);
}
