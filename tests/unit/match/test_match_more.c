/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/match_facts.h"

static void test_an_ecosystem_without_advisories_is_said(void **state)
{
    (void)state;
    struct findings f;
    image_seen(1, "r/a", w->now_ms, 0);
    inventory_part(1, "Ubuntu:22.04:LTS", "a 1 1", 0, 1);
    image_seen(2, "r/a", w->now_ms, 0);
    inventory_part(2, "", "a 1 1", 0, 1);
    world_settle(w);
    assert_true(world_out(w, digest(1), &f));
    assert_int_equal(f.status, INVENTORY_PARTIAL);
    assert_int_equal(f.reasons.texts.n, 1);
    assert_int_equal(f.packages, 1);
    assert_true(world_out(w, digest(2), &f));
    assert_int_equal(f.status, INVENTORY_PARTIAL);
    assert_int_equal(f.reasons.texts.n, 1);
    assert_true(slice_find_slice(f.reasons.texts.v[0], S("test")) > 0);
    /* Its first advisory, of a package that the image does not hold, under another spelling. */
    advisory_in("Ubuntu:Pro:22.04:LTS", "zzz", "A-1", "2");
    world_settle(w);
    assert_true(world_out(w, digest(1), &f));
    assert_int_equal(f.status, INVENTORY_COMPLETE);
    assert_int_equal(f.reasons.texts.n, 0);
    advisory_in("Ubuntu:Pro:22.04:LTS", "zzz", "A-1", NULL);
    world_settle(w);
    assert_true(world_out(w, digest(1), &f));
    assert_int_equal(f.status, INVENTORY_PARTIAL);
}

static void test_versions_that_cannot_be_compared_are_reasons(void **state)
{
    (void)state;
    struct findings f;
    advisory("a", "A-1", "???");
    image_seen(1, "r/a", w->now_ms, 0);
    inventory(1, "a 1 1");
    world_settle(w);
    assert_true(world_out(w, digest(1), &f));
    assert_int_equal(f.status, INVENTORY_PARTIAL);
    assert_int_equal(f.reasons.texts.n, 1);
    assert_int_equal(f.findings.n, 0);
}

/* Own records read back: older echoes change nothing, a newer one from elsewhere is put right. */
static void test_own_output_read_back(void **state)
{
    (void)state;
    struct findings first, now;
    struct err e = ERR_INIT;
    advisory("a", "A-1", "2");
    image_seen(1, "r/a", w->now_ms, 0);
    inventory(1, "a 1 1");
    world_settle(w);
    uint64_t at_first = w->position;
    assert_true(world_out(w, digest(1), &first));
    advisory("a", "A-2", "2");
    world_settle(w);
    uint64_t at_now = w->position, emitted = w->emitted;
    assert_true(world_out(w, digest(1), &now));
    world_give_err(w, TOPIC_FINDINGS, digest(1), &first, at_first, &e);
    world_settle(w);
    assert_int_equal(w->emitted, emitted);
    world_give_err(w, TOPIC_FINDINGS, digest(1), &now, at_now, &e);
    world_settle(w);
    assert_int_equal(w->emitted, emitted);
    world_give_err(w, TOPIC_FINDINGS, digest(1), &first, w->position + 5, &e);
    w->position += 10;
    world_settle(w);
    assert_int_equal(w->emitted, emitted + 1);
    assert_string_equal(out(1), "A-1 a 1 8;A-2 a 1 8");
    world_give_err(w, TOPIC_FINDINGS, digest(1), NULL, w->position + 5, &e);
    w->position += 10;
    world_settle(w);
    assert_int_equal(w->emitted, emitted + 2);
    assert_int_equal(e.kind, ERR_NONE);
}

