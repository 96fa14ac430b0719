/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Windows: the registry's SOFTWARE hive (a base layer has the whole, every other layer what it changed), and the names
 * in the servicing store, which say what updates there are. Layers of Windows images hold their files below Files and
 * hives below Hives (Microsoft's hcsshim, "ociwclayer").
 */
#include "packages/collectors.h"

/* The hive of a Server Core base layer; of a longer one what is kept still names product and build. */
#define HIVE_MAX ((uint32_t)96 << 20)

extern const struct collector collector_windows;
static const struct collect_rule rules[] = {
    {.folder = "Files/Windows/System32/config", .name = "SOFTWARE", .max = HIVE_MAX},
    {.folder = "Hives", .name = "Software_Base", .max = HIVE_MAX},
    {.folder = "Hives", .name = "Software_Delta", .max = HIVE_MAX},
    {.folder = "Files/Windows/servicing/Packages", .name = "Package_for_*.mum"},
    {.folder = NULL},
};
const struct collector collector_windows = {"windows", 1, rules};
