/* SPDX-License-Identifier: Apache-2.0 */
/* Formats of Debian, Ubuntu, Arch Linux and Gentoo with small files: what they say, what is skipped, what refuses. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "unit/feeds_support.h"
#include "unit/fixture.h"

static void expect(const struct feed *f, const char *bytes, const char *expected)
{
    struct told t;
    if (told_parse(&t, f, slice_str(bytes)))
        fail_msg("%s", t.err.text);
    assert_string_equal(buf_cstr(&t.text), expected);
    told_done(&t);
}

static void expect_refused(const struct feed *f, const char *bytes, const char *reason)
{
    struct told t;
    assert_int_equal(told_parse(&t, f, slice_str(bytes)), -1);
    assert_int_equal(t.err.kind, ERR_POISON);
    if (!strstr(t.err.text, reason))
        fail_msg("'%s' does not say '%s'", t.err.text, reason);
    told_done(&t);
}

/* No shorter text passes for the whole. */
static void expect_whole(const struct feed *f, const char *bytes)
{
    for (size_t n = 0; n < strlen(bytes); n++) {
        struct told t;
        uint8_t *cut = xmemdup(bytes, n);
        if (!told_parse(&t, f, slice_of(cut, n)))
            fail_msg("%zu of %zu bytes pass for the whole", n, strlen(bytes));
        told_done(&t);
        free(cut);
    }
}

/* ---- Debian's tracker ---- */

#define RELEASE(codename, status, more) "\"" codename "\":{\"status\":\"" status "\"" more "}"
#define FIXED(version)                  ",\"fixed_version\":\"" version "\""
#define TRACKED(package, id, releases)                                                                                 \
    "{\"" package "\":{\"" id "\":{\"description\":\"D.\",\"scope\":\"local\",\"releases\":{" releases "}}}}"

static void test_tracker_verdicts(void **state)
{
    (void)state;
    const struct feed *f = feed_by_name(SLICE("debian-tracker"));
    expect(f, fixture("feeds/deb/tracker-verdicts.json"),
           "A Debian:9|x|CVE-2024-0001 end_of_life [0,) cves=CVE-2024-0001\n"
           "A Debian:10|x|CVE-2024-0001 under_investigation [0,) cves=CVE-2024-0001\n"
           "A Debian:11|x|CVE-2024-0001 wont_fix [0,) cves=CVE-2024-0001\n"
           "A Debian:12|x|CVE-2024-0001 affected [0,) cves=CVE-2024-0001\n"
           "A Debian:13|x|CVE-2024-0001 not_affected cves=CVE-2024-0001 severity=unimportant\n"
           "A Debian:8|x|CVE-2024-0001 affected [0,1:2-3) cves=CVE-2024-0001 severity=low**\n"
           "V CVE-2024-0001\n");
    expect(feed_by_name(SLICE("debian-elts-tracker")),
           TRACKED("x", "CVE-2024-0001", RELEASE("jessie", "resolved", FIXED("1"))),
           "A Debian:ELTS:8|x|CVE-2024-0001 needs_subscription [0,1) cves=CVE-2024-0001\nV CVE-2024-0001\n");
    expect(f, TRACKED("x", "TEMP-0000001-ABCDEF", RELEASE("trixie", "open", "")),
           "A Debian:13|x|TEMP-0000001-ABCDEF affected [0,)\nV TEMP-0000001-ABCDEF\n");
    expect(f,
           "{\"x\":{\"CVE-2024-0002\":{\"description\":\"Rejected reason: no\",\"releases\":{\"sid\":{\"status\":"
           "\"open\"}}}}}",
           "V CVE-2024-0002 withdrawn\n");
}

