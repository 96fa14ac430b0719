/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/match_facts.h"

static void test_findings_appear_change_and_go(void **state)
{
    (void)state;
    struct findings f;
    advisory("openssl", "A-1", "2");
    image_seen(1, "r/a", w->now_ms, 0);
    inventory(1, "openssl 1 1;bash 5 2;openssl 1 2;openssl 1 1");
    world_settle(w);
    assert_string_equal(out(1), "A-1 openssl 1 8");
    assert_true(world_out(w, digest(1), &f));
    assert_int_equal(f.packages, 3);
    assert_int_equal(f.status, INVENTORY_COMPLETE);
    assert_int_equal(f.parts, 1);
    assert_true(slice_eq(f.ecosystem, S("Debian:12")));
    assert_true(slice_eq(f.findings.v[0].rule, S("dpkg source openssl 1 < 2 (A-1)")));
    assert_true(slice_eq(f.findings.v[0].location, S("var/lib/dpkg/status")));
    advisory("bash", "A-2", "6");
    world_settle(w);
    assert_string_equal(out(1), "A-1 openssl 1 8;A-2 bash 5 9");
    advisory("openssl", "A-1", NULL);
    world_settle(w);
    assert_string_equal(out(1), "A-2 bash 5 9");
    inventory(1, "openssl 1 1");
    world_settle(w);
    assert_string_equal(out(1), "");
}

static void test_a_change_costs_its_hits(void **state)
{
    (void)state;
    advisory("a", "A-0", "0.1");
    for (unsigned i = 1; i <= 40; i++) {
        char packages[64];
        snprintf(packages, sizeof packages, "a %u;b 1;c%u 1", i % 4 + 1, i);
        image_seen(i, "r/a", w->now_ms, 0);
        inventory(i, packages);
    }
    world_settle(w);
    assert_int_equal(w->emitted, 40);
    int64_t judged = match_judged.value;
    uint64_t settled = w->settled;
    /* Only version 1 is hit: ten images. Four packages are named a. */
    advisory("a", "A-1", "2");
    world_settle(w);
    assert_int_equal(w->emitted, 50);
    assert_int_equal(match_judged.value - judged, 4);
    assert_int_equal(w->settled - settled, 11);
    /* The same again, and one that hits nobody. */
    advisory("a", "A-1", "2");
    advisory("zlib", "A-2", "2");
    world_settle(w);
    assert_int_equal(w->emitted, 50);
    assert_int_equal(match_judged.value - judged, 4);
}

static void test_lost_state_gives_the_same_answer(void **state)
{
    (void)state;
    advisory("a", "A-1", "2");
    for (unsigned i = 1; i <= 10; i++) {
        image_seen(i, "r/a", w->now_ms, 0);
        inventory(i, i % 2 ? "a 1 1;b 1 2" : "a 2 1");
    }
    world_settle(w);
    uint64_t emitted = w->emitted;
    world_lose_state(w);
    world_settle(w);
    assert_int_equal(w->emitted, emitted);
    assert_int_equal(w->tombstones, 0);
    assert_string_equal(out(1), "A-1 a 1 8");
    /* What went while nobody looked: the record is out, its image is not. */
    for (unsigned i = 0; i < 2; i++) {
        struct findings f = {.image_digest = digest(99), .ecosystem = S("Debian:12"), .parts = 1};
        W(codec_encode(w->runner.codec, TOPIC_FINDINGS, &f, (buf_clear(&w->value), &w->value), &we));
        W(store_put(w->bus_txn, w->outputs, digest(99), buf_slice(&w->value), &we));
        world_commit(w);
        world_lose_state(w);
        world_settle(w);
        assert_string_equal(out(99), "-");
    }
    assert_int_equal(w->emitted, emitted);
}

static void test_gone_images_are_forgotten(void **state)
{
    (void)state;
    advisory("a", "A-1", "2");
    image_seen(1, "r/a", w->now_ms, 0);
    image_seen(1, "r/b", w->now_ms, 0);
    workload(1, 2);
    inventory(1, "a 1 1;b 1 1");
    world_settle(w);
    assert_string_equal(out(1), "A-1 a 1 8");
    image_gone(1, "r/a");
    world_settle(w);
    image_gone(1, "r/b");
    world_settle(w);
    /* It still runs. */
    assert_string_equal(out(1), "A-1 a 1 8");
    workload(1, -1);
    world_settle(w);
    assert_string_equal(out(1), "-");
    assert_int_equal(w->tombstones, 1);
    /* It comes back while its inventory never went. */
    image_seen(1, "r/b", w->now_ms, 0);
    world_settle(w);
    assert_string_equal(out(1), "A-1 a 1 8");
    image_gone(1, "r/b");
    world_give(w, TOPIC_INVENTORIES, digest(1), NULL);
    world_settle(w);
    assert_string_equal(out(1), "-");
    static const unsigned empty[] = {T_IMAGES,   T_WORKLOADS,   T_INVENTORIES, T_IMAGE_IDS, T_IMAGE_KEYS,
                                     T_PACKAGES, T_PACKAGE_IDS, T_NAMES,       T_POSTINGS,  T_VERDICTS};
    for (size_t i = 0; i < ARRAY_LEN(empty); i++)
        assert_int_equal(rows(empty[i]), 0);
}

