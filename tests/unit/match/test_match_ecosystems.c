/* SPDX-License-Identifier: Apache-2.0 */
/* Images with packages of more than one ecosystem, and with many copies of one package. */
#include "unit/match_facts.h"

#include "unit/made_ecosystem.h"

static struct arena arena = ARENA_INIT((size_t)1 << 20);

static int finish(void **state)
{
    arena_done(&arena);
    return teardown(state);
}

static void add(struct inventory *v, struct package p)
{
    p.version = S("1.0");
    p.architecture = S("amd64");
    p.layer = arena_slice(&arena, digest(1000));
    *VEC_ADD(&arena, &v->packages) = p;
}

static struct inventory begin(const char *ecosystem)
{
    return (struct inventory){
        .image_digest = digest(1), .os = {.id = S("test"), .ecosystem = S(ecosystem)}, .parser_version = 1, .parts = 1};
}

static void give(const struct inventory *v)
{
    image_seen(1, "r/a", w->now_ms, 0);
    world_give(w, TOPIC_INVENTORIES, digest(1), v);
    world_settle(w);
}

static const struct finding *find(const struct findings *f, const char *vulnerability)
{
    for (size_t i = 0; i < f->findings.n; i++)
        if (slice_eq_str(f->findings.v[i].vulnerability, vulnerability))
            return &f->findings.v[i];
    fail_msg("there is no finding of %s", vulnerability);
    return NULL;
}

static void test_each_by_its_own(void **state)
{
    (void)state;
    struct findings f;
    struct inventory v = begin("Debian:12");
    /* What names no ecosystem is judged by its kind's, else by the image's. */
    add(&v, (struct package){.type = PKG_DPKG, .name = S("lib"), .location = S("status")});
    add(&v,
        (struct package){.type = PKG_DPKG, .ecosystem = S("Debian:12"), .name = S("other"), .location = S("status")});
    add(&v, (struct package){.type = PKG_APK, .ecosystem = S("Alpine:v3.20"), .name = S("lib"), .location = S("db")});
    add(&v, (struct package){.type = PKG_MADE,
                             .ns = S("org"),
                             .name = S("lib"),
                             .location = S("app.war!/lib.jar"),
                             .parent = S("app"),
                             .evidence = S("made-archive"),
                             .scope = SCOPE_RUNTIME,
                             .certainty = CERTAINTY_GUESSED});
    advisory("lib", "D-1", "2");
    advisory("other", "D-2", "2");
    advisory_in("Alpine:v3.20", "lib", "A-1", "2");
    advisory_in("Alpine:v3.20", "other", "A-2", "2");
    advisory_in("Made", "org:lib", "M-1", "2");
    advisory_in("Made", "lib", "M-2", "2");
    give(&v);
    assert_string_equal(out(1), "A-1 lib 1.0 8;D-1 lib 1.0 8;D-2 other 1.0 8;M-1 lib 1.0 8");
    assert_true(world_out(w, digest(1), &f));
    assert_int_equal(f.status, INVENTORY_COMPLETE);
    assert_int_equal(f.packages, 4);
    assert_true(slice_eq_str(f.ecosystem, "Debian:12"));
    assert_true(slice_eq_str(find(&f, "D-1")->ecosystem, "Debian:12"));
    assert_true(slice_eq_str(find(&f, "A-1")->ecosystem, "Alpine:v3.20"));
    const struct finding *m = find(&f, "M-1");
    assert_true(slice_eq_str(m->ecosystem, "Made") && slice_eq_str(m->ns, "org") && slice_eq_str(m->parent, "app"));
    assert_true(slice_eq_str(m->location, "app.war!/lib.jar") && slice_eq_str(m->evidence, "made-archive"));
    assert_true(m->scope == SCOPE_RUNTIME && m->certainty == CERTAINTY_GUESSED);
    /* A change in one of them costs the package that it names. */
    int64_t judged = match_judged.value;
    advisory_in("Made", "org:lib", "M-1", NULL);
    advisory_in("Alpine:v3.20", "org:lib", "A-3", "2");
    world_settle(w);
    assert_int_equal(match_judged.value - judged, 1);
    assert_string_equal(out(1), "A-1 lib 1.0 8;D-1 lib 1.0 8;D-2 other 1.0 8");
}

static void test_one_without_advisories(void **state)
{
    (void)state;
    struct findings f;
    struct inventory v = begin("Debian:12");
    add(&v, (struct package){.type = PKG_DPKG, .name = S("lib")});
    add(&v, (struct package){.type = PKG_MADE, .name = S("lib")});
    advisory("lib", "D-1", "2");
    give(&v);
    assert_string_equal(out(1), "D-1 lib 1.0 8");
    assert_true(world_out(w, digest(1), &f));
    assert_int_equal(f.status, INVENTORY_PARTIAL);
    assert_int_equal(f.reasons.texts.n, 1);
    assert_true(slice_eq_str(f.reasons.texts.v[0], "no advisories of Made are known"));
    /* The first one makes it whole. */
    advisory_in("Made", "lib", "M-1", "2");
    world_settle(w);
    assert_string_equal(out(1), "D-1 lib 1.0 8;M-1 lib 1.0 8");
    assert_true(world_out(w, digest(1), &f));
    assert_int_equal(f.status, INVENTORY_COMPLETE);
}

