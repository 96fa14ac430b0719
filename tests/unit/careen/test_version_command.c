/* SPDX-License-Identifier: Apache-2.0 */
/* careen version says which orders there are. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "careen/command.h"
#include "model/version/version.h"

extern const struct command command_version;

static void test_kinds(void **state)
{
    struct slice about = slice_str(command_version.about), list, name;
    ptrdiff_t from = slice_find_slice(about, SLICE("KIND: "));
    int n = 0;
    (void)state;
    assert_true(from >= 0);
    about = slice_from(about, (size_t)from + strlen("KIND: "));
    assert_true(slice_take_token(&about, '.', &list));
    for (; slice_take_token(&list, ',', &name); n++) {
        assert_true(n < VERSION_KIND_MAX);
        name = slice_trim(name);
        if (!slice_eq_str(name, version_kind_name((enum version_kind)n)))
            fail_msg("%.*s stands where %s should", SLICE_FMT(name), version_kind_name((enum version_kind)n));
    }
    assert_int_equal(n, VERSION_KIND_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kinds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