static void test_packages_are_shared(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 300; i++) {
        image_seen(i, "r/a", w->now_ms, 0);
        inventory(i, "a 1 1;b 1 1;c 1 2");
    }
    world_settle(w);
    assert_int_equal(rows(T_PACKAGES), 4); /* and the one of the ecosystem */
    assert_int_equal(rows(T_VERDICTS), 4);
    assert_int_equal(rows(T_POSTINGS), 4);
    inventory(7, "a 1 1;d 1 1");
    assert_int_equal(rows(T_PACKAGES), 5);
    inventory(7, "a 1 1");
    assert_int_equal(rows(T_PACKAGES), 4);
    /* Layers move without packages changing. */
    advisory("a", "A-1", "2");
    world_settle(w);
    inventory(7, "a 1 2");
    world_settle(w);
    assert_string_equal(out(7), "A-1 a 1 9");
    assert_string_equal(out(8), "A-1 a 1 8");
}

static void test_the_window(void **state)
{
    (void)state;
    advisory("a", "A-1", "2");
    image_seen(1, "r/a", w->now_ms - 91 * DAY, w->now_ms - 31 * DAY);
    image_seen(2, "r/a", w->now_ms - 89 * DAY, 0);
    image_seen(3, "r/a", w->now_ms - 200 * DAY, w->now_ms - 29 * DAY);
    image_seen(4, "r/a", w->now_ms - 200 * DAY, 0);
    workload(4, 1);
    image_seen(5, "r/a", w->now_ms - 200 * DAY, 0);
    workload(5, 0);
    for (unsigned i = 1; i <= 5; i++)
        inventory(i, "a 1 1");
    world_settle(w);
    /* A new inventory is assessed wherever its image stands. */
    for (unsigned i = 1; i <= 5; i++)
        assert_string_equal(out(i), "A-1 a 1 8");
    advisory("a", "A-2", "2");
    world_settle(w);
    static const char *const old = "A-1 a 1 8", *const fresh = "A-1 a 1 8;A-2 a 1 8";
    assert_string_equal(out(1), old);
    assert_string_equal(out(2), fresh);
    assert_string_equal(out(3), fresh);
    assert_string_equal(out(4), fresh);
    assert_string_equal(out(5), old);
    image_seen(1, "r/a", w->now_ms - 91 * DAY, w->now_ms);
    workload(5, 1);
    world_settle(w);
    assert_string_equal(out(1), fresh);
    assert_string_equal(out(5), fresh);
}

/* The one package that has findings gets the verdict of those that have none. */
static void spoil_shared_verdict(void)
{
    finding_vec none = {0};
    struct reasons why = {0};
    struct buf b = BUF_INIT(100);
    struct slice key, value;
    struct store_iter it;
    assert_int_equal(verdict_encode(&none, &why, &b), 0);
    uint32_t a = UINT32_MAX;
    store_iter_init(&it, w->txn, w->tables[T_VERDICTS], SLICE(""), SLICE_NONE);
    struct err e = ERR_INIT;
    while (store_iter_next(&it, &key, &value, &e) == 1)
        if (!slice_eq(value, buf_slice(&b)))
            a = key_get_u32(key.p);
    store_iter_done(&it);
    assert_true(a != UINT32_MAX);
    uint8_t number[4];
    key_u32(number, a);
    W(store_put(w->txn, w->tables[T_VERDICTS], slice_of(number, 4), buf_slice(&b), &we));
    buf_done(&b);
}

