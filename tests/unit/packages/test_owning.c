/* SPDX-License-Identifier: Apache-2.0 */
/* Which package of its layer a file belongs to, and what a layer tells of files that it doesn't have. */
#include "packages/owning.h"

#include "packages/parse_internal.h"
#include "unit/make_evidence.h"

static struct arena arena = {.max = (size_t)64 << 20};

static int reset(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void add_file(struct layer_packages *l, const char *path, enum package_type type)
{
    struct parsed_file *f = VEC_ADD(&arena, &l->files);
    struct package *p = VEC_ADD(&arena, &f->packages);
    f->path = slice_str(path);
    f->parser = SLICE("test");
    *p = (struct package){.type = type, .name = SLICE("x"), .version = SLICE("1")};
}

static struct slice fact_of(const struct parsed_file *f, const char *name)
{
    for (size_t i = 0; i < f->facts.n; i++)
        if (slice_eq_str(f->facts.v[i].name, name))
            return f->facts.v[i].value;
    return SLICE_NONE;
}

static void find(struct layer_packages *l, struct buf *evidence, const char *also_asked)
{
    struct parse p = {.arena = &arena, .out = l, .owning = {.arena = &arena}};
    ev_end(evidence);
    if (also_asked)
        owning_ask(&p.owning, slice_str(also_asked));
    owning_find(&p, buf_slice(evidence));
    if (also_asked)
        assert_true(owning_of(&p.owning, slice_str(also_asked))->package.n > 0);
    assert_null(owning_of(&p.owning, SLICE("never/asked")));
    owning_done(&p.owning);
    buf_done(evidence);
}

#define DIST "usr/lib/python3/dist-packages/"

static void test_owners(void **state)
{
    (void)state;
    struct layer_packages l = {.parser_version = 1};
    struct buf b = ev_begin();
    add_file(&l, DIST "yaml.egg-info", PKG_PYPI);
    add_file(&l, DIST "yaml.egg-info/PKG-INFO", PKG_PYPI); /* below what is owned: no folder owns */
    add_file(&l, "usr/sbin/tool", PKG_GOLANG);
    add_file(&l, "opt/tool", PKG_GOLANG);
    add_file(&l, "var/lib/dpkg/status", PKG_DPKG); /* a database is no library */
    ev_file(&b, "var/lib/dpkg/info/python3-yaml.list", "/.\n/usr\n/" DIST "yaml.egg-info\n/var/lib/dpkg/status\n");
    ev_file(&b, "var/lib/dpkg/info/tool:amd64.list", "/bin/tool\n");
    ev_file(&b, "lib/apk/db/installed", "P:tool-apk\nV:1\nF:usr/bin\nR:program\nF:usr/sbin\nR:tool\n");
    find(&l, &b, "usr/bin/program");
    assert_true(slice_eq_str(fact_of(&l.files.v[0], FACT_OWNER), "dpkg list python3-yaml"));
    assert_int_equal(fact_of(&l.files.v[0], FACT_OWNER_PATH).n, 0);
    assert_int_equal(l.files.v[1].facts.n, 0);
    /* The very name goes before one that folders make alike, whichever list comes first. */
    assert_true(slice_eq_str(fact_of(&l.files.v[2], FACT_OWNER), "apk database tool-apk"));
    assert_int_equal(fact_of(&l.files.v[2], FACT_OWNER_PATH).n, 0);
    assert_int_equal(l.files.v[3].facts.n, 0);
    assert_int_equal(l.files.v[4].facts.n, 0);
}

static void test_other_name(void **state)
{
    (void)state;
    struct layer_packages l = {.parser_version = 1};
    struct buf b = ev_begin();
    add_file(&l, "usr/lib/made/lib", PKG_NPM);
    ev_file(&b, "var/lib/dpkg/info/made.list", "/lib/made/lib\n");
    find(&l, &b, NULL);
    assert_true(slice_eq_str(fact_of(&l.files.v[0], FACT_OWNER), "dpkg list made"));
    assert_true(slice_eq_str(fact_of(&l.files.v[0], FACT_OWNER_PATH), "lib/made/lib"));
}

/* Of files that the layer doesn't have: what may be packages' or programs, by package, each once; no folders. */
static void test_elsewhere(void **state)
{
    (void)state;
    struct layer_packages l = {.parser_version = 1};
    struct buf b = ev_begin();
    ev_file(
        &b, "var/lib/dpkg/info/a.list",
        "/.\n/usr\n/usr/bin\n/usr/bin/a\n/usr/lib\n/usr/lib/libz.so.1\n/usr/lib/node_modules\n/usr/lib/node_modules/a\n"
        "/usr/lib/node_modules/a/package.json\n/usr/share/doc/a\n/usr/share/doc/a/copyright\n/etc/a\n");
    ev_file(&b, "var/lib/dpkg/info/a.md5sums", "00  usr/bin/a\n");
    ev_file(&b, "var/lib/dpkg/info/b.list", "/usr/bin/b3.11\n/usr/bin/b.py\n");
    ev_file(&b, "lib/apk/db/installed", "P:c\nV:1\nF:bin\nR:c\n");
    find(&l, &b, NULL);
    static const struct {
        const char *by, *package;
        const char *paths[3];
    } want[] = {
        {"dpkg list", "a", {"usr/bin/a", "usr/lib/node_modules/a/package.json", NULL}},
        {"dpkg list", "b", {"usr/bin/b3.11", NULL}},
        {"apk database", "c", {"bin/c", NULL}},
    };
    assert_int_equal(l.files.n, 2);
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        const struct parsed_file *f = &l.files.v[i / 2];
        struct slice value = fact_of(f, want[i].package);
        uint64_t hash;
        size_t n = 0, found = 0, paths = 0;
        assert_true(slice_eq_str(f->parser, PARSER_OWNED) && slice_eq_str(fact_of(f, OWNED_BY), want[i].by));
        while (paths < 3 && want[i].paths[paths])
            paths++;
        for (; owning_take_hash(&value, &hash); n++)
            for (size_t j = 0; j < paths; j++)
                found += hash == owning_hash(slice_str(want[i].paths[j]));
        assert_int_equal(n, paths);
        assert_int_equal(found, paths);
        assert_int_equal(value.n, 0);
    }
}

/* More than are kept: that is said, and none is told. */
static void test_too_many(void **state)
{
    (void)state;
    struct layer_packages l = {.parser_version = 1};
    struct buf b = ev_begin(), list = BUF_INIT((size_t)8 << 20);
    for (int i = 0; i < 60000; i++)
        buf_addf(&list, "/usr/bin/%d\n", i);
    ev_file(&b, "var/lib/dpkg/info/a.list", buf_cstr(&list));
    buf_done(&list);
    find(&l, &b, NULL);
    assert_int_equal(l.files.n, 1);
    assert_int_equal(l.files.v[0].facts.n, 2);
    assert_true(slice_eq_str(fact_of(&l.files.v[0], OWNED_TOO_MANY), OWNED_TOO_MANY));
}

static void test_hostile_hashes(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "AAAAAAAAA", "AAAAAAAAA!",
                                      "AAAA\xff"
                                      "AAAAA"};
    uint64_t hash;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct slice value = slice_str(bad[i]);
        assert_false(owning_take_hash(&value, &hash));
    }
    struct slice value = slice_of("AAAA\0AAAAA", 10);
    assert_false(owning_take_hash(&value, &hash));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_teardown(f, reset)
    const struct CMUnitTest tests[] = {TEST(test_owners), TEST(test_other_name), TEST(test_elsewhere),
                                       TEST(test_too_many), TEST(test_hostile_hashes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
