/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dpkg's database (man dpkg, "FILES"): what is installed, and which package owns which path. status.d is where images
 * built without dpkg put one stanza a package.
 */
#include "packages/collectors.h"

extern const struct collector collector_dpkg;
static const struct collect_rule rules[] = {
    {.folder = "var/lib/dpkg", .name = "status", .max = COLLECT_LARGE},
    {.folder = "var/lib/dpkg/status.d", .max = COLLECT_SMALL * 4},
    {.folder = "var/lib/dpkg/info", .ending = ".list", .max = COLLECT_SMALL * 16},
    {.folder = "var/lib/dpkg/info", .ending = ".md5sums", .max = COLLECT_SMALL * 16},
    {.folder = NULL},
};
const struct collector collector_dpkg = {"dpkg", 1, rules};
