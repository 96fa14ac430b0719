/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two or three versions, parted by newlines: the order must be antisymmetric, also of what breaks the rules, equal to
 * itself and, where it is total for whatever bytes (apk's, and those of languages), transitive. Against a bound there is
 * an answer wherever there is an order.
 */
#include "model/version/version_bound.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_transitive(enum version_kind k, struct slice a, struct slice b, struct slice c)
{
    int ab, bc, ac;
    if (version_compare(k, a, b, &ab, NULL) || version_compare(k, b, c, &bc, NULL) ||
        version_compare(k, a, c, &ac, NULL))
        return;
    ASSERT(ab != bc || ac == ab);
    ASSERT(ab || ac == bc);
    ASSERT(bc || ac == ab);
}

static void check_bounds(enum version_kind k, struct slice v, struct slice bound)
{
    int x, y;
    bool ordered = version_order(k, v, bound, &y, NULL) == 0;
    for (int what = VERSION_INTRODUCED; what <= VERSION_LISTED; what++) {
        bool always = what == VERSION_LISTED || (what == VERSION_INTRODUCED && slice_eq_str(bound, "0"));
        ASSERT((version_against(k, v, (enum version_bound)what, bound, &x, NULL) == 0) == (ordered || always));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice b = slice_of(data, size), a = SLICE_NONE;
    slice_take_token(&b, '\n', &a);
    struct slice c = b;
    if (slice_take_token(&c, '\n', &b))
        for (int k = 0; k < VERSION_KIND_MAX; k++)
            if (k == VERSION_APK || k >= VERSION_PYPI)
                check_transitive((enum version_kind)k, a, b, c);
    for (int k = 0; k < VERSION_KIND_MAX; k++) {
        int x, y;
        struct err e = ERR_INIT;
        check_bounds((enum version_kind)k, a, b);
        if (!version_order((enum version_kind)k, a, b, &x, &e))
            ASSERT(version_order((enum version_kind)k, b, a, &y, &e) == 0 && x == -y);
        if (version_compare((enum version_kind)k, a, b, &x, &e))
            continue;
        ASSERT(version_compare((enum version_kind)k, b, a, &y, &e) == 0 && x == -y);
        ASSERT(version_compare((enum version_kind)k, a, a, &y, &e) == 0 && y == 0);
    }
    return 0;
}
