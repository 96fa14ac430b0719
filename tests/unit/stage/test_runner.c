/* SPDX-License-Identifier: Apache-2.0 */
/* The runner on the embedded bus with made stages: what a repeated batch must not lose, dead letters, keys of parts. */
#include "base/log.h"
#include "stage/reask.h"
#include "stage/runner/runner_internal.h"

#include <setjmp.h>
#include <cmocka.h>

#include "unit/runner_folder.h"

static void run(const struct stage_def *def)
{
    struct err e = ERR_INIT;
    const struct runner_config config = {.bus_url = url, .state_dir = state_dir, .workers = 1, .until_idle = true};
    log_setup(LOG_OFF, "test");
    if (runner_run(def, &config, &e))
        fail_msg("%s", e.text);
}

static void produce(enum topic t, const char *key, struct slice value)
{
    struct bus *b;
    struct err e = ERR_INIT;
    assert_int_equal(bus_open(url, NULL, &b, &e), 0);
    assert_int_equal(bus_produce(b, t, topic_partition(t, slice_str(key), 2), slice_str(key), value, 0, &e), 0);
    assert_int_equal(bus_flush(b, 10000, &e), 0);
    bus_close(b);
}

static int64_t records(enum topic t)
{
    struct bus *b;
    struct err e = ERR_INIT;
    int64_t n = 0;
    assert_int_equal(bus_open(url, NULL, &b, &e), 0);
    for (uint32_t k = 0; k < 2; k++) {
        int64_t low, high;
        assert_int_equal(bus_range(b, t, k, &low, &high, &e), 0);
        n += high - low;
    }
    bus_close(b);
    return n;
}

/* ---- a batch that is repeated ---- */

static unsigned idled, settled, applied;

static int count_apply(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    (void)s;
    (void)event;
    (void)record;
    (void)e;
    applied++;
    return 0;
}

static int idle_asks(struct step *s, struct err *e)
{
    idled++;
    return s->partition ? 0 : step_work(s, 0, SLICE("x"), 0, 0, e);
}

static int settle_second(struct step *s, struct slice subject, struct err *e)
{
    (void)s;
    (void)subject;
    return ++settled == 1 ? err_set(e, ERR_RETRY, 0, "the bus is away") : 0;
}

static const struct stage_input ticks[] = {{TOPIC_TICKS, false, count_apply}};
static const struct stage_input whole[] = {{TOPIC_TICKS, false, count_apply}, {TOPIC_ADVISORIES, true, count_apply}};
static const struct stage_work repeated[] = {{.name = "repeated", .settle = settle_second}};

/* What idle did in the batch that was dropped is done again, though nothing new has come. */
static void test_idle_repeated(void **state)
{
    (void)state;
    static const struct stage_def def = {.name = "idler",
                                         .format = 1,
                                         .inputs = ticks,
                                         .inputs_n = ARRAY_LEN(ticks),
                                         .works = repeated,
                                         .works_n = ARRAY_LEN(repeated),
                                         .idle = idle_asks};
    idled = settled = 0;
    run(&def);
    assert_int_equal(settled, 2);
    assert_true(idled >= 3); /* two partitions, and the first again */
}

/* ---- records that are none ---- */

static void test_dead_letters(void **state)
{
    (void)state;
    static const struct stage_def def = {
        .name = "reader", .format = 1, .inputs = whole, .inputs_n = ARRAY_LEN(whole), .idle = NULL};
    produce(TOPIC_TICKS, "walk,0", SLICE("garbage"));
    produce(TOPIC_ADVISORIES, "a,b,c", SLICE("garbage"));
    produce(TOPIC_ADVISORIES, "a,b,d", SLICE_NONE); /* a tombstone is good */
    applied = 0;
    run(&def);
    assert_int_equal(applied, 1);
    assert_int_equal(records(TOPIC_DEAD_LETTERS), 2);
    run(&def); /* not read again */
    assert_int_equal(applied, 1);
    assert_int_equal(records(TOPIC_DEAD_LETTERS), 2);
}

static int apply_keeps(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    (void)record;
    applied++;
    return store_put(s->txn, STEP_TABLE(s, 0), event->key, SLICE("x"), e);
}

