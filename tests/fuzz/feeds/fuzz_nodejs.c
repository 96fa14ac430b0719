/* SPDX-License-Identifier: Apache-2.0 */
/* A tar, as it is published: the fuzzer has its headers to learn, the corpus shows them. */
#include "fuzz_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct feed feed = {.name = "fuzz", .ecosystem = "Generic", .parse = format_nodejs_core};
    return fuzz_feed(&feed, data, size);
}
