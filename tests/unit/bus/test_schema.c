/* SPDX-License-Identifier: Apache-2.0 */
/* Schemas as trees: canonical form, fingerprints, what is refused, and checking hostile bytes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "bus/codec/schema.h"
#include "bus/codec/schema_texts.h"
#include "bus/codec/codec.h"
#include "unit/fixture.h"

static struct schema *parse(const char *json)
{
    struct schema *s = NULL;
    struct err e = ERR_INIT;
    if (schema_parse(slice_str(json), &s, &e))
        fail_msg("%s", e.text);
    return s;
}

/* Known values: made with Python's fastavro 1.13.1. */
static void test_fingerprints(void **state)
{
    static const struct {
        const char *json;
        uint64_t fingerprint;
    } known[] = {{"\"null\"", UINT64_C(0x63dd24e7cc258f8a)},
                 {"\"int\"", UINT64_C(0x7275d51a3f395c8f)},
                 {"\"string\"", UINT64_C(0x8f014872634503c7)},
                 {"{\"type\":\"long\"}", UINT64_C(0xd054e14493f41db7)},
                 {" \"bytes\" ", UINT64_C(0x4fc016dac3201965)}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        struct schema *s = parse(known[i].json);
        assert_int_equal(s->fingerprint, known[i].fingerprint);
        schema_free(s);
    }
}

static void test_canonical_form(void **state)
{
    (void)state;
    struct schema *s = parse(fixture("avro/outer.avsc"));
    struct slice canonical = slice_trim(slice_str(fixture("avro/outer-canonical.txt")));
    assert_true(slice_eq(s->canonical, canonical));
    assert_int_equal(s->fingerprint, UINT64_C(0x1068ba95a4cab957));
    schema_free(s);
}

