/* SPDX-License-Identifier: Apache-2.0 */
/* The conformance suite on the embedded bus, and what only it promises of groups, waking and folders. */
#include "unit/bus_conformance.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "bus/embedded/embedded.h"
#include "unit/embedded_folder.h"

static struct conformance conformance = {.fresh = folder_fresh_url, .patience_ms = 8000, .compacts_at_once = true};

static int setup(void **state)
{
    *state = &conformance;
    return 0;
}

/* ---- one folder, several buses ---- */

static void one_environment(void **state)
{
    const char *dir = folder_new();
    char *url = xasprintf("embedded:%s/bus", dir), *real = xasprintf("%s/bus", dir), *link = xasprintf("%s/link", dir);
    char *other = xasprintf("embedded:%s", link);
    struct bus *a = conform_open(url), *b;
    struct err e = ERR_INIT;
    assert_int_equal(symlink(real, link), 0);
    b = conform_open(other);
    assert_ptr_equal(((struct embedded *)a)->env, ((struct embedded *)b)->env);
    assert_int_equal(bus_topics_create(a, 1, &e), 0);
    bus_close(a);
    conform_produce(b, TOPIC_ALERTS, 0, "k", "v");
    conform_flush(b);
    char *id = xstrdup(bus_cluster_id(b));
    bus_close(b);
    a = conform_open(url);
    assert_string_equal(bus_cluster_id(a), id);
    conform_watch(a, TOPIC_ALERTS, 0, 0);
    conform_expect(*state, a, 0, "k", "v");
    bus_close(a);
    free(id), free(url), free(other), free(real), free(link);
}

struct thread_arg {
    const char *url;
    uint32_t partition;
    int failed;
};

static void *thread_writes_and_reads(void *arg)
{
    struct thread_arg *a = arg;
    struct err e = ERR_INIT;
    struct bus *b;
    a->failed = bus_open(a->url, NULL, &b, &e);
    if (a->failed)
        return NULL;
    a->failed = bus_watch(b, TOPIC_ALERTS, a->partition, 0, &e);
    for (uint64_t i = 0, got = 0; !a->failed && got < 100;) {
        struct bus_event event = {.kind = BUS_NOTHING};
        if (i < 100)
            a->failed =
                bus_produce(b, TOPIC_ALERTS, a->partition, SLICE("k"), SLICE("v"), i++, &e) || bus_flush(b, 100, &e);
        a->failed = a->failed || bus_poll(b, i < 100 ? 0 : 1000, &event, &e);
        if (event.kind == BUS_RECORD)
            a->failed = a->failed || event.position != got++;
    }
    bus_close(b);
    return NULL;
}

static void threads_of_one_process(void **state)
{
    const char *url;
    struct bus *b = conform_fresh(*state, &url);
    struct thread_arg args[CONFORM_PARTITIONS];
    pthread_t threads[CONFORM_PARTITIONS];
    for (uint32_t p = 0; p < CONFORM_PARTITIONS; p++) {
        args[p] = (struct thread_arg){.url = url, .partition = p};
        assert_int_equal(pthread_create(&threads[p], NULL, thread_writes_and_reads, &args[p]), 0);
    }
    for (uint32_t p = 0; p < CONFORM_PARTITIONS; p++) {
        pthread_join(threads[p], NULL);
        assert_int_equal(args[p].failed, 0);
    }
    bus_close(b);
}

/* A child forked while the parent has the bus open uses an environment of its own. */
static void fork_with_open_bus(void **state)
{
    const char *url;
    struct bus *b = conform_fresh(*state, &url);
    conform_watch(b, TOPIC_ALERTS, 0, 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct bus *own;
        struct err e = ERR_INIT;
        CHILD_CHECK(bus_open(url, NULL, &own, &e) == 0);
        CHILD_CHECK(((struct embedded *)own)->env != ((struct embedded *)b)->env);
        CHILD_CHECK(bus_produce(own, TOPIC_ALERTS, 0, SLICE("child"), SLICE("1"), 0, &e) == 0);
        CHILD_CHECK(bus_flush(own, 1000, &e) == 0);
        bus_close(own);
        _exit(0);
    }
    conform_reap(pid);
    conform_expect(*state, b, 0, "child", "1");
    conform_expect_caught_up(*state, b, 1);
    conform_produce(b, TOPIC_ALERTS, 0, "parent", "2");
    conform_flush(b);
    conform_expect(*state, b, 1, "parent", "2");
    bus_close(b);
}

