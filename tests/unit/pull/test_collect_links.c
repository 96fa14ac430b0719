/* SPDX-License-Identifier: Apache-2.0 */
/* collect: hard links from wanted paths to what nobody wants by name, as OSTree's images have them: pass after pass. */
#include "unit/collect_world.h"

#include "unit/archive_support.h"
#include "pull/collect_links.h"

#define OBJECT "sysroot/ostree/repo/objects/"

static struct buf b = {.max = (size_t)128 << 20};

static int clean(void **state)
{
    buf_done(&b);
    return collect_clean(state);
}

/* How many passes it took; what the last one kept is in told. */
static int passes(void)
{
    struct collect_limits limits = {0};
    int n = 0;
    arena_reset(&arena);
    do {
        collect_pass(buf_slice(&b), 5000, SLICE_NONE, &limits);
        limits.links = arena_slice(&arena, result.links);
    } while (++n < 10 && result.links.n);
    collect_unpack(result.evidence);
    collect_tell(false);
    return n;
}

static void link_to(const char *path, const char *target)
{
    tar_put(&b, path, '1', target, SLICE_NONE);
}

static void expect(int want_passes, const char *want)
{
    tar_put_end(&b);
    int n = passes();
    buf_clear(&b);
    assert_int_equal(n, want_passes);
    assert_string_equal(buf_cstr(&told), want);
}

static void test_an_object_and_its_names(void **state)
{
    (void)state;
    tar_put_file(&b, OBJECT "aa/1.file", "ID=fedora\n");
    tar_put_file(&b, OBJECT "bb/2.file", "not wanted");
    link_to("usr/bin/true", OBJECT "bb/2.file");
    link_to("usr/lib/os-release", OBJECT "aa/1.file");
    link_to("etc/os-release", OBJECT "aa/1.file");
    expect(2, "file os-release etc/os-release ID=fedora\n\n"
              "link os-release usr/lib/os-release etc/os-release hard\n");
}

static void test_chains(void **state)
{
    (void)state;
    tar_put_file(&b, "a/1", "ID=fedora\n");
    link_to("a/2", "a/1");
    link_to("a/3", "a/2");
    link_to("etc/os-release", "a/3");
    expect(4, "file os-release etc/os-release ID=fedora\n\n");
    /* to what is wanted by its own name */
    tar_put_file(&b, "usr/lib/os-release", "ID=fedora\n");
    link_to("a/2", "usr/lib/os-release");
    link_to("etc/os-release", "a/2");
    expect(2, "file os-release usr/lib/os-release ID=fedora\n\n"
              "link os-release etc/os-release usr/lib/os-release hard\n");
    /* round in a circle: never without end */
    link_to("a/1", "a/2");
    link_to("a/2", "a/1");
    link_to("etc/os-release", "a/1");
    expect(3, "link os-release etc/os-release a/1 hard\n");
}

static void test_a_symlink_under_two_names(void **state)
{
    (void)state;
    tar_put(&b, OBJECT "aa/1.file", '2', "../usr/lib/os-release", SLICE_NONE);
    link_to("etc/os-release", OBJECT "aa/1.file");
    expect(2, "link os-release etc/os-release usr/lib/os-release\n");
}

/* What is not in the layer may be in one below: the link stays, and no pass is wasted. */
static void test_not_in_this_layer(void **state)
{
    (void)state;
    link_to("usr/lib/os-release", OBJECT "aa/1.file");
    expect(1, "link os-release usr/lib/os-release " OBJECT "aa/1.file hard\n");
}

/* A hard link is what its name held when it was made. */
static void test_names_that_change(void **state)
{
    (void)state;
    tar_put_file(&b, "a/1", "ID=first\n");
    tar_put_file(&b, "a/1", "ID=second\n");
    link_to("etc/os-release", "a/1");
    tar_put_file(&b, "a/1", "ID=third\n");
    link_to("usr/lib/os-release", "a/1");
    expect(2, "file os-release etc/os-release ID=first\n\n"
              "file os-release etc/os-release ID=second\n\n"
              "file os-release usr/lib/os-release ID=third\n\n");
    /* a file of the wanted name in between: what the link is can't be told, and is not told wrongly */
    tar_put_file(&b, "a/1", "ID=first\n");
    tar_put_file(&b, "etc/os-release", "ID=between\n");
    link_to("etc/os-release", "a/1");
    expect(2, "file os-release etc/os-release ID=first\n\n"
              "file os-release etc/os-release ID=between\n\n"
              "link os-release etc/os-release a/1 hard\n");
    /* the last link of a name holds */
    tar_put_file(&b, "a/1", "ID=first\n");
    tar_put_file(&b, "a/2", "ID=second\n");
    link_to("etc/os-release", "a/2");
    link_to("etc/os-release", "a/1");
    expect(2, "file os-release etc/os-release ID=first\n\n"
              "link os-release etc/os-release a/2 hard\n"
              "link os-release etc/os-release a/1 hard\n");
}

