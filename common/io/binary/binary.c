/* SPDX-License-Identifier: Apache-2.0 */
#include "io/binary/binary.h"

#include "io/binary/numbers.h"

static struct binary_part *add(struct binary *p)
{
    static struct binary_part none;
    return p->parts_n < BINARY_PARTS_MAX ? &p->parts[p->parts_n++] : &none;
}

static void name_part(struct binary_part *part, struct slice front, uint64_t at, size_t n)
{
    struct slice name = at < front.n ? slice_sub(front, (size_t)at, n) : SLICE_NONE;
    memset(part->name, 0, sizeof part->name);
    for (size_t i = 0; i < name.n && name.p[i]; i++)
        part->name[i] = (char)name.p[i];
}

/* ---- ELF ---- */

static bool read_elf(struct slice front, struct binary *p)
{
    if (!elf_open(front, &p->elf))
        return false;
    p->kind = BINARY_ELF;
    p->wide = p->elf.wide;
    p->big = p->elf.big;
    p->machine = p->elf.machine;
    for (size_t i = 0; i < p->elf.headers_n; i++) {
        struct elf_segment s = elf_segment(&p->elf, i);
        if (s.type != ELF_LOAD && s.type != ELF_NOTE && s.type != ELF_INTERPRETER)
            continue;
        *add(p) = (struct binary_part){.kind = s.type == ELF_LOAD   ? PART_SEGMENT
                                               : s.type == ELF_NOTE ? PART_NOTES
                                                                    : PART_INTERPRETER,
                                       .flags = (unsigned)(s.flags & 7),
                                       .address = s.address,
                                       .offset = s.offset,
                                       .size = s.size};
    }
    p->elf.front = SLICE_NONE;
    return true;
}

/* ---- PE ---- */

enum { PE_HEADER = 24, PE_SECTION = 40, PE_DIRECTORY_CLR = 14 };

static bool read_pe(struct slice front, struct binary *p)
{
    uint64_t at = binary_number(front, 0x3c, 4, false);
    if (!slice_starts(front, SLICE("MZ")) || front.n < 0x40 || binary_number(front, at, 4, false) != 0x4550)
        return false;
    uint64_t optional = binary_number(front, at + 20, 2, false), n = binary_number(front, at + 6, 2, false);
    uint64_t magic = binary_number(front, at + PE_HEADER, 2, false);
    p->kind = BINARY_PE;
    p->machine = binary_number(front, at + 4, 2, false);
    p->wide = magic == 0x20b;
    uint64_t in = at + PE_HEADER;
    p->image = p->wide ? binary_number(front, in + 24, 8, false) : binary_number(front, in + 28, 4, false);
    uint64_t count = binary_number(front, in + (p->wide ? 108 : 92), 4, false);
    if (count > PE_DIRECTORY_CLR)
        p->clr = binary_number(front, in + (p->wide ? 112 : 96) + PE_DIRECTORY_CLR * 8, 4, false);
    for (uint64_t i = 0, s = in + optional; i < n && s + PE_SECTION <= front.n; i++, s += PE_SECTION) {
        uint64_t flags = binary_number(front, s + 36, 4, false);
        struct binary_part *part = add(p);
        *part = (struct binary_part){.kind = PART_SECTION,
                                     .flags = (unsigned)(flags >> 29 & 7) | (flags & 0x40 ? PART_DATA : 0),
                                     .address = binary_sum(p->image, binary_number(front, s + 12, 4, false)),
                                     .size = binary_number(front, s + 16, 4, false),
                                     .offset = binary_sum(p->base, binary_number(front, s + 20, 4, false))};
        name_part(part, front, s, 8);
    }
    return true;
}

/* ---- Mach-O ---- */

enum { MACHO_SEGMENT = 1, MACHO_SEGMENT_64 = 0x19 };

static unsigned macho_flags(uint64_t protection)
{
    return (unsigned)((protection & 1 ? PART_READ : 0) | (protection & 2 ? PART_WRITE : 0) |
                      (protection & 4 ? PART_EXECUTE : 0));
}

