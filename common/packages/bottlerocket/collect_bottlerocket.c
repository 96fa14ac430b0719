/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bottlerocket's inventory of what its image was built from. usr is a link into the folder of the architecture that it
 * was cross-built for.
 */
#include "packages/collectors.h"

extern const struct collector collector_bottlerocket;
#define INVENTORY(folder_)                                                                                             \
    {                                                                                                                  \
        .folder = folder_, .name = "application-inventory.json", .max = COLLECT_SMALL * 4                              \
    }
static const struct collect_rule rules[] = {
    INVENTORY("usr/share/bottlerocket"),
    INVENTORY("x86_64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket"),
    INVENTORY("aarch64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket"),
    {.folder = NULL},
};
const struct collector collector_bottlerocket = {"bottlerocket", 1, rules};
