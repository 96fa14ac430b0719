/* SPDX-License-Identifier: Apache-2.0 */
/* A library of GHC's package database. */
#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_layer_file(SLICE("opt/ghc/lib/package.conf.d/x.conf"), data, size);
}
