/* SPDX-License-Identifier: Apache-2.0 */
/* One test a rule of judge.h, on made advisories; the Debian ones carry the versions that Debian really published. */
#include "unit/judge_world.h"

static finding_vec found;
static struct reasons reasons;
static struct slice S(const char *s) {
    return slice_str(s);
}

/* An advisory about one range; "" leaves a bound out. cves: blank-separated. */
static struct advisory *
add(const char *ecosystem, const char *package, const char *id, const char *cves, const char *introduced,
    const char *fixed)
{
    struct advisory *a = VEC_ADD(&arena, &known);
    struct slice list = S(cves), one;
    *a = (struct advisory){.ecosystem = S(ecosystem), .package = S(package), .id = S(id), .feed = S("test")};
    while (slice_take_token(&list, ' ', &one))
        slice_vec_add(&arena, &a->cves, one);
    if (*introduced || *fixed)
        *VEC_ADD(&arena, &a->ranges) = (struct version_range){S(introduced), S(fixed), SLICE_NONE};
    return a;
}

static struct package dpkg(const char *name, const char *version)
{
    return (struct package){.type = PKG_DPKG, .name = S(name), .version = S(version), .architecture = S("amd64")};
}

static struct package apk(const char *name, const char *version)
{
    return (struct package){.type = PKG_APK, .name = S(name), .version = S(version), .architecture = S("x86_64")};
}

static size_t judge_order(const char *ecosystem, struct package p, void *backwards)
{
    struct os_info os = {.ecosystem = S(ecosystem)};
    struct advisory_source source = {lookup, backwards, NULL};
    struct err e = ERR_INIT;
    found = (finding_vec){0};
    reasons = (struct reasons){0};
    if (judge_package(&os, &p, &source, &arena, &found, &reasons, &e))
        fail_msg("judge_package: %s", e.text);
    /* Whatever the case: every rule holds when it is run again. */
    for (size_t i = 0; i < found.n; i++) {
        bool holds = false;
        if (judge_rule_holds(found.v[i].rule, &holds, &e) || !holds)
            fail_msg("rule %.*s: %s", SLICE_FMT(found.v[i].rule), e.text);
        assert_true(!i || judge_finding_order(&found.v[i - 1], &found.v[i]) < 0);
        assert_true(found.v[i].sources.n > 0);
    }
    return found.n;
}

static size_t judge(const char *ecosystem, struct package p)
{
    return judge_order(ecosystem, p, NULL);
}

#define TEXT(slice, text)                                                                                              \
    do {                                                                                                               \
        if (!slice_eq((slice), slice_str(text)))                                                                       \
            fail_msg("%s:%d: \"%.*s\" is not \"%s\"", __FILE__, __LINE__, SLICE_FMT(slice), (text));                   \
    } while (0)

static void test_source_package_and_rule(void **state)
{
    (void)state;
    add("Debian:11", "openssl", "DSA-5417-1", "CVE-2023-0464 CVE-2023-0465", "0", "1.1.1n-0+deb11u5");
    struct package p = dpkg("libssl1.1", "1.1.1n-0+deb11u4");
    p.source_name = S("openssl");
    p.layer = S("sha256:l");
    p.location = S("var/lib/dpkg/status");
    assert_int_equal(judge("Debian:11", p), 2);
    TEXT(found.v[0].vulnerability, "CVE-2023-0464");
    TEXT(found.v[0].rule, "dpkg source openssl 1.1.1n-0+deb11u4 < 1.1.1n-0+deb11u5 (DSA-5417-1)");
    TEXT(found.v[0].fixed_version, "1.1.1n-0+deb11u5");
    TEXT(found.v[0].fix_reference, "DSA-5417-1");
    TEXT(found.v[0].package, "libssl1.1");
    TEXT(found.v[0].layer, "sha256:l");
    TEXT(found.v[0].location, "var/lib/dpkg/status");
    TEXT(found.v[1].vulnerability, "CVE-2023-0465");
    assert_int_equal(found.v[0].verdict, VERDICT_AFFECTED);
    p.version = S("1.1.1n-0+deb11u5");
    assert_int_equal(judge("Debian:11", p), 0);
    assert_int_equal(judge("Debian:12", p), 0);
    assert_int_equal(judge("", p), 0);
    /* The binary's own name is not what a source advisory speaks of. */
    add("Debian:11", "libssl1.1", "X-1", "CVE-2000-0001", "0", "");
    assert_int_equal(judge("Debian:11", p), 0);
}

