/* SPDX-License-Identifier: Apache-2.0 */
/* collect: made layers, what is kept of them, and what is said of those that are broken or hostile. */
#include "unit/collect_world.h"

#include "pull/replacing.h"

#include "unit/archive_support.h"
#include "packages/format.h"
#include "packages/path_index.h"

static void collect_pieces(struct slice layer, size_t step, const struct collect_limits *limits)
{
    arena_reset(&arena);
    collect_pass(layer, step, SLICE("application/vnd.oci.image.layer.v1.tar+gzip"), limits);
    collect_unpack(result.evidence);
    collect_tell(true);
}

/* Collects whole and in pieces; the answers must be the same bytes. */
static void collect(struct buf *layer, const struct collect_limits *limits)
{
    collect_pieces(buf_slice(layer), layer->n ? layer->n : 1, limits);
    struct buf whole = given;
    given = BUF_INIT(whole.max);
    collect_pieces(buf_slice(layer), 1000, limits);
    assert_true(slice_eq(buf_slice(&whole), buf_slice(&given)));
    buf_done(&whole);
}

static bool has_reason(const char *text)
{
    for (size_t i = 0; i < result.reasons.texts.n; i++)
        if (slice_find_slice(result.reasons.texts.v[i], slice_str(text)) >= 0)
            return true;
    return false;
}

static void test_wanted(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)8 << 20);
    tar_put(&b, "./", '5', NULL, SLICE_NONE);
    tar_put(&b, "./etc/", '5', NULL, SLICE_NONE);
    tar_put_file(&b, "./etc/os-release", "ID=debian\n");
    tar_put_file(&b, "etc/passwd", "root");
    tar_put_file(&b, "/etc/debian_version", "12.5\n");
    tar_put_file(&b, "usr/lib/os-release", "ID=usr\n");
    tar_put_file(&b, "etc/alpine-release", "3.20\n");
    tar_put_file(&b, "etc/lsb-release", "L\n");
    tar_put_file(&b, "etc/redhat-release", "R\n");
    tar_put_file(&b, "var/lib/dpkg/status", "Package: a\n");
    tar_put_file(&b, "var/lib/dpkg/available", "no");
    tar_put_file(&b, "var/lib/dpkg/status.d/base", "Package: b\n");
    tar_put_file(&b, "var/lib/dpkg/status.d/sub/no", "no");
    tar_put_file(&b, "var/lib/dpkg/info/a.list", "/etc\n");
    tar_put_file(&b, "var/lib/dpkg/info/a.md5sums", "00  etc/a\n");
    tar_put_file(&b, "var/lib/dpkg/info/a.postinst", "no");
    tar_put_file(&b, "lib/apk/db/installed", "P:a\n");
    tar_put_file(&b, "usr/lib/apk/db/installed", "P:b\n");
    tar_put_file(&b, "etc/apk/repositories", "r\n");
    tar_put_file(&b, "etc/apk/arch", "x86_64\n");
    tar_put_file(&b, "home/etc/os-release", "no");
    tar_put_file(&b, "x/../etc/os-release", "ID=last\n");
    tar_put_end(&b);
    collect(&b, NULL);
    assert_string_equal(buf_cstr(&told), "file os-release etc/os-release 10 ID=debian\n\n"
                                         "file os-release etc/debian_version 5 12.5\n\n"
                                         "file os-release usr/lib/os-release 7 ID=usr\n\n"
                                         "file os-release etc/alpine-release 5 3.20\n\n"
                                         "file os-release etc/lsb-release 2 L\n\n"
                                         "file os-release etc/redhat-release 2 R\n\n"
                                         "file dpkg var/lib/dpkg/status 11 Package: a\n\n"
                                         "file dpkg var/lib/dpkg/status.d/base 11 Package: b\n\n"
                                         "file dpkg var/lib/dpkg/info/a.list 5 /etc\n\n"
                                         "file dpkg var/lib/dpkg/info/a.md5sums 10 00  etc/a\n\n"
                                         "file apk lib/apk/db/installed 4 P:a\n\n"
                                         "file apk usr/lib/apk/db/installed 4 P:b\n\n"
                                         "file apk etc/apk/repositories 2 r\n\n"
                                         "file apk etc/apk/arch 7 x86_64\n\n"
                                         "file os-release etc/os-release 8 ID=last\n\n");
    assert_int_equal(result.status, PULL_GOOD);
    assert_int_equal(result.entries, 22);
    assert_int_equal(result.unpacked, b.n);
    assert_true(path_index_may_hold(result.path_index, PATH_INDEX_PATH, SLICE("home/etc/os-release")));
    assert_true(path_index_may_hold(result.path_index, PATH_INDEX_NAME, SLICE("a.postinst")));
    assert_true(path_index_may_hold(result.path_index, PATH_INDEX_EXTENSION, SLICE("postinst")));
    assert_false(path_index_may_hold(result.path_index, PATH_INDEX_EXTENSION, SLICE("jar")));
    buf_done(&b);
}

