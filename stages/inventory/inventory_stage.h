/* SPDX-License-Identifier: Apache-2.0 */
/* inventory_stage.h: the stage that turns evidence into inventories. See README.md. */
#ifndef CAREEN_INVENTORY_INVENTORY_STAGE_H
#define CAREEN_INVENTORY_INVENTORY_STAGE_H

#include "stage/stage.h"

extern const struct stage_def inventory_stage;

#endif
