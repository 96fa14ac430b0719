/* SPDX-License-Identifier: Apache-2.0 */
/* collect: layers that are no tar of files are told as what they are, never as empty ones. */
#include "pull/collect.h"

#include <setjmp.h>
#include <cmocka.h>

#include "unit/archive_support.h"
#include "model/image/media_type.h"

static struct arena arena = {.max = (size_t)8 << 20};
static struct buf given = {.max = (size_t)8 << 20}, b = {.max = (size_t)8 << 20};

static int clean(void **state)
{
    (void)state;
    arena_done(&arena);
    buf_done(&given);
    buf_done(&b);
    return 0;
}

static void take(void *arg, struct slice bytes)
{
    (void)arg;
    buf_add_slice(&given, bytes);
}

static struct collect_result collect(const char *media_type)
{
    struct collect_result r;
    struct err e = ERR_INIT;
    buf_clear(&given);
    struct collect *c = collect_new(slice_str(media_type), NULL, take, NULL);
    for (size_t at = 0; at < b.n; at += 700)
        collect_feed(c, slice_sub(buf_slice(&b), at, 700));
    collect_end(c);
    collect_free(c);
    if (collect_result_read(buf_slice(&given), &arena, &r, &e))
        fail_msg("%s", e.text);
    return r;
}

/* n bytes of zeros with magic at a place. */
static void bytes_with(size_t n, size_t at, const char *magic, size_t magic_n)
{
    buf_clear(&b);
    memset(buf_reserve(&b, n), 0, n);
    b.n = n;
    memcpy(b.p + at, magic, magic_n);
}

static void test_other_forms(void **state)
{
    static const struct {
        const char *media_type;
        size_t at;
        const char *magic, *reason;
    } cases[] = {
        {MEDIA_OCI_LAYER "+gzip", 0, "hsqs", "the layer is a squashfs file system"},
        {"application/vnd.stacker.image.layer.squashfs+zstd+verity", 0, "????", "a squashfs file system"},
        {MEDIA_OCI_LAYER, 1024, "\xe2\xe1\xf5\xe0", "the layer is an EROFS file system"},
        {"", 1080, "\x53\xef", "the layer is an ext file system"},
        {"application/vnd.sylabs.sif.layer.v1.sif", 32, "SIF_MAGIC", "a Singularity image"},
        {MEDIA_OCI_LAYER "+gzip+encrypted", 0, "\x81\x92 random",
         "the layer is encrypted, media type " MEDIA_OCI_LAYER "+gzip+encrypted, which can't be read yet"},
        {MEDIA_OCI_LAYER "+encrypted", 0, "\x81\x92 random", "encrypted"},
        {"application/vnd.oci.image.layer.nydus.blob.v1", 0, "x", "a Nydus blob"},
        {"text/spdx", 0, "SPDXVersion: SPDX-2.3", "a list of packages (SBOM), media type text/spdx"},
        {"application/x-nobody-knows", 0, "{}", "of a type that is not files, media type application/x-nobody-knows"},
        {"", 1500, "behind the end", "begins like an empty tar"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bytes_with(4096, cases[i].at, cases[i].magic, strlen(cases[i].magic));
        struct collect_result r = collect(cases[i].media_type);
        assert_int_equal(r.status, PULL_FAILED);
        assert_int_equal(r.reasons.texts.n, 1);
        if (slice_find_slice(r.reasons.texts.v[0], slice_str(cases[i].reason)) < 0)
            fail_msg("%s: %.*s", cases[i].reason, SLICE_FMT(r.reasons.texts.v[0]));
    }
}

static void test_empty_layers_stay(void **state)
{
    (void)state;
    buf_clear(&b);
    assert_int_equal(collect(MEDIA_OCI_LAYER).status, PULL_GOOD);
    bytes_with(10240, 0, "", 0);
    assert_int_equal(collect(MEDIA_OCI_LAYER).status, PULL_GOOD);
}

/* The type may be wrong where the bytes are a tar: they decide. */
static void test_bytes_decide(void **state)
{
    (void)state;
    buf_clear(&b);
    tar_put_file(&b, "etc/os-release", "ID=x\n");
    tar_put_end(&b);
    assert_int_equal(collect(MEDIA_OCI_LAYER "+encrypted").status, PULL_GOOD);
    assert_int_equal(collect("application/x-nobody-knows").status, PULL_GOOD);
}

static void test_members(void **state)
{
    (void)state;
    buf_clear(&b);
    tar_put_file(&b, "overlaybd.commit", "bytes");
    tar_put_end(&b);
    struct collect_result r = collect(MEDIA_OCI_LAYER);
    assert_int_equal(r.status, PULL_PARTIAL);
    assert_true(slice_find_slice(r.reasons.texts.v[0], SLICE("an OverlayBD block device (overlaybd.commit)")) >= 0);
    buf_clear(&b);
    tar_put_file(&b, "stargz.index.json", "{}"); /* eStargz is a tar like any other */
    tar_put_end(&b);
    assert_int_equal(collect(MEDIA_OCI_LAYER).status, PULL_GOOD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_forms),
        cmocka_unit_test(test_empty_layers_stay),
        cmocka_unit_test(test_bytes_decide),
        cmocka_unit_test(test_members),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
