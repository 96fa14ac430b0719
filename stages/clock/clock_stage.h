/* SPDX-License-Identifier: Apache-2.0 */
/* clock_stage.h: the stage that turns time into ticks. See README.md. */
#ifndef CAREEN_CLOCK_CLOCK_STAGE_H
#define CAREEN_CLOCK_CLOCK_STAGE_H

#include "clock/cron.h"
#include "model/records.h"
#include "stage/stage.h"

struct clock_config {
    struct cron schedules[TICK_MAX];
};

extern const struct stage_def clock_stage;

#endif
