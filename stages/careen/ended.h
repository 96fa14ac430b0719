/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ended.h: which images hold a system that its publisher maintains no more, as of now: what recommendations, which know
 * no day, leave to whoever shows them. Only those that are past are kept. One thread.
 */
#ifndef CAREEN_ENDED_H
#define CAREEN_ENDED_H

#include "careen/reader.h"

struct ended {
    struct slice digest, since;
};
struct ended_images {
    struct arena arena;
    VEC(struct ended) v; /* by digest */
    int64_t now_ms;
};
int ended_read(struct ended_images *x, struct reader *r, struct err *e);
/* "past its end of life since 2024-05-21", until ended_done; SLICE_NONE: it is not, or not known. */
struct slice ended_since(const struct ended_images *x, struct slice digest);
void ended_done(struct ended_images *x);

#endif