static void read_segment(struct slice front, uint64_t at, uint64_t size, bool wide, struct binary *p)
{
    bool big = p->big;
    size_t word = wide ? 8 : 4;
    uint64_t in = at + 24; /* behind the command, its size and the segment's name */
    uint64_t most = binary_number(front, in + 4 * word, 4, big),
             first = binary_number(front, in + 4 * word + 4, 4, big);
    uint64_t n = binary_number(front, in + 4 * word + 8, 4, big);
    struct binary_part *part = add(p);
    /* Go's reader wants both protections alike. */
    *part = (struct binary_part){.kind = PART_SEGMENT,
                                 .flags = macho_flags(first) | (most == first ? PART_DATA : 0),
                                 .address = binary_number(front, in, word, big),
                                 .offset = binary_sum(p->base, binary_number(front, in + 2 * word, word, big)),
                                 .size = binary_number(front, in + 3 * word, word, big)};
    uint64_t each = wide ? 80 : 68;
    for (uint64_t i = 0, s = in + 4 * word + 16; i < n && s + each <= at + size && s + each <= front.n;
         i++, s += each) {
        struct binary_part *section = add(p);
        *section = (struct binary_part){.kind = PART_SECTION,
                                        .flags = macho_flags(first),
                                        .address = binary_number(front, s + 32, word, big),
                                        .size = binary_number(front, s + 32 + word, word, big),
                                        .offset = binary_sum(p->base, binary_number(front, s + 32 + 2 * word, 4, big))};
        name_part(section, front, s, 16);
    }
}

static bool read_macho(struct slice front, struct binary *p)
{
    uint64_t magic = binary_number(front, 0, 4, true), turned = binary_number(front, 0, 4, false);
    if (front.n < 28)
        return false;
    p->big = magic == 0xfeedface || magic == 0xfeedfacf;
    magic = p->big ? magic : turned;
    if (magic != 0xfeedface && magic != 0xfeedfacf)
        return false;
    p->kind = BINARY_MACHO;
    p->wide = magic == 0xfeedfacf;
    p->machine = binary_number(front, 4, 4, p->big);
    uint64_t n = binary_number(front, 16, 4, p->big), at = p->wide ? 32 : 28;
    for (uint64_t i = 0; i < n && at + 8 <= front.n; i++) {
        uint64_t command = binary_number(front, at, 4, p->big), size = binary_number(front, at + 4, 4, p->big);
        if (size < 8)
            break;
        if (command == MACHO_SEGMENT || command == MACHO_SEGMENT_64)
            read_segment(front, at, size, command == MACHO_SEGMENT_64, p);
        at += size;
    }
    return true;
}

size_t binary_fat(struct slice front, uint64_t ret_at[BINARY_FAT_MAX])
{
    uint64_t magic = binary_number(front, 0, 4, true), n = binary_number(front, 4, 4, true);
    bool wide = magic == 0xcafebabf;
    size_t found = 0;
    /* Java's classes have their version there, which begins at 45. */
    if ((magic != 0xcafebabe && !wide) || n >= 45)
        return 0;
    for (uint64_t i = 0; i < n && found < BINARY_FAT_MAX; i++) {
        uint64_t at = 8 + i * (wide ? 32 : 20);
        if (at + (wide ? 32 : 20) > front.n)
            break;
        ret_at[found++] = wide ? binary_number(front, at + 8, 8, true) : binary_number(front, at + 8, 4, true);
    }
    return found;
}

/* ---- all ---- */

bool binary_read(struct slice front, uint64_t base, struct binary *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->base = base;
    return read_elf(front, ret) || read_pe(front, ret) || read_macho(front, ret);
}

bool binary_place(const struct binary *p, uint64_t address, uint64_t n, uint64_t *ret_at)
{
    for (size_t i = 0; i < p->parts_n; i++) {
        const struct binary_part *part = &p->parts[i];
        bool mapped = part->kind == PART_SEGMENT || (part->kind == PART_SECTION && p->kind == BINARY_PE);
        if (!mapped || address < part->address || address - part->address > part->size ||
            n > part->size - (address - part->address))
            continue;
        *ret_at = binary_sum(part->offset, address - part->address);
        return true;
    }
    return false;
}

const struct binary_part *binary_section(const struct binary *p, const char *name)
{
    for (size_t i = 0; i < p->parts_n; i++)
        if (p->parts[i].kind == PART_SECTION && strcmp(p->parts[i].name, name) == 0)
            return &p->parts[i];
    return NULL;
}
