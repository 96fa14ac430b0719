/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Portage's database of installed packages (portage(5), "/var/db/pkg"): folders category/name-version. The folder's
 * name says what it is; the smallest file that each has, PF, stands for it, and repository says which tree it came
 * from.
 */
#include "packages/collectors.h"

extern const struct collector collector_portage;
static const struct collect_rule rules[] = {
    {.folder = "var/db/pkg/*/*", .name = "PF", .max = 4096},
    {.folder = "var/db/pkg/*/*", .name = "repository", .max = 4096},
    {.folder = NULL},
};
const struct collector collector_portage = {"portage", 1, rules};
