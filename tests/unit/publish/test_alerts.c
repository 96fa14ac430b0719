/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of an image, and that what was told is the same whether it is remembered or read back. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/known_image.h"
#include "publish/told.h"

/* One partition's tables of what was told, and the log of alerts that they are a view of. */
struct world {
    struct store *store;
    store_table tables[TOLD_TABLES];
    alert_vec log;
    char dir[64];
};

static void world_open(struct world *w)
{
    static const char *const names[] = {"findings", "places", "images"};
    struct err e = ERR_INIT;
    snprintf(w->dir, sizeof w->dir, "/tmp/careen-test-alerts-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    assert_int_equal(store_open(w->dir, &(struct store_options){.sync = STORE_SYNC_OFF, .tables = 8}, &w->store, &e),
                     0);
    assert_int_equal(store_tables_open(w->store, names, TOLD_TABLES, w->tables, &e), 0);
}

static void world_close(struct world *w)
{
    struct err e = ERR_INIT;
    store_close(w->store);
    store_wipe(w->dir, &e);
    rmdir(w->dir);
}

static struct step begin(struct world *w)
{
    struct err e = ERR_INIT;
    struct step s = {.arena = &arena};
    assert_int_equal(store_begin(w->store, true, &s.txn, &e), 0);
    return s;
}

/* Settles as publish does; what was told goes to the log. */
static alert_vec settle(struct world *w, const struct known_image *k, int64_t at_ms)
{
    struct err e = ERR_INIT;
    struct step s = begin(w);
    struct told_image told;
    struct told_after after;
    alert_vec v = {0};
    assert_int_equal(told_load(&s, w->tables, k->digest, &told, &e), 0);
    assert_int_equal(assess_alerts(k, &told, at_ms, &arena, &v, &after, &e), 0);
    for (size_t i = 0; i < v.n; i++) {
        *VEC_ADD(&arena, &w->log) = v.v[i];
        assert_int_equal(told_take(&s, w->tables, &v.v[i], &e), 1);
    }
    assert_int_equal(told_settled(&s, w->tables, k, &told, &after, &e), 0);
    assert_int_equal(store_commit(s.txn, &e), 0);
    return v;
}

/* The log is read back, from the beginning: into lost state, or as an echo into state that has it all. */
static size_t read_back(struct world *w, const alert_vec *log)
{
    struct err e = ERR_INIT;
    struct step s = begin(w);
    size_t changed = 0;
    for (size_t i = 0; i < log->n; i++) {
        int rc = told_take(&s, w->tables, &log->v[i], &e);
        assert_true(rc >= 0);
        changed += (size_t)rc;
    }
    assert_int_equal(store_commit(s.txn, &e), 0);
    return changed;
}

/* Nothing is told anew by who remembers, nor by who lost everything and read the log. */
static void assert_quiet(struct world *w, const struct known_image *k)
{
    struct world lost = {0};
    assert_int_equal(settle(w, k, 1).n, 0);
    assert_int_equal(read_back(w, &w->log), 0);
    assert_int_equal(settle(w, k, 1).n, 0);
    world_open(&lost);
    read_back(&lost, &w->log);
    assert_int_equal(settle(&lost, k, 1).n, 0);
    read_back(&lost, &w->log);
    assert_int_equal(settle(&lost, k, 1).n, 0);
    world_close(&lost);
}

static void package_add(struct known_image *k)
{
    struct package *p = VEC_ADD(&arena, &k->packages);
    *p = (struct package){.type = PKG_DPKG, .name = SLICE("openssl"), .version = SLICE("1.0-1")};
}

static struct known_image two_findings(void)
{
    struct known_image k = known_new();
    package_add(&k);
    finding_add(&k, "CVE-2", SEVERITY_LOW, "");
    finding_add(&k, "CVE-1", SEVERITY_HIGH, "1.0-2");
    k.knowledge[1] = (struct vulnerability){.id = SLICE("CVE-1"),
                                            .summary = SLICE("Overflow in a parser"),
                                            .kev = true,
                                            .kev_added = SLICE("2026-01-02"),
                                            .epss = 0.5};
    return k;
}

static void image_add(struct known_image *k, const char *repository)
{
    struct image *im = VEC_ADD(&arena, &k->images);
    *im = (struct image){.registry = SLICE("r.example"), .repository = slice_str(repository)};
}

