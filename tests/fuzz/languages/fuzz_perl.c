/* SPDX-License-Identifier: Apache-2.0 */
/* cpanm's install.json, perllocal.pod. */
#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte chooses the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"usr/local/lib/perl5/.meta/Mojo-1/install.json",
                                        "usr/local/lib/perl/perllocal.pod"};
    return size ? fuzz_layer_file(slice_str(paths[data[0] % ARRAY_LEN(paths)]), data + 1, size - 1) : 0;
}
