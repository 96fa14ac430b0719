/* SPDX-License-Identifier: Apache-2.0 */
/*
 * binary.h: how an executable file is laid out, by its first bytes: ELF, PE and Mach-O (thin and fat), 32 and 64 bits,
 * either byte order. What their headers call segments and sections becomes one list of parts, each with its place in
 * the file and in memory. Nothing is checked against the file's length; sums of the file's numbers don't wrap.
 *
 * A fat Mach-O file holds several programs one behind the other: binary_fat tells where, and each is read by its own
 * first bytes.
 *
 * Pure, any thread.
 */
#ifndef CAREEN_IO_BINARY_BINARY_H
#define CAREEN_IO_BINARY_BINARY_H

#include "io/binary/elf.h"

#define BINARY_PARTS_MAX 128
#define BINARY_FAT_MAX   16
#define BINARY_FRONT_MAX ((size_t)16 << 10) /* bytes within which headers are looked for */

enum binary_kind { BINARY_NONE, BINARY_ELF, BINARY_PE, BINARY_MACHO };
enum binary_part_kind { PART_SEGMENT, PART_SECTION, PART_NOTES, PART_INTERPRETER };
enum binary_part_flag { PART_EXECUTE = 1, PART_WRITE = 2, PART_READ = 4, PART_DATA = 8 /* initialised, of PE */ };

struct binary_part {
    enum binary_part_kind kind;
    unsigned flags;
    char name[17]; /* of sections of PE and Mach-O */
    uint64_t address;
    uint64_t offset, size; /* in the whole file */
};

struct binary {
    enum binary_kind kind;
    bool wide, big;
    uint64_t machine; /* as the header has it */
    uint64_t base;    /* where in the file it begins */
    uint64_t image;   /* PE: ImageBase, which addresses of parts have in them */
    uint64_t clr;     /* PE: address of the header of managed code; 0: none */
    struct elf elf;   /* ELF: front is absent */
    struct binary_part parts[BINARY_PARTS_MAX];
    size_t parts_n;
};

/* front: the first bytes of the program, which lies at base in its file. False: it is none. */
bool binary_read(struct slice front, uint64_t base, struct binary *ret);
/* Where the programs of a fat file begin: how many, at most BINARY_FAT_MAX. 0: it is no fat file (Java's classes begin alike). */
size_t binary_fat(struct slice front, uint64_t ret_at[BINARY_FAT_MAX]);
/* The place in the file of n bytes at an address. False: no part has them all. */
bool binary_place(const struct binary *p, uint64_t address, uint64_t n, uint64_t *ret_at);
/* The section of that name, of PE and Mach-O; NULL: none. */
const struct binary_part *binary_section(const struct binary *p, const char *name);

#endif