static void test_tracker_testing_and_unstable(void **state)
{
    (void)state;
    const struct feed *f = feed_by_name(SLICE("debian-tracker"));
    const char *fixed = "A Debian:14|x|CVE-2024-0001 affected [0,2) cves=CVE-2024-0001\nV CVE-2024-0001\n";
    expect(f, TRACKED("x", "CVE-2024-0001", RELEASE("forky", "open", "") "," RELEASE("sid", "resolved", FIXED("2"))),
           fixed);
    expect(f, TRACKED("x", "CVE-2024-0001", RELEASE("sid", "resolved", FIXED("2")) "," RELEASE("forky", "open", "")),
           fixed);
    expect(f,
           TRACKED("x", "CVE-2024-0001",
                   RELEASE("sid", "resolved", FIXED("3")) "," RELEASE("forky", "resolved", FIXED("2"))),
           fixed);
    expect(f, TRACKED("x", "CVE-2024-0001", RELEASE("sid", "open", "") "," RELEASE("forky", "resolved", FIXED("2"))),
           fixed);
}

static void test_tracker_hostile(void **state)
{
    (void)state;
    const struct feed *f = feed_by_name(SLICE("debian-tracker"));
    expect_refused(f, "{}", "empty");
    expect_refused(f, "[]", "empty");
    expect_refused(f, "{\"x\":7}", "not an object");
    expect_refused(f, "{\"x\":{\"CVE-2024-0001\":{\"releases\":[7]}}}", "not an object");
    expect_refused(f, "{\"x\":{\"CVE-2024-0001\":[}}", "brackets don't pair");
    expect_refused(f, TRACKED("x", "CVE-2024-0001", RELEASE("sid", "fine", "")), "CVE-2024-0001: a status");
    expect_refused(f, TRACKED("x", "CVE-2024-0001", RELEASE("sid", "resolved", "")), "resolved without a version");
    expect_refused(f, TRACKED("x,y", "CVE-2024-0001", RELEASE("sid", "open", "")), "no name");
    expect_whole(f, TRACKED("x", "CVE-2024-0001", RELEASE("sid", "open", "")));
}

/* ---- Arch Linux ---- */

#define AVG(name, status, fixed, more)                                                                                 \
    "[{\"name\":\"" name "\",\"packages\":[\"glibc\",\"lib32-glibc\"],\"status\":\"" status                            \
    "\",\"affected\":\"2.38-1\",\"fixed\":" fixed ",\"severity\":\"High\"" more "}]"
#define ISSUES ",\"issues\":[\"CVE-2024-0002\",\"CVE-2024-0001\"],\"advisories\":[\"ASA-202401-1\"]"

static void test_arch(void **state)
{
    (void)state;
    const struct feed *f = feed_by_name(SLICE("arch"));
    expect(f, AVG("AVG-1", "Fixed", "\"2.38-2\"", ISSUES),
           "A Arch Linux|glibc|AVG-1 affected [0,2.38-2) cves=CVE-2024-0001,CVE-2024-0002 binary severity=High "
           "fix=ASA-202401-1\n"
           "A Arch Linux|lib32-glibc|AVG-1 affected [0,2.38-2) cves=CVE-2024-0001,CVE-2024-0002 binary severity=High "
           "fix=ASA-202401-1\n");
    expect(f, AVG("AVG-2", "Vulnerable", "null", ""),
           "A Arch Linux|glibc|AVG-2 affected [0,) binary severity=High\n"
           "A Arch Linux|lib32-glibc|AVG-2 affected [0,) binary severity=High\n");
    expect(f, AVG("AVG-3", "Unknown", "null", ""),
           "A Arch Linux|glibc|AVG-3 under_investigation [0,) binary severity=High\n"
           "A Arch Linux|lib32-glibc|AVG-3 under_investigation [0,) binary severity=High\n");
    expect(f, AVG("AVG-4", "Not affected", "null", ",\"issues\":[\"CVE-2024-0001\"]"),
           "A Arch Linux|glibc|AVG-4 not_affected cves=CVE-2024-0001 binary severity=High\n"
           "A Arch Linux|lib32-glibc|AVG-4 not_affected cves=CVE-2024-0001 binary severity=High\n");
    expect(f, AVG("AVG-5", "Testing", "\"3-1\"", ""),
           "A Arch Linux|glibc|AVG-5 affected [0,3-1) binary severity=High\n"
           "A Arch Linux|lib32-glibc|AVG-5 affected [0,3-1) binary severity=High\n");
    expect_refused(f, AVG("AVG-6", "Fixed", "null", ""), "fixed without a version");
    expect_refused(f, AVG("AVG-6", "Odd", "null", ""), "a status that is none of");
    expect_refused(f, AVG("", "Fixed", "null", ""), "without a name");
    expect_refused(f, "[{\"name\":\"AVG-7\",\"status\":\"Unknown\",\"packages\":[]}]", "no packages");
    expect_whole(f, AVG("AVG-1", "Fixed", "\"2.38-2\"", ISSUES));
}

