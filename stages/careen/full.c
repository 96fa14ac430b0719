/* SPDX-License-Identifier: Apache-2.0 */
/* full.c: the program careen-full: every command. A new command is one line here. */
#include "careen/command.h"
#include "careen/feeds/feeds_shown.h"

#define COMMANDS(X)                                                                                                    \
    X(scan)                                                                                                            \
    X(packages)                                                                                                        \
    X(feeds)                                                                                                           \
    X(up)                                                                                                              \
    X(status)                                                                                                          \
    X(images)                                                                                                          \
    X(findings)                                                                                                        \
    X(recommendations)                                                                                                 \
    X(tail)                                                                                                            \
    X(topics)                                                                                                          \
    X(health)                                                                                                          \
    X(version)                                                                                                         \
    X(completion)

#define DECLARE(name) extern const struct command command_##name;
#define ROW(name)     &command_##name,

COMMANDS(DECLARE)

static const struct command *const commands[] = {COMMANDS(ROW) NULL};

const struct careen_program careen_program = {
    .commands = commands, .image_kinds = image_kinds, .feeds_update = feeds_update_shown};
