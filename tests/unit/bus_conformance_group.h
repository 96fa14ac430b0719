/* SPDX-License-Identifier: Apache-2.0 */
/* bus_conformance_group.h: the part of bus_conformance.h about groups; included by it. */
#ifndef CAREEN_TESTS_UNIT_BUS_CONFORMANCE_GROUP_H
#define CAREEN_TESTS_UNIT_BUS_CONFORMANCE_GROUP_H

#define CONFORM_NOBODY (-1)

/* Who owns which partition, kept by the callbacks in memory that processes share. */
struct conform_owners {
    int of[CONFORM_PARTITIONS];
    int twice; /* how often a partition was assigned while another had it */
};

struct conform_member {
    int id;
    struct bus *bus;
    struct conform_owners *owners;
    bool owns[CONFORM_PARTITIONS];
    int assigned_calls, lost;
    int64_t start_at;
};

static int conform_assigned(void *arg, const uint32_t *partitions, size_t n, struct err *e)
{
    struct conform_member *m = arg;
    m->assigned_calls++;
    for (size_t i = 0; i < n; i++) {
        uint32_t p = partitions[i];
        int expected = CONFORM_NOBODY;
        if (p >= CONFORM_PARTITIONS || m->owns[p] || (i && partitions[i - 1] >= p))
            return err_set(e, ERR_FATAL, 0, "assigned partition %u out of order or again", (unsigned)p);
        if (!__atomic_compare_exchange_n(&m->owners->of[p], &expected, m->id, false, __ATOMIC_SEQ_CST,
                                         __ATOMIC_SEQ_CST))
            __atomic_add_fetch(&m->owners->twice, 1, __ATOMIC_SEQ_CST);
        m->owns[p] = true;
        if (bus_start(m->bus, TOPIC_LAYERS, p, m->start_at, e) || bus_start(m->bus, TOPIC_PULLS, p, m->start_at, e))
            return -1;
    }
    return 0;
}

static void conform_revoked(void *arg, const uint32_t *partitions, size_t n, bool lost)
{
    struct conform_member *m = arg;
    for (size_t i = 0; i < n; i++) {
        m->lost += lost;
        if (!lost && m->owns[partitions[i]])
            __atomic_store_n(&m->owners->of[partitions[i]], CONFORM_NOBODY, __ATOMIC_SEQ_CST);
        m->owns[partitions[i]] = false;
    }
}

static int conform_join_as(struct conform_member *m, const char *name, struct err *e)
{
    static const enum topic joined[] = {TOPIC_LAYERS, TOPIC_PULLS};
    static const struct bus_group_callbacks callbacks = {.assigned = conform_assigned, .revoked = conform_revoked};
    return bus_join(m->bus, "careen-test", name, joined, ARRAY_LEN(joined), &callbacks, m, e);
}

static void conform_join(struct conform_member *m, int id, const char *url, struct conform_owners *owners)
{
    char name[16];
    struct err e = ERR_INIT;
    *m = (struct conform_member){.id = id, .bus = conform_open(url), .owners = owners};
    snprintf(name, sizeof name, "m%d", id);
    if (conform_join_as(m, name, &e))
        fail_msg("bus_join: %s", e.text);
}

static void conform_leave(struct conform_member *m)
{
    bus_close(m->bus);
    for (uint32_t p = 0; p < CONFORM_PARTITIONS; p++)
        assert_false(m->owns[p]);
}

static struct conform_owners *conform_owners_new(void)
{
    struct conform_owners *o = conform_shared(sizeof *o);
    for (uint32_t p = 0; p < CONFORM_PARTITIONS; p++)
        o->of[p] = CONFORM_NOBODY;
    return o;
}

static size_t conform_owned_by(struct conform_owners *o, int id)
{
    size_t n = 0;
    for (uint32_t p = 0; p < CONFORM_PARTITIONS; p++)
        n += __atomic_load_n(&o->of[p], __ATOMIC_SEQ_CST) == id;
    return n;
}