static void test_the_source_version_decides(void **state)
{
    (void)state;
    add("Debian:12", "gcc-12", "DEBIAN-CVE-2023-4039", "CVE-2023-4039", "0", "12.2.0-14+deb12u1");
    struct package p = dpkg("libgcc-s1", "99:12.2.0-14");
    p.source_name = S("gcc-12");
    p.source_version = S("12.2.0-14");
    assert_int_equal(judge("Debian:12", p), 1);
    TEXT(found.v[0].rule, "dpkg source gcc-12 12.2.0-14 < 12.2.0-14+deb12u1 (DEBIAN-CVE-2023-4039)");
    p.version = S("1:12.2.0-14+b1");
    p.source_version = S("12.2.0-14+deb12u1");
    assert_int_equal(judge("Debian:12", p), 0);
}

static void test_a_rebuild_has_its_source_version(void **state)
{
    (void)state;
    add("Debian:12", "a", "DEBIAN-CVE-2023-0001", "CVE-2023-0001", "0", "1.0-1+a1");
    assert_int_equal(judge("Debian:12", dpkg("a", "1.0-1+b7")), 1);
    TEXT(found.v[0].rule, "dpkg source a 1.0-1 < 1.0-1+a1 (DEBIAN-CVE-2023-0001)");
    TEXT(found.v[0].version, "1.0-1+b7");
    /* Not a rebuild: an upstream "+b" without digits, a version of nothing else. */
    assert_int_equal(judge("Debian:12", dpkg("a", "1.0-1+b")), 0);
}

static void test_binary_and_either_names(void **state)
{
    (void)state;
    struct package p = dpkg("libx1", "2:5");
    p.source_name = S("x");
    p.source_version = S("5");
    add("E", "libx1", "B-1", "CVE-2020-0001", "0", "2:6")->name_kind = NAME_BINARY;
    add("E", "x", "B-2", "CVE-2020-0002", "0", "6")->name_kind = NAME_BINARY;
    add("E", "x", "B-3", "CVE-2020-0003", "0", "6")->name_kind = NAME_EITHER;
    add("E", "libx1", "B-4", "CVE-2020-0004", "0", "2:6")->name_kind = NAME_EITHER;
    assert_int_equal(judge("E", p), 3);
    TEXT(found.v[0].rule, "dpkg binary libx1 2:5 < 2:6 (B-1)");
    TEXT(found.v[1].rule, "dpkg source x 5 < 6 (B-3)");
    TEXT(found.v[2].rule, "dpkg binary libx1 2:5 < 2:6 (B-4)");
}

