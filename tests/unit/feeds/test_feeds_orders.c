/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The feeds stage without its runner: here the test plays the runner and the topics, so that it decides when an output
 * is read back, when a job ends, which process owns the partition and where it is killed. Two feeds have records under
 * the same keys, and packages move between them. First two fixed orders, then many drawn by number: whatever happened,
 * in the end the topic holds what the two feeds say.
 */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "base/log.h"
#include "feeds/feeds_internal.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#define SHARED  6  /* packages that both feeds may have */
#define OWN     12 /* and that each has for itself: a feed that loses half of its records is refused */
#define WORKS   8
#define RECORDS 8192
#define ROUNDS  6
#define ORDERS  60

struct record {
    char *key;
    struct slice value; /* malloc'd; SLICE_NONE: a tombstone */
};

struct work {
    unsigned kind;
    char subject[64];
    struct job_running *job;
};

struct job_running {
    void *data;
    bool ran, again;
    char subject[64];
};

/* A process with its state folder; only one owns the partition at a time, but both read what is out. */
struct process {
    char dir[320];
    struct store *part, *whole;
    store_table tables[3], whole_tables[2];
    struct work works[WORKS];
    size_t works_n;
    size_t read;  /* records of the topic that were applied */
    size_t ticks; /* and ticks */
};

struct world {
    char dir[256], feeds[300];
    struct feeds_stage_data stage;
    struct codec *codec;
    struct process processes[2], *owner;
    struct arena arena;
    uint64_t generation;
    int64_t files; /* how many were written */
    size_t ticks;
    unsigned random;
    bool emitted, read_whole;
    struct record log[RECORDS], open[RECORDS]; /* the topic; what the open batch emitted */
    size_t log_n, open_n;
    /* What the two feeds say: the version of each shared package, 0 when they don't have it. */
    int main_has[SHARED], community_has[SHARED];
};

static struct world *playing;

static unsigned draw(unsigned n)
{
    playing->random = playing->random * 1103515245u + 12345u;
    return (playing->random >> 16) % n;
}

/* ---- what the stage asks of its runner ---- */

struct codec *runner_codec(struct runner *r)
{
    (void)r;
    return playing->codec;
}

static void emit(struct slice key, struct slice value)
{
    struct world *w = playing;
    assert_true(w->open_n < RECORDS);
    w->open[w->open_n++] = (struct record){slice_dup(key), value};
}

int step_emit(struct step *s, enum topic t, struct slice key, const void *record, struct err *e)
{
    struct buf b = BUF_INIT((size_t)1 << 20);
    (void)s;
    assert_int_equal(t, TOPIC_ADVISORIES);
    if (codec_encode(playing->codec, t, record, &b, e))
        return -1;
    size_t n = b.n;
    emit(key, slice_of(memcpy(xmalloc(n), buf_slice(&b).p, n), n));
    buf_done(&b);
    return 0;
}

int step_tombstone(struct step *s, enum topic t, struct slice key, struct err *e)
{
    (void)s, (void)t, (void)e;
    emit(key, SLICE_NONE);
    return 0;
}

int step_read_back(struct step *s, struct err *e)
{
    (void)s, (void)e;
    return !playing->open_n && playing->owner->read == playing->log_n;
}

int step_work(struct step *s, unsigned kind, struct slice subject, unsigned priority, int64_t due_ms, struct err *e)
{
    struct process *p = playing->owner;
    (void)s, (void)priority, (void)due_ms, (void)e;
    for (size_t i = 0; i < p->works_n; i++)
        if (p->works[i].kind == kind && slice_eq(subject, slice_str(p->works[i].subject))) {
            if (p->works[i].job)
                p->works[i].job->again = true;
            return 0;
        }
    assert_true(p->works_n < WORKS);
    struct work *to = &p->works[p->works_n++];
    *to = (struct work){.kind = kind};
    snprintf(to->subject, sizeof to->subject, "%.*s", SLICE_FMT(subject));
    return 0;
}

