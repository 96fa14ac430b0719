/* SPDX-License-Identifier: Apache-2.0 */
/* rpm's databases as rpm_writer.h writes them: what they say, with their logs, and in layers over each other. */
#include "inventory/assemble/assemble.h"
#include "packages/owners.h"
#include "packages/rpm/rpm_header.h"
#include "unit/rpm_support.h"

static const char made_lines[] =
    "bash 5.1.8-6.el9 x86_64 - - - Red Hat, Inc.\n"
    "openssl-libs 1:3.0.7-1.el9 x86_64 openssl - - Red Hat, Inc.\n"
    "npm 0:8.19.2-1.18.18.2.2 noarch nodejs 0:18.18.2-2 nodejs:18:8080020230718:63b34585 V?ndor\n"
    "jdk 1.8-9 x86_64 - - - -\n"
    "local 1-1 x86_64 - - - -\n"
    "odd 4294967295:2~rc1-1^git x86_64 - - perl -\n";

static struct slice lines_of(const package_vec *packages)
{
    struct buf b = BUF_INIT(1 << 20);
    for (size_t i = 0; i < packages->n; i++) {
        const struct package *p = &packages->v[i];
        const struct slice s[] = {p->name,           p->version, p->architecture, p->source_name,
                                  p->source_version, p->module,  p->vendor};
        assert_int_equal(p->type, PKG_RPM);
        for (size_t j = 0; j < ARRAY_LEN(s); j++)
            buf_addf(&b, "%s%.*s", j ? " " : "", SLICE_FMT(s[j].n ? s[j] : SLICE("-")));
        buf_add_byte(&b, '\n');
    }
    struct slice copy = arena_slice(&arena, buf_slice(&b));
    buf_done(&b);
    return copy;
}

static void expect_lines(const char *what, const package_vec *packages, const char *want)
{
    char *got ATTR_CLEANUP(cleanup_free) = slice_dup(lines_of(packages));
    if (strcmp(got, want) != 0)
        fail_msg("%s: want\n%sgot\n%s", what, want, got);
}

static void test_kinds(void **state)
{
    (void)state;
    for (enum kind k = 0; k < KINDS; k++) {
        struct buf db = make(k, made, MADE);
        struct layer_packages layer = parse_one(kind_paths[k], buf_slice(&db));
        for (size_t i = 0; i < layer.reasons.texts.n; i++)
            print_error("%s: %.*s\n", kind_names[k], SLICE_FMT(layer.reasons.texts.v[i]));
        assert_int_equal(layer.status, PULL_GOOD);
        expect_lines(kind_names[k], &layer.files.v[0].packages, made_lines);
        buf_done(&db);
        db = make(k, made, 0);
        layer = parse_one(kind_paths[k], buf_slice(&db));
        assert_int_equal(layer.status, PULL_GOOD);
        assert_int_equal(layer.files.v[0].packages.n, 0);
        buf_done(&db);
        layer = parse_one(kind_paths[k], SLICE(""));
        assert_int_equal(layer.status, PULL_PARTIAL);
        layer = parse_one(kind_paths[k], SLICE("what is this"));
        assert_int_equal(layer.status, PULL_PARTIAL);
    }
}

/* Trees of three levels, chains, many pages of slots. */
static void test_many(void **state)
{
    (void)state;
    enum { N = 1500 };
    struct rpm_made *m = xcalloc(N, sizeof *m);
    for (size_t i = 0; i < N; i++) {
        m[i] = made[1];
        m[i].name = arena_cstr(&arena, arena_printf(&arena, "package-%zu", i));
        m[i].filler = i * 37 % 3000;
    }
    for (enum kind k = 0; k < KINDS; k++) {
        struct buf db = make(k, m, N);
        struct layer_packages layer = parse_one(kind_paths[k], buf_slice(&db));
        assert_int_equal(layer.status, PULL_GOOD);
        assert_int_equal(layer.files.v[0].packages.n, N);
        buf_done(&db);
    }
    free(m);
}

static int add_path(void *ctx, struct slice path, struct slice package)
{
    buf_addf(ctx, "%.*s=%.*s,", SLICE_FMT(path), SLICE_FMT(package));
    return 0;
}

