/* SPDX-License-Identifier: Apache-2.0 */
/* updateinfo.xml as Amazon, Fedora and Alma write it, and where a repository has it. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "feeds/fetch/repository.h"
#include "unit/feeds_support.h"
#include "unit/fixture.h"

#define FEED(of)                                                                                                       \
    {                                                                                                                  \
        .name = "updateinfo", .ecosystem = of, .parse = format_updateinfo                                              \
    }
static const struct feed amazon2 = FEED("Amazon Linux:2"), amazon2023 = FEED("Amazon Linux:2023"),
                         fedora = FEED("Fedora:40"), alma = FEED("AlmaLinux:9"), bottlerocket = FEED("Bottlerocket");

#define UPDATE(kind, id, inside)                                                                                       \
    "<update status='final' type='" kind "'><id>" id "</id><title>t</title><issued date='2022-01-02 03:04'/>"          \
    "<severity>important</severity>" inside "</update>"
#define CVE(id)                "<references><reference href='http://x' id='" id "' type='cve'/></references>"
#define LIST(inside)           "<pkglist><collection short='c'>" inside "</collection></pkglist>"
#define PACKAGE(n, evr, archi) "<package name='" n "' " evr " arch='" archi "'/>"
#define EVR(e, v, r)           "epoch='" e "' version='" v "' release='" r "'"

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

static void test_amazon(void **state)
{
    (void)state;
    expect(&amazon2, fixture("feeds/updateinfo/amazon.xml"),
           "V ALAS2-2022-001 aliases=CVE-2022-0001 summary=t references=http://x\n"
           "A Amazon Linux:2|a|ALAS2-2022-001 affected [0,1:2-3.amzn2) cves=CVE-2022-0001 binary arch=aarch64,x86_64 "
           "severity=important fix=ALAS2-2022-001\n"
           "A Amazon Linux:2|d|ALAS2-2022-001 affected [0,0:2-3) cves=CVE-2022-0001 binary severity=important "
           "fix=ALAS2-2022-001\n"
           "V ALAS2KERNEL-5.10-2022-002 aliases=CVE-2022-0002 summary=t references=http://x\n"
           "A Amazon Linux:2|kernel|ALAS2KERNEL-5.10-2022-002 affected [0,0:5.10.1-1) cves=CVE-2022-0002 binary "
           "arch=x86_64 module=extras:kernel-5.10 severity=important fix=ALAS2KERNEL-5.10-2022-002\n");
    expect(&amazon2023,
           "<updates>" UPDATE("security", "ALAS2023LIVEPATCH-2023-001",
                              CVE("CVE-2022-0002") LIST("<package name='k' version='1' release='1' arch='x86_64'/>"))
               UPDATE("bugfix", "ALAS2023-2023-002", LIST(PACKAGE("z", EVR("0", "1", "1"), "noarch"))) "</updates>",
           "V ALAS2023LIVEPATCH-2023-001 aliases=CVE-2022-0002 summary=t references=http://x\n"
           "A Amazon Linux:2023|k|ALAS2023LIVEPATCH-2023-001 affected [0,0:1-1) cves=CVE-2022-0002 binary arch=x86_64 "
           "module=extras:livepatch severity=important fix=ALAS2023LIVEPATCH-2023-001\n");
}

/* CVEs stand in the titles of the bugs; another version for another architecture is a record of its own. */
static void test_fedora(void **state)
{
    (void)state;
    expect(&fedora, fixture("feeds/updateinfo/fedora.xml"),
           "V FEDORA-2024-1 aliases=CVE-2024-0001,CVE-2024-0002 summary=a-1-1.fc40\n"
           "A Fedora:40|a|FEDORA-2024-1#x86_64 affected [0,0:1-1.fc40) cves=CVE-2024-0001,CVE-2024-0002 binary "
           "arch=x86_64 fix=FEDORA-2024-1\n"
           "A Fedora:40|a|FEDORA-2024-1#s390x affected [0,0:1-2.fc40) cves=CVE-2024-0001,CVE-2024-0002 binary "
           "arch=s390x fix=FEDORA-2024-1\n"
           "V FEDORA-2024-2 summary=t\n"
           "A Fedora:40|b|FEDORA-2024-2 affected [0,0:1-1) binary arch=x86_64 severity=important "
           "fix=FEDORA-2024-2\n");
    expect_refused(&fedora,
                   "<updates><update type='security'><id>F-1</id><release>Fedora 39</release></update></updates>",
                   "F-1: it is of another release");
}