/* What nothing reads, by its path and by its content; what a collector wants is not looked at. */
static void test_software(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)1 << 20);
    uint8_t program[9000] = "\177ELF\2\1\1";
    program[16] = 2;  /* of a fixed address */
    program[32] = 64; /* one header, at 64: a writable segment from 8192 on */
    program[54] = 56;
    program[56] = 1;
    program[64] = 1;
    program[68] = 6;
    program[73] = 8192 >> 8;
    program[97] = 1;
    tar_put_file(&b, "app/a.AppImage", "PK\3\4");
    tar_put_file(&b, "app/.wh.b.AppImage", "");
    tar_put(&b, "app/link.AppImage", '2', "a.AppImage", SLICE_NONE);
    tar_put(&b, "app/second.AppImage", '1', "app/a.AppImage", SLICE_NONE);
    tar_put(&b, "app/plain", '0', NULL, slice_of(program, sizeof program));
    tar_put(&b, "etc/os-release", '0', NULL, slice_of(program, 100));
    memcpy(program + 8192, "\xff Go buildinf:", 14);
    tar_put(&b, "app/server", '0', NULL, slice_of(program, sizeof program));
    tar_put_file(&b, "app/run.sh",
                 "#!/bin/sh\nsleep 60 # long enough to be looked at: more than sixty-four bytes of it\n");
    collect(&b, NULL);
    assert_int_equal(result.status, PULL_GOOD);
    const char *at = strstr(buf_cstr(&told), "file os-release");
    assert_non_null(at);
    assert_true(slice_starts(buf_slice(&told), SLICE("file software app/a.AppImage 6 bundle\n"
                                                     "whiteout  app/b.AppImage \n"
                                                     "whiteout  app/link.AppImage \n"
                                                     "file software app/second.AppImage 6 bundle\n"
                                                     "file software app/plain 7 program\n"
                                                     "file os-release etc/os-release 100 ")));
    assert_true(slice_ends(buf_slice(&told), SLICE("\nfile software app/server 2 go\n")));
    buf_done(&b);
}

static void test_whiteouts(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)8 << 20);
    tar_put_file(&b, "var/lib/dpkg/.wh.status", "");
    tar_put_file(&b, ".wh.etc", "");
    tar_put_file(&b, "usr/share/.wh.doc", "");
    tar_put_file(&b, "var/lib/.wh..wh..opq", "");
    tar_put_file(&b, ".wh..wh..opq", "");
    tar_put_file(&b, ".wh..wh.plnk/1.2", ""); /* a folder of AUFS: not a name of a whiteout */
    tar_put_file(&b, ".wh..wh.aufs", "");
    tar_put_file(&b, "a/.wh.", "");
    tar_put_file(&b, "a/.wh...", "");
    tar_put_file(&b, "a/.wh.x.wh.y", "");
    collect(&b, NULL);
    assert_string_equal(buf_cstr(&told), "whiteout  var/lib/dpkg/status \n"
                                         "whiteout  etc \n"
                                         "whiteout  usr/share/doc \n"
                                         "opaque  var/lib \n"
                                         "opaque   \n"
                                         "reason   a/.wh. is not a whiteout of anything\n"
                                         "reason   a/.wh... is not a whiteout of anything\n"
                                         "whiteout  a/x.wh.y \n");
    assert_int_equal(result.status, PULL_PARTIAL);
    assert_int_equal(result.reasons.texts.n, 2);
    buf_done(&b);
}

