/* SPDX-License-Identifier: Apache-2.0 */
/* OSV documents of the distributions: how each names packages, modules, subscriptions, rejected numbers, containers. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "unit/feeds_support.h"
#include "unit/fixture.h"

static const struct feed osv_any = {.name = "osv-test", .parse = format_osv_json};

static void expect(const struct feed *f, struct slice bytes, const char *expected)
{
    struct told t;
    if (told_parse(&t, f, bytes))
        fail_msg("%s", t.err.text);
    assert_string_equal(buf_cstr(&t.text), expected);
    told_done(&t);
}

static void expect_refused(const struct feed *f, struct slice bytes, const char *reason)
{
    struct told t;
    assert_int_equal(told_parse(&t, f, bytes), -1);
    if (!strstr(t.err.text, reason))
        fail_msg("'%s' does not say '%s'", t.err.text, reason);
    told_done(&t);
}

#define ENTRY(ecosystem, name, fixed, more)                                                                            \
    "{\"package\":{\"name\":\"" name "\",\"ecosystem\":\"" ecosystem                                                   \
    "\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"" fixed "\"}]}]" more "}"
#define SPECIFIC(text) ",\"ecosystem_specific\":{" text "}"

static void test_modules_by_summary(void **state)
{
    (void)state;
    expect(&osv_any, slice_str(fixture("feeds/osv/modules-by-summary.json")),
           "A AlmaLinux:8|npm|ALSA-2022:1 affected [0,1:8.19.1-1.18.9.1.1.module_el8.7.0+3343+ea2b7901) "
           "cves=CVE-2022-0001 binary module=nodejs:18 severity=Important fix=ALSA-2022:1\n"
           "V ALSA-2022:1 aliases=CVE-2022-0001 summary=Important: nodejs:18 security update\n"
           "A Rocky Linux:8|kernel|RLSA-2024:2 affected [0,0:4.18.0-553.30.1.el8_10) cves=CVE-2024-0002 "
           "severity=Moderate fix=RLSA-2024:2\n"
           "V RLSA-2024:2 aliases=CVE-2024-0002 summary=Moderate: kernel:4.18.0 security update\n"
           "A AlmaLinux:8|ruby|ALSA-2024:3 affected [0,2.5.9-112.module_el8.10.0+3871+342e2c2f) binary "
           "severity=Important fix=ALSA-2024:3\n"
           "V ALSA-2024:3 summary=Important: ruby security update\n");
}

#define BINARIES(list) SPECIFIC("\"binaries\":[{" list "}]")

static void test_suse_binaries(void **state)
{
    (void)state;
    expect(
        &osv_any, slice_str(fixture("feeds/osv/suse-binaries.json")),
        "A SUSE:Linux Enterprise Server 15 SP5|chromium|openSUSE-SU-2016:1-1 affected [0,51.0-1.1) cves=CVE-2016-0001 "
        "binary "
        "fix=openSUSE-SU-2016:1-1\n"
        "A SUSE:Linux Enterprise Server 15 SP5|libImlib2-1|openSUSE-SU-2016:1-1 affected [0,1.4.5-5.1) "
        "cves=CVE-2016-0001 binary "
        "fix=openSUSE-SU-2016:1-1\n"
        "A openSUSE:Leap 15.4|only-source|openSUSE-SU-2016:1-1 affected [0,2-1) cves=CVE-2016-0001 "
        "fix=openSUSE-SU-2016:1-1\n"
        "V openSUSE-SU-2016:1-1 aliases=CVE-2016-0001\n");
    expect_refused(&osv_any,
                   SLICE("[{\"id\":\"SUSE-SU-1\",\"affected\":[" ENTRY("SUSE:Linux Enterprise Server 15 SP5", "a",
                                                                       "1-1", BINARIES("\"a\":7")) "]}]"),
                   "binaries that are not names");
}

static void test_paid_updates(void **state)
{
    (void)state;
    static const struct feed elts = {.name = "debian-elts", .ecosystem = "Debian:ELTS", .parse = format_osv_json};
    expect(&elts,
           SLICE("[{\"id\":\"ELA-1-1\",\"related\":[\"CVE-2023-0001\"],\"affected\":[" ENTRY(
               "Debian:8", "x", "1+deb8u6", "") "]},{\"id\":\"DLA-1-1\",\"affected\":[" ENTRY("Debian:8", "x", "1",
                                                                                              "") "]}]"),
           "A Debian:ELTS:8|x|ELA-1-1 needs_subscription [0,1+deb8u6) cves=CVE-2023-0001 fix=ELA-1-1\n"
           "V ELA-1-1 aliases=CVE-2023-0001\nV DLA-1-1\n");
    /* A module that Livepatch loads is no version of a package; older exports carry the priority with the entry. */
    expect(&osv_any, slice_str(fixture("feeds/osv/paid-updates.json")),
           "V LSN-1-1 aliases=CVE-2023-0002\n"
           "A Ubuntu:24.10|x|UBUNTU-CVE-2023-0003 affected [0,2) cves=CVE-2023-0003 severity=medium\n"
           "V CVE-2023-0003 aliases=UBUNTU-CVE-2023-0003\n");
}

