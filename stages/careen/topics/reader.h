/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader.h: reads topics without a stage, for the commands that show what is true now and for tail. Of a compacted
 * topic the newest record of each key is gathered in a temporary folder, so that memory does not grow with the fleet.
 */
#ifndef CAREEN_CAREEN_TOPICS_READER_H
#define CAREEN_CAREEN_TOPICS_READER_H

#include "bus/bus.h"
#include "bus/codec/codec.h"
#include "stage/settings.h"

#include <stdatomic.h>

struct reader;
int reader_open(const struct settings *s, struct reader **ret_reader, struct err *e);
void reader_close(struct reader *r);
struct bus *reader_bus(struct reader *r);
struct codec *reader_codec(struct reader *r);
uint32_t reader_partitions(const struct reader *r);

/* A record lives until fn returns. A negative result ends with fn's error, 1 ends early with success. */
typedef int (*reader_fn)(void *arg, struct slice key, const void *record, int64_t timestamp_ms, struct err *e);
/*
 * Calls fn for the newest record of every key that is not deleted, in the order of keys. A record that can't be decoded
 * is reported on standard error and counted, and the others are given all the same.
 */
int reader_all(struct reader *r, enum topic t, reader_fn fn, void *arg, struct err *e);
/* The same for wanted keys only; others are not even kept on the way. */
typedef bool (*reader_wanted_fn)(void *arg, struct slice key);
int reader_some(struct reader *r, enum topic t, reader_wanted_fn wanted, reader_fn fn, void *arg, struct err *e);
struct reader_tail_options {
    bool from_now;           /* only what comes from now on, not from the beginning */
    bool follow;             /* goes on once the end is reached */
    const atomic_bool *stop; /* ends it when it becomes true; NULL: nothing does */
};
/* Calls fn for every record, tombstones included (record NULL), in the order of each partition. */
int reader_tail(struct reader *r, enum topic t, const struct reader_tail_options *o, reader_fn fn, void *arg,
                struct err *e);

/*
 * How many records could not be decoded so far. A command that shows what is true must not end as if it had shown
 * everything: reader_check is then ERR_PARTIAL, which says how many and what to do.
 */
size_t reader_skipped(const struct reader *r);
int reader_check(const struct reader *r, struct err *e);

#endif
