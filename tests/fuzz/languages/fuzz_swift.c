/* SPDX-License-Identifier: Apache-2.0 */
/* Swift's Package.resolved. */
#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_layer_file(SLICE("app/Package.resolved"), data, size);
}