/* Polls all members until each owns as many partitions as wanted says. */
static void conform_settle(struct conformance *c, struct conform_member *const *members, const size_t *wanted, size_t n)
{
    int64_t deadline = clock_mono_ms() + c->patience_ms;
    for (;;) {
        size_t right = 0;
        for (size_t i = 0; i < n; i++) {
            struct bus_event event;
            struct err e = ERR_INIT;
            if (bus_poll(members[i]->bus, 5, &event, &e) && e.kind != ERR_RETRY)
                fail_msg("bus_poll: %s", e.text);
            right += conform_owned_by(members[i]->owners, members[i]->id) == wanted[i];
        }
        if (right == n)
            return;
        if (clock_mono_ms() > deadline)
            fail_msg("partitions were not shared within %d ms", c->patience_ms);
    }
}

static ATTR_UNUSED void conform_group(void **state)
{
    struct conformance *c = *state;
    const char *url;
    struct bus *maker = conform_fresh(c, &url);
    struct conform_owners *owners = conform_owners_new();
    struct conform_member m1, m2, m3, m4;
    struct conform_member *all[] = {&m1, &m2, &m3, &m4};
    conform_join(&m1, 1, url, owners);
    conform_settle(c, all, (const size_t[]){3}, 1);
    conform_join(&m2, 2, url, owners);
    /* The range assignor: the first of the sorted members has one more. */
    conform_settle(c, all, (const size_t[]){2, 1}, 2);
    assert_int_equal(owners->of[0], 1);
    assert_int_equal(owners->of[1], 1);
    conform_join(&m3, 3, url, owners);
    conform_settle(c, all, (const size_t[]){1, 1, 1}, 3);
    /* One too many owns nothing, and takes over when another leaves. */
    conform_join(&m4, 4, url, owners);
    conform_settle(c, all, (const size_t[]){1, 1, 1, 0}, 4);
    conform_leave(&m1);
    conform_settle(c, all + 1, (const size_t[]){1, 1, 1}, 3);
    conform_leave(&m2);
    conform_leave(&m3);
    conform_settle(c, all + 3, (const size_t[]){3}, 1);
    conform_leave(&m4);
    assert_int_equal(owners->twice, 0);
    munmap(owners, sizeof *owners);
    bus_close(maker);
}

/* A member gets both topics' records from the offset it started at, and nothing of what was revoked. */
static ATTR_UNUSED void conform_group_reading(void **state)
{
    struct conformance *c = *state;
    struct err e = ERR_INIT;
    const char *url;
    struct bus *maker = conform_fresh(c, &url);
    struct conform_owners *owners = conform_owners_new();
    struct conform_member m1, m2;
    for (uint32_t p = 0; p < CONFORM_PARTITIONS; p++)
        for (int i = 0; i < 3; i++) {
            char key[8];
            snprintf(key, sizeof key, "k%d", i);
            conform_produce(maker, TOPIC_LAYERS, p, key, "l");
            conform_produce(maker, TOPIC_PULLS, p, key, "p");
        }
    conform_flush(maker);
    conform_join(&m1, 1, url, owners);
    m1.start_at = 1;
    size_t records = 0;
    for (size_t ends = 0; ends < (size_t)2 * CONFORM_PARTITIONS;) {
        struct bus_event event = conform_next(c, m1.bus);
        records += event.kind == BUS_RECORD;
        ends += event.kind == BUS_CAUGHT_UP && event.offset == 3;
        assert_in_range(event.offset, 1, 3);
    }
    assert_int_equal(records, 2 * 2 * CONFORM_PARTITIONS);
    assert_int_equal(bus_start(m1.bus, TOPIC_ALERTS, 0, 0, &e), -1);
    assert_int_equal(e.kind, ERR_USAGE);
    conform_join(&m2, 2, url, owners);
    conform_settle(c, (struct conform_member *const[]){&m1, &m2}, (const size_t[]){2, 1}, 2);
    for (uint32_t p = 0; p < CONFORM_PARTITIONS; p++)
        conform_produce(maker, TOPIC_LAYERS, p, "new", "n");
    conform_flush(maker);
    for (size_t got = 0; got < 2;) {
        struct bus_event event = conform_next(c, m1.bus);
        if (event.kind != BUS_RECORD)
            continue;
        assert_true(m1.owns[event.partition]);
        got += slice_eq(event.key, SLICE("new"));
    }
    conform_leave(&m1);
    conform_leave(&m2);
    assert_int_equal(owners->twice, 0);
    munmap(owners, sizeof *owners);
    bus_close(maker);
}

