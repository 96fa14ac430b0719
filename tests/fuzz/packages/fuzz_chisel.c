/* SPDX-License-Identifier: Apache-2.0 */
/* Chisel's manifest in a layer, as it is and packed, so that what is wrong in a line is found without a valid stream. */
#include "layer_file.h"

#include <zstd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct slice path = SLICE("var/lib/chisel/manifest.wall");
    struct buf packed = BUF_INIT((size_t)16 << 20);
    size_t room = ZSTD_compressBound(size);
    fuzz_layer_file(path, data, size);
    if (!buf_reserve(&packed, room))
        return 0;
    packed.n = ZSTD_compress(packed.p, room, data, size, 1);
    ASSERT(!ZSTD_isError(packed.n));
    fuzz_layer_file(path, packed.p, packed.n);
    buf_done(&packed);
    return 0;
}
