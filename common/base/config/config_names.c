/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file and one environment serve every program. What is an option of another one is passed over by those that have
 * no such option, whatever its value; what is an option of none is refused. Settings (stage/settings.h) are in every
 * program's sets; here are the options of single commands. tests/scenario/scan/test_commands.sh compares them with --help.
 */
#include "base/config/config_internal.h"

static const char *const options[] = {
    "api",           "ca-file",    "cache",    "fail-on",    "fail-on-partial", "fail-on-unknown",
    "follow",        "format",     "from-now", "hint",       "listen",          "min-severity",
    "no-cache",      "once",       "only",     "only-fixed", "output",          "passing",
    "password-file", "plain-http", "platform", "quiet",      "severity",        "username",
};

/* Names that are no options: the file, and what scripts, tests and crash points use. */
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
