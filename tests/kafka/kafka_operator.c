/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the scenario tests do to the broker's topics behind Careen's back.
 *     kafka_operator wipe             the topics of Careen are gone, as if it had never run there
 *     kafka_operator remake TOPIC N   one topic is deleted and made anew with N partitions
 */
#include "kafka_admin.h"

int main(int argc, char **argv)
{
    static const char *const compacted[] = {
        "cleanup.policy", "compact", "max.message.bytes", "9437184", "delete.retention.ms", "604800000", NULL};
    static const char *const kept[] = {"cleanup.policy", "delete", "max.message.bytes", "9437184", NULL};
    int64_t partitions;
    if (argc == 2 && strcmp(argv[1], "wipe") == 0) {
        admin_wipe();
        return 0;
    }
    enum topic t = argc == 4 && strcmp(argv[1], "remake") == 0 ? topic_by_name(slice_str(argv[2])) : TOPIC_MAX;
    if (t >= TOPIC_MAX || !slice_parse_i64(slice_str(argv[3]), &partitions)) {
        fprintf(stderr, "usage: kafka_operator wipe | remake TOPIC N\n");
        return 2;
    }
    admin_delete(argv[2]);
    clock_sleep_ms(500); /* the name is free a moment after the answer */
    admin_create(argv[2], (int)partitions, topics[t].compacted ? compacted : kept);
    return 0;
}