static void workload_add(struct known_image *k)
{
    struct workload *w = VEC_ADD(&arena, &k->workloads);
    *w = (struct workload){
        .cluster = SLICE("prod"), .ns = SLICE("shop"), .owner = SLICE("web"), .container = SLICE("app"), .running = 2};
}

static void expect(const struct alert *t, enum alert_kind kind, enum alert_cause cause, const char *vulnerability,
                   int sequence)
{
    assert_string_equal(alert_kind_names[t->kind], alert_kind_names[kind]);
    assert_string_equal(alert_cause_names[t->cause_code], alert_cause_names[cause]);
    assert_true(slice_eq_str(t->vulnerability, vulnerability));
    assert_int_equal(t->sequence, sequence);
    assert_true(t->cause.n > 0);
    assert_int_equal(t->id.n, 32);
}

static void test_a_new_image(void **state)
{
    struct world *w = *state;
    struct known_image k = two_findings();
    k.images.v[0].pushed_ms = 5;
    k.images.v[0].first_seen_ms = 7;
    alert_vec v = settle(w, &k, 77);
    assert_int_equal(v.n, 3);
    expect(&v.v[0], ALERT_ADDED, ALERT_IMAGE_PUSHED, "", 1);
    assert_true(slice_eq_str(v.v[0].resources.v[0], "r.example/team/app@sha256:1"));
    assert_int_equal(v.v[0].findings, 2);
    assert_int_equal(v.v[0].high, 1);
    assert_int_equal(v.v[0].low, 1);
    assert_int_equal(v.v[0].severity, SEVERITY_HIGH);
    assert_true(v.v[0].known_exploited);
    expect(&v.v[1], ALERT_APPEARED, ALERT_IMAGE_PUSHED, "CVE-1", 1);
    assert_true(slice_eq_str(v.v[1].title, "Overflow in a parser"));
    assert_true(slice_eq_str(v.v[1].link, "https://www.cve.org/CVERecord?id=CVE-1"));
    assert_true(slice_eq_str(v.v[1].kev_added, "2026-01-02"));
    assert_true(slice_eq_str(v.v[1].type, "dpkg"));
    assert_true(v.v[1].known_exploited && v.v[1].counted);
    assert_int_equal(v.v[1].at_ms, 77);
    assert_int_equal(v.v[1].resources.n, 1);
    expect(&v.v[2], ALERT_APPEARED, ALERT_IMAGE_PUSHED, "CVE-2", 1);
    assert_true(v.v[2].epss < 0);
    assert_quiet(w, &k);
}

/* Which of an image's places is seen first makes no difference to what is told. */
static void test_the_order_of_places_makes_no_difference(void **state)
{
    struct world *w = *state, other = {0};
    struct known_image k = two_findings(), both = two_findings();
    workload_add(&both);
    image_add(&both, "copy/app");
    world_open(&other);
    settle(&other, &both, 1);
    settle(w, &k, 1);
    workload_add(&k);
    settle(w, &k, 2);
    image_add(&k, "copy/app");
    settle(w, &k, 3);
    assert_int_equal(w->log.n, 5);
    assert_int_equal(other.log.n, 5);
    for (size_t i = 0; i < w->log.n; i++) {
        size_t same = 0;
        for (size_t j = 0; j < other.log.n; j++)
            same += slice_eq(w->log.v[i].id, other.log.v[j].id);
        assert_int_equal(same, 1);
    }
    expect(&w->log.v[3], ALERT_ADDED, ALERT_WORKLOAD_STARTED, "", 1);
    expect(&w->log.v[4], ALERT_ADDED, ALERT_IMAGE_ADDED_TO_REPOSITORY, "", 1);
    assert_true(slice_eq_str(w->log.v[3].resources.v[0], "prod/shop/web/app@sha256:1"));
    assert_quiet(w, &k);
    world_close(&other);
}

