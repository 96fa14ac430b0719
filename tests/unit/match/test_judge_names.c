/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of judge.h about names: the kernel's packages, ids of one thing, two feeds of one publisher, paid fixes. */
#include "unit/judge_world.h"

static finding_vec found;

/* A source's advisory; cve and fixed may be "". */
static struct advisory *add(const char *ecosystem, const char *package, const char *id, const char *cve,
                            const char *fixed)
{
    struct advisory *a = VEC_ADD(&arena, &known);
    *a = (struct advisory){.ecosystem = slice_str(ecosystem),
                           .name_kind = NAME_SOURCE,
                           .package = slice_str(package),
                           .id = slice_str(id),
                           .feed = SLICE("test")};
    if (*cve)
        slice_vec_add(&arena, &a->cves, slice_str(cve));
    *VEC_ADD(&arena, &a->ranges) = (struct version_range){SLICE("0"), slice_str(fixed), SLICE_NONE};
    return a;
}

static size_t judge(const char *ecosystem, enum package_type type, const char *name, const char *version,
                    const char *source, const char *source_version)
{
    struct os_info os = {.ecosystem = slice_str(ecosystem)};
    struct advisory_source from = {lookup, NULL, NULL};
    struct package p = {.type = type, .name = slice_str(name), .version = slice_str(version)};
    struct reasons reasons = {0};
    struct err e = ERR_INIT;
    if (*source)
        p.source_name = slice_str(source);
    if (*source_version)
        p.source_version = slice_str(source_version);
    found = (finding_vec){0};
    if (judge_package(&os, &p, &from, &arena, &found, &reasons, &e))
        fail_msg("judge_package: %s", e.text);
    for (size_t i = 0; i < found.n; i++) {
        bool holds = false;
        if (judge_rule_holds(found.v[i].rule, &holds, &e) || !holds)
            fail_msg("rule %.*s: %s", SLICE_FMT(found.v[i].rule), e.text);
    }
    return found.n;
}

#define TEXT(slice, text)                                                                                              \
    do {                                                                                                               \
        if (!slice_eq((slice), slice_str(text)))                                                                       \
            fail_msg("%s:%d: \"%.*s\" is not \"%s\"", __FILE__, __LINE__, SLICE_FMT(slice), (text));                   \
    } while (0)