static int stop(void *ctx, struct slice path, struct slice package)
{
    (void)path, (void)package;
    return ++*(int *)ctx == 2 ? 42 : 0;
}

static void test_owners(void **state)
{
    (void)state;
    for (enum kind k = 0; k < KINDS; k++) {
        struct buf db = make(k, made, MADE), b = ev_begin(), got = BUF_INIT(1 << 16);
        ev_bytes(&b, kind_paths[k], buf_slice(&db));
        ev_end(&b);
        assert_int_equal(owners_walk(buf_slice(&b), add_path, &got), 0);
        assert_string_equal(buf_cstr(&got), "usr/bin/bash=bash,usr/share/doc/x/README=bash,usr/bin/sh=bash,");
        int calls = 0;
        assert_int_equal(owners_walk(buf_slice(&b), stop, &calls), 42);
        assert_int_equal(calls, 2);
        buf_done(&b);
        b = ev_begin();
        ev_bytes(&b, kind_paths[k], slice_sub(buf_slice(&db), 0, db.n - 600));
        ev_end(&b);
        assert_int_equal(owners_walk(buf_slice(&b), add_path, &got), 0);
        buf_done(&b);
        buf_done(&db);
        buf_done(&got);
    }
}

/* ---- SQLite's log ---- */

#define DB_PATH  "var/lib/rpm/rpmdb.sqlite"
#define LOG_PATH DB_PATH "-wal"

struct logged {
    struct buf before, after, log; /* three packages; all; what leads from one to the other */
};

static struct logged make_logged(bool big)
{
    struct logged l = {make(SQLITE_SMALL, made, 3), make(SQLITE_SMALL, made, MADE), BUF_INIT((size_t)16 << 20)};
    struct log_writer w = log_begin(&l.log, 512, big);
    log_transaction(&w, buf_slice(&l.before), buf_slice(&l.after), 512);
    return l;
}

static void logged_done(struct logged *l)
{
    buf_done(&l->before);
    buf_done(&l->after);
    buf_done(&l->log);
}

static struct layer_packages parse_logged(struct slice db, struct slice log, bool log_first)
{
    struct buf b = ev_begin();
    if (log_first)
        ev_bytes(&b, LOG_PATH, log);
    ev_bytes(&b, DB_PATH, db);
    if (!log_first)
        ev_bytes(&b, LOG_PATH, log);
    ev_end(&b);
    struct layer_packages layer = parse(buf_slice(&b));
    buf_done(&b);
    assert_int_equal(layer.files.n, 2);
    return layer;
}

static void test_log(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct logged l = make_logged(i & 1);
        struct layer_packages layer = parse_logged(buf_slice(&l.before), buf_slice(&l.log), i & 2);
        assert_int_equal(layer.status, PULL_GOOD);
        expect_lines("a log", &layer.files.v[i & 2 ? 1 : 0].packages, made_lines);
        /* All of it may still be in the log. */
        buf_clear(&l.log);
        struct log_writer w = log_begin(&l.log, 512, i & 1);
        log_transaction(&w, SLICE(""), buf_slice(&l.after), 512);
        layer = parse_logged(SLICE(""), buf_slice(&l.log), i & 2);
        assert_int_equal(layer.status, PULL_GOOD);
        expect_lines("a log alone", &layer.files.v[i & 2 ? 1 : 0].packages, made_lines);
        logged_done(&l);
    }
}

