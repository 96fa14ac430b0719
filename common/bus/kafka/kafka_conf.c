/* SPDX-License-Identifier: Apache-2.0 */
/* kafka_conf.c: librdkafka's settings: ours by default, then the caller's, then those that Careen can't do without. */
#include "bus/kafka/kafka_int.h"

#include <fcntl.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/clock.h"

#define OPTION_FILE_MAX 65536
#define READER_MESSAGE  ((size_t)65536)

enum who { BOTH, WRITER, READER };

struct setting {
    enum who who;
    const char *key, *alias;
    const char *value; /* NULL: set by the code below, or must stay unset */
};

/* Better than librdkafka's own for what Careen does; the caller may change them. */
static const struct setting defaults[] = {
    {BOTH, "socket.keepalive.enable", NULL, "true"},
    {BOTH, "reconnect.backoff.max.ms", NULL, "2000"},
    {WRITER, "compression.type", NULL, "zstd"},
    {WRITER, "linger.ms", NULL, "5"},
    /* What waits to be stored: a record of TOPIC_RECORD_MAX fits, and kafka_produce waits while it is full. */
    {WRITER, "queue.buffering.max.kbytes", NULL, "10240"},
    {WRITER, "queue.buffering.max.messages", NULL, "20000"},
    /*
     * What is fetched ahead, for all partitions of a reader together. The queue is full at the first two: then nothing
     * more is fetched. What the last fetch brings comes on top, and the other two bound that in compressed bytes. Each
     * record in the queue takes several hundred bytes besides itself. A larger record is still fetched, alone.
     */
    {READER, "queued.max.messages.kbytes", NULL, "4096"},
    {READER, "queued.min.messages", NULL, "5000"},
    {READER, "fetch.message.max.bytes", NULL, "65536"},
    {READER, "fetch.max.bytes", NULL, "262144"},
    /* Bounds how late the end of a partition is noticed; new records are sent at once whatever it is. */
    {READER, "fetch.wait.max.ms", NULL, "50"},
    {READER, "session.timeout.ms", NULL, "10000"},
    /* Also how soon a member hears of a rebalance. */
    {READER, "heartbeat.interval.ms", NULL, "1000"},
    {READER, "check.crcs", NULL, "true"},
};

/* The settings on which the promises of bus.h depend. */
static const struct setting required[] = {
    {BOTH, "bootstrap.servers", "metadata.broker.list", NULL},
    {BOTH, "client.id", NULL, NULL},
    {BOTH, "group.id", NULL, NULL},
    {BOTH, "group.instance.id", NULL, NULL},
    {BOTH, "transactional.id", NULL, NULL},
    {BOTH, "message.max.bytes", NULL, NULL},
    {BOTH, "socket.nagle.disable", NULL, "true"},
    {BOTH, "statistics.interval.ms", NULL, "0"},
    {BOTH, "allow.auto.create.topics", NULL, "false"},
    {BOTH, "isolation.level", NULL, "read_uncommitted"},
    {WRITER, "enable.idempotence", NULL, "true"},
    {WRITER, "acks", "request.required.acks", "all"},
    /* Nothing is given up by itself: bus_flush decides, and an outage of an hour is only a long wait. */
    {WRITER, "message.timeout.ms", "delivery.timeout.ms", "0"},
    {READER, "enable.auto.commit", "auto.commit.enable", "false"},
    {READER, "enable.auto.offset.store", NULL, "false"},
    {READER, "auto.offset.reset", NULL, "error"},
    {READER, "partition.assignment.strategy", NULL, "range"},
    {READER, "enable.partition.eof", NULL, "true"},
};

static bool applies(const struct setting *s, rd_kafka_type_t type)
{
    return s->who == BOTH || (s->who == WRITER) == (type == RD_KAFKA_PRODUCER);
}

/* Could the value of this option be a secret? */
static bool is_secret(const char *key)
{
    static const char *const words[] = {"password", "secret", "sasl.", "ssl.key", "pem", "token", "jaas", "credential"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcasestr(key, words[i]))
            return true;
    return false;
}

