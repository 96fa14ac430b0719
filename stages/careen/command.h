/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command.h: a subcommand of careen: one struct in its own cmd_<name>.c and one line in full.c's table.
 * Exit status of all: 0 fine, 1 findings at or above --fail-on (scan), 2 usage, 3 could not do it.
 */
#ifndef CAREEN_CAREEN_COMMAND_H
#define CAREEN_CAREEN_COMMAND_H

#include "stage/settings.h"

#define EXIT_FINDINGS 1
#define EXIT_USAGE    2
#define EXIT_TROUBLE  3

struct command {
    const char *name;
    const char *arguments; /* "IMAGE [options]" */
    const char *summary;   /* one line for careen --help */
    const char *words;     /* what its first argument can be, with blanks between; NULL: anything */
    bool takes_topic;      /* its first argument is the name of a topic */
    const char *about;     /* paragraphs for careen NAME --help, with examples */
    const struct config_option *options;
    size_t options_n, size;      /* of the struct that they fill */
    bool uses_settings;          /* --bus, --state … */
    const char *const *settings; /* which of them, ends with NULL; NULL: all */
    int (*run)(const struct settings *s, void *own, const char *const *args, size_t args_n);
};

extern const struct command *const commands[]; /* ends with NULL */
extern char **command_line;                    /* argv as main got it */
extern char **command_argv;                    /* the words behind the command's name, ends with NULL */

/* In front.c: becomes careen-full with the same arguments. In full.c: returns. */
void command_elsewhere(void);

/* What commands that read topics are configured with. */
extern const char *const reading_settings[];

/* Prints "careen NAME: text" and what to do, and returns the exit status that fits the error's kind. */
int command_failed(const char *name, const struct err *e);
int command_usage(const char *name, const char *why);

#endif
