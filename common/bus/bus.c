/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/bus.h"

#include "bus/bus_torn.h"

static int url_open(const char *url, const struct bus_options *options, struct bus **ret_bus, struct err *e)
{
    struct slice rest = slice_str(url);
    if (slice_take_prefix(&rest, SLICE("embedded:")) && rest.n)
        return bus_embedded_open((const char *)rest.p, options, ret_bus, e);
    if (slice_take_prefix(&rest, SLICE("kafka://")) && rest.n)
        return bus_kafka_open((const char *)rest.p, options, ret_bus, e);
    return err_set(e, ERR_USAGE, 0, "bus \"%s\": write embedded:DIR or kafka://host:port,host:port", url ? url : "");
}

int bus_open(const char *url, const struct bus_options *options, struct bus **ret_bus, struct err *e)
{
    struct bus *b;
    if (url_open(url, options, &b, e))
        return -1;
    *ret_bus = bus_torn(b);
    return 0;
}

void bus_close(struct bus *b)
{
    if (b)
        b->ops->close(b);
}

const char *bus_cluster_id(struct bus *b)
{
    return b->ops->cluster_id(b);
}

int bus_topics_create(struct bus *b, uint32_t partitions, struct err *e)
{
    return b->ops->topics_create(b, partitions, e);
}

int bus_topics_check(struct bus *b, uint32_t *ret_partitions, struct err *e)
{
    return b->ops->topics_check(b, ret_partitions, e);
}

int bus_range(struct bus *b, enum topic t, uint32_t partition, int64_t *ret_low, int64_t *ret_high, struct err *e)
{
    return b->ops->range(b, t, partition, ret_low, ret_high, e);
}

int bus_produce(struct bus *b, enum topic t, uint32_t partition, struct slice key, struct slice value,
                uint64_t position, struct err *e)
{
    if (key.n + value.n > TOPIC_RECORD_MAX)
        return err_set(e, ERR_POISON, 0, "a record of %zu bytes is over the limit of %zu for topic %s", key.n + value.n,
                       TOPIC_RECORD_MAX, topics[t].name);
    return b->ops->produce(b, t, partition, key, value, position, e);
}

int bus_flush(struct bus *b, int timeout_ms, struct err *e)
{
    return b->ops->flush(b, timeout_ms, e);
}

int bus_join(struct bus *b, const char *group, const char *member, const enum topic *joined, size_t n,
             const struct bus_group_callbacks *callbacks, void *arg, struct err *e)
{
    return b->ops->join(b, group, member, joined, n, callbacks, arg, e);
}

int bus_start(struct bus *b, enum topic t, uint32_t partition, int64_t offset, struct err *e)
{
    return b->ops->start(b, t, partition, offset, e);
}

int bus_watch(struct bus *b, enum topic t, uint32_t partition, int64_t offset, struct err *e)
{
    return b->ops->watch(b, t, partition, offset, e);
}

int bus_commit(struct bus *b, enum topic t, uint32_t partition, int64_t next_offset, struct err *e)
{
    return b->ops->commit(b, t, partition, next_offset, e);
}

int bus_committed(struct bus *b, const char *group, enum topic t, uint32_t partition, int64_t *ret_next, struct err *e)
{
    return b->ops->committed(b, group, t, partition, ret_next, e);
}

int bus_poll(struct bus *b, int timeout_ms, struct bus_event *ret_event, struct err *e)
{
    return b->ops->poll(b, timeout_ms, ret_event, e);
}

void bus_wake(struct bus *b)
{
    b->ops->wake(b);
}
