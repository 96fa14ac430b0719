/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Red Hat's products: from CPEs and content sets to names, every name that a rule knows against Red Hat's own
 * repository-to-cpe.json (a slice of it in CAREEN_SHARED), and from an image's files to os_info.products.
 */
#include "base/buf.h"
#include "unit/cases.h"
#include "feeds/reading.h"
#include "io/archive/unpack.h"
#include "inventory/assemble/assemble.h"
#include "packages/parse.h"
#include "inventory/assemble/products.h"
#include "unit/make_evidence.h"
#include "model/distro/redhat.h"

#include <fcntl.h>

static struct arena arena = {.max = (size_t)64 << 20};

static const char *text(struct slice s)
{
    char *c = arena_cstr(&arena, s);
    return c ? c : "";
}

static const char *generals(const char *product)
{
    static char joined[256];
    struct slice to[REDHAT_GENERALS_MAX];
    size_t n = redhat_general_products(slice_str(product), &arena, to);
    joined[0] = 0;
    for (size_t i = 0; i < n; i++) {
        size_t at = strlen(joined);
        snprintf(joined + at, sizeof joined - at, "%s%.*s", at ? " " : "", SLICE_FMT(to[i]));
    }
    return joined;
}

static void test_cpes(void **state)
{
    static const char *const cases[][2] = {
        {"cpe:/o:redhat:enterprise_linux:9::baseos", "9"},
        {"cpe:/a:redhat:enterprise_linux:8::appstream", "8"},
        {"cpe:/o:redhat:enterprise_linux:7::server", "7"},
        {"cpe:/o:redhat:enterprise_linux:10.0", "10"},
        {"cpe:/o:redhat:enterprise_linux:6", "6"},
        {"cpe:/a:redhat:rhel_eus:9.2::appstream", "rhel_eus:9.2"},
        {"cpe:/o:redhat:rhel_els:7", "rhel_els:7"},
        {"cpe:/o:redhat:enterprise_linux_eus:10.0::baseos", "rhel_eus:10.0"},
        {"cpe:/a:redhat:openshift:4.12::el8", "openshift:4.12::el8"},
        {"cpe:/a:redhat:openshift:4", "openshift:4"},
        {"cpe:/a:redhat:openshift_security_profiles_operator_stable:::el8",
         "openshift_security_profiles_operator_stable:::el8"},
        {"cpe:/a:redhat:ocp_tools", "ocp_tools"},
        {"cpe:/o:centos:centos:7", ""},
        {"cpe:/o:redhat:enterprise_linux", "enterprise_linux"},
        {"cpe:/o:redhat:enterprise_linux:*", "enterprise_linux"},
        {"cpe:/o:redhat:enterprise_linux:9.%02", "9"},
        {"cpe:/o:redhat:enterprise_linux:x", ""},
        {"cpe:/a:redhat:openshift:4.18", "openshift:4.18"},
        {"cpe:/a:redhat:openshift:4.*::el9", "openshift:4::el9"},
        {"cpe:/a:redhat:openshift:*", "openshift"},
        {"cpe:/a:redhat:openshift:-", "openshift"},
        {"cpe:/a:redhat:openshift", "openshift"},
        {"cpe:/a:redhat:*", ""},
        {"cpe:/a:redhat:hummingbird:1", "hummingbird:1"},
        {"cpe:2.3:a:redhat:openshift:4.18:*:el9:*:*:*:*:*", "openshift:4.18::el9"},
        {"cpe:2.3:o:redhat:enterprise_linux:9:*:*:*:*:*:*:*", "9"},
        {"cpe:/a:redhat:a b:1", ""},
        {"cpe:/a:redhat", ""},
        {"pkg:rpm/redhat/x", ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(text(redhat_product_of_cpe(slice_str(cases[i][0]), &arena)), cases[i][1]);
    assert_string_equal(generals("openshift:4.12::el8"), "openshift:4.12 openshift:4 openshift");
    assert_string_equal(generals("openshift:4.12"), "openshift:4 openshift");
    assert_string_equal(generals("openshift:4::el9"), "openshift:4 openshift");
    assert_string_equal(generals("openshift:4"), "openshift");
    assert_string_equal(generals("a:1.2.3.4.5.6"), "a:1.2.3.4.5 a:1.2.3.4 a:1.2.3 a");
    assert_string_equal(generals("stable:::el8"), "stable");
    assert_string_equal(generals("ocp_tools"), "");
    assert_string_equal(generals("9"), "");
    assert_string_equal(generals("enterprise_linux"), "");
    assert_true(redhat_is_mainline(SLICE("9")));
    assert_true(redhat_is_mainline(SLICE("enterprise_linux")));
    assert_false(redhat_is_mainline(SLICE("rhel_els:9")));
    arena_reset(&arena);
}

static void test_content_sets(void **state)
{
    static const char *const cases[][2] = {
        {"rhel-9-for-x86_64-appstream-rpms", "9"},
        {"rhel-8-for-aarch64-baseos-source-rpms", "8"},
        {"ubi-9-baseos-rpms", "9"},
        {"ubi-8-appstream-debug-rpms", "8"},
        {"rhel-7-server-rpms", "7"},
        {"rhel-7-server-optional-rpms", "7"},
        {"codeready-builder-for-rhel-9-x86_64-rpms", "9"},
        {"rhel-9-for-x86_64-appstream-eus-rpms__9_DOT_2", "rhel_eus:9.2"},
        {"rhel-9-for-x86_64-appstream-eus-rpms", "rhel_eus:9.4"},
        {"rhel-8-for-x86_64-baseos-aus-rpms__8_DOT_6", "rhel_aus:8.6"},
        {"rhel-8-for-x86_64-baseos-aus-rpms", ""}, /* of 9.4's os-release: which release is not known */
        {"rhel-7-server-eus-rpms__7_DOT_7__x86_64", "rhel_eus:7.7"},
        {"rhel-7-server-els-rpms", "rhel_els:7"},
        {"rhel-10-for-x86_64-baseos-eus-rpms__10_DOT_0", "rhel_eus:10.0"},
        {"rhocp-4.12-for-rhel-8-x86_64-rpms", "openshift:4.12::el8"},
        {"satellite-6.14-for-rhel-8-x86_64-rpms", "satellite:6.14::el8"},
        {"rhel-7-server-supplementary-rpms", "rhel_extras:7"},
        {"rhel-7-server-openstack-9-tools-rpms", ""},
        {"epel", ""},
        {"rhel--rpms", ""},
        {"-rpms", ""},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(text(redhat_product_of_content_set(slice_str(cases[i][0]), SLICE("9.4"), &arena)),
                            cases[i][1]);
    arena_reset(&arena);
}

static void test_minor_releases_of_builds(void **state)
{
    static const char *const cases[][3] = {
        {"3.9.18-10.el9_4", "9", "4"},
        {"3.9.18-3.el9_4.5", "9", "4"},
        {"8.5.0-23.el8_10", "8", "10"},
        {"115.5.0-1.el7_9", "7", "9"},
        {"5.14.0-427.13.1.el9_4", "9", "4"},
        {"3.9.19-8.el9", "9", ""},
        {"1.0-5.el7.centos", "7", ""},
        {"3:4.4.1-2.rhaos4.12.el9", "9", ""},
        {"1.31.5-4.rhaos4.18.git36fc5dc.el8", "8", ""},
        {"2.9.27-1.el8ae", "8", ""},
        {"1.2-3.el10_1.2", "10", "1"},
        {"1:18.19.0-1.module+el8.9.0+20883+d4c0ef4f", "8", "9"},
        {"1-1.module_el8.10.0+3633+bb0b1fbb", "8", "10"},
        {"8.19.0-3.hum1", "", ""},
        {"1.0-1.devel9", "", ""},
        {"1.0-1.el", "", ""},
        {"el9_4", "9", "4"},
        {"", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct redhat_stream s = redhat_stream_of(slice_str(cases[i][0]));
        assert_string_equal(text(s.major), cases[i][1]);
        assert_string_equal(text(s.minor), cases[i][2]);
    }
    struct redhat_stream el9 = {SLICE("9"), SLICE_NONE}, el9_4 = {SLICE("9"), SLICE("4")},
                         el9_6 = {SLICE("9"), SLICE("6")}, el8 = {SLICE("8"), SLICE_NONE}, none = {0};
    assert_true(redhat_same_stream(el9_4, el9_4) && redhat_same_stream(el9, el9));
    assert_false(redhat_same_stream(el9_4, el9_6) || redhat_same_stream(el9, el9_4) || redhat_same_stream(none, none));
    assert_true(redhat_other_stream(el9_4, el9_6) && redhat_other_stream(el9_4, el9) && redhat_other_stream(el9, el8));
    /* A build without a minor release may be of any. */
    assert_false(redhat_other_stream(el9, el9_4) || redhat_other_stream(el9_4, el9_4) ||
                 redhat_other_stream(none, el9));
    struct slice longer[REDHAT_LONGER_MAX];
    assert_int_equal(redhat_longer_products(SLICE("1-1.el9_4"), &arena, longer), REDHAT_LONGER_MAX);
    assert_string_equal(text(longer[0]), "rhel_eus:9.4");
    assert_int_equal(redhat_longer_products(SLICE("1-1.el9"), &arena, longer), 0);
    arena_reset(&arena);
}

static void test_where_a_further_fix_counts_from(void **state)
{
    static const char *const cases[][3] = {
        {"7.76.1-23.el9_2.4", "7.76.1-26.el9_3.2", "0"}, /* builds say themselves which one is theirs */
        {"3.9.18-3.el9_4.5", "3.9.19-8.el9", "0"},
        {"1.0-1.module+el8.8.0+1+a", "1.0-3.module+el8.9.0+1+a", "0"},
        {"1.0-3.el8", "1.0-3.el9", "0"},
        {"1.0-2.el9", "1.0-8.el9_4.1", "1.0-3"},
        {"1.0-2.el9", "1.0-2.el9_3.1", "1.0-2.el9_3"},
        {"1.0-2.el9", "1.0-3.el9", ""},
        {"1.0-x.el9", "1.0-3.el9_3", ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(text(redhat_release_began(slice_str(cases[i][0]), slice_str(cases[i][1]), &arena)),
                            cases[i][2]);
    arena_reset(&arena);
}

static void test_labels_of_modules(void **state)
{
    static const char *const cases[][3] = {
        {"python39:3.9:8100020240826062204:d47b87a4", "python39:3.9", "8100020240826062204"},
        {"nodejs:18", "nodejs:18", ""},
        {"nodejs:18:809:a1", "nodejs:18", ""},
        {"nodejs", "", ""},
        {"", "", ""},
    };
    static const char *const began[][3] = {
        {"8080020230101000000", "8090020240101000000", "8090000000000000000"},
        {"8080020230101000000", "8100020240101000000", "8090000000000000000"},
        {"8090020230101000000", "8090020240101000000", ""}, /* one minor release */
        {"9.4", "8090020240101000000", ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct redhat_module m = redhat_module_of(slice_str(cases[i][0]));
        assert_string_equal(text(m.stream), cases[i][1]);
        assert_string_equal(text(m.version), cases[i][2]);
    }
    for (size_t i = 0; i < ARRAY_LEN(began); i++)
        assert_string_equal(text(redhat_module_began(slice_str(began[i][0]), slice_str(began[i][1]), &arena)),
                            began[i][2]);
    arena_reset(&arena);
}

/* ---- against Red Hat's own mapping ---- */

/* ctest apart: test_every_known_* */

static bool read_mapping(struct buf *out)
{
    struct byte_source_file f = {
        .fd = open(shared_path("data/fixtures/vuls-data-update-fetch.tar.zst"), O_RDONLY | O_CLOEXEC)};
    struct unpack *u;
    struct slice name;
    struct err e = ERR_INIT;
    bool found = false;
    if (f.fd < 0)
        return false;
    assert_int_equal(unpack_open(byte_source_of_file(&f), UNPACK_TAR, (uint64_t)4 << 30, &u, &e), 0);
    while (!found && unpack_next(u, &name, &e) == 1)
        if (slice_ends(name, SLICE("/repository-to-cpe.json")))
            found = unpack_entry(u, out, &e) == 1;
    unpack_close(u);
    close(f.fd);
    return found;
}

static void test_every_known_content_set(void **state)
{
    (void)state;
    struct buf bytes = BUF_INIT((size_t)16 << 20);
    json_t *root;
    const char *name;
    json_t *entry;
    size_t known = 0;
    if (!read_mapping(&bytes)) {
        buf_done(&bytes);
        skip_case("Red Hat's mapping of content sets is not here: CAREEN_SHARED");
    }
    assert_int_equal(reading_json(buf_slice(&bytes), &root, NULL), 0);
    json_t *data = json_object_get(root, "data");
    assert_true(json_object_size(data) > 8000);
    json_object_foreach(data, name, entry)
    {
        struct slice product = redhat_product_of_content_set(slice_str(name), SLICE_NONE, &arena);
        const json_t *cpes = json_object_get(entry, "cpes");
        bool said = false;
        for (size_t i = 0; i < json_array_size(cpes); i++)
            said |=
                slice_eq(product, redhat_product_of_cpe(slice_str(json_string_value(json_array_get(cpes, i))), &arena));
        if (product.n && !said)
            fail_msg("%s is not of %.*s", name, SLICE_FMT(product));
        known += product.n > 0;
        arena_reset(&arena);
    }
    print_message("%zu of %zu content sets have a product, all as published\n", known, json_object_size(data));
    assert_true(known > 2800);
    json_decref(root);
    buf_done(&bytes);
}

/* ---- images ---- */

struct file {
    const char *path, *text;
};

/* The products with a blank between; the inventory's status and reasons go to *ret. */
static const char *products_of(const struct file *files, size_t n, struct inventory *ret)
{
    static char joined[2048];
    static struct layer_packages layer;
    struct buf b = ev_begin();
    struct err e = ERR_INIT;
    for (size_t i = 0; i < n; i++)
        ev_file(&b, files[i].path, files[i].text);
    ev_end(&b);
    if (parse_layer(buf_slice(&b), &arena, &layer, &e) ||
        assemble_image(&(struct image){.digest = SLICE("sha256:x")}, &layer, 1, &arena, ret, &e))
        fail_msg("%s", e.text);
    buf_done(&b);
    joined[0] = 0;
    for (size_t i = 0; i < ret->os.products.n; i++) {
        size_t at = strlen(joined);
        snprintf(joined + at, sizeof joined - at, "%s%.*s", at ? " " : "", SLICE_FMT(ret->os.products.v[i]));
    }
    return joined;
}

#define RHEL(v)                                                                                                        \
    {                                                                                                                  \
        "etc/os-release", "ID=\"rhel\"\nVERSION_ID=\"" v "\"\nPRETTY_NAME=\"Red Hat Enterprise Linux " v               \
                          "\"\nCPE_NAME=\"cpe:/o:redhat:enterprise_linux:9::baseos\"\n"                                \
    }
#define MANIFEST(name) "root/buildinfo/content_manifests/" name ".json"

static void test_images(void **state)
{
    (void)state;
    struct inventory image;
    const struct file plain[] = {RHEL("9.2")};
    assert_string_equal(products_of(plain, 1, &image), "");
    assert_string_equal(text(image.os.ecosystem), "Red Hat:9");
    const struct file eus[] = {
        RHEL("9.2"),
        {MANIFEST("ubi9-container-9.2-1"),
         "{\"metadata\":{},\"image_layer_index\":0,\"content_sets\":[\"ubi-9-baseos-rpms\"],\"image_contents\":[]}"},
        {MANIFEST("tool-container-1-1"),
         "{\"content_sets\":[\"rhel-9-for-x86_64-appstream-eus-rpms__9_DOT_2\","
         "\"rhel-9-for-x86_64-baseos-eus-rpms\",\"rhocp-4.14-for-rhel-9-x86_64-rpms\"]}"},
        {"root/buildinfo/Dockerfile-tool-1-1", "FROM ubi9\nLABEL \"name\"=\"tool\" \\\n      "
                                               "\"cpe\"=\"cpe:/a:redhat:lvms:4.14::el9\"\n"},
        {"usr/share/buildinfo/labels.json", "{\"name\":\"tool\",\"cpe\":\"cpe:/a:redhat:quay:3.10::el9\"}"},
        {"usr/share/buildinfo/content-sets.json", "{\"content_sets\":[\"cnv-4.14-for-rhel-9-x86_64-rpms\"]}"},
    };
    assert_string_equal(products_of(eus, ARRAY_LEN(eus), &image),
                        "container_native_virtualization:4.14::el9 lvms:4.14::el9 openshift:4.14::el9 quay:3.10::el9 "
                        "rhel_eus:9.2");
    /* Who isn't Red Hat's has none of its products. */
    const struct file alma[] = {{"etc/os-release", "ID=almalinux\nVERSION_ID=9.2\nPRETTY_NAME=Alma\n"}, eus[2]};
    assert_string_equal(products_of(alma, 2, &image), "");
    arena_reset(&arena);
}

static void assert_reason(const struct inventory *image, const char *part)
{
    for (size_t i = 0; i < image->reasons.texts.n; i++)
        if (slice_find_slice(image->reasons.texts.v[i], slice_str(part)) >= 0)
            return;
    fail_msg("no reason says \"%s\"", part);
}

static void test_manifests_that_break(void **state)
{
    (void)state;
    struct inventory image;
    const struct file cut[] = {RHEL("9.2"), {MANIFEST("a"), "{\"content_sets\":[\"rhocp-4.12"}};
    assert_string_equal(products_of(cut, 2, &image), "");
    assert_reason(&image, "content_manifests/a.json: its content sets are not known");
    const struct file odd[] = {RHEL("9.2"),
                               {MANIFEST("a"), "{\"content_sets\":[7,\"a b\",\"rhocp-4.12-for-rhel-9-x86_64-rpms\"]}"}};
    assert_string_equal(products_of(odd, 2, &image), "openshift:4.12::el9");
    assert_reason(&image, "2 of its content sets are not names");
    const struct file labels[] = {RHEL("9.2"), {"usr/share/buildinfo/labels.json", "["}};
    assert_string_equal(products_of(labels, 2, &image), "");
    assert_reason(&image, "its labels are not known");
    /* More than are judged: those of longer support stay. */
    struct buf many = BUF_INIT(1 << 16);
    buf_addf(&many, "{\"content_sets\":[\"rhel-9-for-x86_64-baseos-e4s-rpms__9_DOT_2\"");
    for (int i = 10; i < 60; i++)
        buf_addf(&many, ",\"rhocp-4.%d-for-rhel-9-x86_64-rpms\"", i);
    buf_addf(&many, "]}");
    const struct file all[] = {RHEL("9.2"), {MANIFEST("a"), buf_cstr(&many)}};
    assert_non_null(strstr(products_of(all, 2, &image), "openshift:4.10::el9"));
    assert_int_equal(image.os.products.n, PRODUCTS_MAX);
    assert_true(slice_eq_str(image.os.products.v[PRODUCTS_MAX - 1], "rhel_e4s:9.2"));
    assert_reason(&image, "more than 24 products");
    buf_done(&many);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cpes),
        cmocka_unit_test(test_content_sets),
        cmocka_unit_test(test_minor_releases_of_builds),
        cmocka_unit_test(test_where_a_further_fix_counts_from),
        cmocka_unit_test(test_labels_of_modules),
        cmocka_unit_test(test_every_known_content_set),
        cmocka_unit_test(test_images),
        cmocka_unit_test(test_manifests_that_break),
    };
    return run_cases(tests, NULL, NULL);
}
