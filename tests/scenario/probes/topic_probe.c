/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks into the topics of a bus and puts records there that no stage would write.
 *     topic_probe BUS show TOPIC…       lines "topic<TAB>key<TAB>JSON": the newest of each key, or of topics that are
 *                                       not compacted every record
 *     topic_probe BUS ends TOPIC…       lines "topic<TAB>partition<TAB>next offset"
 *     topic_probe BUS put TOPIC KEY HEX the bytes as they are, without a value: a tombstone
 *     topic_probe BUS repartition TOPIC N   of the embedded bus: says that the topic has N partitions
 * Status 1 with the reason when the bus fails. CAREEN_TEST_SCHEMA_REGISTRY: the schema registry of records that need
 * one.
 */
#include "bus/embedded/embedded.h"
#include "careen/topics/reader.h"

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

/* docs/formats/embedded-bus.md: the row of a topic in meta is its number u16, partitions u32, compacted u8. */
static int repartition(const char *bus, const char *topic, const char *partitions, struct err *e)
{
    struct embedded_env *v;
    struct store_txn *txn;
    struct slice old, path = slice_str(bus);
    uint64_t n;
    char key[64];
    uint8_t row[7];
    if (!slice_take_prefix(&path, SLICE("embedded:")) || !slice_parse_u64(slice_str(partitions), &n))
        return err_set(e, ERR_USAGE, 0, "repartition embedded:DIR TOPIC N");
    snprintf(key, sizeof key, "topic/%s", topic);
    if (embedded_env_get((const char *)path.p, &v, e))
        return -1;
    int rc = embedded_begin(v, true, &txn, e);
    if (!rc) {
        rc = store_get(txn, v->meta, slice_str(key), &old, e) == 1 && old.n == sizeof row ? 0 : -1;
        if (!rc) {
            memcpy(row, old.p, sizeof row);
            key_u32(row + 2, (uint32_t)n);
            rc = store_put(txn, v->meta, slice_str(key), slice_of(row, sizeof row), e);
        }
        rc |= embedded_end(v, txn, !rc, e);
    }
    embedded_env_put(v);
    return rc;
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
                                           : reader_tail(r, s.topic, &(struct reader_tail_options){0}, show, &s, e);
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
    const char *registry = getenv("CAREEN_TEST_SCHEMA_REGISTRY");
    struct settings settings = {.bus = argv[1], .schema_registry = registry && *registry ? registry : NULL};
    if (strcmp(argv[2], "repartition") == 0 && argc == 5) {
        int changed = repartition(argv[1], argv[3], argv[4], &e);
        if (changed)
            fprintf(stderr, "topic_probe: %s\n", e.text);
        return changed ? 1 : 0;
    }
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
