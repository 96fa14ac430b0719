/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/distro/distro_table.h"
#include "model/ecosystem/ecosystem.h"
#include "model/purl.h"

#include "unit/fixture.h"

static struct arena arena = ARENA_INIT((size_t)1 << 20);

static int reset(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* Every kind of package of every distribution has a row that orders its versions, unless nobody publishes for it. */
static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < distros_n; i++) {
        const struct ecosystem *e = ecosystem_of_type(distros[i].type);
        assert_true(e->ordered || e->unpublished);
        assert_non_null(e->purl_type);
        assert_null(e->advisories);
        if (e->ordered)
            assert_string_equal(version_kind_name(e->version), package_type_names[distros[i].type]);
    }
    assert_ptr_equal(ecosystem_of_type((enum package_type)PKG_TYPE_MAX), ecosystem_of_type(PKG_UNKNOWN));
    assert_false(ecosystem_of_type(PKG_UNKNOWN)->ordered);
}

static void test_advisories(void **state)
{
    (void)state;
    assert_ptr_equal(ecosystem_of_advisories(SLICE("Debian:12")), ecosystem_of_type(PKG_DPKG));
    assert_ptr_equal(ecosystem_of_advisories(SLICE("Alpine")), ecosystem_of_type(PKG_APK));
    assert_ptr_equal(ecosystem_of_advisories(SLICE("Red Hat:rhel_eus:9.4")), ecosystem_of_type(PKG_RPM));
    assert_null(ecosystem_of_advisories(SLICE("Nobody's:1")));
    assert_null(ecosystem_of_advisories(SLICE("")));
}

static void test_of_package(void **state)
{
    (void)state;
    const struct os_info debian = {.ecosystem = SLICE("Debian:12")}, none = {.id = SLICE_NONE};
    struct package p = {.type = PKG_DPKG};
    assert_true(slice_eq_str(ecosystem_of_package(&p, &debian), "Debian:12"));
    assert_int_equal(ecosystem_of_package(&p, &none).n, 0);
    p.ecosystem = SLICE("Alpine:v3.20");
    assert_true(slice_eq_str(ecosystem_of_package(&p, &debian), "Alpine:v3.20"));
}

static struct slice in_capitals(struct slice name, struct arena *a)
{
    uint8_t *to = arena_alloc(a, name.n);
    for (size_t i = 0; i < name.n; i++)
        to[i] = name.p[i] >= 'a' && name.p[i] <= 'z' ? (uint8_t)(name.p[i] - 32) : name.p[i];
    return slice_of(to, name.n);
}

static void test_names(void **state)
{
    (void)state;
    const struct ecosystem plain = {.advisories = "A"}, colon = {.joint = ":", .normal = in_capitals};
    assert_true(slice_eq_str(ecosystem_name(&plain, SLICE_NONE, SLICE("n"), &arena), "n"));
    assert_true(slice_eq_str(ecosystem_name(&plain, SLICE("@s"), SLICE("n"), &arena), "@s/n"));
    assert_true(slice_eq_str(ecosystem_name(&colon, SLICE("g"), SLICE("a"), &arena), "G:A"));
    assert_true(slice_eq_str(ecosystem_name(&colon, SLICE_NONE, SLICE("a"), &arena), "A"));
}

