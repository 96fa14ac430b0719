/* SPDX-License-Identifier: Apache-2.0 */
/* OVAL as each publisher writes it, in small: what it says, what is skipped, what refuses the file. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "unit/feeds_support.h"

#define FEED(of)                                                                                                       \
    {                                                                                                                  \
        .name = "oval", .ecosystem = of, .parse = format_oval                                                          \
    }
static const struct feed oracle = FEED("Oracle Linux"), suse = FEED("SUSE"), opensuse = FEED("openSUSE"),
                         azure = FEED("Azure Linux:3"), photon = FEED("Photon OS:3.0"), anolis = FEED("Anolis OS"),
                         alma = FEED("AlmaLinux");

#define FILE_OF(definitions, tests)                                                                                    \
    "<?xml version='1.0'?><oval_definitions xmlns:l='linux'><definitions>" definitions "</definitions>" tests          \
    "</oval_definitions>"
#define PATCH(title, references, advisory, criteria)                                                                   \
    "<definition class='patch' id='oval:x:def:1'><metadata><title>" title "</title>" references "<advisory>" advisory  \
    "</advisory></metadata>" criteria "</definition>"
#define VULNERABILITY(title, criteria)                                                                                 \
    "<definition class='vulnerability' id='oval:x:def:7'><metadata><title>" title                                      \
    "</title><reference source='CVE' ref_id='Mitre " title "'/></metadata>" criteria "</definition>"
#define AND(of)       "<criteria operator='AND'>" of "</criteria>"
#define OR(of)        "<criteria operator='OR'>" of "</criteria>"
#define IF(test, say) "<criterion test_ref='t" test "' comment='" say "'/>"
#define TEST(n, object, state)                                                                                         \
    "<l:rpminfo_test id='t" n "'><l:object object_ref='o" object "'/><l:state state_ref='s" state "'/></"              \
    "l:rpminfo_test>"
#define OBJECT(n, package) "<l:rpminfo_object id='o" n "'><l:name>" package "</l:name></l:rpminfo_object>"
#define STATE(n, what)     "<l:rpminfo_state id='s" n "'>" what "</l:rpminfo_state>"
#define EVR(op, evr)       "<l:evr datatype='evr_string' operation='" op "'>" evr "</l:evr>"

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

#define ELSA(title, criteria)                                                                                          \
    PATCH(title, "<reference source='elsa' ref_id='ELSA-2024-1'/><reference source='CVE' ref_id='CVE-2024-0001'/>",    \
          "<severity>IMPORTANT</severity><issued date='2024-01-02'/>"                                                  \
          "<cve cvss3='8.1/CVSS:3.1/AV:N'>CVE-2024-0001</cve>",                                                        \
          criteria)

/* Other versions for other architectures are records of their own, equal ones are one; the release is a platform. */
static void test_oracle(void **state)
{
    (void)state;
    expect(
        &oracle,
        FILE_OF(ELSA("ELSA-2024-1:  a",
                     AND(IF("1", "Oracle Linux 8 is installed") OR(
                         AND(IF("2", "Oracle Linux arch is aarch64") OR(AND(IF("3", "a is earlier than 0:1-2.el8") IF(
                             "9", "a is signed with the key")) AND(IF("5", "b is earlier than 0:1-2.el8"))))
                             AND(IF("4", "Oracle Linux arch is x86_64")
                                     OR(IF("6", "a is earlier than 0:1-1.el8") IF("5", "b is earlier")))))),
                TEST("2", "r", "2") TEST("3", "a", "3") TEST("4", "r", "4") TEST("5", "b", "3") TEST("6", "a", "6")
                    TEST("9", "a", "9") OBJECT("r", "oraclelinux-release") OBJECT("a", "a") OBJECT("b", "b")
                        STATE("2", "<l:arch operation='pattern match'>aarch64</l:arch>")
                            STATE("4", "<l:arch operation='pattern match'>x86_64</l:arch>")
                                STATE("3", EVR("less than", "0:1-2.el8")) STATE("6", EVR("less than", "0:1-1.el8"))
                                    STATE("9", "<l:signature_keyid>1</l:signature_keyid>")),
        "V ELSA-2024-1 aliases=CVE-2024-0001 summary=ELSA-2024-1:  a\n"
        "A Oracle Linux:8|a|ELSA-2024-1#x86_64 affected [0,0:1-1.el8) cves=CVE-2024-0001 binary arch=x86_64 "
        "severity=IMPORTANT fix=ELSA-2024-1 CVSS:3.1=CVSS:3.1/AV:N\n"
        "A Oracle Linux:8|a|ELSA-2024-1#aarch64 affected [0,0:1-2.el8) cves=CVE-2024-0001 binary arch=aarch64 "
        "severity=IMPORTANT fix=ELSA-2024-1 CVSS:3.1=CVSS:3.1/AV:N\n"
        "A Oracle Linux:8|b|ELSA-2024-1 affected [0,0:1-2.el8) cves=CVE-2024-0001 binary arch=aarch64,x86_64 "
        "severity=IMPORTANT fix=ELSA-2024-1 CVSS:3.1=CVSS:3.1/AV:N\n");
}

