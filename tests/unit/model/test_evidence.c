/* SPDX-License-Identifier: Apache-2.0 */
/* digest, evidence, path_index: small formats, there and back, cut and spoiled. */
#include "model/evidence.h"

#include <setjmp.h>
#include <cmocka.h>

#include "io/digest.h"
#include "packages/path_index.h"

static void test_digest(void **state)
{
    (void)state;
    /* FIPS 180-2, appendix B.1 */
    static const char abc[] = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    uint8_t raw[DIGEST_RAW], parsed[DIGEST_RAW];
    char text[DIGEST_TEXT_MAX];
    struct digest d;
    digest_init(&d);
    digest_update(&d, SLICE("a"));
    digest_update(&d, SLICE_NONE);
    digest_update(&d, SLICE("bc"));
    digest_final(&d, raw);
    digest_done(&d);
    assert_string_equal(digest_format(raw, text), abc);
    digest_of(SLICE("abc"), parsed);
    assert_memory_equal(raw, parsed, sizeof raw);
    assert_true(digest_parse(slice_str(abc), parsed));
    assert_memory_equal(raw, parsed, sizeof raw);
    assert_true(digest_is(slice_str(abc), raw));
    raw[31] ^= 1;
    assert_false(digest_is(slice_str(abc), raw));
    static const char *const bad[] = {
        "",
        "sha256:",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0",
        "sha256:BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha256:ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha512:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(digest_parse(slice_str(bad[i]), parsed));
}

static const struct evidence_entry entries[] = {
    {.kind = EVIDENCE_FILE,
     .collector = {(const uint8_t *)"dpkg", 4},
     .path = {(const uint8_t *)"var/lib/dpkg/status", 19},
     .bytes = {(const uint8_t *)"Package: a\0\n", 12},
     .size = 300},
    {.kind = EVIDENCE_WHITEOUT, .path = {(const uint8_t *)"etc/os-release", 14}},
    {.kind = EVIDENCE_OPAQUE, .path = {(const uint8_t *)"", 0}},
    {.kind = EVIDENCE_OPAQUE, .path = {(const uint8_t *)"var/lib", 7}},
    {.kind = EVIDENCE_LINK,
     .collector = {(const uint8_t *)"os-release", 10},
     .path = {(const uint8_t *)"etc/os-release", 14},
     .bytes = {(const uint8_t *)"usr/lib/os-release", 18},
     .hard = true},
    {.kind = EVIDENCE_LINK, .path = {(const uint8_t *)"lib", 3}, .bytes = {(const uint8_t *)"usr/lib", 7}},
    {.kind = EVIDENCE_REASON, .bytes = {(const uint8_t *)"because", 7}},
    {.kind = EVIDENCE_REASON, .code = {(const uint8_t *)"file-cut", 8}, .bytes = {(const uint8_t *)"because", 7}},
    {.kind = EVIDENCE_END, .entries = 8743, .size = (uint64_t)170401280 << 10},
};

static void same(const struct evidence_entry *a, const struct evidence_entry *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_true(slice_eq(a->collector, b->collector));
    assert_true(slice_eq(a->path, b->path));
    assert_true(slice_eq(a->code, b->code));
    assert_true(slice_eq(a->bytes, b->bytes));
    assert_int_equal(a->size, b->size);
    assert_int_equal(a->entries, b->entries);
    assert_int_equal(a->hard, b->hard);
}

static void test_evidence(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(65536), front = BUF_INIT(65536);
    struct err e = ERR_INIT;
    size_t ends[ARRAY_LEN(entries) + 1];
    assert_int_equal(evidence_begin(&b), 0);
    for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
        ends[i] = b.n;
        assert_int_equal(evidence_write(&b, &entries[i]), 0);
    }
    evidence_begin(&front);
    evidence_file_front(&front, &entries[0], entries[0].bytes.n);
    buf_add_slice(&front, entries[0].bytes);
    assert_true(slice_starts(buf_slice(&b), buf_slice(&front)));
    for (size_t n = 0; n <= b.n; n++) {
        uint8_t *copy = xmemdup(b.p, n);
        struct slice s = slice_of(copy, n);
        struct evidence_entry t;
        size_t got = 0;
        int r = evidence_open(&s, &e);
        assert_int_equal(r, n < 4 ? -1 : 0);
        while (!r && (r = evidence_next(&s, &t, &e)) == 1) {
            assert_true(got < ARRAY_LEN(entries));
            same(&entries[got++], &t);
            r = 0;
        }
        assert_int_equal(r, n == b.n ? 0 : -1);
        if (r)
            assert_int_equal(e.kind, ERR_POISON);
        for (size_t i = 0; i < ARRAY_LEN(entries); i++)
            if (i < got)
                assert_true(ends[i] < n);
        free(copy);
    }
    buf_add_byte(&b, 0); /* behind the end */
    struct slice s = buf_slice(&b);
    struct evidence_entry t;
    int r = evidence_open(&s, &e);
    for (size_t i = 0; i + 1 < ARRAY_LEN(entries); i++)
        r = evidence_next(&s, &t, &e);
    assert_int_equal(r, 1);
    assert_int_equal(evidence_next(&s, &t, &e), -1);
    struct buf small = BUF_INIT(10);
    assert_int_equal(evidence_write(&small, &entries[0]), -1);
    buf_done(&small);
    buf_done(&b);
    buf_done(&front);
}