static void test_ranges(void **state)
{
    (void)state;
    struct advisory *a = add("E", "p", "R-1", "CVE-2020-0001", "1.0", "1.5");
    *VEC_ADD(&arena, &a->ranges) = (struct version_range){S("2.0"), SLICE_NONE, S("2.4")};
    *VEC_ADD(&arena, &a->ranges) = (struct version_range){S("3.0"), S("3.2"), SLICE_NONE};
    slice_vec_add(&arena, &a->versions, S("0.7"));
    static const struct {
        const char *version, *fix, *rule;
    } cases[] = {
        {"0.9", NULL, NULL},
        {"0.7", "1.5", "dpkg source p 0.7 = 0.7 (R-1)"},
        {"1.0", "1.5", "dpkg source p 1.0 >= 1.0 and < 1.5 (R-1)"},
        {"1.4.9", "1.5", "dpkg source p 1.4.9 >= 1.0 and < 1.5 (R-1)"},
        {"1.5", NULL, NULL},
        {"1.5~rc1", "1.5", "dpkg source p 1.5~rc1 >= 1.0 and < 1.5 (R-1)"},
        {"2.0", "3.2", "dpkg source p 2.0 >= 2.0 and <= 2.4 (R-1)"},
        {"2.4", "3.2", "dpkg source p 2.4 >= 2.0 and <= 2.4 (R-1)"},
        {"2.4.1", NULL, NULL},
        {"3.1", "3.2", "dpkg source p 3.1 >= 3.0 and < 3.2 (R-1)"},
        {"1:0.1", NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(judge("E", dpkg("p", cases[i].version)), cases[i].rule ? 1 : 0);
        if (cases[i].rule) {
            TEXT(found.v[0].rule, cases[i].rule);
            TEXT(found.v[0].fixed_version, cases[i].fix);
        }
    }
}

static void test_no_bound_is_every_version(void **state)
{
    (void)state;
    add("E", "p", "R-1", "CVE-2020-0001", "0", "");
    assert_int_equal(judge("E", dpkg("p", "99")), 1);
    TEXT(found.v[0].rule, "dpkg source p 99 any (R-1)");
    assert_int_equal(found.v[0].fixed_version.n, 0);
}

static void test_alpine_zero_is_not_affected(void **state)
{
    (void)state;
    add("Alpine:v3.20", "openssl", "A-1", "CVE-2024-0727", "", "0");
    add("Alpine:v3.20", "openssl", "A-2", "CVE-2024-4741", "", "3.3.0-r3");
    struct package p = apk("libssl3", "3.3.0-r2");
    p.source_name = S("openssl");
    assert_int_equal(judge("Alpine:v3.20", p), 1);
    TEXT(found.v[0].rule, "apk source openssl 3.3.0-r2 < 3.3.0-r3 (A-2)");
    assert_int_equal(judge("Alpine:3.20", p), 1);
    assert_int_equal(judge("Alpine:v3.19", p), 0);
    /* It overrides another that says affected. */
    add("Alpine:v3.20", "openssl", "A-3", "CVE-2024-0727", "0", "");
    assert_int_equal(judge("Alpine:v3.20", p), 1);
}

static void test_not_affected_overrides(void **state)
{
    (void)state;
    add("Debian:12", "p", "DSA-1-1", "CVE-2020-0001 CVE-2020-0002", "0", "2");
    add("Debian:12", "p", "VEX-1", "CVE-2020-0001", "", "")->verdict = VERDICT_NOT_AFFECTED;
    add("Debian:12", "p", "VEX-2", "CVE-2020-0002", "0", "1")->verdict = VERDICT_NOT_AFFECTED;
    assert_int_equal(judge("Debian:12", dpkg("p", "1.5")), 1);
    TEXT(found.v[0].vulnerability, "CVE-2020-0002");
    assert_int_equal(judge("Debian:12", dpkg("p", "0.5")), 0);
}

static void test_one_finding_from_two_sources(void **state)
{
    (void)state;
    struct advisory *a = add("Debian:11", "p", "DEBIAN-CVE-2020-0001", "CVE-2020-0001", "0", "2-1");
    a->severity = S("low");
    *VEC_ADD(&arena, &a->scores) =
        (struct score){S("NVD"), S("CVSS:3.1"), S("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")};
    a = add("Debian:11", "p", "DSA-1-1", "CVE-2020-0001", "0", "2-1");
    a->feed = S("dsa");
    *VEC_ADD(&arena, &a->scores) = a[-1].scores.v[0];
    assert_int_equal(judge("Debian:11", dpkg("p", "1-1")), 1);
    assert_int_equal(found.v[0].sources.n, 2);
    TEXT(found.v[0].sources.v[0].advisory, "DSA-1-1");
    TEXT(found.v[0].sources.v[1].advisory, "DEBIAN-CVE-2020-0001");
    TEXT(found.v[0].fix_reference, "DSA-1-1");
    TEXT(found.v[0].rule, "dpkg source p 1-1 < 2-1 (DEBIAN-CVE-2020-0001)");
    assert_int_equal(found.v[0].scores.n, 1);
    assert_int_equal(found.v[0].severity, SEVERITY_LOW);
    TEXT(found.v[0].severity_source, "Debian");
}

static void test_the_record_of_the_cve_decides_over_bulletins(void **state)
{
    (void)state;
    add("Debian:11", "p", "DEBIAN-CVE-2020-0001", "CVE-2020-0001", "0", "1-2");
    add("Debian:11", "p", "DSA-1-2", "CVE-2020-0001 CVE-2020-0002", "0", "1-3");
    assert_int_equal(judge("Debian:11", dpkg("p", "1-1")), 2);
    TEXT(found.v[0].fixed_version, "1-2");
    TEXT(found.v[1].fixed_version, "1-3");
    /* Fixed says the record, so the bulletin's later version is about the other one. */
    assert_int_equal(judge("Debian:11", dpkg("p", "1-2")), 1);
    TEXT(found.v[0].vulnerability, "CVE-2020-0002");
    /* A record that starts later than this version, too. */
    add("Debian:11", "q", "DEBIAN-CVE-2020-0003", "CVE-2020-0003", "5", "6");
    add("Debian:11", "q", "DSA-2-1", "CVE-2020-0003", "0", "6");
    assert_int_equal(judge("Debian:11", dpkg("q", "4")), 0);
}

static void test_the_lowest_version_that_really_fixes(void **state)
{
    (void)state;
    add("E", "p", "A", "CVE-2020-0001", "0", "1.2");
    add("E", "p", "B", "CVE-2020-0001", "0", "1.4");
    struct advisory *c = add("E", "p", "C", "CVE-2020-0001", "0", "1.1");
    *VEC_ADD(&arena, &c->ranges) = (struct version_range){S("1.4"), S("1.5"), SLICE_NONE};
    *VEC_ADD(&arena, &c->ranges) = (struct version_range){S("1.7"), S("1.8"), SLICE_NONE};
    assert_int_equal(judge("E", dpkg("p", "1.0")), 1);
    TEXT(found.v[0].fixed_version, "1.5");
    assert_int_equal(found.v[0].sources.n, 3);
    /* 1.3 is past A and in no range of C: only B affects it. */
    assert_int_equal(judge("E", dpkg("p", "1.3")), 1);
    TEXT(found.v[0].fixed_version, "1.4");
    assert_int_equal(found.v[0].sources.n, 1);
    /* One without an end: nothing fixes. */
    add("E", "p", "D", "CVE-2020-0001", "0", "");
    assert_int_equal(judge("E", dpkg("p", "1.0")), 1);
    assert_int_equal(found.v[0].fixed_version.n, 0);
    assert_int_equal(found.v[0].fix_reference.n, 0);
}

static void test_ubuntu_spellings(void **state)
{
    (void)state;
    add("Ubuntu:22.04:LTS", "p", "UBUNTU-CVE-2020-0001", "CVE-2020-0001", "0", "2");
    add("Ubuntu:23.10", "p", "UBUNTU-CVE-2020-0002", "CVE-2020-0002", "0", "2");
    assert_int_equal(judge("Ubuntu:22.04", dpkg("p", "1")), 1);
    assert_int_equal(judge("Ubuntu:22.04:LTS", dpkg("p", "1")), 1);
    assert_int_equal(judge("Ubuntu:23.10", dpkg("p", "1")), 1);
    assert_int_equal(judge("Ubuntu:20.04", dpkg("p", "1")), 0);
    TEXT(judge_ecosystem_base(S("Ubuntu:Pro:22.04:LTS"), &arena), "Ubuntu:22.04");
    TEXT(judge_ecosystem_base(S("Ubuntu:22.04"), &arena), "Ubuntu:22.04");
    TEXT(judge_ecosystem_base(S("Alpine:3.20"), &arena), "Alpine:v3.20");
    TEXT(judge_ecosystem_base(S("Alpine:edge"), &arena), "Alpine:edge");
    TEXT(judge_ecosystem_base(S("Debian:12"), &arena), "Debian:12");
}

static void test_every_spelling_has_the_same_base(void **state)
{
    (void)state;
    static const char *const all[] = {"Ubuntu:22.04", "Ubuntu:22.04:LTS", "Ubuntu:23.10", "Alpine:v3.20",
                                      "Alpine:3.20",  "Alpine:edge",      "Debian:12",    "Wolfi"};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct judge_ecosystem to[JUDGE_ECOSYSTEMS_MAX];
        size_t n = judge_ecosystems(S(all[i]), &arena, to);
        bool itself = false;
        for (size_t k = 0; k < n; k++) {
            assert_true(slice_eq(judge_ecosystem_base(to[k].name, &arena), judge_ecosystem_base(S(all[i]), &arena)));
            itself |= slice_eq_str(to[k].name, all[i]);
        }
        assert_true(itself);
    }
}

