/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings_names.c: names in the file and the environment that are no settings. Every program has all settings among
 * its options, so that one file serves them all; here are the options of single commands of careen, which the other
 * commands and the stages pass over. tests/scenario/scan/test_commands.sh compares the list with what --help prints.
 */
#include "stage/settings.h"

static const char *const options[] = {
    "api",      "ca-file",  "cache",      "fail-on",       "fail-on-partial", "fail-on-unknown", "follow",
    "format",   "from-now", "hint",       "include-owned", "listen",          "min-severity",    "no-cache",
    "once",     "only",     "only-fixed", "output",        "passing",         "password-file",   "plain-http",
    "platform", "quiet",    "severity",   "username",
};

/* For the name of the file itself, and for scripts, tests and crash points. */
static const char *const variables[] = {
    "TEST-",      "BIN",        "CASES",        "CASES-NOT",     "CONFIG",     "CRASH-AT",   "CRASH-ONCE",
    "FUZZ-BUILD", "FUZZ-FOUND", "FUZZ-SECONDS", "KAFKA-BROKERS", "KAFKA-DIR",  "NURSERY",    "RPMDB",
    "SHARED",     "SKIPS",      "SOURCE",       "LONG-TESTS",    "TRUTH-ONLY", "UNTIL-IDLE",
};

const struct config_known settings_known = {
    .options = options,
    .options_n = ARRAY_LEN(options),
    .variables = variables,
    .variables_n = ARRAY_LEN(variables),
};
