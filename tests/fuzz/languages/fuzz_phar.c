/* SPDX-License-Identifier: Apache-2.0 */
/* PHP's archives. */
#include "reduced_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_reduced_file("opt/tool.phar", data, size);
}
