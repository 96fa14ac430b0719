/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a file that comes in pieces: the same whatever the pieces. */
#include "packages/reading/line_feed.h"

#include <setjmp.h>
#include <cmocka.h>

static char told[4096];
static size_t lines_left;

static bool take(void *arg, struct slice line, bool cut)
{
    size_t n = strlen(told);
    assert_ptr_equal(arg, told);
    for (size_t i = 0; i < line.n; i++)
        told[n++] = line.p[i] ? (char)line.p[i] : '0';
    told[n++] = cut ? '!' : ';';
    told[n] = 0;
    return --lines_left > 0;
}

static void assert_lines(const char *text, size_t max, size_t lines, const char *want)
{
    static struct line_feed f;
    for (size_t step = 1; step <= strlen(text) + 1; step++) {
        told[0] = 0;
        lines_left = lines;
        line_feed_begin(&f, max, take);
        for (size_t at = 0; at < strlen(text); at += step) {
            struct slice piece = slice_sub(slice_str(text), at, step);
            uint8_t *copy = xmemdup(piece.p, piece.n);
            line_feed(&f, at, slice_of(copy, piece.n), told);
            free(copy);
        }
        line_feed_end(&f, told);
        if (strcmp(told, want) != 0)
            fail_msg("\"%s\" in pieces of %zu: \"%s\" and not \"%s\"", text, step, told, want);
    }
    line_feed_done(&f);
}

static void test_lines(void **state)
{
    (void)state;
    assert_lines("", 9, 99, "");
    assert_lines("a", 9, 99, "a;");
    assert_lines("a\nb\r\n\nc", 9, 99, "a;b;;c;");
    assert_lines("a\r\r\n\r\n", 9, 99, "a\r;;");
    assert_lines("123456789\n1234567890\nx", 9, 99, "123456789;123456789!x;");
    assert_lines("1234567890123", 9, 99, "123456789!");
    assert_lines("a\nb\nc\n", 9, 2, "a;b;");
}

static void test_gap(void **state)
{
    (void)state;
    static struct line_feed f;
    told[0] = 0;
    lines_left = 99;
    line_feed_begin(&f, 9, take);
    line_feed(&f, 4, SLICE("a\n"), told);
    line_feed(&f, 6, SLICE("b"), told);
    line_feed(&f, 1000, SLICE("c\n"), told);
    line_feed_end(&f, told);
    assert_string_equal(told, "0a;b0c;");
    line_feed_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines), cmocka_unit_test(test_gap)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