static void test_rescan_proves_and_repairs(void **state)
{
    (void)state;
    char packages[32];
    advisory("a", "A-1", "2");
    for (unsigned i = 1; i <= 200; i++) {
        snprintf(packages, sizeof packages, "a 1 1;p%u 1", i);
        image_seen(i, "r/a", w->now_ms, 0);
        inventory(i, packages);
    }
    world_settle(w);
    int64_t done = match_rescans.value, images = match_rescan_images.value, seen = match_rescan_packages.value;
    int64_t differences = match_rescan_differences.value;
    uint64_t emitted = w->emitted;
    tick_at(1000);
    world_settle(w);
    assert_int_equal(match_rescans.value, done + 1);
    assert_int_equal(match_rescan_images.value, images + 200);
    assert_int_equal(match_rescan_packages.value, seen + 202);
    assert_int_equal(match_rescan_differences.value, differences);
    assert_int_equal(w->emitted, emitted);
    /* The same tick again, as after a replay, is done already. */
    tick_at(1000);
    world_settle(w);
    assert_int_equal(match_rescans.value, done + 1);
    /* A wrong verdict of the package that all share: once as such, and then the images are right again. */
    spoil_shared_verdict();
    tick_at(2000);
    world_settle(w);
    assert_int_equal(match_rescan_differences.value, differences + 1);
    assert_string_equal(out(5), "A-1 a 1 8");
    assert_int_equal(w->emitted, emitted);
    /* An image whose record is not what it should be. */
    struct image_key k;
    uint8_t row[24] = {1};
    W(match_image_key_of(digest(3), &k, &we));
    W(store_put(w->txn, w->tables[T_OUT], match_image_key_part(&k, 0), slice_of(row, sizeof row), &we));
    tick_at(3000);
    world_settle(w);
    assert_int_equal(match_rescan_differences.value, differences + 2);
    assert_int_equal(w->emitted, emitted + 1);
    /* A change that waits while the rescan runs is no difference. */
    tick_at(4000);
    advisory("a", "A-2", "3");
    while (world_work_one(w) && match_rescans.value < done + 3 && w->settled < 5000)
        ;
    assert_int_equal(match_rescans.value, done + 3);
    world_settle(w);
    assert_int_equal(match_rescans.value, done + 4);
    assert_int_equal(match_rescan_differences.value, differences + 2);
    assert_string_equal(out(5), "A-1 a 1 8;A-2 a 1 8");
}

static void test_parts_of_an_inventory(void **state)
{
    (void)state;
    advisory("a", "A-1", "2");
    advisory("b", "A-2", "2");
    image_seen(1, "r/a", w->now_ms, 0);
    inventory_part(1, "Debian:12", "b 1 2;a 1 1", 1, 2);
    world_settle(w);
    assert_string_equal(out(1), "-");
    inventory_part(1, "Debian:12", "a 1 1;c 1 1", 0, 2);
    world_settle(w);
    assert_string_equal(out(1), "A-1 a 1 8;A-2 b 1 9");
    /* One part now: the other's packages are gone with it. */
    inventory_part(1, "Debian:12", "a 1 1", 0, 1);
    char key[100];
    snprintf(key, sizeof key, "%.*s,part 1", SLICE_FMT(digest(1)));
    world_give(w, TOPIC_INVENTORIES, S(key), NULL);
    world_settle(w);
    assert_string_equal(out(1), "A-1 a 1 8");
    assert_int_equal(rows(T_PACKAGES), 2);
}

static void test_findings_of_several_records(void **state)
{
    (void)state;
    static char padding[60000];
    memset(padding, 'x', sizeof padding - 1);
    struct version_range range = {S("0"), SLICE_NONE, SLICE_NONE};
    char id[32], key[100];
    image_seen(1, "r/a", w->now_ms, 0);
    inventory(1, "a 1 1");
    for (int i = 0; i < 160; i++) {
        struct score score = {S("s"), S("note"), S(padding)};
        snprintf(id, sizeof id, "CVE-2020-%04d", i);
        snprintf(key, sizeof key, "Debian:12,a,%s", id);
        struct slice cve = S(id);
        struct advisory a = {.ecosystem = S("Debian:12"),
                             .package = S("a"),
                             .id = S(id),
                             .feed = S("f"),
                             .ranges = {&range, 1, 1},
                             .cves = {&cve, 1, 1},
                             .scores = {&score, 1, 1}};
        world_give(w, TOPIC_ADVISORIES, S(key), &a);
    }
    world_settle(w);
    struct findings f;
    size_t all = 0;
    int parts = 1;
    for (int i = 0; i < parts; i++) {
        snprintf(key, sizeof key, i ? "%.*s,part %d" : "%.*s", SLICE_FMT(digest(1)), i);
        assert_true(world_out(w, S(key), &f));
        assert_int_equal(f.part, i);
        parts = f.parts;
        for (size_t n = 0; n < f.findings.n; n++, all++) {
            snprintf(id, sizeof id, "CVE-2020-%04d", (int)all);
            assert_true(slice_eq_str(f.findings.v[n].vulnerability, id));
        }
        arena_reset(&w->records);
    }
    assert_int_equal(parts, 4);
    assert_int_equal(all, 160);
    uint64_t emitted = w->emitted;
    world_lose_state(w);
    world_settle(w);
    assert_int_equal(w->emitted, emitted);
    /* Fewer: the parts that are left over go. */
    inventory(1, "b 1 1");
    world_settle(w);
    assert_int_equal(w->tombstones, 3);
    assert_string_equal(out(1), "");
    assert_false(world_out(w, S(key), &f));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_findings_appear_change_and_go),
        T(test_a_change_costs_its_hits),
        T(test_lost_state_gives_the_same_answer),
        T(test_gone_images_are_forgotten),
        T(test_packages_are_shared),
        T(test_the_window),
        T(test_rescan_proves_and_repairs),
        T(test_parts_of_an_inventory),
        T(test_findings_of_several_records),
    };
    log_setup(LOG_OFF, "match");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
