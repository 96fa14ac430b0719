/* SPDX-License-Identifier: Apache-2.0 */
/* Lock files and lists of requirements. */
#include "reduced_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"a/Gemfile.lock", "a/poetry.lock", "a/Pipfile.lock", "a/requirements.txt"};
    return fuzz_reduced_files(paths, ARRAY_LEN(paths), data, size);
}
