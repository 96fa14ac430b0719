/* SPDX-License-Identifier: Apache-2.0 */
#include "model/version/version_bound.h"

int version_against(enum version_kind k, struct slice version, enum version_bound what, struct slice bound,
                    int *ret_cmp, struct err *e)
{
    if (what == VERSION_INTRODUCED && slice_eq_str(bound, "0")) {
        *ret_cmp = 1;
        return 0;
    }
    if (what == VERSION_LISTED && slice_eq(version, bound)) {
        *ret_cmp = 0;
        return 0;
    }
    if (what != VERSION_LISTED)
        return version_order(k, version, bound, ret_cmp, e);
    if (version_order(k, version, bound, ret_cmp, NULL))
        *ret_cmp = 1;
    return 0;
}
