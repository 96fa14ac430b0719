/* SPDX-License-Identifier: Apache-2.0 */
#include "match/match.h"
#include "stage/program.h"

static int configure(const struct settings *s, const void **ret_config, struct err *e)
{
    static struct match_config config;
    (void)e;
    config = (struct match_config){.push_days = s->push_days, .pull_days = s->pull_days};
    *ret_config = &config;
    return 0;
}

int main(int argc, char **argv)
{
    static const struct program p = {
        &match_stage,
        "Keeps the findings of every image true while inventories and advisories change.\n"
        "Reads images, workloads, inventories, ticks and advisories, writes findings.",
        configure,
    };
    return program_main(&p, argc, argv);
}
