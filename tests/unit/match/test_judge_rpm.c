/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of judge.h that are rpm's: epochs, modules, architectures, source names, products, verdicts without a fix.
 */
#include "unit/judge_world.h"

static finding_vec found;
static struct reasons reasons;

static struct slice S(const char *s) {
    return slice_str(s);
}

/* fixed "": no fix, all versions. */
static struct advisory *
add(const char *ecosystem, enum name_kind kind, const char *package, const char *id, const char *fixed)
{
    struct advisory *a = VEC_ADD(&arena, &known);
    *a = (struct advisory){
        .ecosystem = S(ecosystem), .name_kind = kind, .package = S(package), .id = S(id), .feed = S("test")};
    slice_vec_add(&arena, &a->cves, slice_from(S(id), (size_t)slice_find_slice(S(id), S("CVE-"))));
    *VEC_ADD(&arena, &a->ranges) = (struct version_range){S("0"), S(fixed), SLICE_NONE};
    return a;
}

static struct package rpm(const char *name, const char *version, const char *architecture)
{
    return (struct package){.type = PKG_RPM, .name = S(name), .version = S(version), .architecture = S(architecture)};
}

/* "verdict fixed-version", "-" for no finding, "…; …" for more. */
static const char *judge_on(const char *ecosystem, const char *products, struct package p)
{
    static char text[512];
    struct os_info os = {.ecosystem = S(ecosystem)};
    struct advisory_source source = {lookup, NULL, NULL};
    struct slice list = S(products), one;
    struct err e = ERR_INIT;
    while (slice_take_token(&list, ' ', &one))
        if (one.n)
            slice_vec_add(&arena, &os.products, one);
    found = (finding_vec){0};
    reasons = (struct reasons){0};
    if (judge_package(&os, &p, &source, &arena, &found, &reasons, &e))
        fail_msg("judge_package: %s", e.text);
    snprintf(text, sizeof text, "%s", found.n ? "" : "-");
    for (size_t i = 0; i < found.n; i++) {
        bool holds = false;
        size_t n = strlen(text);
        if (judge_rule_holds(found.v[i].rule, &holds, &e) || !holds)
            fail_msg("rule %.*s: %s", SLICE_FMT(found.v[i].rule), e.text);
        snprintf(text + n, sizeof text - n, "%s%s %.*s", i ? "; " : "", verdict_names[found.v[i].verdict],
                 SLICE_FMT(found.v[i].fixed_version.n ? found.v[i].fixed_version : S("-")));
    }
    return text;
}

static const char *judge(struct package p)
{
    return judge_on("Red Hat:9", "", p);
}

#define RH8 "Red Hat:8"
#define RH9 "Red Hat:9"

static void test_epochs(void **state)
{
    (void)state;
    add(RH9, NAME_BINARY, "openssl", "CVE-2023-6237", "1:3.0.7-27.el9");
    assert_string_equal(judge(rpm("openssl", "1:3.0.7-26.el9", "x86_64")), "affected 1:3.0.7-27.el9");
    assert_string_equal(judge(rpm("openssl", "1:3.0.7-27.el9", "x86_64")), "-");
    /* Of a binary no epoch is epoch 0. */
    assert_string_equal(judge(rpm("openssl", "3.0.7-27.el9", "x86_64")), "affected 1:3.0.7-27.el9");
    assert_string_equal(judge(rpm("openssl", "0:3.0.7-27.el9", "x86_64")), "affected 1:3.0.7-27.el9");
    /* An advisory without an epoch says nothing about it; one that says 0 does. */
    add(RH9, NAME_BINARY, "bind", "CVE-2023-1", "9.16.23-11.el9");
    assert_string_equal(judge(rpm("bind", "32:9.16.23-10.el9", "x86_64")), "affected 9.16.23-11.el9");
    assert_string_equal(judge(rpm("bind", "32:9.16.23-11.el9", "x86_64")), "-");
    add(RH9, NAME_BINARY, "dhcp", "CVE-2023-2", "0:4.4.2-19.el9");
    assert_string_equal(judge(rpm("dhcp", "12:4.4.2-18.el9", "x86_64")), "-");
}

