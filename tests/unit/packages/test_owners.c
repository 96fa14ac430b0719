/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/owners.h"

#include "unit/make_evidence.h"

/* Collects "path=package,". */
static int collect(void *ctx, struct slice path, struct slice package)
{
    buf_addf(ctx, "%.*s=%.*s,", SLICE_FMT(path), SLICE_FMT(package));
    return 0;
}

static int stop_at_second(void *ctx, struct slice path, struct slice package)
{
    int *calls = ctx;
    (void)path, (void)package;
    return ++*calls == 2 ? 42 : 0;
}

static struct buf make(void)
{
    struct buf b = ev_begin();
    ev_file(&b, "var/lib/dpkg/info/libc6:amd64.list", "/.\n/usr\n/usr/lib/libc.so.6\n/usr/share/a b\n\n");
    ev_file(&b, "var/lib/dpkg/info/python3-yaml.md5sums",
            "00000000000000000000000000000000  usr/lib/python3/yaml.py\n00000000000000000000000000000000 *usr/x\n");
    ev_file(&b, "var/lib/dpkg/status.d/tz.md5sums", "0  usr/share/zoneinfo/UTC");
    ev_file(&b, "var/lib/dpkg/info/python3-yaml.postinst", "#!/bin/sh\n");
    ev_file(&b, "lib/apk/db/installed",
            "P:musl\nV:1\nF:lib\nR:ld.so\nZ:Q1\nF:\nR:top\n\nP:zlib\nF:usr/lib\nR:libz.so\n");
    ev_file(&b, "opt/x.list", "/no\n");
    return b;
}

static void test_paths(void **state)
{
    (void)state;
    struct buf b = make(), got = BUF_INIT(1 << 16);
    ev_end(&b);
    assert_int_equal(owners_walk(buf_slice(&b), collect, &got), 0);
    assert_string_equal(buf_cstr(&got), "usr=libc6,usr/lib/libc.so.6=libc6,usr/share/a b=libc6,"
                                        "usr/lib/python3/yaml.py=python3-yaml,usr/x=python3-yaml,"
                                        "usr/share/zoneinfo/UTC=tz,lib=musl,lib/ld.so=musl,top=musl,"
                                        "usr/lib=zlib,usr/lib/libz.so=zlib,");
    int calls = 0;
    assert_int_equal(owners_walk(buf_slice(&b), stop_at_second, &calls), 42);
    assert_int_equal(calls, 2);
    buf_done(&got);
    buf_done(&b);
}

/* What is damaged is passed over; everything else is given. */
static void test_damaged(void **state)
{
    (void)state;
    struct buf b = make(), got = BUF_INIT(1 << 16);
    /* Without its end the stream is cut. */
    assert_int_equal(owners_walk(buf_slice(&b), collect, &got), 0);
    assert_true(slice_ends(buf_slice(&got), SLICE("usr/lib/libz.so=zlib,")));
    buf_done(&b);
    buf_clear(&got);
    b = ev_begin();
    ev_file(&b, "var/lib/dpkg/info/x.list", "/../../etc/shadow\n/ok\n");
    ev_end(&b);
    assert_int_equal(owners_walk(buf_slice(&b), collect, &got), 0);
    assert_string_equal(buf_cstr(&got), "ok=x,");
    assert_int_equal(owners_walk(SLICE("tar"), collect, &got), 0);
    buf_done(&got);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_paths), cmocka_unit_test(test_damaged)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
