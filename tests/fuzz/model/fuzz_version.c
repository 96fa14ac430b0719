/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two or three versions, parted by newlines: the order must be antisymmetric, also of what breaks the rules, equal to
 * itself and, where it is total for whatever bytes (apk's), transitive.
 */
#include "model/version/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_transitive(struct slice a, struct slice b, struct slice c)
{
    int ab, bc, ac;
    if (version_compare(VERSION_APK, a, b, &ab, NULL) || version_compare(VERSION_APK, b, c, &bc, NULL) ||
        version_compare(VERSION_APK, a, c, &ac, NULL))
        return;
    ASSERT(ab != bc || ac == ab);
    ASSERT(ab || ac == bc);
    ASSERT(bc || ac == ab);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice b = slice_of(data, size), a = SLICE_NONE;
    slice_take_token(&b, '\n', &a);
    struct slice c = b;
    if (slice_take_token(&c, '\n', &b))
        check_transitive(a, b, c);
    for (int k = 0; k < VERSION_KIND_MAX; k++) {
        int x, y;
        struct err e = ERR_INIT;
        if (!version_order((enum version_kind)k, a, b, &x, &e))
            ASSERT(version_order((enum version_kind)k, b, a, &y, &e) == 0 && x == -y);
        if (version_compare((enum version_kind)k, a, b, &x, &e))
            continue;
        ASSERT(version_compare((enum version_kind)k, b, a, &y, &e) == 0 && x == -y);
        ASSERT(version_compare((enum version_kind)k, a, a, &y, &e) == 0 && y == 0);
    }
    return 0;
}