/* ---- tars of documents ---- */

static void expect_tar(const char *feed, const char *name, const char *text, const char *expected)
{
    struct test_file file = {name, text};
    struct told t;
    struct buf tar = BUF_INIT((size_t)1 << 20);
    test_tar_bytes(&file, 1, archive_write_add_filter_gzip, &tar);
    if (told_parse(&t, feed_by_name(slice_str(feed)), buf_slice(&tar)))
        fail_msg("%s", t.err.text);
    assert_string_equal(buf_cstr(&t.text), expected);
    told_done(&t);
    buf_done(&tar);
}

static void expect_tar_refused(const char *feed, const char *name, const char *text, const char *reason)
{
    struct test_file file = {name, text};
    struct told t;
    struct buf tar = BUF_INIT((size_t)1 << 20);
    test_tar_bytes(&file, 1, archive_write_add_filter_xz, &tar);
    assert_int_equal(told_parse(&t, feed_by_name(slice_str(feed)), buf_slice(&tar)), -1);
    assert_int_equal(t.err.kind, ERR_POISON);
    if (!strstr(t.err.text, reason))
        fail_msg("'%s' does not say '%s'", t.err.text, reason);
    told_done(&t);
    buf_done(&tar);
}

/* ---- Canonical's VEX ---- */

#define SOURCE(package, distro) "{\"@id\":\"pkg:deb/ubuntu/" package "?arch=source&distro=" distro "\"}"
#define STATEMENT(id, status, more, products)                                                                          \
    "{\"vulnerability\":{\"name\":\"" id "\"},\"status\":\"" status "\"" more ",\"products\":[" products "]}"
#define VEX(statements) "{\"metadata\":{},\"statements\":[" statements "]}"
#define ACTION(text)    ",\"action_statement\":\"" text "\""