/* Keys that no stage writes: none, longer than any topic's, and one that is no key of the state's tables. */
static void test_foreign_keys(void **state)
{
    (void)state;
    static const struct stage_input inputs[] = {{TOPIC_EXEMPTIONS, false, apply_keeps}};
    static const char *const tables[] = {"kept"};
    static const struct stage_def def = {.name = "keeper",
                                         .format = 1,
                                         .inputs = inputs,
                                         .inputs_n = ARRAY_LEN(inputs),
                                         .tables = tables,
                                         .tables_n = ARRAY_LEN(tables)};
    char key[TOPIC_KEY_MAX + 2] = "";
    int64_t before = records(TOPIC_DEAD_LETTERS);
    const size_t lengths[] = {0, 511, 512, TOPIC_KEY_MAX, TOPIC_KEY_MAX + 1};
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        memset(key, 'k', lengths[i]);
        key[lengths[i]] = 0;
        produce(TOPIC_EXEMPTIONS, key, SLICE_NONE);
    }
    applied = 0;
    run(&def);
    assert_int_equal(applied, 3);
    assert_int_equal(records(TOPIC_DEAD_LETTERS) - before, 4);
    assert_null(topic_key_unfit(TOPIC_IMAGES, SLICE("sha256:a,registry/repository")));
    assert_non_null(topic_key_unfit(TOPIC_IMAGES, SLICE(",registry/repository")));
    memset(key, 'k', TOPIC_DIGEST_MAX + 1);
    key[TOPIC_DIGEST_MAX + 1] = 0;
    assert_non_null(topic_key_unfit(TOPIC_IMAGES, slice_str(key)));
    key[TOPIC_DIGEST_MAX] = 0;
    assert_null(topic_key_unfit(TOPIC_IMAGES, slice_str(key)));
}

/* ---- whose turn a new owner may write at ---- */

static uint64_t lowest;

static int idle_position(struct step *s, struct err *e)
{
    (void)e;
    lowest = MIN(lowest, s->position);
    return 0;
}

/* A partition that is settled has read everything that was in the whole inputs, the removed records too. */
static void test_position(void **state)
{
    (void)state;
    static const struct stage_def def = {
        .name = "positioned", .format = 1, .inputs = whole, .inputs_n = ARRAY_LEN(whole), .idle = idle_position};
    for (int i = 0; i < 5; i++)
        produce(TOPIC_ADVISORIES, "a,b,c", SLICE_NONE);
    lowest = UINT64_MAX;
    run(&def);
    assert_int_equal(lowest, 5);
}

/* ---- a question to the bus that failed ---- */

static struct bus_ops flaky;
static int (*true_range)(struct bus *b, enum topic t, uint32_t partition, int64_t *ret_low, int64_t *ret_high,
                         struct err *e);
static struct runner *flaky_runner;
static unsigned asked;

/* The first question about what is behind fails, as in an outage. */
static int range_refused(struct bus *b, enum topic t, uint32_t partition, int64_t *ret_low, int64_t *ret_high,
                         struct err *e)
{
    if (t == TOPIC_ADVISORIES && flaky_runner->whole.behind && flaky_runner->parts[0]) {
        if (++asked == 1)
            return err_set(e, ERR_RETRY, 0, "the bus is away");
    }
    return true_range(b, t, partition, ret_low, ret_high, e);
}

static size_t flaky_routes(struct runner *r, void *stage, struct httpd_route *to, size_t max)
{
    (void)stage, (void)to, (void)max;
    flaky = *r->bus->ops;
    true_range = flaky.range;
    flaky.range = range_refused;
    r->bus->ops = &flaky;
    flaky_runner = r;
    return 0;
}

static int idle_behind(struct step *s, struct err *e)
{
    assert_false(s->runner->whole.behind);
    /* Once for the question that failed, and for both partitions again: twice to rewind, twice for itself. */
    assert_int_equal(asked, 5);
    return idle_position(s, e);
}

/* Nothing is settled before every question about the whole inputs was answered. */
static void test_behind_asked_again(void **state)
{
    (void)state;
    static const struct stage_def def = {.name = "behind",
                                         .format = 1,
                                         .inputs = whole,
                                         .inputs_n = ARRAY_LEN(whole),
                                         .idle = idle_behind,
                                         .routes = flaky_routes};
    produce(TOPIC_ADVISORIES, "a,b,c", SLICE_NONE);
    asked = 0;
    lowest = UINT64_MAX;
    run(&def);
    assert_int_equal(asked, 5);
    assert_int_equal(lowest, 1);
}

/* ---- what a dropped batch produced ---- */

static int (*true_flush)(struct bus *b, int timeout_ms, struct err *e);
static int (*true_poll)(struct bus *b, int timeout_ms, struct bus_event *ret_event, struct err *e);
static unsigned flushes, polls_since, kept, settles;
static struct bus_event keep_back[8];
static uint64_t reached;

