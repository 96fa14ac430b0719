/* SPDX-License-Identifier: Apache-2.0 */
/* Two versions, parted by a newline: the order must be antisymmetric and equal to itself. */
#include "model/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice b = slice_of(data, size), a = SLICE_NONE;
    slice_take_token(&b, '\n', &a);
    for (int k = 0; k < VERSION_KIND_MAX; k++) {
        int x, y;
        struct err e = ERR_INIT;
        if (version_compare((enum version_kind)k, a, b, &x, &e))
            continue;
        ASSERT(version_compare((enum version_kind)k, b, a, &y, &e) == 0 && x == -y);
        ASSERT(version_compare((enum version_kind)k, a, a, &y, &e) == 0 && y == 0);
    }
    return 0;
}
