/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as one document of Red Hat's VEX. */
#include "feeds/formats/csaf/csaf_documents.h"
#include "fuzz_feed.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct feed feed = {.name = "fuzz", .ecosystem = "Red Hat", .parse = one_document};
    return fuzz_feed(&feed, data, size);
}
