/* SPDX-License-Identifier: Apache-2.0 */
#include "packages/parse.h"

#include "base/clock.h"
#include "unit/make_evidence.h"

static struct arena arena = {.max = (size_t)64 << 20};

static int reset(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct layer_packages parse(struct buf *evidence)
{
    struct layer_packages layer;
    struct err e = ERR_INIT;
    if (parse_layer(buf_slice(evidence), &arena, &layer, &e))
        fail_msg("%s", e.text);
    buf_done(evidence);
    assert_int_equal(layer.parser_version, parser_version());
    assert_true(layer.final);
    assert_int_equal(layer.status, layer.reasons.texts.n ? PULL_PARTIAL : PULL_GOOD);
    return layer;
}

static struct layer_packages parse_one(const char *path, const char *text)
{
    struct buf b = ev_begin();
    ev_file(&b, path, text);
    ev_end(&b);
    struct layer_packages layer = parse(&b);
    assert_int_equal(layer.files.n, 1);
    return layer;
}

/* "name version architecture source source-version", absent ones as -, the packages parted by commas. */
static void assert_packages(const struct parsed_file *file, const char *want)
{
    struct buf b = BUF_INIT(1 << 16);
    for (size_t i = 0; i < file->packages.n; i++) {
        const struct package *p = &file->packages.v[i];
        const struct slice s[] = {p->name, p->version, p->architecture, p->source_name, p->source_version};
        for (size_t j = 0; j < ARRAY_LEN(s); j++)
            buf_addf(&b, "%s%.*s", j ? " " : i ? "," : "", SLICE_FMT(s[j].n ? s[j] : SLICE("-")));
        assert_true(slice_eq(p->location, file->path));
    }
    assert_string_equal(buf_cstr(&b), want);
    buf_done(&b);
}

static void assert_reason(const struct layer_packages *layer, const char *part)
{
    for (size_t i = 0; i < layer->reasons.texts.n; i++)
        if (slice_find_slice(layer->reasons.texts.v[i], slice_str(part)) >= 0)
            return;
    for (size_t i = 0; i < layer->reasons.texts.n; i++)
        print_error("%.*s\n", SLICE_FMT(layer->reasons.texts.v[i]));
    fail_msg("no reason says \"%s\"", part);
}

#define STATUS "var/lib/dpkg/status"
#define PARAGRAPH(name, status, version)                                                                               \
    "Package: " name "\nStatus: " status "\nArchitecture: amd64\nVersion: " version "\n\n"

static void test_dpkg_states(void **state)
{
    (void)state;
    struct layer_packages l = parse_one(
        STATUS,
        PARAGRAPH("a", "install ok installed", "1") PARAGRAPH("b", "hold ok installed",
                                                              "2") PARAGRAPH("c", "deinstall ok config-files", "3")
            PARAGRAPH("d", "install ok unpacked", "4") PARAGRAPH("e", "install ok half-configured", "5")
                PARAGRAPH("f", "install ok triggers-pending", "6") PARAGRAPH("g", "install ok triggers-awaited", "7")
                    PARAGRAPH("h", "deinstall reinstreq installed", "8") PARAGRAPH("i", "purge ok not-installed", "9"));
    assert_int_equal(l.reasons.texts.n, 0);
    assert_true(slice_eq_str(l.files.v[0].parser, "dpkg-status"));
    assert_packages(&l.files.v[0], "a 1 amd64 - -,b 2 amd64 - -,d 4 amd64 - -,e 5 amd64 - -,f 6 amd64 - -,"
                                   "g 7 amd64 - -,h 8 amd64 - -");
    l = parse_one(STATUS, PARAGRAPH("a", "install ok half-installed", "1") PARAGRAPH("b", "install ok installed", "2"));
    assert_packages(&l.files.v[0], "a 1 amd64 - -,b 2 amd64 - -");
    assert_reason(&l, "var/lib/dpkg/status: line 1: package a is half-installed");
    l = parse_one(STATUS, PARAGRAPH("a", "install ok wonderful", "1") PARAGRAPH("b", "installed", "1")
                              PARAGRAPH("c", "install ok installed", "3"));
    assert_packages(&l.files.v[0], "c 3 amd64 - -");
    assert_reason(&l, "line 1: package a is left out: its Status is no status");
    assert_reason(&l, "line 6: package b is left out: its Status is no status");
}

static void test_dpkg_fields(void **state)
{
    (void)state;
    struct layer_packages l = parse_one(
        STATUS, "Package: libc6\nStatus: install ok installed\nMulti-Arch: same\nArchitecture: amd64\n"
                "Source: glibc (2.36-9)\nVersion: 2.36-9+b1\nConffiles:\n /etc/x 0123\n /etc/y 4567\n"
                "Description: text\n Package: not-this\n .\n Version: 9\n\n"
                "Package: libc6\nStatus: install ok installed\nArchitecture: i386\nSource: glibc\n"
                "Version: 2.36-9\n\n\n\n"
                "package: UPPER\nSTATUS:   install ok installed  \nversion:\t1:2~3-4\nSource: UPPER (1:2~3-4)\n\n"
                "Package: last\nStatus: install ok installed\nVersion:\n 7\nArchitecture: all\nSource: x (7)");
    assert_int_equal(l.reasons.texts.n, 0);
    assert_packages(&l.files.v[0], "libc6 2.36-9+b1 amd64 glibc 2.36-9,libc6 2.36-9 i386 glibc -,UPPER 1:2~3-4 - - -,"
                                   "last 7 all x -");
    l = parse_one(STATUS,
                  "Package: a\r\nStatus: install ok installed\r\nVersion: 1\r\n\r\nPackage: b\r\nVersion: 2\r\n");
    assert_packages(&l.files.v[0], "a 1 - - -,b 2 - - -");
    l = parse_one(STATUS, "");
    assert_packages(&l.files.v[0], "");
    assert_int_equal(l.reasons.texts.n, 0);
}

static void test_dpkg_broken(void **state)
{
    (void)state;
    static const struct {
        const char *paragraph, *reason;
    } broken[] = {
        {"Package: x\nVersion: 1\nthis is no field\n", "line 6: package x is left out: a line is no field"},
        {"Package: x\nVersion: 1\nVersion: 2\n", "line 6: package x is left out: a field is there twice"},
        {"Package: x\n", "line 4: package x is left out: it has no sound Version"},
        {"Version: 1\n", "line 4: a paragraph is left out: it has no sound Package"},
        {"Package: x y\nVersion: 1\n", "line 4: a paragraph is left out: it has no sound Package"},
        {"Package: x\nVersion: 1 2\n", "it has no sound Version"},
        {"Package: x\nVersion: 1\nSource: a (b\n", "its Source is not sound"},
        {"Package: x\nVersion: 1\nSource: a ()\n", "its Source is not sound"},
        {"Package: x\nVersion: 1\nArchitecture: a b\n", "its Architecture is not sound"},
        {"Package: x\nVersion: 1\n 2\n", "line 6: package x is left out: a field of one line goes on in a second"},
        {" Package: x\nVersion: 1\n", "line 4: a paragraph is left out: it begins with a continuation line"},
        {"Package: \xff\nVersion: 1\n", "it has no sound Package"},
        {": x\nPackage: x\nVersion: 1\n", "line 4: package x is left out: a line is no field"},
    };
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        /* The paragraph begins at line 4. */
        char *text ATTR_CLEANUP(cleanup_free) =
            xasprintf("Package: a\nVersion: 1\n\n%s\nPackage: z\nVersion: 26\n", broken[i].paragraph);
        struct layer_packages l = parse_one(STATUS, text);
        assert_packages(&l.files.v[0], "a 1 - - -,z 26 - - -");
        assert_int_equal(l.reasons.texts.n, 1);
        assert_reason(&l, broken[i].reason);
    }
    /* One file's many troubles leave room for others', and are counted. */
    struct buf text = BUF_INIT(1 << 20), b = ev_begin();
    for (int i = 0; i < 1000; i++)
        buf_addf(&text, "Package: p%d\n\n", i);
    ev_file(&b, STATUS, buf_cstr(&text));
    ev_reason(&b, "a collector's reason");
    ev_end(&b);
    struct layer_packages l = parse(&b);
    assert_true(l.reasons.texts.n <= PARSE_REASONS_MAX);
    assert_reason(&l, "package p0 is left out");
    assert_reason(&l, "a collector's reason");
    assert_reason(&l, "and 990 more reasons");
    buf_done(&text);
}