static void test_ubuntu_pro(void **state)
{
    (void)state;
    /* Fixed only in Pro. */
    add("Ubuntu:20.04:LTS", "a", "UBUNTU-CVE-2020-0001", "CVE-2020-0001", "0", "");
    add("Ubuntu:Pro:20.04:LTS", "a", "USN-1-1", "CVE-2020-0001", "0", "1-1ubuntu1+esm1");
    assert_int_equal(judge("Ubuntu:20.04:LTS", dpkg("a", "1-1ubuntu1")), 1);
    assert_int_equal(found.v[0].verdict, VERDICT_NEEDS_SUBSCRIPTION);
    TEXT(found.v[0].fixed_version, "1-1ubuntu1+esm1");
    TEXT(found.v[0].fix_reference, "USN-1-1");
    assert_int_equal(found.v[0].sources.n, 2);
    /* The ESM version is installed. */
    assert_int_equal(judge("Ubuntu:20.04:LTS", dpkg("a", "1-1ubuntu1+esm1")), 0);
    /* Fixed in the free one. */
    add("Ubuntu:20.04:LTS", "b", "UBUNTU-CVE-2020-0002", "CVE-2020-0002", "0", "1-1ubuntu2");
    add("Ubuntu:Pro:20.04:LTS", "b", "UBUNTU-PRO-CVE-2020-0002", "CVE-2020-0002", "0", "1-1ubuntu1+esm1");
    assert_int_equal(judge("Ubuntu:20.04:LTS", dpkg("b", "1-1ubuntu1")), 1);
    assert_int_equal(found.v[0].verdict, VERDICT_AFFECTED);
    TEXT(found.v[0].fixed_version, "1-1ubuntu2");
    assert_int_equal(judge("Ubuntu:20.04:LTS", dpkg("b", "1-1ubuntu1+esm2")), 0);
    assert_int_equal(judge("Ubuntu:20.04:LTS", dpkg("b", "1-1ubuntu2")), 0);
    /* Known in Pro alone. */
    add("Ubuntu:Pro:20.04:LTS", "c", "USN-2-1", "CVE-2020-0003", "0", "2+esm1");
    assert_int_equal(judge("Ubuntu:20.04:LTS", dpkg("c", "2")), 1);
    assert_int_equal(found.v[0].verdict, VERDICT_NEEDS_SUBSCRIPTION);
    /* Fixed nowhere. */
    add("Ubuntu:20.04:LTS", "d", "UBUNTU-CVE-2020-0004", "CVE-2020-0004", "0", "")->verdict = VERDICT_WONT_FIX;
    add("Ubuntu:Pro:20.04:LTS", "d", "UBUNTU-PRO-CVE-2020-0004", "CVE-2020-0004", "0", "");
    assert_int_equal(judge("Ubuntu:20.04:LTS", dpkg("d", "2")), 1);
    assert_int_equal(found.v[0].verdict, VERDICT_WONT_FIX);
    assert_int_equal(found.v[0].fixed_version.n, 0);
}

