/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/known_image.h"
#include "model/software.h"

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
    /* Healthy speaks of what is read. */
    struct known_image seen = known_new();
    unread_add(&arena, &seen.unread, SLICE("java"), 3, SLICE("app/a.jar"));
    struct recommendation beside = recommend(&seen, 0);
    assert_int_equal(beside.code, ASSESSED_HEALTHY);
    assert_true(slice_eq_str(beside.description, "The image has no known vulnerabilities. Seen in it and not judged: 3 "
                                                 "Java archives."));
    assert_int_equal(beside.reasons.texts.n, 1);
    assert_true(slice_eq_str(beside.reasons.texts.v[0], "seen and not judged: 3 Java archives (app/a.jar …)"));
    finding_add(&k, "CVE-1", SEVERITY_HIGH, "1.0-2");
    finding_add(&k, "CVE-2", SEVERITY_NEGLIGIBLE, "");
    struct recommendation r = recommend(&k, 0);
    assert_int_equal(r.code, ASSESSED_UNHEALTHY);
    assert_int_equal(r.high, 1);
    assert_int_equal(r.low, 0);
    assert_int_equal(r.negligible, 1);
    assert_int_equal(r.counted, 1);
    assert_int_equal(r.fixable, 1);
    assert_true(slice_eq_str(r.assessment_key, "33422d8f-ab1e-42be-bc9a-38685bb567b9"));
    assert_true(slice_eq_str(r.resource_id, "r.example/team/app@sha256:1"));
    assert_true(slice_eq_str(r.description,
                             "The image has 2 known vulnerabilities (0 critical, 1 high), 1 of them with a fix."));
}

