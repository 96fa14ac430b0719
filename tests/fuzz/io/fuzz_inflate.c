/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_inflate: any stream gives the same output in one piece and byte by byte, and any but zstd the same verdict
 * (libzstd refuses a compressed block of no bytes only when it has the whole frame at once).
 */
#include "io/archive/inflate.h"

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run(struct slice in, size_t step, struct buf *out, enum inflate_kind *ret_kind)
{
    struct inflate *z = inflate_new(SLICE("x.tar+gzip"), (uint64_t)1 << 20);
    int r = 0;
    while (in.n && r >= 0) {
        struct slice piece = slice_sub(in, 0, step), got;
        in = slice_from(in, piece.n);
        while ((r = inflate_next(z, &piece, &got, NULL)) == 1) {
            ASSERT(got.n);
            buf_add_slice(out, got);
        }
        ASSERT(r < 0 || piece.n == 0);
    }
    if (r >= 0)
        r = inflate_end(z, NULL);
    ASSERT(out->n == inflate_unpacked(z) && out->n <= (size_t)1 << 20);
    *ret_kind = inflate_kind(z);
    inflate_free(z);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole = BUF_INIT((size_t)2 << 20), bytes = BUF_INIT((size_t)2 << 20);
    enum inflate_kind kind, kind_bytes;
    int r = run(slice_of(data, size), SIZE_MAX, &whole, &kind);
    int r_bytes = run(slice_of(data, size), 1, &bytes, &kind_bytes);
    ASSERT(kind == kind_bytes && (kind == INFLATE_ZSTD || r == r_bytes));
    /* Broken streams may stop a few bytes earlier or later, never differ. */
    if (r == 0 && r_bytes == 0)
        ASSERT(whole.n == bytes.n);
    ASSERT(slice_eq(slice_sub(buf_slice(&whole), 0, bytes.n), slice_sub(buf_slice(&bytes), 0, whole.n)));
    buf_done(&whole);
    buf_done(&bytes);
    return 0;
}
