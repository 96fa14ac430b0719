/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/topics.h"

#include "base/hash.h"

#define DAYS(n) ((int64_t)(n)*86400 * 1000)

const struct topic_info topics[TOPIC_MAX] = {
    [TOPIC_REGISTRY_EVENTS] = {"registry-events", "registry_event", TOPIC_BY_KEY, false, false, DAYS(7)},
    [TOPIC_TICKS] = {"ticks", "tick", TOPIC_BY_NUMBER, false, false, DAYS(1)},
    [TOPIC_IMAGES] = {"images", "image", TOPIC_BY_DIGEST, true, false, 0},
    [TOPIC_WORKLOADS] = {"workloads", "workload", TOPIC_BY_DIGEST, true, false, 0},
    [TOPIC_LAYERS] = {"layers", "layer", TOPIC_BY_DIGEST, true, false, 0},
    [TOPIC_PULLS] = {"pulls", "pull", TOPIC_BY_DIGEST, true, false, 0},
    [TOPIC_LAYER_CONTENTS] = {"layer-contents", "layer_content", TOPIC_BY_DIGEST, true, false, 0},
    [TOPIC_LAYER_PACKAGES] = {"layer-packages", "layer_packages", TOPIC_BY_DIGEST, true, true, 0},
    [TOPIC_INVENTORIES] = {"inventories", "inventory", TOPIC_BY_DIGEST, true, false, 0},
    [TOPIC_ADVISORIES] = {"advisories", "advisory", TOPIC_BY_KEY, true, false, 0},
    [TOPIC_VULNERABILITIES] = {"vulnerabilities", "vulnerability", TOPIC_BY_KEY, true, false, 0},
    [TOPIC_FINDINGS] = {"findings", "findings", TOPIC_BY_DIGEST, true, false, 0},
    [TOPIC_EXEMPTIONS] = {"exemptions", "exemption", TOPIC_BY_KEY, true, true, 0},
    [TOPIC_RECOMMENDATIONS] = {"recommendations", "recommendation", TOPIC_BY_DIGEST, true, false, 0},
    [TOPIC_ALERTS] = {"alerts", "alert", TOPIC_BY_DIGEST, false, false, DAYS(30)},
    [TOPIC_DEAD_LETTERS] = {"dead-letters", "dead_letter", TOPIC_BY_KEY, false, false, DAYS(30)},
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
    uint64_t number;
    if (topics[t].rule == TOPIC_BY_NUMBER && partitions &&
        slice_parse_u64(slice_from(key, (size_t)(slice_rfind(key, ',') + 1)), &number))
        return (uint32_t)(number % partitions);
    return hash_partition(key, partitions);
}

const char *topic_key_unfit(enum topic t, struct slice key)
{
    if (!key.n)
        return "the record has no key";
    if (key.n > TOPIC_KEY_MAX)
        return "the record's key is too long";
    ptrdiff_t comma = slice_find(key, ',');
    size_t head = comma < 0 ? key.n : (size_t)comma;
    if (topics[t].rule == TOPIC_BY_DIGEST && (!head || head > TOPIC_DIGEST_MAX))
        return "the record's key does not begin with a digest";
    return NULL;
}

struct slice topic_part_key(struct arena *a, struct slice digest, unsigned part)
{
    return part ? arena_printf(a, "%.*s,part %u", SLICE_FMT(digest), part) : digest;
}

bool topic_part_parse(struct slice key, unsigned max, unsigned *ret_part)
{
    ptrdiff_t comma = slice_find(key, ',');
    uint64_t part = 0;
    struct slice tail = comma < 0 ? SLICE_NONE : slice_from(key, (size_t)comma + 1);
    if (comma >= 0 && (!slice_take_prefix(&tail, SLICE("part ")) || !slice_parse_u64(tail, &part) || part > max))
        return false;
    *ret_part = (unsigned)part;
    return true;
}
