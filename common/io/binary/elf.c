/* SPDX-License-Identifier: Apache-2.0 */
#include "io/binary/elf.h"

#include "io/binary/numbers.h"

static uint64_t number(const struct elf *f, uint64_t at, size_t n)
{
    return binary_number(f->front, at, n, f->big);
}

bool elf_open(struct slice front, struct elf *ret)
{
    struct elf f = {.front = front};
    if (front.n < ELF_HEADER_MAX || !slice_starts(front, SLICE(ELF_MAGIC)))
        return false;
    f.wide = front.p[4] == 2;
    f.big = front.p[5] == 2;
    f.type = number(&f, 16, 2);
    f.headers = f.wide ? number(&f, 32, 8) : number(&f, 28, 4);
    f.machine = number(&f, 18, 2);
    f.sections = f.wide ? number(&f, 40, 8) : number(&f, 32, 4);
    f.section_size = number(&f, f.wide ? 58 : 46, 2);
    f.sections_n = number(&f, f.wide ? 60 : 48, 2);
    f.header_size = number(&f, f.wide ? 54 : 42, 2);
    uint64_t count = number(&f, f.wide ? 56 : 44, 2), least = f.wide ? 56 : 32;
    if (f.header_size >= least && f.headers <= front.n)
        f.headers_n = (size_t)MIN(count, (front.n - f.headers) / f.header_size);
    *ret = f;
    return true;
}

struct elf_segment elf_segment(const struct elf *f, size_t i)
{
    size_t at = (size_t)(f->headers + i * f->header_size);
    ASSERT(i < f->headers_n);
    return (struct elf_segment){.type = number(f, at, 4),
                                .flags = number(f, at + (f->wide ? 4 : 24), 4),
                                .offset = f->wide ? number(f, at + 8, 8) : number(f, at + 4, 4),
                                .address = f->wide ? number(f, at + 16, 8) : number(f, at + 8, 4),
                                .size = f->wide ? number(f, at + 32, 8) : number(f, at + 16, 4)};
}

bool elf_section(const struct elf *f, struct slice header, struct elf_section *ret)
{
    bool wide = f->wide, big = f->big;
    if (header.n < (wide ? 64u : 40u))
        return false;
    *ret = (struct elf_section){.type = binary_number(header, 4, 4, big),
                                .flags = binary_number(header, 8, wide ? 8 : 4, big),
                                .offset = binary_number(header, wide ? 24 : 16, wide ? 8 : 4, big),
                                .size = binary_number(header, wide ? 32 : 20, wide ? 8 : 4, big)};
    return true;
}
