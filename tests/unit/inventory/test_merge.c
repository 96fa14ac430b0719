/* SPDX-License-Identifier: Apache-2.0 */
/* What later layers hide of lower layers' packages of languages, and which of several that tell of one package stays. */
#include "base/buf.h"
#include "inventory/assemble/better.h"
#include "inventory/assemble/merge.h"
#include "packages/parse.h"

#include "unit/made_layers.h"

#include <time.h>

static struct parsed_file *add_library(int layer, const char *path, const char *name)
{
    struct parsed_file *f = add_file(layer, path, "a");
    add(f, PKG_NPM, name, "1");
    return f;
}

/* "location layer", with commas between. */
static void expect(int n, const char *want)
{
    struct inventory v = assemble(n);
    struct buf got = BUF_INIT(1 << 16);
    for (size_t i = 0; i < v.packages.n; i++)
        buf_addf(&got, "%s%.*s %.*s", i ? "," : "", SLICE_FMT(v.packages.v[i].location),
                 SLICE_FMT(slice_from(v.packages.v[i].layer, 7)));
    assert_string_equal(buf_cstr(&got), want);
    buf_done(&got);
}

static void test_in_the_place_of_a_folder(void **state)
{
    (void)state;
    add_library(0, "app/a/package.json", "a");
    add_library(0, "app/b.jar/inside", "b");
    add_library(0, "app/c/package.json", "c");
    add_library(0, "app/cc/package.json", "cc");
    add_fact(add_file(1, "app/a", PARSER_SYMLINK), FACT_TARGET, "srv/a");
    add_library(1, "app/b.jar", "b");
    remove_path(1, "app/c", false); /* as the collector writes of a link there */
    expect(2, "app/b.jar 1,app/cc/package.json 0");
    /* Databases say nothing of the folder that they are called as: a package store's names are folders. */
    setup(state);
    add_library(0, "app/a/package.json", "a");
    add_file(1, "app/a", "names");
    expect(2, "app/a/package.json 0");
}