static void test_source_packages_have_no_epoch(void **state)
{
    (void)state;
    add(RH9, NAME_SOURCE, "perl", "CVE-2023-47038", "4:5.32.1-481.el9");
    struct package p = rpm("perl-Errno", "1.30-480.el9", "x86_64");
    p.source_name = S("perl");
    p.source_version = S("5.32.1-480.el9");
    assert_string_equal(judge(p), "affected 4:5.32.1-481.el9");
    assert_true(slice_eq(found.v[0].rule, S("rpm source perl 5.32.1-480.el9 < 4:5.32.1-481.el9 (CVE-2023-47038)")));
    p.source_version = S("5.32.1-481.el9");
    assert_string_equal(judge(p), "-");
    p.source_version = S("4:5.32.1-480.el9");
    assert_string_equal(judge(p), "affected 4:5.32.1-481.el9");
    /* The binary of that name is another package than the source. */
    add(RH9, NAME_BINARY, "perl", "CVE-2023-3", "4:5.32.1-482.el9");
    assert_string_equal(judge(p), "affected 4:5.32.1-481.el9");
}

static void test_architectures(void **state)
{
    (void)state;
    struct advisory *a = add(RH9, NAME_BINARY, "glibc", "CVE-2023-4911", "2.34-60.el9_2.7");
    slice_vec_add(&arena, &a->architectures, S("x86_64"));
    slice_vec_add(&arena, &a->architectures, S("i686"));
    assert_string_equal(judge(rpm("glibc", "2.34-60.el9", "x86_64")), "affected 2.34-60.el9_2.7");
    assert_string_equal(judge(rpm("glibc", "2.34-60.el9", "i686")), "affected 2.34-60.el9_2.7");
    assert_string_equal(judge(rpm("glibc", "2.34-60.el9", "i586")), "affected 2.34-60.el9_2.7");
    assert_string_equal(judge(rpm("glibc", "2.34-60.el9", "aarch64")), "-");
    assert_string_equal(judge(rpm("glibc", "2.34-60.el9", "")), "affected 2.34-60.el9_2.7");
    assert_string_equal(judge(rpm("glibc", "2.34-60.el9", "noarch")), "affected 2.34-60.el9_2.7");
    /* One record an architecture, each with its version: an i686 package is judged as i686. */
    add(RH9, NAME_BINARY, "zlib", "x86_64/CVE-2022-37434", "1.2.11-32.el9");
    slice_vec_add(&arena, &known.v[1].architectures, S("x86_64"));
    add(RH9, NAME_BINARY, "zlib", "i686/CVE-2022-37434", "1.2.11-33.el9");
    slice_vec_add(&arena, &known.v[2].architectures, S("i686"));
    assert_string_equal(judge(rpm("zlib", "1.2.11-31.el9", "x86_64")), "affected 1.2.11-32.el9");
    assert_string_equal(judge(rpm("zlib", "1.2.11-32.el9", "x86_64")), "-");
    assert_string_equal(judge(rpm("zlib", "1.2.11-32.el9", "i686")), "affected 1.2.11-33.el9");
    /* What is for all machines or is source speaks of every one. */
    add(RH9, NAME_BINARY, "tzdata", "CVE-2023-9", "2023c-2.el9");
    slice_vec_add(&arena, &known.v[3].architectures, S("noarch"));
    add(RH9, NAME_SOURCE, "tar", "CVE-2023-10", "2:1.34-7.el9");
    slice_vec_add(&arena, &known.v[4].architectures, S("src"));
    assert_string_equal(judge(rpm("tzdata", "2023c-1.el9", "noarch")), "affected 2023c-2.el9");
    assert_string_equal(judge(rpm("tar", "2:1.34-6.el9", "s390x")), "affected 2:1.34-7.el9");
}