static void test_changes_say_what_changed(void **state)
{
    struct world *w = *state;
    struct known_image k = two_findings();
    settle(w, &k, 1);
    k.findings.findings.v[0].severity = SEVERITY_CRITICAL;
    alert_vec v = settle(w, &k, 2);
    assert_int_equal(v.n, 1);
    expect(&v.v[0], ALERT_CHANGED, ALERT_ADVISORY_CHANGED, "CVE-2", 2);
    assert_true(slice_eq_str(v.v[0].cause, "its severity changed"));
    assert_int_equal(v.v[0].old_severity, SEVERITY_LOW);
    assert_true(slice_eq_str(v.v[0].old_verdict, "affected"));
    k.findings.findings.v[0].fixed_version = SLICE("2");
    v = settle(w, &k, 3);
    expect(&v.v[0], ALERT_CHANGED, ALERT_FIX_PUBLISHED, "CVE-2", 3);
    k.knowledge[0] = (struct vulnerability){.id = SLICE("CVE-2"), .kev = true};
    v = settle(w, &k, 4);
    expect(&v.v[0], ALERT_CHANGED, ALERT_EXPLOITED, "CVE-2", 4);
    VEC_ADD(&arena, &k.knowledge[0].exploits)->source = SLICE("exploit-db");
    v = settle(w, &k, 5);
    expect(&v.v[0], ALERT_CHANGED, ALERT_EXPLOIT_PUBLISHED, "CVE-2", 5);
    finding_add(&k, "CVE-3", SEVERITY_LOW, "");
    v = settle(w, &k, 6);
    assert_int_equal(v.n, 1);
    expect(&v.v[0], ALERT_APPEARED, ALERT_ADVISORY_CHANGED, "CVE-3", 1);
    package_add(&k);
    finding_add(&k, "CVE-4", SEVERITY_LOW, "");
    v = settle(w, &k, 7);
    expect(&v.v[0], ALERT_APPEARED, ALERT_INVENTORY_CHANGED, "CVE-4", 1);
    assert_quiet(w, &k);
}

static void test_resolved_says_why(void **state)
{
    struct world *w = *state;
    struct known_image k = two_findings();
    const struct vulnerability withdrawn = {.id = SLICE("CVE-2"), .withdrawn = true};
    bool exempted[] = {true, false};
    settle(w, &k, 1);
    k.exempted = exempted;
    alert_vec v = settle(w, &k, 2);
    assert_int_equal(v.n, 1);
    expect(&v.v[0], ALERT_RESOLVED, ALERT_EXEMPTED, "CVE-2", 2);
    k.exempted = NULL;
    expect(&settle(w, &k, 3).v[0], ALERT_APPEARED, ALERT_ADVISORY_CHANGED, "CVE-2", 3);
    struct finding first = k.findings.findings.v[0];
    k.findings.findings.v[0] = k.findings.findings.v[1];
    k.knowledge[0] = k.knowledge[1];
    k.findings.findings.n = 1;
    v = settle(w, &k, 4);
    assert_int_equal(v.n, 1);
    expect(&v.v[0], ALERT_RESOLVED, ALERT_ADVISORY_CHANGED, "CVE-2", 4);
    alert_know(&v.v[0], &withdrawn, &arena);
    expect(&v.v[0], ALERT_RESOLVED, ALERT_ADVISORY_WITHDRAWN, "CVE-2", 4);
    k.findings.findings.n = 0;
    k.packages.n = 0;
    expect(&settle(w, &k, 5).v[0], ALERT_RESOLVED, ALERT_INVENTORY_CHANGED, "CVE-1", 2);
    assert_quiet(w, &k);
    (void)first;
}

/* The same finding that appears again is another event; the same event told again is the same alert. */
static void test_what_happens_again_has_another_id(void **state)
{
    struct world *w = *state, lost = {0};
    struct known_image k = two_findings();
    settle(w, &k, 1);
    for (int i = 0; i < 3; i++) {
        k.findings.findings.n = 1;
        settle(w, &k, 2);
        k.findings.findings.n = 2;
        settle(w, &k, 3);
    }
    assert_int_equal(w->log.n, 9);
    for (size_t i = 0; i < w->log.n; i++)
        for (size_t j = 0; j < i; j++)
            assert_false(slice_eq(w->log.v[i].id, w->log.v[j].id));
    assert_quiet(w, &k);
    /* Lost before the last was told: told again, with the same id. */
    world_open(&lost);
    alert_vec most = {.v = w->log.v, .n = w->log.n - 1};
    read_back(&lost, &most);
    alert_vec v = settle(&lost, &k, 9);
    assert_int_equal(v.n, 1);
    assert_true(slice_eq(v.v[0].id, w->log.v[w->log.n - 1].id));
    expect(&v.v[0], ALERT_APPEARED, ALERT_CAUSE_UNKNOWN, "CVE-1", 7);
    world_close(&lost);
}

