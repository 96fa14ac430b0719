/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cases.h: how a test program runs its cases and says which of them it did not run.
 *
 * A case that can't run here calls skip_case with the reason: it is printed, added to the file that CAREEN_SKIPS names
 * (scripts/test prints it at the end) and, when nothing failed, the program ends with 77, so that ctest lists it as
 * skipped. Cases that need what most machines lack stand in a ctest of their own, so that the others don't look
 * skipped: a line "ctest apart: PATTERN" in a comment at the start of a line of the file (see tests/CMakeLists.txt).
 */
#ifndef CAREEN_TESTS_UNIT_CASES_H
#define CAREEN_TESTS_UNIT_CASES_H

#include "base/base.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static size_t cases_skipped;

static inline void cases_say(const char *what, const char *fmt, va_list ap)
{
    char why[1024], line[1400];
    vsnprintf(why, sizeof why, fmt, ap);
    print_message("SKIPPED: %s\n", why);
    cases_skipped++;
    int n = snprintf(line, sizeof line, "unit.%s, %s: %s\n", program_invocation_short_name, what, why);
    const char *path = getenv("CAREEN_SKIPS");
    FILE *f = path && *path ? fopen(path, "ae") : NULL;
    if (f) {
        fwrite(line, 1, (size_t)n, f); /* in one piece: other tests write there too */
        fclose(f);
    }
}

/* Frees nothing of the case's (it jumps): what is allocated before it must be freed before it. */
ATTR_PRINTF(1, 2) ATTR_UNUSED static void skip_case(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    cases_say("a case", fmt, ap);
    va_end(ap);
    skip();
}

/* For main: none of the program's cases can run here. */
ATTR_PRINTF(1, 2) ATTR_UNUSED static int skip_all(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    cases_say("all of it", fmt, ap);
    va_end(ap);
    return 77;
}

/* A file or folder of the real data that lies beside the repository or where CAREEN_SHARED says; in a static buffer. */
ATTR_PRINTF(1, 2) ATTR_UNUSED static const char *shared_path(const char *fmt, ...)
{
    static char path[4096];
    const char *shared = getenv("CAREEN_SHARED"), *source = getenv("CAREEN_SOURCE");
    int n = shared ? snprintf(path, sizeof path, "%s/", shared)
                   : snprintf(path, sizeof path, "%s/../shared/", source ? source : ".");
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(path + n, sizeof path - (size_t)n, fmt, ap);
    va_end(ap);
    return path;
}

static inline int cases_end(int failed)
{
    return failed ? 1 : cases_skipped ? 77 : 0;
}

/* CAREEN_CASES, CAREEN_CASES_NOT: patterns with * and ? of the cases that run. */
static inline void cases_choose(void)
{
    cmocka_set_test_filter(getenv("CAREEN_CASES"));
    cmocka_set_skip_filter(getenv("CAREEN_CASES_NOT"));
}

/* In place of cmocka_run_group_tests, as main's result. */
#define run_cases(tests, setup, teardown) (cases_choose(), cases_end(cmocka_run_group_tests(tests, setup, teardown)))

#endif
