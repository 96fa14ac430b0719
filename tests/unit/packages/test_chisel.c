/* SPDX-License-Identifier: Apache-2.0 */
/* Chisel's manifest: its packages, whose paths it names, what is damaged, and an image that has dpkg's database too. */
#include "inventory/assemble/assemble.h"
#include "packages/owners.h"
#include "packages/parse.h"
#include "packages/rules.h"

#include "unit/make_evidence.h"

#include <zstd.h>

#define MANIFEST "var/lib/chisel/manifest.wall"
#define STATUS   "var/lib/dpkg/status"
#define SYSTEM   "ID=ubuntu\nVERSION_ID=\"24.04\"\nPRETTY_NAME=\"Ubuntu 24.04\"\n"

#define HEADER(n) "{\"jsonwall\":\"1.0\",\"schema\":\"1.0\",\"count\":" #n "}\n"
#define PACKAGE(name, v)                                                                                               \
    "{\"kind\":\"package\",\"name\":\"" name "\",\"version\":\"" v "\",\"sha256\":\"ab\",\"arch\":\"amd64\"}\n"
#define SLICES(list, path)                                                                                             \
    "{\"kind\":\"path\",\"path\":\"" path "\",\"mode\":\"0644\",\"slices\":[" list "],\"size\":1}\n"

static struct arena arena = {.max = (size_t)64 << 20};
static struct buf packed = {.max = (size_t)80 << 20}, evidence, told = {.max = 1 << 20};

static int setup(void **state)
{
    (void)state;
    arena_done(&arena);
    buf_done(&evidence);
    buf_clear(&told);
    evidence = ev_begin();
    ev_file(&evidence, "etc/os-release", SYSTEM);
    return 0;
}

static int done(void **state)
{
    (void)state;
    buf_done(&packed);
    buf_done(&evidence);
    buf_done(&told);
    arena_done(&arena);
    return 0;
}

static struct slice pack(struct slice text)
{
    buf_clear(&packed);
    size_t room = ZSTD_compressBound(text.n);
    packed.n = ZSTD_compress(buf_reserve(&packed, room), room, text.p, text.n, 3);
    assert_false(ZSTD_isError(packed.n));
    return buf_slice(&packed);
}

static void manifest(struct slice bytes, uint64_t size)
{
    ev_write(&evidence, EVIDENCE_FILE, MANIFEST, bytes, size, false);
}

static struct inventory assemble(void)
{
    struct layer_packages layer;
    struct inventory image;
    struct err e = ERR_INIT;
    ev_end(&evidence);
    if (parse_layer(buf_slice(&evidence), &arena, &layer, &e) ||
        assemble_image(&(struct image){.digest = SLICE("sha256:x")}, &layer, 1, &arena, &image, &e))
        fail_msg("%s", e.text);
    return image;
}

/* A line a package: name version architecture source evidence, with "?" for a source that nobody said; then reasons. */
static void assert_image(const char *want)
{
    struct inventory image = assemble();
    buf_clear(&told);
    for (size_t i = 0; i < image.packages.n; i++) {
        const struct package *p = &image.packages.v[i];
        assert_int_equal(p->type, PKG_DPKG);
        buf_addf(&told, "%.*s %.*s %.*s %.*s%s %.*s\n", SLICE_FMT(p->name), SLICE_FMT(p->version),
                 SLICE_FMT(p->architecture), SLICE_FMT(p->source_name), p->source_unknown ? "?" : "",
                 SLICE_FMT(p->evidence));
    }
    for (size_t i = 0; i < image.reasons.texts.n; i++)
        buf_addf(&told, "%.*s: %.*s\n", SLICE_FMT(reasons_at(&image.reasons, i).code),
                 SLICE_FMT(image.reasons.texts.v[i]));
    assert_string_equal(buf_cstr(&told), want);
}

static void test_wanted(void **state)
{
    (void)state;
    const struct wanted *w = rules_of_file(rules_all(), SLICE(MANIFEST));
    assert_non_null(w);
    assert_string_equal(w->format->name, "chisel");
    assert_int_equal(w->format->type, PKG_DPKG);
}

