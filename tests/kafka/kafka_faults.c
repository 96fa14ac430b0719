/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kafka_faults.c: groups whose members come, go and die, and a broker that restarts or stands still. Run by
 * tests/kafka/test_bus.sh after kafka_bus, with the broker of scripts/kafka in CAREEN_KAFKA_DIR.
 */
#include "kafka_test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

/* ---- members ---- */

#define SEEN_MAX 4096

struct member {
    pid_t pid;
    int out;
    char line[1024];
    size_t line_n;
    unsigned owns; /* a bit for each partition */
    int assigns, revokes, losts;
    bool ended;
    char failure[1024];
    char name[16];
};

/* Which numbered records some member has written out, of both topics. */
static bool seen[2][SEEN_MAX];

static struct member member_start(const char *group, const char *name)
{
    struct member m = {0};
    int ends[2];
    char program[512];
    snprintf(program, sizeof program, "%s/../tests/kafka_member", getenv("CAREEN_BIN"));
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    char *argv[] = {program, (char *)(uintptr_t)group, (char *)(uintptr_t)name, NULL};
    assert_int_equal(posix_spawn(&m.pid, program, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    m.out = ends[0];
    fcntl(m.out, F_SETFL, O_NONBLOCK);
    snprintf(m.name, sizeof m.name, "%s", name ? name : "dynamic");
    return m;
}

static void member_line(struct member *m, char *line)
{
    struct slice rest = slice_str(line), word;
    slice_take_token(&rest, ' ', &word);
    if (slice_eq_str(word, "record")) {
        struct slice number, partition, at;
        uint64_t i = 0;
        slice_take_token(&rest, ' ', &word);
        slice_take_token(&rest, ' ', &partition);
        slice_take_token(&rest, ' ', &at);
        number = slice_from(rest, 1); /* the key is a letter and a number */
        if (!slice_parse_u64(number, &i) || i >= SEEN_MAX)
            return;
        seen[slice_eq_str(word, "pulls")][i] = true;
        return;
    }
    if (slice_eq_str(word, "closed")) {
        m->ended = true;
    } else if (slice_eq_str(word, "failed")) {
        snprintf(m->failure, sizeof m->failure, "%.*s", SLICE_FMT(rest));
    } else {
        bool assigned = slice_eq_str(word, "assigned");
        m->assigns += assigned;
        m->revokes += !assigned;
        m->losts += slice_ends(rest, SLICE("lost=1"));
        m->owns = 0;
        uint64_t p;
        while (assigned && slice_take_token(&rest, ' ', &word))
            if (slice_parse_u64(word, &p))
                m->owns |= 1u << p;
    }
}

static void member_read(struct member *m)
{
    char c;
    while (m->out >= 0 && read(m->out, &c, 1) == 1) {
        if (c != '\n' && m->line_n < sizeof m->line - 1) {
            m->line[m->line_n++] = c;
        } else if (c == '\n') {
            m->line[m->line_n] = '\0';
            m->line_n = 0;
            member_line(m, m->line);
        }
    }
}

static void member_end(struct member *m, int sig)
{
    if (!m->pid)
        return;
    kill(m->pid, sig);
    waitpid(m->pid, NULL, 0);
    member_read(m);
    close(m->out);
    m->pid = 0;
    m->owns = 0;
}

/* Waits until n members share all partitions, each at least one; returns how long it took. */
static int64_t members_share(struct member *const *members, size_t n, int64_t timeout_ms)
{
    int64_t start = clock_mono_ms();
    for (;;) {
        unsigned all = 0, bits = 0;
        bool each = true;
        for (size_t i = 0; i < n; i++) {
            member_read(members[i]);
            if (members[i]->failure[0])
                fail_msg("member %s: %s", members[i]->name, members[i]->failure);
            all |= members[i]->owns;
            bits += (unsigned)__builtin_popcount(members[i]->owns);
            each &= members[i]->owns != 0;
        }
        if (each && all == (1u << PARTITIONS) - 1 && bits == PARTITIONS)
            return clock_mono_ms() - start;
        if (clock_mono_ms() - start > timeout_ms)
            fail_msg("%zu members don't share the partitions after %d ms", n, (int)timeout_ms);
        clock_sleep_ms(20);
    }
}

static void both_put(struct bus *b, int from, int n)
{
    for (int i = from; i < from + n; i++) {
        kafka_put(b, TOPIC_LAYERS, (uint32_t)i % PARTITIONS, "r", i, 1);
        kafka_put(b, TOPIC_PULLS, (uint32_t)i % PARTITIONS, "r", i, 1);
    }
    OK(bus_flush(b, 20000, E));
}

static void all_seen(struct member *const *members, size_t n, int records)
{
    int64_t until = clock_mono_ms() + 15000;
    for (int i = 0; i < records;) {
        for (size_t k = 0; k < n; k++)
            member_read(members[k]);
        if (seen[0][i] && seen[1][i])
            i++;
        else if (clock_mono_ms() > until)
            fail_msg("record %d was read by no member", i);
        else
            clock_sleep_ms(5);
    }
}

static void test_members(void **state ATTR_UNUSED)
{
    struct bus *b = kafka_bus_open("test");
    memset(seen, 0, sizeof seen);
    struct member one = member_start("test-dynamic", NULL);
    members_share((struct member *[]){&one}, 1, 15000);
    both_put(b, 0, 400);
    struct member two = member_start("test-dynamic", NULL);
    both_put(b, 400, 400);
    int64_t took2 = members_share((struct member *[]){&one, &two}, 2, 15000);
    assert_int_equal(__builtin_popcount(one.owns), 2);
    struct member three = member_start("test-dynamic", NULL);
    both_put(b, 800, 400);
    int64_t took3 = members_share((struct member *[]){&one, &two, &three}, 3, 15000);
    both_put(b, 1200, 400);
    member_end(&two, SIGTERM);
    assert_true(two.ended);
    assert_int_equal(two.assigns, two.revokes); /* closing revokes too */
    int64_t left = members_share((struct member *[]){&one, &three}, 2, 15000);
    both_put(b, 1600, 400);
    member_end(&three, SIGKILL);
    int64_t died = members_share((struct member *[]){&one}, 1, 25000);
    both_put(b, 2000, 100);
    all_seen((struct member *[]){&one}, 1, 2100);
    print_message("rebalance to 2 members %d ms, to 3 %d ms, one left %d ms, one was killed %d ms\n", (int)took2,
                  (int)took3, (int)left, (int)died);
    assert_int_equal(one.losts + two.losts, 0);
    member_end(&one, SIGTERM);
    bus_close(b);
}

static void test_named_members(void **state ATTR_UNUSED)
{
    struct bus *b = kafka_bus_open("test");
    memset(seen, 0, sizeof seen);
    struct member one = member_start("test-named", "m-0"), two = member_start("test-named", "m-1");
    members_share((struct member *[]){&one, &two}, 2, 15000);
    unsigned owned = two.owns;
    int revokes = one.revokes;
    both_put(b, 0, 200);

    /* Back before the session ends: the same partitions, and the other one notices nothing. */
    member_end(&two, SIGKILL);
    two = member_start("test-named", "m-1");
    int64_t back = members_share((struct member *[]){&one, &two}, 2, 15000);
    assert_int_equal(two.owns, owned);
    assert_int_equal(one.revokes, revokes);
    both_put(b, 200, 200);

    /* A second process of the same name: the older one must end. */
    struct member twin = member_start("test-named", "m-1");
    int64_t until = clock_mono_ms() + 20000;
    while (!two.failure[0] && clock_mono_ms() < until) {
        member_read(&two);
        clock_sleep_ms(20);
    }
    if (!strstr(two.failure, "fatal another process runs with the same member name"))
        fail_msg("the older of two members of one name: \"%s\"", two.failure);
    two.failure[0] = '\0';
    two.owns = 0;
    members_share((struct member *[]){&one, &twin}, 2, 15000);
    member_end(&two, SIGKILL);

    member_end(&twin, SIGKILL);
    int64_t died = members_share((struct member *[]){&one}, 1, 25000);
    both_put(b, 400, 100);
    all_seen((struct member *[]){&one}, 1, 500);
    print_message("a named member was back after %d ms, a dead one replaced after %d ms\n", (int)back, (int)died);
    member_end(&one, SIGTERM);
    bus_close(b);
}

/* ---- a broker that is away ---- */

static pid_t script(const char *verb)
{
    char program[512];
    snprintf(program, sizeof program, "%s/scripts/kafka", getenv("CAREEN_SOURCE"));
    char *argv[] = {program, (char *)(uintptr_t)verb, getenv("CAREEN_KAFKA_DIR"), NULL};
    pid_t pid;
    assert_int_equal(posix_spawn(&pid, program, NULL, NULL, argv, environ), 0);
    return pid;
}

static void script_wait(pid_t pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* Repeats the step until it is stored, as a stage does; returns how often it failed. */
static int put_until_stored(struct bus *b, enum topic t, uint32_t p, int from, int n, int timeout_ms)
{
    int64_t until = clock_mono_ms() + 60000;
    for (int failures = 0;; failures++) {
        struct err e = ERR_INIT;
        kafka_put(b, t, p, "r", from, n);
        if (bus_flush(b, timeout_ms, &e) == 0)
            return failures;
        if (e.kind != ERR_RETRY || clock_mono_ms() > until)
            fail_msg("bus_flush: %s", e.text);
    }
}

/* Reads [from, end of the partition): no offset is skipped or repeated, and records appear in order of first storing.
 */
static int read_numbers(struct bus *b, int64_t *next, int expected)
{
    int repeats = 0;
    while (expected > 0) {
        struct bus_event ev = kafka_next_record(b);
        assert_int_equal(ev.offset, *next);
        (*next)++;
        static uint64_t newest;
        if (ev.position == 0)
            newest = 0;
        if (ev.position < newest) {
            repeats++;
            continue;
        }
        assert_int_equal(ev.position, newest);
        newest++;
        expected--;
    }
    return repeats;
}

static void test_restart(void **state ATTR_UNUSED)
{
    struct bus *w = kafka_bus_open("writer"), *r = kafka_bus_open("reader");
    int64_t next = kafka_high(r, TOPIC_ADVISORIES, 1);
    OK(bus_watch(r, TOPIC_ADVISORIES, 1, next, E));
    int repeats = 0, failures = 0;
    pid_t restart = 0;
    for (int batch = 0; batch < 60; batch++) {
        if (batch == 20)
            restart = script("restart");
        failures += put_until_stored(w, TOPIC_ADVISORIES, 1, batch * 50, 50, 3000);
        repeats += read_numbers(r, &next, 50);
    }
    script_wait(restart);
    print_message("restart: %d flushes failed, %d records repeated\n", failures, repeats);
    bus_close(w);
    bus_close(r);
}

static int nothing_assigned(void *arg, const uint32_t *partitions, size_t n, struct err *e)
{
    (void)partitions, (void)e;
    *(size_t *)arg = n;
    return 0;
}

static void nothing_revoked(void *arg, const uint32_t *partitions, size_t n, bool lost)
{
    (void)partitions, (void)n, (void)lost;
    *(size_t *)arg = 0;
}

static int64_t close_took(struct bus *b)
{
    int64_t start = clock_mono_ms();
    bus_close(b);
    return clock_mono_ms() - start;
}

/*
 * Every partition is found once the broker is back, by a handle that was made while it stood still, too: what that one
 * learned then must not be believed for ever.
 */
static void ask_until_answered(struct bus *b)
{
    int64_t low, high, until = clock_mono_ms() + 60000;
    int refused = 0;
    for (int t = 0; t < TOPIC_MAX; t++)
        for (uint32_t k = 0; k < PARTITIONS; k++) {
            struct err e = ERR_INIT;
            while (bus_range(b, (enum topic)t, k, &low, &high, &e)) {
                refused++;
                if (e.kind != ERR_RETRY || clock_mono_ms() > until)
                    fail_msg("topic %s, partition %u: %s", topics[t].name, k, e.text);
            }
        }
    print_message("answered: %d questions were put again\n", refused);
}

static void test_pause(void **state ATTR_UNUSED)
{
    struct bus *w = kafka_bus_open("writer"), *r = kafka_bus_open("reader"), *g = kafka_bus_open("member");
    int64_t next = kafka_high(r, TOPIC_ADVISORIES, 2);
    OK(bus_watch(r, TOPIC_ADVISORIES, 2, next, E));
    put_until_stored(w, TOPIC_ADVISORIES, 2, 0, 50, 10000);
    read_numbers(r, &next, 50);
    size_t owned = 0;
    const enum topic t = TOPIC_ADVISORIES;
    OK(bus_join(g, "test-pause", NULL, &t, 1, &(struct bus_group_callbacks){nothing_assigned, nothing_revoked}, &owned,
                E));
    struct bus_event ev;
    for (int i = 0; i < 100 && owned == 0; i++)
        OK(bus_poll(g, 100, &ev, E));
    assert_int_equal(owned, PARTITIONS);

    script_wait(script("pause"));
    int64_t start = clock_mono_ms();
    struct err e = ERR_INIT;
    kafka_put(w, t, 2, "r", 50, 50);
    assert_int_equal(bus_flush(w, 1000, &e), -1);
    int64_t flush = clock_mono_ms() - start;
    assert_int_equal(e.kind, ERR_RETRY);
    assert_in_range(flush, 900, 6000);
    start = clock_mono_ms();
    int64_t low, high;
    assert_int_equal(bus_range(r, t, 2, &low, &high, &e), -1);
    assert_int_equal(e.kind, ERR_RETRY);
    int64_t range = clock_mono_ms() - start;
    assert_true(range < 13000);
    /* The flush that failed dropped the writer's handle: this question makes a new one. */
    assert_int_equal(bus_range(w, t, 2, &low, &high, &e), -1);
    assert_int_equal(e.kind, ERR_RETRY);
    int64_t took = close_took(g);
    assert_true(took < 10000);
    assert_int_equal(owned, 0);
    print_message("paused: bus_flush of 1000 ms took %d ms, bus_range %d ms, bus_close of a member %d ms\n", (int)flush,
                  (int)range, (int)took);

    /* What can't be sent fills a bounded queue. */
    size_t big = 4 << 20;
    uint8_t *bytes = xcalloc(1, big);
    int held = 0;
    while (held < 64 && bus_produce(w, TOPIC_LAYER_CONTENTS, 1, SLICE("k"), slice_of(bytes, big), 1, &e) == 0)
        held++;
    free(bytes);
    assert_int_equal(e.kind, ERR_RETRY);
    assert_in_range(held, 2, 3);
    assert_int_equal(bus_flush(w, 0, &e), -1);

    pid_t resume = script("resume");
    ask_until_answered(w);
    int failures = put_until_stored(w, t, 2, 50, 50, 5000);
    script_wait(resume);
    put_until_stored(w, t, 2, 100, 50, 5000);
    int repeats = read_numbers(r, &next, 100);
    print_message("resumed: %d flushes failed, %d records repeated\n", failures, repeats);
    bus_close(w);
    bus_close(r);
}

/* ---- a process that stood still ---- */

struct stalled {
    struct bus *bus;
    int assigned, revoked, lost;
    int64_t base;
};

static int stalled_assigned(void *arg, const uint32_t *partitions, size_t n, struct err *e)
{
    struct stalled *s = arg;
    s->assigned++;
    return n && partitions[0] == 0 ? bus_start(s->bus, TOPIC_ADVISORIES, 0, s->base, e) : 0;
}

static void stalled_revoked(void *arg, const uint32_t *partitions, size_t n, bool lost)
{
    (void)partitions, (void)n;
    struct stalled *s = arg;
    s->revoked++;
    s->lost += lost;
}

/* Who does not poll for too long has lost its partitions, is told so, and gets them again. */
static void test_stalled(void **state ATTR_UNUSED)
{
    static const char *const keys[] = {"max.poll.interval.ms", "session.timeout.ms", "heartbeat.interval.ms"},
                             *const values[] = {"2000", "1500", "300"};
    struct stalled s = {0};
    OK(bus_open(kafka_url(), &(struct bus_options){.kafka_keys = keys, .kafka_values = values, .kafka_n = 3}, &s.bus,
                E));
    s.base = kafka_high(s.bus, TOPIC_ADVISORIES, 0);
    const enum topic t = TOPIC_ADVISORIES;
    OK(bus_join(s.bus, "test-stalled", NULL, &t, 1, &(struct bus_group_callbacks){stalled_assigned, stalled_revoked},
                &s, E));
    kafka_put(s.bus, t, 0, "r", 0, 2);
    OK(bus_flush(s.bus, 10000, E));
    assert_int_equal(kafka_next_record(s.bus).offset, s.base);
    assert_int_equal(s.revoked, 0);
    clock_sleep_ms(4000);
    /* Read again from where it starts, once it has joined again. */
    int64_t until = clock_mono_ms() + 15000;
    while (s.assigned < 2 && clock_mono_ms() < until) {
        struct bus_event ev;
        struct err e = ERR_INIT;
        if (bus_poll(s.bus, 100, &ev, &e) < 0 && e.kind != ERR_RETRY)
            fail_msg("bus_poll: %s", e.text);
    }
    assert_int_equal(s.assigned, 2);
    assert_int_equal(s.revoked, 1);
    assert_int_equal(s.lost, 1);
    bus_close(s.bus);
    assert_int_equal(s.revoked, 2);
    assert_int_equal(s.lost, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members), cmocka_unit_test(test_named_members), cmocka_unit_test(test_stalled),
        cmocka_unit_test(test_restart), cmocka_unit_test(test_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
