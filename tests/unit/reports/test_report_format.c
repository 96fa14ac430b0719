/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "reports/report_format.h"

/* Every row is one that all that is made from the table can use. */
static void test_table(void **state)
{
    (void)state;
    for (const struct report_format *const *f = report_formats; *f; f++) {
        bool any = false;
        assert_non_null((*f)->help);
        assert_non_null(strchr((*f)->media_type, '/'));
        assert_true((*f)->extension[0] && (*f)->extension[0] != '.');
        for (int s = 0; s < REPORT_SUBJECT_MAX; s++) {
            any |= (*f)->write[s] != NULL;
            assert_ptr_equal(report_format_by_name((enum report_subject)s, slice_str((*f)->name)),
                             (*f)->write[s] ? *f : NULL);
        }
        assert_true(any);
        for (const struct report_format *const *other = report_formats; other != f; other++)
            assert_string_not_equal((*other)->name, (*f)->name);
    }
    assert_null(report_format_by_name(REPORT_SCAN, SLICE("")));
    assert_null(report_format_by_name(REPORT_SCAN, SLICE("cyclonedx"))); /* it has no place for findings here */
}

/* Help and errors name those formats, in the table's order, that tell of the subject. */
static void test_names(void **state)
{
    (void)state;
    for (int s = 0; s < REPORT_SUBJECT_MAX; s++) {
        struct buf want = BUF_INIT(1024), names = BUF_INIT(1024);
        struct config_choices c;
        report_format_choices(s, &c);
        report_format_names((enum report_subject)s, &names);
        assert_true(c.n > 1);
        for (size_t i = 0; i < c.n; i++) {
            buf_addf(&want, "%s%s", !i ? "" : i + 1 < c.n ? ", " : " or ", c.v[i].name);
            assert_non_null(report_format_by_name((enum report_subject)s, slice_str(c.v[i].name)));
            assert_non_null(c.v[i].help);
        }
        assert_string_equal(buf_cstr(&names), buf_cstr(&want));
        buf_done(&want);
        buf_done(&names);
    }
}

static void test_accepted(void **state)
{
    static const struct {
        const char *accept, *want; /* NULL: none */
    } rows[] = {
        {"", "json"},
        {"*/*", "json"},
        {"application/*", "json"},
        {"text/csv", "csv"},
        {"Text/CSV; charset=utf-8", "csv"},
        {"text/csv;q=0.5, application/json", "json"},
        {"text/csv, application/json;q=0.9", "csv"},
        {"text/csv, application/json", "csv"},
        {"application/json, text/csv", "json"},
        {"application/json;q=0.200, text/csv;q=0.21", "csv"},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "json"},
        {"application/json;q=0, */*", "table"},
        {"text/plain", "table"},
        {"text/*", "table"},
        {"text/*, text/plain;q=0", "csv"},
        {"*/*;q=0", NULL},
        {"image/png", NULL},
        {"text/csvx", NULL},
        {"/", NULL},
        {";;,,", NULL},
        {"text/csv;q=", "csv"},
        {"text/csv;q=1.0", "csv"},
    };
    (void)state;
    assert_string_equal(report_format_accepted(REPORT_FINDINGS, SLICE_NONE)->name, "json");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct report_format *f = report_format_accepted(REPORT_FINDINGS, slice_str(rows[i].accept));
        if ((f != NULL) != (rows[i].want != NULL) || (f && strcmp(f->name, rows[i].want) != 0))
            fail_msg("\"%s\" gives %s", rows[i].accept, f ? f->name : "none");
    }
    assert_string_equal(report_format_accepted(REPORT_PACKAGES, SLICE("application/vnd.cyclonedx+json"))->name,
                        "cyclonedx");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
