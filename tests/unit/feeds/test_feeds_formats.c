/* SPDX-License-Identifier: Apache-2.0 */
/* Each format with small files: what they say, what is skipped, what refuses the feed. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "feeds/table/families.h"
#include "feeds/fetch/fetch.h"
#include "unit/feeds_support.h"
#include "model/distro/distro.h"
#include "unit/fixture.h"

static const struct feed osv_any = {.name = "osv-test", .parse = format_osv_json};

static void expect(const struct feed *f, const char *bytes, const char *expected)
{
    struct told t;
    if (told_parse(&t, f, slice_str(bytes)))
        fail_msg("%s", t.err.text);
    assert_string_equal(buf_cstr(&t.text), expected);
    told_done(&t);
}

static void expect_refused(const struct feed *f, struct slice bytes, const char *reason)
{
    struct told t;
    assert_int_equal(told_parse(&t, f, bytes), -1);
    assert_int_equal(t.err.kind, ERR_POISON);
    if (!strstr(t.err.text, reason))
        fail_msg("'%s' does not say '%s'", t.err.text, reason);
    told_done(&t);
}

/* ---- OSV ---- */

#define ENTRY_OF(name, ecosystem, events, more)                                                                        \
    "{\"package\":{\"name\":\"" name "\",\"ecosystem\":\"" ecosystem                                                   \
    "\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[" events "]}]" more "}"
#define ENTRY(ecosystem, events, more) ENTRY_OF("x", ecosystem, events, more)
#define FROM_0                         "{\"introduced\":\"0\"}"

static void test_osv_debian(void **state)
{
    (void)state;
    expect(&osv_any,
           "[{\"id\":\"DSA-9001-1\",\"summary\":\"libx - update\",\"upstream\":[\"CVE-2024-0002\",\"CVE-2024-0001\"],"
           "\"affected\":[" ENTRY_OF("libx", "Debian:12", FROM_0 ",{\"fixed\":\"1:2.0-1+deb12u1\"}",
                                     ",\"versions\":[\"1.0\",\"1.1\"]") "]}]",
           "A Debian:12|libx|DSA-9001-1 affected [0,1:2.0-1+deb12u1) cves=CVE-2024-0001,CVE-2024-0002 "
           "fix=DSA-9001-1\n"
           "V DSA-9001-1 aliases=CVE-2024-0001,CVE-2024-0002 summary=libx - update\n");
    expect(&osv_any, fixture("feeds/formats/osv-debian.json"),
           "A Debian:13|a|DEBIAN-CVE-2024-0003 affected [0,) cves=CVE-2024-0003 severity=unimportant "
           "CVSS:3.0=CVSS:3.0/AV:N CVSS:2.0=AV:N/AC:L\n"
           "A Debian:13|b|DEBIAN-CVE-2024-0003 end_of_life [0,) cves=CVE-2024-0003 "
           "CVSS:3.0=CVSS:3.0/AV:N CVSS:2.0=AV:N/AC:L\n"
           "A Debian:13|c|DEBIAN-CVE-2024-0003 affected [0,) cves=CVE-2024-0003 "
           "CVSS:3.0=CVSS:3.0/AV:N CVSS:2.0=AV:N/AC:L\n"
           "V CVE-2024-0003 aliases=DEBIAN-CVE-2024-0003\n");
}

static void test_osv_ubuntu(void **state)
{
    (void)state;
    expect(&osv_any, fixture("feeds/formats/osv-ubuntu-1.json"),
           "A Ubuntu:22.04:LTS|x|UBUNTU-CVE-2023-2650 affected [0,3.0.2-0ubuntu1.10) cves=CVE-2023-2650 severity=low "
           "Ubuntu=low\n"
           "A Ubuntu:Pro:16.04:LTS|x|UBUNTU-CVE-2023-2650 needs_subscription [0,1.0.2g+esm9) cves=CVE-2023-2650 "
           "severity=low Ubuntu=low\n"
           "A Ubuntu:Pro:14.04:LTS|x|UBUNTU-CVE-2023-2650 affected [0,) cves=CVE-2023-2650 severity=low Ubuntu=low\n"
           "V CVE-2023-2650 aliases=UBUNTU-CVE-2023-2650\n");
    /* A notice: each release has its own CVEs. */
    expect(&osv_any, fixture("feeds/formats/osv-ubuntu-2.json"),
           "A Ubuntu:18.04:LTS|x|USN-7-1 affected [0,1.1) cves=CVE-2023-2650 severity=medium fix=USN-7-1 "
           "CVSS:3.1=CVSS:3.1/AV:N Ubuntu=medium\n"
           "V USN-7-1 aliases=CVE-2023-1255,CVE-2023-2650\n");
}