static void test_vex(void **state)
{
    (void)state;
    expect_tar(
        "ubuntu-vex", "vex/cve/2024/CVE-2024-0001.json",
        VEX(STATEMENT("CVE-2024-0001", "affected", ACTION("is vulnerable, but the team decided to not fix it."), SOURCE("x@1:2+esm1", "esm-infra/xenial") ",{\"@id\":\"pkg:deb/ubuntu/libx@1?arch=amd64\"}") "," STATEMENT(
            "CVE-2024-0001", "affected", ACTION("is no longer supported. Please upgrade."),
            SOURCE(
                "x@1.9",
                "xenial")) "," STATEMENT("CVE-2024-0001", "affected", ACTION("needs fixing"),
                                         SOURCE(
                                             "g%2B%2B@3",
                                             "jammy")) "," STATEMENT("CVE-2024-0001", "under_investigation", "",
                                                                     SOURCE(
                                                                         "x@4",
                                                                         "noble")) "," STATEMENT("CVE-2024-0001",
                                                                                                 "fixed", "",
                                                                                                 SOURCE(
                                                                                                     "x@5",
                                                                                                     "focal")) "," STATEMENT("CVE-2024-0001",
                                                                                                                             "not_affected",
                                                                                                                             ",\"justification\":\"vulnerable_code_not_present\"",
                                                                                                                             SOURCE("x@6", "questing") "," SOURCE("x@6", "realtime/noble") "," SOURCE(
                                                                                                                                 "x@6",
                                                                                                                                 "future")) "," STATEMENT("CVE-2024-0001",
                                                                                                                                                          "not_affected",
                                                                                                                                                          ",\"justification\":\"component_not_present\"",
                                                                                                                                                          SOURCE(
                                                                                                                                                              "x@7",
                                                                                                                                                              "bionic"))),
        "A Ubuntu:Pro:16.04:LTS|x|CVE-2024-0001 wont_fix [0,<=1:2+esm1) cves=CVE-2024-0001\n"
        "A Ubuntu:16.04:LTS|x|CVE-2024-0001 end_of_life [0,<=1.9) cves=CVE-2024-0001\n"
        "A Ubuntu:22.04:LTS|g++|CVE-2024-0001 affected [0,<=3) cves=CVE-2024-0001\n"
        "A Ubuntu:24.04:LTS|x|CVE-2024-0001 under_investigation [0,<=4) cves=CVE-2024-0001\n"
        "A Ubuntu:25.10|x|CVE-2024-0001 not_affected cves=CVE-2024-0001\n");
    /* Two pockets of one ecosystem that disagree. */
    expect_tar("ubuntu-vex", "a.json",
               VEX(STATEMENT("CVE-2024-0002", "not_affected", "", SOURCE("x@1", "esm-apps/jammy")) "," STATEMENT(
                   "CVE-2024-0002", "affected", "", SOURCE("x@2", "esm-infra/jammy"))),
               "A Ubuntu:Pro:22.04:LTS|x|CVE-2024-0002 affected [0,<=2) cves=CVE-2024-0002\n");
    expect_tar_refused("ubuntu-vex", "a.json", VEX(STATEMENT("CVE-2024-0003", "odd", "", "")),
                       "CVE-2024-0003: a status that is none of");
    expect_tar_refused("ubuntu-vex", "a.json", "{\"statements\":{}}", "not a list");
    expect_tar_refused("ubuntu-vex", "a.json", VEX(STATEMENT("", "affected", "", "")), "about no vulnerability");
    expect_tar_refused("ubuntu-vex", "a.json",
                       VEX(STATEMENT("CVE-2024-0003", "affected", "", "{\"@id\":\"arch=source\"}")), "no package");
    expect_tar_refused("ubuntu-vex", "usn.json", VEX(STATEMENT("USN-1-1", "fixed", "", "")), "no record");
}

/* ---- Gentoo ---- */

#define GLSA(affected)                                                                                                 \
    "<?xml version=\"1.0\"?><!DOCTYPE glsa SYSTEM \"http://www.gentoo.org/dtd/glsa.dtd\">"                             \
    "<glsa id=\"202305-28\"><title>x: Several</title><announced>2023-05-21</announced><affected>" affected             \
    "</affected><impact type=\"normal\"><p>See.</p></impact><references>"                                              \
    "<uri link=\"https://a.example/1\">CAN-2004-0488</uri><uri link=\"https://a.example/2\">CVE-2022-38749</uri>"      \
    "</references></glsa>"
#define PACKAGE(name, arch, ranges) "<package name=\"" name "\" auto=\"yes\" arch=\"" arch "\">" ranges "</package>"
#define UNAFFECTED(range, version)  "<unaffected range=\"" range "\">" version "</unaffected>"
#define VULNERABLE(range, version)  "<vulnerable range=\"" range "\">" version "</vulnerable>"

