/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front.c: the program careen: the commands that are asked for most often and must answer at once. It is linked with
 * few libraries, since loading those of HTTP, Kafka and archives takes longer than the scan of an image whose layers
 * are known (2 ms against 9 ms before main). Whatever needs more becomes careen-full, the program beside this one, with
 * the same arguments: other commands, registries, updates of feeds. All of these are met before anything was printed.
 */
#include "careen/command.h"
#include "careen/feeds/feeds_shown.h"
#include "images/image_source_internal.h"

extern const struct command command_scan, command_packages, command_version;

const struct command *const commands[] = {&command_scan, &command_packages, &command_version, NULL};

void command_elsewhere(void)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 16);
    path[MAX(n, 0)] = 0;
    char *slash = strrchr(path, '/');
    if (slash) {
        snprintf(slash, sizeof path - (size_t)(slash - path), "/careen-full");
        execv(path, command_line);
    }
    fprintf(stderr, "careen: %s can't be run: %s; install it beside careen\n", slash ? path : "careen-full",
            strerror(errno));
    exit(EXIT_TROUBLE);
}

/* These take the place of the real ones, which the linker then leaves out with all that they need. */
const struct image_source_ops source_registry;

int source_registry_open(struct image_source *s, const struct registry_options *o, struct err *e)
{
    (void)s, (void)o, (void)e;
    command_elsewhere();
    return -1;
}

int feeds_update_shown(const char *name, struct feeds_update *u, bool quiet, struct err *e)
{
    (void)name, (void)u, (void)quiet, (void)e;
    command_elsewhere();
    return -1;
}