/* What was produced is stored, but the answer comes too late. */
static int flush_late(struct bus *b, int timeout_ms, struct err *e)
{
    if (true_flush(b, timeout_ms, e))
        return -1;
    return timeout_ms && ++flushes == 1 ? err_set(e, ERR_RETRY, 0, "the bus is away") : 0;
}

/* After that the images come last: their events, without their bytes, wait for thirty polls. */
static int poll_reordered(struct bus *b, int timeout_ms, struct bus_event *ret_event, struct err *e)
{
    if (!flushes)
        return true_poll(b, timeout_ms, ret_event, e);
    if (++polls_since > 30 && kept) {
        *ret_event = keep_back[0];
        memmove(keep_back, keep_back + 1, --kept * sizeof *keep_back);
        return 0;
    }
    if (true_poll(b, 0, ret_event, e))
        return -1;
    if (ret_event->kind != BUS_NOTHING && ret_event->topic == TOPIC_IMAGES && polls_since <= 30) {
        assert_true(kept < ARRAY_LEN(keep_back));
        keep_back[kept] = *ret_event;
        keep_back[kept++].key = SLICE("x");
        ret_event->kind = BUS_NOTHING;
    }
    return 0;
}

static size_t late_routes(struct runner *r, void *stage, struct httpd_route *to, size_t max)
{
    (void)stage, (void)to, (void)max;
    flaky = *r->bus->ops;
    true_flush = flaky.flush;
    true_poll = flaky.poll;
    flaky.flush = flush_late;
    flaky.poll = poll_reordered;
    r->bus->ops = &flaky;
    return 0;
}

static int apply_asks(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    (void)record;
    return step_work(s, 0, event->key, 0, 0, e);
}

static int settle_tells(struct step *s, struct slice subject, struct err *e)
{
    (void)subject;
    settles++;
    assert_true(s->position >= reached);
    reached = s->position;
    return step_tombstone(s, TOPIC_FINDINGS, SLICE("sha256:1"), e);
}

/* What is produced in place of it stands at no lower position, whatever is read first now. */
static void test_floor(void **state)
{
    (void)state;
    static const struct stage_input inputs[] = {{TOPIC_TICKS, false, apply_asks}, {TOPIC_IMAGES, false, count_apply}};
    static const struct stage_work works[] = {{.name = "told", .settle = settle_tells}};
    static const struct stage_def def = {.name = "floored",
                                         .format = 1,
                                         .inputs = inputs,
                                         .inputs_n = ARRAY_LEN(inputs),
                                         .works = works,
                                         .works_n = ARRAY_LEN(works),
                                         .routes = late_routes};
    produce(TOPIC_TICKS, "walk,0", SLICE_NONE);
    for (int i = 0, n = 0; n < 3; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", i);
        if (topic_partition(TOPIC_IMAGES, slice_str(key), 2) == 0 && ++n)
            produce(TOPIC_IMAGES, key, SLICE_NONE);
    }
    flushes = polls_since = kept = settles = 0;
    reached = 0;
    run(&def);
    assert_int_equal(settles, 2);
    assert_int_equal(reached, 4);
}

/* ---- another build ---- */

#define SUBJECTS 2300 /* of each of both partitions more than two portions */

static uint64_t build;
static unsigned worked[SUBJECTS], portions, killed_at; /* the portion that is dropped with the process, 0: none */

static int apply_subject(struct step *s, const struct bus_event *event, const void *record, struct err *e)
{
    (void)record;
    return store_put(s->txn, STEP_TABLE(s, 0), event->key, SLICE("x"), e);
}

static int idle_reasks(struct step *s, struct err *e)
{
    const struct reask w = {
        .identity = build, .asked = STEP_TABLE(s, 1), .subjects = STEP_TABLE(s, 0), .kind = 0, .priority = 9};
    int more = reask(s, &w, e);
    portions += more == 1;
    return more == 1 && portions == killed_at ? err_set(e, ERR_FATAL, 0, "killed") : more;
}

static int settle_counts(struct step *s, struct slice subject, struct err *e)
{
    uint64_t n;
    (void)s, (void)e;
    assert_true(slice_parse_u64(slice_from(subject, 5), &n) && n < SUBJECTS);
    worked[n]++;
    return 0;
}

