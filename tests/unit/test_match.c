/* SPDX-License-Identifier: Apache-2.0 */
#include "match_world.h"

#include <setjmp.h>
#include <cmocka.h>

#define DAY ((int64_t)86400 * 1000)

static struct world *w;

static int setup(void **state)
{
    (void)state;
    w = world_open(true);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_close(w);
    return 0;
}

static struct slice S(const char *s) {
    return slice_str(s);
}

static struct slice
digest(unsigned n)
{
    static char text[8][72];
    static unsigned turn;
    char *to = text[turn++ % 8];
    snprintf(to, 72, "sha256:%064x", n);
    return slice_str(to);
}

static void image_seen(unsigned n, const char *where, int64_t pushed_ms, int64_t pulled_ms)
{
    char key[256];
    snprintf(key, sizeof key, "%.*s,%s", SLICE_FMT(digest(n)), where);
    struct image i = {.registry = S("r"),
                      .repository = S(where),
                      .digest = digest(n),
                      .pushed_ms = pushed_ms,
                      .pulled_ms = pulled_ms};
    world_give(w, TOPIC_IMAGES, S(key), &i);
}

static void image_gone(unsigned n, const char *where)
{
    char key[256];
    snprintf(key, sizeof key, "%.*s,%s", SLICE_FMT(digest(n)), where);
    world_give(w, TOPIC_IMAGES, S(key), NULL);
}

static void workload(unsigned n, int running)
{
    char key[256];
    snprintf(key, sizeof key, "%.*s,c/n/o/x", SLICE_FMT(digest(n)));
    struct workload x = {.digest = digest(n), .cluster = S("c"), .running = running};
    world_give(w, TOPIC_WORKLOADS, S(key), running < 0 ? NULL : &x);
}

/* packages: "name version layer;name version layer" */
static void inventory_part(unsigned n, const char *ecosystem, const char *packages, int part, int parts)
{
    static struct arena a = ARENA_INIT(64 << 20);
    struct inventory v = {
        .image_digest = digest(n), .os = {.id = S("test"), .ecosystem = S(ecosystem)}, .part = part, .parts = parts};
    struct slice rest = S(packages), one, name, version;
    char key[128];
    arena_reset(&a);
    slice_vec_add(&a, &v.layers, digest(1000));
    slice_vec_add(&a, &v.layers, digest(1001));
    while (slice_take_token(&rest, ';', &one)) {
        slice_take_token(&one, ' ', &name);
        slice_take_token(&one, ' ', &version);
        *VEC_ADD(&a, &v.packages) =
            (struct package){.type = PKG_DPKG,
                             .name = name,
                             .version = version,
                             .architecture = S("amd64"),
                             .location = S("var/lib/dpkg/status"),
                             .layer = arena_slice(&a, digest(slice_eq(one, S("2")) ? 1001 : 1000))};
    }
    snprintf(key, sizeof key, part ? "%.*s,part %d" : "%.*s", SLICE_FMT(digest(n)), part);
    world_give(w, TOPIC_INVENTORIES, S(key), &v);
}

static void inventory(unsigned n, const char *packages)
{
    inventory_part(n, "Debian:12", packages, 0, 1);
}

static void advisory_in(const char *ecosystem, const char *package, const char *id, const char *fixed)
{
    struct version_range range = {S("0"), S(fixed), SLICE_NONE};
    struct advisory a = {
        .ecosystem = S(ecosystem), .package = S(package), .id = S(id), .feed = S("f"), .ranges = {&range, 1, 1}};
    char key[200];
    snprintf(key, sizeof key, "%s,%s,%s", ecosystem, package, id);
    world_give(w, TOPIC_ADVISORIES, S(key), fixed ? &a : NULL);
}

static void advisory(const char *package, const char *id, const char *fixed)
{
    advisory_in("Debian:12", package, id, fixed);
}

/* The findings of an image as "vulnerability package version layer;…", or "-" when nothing is out. */
static const char *out(unsigned n)
{
    static char text[4096];
    struct findings f;
    size_t at = 0;
    if (!world_out(w, digest(n), &f))
        return "-";
    text[0] = 0;
    for (size_t i = 0; i < f.findings.n; i++) {
        const struct finding *x = &f.findings.v[i];
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%.*s %.*s %.*s %c", i ? ";" : "",
                               SLICE_FMT(x->vulnerability), SLICE_FMT(x->package), SLICE_FMT(x->version),
                               x->layer.n ? x->layer.p[x->layer.n - 1] : '?');
    }
    return text;
}

static uint64_t rows(unsigned table)
{
    uint64_t n;
    W(store_count(w->txn, w->tables[table], &n, &we));
    return n;
}

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

static void tick_at(int64_t at_ms)
{
    struct tick t = {.kind = TICK_RESCAN, .subject = S("0"), .at_ms = at_ms};
    world_give(w, TOPIC_TICKS, S("rescan,0"), &t);
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
    finding_vec none = {0};
    slice_vec why = {0};
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
    tick_at(2000);
    world_settle(w);
    assert_int_equal(match_rescan_differences.value, differences + 1);
    assert_string_equal(out(5), "A-1 a 1 8");
    assert_int_equal(w->emitted, emitted);
    /* An image whose record is not what it should be. */
    struct image_key k;
    uint8_t row[24] = {1};
    W(image_key_of(digest(3), &k, &we));
    W(store_put(w->txn, w->tables[T_OUT], image_key_part(&k, 0), slice_of(row, sizeof row), &we));
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
    assert_int_equal(f.reasons.n, 1);
    assert_int_equal(f.packages, 1);
    assert_true(world_out(w, digest(2), &f));
    assert_int_equal(f.status, INVENTORY_PARTIAL);
    assert_int_equal(f.reasons.n, 1);
    assert_true(slice_find_slice(f.reasons.v[0], S("test")) > 0);
    /* Its first advisory, of a package that the image does not hold, under another spelling. */
    advisory_in("Ubuntu:Pro:22.04:LTS", "zzz", "A-1", "2");
    world_settle(w);
    assert_true(world_out(w, digest(1), &f));
    assert_int_equal(f.status, INVENTORY_COMPLETE);
    assert_int_equal(f.reasons.n, 0);
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
    assert_int_equal(f.reasons.n, 1);
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
    assert_int_equal(f.reasons.n, 1);
    assert_int_equal(f.findings.n, 1);
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
        W(store_clear(w->bus_txn, w->outputs, &we));
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
        T(test_findings_appear_change_and_go),
        T(test_a_change_costs_its_hits),
        T(test_lost_state_gives_the_same_answer),
        T(test_gone_images_are_forgotten),
        T(test_packages_are_shared),
        T(test_the_window),
        T(test_rescan_proves_and_repairs),
        T(test_parts_of_an_inventory),
        T(test_findings_of_several_records),
        T(test_an_ecosystem_without_advisories_is_said),
        T(test_versions_that_cannot_be_compared_are_reasons),
        T(test_own_output_read_back),
        T(test_poison),
        T(test_a_huge_package_makes_the_inventory_partial),
        T(test_any_order_same_answer),
        T(test_postings),
        T(test_hot_names_go_in_portions),
    };
    log_setup(LOG_OFF, "match");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