static void usage(void **state)
{
    struct bus *b = conform_fresh(*state, NULL);
    struct err e = ERR_INIT;
    int64_t next;
    assert_int_equal(bus_produce(b, TOPIC_ALERTS, CONFORM_PARTITIONS, SLICE("k"), SLICE("v"), 0, &e), -1);
    assert_int_equal(e.kind, ERR_USAGE);
    assert_int_equal(bus_watch(b, TOPIC_ALERTS, 0, 1, &e), -1);
    assert_int_equal(e.kind, ERR_USAGE);
    assert_int_equal(bus_watch(b, TOPIC_ALERTS, 0, -1, &e), -1);
    assert_int_equal(bus_commit(b, TOPIC_ALERTS, 0, 0, &e), -1);
    assert_int_equal(e.kind, ERR_USAGE);
    assert_int_equal(bus_topics_create(b, 0, &e), -1);
    assert_int_equal(bus_topics_create(b, EMBEDDED_PARTITIONS_MAX + 1, &e), -1);
    assert_int_equal(bus_committed(b, "no/slash", TOPIC_ALERTS, 0, &next, &e), -1);
    assert_int_equal(e.kind, ERR_USAGE);
    bus_close(b);
}

/* ---- reading ahead, queueing ---- */

static void fair(void **state)
{
    struct bus *b = conform_fresh(*state, NULL);
    for (int i = 0; i < 20000; i++)
        conform_produce(b, TOPIC_ALERTS, 0, "k", "many");
    conform_produce(b, TOPIC_ALERTS, 1, "k", "one");
    conform_flush(b);
    conform_watch(b, TOPIC_ALERTS, 0, 0);
    conform_watch(b, TOPIC_ALERTS, 1, 0);
    int before = 0;
    while (conform_next(*state, b).partition != 1)
        before++;
    assert_in_range(before, 0, 2 * EMBEDDED_SHARE_RECORDS);
    bus_close(b);
}

/* Records larger than a batch, from several partitions, all arrive, and in order. */
static void large_batches(void **state)
{
    enum { BYTES = 3 << 20, EACH = 3 };
    struct bus *b = conform_fresh(*state, NULL);
    struct err e = ERR_INIT;
    uint8_t *bytes = xcalloc(1, BYTES);
    int64_t next[CONFORM_PARTITIONS] = {0};
    for (uint32_t i = 0; i < EACH * CONFORM_PARTITIONS; i++)
        assert_int_equal(
            bus_produce(b, TOPIC_ALERTS, i % CONFORM_PARTITIONS, SLICE("k"), slice_of(bytes, BYTES - i), 0, &e), 0);
    conform_flush(b);
    for (uint32_t p = 0; p < CONFORM_PARTITIONS; p++)
        conform_watch(b, TOPIC_ALERTS, p, 0);
    for (size_t got = 0, ends = 0; got < EACH * CONFORM_PARTITIONS || ends < CONFORM_PARTITIONS;) {
        struct bus_event event = conform_next(*state, b);
        assert_int_equal(event.offset, next[event.partition]);
        ends += event.kind == BUS_CAUGHT_UP;
        if (event.kind != BUS_RECORD)
            continue;
        got++;
        assert_int_equal(event.value.n, BYTES - (size_t)event.offset * CONFORM_PARTITIONS - event.partition);
        next[event.partition]++;
    }
    free(bytes);
    bus_close(b);
}

static void queue_bound(void **state)
{
    struct bus *b = conform_fresh(*state, NULL);
    struct err e = ERR_INIT;
    uint8_t *bytes = xcalloc(1, 4 << 20);
    int64_t low, high;
    int queued = 0;
    while (bus_produce(b, TOPIC_ALERTS, 0, SLICE("k"), slice_of(bytes, 4 << 20), 0, &e) == 0)
        queued++;
    assert_int_equal(e.kind, ERR_RETRY);
    assert_int_equal(queued, 15);
    conform_flush(b);
    conform_produce(b, TOPIC_ALERTS, 0, "k", "fits again");
    conform_flush(b);
    assert_int_equal(bus_range(b, TOPIC_ALERTS, 0, &low, &high, &e), 0);
    assert_int_equal(high, queued + 1);
    free(bytes);
    bus_close(b);
}