static void test_a_large_database(void **state)
{
    (void)state;
    size_t n = (size_t)60 << 20; /* more than is held */
    uint8_t *bytes = xcalloc(1, n);
    for (size_t i = 0; i < n; i += 4096)
        bytes[i] = (uint8_t)(i >> 12);
    tar_put(&b, OBJECT "aa/1.file", '0', NULL, slice_of(bytes, n));
    free(bytes);
    link_to("usr/share/rpm/rpmdb.sqlite", OBJECT "aa/1.file");
    link_to("usr/lib/sysimage/rpm/rpmdb.sqlite", OBJECT "aa/1.file");
    expect(2, "file rpm usr/lib/sysimage/rpm/rpmdb.sqlite [62914560]\n"
              "link rpm usr/share/rpm/rpmdb.sqlite usr/lib/sysimage/rpm/rpmdb.sqlite hard\n");
}

/* Some are followed, the others stay links; memory is bounded. */
static void test_bounded(void **state)
{
    (void)state;
    char name[64], target[300];
    memset(target, 'x', sizeof target);
    tar_put_file(&b, "etc/os-release", "ID=x\n");
    for (int i = 0; i < 20000; i++) {
        snprintf(name, sizeof name, "var/lib/dpkg/info/%06d.list", i);
        snprintf(target + 80, sizeof target - 80, "%06d", i);
        tar_put_file(&b, target, "f");
        link_to(name, target);
    }
    tar_put_end(&b);
    assert_int_equal(passes(), 2);
    assert_non_null(strstr(buf_cstr(&told), "file dpkg var/lib/dpkg/info/000000.list f\n"));
    assert_non_null(strstr(buf_cstr(&told), "link dpkg var/lib/dpkg/info/019999.list xxx"));
    buf_clear(&b);
}

/* Of files that a reducer looks at: pnpm links manifests to a store whose files have no names. */
static void test_reduced(void **state)
{
    (void)state;
    tar_put_file(&b, "srv/store/aa/1", "{\"name\":\"a\",\"version\":\"1.0.0\"}");
    link_to("app/node_modules/a/package.json", "srv/store/aa/1");
    link_to("var/node_modules/a/package.json", "srv/store/aa/1");
    tar_put_end(&b);
    assert_int_equal(passes(), 2);
    const char *file = strstr(buf_cstr(&told), "file nodejs app/node_modules/a/package.json ");
    assert_non_null(file);
    assert_non_null(strstr(file, "1.0.0"));
    assert_non_null(strstr(file, "link nodejs var/node_modules/a/package.json app/node_modules/a/package.json hard\n"));
    assert_null(strstr(file, "link nodejs app/"));
    buf_clear(&b);
    /* To what is wanted by its own name: no further pass. */
    tar_put_file(&b, "app/node_modules/a/package.json", "{\"name\":\"a\",\"version\":\"1.0.0\"}");
    link_to("var/node_modules/a/package.json", "app/node_modules/a/package.json");
    tar_put_end(&b);
    assert_int_equal(passes(), 1);
    assert_non_null(strstr(buf_cstr(&told),
                           "link nodejs var/node_modules/a/package.json app/node_modules/a/package.json "
                           "hard\n"));
    buf_clear(&b);
    /* A reducer that knows links by itself gets the content too, where nothing else has it. */
    tar_put_file(&b, OBJECT "aa/1.file", "Name: a\nVersion: 1.0\n");
    link_to("usr/lib/python3/site-packages/a-1.0.dist-info/METADATA", OBJECT "aa/1.file");
    tar_put_end(&b);
    assert_int_equal(passes(), 2);
    assert_non_null(strstr(buf_cstr(&told), "Version: 1.0"));
    assert_null(strstr(buf_cstr(&told), "target"));
    buf_clear(&b);
}

static void test_links_that_nobody_wrote(void **state)
{
    static const char *const bad[] = {"\1a", "\1a\1b", "\0\1b\1c", "\1a\1b\1c\1a\1b\1c", "\xff\xff\xff\xff\x0f"};
    struct collect_links l;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(links_read(&l, i == 2 ? slice_of(bad[i], 5) : slice_str(bad[i])));
        links_done(&l);
    }
    assert_true(links_read(&l, SLICE("\1a\1b\1c\1b\1b\1c")));
    assert_int_equal(l.given.n, 2);
    assert_true(slice_eq_str(links_want(&l, SLICE("c"))->path, "a"));
    assert_null(links_want(&l, SLICE("b")));
    links_done(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_object_and_its_names),
        cmocka_unit_test(test_chains),
        cmocka_unit_test(test_a_symlink_under_two_names),
        cmocka_unit_test(test_not_in_this_layer),
        cmocka_unit_test(test_names_that_change),
        cmocka_unit_test(test_a_large_database),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_reduced),
        cmocka_unit_test(test_links_that_nobody_wrote),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