static void test_links(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)8 << 20);
    tar_put(&b, "etc/os-release", '2', "../usr/lib/os-release", SLICE_NONE);
    tar_put(&b, "usr/lib/os-release", '1', "./some/file", SLICE_NONE);
    tar_put(&b, "lib", '2', "usr/lib", SLICE_NONE);
    tar_put(&b, "var/lib/dpkg", '2', "/opt/../../../db/./dpkg", SLICE_NONE);
    tar_put(&b, "etc/apk/arch", '2', "/", SLICE_NONE);
    tar_put(&b, "etc/apk/repositories", '1', "../../out", SLICE_NONE);
    tar_put(&b, "var", '0', NULL, SLICE("a file"));
    tar_put(&b, "usr", '3', NULL, SLICE_NONE);
    tar_put(&b, "lib/apk/db/installed", '5', NULL, SLICE_NONE);
    tar_put(&b, "usr/lib/apk/db/installed", '6', NULL, SLICE_NONE);
    tar_put(&b, "bin", '2', "usr/bin", SLICE_NONE);
    tar_put(&b, "lib/apk", '5', NULL, SLICE_NONE);
    collect(&b, NULL);
    assert_string_equal(buf_cstr(&told), "link os-release etc/os-release usr/lib/os-release\n"
                                         "link os-release usr/lib/os-release some/file hard\n"
                                         "whiteout  lib \n"
                                         "link  lib usr/lib\n"
                                         "whiteout  var/lib/dpkg \n"
                                         "link  var/lib/dpkg db/dpkg\n"
                                         "link apk etc/apk/arch \n"
                                         "reason   etc/apk/repositories is a link that leads out of the layer\n"
                                         "whiteout  etc/apk/repositories \n"
                                         "whiteout  var \n"
                                         "whiteout  usr \n"
                                         "whiteout  lib/apk/db/installed \n"
                                         "whiteout  usr/lib/apk/db/installed \n"
                                         "whiteout  bin \n"
                                         "link  bin usr/bin\n");
    assert_int_equal(result.status, PULL_PARTIAL);
    buf_done(&b);
}

static void put_executable(struct buf *b, const char *path, struct slice body)
{
    size_t at = b->n;
    tar_put(b, path, '0', NULL, body);
    memcpy(b->p + at + 100, "0000755", 8);
    tar_checksum(b->p + at);
}

/* What stands in the place of evidence without saying so: links, scripts, files of a wanted path that tell nothing. */
static void test_replacing(void **state)
{
    (void)state;
    static const struct {
        const char *path, *target;
        bool told;
    } links[] = {
        {"app/node_modules/a", ".pnpm/a@1/node_modules/a", true},
        {"app/node_modules/chart.js", ".pnpm/chart.js@4/node_modules/chart.js", true},
        {"app/node_modules/@x/b.js", "../.pnpm/b", true},
        {"app/node_modules/.bin/tsc", "../typescript/bin/tsc", false},
        {"opt/current", "releases/3", true},
        {"opt/python3.12", "python3.13", true},
        {"usr/local/bin/tool", "/opt/tool/tool", true},
        {"usr/bin/awk", "/etc/alternatives/awk", false},
        {"etc/alternatives/awk", "/usr/bin/mawk", false},
        {"usr/lib/libz.so", "libz.so.1", false},
        {"usr/lib/libz.so.1", "libz.so.1.3", false},
        {"usr/share/man/man1/x", "y", false},
        {"usr/share/x/README.md", "../README.md", false},
        {"gnu/store/a/b", "/gnu/store/c", false},
        {"app/server", "server-2", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        struct buf b = BUF_INIT((size_t)1 << 20);
        char want[100] = "";
        tar_put(&b, links[i].path, '2', links[i].target, SLICE_NONE);
        collect(&b, NULL);
        if (links[i].told)
            snprintf(want, sizeof want, "whiteout  %s \n", links[i].path);
        if (strcmp(buf_cstr(&told), want) != 0)
            fail_msg("%s: %s", links[i].path, buf_cstr(&told));
        buf_done(&b);
    }
    struct buf b = BUF_INIT((size_t)1 << 20);
    uint8_t program[9000] = "\177ELF\2\1\1";
    program[16] = 2;
    put_executable(&b, "usr/bin/program", slice_of(program, sizeof program));
    put_executable(&b, "usr/bin/script", SLICE("#!/bin/sh\n"));
    put_executable(&b, "usr/bin/empty", SLICE_NONE);
    put_executable(&b, "usr/bin/script.py", SLICE("#!/usr/bin/python3\n"));
    put_executable(&b, "etc/init.d/script", SLICE("#!/bin/sh\n"));
    tar_put_file(&b, "usr/bin/data", "no program");
    collect(&b, NULL);
    assert_string_equal(buf_cstr(&told), "file software usr/bin/program 7 program\n"
                                         "whiteout  usr/bin/script \n"
                                         "whiteout  usr/bin/empty \n");
    buf_done(&b);
}

/* Of a great many such links a number is told, and that there are more. */
static void test_many_links(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)64 << 20);
    char path[64];
    for (int i = 0; i <= REPLACING_MAX; i++) {
        snprintf(path, sizeof path, "a/node_modules/%d", i);
        tar_put(&b, path, '2', "../b", SLICE_NONE);
    }
    collect(&b, NULL);
    assert_int_equal(result.status, PULL_PARTIAL);
    assert_true(has_reason("more than 20000 links and commands may stand where lower layers have other files; from "
                           "a/node_modules/20000 on"));
    buf_done(&b);
}

