/* SPDX-License-Identifier: Apache-2.0 */
#include "model/version/version.h"

#include "model/version/version_internal.h"

static const struct {
    const char *name, *aliases[2];
    const char *(*check)(struct slice v);
    int (*compare)(struct slice a, struct slice b);
    bool strict; /* what breaks the rules has no order */
} kinds[] = {
    [VERSION_DPKG] = {"dpkg", {"deb"}, version_dpkg_check, version_dpkg_compare},
    [VERSION_APK] = {"apk", {NULL}, version_apk_check, version_apk_compare},
    [VERSION_RPM] = {"rpm", {NULL}, version_rpm_check, version_rpm_compare},
    [VERSION_OPKG] = {"opkg", {NULL}, version_opkg_check, version_opkg_compare},
    [VERSION_PACMAN] = {"pacman", {"alpm"}, version_pacman_check, version_pacman_compare},
    [VERSION_PORTAGE] = {"portage", {"ebuild"}, version_portage_check, version_portage_compare, true},
    [VERSION_BOTTLEROCKET] = {"bottlerocket", {NULL}, version_rpm_check, version_rpm_compare},
    [VERSION_WINDOWS] = {"windows", {NULL}, version_windows_check, version_windows_compare, true},
    [VERSION_PYPI] = {"pypi", {"pep440"}, version_pypi_check, version_pypi_compare, true},
    [VERSION_NPM] = {"npm", {NULL}, version_npm_check, version_npm_compare, true},
    [VERSION_MAVEN] = {"maven", {NULL}, version_maven_check, version_maven_compare, true},
    [VERSION_GOLANG] = {"golang", {"go"}, version_semver_check, version_semver_compare, true},
    [VERSION_CARGO] = {"cargo", {"crates"}, version_semver_check, version_semver_compare, true},
    [VERSION_NUGET] = {"nuget", {NULL}, version_nuget_check, version_nuget_compare, true},
    [VERSION_COMPOSER] = {"composer", {"packagist"}, version_composer_check, version_composer_compare, true},
    [VERSION_GEM] = {"gem", {"rubygems"}, version_gem_check, version_gem_compare, true},
    [VERSION_HEX] = {"hex", {NULL}, version_semver_check, version_semver_compare, true},
    [VERSION_OTP] = {"otp", {NULL}, version_semver_check, version_semver_compare, true},
    [VERSION_PUB] = {"pub", {NULL}, version_pub_check, version_pub_compare, true},
    [VERSION_SWIFT] = {"swift", {NULL}, version_semver_check, version_semver_compare, true},
    [VERSION_CONAN] = {"conan", {NULL}, version_conan_check, version_conan_compare, true},
    [VERSION_CPAN] = {"cpan", {NULL}, version_cpan_check, version_cpan_compare, true},
    [VERSION_CRAN] = {"cran", {"bioconductor"}, version_cran_check, version_cran_compare, true},
    [VERSION_LUAROCKS] = {"luarocks", {NULL}, version_luarocks_check, version_luarocks_compare, true},
    [VERSION_HACKAGE] = {"hackage", {NULL}, version_hackage_check, version_hackage_compare, true},
    [VERSION_JULIA] = {"julia", {NULL}, version_julia_check, version_julia_compare, true},
    [VERSION_BITNAMI] = {"bitnami", {NULL}, version_bitnami_check, version_bitnami_compare, true},
    [VERSION_JVM] = {"jvm", {NULL}, version_jvm_check, version_jvm_compare, true},
    [VERSION_PHP] = {"php", {"pear", "wordpress"}, version_php_check, version_php_compare, true},
    [VERSION_GENERIC] = {"generic", {NULL}, version_generic_check, version_generic_compare, true},
};
_Static_assert(ARRAY_LEN(kinds) == VERSION_KIND_MAX, "a row for each kind");

struct version_parts version_split(struct slice v)
{
    struct version_parts p = {.version = v};
    ptrdiff_t colon = slice_find(v, ':');
    if (colon >= 0) {
        p.has_epoch = true;
        p.epoch = slice_sub(v, 0, (size_t)colon);
        p.version = slice_from(v, (size_t)colon + 1);
    }
    ptrdiff_t hyphen = slice_rfind(p.version, '-');
    if (hyphen >= 0) {
        p.has_revision = true;
        p.revision = slice_from(p.version, (size_t)hyphen + 1);
        p.version = slice_sub(p.version, 0, (size_t)hyphen);
    }
    return p;
}

