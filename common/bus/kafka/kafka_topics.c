/* SPDX-License-Identifier: Apache-2.0 */
/* kafka_topics.c: creating and checking the topics, and what offsets they hold. docs/formats/topics.md is the page. */
#include "bus/kafka/kafka_int.h"

#include "base/clock.h"

#define REPLICAS_MAX  3
#define CHECK_WAIT_MS 3000 /* for a broker that has not heard of topics that were just made */

/* Settings of the topics as they are created; see docs/formats/topics.md for the reasons. */
static const char *const common_settings[][2] = {
    {"segment.ms", "21600000"}, {"segment.bytes", "134217728"}, {"compression.type", "producer"}};

/* ---- what is there ---- */

int kafka_partitions(struct kafka_bus *b, uint32_t counts[TOPIC_MAX], unsigned *ret_brokers, bool *ret_led,
                     struct err *e)
{
    if (kafka_producer_get(b, e) < 0)
        return -1;
    for (int t = 0; t < TOPIC_MAX; t++)
        kafka_topic_handle(b, (enum topic)t);
    const struct rd_kafka_metadata *metadata;
    /* Metadata of the topics for which the producer has a handle: ours, however many others the cluster has. */
    rd_kafka_resp_err_t code = rd_kafka_metadata(b->producer, 0, NULL, &metadata, KAFKA_WAIT_MS);
    rd_kafka_poll(b->producer, 0);
    if (code)
        return err_set(e, kafka_err_kind(code), code, "no broker of %s answered within %d s: %s", b->brokers,
                       KAFKA_WAIT_MS / 1000,
                       b->last_error.kind != ERR_NONE ? b->last_error.text : rd_kafka_err2str(code));
    memset(counts, 0, TOPIC_MAX * sizeof *counts);
    int rc = 0;
    bool led = true;
    for (int i = 0; i < metadata->topic_cnt; i++) {
        const struct rd_kafka_metadata_topic *mt = &metadata->topics[i];
        enum topic t = topic_by_name(slice_str(mt->topic));
        if (t >= TOPIC_MAX)
            continue;
        if (!mt->err)
            counts[t] = (uint32_t)mt->partition_cnt;
        else if (mt->err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART &&
                 mt->err != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE && rc == 0)
            rc = kafka_err(e, mt->err, "topic %s", mt->topic);
        for (int p = 0; p < mt->partition_cnt; p++)
            led &= mt->partitions[p].leader >= 0;
    }
    for (int t = 0; t < TOPIC_MAX; t++) {
        led &= counts[t] > 0;
        if (counts[t])
            b->counts[t] = counts[t];
    }
    if (ret_led)
        *ret_led = led;
    if (ret_brokers)
        *ret_brokers = (unsigned)MAX(metadata->broker_cnt, 1);
    rd_kafka_metadata_destroy(metadata);
    return rc;
}

int kafka_partition_check(const struct kafka_bus *b, enum topic t, uint32_t partition, struct err *e)
{
    if (partition < (b->counts[t] ? b->counts[t] : KAFKA_PARTITIONS_MAX))
        return 0;
    return err_set(e, ERR_USAGE, 0, "topic %s has no partition %" PRIu32, topics[t].name, partition);
}

static rd_kafka_resp_err_t offset_ask(rd_kafka_t *rk, enum topic t, uint32_t partition, int64_t which, int timeout_ms,
                                      int64_t *ret_offset)
{
    /* rd_kafka_query_watermark_offsets is made for this, but 2.0.2 ignores its time-out. */
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topics[t].name, (int32_t)partition)->offset = which;
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(rk, list, timeout_ms);
    if (!code)
        code = list->elems[0].err;
    if (!code && list->elems[0].offset < 0)
        code = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
    if (!code)
        *ret_offset = list->elems[0].offset;
    rd_kafka_topic_partition_list_destroy(list);
    return code;
}

int kafka_range(struct bus *bus, enum topic t, uint32_t partition, int64_t *ret_low, int64_t *ret_high, struct err *e)
{
    struct kafka_bus *b = kafka_of(bus);
    if (kafka_producer_get(b, e) < 0 || kafka_partition_check(b, t, partition, e) < 0)
        return -1;
    int64_t low = 0, high = 0, until = clock_mono_ms() + KAFKA_WAIT_MS;
    for (;;) {
        int left = (int)MAX(until - clock_mono_ms(), 1);
        rd_kafka_resp_err_t code = offset_ask(b->producer, t, partition, RD_KAFKA_OFFSET_BEGINNING, left, &low);
        if (!code)
            code = offset_ask(b->producer, t, partition, RD_KAFKA_OFFSET_END, left, &high);
        if (!code)
            break;
        /* A partition that was just made or moved has no leader for a moment. */
        if (!kafka_asks_again(code, until)) {
            /*
             * A handle that was made while every broker stood still may go on saying so after they are back (seen with
             * librdkafka 2.0.2: its first connection ended in the middle of the versions' exchange). Whoever asks again
             * asks through a new one.
             */
            if (kafka_err_kind(code) == ERR_RETRY && !b->undelivered)
                kafka_producer_drop(b);
            return kafka_err(e, code, "offsets of topic %s, partition %" PRIu32, topics[t].name, partition);
        }
    }
    *ret_low = low;
    *ret_high = MAX(high, low);
    return 0;
}

