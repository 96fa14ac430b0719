/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that are known by the text of their own files: the rows, the search, what becomes a package. */
#include "inventory/assemble/assemble.h"
#include "packages/reading/fact_list.h"
#include "packages/parse.h"
#include "packages/program/parse_program.h"
#include "packages/program/program_scan.h"

#include "unit/make_evidence.h"

static struct program_scan scan;

/* "product version" of a file of this name, "!" in front where it says several versions; "" when no row has it. */
static const char *found(const char *path, struct slice bytes, size_t step)
{
    static char text[256];
    text[0] = 0;
    if (!program_scan_begin(&scan, slice_str(path)))
        return "no row";
    for (size_t at = 0; at < bytes.n; at += step)
        program_scan_data(&scan, at, slice_sub(bytes, at, step));
    const struct program_candidate *c = program_scan_end(&scan);
    if (c)
        snprintf(text, sizeof text, "%s%s %s", c->several ? "!" : "", c->row->product, c->version);
    return text;
}

/* The same for every way in which the file may come in pieces. */
static void assert_found(const char *path, struct slice bytes, const char *want)
{
    for (size_t step = 1; step <= bytes.n; step += step < 40 ? 1 : bytes.n / 3)
        assert_string_equal(found(path, bytes, step), want);
}

#define Z                                                                                                              \
    "\0"                                                                                                               \
    ""

static void test_rows(void **state)
{
    (void)state;
    assert_true(programs_n >= 100);
    for (size_t i = 0; i < programs_n; i++) {
        const struct program *row = &programs[i];
        size_t patterns = 0, fit = 0;
        for (; row->patterns[patterns].p; patterns++) {
            struct slice p = row->patterns[patterns];
            ptrdiff_t at = slice_find(p, PROGRAM_VERSION[0]);
            if (p.n < 3 || p.n > PROGRAM_TEXT_MAX || at < 0 || slice_find(slice_from(p, (size_t)at + 1), 1) >= 0)
                fail_msg("%s: pattern %zu", row->product, patterns);
        }
        if (!patterns || row->also.n > PROGRAM_TEXT_MAX || row->never.n > PROGRAM_TEXT_MAX)
            fail_msg("%s: its texts", row->product);
        /* Of one name there are not more rows than a scan holds. */
        struct slice name = slice_str(row->names), first = SLICE_NONE;
        slice_take_token(&name, ' ', &first);
        for (size_t k = 0; k < programs_n; k++)
            fit += program_may_be(&programs[k], first);
        if (fit > PROGRAM_CANDIDATES_MAX)
            fail_msg("%.*s: %zu rows", SLICE_FMT(first), fit);
    }
}

static void test_names(void **state)
{
    (void)state;
    const struct program *python = program_by_product(SLICE("python"));
    assert_true(program_may_be(python, SLICE("python3.11")));
    assert_true(program_may_be(python, SLICE("libpython3.11.so.1.0")));
    assert_false(program_may_be(python, SLICE("python")));
    assert_false(program_may_be(python, SLICE("python3")));
    assert_string_equal(found("usr/bin/nothing-known", SLICE("x"), 1), "no row");
    assert_null(program_by_product(SLICE("pytho")));
}