static void test_log_ends(void **state)
{
    (void)state;
    struct logged l = make_logged(false);
    size_t frames = (l.log.n - 32) / 536;
    struct layer_packages layer = parse_logged(buf_slice(&l.before), SLICE(""), false);
    assert_int_equal(layer.status, PULL_GOOD);
    assert_int_equal(layer.files.v[0].packages.n, 3);
    assert_int_equal(layer.files.v[0].facts.n, 0);
    assert_true(frames > 4);
    /* Cut anywhere it holds no whole transaction: the packages of before, and a reason. */
    for (size_t n = 1; n < l.log.n; n += 67) {
        layer = parse_logged(buf_slice(&l.before), slice_sub(buf_slice(&l.log), 0, n), n & 1);
        if (n != 32)
            assert_int_equal(layer.status, PULL_PARTIAL);
        assert_int_equal(layer.files.v[n & 1 ? 1 : 0].packages.n, 3);
    }
    /* Frames of an older log behind the last transaction mean nothing; both of their salts are others. */
    size_t end = l.log.n;
    struct log_writer old = {.out = &l.log, .salt = {0x01020303, 0x99}};
    log_frame(&old, 2, 3, slice_sub(buf_slice(&l.after), 0, 512));
    layer = parse_logged(buf_slice(&l.before), buf_slice(&l.log), false);
    assert_int_equal(layer.status, PULL_GOOD);
    assert_int_equal(layer.files.v[0].packages.n, MADE - 1);
    put32(l.log.p + end + 8, 0x01020304, true);
    layer = parse_logged(buf_slice(&l.before), buf_slice(&l.log), false);
    expect_reason(&layer, "of its log is damaged");
    assert_int_equal(layer.files.v[0].packages.n, MADE - 1);
    /* Any byte of the log flipped: the packages of before, and a reason. */
    for (size_t i = 0; i < end; i += i < 1200 ? 1 : 41) {
        l.log.p[i] ^= 0x40;
        layer = parse_logged(buf_slice(&l.before), slice_sub(buf_slice(&l.log), 0, end), false);
        if (layer.files.v[0].packages.n < MADE - 1 && layer.status == PULL_GOOD)
            fail_msg("byte %zu of the log", i);
        l.log.p[i] ^= 0x40;
        if (i % 100 == 0)
            arena_reset(&arena);
    }
    logged_done(&l);
}

static struct inventory assemble(struct layer_packages *layers, size_t n)
{
    struct inventory image;
    struct err e = ERR_INIT;
    for (size_t i = 0; i < n; i++)
        layers[i].layer_digest = arena_printf(&arena, "sha256:%zu", i);
    assert_int_equal(assemble_image(&(struct image){.digest = SLICE("sha256:image")}, layers, n, &arena, &image, &e),
                     0);
    return image;
}

static struct layer_packages whiteout_of(const char *path)
{
    struct buf b = ev_begin();
    ev_whiteout(&b, path);
    ev_end(&b);
    struct layer_packages layer = parse(buf_slice(&b));
    buf_done(&b);
    return layer;
}

