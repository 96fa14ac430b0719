/* SPDX-License-Identifier: Apache-2.0 */
/* The CSV reader: rows of RFC 4180, cut anywhere by the pieces that they come in, and what it refuses. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "io/text/csv.h"

struct pieces {
    struct slice rest;
    size_t size;
};

static int pieces_read(void *arg, const uint8_t **ret_p, size_t *ret_n, struct err *e)
{
    (void)e;
    struct pieces *p = arg;
    *ret_p = p->rest.p;
    *ret_n = MIN(p->size, p->rest.n);
    p->rest = slice_from(p->rest, *ret_n);
    return 0;
}

/* Every row as "a|b;", or why there are no more. */
static void expect_rows(struct slice text, const char *rows)
{
    for (size_t size = 1; size < 20; size++) {
        struct pieces pieces = {text, size};
        struct buf out = BUF_INIT(1 << 16);
        struct err e = ERR_INIT;
        struct csv c;
        int rc;
        csv_init(&c, (struct byte_source){.read = pieces_read, .arg = &pieces});
        while ((rc = csv_next(&c, &e)) == 1)
            for (size_t i = 0; i < c.fields_n; i++)
                buf_addf(&out, "%.*s%s", SLICE_FMT(csv_field(&c, i)), i + 1 < c.fields_n ? "|" : ";");
        if (rc < 0)
            buf_add_str(&out, e.text);
        assert_int_equal(e.kind, rc < 0 ? ERR_POISON : ERR_NONE);
        assert_string_equal(buf_cstr(&out), rows);
        csv_done(&c);
        buf_done(&out);
    }
}

static void test_rows(void **state)
{
    (void)state;
    expect_rows(SLICE(""), "");
    expect_rows(SLICE("a,b\nc,d"), "a|b;c|d;");
    expect_rows(SLICE("a,b\r\n\r\n\nc,\n"), "a|b;c|;");
    expect_rows(SLICE("\"a,\"\"b\"\"\nc\",d\r\n"), "a,\"b\"\nc|d;");
    expect_rows(SLICE("a \"b\" c,\"d\"e\n"), "a \"b\" c|de;");
    expect_rows(SLICE("\"\",x\n"), "|x;");
    expect_rows(SLICE("a,b\n\"c,d\n"), "a|b;row 2 has a quote that never ends");
}

static void test_header(void **state)
{
    (void)state;
    static const char *const names[] = {"id", "name"};
    struct byte_source_memory m = {SLICE("# of today, or not\nname,x,id\nn,,7\nshort\n")};
    struct err e = ERR_INIT;
    struct csv c;
    size_t columns[2];
    csv_init(&c, byte_source_of_memory(&m));
    assert_int_equal(csv_header(&c, names, 2, columns, &e), 0);
    assert_string_equal(c.comment, "# of today, or not");
    assert_true(columns[0] == 2 && columns[1] == 0 && csv_column(&c, "x") == 1 && csv_column(&c, "y") == SIZE_MAX);
    assert_int_equal(csv_next(&c, &e), 1);
    assert_true(slice_eq_str(csv_field(&c, columns[0]), "7") && slice_eq_str(csv_field(&c, columns[1]), "n"));
    assert_int_equal(csv_next(&c, &e), 1);
    assert_null(csv_field(&c, columns[0]).p);
    assert_int_equal(csv_next(&c, &e), 0);
    csv_done(&c);
    /* A byte order mark is no part of the first name. */
    m.left = SLICE("\xEF\xBB\xBFid,other\n");
    csv_init(&c, byte_source_of_memory(&m));
    assert_int_equal(csv_header(&c, names, 2, columns, &e), -1);
    assert_string_equal(e.text, "the header has no column 'name'");
    csv_done(&c);
    m.left = SLICE("");
    csv_init(&c, byte_source_of_memory(&m));
    assert_int_equal(csv_header(&c, names, 2, columns, &e), -1);
    assert_string_equal(e.text, "it is empty");
    csv_done(&c);
}

static void test_limits(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(2 * CSV_ROW_MAX);
    for (size_t i = 0; i + 1 < CSV_FIELDS_MAX; i++)
        buf_add_str(&b, "x,");
    struct byte_source_memory m = {buf_slice(&b)};
    struct err e = ERR_INIT;
    struct csv c;
    csv_init(&c, byte_source_of_memory(&m));
    assert_int_equal(csv_next(&c, &e), 1);
    assert_int_equal(c.fields_n, CSV_FIELDS_MAX);
    csv_done(&c);
    buf_add_byte(&b, ',');
    m.left = buf_slice(&b);
    csv_init(&c, byte_source_of_memory(&m));
    assert_int_equal(csv_next(&c, &e), -1);
    assert_string_equal(e.text, "row 1 has more than 64 fields");
    csv_done(&c);
    buf_clear(&b);
    memset(buf_reserve(&b, CSV_ROW_MAX + 1), 'x', CSV_ROW_MAX + 1);
    b.n = CSV_ROW_MAX + 1;
    m.left = buf_slice(&b);
    csv_init(&c, byte_source_of_memory(&m));
    assert_int_equal(csv_next(&c, &e), -1);
    assert_string_equal(e.text, "row 1 is longer than 1048576 bytes");
    csv_done(&c);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
