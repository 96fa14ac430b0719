/* SPDX-License-Identifier: Apache-2.0 */
/* Nix's store: the names of what is in it say all that is known (Nix manual, "Store path"). */
#include "packages/collectors.h"

extern const struct collector collector_nix;
static const struct collect_rule rules[] = {
    {.folder = "nix/store", .names = true},
    {.folder = NULL},
};
const struct collector collector_nix = {"nix", 1, rules};