static const struct stage_input exemptions[] = {{TOPIC_EXEMPTIONS, false, apply_subject}};
static const struct stage_work counted[] = {{.name = "counted", .settle = settle_counts}};
static const char *const subject_tables[] = {"subjects", "asked"};
/* As it was before there was a table of who asked. */
static const struct stage_def older_build = {.name = "upgraded",
                                             .format = 1,
                                             .inputs = exemptions,
                                             .inputs_n = ARRAY_LEN(exemptions),
                                             .works = counted,
                                             .works_n = ARRAY_LEN(counted),
                                             .tables = subject_tables,
                                             .tables_n = 1};

static void produce_subjects(void)
{
    struct bus *b;
    struct err e = ERR_INIT;
    assert_int_equal(bus_open(url, NULL, &b, &e), 0);
    for (unsigned i = 0; i < SUBJECTS; i++) {
        char key[24];
        snprintf(key, sizeof key, "layer%u", i);
        uint32_t k = topic_partition(TOPIC_EXEMPTIONS, slice_str(key), 2);
        assert_int_equal(bus_produce(b, TOPIC_EXEMPTIONS, k, slice_str(key), SLICE_NONE, 0, &e), 0);
    }
    assert_int_equal(bus_flush(b, 10000, &e), 0);
    bus_close(b);
}

/* So often was each subject worked on since the last check. */
static void check_worked(unsigned least, unsigned most)
{
    for (unsigned i = 0; i < SUBJECTS; i++)
        if (worked[i] < least || worked[i] > most)
            fail_msg("layer%u was worked on %u times", i, worked[i]);
    memset(worked, 0, sizeof worked);
}

static void run_build(uint64_t identity)
{
    struct stage_def def = older_build;
    def.tables_n = ARRAY_LEN(subject_tables);
    def.idle = idle_reasks;
    build = identity;
    portions = killed_at = 0;
    run(&def);
}

/* The first round of both partitions is committed, the first portion of the second one is not. */
static void run_killed(uint64_t identity)
{
    struct err e = ERR_INIT;
    struct stage_def def = older_build;
    const struct runner_config config = {.bus_url = url, .state_dir = state_dir, .workers = 1, .until_idle = true};
    def.tables_n = ARRAY_LEN(subject_tables);
    def.idle = idle_reasks;
    build = identity;
    portions = 0;
    killed_at = 3;
    assert_true(runner_run(&def, &config, &e) < 0);
    assert_int_equal(portions, 3);
}

/* Each build asks once for all that is kept, also where state has no table for that yet. */
static void test_another_build(void **state)
{
    (void)state;
    memset(worked, 0, sizeof worked);
    produce_subjects();
    run(&older_build);
    check_worked(0, 0);
    run_build(1);
    check_worked(1, 1);
    assert_int_equal(portions, 4);
    run_build(1);
    check_worked(0, 0);
    run_build(2);
    check_worked(1, 1);
    run_build(2);
    check_worked(0, 0);
}

/* A process that was killed goes on behind the last portion; another build begins with the first. */
static void test_another_build_killed(void **state)
{
    (void)state;
    memset(worked, 0, sizeof worked);
    produce_subjects();
    run(&older_build);
    run_killed(1);
    run_build(1);
    check_worked(1, 1);
    assert_int_equal(portions, 2);
    run_killed(2);
    memset(worked, 0, sizeof worked);
    run_build(3);
    check_worked(1, 2); /* what was still to be done is done at once */
    assert_int_equal(portions, 4);
    run_build(3);
    check_worked(0, 0);
}

/* ---- keys ---- */

static void test_part_keys(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT(4096);
    unsigned part = 99;
    assert_true(slice_eq_str(topic_part_key(&a, SLICE("sha256:1"), 0), "sha256:1"));
    assert_true(slice_eq_str(topic_part_key(&a, SLICE("sha256:1"), 12), "sha256:1,part 12"));
    assert_true(topic_part_parse(SLICE("sha256:1"), 5, &part));
    assert_int_equal(part, 0);
    assert_true(topic_part_parse(SLICE("sha256:1,part 5"), 5, &part));
    assert_int_equal(part, 5);
    static const char *const wrong[] = {"sha256:1,part 6", "sha256:1,5", "sha256:1,", "sha256:1,part ",
                                        "sha256:1,part 1x"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        if (topic_part_parse(slice_str(wrong[i]), 5, &part))
            fail_msg("%s was taken", wrong[i]);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_idle_repeated, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_dead_letters, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_foreign_keys, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_position, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_behind_asked_again, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_floor, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_another_build, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_another_build_killed, folder_setup, folder_teardown),
        cmocka_unit_test(test_part_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
