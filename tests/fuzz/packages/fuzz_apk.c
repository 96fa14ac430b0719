/* SPDX-License-Identifier: Apache-2.0 */
/* apk's installed database in a layer. */
#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_layer_file(SLICE("lib/apk/db/installed"), data, size);
}
