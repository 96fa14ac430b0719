/* SPDX-License-Identifier: Apache-2.0 */
/* Package URLs of packages that belong to no system. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/purl.h"
#include "unit/made_ecosystem.h"

static struct arena arena = ARENA_INIT((size_t)1 << 20);

static int reset(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void test_both_ways(void **state)
{
    (void)state;
    struct purl u;
    struct package p;
    struct os_info os = {.id = SLICE("other")};
    const struct os_info debian = {.id = SLICE("debian"), .version_id = SLICE("12"), .ecosystem = SLICE("Debian:12")};
    struct err e = ERR_INIT;
    assert_int_equal(purl_parse(SLICE("pkg:made/org.x/lib@1.0?distro=debian-12&epoch=2"), &arena, &u, &e), 0);
    assert_true(purl_to_package(&u, &arena, &p, &os));
    assert_int_equal(p.type, PKG_MADE);
    assert_true(slice_eq_str(p.ns, "org.x") && slice_eq_str(p.name, "lib") && slice_eq_str(p.version, "1.0"));
    /* Whatever system it was found on judges it not. */
    assert_true(!os.id.n && !os.ecosystem.n);
    assert_true(slice_eq_str(ecosystem_of_package(&p, &debian), "Made"));
    assert_true(slice_eq_str(purl_of_package(&p, &debian, &arena), "pkg:made/org.x/lib@1.0"));
    p.ns = SLICE_NONE;
    assert_true(slice_eq_str(purl_of_package(&p, &debian, &arena), "pkg:made/lib@1.0"));
}

static void test_system_beside(void **state)
{
    (void)state;
    struct purl u;
    struct package p;
    struct os_info os;
    struct err e = ERR_INIT;
    assert_int_equal(purl_parse(SLICE("pkg:deb/debian/libc6@1%3A2.0?distro=debian-12"), &arena, &u, &e), 0);
    assert_true(purl_to_package(&u, &arena, &p, &os));
    assert_true(p.type == PKG_DPKG && !p.ns.n && slice_eq_str(os.ecosystem, "Debian:12"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_both_ways, reset),
        cmocka_unit_test_teardown(test_system_beside, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