#define EVENTS(list) "[{\"id\":\"X-1\",\"affected\":[" ENTRY("T", list, "") "]}]"

static void test_osv_events(void **state)
{
    (void)state;
    expect(&osv_any,
           EVENTS("{\"introduced\":\"1\"},{\"fixed\":\"1.5\"},{\"introduced\":\"2\"},{\"last_affected\":\"2.4\"},"
                  "{\"introduced\":\"3\"}"),
           "A T|x|X-1 affected [1,1.5) [2,<=2.4) [3,)\nV X-1\n");
    /* A second end or beginning changes nothing; limit "*" is no limit. */
    expect(
        &osv_any,
        EVENTS("{\"introduced\":\"0\"},{\"introduced\":\"1\"},{\"fixed\":\"2\"},{\"fixed\":\"3\"},{\"limit\":\"*\"}"),
        "A T|x|X-1 affected [0,2)\nV X-1\n");
    expect_refused(&osv_any, slice_str(EVENTS("{\"fixed\":\"2\"},{\"introduced\":\"0\"}")), "begin with an end");
    expect_refused(&osv_any, slice_str(EVENTS("{\"fixed\":7}")), "X-1: an event that is none of");
    expect_refused(&osv_any, slice_str(EVENTS("")), "without events");
    /* Several entries of one package: the union, without repeats. */
    expect(
        &osv_any,
        "[{\"id\":\"X-2\",\"affected\":[" ENTRY("T", FROM_0 ",{\"fixed\":\"1\"}", "") "," ENTRY(
            "T", "{\"introduced\":\"2\"},{\"fixed\":\"3\"}", "") "," ENTRY("T", FROM_0 ",{\"fixed\":\"1\"}", "") "]}]",
        "A T|x|X-2 affected [0,1) [2,3)\nV X-2\n");
}

static void test_osv_versions(void **state)
{
    (void)state;
    expect(&osv_any, fixture("feeds/formats/osv-versions.json"),
           "A PyPI|p|GHSA-x affected versions=1.0,2.0 cves=CVE-2024-1000\n"
           "V GHSA-x aliases=CVE-2024-1000\n");
}

static void test_osv_withdrawn_and_foreign(void **state)
{
    (void)state;
    expect(&osv_any,
           "[{\"id\":\"X-3\",\"withdrawn\":\"2024-01-01T00:00:00Z\",\"affected\":[" ENTRY("T", FROM_0, "") "]}]",
           "V X-3 withdrawn\n");
    struct feed debian = {.name = "osv-debian", .ecosystem = "Debian", .parse = format_osv_json};
    expect(&debian,
           "[{\"id\":\"X-4\",\"affected\":[" ENTRY("Debian:12", FROM_0, "") "," ENTRY(
               "Debianish", FROM_0, "") "," ENTRY("npm", FROM_0, "") "]}]",
           "A Debian:12|x|X-4 affected [0,)\nV X-4\n");
}

static void test_osv_hostile(void **state)
{
    (void)state;
    expect_refused(&osv_any, SLICE(""), "empty");
    expect_refused(&osv_any, SLICE("[]"), "empty");
    expect_refused(&osv_any, SLICE("[{\"id\":\"X-1\"}"), "cut");
    expect_refused(&osv_any, SLICE("[{\"id\":\"X-1\"}]x"), "stands behind its end");
    expect_refused(&osv_any, SLICE("[{\"id\":\"X,1\"}]"), "without an id");
    expect_refused(&osv_any, SLICE("[{\"id\":\"X\",\"id\":\"Y\"}]"), "not JSON");
    expect_refused(&osv_any, SLICE("[{\"id\":\"X\",\"affected\":{}}]"), "not a list");
    struct buf deep = BUF_INIT(4096);
    for (int i = 0; i < 1000; i++)
        buf_add_byte(&deep, '[');
    expect_refused(&osv_any, buf_slice(&deep), "it nests too deep");
    buf_done(&deep);
}

