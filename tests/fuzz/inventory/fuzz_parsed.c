/* SPDX-License-Identifier: Apache-2.0 */
/* What a child that parsed foreign bytes answers, and what a cache holds: decoded, and the same when written again. */
#include "inventory/parsed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT((size_t)16 << 20);
    struct buf once = BUF_INIT((size_t)16 << 20), again = BUF_INIT((size_t)16 << 20);
    struct layer_packages lp;
    if (parsed_decode(slice_of(data, size), &a, &lp, NULL) == 0 && parsed_encode(&lp, &once) == 0) {
        ASSERT(parsed_decode(buf_slice(&once), &a, &lp, NULL) == 0 || a.overflow);
        ASSERT(a.overflow || (parsed_encode(&lp, &again) == 0 && slice_eq(buf_slice(&once), buf_slice(&again))));
    }
    buf_done(&once);
    buf_done(&again);
    arena_done(&a);
    return 0;
}
