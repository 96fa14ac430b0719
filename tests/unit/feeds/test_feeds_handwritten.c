/* SPDX-License-Identifier: Apache-2.0 */
/* What people write by hand into feeds: typos in ids and versions, blanks, notices of other things; and entries that
 * hold for some machines only. JSON is written here with ' for ". */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "feeds/formats/secdb_item.h"
#include "unit/feeds_support.h"
#include "unit/fixture.h"

#define FEED(variable, of, how) static const struct feed variable = {.name = #variable, .ecosystem = of, .parse = how}
FEED(osv, NULL, format_osv_json);
FEED(secdb, "Alpine:v3.14", format_secdb);
FEED(azure, "Azure Linux:2", format_oval);
FEED(arch, "Arch Linux", format_arch);
FEED(tracker, "Debian", format_debian_tracker);
FEED(photon, "Photon OS:5.0", format_photon);
FEED(amazon, "Amazon Linux:2023", format_updateinfo);

static void expect(const struct feed *f, const char *text, const char *expected, uint64_t left_out)
{
    struct told t;
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(1 << 20);
    for (const char *c = text; *c; c++)
        buf_add_byte(&b, *c == '\'' && f != &azure && f != &amazon ? '"' : (uint8_t)*c);
    if (told_parse(&t, f, buf_slice(&b)))
        fail_msg("%s: %s", f->name, t.err.text);
    assert_string_equal(buf_cstr(&t.text), expected);
    assert_int_equal(t.stats.left_out, left_out);
    assert_int_equal(t.stats.skipped, 0);
    told_done(&t);
}

/* ---- secdb ---- */

static void check_item(const char *item, const char *expected)
{
    struct arena arena = ARENA_INIT(1 << 16);
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT(4096);
    struct slice ids[SECDB_ITEM_IDS_MAX];
    size_t n = secdb_item_ids(&arena, slice_str(item), ids);
    for (size_t i = 0; i < n; i++)
        buf_addf(&b, "%s%.*s", i ? " " : "", SLICE_FMT(ids[i]));
    if (strcmp(n ? buf_cstr(&b) : "", expected) != 0)
        fail_msg("\"%s\" gave \"%s\" and not \"%s\"", item, n ? buf_cstr(&b) : "", expected);
    arena_done(&arena);
}

