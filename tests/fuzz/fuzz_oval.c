/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct feed feed = {.name = "fuzz", .ecosystem = "Oracle Linux", .parse = format_oval},
                             other = {.name = "fuzz", .ecosystem = "Azure Linux:3", .parse = format_oval};
    fuzz_feed(&feed, data, size);
    return fuzz_feed(&other, data, size);
}
