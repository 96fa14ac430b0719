/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows.h: how records are named and remembered in the pipeline. A row key orders what a feed says and what is out alike:
 *
 *     FEED_RECORD_ADVISORY       topic key         "ecosystem,package,advisory"
 *     FEED_RECORD_VULNERABILITY  feed NUL id       of the topic key "id,feed"
 *
 * What is out is a packed table of a database or of a stage: row key -> 8 bytes of the record's hash, and of an
 * advisory the name of the feed that wrote it, since two feeds may tell of one advisory under one key.
 */
#ifndef CAREEN_FEEDS_PIPELINE_ROWS_H
#define CAREEN_FEEDS_PIPELINE_ROWS_H

#include "base/arena.h"
#include "base/hash.h"
#include "feeds/pipeline/wire.h"
#include "io/store/packed.h"

#define FEED_ROW_KEY_MAX 500

/* The row key of a topic key. False when it is not such a key. */
bool feed_row_key(enum feed_record_kind kind, struct slice topic_key, uint8_t *to, size_t *ret_n);
/* And back, into arena. */
struct slice feed_topic_key(struct slice row_key, struct arena *arena);
static inline enum feed_record_kind feed_row_kind(struct slice row_key)
{
    return (enum feed_record_kind)row_key.p[0];
}

struct slice feed_out_value(struct arena *arena, enum feed_record_kind kind, struct hash128 hash, struct slice feed);
bool feed_out_parse(struct slice value, struct slice *ret_hash, struct slice *ret_feed);
static inline struct packed feed_out_packed(store_table table)
{
    return (struct packed){.table = table, .large = true};
}

#endif
