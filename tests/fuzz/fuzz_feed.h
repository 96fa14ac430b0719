/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_feed.h: any bytes as a feed, in pieces of odd sizes. Beside not crashing: a record that comes out has a key
 * that fits, and a feed that was not refused had at least one document.
 */
#ifndef CAREEN_TESTS_FUZZ_FUZZ_FEED_H
#define CAREEN_TESTS_FUZZ_FUZZ_FEED_H

#include "feeds/formats/formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int fuzz_read(void *arg, const uint8_t **ret_p, size_t *ret_n, struct err *e)
{
    (void)e;
    struct slice *left = arg;
    size_t n = MIN(left->n, (size_t)61);
    *ret_p = left->p;
    *ret_n = n;
    *left = slice_from(*left, n);
    return 0;
}

static int fuzz_advisory(void *arg, const struct advisory *a, struct err *e)
{
    (void)arg, (void)e;
    struct buf key = BUF_INIT(FEED_KEY_MAX);
    ASSERT(a->id.n && a->package.n && a->ecosystem.n && a->feed.n);
    ASSERT(feed_advisory_key(a, &key) == 0);
    buf_done(&key);
    return 0;
}

static int fuzz_vulnerability(void *arg, const struct vulnerability *v, struct err *e)
{
    (void)arg, (void)e;
    struct buf key = BUF_INIT(FEED_KEY_MAX);
    ASSERT(v->id.n && v->summary.n <= FEED_SUMMARY_MAX && v->details.n <= FEED_DETAILS_MAX);
    ASSERT(feed_vulnerability_key(v, &key) == 0);
    buf_done(&key);
    return 0;
}

static inline int fuzz_feed(const struct feed *f, const uint8_t *data, size_t size)
{
    struct slice left = slice_of(data, size);
    struct arena arena = ARENA_INIT((size_t)32 << 20);
    struct feed_stats stats = {0};
    struct feed_sink sink = {.advisory = fuzz_advisory, .vulnerability = fuzz_vulnerability};
    struct err e = ERR_INIT;
    int rc = feed_parse(f, (struct byte_source){.read = fuzz_read, .arg = &left}, &sink, &arena, &stats, &e);
    ASSERT(rc == 0 ? stats.documents > 0 : e.kind == ERR_POISON && e.text[0]);
    arena_done(&arena);
    return 0;
}

#endif
