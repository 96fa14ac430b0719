/* SPDX-License-Identifier: Apache-2.0 */
/* CSAF: places in a product tree, and what Red Hat's VEX documents become. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "feeds/formats/csaf/csaf.h"
#include "feeds/formats/csaf/csaf_documents.h"
#include "unit/feeds_support.h"
#include "unit/fixture.h"

/* ---- places ---- */

#define HEAD "{\"document\":{\"category\":\"csaf_vex\",\"tracking\":{\"id\":\"CVE-2024-0001\"}},\"product_tree\":{"

static void test_places(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(1 << 20);
    struct csaf_document d;
    struct csaf_place place;
    struct err e = ERR_INIT;
    const char *text = fixture("feeds/csaf/places.json");
    assert_int_equal(csaf_read(slice_str(text), &arena, &d, &e), 0);
    assert_true(csaf_place(&d, SLICE("P:m:nodejs"), &place));
    assert_true(slice_eq_str(place.package->id, "nodejs"));
    assert_true(slice_eq_str(place.platform->cpe, "cpe:/o:redhat:enterprise_linux:8"));
    assert_true(slice_eq_str(place.between, "nodejs:18:1"));
    assert_true(csaf_place(&d, SLICE("nodejs"), &place));
    assert_null(place.platform);
    assert_false(csaf_place(&d, SLICE("round"), &place));
    assert_false(csaf_place(&d, SLICE("lost"), &place));
    assert_false(csaf_place(&d, SLICE("none"), &place));
    assert_true(csaf_number(&d, SLICE("P")) > 0 && csaf_number(&d, SLICE("P:m")) > csaf_number(&d, SLICE("P")));
    assert_int_equal(csaf_number(&d, SLICE("none")), 0);
    assert_int_equal(csaf_read(SLICE("{\"document\":{}}"), &arena, &d, &e), -1);
    assert_string_equal(e.text, "a document without an id");
    struct arena small = ARENA_INIT(256);
    e = ERR_INIT;
    assert_int_equal(csaf_read(slice_str(text), &small, &d, &e), -1);
    arena_done(&small);
    arena_done(&arena);
}

/* ---- Red Hat's documents ---- */

/* Documents with a record separator (RFC 7464) between them. */
static int documents(struct feed_reading *r, struct err *e)
{
    const uint8_t *p;
    size_t n;
    int rc = r->source.read(r->source.arg, &p, &n, e);
    struct slice rest = slice_of(p, n), one;
    while (!rc && slice_take_token(&rest, 0x1e, &one))
        rc = csaf_vex_document(r, SLICE("made"), one, e);
    return rc;
}

static const struct feed vex = {.name = "redhat-vex", .ecosystem = "Red Hat", .parse = documents};

/* The advisories of one document, without the vulnerability's line. */
static void expect(const char *document, const char *expected)
{
    struct told t;
    if (told_parse(&t, &vex, slice_str(fixture(document))))
        fail_msg("%s", t.err.text);
    char *v = strstr((char *)(uintptr_t)buf_cstr(&t.text), "V CVE-2024-0001");
    assert_non_null(v);
    *v = 0;
    assert_string_equal(buf_cstr(&t.text), expected);
    told_done(&t);
}

static void test_fixes(void **state)
{
    (void)state;
    /* The mainline's fixes of two minor releases; EUS on its own; both machines alike; the source beside binaries. */
    expect("feeds/csaf/fixes-of-minor-releases.json",
           "A Red Hat:9|curl|CVE-2024-0001 affected [0,7.76.1-23.el9_2.4) cves=CVE-2024-0001 binary "
           "severity=Important fix=RHSA-2\n"
           "A Red Hat:9|curl|7.76.1-26.el9_3.2/CVE-2024-0001 affected [0,7.76.1-26.el9_3.2) cves=CVE-2024-0001 "
           "binary severity=Important fix=RHSA-3\n"
           "A Red Hat:rhel_eus:9.0|curl|CVE-2024-0001 affected [0,2:7.76.1-14.el9_0.9) cves=CVE-2024-0001 binary\n");
    /* The same build rebuilt for the next minor release: each release has its own. */
    expect(
        "feeds/csaf/rebuilt-for-the-next-minor-release.json",
        "A Red Hat:9|firefox|CVE-2024-0001 affected [0,115.5.0-1.el9_2) cves=CVE-2024-0001 binary\n"
        "A Red Hat:9|firefox|115.5.0-1.el9_3/CVE-2024-0001 affected [0,115.5.0-1.el9_3) cves=CVE-2024-0001 binary\n");
    /* Machines that differ; a name that only the source has. */
    expect("feeds/csaf/machines-that-differ.json",
           "A Red Hat:8|python3.9|CVE-2024-0001 affected [0,3.9-1.el8) cves=CVE-2024-0001\n"
           "A Red Hat:8|zlib|i686/CVE-2024-0001 affected [0,1-3.el8) cves=CVE-2024-0001 binary arch=i686,x86_64\n"
           "A Red Hat:8|zlib|s390x/CVE-2024-0001 affected [0,1-4.el8) cves=CVE-2024-0001 binary arch=s390x\n");
}

