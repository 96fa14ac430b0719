/* SPDX-License-Identifier: Apache-2.0 */
/* A scan's judging of an inventory with packages of more than one ecosystem, by a database of this machine. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "careen/scan/assess_image.h"
#include "unit/made_ecosystem.h"

#define COPIES 40

struct world {
    char dir[96];
    struct advisory_db db;
    struct arena arena;
    struct err e;
    bool include_owned;
};

static int setup(void **state)
{
    struct world *w = xcalloc(1, sizeof *w);
    const char *tmp = getenv("TMPDIR");
    snprintf(w->dir, sizeof w->dir, "%.60s/assess-XXXXXX", tmp ? tmp : "/tmp");
    w->arena = ARENA_INIT((size_t)16 << 20);
    *state = w;
    return !mkdtemp(w->dir) || advisory_db_open(w->dir, true, &w->db, &w->e) ? -1 : 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    advisory_db_close(&w->db);
    store_wipe(w->dir, NULL);
    rmdir(w->dir);
    arena_done(&w->arena);
    free(w);
    return 0;
}

static void know(struct world *w, const char *ecosystem, const char *package, const char *id)
{
    struct store_txn *txn;
    bool edge;
    struct version_range range = {SLICE("0"), SLICE("2"), SLICE_NONE};
    struct advisory a = {.ecosystem = slice_str(ecosystem),
                         .package = slice_str(package),
                         .id = slice_str(id),
                         .feed = SLICE("test"),
                         .ranges = {&range, 1, 1}};
    assert_int_equal(store_begin(w->db.store, true, &txn, &w->e), 0);
    assert_true(advisory_view_put(txn, w->db.tables, &a, &edge, &w->e) >= 0);
    assert_int_equal(store_commit(txn, &w->e), 0);
}

static void add(struct world *w, struct inventory *v, struct package p)
{
    p.version = SLICE("1");
    *VEC_ADD(&w->arena, &v->packages) = p;
}

static struct assessment assess(struct world *w, const struct inventory *v)
{
    struct assessment a;
    if (assess_image(v, &w->db, &(struct assess_options){.include_owned = w->include_owned}, &w->arena, &a, &w->e))
        fail_msg("%s", w->e.text);
    return a;
}

/* Every copy of a library has the findings of all, at its own place; the system's packages are judged by theirs. */
static void test_copies(void **state)
{
    struct world *w = *state;
    struct inventory v = {.os = {.id = SLICE("debian"), .ecosystem = SLICE("Debian:12")}, .parts = 1};
    know(w, "Debian:12", "lib", "D-1");
    know(w, "Made", "org:lib", "M-1");
    know(w, "Made", "org:lib", "M-2");
    add(w, &v, (struct package){.type = PKG_DPKG, .name = SLICE("lib"), .location = SLICE("status")});
    for (int i = 0; i < COPIES; i++)
        add(w, &v,
            (struct package){.type = PKG_MADE,
                             .ns = SLICE("org"),
                             .name = SLICE("lib"),
                             .location = arena_printf(&w->arena, "opt/%02d/lib", i),
                             .parent = i ? SLICE("app") : SLICE_NONE,
                             .certainty = i ? CERTAINTY_GUESSED : CERTAINTY_INSTALLED});
    struct assessment a = assess(w, &v);
    assert_int_equal(a.status, INVENTORY_COMPLETE);
    assert_int_equal(a.findings.n, 1 + 2 * COPIES);
    assert_true(slice_eq_str(a.findings.v[0].ecosystem, "Debian:12"));
    for (size_t i = 0; i < 2 * COPIES; i++) {
        const struct finding *f = &a.findings.v[1 + i];
        size_t copy = i % COPIES;
        assert_true(slice_eq_str(f->ecosystem, "Made") && slice_eq_str(f->ns, "org"));
        assert_true(slice_eq_str(f->vulnerability, i < COPIES ? "M-1" : "M-2"));
        assert_true(slice_eq(f->location, arena_printf(&w->arena, "opt/%02zu/lib", copy)));
        assert_true(slice_eq_str(f->parent, copy ? "app" : ""));
        assert_int_equal(f->certainty, copy ? CERTAINTY_GUESSED : CERTAINTY_INSTALLED);
    }
}

/* A library in an image without a system is assessed, and is told when the database knows nothing of its ecosystem. */
static void test_no_system(void **state)
{
    struct world *w = *state;
    struct inventory v = {.parts = 1};
    add(w, &v, (struct package){.type = PKG_MADE, .name = SLICE("lib"), .location = SLICE("lib")});
    struct assessment a = assess(w, &v);
    assert_int_equal(a.status, INVENTORY_PARTIAL);
    assert_int_equal(a.extent, REPORT_NOT_ASSESSED);
    assert_true(slice_eq_str(reasons_text(&a.reasons, REASON_ECOSYSTEM_EMPTY),
                             "1 package is not judged: the advisory database has no advisories of Made; careen feeds "
                             "update fetches them"));
    know(w, "Made", "other", "M-1");
    a = assess(w, &v);
    assert_int_equal(a.status, INVENTORY_COMPLETE);
    assert_int_equal(a.extent, REPORT_JUDGED);
    assert_int_equal(assessment_state(&a, &v, POLICY_DEFAULT, 0, &w->arena).code, ASSESSED_HEALTHY);
}

