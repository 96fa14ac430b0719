/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "publish/assess.h"

static struct arena arena = ARENA_INIT((size_t)64 << 20);

static struct known_image known_new(void)
{
    struct known_image k = {.digest = SLICE("sha256:1"), .has_inventory = true, .has_findings = true};
    struct image *im = VEC_ADD(&arena, &k.images);
    im->registry = SLICE("r.example");
    im->repository = SLICE("team/app");
    slice_vec_add(&arena, &im->tags, SLICE("v1"));
    k.findings.ecosystem = SLICE("Debian:12");
    k.findings.packages = 3;
    k.knowledge = arena_zalloc(&arena, 100 * sizeof *k.knowledge);
    return k;
}

static struct finding *finding_add(struct known_image *k, const char *vulnerability, enum severity severity,
                                   const char *fixed)
{
    struct finding *f = VEC_ADD(&arena, &k->findings.findings);
    f->vulnerability = slice_str(vulnerability);
    f->type = PKG_DPKG;
    f->package = SLICE("openssl");
    f->version = SLICE("1.0-1");
    f->severity = severity;
    f->fixed_version = slice_str(fixed);
    return f;
}

static struct recommendation recommend(const struct known_image *k, size_t at)
{
    recommendation_vec v = {0};
    struct err e = ERR_INIT;
    assert_int_equal(assess_recommendations(k, &arena, &v, &e), 0);
    assert_true(at < v.n);
    return v.v[at];
}

static void test_codes(void **state)
{
    (void)state;
    struct known_image k = known_new();
    assert_int_equal(recommend(&k, 0).code, ASSESSED_HEALTHY);
    finding_add(&k, "CVE-1", SEVERITY_HIGH, "1.0-2");
    finding_add(&k, "CVE-2", SEVERITY_NEGLIGIBLE, "");
    struct recommendation r = recommend(&k, 0);
    assert_int_equal(r.code, ASSESSED_UNHEALTHY);
    assert_int_equal(r.high, 1);
    assert_int_equal(r.low, 1);
    assert_int_equal(r.fixable, 1);
    assert_true(slice_eq_str(r.assessment_key, "33422d8f-ab1e-42be-bc9a-38685bb567b9"));
    assert_true(slice_eq_str(r.resource_id, "r.example/team/app@sha256:1"));
    assert_true(slice_eq_str(r.description,
                             "The image has 2 known vulnerabilities (0 critical, 1 high), 1 of them with a fix."));
}

static void test_subscribers_fixes_are_apart(void **state)
{
    (void)state;
    struct known_image k = known_new();
    finding_add(&k, "CVE-1", SEVERITY_HIGH, "1.0-2+esm1")->verdict = VERDICT_NEEDS_SUBSCRIPTION;
    struct recommendation r = recommend(&k, 0);
    assert_int_equal(r.high, 1);
    assert_int_equal(r.fixable, 0);
    assert_true(slice_eq_str(r.description, "The image has 1 known vulnerabilities (0 critical, 1 high), 0 of them "
                                            "with a fix, 1 with a subscription."));
    assert_true(slice_starts(r.remediation, SLICE("The fixed packages are for subscribers")));
    finding_add(&k, "CVE-2", SEVERITY_LOW, "1.0-2");
    r = recommend(&k, 0);
    assert_int_equal(r.fixable, 1);
    assert_true(slice_starts(r.remediation, SLICE("Build a new image")));
}

/* Packages of a system that is not known, or of a release that is not: that isn't "nobody publishes". */
static void test_unknown_systems_are_unverified(void **state)
{
    (void)state;
    struct known_image none = known_new(), release = known_new();
    none.findings.ecosystem = release.findings.ecosystem = SLICE_NONE;
    slice_vec_add(&arena, &none.inventory_notes, SLICE("another note"));
    slice_vec_add(&arena, &none.inventory_notes, SLICE("the operating system is not known: there is no os-release"));
    struct recommendation r = recommend(&none, 0);
    assert_int_equal(r.code, ASSESSED_UNVERIFIED);
    assert_true(slice_eq_str(r.description, "The image is not assessed, or not in full: the operating system is not "
                                            "known: there is no os-release."));
    release.os = (struct os_info){.id = SLICE("debian"), .name = SLICE("Debian")};
    slice_vec_add(&arena, &release.inventory_notes,
                  SLICE("no advisories for Debian: its files don't say which release it is"));
    r = recommend(&release, 0);
    assert_int_equal(r.code, ASSESSED_UNVERIFIED);
    assert_true(slice_eq_str(r.description, "The image is not assessed, or not in full: no advisories for Debian: its "
                                            "files don't say which release it is."));
}

