/* SPDX-License-Identifier: Apache-2.0 */
/* apk's database (man apk, "FILES"), in its old and its usr-merged place, and what tells of the distribution's branch.
 */
#include "packages/collectors.h"

extern const struct collector collector_apk;
static const struct collect_rule rules[] = {
    {.folder = "lib/apk/db", .name = "installed", .max = COLLECT_LARGE},
    {.folder = "usr/lib/apk/db", .name = "installed", .max = COLLECT_LARGE},
    {.folder = "etc/apk", .name = "repositories", .max = COLLECT_SMALL},
    {.folder = "etc/apk", .name = "arch", .max = COLLECT_SMALL},
    {.folder = NULL},
};
const struct collector collector_apk = {"apk", 1, rules};