static void conform_doomed(const char *url, struct conform_owners *owners)
{
    struct err e = ERR_INIT;
    struct conform_member m = {.id = 2, .owners = owners};
    CHILD_CHECK(bus_open(url, &conform_options, &m.bus, &e) == 0);
    CHILD_CHECK(conform_join_as(&m, "m2", &e) == 0);
    for (;;) {
        struct bus_event event;
        CHILD_CHECK(bus_poll(m.bus, 100, &event, &e) == 0 || e.kind == ERR_RETRY);
    }
}

static ATTR_UNUSED void conform_group_killed(void **state)
{
    struct conformance *c = *state;
    const char *url;
    bus_close(conform_fresh(c, &url));
    struct conform_owners *owners = conform_owners_new();
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        conform_doomed(url, owners);
    struct conform_member m1, *members[] = {&m1};
    conform_join(&m1, 1, url, owners);
    int64_t deadline = clock_mono_ms() + c->patience_ms;
    while (conform_owned_by(owners, 1) != 2 || conform_owned_by(owners, 2) != 1) {
        struct bus_event event;
        struct err e = ERR_INIT;
        if (bus_poll(m1.bus, 20, &event, &e) && e.kind != ERR_RETRY)
            fail_msg("bus_poll: %s", e.text);
        assert_true(clock_mono_ms() < deadline);
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    /* What a dead one owned is nobody's; it moves only when the bus notices. */
    for (uint32_t p = 0; p < CONFORM_PARTITIONS; p++)
        if (owners->of[p] == 2)
            owners->of[p] = CONFORM_NOBODY;
    conform_settle(c, members, (const size_t[]){3}, 1);
    conform_leave(&m1);
    assert_int_equal(owners->twice, 0);
    munmap(owners, sizeof *owners);
}

static ATTR_UNUSED void conform_commits(void **state)
{
    struct conformance *c = *state;
    struct err e = ERR_INIT;
    const char *url;
    struct bus *maker = conform_fresh(c, &url);
    struct conform_owners *owners = conform_owners_new();
    struct conform_member m1, *members[] = {&m1};
    int64_t next = 99;
    for (int i = 0; i < 5; i++)
        conform_produce(maker, TOPIC_LAYERS, 1, "k", "v");
    conform_flush(maker);
    assert_int_equal(bus_committed(maker, "careen-test", TOPIC_LAYERS, 1, &next, &e), 0);
    assert_int_equal(next, -1);
    conform_join(&m1, 1, url, owners);
    conform_settle(c, members, (const size_t[]){3}, 1);
    assert_int_equal(bus_commit(m1.bus, TOPIC_LAYERS, 1, 2, &e), 0);
    assert_int_equal(bus_commit(m1.bus, TOPIC_LAYERS, 1, 4, &e), 0);
    int64_t deadline = clock_mono_ms() + c->patience_ms;
    while (next != 4 && clock_mono_ms() < deadline) {
        struct bus_event event;
        assert_int_equal(bus_poll(m1.bus, 20, &event, &e), 0);
        assert_int_equal(bus_committed(maker, "careen-test", TOPIC_LAYERS, 1, &next, &e), 0);
    }
    assert_int_equal(next, 4);
    /* What was committed last is there after a close, also without another poll. */
    assert_int_equal(bus_commit(m1.bus, TOPIC_LAYERS, 1, 5, &e), 0);
    conform_leave(&m1);
    assert_int_equal(bus_committed(maker, "careen-test", TOPIC_LAYERS, 1, &next, &e), 0);
    assert_int_equal(next, 5);
    assert_int_equal(bus_committed(maker, "careen-test", TOPIC_PULLS, 1, &next, &e), 0);
    assert_int_equal(next, -1);
    assert_int_equal(bus_committed(maker, "careen-other", TOPIC_LAYERS, 1, &next, &e), 0);
    assert_int_equal(next, -1);
    munmap(owners, sizeof *owners);
    bus_close(maker);
}

#endif
