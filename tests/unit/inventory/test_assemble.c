/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/assemble/assemble.h"

#include "packages/parse.h"
#include "unit/make_evidence.h"

#define LAYERS_MAX 8
static struct arena arena = {.max = (size_t)256 << 20};
static struct buf evidence[LAYERS_MAX];
static struct layer_packages layers[LAYERS_MAX];
static size_t count;

static int setup(void **state)
{
    (void)state;
    count = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < LAYERS_MAX; i++)
        buf_done(&evidence[i]);
    arena_done(&arena);
    return 0;
}

/* Starts the next layer, base first. */
static struct buf *layer(void)
{
    assert_true(count < LAYERS_MAX);
    evidence[count] = ev_begin();
    return &evidence[count++];
}

static struct inventory assemble(void)
{
    struct inventory image;
    struct err e = ERR_INIT;
    for (size_t i = 0; i < count; i++) {
        ev_end(&evidence[i]);
        if (parse_layer(buf_slice(&evidence[i]), &arena, &layers[i], &e))
            fail_msg("%s", e.text);
        layers[i].layer_digest = arena_printf(&arena, "sha256:%zu", i);
    }
    if (assemble_image(&(struct image){.digest = SLICE("sha256:image")}, layers, count, &arena, &image, &e))
        fail_msg("%s", e.text);
    assert_true(slice_eq_str(image.image_digest, "sha256:image"));
    assert_int_equal(image.layers.n, count);
    assert_int_equal(image.part, 0);
    assert_int_equal(image.parts, 1);
    return image;
}

/* "name version layer-number", parted by commas. */
static void assert_packages(const struct inventory *image, const char *want)
{
    struct buf b = BUF_INIT(1 << 16);
    for (size_t i = 0; i < image->packages.n; i++) {
        const struct package *p = &image->packages.v[i];
        buf_addf(&b, "%s%.*s %.*s %.*s", i ? "," : "", SLICE_FMT(p->name), SLICE_FMT(p->version),
                 SLICE_FMT(slice_from(p->layer, 7)));
    }
    assert_string_equal(buf_cstr(&b), want);
    buf_done(&b);
}

static void assert_reasons(const struct inventory *image, size_t n, const char *part)
{
    for (size_t i = 0; i < image->reasons.texts.n; i++)
        if (slice_find_slice(image->reasons.texts.v[i], slice_str(part)) >= 0 && image->reasons.texts.n == n)
            return;
    for (size_t i = 0; i < image->reasons.texts.n; i++)
        print_error("%.*s\n", SLICE_FMT(image->reasons.texts.v[i]));
    fail_msg("%zu reasons, not %zu with \"%s\"", image->reasons.texts.n, n, part);
}

#define STATUS       "var/lib/dpkg/status"
#define OS_DEBIAN    "ID=debian\nVERSION_ID=12\nPRETTY_NAME=\"Debian 12\"\n"
#define DEB(name, v) "Package: " name "\nStatus: install ok installed\nArchitecture: amd64\nVersion: " v "\n\n"
#define APK(name, v) "P:" name "\nV:" v "\nA:x86_64\n\n"
#define APK_DB       "lib/apk/db/installed"
#define OS_ALPINE    "ID=alpine\nVERSION_ID=3.20.3\n"

static void base_debian(const char *packages)
{
    struct buf *b = layer();
    ev_file(b, "usr/lib/os-release", OS_DEBIAN);
    ev_symlink(b, "etc/os-release", "usr/lib/os-release");
    ev_file(b, STATUS, packages);
}