static void test_modules(void **state)
{
    (void)state;
    expect("feeds/csaf/modules.json",
           "A Red Hat:8|go-toolset|go-toolset:rhel8/CVE-2024-0001 affected [0,) cves=CVE-2024-0001 "
           "module=go-toolset:rhel8\n"
           "A Red Hat:8|nodejs|nodejs:16/CVE-2024-0001 wont_fix cves=CVE-2024-0001 module=nodejs:16\n"
           "A Red Hat:8|nodejs|nodejs:18/CVE-2024-0001 affected [0,1:18.2.0-1.module+el8.9.0+1+a) cves=CVE-2024-0001 "
           "binary module=nodejs:18\n");
}

static void test_statements_without_a_fix(void **state)
{
    (void)state;
    expect("feeds/csaf/without-a-fix.json",
           "A Red Hat:7|libtiff|CVE-2024-0001 end_of_life cves=CVE-2024-0001 "
           "CVSS:3.0=CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L\n"
           "A Red Hat:8|compat-libtiff3|CVE-2024-0001 wont_fix cves=CVE-2024-0001\n"
           "A Red Hat:8|jar|CVE-2024-0001 affected [0,) cves=CVE-2024-0001\n"
           "A Red Hat:8|libtiff|CVE-2024-0001 affected [0,) cves=CVE-2024-0001\n"
           "A Red Hat:9|compat-libtiff3|CVE-2024-0001 not_affected cves=CVE-2024-0001\n"
           "A Red Hat:9|libtiff|CVE-2024-0001 under_investigation cves=CVE-2024-0001\n"
           "A Red Hat:openshift:4|libtiff|CVE-2024-0001 not_affected cves=CVE-2024-0001\n");
    /* A binary with a fix, made from another source by now, beside the component that has none. */
    expect("feeds/csaf/binary-from-another-source.json",
           "A Red Hat:9|kernel-rt|CVE-2024-0001 affected [0,5.14.0-427.el9) cves=CVE-2024-0001 binary\n"
           "A Red Hat:9|kernel-rt|source/CVE-2024-0001 affected [0,) cves=CVE-2024-0001\n");
    /* Said alone it decides nothing. */
    expect("feeds/csaf/not-affected-alone.json", "");
}

/* OSV spells the same products by their CPEs. */
static void test_osv_has_the_same_names(void **state)
{
    (void)state;
    static const struct feed osv = {.name = "osv", .ecosystem = "Red Hat", .parse = format_osv_json};
    static const char *const names[][2] = {{"enterprise_linux:9::appstream", "9"},
                                           {"rhel_eus:9.2::appstream", "rhel_eus:9.2"},
                                           {"openshift:4.12::el8", "openshift:4.12::el8"}};
    static const char document[] =
        "[{\"id\":\"RHSA-2024:1\",\"related\":[\"CVE-2024-0001\"],\"affected\":[{\"package\":{\"name\":\"x\","
        "\"ecosystem\":\"Red Hat:%s\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},"
        "{\"fixed\":\"1-2\"}]}]}]}]";
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct told t;
        char text[512], expected[128];
        snprintf(text, sizeof text, document, names[i][0]);
        snprintf(expected, sizeof expected, "A Red Hat:%s|x|RHSA-2024:1 ", names[i][1]);
        assert_int_equal(told_parse(&t, &osv, slice_str(text)), 0);
        assert_non_null(strstr(buf_cstr(&t.text), expected));
        told_done(&t);
    }
}

static void test_documents_that_break_the_format(void **state)
{
    (void)state;
    struct told t;
    assert_int_equal(
        told_parse(&t, &vex, slice_str("{\"document\":{\"category\":\"csaf_vex\",\"tracking\":{\"id\":\"X\"}}")), -1);
    assert_non_null(strstr(t.err.text, "made: not JSON"));
    told_done(&t);
    assert_int_equal(
        told_parse(&t, &vex,
                   slice_str("{\"document\":{\"category\":\"csaf_security_advisory\",\"tracking\":{\"id\":\"X\"}}}")),
        -1);
    assert_non_null(strstr(t.err.text, "made: not a VEX document"));
    told_done(&t);
    assert_int_equal(told_parse(&t, &vex, slice_str(HEAD "},\"vulnerabilities\":[{\"cve\":\"7\"}]}")), -1);
    assert_non_null(strstr(t.err.text, "CVE-2024-0001: a vulnerability without a CVE"));
    told_done(&t);
    /* A withdrawn document is none that breaks the format. */
    assert_int_equal(
        told_parse(&t, &vex,
                   slice_str("{\"document\":{\"tracking\":{\"id\":\"X\",\"status\":\"deleted\"}}}\x1e" HEAD
                             "},\"vulnerabilities\":[{\"cve\":\"CVE-2024-0001\",\"title\":\"a \\u00e9\"}]}")),
        0);
    assert_int_equal(t.stats.withdrawn, 1);
    assert_non_null(strstr(buf_cstr(&t.text), "V CVE-2024-0001 summary=a \xc3\xa9"));
    told_done(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_fixes),
        cmocka_unit_test(test_modules),
        cmocka_unit_test(test_statements_without_a_fix),
        cmocka_unit_test(test_osv_has_the_same_names),
        cmocka_unit_test(test_documents_that_break_the_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
