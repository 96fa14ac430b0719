/* SPDX-License-Identifier: Apache-2.0 */
/* inflate: streams made by zlib (Python) and zstd, in pieces of every kind, cut, spoiled, and too long. */
#include "io/archive/inflate.h"

#include <setjmp.h>
#include <cmocka.h>

#include "unit/archive_support.h"
#include "unit/cases.h"

static char *dir;

static int setup(void **state)
{
    (void)state;
    dir = archive_make();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    if (dir)
        archive_remove(dir);
    free(dir);
    return 0;
}

#define NEED_ARCHIVES()                                                                                                \
    if (!dir)                                                                                                          \
    skip_case("make.py needs python3, GNU tar, gzip and zstd")

/* Inflates in pieces of step bytes into out; gives inflate_end's or the failure's result. */
static int inflate_all(struct slice in, size_t step, uint64_t max, struct buf *out, struct err *e)
{
    struct inflate *z = inflate_new(SLICE_NONE, max);
    size_t before = out->n;
    int r = 0;
    while (in.n && r >= 0) {
        struct slice piece = slice_sub(in, 0, step), got;
        in = slice_from(in, piece.n);
        /* An exact copy, so that AddressSanitizer sees reads behind the piece. */
        uint8_t *copy = xmemdup(piece.p, piece.n);
        struct slice s = slice_of(copy, piece.n);
        while ((r = inflate_next(z, &s, &got, e)) == 1)
            buf_add_slice(out, got);
        if (r == 0)
            assert_int_equal(s.n, 0);
        free(copy);
    }
    assert_int_equal(inflate_unpacked(z), out->n - before);
    if (r >= 0)
        r = inflate_end(z, e);
    else /* sticky */
        assert_int_equal(inflate_end(z, NULL), -1);
    inflate_free(z);
    return r;
}

static void check(const char *name, struct slice plain, size_t step)
{
    struct buf in = archive_read_file(dir, name), out = BUF_INIT((size_t)8 << 20);
    struct err e = ERR_INIT;
    if (inflate_all(buf_slice(&in), step, UINT64_MAX, &out, &e))
        fail_msg("%s in pieces of %zu: %s", name, step, e.text);
    if (!slice_eq(buf_slice(&out), plain))
        fail_msg("%s in pieces of %zu: other bytes", name, step);
    buf_done(&in);
    buf_done(&out);
}

static void test_every_shape(void **state)
{
    (void)state;
    NEED_ARCHIVES();
    static const size_t steps[] = {SIZE_MAX, 131072, 4093};
    struct buf plain = archive_read_file(dir, "plain.bin");
    DIR *d = opendir(dir);
    struct dirent *t;
    size_t n = 0;
    while ((t = readdir(d))) {
        struct slice name = slice_str(t->d_name);
        if (!slice_ends(name, SLICE(".gz")) && !slice_ends(name, SLICE(".zst")))
            continue;
        for (size_t i = 0; i < ARRAY_LEN(steps); i++)
            check(t->d_name, buf_slice(&plain), steps[i]);
        n++;
    }
    closedir(d);
    assert_int_equal(n, 20);
    check("plain.bin", buf_slice(&plain), 1000);
    check("empty-members.tar.gz", buf_slice(&plain), 1);
    check("many-members.tar.gz", buf_slice(&plain), 7);
    check("skippable.tar.zst", buf_slice(&plain), 1);
    buf_done(&plain);
}

/* Every prefix of a stream gives a prefix of its content, and says that it is cut unless it ends with a member. */
static void test_truncation(void **state)
{
    (void)state;
    NEED_ARCHIVES();
    static const char *const names[] = {"flags30.tar.gz", "two-members.tar.gz", "fixed.tar.gz", "zstd19.tar.zst",
                                        "skippable.tar.zst"};
    struct buf plain = archive_read_file(dir, "plain.bin");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct buf in = archive_read_file(dir, names[i]), out = BUF_INIT((size_t)8 << 20);
        for (size_t n = 0; n <= in.n; n += n < 80 || n + 40 > in.n ? 1 : 19973) {
            struct err e = ERR_INIT;
            buf_clear(&out);
            int r = inflate_all(slice_of(in.p, n), SIZE_MAX, UINT64_MAX, &out, &e);
            assert_true(slice_starts(buf_slice(&plain), buf_slice(&out)));
            if (n == in.n)
                assert_int_equal(r, 0);
            else if (r == 0 && out.n == plain.n)
                assert_true(i == 4); /* only a skippable frame is missing */
            else if (r)
                assert_int_equal(e.kind, ERR_PARTIAL);
        }
        buf_done(&in);
        buf_done(&out);
    }
    buf_done(&plain);
}

