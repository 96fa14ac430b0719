/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect_world.h: for tests of the collector: gives it a layer in pieces and keeps what it wrote, the evidence unpacked
 * and as text. One thread.
 */
#ifndef CAREEN_TESTS_UNIT_COLLECT_WORLD_H
#define CAREEN_TESTS_UNIT_COLLECT_WORLD_H

#include "pull/collect.h"

#include <setjmp.h>
#include <cmocka.h>

#include "model/evidence.h"

#include <zstd.h>

static struct arena arena = {.max = (size_t)64 << 20};
static struct buf given = {.max = (size_t)64 << 20};  /* what the collector wrote */
static struct buf plain = {.max = (size_t)256 << 20}; /* the evidence without zstd */
static struct buf told = {.max = (size_t)8 << 20};    /* the evidence as text: collect_tell */
static struct collect_result result;

static int collect_clean(void **state)
{
    (void)state;
    arena_done(&arena);
    buf_done(&given);
    buf_done(&plain);
    buf_done(&told);
    return 0;
}

static void collect_take(void *arg, struct slice bytes)
{
    (void)arg;
    buf_add_slice(&given, bytes);
}

static void collect_unpack(struct slice packed)
{
    ZSTD_DCtx *z = ZSTD_createDCtx();
    ZSTD_inBuffer in = {packed.p, packed.n, 0};
    size_t r = 1;
    buf_clear(&plain);
    while (r) {
        ZSTD_outBuffer out = {buf_reserve(&plain, 65536), 65536, 0};
        assert_non_null(out.dst);
        r = ZSTD_decompressStream(z, &out, &in);
        assert_false(ZSTD_isError(r));
        plain.n += out.pos;
    }
    assert_int_equal(in.pos, in.size);
    ZSTD_freeDCtx(z);
}

/* The evidence as text, a line for each entry, sizes in the layer included if asked; of long contents the length. */
ATTR_UNUSED static void collect_tell(bool sizes)
{
    static const char *const names[] = {"?", "file", "whiteout", "opaque", "link", "reason", "end"};
    struct slice s = buf_slice(&plain);
    struct evidence_entry t;
    struct err e = ERR_INIT;
    int r;
    buf_clear(&told);
    assert_int_equal(evidence_open(&s, &e), 0);
    while ((r = evidence_next(&s, &t, &e)) == 1) {
        if (t.kind == EVIDENCE_END)
            continue;
        buf_addf(&told, "%s %.*s %.*s", names[t.kind], SLICE_FMT(t.collector), SLICE_FMT(t.path));
        if (t.kind == EVIDENCE_FILE && sizes)
            buf_addf(&told, " %" PRIu64, t.size);
        if (t.bytes.n > 400)
            buf_addf(&told, " [%zu]", t.bytes.n);
        else
            buf_addf(&told, " %.*s", SLICE_FMT(t.bytes));
        buf_addf(&told, "%s\n", t.hard ? " hard" : "");
    }
    assert_int_equal(r, 0);
    assert_int_equal(t.kind, EVIDENCE_END);
    assert_int_equal(t.entries, result.entries);
    assert_int_equal(t.size, result.unpacked);
}

/* One pass over a layer, given in pieces of `step` bytes, each in memory of its own; fills given and result. */
static void collect_pass(struct slice layer, size_t step, struct slice media_type, const struct collect_limits *limits)
{
    struct err e = ERR_INIT;
    struct collect *c = collect_new(media_type, limits, collect_take, NULL);
    buf_clear(&given);
    for (size_t at = 0; at < layer.n; at += step) {
        struct slice piece = slice_sub(layer, at, step);
        uint8_t *copy = xmemdup(piece.p, piece.n);
        collect_feed(c, slice_of(copy, piece.n));
        free(copy);
    }
    collect_end(c);
    collect_free(c);
    if (collect_result_read(buf_slice(&given), &arena, &result, &e))
        fail_msg("%s", e.text);
}

#endif
