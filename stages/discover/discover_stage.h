/* SPDX-License-Identifier: Apache-2.0 */
/* discover_stage.h: the stage that knows which images exist and where they run. See README.md. */
#ifndef CAREEN_DISCOVER_DISCOVER_STAGE_H
#define CAREEN_DISCOVER_DISCOVER_STAGE_H

#include "stage/settings.h"
#include "stage/stage.h"

struct discover_config {
    const struct registry_settings *registries;
    size_t registries_n;
    const struct cluster_settings *clusters;
    size_t clusters_n;
};

extern const struct stage_def discover_stage;

#endif