/* ---- the world ---- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static void open_process(struct world *w, struct process *p, unsigned number)
{
    static const char *const names[] = {"memory", "progress", "woken"}, *const whole[] = {"out", "dropped"};
    const struct store_options options = {.tables = 8, .sync = STORE_SYNC_OFF};
    char dir[400];
    struct err e = ERR_INIT;
    snprintf(p->dir, sizeof p->dir, "%s/%u", w->dir, number);
    snprintf(dir, sizeof dir, "%s/part", p->dir);
    assert_int_equal(mkdir(p->dir, 0700), 0);
    assert_int_equal(store_open(dir, &options, &p->part, &e), 0);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_int_equal(store_table_open(p->part, names[i], &p->tables[i], &e), 0);
    snprintf(dir, sizeof dir, "%s/whole", p->dir);
    assert_int_equal(store_open(dir, &options, &p->whole, &e), 0);
    for (size_t i = 0; i < ARRAY_LEN(whole); i++)
        assert_int_equal(store_table_open(p->whole, whole[i], &p->whole_tables[i], &e), 0);
    snprintf(dir, sizeof dir, "%s/feeds", p->dir);
    assert_int_equal(mkdir(dir, 0700), 0);
    snprintf(dir, sizeof dir, "%s/feeds/staged", p->dir);
    assert_int_equal(mkdir(dir, 0700), 0);
}

static int setup(void **state)
{
    struct world *w = xcalloc(1, sizeof *w);
    const char *tmp = getenv("TMPDIR");
    struct err e = ERR_INIT;
    log_setup(LOG_ERROR, "feeds");
    snprintf(w->dir, sizeof w->dir, "%s/careen-orders-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(w->dir) || codec_open(NULL, &w->codec, &e))
        return -1;
    snprintf(w->feeds, sizeof w->feeds, "%s/data", w->dir);
    w->arena = ARENA_INIT((size_t)256 << 20);
    playing = w;
    for (unsigned i = 0; i < ARRAY_LEN(w->processes); i++)
        open_process(w, &w->processes[i], i);
    w->owner = &w->processes[0];
    w->stage = (struct feeds_stage_data){
        .config = {.state_dir = w->owner->dir, .feeds_dir = w->feeds, .names = "alpine-v3.20"},
        .told = feeds_told_new()};
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    feeds_told_free(w->stage.told);
    for (unsigned i = 0; i < ARRAY_LEN(w->processes); i++) {
        struct process *p = &w->processes[i];
        for (size_t k = 0; k < p->works_n; k++)
            if (p->works[k].job) {
                feeds_works[FEEDS_WORK_REFRESH].discard(p->works[k].job->data);
                free(p->works[k].job);
            }
        store_close(p->part);
        store_close(p->whole);
    }
    for (size_t i = 0; i < w->log_n; i++) {
        free(w->log[i].key);
        free((void *)w->log[i].value.p);
    }
    codec_close(w->codec);
    arena_done(&w->arena);
    nftw(w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(w);
    return 0;
}

/* Every file has another size and time than those before, as if it were published anew. */
static void write_feed(struct world *w, const char *repository, const int *has)
{
    char path[400];
    snprintf(path, sizeof path, "%s/alpine-secdb/v3.20/%s.json", w->feeds, repository);
    for (char *p = path + 1; (p = strchr(p, '/')); *p++ = '/') {
        *p = 0;
        mkdir(path, 0700);
    }
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "{\"distroversion\":\"v3.20\",\"reponame\":\"%s\",\"packages\":[", repository);
    for (int i = 0; i < OWN; i++)
        fprintf(f, "%s{\"pkg\":{\"name\":\"%s%d\",\"secfixes\":{\"1.0-r0\":[\"CVE-2024-1000\"]}}}", i ? "," : "",
                repository, i);
    for (int i = 0; i < SHARED; i++)
        if (has[i])
            fprintf(f, ",{\"pkg\":{\"name\":\"p%d\",\"secfixes\":{\"%d.0-r0\":[\"CVE-2024-1000\"]}}}", i, has[i]);
    fprintf(f, "]}\n");
    fclose(f);
    struct timespec at[2] = {{.tv_sec = 1700000000 + ++w->files}, {.tv_sec = 1700000000 + w->files}};
    assert_int_equal(utimensat(AT_FDCWD, path, at, 0), 0);
}

static void publish(struct world *w)
{
    write_feed(w, "main", w->main_has);
    write_feed(w, "community", w->community_has);
    w->ticks++;
}

