/* SPDX-License-Identifier: Apache-2.0 */
/* Which package of the system a library belongs to, on the merged image. */
#include "base/buf.h"
#include "packages/owning.h"
#include "packages/parse.h"

#include "unit/made_ecosystem.h"
#include "unit/made_layers.h"

static void add_debian(int layer)
{
    struct parsed_file *f = add_file(layer, "etc/os-release", "os-release");
    add_fact(f, "ID", "debian");
    add_fact(f, "VERSION_ID", "12");
}

/* "name version" of what is installed from the layer on. */
static void add_status(int layer, const char *name, const char *version, const char *other)
{
    struct parsed_file *f = add_file(layer, "var/lib/dpkg/status", "dpkg-status");
    add(f, PKG_DPKG, "libc6", "2.36-9");
    add(f, PKG_DPKG, name, version);
    if (other)
        add(f, PKG_DPKG, other, "1-1");
}

/* A library; owner: as a list of the layer has it. */
static struct parsed_file *add_library(int layer, const char *path, const char *version, const char *owner)
{
    struct parsed_file *f = add_file(layer, path, "made-file");
    add(f, PKG_MADE, "lib", version);
    if (owner)
        add_fact(f, FACT_OWNER, owner);
    return f;
}

/* A list of the layer names a file that the layer has no evidence of. */
static void add_listed(int layer, const char *list, const char *package, const char *path)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    struct parsed_file *f = add_file(layer, "", PARSER_OWNED);
    char *text = arena_alloc(&arena, 11);
    uint64_t hash = owning_hash(slice_str(path));
    for (int i = 0; i < 10; i++)
        text[i] = digits[hash >> (6 * i) & 63];
    text[10] = '\0';
    add_fact(f, OWNED_BY, list);
    add_fact(f, package, text);
}

/* The libraries, "path version owner" with commas between; the system's packages own nothing and have no owners. */
static void expect(int n, const char *want)
{
    struct inventory v = assemble(n);
    struct buf got = BUF_INIT(1 << 16);
    for (size_t i = 0; i < v.packages.n; i++) {
        const struct package *p = &v.packages.v[i];
        if (p->type == PKG_MADE)
            buf_addf(&got, "%s%.*s %.*s %.*s", got.n ? "," : "", SLICE_FMT(p->location), SLICE_FMT(p->version),
                     p->owner.n ? (int)p->owner.n : 1, p->owner.n ? (const char *)p->owner.p : "-");
        else
            assert_int_equal(p->owner.n, 0);
    }
    assert_string_equal(buf_cstr(&got), want);
    buf_done(&got);
}

#define LIB "usr/lib/made/lib"

static void test_same_layer(void **state)
{
    (void)state;
    add_debian(0);
    add_status(0, "made-lib", "1-1", NULL);
    struct parsed_file *f = add_library(0, LIB, "1", "dpkg list made-lib");
    add(f, PKG_MADE, "nested", "3")->location = SLICE(LIB "!/nested");
    add_library(0, "opt/lib", "1", NULL);
    add_library(0, "opt/other", "1", "dpkg list not-there");
    add_library(0, "opt/broken", "1", "dpkg");
    add_library(0, "opt/unheard", "1", "unheard list libc6");
    expect(1, "opt/broken 1 -,opt/lib 1 -,opt/other 1 -,opt/unheard 1 -," LIB " 1 made-lib," LIB "!/nested 3 made-lib");
}

/* What a later layer puts in the place of an owned file is its own, unless it says the same. */
static void test_replaced(void **state)
{
    (void)state;
    add_debian(0);
    add_status(0, "made-lib", "1-1", NULL);
    add_library(0, LIB, "1", "dpkg list made-lib");
    add_library(1, LIB, "1", NULL); /* chmod */
    expect(2, LIB " 1 made-lib");
    add_library(2, LIB, "2", NULL); /* an upgrade */
    expect(3, LIB " 2 -");
    add_library(3, LIB, "1", NULL); /* and back: whoever did that isn't known */
    expect(4, LIB " 1 -");
    remove_path(4, LIB, false);
    add_library(5, LIB, "1", NULL);
    expect(6, LIB " 1 -");
}

/* The package's own new version, with its list in the same layer. */
static void test_upgraded(void **state)
{
    (void)state;
    add_debian(0);
    add_status(0, "made-lib", "1-1", NULL);
    add_library(0, LIB, "1", "dpkg list made-lib");
    add_library(1, LIB, "2", NULL);
    add_status(2, "made-lib", "3-1", NULL);
    add_library(2, LIB, "3", "dpkg list made-lib");
    expect(3, LIB " 3 made-lib");
    remove_path(3, "var/lib/dpkg", false); /* without the database nobody judges the package */
    expect(4, LIB " 3 -");
}