/* The names of the real table's ecosystems, as advisories and packages spell them. */
static void test_names_of_languages(void **state)
{
    (void)state;
    static const struct {
        enum package_type type;
        const char *ns, *name, *normal;
    } cases[] = {
        {PKG_PYPI, "", "Zope.Interface__x", "zope-interface-x"},
        {PKG_NPM, "@Scope", "JSONStream", "@Scope/JSONStream"},
        {PKG_MAVEN, "io.Spray", "spray-json_2.12", "io.Spray:spray-json_2.12"},
        {PKG_GOLANG, "", "github.com/Masterminds/goutils/v2", "github.com/Masterminds/goutils/v2"},
        {PKG_CARGO, "", "Serde_JSON", "serde-json"},
        {PKG_NUGET, "", "Newtonsoft.Json", "newtonsoft.json"},
        {PKG_COMPOSER, "Symfony", "Http-Kernel", "symfony/http-kernel"},
        {PKG_GEM, "", "RedCloth", "RedCloth"},
        {PKG_HEX, "", "RabbitMQ", "rabbitmq"},
        {PKG_PUB, "", "http", "http"},
        {PKG_SWIFT, "github.com/Vapor", "vapor", "github.com/vapor/vapor"},
        {PKG_SWIFT, "", "https://GitHub.com/Vapor/vapor.git/", "github.com/vapor/vapor"},
        {PKG_CRAN, "", "R6", "R6"},
        {PKG_BITNAMI, "", "WordPress", "wordpress"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct ecosystem *e = ecosystem_of_type(cases[i].type);
        struct slice name = ecosystem_name(e, slice_str(cases[i].ns), slice_str(cases[i].name), &arena);
        if (!slice_eq_str(name, cases[i].normal))
            fail_msg("%s: %.*s", cases[i].normal, SLICE_FMT(name));
        assert_true(slice_eq(ecosystem_name(e, SLICE_NONE, name, &arena), name)); /* it is its own */
        assert_false(ecosystem_of_systems(cases[i].type));
        struct package p = {.type = cases[i].type};
        assert_true(
            slice_eq_str(ecosystem_of_package(&p, &(struct os_info){.ecosystem = SLICE("Debian:12")}), e->advisories));
    }
    const struct package conda = {.type = PKG_CONDA};
    assert_int_equal(ecosystem_of_package(&conda, &(struct os_info){.ecosystem = SLICE("Debian:12")}).n, 0);
    assert_true(ecosystem_of_systems(PKG_DPKG) && ecosystem_of_systems(PKG_NIX) && !ecosystem_of_systems(PKG_CONDA));
}

static void test_purl_types(void **state)
{
    (void)state;
    assert_int_equal(ecosystem_type_of_purl(SLICE("deb"), SLICE("debian")), PKG_DPKG);
    assert_int_equal(ecosystem_type_of_purl(SLICE("generic"), SLICE("windows")), PKG_WINDOWS);
    assert_int_equal(ecosystem_type_of_purl(SLICE("generic"), SLICE("else")), PKG_UNKNOWN);
    assert_int_equal(ecosystem_type_of_purl(SLICE("generic"), SLICE_NONE), PKG_GENERIC);
    assert_int_equal(ecosystem_type_of_purl(SLICE("npm"), SLICE("@angular")), PKG_NPM);
    assert_int_equal(ecosystem_type_of_purl(SLICE("alpm"), SLICE_NONE), PKG_PACMAN);
    assert_int_equal(ecosystem_type_of_purl(SLICE("strange"), SLICE_NONE), PKG_UNKNOWN);
}

/* Each that is no system's stands in the table for people. */
static void test_documented(void **state)
{
    const char *table = strstr(fixture("../../docs/formats/ecosystems.md"), "## Packages of languages, and programs");
    (void)state;
    assert_non_null(table);
    for (int t = PKG_UNKNOWN + 1; t < PKG_TYPE_MAX; t++) {
        const struct ecosystem *e = ecosystem_of_type((enum package_type)t);
        char text[64];
        if (e->advisories) {
            snprintf(text, sizeof text, "`%s`", e->advisories);
            if (!strstr(table, text))
                fail_msg("docs/formats/ecosystems.md doesn't name %s", text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_advisories),
        cmocka_unit_test(test_of_package),
        cmocka_unit_test_teardown(test_names, reset),
        cmocka_unit_test_teardown(test_names_of_languages, reset),
        cmocka_unit_test(test_purl_types),
        cmocka_unit_test(test_documented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