/* ---- the runner ---- */

static struct step begin(struct world *w)
{
    struct process *p = w->owner;
    struct step s = {.stage = &w->stage,
                     .partitions = 1,
                     .arena = &w->arena,
                     .now_ms = 1800000000000,
                     .generation = w->generation,
                     .tables = p->tables,
                     .whole_tables = p->whole_tables};
    struct err e = ERR_INIT;
    arena_reset(&w->arena);
    assert_int_equal(store_begin(p->part, true, &s.txn, &e), 0);
    assert_int_equal(store_begin(p->whole, false, &s.whole, &e), 0);
    return s;
}

static void check(int rc, const struct err *e)
{
    if (rc < 0)
        fail_msg("%s", e->text);
}

/* Applies so many records of the topic. */
static void read_topic(struct world *w, struct process *p, size_t most)
{
    struct step s = {.stage = &w->stage, .partitions = 1, .arena = &w->arena, .whole_tables = p->whole_tables};
    struct err e = ERR_INIT;
    assert_int_equal(store_begin(p->whole, true, &s.whole, &e), 0);
    for (; p->read < w->log_n && most; p->read++, most--) {
        const struct record *r = &w->log[p->read];
        struct bus_event event = {.kind = BUS_RECORD,
                                  .topic = TOPIC_ADVISORIES,
                                  .offset = (int64_t)p->read,
                                  .key = slice_str(r->key),
                                  .value = r->value,
                                  .tombstone = !r->value.p};
        struct advisory a;
        arena_reset(&w->arena);
        if (r->value.p)
            check(codec_decode(w->codec, TOPIC_ADVISORIES, r->value, &w->arena, &a, &e), &e);
        check(feeds_stage.inputs[1].apply(&s, &event, r->value.p ? &a : NULL, &e), &e);
    }
    assert_int_equal(store_commit(s.whole, &e), 0);
}

static void run_job(struct job_running *j)
{
    if (!j->ran)
        feeds_works[FEEDS_WORK_REFRESH].run(NULL, j->data);
    j->ran = true;
}

static void forget_work(struct process *p, size_t at)
{
    memmove(&p->works[at], &p->works[at + 1], (--p->works_n - at) * sizeof p->works[0]);
}

static void finish_job(struct world *w, struct step *s, size_t at)
{
    struct process *p = w->owner;
    struct job_running *j = p->works[at].job;
    struct err e = ERR_INIT;
    run_job(j);
    p->works[at].job = NULL;
    if (!j->again)
        forget_work(p, at);
    check(feeds_works[FEEDS_WORK_REFRESH].finish(s, slice_str(j->subject), j->data, &e), &e);
    feeds_works[FEEDS_WORK_REFRESH].discard(j->data);
    free(j);
}

static void start_job(struct world *w, struct step *s, size_t at)
{
    struct process *p = w->owner;
    struct work work = p->works[at];
    void *data;
    struct err e = ERR_INIT;
    int rc = feeds_works[FEEDS_WORK_REFRESH].prepare(s, slice_str(work.subject), &data, &e);
    check(rc, &e);
    assert_int_not_equal(rc, 0);
    if (rc == STEP_BUSY)
        return;
    struct job_running *j = p->works[at].job = xcalloc(1, sizeof *j);
    memcpy(j->subject, work.subject, sizeof j->subject);
    j->data = data;
    if (draw(2))
        run_job(j);
}

static void settle_ready(struct world *w, struct step *s)
{
    struct process *p = w->owner;
    struct work ready[WORKS];
    size_t n = p->works_n;
    struct err e = ERR_INIT;
    memcpy(ready, p->works, sizeof ready);
    for (size_t i = 0; i < n; i++) {
        if (ready[i].kind != FEEDS_WORK_EMIT)
            continue;
        for (size_t k = 0; k < p->works_n; k++)
            if (p->works[k].kind == FEEDS_WORK_EMIT && strcmp(p->works[k].subject, ready[i].subject) == 0)
                forget_work(p, k--);
        check(feeds_works[FEEDS_WORK_EMIT].settle(s, slice_str(ready[i].subject), &e), &e);
    }
}

