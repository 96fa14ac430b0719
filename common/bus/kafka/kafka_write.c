/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kafka_write.c: the producer. A failed or timed-out flush throws the producer away, with all that it still
 * holds: 2.0.2 can turn a purge of an idempotent producer into a fatal "sequence desynchronization", and what the
 * caller will repeat must not also come from the old one later. The next use makes a new producer.
 */
#include "bus/kafka/kafka_int.h"

#include "base/clock.h"

#define DROP_MS 3000

int kafka_producer_get(struct kafka_bus *b, struct err *e)
{
    return b->producer ? 0 : kafka_handle_new(b, RD_KAFKA_PRODUCER, NULL, NULL, &b->producer, e);
}

void kafka_producer_drop(struct kafka_bus *b)
{
    for (int t = 0; t < TOPIC_MAX; t++)
        if (b->topics[t]) {
            rd_kafka_topic_destroy(b->topics[t]);
            b->topics[t] = NULL;
        }
    rd_kafka_t *rk = STEAL(b->producer);
    b->undelivered = 0;
    b->write_error = ERR_INIT;
    if (!rk)
        return;
    rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
    kafka_destroy(rk, DROP_MS);
}

rd_kafka_topic_t *kafka_topic_handle(struct kafka_bus *b, enum topic t)
{
    if (!b->topics[t])
        b->topics[t] = rd_kafka_topic_new(b->producer, topics[t].name, NULL);
    return b->topics[t];
}

static int write_err(struct err *e, rd_kafka_t *rk, rd_kafka_resp_err_t code, const char *topic, struct slice key)
{
    key.n = MIN(key.n, 128u);
    if (!slice_is_text(key))
        key = SLICE("(not text)");
    switch (code) {
    case RD_KAFKA_RESP_ERR__FATAL:
        return kafka_fatal(e, rk);
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
        return err_set(e, ERR_RETRY, code, "the queue of unsent records is full");
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
        return err_set(e, ERR_POISON, code, "record \"%.*s\" of topic %s is refused: %s", SLICE_FMT(key), topic,
                       rd_kafka_err2str(code));
    default:
        return kafka_err(e, code, "record \"%.*s\" of topic %s", SLICE_FMT(key), topic);
    }
}

void kafka_delivered(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
    struct kafka_bus *b = opaque;
    if (rk != b->producer)
        return;
    ASSERT(b->undelivered > 0);
    b->undelivered--;
    if (m->err && b->write_error.kind == ERR_NONE)
        write_err(&b->write_error, rk, m->err, rd_kafka_topic_name(m->rkt), slice_of(m->key, m->key_len));
}

int kafka_produce(struct bus *bus, enum topic t, uint32_t partition, struct slice key, struct slice value,
                  uint64_t position, struct err *e)
{
    struct kafka_bus *b = kafka_of(bus);
    if (kafka_producer_get(b, e) < 0 || kafka_partition_check(b, t, partition, e) < 0)
        return -1;
    char text[24];
    int digits = snprintf(text, sizeof text, "%" PRIu64, position);
    rd_kafka_resp_err_t code;
    /* An empty key is a key, and an empty value a value: only NULL is absent. */
    void *k = (void *)(uintptr_t)(key.p ? key.p : (const uint8_t *)"");
    void *v = (void *)(uintptr_t)value.p;
    int64_t until = 0;
    for (;;) {
        code = rd_kafka_producev(b->producer, RD_KAFKA_V_RKT(kafka_topic_handle(b, t)),
                                 RD_KAFKA_V_PARTITION((int32_t)partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                 RD_KAFKA_V_KEY(k, key.n), RD_KAFKA_V_VALUE(v, value.n),
                                 RD_KAFKA_V_HEADER(KAFKA_POSITION_HEADER, text, digits), RD_KAFKA_V_END);
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            break;
        /* Room comes with the reports of what was delivered: the faster writer waits for the slower broker. */
        int64_t now = clock_mono_ms();
        until = until ? until : now + KAFKA_WAIT_MS;
        if (now >= until)
            break;
        rd_kafka_poll(b->producer, (int)MIN(until - now, 100));
    }
    if (code)
        return write_err(e, b->producer, code, topics[t].name, key);
    b->undelivered++;
    return 0;
}

int kafka_flush(struct bus *bus, int timeout_ms, struct err *e)
{
    struct kafka_bus *b = kafka_of(bus);
    if (b->producer)
        (void)rd_kafka_flush(b->producer, timeout_ms);
    if (b->undelivered == 0 && b->write_error.kind == ERR_NONE)
        return 0;
    struct err why = b->write_error;
    char fatal[256];
    if (rd_kafka_fatal_error(b->producer, fatal, sizeof fatal))
        kafka_fatal(&why, b->producer);
    else if (why.kind == ERR_NONE)
        err_set(&why, ERR_RETRY, RD_KAFKA_RESP_ERR__TIMED_OUT, "%zu records were not stored by %s within %d ms%s%s",
                b->undelivered, b->brokers, timeout_ms, b->last_error.kind != ERR_NONE ? "; last: " : "",
                b->last_error.text);
    kafka_producer_drop(b);
    if (e)
        *e = why;
    return -1;
}
