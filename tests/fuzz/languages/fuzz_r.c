/* SPDX-License-Identifier: Apache-2.0 */
/* R's DESCRIPTION of a package. */
#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_layer_file(SLICE("usr/lib/R/library/x/DESCRIPTION"), data, size);
}