static struct package modular(const char *name, const char *version, const char *module)
{
    struct package p = rpm(name, version, "x86_64");
    p.module = S(module);
    return p;
}

static void test_modules_by_their_label(void **state)
{
    (void)state;
    const char *old = "1:18.17.1-1.module+el9.2.0+19753+58118bc0", *new = "1:18.19.0-1.module+el9.3.0+20883+d4c0ef4f";
    struct advisory *a = add(RH9, NAME_BINARY, "nodejs", "nodejs:18/CVE-2023-44487", new);
    a->module = S("nodejs:18");
    assert_string_equal(judge(modular("nodejs", old, "nodejs:18")),
                        "affected 1:18.19.0-1.module+el9.3.0+20883+d4c0ef4f");
    assert_string_equal(judge(modular("nodejs", old, "nodejs:18:9020020230825081254:rhel9")),
                        "affected 1:18.19.0-1.module+el9.3.0+20883+d4c0ef4f");
    assert_string_equal(judge(modular("nodejs", new, "nodejs:18")), "-");
    assert_string_equal(judge(modular("nodejs", old, "nodejs:20")), "-");
    assert_string_equal(judge(modular("nodejs", old, "nodejs:180")), "-");
    /* The system's own nodejs is of no module. */
    assert_string_equal(judge(rpm("nodejs", "1:16.20.1-1.el9_2", "x86_64")), "-");
    assert_int_equal(reasons.texts.n, 0);
    a->module = S("nodejs:18:9030020231213152126:rhel9");
    assert_string_equal(judge(modular("nodejs", old, "nodejs:18")),
                        "affected 1:18.19.0-1.module+el9.3.0+20883+d4c0ef4f");
    /* And what is said of it is not said of modules. */
    add(RH9, NAME_BINARY, "nodejs", "CVE-2023-44487", "1:16.20.2-1.el9_2");
    assert_string_equal(judge(rpm("nodejs", "1:16.20.1-1.el9_2", "x86_64")), "affected 1:16.20.2-1.el9_2");
    assert_string_equal(judge(modular("nodejs", "1:16.1.0-1.module+el9.2.0+1+a", "nodejs:16")), "-");
    add(RH9, NAME_EITHER, "nodejs", "CVE-2024-1", "")->verdict = VERDICT_WONT_FIX;
    assert_string_equal(judge(modular("nodejs", new, "nodejs:18")), "-");
    assert_string_equal(judge(rpm("nodejs", "1:16.20.2-1.el9_2", "x86_64")), "wont_fix -");
}