static void test_layers_of_packages(void **state)
{
    (void)state;
    base_debian(DEB("b", "1") DEB("a", "1") DEB("c", "1"));
    ev_file(layer(), STATUS, DEB("a", "1") DEB("b", "2") DEB("c", "1") DEB("d", "1"));
    layer();
    ev_file(layer(), STATUS, DEB("b", "2") DEB("a", "1") DEB("d", "1"));
    ev_file(layer(), STATUS, DEB("a", "1") DEB("b", "2") DEB("c", "1") DEB("d", "1") DEB("b", "1"));
    struct inventory image = assemble();
    assert_int_equal(image.status, INVENTORY_COMPLETE);
    assert_int_equal(image.reasons.texts.n, 0);
    /* c left in layer 3 and came back in 4; b 1 left in 1 and came back in 4. */
    assert_packages(&image, "a 1 0,b 1 4,b 2 1,c 1 4,d 1 1");
    assert_true(slice_eq_str(image.os.ecosystem, "Debian:12"));
    assert_true(slice_eq_str(image.os.name, "Debian 12"));
    assert_true(slice_eq_str(image.packages.v[0].purl, "pkg:deb/debian/a@1?arch=amd64&distro=debian-12"));
    assert_true(slice_eq_str(image.packages.v[0].location, STATUS));
    assert_true(slice_eq_str(image.packages.v[0].ecosystem, "Debian:12"));
    assert_true(slice_eq_str(image.packages.v[0].evidence, "dpkg-status"));
    assert_int_equal(image.packages.v[0].certainty, CERTAINTY_INSTALLED);
    assert_int_equal(image.parser_version, parser_version());
}