static void test_glsa(void **state)
{
    (void)state;
    static const struct {
        const char *ranges, *expected;
    } cases[] = {
        {UNAFFECTED("ge", "1.33") VULNERABLE("lt", "1.33"), " [0,1.33)"},
        {UNAFFECTED("ge", "1.34") VULNERABLE("le", "1.33-r2"), " [0,<=1.33-r2)"},
        /* An older branch got its own fix. */
        {UNAFFECTED("ge", "4.13") UNAFFECTED("rge", "4.12.1-r3") VULNERABLE("lt", "4.13"),
         " [0,4.12.1-r3) [4.12.1-r100000000,4.13)"},
        {UNAFFECTED("ge", "3.5") UNAFFECTED("lt", "3") VULNERABLE("lt", "3.5"), " [3,3.5)"},
        {UNAFFECTED("eq", "2.1") VULNERABLE("lt", "3"), " [0,2.1) [2.1-r1,3)"},
        {UNAFFECTED("eq", "2.*") VULNERABLE("lt", "3"), " [0,2) [2.99999999-r1,3)"},
        {VULNERABLE("gt", "1-r1") UNAFFECTED("ge", "2"), " [1-r2,2)"},
        {VULNERABLE("rlt", "1.2-r3"), " [1.2,1.2-r3)"},
        {VULNERABLE("rgt", "1.2-r3"), " [1.2-r4,<=1.2-r99999999)"},
        {VULNERABLE("eq", "1.2"), " [1.2,<=1.2)"},
        {UNAFFECTED("ge", "1.0") VULNERABLE("lt", "0.9"), " [0,0.9)"},
        /* Slots by the versions that they begin. */
        {"<unaffected range=\"ge\" slot=\"3.8\">3.8.20</unaffected><vulnerable range=\"lt\" slot=\"3.8\">3.8.20"
         "</vulnerable><unaffected range=\"ge\" slot=\"3.9\">3.9.5</unaffected>"
         "<vulnerable range=\"lt\" slot=\"3.9\">3.9.5</vulnerable>",
         " [3.8,3.8.20) [3.9,3.9.5)"},
        {"<unaffected range=\"ge\" slot=\"0\">2</unaffected><vulnerable range=\"lt\" slot=\"1\">5</vulnerable>",
         " [0,5)"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf document = BUF_INIT(65536), expected = BUF_INIT(65536);
        buf_addf(&document, GLSA("<package name=\"dev-java/x\" arch=\"*\">%s</package>"), cases[i].ranges);
        buf_addf(
            &expected,
            "A Gentoo|dev-java/x|GLSA-202305-28 affected%s cves=CVE-2004-0488,CVE-2022-38749 binary severity=normal "
            "fix=GLSA-202305-28\nV GLSA-202305-28 aliases=CVE-2004-0488,CVE-2022-38749 summary=x: Several "
            "references=https://a.example/1,https://a.example/2\n",
            cases[i].expected);
        expect_tar("gentoo", "glsa-master/glsa-202305-28.xml", buf_cstr(&document), buf_cstr(&expected));
        buf_done(&document);
        buf_done(&expected);
    }
    expect_tar_refused("gentoo", "a.xml", GLSA(PACKAGE("a/b", "*", VULNERABLE("zz", "1"))),
                       "202305-28: a range that is");
    expect_tar_refused("gentoo", "a.xml", GLSA(PACKAGE("a/b", "*", VULNERABLE("lt", "one"))), "no version");
    expect_tar_refused("gentoo", "a.xml", GLSA(PACKAGE("a/b", "*", VULNERABLE("lt", "1*"))), "not eq");
    expect_tar_refused("gentoo", "a.xml", GLSA(PACKAGE("", "*", "")), "without a name");
    expect_tar_refused("gentoo", "a.xml", "<advisory id=\"1\"/>", "a: not a GLSA");
    expect_tar_refused("gentoo", "a.xml", "<glsa id=\"1\">", "a: ");
    expect_tar_refused("gentoo", "a.txt", "x", "empty");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tracker_verdicts),
        cmocka_unit_test(test_tracker_testing_and_unstable),
        cmocka_unit_test(test_tracker_hostile),
        cmocka_unit_test(test_arch),
        cmocka_unit_test(test_vex),
        cmocka_unit_test(test_glsa),
    };
    return cmocka_run_group_tests_name("feeds_deb", tests, NULL, NULL);
}