/* ---- waking ---- */

static int64_t now_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

enum { LATENCIES = 31 };

static void latency_reader(const char *url, int64_t *seen_us)
{
    struct err e = ERR_INIT;
    struct bus *b;
    CHILD_CHECK(bus_open(url, NULL, &b, &e) == 0);
    CHILD_CHECK(bus_watch(b, TOPIC_ALERTS, 0, 0, &e) == 0);
    for (int got = 0; got < LATENCIES;) {
        struct bus_event event;
        CHILD_CHECK(bus_poll(b, 10000, &event, &e) == 0);
        if (event.kind == BUS_RECORD)
            __atomic_store_n(&seen_us[got++], now_us(), __ATOMIC_SEQ_CST);
    }
    _exit(0);
}

static int by_value(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

static void latency(void **state)
{
    const char *url;
    bus_close(conform_fresh(*state, &url));
    int64_t *seen_us = conform_shared(LATENCIES * sizeof *seen_us), took[LATENCIES];
    pid_t pid = fork();
    if (pid == 0)
        latency_reader(url, seen_us);
    struct bus *b = conform_open(url);
    for (int i = 0; i < LATENCIES; i++) {
        clock_sleep_ms(10);
        conform_produce(b, TOPIC_ALERTS, 0, "k", "v");
        conform_flush(b);
        int64_t flushed = now_us(), seen;
        while ((seen = __atomic_load_n(&seen_us[i], __ATOMIC_SEQ_CST)) == 0) {
            assert_true(now_us() - flushed < 5000000);
            clock_sleep_ms(1);
        }
        took[i] = seen - flushed;
    }
    conform_reap(pid);
    bus_close(b);
    qsort(took, LATENCIES, sizeof took[0], by_value);
    assert_true(took[LATENCIES / 2] < 5000);
    munmap(seen_us, LATENCIES * sizeof *seen_us);
}

static void waits_without_work(void **state)
{
    struct bus *b = conform_fresh(*state, NULL);
    struct rusage before, after;
    for (uint32_t p = 0; p < CONFORM_PARTITIONS; p++) {
        conform_watch(b, TOPIC_ALERTS, p, 0);
        conform_expect_caught_up(*state, b, 0);
    }
    getrusage(RUSAGE_THREAD, &before);
    conform_expect_nothing(b, 600);
    getrusage(RUSAGE_THREAD, &after);
    assert_in_range(after.ru_nvcsw - before.ru_nvcsw, 0, 20);
    bus_close(b);
}

/* ---- groups ---- */

static void names(void **state)
{
    struct bus *b = conform_fresh(*state, NULL);
    static const char *const wrong[] = {"", "a/b", "..", ".hidden", "a b", "\xc3\xa4", "nl\n"};
    char longest[EMBEDDED_NAME_MAX + 2];
    struct err e = ERR_INIT;
    const enum topic joined[] = {TOPIC_LAYERS};
    const struct bus_group_callbacks callbacks = {.assigned = conform_assigned, .revoked = conform_revoked};
    struct conform_member m = {.bus = b, .owners = conform_owners_new()};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_int_equal(bus_join(b, wrong[i], "m", joined, 1, &callbacks, &m, &e), -1);
        assert_int_equal(e.kind, ERR_USAGE);
        assert_int_equal(bus_join(b, "group", wrong[i], joined, 1, &callbacks, &m, &e), -1);
        assert_int_equal(e.kind, ERR_USAGE);
    }
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = 0;
    assert_int_equal(bus_join(b, longest, NULL, joined, 1, &callbacks, &m, &e), -1);
    longest[sizeof longest - 2] = 0;
    assert_int_equal(bus_join(b, longest, longest, joined, 1, &callbacks, &m, &e), 0);
    assert_int_equal(bus_join(b, "again", NULL, joined, 1, &callbacks, &m, &e), -1);
    bus_close(b);
    munmap(m.owners, sizeof *m.owners);
}

