/* SPDX-License-Identifier: Apache-2.0 */
/* Os-release, and what the system is taken for in a layer. */
#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_layer_file(SLICE("etc/os-release"), data, size);
}