static void test_verdicts(void **state)
{
    (void)state;
    static const struct {
        enum verdict a, b, expected;
    } cases[] = {
        {VERDICT_AFFECTED, VERDICT_AFFECTED, VERDICT_AFFECTED},
        {VERDICT_AFFECTED, VERDICT_WONT_FIX, VERDICT_WONT_FIX},
        {VERDICT_END_OF_LIFE, VERDICT_WONT_FIX, VERDICT_WONT_FIX},
        {VERDICT_END_OF_LIFE, VERDICT_AFFECTED, VERDICT_END_OF_LIFE},
        {VERDICT_UNDER_INVESTIGATION, VERDICT_AFFECTED, VERDICT_AFFECTED},
        {VERDICT_UNDER_INVESTIGATION, VERDICT_UNDER_INVESTIGATION, VERDICT_UNDER_INVESTIGATION},
        {VERDICT_NEEDS_SUBSCRIPTION, VERDICT_AFFECTED, VERDICT_NEEDS_SUBSCRIPTION},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        known = (advisory_vec){0};
        add("E", "p", "A", "CVE-2020-0001", "0", "")->verdict = cases[i].a;
        add("E", "p", "B", "CVE-2020-0001", "0", "")->verdict = cases[i].b;
        assert_int_equal(judge("E", dpkg("p", "1")), 1);
        assert_int_equal(found.v[0].verdict, cases[i].expected);
    }
    /* With a fix: what the fixing advisory says. */
    known = (advisory_vec){0};
    add("E", "p", "A", "CVE-2020-0001", "0", "2")->verdict = VERDICT_NEEDS_SUBSCRIPTION;
    assert_int_equal(judge("E", dpkg("p", "1")), 1);
    assert_int_equal(found.v[0].verdict, VERDICT_NEEDS_SUBSCRIPTION);
    /* A word on all versions without naming any. */
    known = (advisory_vec){0};
    add("E", "p", "A", "CVE-2020-0001", "", "")->verdict = VERDICT_END_OF_LIFE;
    assert_int_equal(judge("E", dpkg("p", "1")), 1);
    TEXT(found.v[0].rule, "dpkg source p 1 any (A)");
}

