/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect_software.h: which files of a layer are software that nothing judges (model/software.h): by their path, or as
 * programs by their content while it streams by. What is found becomes evidence of the collector "software": a file
 * entry whose content is the kind's id; of kinds with more than SOFTWARE_NAMED_MAX in one layer one entry more at the
 * end, whose path is the id and whose content is the id, a blank and how many more there were.
 *
 * Programs are ELF files that can be started: of a fixed address, with an interpreter, or (static-pie) without a dot in
 * their name. In them Go's linker leaves the magic of its build information in a writable segment (Go,
 * debug/buildinfo), and rustc the paths of its library, which begin with /rustc/. Nothing of them is held but the first
 * 4 KiB.
 *
 * One layer, one thread.
 */
#ifndef CAREEN_PACKAGES_SOFTWARE_COLLECT_SOFTWARE_H
#define CAREEN_PACKAGES_SOFTWARE_COLLECT_SOFTWARE_H

#include "base/slice.h"

#define SOFTWARE_COLLECTOR "software"
#define SOFTWARE_NAMED_MAX 5000
#define SOFTWARE_PATH_MAX  1024 /* longer ones are counted without their name */
#define SOFTWARE_KINDS_MAX 64

/* A file's content, looked at in pieces. */
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

/* Whether the file has to be looked at: longer than any program's front, and where programs count. */
bool software_scan_begin(struct software_scan *s, struct slice path, uint64_t size);
/* Pieces in rising order; holes between are zeros. */
void software_scan_data(struct software_scan *s, uint64_t at, struct slice bytes);
/* The id of its kind when all came; NULL: no program. */
const char *software_scan_end(struct software_scan *s);

/* All files of one layer. Zero it to begin. */
struct software_watch {
    void (*put)(void *arg, struct slice path, struct slice text);
    void *arg;
    struct software_scan scan;
    uint8_t path[4096]; /* of the file being looked at */
    size_t path_n;
    struct {
        const char *kind;
        uint32_t n, unnamed;
    } seen[SOFTWARE_KINDS_MAX];
};
/* A file, or (linked) a second name of one: true when its content is wanted, by software_watch_data and _done. */
bool software_watch_entry(struct software_watch *w, struct slice path, uint64_t size, bool linked);
void software_watch_data(struct software_watch *w, uint64_t at, struct slice bytes);
void software_watch_done(struct software_watch *w);
void software_watch_end(struct software_watch *w); /* of the layer: tells what was too much to be named */

#endif