static void test_refused(void **state)
{
    static const struct {
        const char *json, *text;
    } cases[] = {
        {"", "not JSON"},
        {"{\"type\":\"string\"", "not JSON"},
        {"17", "of no known form"},
        {"{}", "of no known form"},
        {"\"strin\"", "type not defined before its use: strin"},
        {"\"a b\"", "not a type name"},
        {"[]", "union without branches"},
        {"[\"null\",[\"int\"]]", "union in a union"},
        {"{\"type\":\"record\",\"name\":\"1a\",\"fields\":[]}", "without a valid name"},
        {"{\"type\":\"record\",\"fields\":[]}", "without a valid name"},
        {"{\"type\":\"record\",\"name\":\"a\"}", "record without a list of fields: a"},
        {"{\"type\":\"record\",\"name\":\"a\",\"fields\":[{\"name\":\"x\",\"type\":\"a\"}]}",
         "field x: schema: recursive"},
        {"{\"type\":\"record\",\"name\":\"a\",\"fields\":[{\"name\":\"x\",\"type\":\"int\"},{\"name\":\"x\",\"type\":"
         "\"int\"}]}",
         "two fields of one name: x"},
        {"{\"type\":\"record\",\"name\":\"a\",\"fields\":[{\"name\":\"x\",\"type\":{\"type\":\"enum\",\"name\":\"a\","
         "\"symbols\":[\"A\"]}}]}",
         "defined twice"},
        {"{\"type\":\"array\",\"items\":\"null\"}", "items that take no bytes"},
        {"{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"a\",\"fields\":[]}}",
         "items that take no bytes"},
        {"{\"type\":\"enum\",\"name\":\"a\",\"symbols\":[]}", "enum without symbols"},
        {"{\"type\":\"enum\",\"name\":\"a\",\"symbols\":[\"\\\"\"]}", "not a name"},
        {"{\"type\":\"fixed\",\"name\":\"a\",\"size\":0}", "bad size"},
        {"{\"type\":\"fixed\",\"name\":\"a\",\"size\":99999999999}", "bad size"},
        {"{\"type\":\"array\",\"items\":\"int\",\"items\":\"null\"}", "not JSON"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct schema *s = NULL;
        struct err e = ERR_INIT;
        assert_int_equal(schema_parse(slice_str(cases[i].json), &s, &e), -1);
        assert_null(s);
        assert_int_equal(e.kind, ERR_POISON);
        if (!strstr(e.text, cases[i].text))
            fail_msg("case %zu: \"%s\"", i, e.text);
    }
}

/* Depth and doubling: each of 40 records holds the one before it twice. */
static void test_bounded(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(1 << 20);
    struct schema *s = NULL;
    struct err e = ERR_INIT;
    for (int i = 0; i < 20; i++)
        buf_add_str(&b, "{\"type\":\"array\",\"items\":");
    assert_int_equal(schema_parse(buf_slice(&b), &s, &e), -1);
    for (int i = 0; i < 20; i++)
        buf_add_str(&b, i ? "}" : "\"int\"}");
    e = ERR_INIT;
    assert_int_equal(schema_parse(buf_slice(&b), &s, &e), -1);
    assert_non_null(strstr(e.text, "too deep"));
    buf_clear(&b);
    buf_add_str(&b, "[{\"type\":\"record\",\"name\":\"r0\",\"fields\":[]}");
    for (int i = 1; i < 40; i++)
        buf_addf(&b,
                 ",{\"type\":\"record\",\"name\":\"r%d\",\"fields\":[{\"name\":\"a\",\"type\":\"r%d\"},"
                 "{\"name\":\"b\",\"type\":\"r%d\"}]}",
                 i, i - 1, i - 1);
    buf_add_str(&b, "]");
    assert_int_equal(schema_parse(buf_slice(&b), &s, &e), -1);
    assert_non_null(strstr(e.text, "too many parts"));
    buf_done(&b);
}

static void check(const struct schema *s, const char *bytes, size_t n, const char *text)
{
    struct err e = ERR_INIT;
    uint8_t *exact = xmemdup(bytes, n);
    int rc = schema_check(s, slice_of(exact, n), &e);
    free(exact);
    if (!text && rc)
        fail_msg("refused: %s", e.text);
    if (text && (!rc || e.kind != ERR_POISON || !strstr(e.text, text)))
        fail_msg("wanted \"%s\", got \"%s\"", text, e.text);
}
#define CHECK(s, literal, text) check(s, literal, sizeof(literal) - 1, text)

static void test_check_numbers(void **state)
{
    (void)state;
    struct schema *i = parse("\"int\""), *l = parse("\"long\""), *b = parse("\"boolean\""), *d = parse("\"double\"");
    CHECK(i, "\x02", NULL);
    CHECK(i, "\xFF\xFF\xFF\xFF\x0F", NULL);
    CHECK(i, "\x80\x80\x80\x80\x10", "int over 32 bits");
    CHECK(i, "", "number cut short");
    CHECK(i, "\x80\x80", "number cut short");
    CHECK(i, "\x02\x02", "the record ends with 1 bytes left");
    CHECK(l, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", NULL);
    CHECK(l, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02", "number over 64 bits");
    CHECK(l, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", "number over 64 bits");
    CHECK(b, "\x01", NULL);
    CHECK(b, "\x02", "neither true nor false");
    CHECK(d, "12345678", NULL);
    CHECK(d, "1234567", "8 bytes wanted with 7 bytes left");
    schema_free(i);
    schema_free(l);
    schema_free(b);
    schema_free(d);
}

static void test_check_lengths(void **state)
{
    (void)state;
    struct schema *s = parse("\"string\""), *e = parse("{\"type\":\"enum\",\"name\":\"k\",\"symbols\":[\"A\",\"B\"]}"),
                  *u = parse("[\"null\",\"string\"]"), *f = parse("{\"type\":\"fixed\",\"name\":\"f\",\"size\":3}");
    CHECK(s, "\x04hi", NULL);
    CHECK(s, "\x06hi", "3 bytes wanted with 2 bytes left");
    CHECK(s, "\x01", "negative length");
    CHECK(s, "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", "bytes wanted with 0 bytes left");
    CHECK(e, "\x02", NULL);
    CHECK(e, "\x04", "choice 2 of 2");
    CHECK(e, "\x01", "choice -1 of 2");
    CHECK(u, "\x00", NULL);
    CHECK(u, "\x02\x02x", NULL);
    CHECK(u, "\x04", "choice 2 of 2");
    CHECK(f, "abc", NULL);
    CHECK(f, "ab", "3 bytes wanted");
    schema_free(s);
    schema_free(e);
    schema_free(u);
    schema_free(f);
}

static void test_check_blocks(void **state)
{
    (void)state;
    struct schema *a = parse("{\"type\":\"array\",\"items\":\"string\"}"),
                  *m = parse("{\"type\":\"map\",\"values\":\"int\"}"),
                  *n = parse("{\"type\":\"map\",\"values\":\"null\"}");
    CHECK(a, "\x00", NULL);
    CHECK(a, "\x04\x02x\x02y\x00", NULL);
    CHECK(a, "\x01\x04\x02x\x02\x02y\x00", NULL); /* a block with its size, then one without */
    CHECK(a, "\x04\x02x\x02y", "number cut short");
    CHECK(a, "\x04\x02x\x05", "item 1: negative length");
    CHECK(a, "\x06\x00\x00", "3 items with 2 bytes left");
    CHECK(a, "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", "9223372036854775807 items with 0 bytes left");
    CHECK(a, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01\x02", "count of items");
    CHECK(a, "\x01\x20\x02x\x00", "block larger");
    CHECK(a, "\x01\x01\x02x\x00", "block larger");
    CHECK(m, "\x02\x02k\x08\x00", NULL);
    CHECK(m, "\x02\x02k", "number cut short");
    CHECK(m, "\x04\x02k\x00", "2 items with 3 bytes left");
    CHECK(n, "\x02\x02k\x00", NULL);
    schema_free(a);
    schema_free(m);
    schema_free(n);
}

/* A record of nulls in a map costs no bytes but its key: the number of values is bounded anyway. */
static void test_check_bounded(void **state)
{
    (void)state;
    struct buf json = BUF_INIT(1 << 20), bytes = BUF_INIT((size_t)16 << 20);
    buf_add_str(&json, "{\"type\":\"map\",\"values\":{\"type\":\"record\",\"name\":\"r\",\"fields\":[");
    for (int i = 0; i < 1000; i++)
        buf_addf(&json, "%s{\"name\":\"f%d\",\"type\":\"null\"}", i ? "," : "", i);
    buf_add_str(&json, "]}}");
    struct schema *s = parse(buf_cstr(&json));
    buf_add(&bytes, "\x80\x80\x02", 3); /* 16384 */
    uint8_t *room = buf_reserve(&bytes, 16385);
    memset(room, 0, 16385);
    bytes.n += 16385;
    struct err e = ERR_INIT;
    assert_int_equal(schema_check(s, buf_slice(&bytes), &e), -1);
    assert_non_null(strstr(e.text, "too many values"));
    schema_free(s);
    buf_done(&json);
    buf_done(&bytes);
}

/* tests/data/schema-fingerprints.txt lists every version ever written; each must be readable, each current one listed.
 */
static void test_listed(void **state)
{
    (void)state;
    struct buf list = BUF_INIT(1 << 20);
    FILE *f = fopen(TEST_DATA "/schema-fingerprints.txt", "r");
    assert_non_null(f);
    list.n = fread(buf_reserve(&list, 1 << 16), 1, 1 << 16, f);
    fclose(f);
    size_t lines = 0, current = 0, found = 0;
    struct slice rest = buf_slice(&list), line, name;
    uint64_t listed, fingerprint;
    while (slice_take_line(&rest, &line)) {
        if (!line.n || line.p[0] == '#')
            continue;
        assert_true(slice_take_token(&line, ' ', &name) && slice_parse_hex(line, &listed));
        bool readable = false;
        lines++;
        for (const struct schema_text *t = schema_texts; t->name; t++) {
            struct err e = ERR_INIT;
            assert_int_equal(codec_fingerprint(slice_of(t->text, t->length), &fingerprint, &e), 0);
            readable |= slice_eq_str(name, t->name) && fingerprint == listed;
            found += slice_eq_str(name, t->name) && fingerprint == listed && !t->released;
        }
        if (!readable)
            fail_msg(
                "schema %.*s, fingerprint %016" PRIx64 ", is listed in tests/data/schema-fingerprints.txt but no "
                "file of schemas/ or schemas/released/ has it: a released version must stay readable, so put its "
                "text into schemas/released/%.*s.vN.avsc (only a version that was in no release may leave the list)",
                SLICE_FMT(name), listed, SLICE_FMT(name));
    }
    for (const struct schema_text *t = schema_texts; t->name; t++) {
        struct err e = ERR_INIT;
        assert_int_equal(codec_fingerprint(slice_of(t->text, t->length), &fingerprint, &e), 0);
        char want[128];
        snprintf(want, sizeof want, "\n%s %016" PRIx64 "\n", t->name, fingerprint);
        current += !t->released;
        if (slice_find_slice(buf_slice(&list), slice_str(want)) < 0)
            fail_msg("schemas/%s.avsc has changed: its fingerprint is now %016" PRIx64 ". Copy the version that was "
                     "released to schemas/released/%s.vN.avsc and add the line \"%s %016" PRIx64 "\" to "
                     "tests/data/schema-fingerprints.txt",
                     t->name, fingerprint, t->name, t->name, fingerprint);
    }
    assert_true(lines >= current && current == TOPIC_MAX && found == current);
    buf_done(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fingerprints),  cmocka_unit_test(test_canonical_form),
        cmocka_unit_test(test_refused),       cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_check_numbers), cmocka_unit_test(test_check_lengths),
        cmocka_unit_test(test_check_blocks),  cmocka_unit_test(test_check_bounded),
        cmocka_unit_test(test_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
