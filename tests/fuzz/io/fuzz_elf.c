/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_elf: the front of an ELF file, and the program headers that lie within it. */
#include "io/binary/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct elf f;
    if (!elf_open(slice_of(data, size), &f))
        return 0;
    for (size_t i = 0; i < f.headers_n; i++) {
        struct elf_segment s = elf_segment(&f, i);
        ASSERT(s.type <= UINT32_MAX && s.flags <= UINT32_MAX);
    }
    return 0;
}
