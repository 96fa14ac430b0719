/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/scan/layer_cache.h"
#include "io/digest.h"
#include "io/store/store.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct fixture {
    char dir[256], digest[DIGEST_TEXT_MAX];
    struct layer_cache *c;
};

static int setup(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);
    const char *tmp = getenv("TMPDIR");
    snprintf(f->dir, sizeof f->dir, "%s/layer-cache.XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(f->dir));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    layer_cache_close(f->c);
    store_wipe(f->dir, NULL);
    rmdir(f->dir);
    free(f);
    return 0;
}

static void reopen(struct fixture *f, uint64_t max)
{
    struct err e = ERR_INIT;
    layer_cache_close(f->c);
    f->c = NULL;
    if (layer_cache_open(f->dir, max, &f->c, &e))
        fail_msg("%s", e.text);
}

static struct slice digest_n(struct fixture *f, unsigned n)
{
    uint8_t raw[DIGEST_RAW];
    digest_of(slice_of(&n, sizeof n), raw);
    return slice_str(digest_format(raw, f->digest));
}

/* A layer with one package whose name takes n bytes. */
static void put(struct fixture *f, unsigned number, size_t n, enum pull_status status, bool final)
{
    struct arena a = ARENA_INIT(1 << 22);
    struct layer_packages lp = {.status = status, .final = final};
    struct parsed_file *file = VEC_ADD(&a, &lp.files);
    file->path = SLICE("var/lib/dpkg/status");
    file->parser = SLICE("dpkg-status");
    struct package *p = VEC_ADD(&a, &file->packages);
    char *name = arena_alloc(&a, n);
    memset(name, 'a' + (int)(number % 26), n);
    *p = (struct package){.type = PKG_DPKG, .name = slice_of(name, n), .version = SLICE("1")};
    lp.layer_digest = digest_n(f, number);
    layer_cache_put(f->c, lp.layer_digest, &lp);
    arena_done(&a);
}

static bool has(struct fixture *f, unsigned number, size_t n)
{
    struct arena a = ARENA_INIT(1 << 22);
    struct layer_packages lp = {0};
    struct err e = ERR_INIT;
    int r = layer_cache_get(f->c, digest_n(f, number), &a, &lp, &e);
    if (r < 0)
        fail_msg("%s", e.text);
    if (r) {
        assert_true(slice_eq(lp.layer_digest, digest_n(f, number)));
        assert_int_equal(lp.files.n, 1);
        assert_int_equal(lp.files.v[0].packages.n, 1);
        struct slice name = lp.files.v[0].packages.v[0].name;
        assert_int_equal(name.n, n);
        assert_int_equal(name.p[n - 1], 'a' + (int)(number % 26));
    }
    arena_done(&a);
    return r == 1;
}

static void flush(struct fixture *f)
{
    struct err e = ERR_INIT;
    if (layer_cache_flush(f->c, &e))
        fail_msg("%s", e.text);
}

static void keeps_what_was_flushed(void **state)
{
    struct fixture *f = *state;
    reopen(f, 0);
    assert_false(has(f, 1, 10));
    put(f, 1, 10, PULL_GOOD, true);
    assert_false(has(f, 1, 10)); /* not before the flush */
    flush(f);
    assert_true(has(f, 1, 10));
    put(f, 2, 20, PULL_GOOD, true);
    reopen(f, 0);
    assert_true(has(f, 1, 10));
    assert_false(has(f, 2, 20)); /* closed without a flush */
}

static void keeps_whole_layers_only(void **state)
{
    struct fixture *f = *state;
    reopen(f, 0);
    put(f, 1, 10, PULL_PARTIAL, true);
    put(f, 2, 10, PULL_FAILED, true);
    put(f, 3, 10, PULL_GOOD, false);
    flush(f);
    for (unsigned i = 1; i <= 3; i++)
        assert_false(has(f, i, 10));
}

static void drops_the_least_recently_used(void **state)
{
    struct fixture *f = *state;
    enum { MAX = 1 << 20, EACH = 100000 };
    reopen(f, MAX);
    for (unsigned i = 0; i < 30; i++) {
        put(f, i, EACH, PULL_GOOD, true);
        flush(f);
        usleep(2000); /* uses are told apart by the millisecond */
        assert_true(has(f, i, EACH));
    }
    unsigned kept = 0;
    for (unsigned i = 0; i < 30; i++) {
        bool here = has(f, i, EACH);
        assert_true(here || !kept); /* the newest ones, without a gap */
        kept += here;
    }
    assert_in_range(kept, 8, 10);
    put(f, 100, MAX, PULL_GOOD, true); /* one that would drive out all others is not kept */
    flush(f);
    assert_false(has(f, 100, MAX));
    assert_true(has(f, 29, EACH));
}

static void replaces(void **state)
{
    struct fixture *f = *state;
    enum { MAX = 1 << 20, EACH = 200000 };
    reopen(f, MAX);
    put(f, 7, EACH, PULL_GOOD, true);
    flush(f);
    for (int i = 0; i < 50; i++) { /* counted once: it never grows past the bound and drives out 7 */
        put(f, 8, EACH, PULL_GOOD, true);
        flush(f);
    }
    assert_true(has(f, 7, EACH));
    assert_true(has(f, 8, EACH));
}

/* Flips a byte of every row where it lies in the file. */
static void passes_over_damaged_rows(void **state)
{
    struct fixture *f = *state;
    reopen(f, 0);
    put(f, 1, 9000, PULL_GOOD, true);
    flush(f);
    layer_cache_close(f->c);
    f->c = NULL;
    char path[300];
    static uint8_t bytes[1 << 20];
    snprintf(path, sizeof path, "%s/data.mdb", f->dir);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    size_t n = fread(bytes, 1, sizeof bytes, file);
    ptrdiff_t at = slice_find_slice(slice_of(bytes, n), SLICE("bbbbbbbbbbbbbbbb"));
    assert_true(at >= 0);
    fseek(file, (long)at + 100, SEEK_SET);
    fputc('X', file);
    fclose(file);
    reopen(f, 0);
    assert_false(has(f, 1, 9000));
    put(f, 1, 9000, PULL_GOOD, true);
    flush(f);
    assert_true(has(f, 1, 9000));
}

static void refuses_what_is_no_digest(void **state)
{
    struct fixture *f = *state;
    struct arena a = ARENA_INIT(1 << 16);
    struct layer_packages lp = {.status = PULL_GOOD, .final = true};
    reopen(f, 0);
    layer_cache_put(f->c, SLICE("sha256:short"), &lp);
    flush(f);
    assert_int_equal(layer_cache_get(f->c, SLICE("sha256:short"), &a, &lp, NULL), 0);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_what_was_flushed, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_whole_layers_only, setup, teardown),
        cmocka_unit_test_setup_teardown(drops_the_least_recently_used, setup, teardown),
        cmocka_unit_test_setup_teardown(replaces, setup, teardown),
        cmocka_unit_test_setup_teardown(passes_over_damaged_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_is_no_digest, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
