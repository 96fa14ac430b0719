/* SPDX-License-Identifier: Apache-2.0 */
/*
 * executable.h: executable files (ELF, PE, Mach-O, by content; WebAssembly, by name), looked at once while they stream by,
 * for all formats that find something in them. Several formats may want one file, and a file may have gigabytes, so that
 * there is one reducer for all of them: its one pass over the bytes looks for every reader's texts at once (needles.h).
 *
 * A reader is the half of a format that runs where layers are pulled: a constant executable_reader_<name> in the format's
 * folder, and a line in executable_readers.c. The format's rules are EXECUTABLE_RULES.
 *
 * Of each file: begin, when its headers were read; hit for each text; take for the ranges that were asked for by
 * executable_capture, in pieces; end when the file is whole. Then done, behind the layer's last file. What a reader holds
 * of a file has a bound; bytes that have passed can't be had again.
 *
 * One file at a time, one thread.
 */
#ifndef CAREEN_PACKAGES_EXECUTABLE_EXECUTABLE_H
#define CAREEN_PACKAGES_EXECUTABLE_EXECUTABLE_H

#include "io/binary/binary.h"
#include "packages/reducer.h"

#define EXECUTABLE_AHEAD  ((size_t)1024) /* bytes that a hit is given, less only where the file ends */
#define EXECUTABLE_BEFORE ((size_t)16)   /* bytes before it that it is given, less only where the file begins */
#define EXECUTABLE_TEXTS  32             /* of one reader */

struct executable {
    struct slice path;
    uint64_t size;
    bool wasm;
    /* Several of a fat Mach-O file, which come one after the other. */
    const struct binary *programs;
    size_t programs_n;
    void *scan;    /* executable_scan.c's */
    size_t reader; /* that is being called */
};

struct executable_reader {
    const struct package_format *format; /* whose evidence it makes */
    const struct slice *texts;           /* up to one of no bytes; NULL: none */
    size_t state_size;                   /* of its state, one a layer, zeros at first */
    void (*begin)(void *state, struct executable *x);
    /* bytes begin with the text, before ends where they begin. */
    void (*hit)(void *state, struct executable *x, size_t text, uint64_t at, struct slice bytes, struct slice before);
    /* A piece of what was asked for, the first at its begin; false: the rest need not come. NULL: it never asks. */
    bool (*take)(void *state, struct executable *x, unsigned tag, uint64_t at, struct slice bytes);
    void (*end)(void *state, struct executable *x, const struct reducer_out *out);
    void (*done)(void *state, const struct reducer_out *out); /* NULL: nothing is left to do */
};

/*
 * Asks for n bytes from at on, for the reader that is being called. False: they have passed, or too much is asked for
 * already. Of what lies behind the file's end nothing comes.
 */
bool executable_capture(struct executable *x, unsigned tag, uint64_t at, uint64_t n);

/*
 * At end: whether a section of the (first) program's table begins at a place of the file, and how long it is. *ret_known:
 * there is a table and it could be read. Names of sections are never looked at: they may lie, be compressed, or far away.
 * Tables are of ELF; those of PE and Mach-O are the programs' parts.
 */
bool executable_section(const struct executable *x, uint64_t at, uint64_t *ret_size, bool *ret_known);

extern const struct executable_reader *const executable_readers[]; /* ends with NULL */
extern const struct reducer executable_reducer;

#define EXECUTABLE_RULE(magic_)                                                                                        \
    {                                                                                                                  \
        .magic = magic_, .reducer = &executable_reducer                                                                \
    }
#define EXECUTABLE_RULES                                                                                               \
    EXECUTABLE_RULE("\177ELF"), EXECUTABLE_RULE("MZ"), EXECUTABLE_RULE("\xfe\xed\xfa\xce"),                            \
        EXECUTABLE_RULE("\xfe\xed\xfa\xcf"), EXECUTABLE_RULE("\xce\xfa\xed\xfe"), EXECUTABLE_RULE("\xcf\xfa\xed\xfe"), \
        EXECUTABLE_RULE("\xca\xfe\xba\xbe"), EXECUTABLE_RULE("\xca\xfe\xba\xbf")

#endif
