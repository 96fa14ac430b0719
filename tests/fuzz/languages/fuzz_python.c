/* SPDX-License-Identifier: Apache-2.0 */
/* The files of Python's distributions, of pip's copies, of interpreters. */
#include "reduced_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"a/site-packages/x-1.dist-info/METADATA",
                                        "a/site-packages/x-1.dist-info/RECORD",
                                        "a/site-packages/x-1.dist-info/direct_url.json",
                                        "a/site-packages/x.egg-info",
                                        "a/site-packages/pip/_vendor/vendor.txt",
                                        "a/include/python3.1/patchlevel.h",
                                        "a/lib/python3.1/build-details.json",
                                        "a/site-packages/x.egg-info/installed-files.txt",
                                        "a/site-packages/x.egg",
                                        "a/x.pex"};
    return fuzz_reduced_files(paths, ARRAY_LEN(paths), data, size);
}
