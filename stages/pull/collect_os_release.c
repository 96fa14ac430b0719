/* SPDX-License-Identifier: Apache-2.0 */
/* Which operating system this is: os-release (man os-release) and the files that were there before it. */
#include "pull/collectors.h"

extern const struct collector collector_os_release;
static const struct collect_rule rules[] = {
    {.folder = "etc", .name = "os-release", .max = COLLECT_SMALL},
    {.folder = "usr/lib", .name = "os-release", .max = COLLECT_SMALL},
    {.folder = "etc", .name = "debian_version", .max = COLLECT_SMALL},
    {.folder = "etc", .name = "alpine-release", .max = COLLECT_SMALL},
    {.folder = "etc", .name = "lsb-release", .max = COLLECT_SMALL},
    {.folder = "etc", .name = "redhat-release", .max = COLLECT_SMALL},
    {NULL, NULL, NULL, 0},
};
const struct collector collector_os_release = {"os-release", 1, rules};