static void test_secdb_items(void **state)
{
    (void)state;
    static const char *const vectors[][2] = {
        {"CVE-2022-1271 ZDI-CAN-16587", "CVE-2022-1271 ZDI-CAN-16587"},
        {"CVE-2026-45078, GHSA-8q93-5wqh-7v3m", "CVE-2026-45078 GHSA-8q93-5wqh-7v3m"},
        {"CVE-2026-45078,GHSA-8q93-5wqh-7v3m;CVE-2026-45079", "CVE-2026-45078 GHSA-8q93-5wqh-7v3m CVE-2026-45079"},
        {"CVE-2026-48785 / GHSA-cr2j-534f-mf3g", "CVE-2026-48785 GHSA-cr2j-534f-mf3g"},
        {"GHSA-xxpp-ffmm-ccqq", "GHSA-xxpp-ffmm-ccqq"},
        {"ghsa-8Q93-5wqh-7v3m", "GHSA-8q93-5wqh-7v3m"},
        {"VSV00019", "VSV00019"},
        {"XSA-248", "XSA-248"},
        {"XSA248 ZBX-11023", "XSA248 ZBX-11023"},
        {"wnpa-sec-2017-18", "wnpa-sec-2017-18"},
        {"TALOS-2017-0488.", "TALOS-2017-0488"},
        {"CVE-2017-8073.patch", "CVE-2017-8073"},
        {"cve-2017-8073", "CVE-2017-8073"},
        {"CVE_2019-2426", "CVE-2019-2426"},
        {"CVE_2019_2426", "CVE-2019-2426"},
        {"CVE 2018-16859", "CVE-2018-16859"},
        {"CVE: 2018-16859 and CVE-2018-16860", "CVE-2018-16859 CVE-2018-16860"},
        {"CVE2018-16859", "CVE-2018-16859"},
        {"CVE--2018-16859", "CVE-2018-16859"},
        {"CEV-2018-16859", "CVE-2018-16859"},
        {"CAN-2004-0001", "CVE-2004-0001"},
        {"CVE-2017-17434-1", "CVE-2017-17434"},
        {"CVE\xE2\x80\x91"
         "2018\xE2\x80\x91"
         "16859",
         "CVE-2018-16859"},
        {"CVE-2018-10103 CVE-2018-10103", "CVE-2018-10103"},
        {"CVE-2018-14464 # (LMP) CVE-2018-14465", "CVE-2018-14464"},
        {"CVE-2018-14463 (VRRP-2)", "CVE-2018-14463"},
        {"CVE-?\?\?\?-?\?\?\?\?  XSA-284", "XSA-284"},
        {"CVE-20xx-?  XSA-9", "XSA-9"},
        {"CVE-2022-?\?\?\?\?", ""},
        {"only affects x86_64", ""},
        {"", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++)
        check_item(vectors[i][0], vectors[i][1]);
}

static void test_secdb_versions(void **state)
{
    (void)state;
    static const char *const vectors[][2] = {
        {"5.2.5-r1", "5.2.5-r1"},
        {"0", "0"},
        {"20.10.11.r0", "20.10.11-r0"},
        {"4.8.0.-r1", "4.8.0-r1"},
        {"1.2.31-0", "1.2.31-r0"},
        {"2.7.16-33", "2.7.16-r33"},
        {"1.11-20-r0", "1.11.20-r0"},
        {"57-1-r2", "57.1-r2"},
        {"2021-03-27-r5", "2021.03.27-r5"},
        {"6.6.2p1-r0", "6.6.2p1-r0"},
        {" 1.2.3 -r0", "1.2.3-r0"},
        {"2.15.r-r1", "2.15.r-r1"},
        {"unknown", "unknown"},
        {"-r0", "-r0"},
    };
    struct arena arena = ARENA_INIT(1 << 16);
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        struct slice v = secdb_version(&arena, slice_str(vectors[i][0]));
        if (!slice_eq_str(v, vectors[i][1]))
            fail_msg("%s gave %.*s and not %s", vectors[i][0], SLICE_FMT(v), vectors[i][1]);
    }
    arena_done(&arena);
}

#define SECDB(name, secfixes) "{'pkg':{'name':'" name "','secfixes':{" secfixes "}}}"

static void test_secdb(void **state)
{
    (void)state;
    expect(&secdb,
           "{'distroversion':'v3.14','packages':[" SECDB("docker", "'20.10.11.r0':['CVE-2021-41190']") "," SECDB(
               "varnish", "'6.0.6-r0':['VSV00004'],'6.0.5-r0':['CVE-2022-?\?\?\?\?','CVE-"
                          "2020-11653, VSV00005']") "," SECDB("odd", "'unknown':['CVE-2020-"
                                                                     "0001']") "]}",
           "A Alpine:v3.14|docker|CVE-2021-41190 affected [0,20.10.11-r0) cves=CVE-2021-41190\n"
           "S varnish: an item that holds no id: CVE-2022-?\?\?\?\?\n"
           "A Alpine:v3.14|varnish|CVE-2020-11653 affected [0,6.0.5-r0) cves=CVE-2020-11653 aliases=VSV00005\n"
           "A Alpine:v3.14|varnish|VSV00004 affected [0,6.0.6-r0)\n"
           "S CVE-2020-0001: \"unknown\" is not a version of kind apk: it holds no digit\n"
           "A Alpine:v3.14|odd|CVE-2020-0001 affected [0,) cves=CVE-2020-0001\n",
           2);
}

/* ---- blanks in versions, in every format ---- */

