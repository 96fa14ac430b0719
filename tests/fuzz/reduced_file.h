/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reduced_file.h: for fuzz targets of formats that reduce their files: the bytes as a file that streams by, in pieces of
 * several sizes, which must keep the same of it and say the same of what can't be read; then that evidence parsed and
 * assembled. And the bytes as the evidence itself, since what is kept of a layer comes back from a topic.
 */
#ifndef CAREEN_TESTS_FUZZ_REDUCED_FILE_H
#define CAREEN_TESTS_FUZZ_REDUCED_FILE_H

#include "inventory/assemble/assemble.h"
#include "model/evidence.h"
#include "packages/parse.h"
#include "packages/reducer.h"
#include "packages/rules.h"

struct reduced {
    struct buf kept, reasons;
};

static inline void reduced_put(void *arg, const struct package_format *format, struct slice path, struct slice bytes)
{
    struct reduced *r = arg;
    evidence_write(&r->kept, &(struct evidence_entry){.kind = EVIDENCE_FILE,
                                                      .collector = slice_str(format->name),
                                                      .path = path,
                                                      .bytes = bytes,
                                                      .size = bytes.n});
}

static inline void reduced_reason(void *arg, enum reason_code code, const char *text)
{
    struct reduced *r = arg;
    evidence_write(&r->reasons, &(struct evidence_entry){.kind = EVIDENCE_REASON,
                                                         .path = SLICE(""),
                                                         .code = reason_word(code),
                                                         .bytes = slice_str(text)});
}

/* Adds to the evidence what the reducer of the rule for path makes of the bytes. */
static inline void reduce_file(struct reduced *to, struct slice path, struct slice bytes, size_t step)
{
    const struct wanted *w = rules_of_file(rules_all(), path);
    ASSERT(w && w->rule->reducer);
    const struct reducer *r = w->rule->reducer;
    const struct reducer_out out = {reduced_put, reduced_reason, to, w->format};
    const struct reduced_file file = {.rule = w->rule, .path = path, .size = bytes.n};
    void *state = xcalloc(1, r->state_size);
    bool comes = r->begin(state, &file, &out);
    for (size_t at = 0; comes && at < bytes.n; at += step) {
        struct slice piece = slice_sub(bytes, at, step);
        uint8_t *copy = xmemdup(piece.p, piece.n);
        r->feed(state, at, slice_of(copy, piece.n));
        free(copy);
    }
    if (comes)
        r->end(state, &out);
    r->layer_end(state, &out);
    free(state);
}

static inline void parse_reduced(struct reduced *r)
{
    struct arena a = ARENA_INIT((size_t)32 << 20);
    struct layer_packages layer;
    struct inventory image;
    buf_add_slice(&r->kept, buf_slice(&r->reasons));
    evidence_write(&r->kept, &(struct evidence_entry){.kind = EVIDENCE_END});
    if (!parse_layer(buf_slice(&r->kept), &a, &layer, NULL)) {
        ASSERT((layer.status == PULL_GOOD) == !layer.reasons.texts.n);
        assemble_image(&(struct image){.digest = SLICE("sha256:x")}, &layer, 1, &a, &image, NULL);
    }
    arena_done(&a);
}

static inline int fuzz_reduced_file(const char *path, const uint8_t *data, size_t size)
{
    const size_t steps[] = {SIZE_MAX / 2, 4096, 1 + size / 7, size < 8192 ? 1 : 997};
    struct reduced r[ARRAY_LEN(steps) + 1];
    const struct wanted *w = rules_of_file(rules_all(), slice_str(path));
    ASSERT(w);
    for (size_t i = 0; i < ARRAY_LEN(r); i++) {
        r[i] = (struct reduced){BUF_INIT((size_t)32 << 20), BUF_INIT((size_t)1 << 20)};
        evidence_begin(&r[i].kept);
    }
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        reduce_file(&r[i], slice_str(path), slice_of(data, size), steps[i]);
        ASSERT(slice_eq(buf_slice(&r[0].kept), buf_slice(&r[i].kept)));
        ASSERT(slice_eq(buf_slice(&r[0].reasons), buf_slice(&r[i].reasons)));
    }
    reduced_put(&r[ARRAY_LEN(steps)], w->format, slice_str(path), slice_of(data, size));
    parse_reduced(&r[0]);
    parse_reduced(&r[ARRAY_LEN(steps)]);
    for (size_t i = 0; i < ARRAY_LEN(r); i++) {
        buf_done(&r[i].kept);
        buf_done(&r[i].reasons);
    }
    return 0;
}

/* The first byte chooses the path. */
static inline int fuzz_reduced_files(const char *const *paths, size_t n, const uint8_t *data, size_t size)
{
    return size ? fuzz_reduced_file(paths[data[0] % n], data + 1, size - 1) : 0;
}

#endif
