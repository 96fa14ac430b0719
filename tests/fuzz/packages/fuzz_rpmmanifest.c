/* SPDX-License-Identifier: Apache-2.0 */
/* What images without rpm's database have instead of it, in both forms. */
#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_layer_file(SLICE("var/lib/rpmmanifest/container-manifest-1"), data, size);
    return fuzz_layer_file(SLICE("var/lib/rpmmanifest/container-manifest-2"), data, size);
}