static void test_unverified_says_why(void **state)
{
    (void)state;
    struct known_image waiting = known_new(), partial = known_new(), unsure = known_new(), broken = known_new(),
                       nobody = known_new();
    waiting.has_inventory = waiting.has_findings = false;
    partial.inventory_status = INVENTORY_PARTIAL;
    slice_vec_add(&arena, &partial.inventory_reasons, SLICE("layer x is broken"));
    slice_vec_add(&arena, &unsure.findings.reasons, SLICE("no advisories of Debian:12 are known"));
    broken.images.v[0].status = IMAGE_UNREADABLE;
    broken.images.v[0].reason = SLICE("401");
    nobody.findings.ecosystem = SLICE_NONE;
    assert_int_equal(recommend(&waiting, 0).code, ASSESSED_UNVERIFIED);
    assert_int_equal(recommend(&waiting, 0).reasons.n, 1);
    assert_int_equal(recommend(&partial, 0).code, ASSESSED_UNVERIFIED);
    assert_true(slice_eq_str(recommend(&partial, 0).reasons.v[0], "layer x is broken"));
    assert_int_equal(recommend(&unsure, 0).code, ASSESSED_UNVERIFIED);
    assert_int_equal(recommend(&broken, 0).code, ASSESSED_UNVERIFIED);
    assert_true(slice_eq_str(recommend(&broken, 0).reasons.v[0], "401"));
    assert_int_equal(recommend(&nobody, 0).code, ASSESSED_NOT_APPLICABLE);
    /* What decided is told first, whatever else there is to know. */
    nobody.os = (struct os_info){.id = SLICE("a"), .name = SLICE("A 1"), .end_of_life = SLICE("2020-01-31")};
    slice_vec_add(&arena, &nobody.inventory_notes, SLICE("a note"));
    struct recommendation r = recommend(&nobody, 0);
    assert_true(slice_eq_str(r.description,
                             "The image can't be judged: nobody publishes advisories for this operating system. "
                             "The publisher of A 1 maintains it until 2020-01-31 and no longer."));
    assert_int_equal(r.reasons.n, 2);
    nobody.os.end_of_life = SLICE_NONE;
    nobody.findings.packages = 0;
    r = recommend(&nobody, 0);
    assert_int_equal(r.code, ASSESSED_NOT_APPLICABLE);
    assert_true(slice_eq_str(
        r.description,
        "The image can't be judged: no operating system is in it, so that there are no packages to judge."));
    /* What was found counts even where not everything could be read. */
    finding_add(&partial, "CVE-1", SEVERITY_LOW, "");
    assert_int_equal(recommend(&partial, 0).code, ASSESSED_UNHEALTHY);
    assert_int_equal(recommend(&partial, 0).reasons.n, 1);
}

static void test_running_containers(void **state)
{
    (void)state;
    struct known_image k = known_new();
    struct workload *w = VEC_ADD(&arena, &k.workloads);
    *w = (struct workload){
        .cluster = SLICE("prod"), .ns = SLICE("shop"), .owner = SLICE("web"), .container = SLICE("app"), .running = 2};
    finding_add(&k, "CVE-1", SEVERITY_CRITICAL, "");
    struct recommendation r = recommend(&k, 0);
    assert_true(slice_eq_str(r.resource_id, "prod/shop/web/app@sha256:1"));
    assert_true(slice_eq_str(r.assessment_key, "e9acaf48-d2cf-45a3-a6e7-3caa2ef769e0"));
    assert_int_equal(r.code, ASSESSED_UNHEALTHY);
    assert_int_equal(recommend(&k, 1).critical, 1);
}

static alert_vec alerts(const struct known_image *k, told_vec *told)
{
    alert_vec v = {0};
    told_vec now = {0};
    struct err e = ERR_INIT;
    assert_int_equal(assess_alerts(k, told, SLICE("test"), 77, &arena, &v, &now, &e), 0);
    *told = now;
    return v;
}

