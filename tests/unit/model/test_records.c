/* SPDX-License-Identifier: Apache-2.0 */
/* Enumerations whose numbers are kept: in states, in parsed layers, in rows of the advisory database. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "bus/codec/codec_tables.h"
#include "model/records.h"

#include "unit/fixture.h"

/* A name that moves makes what was kept before say something else: new ones go to the end, and here. */
static void check_numbers(const char *const *names, int n, const char *const *kept, int kept_n)
{
    assert_int_equal(n, kept_n);
    for (int i = 0; i < kept_n; i++)
        assert_string_equal(names[i], kept[i]);
    for (int i = 0; i < n; i++)
        assert_int_equal(name_index(names, n, slice_str(names[i])), i);
}

static void test_package_types(void **state)
{
    static const char *const kept[] = {
        "unknown",      "dpkg",         "apk",      "rpm",     "opkg",   "pacman",  "portage", "nix",
        "bottlerocket", "windows",      "pypi",     "npm",     "maven",  "golang",  "cargo",   "nuget",
        "composer",     "gem",          "hex",      "otp",     "pub",    "swift",   "conan",   "cpan",
        "cran",         "bioconductor", "luarocks", "hackage", "julia",  "bitnami", "conda",   "pear",
        "wordpress",    "vcpkg",        "opam",     "jvm",     "generic"};
    (void)state;
    check_numbers(package_type_names, PKG_TYPE_MAX, kept, ARRAY_LEN(kept));
}

/* Schemas say to people which types there are. */
static void test_package_types_in_schemas(void **state)
{
    static const char *const files[] = {"../../schemas/findings.avsc", "../../schemas/inventory.avsc",
                                        "../../schemas/layer_packages.avsc"};
    char list[1024] = "";
    (void)state;
    for (int t = 0; t < PKG_TYPE_MAX; t++) {
        const char *mark = t + 1 == PKG_TYPE_MAX ? "." : t + 2 == PKG_TYPE_MAX ? " or " : ", ";
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", package_type_names[t], mark);
    }
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        if (!strstr(fixture(files[i]), list))
            fail_msg("%s: no doc has \"%s\"", files[i], list);
}

static void test_scopes(void **state)
{
    static const char *const kept[] = {"", "runtime", "development", "optional"};
    (void)state;
    check_numbers(package_scope_names, SCOPE_MAX, kept, ARRAY_LEN(kept));
}

static void test_certainties(void **state)
{
    static const char *const kept[] = {"", "installed", "declared", "guessed"};
    (void)state;
    check_numbers(package_certainty_names, CERTAINTY_MAX, kept, ARRAY_LEN(kept));
}

static void test_verdicts(void **state)
{
    static const char *const kept[] = {"affected",    "not_affected",        "wont_fix",
                                       "end_of_life", "under_investigation", "needs_subscription"};
    (void)state;
    check_numbers(verdict_names, VERDICT_MAX, kept, ARRAY_LEN(kept));
}

static void test_severities(void **state)
{
    static const char *const kept[] = {"unknown", "negligible", "low", "medium", "high", "critical"};
    (void)state;
    check_numbers(severity_names, SEVERITY_MAX, kept, ARRAY_LEN(kept));
}

static void test_advisory_kinds(void **state)
{
    static const char *const kept[] = {"", "malicious", "notice"};
    (void)state;
    check_numbers(advisory_kind_names, ADVISORY_KIND_MAX, kept, ARRAY_LEN(kept));
}

static const struct codec_table *package_table(void)
{
    const struct codec_table *inventory = codec_tables[TOPIC_INVENTORIES];
    for (size_t i = 0; i < inventory->n; i++)
        if (strcmp(inventory->fields[i].name, "packages") == 0)
            return inventory->fields[i].sub;
    return NULL;
}

/* Who copies a package goes by package_text_at: a text that is not there would point to memory that is gone. */
static void test_package_texts(void **state)
{
    const struct codec_table *table = package_table();
    (void)state;
    assert_non_null(table);
    for (size_t i = 0; i < table->n; i++) {
        bool listed = table->fields[i].offset == offsetof(struct package, layer);
        if (table->fields[i].kind != FIELD_STRING)
            continue;
        for (size_t k = 0; k < PACKAGE_TEXTS; k++)
            listed |= package_text_at[k] == table->fields[i].offset;
        if (!listed)
            fail_msg("%s of a package is not in package_text_at", table->fields[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_package_types),  cmocka_unit_test(test_scopes),
        cmocka_unit_test(test_certainties),    cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_severities),     cmocka_unit_test(test_package_texts),
        cmocka_unit_test(test_advisory_kinds), cmocka_unit_test(test_package_types_in_schemas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