static void test_hostile_names(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)8 << 20);
    tar_put_file(&b, "../etc/os-release", "out");
    tar_put_file(&b, "a/../../etc/os-release", "out");
    tar_put_file(&b, "..", "out");
    tar_put_file(&b, "bell\a/../../x", "out");
    for (size_t i = 0; i < 100; i++)
        tar_put_file(&b, "../more", "");
    tar_put_file(&b, "etc/os-release", "in");
    collect(&b, NULL);
    assert_int_equal(result.status, PULL_PARTIAL);
    assert_int_equal(result.reasons.texts.n, 33);
    assert_true(reasons_has(&result.reasons, REASON_MEMBER_LEFT_OUT) && reasons_has(&result.reasons, REASON_MORE));
    assert_true(has_reason("leads out of the layer: ../etc/os-release"));
    assert_true(has_reason("bell?/../../x"));
    assert_true(has_reason("and more"));
    assert_non_null(strstr(buf_cstr(&told), "file os-release etc/os-release 2 in\n"));
    buf_done(&b);
}

static void test_broken(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)8 << 20);
    tar_put_file(&b, "etc/os-release", "ID=x\n");
    tar_put_file(&b, "var/lib/dpkg/status", "Package: a\nPackage: b\n");
    size_t whole = b.n;
    b.n = whole - 512 + 15;
    collect(&b, NULL);
    /* What was read of the file is kept, with its true size and both reasons. */
    assert_non_null(strstr(buf_cstr(&told), "file dpkg var/lib/dpkg/status 22 Package: a\nPack\n"));
    assert_true(has_reason("var/lib/dpkg/status: only 15 of its 22 bytes"));
    assert_true(has_reason("byte 1551: the archive is cut within a member"));
    assert_int_equal(result.status, PULL_PARTIAL);
    assert_int_equal(result.entries, 2);
    b.n = whole;
    b.p[1024 + 200] ^= 1;
    collect(&b, NULL);
    assert_string_equal(buf_cstr(&told),
                        "file os-release etc/os-release 5 ID=x\n\n"
                        "reason   broken tar at byte 1024: not a tar header (its checksum does not fit) "
                        "(the bytes are plain, not what the media type says)\n");
    assert_int_equal(result.status, PULL_PARTIAL);
    assert_true(reasons_has(&result.reasons, REASON_LAYER_BROKEN));
    buf_clear(&b);
    buf_add_str(&b, "<html>not a layer</html>");
    collect(&b, NULL);
    assert_int_equal(result.status, PULL_FAILED);
    assert_int_equal(result.reasons.texts.n, 1);
    assert_true(reasons_has(&result.reasons, REASON_LAYER_BROKEN));
    buf_clear(&b);
    collect(&b, NULL);
    assert_int_equal(result.status, PULL_GOOD); /* an empty layer */
    assert_int_equal(result.entries, 0);
    buf_done(&b);
}

