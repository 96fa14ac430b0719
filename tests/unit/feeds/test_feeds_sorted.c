/* SPDX-License-Identifier: Apache-2.0 */
/* Sorted files: any order in, key order out; the last of a key counts; found again after a seek, a reopen, damage. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "feeds/pipeline/sorted.h"

#include <fcntl.h>
#include <sys/stat.h>

static char *make_dir(void)
{
    const char *tmp = getenv("TMPDIR");
    char *dir = xasprintf("%s/careen-sorted-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(dir));
    return dir;
}

static void end_dir(char *dir)
{
    sorted_remove(dir);
    assert_int_equal(access(dir, F_OK), -1);
    free(dir);
}

static struct sorted *create(const char *dir)
{
    struct sorted *s;
    struct err e = ERR_INIT;
    if (sorted_create(dir, &s, &e))
        fail_msg("%s", e.text);
    return s;
}

static void put(struct sorted *s, unsigned key, const char *value, size_t pad)
{
    char name[32];
    struct buf b ATTR_CLEANUP(buf_done) = BUF_INIT((size_t)16 << 20);
    struct err e = ERR_INIT;
    snprintf(name, sizeof name, "k%08u", key);
    buf_addf(&b, "%s of %u", value, key);
    while (b.n < pad)
        buf_add_byte(&b, 'x');
    if (sorted_put(s, slice_str(name), buf_slice(&b), &e))
        fail_msg("%s", e.text);
}

static uint64_t finish(struct sorted *s)
{
    uint64_t n;
    struct err e = ERR_INIT;
    if (sorted_finish(s, &n, &e))
        fail_msg("%s", e.text);
    return n;
}

static void seek(struct sorted *s, const char *from)
{
    struct err e = ERR_INIT;
    if (sorted_seek(s, slice_str(from), &e))
        fail_msg("%s", e.text);
}

/* The next key's number, -1 at the end; its value must begin with that. */
static long next(struct sorted *s, const char *value)
{
    struct slice k, v;
    struct err e = ERR_INIT;
    int r = sorted_next(s, &k, &v, &e);
    if (r < 0)
        fail_msg("%s", e.text);
    if (!r)
        return -1;
    assert_true(slice_starts(v, slice_str(value)));
    char *text ATTR_CLEANUP(cleanup_free) = slice_dup(k);
    return strtol(text + 1, NULL, 10);
}

static void test_order(void **state)
{
    (void)state;
    char *dir = make_dir();
    struct sorted *s = create(dir);
    const unsigned n = 60011; /* a prime, so that every number comes once; some ten runs */
    for (unsigned i = 0; i < n; i++)
        put(s, (unsigned)((uint64_t)i * 40009 % n), "old", 600);
    for (unsigned i = 0; i < n; i++)
        put(s, (unsigned)((uint64_t)i * 7919 % n), "new", 600);
    assert_int_equal(finish(s), n);
    for (unsigned i = 0; i < n; i++)
        assert_int_equal(next(s, "new of "), i);
    assert_int_equal(next(s, ""), -1);
    assert_int_equal(next(s, ""), -1);
    sorted_close(s);
    struct stat st;
    char *runs ATTR_CLEANUP(cleanup_free) = xasprintf("%s/runs", dir);
    assert_int_equal(stat(runs, &st), -1);
    end_dir(dir);
}

static void test_few(void **state)
{
    (void)state;
    char *dir = make_dir();
    struct sorted *s = create(dir);
    assert_int_equal(finish(s), 0);
    assert_int_equal(next(s, ""), -1);
    sorted_close(s);
    /* In one buffer, with a key thrice and a value of many buffers. */
    s = create(dir);
    put(s, 2, "a", 0);
    put(s, 1, "b", (size_t)8 << 20);
    put(s, 2, "c", 0);
    put(s, 0, "d", 0);
    put(s, 2, "e", 0);
    assert_int_equal(finish(s), 3);
    assert_int_equal(next(s, "d of"), 0);
    assert_int_equal(next(s, "b of"), 1);
    assert_int_equal(next(s, "e of"), 2);
    assert_int_equal(next(s, ""), -1);
    sorted_close(s);
    end_dir(dir);
}