static void test_poison(void **state)
{
    (void)state;
    static const struct {
        enum topic topic;
        const char *key;
    } cases[] = {
        {TOPIC_IMAGES, ""},
        {TOPIC_WORKLOADS, ",x"},
        {TOPIC_INVENTORIES, "sha256:1,chunk 1"},
        {TOPIC_ADVISORIES, "a,b"},
        {TOPIC_INVENTORIES, "sha256:1,part 1000"},
        {TOPIC_FINDINGS, "sha256:1,part x"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err e = ERR_INIT;
        world_give_err(w, cases[i].topic, S(cases[i].key), NULL, 0, &e);
        assert_int_equal(e.kind, ERR_POISON);
    }
    struct err e = ERR_INIT;
    struct advisory a = {.ecosystem = S("E"), .package = S("p"), .id = S("i")};
    world_give_err(w, TOPIC_ADVISORIES, S("E,p,j"), &a, 0, &e);
    assert_int_equal(e.kind, ERR_POISON);
    e = ERR_INIT;
    struct inventory v = {.image_digest = digest(1), .part = 1, .parts = 1};
    world_give_err(w, TOPIC_INVENTORIES, digest(1), &v, 0, &e);
    assert_int_equal(e.kind, ERR_POISON);
    assert_int_equal(rows(T_PACKAGES), 0);
    /* A digest of another kind than sha256 works. */
    advisory("a", "A-1", "2");
    struct image i = {.pushed_ms = w->now_ms};
    world_give(w, TOPIC_IMAGES, S("sha512:abc,r/a"), &i);
    struct package p = {.type = PKG_DPKG, .name = S("a"), .version = S("1")};
    v = (struct inventory){
        .image_digest = S("sha512:abc"), .os = {.ecosystem = S("Debian:12")}, .packages = {&p, 1, 1}, .parts = 1};
    world_give(w, TOPIC_INVENTORIES, S("sha512:abc"), &v);
    world_settle(w);
    struct findings f;
    assert_true(world_out(w, S("sha512:abc"), &f));
    assert_int_equal(f.findings.n, 1);
}

static void test_a_huge_package_makes_the_inventory_partial(void **state)
{
    (void)state;
    static char name[70000];
    struct findings f;
    memset(name, 'n', sizeof name - 1);
    advisory("a", "A-1", "2");
    image_seen(1, "r/a", w->now_ms, 0);
    struct package p[2] = {{.type = PKG_DPKG, .name = S(name), .version = S("1")},
                           {.type = PKG_DPKG, .name = S("a"), .version = S("1")}};
    struct inventory v = {
        .image_digest = digest(1), .os = {.ecosystem = S("Debian:12")}, .packages = {p, 2, 2}, .parts = 1};
    world_give(w, TOPIC_INVENTORIES, digest(1), &v);
    world_settle(w);
    assert_true(world_out(w, digest(1), &f));
    assert_int_equal(f.status, INVENTORY_PARTIAL);
    assert_int_equal(f.reasons.texts.n, 1);
    assert_int_equal(f.findings.n, 1);
}

/* Of two packages that differ in nothing else, the one whose source nobody named is a reason, until advisories name it. */
static void test_an_unknown_source_is_a_reason(void **state)
{
    (void)state;
    struct findings f;
    advisory("a", "A-1", "2");
    for (unsigned i = 1; i <= 2; i++) {
        struct package p = {.type = PKG_DPKG, .name = S("libb"), .version = S("1"), .source_unknown = i == 2};
        struct inventory v = {
            .image_digest = digest(i), .os = {.ecosystem = S("Debian:12")}, .packages = {&p, 1, 1}, .parts = 1};
        image_seen(i, "r/a", w->now_ms, 0);
        world_give(w, TOPIC_INVENTORIES, digest(i), &v);
    }
    world_settle(w);
    assert_true(world_out(w, digest(1), &f));
    assert_int_equal(f.status, INVENTORY_COMPLETE);
    assert_true(world_out(w, digest(2), &f));
    assert_int_equal(f.status, INVENTORY_PARTIAL);
    assert_true(f.reasons.texts.n == 1 && reasons_has(&f.reasons, REASON_SOURCE_UNKNOWN));
    advisory("libb", "A-2", "1");
    world_settle(w);
    assert_true(world_out(w, digest(2), &f));
    assert_int_equal(f.status, INVENTORY_COMPLETE);
    assert_int_equal(f.reasons.texts.n + f.findings.n, 0);
}

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* A name with thousands of advisories and dozens of versions: done in portions, and all of it. */
static void test_hot_names_go_in_portions(void **state)
{
    (void)state;
    char id[32], packages[32];
    for (unsigned i = 1; i <= 40; i++) {
        snprintf(packages, sizeof packages, "linux %u 1", i);
        image_seen(i, "r/a", w->now_ms, 0);
        inventory(i, packages);
    }
    world_settle(w);
    for (unsigned i = 0; i < 3000; i++) {
        snprintf(id, sizeof id, "CVE-2021-%04u", i + 1000);
        advisory("linux", id, i ? "1" : "100");
    }
    struct match_state *m = w->stage;
    uint64_t settled = w->settled;
    world_settle(w);
    assert_true(m->spent < JUDGE_BUDGET * 2);
    assert_true(w->settled - settled > 42);
    for (unsigned i = 1; i <= 40; i++) {
        snprintf(packages, sizeof packages, "CVE-2021-1000 linux %u 8", i);
        assert_string_equal(out(i), packages);
    }
    int64_t seen = match_rescan_packages.value, differences = match_rescan_differences.value;
    tick_at(1000);
    world_settle(w);
    assert_int_equal(match_rescan_packages.value, seen + 41);
    assert_int_equal(match_rescan_differences.value, differences);
}

/* Against a plain array: few and many images a chunk, over the border between chunks, and back to none. */
static void test_postings(void **state)
{
    (void)state;
    static bool model[3][5000];
    unsigned seed = 7;
    struct err e = ERR_INIT;
    for (unsigned i = 0; i < 60000; i++) {
        unsigned package = next_random(&seed) % 3, image = next_random(&seed) % 5000;
        /* Grows, then shrinks. */
        bool set = next_random(&seed) % 10 < (i < 30000 ? 8 : 1);
        struct step s = world_step(w);
        assert_int_equal(set ? posting_add(&s, package, image, &e) : posting_remove(&s, package, image, &e), 0);
        model[package][image] = set;
        if (i % 3000)
            continue;
        u32_vec all = {0}, some = {0};
        size_t n = 0;
        assert_int_equal(posting_list(&s, package, 0, 10000, &all, &e), 0);
        for (uint32_t k = 0; k < 5000; k++)
            if (model[package][k])
                assert_true(n < all.n && all.v[n++] == k);
        assert_int_equal(n, all.n);
        assert_int_equal(posting_list(&s, package, 2000, 100, &some, &e), 0);
        for (size_t k = 0, from = 0; k < some.n; k++) {
            while (all.v[from] < 2000)
                from++;
            assert_int_equal(some.v[k], all.v[from + k]);
        }
    }
    for (uint32_t p = 0; p < 3; p++)
        for (uint32_t k = 0; k < 5000; k++) {
            struct step s = world_step(w);
            assert_int_equal(posting_remove(&s, p, k, &e), 0);
        }
    assert_int_equal(rows(T_POSTINGS), 0);
}

/* ---- any order, same answer ---- */

static void random_step(unsigned *seed)
{
    char packages[200], name[8], id[16], fixed[8];
    unsigned n = next_random(seed) % 12 + 1, what = next_random(seed) % 20;
    size_t at = 0;
    snprintf(name, sizeof name, "p%u", next_random(seed) % 6);
    snprintf(id, sizeof id, "A-%u", next_random(seed) % 5);
    snprintf(fixed, sizeof fixed, "%u", next_random(seed) % 5 + 1);
    if (what < 6) {
        advisory_in(next_random(seed) % 3 ? "Debian:12" : "Debian:11", name, id, fixed);
    } else if (what < 8) {
        advisory_in(next_random(seed) % 3 ? "Debian:12" : "Debian:11", name, id, NULL);
    } else if (what < 14) {
        packages[0] = 0;
        for (unsigned i = next_random(seed) % 6; i; i--)
            at += (size_t)snprintf(packages + at, sizeof packages - at, "%sp%u %u %u", at ? ";" : "",
                                   next_random(seed) % 6, next_random(seed) % 4 + 1, next_random(seed) % 2 + 1);
        inventory_part(n, next_random(seed) % 3 ? "Debian:12" : "Debian:11", packages, 0, 1);
    } else if (what == 14) {
        world_give(w, TOPIC_INVENTORIES, digest(n), NULL);
    } else if (what < 18) {
        image_seen(n, next_random(seed) % 2 ? "r/a" : "r/b", w->now_ms, 0);
    } else {
        image_gone(n, next_random(seed) % 2 ? "r/a" : "r/b");
    }
    if (next_random(seed) % 7 == 0)
        world_settle(w);
}

static void outputs_clear(void)
{
    struct err e = ERR_INIT;
    struct slice key, value;
    int got;
    while ((got = store_above(w->bus_txn, w->outputs, slice_of("", 1), &key, &value, &e)) == 1)
        assert_int_equal(store_del(w->bus_txn, w->outputs, key, &e), 1);
    assert_int_equal(got, 0);
}

static struct hash128 outputs_hash(void)
{
    struct buf b = BUF_INIT(64 << 20);
    struct store_iter it;
    struct slice key, value;
    struct err e = ERR_INIT;
    store_iter_init(&it, w->bus_txn, w->outputs, SLICE(""), SLICE_NONE);
    while (store_iter_next(&it, &key, &value, &e) == 1) {
        buf_add_prefixed(&b, key);
        buf_add_prefixed(&b, value);
    }
    store_iter_done(&it);
    struct hash128 h = hash128(buf_slice(&b));
    buf_done(&b);
    return h;
}

static void test_any_order_same_answer(void **state)
{
    (void)state;
    unsigned seed = 20240521;
    int64_t differences = match_rescan_differences.value;
    for (int round = 0; round < 12; round++) {
        for (int i = 0; i < 60; i++)
            random_step(&seed);
        world_settle(w);
        struct hash128 incremental = outputs_hash();
        tick_at(1000 + round);
        world_settle(w);
        assert_int_equal(match_rescan_differences.value, differences);
        /* From nothing: neither state nor outputs. */
        outputs_clear();
        world_commit(w);
        world_lose_state(w);
        world_settle(w);
        struct hash128 scratch = outputs_hash();
        assert_memory_equal(&incremental, &scratch, sizeof scratch);
    }
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_an_ecosystem_without_advisories_is_said),
        T(test_versions_that_cannot_be_compared_are_reasons),
        T(test_own_output_read_back),
        T(test_poison),
        T(test_a_huge_package_makes_the_inventory_partial),
        T(test_an_unknown_source_is_a_reason),
        T(test_any_order_same_answer),
        T(test_postings),
        T(test_hot_names_go_in_portions),
    };
    log_setup(LOG_OFF, "match");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
