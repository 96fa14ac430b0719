/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks into the topics of a bus and puts records there that no stage would write.
 *     topic_probe BUS show TOPIC…       lines "topic<TAB>key<TAB>JSON": the newest of each key, or of topics that are
 *                                       not compacted every record
 *     topic_probe BUS ends TOPIC…       lines "topic<TAB>partition<TAB>next offset"
 *     topic_probe BUS put TOPIC KEY HEX the bytes as they are, without a value: a tombstone
 * Status 1 with the reason when the bus fails.
 */
#include "careen/reader.h"

struct showing {
    struct reader *reader;
    enum topic topic;
    struct buf out;
};

static int show(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct showing *s = arg;
    (void)at_ms;
    buf_clear(&s->out);
    if (record && codec_to_json(reader_codec(s->reader), s->topic, record, &s->out, e))
        return -1;
    printf("%s\t%.*s\t%s\n", topics[s->topic].name, SLICE_FMT(key), record ? buf_cstr(&s->out) : "null");
    return 0;
}

static int ends(struct reader *r, enum topic t, struct err *e)
{
    for (uint32_t k = 0; k < reader_partitions(r); k++) {
        int64_t low, high;
        if (bus_range(reader_bus(r), t, k, &low, &high, e))
            return -1;
        printf("%s\t%" PRIu32 "\t%" PRId64 "\n", topics[t].name, k, high);
    }
    return 0;
}

static int put(struct reader *r, enum topic t, const char *key, const char *hex, struct err *e)
{
    struct buf value = BUF_INIT(1 << 20);
    for (const char *p = hex; p && p[0] && p[1]; p += 2) {
        uint64_t byte;
        if (!slice_parse_hex(slice_of(p, 2), &byte))
            return err_set(e, ERR_USAGE, 0, "not hex: %s", hex);
        buf_add_byte(&value, (uint8_t)byte);
    }
    uint32_t k = topic_partition(t, slice_str(key), reader_partitions(r));
    int rc = bus_produce(reader_bus(r), t, k, slice_str(key), hex ? buf_slice(&value) : SLICE_NONE, 0, e);
    buf_done(&value);
    return rc ? rc : bus_flush(reader_bus(r), 10000, e);
}

static int each(struct reader *r, const char *what, char **names, struct err *e)
{
    struct showing s = {.reader = r, .out = BUF_INIT((size_t)256 << 20)};
    int rc = 0;
    for (; *names && !rc; names++) {
        s.topic = topic_by_name(slice_str(*names));
        if (s.topic == TOPIC_MAX)
            rc = err_set(e, ERR_USAGE, 0, "no topic is named %s", *names);
        else if (strcmp(what, "ends") == 0)
            rc = ends(r, s.topic, e);
        else
            rc = topics[s.topic].compacted ? reader_all(r, s.topic, show, &s, e)
                                           : reader_tail(r, s.topic, false, false, NULL, show, &s, e);
    }
    buf_done(&s.out);
    return rc;
}

int main(int argc, char **argv)
{
    struct err e = ERR_INIT;
    struct reader *r = NULL;
    if (argc < 4)
        return 2;
    struct settings settings = {.bus = argv[1]};
    int rc = reader_open(&settings, &r, &e);
    if (!rc && strcmp(argv[2], "put") == 0 && argc > 4)
        rc = put(r, topic_by_name(slice_str(argv[3])), argv[4], argc > 5 ? argv[5] : NULL, &e);
    else if (!rc)
        rc = each(r, argv[2], argv + 3, &e);
    reader_close(r);
    if (rc)
        fprintf(stderr, "topic_probe: %s\n", e.text);
    return rc ? 1 : 0;
}
