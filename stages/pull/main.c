/* SPDX-License-Identifier: Apache-2.0 */
#include "pull/pull_stage.h"
#include "stage/program.h"

static int configure(const struct settings *s, const void **ret_config, struct err *e)
{
    static struct pull_config config;
    (void)e;
    config = (struct pull_config){s->registries.v, s->registries.n, (unsigned)s->workers};
    *ret_config = &config;
    return 0;
}

int main(int argc, char **argv)
{
    static const struct program p = {
        &pull_stage,
        "Pulls each distinct layer once and keeps its evidence: the files that say what is installed.\n"
        "Reads layers, writes pulls and layer-contents.",
        configure,
    };
    return program_main(&p, argc, argv);
}