static void test_names_of_findings(void **state)
{
    (void)state;
    add("E", "p", "TEMP-1", "", "0", "");
    struct advisory *a = add("E", "p", "GHSA-1", "", "0", "");
    slice_vec_add(&arena, &a->aliases, S("CVE-2020-0009"));
    slice_vec_add(&arena, &a->aliases, S("PYSEC-1"));
    assert_int_equal(judge("E", dpkg("p", "1")), 2);
    TEXT(found.v[0].vulnerability, "CVE-2020-0009");
    TEXT(found.v[1].vulnerability, "TEMP-1");
}

static void test_architecture_and_module(void **state)
{
    (void)state;
    slice_vec_add(&arena, &add("E", "p", "A", "CVE-2020-0001", "0", "")->architectures, S("i386"));
    add("E", "p", "B", "CVE-2020-0002", "0", "")->module = S("nodejs:18");
    struct package p = dpkg("p", "1");
    assert_int_equal(judge("E", p), 0);
    p.architecture = S("i386");
    p.module = S("nodejs:18");
    assert_int_equal(judge("E", p), 2);
    p.architecture = S("all");
    p.module = S("nodejs:20");
    assert_int_equal(judge("E", p), 1);
}

static void test_versions_that_cannot_be_compared(void **state)
{
    (void)state;
    add("E", "p", "A", "CVE-2020-0001", "0", "not a version");
    add("E", "p", "B", "CVE-2020-0002", "0", "2");
    assert_int_equal(judge("E", dpkg("p", "1")), 1);
    assert_int_equal(reasons.texts.n, 1);
    assert_true(slice_find_slice(reasons.texts.v[0], S("dpkg source p 1: A can't be applied: ")) == 0);
    /* An installed version that is none: one reason, whatever the number of advisories. */
    assert_int_equal(judge("E", dpkg("p", "what is this")), 0);
    assert_int_equal(reasons.texts.n, 1);
    /* None at all when nobody speaks of the package. */
    assert_int_equal(judge("E", dpkg("q", "what is this")), 0);
    assert_int_equal(reasons.texts.n, 0);
    /* A range that can't be read does not hide one that holds. */
    known = (advisory_vec){0};
    struct advisory *a = add("E", "p", "A", "CVE-2020-0001", "0", "??");
    *VEC_ADD(&arena, &a->ranges) = (struct version_range){S("0"), S("2"), SLICE_NONE};
    assert_int_equal(judge("E", dpkg("p", "1")), 1);
    assert_int_equal(reasons.texts.n, 0);
    assert_int_equal(judge("E", dpkg("p", "3")), 0);
    assert_int_equal(reasons.texts.n, 1);
    /* Affected, but which versions? */
    known = (advisory_vec){0};
    add("E", "p", "A", "CVE-2020-0001", "", "");
    assert_int_equal(judge("E", dpkg("p", "1")), 0);
    assert_int_equal(reasons.texts.n, 1);
}

