/* SPDX-License-Identifier: Apache-2.0 */
/* layer: the parent's side, with the real sandbox: digests, sizes, readers that fail, children that die, many at once.
 */
#include "pull/layer.h"

#include <setjmp.h>
#include <cmocka.h>

#include "unit/archive_support.h"
#include "unit/cases.h"
#include "io/digest.h"
#include "packages/format.h"
#include "packages/path_index.h"

#include <fcntl.h>
#include <signal.h>

/* Main 1 dies on its first input, main 2 answers nonsense. */
static int dies(struct sandbox_child *c, struct slice argument)
{
    const uint8_t *p;
    (void)argument;
    sandbox_child_read(c, &p);
    abort();
}

static int babbles(struct sandbox_child *c, struct slice argument)
{
    const uint8_t *p;
    (void)argument;
    while (sandbox_child_read(c, &p))
        ;
    sandbox_child_write(c, SLICE("nonsense CRR1"));
    return 0;
}

static const sandbox_main mains[] = {collect_main, dies, babbles};
static struct sandbox *sb;
static struct arena arena = {.max = (size_t)8 << 20};
static struct buf tar = {.max = (size_t)64 << 20};
static char digest[DIGEST_TEXT_MAX];

static void digest_now(struct slice bytes, char *text)
{
    uint8_t raw[DIGEST_RAW];
    digest_of(bytes, raw);
    digest_format(raw, text);
}

static int setup(void **state)
{
    struct err e = ERR_INIT;
    (void)state;
    if (sandbox_start(mains, ARRAY_LEN(mains), NULL, &sb, &e))
        BUG("%s", e.text);
    uint8_t *body = xcalloc(1, 3000000);
    for (size_t i = 0; i < 3000000; i++)
        body[i] = (uint8_t)(i * i >> 7);
    tar_put_file(&tar, "etc/os-release", "ID=debian\n");
    tar_put(&tar, "usr/bin/big", '0', NULL, slice_of(body, 3000000));
    tar_put_file(&tar, "var/lib/dpkg/status", "Package: a\n");
    tar_put_end(&tar);
    free(body);
    digest_now(buf_slice(&tar), digest);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sandbox_stop(sb);
    arena_done(&arena);
    buf_done(&tar);
    return 0;
}

struct source {
    struct slice left;
    size_t step, fail_after;
};

static int read_source(void *arg, uint8_t *to, size_t cap, size_t *ret_n, struct err *e)
{
    struct source *s = arg;
    size_t n = MIN(MIN(cap, s->step), s->left.n);
    if (s->fail_after && !--s->fail_after)
        return err_set(e, ERR_RETRY, 0, "the line is cut");
    if (n)
        memcpy(to, s->left.p, n);
    s->left = slice_from(s->left, n);
    *ret_n = n;
    return 0;
}

static int collect(struct slice bytes, size_t step, const char *wanted, int64_t size, size_t main_index,
                   struct layer_result *r, struct err *e)
{
    struct source s = {bytes, step, 0};
    return layer_collect(sb, read_source, &s, slice_str(wanted), size, SLICE_NONE,
                         &(struct layer_limits){.main_index = main_index}, &arena, r, e);
}

static size_t formats_count(void)
{
    size_t n = 0;
    while (package_formats[n])
        n++;
    return n;
}

static void check_good(const struct layer_result *r)
{
    assert_int_equal(r->status, PULL_GOOD);
    assert_int_equal(r->reasons.texts.n, 0);
    assert_int_equal(r->size, tar.n);
    assert_int_equal(r->unpacked_size, tar.n);
    assert_int_equal(r->entries, 3);
    assert_int_equal(r->collectors.n, formats_count());
    assert_true(slice_eq(r->collectors.v[0].name, SLICE("apk")));
    assert_int_equal(r->collectors.v[1].version, 1);
    assert_true(path_index_may_hold(r->path_index, PATH_INDEX_PATH, SLICE("usr/bin/big")));
    assert_false(path_index_may_hold(r->path_index, PATH_INDEX_PATH, SLICE("usr/bin/small")));
    assert_true(r->evidence.n > 20);
}

static void test_good(void **state)
{
    (void)state;
    static const size_t steps[] = {SIZE_MAX, 4096, 999};
    struct buf first = BUF_INIT(0);
    struct err e = ERR_INIT;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct layer_result r;
        if (collect(buf_slice(&tar), steps[i], digest, i ? (int64_t)tar.n : -1, 0, &r, &e))
            fail_msg("%s", e.text);
        check_good(&r);
        if (!i) {
            first = r.evidence;
        } else {
            assert_true(slice_eq(buf_slice(&first), buf_slice(&r.evidence)));
            layer_result_done(&r);
        }
    }
    struct layer_pull *p;
    struct layer_result r;
    assert_int_equal(layer_begin(sb, slice_str(digest), -1, SLICE("x.tar"), NULL, &p, &e), 0);
    assert_int_equal(layer_feed(p, slice_sub(buf_slice(&tar), 0, 1000), &e), 0);
    assert_int_equal(layer_feed(p, slice_from(buf_slice(&tar), 1000), &e), 0);
    assert_int_equal(layer_end(p, &arena, &r, &e), 0);
    check_good(&r);
    assert_true(slice_eq(buf_slice(&first), buf_slice(&r.evidence)));
    layer_result_done(&r);
    assert_int_equal(layer_begin(sb, slice_str(digest), -1, SLICE("x.tar"), NULL, &p, &e), 0);
    assert_int_equal(layer_feed(p, slice_sub(buf_slice(&tar), 0, 1000), &e), 0);
    layer_abort(p);
    buf_done(&first);
}

