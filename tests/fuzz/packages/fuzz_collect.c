/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_collect: whatever the layer is, the result is well-formed and its evidence is whole. */
#include "model/evidence.h"
#include "pull/collect.h"
#include "pull/collect_links.h"

#include <zstd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(void *arg, struct slice bytes)
{
    buf_add_slice(arg, bytes);
}

static void check_evidence(struct slice packed, const struct collect_result *r)
{
    static uint8_t plain[4 << 20];
    struct err e = ERR_INIT;
    struct evidence_entry t = {0};
    size_t n = ZSTD_decompress(plain, sizeof plain, packed.p, packed.n), reasons = 0;
    ASSERT(!ZSTD_isError(n));
    struct slice s = slice_of(plain, n);
    ASSERT(evidence_open(&s, &e) == 0);
    int more;
    while ((more = evidence_next(&s, &t, &e)) == 1)
        reasons += t.kind == EVIDENCE_REASON;
    ASSERT(more == 0 && t.kind == EVIDENCE_END && t.entries == r->entries && t.size == r->unpacked);
    ASSERT(reasons == r->reasons.texts.n && (reasons == 0) == (r->status == PULL_GOOD));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buf given = {.max = (size_t)8 << 20};
    struct arena arena = ARENA_INIT((size_t)8 << 20);
    struct collect_limits limits = {.max_unpacked = (uint64_t)4 << 20,
                                    .max_entries = 1000,
                                    .max_evidence = (uint64_t)1 << 20,
                                    .max_packed = (uint64_t)64 << 10};
    struct collect_result r;
    struct err e = ERR_INIT;
    for (int pass = 0; pass < 6; pass++) {
        buf_clear(&given);
        struct collect *c = collect_new(SLICE_NONE, &limits, take, &given);
        for (size_t at = 0; at < size; at += 300)
            collect_feed(c, slice_of(data + at, MIN((size_t)300, size - at)));
        collect_end(c);
        collect_free(c);
        ASSERT(collect_result_read(buf_slice(&given), &arena, &r, &e) == 0);
        check_evidence(r.evidence, &r);
        if (!r.links.n)
            break;
        limits.links = arena_slice(&arena, r.links);
    }
    struct collect_links links; /* that nobody wrote */
    links_read(&links, slice_of(data, size));
    links_done(&links);
    collect_result_read(slice_of(data, size), &arena, &r, &e);
    arena_done(&arena);
    return 0;
}