static void test_texts(void **state)
{
    (void)state;
    assert_found("usr/local/bin/python3.11", SLICE("x" Z "3.9.1" Z "3.1.1" Z "3.110.1" Z "3.11.2" Z "y"),
                 "python 3.11.2");
    assert_found("usr/local/bin/python3.12", SLICE(Z "3.12.0rc1" Z), "python 3.12.0rc1");
    assert_found("usr/local/lib/libpython3.11.so.1.0", SLICE("/you/versions/3.11.7" Z "/x/3.1.7" Z), "python 3.11.7");
    assert_found("usr/local/bin/python3.11", SLICE(Z "./Python-3.11.7" Z "/x/3.11.7/lib" Z), "python 3.11.7");
    assert_found("usr/local/bin/python3.11", SLICE("/versions/3.11.9" Z Z "3.11.7" Z), "python 3.11.7");
    assert_found("usr/local/bin/python3.11", SLICE("/versions/3.11.7/lib" Z), "");
    assert_found("usr/bin/ruby", SLICE(Z "ruby 3.1.2p20 (2022-04-12 revision 4491bb740a)"), "ruby 3.1.2");
    assert_found("usr/bin/ruby", SLICE(Z "ruby 1.9.3p551 (2014-11-13 revision 48407)" Z "ruby 1.9.3p551 "),
                 "ruby 1.9.3.551");
    assert_found("usr/bin/ruby", SLICE(Z "ruby 2.0.0p645 (1 revision 2)" Z "ruby 2.0.0p64 "), "!ruby 2.0.0.645");
    assert_found("opt/node/bin/node", SLICE("see node.js/v18.20.4 and node.js/v18.20.4."), "node 18.20.4");
    assert_found("opt/node/bin/node", SLICE("node.js/v18.20.4 node.js/v16.0.0"), "!node 18.20.4");
    assert_found("opt/node/bin/node", SLICE("node.js/v18 node.js/vx.1"), "");
    assert_found("usr/bin/openssl", SLICE("OpenSSL 1.1.1w  11 Sep 2023"), "openssl 1.1.1w");
    assert_found("usr/lib/libcrypto.so.10", SLICE("OpenSSL 1.0.2k-fips  26 Jan 2017"), "openssl 1.0.2k");
    assert_found("usr/lib/libssl.so.3", SLICE("OpenSSL 3.0.15 3 Sep 2024"), "openssl 3.0.15");
    assert_found("usr/sbin/sshd", SLICE("OpenSSH_6.6.1*" Z "OpenSSH_9.2" Z "OpenSSH_9.2p1 Debian"), "openssh 9.2p1");
    /* A fork that answers by the name of what it was forked from. */
    assert_found("usr/bin/openssl", SLICE("OpenSSL 1.1.1 (compatible; AWS-LC 1.17.0)"), "aws-lc 1.17.0");
    assert_found("usr/sbin/mysqld", SLICE("/home/build/mysql-8.0.36/sql" Z), "mysql 8.0.36");
    assert_found("usr/sbin/mysqld", SLICE(Z "10.11.6-MariaDB" Z "/x/mysql-5.5.5/"), "mariadb 10.11.6");
    assert_found("usr/bin/gzip", SLICE(Z "1.12" Z), "");
    assert_found("usr/bin/gzip", SLICE(Z "1.12" Z "%s: not in gzip format"), "gzip 1.12");
    assert_found("usr/lib/libcares.so.2", SLICE("c-ares" Z "127.0.0.1" Z "1.18.1" Z), "c-ares 1.18.1");
    assert_found("usr/bin/redis-server", SLICE("7.2.4buildkitsandbox-1704900000" Z), "redis 7.2.4");
    assert_found("usr/bin/redis-server", SLICE("7.2.4buildkitsandbox-17" Z "valkey"), "");
    assert_found("usr/local/bin/kubectl", SLICE("-X k8s.io/component-base/version.gitVersion=v1.29.2 -X x"),
                 "kubectl 1.29.2");
    /* The end of the file ends a text too. */
    assert_found("usr/bin/bash", SLICE("@(#)Bash version 5.2.15("), "bash 5.2.15");
    assert_found("usr/sbin/nginx", SLICE("nginx version: nginx/1.25.3"), "nginx 1.25.3");
}

/* Far into a file, at every place of a window's end. */
static void test_windows(void **state)
{
    (void)state;
    static uint8_t file[(PROGRAM_WINDOW + PROGRAM_WINDOW_TAIL * 2) * 2];
    static const char text[] = "node.js/v20.11.1";
    for (size_t shift = 0; shift < 2000; shift += 7) {
        size_t at = PROGRAM_WINDOW + PROGRAM_WINDOW_TAIL * 2 - 1000 + shift;
        memset(file, 'x', sizeof file);
        memcpy(file + at, text, sizeof text);
        assert_string_equal(found("bin/node", slice_of(file, sizeof file), 32768), "node 20.11.1");
    }
}