static void test_status_d(void **state)
{
    (void)state;
    struct buf b = ev_begin();
    ev_file(&b, "var/lib/dpkg/status.d/base", "Package: base-files\nVersion: 12.4\nArchitecture: arm64\n");
    ev_file(&b, "var/lib/dpkg/status.d/libssl1.1", "Package: libssl1.1\nVersion: 1.1.1w-0\nSource: openssl\n");
    ev_file(&b, "var/lib/dpkg/status.d/base.md5sums", "0123  usr/lib/x\n");
    ev_file(&b, "var/lib/dpkg/status.d/sub/x", "Package: no\nVersion: 1\n");
    ev_file(&b, "var/lib/dpkg/status.d/notes", "Maintainer: nobody\n");
    ev_file(&b, "var/lib/dpkg/status-old", "Package: old\nVersion: 1\n");
    ev_end(&b);
    struct layer_packages l = parse(&b);
    assert_int_equal(l.files.n, 4);
    assert_true(slice_eq_str(l.files.v[3].parser, PARSER_OWNED));
    assert_packages(&l.files.v[0], "base-files 12.4 arm64 - -");
    assert_packages(&l.files.v[1], "libssl1.1 1.1.1w-0 - openssl -");
    assert_int_equal(l.reasons.texts.n, 1);
    assert_reason(&l, "var/lib/dpkg/status.d/notes: line 1: a paragraph is left out");
}

