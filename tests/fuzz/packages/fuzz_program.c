/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of a program, in whatever pieces it comes: the first byte chooses the file's name, the second the pieces. */
#include "packages/program/program_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct program_scan scan;
    char version[PROGRAM_VERSION_MAX + 1] = "";
    if (size < 2)
        return 0;
    struct slice names = slice_str(programs[data[0] % programs_n].names), name = SLICE_NONE,
                 bytes = slice_of(data + 2, size - 2);
    slice_take_token(&names, ' ', &name);
    for (int round = 0; round < 2; round++) {
        size_t step = round ? MAX(bytes.n, (size_t)1) : (size_t)data[1] + 1;
        if (!program_scan_begin(&scan, name))
            return 0;
        for (size_t at = 0; at < bytes.n; at += step)
            program_scan_data(&scan, at, slice_sub(bytes, at, step));
        const struct program_candidate *c = program_scan_end(&scan);
        ASSERT(!round || strcmp(version, c ? c->version : "") == 0);
        snprintf(version, sizeof version, "%s", c ? c->version : "");
    }
    return 0;
}
