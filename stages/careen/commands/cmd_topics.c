/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/command.h"

#include "bus/bus.h"

static int run(const struct settings *s, void *own, const char *const *args, size_t n)
{
    struct err e = ERR_INIT;
    struct bus *b = NULL;
    uint32_t partitions;
    struct bus_options o = {
        .client = "careen", .kafka_keys = s->kafka.keys, .kafka_values = s->kafka.values, .kafka_n = s->kafka.n};
    (void)own;
    if (n != 1 || (strcmp(args[0], "create") != 0 && strcmp(args[0], "check") != 0))
        return command_usage("topics", "say create or check");
    int rc = bus_open(s->bus, &o, &b, &e);
    if (!rc && strcmp(args[0], "create") == 0)
        rc = bus_topics_create(b, (uint32_t)s->partitions, &e);
    if (!rc)
        rc = bus_topics_check(b, &partitions, &e);
    bus_close(b);
    if (rc)
        return command_failed("topics", &e);
    printf("%d topics of %u partitions are there and as they should be\n", TOPIC_MAX, partitions);
    return 0;
}

static const char *const topics_settings[] = {"bus", "state", "kafka", "partitions", "log-level", NULL};

const struct command command_topics = {
    .name = "topics",
    .arguments = "create|check [--bus URL] [--partitions N]",
    .words = "create check",
    .summary = "make the topics, or verify them",
    .about =
        "create makes what is missing and leaves what is there; check says what is missing or wrong. The number of\n"
        "partitions is fixed when topics are created: it bounds how many copies of a stage can share the work.\n\n"
        "    careen topics create --bus kafka://broker:9092 --partitions 16\n",
    .uses_settings = true,
    .settings = topics_settings,
    .run = run,
};
