/* SPDX-License-Identifier: Apache-2.0 */
/* Formats of Debian, Ubuntu, Arch Linux and Gentoo with small files: what they say, what is skipped, what refuses. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "feeds_support.h"

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
#define URGENCY(word)                   ",\"urgency\":\"" word "\""
#define TRACKED(package, id, releases)                                                                                 \
    "{\"" package "\":{\"" id "\":{\"description\":\"D.\",\"scope\":\"local\",\"releases\":{" releases "}}}}"

static void test_tracker_verdicts(void **state)
{
    (void)state;
    const struct feed *f = feed_by_name(SLICE("debian-tracker"));
    expect(
        f,
        TRACKED(
            "x", "CVE-2024-0001",
            RELEASE("stretch", "open", URGENCY("end-of-life")) "," RELEASE("buster", "undetermined", URGENCY("not yet assigned")) "," RELEASE(
                "bullseye", "open",
                ",\"nodsa\":\"Minor\",\"nodsa_reason\":"
                "\"ignored\"") "," RELEASE("bookworm", "open",
                                           ",\"nodsa\":\"Minor\","
                                           "\"nodsa_reason\":"
                                           "\"postponed\"") "," RELEASE("trixie", "resolved",
                                                                        FIXED("0") URGENCY(
                                                                            "unimportant")) "," RELEASE("jessie",
                                                                                                        "resolved",
                                                                                                        FIXED("1:2-3") URGENCY(
                                                                                                            "low*"
                                                                                                            "*")) "," RELEASE("someday",
                                                                                                                              "opened",
                                                                                                                              "")),
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
    expect_refused(f, "{\"x\":{\"CVE-2024-0001\":{}}}", "no releases");
    expect_refused(f, "{\"x\":{\"CVE-2024-0001\":[}}", "malformed");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tracker_verdicts),
        cmocka_unit_test(test_tracker_testing_and_unstable),
        cmocka_unit_test(test_tracker_hostile),
        cmocka_unit_test(test_arch),
    };
    return cmocka_run_group_tests_name("feeds_deb", tests, NULL, NULL);
}
