/* SPDX-License-Identifier: Apache-2.0 */
/* Dpkg's status in a layer. */
#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_layer_file(SLICE("var/lib/dpkg/status"), data, size);
}