static void test_reasons_are_bounded(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++)
        add("E", "p", (char *)(uintptr_t)arena_printf(&arena, "A-%d", i).p, "CVE-2020-0001", "0", "??");
    assert_int_equal(judge("E", dpkg("p", "1")), 0);
    assert_int_equal(reasons.texts.n, JUDGE_REASONS_MAX + 1);
}

/* Where no source is named, advisories about the package's own name decide, and without any nobody knows. */
static void test_an_unknown_source(void **state)
{
    (void)state;
    add("Ubuntu:24.04:LTS", "openssl", "U-1", "CVE-2024-0001", "0", "2");
    struct package p = dpkg("openssl", "1"), q = dpkg("libssl3t64", "1");
    assert_int_equal(judge("Ubuntu:24.04:LTS", q), 0);
    assert_int_equal(reasons.texts.n, 0); /* its source is its own name */
    p.source_unknown = q.source_unknown = true;
    assert_int_equal(judge("Ubuntu:24.04:LTS", p), 1);
    assert_int_equal(reasons.texts.n, 0);
    p.version = S("3");
    assert_int_equal(judge("Ubuntu:24.04:LTS", p), 0);
    assert_int_equal(reasons.texts.n, 0);
    assert_int_equal(judge("Ubuntu:24.04:LTS", q), 0);
    assert_true(reasons.texts.n == 1 && reasons_has(&reasons, REASON_SOURCE_UNKNOWN));
    struct package named = q;
    named.source_unknown = false;
    assert_true(judge_same(&q, &q) && !judge_same(&q, &named));
}

static void test_kinds_of_package_without_an_order(void **state)
{
    (void)state;
    add("E", "p", "A", "CVE-2020-0001", "0", "2");
    struct package p = {.type = PKG_NIX, .name = S("p"), .version = S("1")};
    assert_int_equal(judge("E", p), 0);
    assert_int_equal(reasons.texts.n, 1);
    p.name = S("q");
    assert_int_equal(judge("E", p), 0);
    assert_int_equal(reasons.texts.n, 0);
}