static void test_apk(void **state)
{
    (void)state;
    static const char *const paths[] = {"lib/apk/db/installed", "usr/lib/apk/db/installed"};
    for (size_t i = 0; i < 2; i++) {
        struct layer_packages l = parse_one(paths[i], "C:Q1abc=\nP:musl\nV:1.2.5-r0\nA:x86_64\no:musl\nF:lib\nR:ld.so\n"
                                                      "Z:Q1x=\n\nP:ssl_client\nV:1.36.1-r29\nA:x86_64\no:busybox\n\n\n"
                                                      "P:.deps\nV:20240101.000000\n");
        assert_int_equal(l.reasons.texts.n, 0);
        assert_packages(&l.files.v[0], "musl 1.2.5-r0 x86_64 - -,ssl_client 1.36.1-r29 x86_64 busybox -,"
                                       ".deps 20240101.000000 - - -");
        assert_int_equal(l.files.v[0].packages.v[0].type, PKG_APK);
    }
    struct layer_packages l =
        parse_one(paths[0], "P:a\nV:1\n\nP:b\n\nV:3\n\nP:c\nV:1\nV:2\n\nP:d\nV:4\nbroken\n\nP:e\nV:5 5\n"
                            "\nP:f\nV:6\nA:x y\n\nP:g\nV:7\no:\x01\n\nP:z\nV:26\n");
    assert_packages(&l.files.v[0], "a 1 - - -,z 26 - - -");
    assert_int_equal(l.reasons.texts.n, 7);
    assert_reason(&l, "line 4: package b is left out: it has no sound version (V:)");
    assert_reason(&l, "line 6: a package is left out: it has no sound name (P:)");
    assert_reason(&l, "line 10: package c is left out: a field is there twice");
    assert_reason(&l, "line 14: package d is left out: a line is no field");
}

static struct slice fact(const struct parsed_file *file, const char *name)
{
    for (size_t i = 0; i < file->facts.n; i++)
        if (slice_eq_str(file->facts.v[i].name, name))
            return file->facts.v[i].value;
    return SLICE_NONE;
}

static void test_os_release(void **state)
{
    (void)state;
    struct layer_packages l =
        parse_one("etc/os-release",
                  "# ID=comment\n\nID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME='It is \\n $x'\nNAME=\"a \\\"b\\\" "
                  "\\$c \\\\ \\d\"\n ID_LIKE=one\\ two three\nVERSION=a\"b c\"'d'  # end\nHOME_URL=\"http://x\"\n"
                  "VERSION_CODENAME=first\nVERSION_CODENAME=second\nnonsense\nVARIANT_ID=\nIDX=1\r\n");
    const struct parsed_file *f = &l.files.v[0];
    assert_int_equal(l.reasons.texts.n, 0);
    assert_true(slice_eq_str(fact(f, "ID"), "debian"));
    assert_true(slice_eq_str(fact(f, "VERSION_ID"), "12"));
    assert_true(slice_eq_str(fact(f, "PRETTY_NAME"), "It is \\n $x"));
    assert_true(slice_eq_str(fact(f, "NAME"), "a \"b\" $c \\ \\d"));
    assert_true(slice_eq_str(fact(f, "ID_LIKE"), "one two"));
    assert_true(slice_eq_str(fact(f, "VERSION"), "ab cd"));
    assert_true(slice_eq_str(fact(f, "VERSION_CODENAME"), "second"));
    assert_null(fact(f, "HOME_URL").p);
    assert_null(fact(f, "IDX").p);
    l = parse_one("usr/lib/os-release", "ID=\"open\nVERSION_ID=3\nNAME=\"\xff\"");
    assert_reason(&l, "usr/lib/os-release: line 1: ID is left out: a quote is not closed");
    assert_reason(&l, "line 3: NAME is left out: its value is not text");
    assert_true(slice_eq_str(fact(&l.files.v[0], "VERSION_ID"), "3"));
}