static void test_modules_that_are_not_stated(void **state)
{
    (void)state;
    add(RH8, NAME_BINARY, "php", "CVE-2023-3823", "7.4.33-1.module+el8.8.0+1+a");
    add(RH8, NAME_BINARY, "php", "CVE-2023-3824", "8.0.30-1.module+el8.8.0+1+a");
    /* The advisory says no stream; the package's version tells. */
    assert_string_equal(judge_on(RH8, "", modular("php", "7.4.30-1.module+el8.6.0+1+b", "php:7.4")),
                        "affected 7.4.33-1.module+el8.8.0+1+a");
    assert_int_equal(reasons.texts.n, 0);
    /* Two streams of one major version: said, not guessed. */
    assert_string_equal(judge_on(RH8, "", modular("php", "7.2.24-1.module+el8.2.0+1+b", "php:7.2")), "-");
    assert_int_equal(reasons.texts.n, 1);
    assert_true(slice_starts(reasons.texts.v[0], S("rpm php 7.2.24-1.module+el8.2.0+1+b: it can't be told")));
    /* Not of a module at all, or of another system's. */
    assert_string_equal(judge_on(RH8, "", rpm("php", "7.4.30-1.el8", "x86_64")), "-");
    assert_int_equal(reasons.texts.n, 0);
    assert_string_equal(judge_on(RH8, "", rpm("php", "7.4.30-1.module_f30+1+b", "x86_64")), "-");
    /* From 11 on a major version is one stream; "_el8" and "+el8" are one system. */
    add(RH8, NAME_BINARY, "nodejs", "CVE-2023-4", "1:18.19.0-1.module_el8.9.0+1+a");
    assert_string_equal(judge_on(RH8, "", modular("nodejs", "1:18.4.0-1.module+el8.6.0+1+b", "nodejs:18")),
                        "affected 1:18.19.0-1.module_el8.9.0+1+a");
    assert_string_equal(judge_on(RH8, "", modular("nodejs", "1:16.4.0-1.module+el8.6.0+1+b", "nodejs:16")), "-");
    assert_int_equal(reasons.texts.n, 0);
    /* A package whose database lost its label. */
    assert_string_equal(judge_on(RH8, "", rpm("nodejs", "1:18.4.0-1.module+el8.6.0+1+b", "x86_64")),
                        "affected 1:18.19.0-1.module_el8.9.0+1+a");
    add(RH8, NAME_BINARY, "nodejs", "nodejs:20/CVE-2023-5", "")->module = S("nodejs:20");
    judge_on(RH8, "", rpm("nodejs", "1:18.4.0-1.module+el8.6.0+1+b", "x86_64"));
    assert_int_equal(reasons.texts.n, 1);
}

static void test_products_go_before_the_system(void **state)
{
    (void)state;
    const char *eus = "rhel_eus:9.0";
    add(RH9, NAME_BINARY, "curl", "CVE-2023-38545", "7.76.1-26.el9_3.2");
    add("Red Hat:rhel_eus:9.0", NAME_BINARY, "curl", "CVE-2023-38545", "7.76.1-14.el9_0.9");
    struct package p = rpm("curl", "7.76.1-14.el9_0.8", "x86_64");
    assert_string_equal(judge_on(RH9, eus, p), "affected 7.76.1-14.el9_0.9");
    assert_string_equal(judge_on(RH9, "", p), "affected 7.76.1-26.el9_3.2");
    p.version = S("7.76.1-14.el9_0.9");
    assert_string_equal(judge_on(RH9, eus, p), "-");
    /* Who has the build of 9.0 that mends it has it, whatever else the system says of itself. */
    assert_string_equal(judge_on(RH9, "", p), "-");
    assert_string_equal(judge_on(RH9, "rhel_eus:9.2", p), "-");
    assert_string_equal(judge_on(RH9, "", rpm("curl", "7.76.1-14.el9", "x86_64")), "affected 7.76.1-26.el9_3.2");
    /* One of the product that doesn't speak of this version leaves it to the system's. */
    add(RH9, NAME_BINARY, "nss", "CVE-2024-9", "3.90.0-6.el9_3");
    add("Red Hat:rhel_eus:9.0", NAME_BINARY, "nss", "CVE-2024-9", "3.95.0-1.el9_0")->ranges.v[0].introduced =
        S("3.94.0-1.el9_0");
    assert_string_equal(judge_on(RH9, eus, rpm("nss", "3.90.0-5.el9_0", "x86_64")), "affected 3.90.0-6.el9_3");
    assert_string_equal(judge_on(RH9, eus, rpm("nss", "3.94.0-2.el9_0", "x86_64")), "affected 3.95.0-1.el9_0");
    /* What only the system's says holds still. */
    add(RH9, NAME_BINARY, "curl", "CVE-2024-2398", "7.76.1-29.el9_4.1");
    assert_string_equal(judge_on(RH9, eus, p), "affected 7.76.1-29.el9_4.1");
    /* Not affected in the product, whatever the system's says; and the other way. */
    add("Red Hat:rhel_eus:9.0", NAME_EITHER, "curl", "CVE-2024-2398", "")->verdict = VERDICT_NOT_AFFECTED;
    assert_string_equal(judge_on(RH9, eus, p), "-");
    add(RH9, NAME_EITHER, "wget", "CVE-2024-5", "")->verdict = VERDICT_NOT_AFFECTED;
    add("Red Hat:openshift:4.12", NAME_EITHER, "wget", "CVE-2024-5", "");
    assert_string_equal(judge_on(RH9, "openshift:4.12 rhel_eus:9.0", rpm("wget", "1.21-7.el9", "x86_64")),
                        "affected -");
    assert_string_equal(judge_on(RH9, "", rpm("wget", "1.21-7.el9", "x86_64")), "-");
    /* What is said of all releases of a product comes after what is said of the one, before the system. */
    add(RH9, NAME_BINARY, "podman", "CVE-2024-6", "2:4.9.4-1.el9");
    add("Red Hat:openshift:4", NAME_EITHER, "podman", "CVE-2024-6", "");
    add("Red Hat:openshift:4.12::el9", NAME_BINARY, "podman", "CVE-2024-6", "3:4.4.1-2.rhaos4.12.el9");
    p = rpm("podman", "3:4.4.1-2.rhaos4.12.el9", "x86_64");
    assert_string_equal(judge_on(RH9, "openshift:4.12::el9", p), "-");
    assert_string_equal(judge_on(RH9, "openshift:4.13::el9", p), "affected -");
    p.version = S("3:4.4.1-1.rhaos4.12.el9");
    assert_string_equal(judge_on(RH9, "openshift:4.12::el9 openshift:4.13::el9", p),
                        "affected 3:4.4.1-2.rhaos4.12.el9");
}

