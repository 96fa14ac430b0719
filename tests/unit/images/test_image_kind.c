/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of kinds: every row is one that names, help and programs can use. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "images/image_source.h"

static bool among(const struct image_kind *const *kinds, const struct image_kind *kind)
{
    for (size_t i = 0; kinds[i]; i++)
        if (kinds[i] == kind)
            return true;
    return false;
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; image_kinds[i]; i++) {
        const struct image_kind *k = image_kinds[i];
        assert_non_null(k->takes);
        if (k->form.scheme)
            assert_true(slice_starts(slice_str(k->takes), slice_str(k->form.scheme)));
        assert_true((k->list != NULL) != (k->open != NULL));
        assert_true(k->list || (k->image && k->blob));
        assert_true(k->remote || k->list || k->file); /* what is no file here comes over the network */
        assert_int_equal(among(image_kinds_local, k), !k->remote);
        for (size_t j = 0; j < i; j++)
            assert_false(slice_eq(slice_str(k->form.scheme), slice_str(image_kinds[j]->form.scheme)));
    }
    for (size_t i = 0; image_kinds_local[i]; i++)
        assert_true(among(image_kinds, image_kinds_local[i]));
}

static void test_names(void **state)
{
    struct arena a = ARENA_INIT(1 << 16);
    (void)state;
    for (size_t i = 0; image_kinds[i]; i++) {
        const char *scheme = image_kinds[i]->form.scheme;
        struct slice text = scheme ? arena_printf(&a, "%s:x", scheme) : SLICE("r.example/app:1");
        struct imageref ref;
        assert_int_equal(image_kind_parse(image_kinds, &a, text, &ref, NULL), 0);
        assert_ptr_equal(image_kind_of(image_kinds, &ref), image_kinds[i]);
        /* A program without the kind knows that it has not got it, and never takes it for another one. */
        const struct image_kind *here = image_kind_of(image_kinds_local, &ref);
        assert_ptr_equal(here, image_kinds[i]->remote ? NULL : image_kinds[i]);
    }
    arena_done(&a);
}

static void test_no_source(void **state)
{
    struct arena a = ARENA_INIT(1 << 16);
    struct image_source *s;
    struct imageref ref;
    struct err e = ERR_INIT;
    (void)state;
    assert_int_equal(image_kind_parse(image_kinds, &a, SLICE("r.example/app:1"), &ref, NULL), 0);
    assert_true(image_source_open(image_kinds_local, &ref, NULL, &s, &e) < 0);
    assert_int_equal(e.kind, ERR_USAGE);
    assert_int_equal(image_kind_parse(image_kinds, &a, SLICE("sbom:x.json"), &ref, NULL), 0);
    assert_true(image_source_open(image_kinds, &ref, NULL, &s, &e) < 0);
    assert_int_equal(e.kind, ERR_USAGE);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_no_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
