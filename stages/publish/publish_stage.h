/* SPDX-License-Identifier: Apache-2.0 */
/* publish_stage.h: the stage that tells people: recommendations, alerts, the API. See README.md. */
#ifndef CAREEN_PUBLISH_PUBLISH_STAGE_H
#define CAREEN_PUBLISH_PUBLISH_STAGE_H

#include "publish/join.h"
#include "publish/told.h"

#include <pthread.h>

struct publish_config {
    struct policy policy; /* which findings make an image unhealthy */
};

struct publish_process {
    struct runner *runner;
    struct policy policy;
    struct store *whole; /* for the API's read transactions */
    const store_table *tables;
    uint32_t partitions;
    struct codec *api_codec; /* under api_lock: a codec is for one thread at a time */
    pthread_mutex_t api_lock;
};

extern const struct stage_def publish_stage;
size_t publish_routes(struct runner *r, void *stage, struct httpd_route *to, size_t max);

#endif