/* ---- the zip ---- */

#define GOOD_DOCUMENT(id) "{\"id\":\"" id "\",\"affected\":[" ENTRY("Debian:12", FROM_0, "") "]}"

static void test_zip_whole_and_cut(void **state)
{
    (void)state;
    const struct feed *f = feed_by_name(SLICE("osv-debian"));
    struct test_file files[] = {
        {"A-1.json", GOOD_DOCUMENT("A-1")}, {"note.txt", "x"}, {"A-2.json", GOOD_DOCUMENT("A-2")}};
    struct buf zip = BUF_INIT((size_t)1 << 20);
    test_zip(files, ARRAY_LEN(files), &zip);
    struct told t;
    assert_int_equal(told_parse(&t, f, buf_slice(&zip)), 0);
    assert_string_equal(buf_cstr(&t.text), "A Debian:12|x|A-1 affected [0,)\nV A-1\n"
                                           "A Debian:12|x|A-2 affected [0,)\nV A-2\n");
    assert_int_equal(t.stats.documents, 2);
    assert_int_equal(t.stats.bytes, zip.n);
    told_done(&t);
    /* Every shorter file is refused: none passes for the feed. */
    for (size_t n = 0; n < zip.n; n++) {
        uint8_t *cut = xmemdup(zip.p, n);
        assert_int_equal(told_parse(&t, f, slice_of(cut, n)), -1);
        assert_int_equal(t.err.kind, ERR_POISON);
        told_done(&t);
        free(cut);
    }
    buf_done(&zip);
}

static void test_one_in_a_hundred(void **state)
{
    (void)state;
    enum { N = 100 };
    struct test_file files[N + 1];
    char names[N + 1][16], *texts[N + 1];
    for (int i = 0; i <= N; i++) {
        snprintf(names[i], sizeof names[i], "B-%d.json", i);
        texts[i] = i < N - 1 ? xasprintf("{\"id\":\"B-%d\"}", i) : xstrdup("{\"id\":");
        files[i] = (struct test_file){names[i], texts[i]};
    }
    const struct feed *f = feed_by_name(SLICE("osv-debian"));
    struct told t;
    struct buf zip = BUF_INIT((size_t)1 << 20);
    test_zip(files, N, &zip);
    assert_int_equal(told_parse(&t, f, buf_slice(&zip)), 0);
    assert_int_equal(t.stats.documents, N);
    assert_int_equal(t.stats.skipped, 1);
    assert_non_null(strstr(buf_cstr(&t.text), "S B-99: not JSON"));
    told_done(&t);
    buf_clear(&zip);
    test_zip(files, N + 1, &zip);
    expect_refused(f, buf_slice(&zip), "2 of 101 documents break the format (first: B-99: not JSON");
    buf_done(&zip);
    for (int i = 0; i <= N; i++)
        free(texts[i]);
}

/* ---- secdb ---- */

