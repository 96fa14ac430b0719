/* SPDX-License-Identifier: Apache-2.0 */
/* conda's documents of installed packages. */
#include "reduced_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"a/conda-meta/x-1-0.json"};
    return fuzz_reduced_files(paths, ARRAY_LEN(paths), data, size);
}
