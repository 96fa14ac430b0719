/* SPDX-License-Identifier: Apache-2.0 */
/* A name in Nix's store. */
#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char raw[4096] = "nix/store/";
    uint8_t path[sizeof raw];
    struct slice rest = slice_of(data, size), name = SLICE_NONE;
    size_t n, front = strlen(raw);
    if (!slice_take_token(&rest, '\n', &name) || name.n > 2048)
        return 0;
    memcpy(raw + front, name.p, name.n);
    if (!evidence_path(slice_of(raw, front + name.n), path, sizeof path, &n) || !parse_wants(slice_of(path, n)))
        return 0;
    return fuzz_layer_file(slice_of(path, n), rest.p, rest.n);
}
