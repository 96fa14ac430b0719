/* SPDX-License-Identifier: Apache-2.0 */
/* OSV documents of a language: here of Go, whose entries say most beside their ranges. */
#include "fuzz_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct feed feed = {.name = "fuzz", .ecosystem = "Go", .parse = format_osv_json};
    return fuzz_feed(&feed, data, size);
}
