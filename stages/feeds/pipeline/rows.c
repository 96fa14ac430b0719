/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/pipeline/rows.h"

#define OUT_HASH 8 /* bytes: a change that goes unseen is one in 2^64 */

bool feed_row_key(enum feed_record_kind kind, struct slice topic_key, uint8_t *to, size_t *ret_n)
{
    if (!topic_key.n || topic_key.n > FEED_KEY_MAX)
        return false;
    to[0] = (uint8_t)kind;
    if (kind == FEED_RECORD_ADVISORY) {
        memcpy(to + 1, topic_key.p, topic_key.n);
        *ret_n = 1 + topic_key.n;
        return true;
    }
    ptrdiff_t comma = slice_rfind(topic_key, ',');
    if (kind != FEED_RECORD_VULNERABILITY || comma <= 0)
        return false;
    struct slice id = slice_sub(topic_key, 0, (size_t)comma), feed = slice_from(topic_key, (size_t)comma + 1);
    memcpy(to + 1, feed.p, feed.n);
    to[1 + feed.n] = 0;
    memcpy(to + 2 + feed.n, id.p, id.n);
    *ret_n = 2 + feed.n + id.n;
    return true;
}

struct slice feed_topic_key(struct slice row_key, struct arena *arena)
{
    struct slice rest = slice_from(row_key, 1);
    if (!row_key.n || feed_row_kind(row_key) == FEED_RECORD_ADVISORY)
        return arena_slice(arena, rest);
    ptrdiff_t nul = slice_find(rest, 0);
    if (nul < 0)
        return SLICE_NONE;
    return arena_printf(arena, "%.*s,%.*s", SLICE_FMT(slice_from(rest, (size_t)nul + 1)),
                        SLICE_FMT(slice_sub(rest, 0, (size_t)nul)));
}

struct slice feed_out_value(struct arena *arena, enum feed_record_kind kind, struct hash128 hash, struct slice feed)
{
    if (kind == FEED_RECORD_VULNERABILITY)
        feed.n = 0;
    uint8_t *p = arena_alloc(arena, OUT_HASH + feed.n);
    if (!p)
        return SLICE_NONE;
    memcpy(p, hash.b, OUT_HASH);
    if (feed.n)
        memcpy(p + OUT_HASH, feed.p, feed.n);
    return slice_of(p, OUT_HASH + feed.n);
}

bool feed_out_parse(struct slice value, struct slice *ret_hash, struct slice *ret_feed)
{
    if (value.n < OUT_HASH)
        return false;
    *ret_hash = slice_sub(value, 0, OUT_HASH);
    *ret_feed = slice_from(value, OUT_HASH);
    return true;
}