static void test_verdicts_without_a_fix(void **state)
{
    (void)state;
    static const enum verdict verdicts[] = {VERDICT_AFFECTED, VERDICT_WONT_FIX, VERDICT_END_OF_LIFE,
                                            VERDICT_UNDER_INVESTIGATION};
    struct package p = rpm("libtiff-tools", "4.0.9-29.el8_8", "x86_64");
    p.source_name = S("libtiff");
    p.source_version = S("4.0.9-29.el8_8");
    for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
        char expected[64];
        known.n = 0;
        add(RH8, NAME_EITHER, "libtiff", "CVE-2023-6228", "")->verdict = verdicts[i];
        snprintf(expected, sizeof expected, "%s -", verdict_names[verdicts[i]]);
        assert_string_equal(judge_on(RH8, "", p), expected);
        assert_int_equal(reasons.texts.n, 0);
    }
    /* A binary of the source's name that is made from another one by now and has its fix (9.4's kernel-rt). */
    add(RH9, NAME_SOURCE, "kernel-rt", "source/CVE-2023-6240", "");
    add(RH9, NAME_BINARY, "kernel-rt", "CVE-2023-6240", "5.14.0-427.16.1.el9_4");
    assert_string_equal(judge(rpm("kernel-rt", "5.14.0-284.11.1.rt14.296.el9_2", "x86_64")),
                        "affected 5.14.0-427.16.1.el9_4");
    assert_string_equal(judge(rpm("kernel-rt", "5.14.0-427.16.1.el9_4", "x86_64")), "-");
    struct package core = rpm("kernel-rt-kvm", "5.14.0-284.11.1.rt14.296.el9_2", "x86_64");
    core.source_name = S("kernel-rt");
    core.source_version = core.version;
    assert_string_equal(judge(core), "affected -");
    /* The publisher's word about the binary ends what it says of the source. */
    add(RH8, NAME_BINARY, "libtiff-tools", "binary/CVE-2023-6228", "")->verdict = VERDICT_NOT_AFFECTED;
    assert_string_equal(judge_on(RH8, "", p), "-");
}

