/* SPDX-License-Identifier: Apache-2.0 */
/* Julia's Project.toml of a package and Manifest.toml of a project. */
#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte chooses the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"root/.julia/packages/JSON/ab12C/Project.toml", "app/Manifest.toml"};
    return size ? fuzz_layer_file(slice_str(paths[data[0] % ARRAY_LEN(paths)]), data + 1, size - 1) : 0;
}