/* What Raspberry Pi OS builds anew is judged as what it was built from. */
static void test_pi_rebuilds(void **state)
{
    (void)state;
    add("Debian:12", "curl", "DEBIAN-CVE-2024-0001", "CVE-2024-0001", "7.88.1-10+deb12u9");
    static const struct {
        const char *name, *version, *source, *source_version;
        size_t findings;
    } cases[] = {
        {"curl", "7.88.1-10+rpi1+deb12u5", "", "", 1},
        {"curl", "7.88.1-10+rpt2+deb12u5", "", "", 1},
        {"curl", "7.88.1-10+deb12u5+rpt1", "", "", 1},
        {"curl", "7.88.1-10+rpi1+b3", "", "", 1},
        {"curl", "7.88.1-10+rpi1+deb12u9", "", "", 0},
        {"curl", "7.88.1-10+rpi1+deb12u14", "", "", 0},
        {"libcurl4", "7.88.1-10+rpi1+deb12u5", "curl", "", 1},
        {"libcurl4", "7.88.1-10+rpi1+deb12u5+b1", "curl", "7.88.1-10+rpi1+deb12u5", 1},
        {"libcurl4", "7.88.1-10+rpi1+deb12u9+b1", "curl", "7.88.1-10+rpi1+deb12u9", 0},
        {"curl", "7.88.1-10+rpix+deb12u5", "", "", 0},
        {"curl", "7.88.1-11+rpi1", "", "", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t n =
            judge("Debian:12", PKG_DPKG, cases[i].name, cases[i].version, cases[i].source, cases[i].source_version);
        if (n != cases[i].findings)
            fail_msg("%s: %zu findings", cases[i].version, n);
    }
    judge("Debian:12", PKG_DPKG, "curl", "7.88.1-10+rpi1+deb12u5", "", "");
    TEXT(found.v[0].version, "7.88.1-10+rpi1+deb12u5");
    TEXT(found.v[0].fixed_version, "7.88.1-10+deb12u9");
    TEXT(found.v[0].rule, "dpkg source curl 7.88.1-10+deb12u5 < 7.88.1-10+deb12u9 (DEBIAN-CVE-2024-0001)");
}

/* Signed copies are the kernel, headers and meta packages hold no code, one's own name always counts. */
static void test_kernel_packages(void **state)
{
    (void)state;
    add("Ubuntu:22.04:LTS", "linux-aws", "UBUNTU-CVE-2024-0001", "CVE-2024-0001", "5.15.0-1060.66");
    add("Debian:12", "linux", "DEBIAN-CVE-2024-0001", "CVE-2024-0001", "6.1.90-1");
    add("Debian:12", "linux-headers-x", "DSA-1-1", "CVE-2024-0002", "6.1.90-1")->name_kind = NAME_BINARY;
    add("Rocky Linux:9", "kernel", "RLSA-1", "CVE-2024-0001", "5.14.0-400.el9");
    static const struct {
        const char *ecosystem, *name, *version, *source, *source_version;
        enum package_type type;
        size_t findings;
    } cases[] = {
        {"Ubuntu:22.04:LTS", "linux-image-5.15.0-1055-aws", "5.15.0-1055.60", "linux-signed-aws", "", PKG_DPKG, 1},
        {"Ubuntu:22.04:LTS", "linux-image-5.15.0-1060-aws", "5.15.0-1060.66", "linux-signed-aws", "", PKG_DPKG, 0},
        {"Ubuntu:22.04:LTS", "linux-modules-5.15.0-1055-aws", "5.15.0-1055.60", "linux-aws", "", PKG_DPKG, 1},
        {"Ubuntu:22.04:LTS", "linux-image-aws", "5.15.0.1055.55", "linux-meta-aws", "", PKG_DPKG, 0},
        {"Ubuntu:22.04:LTS", "linux-aws-headers-5.15.0-1055", "5.15.0-1055.60", "linux-aws", "", PKG_DPKG, 0},
        {"Ubuntu:22.04:LTS", "linux-image-5.15.0-91-generic", "5.15.0-91.101", "linux-signed", "", PKG_DPKG, 0},
        {"Debian:12", "linux-image-6.1.0-13-amd64", "6.1.55-1", "linux-signed-amd64", "6.1.55+1", PKG_DPKG, 1},
        {"Debian:12", "linux-image-6.1.0-23-amd64", "6.1.90-1", "linux-signed-amd64", "6.1.90+1", PKG_DPKG, 0},
        {"Debian:12", "linux-libc-dev", "6.1.55-1", "linux", "", PKG_DPKG, 0},
        {"Debian:12", "linux-perf", "6.1.55-1", "linux", "", PKG_DPKG, 1},
        {"Debian:12", "linux-headers-x", "6.1.55-1", "linux", "", PKG_DPKG, 1},
        {"Rocky Linux:9", "kernel-headers", "5.14.0-300.el9", "kernel", "", PKG_RPM, 0},
        {"Rocky Linux:9", "kernel-core", "5.14.0-300.el9", "kernel", "", PKG_RPM, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (judge(cases[i].ecosystem, cases[i].type, cases[i].name, cases[i].version, cases[i].source,
                  cases[i].source_version) != cases[i].findings)
            fail_msg("%s: %zu findings", cases[i].name, found.n);
    judge("Debian:12", PKG_DPKG, "linux-image-6.1.0-13-amd64", "6.1.55-1", "linux-signed-amd64", "6.1.55+1");
    TEXT(found.v[0].rule, "dpkg source linux 6.1.55-1 < 6.1.90-1 (DEBIAN-CVE-2024-0001)");
    TEXT(found.v[0].source_name, "linux-signed-amd64");
}

/* A change of linux-aws asks for what is built from its signed copy. */
static void test_names_that_are_looked_up(void **state)
{
    (void)state;
    struct slice to[JUDGE_NAMES_MAX];
    struct package p = {.type = PKG_DPKG, .name = SLICE("linux-image-a"), .source_name = SLICE("linux-signed-aws")};
    assert_int_equal(judge_names(&p, &arena, to), 2);
    TEXT(to[0], "linux-aws");
    TEXT(to[1], "linux-image-a");
    p.source_name = SLICE("linux-signed-6.1-arm64");
    judge_names(&p, &arena, to);
    TEXT(to[0], "linux-6.1");
    p.source_name = SLICE("linux-signedx");
    judge_names(&p, &arena, to);
    TEXT(to[0], "linux-signedx");
}

/* Wolfi's list has CVE and GHSA of one thing apart; its OSV documents join them. */
static void test_ids_of_one_thing(void **state)
{
    (void)state;
    add("Wolfi", "age", "CVE-2024-24791", "CVE-2024-24791", "1.2.0-r1");
    add("Wolfi", "age", "GHSA-hw49-2p59-3mhj", "", "1.2.0-r1");
    add("Wolfi", "age", "GHSA-32gq-x56h-299c", "", "1.2.1-r0");
    assert_int_equal(judge("Wolfi", PKG_APK, "age", "1.1.1-r0", "", ""), 3);
    struct advisory *cga = add("Wolfi", "age", "CGA-1-2-3", "CVE-2024-24791", "1.2.0-r1");
    slice_vec_add(&arena, &cga->aliases, SLICE("GHSA-hw49-2p59-3mhj"));
    assert_int_equal(judge("Wolfi", PKG_APK, "age", "1.1.1-r0", "", ""), 2);
    TEXT(found.v[0].vulnerability, "CVE-2024-24791");
    assert_int_equal(found.v[0].sources.n, 3);
    TEXT(found.v[1].vulnerability, "GHSA-32gq-x56h-299c");
}

/* Debian's tracker and OSV tell of one CVE: one finding, two sources, the tracker's verdict. */
static void test_tracker_and_osv(void **state)
{
    (void)state;
    add("Debian:11", "x", "DEBIAN-CVE-2024-0001", "CVE-2024-0001", "")->feed = SLICE("osv-debian");
    struct advisory *a = add("Debian:11", "x", "CVE-2024-0001", "CVE-2024-0001", "");
    a->verdict = VERDICT_WONT_FIX;
    a->feed = SLICE("debian-tracker");
    assert_int_equal(judge("Debian:11", PKG_DPKG, "x", "1", "", ""), 1);
    assert_int_equal(found.v[0].sources.n, 2);
    TEXT(found.v[0].sources.v[0].feed, "debian-tracker");
    TEXT(found.v[0].sources.v[1].feed, "osv-debian");
    assert_int_equal(found.v[0].verdict, VERDICT_WONT_FIX);
}

/* Freexian's fixes are for its customers; Debian's own of the same release were free. */
static void test_elts(void **state)
{
    (void)state;
    add("Debian:8", "x", "DLA-1-1", "CVE-2018-0001", "1+deb8u5");
    add("Debian:ELTS:8", "x", "ELA-1-1", "CVE-2023-0001", "1+deb8u6")->verdict = VERDICT_NEEDS_SUBSCRIPTION;
    assert_int_equal(judge("Debian:8", PKG_DPKG, "x", "1+deb8u4", "", ""), 2);
    assert_int_equal(found.v[0].verdict, VERDICT_AFFECTED);
    TEXT(found.v[0].fixed_version, "1+deb8u5");
    assert_int_equal(found.v[1].verdict, VERDICT_NEEDS_SUBSCRIPTION);
    TEXT(found.v[1].fixed_version, "1+deb8u6");
    assert_int_equal(judge("Debian:8", PKG_DPKG, "x", "1+deb8u6", "", ""), 0);
    assert_int_equal(judge("Debian:9", PKG_DPKG, "x", "1+deb8u4", "", ""), 0);
}

/* FIPS builds: by the records of their own pockets, under one base with the release's others. */
static void test_fips(void **state)
{
    (void)state;
    add("Ubuntu:20.04:LTS", "openssl", "UBUNTU-CVE-2023-0286", "CVE-2023-0286", "1.1.1f-1ubuntu2.17");
    add("Ubuntu:Pro:FIPS-updates:20.04:LTS", "openssl", "UBUNTU-CVE-2023-0286", "CVE-2023-0286",
        "1.1.1f-1ubuntu2.fips.17");
    assert_int_equal(judge("Ubuntu:20.04:LTS", PKG_DPKG, "openssl", "1.1.1f-1ubuntu2.fips.7.1", "", ""), 1);
    TEXT(found.v[0].fixed_version, "1.1.1f-1ubuntu2.fips.17");
    assert_int_equal(found.v[0].verdict, VERDICT_NEEDS_SUBSCRIPTION);
    assert_int_equal(judge("Ubuntu:20.04:LTS", PKG_DPKG, "openssl", "1.1.1f-1ubuntu2.fips.17", "", ""), 0);
    assert_int_equal(judge("Ubuntu:20.04:LTS", PKG_DPKG, "openssl", "1.1.1f-1ubuntu2.16", "", ""), 1);
    TEXT(found.v[0].fixed_version, "1.1.1f-1ubuntu2.17");
    TEXT(judge_ecosystem_base(SLICE("Ubuntu:Pro:FIPS-updates:20.04:LTS"), &arena), "Ubuntu:20.04");
    TEXT(judge_ecosystem_base(SLICE("Ubuntu:Pro:FIPS:16.04:LTS"), &arena), "Ubuntu:16.04");
    /* None of its own: said, not silent. */
    struct os_info os = {.ecosystem = SLICE("Ubuntu:20.04:LTS")};
    struct advisory_source from = {lookup, NULL, NULL};
    struct package p = {.type = PKG_DPKG, .name = SLICE("strongswan"), .version = SLICE("5.8+Fips1")};
    struct reasons reasons = {0};
    struct err e = ERR_INIT;
    assert_int_equal(judge_package(&os, &p, &from, &arena, &found, &reasons, &e), 0);
    assert_int_equal(reasons.texts.n, 1);
    assert_true(slice_find_slice(reasons.texts.v[0], SLICE("a FIPS build")) > 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_kernel_packages),
        T(test_pi_rebuilds),
        T(test_names_that_are_looked_up),
        T(test_ids_of_one_thing),
        T(test_tracker_and_osv),
        T(test_elts),
        T(test_fips),
    };
    return cmocka_run_group_tests_name("judge_names", tests, NULL, NULL);
}
