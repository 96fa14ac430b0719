/* SPDX-License-Identifier: Apache-2.0 */
#include "model/severity/cvss.h"
#include "model/severity/severity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cvss c;
    struct err e = ERR_INIT;
    if (!cvss_read(slice_of(data, size), &c, &e)) {
        ASSERT(c.version > CVSS_NONE && c.version < CVSS_VERSION_MAX);
        ASSERT(c.score >= 0 && c.score <= 100);
    } else {
        ASSERT(e.kind == ERR_POISON && e.text[0]);
    }
    ASSERT(severity_of_word(slice_of(data, size)) < SEVERITY_MAX);
    return 0;
}