/* An image that goes is one alert for each place, with the place; not a fix of all its findings. */
static void test_an_image_that_goes_and_comes_back(void **state)
{
    struct world *w = *state;
    struct known_image k = two_findings();
    workload_add(&k);
    settle(w, &k, 1);
    assert_int_equal(w->log.n, 4);
    k.images.n = 0;
    alert_vec v = settle(w, &k, 2);
    assert_int_equal(v.n, 1);
    expect(&v.v[0], ALERT_GONE, ALERT_IMAGE_DELETED, "", 2);
    assert_int_equal(v.v[0].places_left, 1);
    assert_int_equal(v.v[0].findings, 2);
    assert_quiet(w, &k);
    k.workloads.n = 0;
    k.has_inventory = k.has_findings = false;
    v = settle(w, &k, 3);
    assert_int_equal(v.n, 1);
    expect(&v.v[0], ALERT_GONE, ALERT_WORKLOAD_STOPPED, "", 3);
    assert_int_equal(v.v[0].places_left, 0);
    assert_int_equal(v.v[0].findings, 2);
    assert_true(slice_eq_str(v.v[0].resources.v[0], "prod/shop/web/app@sha256:1"));
    assert_quiet(w, &k);
    k = two_findings();
    v = settle(w, &k, 4);
    assert_int_equal(v.n, 3);
    expect(&v.v[0], ALERT_ADDED, ALERT_IMAGE_FOUND, "", 4);
    expect(&v.v[1], ALERT_APPEARED, ALERT_IMAGE_FOUND, "CVE-1", 4);
    for (size_t i = 0; i < w->log.n; i++)
        for (size_t j = 0; j < i; j++)
            assert_false(slice_eq(w->log.v[i].id, w->log.v[j].id));
    assert_quiet(w, &k);
}

/* Places of an image without findings alarm nobody, then or later. */
static void test_a_healthy_image_is_quiet(void **state)
{
    struct world *w = *state;
    struct known_image k = known_new();
    package_add(&k);
    assert_int_equal(settle(w, &k, 1).n, 0);
    image_add(&k, "copy/app");
    assert_int_equal(settle(w, &k, 2).n, 0);
    finding_add(&k, "CVE-1", SEVERITY_HIGH, "2");
    alert_vec v = settle(w, &k, 3);
    assert_int_equal(v.n, 1);
    expect(&v.v[0], ALERT_APPEARED, ALERT_ADVISORY_CHANGED, "CVE-1", 1);
    assert_int_equal(v.v[0].resources.n, 2);
    assert_quiet(w, &k);
    k.findings.findings.n = 0;
    settle(w, &k, 4);
    k.images.n = 0;
    assert_int_equal(settle(w, &k, 5).n, 0);
    assert_quiet(w, &k);
}

static void test_waiting_takes_nothing_back(void **state)
{
    struct world *w = *state;
    struct known_image k = two_findings();
    settle(w, &k, 1);
    k.has_findings = false;
    assert_int_equal(settle(w, &k, 2).n, 0);
    image_add(&k, "copy/app");
    assert_int_equal(settle(w, &k, 3).n, 0);
    k.has_findings = true;
    assert_int_equal(settle(w, &k, 4).n, 1);
    assert_quiet(w, &k);
}

/* What programs before this one wrote has neither sequence nor places. */
/* A layer that can't be had for a while: what is told in the end is what is told of an image that is read at once. */
static void test_what_is_not_read_yet(void **state)
{
    struct world *w = *state, at_once = {0};
    struct known_image whole = two_findings(), failed = known_new(), partial = known_new();
    failed.findings.status = failed.inventory_status = INVENTORY_FAILED;
    partial.findings.status = partial.inventory_status = INVENTORY_PARTIAL;
    struct known_image early = known_new();
    reasons_add(&arena, &early.findings.reasons, REASON_NO_ADVISORIES, SLICE("no advisories of Debian:12 are known"));
    assert_int_equal(settle(w, &failed, 1).n, 0);
    assert_int_equal(settle(w, &early, 1).n, 0);
    assert_int_equal(settle(w, &partial, 2).n, 0);
    alert_vec v = settle(w, &whole, 3);
    world_open(&at_once);
    alert_vec same = settle(&at_once, &whole, 3);
    world_close(&at_once);
    assert_int_equal(v.n, same.n);
    for (size_t i = 0; i < v.n; i++)
        assert_true(slice_eq(v.v[i].id, same.v[i].id));
    expect(&v.v[0], ALERT_ADDED, ALERT_IMAGE_FOUND, "", 1);
    /* Read anew in vain, or in part, it takes nothing back. */
    assert_int_equal(settle(w, &failed, 4).n, 0);
    assert_int_equal(settle(w, &early, 4).n, 0);
    /* Nor does a record of a version whose reasons had no codes: match writes it again. */
    struct known_image older = known_new();
    slice_vec_add(&arena, &older.findings.reasons.texts, SLICE("no advisories of Debian:12 are known"));
    assert_int_equal(settle(w, &older, 4).n, 0);
    assert_int_equal(settle(w, &partial, 5).n, 0);
    /* But what its advisories take back of a package that is seen. */
    package_add(&partial);
    v = settle(w, &partial, 6);
    assert_int_equal(v.n, 2);
    expect(&v.v[0], ALERT_RESOLVED, ALERT_ADVISORY_CHANGED, "CVE-1", 2);
    assert_quiet(w, &partial);
}

