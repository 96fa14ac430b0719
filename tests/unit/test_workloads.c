/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "discover/workloads.h"

#define A64 "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

#define RUNNING(name, id, at)                                                                                          \
    "{\"name\":\"" name "\",\"image\":\"status/" name "\",\"imageID\":\"" id                                           \
    "\",\"state\":{\"running\":{\"startedAt\":\"" at "\"}}}"
#define POD(name, ns, labels, owners, statuses)                                                                        \
    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"" name "\",\"namespace\":\"" ns                  \
    "\",\"labels\":{" labels "},\"ownerReferences\":[" owners                                                          \
    "]},\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":"                                                        \
    "\"r.example/web:1\"}]},\"status\":{" statuses "}}"
#define OWNER(kind, name) "{\"kind\":\"" kind "\",\"name\":\"" name "\",\"controller\":true}"
#define LIST(items)       "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[" items "]}"
#define HASH              "\"pod-template-hash\":\"5d4f\""
#define T1                "2024-05-01T10:20:30Z"
#define T0                "2024-05-01T10:20:29Z"

struct world {
    struct arena a;
    workload_vec list;
    struct workloads_told told;
    struct err e;
};

static int setup(void **state)
{
    struct world *w = xcalloc(1, sizeof *w);
    w->a = ARENA_INIT(64 << 20);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    arena_done(&w->a);
    free(w);
    return 0;
}

static void parse(struct world *w, const char *json)
{
    w->list = (workload_vec){0};
    if (workloads_parse(&w->a, slice_str(json), SLICE("prod"), &w->list, &w->told, &w->e))
        fail_msg("%s", w->e.text);
}

static void expect(struct world *w, size_t i, const char *want)
{
    assert_true(i < w->list.n);
    const struct workload *l = &w->list.v[i];
    struct slice got = arena_printf(&w->a, "%.*s %.*s/%.*s/%.*s:%.*s/%.*s %.*s %d", (int)8, (const char *)l->digest.p,
                                    SLICE_FMT(l->cluster), SLICE_FMT(l->ns), SLICE_FMT(l->owner_kind),
                                    SLICE_FMT(l->owner), SLICE_FMT(l->container), SLICE_FMT(l->image), l->running);
    if (!slice_eq_str(got, want))
        fail_msg("got  %.*s\nwant %s", SLICE_FMT(got), want);
}

static void test_deployment(void **state)
{
    struct world *w = *state;
    parse(w, LIST(POD("web-5d4f-x", "shop", HASH, OWNER("ReplicaSet", "web-5d4f"),
                      "\"containerStatuses\":[" RUNNING("web", "docker-pullable://r.example/web@" B64, T1) "," RUNNING(
                          "side", "r.example/side@" A64,
                          T1) "]") "," POD("web-5d4f-y", "shop", HASH, OWNER("ReplicaSet", "web-5d4f"),
                                           "\"containerStatuses\":[" RUNNING("web", "r.example/web@" B64, T0) "]")));
    assert_int_equal(w->list.n, 2);
    expect(w, 0, "sha256:a prod/shop/Deployment:web/side status/side 1");
    expect(w, 1, "sha256:b prod/shop/Deployment:web/web r.example/web:1 2");
    assert_int_equal(w->list.v[1].started_ms, INT64_C(1714558829000));
    assert_int_equal(w->told.pods, 2);
    assert_int_equal(w->told.running, 3);
}

static void test_owners(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *json, *want;
    } cases[] = {
#define CASE(labels, owners)                                                                                           \
    LIST(POD("p-1", "n", labels, owners, "\"containerStatuses\":[" RUNNING("c", "x@" A64, T1) "]"))
        {CASE("", ""), "sha256:a prod/n/Pod:p-1/c status/c 1"},
        {CASE("", OWNER("DaemonSet", "agent")), "sha256:a prod/n/DaemonSet:agent/c status/c 1"},
        {CASE("", OWNER("ReplicaSet", "web-5d4f")), "sha256:a prod/n/ReplicaSet:web-5d4f/c status/c 1"},
        {CASE(HASH, OWNER("ReplicaSet", "other")), "sha256:a prod/n/ReplicaSet:other/c status/c 1"},
        {CASE(HASH, OWNER("ReplicaSet", "-5d4f")), "sha256:a prod/n/ReplicaSet:-5d4f/c status/c 1"},
        {CASE("", OWNER("Job", "backup-28912345")), "sha256:a prod/n/CronJob:backup/c status/c 1"},
        {CASE("", OWNER("Job", "backup-2891234")), "sha256:a prod/n/Job:backup-2891234/c status/c 1"},
        {CASE("", "{\"kind\":\"Node\",\"name\":\"n1\"}," OWNER("StatefulSet", "db")),
         "sha256:a prod/n/StatefulSet:db/c status/c 1"},
        {CASE("", "7"), "sha256:a prod/n/Pod:p-1/c status/c 1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        parse(w, cases[i].json);
        assert_int_equal(w->list.n, 1);
        expect(w, 0, cases[i].want);
    }
}

