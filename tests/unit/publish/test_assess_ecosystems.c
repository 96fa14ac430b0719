/* SPDX-License-Identifier: Apache-2.0 */
/* What an image comes to whose packages belong to no system, or not all of them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/known_image.h"
#include "unit/made_ecosystem.h"

#include "model/distro/distro.h"

static int reset(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void add(struct known_image *k, enum package_type type)
{
    struct package *p = VEC_ADD(&arena, &k->packages);
    *p = (struct package){.type = type, .name = SLICE("p"), .version = SLICE("1")};
    k->findings.packages = (int32_t)k->packages.n;
}

static enum assessment_code code_of(const struct known_image *k)
{
    struct image_state s;
    assess_state(k, &arena, &s);
    return s.code;
}

static size_t alerts_of(const struct known_image *k)
{
    struct told_image told = {0};
    struct told_after after;
    struct err e = ERR_INIT;
    alert_vec alerts = {0};
    assert_int_equal(assess_alerts(k, &told, 1000, &arena, &alerts, &after, &e), 0);
    return alerts.n;
}

/* A scratch image with a library alone is assessed; one with packages of an unknown system beside it is not. */
static void test_no_system(void **state)
{
    (void)state;
    struct known_image k = known_new();
    k.findings.ecosystem = SLICE_NONE;
    add(&k, PKG_MADE);
    assert_int_equal(code_of(&k), ASSESSED_HEALTHY);
    add(&k, PKG_DPKG);
    reasons_add(&arena, &k.inventory_notes, REASON_SYSTEM_UNKNOWN, SLICE("the operating system is not known"));
    assert_int_equal(code_of(&k), ASSESSED_UNVERIFIED);
}

/* Where nothing could be judged it isn't healthy; the project's own package alone is nothing to judge. */
static void test_not_judged(void **state)
{
    (void)state;
    struct known_image k = known_new();
    k.findings.ecosystem = SLICE_NONE;
    add(&k, PKG_MADE);
    k.findings.packages = 0;
    k.packages.v[0].not_judged = reason_make(REASON_OWN_PACKAGE, SLICE("the project itself"));
    assert_int_equal(code_of(&k), ASSESSED_NOT_APPLICABLE);
    k.packages.v[0].not_judged = reason_make(REASON_OTHER_VENDOR, SLICE("a guess"));
    assert_int_equal(code_of(&k), ASSESSED_UNVERIFIED);
}

/* A malicious package always counts; a notice neither counts nor is told. */
static void test_kinds(void **state)
{
    (void)state;
    struct known_image k = known_new();
    add(&k, PKG_MADE);
    size_t before = alerts_of(&k);
    finding_add(&k, "R-1", SEVERITY_UNKNOWN, "");
    k.findings.findings.v[0].kind = ADVISORY_NOTICE;
    assert_int_equal(code_of(&k), ASSESSED_HEALTHY);
    assert_int_equal(alerts_of(&k), before);
    finding_add(&k, "MAL-1", SEVERITY_CRITICAL, "");
    k.policy.unhealthy_unfixed = false;
    assert_int_equal(code_of(&k), ASSESSED_HEALTHY);
    k.findings.findings.v[1].kind = ADVISORY_MALICIOUS;
    assert_int_equal(code_of(&k), ASSESSED_UNHEALTHY);
}

/* An ecosystem without advisories leaves the image unverified, and what is known of the rest is told. */
static void test_one_is_empty(void **state)
{
    (void)state;
    struct known_image k = known_new();
    add(&k, PKG_DPKG);
    add(&k, PKG_MADE);
    assert_true(distro_no_advisories(SLICE("Made"), &arena, &k.findings.reasons));
    assert_true(reasons_has(&k.findings.reasons, REASON_ECOSYSTEM_EMPTY));
    assert_int_equal(code_of(&k), ASSESSED_UNVERIFIED);
    finding_add(&k, "CVE-1", SEVERITY_HIGH, "2");
    assert_int_equal(code_of(&k), ASSESSED_UNHEALTHY);
    assert_int_equal(alerts_of(&k), 2); /* the place, and the finding */
    assert_true(distro_no_advisories(SLICE("Debian:12"), &arena, &k.findings.reasons));
    assert_true(reasons_has(&k.findings.reasons, REASON_NO_ADVISORIES));
    assert_int_equal(alerts_of(&k), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_no_system, reset),
        cmocka_unit_test_teardown(test_not_judged, reset),
        cmocka_unit_test_teardown(test_kinds, reset),
        cmocka_unit_test_teardown(test_one_is_empty, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
