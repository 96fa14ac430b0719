/* SPDX-License-Identifier: Apache-2.0 */
/* kafka_conformance.c: the conformance suite of both buses, on a real broker. Run by tests/kafka/test_bus.sh. */
#include "bus_conformance.h"

#include "kafka_admin.h"

/* A group goes once its last session has ended; with named members that is after the session time-out. */
static void group_delete(const char *group)
{
    rd_kafka_t *rk = admin_handle();
    int64_t until = clock_mono_ms() + 30000;
    for (rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP; code == RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP;) {
        rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
        rd_kafka_DeleteGroup_t *gone = rd_kafka_DeleteGroup_new(group);
        rd_kafka_DeleteGroups(rk, &gone, 1, NULL, queue);
        rd_kafka_DeleteGroup_destroy(gone);
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 15000);
        assert_non_null(event);
        size_t n = 0;
        const rd_kafka_group_result_t **results = NULL;
        if (!rd_kafka_event_error(event))
            results = rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event), &n);
        const rd_kafka_error_t *error = n ? rd_kafka_group_result_error(results[0]) : NULL;
        code = error ? rd_kafka_error_code(error) : RD_KAFKA_RESP_ERR_NO_ERROR;
        rd_kafka_event_destroy(event);
        rd_kafka_queue_destroy(queue);
        if (clock_mono_ms() > until)
            fail_msg("group %s can't be deleted: %s", group, rd_kafka_err2str(code));
        if (code == RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP)
            clock_sleep_ms(100);
    }
    rd_kafka_destroy(rk);
}

static const char *fresh(void *arg)
{
    (void)arg;
    group_delete("careen-test");
    admin_wipe();
    return kafka_url();
}

static int setup(void **state)
{
    static struct conformance conformance = {.fresh = fresh, .patience_ms = 30000};
    *state = &conformance;
    return 0;
}

int main(void)
{
    /* Short sessions, so that who left or died is soon noticed; the broker of scripts/kafka allows them. */
    static const char *const keys[] = {"session.timeout.ms", "heartbeat.interval.ms"}, *const values[] = {"2000",
                                                                                                          "300"};
    conform_options.kafka_keys = keys;
    conform_options.kafka_values = values;
    conform_options.kafka_n = ARRAY_LEN(keys);
    const struct CMUnitTest tests[] = {CONFORMANCE_TESTS};
    return cmocka_run_group_tests(tests, setup, NULL);
}