/* The same process again, or the other one, finds its state as it was committed last. What was delivered is delivered. */
static void start_process(struct world *w, struct process *p)
{
    for (size_t i = 0; i < w->owner->works_n; i++) {
        struct job_running *j = STEAL(w->owner->works[i].job);
        if (j)
            feeds_works[FEEDS_WORK_REFRESH].discard(j->data);
        free(j);
    }
    w->owner = p;
    w->generation++;
    feeds_told_free(w->stage.told);
    w->stage.told = feeds_told_new();
    w->stage.emitting = NULL;
    w->stage.config.state_dir = p->dir;
    read_topic(w, p, SIZE_MAX);
    w->read_whole = true;
}

static void deliver(struct world *w)
{
    assert_true(w->log_n + w->open_n < RECORDS);
    memcpy(w->log + w->log_n, w->open, w->open_n * sizeof w->open[0]);
    w->log_n += w->open_n;
    w->open_n = 0;
}

enum end { COMMITTED, KILLED, KILLED_UNDELIVERED };

/* A batch: in the runner's order, ticks, jobs that are done, idle, settle, new jobs. */
static void batch(struct world *w, enum end end, bool jobs_end)
{
    struct process *p = w->owner;
    struct work before[WORKS];
    size_t before_n = p->works_n, before_ticks = p->ticks;
    struct err e = ERR_INIT;
    struct step s = begin(w);
    memcpy(before, p->works, sizeof before);
    const struct tick t = {.kind = TICK_FEEDS, .subject = SLICE("0")};
    const struct bus_event event = {.kind = BUS_RECORD, .topic = TOPIC_TICKS};
    for (; p->ticks < w->ticks; p->ticks++)
        check(feeds_stage.inputs[0].apply(&s, &event, &t, &e), &e);
    for (size_t i = p->works_n; i-- > 0;)
        if (jobs_end && p->works[i].job && (end == COMMITTED || draw(2)))
            finish_job(w, &s, i);
    if (w->read_whole)
        check(feeds_stage.idle(&s, &e), &e);
    w->read_whole = false;
    settle_ready(w, &s);
    for (size_t i = 0; i < p->works_n; i++)
        if (p->works[i].kind == FEEDS_WORK_REFRESH && !p->works[i].job)
            start_job(w, &s, i);
    store_abort(s.whole);
    if (end != KILLED_UNDELIVERED)
        deliver(w);
    for (; w->open_n; w->open_n--) {
        free(w->open[w->open_n - 1].key);
        free((void *)w->open[w->open_n - 1].value.p);
    }
    if (end == COMMITTED) {
        assert_int_equal(store_commit(s.txn, &e), 0);
        return;
    }
    store_abort(s.txn);
    start_process(w, p);
    for (size_t i = 0; i < before_n; i++)
        before[i].job = NULL;
    memcpy(p->works, before, sizeof before);
    p->works_n = before_n;
    p->ticks = before_ticks;
}

static void reading(struct world *w, size_t most)
{
    w->read_whole |= w->owner->read < w->log_n;
    read_topic(w, w->owner, most);
}

static void until_idle(struct world *w)
{
    for (int i = 0; i < 200; i++) {
        reading(w, SIZE_MAX);
        batch(w, COMMITTED, true);
        if (!w->owner->works_n && w->owner->read == w->log_n && !w->read_whole)
            return;
    }
    fail_msg("there is always more to do");
}

/* ---- what is true ---- */

/* The version of a shared package as the topic has it last, 0: it has none; and whose it is. */
static int found(struct world *w, int package, bool *ret_is_main)
{
    char key[80], fixed[16];
    struct advisory a;
    struct err e = ERR_INIT;
    const struct record *last = NULL;
    snprintf(key, sizeof key, "Alpine:v3.20,p%d,CVE-2024-1000", package);
    for (size_t i = 0; i < w->log_n; i++)
        if (strcmp(w->log[i].key, key) == 0)
            last = &w->log[i];
    *ret_is_main = false;
    if (!last || !last->value.p)
        return 0;
    arena_reset(&w->arena);
    check(codec_decode(w->codec, TOPIC_ADVISORIES, last->value, &w->arena, &a, &e), &e);
    assert_int_equal(a.ranges.n, 1);
    snprintf(fixed, sizeof fixed, "%.*s", SLICE_FMT(a.ranges.v[0].fixed));
    *ret_is_main = slice_eq(a.feed, SLICE("alpine-v3.20-main"));
    return (int)strtol(fixed, NULL, 10);
}