static void test_packages(void **state)
{
    (void)state;
    manifest(pack(SLICE(
                 HEADER(6) "{\"kind\":\"content\",\"slice\":\"openssl_bins\",\"path\":\"/usr/bin/openssl\"}\n" PACKAGE(
                     "libssl3t64", "3.0.13-0ubuntu3.4") PACKAGE("tz\\u0064ata", "2024a-3")
                     SLICES("\"openssl_bins\"", "/a") "{\"kind\":\"slice\",\"name\":\"openssl_bins\"}\n")),
             9);
    struct inventory image = assemble();
    assert_int_equal(image.status, INVENTORY_COMPLETE);
    assert_int_equal(image.packages.n, 2);
    const struct package *p = &image.packages.v[0];
    assert_true(slice_eq_str(p->name, "libssl3t64") && slice_eq_str(p->version, "3.0.13-0ubuntu3.4"));
    assert_true(slice_eq_str(p->architecture, "amd64") && slice_eq_str(p->location, MANIFEST));
    assert_true(slice_starts(p->ecosystem, SLICE("Ubuntu:24.04")));
    assert_true(p->source_unknown && p->certainty == CERTAINTY_INSTALLED);
    assert_true(slice_eq_str(image.packages.v[1].name, "tzdata"));
    assert_int_equal(image.unread.n, 0);
}

/* One line spoils none of the others. */
static void test_lines(void **state)
{
    (void)state;
    manifest(pack(SLICE(HEADER(6) "[1]\n" PACKAGE("a", "1") "{\"kind\":\"package\",\"name\":\"b\"\n" PACKAGE(
                 "c d", "1") "{\"kind\":7}\n{\"kind\":\"new\",\"name\":[{}]}\n" PACKAGE("e", "2"))),
             9);
    assert_image("a 1 amd64 ? chisel-manifest\n"
                 "e 2 amd64 ? chisel-manifest\n"
                 "database-broken: layer : " MANIFEST ": line 2: it is no object\n"
                 "database-broken: layer : " MANIFEST ": line 4: not JSON: it is cut, at byte 28, line 1\n"
                 "package-left-out: layer : " MANIFEST ": line 5: a package without a sound name and version\n"
                 "database-broken: layer : " MANIFEST ": line 6: it has no kind\n");
}

static void test_headers(void **state)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"", "line 0: it ends here, and its header is missing"},
        {PACKAGE("a", "1"), "line 1: it is not the header of a jsonwall"},
        {HEADER(3) PACKAGE("a", "1"), "line 2: it ends here, and its header is missing or says that there are more"},
        {"{\"jsonwall\":\"2.0\",\"schema\":\"1.0\"}\n" PACKAGE("a", "1"), "line 1: a version of the form"},
        {"{\"jsonwall\":\"1.0\",\"schema\":\"3\"}\n" PACKAGE("a", "1"), "line 1: a version of the form"},
        {HEADER(1), "no package in it"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        setup(state);
        manifest(pack(slice_str(bad[i].text)), 9);
        struct inventory image = assemble();
        assert_int_equal(image.status, INVENTORY_PARTIAL);
        bool said = false;
        for (size_t k = 0; k < image.reasons.texts.n; k++)
            said |= slice_find_slice(image.reasons.texts.v[k], slice_str(bad[i].says)) >= 0;
        if (!said)
            fail_msg("%zu: %.*s", i, SLICE_FMT(image.reasons.texts.v[0]));
        assert_int_equal(image.packages.n, strstr(bad[i].text, "package") != NULL);
    }
}

/* Where the packed stream ends too early what stands before it counts, and that is said. */
static void test_damaged(void **state)
{
    struct buf text = BUF_INIT((size_t)8 << 20);
    buf_add_str(&text, HEADER(20001));
    for (int i = 0; i < 20000; i++)
        buf_addf(&text, "{\"kind\":\"package\",\"name\":\"p%d\",\"version\":\"%d\",\"arch\":\"amd64\"}\n", i,
                 i * 7919 % 104729);
    struct slice whole = pack(buf_slice(&text));
    manifest(slice_sub(whole, 0, whole.n / 2), whole.n / 2);
    struct inventory image = assemble();
    assert_int_equal(image.reasons.texts.n, 1);
    assert_true(reasons_has(&image.reasons, REASON_DATABASE_BROKEN));
    assert_true(image.packages.n > 1000 && image.packages.n < 20000);
    setup(state); /* cut by the collector, which says so alone */
    manifest(slice_sub(whole, 0, whole.n / 2), whole.n);
    image = assemble();
    assert_int_equal(image.reasons.texts.n, 1);
    assert_true(reasons_has(&image.reasons, REASON_FILE_CUT));
    assert_true(image.packages.n > 1000 && image.packages.n < 20000);
    setup(state);
    manifest(whole, whole.n);
    image = assemble();
    assert_int_equal(image.status, INVENTORY_COMPLETE);
    assert_int_equal(image.packages.n, 20000);
    setup(state);
    manifest(SLICE("\xfd"
                   "7zXZ\0 not zstd"),
             9);
    image = assemble();
    assert_true(reasons_has(&image.reasons, REASON_DATABASE_BROKEN) && !image.packages.n);
    buf_done(&text);
}