static void test_older_files(void **state)
{
    (void)state;
    struct buf b = ev_begin();
    ev_file(&b, "etc/debian_version", "\n 12.5 \nmore");
    ev_file(&b, "etc/alpine-release", "3.20.3\n");
    ev_file(&b, "etc/redhat-release", "CentOS release 6.10 (Final)");
    ev_file(&b, "etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=14.04\nDISTRIB_DESCRIPTION=\"Ubuntu 14.04\"\n");
    ev_file(&b, "etc/issue", "hello");
    ev_end(&b);
    struct layer_packages l = parse(&b);
    assert_int_equal(l.files.n, 4);
    assert_true(slice_eq_str(fact(&l.files.v[0], "debian_version"), "12.5"));
    assert_true(slice_eq_str(fact(&l.files.v[1], "alpine-release"), "3.20.3"));
    assert_true(slice_eq_str(fact(&l.files.v[2], "redhat-release"), "CentOS release 6.10 (Final)"));
    assert_true(slice_eq_str(fact(&l.files.v[3], "DISTRIB_DESCRIPTION"), "Ubuntu 14.04"));
    l = parse_one("etc/debian_version", "\x01\x02\n");
    assert_reason(&l, "etc/debian_version: its first line is not a line of text");
    l = parse_one("etc/SuSE-release", "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n");
    assert_true(slice_eq_str(fact(&l.files.v[0], "SuSE-release"), "SUSE Linux Enterprise Server 11 (x86_64)"));
    assert_true(slice_eq_str(fact(&l.files.v[0], "SuSE-version"), "11.4"));
    l = parse_one("etc/SuSE-release", "openSUSE 13.1 (x86_64)\nVERSION = 13.1\nPATCHLEVEL = 0\nCODENAME = Bottle\n");
    assert_true(slice_eq_str(fact(&l.files.v[0], "SuSE-version"), "13.1"));
    l = parse_one("etc/arch-release", "");
    assert_true(slice_eq_str(fact(&l.files.v[0], "arch-release"), "Arch Linux"));
    l = parse_one("etc/openwrt_release", "DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='19.07.8'\n");
    assert_true(slice_eq_str(fact(&l.files.v[0], "DISTRIB_RELEASE"), "19.07.8"));
    l = parse_one("etc/oracle-release", "Oracle Linux Server release 6.10\n");
    assert_true(slice_eq_str(fact(&l.files.v[0], "oracle-release"), "Oracle Linux Server release 6.10"));
}

static void test_entries(void **state)
{
    (void)state;
    struct buf b = ev_begin();
    ev_whiteout(&b, "etc/os-release");
    ev_opaque(&b, "var/lib");
    ev_symlink(&b, "etc/os-release", "usr/lib/os-release");
    ev_hardlink(&b, "lib/apk/db/installed", "x");
    ev_reason(&b, "the tar is broken at entry 7");
    ev_end(&b);
    struct layer_packages l = parse(&b);
    assert_int_equal(l.removed.n, 2);
    assert_true(slice_eq_str(l.removed.v[0].path, "etc/os-release") && !l.removed.v[0].opaque);
    assert_true(slice_eq_str(l.removed.v[1].path, "var/lib") && l.removed.v[1].opaque);
    assert_int_equal(l.files.n, 2);
    assert_true(slice_eq_str(l.files.v[0].parser, PARSER_SYMLINK));
    assert_true(slice_eq_str(fact(&l.files.v[0], FACT_TARGET), "usr/lib/os-release"));
    assert_true(slice_eq_str(l.files.v[1].parser, PARSER_HARDLINK));
    assert_reason(&l, "the tar is broken at entry 7");
}