static void test_identity(void **state)
{
    (void)state;
    struct layer_result r;
    struct err e = ERR_INIT;
    char other[DIGEST_TEXT_MAX];
    digest_now(SLICE("other"), other);
    assert_int_equal(collect(buf_slice(&tar), SIZE_MAX, other, -1, 0, &r, &e), -1);
    assert_int_equal(e.kind, ERR_RETRY);
    assert_non_null(strstr(e.text, digest));
    assert_non_null(strstr(e.text, other));
    assert_int_equal(collect(buf_slice(&tar), SIZE_MAX, digest, (int64_t)tar.n + 1, 0, &r, &e), -1);
    assert_non_null(strstr(e.text, "its manifest says"));
    assert_int_equal(collect(buf_slice(&tar), SIZE_MAX, digest, 1000, 0, &r, &e), -1);
    assert_non_null(strstr(e.text, "more than the 1000 bytes"));
    assert_int_equal(collect(buf_slice(&tar), SIZE_MAX, "md5:x", 1000, 0, &r, &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
    struct source s = {buf_slice(&tar), 4096, 20};
    assert_int_equal(layer_collect(sb, read_source, &s, slice_str(digest), -1, SLICE_NONE, NULL, &arena, &r, &e), -1);
    assert_string_equal(e.text, "the line is cut");
}

struct pushing {
    struct slice bytes;
    int times, fails_at;
};

static int push_bytes(void *arg, struct layer_pull *p, struct err *e)
{
    struct pushing *s = arg;
    if (++s->times == s->fails_at)
        return err_set(e, ERR_RETRY, 0, "the line is cut");
    return layer_feed(p, s->bytes, e);
}

/* Wanted files that are hard links take another pass; its list of links is longer than a sandbox's argument may be. */
static void test_passes(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)16 << 20);
    struct layer_result r;
    struct err e = ERR_INIT;
    char name[64], of[DIGEST_TEXT_MAX];
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "objects/%04d", i);
        tar_put_file(&b, name, "f");
        char link[64];
        snprintf(link, sizeof link, "var/lib/dpkg/info/p%04d.list", i);
        tar_put(&b, link, '1', name, SLICE_NONE);
    }
    tar_put_end(&b);
    digest_now(buf_slice(&b), of);
    struct pushing s = {buf_slice(&b), 0, 0};
    assert_int_equal(
        layer_collect_pushed(sb, push_bytes, &s, slice_str(of), (int64_t)b.n, SLICE_NONE, NULL, &arena, &r, &e), 0);
    assert_int_equal(s.times, 2);
    assert_int_equal(r.passes, 2);
    assert_int_equal(r.status, PULL_GOOD);
    assert_int_equal(r.links.n, 0);
    assert_int_equal(r.size, b.n);
    layer_result_done(&r);
    s = (struct pushing){buf_slice(&b), 0, 2};
    assert_int_equal(
        layer_collect_pushed(sb, push_bytes, &s, slice_str(of), (int64_t)b.n, SLICE_NONE, NULL, &arena, &r, &e), -1);
    assert_string_equal(e.text, "the line is cut");
    s = (struct pushing){buf_slice(&tar), 0, 0};
    assert_int_equal(layer_collect_pushed(sb, push_bytes, &s, slice_str(digest), -1, SLICE_NONE, NULL, &arena, &r, &e),
                     0);
    assert_int_equal(r.passes, 1);
    layer_result_done(&r);
    buf_done(&b);
}

/* A layer that breaks in the middle is partial, and its digest is checked to the end. */
static void test_broken(void **state)
{
    (void)state;
    struct layer_result r;
    struct err e = ERR_INIT;
    char broken[DIGEST_TEXT_MAX];
    uint8_t *copy = xmemdup(tar.p, tar.n);
    copy[tar.n - 1024 - 1024 + 20] ^= 1;
    digest_now(slice_of(copy, tar.n), broken);
    assert_int_equal(collect(slice_of(copy, tar.n), SIZE_MAX, broken, -1, 0, &r, &e), 0);
    assert_int_equal(r.status, PULL_PARTIAL);
    assert_int_equal(r.entries, 2);
    assert_int_equal(r.reasons.texts.n, 1);
    assert_true(slice_find_slice(r.reasons.texts.v[0], SLICE("not a tar header")) >= 0);
    layer_result_done(&r);
    assert_int_equal(collect(slice_of(copy, tar.n), SIZE_MAX, digest, -1, 0, &r, &e), -1);
    assert_non_null(strstr(e.text, "has digest"));
    copy[0] ^= 1;
    digest_now(slice_of(copy, tar.n), broken);
    assert_int_equal(collect(slice_of(copy, tar.n), SIZE_MAX, broken, -1, 0, &r, &e), 0);
    assert_int_equal(r.status, PULL_FAILED);
    assert_int_equal(r.entries, 0);
    layer_result_done(&r);
    free(copy);
}

