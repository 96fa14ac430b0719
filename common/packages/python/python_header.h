/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python_header.h: the header of METADATA, PKG-INFO and of an egg-info that is one file: lines like those of a mail up
 * to the first empty one, behind which the description stands. Lines that are none are passed over, names of fields have
 * no case, and a line that begins with a blank goes on from the one before.
 */
#ifndef CAREEN_PACKAGES_PYTHON_PYTHON_HEADER_H
#define CAREEN_PACKAGES_PYTHON_PYTHON_HEADER_H

#include "packages/reading/fact_list.h"

struct python_header {
    uint64_t bytes;
    size_t lines;
};

static inline void python_header_begin(struct python_header *h)
{
    *h = (struct python_header){0};
}
/* Keeps what counts of a line (line_feed.h) as facts "header" and "wrong". False: the header has ended. */
bool python_header_take(struct python_header *h, struct slice line, bool cut, struct buf *facts);
/*
 * The first value of a field in facts, up to where they are wrong or those of another file begin; absent: there is
 * none.
 */
struct slice python_header_get(struct slice facts, const char *field);

#endif
