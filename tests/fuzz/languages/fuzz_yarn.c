/* SPDX-License-Identifier: Apache-2.0 */
/* Zips of Yarn's cache and its map; npm's hidden lock; lock files. */
#include "reduced_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"a/.yarn/cache/x-npm-1.0.0-0123456789.zip",
                                        "a/.pnp.cjs",
                                        "a/node_modules/.package-lock.json",
                                        "a/package-lock.json",
                                        "a/yarn.lock",
                                        "a/pnpm-lock.yaml",
                                        "a/bun.lock"};
    return fuzz_reduced_files(paths, ARRAY_LEN(paths), data, size);
}
