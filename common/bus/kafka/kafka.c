/* SPDX-License-Identifier: Apache-2.0 */
/* kafka.c: opening and closing the Kafka bus, and its errors. */
#include "bus/kafka/kafka_int.h"

#include <pthread.h>
#include <sys/eventfd.h>

#include "base/clock.h"

/* bus_close promises 10 s: this, a second for each consumer, and what kafka_producer_drop takes. */
#define LEAVE_MS 4000

/* ---- errors ---- */

enum err_kind kafka_err_kind(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        return ERR_FATAL;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
        return ERR_REFUSED;
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
        return ERR_USAGE;
    default:
        /* Also unknown topics and partitions: a broker that has just started or lags may answer so for a moment. */
        return ERR_RETRY;
    }
}

int kafka_err(struct err *e, rd_kafka_resp_err_t code, const char *fmt, ...)
{
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return err_set(e, kafka_err_kind(code), code, "%s: %s", text, rd_kafka_err2str(code));
}

bool kafka_asks_again(rd_kafka_resp_err_t code, int64_t until_ms)
{
    enum { NAP_MS = 100 };
    if (kafka_err_kind(code) != ERR_RETRY || clock_mono_ms() + NAP_MS >= until_ms)
        return false;
    clock_sleep_ms(NAP_MS);
    return true;
}

int kafka_fatal(struct err *e, rd_kafka_t *rk)
{
    char text[400] = "";
    rd_kafka_resp_err_t code = rd_kafka_fatal_error(rk, text, sizeof text);
    if (code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)
        return err_set(e, ERR_FATAL, code, "another process runs with the same member name: each needs its own (%s)",
                       text);
    return err_set(e, ERR_FATAL, code, "kafka: %s", text[0] ? text : rd_kafka_err2str(RD_KAFKA_RESP_ERR__FATAL));
}

/* ---- opening ---- */

static const struct bus_ops kafka_ops;

/* The brokers' first answer: the cluster's id. */
static int cluster_id_get(struct kafka_bus *b, struct err *e)
{
    int64_t until = clock_mono_ms() + KAFKA_WAIT_MS;
    do {
        char *id = rd_kafka_clusterid(b->producer, 200);
        if (id) {
            b->cluster_id = xstrdup(id);
            rd_kafka_mem_free(b->producer, id);
            b->last_error = ERR_INIT;
            b->all_down = false;
            return 0;
        }
        rd_kafka_poll(b->producer, 0);
        if (b->last_error.kind == ERR_REFUSED)
            return err_set(e, ERR_REFUSED, b->last_error.code, "kafka://%s: %s", b->brokers, b->last_error.text);
    } while (clock_mono_ms() < until);
    bool known = b->last_error.kind != ERR_NONE;
    return err_set(e, ERR_RETRY, b->last_error.code,
                   "no broker of %s answered within %d s%s%s: is Kafka running there?", b->brokers,
                   KAFKA_WAIT_MS / 1000, known ? ": " : "", known ? b->last_error.text : "");
}

static void bus_free(struct kafka_bus *b)
{
    for (size_t i = 0; i < b->options_n; i++) {
        if (b->values[i]) /* may be a secret */
            explicit_bzero(b->values[i], strlen(b->values[i]));
        free(b->keys[i]);
        free(b->values[i]);
    }
    free(b->keys);
    free(b->values);
    free(b->brokers);
    free(b->client);
    free(b->cluster_id);
    free(b->group_name);
    free(b->member);
    free(b->owned);
    if (b->wake_fd >= 0)
        close(b->wake_fd);
    free(b);
}

int bus_kafka_open(const char *brokers, const struct bus_options *options, struct bus **ret_bus, struct err *e)
{
    struct kafka_bus *b = xcalloc(1, sizeof *b);
    b->bus.ops = &kafka_ops;
    b->brokers = xstrdup(brokers);
    b->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int rc = 0;
    if (b->wake_fd < 0)
        rc = err_errno(e, ERR_FATAL, errno, "eventfd");
    if (rc == 0)
        rc = kafka_options_take(b, options, e);
    if (rc == 0)
        rc = kafka_producer_get(b, e);
    if (rc == 0)
        rc = cluster_id_get(b, e);
    if (rc < 0) {
        kafka_producer_drop(b);
        bus_free(b);
        return -1;
    }
    *ret_bus = &b->bus;
    return 0;
}

static const char *cluster_id(struct bus *bus)
{
    return kafka_of(bus)->cluster_id;
}

/* ---- closing ---- */

static void *destroy_run(void *rk)
{
    rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    return NULL;
}

bool kafka_destroy(rd_kafka_t *rk, int timeout_ms)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, destroy_run, rk) != 0) {
        rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        return true;
    }
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    if (pthread_timedjoin_np(thread, NULL, &until) == 0)
        return true;
    pthread_detach(thread);
    return false;
}

/* The broker hears that this member goes, and `revoked` is called, here or at the end by ourselves. */
static void group_leave(struct kafka_bus *b)
{
    if (!b->group.rk)
        return;
    int64_t until = clock_mono_ms() + LEAVE_MS;
    kafka_commits_send(b);
    /* Records and errors still come out of the queue; 2.0.2 aborts on them if its callbacks alone are served. */
    rd_kafka_error_t *error = rd_kafka_consumer_close_queue(b->group.rk, b->group.queue);
    while (!error && !rd_kafka_consumer_closed(b->group.rk) && clock_mono_ms() < until) {
        rd_kafka_message_t *m = rd_kafka_consumer_poll(b->group.rk, 100);
        if (m)
            rd_kafka_message_destroy(m);
    }
    if (error)
        rd_kafka_error_destroy(error);
    kafka_group_revoke(b, true);
}

static void kafka_close(struct bus *bus)
{
    struct kafka_bus *b = kafka_of(bus);
    /* Everything that was obtained from a handle must be released before it, or its destruction waits for ever. */
    if (b->held)
        rd_kafka_message_destroy(STEAL(b->held));
    group_leave(b);
    kafka_reader_done(&b->group);
    kafka_reader_done(&b->watch);
    kafka_asker_drop(b);
    kafka_producer_drop(b);
    bus_free(b);
}

static const struct bus_ops kafka_ops = {
    .close = kafka_close,
    .cluster_id = cluster_id,
    .topics_create = kafka_topics_create,
    .topics_check = kafka_topics_check,
    .range = kafka_range,
    .produce = kafka_produce,
    .flush = kafka_flush,
    .join = kafka_join,
    .start = kafka_start,
    .watch = kafka_watch,
    .commit = kafka_commit,
    .committed = kafka_committed,
    .poll = kafka_poll,
    .wake = kafka_wake,
};
