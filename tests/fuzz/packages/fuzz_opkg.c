/* SPDX-License-Identifier: Apache-2.0 */
/* opkg's status file in a layer. */
#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_layer_file(SLICE("usr/lib/opkg/status"), data, size);
}
