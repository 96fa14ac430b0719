/* SPDX-License-Identifier: Apache-2.0 */
/*
 * held_file.h: for reducers that look at a file as a whole: its path and its first bytes, at most as many as the rule's
 * max says. It is the first member of such a reducer's state, and stands for one file after the other:
 *
 *     begin:      held_file_begin(&s->held, file, file->rule->max)
 *     feed:       held_file_feed
 *     end:        look at s->held.path, .bytes, .size; what counts becomes .facts (fact_list.h), then held_file_put
 *     layer_end:  held_file_layer_end, or where the state holds more, held_file_done(&s->held)
 *
 * One buffer is used again for all files of a layer: it grows to the longest, at most max. One thread.
 */
#ifndef CAREEN_PACKAGES_READING_HELD_FILE_H
#define CAREEN_PACKAGES_READING_HELD_FILE_H

#include "base/buf.h"
#include "packages/reducer.h"

#define HELD_PATH_MAX 4096

struct held_file {
    const struct package_rule *rule;
    uint64_t size;      /* of the whole file */
    struct slice path;  /* canonical; of path_bytes */
    struct slice bytes; /* the first of them; .n < size: it was cut, or the layer broke off */
    struct buf facts;   /* empty at the begin of each file; .max is the reducer's to set */
    struct buf buf;
    uint8_t path_bytes[HELD_PATH_MAX];
};

/* False for another name of a file (a hard link), of which no content comes, and for a path that is too long. */
bool held_file_begin(struct held_file *h, const struct reduced_file *file, size_t max);
/* state begins with a struct held_file. Bytes past max are passed over; gaps are zeros. */
void held_file_feed(void *state, uint64_t at, struct slice bytes);
/* What was made of the file becomes its evidence. */
void held_file_put(const struct held_file *h, const struct reducer_out *out);
/* Tells why it could not be read, by its path; of a file that was cut, that it was. */
void held_file_tell(const struct held_file *h, const struct reducer_out *out, enum reason_code code, const char *why);
void held_file_done(struct held_file *h);
/* The layer_end of a reducer whose state holds nothing else; state begins with a struct held_file. */
void held_file_layer_end(void *state, const struct reducer_out *out);
static inline bool held_file_cut(const struct held_file *h)
{
    return h->bytes.n < h->size;
}

#endif
