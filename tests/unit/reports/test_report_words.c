/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "reports/report_words.h"
#include "model/distro/distro.h"

static struct arena arena = ARENA_INIT(1 << 20);
static const struct text_terminal plain;

static void test_fixed_words(void **state)
{
    (void)state;
    static const struct {
        enum verdict verdict;
        const char *fixed, *want;
        bool fixable, subscription;
    } rows[] = {
        {VERDICT_AFFECTED, "1.0-2", "1.0-2", true, false},
        {VERDICT_AFFECTED, "", "(none yet)", false, false},
        {VERDICT_WONT_FIX, "", "(will not be fixed)", false, false},
        {VERDICT_END_OF_LIFE, "", "(end of life)", false, false},
        {VERDICT_UNDER_INVESTIGATION, "", "(under investigation)", false, false},
        {VERDICT_NEEDS_SUBSCRIPTION, "", "(needs a subscription)", false, true},
        {VERDICT_NEEDS_SUBSCRIPTION, "1.0-2+esm1", "1.0-2+esm1 (subscription)", false, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct finding f = {.verdict = rows[i].verdict, .fixed_version = slice_str(rows[i].fixed)};
        assert_true(slice_eq_str(report_fixed(&f, &arena), rows[i].want));
        assert_int_equal(finding_fixable(&f), rows[i].fixable);
        assert_int_equal(finding_subscription(&f), rows[i].subscription);
    }
}

static void test_extent(void **state)
{
    (void)state;
    struct package dpkg = {.type = PKG_DPKG}, nix = {.type = PKG_NIX};
    const package_vec none = {0}, one = {&dpkg, 1, 1}, built = {&nix, 1, 1};
    const struct os_info no_system = {.name = SLICE("no operating system")}, unknown = {0},
                         debian = {.id = SLICE("debian"), .ecosystem = SLICE("Debian:12")},
                         nowhere = {.id = SLICE("debian")}, wrt = {.id = SLICE("openwrt")},
                         haiku = {.id = SLICE("haiku")};
    assert_int_equal(report_extent_of(INVENTORY_COMPLETE, &no_system, &none), REPORT_JUDGED);
    assert_int_equal(report_extent_of(INVENTORY_PARTIAL, &debian, &one), REPORT_JUDGED);
    assert_int_equal(report_extent_of(INVENTORY_PARTIAL, &debian, &none), REPORT_NOT_ASSESSED);
    assert_int_equal(report_extent_of(INVENTORY_FAILED, &no_system, &none), REPORT_NOT_ASSESSED);
    assert_int_equal(report_extent_of(INVENTORY_COMPLETE, &nowhere, &one), REPORT_NOT_ASSESSED);
    assert_int_equal(report_extent_of(INVENTORY_COMPLETE, &unknown, &one), REPORT_NOT_ASSESSED);
    assert_int_equal(report_extent_of(INVENTORY_COMPLETE, &unknown, &built), REPORT_NOBODYS);
    assert_int_equal(report_extent_of(INVENTORY_COMPLETE, &wrt, &one), REPORT_NOBODYS);
    assert_int_equal(report_extent_of(INVENTORY_COMPLETE, &haiku, &one), REPORT_NOT_ASSESSED);
}

static void expect_text(const struct assessed_image *a, const char *want)
{
    struct buf out = BUF_INIT(65536);
    report_notes(a, &plain, &out);
    report_reasons(a, &plain, &out);
    report_summary(a, &plain, &out);
    report_unread(a, &plain, &out);
    assert_string_equal(buf_cstr(&out), want);
    buf_done(&out);
}

static void test_what_a_filter_hides(void **state)
{
    (void)state;
    const struct os_info os = {.id = SLICE("debian"), .version_id = SLICE("12")};
    struct assessed_image r = {.inventory.os = os,
                               .status = INVENTORY_COMPLETE,
                               .filter = SLICE("--severity critical --only-fixed"),
                               .counts = FINDING_COUNTS_INIT};
    expect_text(&r, "\n0 findings\n");
    r.counts.filtered = 7;
    expect_text(&r, "\n0 findings\n7 findings are not shown (--severity critical --only-fixed)\n");
    r.counts.filtered = 1;
    expect_text(&r, "\n0 findings\n1 finding is not shown (--severity critical --only-fixed)\n");
    struct buf out = BUF_INIT(256);
    report_system(&r, &out);
    assert_string_equal(buf_cstr(&out), "debian 12");
    buf_done(&out);
}

/* Malicious packages go before everything, notices are no findings. */
static void test_kinds(void **state)
{
    (void)state;
    struct finding f[] = {{.kind = ADVISORY_NOTICE, .vulnerability = SLICE("R-1"), .severity = SEVERITY_CRITICAL},
                          {.vulnerability = SLICE("C-1"), .severity = SEVERITY_CRITICAL},
                          {.kind = ADVISORY_MALICIOUS, .vulnerability = SLICE("M-1"), .severity = SEVERITY_CRITICAL},
                          {.vulnerability = SLICE("C-2"), .severity = SEVERITY_UNKNOWN}};
    struct vulnerability known[ARRAY_LEN(f)] = {0};
    struct assessed_image a = {.findings = {f, ARRAY_LEN(f), ARRAY_LEN(f)},
                               .known = known,
                               .policy = {.unhealthy_from = SEVERITY_CRITICAL},
                               .counts = FINDING_COUNTS_INIT};
    assert_true(assessed_image_sort(&a, &arena));
    assert_true(slice_eq_str(a.findings.v[0].vulnerability, "M-1") &&
                slice_eq_str(a.findings.v[1].vulnerability, "C-1"));
    assert_true(slice_eq_str(a.findings.v[2].vulnerability, "C-2") &&
                slice_eq_str(a.findings.v[3].vulnerability, "R-1"));
    assessed_image_count(&a);
    assert_int_equal(a.counts.findings, 3);
    assert_int_equal(a.counts.severity[SEVERITY_CRITICAL], 2);
    assert_int_equal(a.counts.counted,
                     1); /* by the policy nothing without a fix counts, but that is no vulnerability */
    struct buf out = BUF_INIT(1 << 16);
    report_summary(&a, &plain, &out);
    assert_true(slice_eq_str(buf_slice(&out),
                             "\n3 findings: 1 malicious, 1 critical, 1 unknown; 1 counts; 0 can be fixed; 1 notice\n"));
    buf_done(&out);
    assert_true(slice_eq_str(report_weight(&f[0]), "notice") && slice_eq_str(report_weight(&f[2]), "malicious"));
    assert_true(slice_eq_str(report_package(PKG_MAVEN, SLICE("g"), SLICE("a"), &arena), "g:a"));
    assert_true(slice_eq_str(report_package(PKG_NPM, SLICE("@s"), SLICE("n"), &arena), "@s/n"));
}

static void test_what_stands_around(void **state)
{
    (void)state;
    struct slice why[] = {SLICE("a reason"), SLICE("another")};
    const struct reasons none = {0}, one = {.texts = {why, 1, 1}}, two = {.texts = {why, 2, 2}};
    struct unread jars = {.kind = SLICE("java"), .count = 3};
    const struct os_info os = {.id = SLICE("openwrt"), .name = SLICE("OpenWrt"), .end_of_life = SLICE("2024-05-21")};
    struct assessed_image r = {.inventory.os = os,
                               .now_ms = 1716249600000 /* 2024-05-21 */,
                               .status = INVENTORY_COMPLETE,
                               .counts = FINDING_COUNTS_INIT};
    expect_text(&r, "\n0 findings\n");
    const struct finding free_fix = {.severity = SEVERITY_HIGH, .fixed_version = SLICE("2")},
                         sold_fix = {.severity = SEVERITY_LOW,
                                     .fixed_version = SLICE("2"),
                                     .verdict = VERDICT_NEEDS_SUBSCRIPTION};
    const struct vulnerability exploited = {.id = SLICE("CVE-1"), .kev = true};
    finding_counts_add(&r.counts, &POLICY_DEFAULT, &free_fix, &exploited);
    finding_counts_add(&r.counts, &POLICY_DEFAULT, &sold_fix, NULL);
    r.status = INVENTORY_PARTIAL;
    r.reasons = one;
    r.now_ms += 86400000;
    expect_text(&r, "\nOpenWrt is past its end of life since 2024-05-21; nobody tells of new vulnerabilities in it\n"
                    "\nPARTIAL: not everything could be assessed, so there may be more.\n  - a reason\n"
                    "\n2 findings: 1 high, 1 low; 1 can be fixed, 1 with a subscription; 1 known to be exploited\n");
    r.counts = FINDING_COUNTS_INIT;
    r.now_ms = 0;
    r.extent = REPORT_NOBODYS;
    expect_text(&r, "\nnot judged: no advisories for OpenWrt\n");
    r.reasons = two;
    expect_text(&r, "\nPARTIAL: not everything could be assessed, so there may be more.\n  - a reason\n  - another\n"
                    "\nnot judged: no advisories for OpenWrt\n");
    /* What was seen and is not judged stands below whatever was found, and "0 findings" is not said of nothing. */
    r.inventory.unread = (unread_vec){&jars, 1, 1};
    expect_text(&r, "\nPARTIAL: not everything could be assessed, so there may be more.\n  - a reason\n  - another\n"
                    "\nnot judged: no advisories for OpenWrt\nSeen and not judged: 3 Java archives\n");
    r.extent = REPORT_JUDGED;
    r.status = INVENTORY_COMPLETE;
    r.reasons = none;
    expect_text(&r, "\nnothing is judged: no packages that advisories speak of are in it\n"
                    "Seen and not judged: 3 Java archives\n");
    r.inventory.unread = (unread_vec){0};
    r.status = INVENTORY_PARTIAL;
    r.reasons = two;
    r.extent = REPORT_NOT_ASSESSED;
    r.inventory.notes = one; /* told among the reasons */
    expect_text(&r, "\nNOT ASSESSED: nothing in it could be judged, so nothing is known of its vulnerabilities.\n"
                    "  - a reason\n  - another\n");
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
        cmocka_unit_test(test_fixed_words),         cmocka_unit_test(test_extent),
        cmocka_unit_test(test_what_a_filter_hides), cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_what_stands_around),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
