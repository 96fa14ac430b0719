/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "model/image/manifest.h"

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
    assert_int_equal(image_config_parse(a, config, &c, &e), 0);
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

#define MANIFEST_OF(config_type, artifact, layer_types)                                                                \
    "{\"schemaVersion\":2," artifact "\"config\":{\"mediaType\":\"" config_type "\",\"digest\":\"" A64                 \
    "\",\"size\":10},\"layers\":[" layer_types "]}"
#define LAYER_OF(type) "{\"mediaType\":\"" type "\",\"digest\":\"" B64 "\",\"size\":20}"

/* What registries hold beside images, and images whose config's type says nothing. */
static void test_forms(void **state)
{
    static const struct {
        const char *json, *type;
        enum image_status status;
        const char *reason;
    } cases[] = {
        {"{\"schemaVersion\":1,\"fsLayers\":[]}", "application/vnd.docker.distribution.manifest.v1+prettyjws",
         IMAGE_UNKNOWN_FORMAT, "schema 1"},
        {"{\"schemaVersion\":2,\"mediaType\":\"application/x-other\"}", "", IMAGE_UNKNOWN_FORMAT,
         "application/x-other"},
        {IMAGE_JSON("application/vnd.cncf.helm.config.v1+json"), "", IMAGE_UNSUPPORTED,
         "a Helm chart (application/vnd.cncf.helm.config.v1+json)"},
        {MANIFEST_OF(MEDIA_OCI_CONFIG, "", LAYER_OF("application/vnd.in-toto+json")), MEDIA_OCI_MANIFEST,
         IMAGE_UNSUPPORTED, "not an image: an attestation"},
        {MANIFEST_OF(MEDIA_OCI_CONFIG, "", LAYER_OF("application/vnd.dev.cosign.simplesigning.v1+json")), "",
         IMAGE_UNSUPPORTED, "not an image: a cosign signature"},
        {MANIFEST_OF(MEDIA_OCI_CONFIG, "", LAYER_OF("text/spdx")), "", IMAGE_UNSUPPORTED, "(SBOM) (text/spdx)"},
        {MANIFEST_OF(MEDIA_OCI_CONFIG, "", LAYER_OF("application/x-nobody-knows")), "", IMAGE_UNSUPPORTED,
         "an artifact of type application/x-nobody-knows"},
        {MANIFEST_OF("application/vnd.oci.empty.v1+json", "\"artifactType\":\"application/vnd.example.thing\",",
                     LAYER_OF("application/octet-stream")),
         "", IMAGE_UNSUPPORTED, "an artifact of type application/vnd.example.thing"},
        {MANIFEST_OF("application/vnd.unknown.config.v1+json", "", LAYER_OF(MEDIA_OCI_LAYER)), "", IMAGE_UNSUPPORTED,
         "application/vnd.unknown.config.v1+json"},
        {"{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/vnd.wasm.config.v0+json\",\"digest\":"
         "\"sha512:00\"},\"layers\":[]}",
         "", IMAGE_UNSUPPORTED, "a WebAssembly module"},
        {"{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.artifact.manifest.v1+json\",\"artifactType\":"
         "\"application/vnd.cncf.notary.signature\",\"blobs\":[]}",
         "", IMAGE_UNSUPPORTED, "a Notary Project signature"},
        /* `cosign upload blob`: an image's config of no platform around any file */
        {MANIFEST_OF(MEDIA_OCI_CONFIG, "", LAYER_OF("application/octet-stream")), "", IMAGE_UNSUPPORTED,
         "an artifact of type application/octet-stream"},
        {IMAGE_JSON("application/octet-stream"), "", IMAGE_OK, ""},
        {IMAGE_JSON("text/html"), "", IMAGE_OK, ""},
        {IMAGE_JSON(""), "", IMAGE_OK, ""},
        {MANIFEST_OF(MEDIA_DOCKER_CONFIG, "", LAYER_OF("application/vnd.oci.image.layer.v1.tar+gzip+encrypted")), "",
         IMAGE_OK, ""},
        {MANIFEST_OF(MEDIA_OCI_CONFIG, "\"artifactType\":\"application/vnd.example.thing\",",
                     LAYER_OF(MEDIA_DOCKER_LAYER ".gzip")),
         "", IMAGE_OK, ""},
        {MANIFEST_OF(MEDIA_OCI_CONFIG, "", LAYER_OF("application/spdx+json") "," LAYER_OF(MEDIA_OCI_LAYER)), "",
         IMAGE_OK, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct manifest m;
        struct image_config c = {0};
        struct image image = {0};
        struct err e = ERR_INIT;
        if (manifest_parse(*state, slice_str(cases[i].json), slice_str(cases[i].type), &m, &e))
            fail_msg("%s: %s", cases[i].json, e.text);
        assert_int_equal(manifest_fill_image(*state, &m, &c, &image, &e), 0);
        if (image.status != cases[i].status || slice_find_slice(image.reason.text, slice_str(cases[i].reason)) < 0)
            fail_msg("%s: %s, \"%.*s\"", cases[i].json, image_status_names[image.status], SLICE_FMT(image.reason.text));
        assert_int_equal(image.read_version, MANIFEST_READ_VERSION);
    }
}

/* Layers of a type that says nothing: the config of an image tells. */
static void test_config_tells(void **state)
{
    struct manifest m;
    struct image_config c = {.platform = {.os = SLICE("linux")}};
    struct image image = {0};
    struct err e = ERR_INIT;
    slice_vec_add(*state, &c.diff_ids, SLICE(C64));
    assert_int_equal(
        manifest_parse(*state, SLICE(MANIFEST_OF("application/octet-stream", "", LAYER_OF("application/octet-stream"))),
                       SLICE_NONE, &m, &e),
        0);
    assert_int_equal(manifest_fill_image(*state, &m, &c, &image, &e), 0);
    assert_int_equal(image.status, IMAGE_OK);
    assert_int_equal(image.layers.n, 1);
}

static void test_read_anew(void **state)
{
    struct image old = {.status = IMAGE_OK}, now = {.status = IMAGE_UNSUPPORTED, .read_version = MANIFEST_READ_VERSION};
    struct layer_ref *l = VEC_ADD((struct arena *)*state, &old.layers);
    l->media_type = SLICE(MEDIA_OCI_LAYER "+gzip");
    assert_false(manifest_reads_anew(&old));
    l->media_type = SLICE("application/vnd.dsse.envelope.v1+json"); /* an attestation taken for an image */
    assert_true(manifest_reads_anew(&old));
    old.status = IMAGE_UNSUPPORTED;
    old.layers.n = 0;
    assert_true(manifest_reads_anew(&old));
    assert_false(manifest_reads_anew(&now));
}

#define PLAIN_ENTRY(type, more) "{\"mediaType\":\"" type "\"," more "}"
#define OF_A                    "\"digest\":\"" A64 "\",\"size\":1"

/* An entry that can't be read hides no other; what is no manifest of an image is passed over. */
static void test_index_entries(void **state)
{
    static const struct {
        const char *json;
        enum entry_kind kind;
        const char *why;
    } cases[] = {
        {PLAIN_ENTRY(MEDIA_OCI_MANIFEST, OF_A), ENTRY_IMAGE, ""},
        {PLAIN_ENTRY("", OF_A), ENTRY_IMAGE, ""},
        {PLAIN_ENTRY(MEDIA_DOCKER_LIST, OF_A), ENTRY_INDEX, ""},
        {PLAIN_ENTRY(MEDIA_OCI_LAYER "+gzip", OF_A), ENTRY_NO_IMAGE, ""},
        {PLAIN_ENTRY("application/vnd.buildkit.cacheconfig.v0", OF_A), ENTRY_NO_IMAGE, ""},
        {PLAIN_ENTRY("application/x-nobody-knows", "\"digest\":7"), ENTRY_NO_IMAGE, ""},
        {PLAIN_ENTRY(MEDIA_OCI_MANIFEST, OF_A ",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}"),
         ENTRY_NO_IMAGE, ""},
        {PLAIN_ENTRY(MEDIA_OCI_MANIFEST, OF_A ",\"annotations\":{\"vnd.docker.reference.type\":\"x\"}"), ENTRY_NO_IMAGE,
         ""},
        /* what has a platform is run by it: a note does not hide it */
        {PLAIN_ENTRY(MEDIA_OCI_MANIFEST, OF_A ",\"annotations\":{\"vnd.docker.reference.type\":\"x\"},\"platform\":{"
                                              "\"os\":\"linux\",\"architecture\":\"amd64\"}"),
         ENTRY_IMAGE, ""},
        {PLAIN_ENTRY(MEDIA_OCI_MANIFEST, "\"digest\":\"sha512:00\",\"size\":1"), ENTRY_UNREAD, "sha512"},
        {PLAIN_ENTRY(MEDIA_OCI_MANIFEST, "\"digest\":\"sha256:zz\",\"size\":1"), ENTRY_UNREAD, "sha256:zz"},
        {PLAIN_ENTRY(MEDIA_OCI_MANIFEST, "\"digest\":\"" A64 "\""), ENTRY_UNREAD, "no size"},
        {PLAIN_ENTRY(MEDIA_OCI_MANIFEST, "\"digest\":\"" A64 "\",\"size\":-4"), ENTRY_UNREAD, "no size"},
        {"7", ENTRY_UNREAD, "no object"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct manifest m;
        struct err e = ERR_INIT;
        struct slice json =
            arena_printf(*state, "{\"schemaVersion\":2,\"manifests\":[%s," PLAIN_ENTRY(MEDIA_OCI_MANIFEST, OF_A) "]}",
                         cases[i].json);
        assert_int_equal(manifest_parse(*state, json, SLICE(MEDIA_OCI_INDEX), &m, &e), 0);
        assert_int_equal(m.manifests.n, 2);
        if (m.manifests.v[0].kind != cases[i].kind ||
            slice_find_slice(m.manifests.v[0].why, slice_str(cases[i].why)) < 0)
            fail_msg("%s: %d \"%.*s\"", cases[i].json, m.manifests.v[0].kind, SLICE_FMT(m.manifests.v[0].why));
        assert_int_equal(m.manifests.v[1].kind, ENTRY_IMAGE);
    }
}

static void test_index_reason(void **state)
{
    static const struct {
        const char *entries, *reason;
        bool artifact;
    } cases[] = {
        {PLAIN_ENTRY(MEDIA_OCI_LAYER, OF_A) "," PLAIN_ENTRY("application/vnd.buildkit.cacheconfig.v0", OF_A),
         "not an image: a BuildKit cache (application/vnd.buildkit.cacheconfig.v0)", true},
        {PLAIN_ENTRY("application/x-nobody-knows", OF_A),
         "not an image: an artifact of type application/x-nobody-knows", true},
        {"", "not an image: an index that names nothing", true},
        {PLAIN_ENTRY(MEDIA_OCI_MANIFEST, "\"digest\":\"sha512:00\",\"size\":1"),
         "an index whose 1 images can't be read: its digest is of sha512, which can't be read yet", false},
        {PLAIN_ENTRY(MEDIA_OCI_MANIFEST, OF_A), "", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct manifest m;
        struct err e = ERR_INIT;
        bool artifact = false;
        struct slice json = arena_printf(*state, "{\"schemaVersion\":2,\"manifests\":[%s]}", cases[i].entries);
        assert_int_equal(manifest_parse(*state, json, SLICE_NONE, &m, &e), 0);
        expect(manifest_index_reason(*state, &m, &artifact).text, cases[i].reason);
        assert_int_equal(artifact, cases[i].artifact);
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
    assert_true(slice_find_slice(image.reason.text, SLICE("neither layers nor a platform")) >= 0);
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
        {MANIFEST_OF(MEDIA_OCI_CONFIG, "", "{\"digest\":\"sha256:zz\",\"size\":1}"), "", "layers[0]"},
        {MANIFEST_OF(MEDIA_OCI_CONFIG, "", "{\"digest\":\"" A64 "\"}"), "", "no size"},
        {MANIFEST_OF(MEDIA_OCI_CONFIG, "", "{\"digest\":\"" A64 "\",\"size\":-4}"), "", "no size"},
        {"{\"schemaVersion\":2,\"schemaVersion\":2}", "", "twice"},
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
        cmocka_unit_test_setup_teardown(test_forms, setup, teardown),
        cmocka_unit_test_setup_teardown(test_config_tells, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(test_index_entries, setup, teardown),
        cmocka_unit_test_setup_teardown(test_index_reason, setup, teardown),
        cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_platforms, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