static void test_secdb(void **state)
{
    (void)state;
    const struct feed *f = feed_by_name(SLICE("alpine-v3.20-main"));
    expect(f, fixture("feeds/formats/secdb.json"),
           "A Alpine:v3.20|xz|CVE-2022-1271 affected [0,5.2.5-r1) cves=CVE-2022-1271 aliases=ZDI-CAN-16587\n"
           "A Alpine:v3.20|xz|CVE-2099-0001 not_affected cves=CVE-2099-0001\n"
           "A Alpine:v3.20|xen|CVE-2017-17566 affected [0,4.0-r0) [0,4.1-r1) cves=CVE-2017-17566 aliases=XSA-248\n"
           "A Alpine:v3.20|xen|CVE-2018-1234 affected [0,4.0-r0) cves=CVE-2018-1234\n"
           "A Alpine:v3.20|xen|CVE-2019-1111 affected [0,4.0-r0) cves=CVE-2019-1111\n"
           "A Alpine:v3.20|xen|XSA-7 affected [0,4.1-r1)\n"
           "A Alpine:v3.20|xen|XSA-9 affected [0,4.1-r1)\n");
    expect_refused(f, SLICE("{\"distroversion\":\"v3.19\",\"packages\":[]}"), "release 'v3.19'");
    expect_refused(f, SLICE("{\"distroversion\":\"v3.20\",\"packages\":[]}"), "empty");
    expect_refused(f, SLICE("{\"packages\":[{\"pkg\":{\"name\":\"xz\",\"secfixes\":[]}}]}"), "without secfixes");
    expect_refused(f, SLICE("{\"packages\":[{\"pkg\":{\"name\":\"xz\",\"secfixes\":{\"1\":[3]}}}]}"), "not text");
    expect_refused(f, SLICE("<html>"), "not JSON: a value was expected, at byte 0");
}

/* ---- exploit knowledge ---- */

#define KEV_ONE(cve)                                                                                                   \
    "{\"cveID\":\"" cve "\",\"vulnerabilityName\":\"Name\",\"dateAdded\":\"2024-05-01\",\"dueDate\":\"2024-05-22\","   \
    "\"knownRansomwareCampaignUse\":\"Known\",\"notes\":\"see https://a.example/1 ; https://b.example/2;\","           \
    "\"cwes\":[\"CWE-79\",\"CWE-20\"]}"

static void test_kev(void **state)
{
    (void)state;
    const struct feed *f = feed_by_name(SLICE("kev"));
    expect(f, "{\"title\":\"x\",\"count\":1,\"vulnerabilities\":[" KEV_ONE("CVE-2024-1111") "]}",
           "V CVE-2024-1111 summary=Name references=https://a.example/1,https://b.example/2 cwes=CWE-20,CWE-79 "
           "kev=2024-05-01/2024-05-22/1\n");
    expect_refused(f, SLICE("{\"count\":2,\"vulnerabilities\":[" KEV_ONE("CVE-2024-1111") "]}"),
                   "says 2 entries but has 1");
    expect_refused(f, SLICE("{\"count\":1,\"vulnerabilities\":[" KEV_ONE("CVE-XXXX-1111") "]}"), "without a CVE id");
    expect_refused(f, SLICE("{\"count\":1,\"vulnerabilities\":[" KEV_ONE("CVE-2024-1111")), "cut");
}

static void test_epss(void **state)
{
    (void)state;
    const struct feed *f = feed_by_name(SLICE("epss"));
    expect(f,
           "#model_version:v1,score_date:2026-01-01\ncve,epss,percentile\nCVE-1999-0001,0.03351,0.87650\r\n"
           "CVE-1999-0002,1e-3,0",
           "V CVE-1999-0001 epss=0.03351/0.87650\nV CVE-1999-0002 epss=0.00100/0.00000\n");
    expect_refused(f, SLICE("cve,score\n"), "no column 'epss'");
    expect_refused(f, SLICE("cve,epss,percentile\n"), "empty");
    expect_refused(f, SLICE("cve,epss,percentile\nCVE-1999-0001,1.5,0\n"), "between 0 and 1");
    expect_refused(f, SLICE("cve,epss,percentile\nCVE-1999-0001,\"0.1\n"), "quote that never ends");
    expect_refused(f, SLICE("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03KL"), "cut or damaged");
}

static void test_exploitdb(void **state)
{
    (void)state;
    expect(feed_by_name(SLICE("exploit-db")),
           "id,file,description,date_published,author,type,platform,port,date_added,date_updated,verified,codes,tags\n"
           "16929,a.rb,\"AIX \"\"Calendar\"\", one\nline more\",2010-11-11,M,dos,aix,,,,1,CVE-2009-3699;OSVDB-58726,x\n"
           "17,b.txt,B,,N,local,linux,,,,0,CVE-2009-3699;CVE-2001-0001,\n"
           "18,c.txt,no code,,N,local,linux,,,,0,,\n",
           "V CVE-2001-0001 exploit=exploit-db/17/local/0\n"
           "V CVE-2009-3699 exploit=exploit-db/16929/dos/1 exploit=exploit-db/17/local/0\n");
}

