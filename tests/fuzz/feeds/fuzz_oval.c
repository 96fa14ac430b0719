/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct feed kinds[] = {
        {.name = "fuzz", .ecosystem = "Oracle Linux", .parse = format_oval},
        {.name = "fuzz", .ecosystem = "Azure Linux:3", .parse = format_oval},
        {.name = "fuzz", .ecosystem = "SUSE", .parse = format_oval},
        {.name = "fuzz", .ecosystem = "AlmaLinux", .parse = format_oval},
    };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        fuzz_feed(&kinds[i], data, size);
    return 0;
}