/* What does not count by the policy is told and counted by severity, and makes nothing unhealthy. */
static void test_policy(void **state)
{
    static const struct {
        enum severity severity;
        const char *fixed;
        enum verdict verdict;
        enum severity from;
        bool unfixed, unhealthy;
    } rows[] = {
        {SEVERITY_NEGLIGIBLE, "", VERDICT_AFFECTED, SEVERITY_LOW, true, false},
        {SEVERITY_NEGLIGIBLE, "2", VERDICT_AFFECTED, SEVERITY_LOW, true, false},
        {SEVERITY_NEGLIGIBLE, "", VERDICT_AFFECTED, SEVERITY_NEGLIGIBLE, true, true},
        {SEVERITY_LOW, "", VERDICT_AFFECTED, SEVERITY_LOW, true, true},
        {SEVERITY_LOW, "", VERDICT_AFFECTED, SEVERITY_MEDIUM, true, false},
        {SEVERITY_UNKNOWN, "", VERDICT_AFFECTED, SEVERITY_CRITICAL, true, true},
        {SEVERITY_HIGH, "", VERDICT_WONT_FIX, SEVERITY_LOW, false, false},
        {SEVERITY_HIGH, "2+esm1", VERDICT_NEEDS_SUBSCRIPTION, SEVERITY_LOW, false, false},
        {SEVERITY_HIGH, "2", VERDICT_AFFECTED, SEVERITY_LOW, false, true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct known_image k = known_new();
        finding_add(&k, "CVE-1", rows[i].severity, rows[i].fixed)->verdict = rows[i].verdict;
        k.policy = (struct policy){rows[i].from, rows[i].unfixed};
        struct recommendation r = recommend(&k, 0);
        assert_int_equal(r.code, rows[i].unhealthy ? ASSESSED_UNHEALTHY : ASSESSED_HEALTHY);
        assert_int_equal(r.counted, rows[i].unhealthy);
        assert_int_equal(r.critical + r.high + r.medium + r.low + r.negligible + r.unknown, 1);
        if (!rows[i].unhealthy)
            assert_true(slice_eq_str(r.description,
                                     "The image has no known vulnerabilities that count; 1 is known that does not, by "
                                     "the settings unhealthy_from and unhealthy_unfixed."));
    }
    assert_int_equal(policy_of("high", false).unhealthy_from, SEVERITY_HIGH);
    assert_int_equal(policy_of(NULL, true).unhealthy_from, SEVERITY_LOW);
}

/* Silence about a system that its publisher left is no health; what was found counts as ever. */
static void test_past_its_end_is_not_healthy(void **state)
{
    static const char sentence[] =
        "A 1 is past its end of life since 2020-01-31; nobody tells of new vulnerabilities in it";
    (void)state;
    struct known_image k = known_new();
    k.os = (struct os_info){.id = SLICE("a"), .name = SLICE("A 1"), .end_of_life = SLICE("2020-01-31")};
    k.now_ms = INT64_C(1580428800000); /* 2020-01-31 */
    struct recommendation r = recommend(&k, 0);
    assert_int_equal(r.code, ASSESSED_HEALTHY);
    assert_false(r.ended);
    assert_true(slice_eq_str(r.end_of_life, "2020-01-31"));
    k.now_ms += 86400000;
    r = recommend(&k, 0);
    assert_int_equal(r.code, ASSESSED_UNVERIFIED);
    assert_true(r.ended);
    assert_int_equal(r.reasons.texts.n, 1);
    assert_true(slice_eq_str(r.reasons.texts.v[0], sentence));
    assert_true(slice_find_slice(r.description, slice_str(sentence)) > 0);
    finding_add(&k, "CVE-1", SEVERITY_NEGLIGIBLE, "");
    assert_int_equal(recommend(&k, 0).code, ASSESSED_UNVERIFIED);
    finding_add(&k, "CVE-2", SEVERITY_HIGH, "");
    r = recommend(&k, 0);
    assert_int_equal(r.code, ASSESSED_UNHEALTHY);
    assert_int_equal(r.reasons.texts.n, 1);
    assert_true(slice_eq_str(r.reasons.texts.v[0], sentence));
    assert_true(slice_find_slice(r.description, slice_str(sentence)) > 0);
    k.now_ms = 0; /* which day it is is not known */
    assert_false(recommend(&k, 0).ended);
}

static void test_subscribers_fixes_are_apart(void **state)
{
    (void)state;
    struct known_image k = known_new();
    finding_add(&k, "CVE-1", SEVERITY_HIGH, "1.0-2+esm1")->verdict = VERDICT_NEEDS_SUBSCRIPTION;
    struct recommendation r = recommend(&k, 0);
    assert_int_equal(r.high, 1);
    assert_int_equal(r.fixable, 0);
    assert_true(slice_eq_str(r.description, "The image has 1 known vulnerability (0 critical, 1 high), 0 of them "
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
    reasons_add(&arena, &none.inventory_notes, REASON_SOFTWARE_OWNER_UNKNOWN, SLICE("another note"));
    reasons_add(&arena, &none.inventory_notes, REASON_SYSTEM_UNKNOWN,
                SLICE("the operating system is not known: there is no os-release"));
    struct recommendation r = recommend(&none, 0);
    assert_int_equal(r.code, ASSESSED_UNVERIFIED);
    assert_true(slice_eq_str(r.description, "The image is not assessed, or not in full: the operating system is not "
                                            "known: there is no os-release."));
    release.os = (struct os_info){.id = SLICE("debian"), .name = SLICE("Debian")};
    reasons_add(&arena, &release.inventory_notes, REASON_RELEASE_UNKNOWN,
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
    reasons_add(&arena, &partial.inventory_reasons, REASON_LAYER_BROKEN, SLICE("layer x is broken"));
    reasons_add(&arena, &unsure.findings.reasons, REASON_NO_ADVISORIES, SLICE("no advisories of Debian:12 are known"));
    broken.images.v[0].status = IMAGE_UNREADABLE;
    broken.images.v[0].reason = reason_make(REASON_IMAGE_BROKEN, SLICE("401"));
    nobody.findings.ecosystem = SLICE_NONE;
    assert_int_equal(recommend(&waiting, 0).code, ASSESSED_UNVERIFIED);
    assert_int_equal(recommend(&waiting, 0).reasons.texts.n, 1);
    assert_int_equal(recommend(&partial, 0).code, ASSESSED_UNVERIFIED);
    assert_true(slice_eq_str(recommend(&partial, 0).reasons.texts.v[0], "layer x is broken"));
    assert_int_equal(recommend(&unsure, 0).code, ASSESSED_UNVERIFIED);
    assert_int_equal(recommend(&broken, 0).code, ASSESSED_UNVERIFIED);
    assert_true(slice_eq_str(recommend(&broken, 0).reasons.texts.v[0], "401"));
    assert_int_equal(recommend(&nobody, 0).code, ASSESSED_NOT_APPLICABLE);
    /* What decided is told first, whatever else there is to know. */
    nobody.os = (struct os_info){.id = SLICE("a"), .name = SLICE("A 1"), .end_of_life = SLICE("2020-01-31")};
    reasons_add(&arena, &nobody.inventory_notes, REASON_PACKAGES_NOT_JUDGED, SLICE("a note"));
    struct recommendation r = recommend(&nobody, 0);
    assert_true(slice_eq_str(r.description,
                             "The image can't be judged: nobody publishes advisories for this operating system. "
                             "The publisher of A 1 maintains it until 2020-01-31 and no longer."));
    assert_int_equal(r.reasons.texts.n, 2);
    nobody.os.end_of_life = SLICE_NONE;
    nobody.findings.packages = 0;
    r = recommend(&nobody, 0);
    assert_int_equal(r.code, ASSESSED_NOT_APPLICABLE);
    assert_true(slice_eq_str(r.description, "The image can't be judged: no operating system and no library is in it, "
                                            "so that there are no packages to judge."));
    /* What was found counts even where not everything could be read. */
    finding_add(&partial, "CVE-1", SEVERITY_LOW, "");
    assert_int_equal(recommend(&partial, 0).code, ASSESSED_UNHEALTHY);
    assert_int_equal(recommend(&partial, 0).reasons.texts.n, 1);
}

/* Only what decided the code is why; findings speak for themselves, whatever else is told of the image. */
static void test_why(void **state)
{
    (void)state;
    struct image_state s;
    struct known_image k = known_new();
    reasons_add(&arena, &k.inventory_notes, REASON_SOFTWARE_OWNER_UNKNOWN, SLICE("a note"));
    assess_state(&k, &arena, &s);
    assert_int_equal(s.code, ASSESSED_HEALTHY);
    assert_int_equal(s.why.text.n, 0);
    finding_add(&k, "CVE-1", SEVERITY_HIGH, "");
    assess_state(&k, &arena, &s);
    assert_int_equal(s.code, ASSESSED_UNHEALTHY);
    assert_int_equal(s.why.text.n, 0);
    assert_int_equal(s.reasons.texts.n, 1);
    struct known_image partial = known_new();
    partial.inventory_status = INVENTORY_PARTIAL;
    reasons_add(&arena, &partial.inventory_reasons, REASON_LAYER_BROKEN, SLICE("a layer is broken"));
    reasons_add(&arena, &partial.inventory_notes, REASON_SOFTWARE_OWNER_UNKNOWN, SLICE("a note"));
    assess_state(&partial, &arena, &s);
    assert_int_equal(s.code, ASSESSED_UNVERIFIED);
    assert_true(slice_eq_str(s.why.text, "a layer is broken"));
    assert_int_equal(reason_code(s.why), REASON_LAYER_BROKEN);
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

/* What nobody asks for any more is not healthy in silence; what was found counts as ever. */
static void test_unwatched(void **state)
{
    (void)state;
    struct known_image k = known_new();
    k.images.v[0].unwatched_ms = INT64_C(1580428800000); /* 2020-01-31 */
    struct recommendation r = recommend(&k, 0);
    assert_int_equal(r.code, ASSESSED_UNVERIFIED);
    assert_int_equal(r.reasons.texts.n, 1);
    assert_true(slice_find_slice(r.reasons.texts.v[0], SLICE("does not name its repository since 2020-01-31")) >= 0);
    finding_add(&k, "CVE-1", SEVERITY_HIGH, "");
    r = recommend(&k, 0);
    assert_int_equal(r.code, ASSESSED_UNHEALTHY);
    assert_int_equal(r.reasons.texts.n, 1);
}

/* Chosen among an index's images without knowing the node's platform. */
static void test_assumed_platform(void **state)
{
    (void)state;
    struct known_image k = known_new();
    struct workload *w = VEC_ADD(&arena, &k.workloads);
    *w = (struct workload){
        .digest = k.digest, .cluster = SLICE("prod"), .owner = SLICE("web"), .platform_assumed = true};
    k.images.v[0].os = SLICE("linux");
    k.images.v[0].architecture = SLICE("amd64");
    struct recommendation r = recommend(&k, 0);
    assert_true(slice_eq_str(r.cluster, "prod"));
    assert_int_equal(r.code, ASSESSED_HEALTHY);
    assert_int_equal(r.reasons.texts.n, 1);
    assert_true(
        slice_eq_str(r.reasons.texts.v[0], "the platform of its node is not known; this is the image for linux/amd64"));
    assert_int_equal(recommend(&k, 1).reasons.texts.n, 0); /* of the image in its registry */
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
        cmocka_unit_test(test_why),
        cmocka_unit_test(test_policy),
        cmocka_unit_test(test_past_its_end_is_not_healthy),
        cmocka_unit_test(test_subscribers_fixes_are_apart),
        cmocka_unit_test(test_unknown_systems_are_unverified),
        cmocka_unit_test(test_unverified_says_why),
        cmocka_unit_test(test_running_containers),
        cmocka_unit_test(test_unwatched),
        cmocka_unit_test(test_assumed_platform),
        cmocka_unit_test(test_exempted_is_not_counted),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
