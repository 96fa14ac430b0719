/* SPDX-License-Identifier: Apache-2.0 */
#include "io/archive/tar_internal.h"

void tar_sparse_clear(struct tar_sparse *s)
{
    s->n = 0;
    s->stored = 0;
}

const char *tar_sparse_add(struct tar_sparse *s, uint64_t at, uint64_t n)
{
    if (s->n == TAR_SPARSE_MAX)
        return "its sparse map has too many pieces";
    if (at > INT64_MAX || n > INT64_MAX - at)
        return "its sparse map overflows";
    if (s->n && at < s->v[s->n - 1].at + s->v[s->n - 1].n)
        return "its sparse map is out of order";
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 16;
        s->v = xrealloc(s->v, s->cap * sizeof *s->v);
    }
    s->v[s->n++] = (struct tar_piece){at, n};
    s->stored += n; /* pieces don't overlap: no overflow */
    return NULL;
}

const char *tar_sparse_text(struct tar_sparse *s, struct slice map)
{
    struct slice a, b;
    tar_sparse_clear(s);
    while (slice_take_token(&map, ',', &a)) {
        uint64_t at, n;
        if (!slice_take_token(&map, ',', &b) || !slice_parse_u64(a, &at) || !slice_parse_u64(b, &n))
            return "its sparse map is malformed";
        const char *wrong = tar_sparse_add(s, at, n);
        if (wrong)
            return wrong;
    }
    return NULL;
}

const char *tar_sparse_slots(struct tar_sparse *s, const uint8_t *p, size_t slots, bool *ret_end)
{
    for (size_t i = 0; i < slots; i++, p += 24) {
        uint64_t at, n;
        if (!p[0]) { /* an unused slot ends the map */
            *ret_end = true;
            return NULL;
        }
        if (!tar_number(p, 12, &at) || !tar_number(p + 12, 12, &n))
            return "its sparse map is malformed";
        const char *wrong = tar_sparse_add(s, at, n);
        if (wrong)
            return wrong;
    }
    *ret_end = false;
    return NULL;
}