static int option_file_read(const char *key, const char *path, char **ret_value, struct err *e)
{
    ATTR_CLEANUP(cleanup_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(e, ERR_USAGE, errno, "kafka option %s: its value can't be read from %s", key, path);
    ATTR_CLEANUP(cleanup_free) char *text = xmalloc(OPTION_FILE_MAX + 1);
    size_t n = 0;
    while (n <= OPTION_FILE_MAX) {
        ssize_t got = read(fd, text + n, OPTION_FILE_MAX + 1 - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(e, ERR_USAGE, errno, "kafka option %s: its value can't be read from %s", key, path);
        if (got == 0)
            break;
        n += (size_t)got;
    }
    if (n > OPTION_FILE_MAX)
        return err_set(e, ERR_USAGE, 0, "kafka option %s: %s is over %d bytes", key, path, OPTION_FILE_MAX);
    while (n && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        n--;
    if (memchr(text, 0, n))
        return err_set(e, ERR_USAGE, 0, "kafka option %s: %s is not text", key, path);
    text[n] = '\0';
    *ret_value = STEAL(text);
    return 0;
}

static int required_check(const char *key, const char *value, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(required); i++) {
        const struct setting *s = &required[i];
        if (strcmp(key, s->key) != 0 && (!s->alias || strcmp(key, s->alias) != 0))
            continue;
        if (!s->value)
            return err_set(e, ERR_USAGE, 0, "kafka option %s can't be set: Careen sets it itself", key);
        if (strcasecmp(value, s->value) != 0)
            return err_set(e, ERR_USAGE, 0, "kafka option %s must be %s: Careen depends on it", key, s->value);
    }
    return 0;
}

/* A trial on a throw-away configuration, so that a wrong option fails bus_open and not the first bus_join. */
static int option_try(rd_kafka_conf_t *conf, const char *key, const char *value, bool secret, struct err *e)
{
    char text[256];
    rd_kafka_conf_res_t res = rd_kafka_conf_set(conf, key, value, text, sizeof text);
    if (res == RD_KAFKA_CONF_OK)
        return 0;
    /* librdkafka's text quotes the value. */
    if (res == RD_KAFKA_CONF_INVALID && secret)
        return err_set(e, ERR_USAGE, 0, "kafka option %s: librdkafka refuses its value (not shown)", key);
    return err_set(e, ERR_USAGE, 0, "kafka option %s: %s", key, text);
}

int kafka_options_take(struct kafka_bus *b, const struct bus_options *options, struct err *e)
{
    b->client = xstrdup(options && options->client ? options->client : "careen");
    size_t n = options ? options->kafka_n : 0;
    b->keys = xcalloc(n + 1, sizeof *b->keys);
    b->values = xcalloc(n + 1, sizeof *b->values);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        const char *key = options->kafka_keys[i], *value = options->kafka_values[i];
        b->keys[i] = xstrdup(key);
        b->options_n = i + 1;
        bool from_file = value[0] == '@';
        if (from_file)
            rc = option_file_read(key, value + 1, &b->values[i], e);
        else
            b->values[i] = xstrdup(value);
        if (rc == 0)
            rc = required_check(key, b->values[i], e);
        if (rc == 0)
            rc = option_try(conf, key, b->values[i], from_file || is_secret(key), e);
    }
    rd_kafka_conf_destroy(conf);
    return rc;
}

/* ---- callbacks of the handle ---- */

/* What matters comes as error callbacks and events; libraries don't log. */
static void log_drop(const rd_kafka_t *rk ATTR_UNUSED, int level ATTR_UNUSED, const char *facility ATTR_UNUSED,
                     const char *text ATTR_UNUSED)
{
}

static void error_noted(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
    struct kafka_bus *b = opaque;
    if (code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__TIMED_OUT ||
        code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        b->shaken_ms = clock_mono_ms();
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        b->all_down = true;
        if (b->last_error.kind != ERR_NONE)
            return; /* the single broker's error says more */
    }
    if (code == RD_KAFKA_RESP_ERR__FATAL)
        kafka_fatal(&b->last_error, rk);
    else
        err_set(&b->last_error, kafka_err_kind((rd_kafka_resp_err_t)code), code, "%s", reason);
}

/*
 * The producer's sockets drop what was not sent yet when they are closed. What bus_flush has given up must not reach
 * the broker minutes later, behind newer records of the same key: compaction would keep the older one.
 */
static int socket_make(int domain, int type, int protocol, void *opaque ATTR_UNUSED)
{
    int fd = socket(domain, type | SOCK_CLOEXEC, protocol);
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (fd >= 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    return fd;
}

static int settings_apply(rd_kafka_conf_t *conf, const struct setting *settings, size_t n, rd_kafka_type_t type,
                          struct err *e)
{
    char text[256];
    for (size_t i = 0; i < n; i++)
        if (settings[i].value && applies(&settings[i], type) &&
            rd_kafka_conf_set(conf, settings[i].key, settings[i].value, text, sizeof text) != RD_KAFKA_CONF_OK)
            return err_set(e, ERR_FATAL, 0, "librdkafka %s: %s", rd_kafka_version_str(), text);
    return 0;
}

static int conf_fill(struct kafka_bus *b, rd_kafka_conf_t *conf, rd_kafka_type_t type, const char *group,
                     const char *member, struct err *e)
{
    bool debug = false;
    if (settings_apply(conf, defaults, ARRAY_LEN(defaults), type, e) < 0)
        return -1;
    for (size_t i = 0; i < b->options_n; i++) {
        debug |= strcmp(b->keys[i], "debug") == 0;
        if (option_try(conf, b->keys[i], b->values[i], true, e) < 0)
            return -1;
    }
    if (settings_apply(conf, required, ARRAY_LEN(required), type, e) < 0)
        return -1;

    char message_max[24];
    /* It bounds nothing for a reader, but fetch.max.bytes may not be less. */
    snprintf(message_max, sizeof message_max, "%zu", type == RD_KAFKA_PRODUCER ? KAFKA_MESSAGE_MAX : READER_MESSAGE);
    const char *const own[][2] = {{"bootstrap.servers", b->brokers},
                                  {"client.id", b->client},
                                  {"message.max.bytes", message_max},
                                  {"group.id", group},
                                  {"group.instance.id", member}};
    char text[256];
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (own[i][1] && rd_kafka_conf_set(conf, own[i][0], own[i][1], text, sizeof text) != RD_KAFKA_CONF_OK)
            return err_set(e, ERR_USAGE, 0, "kafka: %s", text);
    rd_kafka_conf_set_opaque(conf, b);
    rd_kafka_conf_set_error_cb(conf, error_noted);
    if (!debug)
        rd_kafka_conf_set_log_cb(conf, log_drop);
    if (type == RD_KAFKA_PRODUCER) {
        rd_kafka_conf_set_socket_cb(conf, socket_make);
        rd_kafka_conf_set_dr_msg_cb(conf, kafka_delivered);
    } else {
        rd_kafka_conf_set_offset_commit_cb(conf, kafka_committed_cb);
        if (group)
            rd_kafka_conf_set_rebalance_cb(conf, kafka_rebalanced);
    }
    return 0;
}

int kafka_handle_new(struct kafka_bus *b, rd_kafka_type_t type, const char *group, const char *member,
                     rd_kafka_t **ret_rk, struct err *e)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char text[256];
    rd_kafka_t *rk = NULL;
    if (conf_fill(b, conf, type, group, member, e) == 0) {
        rk = rd_kafka_new(type, conf, text, sizeof text); /* owns conf from here, if it works */
        if (!rk)
            err_set(e, ERR_USAGE, 0, "kafka: %s", text);
    }
    if (!rk) {
        rd_kafka_conf_destroy(conf);
        return -1;
    }
    *ret_rk = rk;
    return 0;
}
