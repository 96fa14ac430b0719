/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several files of one layer: "== path" begins one, what follows up to the next such line is its content. So the files
 * that name a system meet the databases: whose packages they are, what its products and its end of life are, and the
 * files that have no target of their own (lsb-release, release lines, status.d, Windows' servicing store).
 */
#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILES_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t paths[FILES_MAX][4096];
    struct evidence_entry files[FILES_MAX];
    struct slice rest = slice_of(data, size), line, name;
    size_t n = 0, length;
    bool open = false;
    while (slice_take_line(&rest, &line)) {
        name = line;
        if (slice_take_prefix(&name, SLICE("== "))) {
            open = n < FILES_MAX && name.n <= 2048 && evidence_path(name, paths[n], sizeof paths[n], &length) &&
                   parse_wants(slice_of(paths[n], length));
            if (!open)
                continue;
            files[n] = (struct evidence_entry){.kind = EVIDENCE_FILE,
                                               .collector = SLICE("fuzz"),
                                               .path = slice_of(paths[n], length),
                                               .bytes = slice_of(rest.p, 0)};
            n++;
        } else if (open) {
            files[n - 1].size = files[n - 1].bytes.n = (size_t)(line.p + line.n - files[n - 1].bytes.p);
        }
    }
    return n ? fuzz_layer_files(files, n) : 0;
}
