/* SPDX-License-Identifier: Apache-2.0 */
/* pacman's local database (libalpm's be_local): a folder a package, its description and the paths that it owns. */
#include "packages/collectors.h"

extern const struct collector collector_pacman;
static const struct collect_rule rules[] = {
    {.folder = "var/lib/pacman/local/*", .name = "desc", .max = COLLECT_SMALL},
    {.folder = "var/lib/pacman/local/*", .name = "files", .max = COLLECT_SMALL * 16},
    {.folder = NULL},
};
const struct collector collector_pacman = {"pacman", 1, rules};
