/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/embedded/embedded.h"

/* ---- keys and records ---- */

void embedded_partition_key(uint8_t *to, uint16_t topic_id, uint32_t partition)
{
    to[0] = (uint8_t)(topic_id >> 8);
    to[1] = (uint8_t)topic_id;
    key_u32(to + 2, partition);
}

void embedded_log_key(uint8_t *to, uint16_t topic_id, uint32_t partition, uint64_t offset)
{
    embedded_partition_key(to, topic_id, partition);
    key_u64(to + EMBEDDED_PARTITION_KEY, offset);
}

void embedded_record_head(uint8_t *to, int64_t timestamp_ms, uint64_t position, bool tombstone, size_t key_n)
{
    key_u64(to, (uint64_t)timestamp_ms);
    key_u64(to + 8, position);
    to[16] = tombstone ? EMBEDDED_TOMBSTONE : 0;
    key_u32(to + 17, (uint32_t)key_n);
}

bool embedded_record_parse(struct slice s, struct embedded_record *ret_record)
{
    if (s.n < EMBEDDED_RECORD_HEAD || (s.p[16] & ~EMBEDDED_TOMBSTONE))
        return false;
    size_t key_n = key_get_u32(s.p + 17);
    struct slice rest = slice_from(s, EMBEDDED_RECORD_HEAD);
    if (key_n > rest.n)
        return false;
    bool tombstone = s.p[16] & EMBEDDED_TOMBSTONE;
    *ret_record = (struct embedded_record){.timestamp_ms = (int64_t)key_get_u64(s.p),
                                           .position = key_get_u64(s.p + 8),
                                           .tombstone = tombstone,
                                           .key = slice_sub(rest, 0, key_n),
                                           .value = tombstone ? SLICE_NONE : slice_from(rest, key_n)};
    return true;
}

/* ---- the table of operations ---- */

static void embedded_close(struct bus *bus)
{
    struct embedded *b = (struct embedded *)bus;
    embedded_leave(b);
    embedded_commits_write(b);
    buf_done(&b->queue);
    buf_done(&b->ahead_bytes);
    free(b->queued);
    free(b->commits);
    free(b->readers);
    free(b->ahead);
    free(b->client);
    embedded_env_put(b->env);
    free(b);
}

static const char *embedded_cluster_id(struct bus *bus)
{
    return ((struct embedded *)bus)->env->cluster_id;
}

static const struct bus_ops embedded_ops = {
    .close = embedded_close,
    .cluster_id = embedded_cluster_id,
    .topics_create = embedded_topics_create,
    .topics_check = embedded_topics_check,
    .range = embedded_range,
    .produce = embedded_produce,
    .flush = embedded_flush,
    .join = embedded_join,
    .start = embedded_start,
    .watch = embedded_watch,
    .commit = embedded_commit,
    .committed = embedded_committed,
    .poll = embedded_poll,
    .wake = embedded_wake,
};

int bus_embedded_open(const char *dir, const struct bus_options *options, struct bus **ret_bus, struct err *e)
{
    struct embedded_env *env;
    if (embedded_env_get(dir, &env, e))
        return err_wrap(e, "embedded bus");
    struct embedded *b = xcalloc(1, sizeof *b);
    b->bus.ops = &embedded_ops;
    b->env = env;
    b->client = xstrdup(options && options->client ? options->client : "careen");
    b->retention_override_ms = options ? options->retention_override_ms : 0;
    /* A queued record is encoded in place, so the bound of the queue holds with its head. */
    b->queue = BUF_INIT(EMBEDDED_QUEUE_MAX);
    b->ahead_bytes = BUF_INIT(EMBEDDED_BATCH_MAX + TOPIC_RECORD_MAX);
    b->group.member_fd = -1;
    *ret_bus = &b->bus;
    return 0;
}