/* What is cut says so, and what may be half a package is no package. */
static void test_cut(void **state)
{
    (void)state;
    static const char text[] = "Package: a\nVersion: 1\n\nPackage: b\nVersion: 1.2";
    struct buf b = ev_begin();
    ev_write(&b, EVIDENCE_FILE, STATUS, slice_str(text), sizeof text + 100, false);
    ev_end(&b);
    struct layer_packages l = parse(&b);
    assert_packages(&l.files.v[0], "a 1 - - -");
    assert_reason(&l, "var/lib/dpkg/status: only 46 of its 147 bytes were kept");

    b = ev_begin();
    ev_file(&b, STATUS, "Package: a\nVersion: 1\n");
    size_t whole = b.n;
    ev_file(&b, "etc/os-release", "ID=debian\n");
    struct slice stream = buf_slice(&b);
    for (size_t n = 4; n <= b.n; n++) {
        struct err e = ERR_INIT;
        uint8_t *exact = xmemdup(stream.p, n);
        assert_int_equal(parse_layer(slice_of(exact, n), &arena, &l, &e), 0);
        free(exact);
        assert_int_equal(l.status, PULL_PARTIAL);
        assert_int_equal(l.reasons.texts.n, 1);
        assert_int_equal(l.files.n, n == b.n ? 2 : n >= whole ? 1 : 0);
    }
    buf_done(&b);
}

static void test_not_evidence(void **state)
{
    (void)state;
    struct layer_packages l = {.status = PULL_FAILED};
    struct err e = ERR_INIT;
    assert_true(parse_layer(SLICE("gzip"), &arena, &l, &e) < 0);
    assert_int_equal(e.kind, ERR_POISON);
    assert_int_equal(l.status, PULL_FAILED);
    /* A small arena and many packages. */
    struct arena small = ARENA_INIT(1 << 16);
    struct buf text = BUF_INIT(1 << 20), b = ev_begin();
    for (int i = 0; i < 2000; i++)
        buf_addf(&text, "Package: p%d\nVersion: 1\n\n", i);
    ev_file(&b, STATUS, buf_cstr(&text));
    ev_end(&b);
    e = ERR_INIT;
    assert_true(parse_layer(buf_slice(&b), &small, &l, &e) < 0);
    assert_int_equal(e.kind, ERR_POISON);
    arena_done(&small);
    buf_done(&text);
    buf_done(&b);
}

static void test_table(void **state)
{
    (void)state;
    assert_true(parser_version() >= 81); /* results of before are never taken for newer ones */
    assert_true(parse_wants(SLICE("usr/lib/apk/db/installed")));
    assert_true(parse_wants(SLICE("var/lib/dpkg/status.d/x")));
    assert_false(parse_wants(SLICE("var/lib/dpkg/status.d/")));
    assert_false(parse_wants(SLICE("var/lib/dpkg/status.d/x.postinst")));
    assert_false(parse_wants(SLICE("xvar/lib/dpkg/status")));
    assert_false(parse_wants(SLICE_NONE));
}

static void test_speed(void **state)
{
    (void)state;
    struct buf text = BUF_INIT((size_t)16 << 20), b = ev_begin();
    for (int i = 0; i < 3000; i++) {
        buf_addf(&text,
                 "Package: package-%d\nStatus: install ok installed\nArchitecture: amd64\nSource: s%d (1.%d)\n"
                 "Version: 1.%d-1\nDescription: a package\n",
                 i, i / 3, i, i);
        for (int j = 0; j < 15; j++)
            buf_add_str(&text, " a line of the long description, as long as such lines mostly are in a status file\n");
        buf_add_str(&text, "\n");
    }
    ev_file(&b, STATUS, buf_cstr(&text));
    ev_end(&b);
    int64_t start = clock_mono_ms();
    struct layer_packages l = parse(&b);
    int64_t took = clock_mono_ms() - start;
    assert_int_equal(l.files.v[0].packages.n, 3000);
    print_message("3000 packages, %zu KiB of status: %" PRId64 " ms\n", text.n >> 10, took);
    assert_true(took < 1000); /* a few ms on its own; sanitizers and a busy machine have room */
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_dpkg_states, reset), cmocka_unit_test_teardown(test_dpkg_fields, reset),
        cmocka_unit_test_teardown(test_dpkg_broken, reset), cmocka_unit_test_teardown(test_status_d, reset),
        cmocka_unit_test_teardown(test_apk, reset),         cmocka_unit_test_teardown(test_os_release, reset),
        cmocka_unit_test_teardown(test_older_files, reset), cmocka_unit_test_teardown(test_entries, reset),
        cmocka_unit_test_teardown(test_cut, reset),         cmocka_unit_test_teardown(test_not_evidence, reset),
        cmocka_unit_test_teardown(test_table, reset),       cmocka_unit_test_teardown(test_speed, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