static void test_older_alerts(void **state)
{
    struct world *w = *state;
    struct known_image k = two_findings();
    alert_vec log = {0};
    struct alert old = {.image_digest = SLICE("sha256:1"),
                        .vulnerability = SLICE("CVE-1"),
                        .package = SLICE("openssl"),
                        .version = SLICE("1.0-1"),
                        .package_type = SLICE("dpkg"),
                        .severity = SEVERITY_HIGH,
                        .fixed_version = SLICE("1.0-2"),
                        .known_exploited = true};
    slice_vec_add(&arena, &old.resources, SLICE("r.example/team/app@sha256:1"));
    *VEC_ADD(&arena, &log) = old;
    assert_int_equal(read_back(w, &log), 1);
    alert_vec v = settle(w, &k, 1);
    assert_int_equal(v.n, 1);
    expect(&v.v[0], ALERT_APPEARED, ALERT_CAUSE_UNKNOWN, "CVE-2", 1);
}

static void test_rows_round_trip(void **state)
{
    (void)state;
    struct told t = {.vulnerability = SLICE("CVE-1"),
                     .package = SLICE("p"),
                     .version = SLICE("1"),
                     .location = SLICE("x"),
                     .fixed_version = SLICE("2"),
                     .type = PKG_APK,
                     .severity = SEVERITY_MEDIUM,
                     .verdict = VERDICT_WONT_FIX,
                     .known_exploited = true,
                     .there = true,
                     .sequence = 70000};
    struct told_place p = {.resource = SLICE("r/x@sha256:1"), .workload = true, .there = true, .sequence = 3}, p_back;
    struct told back;
    struct buf b = BUF_INIT(4096);
    assert_int_equal(told_encode(&t, &b), 0);
    assert_true(told_decode(buf_slice(&b), &back));
    assert_int_equal(told_order(&t, &back), 0);
    assert_int_equal(back.severity, SEVERITY_MEDIUM);
    assert_int_equal(back.verdict, VERDICT_WONT_FIX);
    assert_int_equal(back.sequence, 70000);
    assert_true(back.known_exploited && back.there && !back.exploit_public);
    for (size_t n = 0; n < b.n; n++)
        assert_false(told_decode(slice_of(b.p, n), &back));
    buf_clear(&b);
    assert_int_equal(told_place_encode(&p, &b), 0);
    assert_true(told_place_decode(buf_slice(&b), &p_back));
    assert_true(p_back.workload && p_back.there);
    assert_int_equal(p_back.sequence, 3);
    for (size_t n = 0; n < b.n; n++)
        assert_false(told_place_decode(slice_of(b.p, n), &p_back));
    buf_done(&b);
}

static int setup(void **state)
{
    static struct world w;
    w = (struct world){0};
    world_open(&w);
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    world_close(*state);
    return 0;
}

static int teardown_group(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_a_new_image),
        T(test_the_order_of_places_makes_no_difference),
        T(test_changes_say_what_changed),
        T(test_resolved_says_why),
        T(test_what_happens_again_has_another_id),
        T(test_an_image_that_goes_and_comes_back),
        T(test_a_healthy_image_is_quiet),
        T(test_waiting_takes_nothing_back),
        T(test_what_is_not_read_yet),
        T(test_older_alerts),
        T(test_rows_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, teardown_group);
}