static void refused(struct slice path)
{
    struct buf b = BUF_INIT(65536);
    struct err e = ERR_INIT;
    struct evidence_entry t;
    evidence_begin(&b);
    evidence_write(&b, &(struct evidence_entry){.kind = EVIDENCE_WHITEOUT, .path = path});
    struct slice s = buf_slice(&b);
    assert_int_equal(evidence_open(&s, &e), 0);
    assert_int_equal(evidence_next(&s, &t, &e), -1);
    buf_done(&b);
}

static void test_paths_must_be_canonical(void **state)
{
    (void)state;
    refused(SLICE(""));
    refused(SLICE("/etc"));
    refused(SLICE("etc/"));
    refused(SLICE("etc//x"));
    refused(SLICE("etc/../x"));
    refused(SLICE("./x"));
    refused(SLICE("x\0y"));
}

static void test_path(void **state)
{
    (void)state;
    static const struct {
        struct slice raw;
        const char *canonical; /* NULL: refused */
    } paths[] = {
        {{(const uint8_t *)"etc/os-release", 14}, "etc/os-release"},
        {{(const uint8_t *)"./etc//./os-release/", 20}, "etc/os-release"},
        {{(const uint8_t *)"/abs", 4}, "abs"},
        {{(const uint8_t *)"a/../b/c/..", 11}, "b"},
        {{(const uint8_t *)"a/b/../../c", 11}, "c"},
        {{(const uint8_t *)"...", 3}, "..."},
        {{(const uint8_t *)"..a/b..", 7}, "..a/b.."},
        {{(const uint8_t *)"\xff\xfe", 2}, "\xff\xfe"},
        {{(const uint8_t *)"", 0}, NULL},
        {{(const uint8_t *)"./", 2}, NULL},
        {{(const uint8_t *)"a/..", 4}, NULL},
        {{(const uint8_t *)"../etc/passwd", 13}, NULL},
        {{(const uint8_t *)"a/../../b", 9}, NULL},
        {{(const uint8_t *)"nul\0nul", 7}, NULL},
    };
    uint8_t to[4096], *longest = xcalloc(1, 5000);
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        bool good = evidence_path(paths[i].raw, to, sizeof to, &n);
        assert_int_equal(good, paths[i].canonical != NULL);
        if (good)
            assert_true(slice_eq_str(slice_of(to, n), paths[i].canonical));
    }
    memset(longest, 'p', 5000);
    assert_true(evidence_path(slice_of(longest, 4095), to, sizeof to, &n));
    assert_int_equal(n, 4095);
    assert_false(evidence_path(slice_of(longest, 4097), to, sizeof to, &n));
    free(longest);
}

static struct slice name_of(char *to, size_t max, const char *what, size_t i)
{
    snprintf(to, max, "usr/lib/%s-%zu/%s%zu.%s", what, i, what, i, i % 2 ? "so" : "conf");
    return slice_str(to);
}

static void test_path_index(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 100, 8000, 60000};
    struct path_index *x = xmalloc(sizeof *x);
    uint8_t *to = xmalloc(PATH_INDEX_MAX);
    char text[128];
    for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
        size_t wrong = 0;
        path_index_init(x);
        for (size_t i = 0; i < sizes[k]; i++)
            path_index_add(x, name_of(text, sizeof text, "there", i));
        struct slice index = slice_of(to, path_index_finish(x, to));
        assert_true(index.n <= PATH_INDEX_MAX);
        for (size_t i = 0; i < sizes[k]; i++) {
            struct slice path = name_of(text, sizeof text, "there", i);
            assert_true(path_index_may_hold(index, PATH_INDEX_PATH, path));
            assert_true(
                path_index_may_hold(index, PATH_INDEX_NAME, slice_from(path, (size_t)slice_rfind(path, '/') + 1)));
            assert_true(path_index_may_hold(index, PATH_INDEX_EXTENSION, i % 2 ? SLICE("so") : SLICE("conf")));
        }
        for (size_t i = 0; i < 10000; i++)
            wrong += path_index_may_hold(index, PATH_INDEX_PATH, name_of(text, sizeof text, "absent", i));
        if (sizes[k] <= 8000)
            assert_true(wrong < 500);
        if (sizes[k] == 0)
            assert_int_equal(index.n, PATH_INDEX_HEAD + 64);
        if (sizes[k] == 100)
            assert_true(index.n < 1024);
        if (sizes[k] && sizes[k] <= 8000) {
            /* A path is not found as a name. */
            assert_false(path_index_may_hold(index, PATH_INDEX_NAME, name_of(text, sizeof text, "there", 0)));
            assert_false(path_index_may_hold(index, PATH_INDEX_EXTENSION, SLICE("jar")));
        }
        /* A spoiled index hides nothing. */
        assert_true(path_index_may_hold(slice_sub(index, 0, index.n - 1), PATH_INDEX_PATH, SLICE("x")));
        to[2]++;
        assert_true(path_index_may_hold(index, PATH_INDEX_PATH, SLICE("x")));
    }
    assert_true(path_index_may_hold(SLICE_NONE, PATH_INDEX_PATH, SLICE("x")));
    free(to);
    free(x);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_evidence),
        cmocka_unit_test(test_paths_must_be_canonical),
        cmocka_unit_test(test_path),
        cmocka_unit_test(test_path_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