static void test_modules_and_builds(void **state)
{
    (void)state;
    expect(&oracle,
           FILE_OF(ELSA("ELSA-2024-1: a",
                        AND(IF("1", "Oracle Linux 8 is installed")
                                OR(AND(IF("2", "Module virt:ol is enabled") IF("3", "a is earlier than 0:1-1.el8"))
                                       AND(IF("4", "Module virt:kvm is enabled") IF("5", "a is earlier than 0:2-1.el8"))
                                           AND(IF("6", "c is earlier than 0:3-1.el8") IF("7", "c is ksplice-based"))
                                               IF("8", "c is earlier than 0:2-1.el8")))),
                   "<textfilecontent54_test id='t2'/>" TEST("3", "a", "3") OBJECT("a", "a")
                       STATE("3", EVR("less than", "0:1-1.el8")) TEST("6", "c", "6") OBJECT("c", "c")
                           STATE("6", EVR("less than", "0:3-1.ksplice1.el8"))),
           "V ELSA-2024-1 aliases=CVE-2024-0001 summary=ELSA-2024-1: a\n"
           "A Oracle Linux:8|a|ELSA-2024-1#virt:kvm affected [0,0:2-1.el8) cves=CVE-2024-0001 binary module=virt:kvm "
           "severity=IMPORTANT fix=ELSA-2024-1 CVSS:3.1=CVSS:3.1/AV:N\n"
           "A Oracle Linux:8|a|ELSA-2024-1#virt:ol affected [0,0:1-1.el8) cves=CVE-2024-0001 binary module=virt:ol "
           "severity=IMPORTANT fix=ELSA-2024-1 CVSS:3.1=CVSS:3.1/AV:N\n"
           "A Oracle Linux:8|c|ELSA-2024-1 affected [0,0:2-1.el8) cves=CVE-2024-0001 binary severity=IMPORTANT "
           "fix=ELSA-2024-1 CVSS:3.1=CVSS:3.1/AV:N\n"
           "A Oracle Linux:8|c|ELSA-2024-1#ksplice affected [0,0:3-1.ksplice1.el8) cves=CVE-2024-0001 binary "
           "severity=IMPORTANT fix=ELSA-2024-1 CVSS:3.1=CVSS:3.1/AV:N\n");
}

