/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "model/manifest.h"

#define A64 "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C64 "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

#define IMAGE_JSON(config_type)                                                                                        \
    "{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_OCI_MANIFEST "\",\"config\":{\"mediaType\":\"" config_type           \
    "\",\"digest\":\"" A64 "\",\"size\":10},\"layers\":[{\"mediaType\":\"" MEDIA_OCI_LAYER "+gzip\",\"digest\":\"" B64 \
    "\",\"size\":20},{\"mediaType\":\"" MEDIA_OCI_LAYER "+zstd\",\"digest\":\"" C64                                    \
    "\",\"size\":30,\"urls\":[\"https://files.example/x\"]}]}"

static int setup(void **state)
{
    struct arena *a = xcalloc(1, sizeof *a);
    *a = ARENA_INIT(8 << 20);
    *state = a;
    return 0;
}

static int teardown(void **state)
{
    arena_done(*state);
    free(*state);
    return 0;
}

static void expect(struct slice got, const char *want)
{
    if (!slice_eq_str(got, want))
        fail_msg("got \"%.*s\", want \"%s\"", SLICE_FMT(got), want);
}

static void test_image(void **state)
{
    struct arena *a = *state;
    struct manifest m;
    struct image_config c;
    struct image image = {.digest = SLICE(A64)};
    struct err e = ERR_INIT;
    assert_int_equal(
        manifest_parse(a, SLICE(IMAGE_JSON(MEDIA_OCI_CONFIG)), SLICE(MEDIA_OCI_MANIFEST "; charset=utf-8"), &m, &e), 0);
    assert_int_equal(m.kind, MANIFEST_IMAGE);
    assert_int_equal(m.layers.n, 2);
    expect(m.layers.v[1].urls.v[0], "https://files.example/x");
    struct slice config =
        SLICE("{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v8\",\"os.version\":\"1\","
              "\"created\":\"2024-01-02T03:04:05Z\",\"rootfs\":{\"diff_ids\":[\"" C64 "\",\"" A64 "\"]}}");
    assert_int_equal(config_parse(a, config, &c, &e), 0);
    assert_int_equal(manifest_fill_image(a, &m, &c, &image, &e), 0);
    assert_int_equal(image.status, IMAGE_OK);
    expect(image.config_digest, A64);
    expect(image.architecture, "arm64");
    expect(image.os_version, "1");
    assert_int_equal(image.created_ms, INT64_C(1704164645000));
    expect(image.layers.v[0].digest, B64);
    expect(image.layers.v[0].diff_id, C64);
    assert_int_equal(image.layers.v[1].size, 30);
    expect(image.layers.v[1].diff_id, A64);
    c.diff_ids.n = 1;
    assert_int_equal(manifest_fill_image(a, &m, &c, &image, &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
}

static void test_unsupported(void **state)
{
    static const struct {
        const char *json, *type, *reason;
    } cases[] = {
        {"{\"schemaVersion\":1,\"fsLayers\":[]}", "application/vnd.docker.distribution.manifest.v1+prettyjws",
         "schema 1"},
        {IMAGE_JSON("application/vnd.cncf.helm.config.v1+json"), "", "application/vnd.cncf.helm.config.v1+json"},
        {"{\"schemaVersion\":2,\"mediaType\":\"application/x-other\"}", "", "application/x-other"},
        {"{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" MEDIA_OCI_CONFIG "\",\"digest\":\"" A64
         "\",\"size\":10},\"layers\":[{\"mediaType\":\"application/vnd.in-toto+json\",\"digest\":\"" B64
         "\",\"size\":20}]}",
         MEDIA_OCI_MANIFEST, "attestations"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct manifest m;
        struct image_config c = {0};
        struct image image = {0};
        struct err e = ERR_INIT;
        assert_int_equal(manifest_parse(*state, slice_str(cases[i].json), slice_str(cases[i].type), &m, &e), 0);
        assert_int_equal(m.kind, MANIFEST_UNSUPPORTED);
        assert_true(slice_find_slice(m.reason, slice_str(cases[i].reason)) >= 0);
        assert_int_equal(manifest_fill_image(*state, &m, &c, &image, &e), 0);
        assert_int_equal(image.status, IMAGE_UNSUPPORTED);
        assert_true(slice_eq(image.reason, m.reason));
    }
}

static void test_empty(void **state)
{
    struct manifest m = {.kind = MANIFEST_IMAGE};
    struct image_config nothing = {0}, platform = {.platform = {.os = SLICE("linux")}};
    struct image image = {0};
    struct err e = ERR_INIT;
    assert_int_equal(manifest_fill_image(*state, &m, &nothing, &image, &e), 0);
    assert_int_equal(image.status, IMAGE_UNSUPPORTED);
    assert_true(slice_find_slice(image.reason, SLICE("neither layers nor a platform")) >= 0);
    assert_int_equal(manifest_fill_image(*state, &m, &platform, &image, &e), 0);
    assert_int_equal(image.status, IMAGE_OK);
}

static void test_refused(void **state)
{
    static const struct {
        const char *json, *type, *error;
    } cases[] = {
        {"", "", "not JSON"},
        {"[]", "", "object"},
        {"{\"schemaVersion\":3}", "", "schemaVersion"},
        {"{\"schemaVersion\":2}", "", "descriptor"},
        {IMAGE_JSON(MEDIA_OCI_CONFIG), MEDIA_OCI_INDEX, "by itself"},
        {"{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}", "", "both"},
        {"{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"sha256:zz\",\"size\":1}]}", "", "manifests[0]"},
        {"{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"" A64 "\"}]}", "", "no size"},
        {"{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"" A64 "\",\"size\":-4}]}", "", "no size"},
        {"{\"schemaVersion\":2,\"schemaVersion\":2}", "", "duplicate"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct manifest m;
        struct err e = ERR_INIT;
        assert_int_equal(manifest_parse(*state, slice_str(cases[i].json), slice_str(cases[i].type), &m, &e), -1);
        assert_int_equal(e.kind, ERR_POISON);
        if (!strstr(e.text, cases[i].error))
            fail_msg("%s: \"%s\"", cases[i].json, e.text);
    }
}

static void test_limits(void **state)
{
    struct arena *a = *state;
    struct buf b = BUF_INIT(16 << 20);
    struct manifest m;
    struct err e = ERR_INIT;
    buf_add_str(&b, "{\"schemaVersion\":2,\"manifests\":[");
    for (int i = 0; i < 300000; i++)
        buf_add_str(&b, "[],");
    buf_add_str(&b, "[]]}");
    assert_int_equal(manifest_parse(a, buf_slice(&b), SLICE_NONE, &m, &e), -1);
    assert_non_null(strstr(e.text, "values"));
    buf_clear(&b);
    buf_add_str(&b, "{\"x\":\"");
    for (size_t i = 0; i < MANIFEST_MAX_BYTES; i++)
        buf_add_byte(&b, 'x');
    buf_add_str(&b, "\"}");
    assert_int_equal(manifest_parse(a, buf_slice(&b), SLICE_NONE, &m, &e), -1);
    assert_non_null(strstr(e.text, "bytes"));
    buf_clear(&b);
    for (int i = 0; i < 100000; i++)
        buf_add_byte(&b, '[');
    assert_int_equal(manifest_parse(a, buf_slice(&b), SLICE_NONE, &m, &e), -1);
    buf_done(&b);
    struct arena small = ARENA_INIT(200);
    assert_int_equal(manifest_parse(&small, SLICE(IMAGE_JSON(MEDIA_OCI_CONFIG)), SLICE_NONE, &m, &e), -1);
    arena_done(&small);
}

#define ENTRY(os, arch, variant)                                                                                       \
    "{\"mediaType\":\"" MEDIA_OCI_MANIFEST "\",\"digest\":\"" A64 "\",\"size\":1,\"platform\":{\"os\":\"" os           \
    "\",\"architecture\":\"" arch "\",\"variant\":\"" variant "\"}}"
#define INDEX(entries) "{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_OCI_INDEX "\",\"manifests\":[" entries "]}"

static int choose(struct arena *a, const char *json, const char *want, size_t *ret_index, struct err *e)
{
    struct manifest m;
    struct platform p;
    assert_int_equal(manifest_parse(a, slice_str(json), SLICE_NONE, &m, e), 0);
    assert_int_equal(m.kind, MANIFEST_INDEX);
    if (want)
        assert_int_equal(platform_parse(a, slice_str(want), &p, e), 0);
    return platform_choose(a, &m.manifests, want ? &p : NULL, ret_index, e);
}

static void test_platforms(void **state)
{
    static const char many[] = INDEX(ENTRY("unknown", "unknown", "") "," ENTRY("linux", "arm", "v6") "," ENTRY(
        "linux", "arm", "v7") "," ENTRY("linux", "arm64", "v8") "," ENTRY("windows", "amd64", ""));
    struct err e = ERR_INIT;
    size_t i = 99;
    assert_int_equal(choose(*state, many, "linux/arm64", &i, &e), 0);
    assert_int_equal(i, 3);
    assert_int_equal(choose(*state, many, "linux/arm", &i, &e), 0);
    assert_int_equal(i, 2);
    assert_int_equal(choose(*state, many, "linux/arm/v6", &i, &e), 0);
    assert_int_equal(i, 1);
    assert_int_equal(choose(*state, many, "windows/amd64", &i, &e), 0);
    assert_int_equal(i, 4);
    assert_int_equal(choose(*state, many, "linux/s390x", &i, &e), -1);
    assert_int_equal(e.kind, ERR_USAGE);
    assert_non_null(strstr(e.text, "linux/arm/v6, linux/arm/v7, linux/arm64/v8, windows/amd64"));
    assert_null(strstr(e.text, "unknown"));
    assert_int_equal(
        choose(*state, INDEX(ENTRY("plan9", "mips", "") "," ENTRY("unknown", "unknown", "")), NULL, &i, &e), 0);
    assert_int_equal(i, 0);
    assert_int_equal(choose(*state, INDEX(ENTRY("plan9", "mips", "")), "linux/amd64", &i, &e), -1);
    assert_int_equal(choose(*state, INDEX(""), NULL, &i, &e), -1);
    struct platform p;
    assert_int_equal(platform_parse(*state, SLICE("linux"), &p, &e), -1);
    assert_int_equal(platform_parse(*state, SLICE("a/b/c/d"), &p, &e), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_image, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unsupported, setup, teardown),
        cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_platforms, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
