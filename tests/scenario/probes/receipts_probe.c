/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a bus as a build left it that did not know some package formats yet.
 *     receipts_probe FROM TO [FORMAT…]   copies the topics layers and pulls of a bus to a new one, with receipts that
 *                                        don't name these formats
 */
#include "careen/topics/reader.h"

struct copying {
    struct reader *from;
    struct bus *to;
    enum topic topic;
    char **formats; /* NULL behind the last */
};

static void forget(struct pull *receipt, char **formats)
{
    size_t kept = 0;
    for (size_t i = 0; i < receipt->collectors.n; i++) {
        char **f = formats;
        while (*f && !slice_eq_str(receipt->collectors.v[i].name, *f))
            f++;
        if (!*f)
            receipt->collectors.v[kept++] = receipt->collectors.v[i];
    }
    receipt->collectors.n = kept;
}

static int copy(void *arg, struct slice key, const void *record, int64_t at_ms, struct err *e)
{
    struct copying *c = arg;
    struct buf b = BUF_INIT(TOPIC_RECORD_MAX);
    struct pull receipt;
    (void)at_ms;
    if (c->topic == TOPIC_PULLS) {
        receipt = *(const struct pull *)record;
        forget(&receipt, c->formats);
        record = &receipt;
    }
    int rc = codec_encode(reader_codec(c->from), c->topic, record, &b, e);
    if (!rc)
        rc = bus_produce(c->to, c->topic, topic_partition(c->topic, key, reader_partitions(c->from)), key,
                         buf_slice(&b), 0, e);
    buf_done(&b);
    return rc;
}

int main(int argc, char **argv)
{
    struct err e = ERR_INIT;
    struct copying c = {.formats = argv + 3};
    if (argc < 3)
        return 2;
    const struct settings settings = {.bus = argv[1]};
    int rc = reader_open(&settings, &c.from, &e) || bus_open(argv[2], NULL, &c.to, &e) ||
             bus_topics_create(c.to, reader_partitions(c.from), &e);
    for (c.topic = TOPIC_LAYERS; !rc; c.topic = TOPIC_PULLS) {
        rc = reader_all(c.from, c.topic, copy, &c, &e);
        if (c.topic == TOPIC_PULLS)
            break;
    }
    if (!rc)
        rc = bus_flush(c.to, 10000, &e);
    if (c.to)
        bus_close(c.to);
    reader_close(c.from);
    if (rc)
        fprintf(stderr, "receipts_probe: %s\n", e.text);
    return rc ? 1 : 0;
}
