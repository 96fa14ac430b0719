/* SPDX-License-Identifier: Apache-2.0 */
/* OSV documents about packages of languages: names, ids, kinds, symbols, systems, what stands beside ranges. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "model/ecosystem/ecosystem.h"
#include "unit/feeds_support.h"
#include "unit/fixture.h"

static void expect(const char *ecosystem, const char *file, const char *expected)
{
    const struct feed f = {.name = "osv-test", .ecosystem = ecosystem, .parse = format_osv_json};
    struct told t;
    if (told_parse(&t, &f, slice_str(fixture(file))))
        fail_msg("%s", t.err.text);
    assert_string_equal(buf_cstr(&t.text), expected);
    told_done(&t);
}

/*
 * Only aliases are the same thing. Systems are named as images name them, and hold where every import has some; custom
 * ranges count instead of one that holds everything, but say nothing of pseudo-versions.
 */
static void test_go(void **state)
{
    (void)state;
    expect("Go", "feeds/languages/go.json",
           "A Go|golang.org/x/Net|GO-2024-0001 affected [0,0.23.0) cves=CVE-2024-0001 aliases=GHSA-aaaa-bbbb-cccc "
           "systems=darwin,windows symbols=golang.org/x/Net/html,golang.org/x/Net/http2: Server.ServeConn, "
           "Transport.RoundTrip\n"
           "A Go|stdlib|GO-2024-0001 affected [0,1.21.9) [1.22.0-0,1.22.2) cves=CVE-2024-0001 "
           "aliases=GHSA-aaaa-bbbb-cccc symbols=net/http,net/url\n"
           "V CVE-2024-0001 aliases=GHSA-aaaa-bbbb-cccc,GO-2024-0001 summary=s\n"
           "A Go|open|GO-2024-0002 affected [0.0.0,2.58.7) [2.59.0,2.59.5)\n"
           "A Go|both|GO-2024-0002 affected [0,0.0.0-20260317012524-fe4523fff2c8) [0.0.0,3.6.1)\n"
           "A Go|pseudo|GO-2024-0002 affected [0,0.0.0-20250521183405-c7a690348df7)\n"
           "V GO-2024-0002\n"
           "V GO-2024-0003 withdrawn\n");
}

static void test_crates(void **state)
{
    (void)state;
    expect("crates.io", "feeds/languages/crates.json",
           "A crates.io|old-crate|RUSTSEC-2022-0001 affected [0.0.0-0,) kind=notice\n"
           "V RUSTSEC-2022-0001\n"
           "A crates.io|sys|RUSTSEC-2022-0002 affected [0.0.0-0,1.2.0) cves=CVE-2022-0002 arch=386,amd64,arm64 "
           "systems=darwin,windows symbols=sys::io::read CVSS:3.1=CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H\n"
           "V CVE-2022-0002 aliases=RUSTSEC-2022-0002\n");
}

/* Several CVE ids are one advisory, which stands under its own id; the severity of an entry replaces the document's; events in the order of versions. */
static void test_npm(void **state)
{
    (void)state;
    expect("npm", "feeds/languages/npm.json",
           "A npm|bad|MAL-2025-1 affected [0,) kind=malicious\n"
           "A npm|@Scope/Taken-Over|MAL-2025-1 affected versions=2.0.0,2.0.1 kind=malicious\n"
           "V MAL-2025-1 summary=Malicious code in bad (npm)\n"
           "A npm|bad|GHSA-wwww-xxxx-yyyy affected [0,) aliases=MAL-2025-1 kind=malicious severity=CRITICAL\n"
           "V GHSA-wwww-xxxx-yyyy aliases=MAL-2025-1\n"
           "A npm|JSONStream|GHSA-aaaa-bbbb-cccc affected [0,<=1.9.0) [2.0.0,10.2.0) versions=1.9.1,2.0.0-beta "
           "cves=CVE-2024-0001,CVE-2024-0002 severity=MODERATE "
           "CVSS:3.1=CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N\n"
           "V GHSA-aaaa-bbbb-cccc aliases=CVE-2024-0001,CVE-2024-0002 summary=High: not a word of severity "
           "cwes=CWE-79\n");
}

