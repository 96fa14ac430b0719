/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sorted_stream.h: records of a sorted file (sorted.h has their form) as streams: written behind each other, and read
 * from a part of a file. A stream has one buffer. Descriptors are the caller's.
 */
#ifndef CAREEN_FEEDS_PIPELINE_SORTED_STREAM_H
#define CAREEN_FEEDS_PIPELINE_SORTED_STREAM_H

#include "feeds/pipeline/sorted.h"

#define SORTED_HEAD (2 * sizeof(uint32_t)) /* bytes before a record's key */

struct sorted_out {
    int fd;
    uint8_t *buffer;
    size_t n;
    uint64_t written, records; /* written: bytes, those in the buffer included */
    uint8_t last[SORTED_KEY_MAX];
    size_t last_n; /* the key of the last record; 0: none */
};
struct sorted_out sorted_out_to(int fd);
void sorted_out_done(struct sorted_out *out); /* what is in the buffer is lost */
int sorted_out_record(struct sorted_out *out, struct slice key, struct slice value, struct err *e);
int sorted_out_flush(struct sorted_out *out, struct err *e);

struct sorted_in {
    int fd;
    uint64_t at, to; /* of the file: what is not in the buffer yet */
    uint8_t *buffer;
    size_t room, cap, from, n; /* from, n: what is in the buffer and not taken yet */
    struct slice key;          /* of the record at hand, valid until it is taken */
    size_t value_n;
    bool at_record;
};
struct sorted_in sorted_in_from(int fd, uint64_t from, uint64_t to, size_t room);
void sorted_in_done(struct sorted_in *in);
/* Whether there is another record: 1 and its key, 0. The same one until it is taken. ERR_NOT_FOUND: damaged. */
int sorted_in_head(struct sorted_in *in, struct err *e);
/* Takes it: gives its value, valid until the next call; copies it to another stream; passes over it. */
int sorted_in_value(struct sorted_in *in, struct slice *ret_value, struct err *e);
int sorted_in_copy(struct sorted_in *in, struct sorted_out *out, struct err *e);
int sorted_in_skip(struct sorted_in *in, struct err *e);

#endif