static void member_twice(void **state)
{
    const char *url;
    struct bus *maker = conform_fresh(*state, &url);
    struct conform_owners *owners = conform_owners_new();
    struct conform_member m1, m2 = {.id = 1, .owners = owners, .bus = conform_open(url)};
    struct err e = ERR_INIT;
    conform_join(&m1, 1, url, owners);
    assert_int_equal(conform_join_as(&m2, "m1", &e), -1);
    assert_int_equal(e.kind, ERR_USAGE);
    assert_non_null(strstr(e.text, "m1"));
    conform_leave(&m1);
    assert_int_equal(conform_join_as(&m2, "m1", &e), 0);
    bus_close(m2.bus);
    /* Names made up differ. */
    struct conform_member m3 = {.id = 3, .owners = owners, .bus = conform_open(url)};
    struct conform_member m4 = {.id = 4, .owners = owners, .bus = conform_open(url)};
    assert_int_equal(conform_join_as(&m3, NULL, &e), 0);
    assert_int_equal(conform_join_as(&m4, NULL, &e), 0);
    bus_close(m3.bus);
    bus_close(m4.bus);
    munmap(owners, sizeof *owners);
    bus_close(maker);
}

/* Files of members that died are removed by those who live. */
static void dead_files(void **state)
{
    const char *url;
    struct bus *maker = conform_fresh(*state, &url);
    struct conform_owners *owners = conform_owners_new();
    struct conform_member m1, *members[] = {&m1};
    char *path = xasprintf("%s/groups/careen-test", folder_of(url)), *file = xasprintf("%s/dead.member", path);
    struct err e = ERR_INIT;
    assert_int_equal(store_make_dirs(path, &e), 0);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    fclose(f);
    conform_join(&m1, 1, url, owners);
    conform_settle(*state, members, (const size_t[]){3}, 1);
    assert_int_equal(access(file, F_OK), -1);
    conform_leave(&m1);
    free(file), free(path);
    munmap(owners, sizeof *owners);
    bus_close(maker);
}

/* Somebody removes the folder of the group under a running member: what it owned is lost, then owned anew. */
static void folder_lost(void **state)
{
    const char *url;
    struct bus *maker = conform_fresh(*state, &url);
    struct conform_owners *owners = conform_owners_new();
    struct conform_member m1, *members[] = {&m1};
    char *path = xasprintf("%s/groups/careen-test", folder_of(url));
    conform_join(&m1, 1, url, owners);
    conform_settle(*state, members, (const size_t[]){3}, 1);
    folder_remove(path);
    /* Whoever loses a partition leaves its owner as it is: by then it may be another. Here nobody else is there. */
    for (uint32_t p = 0; p < CONFORM_PARTITIONS; p++)
        owners->of[p] = CONFORM_NOBODY;
    conform_settle(*state, members, (const size_t[]){3}, 1);
    assert_int_equal(m1.assigned_calls, 2);
    assert_int_equal(m1.lost, 3);
    conform_leave(&m1);
    free(path);
    munmap(owners, sizeof *owners);
    bus_close(maker);
}

static int refuse_once(void *arg, const uint32_t *partitions, size_t n, struct err *e)
{
    struct conform_member *m = arg;
    if (m->lost++ == 0)
        return err_set(e, ERR_FULL, 0, "no room for state");
    return conform_assigned(arg, partitions, n, e);
}

/* A failing assigned fails the poll, and the partitions are offered again. */
static void assigned_fails(void **state)
{
    const char *url;
    struct bus *maker = conform_fresh(*state, &url);
    struct conform_member m = {.id = 1, .bus = conform_open(url), .owners = conform_owners_new()};
    struct conform_member *members[] = {&m};
    const enum topic joined[] = {TOPIC_LAYERS, TOPIC_PULLS};
    const struct bus_group_callbacks callbacks = {.assigned = refuse_once, .revoked = conform_revoked};
    struct bus_event event;
    struct err e = ERR_INIT;
    assert_int_equal(bus_join(m.bus, "careen-test", NULL, joined, 2, &callbacks, &m, &e), 0);
    assert_int_equal(bus_poll(m.bus, 0, &event, &e), -1);
    assert_int_equal(e.kind, ERR_FULL);
    conform_settle(*state, members, (const size_t[]){3}, 1);
    conform_leave(&m);
    munmap(m.owners, sizeof *m.owners);
    bus_close(maker);
}

/* ---- members come and go ---- */

enum { CHURNERS = 5, CHURN_ROUNDS = 24 };

struct churn {
    struct conform_owners owners;
    int killed[64]; /* by member id: what it owned is nobody's */
};

static struct churn *churn;
static atomic_bool churn_ends;

static void on_term(int signal_number)
{
    (void)signal_number;
    churn_ends = true;
}

