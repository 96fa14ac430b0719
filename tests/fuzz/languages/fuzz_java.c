/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Java's archives, in one piece and byte by byte, and what was kept of them. What the inflater gives of damaged data
 * depends on the pieces, and so may the reasons: the evidence need not be alike.
 */
#include "reduced_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(struct slice path, struct slice bytes, size_t step)
{
    struct buf evidence = BUF_INIT((size_t)32 << 20);
    evidence_begin(&evidence);
    reduce_file(&evidence, path, bytes, step);
    parse_evidence(&evidence);
    buf_done(&evidence);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice path = SLICE("app/x-1.0.jar"), bytes = slice_of(data, size);
    run(path, bytes, SIZE_MAX / 2);
    run(path, bytes, 1);
    struct buf evidence = BUF_INIT((size_t)32 << 20);
    evidence_begin(&evidence);
    evidence_write(&evidence, &(struct evidence_entry){.kind = EVIDENCE_FILE,
                                                       .collector = SLICE("java"),
                                                       .path = SLICE("root/.m2/repository/a/b/1/b.jar"),
                                                       .bytes = bytes,
                                                       .size = bytes.n});
    parse_evidence(&evidence);
    buf_done(&evidence);
    return 0;
}
