/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program_scan.h: looks for the texts of the rows that a file's name fits, while the file streams by. It holds a window of
 * constant size; what lies within PROGRAM_WINDOW_TAIL bytes of a piece's end is looked at again with the next one, so that
 * no text is missed where two pieces meet. One thread.
 */
#ifndef CAREEN_PACKAGES_PROGRAM_PROGRAM_SCAN_H
#define CAREEN_PACKAGES_PROGRAM_PROGRAM_SCAN_H

#include "packages/program/program.h"

#define PROGRAM_WINDOW      ((size_t)64 << 10)
#define PROGRAM_WINDOW_TAIL ((size_t)512)

/* What of one row was found. */
struct program_candidate {
    const struct program *row;
    char version[PROGRAM_VERSION_MAX + 1]; /* of the first pattern that was found; "": none was */
    uint8_t pattern;                       /* which that is */
    bool several;                          /* the same pattern gave different versions */
    bool also, never;                      /* those texts were seen */
};

struct program_scan {
    struct program_candidate candidates[PROGRAM_CANDIDATES_MAX];
    size_t n;
    struct slice stem; /* the number in the file's name, of name */
    char name[256];
    uint8_t window[PROGRAM_WINDOW_TAIL * 2 + PROGRAM_WINDOW];
    size_t have;  /* bytes in the window */
    uint64_t end; /* of the file so far */
};

/* False: no row names such a file. */
bool program_scan_begin(struct program_scan *s, struct slice path);
/* Pieces in rising order; what lies between two of them is zeros. */
void program_scan_data(struct program_scan *s, uint64_t at, struct slice bytes);
/* The first row that was found, by what the file says; NULL: none. Valid until the next begin. */
const struct program_candidate *program_scan_end(struct program_scan *s);

#endif
