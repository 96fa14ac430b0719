/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topics.h: the table of topics. A new topic is one enum value, one row in topics.c and one schema.
 *
 * The partition of a record is hash_partition of its key or, in topics with TOPIC_BY_DIGEST, of the digest that its key
 * begins with (a key is "digest" or "digest,more": everything up to the first comma). Ticks name their partition, since
 * every partition gets every tick.
 */
#ifndef CAREEN_BUS_TOPICS_H
#define CAREEN_BUS_TOPICS_H

#include "base/arena.h"
#include "base/slice.h"

enum topic {
    TOPIC_REGISTRY_EVENTS,
    TOPIC_TICKS,
    TOPIC_IMAGES,
    TOPIC_WORKLOADS,
    TOPIC_LAYERS,
    TOPIC_PULLS,
    TOPIC_LAYER_CONTENTS,
    TOPIC_LAYER_PACKAGES,
    TOPIC_INVENTORIES,
    TOPIC_ADVISORIES,
    TOPIC_VULNERABILITIES,
    TOPIC_FINDINGS,
    TOPIC_EXEMPTIONS,
    TOPIC_RECOMMENDATIONS,
    TOPIC_ALERTS,
    TOPIC_DEAD_LETTERS,
    TOPIC_MAX
};

enum topic_rule {
    TOPIC_BY_KEY,
    TOPIC_BY_DIGEST,
    TOPIC_BY_NUMBER, /* the key ends with ",partition number": one record to each partition */
};

struct topic_info {
    const char *name;   /* "registry-events" */
    const char *schema; /* file name in schemas/ without its ending */
    enum topic_rule rule;
    bool compacted;
    bool unordered;       /* several stages may write one key: records have no position, and the last one counts */
    int64_t retention_ms; /* for topics that are not compacted; in compacted ones tombstones stay TOPIC_TOMBSTONE_MS */
};

#define TOPIC_TOMBSTONE_MS ((int64_t)7 * 86400 * 1000)
#define TOPIC_RECORD_MAX   ((size_t)8 << 20)
#define TOPIC_KEY_MAX      ((size_t)2048) /* the longest key is a workload's: four names of Kubernetes and a digest */
#define TOPIC_DIGEST_MAX   ((size_t)140)  /* "sha512:" and 128 digits */

extern const struct topic_info topics[TOPIC_MAX];

/* The topic of that name; TOPIC_MAX when there is none. */
enum topic topic_by_name(struct slice name);
/*
 * The partition of a key, of `partitions`. Keys of topics that are partitioned by digest begin with the digest, so that
 * this one function finds it: an image's key is "sha256:…,registry/repository".
 */
uint32_t topic_partition(enum topic t, struct slice key, uint32_t partitions);
/*
 * NULL when the topic may have that key, otherwise the reason: the key is absent, empty or longer than TOPIC_KEY_MAX,
 * or in a topic that is partitioned by digest the part before the first comma is empty or longer than a digest.
 */
const char *topic_key_unfit(enum topic t, struct slice key);

/*
 * The key of one part of a record that is split (inventories, findings): "digest" for part 0, "digest,part n" for part
 * n. topic_part_parse reads it back; false when the key is neither, or n is over max.
 */
struct slice topic_part_key(struct arena *a, struct slice digest, unsigned part);
bool topic_part_parse(struct slice key, unsigned max, unsigned *ret_part);

#endif
