/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file and one environment serve every program. A program ignores an option that only others have, whatever its
 * value; an option that no program has is refused. Every program has the settings (stage/settings.h) in its sets, so
 * only the options of single commands are listed here. tests/scenario/scan/test_commands.sh compares the list with
 * --help.
 */
#include "base/config/config_internal.h"

static const char *const options[] = {
    "api",           "ca-file",    "cache",    "fail-on",    "fail-on-partial", "fail-on-unknown",
    "follow",        "format",     "from-now", "hint",       "listen",          "min-severity",
    "no-cache",      "once",       "only",     "only-fixed", "output",          "passing",
    "password-file", "plain-http", "platform", "quiet",      "severity",        "username",
};

/* Names that are not options: the configuration file's, and those that scripts, tests and crash points use. */
static const char *const variables[] = {
    "BIN",        "CASES",        "CASES-NOT",     "CONFIG",     "CRASH-AT",   "CRASH-ONCE", "FUZZ-BUILD",
    "FUZZ-FOUND", "FUZZ-SECONDS", "KAFKA-BROKERS", "KAFKA-DIR",  "NURSERY",    "RPMDB",      "SHARED",
    "SKIPS",      "SOURCE",       "LONG-TESTS",    "TRUTH-ONLY", "UNTIL-IDLE",
};

static bool among(const char *const *names, size_t n, struct slice name)
{
    bool found = false;
    for (size_t i = 0; i < n && !found; i++)
        found = config_name_eq(name, slice_str(names[i]));
    return found;
}

const char *const *config_other_options(size_t *ret_n)
{
    *ret_n = ARRAY_LEN(options);
    return options;
}

bool config_is_other_option(struct slice name)
{
    return among(options, ARRAY_LEN(options), name);
}

bool config_is_variable(struct slice name)
{
    struct slice tests = slice_sub(name, 0, MIN(name.n, strlen("TEST-")));
    return config_is_other_option(name) || among(variables, ARRAY_LEN(variables), name) ||
           config_name_eq(tests, SLICE("TEST-"));
}
