/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/aside/aside.h"

bool path_is_aside(struct slice parts)
{
    static const char *const folders[] = {
        "test",         "tests", "__tests__", "testdata",      "spec",      "specs",      "fixture",  "fixtures",
        "__fixtures__", "mocks", "__mocks__", "example",       "examples",  "sample",     "samples",  "demo",
        "demos",        "doc",   "docs",      "documentation", "benchmark", "benchmarks", "template", "templates"};
    struct slice part;
    while (slice_take_token(&parts, '/', &part))
        for (size_t i = 0; i < ARRAY_LEN(folders); i++)
            if (slice_eq_str(part, folders[i]))
                return true;
    return false;
}