#define ENTRY(ecosystem, fixed, more)                                                                                  \
    "{'package':{'name':'x','ecosystem':'" ecosystem "'" more                                                          \
    "},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':' 0'},{'fixed':'" fixed "'}]}]}"
#define DOCUMENT(id, more, affected) "{'id':'" id "'," more "'affected':[" affected "]}"

static void test_blanks(void **state)
{
    (void)state;
    expect(&osv, "[" DOCUMENT("CVE-2024-0001", "", ENTRY("Debian:12", "1.2-3 ", "")) "]",
           "A Debian:12|x|CVE-2024-0001 affected [0,1.2-3) cves=CVE-2024-0001\nV CVE-2024-0001\n", 0);
    expect(&azure, fixture("feeds/handwritten/blanks.xml"),
           "V CVE-2023-39323 summary=CVE-2023-39323 in golang\n"
           "A Azure Linux:2|golang|AZL-7 affected [0,0:1.20.10-1.cm2) cves=CVE-2023-39323\n",
           0);
    expect(&arch, "[{'name':'AVG-1','packages':['x'],'status':'Fixed','fixed':' 1.2-1','issues':['CVE-2024-0001']}]",
           "A Arch Linux|x|AVG-1 affected [0,1.2-1) cves=CVE-2024-0001 binary\n", 0);
    expect(&tracker,
           "{'x':{'CVE-2024-0001':{'releases':{'bookworm':{'status':'resolved','fixed_version':'1:1.2-3\\t'}}}}}",
           "A Debian:12|x|CVE-2024-0001 affected [0,1:1.2-3) cves=CVE-2024-0001\nV CVE-2024-0001\n", 0);
    expect(&photon, "[{'cve_id':'CVE-2024-0001','pkg':'x','status':'Fixed','res_ver':'1.2 -1.ph5'}]",
           "A Photon OS:5.0|x|CVE-2024-0001 affected [0,1.2-1.ph5) cves=CVE-2024-0001\n", 0);
    expect(
        &amazon,
        "<updates><update type='security'><id>ALAS2023-1</id><title>x</title><references><reference type='cve' "
        "id='CVE-2024-0001'/></references><pkglist><collection><package name='x' version=' 1.2' release='1.amzn2023 ' "
        "epoch=' 0' arch='x86_64'/></collection></pkglist></update></updates>",
        "V ALAS2023-1 aliases=CVE-2024-0001 summary=x\n"
        "A Amazon Linux:2023|x|ALAS2023-1 affected [0,0:1.2-1.amzn2023) cves=CVE-2024-0001 binary arch=x86_64 "
        "fix=ALAS2023-1\n",
        0);
    /* Between digits it might be anything. */
    struct arena arena = ARENA_INIT(1 << 12);
    assert_true(slice_eq_str(reading_version(&arena, SLICE("1.2 3")), "1.2 3"));
    assert_true(slice_eq_str(reading_version(&arena, SLICE("\xC2\xA0"
                                                           "1.2\xC2\xA0-\t3")),
                             "1.2-3"));
    assert_true(slice_eq_str(reading_version(&arena, SLICE("   ")), ""));
    arena_done(&arena);
}

/* ---- versions without an order ---- */

static void test_no_order(void **state)
{
    (void)state;
    expect(&osv, fixture("feeds/handwritten/no-order.json"),
           "S CVE-2024-0001: \"none\" is not a version of kind dpkg: it holds no digit\n"
           "A Debian:12|x|CVE-2024-0001 affected [0,) cves=CVE-2024-0001\nV CVE-2024-0001\n"
           "S CVE-2024-0002: \"?\" is not a version of kind dpkg: it holds no digit\nV CVE-2024-0002\n"
           "A Rocky Linux:9|x|CVE-2024-0003 affected [0,1.2-1_!bad) cves=CVE-2024-0003\nV CVE-2024-0003\n",
           2);
}

/* ---- notices that mend nothing ---- */

#define KEPT(id, title, package)                                                                                       \
    "A Debian:10|" package "|" id " affected [0,2) fix=" id "\nV " id " summary=" title "\n"