struct slice version_take_digits(struct slice *s)
{
    size_t n = 0;
    while (n < s->n && version_is_digit(s->p[n]))
        n++;
    struct slice digits = slice_sub(*s, 0, n);
    *s = slice_from(*s, n);
    return digits;
}

int version_compare_digits(struct slice a, struct slice b)
{
    while (a.n && a.p[0] == '0')
        a.p++, a.n--;
    while (b.n && b.p[0] == '0')
        b.p++, b.n--;
    if (a.n != b.n)
        return a.n < b.n ? -1 : 1;
    return slice_cmp(a, b);
}

int version_compare_numbers(struct slice a, struct slice b, uint8_t mark)
{
    while (a.n || b.n) {
        struct slice x = SLICE_NONE, y = SLICE_NONE;
        slice_take_token(&a, mark, &x);
        slice_take_token(&b, mark, &y);
        int c = version_compare_digits(x, y);
        if (c)
            return c;
    }
    return 0;
}

static int small(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

int version_compare_nocase(struct slice a, struct slice b)
{
    for (size_t i = 0; i < MIN(a.n, b.n); i++)
        if (small(a.p[i]) != small(b.p[i]))
            return small(a.p[i]) < small(b.p[i]) ? -1 : 1;
    return a.n < b.n ? -1 : a.n > b.n;
}

bool version_only(struct slice s, const char *marks)
{
    for (size_t i = 0; i < s.n; i++)
        if (!s.p[i] || (!version_is_letter(s.p[i]) && !version_is_digit(s.p[i]) && !strchr(marks, s.p[i])))
            return false;
    return true;
}

static bool is_version(enum version_kind k, struct slice v, const char *why, struct err *e)
{
    if (why)
        err_set(e, ERR_POISON, 0, "\"%.*s\" is not a version of kind %s: %s", (int)MIN(v.n, (size_t)100),
                v.p ? (const char *)v.p : "", kinds[k].name, why);
    return !why;
}

bool version_valid(enum version_kind k, struct slice v, struct err *e)
{
    if ((unsigned)k >= VERSION_KIND_MAX)
        BUG("version kind %d", (int)k);
    return is_version(k, v, kinds[k].check(v), e);
}

/* NULL, or why no package manager could give it a place. */
static const char *no_order(enum version_kind k, struct slice v)
{
    bool digit = false;
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] <= ' ' || v.p[i] > '~')
            return "it holds a blank or a character outside ASCII";
        digit = digit || version_is_digit(v.p[i]);
    }
    if (!digit)
        return "it holds no digit";
    ptrdiff_t colon = k == VERSION_APK || k == VERSION_PACMAN ? -1 : slice_find(v, ':');
    for (ptrdiff_t i = 0; i < colon; i++)
        if (!version_is_digit(v.p[i]))
            return "what is before the colon is not a number";
    return NULL;
}

bool version_orderable(enum version_kind k, struct slice v, struct err *e)
{
    if ((unsigned)k >= VERSION_KIND_MAX)
        BUG("version kind %d", (int)k);
    return is_version(k, v, kinds[k].strict ? kinds[k].check(v) : no_order(k, v), e);
}

int version_order(enum version_kind k, struct slice a, struct slice b, int *ret_cmp, struct err *e)
{
    if ((!version_valid(k, a, NULL) && !version_orderable(k, a, e)) ||
        (!version_valid(k, b, NULL) && !version_orderable(k, b, e)))
        return -1;
    *ret_cmp = kinds[k].compare(a, b);
    return 0;
}

int version_compare(enum version_kind k, struct slice a, struct slice b, int *ret_cmp, struct err *e)
{
    if (!version_valid(k, a, e) || !version_valid(k, b, e))
        return -1;
    *ret_cmp = kinds[k].compare(a, b);
    return 0;
}

const char *version_kind_name(enum version_kind k)
{
    return (unsigned)k < VERSION_KIND_MAX ? kinds[k].name : "unknown";
}

bool version_kind_by_name(struct slice name, enum version_kind *ret_kind)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        bool is = slice_eq_str(name, kinds[i].name);
        for (size_t k = 0; k < ARRAY_LEN(kinds[i].aliases) && kinds[i].aliases[k]; k++)
            is = is || slice_eq_str(name, kinds[i].aliases[k]);
        if (is) {
            *ret_kind = (enum version_kind)i;
            return true;
        }
    }
    return false;
}