static void test_spoiled(void **state)
{
    (void)state;
    NEED_ARCHIVES();
    struct buf in = archive_read_file(dir, "level6.tar.gz"), out = BUF_INIT((size_t)64 << 20);
    struct err e = ERR_INIT;
    size_t noticed = 0, tried = 0;
    for (size_t at = 10; at < in.n; at += 9999) {
        in.p[at] ^= 0x55;
        buf_clear(&out);
        noticed += inflate_all(buf_slice(&in), 4096, (uint64_t)32 << 20, &out, &e) != 0;
        tried++;
        in.p[at] ^= 0x55;
    }
    assert_int_equal(noticed, tried); /* the checksum sees what deflate does not */
    in.p[in.n - 8] ^= 1;
    assert_int_equal(inflate_all(buf_slice(&in), SIZE_MAX, UINT64_MAX, &out, &e), -1);
    assert_non_null(strstr(e.text, "checksum"));
    in.p[in.n - 8] ^= 1;
    in.p[in.n - 1] ^= 1;
    assert_int_equal(inflate_all(buf_slice(&in), SIZE_MAX, UINT64_MAX, &out, &e), -1);
    assert_non_null(strstr(e.text, "length"));
    in.p[in.n - 1] ^= 1;
    in.p[3] = 0x80;
    assert_int_equal(inflate_all(buf_slice(&in), SIZE_MAX, UINT64_MAX, &out, &e), -1);
    assert_non_null(strstr(e.text, "flags"));
    in.p[2] = 9;
    assert_int_equal(inflate_all(buf_slice(&in), SIZE_MAX, UINT64_MAX, &out, &e), -1);
    assert_non_null(strstr(e.text, "method 9"));
    buf_done(&in);
    buf_done(&out);
}

static void test_bomb(void **state)
{
    (void)state;
    NEED_ARCHIVES();
    static const char *const names[] = {"level6.tar.gz", "zstd3.tar.zst", "plain.bin"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct buf in = archive_read_file(dir, names[i]), out = BUF_INIT((size_t)8 << 20);
        struct err e = ERR_INIT;
        assert_int_equal(inflate_all(buf_slice(&in), 1000, 12345, &out, &e), -1);
        assert_int_equal(out.n, 12345);
        assert_non_null(strstr(e.text, "more than 12345 bytes"));
        buf_clear(&out);
        assert_int_equal(inflate_all(buf_slice(&in), 1000, 1000100, &out, &e), 0);
        buf_done(&in);
        buf_done(&out);
    }
}

static void refused(const char *what, struct slice bytes)
{
    struct buf out = BUF_INIT(4096);
    struct err e = ERR_INIT;
    assert_int_equal(inflate_all(bytes, 1, UINT64_MAX, &out, &e), -1);
    assert_non_null(strstr(e.text, what));
    buf_done(&out);
}

static void test_kinds(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct buf out = BUF_INIT(4096);
    refused("xz", SLICE("\xfd"
                        "7zXZ\0rest"));
    refused("bzip2", SLICE("BZh91AY&SYrest"));
    refused("lz4", SLICE("\x04\x22\x4d\x18rest"));
    refused("cut", SLICE("\x1f\x8b"));
    refused("first bytes", SLICE("\x28\xb5"));
    refused("zstd", SLICE("\x28\xb5\x2f\xfd\xff\xff\xff\xff\xff\xff\xff\xff\xff"));
    assert_int_equal(inflate_all(SLICE("BZh is a name"), 1, UINT64_MAX, &out, &e), 0);
    assert_true(slice_eq(buf_slice(&out), SLICE("BZh is a name")));
    buf_clear(&out);
    assert_int_equal(inflate_all(SLICE_NONE, 1, UINT64_MAX, &out, &e), 0);
    buf_done(&out);

    assert_int_equal(inflate_kind_of(SLICE("application/vnd.oci.image.layer.v1.tar+gzip")), INFLATE_GZIP);
    assert_int_equal(inflate_kind_of(SLICE("application/vnd.docker.image.rootfs.diff.tar.gzip")), INFLATE_GZIP);
    assert_int_equal(inflate_kind_of(SLICE("application/vnd.oci.image.layer.v1.tar+zstd")), INFLATE_ZSTD);
    assert_int_equal(inflate_kind_of(SLICE("application/vnd.oci.image.layer.v1.tar")), INFLATE_PLAIN);
    assert_int_equal(inflate_kind_of(SLICE_NONE), INFLATE_UNKNOWN);
    struct inflate *z = inflate_new(SLICE("x.tar+zstd"), UINT64_MAX);
    struct slice in = SLICE("plain text"), got;
    assert_false(inflate_disagrees(z));
    assert_int_equal(inflate_next(z, &in, &got, &e), 1);
    assert_int_equal(inflate_kind(z), INFLATE_PLAIN);
    assert_true(inflate_disagrees(z));
    inflate_free(z);
}

/* A window of 256 MiB is refused by name, not by running out of memory. */
static void test_zstd_window(void **state)
{
    (void)state;
    static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, (28 - 10) << 3, 0x01, 0x00, 0x00};
    static const uint8_t good[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, (27 - 10) << 3, 0x01, 0x00, 0x00};
    struct buf out = BUF_INIT(4096);
    struct err e = ERR_INIT;
    assert_int_equal(inflate_all(slice_of(frame, sizeof frame), SIZE_MAX, UINT64_MAX, &out, &e), -1);
    assert_non_null(strstr(e.text, "memory"));
    assert_int_equal(inflate_all(slice_of(good, sizeof good), SIZE_MAX, UINT64_MAX, &out, &e), 0);
    buf_done(&out);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_shape), cmocka_unit_test(test_truncation), cmocka_unit_test(test_spoiled),
        cmocka_unit_test(test_bomb),        cmocka_unit_test(test_kinds),      cmocka_unit_test(test_zstd_window),
    };
    return run_cases(tests, setup, teardown);
}