/* ---- create ---- */

static void topic_setting(rd_kafka_NewTopic_t *topic, const char *key, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    rd_kafka_NewTopic_set_config(topic, key, text);
}

static rd_kafka_NewTopic_t *topic_new(enum topic t, uint32_t partitions, unsigned replicas, struct err *e)
{
    char text[256];
    rd_kafka_NewTopic_t *topic =
        rd_kafka_NewTopic_new(topics[t].name, (int)partitions, (int)replicas, text, sizeof text);
    if (!topic) {
        err_set(e, ERR_USAGE, 0, "topic %s with %" PRIu32 " partitions: %s", topics[t].name, partitions, text);
        return NULL;
    }
    for (size_t i = 0; i < ARRAY_LEN(common_settings); i++)
        rd_kafka_NewTopic_set_config(topic, common_settings[i][0], common_settings[i][1]);
    rd_kafka_NewTopic_set_config(topic, "cleanup.policy", topics[t].compacted ? "compact" : "delete");
    topic_setting(topic, "max.message.bytes", (int64_t)KAFKA_TOPIC_MAX_BYTES);
    topic_setting(topic, "min.insync.replicas", replicas >= 3 ? 2 : 1);
    if (topics[t].compacted) {
        topic_setting(topic, "delete.retention.ms", TOPIC_TOMBSTONE_MS);
        rd_kafka_NewTopic_set_config(topic, "min.cleanable.dirty.ratio", "0.2");
    } else {
        topic_setting(topic, "retention.ms", topics[t].retention_ms);
    }
    return topic;
}

/* Waits for the answer to an admin request; NULL with e filled when it failed as a whole. */
static rd_kafka_event_t *admin_answer(struct kafka_bus *b, rd_kafka_queue_t *queue, const char *what, struct err *e)
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, KAFKA_WAIT_MS + 2000);
    rd_kafka_resp_err_t code = event ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (!code)
        return event;
    err_set(e, kafka_err_kind(code), code, "%s at %s: %s", what, b->brokers,
            event ? rd_kafka_event_error_string(event) : rd_kafka_err2str(code));
    if (event)
        rd_kafka_event_destroy(event);
    return NULL;
}

static int create_result(const rd_kafka_event_t *event, struct err *e)
{
    size_t n;
    const rd_kafka_topic_result_t **results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result((rd_kafka_event_t *)(uintptr_t)event), &n);
    for (size_t i = 0; i < n; i++) {
        rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
        const char *text = rd_kafka_topic_result_error_string(results[i]);
        if (code && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
            return err_set(e, kafka_err_kind(code), code, "topic %s was not created: %s",
                           rd_kafka_topic_result_name(results[i]), text ? text : rd_kafka_err2str(code));
    }
    return 0;
}

/* Every broker hears of new topics in its own time, and any of them may answer: ask until all have likely heard. */
static int created_wait(struct kafka_bus *b, unsigned brokers, struct err *e)
{
    int64_t until = clock_mono_ms() + KAFKA_WAIT_MS;
    for (unsigned good = 0; good < (brokers > 1 ? brokers * 3 : 1);) {
        uint32_t counts[TOPIC_MAX];
        bool led;
        if (kafka_partitions(b, counts, NULL, &led, e) < 0)
            return -1;
        good = led ? good + 1 : 0;
        if (!led && clock_mono_ms() >= until)
            return err_set(e, ERR_RETRY, 0, "topics were created, but not all of their partitions have a leader yet");
        if (!led)
            clock_sleep_ms(50);
    }
    return 0;
}

int kafka_topics_create(struct bus *bus, uint32_t partitions, struct err *e)
{
    struct kafka_bus *b = kafka_of(bus);
    uint32_t counts[TOPIC_MAX];
    unsigned brokers;
    if (partitions == 0 || partitions > KAFKA_PARTITIONS_MAX)
        return err_set(e, ERR_USAGE, 0, "topics can't have %" PRIu32 " partitions", partitions);
    if (kafka_partitions(b, counts, &brokers, NULL, e) < 0)
        return -1;
    rd_kafka_NewTopic_t *missing[TOPIC_MAX];
    size_t n = 0;
    int rc = 0;
    for (int t = 0; t < TOPIC_MAX && rc == 0; t++) {
        if (counts[t])
            continue;
        missing[n] = topic_new((enum topic)t, partitions, MIN(brokers, REPLICAS_MAX), e);
        if (missing[n])
            n++;
        else
            rc = -1;
    }
    if (n && rc == 0) {
        rd_kafka_queue_t *queue = rd_kafka_queue_new(b->producer);
        rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(b->producer, RD_KAFKA_ADMIN_OP_CREATETOPICS);
        rd_kafka_AdminOptions_set_request_timeout(options, KAFKA_WAIT_MS, NULL, 0);
        rd_kafka_AdminOptions_set_operation_timeout(options, KAFKA_WAIT_MS - 1000, NULL, 0);
        rd_kafka_CreateTopics(b->producer, missing, n, options, queue);
        rd_kafka_AdminOptions_destroy(options);
        rd_kafka_event_t *event = admin_answer(b, queue, "creating topics", e);
        rc = event ? create_result(event, e) : -1;
        if (event)
            rd_kafka_event_destroy(event);
        rd_kafka_queue_destroy(queue);
        /* This producer has learned that the topics are not there; a new one asks afresh. */
        if (rc == 0 && b->undelivered == 0)
            kafka_producer_drop(b);
        if (rc == 0)
            rc = created_wait(b, brokers, e);
    }
    rd_kafka_NewTopic_destroy_array(missing, n);
    return rc;
}

