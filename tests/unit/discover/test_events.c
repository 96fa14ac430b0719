/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "discover/events/events.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SHA "sha256:" HEX
#define NOW INT64_C(1700000000000)
#define AT  INT64_C(1714558830000) /* 2024-05-01T10:20:30Z */

struct world {
    struct arena a;
    registry_event_vec events;
    struct events_told told;
    struct err e;
};

static int setup(void **state)
{
    struct world *w = xcalloc(1, sizeof *w);
    w->a = ARENA_INIT(1 << 20);
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

static void parse(struct world *w, const char *json, struct slice registry)
{
    w->events = (registry_event_vec){0};
    if (events_parse(&w->a, slice_str(json), registry, NOW, &w->events, &w->told, &w->e))
        fail_msg("%s: %s", json, w->e.text);
}

/* action registry repository digest tag time agent */
static void expect(struct world *w, size_t i, const char *want)
{
    assert_true(i < w->events.n);
    const struct registry_event *ev = &w->events.v[i];
    struct slice got = arena_printf(&w->a, "%s %.*s %.*s %.*s %.*s %" PRId64, registry_action_names[ev->action],
                                    SLICE_FMT(ev->registry), SLICE_FMT(ev->repository), SLICE_FMT(ev->digest),
                                    SLICE_FMT(ev->tag), ev->at_ms);
    if (!slice_eq_str(got, want))
        fail_msg("got  %.*s\nwant %s", SLICE_FMT(got), want);
}

#define ONE(action, type, more, agent)                                                                                 \
    "{\"id\":\"i-1\",\"timestamp\":\"2024-05-01T10:20:30Z\",\"action\":\"" action                                      \
    "\",\"target\":{\"mediaType\":\"" type "\",\"digest\":\"" SHA "\",\"repository\":\"team/app\"" more                \
    "},\"request\":{\"host\":\"R.Example:5000\",\"useragent\":\"" agent "\"}}"
#define MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define INDEX    "application/vnd.oci.image.index.v1+json"
#define TAG      ",\"tag\":\"v1\""

static void test_distribution(void **state)
{
    struct world *w = *state;
    parse(w,
          "{\"events\":[" ONE("push", MANIFEST, TAG, "x") "," ONE("pull", INDEX, "", "x") "," ONE(
              "push", "application/octet-stream", "",
              "x") "," ONE("mount", "application/octet-stream", "",
                           "x") "," ONE("pull", MANIFEST, TAG, "Careen/0.1.0") "," ONE("delete", "", "", "x") "]}",
          SLICE_NONE);
    assert_int_equal(w->events.n, 3);
    assert_int_equal(w->told.ignored, 3);
    assert_int_equal(w->told.malformed, 0);
    expect(w, 0, "push r.example:5000 team/app " SHA " v1 1714558830000");
    expect(w, 1, "pull r.example:5000 team/app " SHA "  1714558830000");
    expect(w, 2, "delete r.example:5000 team/app " SHA "  1714558830000");
    assert_true(slice_eq_str(w->events.v[0].id, "i-1"));
    assert_true(slice_eq_str(w->events.v[0].media_type, MANIFEST));
    parse(w, "{\"events\":[" ONE("push", MANIFEST, TAG, "x") "]}", SLICE("configured.example"));
    expect(w, 0, "push configured.example team/app " SHA " v1 1714558830000");
    parse(w, "{\"events\":[]}", SLICE_NONE);
    assert_int_equal(w->events.n, 0);
}

static void test_azure(void **state)
{
    struct world *w = *state;
    parse(w, ONE("push", MANIFEST, TAG, "x"), SLICE_NONE);
    expect(w, 0, "push r.example:5000 team/app " SHA " v1 1714558830000");
    parse(w, ONE("quarantine", MANIFEST, TAG, "x"), SLICE_NONE);
    assert_int_equal(w->events.n, 0);
    assert_int_equal(w->told.ignored, 1);
    parse(w,
          "[{\"eventType\":\"Microsoft.ContainerRegistry.ImagePushed\",\"data\":" ONE(
              "push", MANIFEST, TAG, "x") "},"
                                          "{\"eventType\":\"Microsoft.ContainerRegistry.ChartPushed\",\"data\":{}}]",
          SLICE_NONE);
    assert_int_equal(w->events.n, 1);
    assert_int_equal(w->told.ignored, 1);
    parse(w,
          "{\"specversion\":\"1.0\",\"type\":\"Microsoft.ContainerRegistry.ImageDeleted\",\"time\":"
          "\"2024-05-01T10:20:30Z\",\"data\":{\"action\":\"delete\",\"target\":{\"digest\":\"" SHA
          "\",\"repository\":\"a\"},\"request\":{\"host\":\"h.example\"}}}",
          SLICE_NONE);
    expect(w, 0, "delete h.example a " SHA "  1714558830000"); /* the time is the envelope's */
    parse(w,
          "[{\"eventType\":\"Microsoft.EventGrid.SubscriptionValidationEvent\",\"data\":{\"validationCode\":\"c-1\"}}]",
          SLICE_NONE);
    assert_true(slice_eq_str(w->told.validation, "c-1"));
}

static void test_harbor(void **state)
{
    struct world *w = *state;
    parse(w,
          "{\"type\":\"PULL_ARTIFACT\",\"occur_at\":1714558830,\"event_data\":{\"resources\":[{\"digest\":\"" SHA
          "\",\"tag\":\"" SHA "\",\"resource_url\":\"harbor.example/team/app@" SHA "\"},{\"digest\":\"" SHA
          "\",\"tag\":\"v2\",\"resource_url\":\"harbor.example/team/app:v2\"}],"
          "\"repository\":{\"repo_full_name\":\"team/app\"}}}",
          SLICE_NONE);
    assert_int_equal(w->events.n, 2);
    expect(w, 0, "pull harbor.example team/app " SHA "  1714558830000");
    expect(w, 1, "pull harbor.example team/app " SHA " v2 1714558830000");
    parse(w, "{\"type\":\"SCANNING_COMPLETED\",\"event_data\":{}}", SLICE_NONE);
    assert_int_equal(w->told.ignored, 1);
    parse(
        w,
        "{\"specversion\":\"1.0\",\"type\":\"harbor.artifact.deleted\",\"time\":\"2024-05-01T10:20:30Z\",\"id\":\"x\","
        "\"data\":{\"resources\":[{\"digest\":\"" SHA "\",\"tag\":\"v1\",\"resource_url\":\"h.example/t/a:v1\"}],"
        "\"repository\":{\"repo_full_name\":\"t/a\"}}}",
        SLICE_NONE);
    expect(w, 0, "delete h.example t/a " SHA " v1 1714558830000");
}

#define ECR(result, action, region)                                                                                    \
    "{\"id\":\"x\",\"detail-type\":\"ECR Image "                                                                       \
    "Action\",\"source\":\"aws.ecr\",\"account\":\"123456789012\",\"region\":\"" region                                \
    "\",\"time\":\"2024-05-01T10:20:30Z\",\"detail\":{\"result\":\"" result                                            \
    "\",\"repository-name\":\"team/app\",\"image-digest\":\"" SHA "\",\"action-type\":\"" action                       \
    "\",\"image-tag\":\"v1\"}}"

static void test_ecr(void **state)
{
    struct world *w = *state;
    parse(w, ECR("SUCCESS", "PUSH", "eu-west-1"), SLICE_NONE);
    expect(w, 0, "push 123456789012.dkr.ecr.eu-west-1.amazonaws.com team/app " SHA " v1 1714558830000");
    parse(w, ECR("SUCCESS", "DELETE", "cn-north-1"), SLICE_NONE);
    expect(w, 0, "delete 123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn team/app " SHA " v1 1714558830000");
    parse(w, ECR("FAILURE", "PUSH", "eu-west-1"), SLICE_NONE);
    assert_int_equal(w->events.n, 0);
    parse(w, "{\"detail-type\":\"ECR Image Scan\",\"detail\":{}}", SLICE_NONE);
    assert_int_equal(w->told.ignored, 1);
}

static void test_malformed(void **state)
{
    struct world *w = *state;
    static const char *const malformed[] = {
        "{\"events\":[7]}",
        "{\"events\":[{\"action\":\"push\"}]}",
        "{\"events\":[" ONE("push", MANIFEST, ",\"x\":1", "x") "]}", /* the good one, as a control */
        "{\"events\":[{\"action\":\"delete\",\"target\":{\"repository\":\"a\"},\"request\":{\"host\":\"h\"}}]}",
        "{\"events\":[{\"action\":\"delete\",\"target\":{\"digest\":\"sha256:1\",\"repository\":\"a\"},\"request\":{"
        "\"host\":\"h\"}}]}",
        "{\"events\":[{\"action\":\"delete\",\"target\":{\"digest\":\"" SHA
        "\",\"repository\":\"../a\"},\"request\":{\"host\":\"h\"}}]}",
        "{\"events\":[{\"action\":\"delete\",\"target\":{\"digest\":\"" SHA
        "\",\"repository\":\"a\"},\"request\":{\"host\":\"h/x\"}}]}",
        "{\"events\":[{\"action\":\"delete\",\"target\":{\"digest\":\"" SHA "\",\"repository\":\"a\"}}]}",
    };
    for (size_t i = 0; i < ARRAY_LEN(malformed); i++) {
        parse(w, malformed[i], SLICE_NONE);
        assert_int_equal(w->events.n, i == 2);
        assert_int_equal(w->told.malformed, i != 2);
    }
    static const char *const unknown[] = {"", "{", "{}", "7", "{\"zen\":\"x\"}", "{\"events\":{}}"};
    for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
        assert_int_equal(events_parse(&w->a, slice_str(unknown[i]), SLICE_NONE, NOW, &w->events, &w->told, &w->e), -1);
        assert_int_equal(w->e.kind, ERR_POISON);
    }
    parse(w,
          "{\"events\":[{\"action\":\"delete\",\"target\":{\"repository\":\"a\",\"tag\":\"v1\"},\"request\":{\"host\":"
          "\"h\"}}]}",
          SLICE_NONE);
    expect(w, 0, "delete h a  v1 1700000000000"); /* of a tag; without a time it is now */
}

static void test_secret(void **state)
{
    (void)state;
    assert_true(events_authorized(SLICE("s3cret"), SLICE("s3cret")));
    assert_true(events_authorized(SLICE("Bearer s3cret"), SLICE("s3cret")));
    assert_true(events_authorized(SLICE("Bearer s3cret"), SLICE("Bearer s3cret")));
    assert_false(events_authorized(SLICE("s3cres"), SLICE("s3cret")));
    assert_false(events_authorized(SLICE("s3cret "), SLICE("s3cret")));
    assert_false(events_authorized(SLICE_NONE, SLICE("s3cret")));
    assert_true(events_authorized(SLICE_NONE, SLICE_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_distribution, setup, teardown),
        cmocka_unit_test_setup_teardown(test_azure, setup, teardown),
        cmocka_unit_test_setup_teardown(test_harbor, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ecr, setup, teardown),
        cmocka_unit_test_setup_teardown(test_malformed, setup, teardown),
        cmocka_unit_test(test_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