static void test_metasploit(void **state)
{
    (void)state;
    const char *expected = "V CVE-2017-0143 exploit=metasploit/exploits/windows/smb/one/exploit/1\n"
                           "V CVE-2017-0144 exploit=metasploit/auxiliary/two/auxiliary/1 "
                           "exploit=metasploit/exploits/windows/smb/one/exploit/1\n";
    expect(feed_by_name(SLICE("metasploit")),
           "{\"exploit_windows/smb/one\":{\"type\":\"exploit\",\"path\":\"/modules/exploits/windows/smb/one.rb\","
           "\"references\":[\"MSB-1\",\"CVE-2017-0143\",\"CVE-2017-0144\"]},"
           "\"auxiliary_two\":{\"path\":\"/modules/auxiliary/two.rb\",\"references\":[\"CVE-2017-0144\"]}}",
           expected);
    /* The list of modules knows them by the same ids. */
    expect(feed_by_name(SLICE("msf-modules")),
           "/exploits/windows/smb/one.rb:CVE-2017-0143\n/exploits/windows/smb/one.rb:CVE-2017-0144\n\n"
           "/auxiliary/two.rb:CVE-2017-0144",
           expected);
}

static void test_nuclei(void **state)
{
    (void)state;
    const struct feed *f = feed_by_name(SLICE("nuclei"));
    expect(
        f,
        "{\"ID\":\"CVE-2021-44228\",\"Info\":{\"Name\":\"Log4j\",\"Severity\":\"critical\"},\"file_path\":\"http/cves/"
        "2021/CVE-2021-44228.yaml\"}\n\n"
        "{\"ID\":\"CVE-2021-44228\",\"file_path\":\"code/cves/2021/CVE-2021-44228.yaml\"}\r\n"
        "{\"ID\":\"CVE-2024-3400\",\"file_path\":\"\"}\n"
        "{\"ID\":\"CVE-2024-3401\",\"file_path\":\"../../x\"}",
        "V CVE-2021-44228 exploit=nuclei/code/cves/2021/CVE-2021-44228.yaml/template/0 "
        "exploit=nuclei/http/cves/2021/CVE-2021-44228.yaml/template/0\n");
    struct told t;
    assert_int_equal(told_parse(&t, f, SLICE("{\"ID\":\"CVE-2021-44228\",\"file_path\":\"a\"}\nno JSON\n")), -1);
    assert_int_equal(t.err.kind, ERR_POISON);
    told_done(&t);
}

/* ---- rules and names ---- */

static void test_half_of_yesterday(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    assert_int_equal(feed_check(feed_row(0), 10, 0, &e), 0);
    assert_int_equal(feed_check(feed_row(0), 50, 100, &e), 0);
    assert_int_equal(feed_check(feed_row(0), 49, 100, &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
    assert_non_null(strstr(e.text, "osv-debian: 49 records are less than half of the 100"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_osv_debian),
        cmocka_unit_test(test_osv_ubuntu),
        cmocka_unit_test(test_osv_events),
        cmocka_unit_test(test_osv_versions),
        cmocka_unit_test(test_osv_withdrawn_and_foreign),
        cmocka_unit_test(test_osv_hostile),
        cmocka_unit_test(test_zip_whole_and_cut),
        cmocka_unit_test(test_one_in_a_hundred),
        cmocka_unit_test(test_secdb),
        cmocka_unit_test(test_kev),
        cmocka_unit_test(test_epss),
        cmocka_unit_test(test_exploitdb),
        cmocka_unit_test(test_metasploit),
        cmocka_unit_test(test_half_of_yesterday),
        cmocka_unit_test(test_nuclei),
    };
    return cmocka_run_group_tests_name("feeds_formats", tests, NULL, NULL);
}