static void test_no_system(void **state)
{
    (void)state;
    struct findings f;
    struct inventory v = begin("");
    add(&v, (struct package){.type = PKG_MADE, .name = S("lib")});
    advisory_in("Made", "lib", "M-1", "2");
    give(&v);
    assert_true(world_out(w, digest(1), &f));
    assert_int_equal(f.status, INVENTORY_COMPLETE);
    assert_string_equal(out(1), "M-1 lib 1.0 8");
    add(&v, (struct package){.type = PKG_DPKG, .name = S("lib")});
    give(&v);
    assert_true(world_out(w, digest(1), &f));
    assert_int_equal(f.status, INVENTORY_PARTIAL);
    assert_true(slice_eq_str(f.reasons.texts.v[0], "no advisories hold for this operating system (test)"));
}

/* What is not held against advisories has no row; of an unknown version what holds for all versions is. */
static void test_not_held_against(void **state)
{
    (void)state;
    struct findings f;
    struct inventory v = begin("Debian:12");
    add(&v, (struct package){.type = PKG_DPKG, .name = S("lib")});
    add(&v, (struct package){.type = PKG_MADE, .name = S("owned"), .owner = S("lib")});
    add(&v, (struct package){
                .type = PKG_MADE, .name = S("guessed"), .not_judged = reason_make(REASON_OTHER_VENDOR, S("a guess"))});
    add(&v, (struct package){.type = PKG_MADE,
                             .name = S("branch"),
                             .location = S("srv"),
                             .why = S("its version is a branch"),
                             .not_judged = reason_make(REASON_VERSION_UNKNOWN, S("a branch"))});
    advisory("lib", "D-1", "2");
    advisory_in("Made", "owned", "M-1", "2");
    advisory_in("Made", "guessed", "M-2", "2");
    advisory_in("Made", "branch", "M-3", "2");
    give(&v);
    assert_string_equal(out(1), "D-1 lib 1.0 8");
    assert_int_equal(rows(T_PACKAGES), 4); /* with two ecosystems as such */
    assert_true(world_out(w, digest(1), &f));
    assert_int_equal(f.packages, 2);
    assert_true(f.status == INVENTORY_PARTIAL && reasons_has(&f.reasons, REASON_VERSION_UNKNOWN));
    struct slice aliases[] = {SLICE("GHSA-1"), SLICE("CVE-2024-0001")};
    struct version_range all = {SLICE("0"), SLICE_NONE, SLICE_NONE};
    struct advisory m = {.ecosystem = S("Made"),
                         .package = S("branch"),
                         .id = S("MAL-1"),
                         .feed = S("test"),
                         .kind = ADVISORY_MALICIOUS,
                         .aliases = {aliases, 1, 1},
                         .symbols = {aliases, 1, 1},
                         .cves = {aliases + 1, 1, 1},
                         .ranges = {&all, 1, 1}};
    world_give(w, TOPIC_ADVISORIES, S("Made,branch,MAL-1"), &m);
    world_settle(w);
    assert_true(world_out(w, digest(1), &f));
    const struct finding *found = find(&f, "CVE-2024-0001");
    assert_true(found->kind == ADVISORY_MALICIOUS && found->severity == SEVERITY_CRITICAL);
    assert_true(found->aliases.n == 2 && slice_eq_str(found->aliases.v[1], "MAL-1") && found->symbols.n == 1);
    assert_true(slice_eq_str(found->why, "its version is a branch"));
}

#define COPIES 40

static void test_copies_are_judged_once(void **state)
{
    (void)state;
    struct findings f;
    struct inventory v = begin("Debian:12");
    add(&v, (struct package){.type = PKG_DPKG, .name = S("lib"), .location = S("status")});
    for (int i = 0; i < COPIES; i++)
        add(&v, (struct package){.type = PKG_MADE,
                                 .name = S("lib"),
                                 .location = arena_printf(&arena, "opt/%02d/lib", COPIES - 1 - i)});
    advisory("other", "D-1", "2");
    advisory_in("Made", "lib", "M-1", "2");
    int64_t judged = match_judged.value;
    give(&v);
    /* The two packages, and the two ecosystems as such. */
    assert_int_equal(match_judged.value - judged, 4);
    assert_int_equal(rows(T_PACKAGES), 4);
    assert_true(world_out(w, digest(1), &f));
    assert_int_equal(f.packages, COPIES + 1);
    assert_int_equal(f.findings.n, COPIES);
    for (size_t i = 0; i < COPIES; i++)
        assert_true(slice_eq(f.findings.v[i].location, arena_printf(&arena, "opt/%02zu/lib", i)));
    judged = match_judged.value;
    advisory_in("Made", "lib", "M-2", "2");
    world_settle(w);
    assert_int_equal(match_judged.value - judged, 1);
    assert_true(world_out(w, digest(1), &f));
    assert_int_equal(f.findings.n, 2 * COPIES);
    /* A copy that goes takes its findings along; nothing is judged for it. */
    judged = match_judged.value;
    v.packages.n--;
    give(&v);
    assert_int_equal(match_judged.value, judged);
    assert_true(world_out(w, digest(1), &f));
    assert_int_equal(f.findings.n, 2 * (COPIES - 1));
    /* Lost state gives the same answer. */
    uint64_t emitted = w->emitted;
    world_lose_state(w);
    world_settle(w);
    assert_int_equal(w->emitted, emitted);
    assert_int_equal(rows(T_PACKAGES), 4);
    world_give(w, TOPIC_INVENTORIES, digest(1), NULL);
    world_settle(w);
    assert_int_equal(rows(T_PACKAGES) + rows(T_NAMES) + rows(T_POSTINGS) + rows(T_VERDICTS), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_by_its_own, setup, finish),
        cmocka_unit_test_setup_teardown(test_one_without_advisories, setup, finish),
        cmocka_unit_test_setup_teardown(test_no_system, setup, finish),
        cmocka_unit_test_setup_teardown(test_not_held_against, setup, finish),
        cmocka_unit_test_setup_teardown(test_copies_are_judged_once, setup, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
