/* SPDX-License-Identifier: Apache-2.0 */
/* Executables, as they stream by, for all who find something in them (the path alone wants them whatever they are). */
#include "reduced_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_reduced_file("a/x.wasm", data, size);
}
