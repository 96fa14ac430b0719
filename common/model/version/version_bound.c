/* SPDX-License-Identifier: Apache-2.0 */
#include "model/version/version_bound.h"

#include "model/version/version_internal.h"

static struct slice as_it_is(struct slice v)
{
    return v;
}

/* What a version may have that says nothing to a bound without it. */
static struct slice (*const bare_of[VERSION_KIND_MAX])(struct slice v) = {
    [VERSION_PYPI] = version_pypi_without_local,
    [VERSION_MAVEN] = version_maven_without_platform,
    [VERSION_LUAROCKS] = version_luarocks_without_revision,
};

static int jvm_against(struct slice version, enum version_bound what, struct slice bound)
{
    bool upper = what == VERSION_FIXED || what == VERSION_LAST_AFFECTED;
    return upper && !version_jvm_same_feature(version, bound) ? 1 : version_jvm_compare_releases(version, bound);
}

/* Whether a bound like "1.26.0-0" is before a prerelease of 1.26.0. Both kinds take that -0 for a revision. */
static bool is_before_all(enum version_kind k, struct slice version, struct slice bound)
{
    size_t n = 0;
    int c;
    if ((k != VERSION_BITNAMI && k != VERSION_GENERIC) || !slice_ends(bound, SLICE("-0")))
        return false;
    while (n < version.n && (version_is_digit(version.p[n]) || version.p[n] == '.'))
        n++;
    return !version_order(k, slice_sub(version, 0, n), slice_sub(bound, 0, bound.n - 2), &c, NULL) && c >= 0;
}

static int against(enum version_kind k, struct slice version, enum version_bound what, struct slice bound, int *ret_cmp,
                   struct err *e)
{
    struct slice (*bare)(struct slice v) = bare_of[k] ? bare_of[k] : as_it_is;
    int c;
    if (version_order(k, version, bound, &c, e))
        return -1;
    if (k == VERSION_JVM)
        c = jvm_against(version, what, bound);
    else if (what < VERSION_LAST_AFFECTED && c < 0 && is_before_all(k, version, bound))
        c = 1;
    else if (what >= VERSION_LAST_AFFECTED && c && bare(bound).n == bound.n)
        version_order(k, bare(version), bound, &c, NULL);
    *ret_cmp = c;
    return 0;
}

int version_against(enum version_kind k, struct slice version, enum version_bound what, struct slice bound,
                    int *ret_cmp, struct err *e)
{
    if (what == VERSION_INTRODUCED && slice_eq_str(bound, "0"))
        *ret_cmp = 1;
    else if (what == VERSION_LISTED && slice_eq(version, bound))
        *ret_cmp = 0;
    else if (what != VERSION_LISTED)
        return against(k, version, what, bound, ret_cmp, e);
    else if (against(k, version, what, bound, ret_cmp, NULL))
        *ret_cmp = 1;
    return 0;
}
