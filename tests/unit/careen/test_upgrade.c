/* SPDX-License-Identifier: Apache-2.0 */
/* Pull and inventory over the kept state of an older build: every known layer is asked for once, and nothing is lost.
 */
#include "base/log.h"
#include "inventory/inventory_stage.h"
#include "packages/format.h"
#include "pull/pull_stage.h"
#include "stage/runner/runner_internal.h"

#include <setjmp.h>
#include <cmocka.h>

#include "unit/runner_folder.h"

#define LAYERS 40

static void produce(struct bus *b, enum topic t, struct slice key, const void *record)
{
    struct err e = ERR_INIT;
    struct buf bytes = BUF_INIT(TOPIC_RECORD_MAX);
    assert_int_equal(codec_encode(codec, t, record, &bytes, &e), 0);
    assert_int_equal(bus_produce(b, t, topic_partition(t, key, 2), key, buf_slice(&bytes), 0, &e), 0);
    buf_done(&bytes);
}

/* Layers that were pulled before any collector was known, from a registry that nothing listens for. */
static void produce_layers(unsigned n)
{
    struct bus *b;
    struct err e = ERR_INIT;
    assert_int_equal(bus_open(url, NULL, &b, &e), 0);
    for (unsigned i = 0; i < n; i++) {
        char digest[80], key[160];
        snprintf(digest, sizeof digest, "sha256:%064u", i);
        snprintf(key, sizeof key, "%s,127.0.0.1:1/r@sha256:%064u", digest, 1000 + i);
        const struct layer want = {.digest = slice_str(digest),
                                   .image_digest = slice_str(strchr(key, '@') + 1),
                                   .registry = SLICE("127.0.0.1:1"),
                                   .repository = SLICE("r"),
                                   .size = 1};
        const struct pull receipt = {
            .digest = slice_str(digest), .status = PULL_GOOD, .chunks = 1, .entries = 1, .passes = 1};
        produce(b, TOPIC_LAYERS, slice_str(key), &want);
        produce(b, TOPIC_PULLS, slice_str(digest), &receipt);
    }
    assert_int_equal(bus_flush(b, 10000, &e), 0);
    bus_close(b);
}

/* Ever written: an older one of the same layer may be gone. */
static int64_t receipts(void)
{
    struct bus *b;
    struct err e = ERR_INIT;
    int64_t n = 0;
    assert_int_equal(bus_open(url, NULL, &b, &e), 0);
    for (uint32_t k = 0; k < 2; k++) {
        int64_t low, high;
        assert_int_equal(bus_range(b, TOPIC_PULLS, k, &low, &high, &e), 0);
        n += high;
    }
    bus_close(b);
    return n;
}

static unsigned prepared, finished;
static const struct stage_def *original;
static struct runner *running; /* since a job finished */

/* The older build is content with what there is. */
static int prepare_counts(struct step *s, struct slice subject, void **ret_data, struct err *e)
{
    (void)s, (void)subject, (void)ret_data, (void)e;
    prepared++;
    return 0;
}

static int finish_counts(struct step *s, struct slice subject, void *data, struct err *e)
{
    finished++;
    running = s->runner;
    return original->works[0].finish(s, subject, data, e);
}

/* Called once what finish did is committed. */
static void discard_stops(void *data)
{
    original->works[0].discard(data);
    if (running)
        running->stop = 1;
}

/* Runs def with its job's steps exchanged; how often prepare was called when it is. */
static unsigned run(const struct stage_def *def, bool older, bool truly)
{
    static const struct pull_config pull = {.workers = 1};
    struct err e = ERR_INIT;
    struct stage_work works[4];
    struct stage_def made = *def;
    const struct runner_config config = {
        .bus_url = url, .state_dir = state_dir, .workers = 1, .until_idle = true, .stage_config = &pull};
    assert_true(def->works_n <= ARRAY_LEN(works));
    memcpy(works, def->works, def->works_n * sizeof *works);
    if (truly) {
        works[0].finish = finish_counts;
        works[0].discard = discard_stops;
    } else {
        works[0].prepare = prepare_counts;
    }
    made.works = works;
    if (older) {
        made.idle = NULL;
        made.tables_n--; /* the last one is that of who asked */
    }
    original = def;
    prepared = finished = 0;
    running = NULL;
    log_setup(LOG_OFF, "test");
    if (runner_run(&made, &config, &e))
        fail_msg("%s", e.text);
    return prepared;
}

static void check_asks_once(const struct stage_def *def)
{
    produce_layers(LAYERS);
    assert_true(run(def, true, false) >= LAYERS); /* as they came */
    assert_int_equal(run(def, true, false), 0);
    assert_int_equal(run(def, false, false), LAYERS);
    assert_int_equal(run(def, false, false), 0);
}

static void test_pull_asks_once(void **state)
{
    (void)state;
    check_asks_once(&pull_stage);
}

static void test_inventory_asks_once(void **state)
{
    (void)state;
    check_asks_once(&inventory_stage);
}

/* The receipt of a layer that can't be had again stays as it is. */
static void test_evidence_stays(void **state)
{
    (void)state;
    produce_layers(1);
    assert_true(run(&pull_stage, true, false) >= 1);
    run(&pull_stage, false, true);
    assert_int_equal(finished, 1);
    assert_int_equal(receipts(), 1);
}

/* Another order, name or version of formats is another build; the same ones are not. */
static void test_formats_identity(void **state)
{
    (void)state;
    static const struct package_format a1 = {.name = "a", .keeps_version = 1}, a2 = {.name = "a", .keeps_version = 2},
                                       b1 = {.name = "b", .keeps_version = 1},
                                       again = {.name = "a", .keeps_version = 1, .reads_version = 7};
    const struct package_format *const one[] = {&a1, NULL}, *const same[] = {&again, NULL},
                                       *const raised[] = {&a2, NULL}, *const named[] = {&b1, NULL},
                                       *const more[] = {&a1, &b1, NULL};
    assert_true(formats_identity(one) == formats_identity(same));
    assert_true(formats_identity(one) != formats_identity(raised));
    assert_true(formats_identity(one) != formats_identity(named));
    assert_true(formats_identity(one) != formats_identity(more));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pull_asks_once, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_inventory_asks_once, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_evidence_stays, folder_setup, folder_teardown),
        cmocka_unit_test(test_formats_identity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