static void test_every_prefix(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)8 << 20);
    tar_put_file(&b, "etc/os-release", "ID=x\n");
    tar_put(&b, "lib", '2', "usr/lib", SLICE_NONE);
    tar_put_file(&b, "var/lib/dpkg/.wh.status", "");
    for (size_t n = 0; n < b.n; n += 37) {
        collect_pieces(slice_of(b.p, n), 4096, NULL);
        assert_true(result.status != PULL_GOOD || n % 512 == 0 || n > 512);
        assert_true(result.status == PULL_GOOD || result.reasons.texts.n > 0);
    }
    buf_done(&b);
}

static void test_caps(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)32 << 20);
    uint8_t *bytes = xcalloc(1, (size_t)3 << 20);
    memset(bytes, 'x', (size_t)3 << 20);
    tar_put(&b, "etc/os-release", '0', NULL, slice_of(bytes, (size_t)3 << 20));
    tar_put_file(&b, "etc/debian_version", "12\n");
    collect(&b, NULL);
    assert_string_equal(buf_cstr(&told), "file os-release etc/os-release 3145728 [1048576]\n"
                                         "reason   etc/os-release: only 1048576 of its 3145728 bytes were kept\n"
                                         "file os-release etc/debian_version 3 12\n\n");
    assert_true(reasons_has(&result.reasons, REASON_FILE_CUT));
    assert_int_equal(result.status, PULL_PARTIAL);
    collect(&b, &(struct collect_limits){.max_evidence = 1000});
    assert_string_equal(buf_cstr(&told), "reason   more than 1000 bytes of evidence: the rest is left out\n");
    assert_true(reasons_has(&result.reasons, REASON_EVIDENCE_FULL));
    assert_int_equal(result.status, PULL_PARTIAL);
    collect(&b, &(struct collect_limits){.max_entries = 1});
    assert_true(has_reason("more entries than are allowed"));
    assert_int_equal(result.entries, 1);
    collect(&b, &(struct collect_limits){.max_unpacked = 100000});
    assert_true(has_reason("unpacks to more than 100000 bytes"));
    assert_true(has_reason("etc/os-release: only 99488 of its 3145728 bytes"));
    /* A size that is claimed and never comes. */
    buf_clear(&b);
    tar_put_header(&b, "var/lib/dpkg/status", '0', NULL, (uint64_t)7 << 30);
    buf_add_str(&b, "Package: a\n");
    collect(&b, NULL);
    assert_non_null(strstr(buf_cstr(&told), "file dpkg var/lib/dpkg/status 7516192768 Package: a\n"));
    assert_true(has_reason("only 11 of its 7516192768 bytes"));
    free(bytes);
    buf_done(&b);
}

/* A database that is longer than what is held: whole, cut by the layer's end, and with content that does not pack. */
static void test_streamed(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)80 << 20);
    size_t n = KEEP_LARGE + ((size_t)3 << 20);
    uint8_t *bytes = xcalloc(1, n);
    for (size_t i = 0; i < n; i += 4096)
        memcpy(bytes + i, &i, sizeof i);
    tar_put(&b, "var/lib/rpm/rpmdb.sqlite", '0', NULL, slice_of(bytes, n));
    tar_put_file(&b, "etc/debian_version", "12\n");
    collect(&b, NULL);
    assert_int_equal(result.status, PULL_GOOD);
    assert_string_equal(buf_cstr(&told), "file rpm var/lib/rpm/rpmdb.sqlite 53477376 [53477376]\n"
                                         "file os-release etc/debian_version 3 12\n\n");
    ptrdiff_t at = slice_find_slice(slice_sub(buf_slice(&plain), 0, 100), SLICE("rpmdb.sqlite"));
    assert_true(at > 0);
    assert_memory_equal(plain.p + at + strlen("rpmdb.sqlite") + 8, bytes, n);
    /* In the middle of it the layer is cut. */
    b.n = 512 + ((size_t)50 << 20);
    collect(&b, NULL);
    assert_int_equal(result.status, PULL_PARTIAL);
    assert_true(has_reason("var/lib/rpm/rpmdb.sqlite: only 52428800 of its 53477376 bytes were kept"));
    assert_non_null(strstr(buf_cstr(&told), "file rpm var/lib/rpm/rpmdb.sqlite 53477376 [53477376]\n"));
    /* More than may be kept, packed: zeros stand for the rest, of what is held too. */
    buf_clear(&b);
    for (size_t i = 0; i + 4 <= n; i += 4) {
        uint32_t x = (uint32_t)i * 2654435761u;
        x = (x ^ x >> 15) * 2246822519u;
        memcpy(bytes + i, &x, 4);
    }
    for (int held = 0; held < 2; held++) {
        buf_clear(&b);
        tar_put(&b, "var/lib/rpm/Packages", '0', NULL, slice_of(bytes, held ? (size_t)2 << 20 : n));
        tar_put_file(&b, "etc/debian_version", "12\n");
        collect(&b, &(struct collect_limits){.max_packed = 1 << 20});
        assert_int_equal(result.status, PULL_PARTIAL);
        assert_true(has_reason("bytes are left out: the evidence packs to more than 1048576"));
        assert_true(result.evidence.n < ((size_t)1 << 20) + 300000);
        assert_null(strstr(buf_cstr(&told), "debian_version"));
    }
    /* No room for it: said, and the next is kept. */
    collect(&b, &(struct collect_limits){.max_evidence = 1 << 20});
    assert_true(has_reason("more than 1048576 bytes of evidence"));
    free(bytes);
    buf_done(&b);
}

