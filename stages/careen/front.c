/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front.c: the program careen: the commands that are asked for most often and must answer at once. It is linked with
 * few libraries, since loading those of HTTP, Kafka and archives takes longer than the scan of an image whose layers
 * are known (2 ms against 9 ms before main). Whatever needs more becomes careen-full, the program beside this one, with
 * the same arguments: other commands, registries, updates of feeds. All of these are met before anything was printed.
 */
#include "careen/command.h"

extern const struct command command_scan, command_packages, command_version;

static const struct command *const commands[] = {&command_scan, &command_packages, &command_version, NULL};

const struct careen_program careen_program = {
    .commands = commands, .image_kinds = image_kinds_local, .larger = "careen-full"};