static void test_whiteouts(void **state)
{
    (void)state;
    static const struct {
        const char *whiteout, *opaque;
        bool gone;
    } cases[] = {
        {STATUS, NULL, true},         {"var/lib/dpkg", NULL, true},
        {"var", NULL, true},          {NULL, "var/lib", true},
        {NULL, "var/lib/dpkg", true}, {NULL, STATUS, false},
        {"var/lib/dpk", NULL, false}, {"var/lib/dpkg/stat", NULL, false},
        {"lib", NULL, false},         {NULL, "var/lib/dpkg/status.d", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        setup(state);
        base_debian(DEB("a", "1"));
        struct buf *b = layer();
        if (cases[i].whiteout)
            ev_whiteout(b, cases[i].whiteout);
        else
            ev_opaque(b, cases[i].opaque);
        struct inventory image = assemble();
        assert_packages(&image, cases[i].gone ? "" : "a 1 0");
        /* A system without its package database is never "no packages" in silence. */
        if (cases[i].gone)
            assert_reasons(&image, 1, "Debian 12 without a package database");
        assert_int_equal(image.status, cases[i].gone ? INVENTORY_PARTIAL : INVENTORY_COMPLETE);
        teardown(state);
    }
}

/* An opaque root, and a file link in a folder's place, leave nothing of the layers below. */
static void test_whole_folders(void **state)
{
    (void)state;
    base_debian(DEB("a", "1"));
    ev_opaque(layer(), "");
    struct inventory image = assemble();
    assert_int_equal(image.status, INVENTORY_COMPLETE);
    assert_packages(&image, "");
    assert_true(slice_eq_str(image.os.name, ASSEMBLE_NO_SYSTEM));
    teardown(state);
    setup(state);
    base_debian(DEB("a", "1"));
    ev_hardlink(layer(), "var/lib", "etc/passwd");
    image = assemble();
    assert_int_equal(image.status, INVENTORY_PARTIAL);
    assert_packages(&image, "");
}

/* A whiteout hides what is below its layer, whatever its place in the layer's stream. */
static void test_whiteout_and_new_file(void **state)
{
    (void)state;
    base_debian(DEB("a", "1") DEB("b", "1"));
    struct buf *b = layer();
    ev_file(b, STATUS, DEB("b", "1") DEB("c", "1"));
    ev_opaque(b, "var/lib/dpkg");
    ev_whiteout(b, STATUS);
    struct inventory image = assemble();
    assert_packages(&image, "b 1 0,c 1 1");
    assert_int_equal(image.status, INVENTORY_COMPLETE);
}

static void test_status_d(void **state)
{
    (void)state;
    struct buf *b = layer();
    ev_file(b, "usr/lib/os-release", OS_DEBIAN);
    ev_file(b, "var/lib/dpkg/status.d/base", "Package: base-files\nVersion: 1\n");
    ev_file(b, STATUS, "");
    b = layer();
    ev_file(b, "var/lib/dpkg/status.d/openssl", "Package: openssl\nVersion: 3\nArchitecture: amd64\n");
    ev_file(b, "var/lib/dpkg/status.d/tz", "Package: tzdata\nVersion: 1\n");
    b = layer();
    ev_file(b, "var/lib/dpkg/status.d/tz", "Package: tzdata\nVersion: 2\n");
    ev_file(b, STATUS, DEB("openssl", "3"));
    ev_whiteout(layer(), "var/lib/dpkg/status.d/base");
    struct inventory image = assemble();
    assert_int_equal(image.status, INVENTORY_COMPLETE);
    assert_packages(&image, "openssl 3 1,tzdata 2 2");
    assert_true(slice_eq_str(image.packages.v[0].location, STATUS));
}

static void test_apk_through_link(void **state)
{
    (void)state;
    /* The folder becomes a link: what was in it is gone, the database is behind the link. */
    struct buf *b = layer();
    ev_file(b, "etc/os-release", OS_ALPINE);
    ev_file(b, APK_DB, APK("old", "1-r0") APK("both", "1-r0"));
    b = layer();
    ev_symlink(b, "lib", "usr/lib");
    ev_file(b, "usr/" APK_DB, APK("both", "1-r0") APK("new", "1-r0"));
    /* A later layer names it through the link. */
    ev_file(layer(), APK_DB, APK("both", "1-r0") APK("new", "2-r0"));
    struct inventory image = assemble();
    assert_int_equal(image.status, INVENTORY_COMPLETE);
    assert_packages(&image, "both 1-r0 0,new 2-r0 2");
    assert_true(slice_eq_str(image.packages.v[0].location, "usr/" APK_DB));
    assert_true(slice_eq_str(image.os.ecosystem, "Alpine:v3.20"));
    teardown(state);
    setup(state);
    /* The file itself is the link, and a whiteout names it through a linked folder. */
    b = layer();
    ev_file(b, "etc/os-release", OS_ALPINE);
    ev_symlink(b, APK_DB, "usr/" APK_DB);
    ev_file(b, "usr/" APK_DB, APK("a", "1-r0"));
    image = assemble();
    assert_packages(&image, "a 1-r0 0");
    assert_int_equal(image.status, INVENTORY_COMPLETE);
    teardown(state);
    setup(state);
    b = layer();
    ev_file(b, "etc/os-release", OS_ALPINE);
    ev_symlink(b, "lib", "usr/lib");
    ev_file(b, "usr/" APK_DB, APK("a", "1-r0"));
    ev_whiteout(layer(), APK_DB);
    image = assemble();
    assert_packages(&image, "");
}

static void test_links_to_nowhere(void **state)
{
    (void)state;
    struct buf *b = layer();
    ev_file(b, "etc/os-release", OS_DEBIAN);
    ev_symlink(b, STATUS, "srv/status");
    struct inventory image = assemble();
    assert_int_equal(image.status, INVENTORY_PARTIAL);
    assert_reasons(&image, 2, "var/lib/dpkg/status: a link leads to srv/status, which was not kept");
    teardown(state);
    setup(state);
    base_debian(DEB("a", "1"));
    ev_symlink(layer(), "var/lib/dpkg", "opt/dpkg");
    image = assemble();
    assert_packages(&image, "");
    assert_reasons(&image, 3, "var/lib/dpkg/status: a link leads to opt/dpkg/status, which was not kept");
    teardown(state);
    setup(state);
    /* A loop ends. */
    b = layer();
    ev_symlink(b, "etc/os-release", "usr/lib/os-release");
    ev_symlink(b, "usr/lib/os-release", "etc/os-release");
    image = assemble();
    assert_int_equal(image.status, INVENTORY_PARTIAL);
    assert_reasons(&image, 2, "etc/os-release: its links lead nowhere");
    teardown(state);
    setup(state);
    /* A link that grows with each step ends too. */
    b = layer();
    ev_symlink(b, "var", "var/var/var/var/var");
    ev_file(b, STATUS, DEB("a", "1"));
    image = assemble();
    assert_int_equal(image.status, INVENTORY_PARTIAL);
}

static void test_hard_links(void **state)
{
    (void)state;
    /* The content lives in a lower layer, and a later layer that replaces the target leaves the link as it is. */
    base_debian(DEB("a", "1"));
    ev_hardlink(layer(), "var/lib/dpkg/status.d/copy", STATUS);
    ev_file(layer(), STATUS, DEB("b", "1"));
    struct inventory image = assemble();
    assert_int_equal(image.status, INVENTORY_COMPLETE);
    assert_packages(&image, "a 1 0,b 1 2");
    teardown(state);
    setup(state);
    struct buf *b = layer();
    ev_file(b, "etc/os-release", OS_DEBIAN);
    ev_hardlink(b, STATUS, "opt/first");
    image = assemble();
    assert_int_equal(image.status, INVENTORY_PARTIAL);
    assert_reasons(&image, 2, "layer sha256:0: var/lib/dpkg/status is a hard link to opt/first, which was not kept");
    teardown(state);
    setup(state);
    /* Replaced later, it is nobody's trouble. */
    b = layer();
    ev_file(b, "etc/os-release", OS_DEBIAN);
    ev_hardlink(b, STATUS, "opt/first");
    ev_file(layer(), STATUS, DEB("b", "1"));
    image = assemble();
    assert_int_equal(image.status, INVENTORY_COMPLETE);
    assert_packages(&image, "b 1 1");
}

static void test_system(void **state)
{
    (void)state;
    /* etc/os-release as a file wins over usr/lib's; a file in a link's place takes it. */
    base_debian(DEB("a", "1"));
    ev_file(layer(), "etc/os-release", "ID=kali\nID_LIKE=debian\nVERSION_CODENAME=kali-rolling\n");
    struct inventory image = assemble();
    assert_true(slice_eq_str(image.os.id, "kali"));
    assert_true(slice_eq_str(image.os.ecosystem, "Debian:14"));
    teardown(state);
    setup(state);
    base_debian(DEB("a", "1"));
    ev_whiteout(layer(), "etc/os-release");
    ev_file(layer(), "usr/lib/os-release", "ID=debian\nVERSION_ID=13\n");
    image = assemble();
    assert_true(slice_eq_str(image.os.ecosystem, "Debian:13"));
    teardown(state);
    setup(state);
    struct buf *b = layer();
    ev_file(b, "etc/debian_version", "7.11\n");
    ev_file(b, STATUS, DEB("a", "1"));
    image = assemble();
    assert_true(slice_eq_str(image.os.ecosystem, "Debian:7"));
    assert_int_equal(image.status, INVENTORY_COMPLETE);
    teardown(state);
    setup(state);
    /* A system outside the table keeps its facts. */
    b = layer();
    ev_file(b, "etc/os-release", "ID=strange\nVERSION_ID=1\nPRETTY_NAME=\"Strange 1\"\n");
    ev_file(b, STATUS, DEB("a", "1"));
    image = assemble();
    assert_true(slice_eq_str(image.os.name, "Strange 1"));
    assert_int_equal(image.os.ecosystem.n, 0);
    assert_packages(&image, "a 1 0");
    assert_true(slice_eq_str(image.packages.v[0].purl, "pkg:deb/strange/a@1?arch=amd64&distro=strange-1"));
}

/* Packages, and nothing says of which system: that is not "no operating system". */
static void test_no_os_release(void **state)
{
    (void)state;
    struct buf *b = layer();
    ev_file(b, STATUS, DEB("a", "1"));
    struct inventory image = assemble();
    assert_int_equal(image.status, INVENTORY_COMPLETE);
    assert_int_equal(image.os.name.n, 0);
    assert_int_equal(image.packages.n, 1);
    assert_int_equal(image.notes.texts.n, 1);
    assert_true(slice_eq_str(image.notes.texts.v[0], "the operating system is not known: there is no os-release"));
    teardown(state);
    setup(state);
    b = layer();
    ev_file(b, "etc/os-release", "PRETTY_NAME=\"Strange 1\"\n");
    ev_file(b, STATUS, DEB("a", "1"));
    image = assemble();
    assert_true(slice_eq_str(image.os.name, "Strange 1"));
    assert_true(
        slice_eq_str(image.notes.texts.v[0], "the operating system is not known: its files don't name it by an ID"));
}

static void test_nothing(void **state)
{
    (void)state;
    layer();
    struct inventory image = assemble();
    assert_int_equal(image.status, INVENTORY_COMPLETE);
    assert_true(slice_eq_str(image.os.name, ASSEMBLE_NO_SYSTEM));
    assert_int_equal(image.packages.n, 0);
    assert_int_equal(image.reasons.texts.n, 0);
    count = 0;
    image = assemble();
    assert_int_equal(image.status, INVENTORY_COMPLETE);
}

static void test_layers_that_failed(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT(1 << 20);
    struct slice why = SLICE("401 from the registry");
    struct package p = {.type = PKG_DPKG, .name = SLICE("a"), .version = SLICE("1")};
    struct parsed_file file = {
        .path = SLICE(STATUS), .parser = SLICE("dpkg-status"), .packages = {.v = &p, .n = 1, .cap = 1}};
    struct layer_packages l[3] = {
        {.layer_digest = SLICE("sha256:0"), .parser_version = 3, .files = {.v = &file, .n = 1, .cap = 1}},
        {.layer_digest = SLICE("sha256:1"), .status = PULL_FAILED, .reasons = {.texts = {&why, 1, 1}}},
        {.layer_digest = SLICE("sha256:2"), .parser_version = 4, .status = PULL_PARTIAL},
    };
    struct inventory image;
    assert_int_equal(assemble_image(&(struct image){.digest = SLICE("sha256:image")}, l, 3, &a, &image, NULL), 0);
    assert_int_equal(image.status, INVENTORY_PARTIAL);
    assert_int_equal(image.parser_version, 3);
    assert_packages(&image, "a 1 0");
    assert_reasons(&image, 2, "layer sha256:1: 401 from the registry");
    assert_reasons(&image, 2, "layer sha256:2: it could not be read wholly");
    assert_int_equal(assemble_image(&(struct image){.digest = SLICE("sha256:image")}, l + 1, 1, &a, &image, NULL), 0);
    assert_int_equal(image.status, INVENTORY_FAILED);
    assert_int_equal(image.packages.n, 0);
    arena_done(&a);
}

/* A hundred layers that each replace a database of thousands, and the limit of memory. */
static void test_many(void **state)
{
    (void)state;
    enum { MANY = 100, PACKAGES = 3000 };
    struct buf text = BUF_INIT(1 << 20), b = ev_begin();
    struct layer_packages one, *all = xcalloc(MANY, sizeof *all);
    struct inventory image;
    struct err e = ERR_INIT;
    for (int i = 0; i < PACKAGES; i++)
        buf_addf(&text, "P:package-%d\nV:%d-r0\n\n", i, i);
    ev_file(&b, APK_DB, buf_cstr(&text));
    ev_file(&b, "etc/os-release", OS_ALPINE);
    ev_end(&b);
    assert_int_equal(parse_layer(buf_slice(&b), &arena, &one, &e), 0);
    for (int i = 0; i < MANY; i++) {
        all[i] = one;
        all[i].layer_digest = arena_printf(&arena, "sha256:%d", i);
    }
    assert_int_equal(assemble_image(&(struct image){.digest = SLICE("x")}, all, MANY, &arena, &image, &e), 0);
    assert_int_equal(image.packages.n, PACKAGES);
    for (size_t i = 0; i < PACKAGES; i++)
        assert_true(slice_eq_str(image.packages.v[i].layer, "sha256:0"));
    struct arena small = ARENA_INIT(1 << 16);
    assert_true(assemble_image(&(struct image){.digest = SLICE("x")}, all, MANY, &small, &image, &e) < 0);
    assert_int_equal(e.kind, ERR_POISON);
    arena_done(&small);
    free(all);
    buf_done(&text);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_layers_of_packages, setup, teardown),
        cmocka_unit_test_setup_teardown(test_whiteouts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_whole_folders, setup, teardown),
        cmocka_unit_test_setup_teardown(test_whiteout_and_new_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_status_d, setup, teardown),
        cmocka_unit_test_setup_teardown(test_apk_through_link, setup, teardown),
        cmocka_unit_test_setup_teardown(test_links_to_nowhere, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hard_links, setup, teardown),
        cmocka_unit_test_setup_teardown(test_system, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_os_release, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_layers_that_failed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
