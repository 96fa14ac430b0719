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

/* NAME-1.0, NAME-1.0-java, or below bundler's folder NAME-0123456789ab */
static bool is_gem(struct slice name)
{
    for (size_t i = 1; i + 1 < name.n; i++)
        if (name.p[i] == '-' && ((name.p[i + 1] >= '0' && name.p[i + 1] <= '9') || name.n - i == 13))
            return true;
    return false;
}

bool path_is_of_package(struct slice folder)
{
    static const char *const homes[] = {"site-packages", "dist-packages", "node_modules", ".pub-cache"};
    struct slice part, before = SLICE_NONE;
    while (slice_take_token(&folder, '/', &part)) {
        for (size_t i = 0; i < ARRAY_LEN(homes); i++)
            if (slice_eq_str(part, homes[i]))
                return true;
        if ((slice_eq_str(before, "gems") && is_gem(part)) ||
            (slice_eq_str(before, "pkg") && slice_eq_str(part, "mod")) ||
            (slice_eq_str(before, "registry") && slice_eq_str(part, "src")) ||
            ((slice_eq_str(before, "git") || slice_eq_str(before, ".build")) && slice_eq_str(part, "checkouts")))
            return true;
        before = part;
    }
    return false;
}
