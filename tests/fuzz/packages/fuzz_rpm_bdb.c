/* SPDX-License-Identifier: Apache-2.0 */
/* rpm's Packages, a hash of Berkeley DB, in a layer. */
#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_layer_file(SLICE("var/lib/rpm/Packages"), data, size);
}