static void test_states(void **state)
{
    struct world *w = *state;
    parse(w,
          "{\"kind\":\"PodList\",\"items\":[" POD(
              "p", "n", "", "",
              "\"initContainerStatuses\":[" RUNNING(
                  "init", "x@" A64,
                  T1) "],\"containerStatuses\":[{\"name\":\"w\",\"imageID\":\"x@" A64 "\",\"state\":{\"waiting\":{}}},"
                      "{\"name\":\"t\",\"imageID\":\"x@" A64
                      "\",\"state\":{\"terminated\":{}}}," RUNNING("local", "docker://" A64, T1) "," RUNNING(
                          "bare", A64, T1) "," RUNNING("none", "",
                                                       T1) "," RUNNING("a/b", "x@" A64,
                                                                       T1) "]") ",{\"metadata\":{\"name\":\"x\"}},7,{"
                                                                                "\"kind\":\"Service\"}]}");
    assert_int_equal(w->list.n, 1);
    expect(w, 0, "sha256:a prod/n/Pod:p/init status/init 1");
    assert_int_equal(w->told.no_digest, 3);
    assert_int_equal(w->told.malformed, 3); /* a container's name, two pods without namespace */
    assert_int_equal(w->told.pods, 3);
}

static void test_order(void **state)
{
    struct world *w = *state;
    parse(w,
          LIST(POD("b", "n", "", OWNER("X", "same"), "\"containerStatuses\":[" RUNNING("c", "x@" A64, T1) "]") "," POD(
              "a", "n", "", OWNER("A", "same"), "\"containerStatuses\":[" RUNNING("c", "x@" A64, T1) "]")));
    assert_int_equal(w->list.n, 1); /* one key on the topic: one row, whatever the order */
    expect(w, 0, "sha256:a prod/n/A:same/c status/c 2");
}

static void test_refused(void **state)
{
    struct world *w = *state;
    static const char *const cases[] = {"",
                                        "{}",
                                        "[]",
                                        "{\"kind\":\"List\"}",
                                        "{\"kind\":\"NodeList\",\"items\":[]}",
                                        "{\"kind\":\"PodList\",\"metadata\":{\"continue\":\"x\"},\"items\":[]}",
                                        "{\"kind\":\"List\",\"items\":[]"};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(workloads_parse(&w->a, slice_str(cases[i]), SLICE("prod"), &w->list, &w->told, &w->e), -1);
        assert_int_equal(w->e.kind, ERR_POISON);
        assert_non_null(strstr(w->e.text, "prod"));
    }
    parse(w, LIST(""));
    assert_int_equal(w->list.n, 0);
    struct arena small = ARENA_INIT(64);
    assert_int_equal(
        workloads_parse(&small,
                        SLICE(LIST(POD("p", "n", "", "", "\"containerStatuses\":[" RUNNING("c", "x@" A64, T1) "]"))),
                        SLICE("prod"), &w->list, &w->told, &w->e),
        -1);
    arena_done(&small);
}

static void test_many(void **state)
{
    struct world *w = *state;
    struct buf b = BUF_INIT((size_t)64 << 20);
    buf_add_str(&b, "{\"kind\":\"PodList\",\"items\":[");
    for (int i = 0; i < 20000; i++)
        buf_addf(&b,
                 "%s{\"metadata\":{\"name\":\"p%d\",\"namespace\":\"n\",\"ownerReferences\":[{\"kind\":\"DaemonSet\","
                 "\"name\":\"d%d\"}]},"
                 "\"status\":{\"containerStatuses\":[" RUNNING("c", "x@" A64, T1) "]}}",
                 i ? "," : "", i, i % 100);
    buf_add_str(&b, "]}");
    assert_false(b.overflow);
    parse(w, buf_cstr(&b));
    assert_int_equal(w->list.n, 100);
    for (size_t i = 0; i < w->list.n; i++)
        assert_int_equal(w->list.v[i].running, 200);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_deployment, setup, teardown),
        cmocka_unit_test_setup_teardown(test_owners, setup, teardown),
        cmocka_unit_test_setup_teardown(test_states, setup, teardown),
        cmocka_unit_test_setup_teardown(test_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
