/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kafka_member.c GROUP [MEMBER]: a member of a group that reads `layers` and `pulls` together and writes what happens
 * to it on stdout, a line each: assigned 0 1      revoked 0 1 lost=0      record TOPIC PARTITION OFFSET KEY      failed
 * KIND TEXT      closed It starts where the group committed and commits all that it has written out. SIGTERM ends it in
 * good order.
 */
#include <signal.h>
#include <stdatomic.h>

#include "bus/bus.h"

static struct bus *bus;
static atomic_bool stopping;

static void on_term(int sig)
{
    (void)sig;
    stopping = true;
    bus_wake(bus);
}

static const enum topic joined[] = {TOPIC_LAYERS, TOPIC_PULLS};
static const char *group;

static int on_assigned(void *arg, const uint32_t *partitions, size_t n, struct err *e)
{
    (void)arg;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < ARRAY_LEN(joined); k++) {
            int64_t next, low, high;
            if (bus_committed(bus, group, joined[k], partitions[i], &next, e) < 0 ||
                bus_range(bus, joined[k], partitions[i], &low, &high, e) < 0 ||
                bus_start(bus, joined[k], partitions[i], next >= 0 ? next : low, e) < 0)
                return -1;
        }
    printf("assigned");
    for (size_t i = 0; i < n; i++)
        printf(" %u", partitions[i]);
    printf("\n");
    return 0;
}

static void on_revoked(void *arg, const uint32_t *partitions, size_t n, bool lost)
{
    (void)arg;
    printf("revoked");
    for (size_t i = 0; i < n; i++)
        printf(" %u", partitions[i]);
    printf(" lost=%d\n", lost);
}

int main(int argc, char **argv)
{
    struct err e = ERR_INIT;
    setvbuf(stdout, NULL, _IOLBF, 0);
    group = argc > 1 ? argv[1] : "test";
    const char *member = argc > 2 ? argv[2] : NULL;
    static const struct bus_group_callbacks callbacks = {on_assigned, on_revoked};
    static const char *const keys[] = {"session.timeout.ms"}, *const values[] = {"5000"};
    const struct bus_options o = {.client = "member", .kafka_keys = keys, .kafka_values = values, .kafka_n = 1};
    if (bus_open(getenv("CAREEN_BUS"), &o, &bus, &e) < 0 ||
        bus_join(bus, group, member, joined, ARRAY_LEN(joined), &callbacks, NULL, &e) < 0) {
        printf("failed %s %s\n", err_kind_name(e.kind), e.text);
        return 1;
    }
    signal(SIGTERM, on_term);
    while (!stopping) {
        struct bus_event ev;
        if (bus_poll(bus, 1000, &ev, &e) < 0) {
            if (e.kind == ERR_RETRY)
                continue;
            printf("failed %s %s\n", err_kind_name(e.kind), e.text);
            break;
        }
        if (ev.kind != BUS_RECORD)
            continue;
        printf("record %s %u %" PRId64 " %.*s\n", topics[ev.topic].name, ev.partition, ev.offset, SLICE_FMT(ev.key));
        bus_commit(bus, ev.topic, ev.partition, ev.offset + 1, &e);
    }
    bus_close(bus);
    printf("closed\n");
    return 0;
}
