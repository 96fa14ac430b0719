/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct feed feed = {.name = "fuzz", .ecosystem = "Photon OS:5.0", .parse = format_photon};
    return fuzz_feed(&feed, data, size);
}
