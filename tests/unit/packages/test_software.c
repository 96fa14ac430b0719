/* SPDX-License-Identifier: Apache-2.0 */
/* Software that nothing judges: what tells it, and what becomes of it from a layer to an image. */
#include "model/software.h"

#include "inventory/assemble/assemble.h"
#include "packages/executable/executable_scan.h"
#include "packages/parse.h"
#include "packages/reducer.h"
#include "packages/rules.h"
#include "packages/software/software.h"
#include "unit/make_evidence.h"

static struct arena arena = {.max = (size_t)64 << 20};

static int reset(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void test_paths(void **state)
{
    (void)state;
    static const struct {
        const char *path, *kind;
    } cases[] = {
        {"app/lib/log4j-core-2.14.1.jar", NULL}, /* it is read */
        {"x.AppImage", "bundle"},
        {".AppImage", NULL},
        {"app/x.AppImage.txt", NULL},
        {"app/node_modules/left-pad/package.json", NULL}, /* it is read */
        {"METADATA", NULL},
        {"opt/Cellar/jq/1.7/INSTALL_RECEIPT.json", "homebrew"},
        {"var/guix/db/db.sqlite", "database"},
        {"a/var/guix/db/db.sqlite", NULL},
        {"var/db/xbps/pkgdb-0.38.plist", "database"},
        {"nix/store/abc/x.AppImage", NULL},
        {"sysroot/ostree/repo/objects/x.AppImage", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct wanted *w = rules_of_file(rules_all(), slice_str(cases[i].path));
        const char *kind = w && w->format == &format_software ? w->rule->kind : NULL;
        if ((kind != NULL) != (cases[i].kind != NULL) || (kind && strcmp(kind, cases[i].kind) != 0))
            fail_msg("%s: %s", cases[i].path, kind ? kind : "none");
    }
    for (const struct package_rule *rule = format_software.rules; rule->path; rule++)
        if (!software_by_id(slice_str(rule->kind)))
            fail_msg("%s is no kind", rule->kind);
    assert_string_equal(software_of_purl(SLICE("npm"))->id, "nodejs");
    assert_null(software_of_purl(SLICE("deb")));
    assert_null(software_by_id(SLICE("jav")));
}

static void test_counts(void **state)
{
    (void)state;
    unread_vec v = {0}, back = {0};
    assert_int_equal(unread_text(&v, true, &arena).n, 0);
    unread_add(&arena, &v, SLICE("python"), 2, SLICE("b"));
    unread_add(&arena, &v, SLICE("java"), 1, SLICE("d.jar"));
    unread_add(&arena, &v, SLICE("python"), 3, SLICE("c"));
    unread_add(&arena, &v, SLICE("python"), 0, SLICE("z"));
    unread_add(&arena, &v, SLICE("python"), 1, SLICE("a"));
    unread_add(&arena, &v, SLICE("python"), 1, SLICE("a"));
    unread_add(&arena, &v, SLICE("python"), 1, SLICE("\xff"));
    unread_add(&arena, &v, SLICE("unheard-of"), 7, SLICE_NONE);
    v.v[1].at_least = true;
    const char *want = "1 Java archive (d.jar), at least 8 Python packages (a, b, c …), 7 unheard-of";
    assert_true(slice_eq_str(unread_text(&v, true, &arena), want));
    assert_true(
        slice_eq_str(unread_text(&v, false, &arena), "1 Java archive, at least 8 Python packages, 7 unheard-of"));
    for (size_t i = 0; i < v.n; i++) {
        unread_unpack(&arena, &back, unread_pack(&v.v[i], &arena));
        for (size_t j = 0; j < v.v[i].examples.n; j++)
            unread_unpack_example(&arena, &back, unread_pack_example(&v.v[i], j, &arena));
    }
    assert_true(slice_eq_str(unread_text(&back, true, &arena), want));
    static const char *const bad[] = {"", "java", "java x", "java -1", " 3", "java 99999999999999999999"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        unread_unpack(&arena, &back, slice_str(bad[i]));
    assert_true(slice_eq_str(unread_text(&back, true, &arena), want));
}

/* ---- programs ---- */

enum { PROGRAM = 2, SHARED = 3, OBJECT = 1 };

/* An ELF file of 20,000 bytes with one writable segment from 10,000 on, 64 bits, the least significant byte first. */
static struct buf elf(int type, bool interpreted)
{
    struct buf b = BUF_INIT(1 << 16);
    uint8_t *p = buf_reserve(&b, 20000);
    assert_non_null(p);
    memset(p, 0, 20000);
    b.n = 20000;
    memcpy(p, "\177ELF\2\1\1", 7);
    p[16] = (uint8_t)type;
    p[32] = 64; /* program headers */
    p[54] = 56;
    p[56] = 2;
    p[64] = 1; /* LOAD, writable */
    p[68] = 6;
    p[72] = 10000 & 255;
    p[73] = 10000 >> 8;
    p[96] = 10000 & 255;
    p[97] = 10000 >> 8;
    p[64 + 56] = interpreted ? 3 : 0;
    return b;
}

static void take_kind(void *arg, const struct package_format *format, struct slice path, struct slice bytes)
{
    (void)path;
    assert_ptr_equal(format, &format_software);
    *(const char **)arg = software_by_id(bytes)->id;
}

static const char *scan(const struct buf *b, const char *path, size_t step)
{
    extern const struct executable_reader executable_reader_software;
    static const struct executable_reader *const readers[] = {&executable_reader_software, NULL};
    struct executable_scan *s = xcalloc(1, sizeof *s);
    const char *kind = "none";
    const struct reducer_out out = {.put = take_kind, .arg = &kind};
    executable_scan_init(s, readers);
    assert_true(executable_scan_begin(s, slice_str(path), b->n));
    for (size_t at = 0; at < b->n; at += step) {
        struct slice piece = slice_sub(buf_slice(b), at, step);
        uint8_t *copy = xmemdup(piece.p, piece.n);
        executable_scan_data(s, at, slice_of(copy, piece.n));
        free(copy);
    }
    executable_scan_end(s, &out);
    executable_scan_done(s);
    free(s);
    return kind;
}

static void assert_kind(int type, bool interpreted, const char *text, size_t at, const char *path, const char *want)
{
    static const size_t steps[] = {1, 7, 16, 4095, 4096, 4097, 20000};
    struct buf b = elf(type, interpreted);
    memcpy(b.p + at, text, strlen(text));
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (strcmp(scan(&b, path, steps[i]), want) != 0)
            fail_msg("\"%s\" at %zu of %s, in pieces of %zu: %s", text, at, path, steps[i], scan(&b, path, steps[i]));
    buf_done(&b);
}

#define GO   "\xff Go buildinf:"
#define RUST "/rustc/90b35a6239c3d8bdabc530a6a0816f7ff89a0aaf/library/std"

static void test_programs(void **state)
{
    (void)state;
    assert_kind(PROGRAM, false, GO, 10000, "app/server", "go");
    assert_kind(PROGRAM, false, GO, 4090 + 8000, "app/server.bin", "go");
    assert_kind(SHARED, true, GO, 19986, "app/server", "go");
    assert_kind(PROGRAM, false, GO, 9999, "app/names-it-only", "program");
    assert_kind(PROGRAM, false, RUST, 5000, "app/tool", "rust");
    assert_kind(PROGRAM, false, RUST, 4091, "app/tool", "rust");
    assert_kind(PROGRAM, false, "/rustc/", 5000, "app/looks-for-it", "program");
    assert_kind(SHARED, true, "", 0, "usr/local/bin/python3.12", "program");
    assert_kind(SHARED, false, "", 0, "bin/static-pie", "program");
    assert_kind(SHARED, false, RUST, 5000, "usr/lib/libx.so.1", "none");
    assert_kind(OBJECT, false, "", 0, "usr/lib/crt1", "none");
    assert_kind(PROGRAM, true, "#!/bin/sh", 0, "bin/script", "none");
    /* Cut, and headers that point anywhere. */
    struct buf b = elf(PROGRAM, false);
    for (size_t i = 28; i < 128; i++) {
        uint8_t was = b.p[i];
        b.p[i] = 0xff;
        scan(&b, "x", 1000);
        b.p[i] = was;
    }
    b.n = 65;
    assert_string_equal(scan(&b, "x", 65), "program");
    buf_done(&b);
}

static void keep(void *arg, const struct package_format *format, struct slice path, struct slice text)
{
    size_t *n = arg;
    assert_ptr_equal(format, &format_software);
    if (++*n > SOFTWARE_NAMED_MAX)
        assert_true(slice_eq_str(path, "bundle") && slice_eq_str(text, "bundle 11"));
}

/* Calls begin of the reducer that the rule for path has. */
static bool begin(void *state, const struct reducer_out *out, const char *path, bool linked)
{
    const struct wanted *w = rules_of_file(rules_all(), slice_str(path));
    const struct reduced_file file = {.rule = w->rule, .path = slice_str(path), .size = 100, .linked = linked};
    return w->rule->reducer->begin(state, &file, out);
}

/* More than are named, and names that are too long. */
static void test_many_in_a_layer(void **state)
{
    (void)state;
    size_t told = 0;
    const struct reducer *reducer = rules_of_file(rules_all(), SLICE("a/b.AppImage"))->rule->reducer;
    const struct reducer_out out = {.put = keep, .arg = &told, .format = &format_software};
    void *layer = xcalloc(1, reducer->state_size);
    char long_path[2000];
    memset(long_path, 'x', sizeof long_path - 1);
    memcpy(long_path + sizeof long_path - 10, ".AppImage", 10);
    for (int i = 0; i < SOFTWARE_NAMED_MAX + 10; i++)
        assert_false(begin(layer, &out, "a/b.AppImage", i & 1));
    assert_false(begin(layer, &out, long_path, false));
    reducer->layer_end(layer, &out);
    assert_int_equal(told, SOFTWARE_NAMED_MAX + 1);
    free(layer);
}

/* ---- a layer, an image ---- */

static void seen(struct buf *b, const char *path, const char *text)
{
    struct evidence_entry entry = {.kind = EVIDENCE_FILE,
                                   .collector = SLICE(PARSER_SOFTWARE),
                                   .path = slice_str(path),
                                   .bytes = slice_str(text),
                                   .size = strlen(text)};
    assert_int_equal(evidence_write(b, &entry), 0);
}

/* What of the layers' image is unread, with examples. */
static struct inventory image_of(struct buf *evidence, size_t n)
{
    static struct layer_packages layers[4];
    struct inventory image;
    struct err e = ERR_INIT;
    for (size_t i = 0; i < n; i++) {
        ev_end(&evidence[i]);
        if (parse_layer(buf_slice(&evidence[i]), &arena, &layers[i], &e))
            fail_msg("%s", e.text);
        layers[i].layer_digest = arena_printf(&arena, "sha256:%zu", i);
    }
    assert_int_equal(assemble_image(&(struct image){.digest = SLICE("sha256:image")}, layers, n, &arena, &image, &e),
                     0);
    for (size_t i = 0; i < n; i++)
        buf_done(&evidence[i]);
    return image;
}

static void assert_unread(struct buf *evidence, size_t n, const char *want)
{
    struct inventory image = image_of(evidence, n);
    struct slice got = unread_text(&image.unread, true, &arena);
    assert_int_equal(image.status, INVENTORY_COMPLETE);
    if (!slice_eq_str(got, want))
        fail_msg("\"%.*s\" and not \"%s\"", SLICE_FMT(got), want);
}

#define STATUS "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n"
#define SYSTEM "ID=debian\nVERSION_ID=12\n"

static void test_removed(void **state)
{
    (void)state;
    struct buf layers[] = {ev_begin(), ev_begin(), ev_begin()};
    seen(&layers[0], "app/a.jar", "java");
    seen(&layers[0], "app/b.jar", "java");
    seen(&layers[0], "lib/c.jar", "java");
    seen(&layers[0], "srv/tool", "go");
    ev_whiteout(&layers[1], "app/a.jar");
    ev_opaque(&layers[1], "lib");
    seen(&layers[1], "app/b.jar", "java");
    seen(&layers[2], "srv/tool", "rust");
    assert_unread(layers, 3, "1 Java archive (app/b.jar), 1 Rust program (srv/tool)");
}

static void test_owned(void **state)
{
    (void)state;
    struct buf b = ev_begin();
    ev_file(&b, "etc/os-release", SYSTEM);
    ev_file(&b, "var/lib/dpkg/status", STATUS);
    ev_file(&b, "var/lib/dpkg/info/a.list",
            "/.\n/usr/share/java/a.jar\n/bin/ls\n/usr/sbin/d\n/usr/lib/python3/a.dist-info/METADATA\n");
    seen(&b, "usr/share/java/a.jar", "java");
    seen(&b, "usr/bin/ls", "program");
    seen(&b, "usr/bin/d", "program");
    seen(&b, "usr/lib/python3/a.dist-info/METADATA", "python");
    seen(&b, "usr/local/lib/python3/b.dist-info/METADATA", "python");
    seen(&b, "usr/local/bin/d", "program");
    seen(&b, "var/lib/dpkg/status", "database"); /* a format reads it */
    assert_unread(&b, 1,
                  "1 Python package (usr/local/lib/python3/b.dist-info/METADATA), "
                  "1 other program that no package brought (usr/local/bin/d)");
}

/* A layer of packages that don't tell their files: what its commands are is not known, the rest is told with a note. */
static void test_owners_unknown(void **state)
{
    (void)state;
    struct buf b = ev_begin();
    ev_file(&b, "etc/os-release", SYSTEM);
    ev_file(&b, "var/lib/dpkg/status", STATUS);
    seen(&b, "usr/bin/ls", "program");
    seen(&b, "usr/lib/python3/a.dist-info/METADATA", "python");
    struct inventory image = image_of(&b, 1);
    assert_true(slice_eq_str(unread_text(&image.unread, false, &arena), "1 Python package"));
    assert_int_equal(image.notes.texts.n, 1);
    assert_true(
        slice_starts(image.notes.texts.v[0], SLICE("which of the software that is not judged the system's own")));
}

static void test_more_than_named(void **state)
{
    (void)state;
    struct buf layers[] = {ev_begin(), ev_begin()};
    char path[64];
    for (int i = 0; i < PARSER_SOFTWARE_MAX + 5; i++) {
        snprintf(path, sizeof path, "node_modules/%04d/package.json", i);
        seen(&layers[0], path, "nodejs");
        if (i < 10)
            seen(&layers[1], path, "nodejs");
    }
    seen(&layers[0], "nodejs", "nodejs 20");
    seen(&layers[1], "x", "not a kind that is told \x01");
    struct inventory image = image_of(layers, 2);
    assert_int_equal(image.unread.v[0].count, PARSER_SOFTWARE_MAX + 25);
    assert_true(image.unread.v[0].at_least);
    assert_int_equal(image.unread.v[0].examples.n, UNREAD_EXAMPLES_MAX);
}

#define TEST(f) cmocka_unit_test_teardown(f, reset)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_paths),   TEST(test_counts), TEST(test_programs),       TEST(test_many_in_a_layer),
        TEST(test_removed), TEST(test_owned),  TEST(test_owners_unknown), TEST(test_more_than_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
