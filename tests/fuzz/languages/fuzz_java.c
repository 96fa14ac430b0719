/* SPDX-License-Identifier: Apache-2.0 */
/* Java's archives, and what was kept of one. */
#include "reduced_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_reduced_file("app/x-1.0.jar", data, size);
}
