/* SPDX-License-Identifier: Apache-2.0 */
/* match.h: the stage that keeps findings true while inventories and advisories change. See README.md. */
#ifndef CAREEN_MATCH_MATCH_H
#define CAREEN_MATCH_MATCH_H

#include "stage/stage.h"

/*
 * An image is in the window, and its findings are kept up to date, while it runs or was pushed or pulled so recently.
 */
struct match_config {
    int64_t push_days, pull_days;
};
#define MATCH_CONFIG_DEFAULT ((struct match_config){.push_days = 90, .pull_days = 30})

extern const struct stage_def match_stage;

#endif