/* Like conform_assigned, but what a killed member owned may be taken. */
static int churn_assigned(void *arg, const uint32_t *partitions, size_t n, struct err *e)
{
    struct conform_member *m = arg;
    (void)e;
    for (size_t i = 0; i < n; i++) {
        int before = __atomic_exchange_n(&churn->owners.of[partitions[i]], m->id, __ATOMIC_SEQ_CST);
        if (before != CONFORM_NOBODY && !__atomic_load_n(&churn->killed[before], __ATOMIC_SEQ_CST))
            __atomic_add_fetch(&churn->owners.twice, 1, __ATOMIC_SEQ_CST);
        m->owns[partitions[i]] = true;
    }
    return 0;
}

static pid_t churn_start(const char *url, int id)
{
    pid_t pid = fork();
    if (pid)
        return pid;
    static const enum topic joined[] = {TOPIC_LAYERS};
    static const struct bus_group_callbacks callbacks = {.assigned = churn_assigned, .revoked = conform_revoked};
    struct err e = ERR_INIT;
    struct conform_member m = {.id = id, .owners = &churn->owners};
    char name[16];
    snprintf(name, sizeof name, "m%d", id);
    signal(SIGTERM, on_term);
    CHILD_CHECK(bus_open(url, NULL, &m.bus, &e) == 0);
    CHILD_CHECK(bus_join(m.bus, "churn", name, joined, 1, &callbacks, &m, &e) == 0);
    while (!churn_ends) {
        struct bus_event event;
        CHILD_CHECK(bus_poll(m.bus, 20, &event, &e) == 0);
    }
    bus_close(m.bus);
    _exit(0);
}

/* Members are killed, asked to leave and started in quick succession: never two owners, in the end each partition has
 * one. */
static void churning(void **state)
{
    const char *url;
    bus_close(conform_fresh(*state, &url));
    pid_t pids[CHURNERS];
    int ids[CHURNERS], id = 0;
    uint64_t seed = 7;
    churn = conform_shared(sizeof *churn);
    for (uint32_t p = 0; p < CONFORM_PARTITIONS; p++)
        churn->owners.of[p] = CONFORM_NOBODY;
    for (int i = 0; i < CHURNERS; i++)
        pids[i] = churn_start(url, ids[i] = id++);
    for (int round = 0; round < CHURN_ROUNDS; round++) {
        int status, i;
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        i = (int)(seed >> 33) % CHURNERS;
        clock_sleep_ms((int64_t)(seed >> 40) % 80);
        if (seed >> 63)
            churn->killed[ids[i]] = 1;
        kill(pids[i], seed >> 63 ? SIGKILL : SIGTERM);
        waitpid(pids[i], &status, 0);
        assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
        pids[i] = churn_start(url, ids[i] = id++);
    }
    int64_t deadline = clock_mono_ms() + 8000;
    for (size_t owned = 0; owned < CONFORM_PARTITIONS;) {
        assert_true(clock_mono_ms() < deadline);
        clock_sleep_ms(20);
        owned = 0;
        for (int i = 0; i < CHURNERS; i++)
            owned += conform_owned_by(&churn->owners, ids[i]) == 1;
    }
    for (int i = 0; i < CHURNERS; i++) {
        kill(pids[i], SIGTERM);
        conform_reap(pids[i]);
    }
    assert_int_equal(churn->owners.twice, 0);
    assert_int_equal(conform_owned_by(&churn->owners, CONFORM_NOBODY), CONFORM_PARTITIONS);
    munmap(churn, sizeof *churn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONFORMANCE_TESTS,
        cmocka_unit_test(one_environment),
        cmocka_unit_test(threads_of_one_process),
        cmocka_unit_test(fork_with_open_bus),
        cmocka_unit_test(usage),
        cmocka_unit_test(fair),
        cmocka_unit_test(large_batches),
        cmocka_unit_test(queue_bound),
        cmocka_unit_test(latency),
        cmocka_unit_test(waits_without_work),
        cmocka_unit_test(names),
        cmocka_unit_test(member_twice),
        cmocka_unit_test(dead_files),
        cmocka_unit_test(folder_lost),
        cmocka_unit_test(assigned_fails),
        cmocka_unit_test(churning),
    };
    return cmocka_run_group_tests(tests, setup, folders_teardown);
}
