/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/up/stage_list.h"

#include "clock/clock_stage.h"
#include "discover/discover_stage.h"
#include "feeds/feeds_stage.h"
#include "inventory/inventory_stage.h"
#include "match/match.h"
#include "publish/publish_stage.h"
#include "pull/pull_stage.h"

const struct stage_def *const stage_list[] = {
    &clock_stage, &feeds_stage, &discover_stage, &pull_stage, &inventory_stage, &match_stage, &publish_stage, NULL,
};
