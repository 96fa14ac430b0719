/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_evidence: what can be read can be written back to a stream that reads the same. */
#include "model/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const struct evidence_entry *a, const struct evidence_entry *b)
{
    return a->kind == b->kind && slice_eq(a->collector, b->collector) && slice_eq(a->path, b->path) &&
           slice_eq(a->bytes, b->bytes) && a->size == b->size && a->entries == b->entries && a->hard == b->hard;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = slice_of(data, size), again;
    struct buf out = BUF_INIT((size_t)4 << 20);
    struct evidence_entry a, b;
    struct err e = ERR_INIT;
    uint8_t path[4096];
    size_t n;
    evidence_path(in, path, sizeof path, &n);
    if (evidence_open(&in, &e) == 0) {
        int r;
        while ((r = evidence_next(&in, &a, &e)) == 1) {
            buf_clear(&out);
            evidence_begin(&out);
            ASSERT(evidence_write(&out, &a) == 0);
            again = buf_slice(&out);
            ASSERT(evidence_open(&again, &e) == 0 && evidence_next(&again, &b, &e) == 1 && same(&a, &b));
        }
        ASSERT(r == 0 || e.kind == ERR_POISON);
    }
    buf_done(&out);
    return 0;
}
