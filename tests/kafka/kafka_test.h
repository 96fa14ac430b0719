/* SPDX-License-Identifier: Apache-2.0 */
/* kafka_test.h: what the programs of tests/kafka share. They run against the broker of CAREEN_BUS. */
#ifndef CAREEN_TESTS_KAFKA_KAFKA_TEST_H
#define CAREEN_TESTS_KAFKA_KAFKA_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "bus/bus.h"

#define PARTITIONS 4

/* Fails the test with the error's text. Inside, E stands for the struct err * of the call. */
#define E (&ok_err)
#define OK(call)                                                                                                       \
    do {                                                                                                               \
        struct err ok_err = ERR_INIT;                                                                                  \
        if ((call) < 0)                                                                                                \
            fail_msg("%s: %s error: %s", #call, err_kind_name(ok_err.kind), ok_err.text);                              \
    } while (0)

static inline const char *kafka_url(void)
{
    const char *url = getenv("CAREEN_BUS");
    if (!url) {
        fprintf(stderr, "CAREEN_BUS is not set: run tests/kafka/test_bus.sh\n");
        exit(2);
    }
    return url;
}

static inline struct bus *kafka_bus_open(const char *client)
{
    struct bus *b = NULL;
    OK(bus_open(kafka_url(), &(struct bus_options){.client = client}, &b, E));
    return b;
}

static inline int64_t kafka_high(struct bus *b, enum topic t, uint32_t partition)
{
    int64_t low, high = -1;
    OK(bus_range(b, t, partition, &low, &high, E));
    return high;
}

/* Writes numbered records "<prefix>0".."<prefix>n-1", value = key, position = number, without a flush. */
static inline void kafka_put(struct bus *b, enum topic t, uint32_t partition, const char *prefix, int from, int n)
{
    for (int i = from; i < from + n; i++) {
        char key[64];
        snprintf(key, sizeof key, "%s%d", prefix, i);
        OK(bus_produce(b, t, partition, slice_str(key), slice_str(key), (uint64_t)i, E));
    }
}

/* The next event that is not BUS_NOTHING; fails after 20 s. Outages (ERR_RETRY) are waited out. */
static inline struct bus_event kafka_next(struct bus *b)
{
    int64_t until = clock_mono_ms() + 20000;
    while (clock_mono_ms() < until) {
        struct bus_event ev;
        struct err e = ERR_INIT;
        if (bus_poll(b, 100, &ev, &e) < 0) {
            if (e.kind != ERR_RETRY)
                fail_msg("bus_poll: %s", e.text);
            continue;
        }
        if (ev.kind != BUS_NOTHING)
            return ev;
    }
    fail_msg("no event within 20 s");
    return (struct bus_event){.kind = BUS_NOTHING};
}

static inline struct bus_event kafka_next_record(struct bus *b)
{
    for (;;) {
        struct bus_event ev = kafka_next(b);
        if (ev.kind == BUS_RECORD)
            return ev;
    }
}

#endif