/* A bug fix is no vulnerability, unless it names one. */
static void test_updates(void **state)
{
    (void)state;
    expect(&osv_any, slice_str(fixture("feeds/osv/updates.json")),
           "A AlmaLinux:9|x|ALBA-2024:2 affected [0,2-1) cves=CVE-2024-0001 binary fix=ALBA-2024:2\n"
           "V ALBA-2024:2 aliases=CVE-2024-0001\n");
}

/* Why the tracker ignores something. */
static void test_ubuntu_ignored(void **state)
{
    (void)state;
    expect(&osv_any, slice_str(fixture("feeds/osv/ubuntu-ignored.json")),
           "A Ubuntu:16.04:LTS|a|UBUNTU-CVE-2023-0004 end_of_life [0,) cves=CVE-2023-0004\n"
           "A Ubuntu:16.04:LTS|b|UBUNTU-CVE-2023-0004 wont_fix [0,) cves=CVE-2023-0004\n"
           "V CVE-2023-0004 aliases=UBUNTU-CVE-2023-0004\n");
}

static void test_names_and_rejected(void **state)
{
    (void)state;
    expect(
        &osv_any,
        SLICE(
            "[{\"id\":\"CGA-1-1-1\",\"related\":[\"CGA-1-1-1\",\"CVE-2024-0001\",\"GHSA-a-b-c\"],\"affected\":[" ENTRY(
                "Wolfi", "x", "1-r1", "") "]},{\"id\":\"UBUNTU-CVE-2024-0002\",\"details\":\"Rejected reason: no.\","
                                          "\"affected\":[" ENTRY("Ubuntu:24.10", "x", "2", "") "]}]"),
        "A Wolfi|x|CGA-1-1-1 affected [0,1-r1) cves=CVE-2024-0001 aliases=GHSA-a-b-c\n"
        "V CGA-1-1-1 aliases=CVE-2024-0001,GHSA-a-b-c\n"
        "V CVE-2024-0002 aliases=UBUNTU-CVE-2024-0002 withdrawn\n");
}

