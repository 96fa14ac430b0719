/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/topics.h"

#include "base/hash.h"

#define DAYS(n) ((int64_t)(n)*86400 * 1000)

/* Compacted topics hold what is so now; the others hold events, which are kept for so many days. */
const struct topic_info topics[TOPIC_MAX] = {
    [TOPIC_REGISTRY_EVENTS] = {.name = "registry-events",
                               .schema = "registry_event",
                               .rule = TOPIC_BY_KEY,
                               .retention_ms = DAYS(7)},
    [TOPIC_TICKS] = {.name = "ticks", .schema = "tick", .rule = TOPIC_BY_NUMBER, .retention_ms = DAYS(1)},
    [TOPIC_IMAGES] = {.name = "images", .schema = "image", .rule = TOPIC_BY_DIGEST, .compacted = true},
    [TOPIC_WORKLOADS] = {.name = "workloads", .schema = "workload", .rule = TOPIC_BY_DIGEST, .compacted = true},
    [TOPIC_LAYERS] = {.name = "layers", .schema = "layer", .rule = TOPIC_BY_DIGEST, .compacted = true},
    [TOPIC_PULLS] = {.name = "pulls", .schema = "pull", .rule = TOPIC_BY_DIGEST, .compacted = true},
    [TOPIC_LAYER_CONTENTS] = {.name = "layer-contents",
                              .schema = "layer_content",
                              .rule = TOPIC_BY_DIGEST,
                              .compacted = true},
    [TOPIC_LAYER_PACKAGES] = {.name = "layer-packages",
                              .schema = "layer_packages",
                              .rule = TOPIC_BY_DIGEST,
                              .compacted = true,
                              .unordered = true},
    [TOPIC_INVENTORIES] = {.name = "inventories", .schema = "inventory", .rule = TOPIC_BY_DIGEST, .compacted = true},
    [TOPIC_ADVISORIES] = {.name = "advisories", .schema = "advisory", .rule = TOPIC_BY_KEY, .compacted = true},
    [TOPIC_VULNERABILITIES] = {.name = "vulnerabilities",
                               .schema = "vulnerability",
                               .rule = TOPIC_BY_KEY,
                               .compacted = true},
    [TOPIC_FINDINGS] = {.name = "findings", .schema = "findings", .rule = TOPIC_BY_DIGEST, .compacted = true},
    [TOPIC_EXEMPTIONS] =
        {.name = "exemptions", .schema = "exemption", .rule = TOPIC_BY_KEY, .compacted = true, .unordered = true},
    [TOPIC_RECOMMENDATIONS] = {.name = "recommendations",
                               .schema = "recommendation",
                               .rule = TOPIC_BY_DIGEST,
                               .compacted = true},
    [TOPIC_ALERTS] = {.name = "alerts", .schema = "alert", .rule = TOPIC_BY_DIGEST, .retention_ms = DAYS(30)},
    [TOPIC_DEAD_LETTERS] = {.name = "dead-letters",
                            .schema = "dead_letter",
                            .rule = TOPIC_BY_KEY,
                            .retention_ms = DAYS(30)},
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