/* Oracle's libraries for Ksplice and FIPS are judged by notices about such builds, the others by the others. */
static void test_builds(void **state)
{
    (void)state;
    add("Oracle Linux:8", NAME_BINARY, "openssl", "a/CVE-2021-3450", "1:1.1.1k-4.el8");
    add("Oracle Linux:8", NAME_BINARY, "openssl", "b/CVE-2021-3450", "2:1.1.1k-5.ksplice1.el8");
    add("Oracle Linux:8", NAME_BINARY, "openssl", "c/CVE-2021-3450", "10:1.1.1k-6.el8_fips");
    static const char *const cases[][2] = {{"1:1.1.1k-3.el8", "affected 1:1.1.1k-4.el8"},
                                           {"1:1.1.1k-4.el8", "-"},
                                           {"2:1.1.1g-15.ksplice1.el8_3", "affected 2:1.1.1k-5.ksplice1.el8"},
                                           {"2:1.1.1k-5.ksplice1.el8", "-"},
                                           {"10:1.1.1g-15.el8_fips", "affected 10:1.1.1k-6.el8_fips"},
                                           {"10:1.1.1k-6.el8_fips", "-"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(judge_on("Oracle Linux:8", "", rpm("openssl", cases[i][0], "x86_64")), cases[i][1]);
}

/* Amazon's repositories beside core: a line that is numbered as the topic is, packages beside it as they are. */
static void test_topics(void **state)
{
    (void)state;
    add("Amazon Linux:2", NAME_BINARY, "kernel", "a/CVE-2022-0001", "0:4.14.275-207.503.amzn2");
    add("Amazon Linux:2", NAME_BINARY, "kernel", "b/CVE-2022-0001", "0:5.10.106-102.504.amzn2")->module =
        S("extras:kernel-5.10");
    add("Amazon Linux:2", NAME_BINARY, "kernel", "c/CVE-2022-0001", "0:5.15.43-20.123.amzn2")->module =
        S("extras:kernel-5.15");
    add("Amazon Linux:2", NAME_BINARY, "php-pecl-redis", "d/CVE-2022-0002", "0:5.3.7-1.amzn2")->module =
        S("extras:php8.0");
    add("Amazon Linux:2", NAME_BINARY, "docker", "e/CVE-2022-0003", "0:24.0.5-1.amzn2")->module = S("extras:docker");
    add("Amazon Linux:2", NAME_BINARY, "java-1.8.0-amazon-corretto", "f/CVE-2022-0004", "1:1.8.0_342.b07-1.amzn2")
        ->module = S("extras:corretto8");
    static const char *const cases[][3] = {
        {"kernel", "4.14.200-1.amzn2", "affected 0:4.14.275-207.503.amzn2"},
        {"kernel", "4.14.275-207.503.amzn2", "-"},
        {"kernel", "5.10.100-1.amzn2", "affected 0:5.10.106-102.504.amzn2"},
        {"kernel", "5.10.106-102.504.amzn2", "-"},
        {"kernel", "5.15.40-1.amzn2", "affected 0:5.15.43-20.123.amzn2"},
        {"kernel", "5.4.190-1.amzn2", "-"},
        {"php-pecl-redis", "5.3.4-1.amzn2", "affected 0:5.3.7-1.amzn2"},
        {"docker", "20.10.13-2.amzn2", "affected 0:24.0.5-1.amzn2"},
        {"java-1.8.0-amazon-corretto", "1:1.8.0_332.b08-1.amzn2", "affected 1:1.8.0_342.b07-1.amzn2"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(judge_on("Amazon Linux:2", "", rpm(cases[i][0], cases[i][1], "x86_64")), cases[i][2]);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_epochs),
        T(test_source_packages_have_no_epoch),
        T(test_architectures),
        T(test_modules_by_their_label),
        T(test_modules_that_are_not_stated),
        T(test_products_go_before_the_system),
        T(test_verdicts_without_a_fix),
        T(test_builds),
        T(test_topics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