static void test_alerts_are_differences(void **state)
{
    (void)state;
    struct known_image k = known_new();
    told_vec told = {0};
    finding_add(&k, "CVE-2", SEVERITY_LOW, "");
    finding_add(&k, "CVE-1", SEVERITY_HIGH, "1.0-2");
    k.knowledge[1] = (struct vulnerability){.id = SLICE("CVE-1"), .kev = true, .epss = 0.5};
    alert_vec v = alerts(&k, &told);
    assert_int_equal(v.n, 2);
    assert_int_equal(v.v[0].kind, ALERT_APPEARED);
    assert_true(slice_eq_str(v.v[0].vulnerability, "CVE-1"));
    assert_true(v.v[0].known_exploited);
    assert_int_equal(v.v[0].at_ms, 77);
    assert_int_equal(v.v[0].resources.n, 1);
    assert_int_equal(alerts(&k, &told).n, 0);

    k.findings.findings.v[0].severity = SEVERITY_CRITICAL;
    k.findings.findings.v[0].fixed_version = SLICE("2");
    v = alerts(&k, &told);
    assert_int_equal(v.n, 1);
    assert_int_equal(v.v[0].kind, ALERT_CHANGED);
    assert_int_equal(v.v[0].old_severity, SEVERITY_LOW);
    assert_int_equal(v.v[0].severity, SEVERITY_CRITICAL);

    k.findings.findings.n = 1;
    v = alerts(&k, &told);
    assert_int_equal(v.n, 1);
    assert_int_equal(v.v[0].kind, ALERT_RESOLVED);
    assert_true(slice_eq_str(v.v[0].vulnerability, "CVE-1"));
}

static void test_ids_are_of_what_is_said(void **state)
{
    (void)state;
    struct known_image k = known_new();
    told_vec none = {0}, again = {0};
    finding_add(&k, "CVE-1", SEVERITY_HIGH, "2");
    alert_vec a = alerts(&k, &none), b = alerts(&k, &again);
    assert_int_equal(a.v[0].id.n, 32);
    assert_true(slice_eq(a.v[0].id, b.v[0].id));
    k.findings.findings.v[0].severity = SEVERITY_LOW;
    told_vec third = {0};
    assert_false(slice_eq(alerts(&k, &third).v[0].id, a.v[0].id));
}

static void test_waiting_takes_nothing_back_and_deletion_does(void **state)
{
    (void)state;
    struct known_image k = known_new();
    told_vec told = {0};
    finding_add(&k, "CVE-1", SEVERITY_HIGH, "2");
    assert_int_equal(alerts(&k, &told).n, 1);
    k.has_findings = false;
    assert_int_equal(alerts(&k, &told).n, 0);
    assert_int_equal(told.n, 1);
    k.has_findings = true;
    k.images.n = 0;
    alert_vec v = alerts(&k, &told);
    assert_int_equal(v.n, 1);
    assert_int_equal(v.v[0].kind, ALERT_RESOLVED);
    assert_int_equal(told.n, 0);
}

static void test_exempted_is_not_counted(void **state)
{
    (void)state;
    struct known_image k = known_new();
    const bool exempted[] = {true, false};
    finding_add(&k, "CVE-1", SEVERITY_HIGH, "2");
    finding_add(&k, "CVE-2", SEVERITY_LOW, "2");
    k.exempted = exempted;
    assert_int_equal(recommend(&k, 0).high, 0);
    assert_int_equal(recommend(&k, 0).low, 1);
    told_vec told = {0};
    assert_int_equal(alerts(&k, &told).n, 1);
}

static void test_told_round_trip(void **state)
{
    (void)state;
    struct told t = {.vulnerability = SLICE("CVE-1"),
                     .package = SLICE("p"),
                     .version = SLICE("1"),
                     .location = SLICE("x"),
                     .fixed_version = SLICE("2"),
                     .type = PKG_APK,
                     .severity = SEVERITY_MEDIUM,
                     .verdict = VERDICT_WONT_FIX,
                     .known_exploited = true};
    struct told back;
    struct buf b = BUF_INIT(4096);
    assert_int_equal(told_encode(&t, &b), 0);
    assert_true(told_decode(buf_slice(&b), &back));
    assert_int_equal(told_order(&t, &back), 0);
    assert_int_equal(back.severity, SEVERITY_MEDIUM);
    assert_int_equal(back.verdict, VERDICT_WONT_FIX);
    assert_true(back.known_exploited);
    for (size_t n = 0; n < b.n; n++)
        assert_false(told_decode(slice_of(b.p, n), &back));
    buf_done(&b);
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_subscribers_fixes_are_apart),
        cmocka_unit_test(test_unknown_systems_are_unverified),
        cmocka_unit_test(test_unverified_says_why),
        cmocka_unit_test(test_running_containers),
        cmocka_unit_test(test_alerts_are_differences),
        cmocka_unit_test(test_ids_are_of_what_is_said),
        cmocka_unit_test(test_waiting_takes_nothing_back_and_deletion_does),
        cmocka_unit_test(test_exempted_is_not_counted),
        cmocka_unit_test(test_told_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