/* Modules count as the server's release, long-term support is a release of its own, other products are none. */
static void test_suse(void **state)
{
    (void)state;
    expect(
        &suse,
        FILE_OF(
            VULNERABILITY(
                "CVE-2024-0002",
                OR(AND(OR(IF("1", "SUSE Linux Enterprise Server 15 SP5 is installed")
                              IF("2", "SUSE Linux Enterprise Module for Basesystem 15 SP5 is installed")
                                  IF("3", "SUSE Manager Proxy 4.3 is installed")
                                      IF("4", "SUSE Linux Enterprise Server 15 SP2-LTSS is installed"))
                           OR(IF("5", "a-1-150.1 is installed") IF("6", "b is not affected") IF("7", "c is affected")))
                       AND(IF("8", "SUSE Manager Server 4.3 is installed") IF("9", "d-1-1 is installed")) AND(
                           IF("10", "SUSE Linux Enterprise Micro 5.4 is installed") IF("9", "d-1-1 is installed")))),
            TEST("5", "a", "5") OBJECT("a", "a")
                STATE("5", "<l:arch>(aarch64|x86_64)</l:arch>" EVR("less than", "0:1-150.1")) TEST("7", "c", "7")
                    OBJECT("c", "c") STATE("7", EVR("greater than", "0:0-0")) TEST("6", "b", "6") OBJECT("b", "b")
                        STATE("6", "<l:version operation='equals'>0</l:version>")),
        "V CVE-2024-0002 summary=CVE-2024-0002\n"
        "A SUSE:Linux Enterprise Micro 5.4|d|CVE-2024-0002 affected [0,1-1) cves=CVE-2024-0002 binary\n"
        "A SUSE:Linux Enterprise Server 15 SP2-LTSS|a|CVE-2024-0002 affected [0,0:1-150.1) cves=CVE-2024-0002 binary "
        "arch=aarch64,x86_64\n"
        "A SUSE:Linux Enterprise Server 15 SP2-LTSS|c|CVE-2024-0002 affected [0,) cves=CVE-2024-0002 binary\n"
        "A SUSE:Linux Enterprise Server 15 SP5|a|CVE-2024-0002 affected [0,0:1-150.1) cves=CVE-2024-0002 binary "
        "arch=aarch64,x86_64\n"
        "A SUSE:Linux Enterprise Server 15 SP5|c|CVE-2024-0002 affected [0,) cves=CVE-2024-0002 binary\n");
    expect(&opensuse,
           FILE_OF(VULNERABILITY("CVE-2024-0003", AND(OR(IF("1", "openSUSE Leap 15.5 is installed")
                                                             IF("2", "openSUSE Tumbleweed is installed"))
                                                          IF("3", "a-1-1 is installed"))),
                   TEST("2", "r", "2") OBJECT("r", "openSUSE-release")
                       STATE("2", EVR("greater than or equal", "0:20210101-0"))),
           "V CVE-2024-0003 summary=CVE-2024-0003\n"
           "A openSUSE:Leap 15.5|a|CVE-2024-0003 affected [0,1-1) cves=CVE-2024-0003 binary\n"
           "A openSUSE:Tumbleweed|a|CVE-2024-0003 affected [0,1-1) cves=CVE-2024-0003 binary\n");
}

#define AZURE(number, patchable, criteria)                                                                             \
    "<definition class='vulnerability' id='oval:m:def:" number "'><metadata><title>t</title>"                          \
    "<reference ref_id='CVE-2024-000" number "' source='CVE'/><patchable>" patchable                                   \
    "</patchable><advisory_date>2024-05-06T07:08:09Z</advisory_date><severity>High</severity></metadata>" criteria     \
    "</definition>"

static void test_azure(void **state)
{
    (void)state;
    expect(&azure,
           FILE_OF(AZURE("1", "true", AND(IF("1", "Package a is earlier than 1-1, affected by CVE-2024-0001")))
                       AZURE("2", "false", AND(IF("2", "Package a is installed with version 1-1 or earlier")))
                           AZURE("3", "Not Applicable", AND(IF("1", "x"))),
                   TEST("1", "a", "1") TEST("2", "a", "2") OBJECT("a", "a") STATE("1", EVR("less than", "0:1-1.azl3"))
                       STATE("2", EVR("less than or equal", "0:1-1.azl3"))),
           "V CVE-2024-0001 summary=t\nV CVE-2024-0002 summary=t\n"
           "A Azure Linux:3|a|AZL-1 affected [0,0:1-1.azl3) cves=CVE-2024-0001 severity=High\n"
           "A Azure Linux:3|a|AZL-2 affected [0,) cves=CVE-2024-0002 severity=High\n");
}