/* Two writers never share files: the second is refused, and what one of a removed folder writes is nobody's. */
static void test_two_writers(void **state)
{
    (void)state;
    char *dir = make_dir();
    struct sorted *s = create(dir), *second = NULL;
    struct err e = ERR_INIT;
    uint64_t n;
    put(s, 1, "first", 0);
    assert_int_equal(sorted_create(dir, &second, &e), -1);
    assert_int_equal(e.kind, ERR_RETRY);
    sorted_remove(dir);
    second = create(dir);
    put(second, 2, "second", 0);
    assert_int_equal(sorted_finish(s, &n, &e), -1);
    sorted_close(s);
    assert_int_equal(finish(second), 1);
    sorted_close(second);
    assert_int_equal(sorted_open(dir, &s, &e), 0);
    assert_int_equal(next(s, "second"), 2);
    sorted_close(s);
    end_dir(dir);
}

static void test_limits(void **state)
{
    (void)state;
    char *dir = make_dir();
    struct sorted *s = create(dir);
    struct err e = ERR_INIT;
    char key[SORTED_KEY_MAX + 1];
    memset(key, 'k', sizeof key);
    assert_int_equal(sorted_put(s, SLICE(""), SLICE("v"), &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
    assert_int_equal(sorted_put(s, slice_of(key, sizeof key), SLICE("v"), &e), -1);
    assert_int_equal(sorted_put(s, slice_of(key, SORTED_KEY_MAX), SLICE(""), &e), 0);
    sorted_close(s);
    end_dir(dir);
}

/* As a comparison does it: it stops at a key and goes on there, in this process or in another one. */
static void test_seek(void **state)
{
    (void)state;
    char *dir = make_dir();
    struct sorted *s = create(dir);
    struct err e = ERR_INIT;
    for (unsigned i = 0; i < 1000; i++)
        put(s, 999 - i, "v", 0);
    finish(s);
    for (int reopened = 0; reopened < 2; reopened++) {
        seek(s, "k00000500");
        assert_int_equal(next(s, "v"), 500);
        seek(s, "k00000500");
        assert_int_equal(next(s, "v"), 500);
        assert_int_equal(next(s, "v"), 501);
        seek(s, "k00000500zzz");
        assert_int_equal(next(s, "v"), 501);
        seek(s, "k00000700");
        assert_int_equal(next(s, "v"), 700);
        seek(s, "a");
        assert_int_equal(next(s, "v"), 0);
        seek(s, "k00000999");
        assert_int_equal(next(s, "v"), 999);
        assert_int_equal(next(s, "v"), -1);
        seek(s, "k00000999");
        assert_int_equal(next(s, "v"), 999);
        seek(s, "z");
        assert_int_equal(next(s, "v"), -1);
        seek(s, "");
        assert_int_equal(next(s, "v"), 0);
        sorted_close(s);
        if (sorted_open(dir, &s, &e))
            fail_msg("%s", e.text);
    }
    sorted_close(s);
    end_dir(dir);
}

static int open_again(const char *dir)
{
    struct sorted *s = NULL;
    struct err e = ERR_INIT;
    int rc = sorted_open(dir, &s, &e);
    if (rc)
        assert_int_equal(e.kind, ERR_NOT_FOUND);
    sorted_close(s);
    return rc;
}

/* What was not finished is none, nor what lost its end or its middle. */
static void test_damaged(void **state)
{
    (void)state;
    char *dir = make_dir();
    char *rows ATTR_CLEANUP(cleanup_free) = xasprintf("%s/rows", dir);
    struct stat st;
    assert_int_equal(open_again(dir), -1);
    struct sorted *s = create(dir);
    for (unsigned i = 0; i < 30000; i++)
        put(s, i, "v", 400);
    sorted_close(s);
    assert_int_equal(open_again(dir), -1);
    s = create(dir);
    for (unsigned i = 0; i < 3000; i++)
        put(s, i, "v", 100);
    finish(s);
    sorted_close(s);
    assert_int_equal(open_again(dir), 0);
    assert_int_equal(stat(rows, &st), 0);
    /* A page of zeros, as after a power cut. */
    int fd = open(rows, O_WRONLY);
    static const char zeros[4096];
    assert_int_equal(pwrite(fd, zeros, sizeof zeros, st.st_size / 2), sizeof zeros);
    struct slice k, v;
    struct err e = ERR_INIT;
    int r;
    assert_int_equal(sorted_open(dir, &s, &e), 0);
    while ((r = sorted_next(s, &k, &v, &e)) == 1)
        ;
    assert_int_equal(r, -1);
    assert_int_equal(e.kind, ERR_NOT_FOUND);
    sorted_close(s);
    assert_int_equal(ftruncate(fd, st.st_size - 1), 0);
    close(fd);
    assert_int_equal(open_again(dir), -1);
    end_dir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),       cmocka_unit_test(test_few),  cmocka_unit_test(test_limits),
        cmocka_unit_test(test_two_writers), cmocka_unit_test(test_seek), cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
