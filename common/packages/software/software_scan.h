/* SPDX-License-Identifier: Apache-2.0 */
/*
 * software_scan.h: what kind of program an ELF file is, told while it streams by. Programs are files that can be started:
 * of a fixed address, with an interpreter, or (static-pie) without a dot in their name. In them Go's linker leaves
 * the magic of its build information in a writable segment (Go, debug/buildinfo), and rustc the paths of its library,
 * which begin with /rustc/. Nothing of a file is held but its first 4 KiB.
 *
 * One file at a time, one thread.
 */
#ifndef CAREEN_PACKAGES_SOFTWARE_SOFTWARE_SCAN_H
#define CAREEN_PACKAGES_SOFTWARE_SOFTWARE_SCAN_H

#include "base/slice.h"

struct software_scan {
    bool dotted; /* its name has a dot */
    enum { SCAN_FRONT, SCAN_PROGRAM, SCAN_OVER } state;
    bool rust;
    uint8_t front[4096];
    size_t front_n;
    uint64_t at;      /* behind what was looked at */
    uint8_t tail[16]; /* the last bytes before */
    size_t tail_n;
    struct {
        uint64_t from, to;
    } writable[16]; /* where in the file */
    size_t writable_n;
    const char *kind; /* found */
};

void software_scan_begin(struct software_scan *s, struct slice path);
/* Pieces in rising order; holes between are zeros. */
void software_scan_data(struct software_scan *s, uint64_t at, struct slice bytes);
/* The id of its kind (model/software.h) when all came; NULL: no program. */
const char *software_scan_end(struct software_scan *s);

#endif
