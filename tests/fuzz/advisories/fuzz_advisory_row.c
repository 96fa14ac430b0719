/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a damaged advisory database, and the rule texts of findings. What decodes encodes to something that decodes.
 */
#include "match/judge/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = slice_of(data, size);
    struct arena arena = ARENA_INIT(1 << 20);
    struct buf out = BUF_INIT(1 << 22);
    struct advisory a;
    struct vulnerability v;
    bool holds;
    if (!advisory_row_decode(in, &arena, &a, NULL)) {
        ASSERT(!advisory_row_encode(&a, &out));
        arena_reset(&arena);
        ASSERT(!advisory_row_decode(buf_slice(&out), &arena, &a, NULL));
    }
    buf_clear(&out);
    arena_reset(&arena);
    if (!vuln_row_decode(in, &arena, &v, NULL))
        ASSERT(!vuln_row_encode(&v, &out));
    (void)judge_rule_holds(in, &holds, NULL);
    buf_done(&out);
    arena_done(&arena);
    return 0;
}