/* A database comes again with every package: it says whose the file was, not whose it is. */
static void test_database(void **state)
{
    (void)state;
    add_debian(0);
    add_status(0, "made-lib", "1-1", NULL);
    add_library(0, LIB, "1", "dpkg database made-lib");
    expect(1, LIB " 1 made-lib");
    add_status(1, "made-lib", "1-1", "other");
    add_library(1, LIB, "2", "dpkg database made-lib");
    expect(2, LIB " 2 -");
    add_status(2, "made-lib", "2-1", "other");
    add_library(2, LIB, "2", "dpkg database made-lib");
    expect(3, LIB " 2 made-lib");
}

static void test_not_the_distributions(void **state)
{
    (void)state;
    add_debian(0);
    add_status(0, "made-lib", "1-1~bookworm", NULL);
    add_library(0, LIB, "1", "dpkg list made-lib");
    expect(1, LIB " 1 -");
    setup(state); /* nor where nobody knows the system */
    add_status(0, "made-lib", "1-1", NULL);
    add_library(0, LIB, "1", "dpkg list made-lib");
    expect(1, LIB " 1 -");
    setup(state); /* nor of another system's database */
    add_debian(0);
    add_status(0, "libx", "1-1", NULL);
    add(add_file(0, "lib/apk/db/installed", "apk-installed"), PKG_APK, "made-lib", "1-r0");
    add_library(0, LIB, "1", "apk database made-lib");
    expect(1, LIB " 1 -");
}

/* Lists with the names of before /usr was merged: only where a link makes them one. */
static void test_merged_folders(void **state)
{
    (void)state;
    for (int linked = 0; linked < 2; linked++) {
        setup(state);
        add_debian(0);
        if (linked)
            add_fact(add_file(0, "lib", PARSER_SYMLINK), FACT_TARGET, "usr/lib");
        add_status(1, "made-lib", "1-1", NULL);
        add_fact(add_library(1, LIB, "1", "dpkg list made-lib"), FACT_OWNER_PATH, "lib/made/lib");
        expect(2, linked ? LIB " 1 made-lib" : LIB " 1 -");
    }
}

/* The pieces of one tree in several layers: the list lies above the file. */
static void test_lists_above(void **state)
{
    (void)state;
    add_debian(0);
    add_library(0, LIB, "1", NULL);
    add_library(0, "usr/bin/other", "1", NULL);
    add_status(1, "made-lib", "1-1", NULL);
    add_listed(1, "dpkg database", "made-lib", LIB);
    expect(2, "usr/bin/other 1 -," LIB " 1 made-lib");
    add_library(2, LIB, "2", NULL); /* put over it */
    add_status(3, "made-lib", "1-1", "other");
    add_listed(3, "dpkg database", "made-lib", LIB);
    expect(4, "usr/bin/other 1 -," LIB " 2 -");
}

/* A list below that has the file, whether or not its layer had it as evidence. */
static void test_lists_below(void **state)
{
    (void)state;
    add_debian(0);
    add_status(0, "made-lib", "1-1", NULL);
    add_listed(0, "dpkg list", "made-lib", LIB);
    add_library(1, LIB, "1", NULL);
    add_listed(2, "dpkg list", "made-lib", LIB);
    expect(3, LIB " 1 -");
    setup(state);
    add_debian(0);
    add_status(0, "made-lib", "1-1", NULL);
    add_library(0, LIB, "1", "dpkg list made-lib");
    remove_path(1, LIB, false);
    add_library(2, LIB, "1", NULL);
    add_listed(3, "dpkg list", "made-lib", LIB);
    expect(4, LIB " 1 -");
    setup(state); /* nor where a list below was too long to be kept */
    add_debian(0);
    add_fact(add_file(0, "", PARSER_OWNED), OWNED_BY, "dpkg database");
    add_fact(&layers[0].files.v[1], OWNED_TOO_MANY, OWNED_TOO_MANY);
    add_library(1, LIB, "1", NULL);
    add_status(2, "made-lib", "1-1", NULL);
    add_listed(2, "dpkg list", "made-lib", LIB);
    expect(3, LIB " 1 -");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {TEST(test_same_layer),
                                       TEST(test_replaced),
                                       TEST(test_upgraded),
                                       TEST(test_database),
                                       TEST(test_not_the_distributions),
                                       TEST(test_merged_folders),
                                       TEST(test_lists_above),
                                       TEST(test_lists_below)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