#define DROPPED(id) "S " id ": by its title or its packages a notice that mends no vulnerability\n"

static void test_maintenance(void **state)
{
    (void)state;
    expect(&osv, fixture("feeds/handwritten/maintenance.json"),
           DROPPED("DLA-3134-1") DROPPED("DLA-1155-1") DROPPED("DLA-9001-1") DROPPED("DLA-3171-1") DROPPED("DLA-1025-2")
               DROPPED("DLA-1115-1") DROPPED("DLA-3112-1") DROPPED("DSA-3148-1") DROPPED("USN-5495-2")
                   KEPT("DSA-2599-1", "nss - mis-issued intermediates", "nss")
                       KEPT("DSA-2299-1", "ca-certificates - untrusted root CA", "ca-certificates")
                           KEPT("DLA-0016-1", "libxml2 - security update", "libxml2"),
           9);
    /* What names a vulnerability is about it, whatever its title says. */
    expect(&osv,
           "[{'id':'DLA-1-2','summary':'x - regression update','upstream':['CVE-2024-0001'],'affected':[" ENTRY(
               "Debian:10", "2", "") "]}]",
           "A Debian:10|x|DLA-1-2 affected [0,2) cves=CVE-2024-0001 fix=DLA-1-2\n"
           "V DLA-1-2 aliases=CVE-2024-0001 summary=x - regression update\n",
           0);
}

/* ---- what a package URL restricts ---- */

static void test_machines(void **state)
{
    (void)state;
    expect(&osv,
           "[" DOCUMENT("CGA-22hv-wp9q-4779", "'related':['CVE-2024-0001'],",
                        ENTRY("Chainguard", "1.2-r1", ",'purl':'pkg:apk/chainguard/x?arch=x86_64'")) "]",
           "A Chainguard|x|CGA-22hv-wp9q-4779 affected [0,1.2-r1) cves=CVE-2024-0001 arch=x86_64\n"
           "V CGA-22hv-wp9q-4779 aliases=CVE-2024-0001\n",
           0);
    /* Equal for two machines: one record. Different: told apart. One without a machine: all. */
    expect(&osv, fixture("feeds/handwritten/machines.json"),
           "A Chainguard|x|CGA-1 affected [0,1.2-r1) cves=CVE-2024-0001 arch=aarch64,x86_64\n"
           "A Wolfi|x|CGA-1#x86_64 affected [0,1.2-r1) cves=CVE-2024-0001 arch=x86_64\n"
           "A Wolfi|x|CGA-1#aarch64 affected [0,1.2-r2) cves=CVE-2024-0001 arch=aarch64\n"
           "A MinimOS|x|CGA-1 affected [0,1-r1) cves=CVE-2024-0001\n"
           "A Debian:12|x|CGA-1 affected [0,1) cves=CVE-2024-0001\n"
           "V CGA-1 aliases=CVE-2024-0001\n",
           0);
}

static void test_release_and_epoch(void **state)
{
    (void)state;
    expect(&osv, fixture("feeds/handwritten/release-and-epoch.json"),
           "A Rocky Linux:8|x|RLSA-1 affected [0,1:1.1.1k-5.el8) cves=CVE-2024-0001 fix=RLSA-1\n"
           "A Alpine:v3.20|x|RLSA-1 affected [0,3-r0) cves=CVE-2024-0001 fix=RLSA-1\n"
           "V RLSA-1 aliases=CVE-2024-0001\n",
           0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secdb_items), cmocka_unit_test(test_secdb_versions),
        cmocka_unit_test(test_secdb),       cmocka_unit_test(test_blanks),
        cmocka_unit_test(test_no_order),    cmocka_unit_test(test_maintenance),
        cmocka_unit_test(test_machines),    cmocka_unit_test(test_release_and_epoch),
    };
    return cmocka_run_group_tests_name("feeds_handwritten", tests, NULL, NULL);
}
