/* SPDX-License-Identifier: Apache-2.0 */
/* pull_stage.h: the stage that pulls each distinct layer once and keeps its evidence. See README.md. */
#ifndef CAREEN_PULL_PULL_STAGE_H
#define CAREEN_PULL_PULL_STAGE_H

#include "pull/layer.h"
#include "stage/settings.h"
#include "stage/stage.h"

struct pull_config {
    const struct registry_settings *registries;
    size_t registries_n;
    unsigned workers; /* as the runner's, so that one can be kept free for pushes */
};

extern const struct stage_def pull_stage;

#endif
