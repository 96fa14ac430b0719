/* SPDX-License-Identifier: Apache-2.0 */
/*
 * elf.h: the header and the program headers of an ELF file (System V ABI, "Object Files") from its first bytes: 32 and 64
 * bits, either byte order. Program headers stand in front in what linkers write, so that the first few KiB tell what
 * a file is while it streams by. Nothing is copied or held; offsets and sizes are the file's own claims.
 *
 * Pure, any thread.
 */
#ifndef CAREEN_IO_BINARY_ELF_H
#define CAREEN_IO_BINARY_ELF_H

#include "base/slice.h"

#define ELF_MAGIC      "\177ELF"
#define ELF_HEADER_MAX 64 /* bytes of the header with 64 bits; with 32 it has 52 */

enum elf_type { ELF_RELOCATABLE = 1, ELF_EXECUTABLE, ELF_SHARED, ELF_CORE };

struct elf {
    struct slice front;
    bool wide; /* 64 bits */
    bool big;  /* most significant byte first */
    uint64_t type, machine, headers, header_size;
    uint64_t sections, section_size,
        sections_n;   /* the table of sections, mostly at the end; 0: none. See elf_section */
    size_t headers_n; /* program headers that lie within front */
};

enum elf_segment_type { ELF_LOAD = 1, ELF_DYNAMIC, ELF_INTERPRETER, ELF_NOTE };
enum elf_segment_flag { ELF_EXECUTE = 1, ELF_WRITE = 2, ELF_READ = 4 };

struct elf_segment {
    uint64_t type, flags;
    uint64_t offset, size; /* in the file; not checked against its length */
    uint64_t address;
};

enum elf_section_type { ELF_NOTHING, ELF_PROGRAM_BITS };
struct elf_section {
    uint64_t type, flags, offset, size;
};

/* front: the file's first bytes, at least ELF_HEADER_MAX. False: it is no ELF file. ret points into front. */
bool elf_open(struct slice front, struct elf *ret);
struct elf_segment elf_segment(const struct elf *f, size_t i); /* i < headers_n */
/* One header of the table of sections. False: it is too short. In its first the size is the true count where that is 0. */
bool elf_section(const struct elf *f, struct slice header, struct elf_section *ret);

#endif