/* A line of a megabyte is passed over, and a bomb ends at the bound. */
static void test_bounds(void **state)
{
    struct buf text = BUF_INIT((size_t)80 << 20);
    buf_add_str(&text, HEADER(3) "{\"kind\":\"path\",\"path\":\"");
    memset(buf_reserve(&text, 1 << 20), 'x', 1 << 20);
    text.n += 1 << 20;
    buf_add_str(&text, "\"}\n" PACKAGE("a", "1"));
    manifest(pack(buf_slice(&text)), 9);
    assert_image("a 1 amd64 ? chisel-manifest\n"
                 "database-broken: layer : " MANIFEST ": line 2: it is too long\n");
    setup(state);
    memset(buf_reserve(&text, 65 << 20), ' ', 65 << 20);
    text.n += 65 << 20;
    manifest(pack(buf_slice(&text)), 9);
    struct inventory image = assemble();
    assert_int_equal(image.packages.n, 1);
    assert_int_equal(image.reasons.texts.n, 2);
    assert_true(slice_find_slice(image.reasons.texts.v[0], SLICE("64 MiB")) > 0 ||
                slice_find_slice(image.reasons.texts.v[0], SLICE("67108864")) > 0);
    buf_done(&text);
}

/* Of two lists that name the same package, the one that knows its source counts; another version is another package. */
static void test_beside_dpkg(void **state)
{
    (void)state;
    ev_file(&evidence, STATUS,
            "Package: libssl3t64\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl\nVersion: 1\n\n"
            "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5\n\n"
            "Package: zlib1g\nStatus: install ok installed\nArchitecture: amd64\nSource: zlib\nVersion: 2\n\n");
    manifest(pack(SLICE(HEADER(5) PACKAGE("bash", "5") PACKAGE("libssl3t64", "1") PACKAGE("tzdata", "3")
                            PACKAGE("zlib1g", "1"))),
             9);
    assert_image("bash 5 amd64  dpkg-status\n"
                 "libssl3t64 1 amd64 openssl dpkg-status\n"
                 "tzdata 3 amd64 ? chisel-manifest\n"
                 "zlib1g 1 amd64 ? chisel-manifest\n"
                 "zlib1g 2 amd64 zlib dpkg-status\n");
}

static int collect(void *ctx, struct slice path, struct slice package)
{
    buf_addf(ctx, "%.*s=%.*s,", SLICE_FMT(path), SLICE_FMT(package));
    return slice_eq_str(path, "stop") ? 42 : 0;
}

static void test_owners(void **state)
{
    (void)state;
    manifest(pack(SLICE(
                 HEADER(5) SLICES("\"base-files_base\",\"base-files_bin\",\"libc6_libs\",7,\"_x\",\"y\"", "/usr/")
                     SLICES("\"openssl_bins\"", "/usr/bin/openssl") "{\"kind\":\"slice\",\"name\":\"a_b\"}\n{\n" SLICES(
                         "\"a_b\"", "/stop") SLICES("\"a_b\"", "/no"))),
             9);
    ev_end(&evidence);
    assert_int_equal(owners_walk(buf_slice(&evidence), collect, &told), 42);
    assert_string_equal(buf_cstr(&told), "usr=base-files,usr=libc6,usr/bin/openssl=openssl,stop=a,");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_wanted, setup),      cmocka_unit_test_setup(test_packages, setup),
        cmocka_unit_test_setup(test_lines, setup),       cmocka_unit_test_setup(test_headers, setup),
        cmocka_unit_test_setup(test_damaged, setup),     cmocka_unit_test_setup(test_bounds, setup),
        cmocka_unit_test_setup(test_beside_dpkg, setup), cmocka_unit_test_setup(test_owners, setup),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
