/* SPDX-License-Identifier: Apache-2.0 */
/* Erlang's .app, Hex's metadata, OTP_VERSION. */
#include "layer_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte chooses the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"app/lib/jason-1.4.0/ebin/jason.app", "app/deps/jason/hex_metadata.config",
                                        "usr/lib/erlang/releases/25/OTP_VERSION"};
    return size ? fuzz_layer_file(slice_str(paths[data[0] % ARRAY_LEN(paths)]), data + 1, size - 1) : 0;
}