static void test_child_dies(void **state)
{
    (void)state;
    struct layer_result r;
    struct err e = ERR_INIT;
    assert_int_equal(collect(buf_slice(&tar), SIZE_MAX, digest, (int64_t)tar.n, 1, &r, &e), 0);
    assert_int_equal(r.status, PULL_FAILED);
    assert_int_equal(r.reasons.texts.n, 1);
    assert_true(slice_find_slice(r.reasons.texts.v[0], SLICE("SIGABRT")) >= 0);
    assert_int_equal(r.evidence.n, 0);
    assert_int_equal(r.collectors.n, formats_count());
    assert_int_equal(r.size, tar.n);
    layer_result_done(&r);
    char other[DIGEST_TEXT_MAX];
    digest_now(SLICE("other"), other);
    assert_int_equal(collect(buf_slice(&tar), SIZE_MAX, other, -1, 1, &r, &e), -1);
    assert_non_null(strstr(e.text, "has digest"));
    assert_int_equal(collect(buf_slice(&tar), SIZE_MAX, digest, -1, 2, &r, &e), 0);
    assert_int_equal(r.status, PULL_FAILED);
    assert_true(slice_find_slice(r.reasons.texts.v[0], SLICE("malformed result")) >= 0 ||
                slice_find_slice(r.reasons.texts.v[0], SLICE("no result")) >= 0);
    layer_result_done(&r);
}

static void test_many(void **state)
{
    (void)state;
    enum { N = 12 };
    struct layer_task tasks[N] = {0};
    struct source sources[N];
    for (size_t i = 0; i < N; i++) {
        sources[i] = (struct source){buf_slice(&tar), 10000 + i * 7919, i == 5 ? 3 : 0};
        tasks[i] = (struct layer_task){.read = read_source,
                                       .arg = &sources[i],
                                       .digest = slice_str(digest),
                                       .media_type = SLICE("x.tar"),
                                       .size = i == 7 ? 5 : -1,
                                       .arena = ARENA_INIT((size_t)1 << 20)};
    }
    assert_int_equal(layers_collect(sb, tasks, N, 4), 2);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(tasks[i].failed, i == 5 || i == 7 ? -1 : 0);
        if (!tasks[i].failed) {
            check_good(&tasks[i].result);
            assert_true(slice_eq(buf_slice(&tasks[0].result.evidence), buf_slice(&tasks[i].result.evidence)));
        }
    }
    assert_string_equal(tasks[5].error.text, "the line is cut");
    for (size_t i = 0; i < N; i++) {
        layer_result_done(&tasks[i].result);
        arena_done(&tasks[i].arena);
    }
    assert_int_equal(layers_collect(sb, tasks, 0, 4), 0);
}

/* What make.py packs, through the file interface: the same evidence whatever the packing is. */
static void test_files(void **state)
{
    (void)state;
    char *dir = archive_make();
    if (!dir)
        skip_case("make.py needs python3, GNU tar, gzip and zstd");
    static const char *const names[] = {"pax.tar", "gnu.tar", "many-members.tar.gz", "skippable.tar.zst"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct layer_result r;
        struct err e = ERR_INIT;
        char is[DIGEST_TEXT_MAX];
        struct buf b = archive_read_file(dir, names[i]);
        char *path = xasprintf("%s/%s", dir, names[i]);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        digest_now(buf_slice(&b), is);
        assert_int_equal(
            layer_collect_file(sb, fd, slice_str(is), (int64_t)b.n, SLICE("x.tar+gzip"), NULL, &arena, &r, &e), 0);
        assert_int_equal(r.status, i < 2 ? PULL_GOOD : PULL_FAILED); /* plain.bin is no tar */
        assert_int_equal(r.size, b.n);
        layer_result_done(&r);
        close(fd);
        free(path);
        buf_done(&b);
    }
    struct layer_result r;
    struct err e = ERR_INIT;
    assert_int_equal(layer_collect_file(sb, -1, slice_str(digest), -1, SLICE_NONE, NULL, &arena, &r, &e), -1);
    assert_int_equal(e.code, EBADF);
    archive_remove(dir);
    free(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),   cmocka_unit_test(test_identity),   cmocka_unit_test(test_passes),
        cmocka_unit_test(test_broken), cmocka_unit_test(test_child_dies), cmocka_unit_test(test_many),
        cmocka_unit_test(test_files),
    };
    return run_cases(tests, setup, teardown);
}
