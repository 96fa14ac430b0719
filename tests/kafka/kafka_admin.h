/* SPDX-License-Identifier: Apache-2.0 */
/* kafka_admin.h: what an operator may do to topics behind Careen's back, for the tests. */
#ifndef CAREEN_TESTS_KAFKA_KAFKA_ADMIN_H
#define CAREEN_TESTS_KAFKA_KAFKA_ADMIN_H

#include <librdkafka/rdkafka.h>

#include "kafka_test.h"

static inline rd_kafka_t *admin_handle(void)
{
    char text[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    assert_int_equal(rd_kafka_conf_set(conf, "bootstrap.servers", kafka_url() + strlen("kafka://"), text, sizeof text),
                     RD_KAFKA_CONF_OK);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    assert_non_null(rk);
    return rk;
}

static inline void admin_await(rd_kafka_t *rk, rd_kafka_queue_t *queue)
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 15000);
    assert_non_null(event);
    if (rd_kafka_event_error(event))
        fail_msg("admin: %s", rd_kafka_event_error_string(event));
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
}

/* settings: name, value, …, NULL */
static inline void admin_create(const char *name, int partitions, const char *const *settings)
{
    rd_kafka_t *rk = admin_handle();
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(name, partitions, 1, NULL, 0);
    for (; *settings; settings += 2)
        rd_kafka_NewTopic_set_config(topic, settings[0], settings[1]);
    rd_kafka_CreateTopics(rk, &topic, 1, NULL, queue);
    rd_kafka_NewTopic_destroy(topic);
    admin_await(rk, queue);
}

static inline void admin_delete(const char *name)
{
    rd_kafka_t *rk = admin_handle();
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_DeleteTopic_t *topic = rd_kafka_DeleteTopic_new(name);
    rd_kafka_DeleteTopics(rk, &topic, 1, NULL, queue);
    rd_kafka_DeleteTopic_destroy(topic);
    admin_await(rk, queue);
}

/* Replaces all settings of a topic. */
static inline void admin_alter(const char *name, const char *const *settings)
{
    rd_kafka_t *rk = admin_handle();
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_ConfigResource_t *resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name);
    for (; *settings; settings += 2)
        rd_kafka_ConfigResource_set_config(resource, settings[0], settings[1]);
    rd_kafka_AlterConfigs(rk, &resource, 1, NULL, queue);
    rd_kafka_ConfigResource_destroy(resource);
    admin_await(rk, queue);
}

/* Deletes the topics of Careen, as if it had never run here. */
static inline void admin_wipe(void)
{
    rd_kafka_t *rk = admin_handle();
    const struct rd_kafka_metadata *metadata;
    int left;
    do {
        assert_int_equal(rd_kafka_metadata(rk, 1, NULL, &metadata, 10000), RD_KAFKA_RESP_ERR_NO_ERROR);
        left = 0;
        rd_kafka_DeleteTopic_t *gone[TOPIC_MAX];
        for (int i = 0; i < metadata->topic_cnt; i++)
            if (topic_by_name(slice_str(metadata->topics[i].topic)) < TOPIC_MAX)
                gone[left++] = rd_kafka_DeleteTopic_new(metadata->topics[i].topic);
        rd_kafka_metadata_destroy(metadata);
        if (left) {
            rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
            rd_kafka_DeleteTopics(rk, gone, (size_t)left, NULL, queue);
            rd_kafka_DeleteTopic_destroy_array(gone, (size_t)left);
            rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 15000);
            assert_non_null(event);
            rd_kafka_event_destroy(event);
            rd_kafka_queue_destroy(queue);
        }
    } while (left);
    rd_kafka_destroy(rk);
}

#endif
