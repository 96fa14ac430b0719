/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command.h: a subcommand of careen: one struct in its own cmd_<name>.c and one line in full.c's table.
 *
 * Two programs share one main function. Each says in its struct careen_program what it is linked with. For what the
 * small one lacks, it becomes the large one: command_elsewhere.
 *
 * Exit status of all commands: 0 success, 1 findings at or above --fail-on (scan), 2 wrong usage, 3 it could not be
 * done.
 */
#ifndef CAREEN_CAREEN_COMMAND_H
#define CAREEN_CAREEN_COMMAND_H

#include "images/image_kind.h"
#include "stage/program.h"

#define EXIT_FINDINGS 1 /* the others are in stage/program.h */

struct command {
    const char *name;
    const char *arguments; /* "IMAGE [options]"; at least "[options]" */
    const char *summary;   /* one line for careen --help */
    const char *words;     /* what its first argument can be, with blanks between; NULL: anything */
    bool takes_topic;      /* its first argument is the name of a topic */
    bool takes_image;      /* its first argument is an image; the help then says how one is written */
    const char *about;     /* paragraphs for careen NAME --help, with examples */
    const struct config_option *options;
    size_t options_n, size;      /* of the struct that they fill */
    bool uses_settings;          /* it takes the options of stage/settings.h: --bus, --state … */
    const char *const *settings; /* which of them, NULL-terminated; NULL: all */
    int (*run)(const struct settings *s, void *own, const char *const *args, size_t args_n);
};

struct feeds_update;

/* What the running program has. front.c and full.c define one each. */
struct careen_program {
    const struct command *const *commands;       /* ends with NULL */
    const struct image_kind *const *image_kinds; /* ends with NULL */
    /* feeds_update_shown of feeds/feeds_shown.h; NULL: advisories can't be fetched here. */
    int (*feeds_update)(const char *name, struct feeds_update *u, bool quiet, struct err *e);
    const char *larger; /* the program beside this one that has everything; NULL: it is this one */
};
extern const struct careen_program careen_program;

extern char **command_line; /* argv as main got it */
extern char **command_argv; /* the words behind the command's name, NULL-terminated */

/*
 * Becomes the larger program, with the same arguments; returns when there is none. To be called before anything is
 * printed, and before anything is read that can be read only once.
 */
void command_elsewhere(void);
/* The paragraphs of careen NAME --help, how an image is written among them. */
void command_about(const struct command *c, struct buf *out);

/* The settings of commands that read topics. */
extern const char *const command_reading_settings[];

/* Prints "careen NAME: text" and what to do, and returns the exit status that fits the error's kind. */
int command_failed(const char *name, const struct err *e);
int command_usage(const char *name, const char *why);
/* "careen NAME: text" made safe, on standard error. */
ATTR_PRINTF(2, 3) void command_say(const char *name, const char *fmt, ...);
/* The error of what could not be assessed or written, whatever its kind: EXIT_TROUBLE. */
int command_trouble(const char *name, const struct err *e);

#endif