static void test_modules(void **state)
{
    (void)state;
    expect(&alma,
           "<updates>" UPDATE("security", "ALSA-2023:1",
                              CVE("CVE-2023-0001") LIST(
                                  "<module name='nodejs' stream='18' version='9' context='c' arch='x86_64'/>" PACKAGE(
                                      "nodejs", EVR("1", "18.18.2", "1.module_el9"), "x86_64"))) "</updates>",
           "V ALSA-2023:1 aliases=CVE-2023-0001 summary=t references=http://x\n"
           "A AlmaLinux:9|nodejs|ALSA-2023:1 affected [0,1:18.18.2-1.module_el9) cves=CVE-2023-0001 binary arch=x86_64 "
           "module=nodejs:18 severity=important fix=ALSA-2023:1\n");
}

/* Its first notice, and such as are made now: the package's own version, without a CVE, without a release. */
static void test_bottlerocket(void **state)
{
    (void)state;
    expect(&bottlerocket, fixture("feeds/updateinfo/bottlerocket.xml"),
           "V GHSA-mgxf-pj6m-9494 aliases=CVE-2020-10711 summary=t references=http://x\n"
           "A Bottlerocket|kernel|GHSA-mgxf-pj6m-9494 affected [0,0:0.3.3-b7d91846) cves=CVE-2020-10711 binary "
           "arch=aarch64,x86_64 severity=important fix=GHSA-mgxf-pj6m-9494\n"
           "V BRSA-98dbuvs59gvu summary=t\n"
           "A Bottlerocket|kernel-6.1|BRSA-98dbuvs59gvu affected [0,0:6.1.176) binary arch=x86_64 severity=important "
           "fix=BRSA-98dbuvs59gvu\n");
    expect_refused(&bottlerocket,
                   "<updates>" UPDATE("security", "X-1", LIST("<package name='a' release='1'/>")) "</updates>",
                   "a package without a version");
    expect_refused(&alma, "<updates>" UPDATE("security", "X-1", LIST("<package name='a' version='1'/>")) "</updates>",
                   "a package without a version");
}

static void test_breaks(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {UPDATE("security", "", ""), "without an id"},
        {UPDATE("security", "X-1", LIST("<package version='1' release='1'/>")), "X-1: a package without a name"},
        {UPDATE("security", "X-1", LIST("<package name='a' release='1'/>")), "a package without a version"},
        {UPDATE("security", "X-1", LIST(PACKAGE("a", EVR("x", "1", "1"), "x86_64"))), "a package without a version"},
        {"<update><id>X-1</id></update>", "hold no record"},
        {"", "the feed is empty"},
        {"<update>", "not XML, or cut"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf text = BUF_INIT(4096);
        buf_addf(&text, "<updates>%s</updates>", cases[i][0]);
        expect_refused(&alma, buf_cstr(&text), cases[i][1]);
        buf_done(&text);
    }
    struct told t;
    assert_int_equal(told_parse(&t, &alma,
                                SLICE("<updates><update type='security' status='retracted'><id>X-1</id>"
                                      "</update></updates>")),
                     -1);
    told_done(&t);
}

static void test_repository(void **state)
{
    (void)state;
    assert_true(repository_is("https://h/x/repodata/repomd.xml") && repository_is("https://h/mirror.list"));
    assert_false(repository_is("https://h/updateinfo.xml.gz"));
    assert_true(slice_eq_str(repository_mirror(SLICE("https://h.example/2/core/2.0/x86_64/0ab1/ \nhttps://other\n")),
                             "https://h.example/2/core/2.0/x86_64/0ab1"));
    assert_false(repository_mirror(SLICE("ftp://h/x")).p);
    assert_false(repository_mirror(SLICE("https://h/x/../y")).p);
    assert_false(repository_mirror(SLICE("https://h/x?y")).p);
    assert_false(repository_mirror(SLICE("")).p);
    assert_true(
        slice_eq_str(repository_location(
                         SLICE("<repomd><data type=\"primary\"><location href=\"repodata/p.gz\"/></data>"
                               "<data type=\"updateinfo\"><checksum/><location href=\"repodata/1-u.xml.gz\"/></data>")),
                     "repodata/1-u.xml.gz"));
    static const char *const none[] = {
        "",
        "<data type=\"primary\"><location href=\"repodata/p.gz\"/></data>",
        "<data type=\"updateinfo\"><location href=\"repodata/u.gz\"/>",
        "<data type=\"updateinfo\"></data><location href=\"repodata/u.gz\"/>",
        "<data type=\"updateinfo\"><location href=\"../u.gz\"/></data>",
        "<data type=\"updateinfo\"><location href=\"/u.gz\"/></data>",
        "<data type=\"updateinfo\"><location href=\"http://h/u.gz\"/></data>",
        "<data type=\"updateinfo\"><location href=\"\"/></data>",
        "<data type=\"updateinfo\"><location href=",
    };
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_false(repository_location(slice_str(none[i])).p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_amazon),       cmocka_unit_test(test_fedora), cmocka_unit_test(test_modules),
        cmocka_unit_test(test_bottlerocket), cmocka_unit_test(test_breaks), cmocka_unit_test(test_repository),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
