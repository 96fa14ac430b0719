/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "discover/clusters/running.h"
#include "unit/fixture.h"

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
    if (workloads_parse(&w->a, slice_str(json), SLICE_NONE, SLICE("prod"), &w->list, &w->told, &w->e))
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
    parse(w, fixture("discover/workloads/deployment.json"));
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
    parse(w, fixture("discover/workloads/states.json"));
    assert_int_equal(w->list.n, 3);
    expect(w, 0, "sha256:a prod/n/Pod:p/bare status/bare 1");
    expect(w, 1, "sha256:a prod/n/Pod:p/init status/init 1");
    expect(w, 2, "sha256:a prod/n/Pod:p/local status/local 1");
    assert_int_equal(w->told.no_digest, 1);
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
        assert_int_equal(
            workloads_parse(&w->a, slice_str(cases[i]), SLICE_NONE, SLICE("prod"), &w->list, &w->told, &w->e), -1);
        assert_int_equal(w->e.kind, ERR_POISON);
        assert_non_null(strstr(w->e.text, "prod"));
    }
    parse(w, LIST(""));
    assert_int_equal(w->list.n, 0);
    struct arena small = ARENA_INIT(64);
    assert_int_equal(
        workloads_parse(&small,
                        SLICE(LIST(POD("p", "n", "", "", "\"containerStatuses\":[" RUNNING("c", "x@" A64, T1) "]"))),
                        SLICE_NONE, SLICE("prod"), &w->list, &w->told, &w->e),
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

static void test_image_ids(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *id, *asked, *status, *want; /* want: NULL, or the digest's first letter */
    } cases[] = {
        {"docker-pullable://r.example/web@" A64, "web", "web", "a"},
        {"r.example:5000/web@" A64, "web", "web", "a"},
        {"r.example/web:1@" A64, "web", "web", "a"},
        {"docker://" A64, "web", "web", "a"},
        {"containerd://" A64, "web", "web", "a"},
        {A64, "web", "web", "a"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "web", "web", "a"}, /* CRI-O */
        {A64, "r.example/web@" B64, "web", "b"}, /* a config's digest names nothing in a registry */
        {"", "r.example/web:1@" B64, "web", "b"},
        {"", "web", "r.example/web@" B64, "b"},
        {"r.example/web@" A64, "r.example/web@" B64, "web", "a"},
        {"", "web:1", "web:1", NULL},
        {"sha256:abc", "web", "web", NULL},
        {"aaaa", "web", "web", NULL},
        {"r.example/web@sha256:zz", "web", "web", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct slice json = arena_printf(
            &w->a,
            "{\"kind\":\"PodList\",\"items\":[{\"metadata\":{\"name\":\"p\",\"namespace\":\"n\"},"
            "\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"%s\"}]},\"status\":{\"containerStatuses\":[{"
            "\"name\":\"c\",\"image\":\"%s\",\"imageID\":\"%s\",\"state\":{\"running\":{}}}]}}]}",
            cases[i].asked, cases[i].status, cases[i].id);
        parse(w, (const char *)json.p);
        char got = w->list.n ? (char)w->list.v[0].digest.p[7] : 0, want = cases[i].want ? cases[i].want[0] : 0;
        if (got != want)
            fail_msg("\"%s\" of \"%s\", \"%s\": %c", cases[i].id, cases[i].asked, cases[i].status, got ? got : '-');
    }
}

#define ON(name, spec)                                                                                                 \
    "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"" name "\",\"namespace\":\"n\"},\"spec\":{" spec                       \
    "},\"status\":{\"containerStatuses\":[" RUNNING("c", "x@" A64, T1) "]}}"

static void expect_platforms(struct world *w, const char *want)
{
    struct slice got = SLICE("");
    for (size_t i = 0; i < w->list.n; i++)
        got = arena_printf(&w->a, "%.*s%.*s=%.*s ", SLICE_FMT(got), SLICE_FMT(w->list.v[i].owner),
                           SLICE_FMT(w->list.v[i].platform));
    if (!slice_eq_str(got, want))
        fail_msg("got  %.*s\nwant %s", SLICE_FMT(got), want);
}

static void test_platforms(void **state)
{
    struct world *w = *state;
    /* clang-format off */
    parse(w, fixture("discover/workloads/platforms.json"));
    /* clang-format on */
    expect_platforms(w, "a=linux/arm b=linux/s390x c=linux/arm64 d=windows/amd64/10.0.20348 e= ");
    assert_int_equal(w->told.nodes, 3);
    workload_vec list = {0};
    static const char pods[] = "{\"kind\":\"PodList\",\"items\":[" ON("a", "\"nodeName\":\"n1\"") "]}";
    static const char nodes[] = "{\"kind\":\"PartialObjectMetadataList\",\"items\":[{\"metadata\":{\"name\":\"n1\","
                                "\"labels\":{\"kubernetes.io/arch\":\"riscv64\",\"kubernetes.io/os\":\"linux\"}}}]}";
    assert_int_equal(workloads_parse(&w->a, slice_str(pods), slice_str(nodes), SLICE("prod"), &list, &w->told, &w->e),
                     0);
    assert_true(slice_eq_str(list.v[0].platform, "linux/riscv64"));
    assert_int_equal(workloads_parse(&w->a, slice_str(pods), SLICE("Forbidden"), SLICE("prod"), &list, &w->told, &w->e),
                     0);
    assert_int_equal(list.v[0].platform.n, 0);
}

/* "digest=os/architecture[/variant[/os version]]" each; gives the chosen digest, "?" behind it when it was assumed. */
static const char *choose(struct world *w, const char *images, const char *platform)
{
    candidate_vec all = {0};
    struct slice rest = slice_str(images), one;
    size_t at;
    bool assumed;
    while (slice_take_token(&rest, ' ', &one)) {
        struct candidate *c = VEC_ADD(&w->a, &all);
        slice_take_token(&one, '=', &c->digest);
        slice_take_token(&one, '/', &c->platform.os);
        slice_take_token(&one, '/', &c->platform.architecture);
        slice_take_token(&one, '/', &c->platform.variant);
        c->platform.os_version = one;
    }
    if (!running_choose(&all, slice_str(platform), &at, &assumed))
        return "none";
    return arena_cstr(&w->a, arena_printf(&w->a, "%.*s%s", SLICE_FMT(all.v[at].digest), assumed ? "?" : ""));
}

static void test_choice(void **state)
{
    struct world *w = *state;
    static const char both[] = "x=linux/arm64 y=linux/amd64",
                      arms[] = "a=linux/arm/v5 b=linux/arm/v7 c=linux/arm/v6 d=linux/amd64",
                      windows[] =
                          "a=windows/amd64//10.0.17763.1 b=windows/amd64//10.0.20348.5 c=windows/amd64//10.0.2034";
    assert_string_equal(choose(w, both, "linux/amd64"), "y");
    assert_string_equal(choose(w, both, "linux/arm64"), "x");
    assert_string_equal(choose(w, both, "linux/s390x"), "none");
    assert_string_equal(choose(w, both, ""), "y?");
    assert_string_equal(choose(w, "x=linux/arm64 y=linux/s390x", ""), "x?");
    assert_string_equal(choose(w, "x=linux/arm64", ""), "x");            /* there is no other */
    assert_string_equal(choose(w, "x=linux/amd64", "linux/arm64"), "x"); /* emulated, perhaps */
    assert_string_equal(choose(w, "", "linux/amd64"), "none");
    assert_string_equal(choose(w, arms, "linux/arm"), "b");
    assert_string_equal(choose(w, "a=linux/amd64/v3 b=linux/amd64 c=linux/amd64/v2", "linux/amd64"), "b");
    assert_string_equal(choose(w, windows, "windows/amd64/10.0.17763"), "a");
    assert_string_equal(choose(w, windows, "windows/amd64/10.0.20348"), "b");
    assert_string_equal(choose(w, windows, "windows/amd64"), "b");
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
        cmocka_unit_test_setup_teardown(test_image_ids, setup, teardown),
        cmocka_unit_test_setup_teardown(test_platforms, setup, teardown),
        cmocka_unit_test_setup_teardown(test_choice, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
