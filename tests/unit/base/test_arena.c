/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays in arenas: what was put in stays while they grow and move, within the arena's maximum. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"

struct item {
    size_t number;
    struct slice text; /* from the same arena */
    uint8_t rest[200];
};
typedef VEC(struct item) item_vec;
struct large {
    uint8_t bytes[40000];
};

static void fill(struct arena *a, item_vec *moving, item_vec *copied, size_t n)
{
    for (size_t i = moving->n; i < n; i++) {
        struct item *m = VEC_ADD_MOVING(a, moving), *c;
        assert_non_null(m);
        assert_true(m->number == 0 && !m->text.p && m->rest[199] == 0);
        *m = (struct item){.number = i, .text = arena_printf(a, "text %zu", i)};
        memset(m->rest, (int)(i % 251), sizeof m->rest);
        struct item same = *m;
        c = VEC_ADD(a, copied);
        assert_non_null(c);
        *c = same;
    }
}

static void check(const item_vec *moving, const item_vec *copied, size_t n)
{
    assert_int_equal(moving->n, n);
    for (size_t i = 0; i < n; i++) {
        char text[40];
        snprintf(text, sizeof text, "text %zu", i);
        assert_int_equal(moving->v[i].number, i);
        assert_true(slice_eq_str(moving->v[i].text, text));
        assert_int_equal(moving->v[i].rest[199], i % 251);
        assert_memory_equal(&moving->v[i], &copied->v[i], sizeof copied->v[i]);
    }
}

static void test_moving(void **state)
{
    struct arena a = ARENA_INIT((size_t)256 << 20);
    item_vec first = {0}, second = {0}, copied = {0}, more = {0};
    (void)state;
    for (size_t n = 1; n <= 20000; n = n * 3 + 1) { /* two that grow in turn */
        fill(&a, &first, &copied, n);
        fill(&a, &second, &more, n);
        check(&first, &copied, n);
        check(&second, &more, n);
    }
    arena_reset(&a);
    first = second = copied = (item_vec){0};
    fill(&a, &first, &copied, 2000);
    check(&first, &copied, 2000);
    arena_done(&a);
}

/* Arrays that are large from the first element on: as the arena's first allocation, and beside others. */
static void check_large(size_t before)
{
    struct arena a = ARENA_INIT((size_t)64 << 20);
    VEC(struct large) v = {0};
    if (before)
        assert_non_null(arena_zalloc(&a, before));
    for (size_t i = 0; i < 100; i++) {
        struct large *e = VEC_ADD_MOVING(&a, &v);
        assert_non_null(e);
        memset(e, (int)i, sizeof *e);
    }
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(v.v[i].bytes[39999], i);
    assert_true(slice_eq_str(arena_printf(&a, "%d", 7), "7"));
    arena_done(&a);
}

static void test_large(void **state)
{
    (void)state;
    check_large(0);
    check_large(1);
    check_large(1 << 20);
}

static void test_maximum(void **state)
{
    struct arena a = ARENA_INIT((size_t)1 << 20);
    item_vec v = {0};
    (void)state;
    while (VEC_ADD_MOVING(&a, &v)) {
        assert_true(v.cap * sizeof *v.v <= a.max);
        assert_false(a.overflow);
    }
    assert_true(a.overflow && a.used <= a.max);
    assert_true(v.n >= 2048 && v.n == v.cap); /* what there is stays */
    assert_null(VEC_ADD_MOVING(&a, &v));
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moving),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
