/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/publish_stage.h"
#include "stage/program.h"

static int configure(const struct settings *s, const void **ret_config, struct err *e)
{
    static struct publish_config config;
    (void)e;
    config.policy = policy_of(s->unhealthy_from, s->unhealthy_unfixed);
    *ret_config = &config;
    return 0;
}

int main(int argc, char **argv)
{
    static const struct program p = {
        &publish_stage,
        "Tells people: recommendations for images and running containers, alerts when something appears, changes or "
        "is\n"
        "resolved and when images come and go, and a read-only API (--http HOST:PORT, /api/v1). Reads images, "
        "workloads,\n"
        "inventories, findings, vulnerabilities and ticks, writes recommendations and alerts.",
        configure,
    };
    return program_main(&p, argc, argv);
}
