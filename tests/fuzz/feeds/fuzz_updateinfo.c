/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/fetch/repository.h"
#include "fuzz_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct feed feed = {.name = "fuzz", .ecosystem = "Amazon Linux:2", .parse = format_updateinfo};
    repository_location(slice_of(data, size));
    repository_mirror(slice_of(data, size));
    return fuzz_feed(&feed, data, size);
}