/* A database and a log of different layers: never one applied to the other, and said. */
static void test_log_of_another_layer(void **state)
{
    (void)state;
    struct logged l = make_logged(false);
    struct layer_packages both = parse_logged(buf_slice(&l.before), buf_slice(&l.log), false);
    struct layer_packages log = parse_one(LOG_PATH, buf_slice(&l.log)), empty = parse_one(LOG_PATH, SLICE(""));
    struct layer_packages db = parse_one(DB_PATH, buf_slice(&l.after)), less = parse_one(DB_PATH, buf_slice(&l.before));
    struct layer_packages no_log = whiteout_of(LOG_PATH), nothing = whiteout_of("var/lib/rpm");
    const struct {
        struct layer_packages layers[3];
        size_t n, packages;
        bool partial;
    } cases[] = {
        {{both}, 1, MADE - 1, false},
        {{less, log}, 2, 3, true},           /* only the log is new */
        {{both, log}, 2, MADE - 1, true},    /* and again */
        {{both, less}, 2, 3, true},          /* only the database is new: the lower layer's log is not its own */
        {{both, no_log}, 2, MADE - 1, true}, /* the log is taken away: what it held may not have been kept */
        {{both, empty}, 2, MADE - 1, true},
        {{both, no_log, db}, 3, MADE - 1, false}, /* both are gone, a new database is there */
        {{less, both}, 2, MADE - 1, false},
        {{less, empty}, 2, 3, false},
        {{log}, 1, 0, true},
        {{both, nothing}, 2, 0, false},
        {{log, nothing}, 2, 0, false},
        {{less, log, both}, 3, MADE - 1, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct layer_packages layers[3];
        memcpy(layers, cases[i].layers, sizeof layers);
        struct inventory image = assemble(layers, cases[i].n);
        if (image.packages.n != cases[i].packages || (image.status == INVENTORY_PARTIAL) != cases[i].partial)
            fail_msg("case %zu: %zu packages, %s", i, image.packages.n, inventory_status_names[image.status]);
    }
    logged_done(&l);
}

/* The last entry of a path in a layer holds, and the log that goes with it. */
static void test_twice_in_a_layer(void **state)
{
    (void)state;
    struct logged l = make_logged(false);
    struct buf b = ev_begin();
    ev_bytes(&b, DB_PATH, SLICE("garbage"));
    ev_bytes(&b, LOG_PATH, SLICE("garbage"));
    ev_bytes(&b, DB_PATH, buf_slice(&l.before));
    ev_bytes(&b, LOG_PATH, buf_slice(&l.log));
    ev_end(&b);
    struct layer_packages layer = parse(buf_slice(&b));
    assert_int_equal(layer.status, PULL_GOOD);
    struct inventory image = assemble(&layer, 1);
    assert_int_equal(image.packages.n, MADE - 1);
    buf_done(&b);
    b = ev_begin();
    ev_bytes(&b, DB_PATH, buf_slice(&l.before));
    ev_symlink(&b, LOG_PATH, "tmp/elsewhere");
    ev_end(&b);
    layer = parse(buf_slice(&b));
    expect_reason(&layer, "its log is a link");
    buf_done(&b);
    logged_done(&l);
}

/* ---- headers ---- */

static void test_header(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(1 << 20);
    struct rpm_header h;
    rpm_header_make(&b, &made[0]);
    assert_null(rpm_header_read(buf_slice(&b), &h));
    assert_true(slice_eq_str(h.name, "bash") && slice_eq_str(h.vendor, "Red Hat, Inc.") && !h.has_epoch);
    assert_int_equal(h.files, 3);
    assert_int_equal(h.folders_n, 2);
    for (size_t n = 0; n < b.n; n += n < 600 ? 1 : 97) {
        uint8_t *exact = xmemdup(b.p, n ? n : 1);
        assert_non_null(rpm_header_read(slice_of(exact, n), &h));
        free(exact);
    }
    /* Entries: {tag, type, offset, count} from byte 8 on, the region first; NAME is the second. */
    put32(b.p + 8 + 16 + 8, 0x7FFFFFFF, true);
    assert_string_equal(rpm_header_read(buf_slice(&b), &h), "a tag lies outside of it");
    put32(b.p + 8 + 16 + 8, 0, true);
    put32(b.p + 8 + 16 + 4, 4, true);
    assert_string_equal(rpm_header_read(buf_slice(&b), &h), "its NAME is not sound");
    put32(b.p + 8 + 16 + 4, 6, true);
    put32(b.p, 0x10000000, true);
    assert_string_equal(rpm_header_read(buf_slice(&b), &h), "its lengths are not those of a header");
    buf_done(&b);
    struct slice name, version;
    assert_true(rpm_source_name(SLICE("a-b-1.2-3.el9.src.rpm"), &name, &version));
    assert_true(slice_eq_str(name, "a-b") && slice_eq_str(version, "1.2-3.el9"));
    static const char *const bad[] = {"",       "(none)",       "a.src.rpm",    "a-1.src.rpm", "-1-2.src.rpm",
                                      "a-b-1-", "a--1.src.rpm", "a-1-.src.rpm", "a-1-2.rpm",   "src.rpm"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (rpm_source_name(slice_str(bad[i]), &name, &version))
            fail_msg("%s: %.*s %.*s", bad[i], SLICE_FMT(name), SLICE_FMT(version));
}

/* What makes no package is told with its number. */
static void test_unsound_packages(void **state)
{
    (void)state;
    static const struct rpm_made bad[] = {
        {NULL, "1", "1", "x86_64", NULL, NULL, NULL, -1, NULL, NULL, 0},
        {"a b", "1", "1", "x86_64", NULL, NULL, NULL, -1, NULL, NULL, 0},
        {"a", NULL, "1", "x86_64", NULL, NULL, NULL, -1, NULL, NULL, 0},
        {"a", "1", NULL, "x86_64", NULL, NULL, NULL, -1, NULL, NULL, 0},
        {"a", "1", "1", "x 86", NULL, NULL, NULL, -1, NULL, NULL, 0},
        {"a", "1", "1", "x86_64", NULL, NULL, "\n", -1, NULL, NULL, 0},
    };
    struct buf db = make(NDB, bad, ARRAY_LEN(bad));
    struct layer_packages layer = parse_one(kind_paths[NDB], buf_slice(&db));
    assert_int_equal(layer.files.v[0].packages.n, 0);
    assert_int_equal(layer.reasons.texts.n, ARRAY_LEN(bad));
    expect_reason(&layer, "Packages.db: package 6 is left out: its module is not sound");
    buf_done(&db);
}

/* ---- manifests ---- */

#define MANIFEST "var/lib/rpmmanifest/container-manifest-"

static void test_manifests(void **state)
{
    (void)state;
    static const char two[] =
        "filesystem\t1.1-9.cm2\t1653816591\t1653753130\tMicrosoft Corporation\t(none)\t10\tx86_64\t0\t"
        "filesystem-1.1-9.cm2.src.rpm\n"
        "ca-certificates-base\t2.0.0-3.cm2\t1\t1\tMicrosoft "
        "Corporation\t1\t10\tnoarch\t1\tca-certificates-2.0.0-3.cm2.src.rpm\n"
        "openssl-libs\t1.1.1k-13.cm2\t1\t1\tMicrosoft "
        "Corporation\t(none)\t10\tx86_64\t2\topenssl-1.1.1k-12.cm2.src.rpm\n"
        "gpg-pubkey\t3135ce90-5e6fda74\t1\t1\t(none)\t(none)\t0\t(none)\t0\t(none)\n";
    static const char lines[] = "filesystem 1.1-9.cm2 x86_64 - - - Microsoft Corporation\n"
                                "ca-certificates-base 1:2.0.0-3.cm2 noarch ca-certificates - - Microsoft Corporation\n"
                                "openssl-libs 2:1.1.1k-13.cm2 x86_64 openssl 2:1.1.1k-12.cm2 - Microsoft Corporation\n";
    static const char one[] =
        "filesystem-1.1-9.cm2.x86_64\ngpg-pubkey-3135ce90-5e6fda74\nca-certificates-2.0.0-3.cm2.noarch\n";
    struct layer_packages layer = parse_one(MANIFEST "2", slice_str(two));
    assert_int_equal(layer.status, PULL_GOOD);
    expect_lines("the long one", &layer.files.v[0].packages, lines);
    layer = parse_one(MANIFEST "1", slice_str(one));
    assert_int_equal(layer.status, PULL_GOOD);
    expect_lines("the short one", &layer.files.v[0].packages,
                 "filesystem 1.1-9.cm2 x86_64 - - - -\nca-certificates 2.0.0-3.cm2 noarch - - - -\n");
    struct buf b = ev_begin();
    ev_file(&b, MANIFEST "1", one);
    ev_file(&b, MANIFEST "2", two);
    ev_end(&b);
    layer = parse(buf_slice(&b));
    struct inventory image = assemble(&layer, 1);
    assert_int_equal(image.packages.n, 3);
    buf_done(&b);
    layer = parse_one(MANIFEST "2", SLICE("filesystem\t1.1-9.cm2\nbash\t5-1\t1\t1\tM\t(none)\t1\tx86_64\t0\t(none)\n"));
    expect_reason(&layer, "container-manifest-2: line 1 is left out");
    assert_int_equal(layer.files.v[0].packages.n, 1);
    layer = parse_one(MANIFEST "2", SLICE(""));
    expect_reason(&layer, "no package in it");
    layer = parse_one(MANIFEST "1", SLICE("mariner-release.2.0-12.cm2.noarch\nno\n"));
    expect_reason(&layer, "line 1 is left out");
    expect_reason(&layer, "line 2 is left out");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_kinds, reset),
        cmocka_unit_test_teardown(test_many, reset),
        cmocka_unit_test_teardown(test_owners, reset),
        cmocka_unit_test_teardown(test_log, reset),
        cmocka_unit_test_teardown(test_log_ends, reset),
        cmocka_unit_test_teardown(test_log_of_another_layer, reset),
        cmocka_unit_test_teardown(test_twice_in_a_layer, reset),
        cmocka_unit_test_teardown(test_header, reset),
        cmocka_unit_test_teardown(test_unsound_packages, reset),
        cmocka_unit_test_teardown(test_manifests, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
