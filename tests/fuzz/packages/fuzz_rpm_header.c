/* SPDX-License-Identifier: Apache-2.0 */
/* A header of rpm's database: its tags, its file list, and its source package's name. */
#include "packages/rpm/rpm_header.h"

static int count(void *ctx, struct slice folder, struct slice base_name)
{
    *(size_t *)ctx += folder.n + base_name.n;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rpm_header h;
    struct slice name, version;
    const char *why = NULL;
    size_t bytes = 0;
    if (!rpm_header_read(slice_of(data, size), &h)) {
        int r = rpm_header_files(&h, count, &bytes, &why);
        ASSERT(r == 0 || (r == -1 && why));
        if (rpm_source_name(h.source_rpm, &name, &version))
            ASSERT(name.n && version.n && name.n + version.n < h.source_rpm.n);
    }
    rpm_source_name(slice_of(data, size), &name, &version);
    return 0;
}
