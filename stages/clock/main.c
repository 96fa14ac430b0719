/* SPDX-License-Identifier: Apache-2.0 */
#include "clock/clock_stage.h"
#include "stage/program.h"

static int configure(const struct settings *s, const void **ret_config, struct err *e)
{
    static struct clock_config config;
    const char *const texts[TICK_MAX] = {
        [TICK_RESCAN] = s->schedule_rescan,
        [TICK_WALK] = s->schedule_walk,
        [TICK_WORKLOADS] = s->schedule_workloads,
        [TICK_FEEDS] = s->schedule_feeds,
    };
    for (size_t i = 0; i < TICK_MAX; i++)
        if (cron_parse(slice_str(texts[i]), &config.schedules[i], e))
            return -1;
    *ret_config = &config;
    return 0;
}

int main(int argc, char **argv)
{
    static const struct program p = {
        &clock_stage,
        "Turns time into ticks: when to list registries, ask clusters, fetch advisories and judge everything anew.\n"
        "Reads and writes the topic ticks. Start as many copies as you like: each tick is sent once.",
        configure,
    };
    return program_main(&p, argc, argv);
}
