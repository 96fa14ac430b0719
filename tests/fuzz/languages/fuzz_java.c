/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Java's archives, in one piece and byte by byte, and what was kept of them. What the inflater gives of damaged data
 * depends on the pieces, and so may the reasons: the evidence need not be alike.
 */
#include "reduced_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(struct slice path, struct slice bytes, size_t step)
{
    struct reduced r = {BUF_INIT((size_t)32 << 20), BUF_INIT((size_t)1 << 20)};
    evidence_begin(&r.kept);
    if (step)
        reduce_file(&r, path, bytes, step);
    else
        reduced_put(&r, format_by_name(SLICE("java")), path, bytes);
    parse_reduced(&r);
    buf_done(&r.kept);
    buf_done(&r.reasons);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = slice_of(data, size);
    run(SLICE("app/x-1.0.jar"), bytes, SIZE_MAX / 2);
    run(SLICE("app/x-1.0.jar"), bytes, 1);
    run(SLICE("root/.m2/repository/a/b/1/b.jar"), bytes, 0); /* as what was kept of one */
    return 0;
}
