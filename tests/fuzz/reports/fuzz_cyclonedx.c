/* SPDX-License-Identifier: Apache-2.0 */
/* What is read writes, and reading that again gives the same packages. */
#include "images/sbom/cyclonedx_read.h"
#include "reports/report_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT((size_t)16 << 20);
    struct buf b = BUF_INIT((size_t)16 << 20);
    struct inventory once, twice;
    if (cyclonedx_read(slice_of(data, size), &a, &once, NULL) == 0) {
        ASSERT((once.status == INVENTORY_COMPLETE) <= (once.reasons.texts.n == 0));
        const struct assessed_image image = {.inventory = once};
        struct report_out out = {.buf = &b};
        struct err e = ERR_INIT;
        const struct report_format *format = report_format_by_name(REPORT_PACKAGES, SLICE("cyclonedx"));
        if (report_write(format, REPORT_PACKAGES, &image, &out, &e) == 0) {
            ASSERT(cyclonedx_read(buf_slice(&b), &a, &twice, NULL) == 0);
            ASSERT(twice.packages.n <= once.packages.n && twice.status >= once.status);
        }
    }
    buf_done(&b);
    arena_done(&a);
    return 0;
}
