/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as one document of Red Hat's VEX; the walker must come to the same end of it by skipping as by reading. */
#include "feeds/formats/csaf/csaf_documents.h"
#include "fuzz_feed.h"

#include "io/text/json_pull.h"

static int one_document(struct feed_reading *r, struct err *e)
{
    struct buf text = BUF_INIT((size_t)1 << 20);
    const uint8_t *p;
    size_t n;
    int rc;
    while ((rc = r->source.read(r->source.arg, &p, &n, e)) == 0 && n)
        buf_add(&text, p, n);
    if (!rc)
        rc = csaf_vex_document(r, SLICE("fuzz"), buf_slice(&text), e);
    buf_done(&text);
    return rc;
}

static void walk(struct json_pull *p, int deep)
{
    struct slice key;
    size_t at = p->at;
    if (deep % 2 == 0 && json_pull_object(p)) {
        while (json_pull_key(p, &key))
            walk(p, deep + 1);
    } else if (p->at == at && deep < 200 && json_pull_array(p)) {
        while (json_pull_item(p))
            walk(p, deep + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct feed feed = {.name = "fuzz", .ecosystem = "Red Hat", .parse = one_document};
    struct arena arena = ARENA_INIT((size_t)4 << 20);
    struct json_pull skipped, walked;
    json_pull_init(&skipped, slice_of(data, size), &arena);
    json_pull_skip(&skipped);
    json_pull_init(&walked, slice_of(data, size), &arena);
    walk(&walked, 0);
    /* Reading looks at more than skipping does (escapes), so only what it took must have been there. */
    ASSERT(skipped.at <= size && walked.at <= size);
    ASSERT(walked.bad || skipped.bad || walked.at == skipped.at);
    arena_done(&arena);
    return fuzz_feed(&feed, data, size);
}