static void test_others(void **state)
{
    (void)state;
    expect(&photon,
           FILE_OF(PATCH("PHSA-2020:1 a", "<reference source='CVE' ref_id='CVE:1:CVE-2019-0001'/>", "",
                         AND(IF("1", "Photon OS 3 is installed") IF("2", "a is earlier than 0:1-2.ph3"))),
                   ""),
           "V PHSA-2020:1 aliases=CVE-2019-0001 summary=PHSA-2020:1 a\n"
           "A Photon OS:3.0|a|PHSA-2020:1 affected [0,0:1-2.ph3) cves=CVE-2019-0001 binary fix=PHSA-2020:1\n");
    /* Its publisher writes a subpackage's name into the version. */
    expect(&anolis,
           FILE_OF(PATCH("ANSA-2025:1: a", "", "<cve>CVE-2025-0001</cve>",
                         AND(IF("1", "Anolis OS 23 is installed") IF("2", "a-doc is earlier than 32:doc-1-2.an23"))),
                   ""),
           "V ANSA-2025:1 aliases=CVE-2025-0001 summary=ANSA-2025:1: a\n"
           "A Anolis OS:23|a-doc|ANSA-2025:1 affected [0,32:1-2.an23) cves=CVE-2025-0001 binary fix=ANSA-2025:1\n");
    expect(&alma,
           FILE_OF(PATCH("ALSA-2024:1: a", "<reference source='ALSA' ref_id='ALSA-2024:1'/>", "",
                         OR(IF("1", "AlmaLinux must be installed") AND(IF("2", "AlmaLinux 9 is installed") IF(
                             "3", "Module a:1 is enabled") IF("4", "a is earlier than 1:1-2.el9")))),
                   ""),
           "V ALSA-2024:1 summary=ALSA-2024:1: a\n"
           "A AlmaLinux:9|a|ALSA-2024:1 affected [0,1:1-2.el9) binary module=a:1 fix=ALSA-2024:1\n");
}

static void test_breaks(void **state)
{
    (void)state;
#define ONE(criteria) FILE_OF(VULNERABILITY("CVE-2024-0002", criteria), "")
    expect_refused(&suse, ONE(AND(IF("1", "no words that are known"))),
                   "CVE-2024-0002: a criterion that can't be read");
    expect_refused(&suse, ONE(""), "no criteria");
    expect_refused(&suse, ONE("<criteria operator='XOR'/>"), "neither AND nor OR");
    expect_refused(&suse, ONE(AND("<criterion comment='x'/>")), "without a test");
    expect_refused(&suse, ONE(AND(IF("1", "a is earlier than 1-1"))), "a package, version or platform");
    expect_refused(&azure,
                   FILE_OF(VULNERABILITY("CVE-2024-0002", AND(IF("1", "x"))),
                           TEST("1", "a", "1") OBJECT("a", "a") STATE("1", EVR("less than", "0:1-1,2-1"))),
                   "a package, version or platform");
    expect_refused(&azure, ONE(AND(IF("1", "a, b is earlier than 0:1-1"))), "a package, version or platform");
    expect_refused(&suse, FILE_OF(VULNERABILITY("", ""), ""), "without an id");
    expect_refused(&suse, "<oval_definitions><definitions>", "not XML, or cut");
    expect_refused(&suse, "<oval_definitions/>", "the feed is empty");
    expect_refused(&suse, "", "empty");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oracle), cmocka_unit_test(test_modules_and_builds),
        cmocka_unit_test(test_suse),   cmocka_unit_test(test_azure),
        cmocka_unit_test(test_others), cmocka_unit_test(test_breaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
