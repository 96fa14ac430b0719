/* SPDX-License-Identifier: Apache-2.0 */
/* A package's description of pacman's database in a layer. */
#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_layer_file(SLICE("var/lib/pacman/local/acl-2.3.2-1/desc"), data, size);
}