static void test_code(void **state)
{
    (void)state;
    static const struct {
        const char *removed[2];
        bool opaque, gone;
    } cases[] = {
        {{"lib/x", NULL}, false, false},      {{"lib/x", "lib/y.py"}, false, true},
        {{"lib/x", "lib/y"}, false, false},   {{"lib/x/__init__.py", "lib/y.py"}, false, false},
        {{"lib/y.py", "lib/x"}, true, false}, /* the folder is there again */
        {{"lib", NULL}, false, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        setup(state);
        struct parsed_file *f = add_library(0, "lib/x.dist-info/METADATA", "x");
        add_fact(f, FACT_CODE_IN, "lib/x");
        add_fact(f, FACT_CODE_IN, "lib/y.py");
        add_library(0, "lib/z.dist-info/METADATA", "z"); /* doesn't say */
        remove_path(1, cases[i].removed[0], false);
        if (cases[i].removed[1])
            remove_path(2, cases[i].removed[1], cases[i].opaque); /* in another layer */
        bool all = slice_eq_str(slice_str(cases[i].removed[0]), "lib");
        if (cases[i].gone)
            expect(3, all ? "" : "lib/z.dist-info/METADATA 0");
        else
            expect(3, "lib/x.dist-info/METADATA 0,lib/z.dist-info/METADATA 0");
    }
    setup(state); /* what came later is whole again, and a link in the code's place is no loss */
    add_fact(add_library(0, "lib/x.dist-info/METADATA", "x"), FACT_CODE_IN, "lib/x");
    remove_path(1, "lib/x", false);
    add_fact(add_library(2, "lib/x.dist-info/METADATA", "x"), FACT_CODE_IN, "lib/x/__init__.py");
    add_fact(add_file(3, "lib/x", PARSER_SYMLINK), FACT_TARGET, "srv/x");
    expect(2, "");
    expect(4, "lib/x.dist-info/METADATA 2");
}

static void test_hard_links(void **state)
{
    (void)state;
    add_library(0, "store/1", "a");
    add_fact(add_file(0, "z/package.json", PARSER_HARDLINK), FACT_TARGET, "store/1");
    add_fact(add_file(0, "y/package.json", PARSER_HARDLINK), FACT_TARGET, "z/package.json");
    expect(1, "store/1 0");
    remove_path(1, "store", false);
    expect(2, "y/package.json 0");
    remove_path(2, "y", false);
    expect(3, "z/package.json 0");
    add_library(3, "store/1", "b"); /* another file under the first name */
    expect(4, "z/package.json 0,store/1 3");
}

static struct package *add_python(const char *path, const char *parser, const char *name, const char *version)
{
    return add(add_file(0, path, parser), PKG_PYPI, name, version);
}

static void test_metadata_twice(void **state)
{
    (void)state;
    add_python("s/Zope.Interface-1.egg-info", "python-egg", "Zope.Interface", "1");
    add_python("s/zope_interface-1.dist-info/METADATA", "python-dist", "zope-interface", "1");
    add_python("s/b.egg-info/PKG-INFO", "python-egg", "b", "1");
    add_python("s/b-2.dist-info/METADATA", "python-dist", "b", "2"); /* another version */
    add_python("t/b-1.dist-info/METADATA", "python-dist", "b", "1"); /* another folder */
    add_python("s/c-1.dist-info/METADATA", "python-dist", "c", "1")->certainty = CERTAINTY_GUESSED;
    add_python("s/c.egg-info/PKG-INFO", "python-egg", "c", "1"); /* the surer */
    add(add_file(0, "j/d-1.jar", "java"), PKG_MAVEN, "d", "1");
    add(add_file(0, "j/e-1.jar", "java"), PKG_MAVEN, "d", "1"); /* a second copy is there */
    expect(1, "s/b.egg-info/PKG-INFO 0,t/b-1.dist-info/METADATA 0,s/b-2.dist-info/METADATA 0,s/c.egg-info/PKG-INFO 0,"
              "s/zope_interface-1.dist-info/METADATA 0,j/d-1.jar 0,j/e-1.jar 0");
}

static void test_conda(void **state)
{
    (void)state;
    add(add_file(0, "opt/conda/conda-meta/numpy-1.json", "conda"), PKG_CONDA, "numpy", "1");
    add(add_file(0, "opt/conda/conda-meta/zlib-1.json", "conda"), PKG_CONDA, "zlib", "1");
    add(add_file(0, "srv/conda-meta/numpy-1.json", "conda"), PKG_CONDA, "numpy", "1");
    add_python("opt/conda/lib/python3/site-packages/numpy-1.dist-info/METADATA", "python-dist", "numpy", "1");
    expect(1, "opt/conda/lib/python3/site-packages/numpy-1.dist-info/METADATA 0,srv/conda-meta/numpy-1.json 0,"
              "opt/conda/conda-meta/zlib-1.json 0");
}

static void add_program(const char *path, const char *parser, const char *version)
{
    add(add_file(0, path, parser), PKG_GENERIC, "ruby", version);
}

static void test_programs(void **state)
{
    (void)state;
    add_program("usr/local/bin/ruby", "program", "3.1.2");
    add_program("usr/local/lib/libruby.so.3.1", "program", "3.1.2");
    add_program("usr/local/lib/ruby/3.1.0/x/rbconfig.rb", "ruby-interpreter", "3.1.2");
    add_program("usr/local/lib/ruby/3.3.0/x/rbconfig.rb", "ruby-interpreter", "3.3.0"); /* another version */
    add_program("opt/x/bin/ruby", "program", "3.1.2");                                  /* another place */
    add_program("bin/ruby", "program", "3.1.2");
    add_program("lib/libruby.so.3.1", "program", "3.1.2");
    add_program("srv/ruby", "program", "3.1.2"); /* in no place of that kind: each counts */
    add_program("srv/ruby2", "program", "3.1.2");
    expect(1, "bin/ruby 0,opt/x/bin/ruby 0,srv/ruby 0,srv/ruby2 0,usr/local/bin/ruby 0,"
              "usr/local/lib/ruby/3.3.0/x/rbconfig.rb 0");
}

static void test_wishes(void **state)
{
    (void)state;
    struct parsed_file *lock = add_file(0, "app/package-lock.json", "lock");
    add(lock, PKG_NPM, "a", "2")->certainty = CERTAINTY_DECLARED;
    add(lock, PKG_NPM, "b", "2")->certainty = CERTAINTY_DECLARED;
    add(lock, PKG_PYPI, "a", "2")->certainty = CERTAINTY_DECLARED;
    add_library(0, "srv/node_modules/a/package.json", "a");
    add_library(0, "srv/b.js", "b")->packages.v[0].certainty = CERTAINTY_GUESSED; /* proves no more */
    struct inventory v = assemble(1);
    assert_int_equal(v.packages.n, 4);
    assert_true(slice_eq_str(v.packages.v[0].name, "a") && v.packages.v[0].type == PKG_PYPI);
    assert_int_equal(v.packages.v[0].certainty, CERTAINTY_DECLARED);
    assert_true(slice_eq_str(v.packages.v[1].location, "srv/node_modules/a/package.json"));
    assert_true(slice_eq_str(v.packages.v[2].name, "b") && slice_eq_str(v.packages.v[3].name, "b"));
}

/* A list of which one is installed as it says was carried out; one whose names are there in other versions was not. */
static void test_lists(void **state)
{
    (void)state;
    struct parsed_file *done = add_file(0, "app/poetry.lock", "lock"), *other = add_file(0, "x/poetry.lock", "lock");
    add(done, PKG_PYPI, "A.b", "2")->certainty = CERTAINTY_DECLARED;
    add(done, PKG_PYPI, "pytest", "7")->certainty = CERTAINTY_DECLARED;
    add(other, PKG_PYPI, "a-b", "3")->certainty = CERTAINTY_DECLARED;
    add(other, PKG_PYPI, "c", "1")->certainty = CERTAINTY_DECLARED;
    add_python("s/a_b-2.dist-info/METADATA", "python-dist", "a-b", "2");
    expect(1, "s/a_b-2.dist-info/METADATA 0,x/poetry.lock 0");
}

/* Packages of languages only: nothing is missing, and no system is told. */
static void test_no_system(void **state)
{
    (void)state;
    add(add_file(0, "server", "go"), PKG_GOLANG, "stdlib", "1.22");
    add(add_file(0, "opt/conda-meta/x.json", "conda"), PKG_CONDA, "x", "1");
    struct inventory v = assemble(1);
    assert_int_equal(v.status, INVENTORY_COMPLETE);
    assert_int_equal(v.packages.n, 2);
    assert_true(slice_eq_str(v.os.name, ASSEMBLE_NO_SYSTEM));
    assert_int_equal(v.os.ecosystem.n, 0);
    assert_int_equal(v.notes.texts.n, 1);
    assert_true(slice_starts(v.notes.texts.v[0], SLICE("1 package is not of the system, listed and not judged; "
                                                       "it is x: ")));
}

static double seconds_of(int files, int links)
{
    char path[100], target[100];
    struct timespec from, to;
    setup(NULL);
    for (int i = 0; i < files; i++) {
        snprintf(path, sizeof path, "srv/app/node_modules/.pnpm/p%d@1/node_modules/p%d/package.json", i, i);
        add_library(i % 2, path, "p");
    }
    for (int i = 0; i < links; i++) {
        snprintf(path, sizeof path, "srv/app/node_modules/l%d", i);
        snprintf(target, sizeof target, "srv/app/node_modules/.pnpm/p%d@1/node_modules/p%d", i, i);
        add_fact(add_file(0, path, PARSER_SYMLINK), FACT_TARGET, (char *)arena_printf(&arena, "%s", target).p);
        remove_path(2, (char *)arena_printf(&arena, "srv/app/other%d", i).p, false);
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    struct inventory v = assemble(3);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    assert_int_equal(v.packages.n, files);
    teardown(NULL);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* Eight times as much takes about eight times as long, never sixty-four times. */
static void test_time(void **state)
{
    (void)state;
    double small = seconds_of(1250, 625), large = seconds_of(10000, 5000);
    print_message("%.4f s, eight times as much %.4f s\n", small, large);
    assert_true(large < 24 * small + 0.01);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {TEST(test_in_the_place_of_a_folder),
                                       TEST(test_code),
                                       TEST(test_hard_links),
                                       TEST(test_metadata_twice),
                                       TEST(test_conda),
                                       TEST(test_programs),
                                       TEST(test_wishes),
                                       TEST(test_lists),
                                       TEST(test_no_system),
                                       TEST(test_time)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
