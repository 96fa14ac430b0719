/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/topics.h"

#include "base/hash.h"

#define DAYS(n) ((int64_t)(n)*86400 * 1000)

const struct topic_info topics[TOPIC_MAX] = {
    [TOPIC_REGISTRY_EVENTS] = {"registry-events", "registry_event", TOPIC_BY_KEY, false, DAYS(7)},
    [TOPIC_TICKS] = {"ticks", "tick", TOPIC_BY_KEY, false, DAYS(1)},
    [TOPIC_IMAGES] = {"images", "image", TOPIC_BY_DIGEST, true, 0},
    [TOPIC_WORKLOADS] = {"workloads", "workload", TOPIC_BY_DIGEST, true, 0},
    [TOPIC_LAYERS] = {"layers", "layer", TOPIC_BY_DIGEST, true, 0},
    [TOPIC_PULLS] = {"pulls", "pull", TOPIC_BY_DIGEST, true, 0},
    [TOPIC_LAYER_CONTENTS] = {"layer-contents", "layer_content", TOPIC_BY_DIGEST, true, 0},
    [TOPIC_LAYER_PACKAGES] = {"layer-packages", "layer_packages", TOPIC_BY_DIGEST, true, 0},
    [TOPIC_INVENTORIES] = {"inventories", "inventory", TOPIC_BY_DIGEST, true, 0},
    [TOPIC_ADVISORIES] = {"advisories", "advisory", TOPIC_BY_KEY, true, 0},
    [TOPIC_VULNERABILITIES] = {"vulnerabilities", "vulnerability", TOPIC_BY_KEY, true, 0},
    [TOPIC_FINDINGS] = {"findings", "findings", TOPIC_BY_DIGEST, true, 0},
    [TOPIC_EXEMPTIONS] = {"exemptions", "exemption", TOPIC_BY_KEY, true, 0},
    [TOPIC_RECOMMENDATIONS] = {"recommendations", "recommendation", TOPIC_BY_DIGEST, true, 0},
    [TOPIC_ALERTS] = {"alerts", "alert", TOPIC_BY_DIGEST, false, DAYS(30)},
    [TOPIC_DEAD_LETTERS] = {"dead-letters", "dead_letter", TOPIC_BY_KEY, false, DAYS(30)},
};

enum topic topic_by_name(struct slice name)
{
    for (int i = 0; i < TOPIC_MAX; i++)
        if (slice_eq_str(name, topics[i].name))
            return (enum topic)i;
    return TOPIC_MAX;
}

uint32_t topic_partition(enum topic t, struct slice key, uint32_t partitions)
{
    if (topics[t].rule == TOPIC_BY_DIGEST) {
        ptrdiff_t comma = slice_find(key, ',');
        if (comma >= 0)
            key.n = (size_t)comma;
    }
    return hash_partition(key, partitions);
}
