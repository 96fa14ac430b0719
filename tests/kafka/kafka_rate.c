/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kafka_rate.c [RECORDS [BYTES]]: writes records in batches of 2000 with a flush each, as a stage does, reads them back
 * while checking that none is missing, and prints the rates. For a broker that runs: CAREEN_BUS. Failed flushes (a
 * broker that is away) are repeated and counted.
 */
#include "kafka_test.h"

#define BATCH 2000

static int records = 200000, size = 300;

static void report(const char *what, int64_t since)
{
    double s = (double)MAX(clock_mono_ms() - since, 1) / 1000;
    printf("%s: %.0f records/s, %.1f MB/s\n", what, records / s, (double)records * size / s / 1e6);
}

static void rates(void **state ATTR_UNUSED)
{
    struct bus *b = kafka_bus_open("rate");
    OK(bus_topics_create(b, PARTITIONS, E));
    int64_t base = kafka_high(b, TOPIC_INVENTORIES, 0), start = clock_mono_ms();
    char *value = xmalloc((size_t)size);
    for (int i = 0; i < size; i++)
        value[i] = (char)('a' + i * 7 % 26);
    int failures = 0;
    for (int i = 0; i < records;) {
        int n = MIN(BATCH, records - i);
        struct err e = ERR_INIT;
        int rc = 0;
        for (int k = 0; k < n && rc == 0; k++) {
            char key[32];
            snprintf(key, sizeof key, "key-%d", i + k);
            rc = bus_produce(b, TOPIC_INVENTORIES, 0, slice_str(key), slice_of(value, (size_t)size), (uint64_t)(i + k),
                             &e);
        }
        if (bus_flush(b, 10000, rc ? NULL : &e) < 0 || rc) {
            if (e.kind != ERR_RETRY || ++failures > 30)
                fail_msg("%s", e.text);
            continue;
        }
        i += n;
    }
    report("written", start);
    if (failures)
        printf("%d batches were repeated\n", failures);
    OK(bus_watch(b, TOPIC_INVENTORIES, 0, base, E));
    start = clock_mono_ms();
    for (int i = 0; i < records;) {
        struct bus_event ev = kafka_next_record(b);
        assert_true(ev.position <= (uint64_t)i);
        i += ev.position == (uint64_t)i;
    }
    report("read", start);
    free(value);
    bus_close(b);
}

int main(int argc, char **argv)
{
    uint64_t v;
    if (argc > 1 && slice_parse_u64(slice_str(argv[1]), &v) && v && v <= 100000000)
        records = (int)v;
    if (argc > 2 && slice_parse_u64(slice_str(argv[2]), &v) && v && v <= TOPIC_RECORD_MAX / 2)
        size = (int)v;
    const struct CMUnitTest tests[] = {cmocka_unit_test(rates)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
