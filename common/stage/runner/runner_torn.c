/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner_torn.c: a switch of the crash matrix: CAREEN_TEST_TORN names a topic, CAREEN_CRASH_ONCE a file. Of the first
 * flush that holds records of that topic and of others only that topic's are stored, and the process dies: what an
 * outage of Kafka does to a flush, where each partition is stored for itself.
 */
#include "stage/runner/runner_internal.h"

#ifdef CAREEN_CRASH_POINTS
#include <fcntl.h>
#include <signal.h>

struct held {
    enum topic topic;
    uint32_t partition;
    struct buf key, value;
    bool tombstone;
    uint64_t position;
    struct held *next;
};
static struct held *held, **held_end = &held;
static bool kept;

static bool is_on(void)
{
    const char *once = getenv("CAREEN_CRASH_ONCE");
    return getenv("CAREEN_TEST_TORN") && once && access(once, F_OK) != 0;
}

void torn_forget(void)
{
    while (held) {
        struct held *h = held;
        held = h->next;
        buf_done(&h->key);
        buf_done(&h->value);
        free(h);
    }
    held_end = &held;
    kept = false;
}

int torn_produce(struct runner *r, enum topic t, uint32_t partition, struct slice key, struct slice value,
                 uint64_t position, struct err *e)
{
    if (!is_on() || strcmp(getenv("CAREEN_TEST_TORN"), topics[t].name) == 0) {
        kept = true;
        return bus_produce(r->bus, t, partition, key, value, position, e);
    }
    struct held *h = xcalloc(1, sizeof *h);
    *h = (struct held){.topic = t,
                       .partition = partition,
                       .key = BUF_INIT(TOPIC_RECORD_MAX),
                       .value = BUF_INIT(TOPIC_RECORD_MAX),
                       .tombstone = !value.p,
                       .position = position};
    buf_add_slice(&h->key, key);
    if (value.p)
        buf_add_slice(&h->value, value);
    *held_end = h;
    held_end = &h->next;
    return 0;
}

int torn_flush(struct runner *r, int timeout_ms, struct err *e)
{
    bool dies = held && kept && is_on();
    for (struct held *h = held; h && !dies; h = h->next)
        if (bus_produce(r->bus, h->topic, h->partition, buf_slice(&h->key),
                        h->tombstone ? SLICE_NONE : buf_slice(&h->value), h->position, e))
            return -1;
    int rc = bus_flush(r->bus, timeout_ms, e);
    if (!rc && dies) {
        close(open(getenv("CAREEN_CRASH_ONCE"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
        kill(getpid(), SIGKILL);
    }
    torn_forget();
    return rc;
}
#else
void torn_forget(void)
{
}

int torn_produce(struct runner *r, enum topic t, uint32_t partition, struct slice key, struct slice value,
                 uint64_t position, struct err *e)
{
    return bus_produce(r->bus, t, partition, key, value, position, e);
}

int torn_flush(struct runner *r, int timeout_ms, struct err *e)
{
    return bus_flush(r->bus, timeout_ms, e);
}
#endif
