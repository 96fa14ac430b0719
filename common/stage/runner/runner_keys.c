/* SPDX-License-Identifier: Apache-2.0 */
/* runner_keys.c: the functions of stage.h that take keys apart. They need no runner. */
#include "stage/stage.h"

#include "base/hash.h"

struct slice topic_key_head(struct slice topic_key)
{
    ptrdiff_t comma = slice_find(topic_key, ',');
    return comma < 0 ? topic_key : slice_sub(topic_key, 0, (size_t)comma);
}

struct slice topic_key_tail(struct slice topic_key)
{
    ptrdiff_t comma = slice_find(topic_key, ',');
    return comma < 0 ? SLICE_NONE : slice_from(topic_key, (size_t)comma + 1);
}

size_t step_key(uint8_t *to, struct slice topic_key)
{
    struct slice head = slice_sub(topic_key_head(topic_key), 0, STEP_KEY_MAX - 17), tail = topic_key_tail(topic_key);
    size_t n = head.n;
    if (n)
        memcpy(to, head.p, n);
    if (!tail.p)
        return n;
    struct hash128 h = hash128(tail);
    to[n++] = ',';
    memcpy(to + n, h.b, sizeof h.b);
    return n + sizeof h.b;
}
