/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reducing.h: the files of a layer that reducers look at while they stream by (packages/reducer.h), and how each file
 * begins: for rules by content, and for the path index. A file that no rule wants by its path is looked at until
 * its first bytes tell which rules want it.
 *
 * One file at a time: reducing_begin, reducing_data, reducing_end; reducing_break instead of the last when the layer
 * ends within it. One thread.
 */
#ifndef CAREEN_PULL_REDUCING_H
#define CAREEN_PULL_REDUCING_H

#include "packages/path_index.h"
#include "packages/reducer.h"
#include "packages/rules.h"
#include "pull/evidence_writer.h"

#define REDUCERS_MAX      64
#define REDUCING_PATH_MAX 4096

struct reducing {
    const struct rules *rules;
    struct path_index *index; /* takes how files begin */
    struct evidence_writer *writer;
    struct {
        const struct package_format *format;
        const struct reducer *reducer;
        void *state;
    } reducers[REDUCERS_MAX]; /* those of the rules that found something in this layer */
    size_t reducers_n;

    /* the file at hand */
    uint8_t path[REDUCING_PATH_MAX];
    size_t path_n;
    uint64_t size;
    uint8_t front[RULE_MAGIC_MAX]; /* its first bytes, until they are told */
    size_t front_n, front_max;
    bool looking;              /* rules by content may want it */
    bool told;                 /* a reducer put something since it began */
    uint8_t fed[REDUCERS_MAX]; /* the reducers that get it */
    size_t fed_n;
};

/*
 * A file. wanted: the rule that wants it by its path, or NULL; one without a reducer is somebody else's matter, and only
 * how the file begins counts here. True when the content has to come.
 */
bool reducing_begin(struct reducing *r, const struct wanted *wanted, struct slice path, uint64_t size);
/* A second name of a file, whose path is target. */
void reducing_link(struct reducing *r, const struct wanted *wanted, struct slice path, struct slice target);
void reducing_data(struct reducing *r, uint64_t at, struct slice bytes);
void reducing_end(struct reducing *r);
void reducing_layer_end(struct reducing *r); /* what is left to be told of the layer */
void reducing_done(struct reducing *r);

#endif