/* GIT first, ECOSYSTEM behind it; two spellings of one name are one package; listed versions for a range of no place. */
static void test_pypi(void **state)
{
    (void)state;
    expect("PyPI", "feeds/languages/pypi.json",
           "S PYSEC-2024-1: a range whose bound is no version; the versions that it lists count\n"
           "A PyPI|zope-interface-x|PYSEC-2024-1 affected [0,1.10) [2.0,2.0.1) versions=1.0-bulbasaur,1.10.0 "
           "cves=CVE-2024-0003\n"
           "A PyPI|built|PYSEC-2024-1 affected versions=2.4,2.5 cves=CVE-2024-0003\n"
           "A PyPI|torch|PYSEC-2024-1 affected [0,<=2.6.0) [3,3.1+cu124) cves=CVE-2024-0003\n"
           "V CVE-2024-0003 aliases=PYSEC-2024-1\n");
}

/* Another registry of the same packages; a known end without a fix. */
static void test_maven(void **state)
{
    (void)state;
    expect("Maven", "feeds/languages/maven.json",
           "A Maven|androidx.Core:core|GHSA-mmmm-mmmm-mmmm affected [0,2.3.1) severity=LOW\n"
           "A Maven|org.a:b|GHSA-mmmm-mmmm-mmmm affected [2.0.rc1,2.0) versions=2.0-sp1 severity=LOW\n"
           "V GHSA-mmmm-mmmm-mmmm\n");
}

#define ONE(ecosystem, name)                                                                                           \
    "[{\"id\":\"X-1\",\"affected\":[{\"package\":{\"ecosystem\":\"" ecosystem "\",\"name\":\"" name                    \
    "\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"0\"}]}]}]}]"

/* Each name as a lookup of the package asks for it. */
static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *ecosystem, *text;
        enum package_type type;
        const char *ns, *name;
    } cases[] = {
        {"NuGet", ONE("NuGet", "Newtonsoft.Json"), PKG_NUGET, "", "newtonsoft.json"},
        {"Packagist", ONE("Packagist:https://packages.drupal.org/8", "Drupal/Core"), PKG_COMPOSER, "drupal", "core"},
        {"SwiftURL", ONE("SwiftURL", "https://github.com/Vapor/vapor.git"), PKG_SWIFT, "github.com/vapor", "Vapor"},
        {"npm", ONE("npm", "@angular/core"), PKG_NPM, "@angular", "core"},
        {"Maven", ONE("Maven", "org.slf4j:slf4j-api"), PKG_MAVEN, "org.slf4j", "slf4j-api"},
        {"PyPI", ONE("PyPI", "zope.interface"), PKG_PYPI, "", "Zope_Interface"},
        {"Go", ONE("Go", "github.com/Masterminds/sprig/v3"), PKG_GOLANG, "", "github.com/Masterminds/sprig/v3"},
        {"opam", ONE("opam", "cohttp"), PKG_OPAM, "", "cohttp"},
    };
    struct arena arena = ARENA_INIT(65536);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct feed f = {.name = "osv-test", .ecosystem = cases[i].ecosystem, .parse = format_osv_json};
        struct slice name =
            ecosystem_name(ecosystem_of_type(cases[i].type), slice_str(cases[i].ns), slice_str(cases[i].name), &arena);
        char *expected ATTR_CLEANUP(cleanup_free) =
            xasprintf("A %s|%.*s|X-1 affected [0,)\nV X-1\n", cases[i].ecosystem, SLICE_FMT(name));
        struct told t;
        if (told_parse(&t, &f, slice_str(cases[i].text)))
            fail_msg("%s", t.err.text);
        assert_string_equal(buf_cstr(&t.text), expected);
        told_done(&t);
    }
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_go),   cmocka_unit_test(test_crates), cmocka_unit_test(test_npm),
        cmocka_unit_test(test_pypi), cmocka_unit_test(test_maven),  cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
