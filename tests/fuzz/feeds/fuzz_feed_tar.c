/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz_feed.h"

/* The feeds that come as a tar of documents; Ubuntu's has its own target. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct feed kinds[] = {
        {.name = "fuzz", .parse = format_osv_archive},
        {.name = "fuzz", .ecosystem = "Red Hat", .parse = format_csaf_vex},
        {.name = "fuzz", .ecosystem = "SUSE", .parse = format_csaf_names},
        {.name = "fuzz", .parse = format_msfdb},
    };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        fuzz_feed(&kinds[i], data, size);
    return 0;
}
