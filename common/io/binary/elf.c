/* SPDX-License-Identifier: Apache-2.0 */
#include "io/binary/elf.h"

/* n bytes at an offset, 0 for those behind the front. */
static uint64_t number(const struct elf *f, size_t at, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n && at + i < f->front.n; i++)
        v |= (uint64_t)f->front.p[at + i] << 8 * (f->big ? n - 1 - i : i);
    return v;
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
                                .size = f->wide ? number(f, at + 32, 8) : number(f, at + 16, 4)};
}
