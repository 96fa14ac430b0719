/* SPDX-License-Identifier: Apache-2.0 */
/* full.c: the program careen-full: every command. A new command is one line here. */
#include "careen/command.h"

extern const struct command command_scan, command_packages, command_feeds, command_up, command_topics, command_tail,
    command_status, command_images, command_findings, command_recommendations, command_version, command_health,
    command_completion;

const struct command *const commands[] = {
    &command_scan,   &command_packages, &command_feeds,           &command_up,   &command_status,
    &command_images, &command_findings, &command_recommendations, &command_tail, &command_topics,
    &command_health, &command_version,  &command_completion,      NULL,
};

void command_elsewhere(void)
{
}