static void test_holes(void **state)
{
    (void)state;
    assert_true(program_scan_begin(&scan, SLICE("bin/node")));
    program_scan_data(&scan, 0, SLICE("node.js/v1."));
    program_scan_data(&scan, (uint64_t)1 << 40, SLICE("2.3 node.js/v20.1.0"));
    const struct program_candidate *c = program_scan_end(&scan);
    assert_non_null(c);
    assert_string_equal(c->version, "20.1.0");
    assert_false(c->several);
}

static void put(struct buf *evidence, const char *path, const char *product, const char *version, bool several)
{
    struct buf facts = BUF_INIT(1024);
    fact_list_add(&facts, PROGRAM_FACT_PRODUCT, slice_str(product));
    fact_list_add(&facts, PROGRAM_FACT_VERSION, slice_str(version));
    if (several)
        fact_list_add(&facts, PROGRAM_FACT_SEVERAL, SLICE(""));
    struct evidence_entry entry = {.kind = EVIDENCE_FILE,
                                   .collector = SLICE("program"),
                                   .path = slice_str(path),
                                   .bytes = buf_slice(&facts),
                                   .size = facts.n};
    assert_int_equal(evidence_write(evidence, &entry), 0);
    buf_done(&facts);
}

/* What the system's package manager brought is told by the package, not a second time by its text. */
static void test_owned(void **state)
{
    static struct arena arena = {.max = (size_t)64 << 20};
    struct buf b = ev_begin();
    struct layer_packages layer;
    struct inventory image;
    (void)state;
    ev_file(&b, "etc/os-release", "ID=debian\nVERSION_ID=12\nPRETTY_NAME=\"Debian 12\"\n");
    ev_file(&b, "var/lib/dpkg/status",
            "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2.15-2+b2\n\n");
    ev_file(&b, "var/lib/dpkg/info/bash.list", "/.\n/bin\n/bin/bash\n");
    put(&b, "bin/bash", "bash", "5.2.15", false);
    put(&b, "opt/bash", "bash", "5.1.4", false);
    ev_end(&b);
    assert_int_equal(parse_layer(buf_slice(&b), &arena, &layer, NULL), 0);
    assert_int_equal(assemble_image(&(struct image){.digest = SLICE("sha256:x")}, &layer, 1, &arena, &image, NULL), 0);
    assert_int_equal(image.packages.n, 2);
    assert_int_equal(image.packages.v[0].type, PKG_DPKG);
    assert_true(slice_eq_str(image.packages.v[1].location, "opt/bash"));
    buf_done(&b);
    arena_done(&arena);
}

static void test_packages(void **state)
{
    static struct arena arena = {.max = (size_t)64 << 20};
    struct buf b = ev_begin(), told = BUF_INIT(1 << 16);
    struct layer_packages layer;
    struct inventory image;
    (void)state;
    put(&b, "usr/bin/nginx", "nginx", "1.25.3", false);
    put(&b, "usr/bin/bash", "bash", "5.2.15", false);
    put(&b, "usr/bin/node", "node", "18.1.0", true);
    put(&b, "usr/bin/x", "from a stranger", "1.0", false);
    put(&b, "usr/bin/y", "of-no-row", "1.0", false);
    ev_end(&b);
    assert_int_equal(parse_layer(buf_slice(&b), &arena, &layer, NULL), 0);
    assert_int_equal(assemble_image(&(struct image){.digest = SLICE("sha256:x")}, &layer, 1, &arena, &image, NULL), 0);
    for (size_t i = 0; i < image.packages.n; i++) {
        const struct package *p = &image.packages.v[i];
        buf_addf(&told, "%.*s %.*s %.*s %.*s\n", SLICE_FMT(p->name), SLICE_FMT(p->version), SLICE_FMT(p->ecosystem),
                 SLICE_FMT(p->not_judged.code));
    }
    assert_string_equal(buf_cstr(&told), "bash 5.2.15 Generic nobody-publishes\n"
                                         "nginx 1.25.3 Generic \n"
                                         "node 18.1.0 Generic version-unknown\n"
                                         "of-no-row 1.0 Generic nobody-publishes\n");
    buf_done(&b);
    buf_done(&told);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),    cmocka_unit_test(test_names), cmocka_unit_test(test_texts),
        cmocka_unit_test(test_windows), cmocka_unit_test(test_holes), cmocka_unit_test(test_packages),
        cmocka_unit_test(test_owned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
