/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/discover_stage.h"
#include "stage/program.h"

static int configure(const struct settings *s, const void **ret_config, struct err *e)
{
    static struct discover_config config;
    (void)e;
    config = (struct discover_config){s->registries.v, s->registries.n, s->clusters.v, s->clusters.n};
    *ret_config = &config;
    return 0;
}

int main(int argc, char **argv)
{
    static const struct program p = {
        &discover_stage,
        "Finds every image: walks registries, takes their notifications (POST /notifications/HOST), asks clusters "
        "what\n"
        "runs. Reads registry-events and ticks, writes images, layers, workloads and registry-events.",
        configure,
    };
    return program_main(&p, argc, argv);
}