static void check_truth(struct world *w, const char *when, unsigned number)
{
    for (int i = 0; i < SHARED; i++) {
        bool is_main;
        int has = found(w, i, &is_main), wanted = w->main_has[i] ? w->main_has[i] : w->community_has[i];
        if (has != wanted || (has && is_main != (w->main_has[i] != 0)))
            fail_msg("%s %u: p%d is in version %d of %s, and main has %d, community %d", when, number, i, has,
                     is_main ? "main" : "community", w->main_has[i], w->community_has[i]);
    }
}

/* ---- the tests ---- */

static void both_published(struct world *w, int main_version, int community_version)
{
    for (int i = 0; i < SHARED; i++) {
        w->main_has[i] = main_version;
        w->community_has[i] = community_version;
    }
    publish(w);
    w->read_whole = true;
    until_idle(w);
    check_truth(w, "at the beginning", 0);
}

/* Batches whose outputs are not read back before all that can be done without that was done. */
static void nothing_read_back(struct world *w)
{
    for (int i = 0; i < 10; i++)
        batch(w, COMMITTED, true);
}

static void test_dropped_then_had_by_the_other(void **state)
{
    struct world *w = *state;
    both_published(w, 1, 2);
    w->main_has[3] = 0;
    write_feed(w, "main", w->main_has);
    w->ticks++;
    nothing_read_back(w);
    until_idle(w);
    check_truth(w, "dropped", 0);
}

static void test_moved_to_the_first(void **state)
{
    struct world *w = *state;
    both_published(w, 0, 2);
    w->main_has[3] = 2;
    write_feed(w, "main", w->main_has);
    w->ticks++;
    nothing_read_back(w);
    w->community_has[3] = 0;
    write_feed(w, "community", w->community_has);
    w->ticks++;
    nothing_read_back(w);
    until_idle(w);
    check_truth(w, "moved", 0);
}

/* Killed once the tombstone was delivered and nothing else was kept, and the other process goes on. */
static void test_dropped_then_killed(void **state)
{
    for (int process = 0; process < 2; process++) {
        struct world *w = *state;
        both_published(w, 1, 2);
        for (int i = 1; i >= 0; i--) { /* both processes know both feeds */
            start_process(w, &w->processes[i]);
            until_idle(w);
        }
        w->main_has[3] = 0;
        write_feed(w, "main", w->main_has);
        w->ticks++;
        for (size_t n = w->log_n; w->log_n == n;)
            batch(w, KILLED, true), batch(w, COMMITTED, false), reading(w, SIZE_MAX);
        start_process(w, &w->processes[process]);
        until_idle(w);
        check_truth(w, "killed, then process", (unsigned)process);
        if (!process) {
            teardown(state);
            assert_int_equal(setup(state), 0);
        }
    }
}

static void one_order(struct world *w, unsigned number)
{
    w->random = number * 2654435761u + 1;
    w->read_whole = true;
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < SHARED; i++) {
            w->main_has[i] = (int)draw(3);
            w->community_has[i] = (int)draw(3);
        }
        publish(w);
        for (unsigned n = draw(14); n--;) {
            if (draw(2))
                reading(w, draw(6));
            batch(w, draw(5) ? COMMITTED : draw(2) ? KILLED : KILLED_UNDELIVERED, draw(2));
        }
    }
    until_idle(w);
    check_truth(w, "order", number);
}

static void test_any_order(void **state)
{
    const char *only = getenv("CAREEN_TEST_ORDER");
    unsigned first = only ? (unsigned)strtoul(only, NULL, 10) : 1;
    for (unsigned i = first; i < first + (only ? 1 : ORDERS); i++) {
        one_order(*state, i);
        teardown(state);
        assert_int_equal(setup(state), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
        TEST(test_dropped_then_had_by_the_other),
        TEST(test_moved_to_the_first),
        TEST(test_dropped_then_killed),
        TEST(test_any_order),
    };
    return cmocka_run_group_tests_name("feeds_orders", tests, NULL, NULL);
}
