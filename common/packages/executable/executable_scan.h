/* SPDX-License-Identifier: Apache-2.0 */
/*
 * executable_scan.h: the pass over one file's bytes: where texts are looked for, and which of the captures gets which
 * bytes. It holds the file's front (BINARY_FRONT_MAX) and the last bytes that came, whatever the file's size; the same
 * file gives the same calls however it was cut. For executable.c, and for tests.
 */
#ifndef CAREEN_PACKAGES_EXECUTABLE_EXECUTABLE_SCAN_H
#define CAREEN_PACKAGES_EXECUTABLE_EXECUTABLE_SCAN_H

#include "base/buf.h"
#include "io/binary/needles.h"
#include "packages/executable/executable.h"

#define EXECUTABLE_CAPTURES_MAX 64
#define EXECUTABLE_READERS_MAX  16
#define EXECUTABLE_SECTIONS_MAX ((uint64_t)64 << 10)
#define EXECUTABLE_TAIL         (EXECUTABLE_AHEAD + EXECUTABLE_BEFORE)

struct executable_capture {
    uint64_t next, end;
    size_t reader;
    unsigned tag;
};

struct executable_scan {
    const struct executable_reader *const *readers;
    size_t readers_n;
    void *states[EXECUTABLE_READERS_MAX];
    bool called[EXECUTABLE_READERS_MAX]; /* for the file at hand */
    struct needles needles;
    struct {
        uint8_t reader, text;
    } whose[NEEDLES_MAX];

    /* the file at hand */
    struct executable x;
    uint8_t path[4096];
    enum { EXECUTABLE_FRONT, EXECUTABLE_BODY, EXECUTABLE_OVER } state;
    struct binary *programs; /* one, or BINARY_FAT_MAX once a fat file came */
    bool room_for_fat;
    uint64_t fat[BINARY_FAT_MAX];
    size_t fat_n;
    uint8_t front[BINARY_FRONT_MAX];
    size_t front_n;
    uint64_t at;            /* behind what came */
    uint64_t scanned;       /* before this every place was looked at */
    struct buf sections;    /* the ELF file's table of them, as it stands */
    uint64_t sections_want; /* bytes of it; 0: there is none */
    uint8_t tail[EXECUTABLE_TAIL];
    size_t tail_n;
    struct slice piece; /* that is being looked at, and where it begins */
    uint64_t piece_at;
    struct executable_capture captures[EXECUTABLE_CAPTURES_MAX];
    size_t captures_n;
};

/* readers: up to NULL. */
void executable_scan_init(struct executable_scan *s, const struct executable_reader *const *readers);
void executable_scan_done(struct executable_scan *s);
/* False: the path is too long. */
bool executable_scan_begin(struct executable_scan *s, struct slice path, uint64_t size);
/* Pieces in rising order; what lies between two of them is zeros. */
void executable_scan_data(struct executable_scan *s, uint64_t at, struct slice bytes);
void executable_scan_end(struct executable_scan *s, const struct reducer_out *out);
void executable_scan_layer_end(struct executable_scan *s, const struct reducer_out *out);

#endif
