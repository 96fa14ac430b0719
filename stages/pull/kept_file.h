/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kept_file.h: the wanted file that is being kept as it is (package_rule.max). It is held until it is whole, so that a
 * layer that ends in the middle of it cuts no entry; what may be larger than KEEP_LARGE goes into the evidence as it
 * comes, with zeros for what does not.
 *
 * One file at a time: kept_begin, kept_data, then kept_end, whether all of it came or not. One thread.
 */
#ifndef CAREEN_PULL_KEPT_FILE_H
#define CAREEN_PULL_KEPT_FILE_H

#include "packages/rules.h"
#include "pull/evidence_writer.h"

#define KEPT_PATH_MAX 4096

struct kept_file {
    const struct wanted *wanted; /* NULL: none is being kept */
    uint8_t path[KEPT_PATH_MAX];
    size_t path_n;
    uint64_t size;
    uint8_t *bytes;
    size_t n, max, cap;
    bool streamed;     /* not held: what came is written already, but for staged_n bytes */
    size_t staged_n;   /* in bytes: pieces of one size make the same evidence however the layer came */
    uint64_t left_out; /* of its bytes, since too much was packed */
};

/* False when there is no room for it. */
bool kept_begin(struct kept_file *f, struct evidence_writer *w, const struct wanted *wanted, struct slice path,
                uint64_t size);
/* Pieces in rising order; holes between them are zeros. */
void kept_data(struct kept_file *f, struct evidence_writer *w, uint64_t at, struct slice bytes);
/* Writes what there is of the file; whole: all of it came, and what did not is a hole. */
void kept_end(struct kept_file *f, struct evidence_writer *w, bool whole);
void kept_done(struct kept_file *f);

#endif