/* What the distribution's package owns is judged by that; on request by both, and what both tell is told once. */
static void test_owned(void **state)
{
    struct world *w = *state;
    struct inventory v = {.os = {.id = SLICE("debian"), .ecosystem = SLICE("Debian:12")}, .parts = 1};
    know(w, "Debian:12", "python3-lib", "CVE-2024-0001");
    know(w, "Made", "lib", "CVE-2024-0001");
    know(w, "Made", "lib", "M-2");
    add(w, &v, (struct package){.type = PKG_DPKG, .name = SLICE("python3-lib")});
    add(w, &v, (struct package){.type = PKG_MADE, .name = SLICE("lib"), .owner = SLICE("python3-lib")});
    struct assessment a = assess(w, &v);
    assert_int_equal(a.findings.n, 1);
    assert_true(slice_eq_str(a.findings.v[0].package, "python3-lib"));
    w->include_owned = true;
    a = assess(w, &v);
    assert_int_equal(a.findings.n, 2);
    assert_true(slice_eq_str(a.findings.v[0].vulnerability, "CVE-2024-0001") && a.findings.v[0].type == PKG_DPKG);
    assert_true(slice_eq_str(a.findings.v[1].vulnerability, "M-2"));
    assert_true(slice_eq_str(a.findings.v[1].owner, "python3-lib"));
    w->include_owned = false;
    /* Beside a copy that nothing owns. */
    add(w, &v, (struct package){.type = PKG_MADE, .name = SLICE("lib"), .location = SLICE("opt/lib")});
    assert_int_equal(assess(w, &v).findings.n, 3);
    /* Whose distribution nobody publishes for: its libraries are judged like others. */
    v.os = (struct os_info){.id = SLICE("openwrt")};
    a = assess(w, &v);
    assert_int_equal(a.findings.n, 4);
    assert_int_equal(a.extent, REPORT_JUDGED);
    assert_int_equal(a.status, INVENTORY_PARTIAL);
}

/* Nothing could be compared: for what reason, and never "healthy". */
static void test_not_judged(void **state)
{
    struct world *w = *state;
    struct inventory v = {.parts = 1};
    know(w, "Made", "lib", "M-1");
    add(w, &v,
        (struct package){.type = PKG_MADE,
                         .name = SLICE("lib"),
                         .not_judged = reason_make(REASON_OWN_PACKAGE, SLICE("the project itself"))});
    struct assessment a = assess(w, &v);
    assert_int_equal(a.findings.n, 0);
    assert_int_equal(a.extent, REPORT_JUDGED); /* nothing is there that anybody could know of */
    assert_int_equal(assessment_state(&a, &v, POLICY_DEFAULT, 0, &w->arena).code, ASSESSED_NOT_APPLICABLE);
    add(w, &v,
        (struct package){.type = PKG_MADE,
                         .name = SLICE("lib"),
                         .not_judged = reason_make(REASON_OTHER_VENDOR, SLICE("its group is a guess"))});
    a = assess(w, &v);
    assert_int_equal(a.extent, REPORT_NOT_ASSESSED);
    assert_true(
        slice_eq_str(a.not_assessed.text, "no package of it can be judged; the first is lib: its group is a guess"));
    struct image_state s = assessment_state(&a, &v, POLICY_DEFAULT, 0, &w->arena);
    assert_int_equal(s.code, ASSESSED_UNVERIFIED);
    /* One more that is judged, and all is well but for the reason in the list. */
    add(w, &v, (struct package){.type = PKG_MADE, .name = SLICE("other")});
    a = assess(w, &v);
    assert_int_equal(a.extent, REPORT_JUDGED);
    assert_int_equal(assessment_state(&a, &v, POLICY_DEFAULT, 0, &w->arena).code, ASSESSED_HEALTHY);
}

/* Packages whose source nobody named: one sentence for all, and no verdict where there is nothing else. */
static void test_sources(void **state)
{
    struct world *w = *state;
    struct inventory v = {.os = {.id = SLICE("ubuntu"), .ecosystem = SLICE("Ubuntu:24.04:LTS")}, .parts = 1};
    know(w, "Ubuntu:24.04:LTS", "openssl", "U-1");
    add(w, &v, (struct package){.type = PKG_DPKG, .name = SLICE("libssl3t64"), .source_unknown = true});
    add(w, &v, (struct package){.type = PKG_DPKG, .name = SLICE("libssl3t64"), .source_unknown = true});
    struct assessment a = assess(w, &v);
    assert_int_equal(a.extent, REPORT_NOT_ASSESSED);
    assert_int_equal(reason_code(a.not_assessed), REASON_SOURCE_UNKNOWN);
    add(w, &v, (struct package){.type = PKG_DPKG, .name = SLICE("openssl"), .source_unknown = true});
    a = assess(w, &v);
    assert_int_equal(a.extent, REPORT_JUDGED);
    assert_int_equal(a.status, INVENTORY_PARTIAL);
    assert_true(a.findings.n == 1 && a.reasons.texts.n == 1);
    assert_true(slice_starts(a.reasons.texts.v[0], SLICE("which source 2 packages were built from")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_copies, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_system, setup, teardown),
        cmocka_unit_test_setup_teardown(test_owned, setup, teardown),
        cmocka_unit_test_setup_teardown(test_not_judged, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sources, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
