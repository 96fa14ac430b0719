/* SPDX-License-Identifier: Apache-2.0 */
/* Files that a reducer looks at as a whole, and lists of facts. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "packages/reading/fact_list.h"
#include "packages/reading/held_file.h"

static bool begin(struct held_file *h, const char *path, uint64_t size, size_t max, bool linked)
{
    static const struct package_rule rule = {.path = "**/x"};
    const struct reduced_file file = {.rule = &rule, .path = slice_str(path), .size = size, .linked = linked};
    return held_file_begin(h, &file, max);
}

static void test_pieces_and_gaps(void **state)
{
    struct held_file *h = xcalloc(1, sizeof *h);
    (void)state;
    assert_true(begin(h, "a/x", 9, 100, false));
    held_file_feed(h, 0, SLICE("ab"));
    held_file_feed(h, 5, SLICE("cdef"));
    assert_int_equal(h->bytes.n, 9);
    assert_memory_equal(h->bytes.p, "ab\0\0\0cdef", 9);
    assert_false(held_file_cut(h));
    assert_true(slice_eq_str(h->path, "a/x"));
    held_file_done(h);
    free(h);
}

static void test_cut_at_the_maximum(void **state)
{
    struct held_file *h = xcalloc(1, sizeof *h);
    (void)state;
    assert_true(begin(h, "a/x", 1000, 4, false));
    held_file_feed(h, 0, SLICE("abc"));
    held_file_feed(h, 3, SLICE("defg"));
    held_file_feed(h, 900, SLICE("z"));
    assert_true(slice_eq_str(h->bytes, "abcd"));
    assert_true(held_file_cut(h));
    /* A gap that begins before the maximum and ends behind it. */
    assert_true(begin(h, "a/x", 1000, 4, false));
    held_file_feed(h, 0, SLICE("a"));
    held_file_feed(h, 900, SLICE("z"));
    assert_true(slice_eq_str(h->bytes, "a"));
    held_file_done(h);
    free(h);
}

static void test_one_after_the_other(void **state)
{
    struct held_file *h = xcalloc(1, sizeof *h);
    (void)state;
    assert_true(begin(h, "a/x", 3, 100, false));
    held_file_feed(h, 0, SLICE("abc"));
    assert_true(begin(h, "b/x", 0, 100, false));
    assert_int_equal(h->bytes.n, 0);
    assert_false(held_file_cut(h));
    assert_false(begin(h, "c/x", 3, 100, true));
    held_file_done(h);
    free(h);
}

static void test_facts(void **state)
{
    struct buf b = BUF_INIT(32);
    struct slice list, name, value;
    (void)state;
    assert_int_equal(fact_list_add(&b, "name", SLICE("six")), 0);
    assert_int_equal(fact_list_add(&b, "version", SLICE("")), 0);
    assert_int_equal(fact_list_add(&b, "summary", SLICE("far more than there is room for")), -1);
    list = buf_slice(&b);
    assert_true(slice_eq_str(fact_list_get(list, "name"), "six"));
    assert_null(fact_list_get(list, "summary").p);
    assert_true(fact_list_take(&list, &name, &value) && slice_eq_str(name, "name"));
    assert_true(fact_list_take(&list, &name, &value) && slice_eq_str(name, "version") && !value.n);
    assert_false(fact_list_take(&list, &name, &value));
    assert_int_equal(list.n, 0);
    list = slice_sub(buf_slice(&b), 0, 7); /* within the first value */
    assert_false(fact_list_take(&list, &name, &value));
    assert_int_equal(list.n, 7);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_and_gaps),
        cmocka_unit_test(test_cut_at_the_maximum),
        cmocka_unit_test(test_one_after_the_other),
        cmocka_unit_test(test_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