static void test_sparse_and_big_pax(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)8 << 20), body = BUF_INIT((size_t)4 << 20);
    uint8_t *value = xcalloc(1, 1153434);
    memset(value, 'v', 1153434);
    pax_put(&body, "comment", slice_of(value, 1153434));
    pax_put(&body, "path", SLICE("etc/os-release"));
    tar_put(&b, "x", 'x', NULL, buf_slice(&body));
    tar_put_file(&b, "short", "ID=pax\n");
    buf_clear(&body);
    pax_put(&body, "GNU.sparse.map", SLICE("2,3,8,2"));
    pax_put(&body, "GNU.sparse.size", SLICE("12"));
    pax_put(&body, "GNU.sparse.name", SLICE("etc/lsb-release"));
    tar_put(&b, "x", 'x', NULL, buf_slice(&body));
    tar_put_file(&b, "GNUSparseFile.0/lsb-release", "abcde");
    collect(&b, NULL);
    assert_int_equal(result.status, PULL_GOOD);
    struct slice s = buf_slice(&plain);
    struct evidence_entry t;
    struct err e = ERR_INIT;
    assert_int_equal(evidence_open(&s, &e), 0);
    assert_int_equal(evidence_next(&s, &t, &e), 1);
    assert_true(slice_eq(t.bytes, SLICE("ID=pax\n")));
    assert_int_equal(evidence_next(&s, &t, &e), 1);
    assert_true(slice_eq(t.path, SLICE("etc/lsb-release")));
    assert_int_equal(t.size, 12);
    assert_true(slice_eq(t.bytes, SLICE("\0\0abc\0\0\0de\0\0")));
    free(value);
    buf_done(&b);
    buf_done(&body);
}

static void test_result_hostile(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)8 << 20);
    struct collect_result r;
    struct err e = ERR_INIT;
    tar_put_file(&b, "../x", "");
    collect(&b, NULL);
    struct slice good = buf_slice(&given);
    assert_int_equal(collect_result_read(good, &arena, &r, &e), 0);
    for (size_t n = 0; n < good.n; n++)
        assert_int_equal(collect_result_read(slice_of(good.p, n), &arena, &r, &e), -1);
    size_t head = good.n - 8 - 68 - 3;
    for (size_t i = head > 200 ? head - 200 : 0; i < good.n; i++) {
        given.p[i] ^= 0xff;
        collect_result_read(good, &arena, &r, &e); /* no crash, and nothing read behind the end */
        given.p[i] ^= 0xff;
    }
    buf_done(&b);
}

#define TEST(f) cmocka_unit_test_teardown(f, collect_clean)
int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_wanted),         TEST(test_software),   TEST(test_whiteouts),     TEST(test_links),
        TEST(test_replacing),      TEST(test_many_links), TEST(test_hostile_names), TEST(test_broken),
        TEST(test_every_prefix),   TEST(test_caps),       TEST(test_streamed),      TEST(test_sparse_and_big_pax),
        TEST(test_result_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
