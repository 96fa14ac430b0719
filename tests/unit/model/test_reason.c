/* SPDX-License-Identifier: Apache-2.0 */
/* Reasons and notes with their codes: the table and its page, and lists of records with codes and without. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/records.h"
#include "unit/fixture.h"

static struct arena arena = ARENA_INIT((size_t)1 << 20);

static bool is_word(const char *s)
{
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz-");
    return n && !s[n] && s[0] != '-' && s[n - 1] != '-';
}

static bool is_sentence(const char *s)
{
    size_t n = strlen(s);
    return n > 2 && s[0] >= 'A' && s[0] <= 'Z' && s[n - 1] == '.' && !strchr(s, '|');
}

static void test_table(void **state)
{
    (void)state;
    for (int i = 0; i < REASON_MAX; i++) {
        const struct reason_kind *k = &reason_kinds[i];
        if (!k->word || !is_word(k->word) || !is_sentence(k->means) || (k->does && !is_sentence(k->does)))
            fail_msg("row %d, %s", i, k->word ? k->word : "without a word");
        assert_int_equal(reason_of_word(slice_str(k->word)), i); /* no word stands twice */
    }
    assert_int_equal(reason_of_word(SLICE("of-a-later-version")), REASON_UNSPECIFIED);
    assert_int_equal(reason_of_word(SLICE_NONE), REASON_UNSPECIFIED);
}

/* docs/formats/reasons.md has the table's rows and no others. */
static void test_page(void **state)
{
    (void)state;
    struct slice page = slice_str(fixture("../../docs/formats/reasons.md")), line;
    size_t rows = 0;
    for (int i = 0; i < REASON_MAX; i++) {
        const struct reason_kind *k = &reason_kinds[i];
        struct slice row = arena_printf(&arena, "\n| `%s` | %s | %s | %s |\n", k->word, k->hides ? "yes" : "no",
                                        k->means, k->does ? k->does : "–");
        if (slice_find_slice(page, row) < 0)
            fail_msg("docs/formats/reasons.md has no row %.*s", SLICE_FMT(row));
    }
    while (slice_take_line(&page, &line))
        rows += slice_starts(line, SLICE("| `")) && (slice_ends(line, SLICE(". |")) || slice_ends(line, SLICE("– |")));
    assert_int_equal(rows, REASON_MAX);
}

static void test_lists(void **state)
{
    (void)state;
    struct reasons r = {0}, copy = {0};
    assert_true(reasons_addf(&arena, &r, REASON_FILE_CUT, "%s", "b"));
    assert_true(reasons_add(&arena, &r, REASON_LAYER_BROKEN, SLICE("a")));
    assert_true(reasons_add_one(&arena, &r, (struct reason){SLICE("b"), SLICE_NONE}));
    assert_true(reasons_add_one(&arena, &r, (struct reason){SLICE("c"), SLICE("of-a-later-version")}));
    assert_false(reasons_add(&arena, &r, REASON_FILE_CUT, SLICE_NONE)); /* of a text that had no room */
    assert_int_equal(r.texts.n, 4);
    assert_int_equal(r.codes.n, 4);
    assert_true(reasons_copy_all(&arena, &copy, &r));
    reasons_sort(&copy);
    assert_int_equal(copy.texts.n, 3);
    assert_int_equal(reason_code(reasons_at(&copy, 0)), REASON_LAYER_BROKEN);
    assert_int_equal(reason_code(reasons_at(&copy, 1)), REASON_FILE_CUT); /* the one with a code */
    assert_true(slice_eq_str(reasons_at(&copy, 2).code, "of-a-later-version"));
    assert_int_equal(reason_code(reasons_at(&copy, 2)), REASON_UNSPECIFIED);
    assert_true(slice_eq_str(reasons_text(&copy, REASON_FILE_CUT), "b"));
    assert_true(reasons_has(&copy, REASON_LAYER_BROKEN) && !reasons_has(&copy, REASON_NO_ADVISORIES));
    assert_true(reasons_has_text(&copy, SLICE("c")) && !reasons_has_text(&copy, SLICE("d")));
    assert_true(reasons_cap(&arena, &copy, 3, SLICE_NONE));
    assert_int_equal(copy.texts.n, 3);
    assert_true(reasons_cap(&arena, &copy, 2, SLICE_NONE));
    assert_int_equal(copy.texts.n, 2);
    assert_true(slice_eq_str(reasons_text(&copy, REASON_MORE), "and 2 more reasons"));
}

/* Of a record from before there were codes, or with fewer or more of them than texts. */
static void test_without_codes(void **state)
{
    (void)state;
    struct slice texts[] = {SLICE("z"), SLICE("a"), SLICE("z")}, codes[] = {SLICE("file-cut")};
    struct reasons old = {.texts = {texts, 3, 3}}, all = {0}, odd = {.texts = {texts, 1, 1}, .codes = {codes, 1, 1}};
    assert_true(slice_eq_str(reasons_at(&old, 2).code, "unspecified"));
    reasons_sort(&old);
    assert_int_equal(old.texts.n, 2);
    assert_true(slice_eq_str(old.texts.v[0], "a") && !old.codes.n);
    assert_true(reasons_add_all(&arena, &all, &old));
    assert_true(reasons_add(&arena, &all, REASON_FILE_CUT, SLICE("c")));
    assert_int_equal(all.codes.n, 3);
    assert_int_equal(reason_code(reasons_at(&all, 0)), REASON_UNSPECIFIED);
    assert_true(slice_eq_str(reasons_text(&all, REASON_FILE_CUT), "c"));
    odd.texts.n = 0; /* more codes than texts */
    assert_true(reasons_add(&arena, &odd, REASON_LAYER_BROKEN, SLICE("b")));
    assert_int_equal(odd.codes.n, 1);
    assert_int_equal(reason_code(reasons_at(&odd, 0)), REASON_LAYER_BROKEN);
    struct slice more[] = {SLICE("file-cut"), SLICE("layer-broken"), SLICE("file-cut")};
    struct reasons longer = {.texts = {texts, 2, 3}, .codes = {more, 3, 3}};
    texts[0] = SLICE("z");
    texts[1] = SLICE("a");
    reasons_sort(&longer);
    assert_int_equal(longer.codes.n, 2);
    assert_int_equal(reason_code(reasons_at(&longer, 0)), REASON_LAYER_BROKEN);
    assert_int_equal(reason_code(reasons_at(&longer, 1)), REASON_FILE_CUT);
}

/* What is added is whole or not there. */
static void test_full(void **state)
{
    (void)state;
    struct arena small = ARENA_INIT(3000);
    struct reasons r = {0};
    while (reasons_addf(&small, &r, REASON_FILE_CUT, "%zu", r.texts.n))
        ;
    assert_true(r.texts.n > 10 && small.overflow);
    assert_int_equal(r.texts.n, r.codes.n);
    arena_done(&small);
}

static int done(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table), cmocka_unit_test(test_page),
                                       cmocka_unit_test(test_lists), cmocka_unit_test(test_without_codes),
                                       cmocka_unit_test(test_full)};
    return cmocka_run_group_tests(tests, NULL, done);
}
