/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opkg's database, on OpenWrt in usr/lib, elsewhere in var/lib: what is installed, each package's own control file
 * (which alone names the source) and the paths that it owns.
 */
#include "packages/collectors.h"

extern const struct collector collector_opkg;
#define DATABASE(folder_)                                                                                              \
    {.folder = folder_, .name = "status", .max = COLLECT_LARGE},                                                       \
        {.folder = folder_ "/info", .ending = ".control", .max = COLLECT_SMALL},                                       \
    {                                                                                                                  \
        .folder = folder_ "/info", .ending = ".list", .max = COLLECT_SMALL * 16                                        \
    }
static const struct collect_rule rules[] = {
    DATABASE("usr/lib/opkg"),
    DATABASE("var/lib/opkg"),
    {.folder = NULL},
};
const struct collector collector_opkg = {"opkg", 1, rules};
