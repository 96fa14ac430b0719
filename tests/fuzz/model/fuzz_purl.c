/* SPDX-License-Identifier: Apache-2.0 */
/* What parses builds, and what was built parses to the same text. */
#include "model/purl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT(1 << 20);
    struct buf once = BUF_INIT(PURL_MAX), twice = BUF_INIT(PURL_MAX);
    struct purl p;
    struct package package;
    struct os_info os;
    if (purl_parse(slice_of(data, size), &a, &p, NULL) == 0) {
        purl_to_package(&p, &a, &package, &os);
        if (purl_build(&p, &once, NULL) == 0) {
            ASSERT(purl_parse(buf_slice(&once), &a, &p, NULL) == 0);
            ASSERT(purl_build(&p, &twice, NULL) == 0 && slice_eq(buf_slice(&once), buf_slice(&twice)));
        }
    }
    buf_done(&once);
    buf_done(&twice);
    arena_done(&a);
    return 0;
}