static void test_the_order_of_advisories_does_not_matter(void **state)
{
    (void)state;
    for (int i = 0; i < 60; i++) {
        struct advisory *a =
            add(i % 3 ? "Ubuntu:22.04:LTS" : "Ubuntu:Pro:22.04:LTS", "p",
                (char *)(uintptr_t)arena_printf(&arena, "%s-%d", i % 4 ? "USN" : "UBUNTU-CVE-2020-0001", i).p,
                i % 2 ? "CVE-2020-0001 CVE-2020-0002" : "CVE-2020-0001", "0",
                (char *)(uintptr_t)arena_printf(&arena, "%d", i % 7 + 1).p);
        a->severity = S(i % 5 ? "low" : "high");
    }
    size_t n = judge_order("Ubuntu:22.04", dpkg("p", "3"), NULL);
    finding_vec first = found;
    assert_true(n > 0);
    assert_int_equal(judge_order("Ubuntu:22.04", dpkg("p", "3"), &n), n);
    for (size_t i = 0; i < n; i++) {
        assert_true(slice_eq(first.v[i].rule, found.v[i].rule));
        assert_true(slice_eq(first.v[i].fixed_version, found.v[i].fixed_version));
        assert_true(slice_eq(first.v[i].fix_reference, found.v[i].fix_reference));
        assert_true(slice_eq(first.v[i].severity_source, found.v[i].severity_source));
        assert_int_equal(first.v[i].sources.n, found.v[i].sources.n);
        for (size_t k = 0; k < found.v[i].sources.n; k++)
            assert_true(slice_eq(first.v[i].sources.v[k].advisory, found.v[i].sources.v[k].advisory));
    }
}

static void test_a_full_arena_is_partial(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++)
        add("E", "p", (char *)(uintptr_t)arena_printf(&arena, "A-%d", i).p, "", "0", "2");
    struct os_info os = {.ecosystem = S("E")};
    struct package p = dpkg("p", "1");
    struct advisory_source source = {lookup, NULL, NULL};
    struct err e = ERR_INIT;
    finding_vec out = {0};
    struct reasons why = {0};
    struct arena small = ARENA_INIT(800000);
    assert_int_equal(judge_package(&os, &p, &source, &small, &out, &why, &e), -1);
    assert_int_equal(e.kind, ERR_PARTIAL);
    arena_done(&small);
}

static void test_rules_that_are_none(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "dpkg",
                                        "dpkg source p 1 < 2",
                                        "nix source p 1 < 2 (A)",
                                        "dpkg elsewhere p 1 < 2 (A)",
                                        "dpkg source p 1 ~ 2 (A)",
                                        "dpkg source p 1 < (A)",
                                        "dpkg source p 1 (A)",
                                        "dpkg source p (A)",
                                        "(A)"};
    bool holds;
    struct err e = ERR_INIT;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        if (!judge_rule_holds(S(wrong[i]), &holds, &e))
            fail_msg("%s was read", wrong[i]);
    assert_int_equal(judge_rule_holds(S("dpkg source p 3 >= 1 and < 2 (A)"), &holds, &e), 0);
    assert_false(holds);
    assert_int_equal(judge_rule_holds(S("dpkg source p 1 >= 1 and < 2 (A)"), &holds, &e), 0);
    assert_true(holds);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_source_package_and_rule),
        T(test_the_source_version_decides),
        T(test_a_rebuild_has_its_source_version),
        T(test_binary_and_either_names),
        T(test_ranges),
        T(test_no_bound_is_every_version),
        T(test_alpine_zero_is_not_affected),
        T(test_not_affected_overrides),
        T(test_one_finding_from_two_sources),
        T(test_the_record_of_the_cve_decides_over_bulletins),
        T(test_the_lowest_version_that_really_fixes),
        T(test_ubuntu_spellings),
        T(test_every_spelling_has_the_same_base),
        T(test_ubuntu_pro),
        T(test_verdicts),
        T(test_names_of_findings),
        T(test_architecture_and_module),
        T(test_versions_that_cannot_be_compared),
        T(test_reasons_are_bounded),
        T(test_an_unknown_source),
        T(test_kinds_of_package_without_an_order),
        T(test_the_order_of_advisories_does_not_matter),
        T(test_a_full_arena_is_partial),
        T(test_rules_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
