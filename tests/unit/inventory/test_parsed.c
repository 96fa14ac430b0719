/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "inventory/parsed.h"

static struct arena arena = ARENA_INIT((size_t)64 << 20);

static struct layer_packages sample(void)
{
    struct layer_packages lp = {
        .layer_digest = SLICE("sha256:1"), .parser_version = 7, .status = PULL_PARTIAL, .final = true};
    struct parsed_file *f = VEC_ADD(&arena, &lp.files);
    f->path = SLICE("var/lib/dpkg/status");
    f->parser = SLICE("dpkg-status");
    struct package *p = VEC_ADD(&arena, &f->packages);
    *p = (struct package){.type = PKG_DPKG,
                          .name = SLICE("bash"),
                          .version = SLICE("5.2-1"),
                          .architecture = SLICE("amd64"),
                          .source_name = SLICE("bash"),
                          .vendor = SLICE("v"),
                          .location = SLICE("l"),
                          .purl = SLICE("pkg:deb/bash"),
                          .ecosystem = SLICE("Debian:12"),
                          .ns = SLICE("n"),
                          .parent = SLICE("app.war"),
                          .evidence = SLICE("dpkg-status"),
                          .scope = SCOPE_RUNTIME,
                          .certainty = CERTAINTY_GUESSED};
    struct fact *fact = VEC_ADD(&arena, &f->facts);
    *fact = (struct fact){SLICE("ID"), SLICE("debian")};
    reasons_add(&arena, &lp.reasons, REASON_FILE_CUT, SLICE("a reason"));
    struct removal *r = VEC_ADD(&arena, &lp.removed);
    *r = (struct removal){SLICE("etc"), true};
    return lp;
}

static void test_round_trip(void **state)
{
    struct layer_packages lp = sample(), back;
    struct buf b = BUF_INIT(65536);
    struct err e = ERR_INIT;
    (void)state;
    assert_int_equal(parsed_encode(&lp, &b), 0);
    assert_int_equal(parsed_decode(buf_slice(&b), &arena, &back, &e), 0);
    assert_int_equal(back.parser_version, 7);
    assert_int_equal(back.status, PULL_PARTIAL);
    assert_true(back.final);
    assert_int_equal(back.files.n, 1);
    const struct package *p = &back.files.v[0].packages.v[0];
    assert_true(slice_eq_str(p->purl, "pkg:deb/bash"));
    assert_true(slice_eq_str(p->ecosystem, "Debian:12") && slice_eq_str(p->ns, "n"));
    assert_true(slice_eq_str(p->parent, "app.war") && slice_eq_str(p->evidence, "dpkg-status"));
    assert_true(p->scope == SCOPE_RUNTIME && p->certainty == CERTAINTY_GUESSED);
    assert_true(slice_eq_str(back.files.v[0].facts.v[0].value, "debian"));
    assert_true(back.removed.v[0].opaque);
    assert_true(slice_eq_str(reasons_text(&back.reasons, REASON_FILE_CUT), "a reason"));
    buf_done(&b);
}

/* The bytes come from a child that hostile input may have taken over. */
static void test_damaged(void **state)
{
    struct layer_packages lp = sample(), back;
    struct buf b = BUF_INIT(65536);
    (void)state;
    assert_int_equal(parsed_encode(&lp, &b), 0);
    for (size_t n = 0; n < b.n; n++) {
        struct err e = ERR_INIT;
        uint8_t *exact = xmemdup(b.p, n);
        assert_int_equal(parsed_decode(slice_of(exact, n), &arena, &back, &e), -1);
        assert_int_equal(e.kind, ERR_POISON);
        free(exact);
    }
    for (size_t i = 0; i < b.n; i++)
        for (int bit = 0; bit < 8; bit++) {
            struct arena small = ARENA_INIT(1 << 20);
            struct err e = ERR_INIT;
            b.p[i] = (uint8_t)(b.p[i] ^ 1 << bit);
            parsed_decode(buf_slice(&b), &small, &back, &e);
            b.p[i] = (uint8_t)(b.p[i] ^ 1 << bit);
            arena_done(&small);
        }
    buf_done(&b);
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
