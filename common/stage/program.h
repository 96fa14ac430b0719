/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program.h: the main function that all stages share: it reads settings from file, environment and flags, sets up
 * logging and runs the stage. Exit status: 0 when it was asked to end, 2 for wrong usage, 3 when it could not go on.
 */
#ifndef CAREEN_STAGE_PROGRAM_H
#define CAREEN_STAGE_PROGRAM_H

#include "stage/settings.h"
#include "stage/stage.h"

#define EXIT_USAGE   2
#define EXIT_TROUBLE 3

struct program {
    const struct stage_def *def;
    const char *about; /* for --help: what the stage is for, what it reads and writes */
    /* Makes the stage's own configuration; it lives as long as the process. */
    int (*configure)(const struct settings *s, const void **ret_config, struct err *e);
};

int program_main(const struct program *p, int argc, char **argv);

#endif
