/* SPDX-License-Identifier: Apache-2.0 */
/*
 * needles.h: finds any of a set of texts in bytes, all in one pass at the pace of memory, for programs of gigabytes. A
 * position is looked at closer only when its first four bytes, each by the halves of itself, may begin a text of one of
 * eight groups; with AVX2 that is asked for 32 positions at once. So texts whose first four bytes are rare in programs
 * cost nothing, and many of them hardly more than one.
 *
 * A set is made once and constant from then on, for any thread. The texts must outlive it.
 */
#ifndef CAREEN_IO_BINARY_NEEDLES_H
#define CAREEN_IO_BINARY_NEEDLES_H

#include "base/slice.h"

#define NEEDLES_MAX   256
#define NEEDLE_MIN    2
#define NEEDLE_HEAD   4
#define NEEDLE_GROUPS 8

struct needles {
    struct slice v[NEEDLES_MAX]; /* in the order of the groups */
    uint16_t number[NEEDLES_MAX];
    size_t n;
    uint16_t from[NEEDLE_GROUPS + 1];
    /* Bit g: a text of group g may have a byte with this lower (upper) half at that place. */
    uint8_t low[NEEDLE_HEAD][16], high[NEEDLE_HEAD][16];
};

typedef void needles_hit(void *arg, size_t number, size_t at);

/* texts: n, at most NEEDLES_MAX, of at least NEEDLE_MIN bytes. */
void needles_init(struct needles *set, const struct slice *texts, size_t n);
/*
 * Calls hit for every text that stands whole in bytes and begins at from or behind it and before to, with its number
 * among the texts, in the order of the places.
 */
void needles_find(const struct needles *set, struct slice bytes, size_t from, size_t to, needles_hit *hit, void *arg);

#endif
