/* SPDX-License-Identifier: Apache-2.0 */
/* Photon OS's CVE metadata. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "unit/feeds_support.h"

static const struct feed photon = {.name = "photon", .ecosystem = "Photon OS:5.0", .parse = format_photon};

#define ROW(id, package, affected, fixed, status)                                                                      \
    "{\"cve_id\":\"" id "\",\"pkg\":\"" package "\",\"cve_score\":null,\"aff_ver\":\"" affected                        \
    "\",\"res_ver\":\"" fixed "\",\"status\":\"" status "\"}"

static void test_rows(void **state)
{
    (void)state;
    struct told t;
    assert_int_equal(
        told_parse(
            &t, &photon,
            SLICE(
                "[" ROW("CVE-2024-0002", "b", "all versions before 2-1.ph5 are vulnerable", "2-1.ph5", "Fixed") "," ROW(
                    "CVE-2024-0001", "a", "x", "1-1.ph5",
                    "Fixed") "," ROW("CVE-2024-0002", "b", "x", "2-3.ph5",
                                     "Fixed") "," ROW("CVE-2024-0003", "b", "NA", "NA",
                                                      "Not Affected") "," ROW("CVE-2024-0004", "b", "NA", "NA",
                                                                              "Fixed") "," ROW("BDSA-2025-1", "b",
                                                                                               "all versions are "
                                                                                               "vulnerable",
                                                                                               "NA", "Not Fixed") "]")),
        0);
    assert_string_equal(buf_cstr(&t.text),
                        "A Photon OS:5.0|a|CVE-2024-0001 affected [0,1-1.ph5) cves=CVE-2024-0001\n"
                        "A Photon OS:5.0|b|BDSA-2025-1 affected [0,)\n"
                        "A Photon OS:5.0|b|CVE-2024-0002 affected [0,2-1.ph5) [0,2-3.ph5) cves=CVE-2024-0002\n");
    told_done(&t);
}

static void test_breaks(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {ROW("Re", "a", "x", "1-1", "Fixed"), "Re: an id that is none"},
        {ROW("CVE-2024-0001", "a", "x", "1-1 or so", "Fixed"), "CVE-2024-0001: a version that is none"},
        {ROW("CVE-2024-0001", "", "x", "1-1", "Fixed"), "a package's name that is none"},
        {"{}", "without an id or a package"},
        {ROW("CVE-2024-0001", "a", "NA", "NA", "Not Affected"), "hold no record"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct told t;
        struct buf text = BUF_INIT(4096);
        buf_addf(&text, "[%s]", cases[i][0]);
        assert_int_equal(told_parse(&t, &photon, buf_slice(&text)), -1);
        if (!strstr(t.err.text, cases[i][1]))
            fail_msg("'%s' does not say '%s'", t.err.text, cases[i][1]);
        told_done(&t);
        buf_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_breaks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