/* A zip and a repository's tar by one reader; what lies beside the advisories is no document of them. */
static void test_archive(void **state)
{
    (void)state;
    static const struct feed feed = {.name = "t", .ecosystem = "Docker Hardened Images", .parse = format_osv_archive};
    static const struct test_file files[] = {
        {"advisories-main/osv/dhi/DHI-1.json",
         "{\"id\":\"DHI-1\",\"upstream\":[\"CVE-2024-0001\"],\"affected\":["
         "{\"package\":{\"ecosystem\":\"Docker Hardened Images:Alpine:3.24\",\"name\":\"x\"},\"ranges\":["
         "{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"1-r1\"}]}]},"
         "{\"package\":{\"ecosystem\":\"Docker Hardened Images:Debian:trixie\",\"name\":\"x\"},\"ranges\":["
         "{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"1-2\"}]}]}]}"},
        {"advisories-main/vex/a.json", "{\"@context\":\"https://openvex.dev/ns\"}"},
        {"advisories-main/integration/examples/osv/b.json", "{\"id\":\"DHI-9\"}"}};
    static const char expected[] = "A Docker Hardened Images:Alpine:3.24|x|DHI-1 affected [0,1-r1) cves=CVE-2024-0001\n"
                                   "A Docker Hardened Images:Debian:13|x|DHI-1 affected [0,1-2) cves=CVE-2024-0001\n"
                                   "V DHI-1 aliases=CVE-2024-0001\n";
    struct buf tar = BUF_INIT(65536), zip = BUF_INIT(65536);
    test_tar_bytes(files, ARRAY_LEN(files), archive_write_add_filter_gzip, &tar);
    test_zip(files, ARRAY_LEN(files), &zip);
    expect(&feed, buf_slice(&tar), expected);
    expect(&feed, buf_slice(&zip), expected);
    buf_done(&tar);
    buf_done(&zip);
    static const struct feed echo = {.name = "e", .ecosystem = "Echo", .parse = format_osv_json};
    expect(&echo,
           SLICE("[{\"id\":\"ECHO-0051-e755-e08e\",\"upstream\":[\"CVE-2026-4424\"],\"affected\":[" ENTRY(
               "Echo", "libarchive", "3.7.4-4+e5", "") "]}]"),
           "A Echo|libarchive|ECHO-0051-e755-e08e affected [0,3.7.4-4+e5) cves=CVE-2026-4424\n"
           "V ECHO-0051-e755-e08e aliases=CVE-2026-4424\n");
}

/* Every compression of a tar is read, and no shorter file passes for the feed. */
static void test_tar(void **state)
{
    (void)state;
    static const struct feed feed = {.name = "t", .ecosystem = "Ubuntu", .parse = format_osv_archive};
    static int (*const filters[])(struct archive *) = {archive_write_add_filter_gzip, archive_write_add_filter_zstd,
                                                       archive_write_add_filter_xz, archive_write_add_filter_bzip2};
    static const struct test_file files[] = {
        {"osv/cve/2024/A-1.json", "{\"id\":\"A-1\",\"affected\":[" ENTRY("Ubuntu:24.10", "x", "2", "") "]}"},
        {"osv/readme", "no"},
        {"osv/A-2.json", "{\"id\":\"A-2\"}"}};
    for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
        struct buf tar = BUF_INIT(65536);
        test_tar_bytes(files, ARRAY_LEN(files), filters[i], &tar);
        expect(&feed, buf_slice(&tar), "A Ubuntu:24.10|x|A-1 affected [0,2)\nV A-1\nV A-2\n");
        for (size_t n = 0; n < tar.n; n++) {
            struct told t;
            uint8_t *cut = xmemdup(tar.p, n);
            if (!told_parse(&t, &feed, slice_of(cut, n)))
                fail_msg("filter %zu: %zu of %zu bytes pass for the whole", i, n, tar.n);
            told_done(&t);
            free(cut);
        }
        buf_done(&tar);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modules_by_summary), cmocka_unit_test(test_archive),
        cmocka_unit_test(test_suse_binaries),      cmocka_unit_test(test_paid_updates),
        cmocka_unit_test(test_ubuntu_ignored),     cmocka_unit_test(test_updates),
        cmocka_unit_test(test_names_and_rejected), cmocka_unit_test(test_tar),
    };
    return cmocka_run_group_tests_name("feeds_osv", tests, NULL, NULL);
}
