/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program.h: how an executable file is laid out, by its first bytes: ELF, PE and Mach-O (thin and fat), 32 and 64 bits,
 * either byte order. What their headers call segments and sections becomes one list of parts, each with its place in
 * the file and in memory. Nothing is checked against the file's length; sums of the file's numbers don't wrap.
 *
 * A fat Mach-O file holds several programs one behind the other: program_fat tells where, and each is read by its own
 * first bytes.
 *
 * Pure, any thread.
 */
#ifndef CAREEN_IO_BINARY_PROGRAM_H
#define CAREEN_IO_BINARY_PROGRAM_H

#include "io/binary/elf.h"

#define PROGRAM_PARTS_MAX 128
#define PROGRAM_FAT_MAX   16
#define PROGRAM_FRONT_MAX ((size_t)16 << 10) /* bytes within which headers are looked for */

enum program_kind { PROGRAM_NONE, PROGRAM_ELF, PROGRAM_PE, PROGRAM_MACHO };
enum program_part_kind { PART_SEGMENT, PART_SECTION, PART_NOTES, PART_INTERPRETER };
enum program_part_flag { PART_EXECUTE = 1, PART_WRITE = 2, PART_READ = 4, PART_DATA = 8 /* initialised, of PE */ };

struct program_part {
    enum program_part_kind kind;
    unsigned flags;
    char name[17]; /* of sections of PE and Mach-O */
    uint64_t address;
    uint64_t offset, size; /* in the whole file */
};

struct program {
    enum program_kind kind;
    bool wide, big;
    uint64_t machine; /* as the header has it */
    uint64_t base;    /* where in the file it begins */
    uint64_t image;   /* PE: ImageBase, which addresses of parts have in them */
    uint64_t clr;     /* PE: address of the header of managed code; 0: none */
    struct elf elf;   /* ELF: front is absent */
    struct program_part parts[PROGRAM_PARTS_MAX];
    size_t parts_n;
};

/* front: the first bytes of the program, which lies at base in its file. False: it is none. */
bool program_read(struct slice front, uint64_t base, struct program *ret);
/* Where the programs of a fat file begin: how many, at most PROGRAM_FAT_MAX. 0: it is no fat file (Java's classes begin alike). */
size_t program_fat(struct slice front, uint64_t ret_at[PROGRAM_FAT_MAX]);
/* The place in the file of n bytes at an address. False: no part has them all. */
bool program_place(const struct program *p, uint64_t address, uint64_t n, uint64_t *ret_at);
/* The section of that name, of PE and Mach-O; NULL: none. */
const struct program_part *program_section(const struct program *p, const char *name);
/* Names for which packages are built, as Go writes them: "linux", "amd64"; "" where that is not known. */
const char *program_architecture(const struct program *p);

#endif
