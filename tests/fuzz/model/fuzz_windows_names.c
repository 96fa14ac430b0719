/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the names of Windows: builds, products, servicing packages, updates. */
#include "model/distro/windows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice s = slice_of(data, size);
    struct windows_identity id;
    unsigned ubr = 7;
    bool core = false;
    unsigned build = windows_build_of(s, &ubr);
    ASSERT(build || ubr == 7);
    const struct windows_release *r = windows_release_named(s, &core);
    ASSERT(!r || windows_release_of(r->build) == r);
    struct slice update = windows_update_in(s);
    ASSERT(!update.p || (update.n >= 8 && update.n <= 10));
    if (windows_identity_parse(s, &id))
        ASSERT(slice_starts(id.name, SLICE("Package_")) && id.version.n && slice_is_text(id.architecture));
    ASSERT(!windows_has_update(s, SLICE("KB0")) || size >= 3);
    return 0;
}