/* ---- check ---- */

static int counts_check(const uint32_t counts[TOPIC_MAX], struct err *e)
{
    for (int t = 0; t < TOPIC_MAX; t++) {
        if (counts[t] == 0)
            return err_set(e, ERR_USAGE, 0, "topic %s is missing: careen topics create makes it", topics[t].name);
        if (counts[t] != counts[0])
            return err_set(e, ERR_USAGE, 0,
                           "topic %s has %" PRIu32 " partitions and %s has %" PRIu32
                           ": all must have the same number; delete the wrong one and run careen topics create",
                           topics[t].name, counts[t], topics[0].name, counts[0]);
    }
    return 0;
}

static int config_check(enum topic t, const rd_kafka_ConfigResource_t *resource, struct err *e)
{
    rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(resource);
    if (code)
        return kafka_err(e, code, "settings of topic %s can't be read", topics[t].name);
    size_t n;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &n);
    for (size_t i = 0; i < n; i++) {
        const char *key = rd_kafka_ConfigEntry_name(entries[i]), *value = rd_kafka_ConfigEntry_value(entries[i]);
        const char *wanted = NULL;
        char least[24];
        int64_t number = 0, at_least = -1;
        if (!value)
            continue;
        if (strcmp(key, "cleanup.policy") == 0)
            wanted = topics[t].compacted ? "compact" : "delete";
        else if (strcmp(key, "max.message.bytes") == 0)
            at_least = (int64_t)KAFKA_MESSAGE_MAX;
        else if (strcmp(key, "delete.retention.ms") == 0 && topics[t].compacted)
            at_least = TOPIC_TOMBSTONE_MS;
        if (at_least >= 0 && (!slice_parse_i64(slice_str(value), &number) || number < at_least)) {
            snprintf(least, sizeof least, "%" PRId64, at_least);
            wanted = least;
        }
        if (wanted && strcmp(wanted, value) != 0)
            return err_set(
                e, ERR_USAGE, 0,
                "topic %s has %s=%s and needs %s%s: set it with Kafka's tools, or delete the topic and run careen "
                "topics create",
                topics[t].name, key, value, wanted, at_least >= 0 ? " or more" : "");
    }
    return 0;
}

static int configs_check(struct kafka_bus *b, struct err *e)
{
    rd_kafka_ConfigResource_t *asked[TOPIC_MAX];
    for (int t = 0; t < TOPIC_MAX; t++)
        asked[t] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topics[t].name);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(b->producer);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(b->producer, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_AdminOptions_set_request_timeout(options, KAFKA_WAIT_MS, NULL, 0);
    rd_kafka_DescribeConfigs(b->producer, asked, TOPIC_MAX, options, queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_ConfigResource_destroy_array(asked, TOPIC_MAX);
    rd_kafka_event_t *event = admin_answer(b, queue, "reading the settings of topics", e);
    int rc = event ? 0 : -1;
    if (event) {
        size_t n;
        const rd_kafka_ConfigResource_t **found =
            rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &n);
        for (size_t i = 0; i < n && rc == 0; i++) {
            enum topic t = topic_by_name(slice_str(rd_kafka_ConfigResource_name(found[i])));
            if (t < TOPIC_MAX)
                rc = config_check(t, found[i], e);
        }
        rd_kafka_event_destroy(event);
    }
    rd_kafka_queue_destroy(queue);
    return rc;
}

int kafka_topics_check(struct bus *bus, uint32_t *ret_partitions, struct err *e)
{
    struct kafka_bus *b = kafka_of(bus);
    for (int64_t until = clock_mono_ms() + CHECK_WAIT_MS;; clock_sleep_ms(200)) {
        uint32_t counts[TOPIC_MAX];
        struct err why = ERR_INIT;
        int there = 0;
        int rc = kafka_partitions(b, counts, NULL, NULL, &why);
        for (int t = 0; rc == 0 && t < TOPIC_MAX; t++)
            there += counts[t] > 0;
        if (rc == 0)
            rc = counts_check(counts, &why);
        if (rc == 0)
            rc = configs_check(b, &why);
        if (rc == 0) {
            *ret_partitions = counts[0];
            return 0;
        }
        bool may_pass = why.kind == ERR_RETRY || (there > 0 && there < TOPIC_MAX);
        if (!may_pass || clock_mono_ms() >= until) {
            if (e)
                *e = why;
            return -1;
        }
    }
}
