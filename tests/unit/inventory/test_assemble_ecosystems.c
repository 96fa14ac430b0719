/* SPDX-License-Identifier: Apache-2.0 */
/* Images whose packages belong to more than one ecosystem. */
#include "inventory/assemble/assemble.h"

#include "unit/made_ecosystem.h"

#include <setjmp.h>
#include <cmocka.h>

#define STATUS SLICE("var/lib/dpkg/status")

static struct arena arena = ARENA_INIT((size_t)16 << 20);

static int reset(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct parsed_file *add_file(struct layer_packages *l, struct slice path, const char *parser)
{
    struct parsed_file *f = VEC_ADD(&arena, &l->files);
    assert_non_null(f);
    *f = (struct parsed_file){.path = path, .parser = slice_str(parser)};
    return f;
}

static void add_fact(struct parsed_file *f, const char *name, const char *value)
{
    struct fact *fact = VEC_ADD(&arena, &f->facts);
    assert_non_null(fact);
    *fact = (struct fact){slice_str(name), slice_str(value)};
}

static struct package *add(struct parsed_file *f, enum package_type type, const char *name)
{
    struct package *p = VEC_ADD(&arena, &f->packages);
    assert_non_null(p);
    *p = (struct package){.type = type, .name = slice_str(name), .version = SLICE("1.0-1"), .location = f->path};
    return p;
}

/* The library "org:lib" where its own file says so. */
static void add_made(struct layer_packages *l, const char *path)
{
    struct package *p = add(add_file(l, slice_str(path), "made-file"), PKG_MADE, "lib");
    p->ns = SLICE("org");
}

static void add_debian(struct layer_packages *l)
{
    struct parsed_file *f = add_file(l, SLICE("etc/os-release"), "os-release");
    add_fact(f, "ID", "debian");
    add_fact(f, "VERSION_ID", "12");
    add(add_file(l, STATUS, "dpkg-status"), PKG_DPKG, "libc6");
}

static struct inventory assemble(struct layer_packages *layers, size_t n)
{
    struct inventory v;
    struct err e = ERR_INIT;
    for (size_t i = 0; i < n; i++)
        layers[i].layer_digest = arena_printf(&arena, "sha256:%zu", i);
    if (assemble_image(&(struct image){.digest = SLICE("sha256:i"), .os = SLICE("linux")}, layers, n, &arena, &v, &e))
        fail_msg("%s", e.text);
    return v;
}

static void check(const struct package *p, const char *ecosystem, const char *location, const char *layer)
{
    if (!slice_eq_str(p->ecosystem, ecosystem) || !slice_eq_str(p->location, location) ||
        !slice_eq_str(p->layer, layer))
        fail_msg("%.*s: %.*s at %.*s of %.*s", SLICE_FMT(p->name), SLICE_FMT(p->ecosystem), SLICE_FMT(p->location),
                 SLICE_FMT(p->layer));
}

/* Every place of a library is a package, with the layer that brought it there; a database's package counts once. */
static void test_places(void **state)
{
    (void)state;
    struct layer_packages l[3] = {0};
    add_debian(&l[0]);
    add(add_file(&l[0], SLICE("var/lib/dpkg/status.d/libc6"), "dpkg-status"), PKG_DPKG, "libc6");
    add_made(&l[0], "opt/a/lib");
    add_made(&l[1], "opt/b/lib");
    add_made(&l[2], "opt/c/lib");
    struct removal *r = VEC_ADD(&arena, &l[2].removed);
    *r = (struct removal){.path = SLICE("opt/a")};
    struct inventory v = assemble(l, 3);
    assert_int_equal(v.status, INVENTORY_COMPLETE);
    assert_int_equal(v.packages.n, 3);
    check(&v.packages.v[0], "Debian:12", "var/lib/dpkg/status", "sha256:0");
    check(&v.packages.v[1], "Made", "opt/b/lib", "sha256:1");
    check(&v.packages.v[2], "Made", "opt/c/lib", "sha256:2");
    assert_true(slice_eq_str(v.packages.v[0].evidence, "dpkg-status"));
    assert_true(slice_eq_str(v.packages.v[1].evidence, "made-file"));
    assert_int_equal(v.packages.v[1].certainty, CERTAINTY_INSTALLED);
    assert_true(slice_eq_str(v.packages.v[1].purl, "pkg:made/org/lib@1.0-1"));
}

/*
 * Packages inside of a file have places of their own, and these follow the file to where a hard link puts it, once the name
 * that it had first is gone.
 */
static void test_inside(void **state)
{
    (void)state;
    struct layer_packages l[1] = {0};
    struct parsed_file *f = add_file(&l[0], SLICE("app.war"), "made-archive");
    add(f, PKG_MADE, "app");
    for (int i = 0; i < 40; i++) {
        struct package *p = add(f, PKG_MADE, "lib");
        p->location = arena_printf(&arena, "app.war!/%02d.jar", i);
        p->parent = SLICE("app");
        p->certainty = CERTAINTY_GUESSED;
    }
    add_fact(add_file(&l[0], SLICE("copy.war"), "hardlink"), "target", "app.war");
    struct inventory v = assemble(l, 1);
    assert_int_equal(v.packages.n, 41); /* two names of a file are one place */
    check(&v.packages.v[0], "Made", "app.war", "sha256:0");
    check(&v.packages.v[40], "Made", "app.war!/39.jar", "sha256:0");
    assert_true(slice_eq_str(v.packages.v[40].parent, "app"));
    assert_int_equal(v.packages.v[40].certainty, CERTAINTY_GUESSED);
    assert_true(slice_eq_str(v.os.name, ASSEMBLE_NO_SYSTEM));
    /* No system, and yet all that is there has advisories: nothing is amiss. */
    assert_int_equal(v.status, INVENTORY_COMPLETE);
    assert_int_equal(v.notes.texts.n, 0);
    struct layer_packages two[2] = {l[0]};
    add_fact(add_file(&two[0], SLICE("a/copy.war"), "hardlink"), "target", "copy.war");
    *VEC_ADD(&arena, &two[1].removed) = (struct removal){.path = SLICE("app.war")};
    v = assemble(two, 2);
    assert_int_equal(v.packages.n, 41);
    check(&v.packages.v[0], "Made", "a/copy.war", "sha256:0");
    check(&v.packages.v[40], "Made", "a/copy.war!/39.jar", "sha256:0");
}

/* A library is no package of the system: that the system's database is missing is said all the same. */
static void test_system_without_database(void **state)
{
    (void)state;
    struct layer_packages l[1] = {0};
    struct parsed_file *f = add_file(&l[0], SLICE("etc/os-release"), "os-release");
    add_fact(f, "ID", "debian");
    add_fact(f, "VERSION_ID", "12");
    add_fact(f, "PRETTY_NAME", "Debian 12");
    add_made(&l[0], "opt/a/lib");
    struct inventory v = assemble(l, 1);
    assert_int_equal(v.packages.n, 1);
    assert_int_equal(v.status, INVENTORY_PARTIAL);
    assert_true(slice_eq_str(v.reasons.texts.v[0],
                             "Debian 12 without a package database that can be read: its packages are "
                             "not known"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_places, reset),
        cmocka_unit_test_teardown(test_inside, reset),
        cmocka_unit_test_teardown(test_system_without_database, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
