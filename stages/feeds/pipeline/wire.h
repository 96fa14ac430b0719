/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire.h: a feed as encoded records. The reader of foreign bytes (feed_wire_write, in a sandboxed child where there is
 * one) writes frames; feed_read cuts them out of whatever pieces come and gives records as
 * (kind, key, codec's encoding in single-object framing). A frame is one byte, enum feed_frame, and what belongs to it.
 *
 * A child that hostile bytes took over can write any frames: the taker checks their form, feed_record_decode what they
 * hold.
 */
#ifndef CAREEN_FEEDS_PIPELINE_WIRE_H
#define CAREEN_FEEDS_PIPELINE_WIRE_H

#include "base/hash.h"
#include "bus/codec/codec.h"
#include "feeds/feed.h"
#include "io/sandbox/sandbox.h"

#define FEED_READER_VERSION 4u /* grows when the same bytes are read differently: feeds are then read again */
#define FEED_ARENA_MAX      ((size_t)192 << 20)

enum feed_record_kind {
    FEED_RECORD_ADVISORY = 'A',
    FEED_RECORD_VULNERABILITY = 'V',
};
enum feed_frame {
    FEED_FRAME_ADVISORY = FEED_RECORD_ADVISORY,           /* prefixed key, prefixed encoding */
    FEED_FRAME_VULNERABILITY = FEED_RECORD_VULNERABILITY, /* the same */
    FEED_FRAME_SKIPPED = 'S',                             /* prefixed id, prefixed reason: of a skipped document */
    FEED_FRAME_NAME = 'N',                                /* prefixed name, prefixed "-": of an index or a list */
    FEED_FRAME_END = 'E',                                 /* varints of struct feed_stats; the last: the feed is good */
    FEED_FRAME_REFUSED = 'X', /* varint error kind and code, prefixed text; the last: the feed is refused */
};

typedef int (*feed_wire_sink)(void *arg, struct slice bytes);
/* Reads the source and writes frames up to the last. -1 only when the sink fails. */
int feed_wire_write(const struct feed *f, struct byte_source source, int64_t now_ms, struct codec *codec,
                    feed_wire_sink sink, void *arg);

struct feed_taker {
    void *arg;
    /* NULL: only names are expected */
    int (*record)(void *arg, enum feed_record_kind kind, struct slice key, struct slice value, struct err *e);
    int (*skipped)(void *arg, struct slice id, struct slice reason, struct err *e); /* may be NULL */
    int (*named)(void *arg, struct slice name, struct err *e);                      /* may be NULL */
};

/*
 * Reads a feed's source and gives its records to the taker: in a sandboxed child when sandbox is not NULL (its main
 * main_index is feed_sandbox_main), else in this thread. ERR_POISON: the feed is refused.
 */
int feed_read(const struct feed *f, struct byte_source source, struct sandbox *sandbox, size_t main_index,
              const struct feed_taker *taker, struct feed_stats *ret_stats, struct err *e);
/* A main for sandbox_start; argument: the feed's name, a blank, the time in milliseconds. */
int feed_sandbox_main(struct sandbox_child *c, struct slice argument);
/* sandbox_limits.prepare of whoever reads feeds: libraries open what they would open in the child; TZ is set to UTC. */
void feed_sandbox_prepare(void);

struct feed_record {
    enum feed_record_kind kind;
    struct advisory advisory;
    struct vulnerability vulnerability;
};
/* ERR_POISON when it is not a record that this feed may give under this key. */
int feed_record_decode(const struct feed *f, struct codec *codec, enum feed_record_kind kind, struct slice key,
                       struct slice value, struct arena *arena, struct feed_record *ret_record, struct err *e);
/* The hash of an encoded record without its framing, so that it is the same for both framings. */
struct hash128 feed_record_hash(struct slice value);

#endif
