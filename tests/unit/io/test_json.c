/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: every text says the same in every form of the reader, and is refused for the same reason at the same place. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "unit/io/json_forms.h"

#define FORMS (JSON_FORM_STREAM + 9) /* streams in pieces of 1 to 9 bytes */

static void expect_says(struct slice text, const char *says)
{
    for (size_t form = 0; form < FORMS; form++) {
        struct buf out = BUF_INIT(1 << 20);
        struct err e = ERR_INIT;
        if (json_read_form(text, form, &out, &e))
            fail_msg("form %zu of %.*s: %s", form, SLICE_FMT(text), e.text);
        if (form != JSON_FORM_SKIP)
            assert_string_equal(buf_cstr(&out), says);
        buf_done(&out);
    }
}

/* why: the whole reason, or SLICE_NONE: the same one in all forms. */
static void expect_refused(struct slice text, const char *why)
{
    char first[200] = "";
    for (size_t form = 0; form < FORMS; form++) {
        struct buf out = BUF_INIT(1 << 20);
        struct err e = ERR_INIT;
        if (!json_read_form(text, form, &out, &e))
            fail_msg("form %zu took %.*s", form, SLICE_FMT(text));
        assert_int_equal(e.kind, ERR_POISON);
        assert_true(slice_starts(slice_str(e.text), SLICE("not JSON: ")));
        if (!form)
            snprintf(first, sizeof first, "%s", e.text);
        assert_string_equal(e.text, first);
        if (why)
            assert_string_equal(e.text + strlen("not JSON: "), why);
        buf_done(&out);
    }
}

static const struct {
    const char *text, *says;
} sound[] = {
    {"{}", "{}"},
    {" [ ] ", "[]"},
    {"\"x\"", "<x>"},
    {"null", "null"},
    {"[true,false,null]", "[true,false,null,]"},
    {"{\"a\": \"b\" , \"c\":{\"d\":\"\"},\n\t\"e\":[{\"f\":\"g\"},7,{}],\"h\":[[null]]}",
     "{<a><b><c>{<d><>}<e>[{<f><g>},7,{},]<h>[[null,],]}"},
    {"{\"a\\u0041\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20ac\\ud83d\\uDE00\"}",
     "{<aA><\"\\/\b\f\n\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80>}"},
    {"[\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \x7f\"]", "[<\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \x7f>,]"},
    {"[0,-0,7,-7,9223372036854775807,-9223372036854775808]", "[0,0,7,-7,9223372036854775807,-9223372036854775808,]"},
    {"[0.5,-1.5e3,1E+2,1e-400,1e308,123456789012345678901234567890.0]",
     "[0.5,-1500,100,0,1e+308,1.2345678901234568e+29,]"},
    {"{\"\":1,\"a\":{\"\":2},\"b\":{\"a\":3}}", "{<>1<a>{<>2}<b>{<a>3}}"},
    {"[\"a longer string without anything in it\",\"eight by\",\"12345678\\n\"]",
     "[<a longer string without anything in it>,<eight by>,<12345678\n>,]"},
};

static void test_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sound); i++)
        expect_says(slice_str(sound[i].text), sound[i].says);
}

/* Cut anywhere, a document is none. */
static void test_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sound); i++) {
        struct slice whole = slice_trim(slice_str(sound[i].text));
        for (size_t n = 0; n < whole.n; n++)
            expect_refused(slice_sub(whole, 0, n), NULL);
    }
}

static void test_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } refused[] = {
        {"", "it is cut, at byte 0, line 1"},
        {"\n\n ", "it is cut, at byte 3, line 3"},
        {"[1,\n2,\n", "it is cut, at byte 7, line 3"},
        {"{\"a\":[1,,2]}", "a value was expected, at byte 8, line 1"},
        {"{,}", "a string was expected, at byte 1, line 1"},
        {"{\"a\":\"b\"}\n x", "something stands behind its end, at byte 11, line 2"},
        {"{\"a\":\"b\"", "it is cut, at byte 8, line 1"},
        {"{\"a\" \"b\"}", "a colon was expected, at byte 5, line 1"},
        {"[1 2]", "a comma or a closing bracket was expected, at byte 3, line 1"},
        {"[1}", "a comma or a closing bracket was expected, at byte 2, line 1"},
        {"[1,]", "a value was expected, at byte 3, line 1"},
        {"{\"a\":1,}", "a string was expected, at byte 7, line 1"},
        {"]", "a value was expected, at byte 0, line 1"},
        {"\xef\xbb\xbf[]", "a value was expected, at byte 0, line 1"},
        {"[nul]", "a value was expected, at byte 1, line 1"},
        {"[True]", "a value was expected, at byte 1, line 1"},
        {"[nullx]", "a value was expected, at byte 1, line 1"},
        {"['a']", "a value was expected, at byte 1, line 1"},
        {"[NaN]", "a value was expected, at byte 1, line 1"},
        {"// x\n[]", "a value was expected, at byte 0, line 1"},
        {"[01]", "a number that is none, at byte 1, line 1"},
        {"[-]", "a number that is none, at byte 1, line 1"},
        {"[1.]", "a number that is none, at byte 1, line 1"},
        {"[1e]", "a number that is none, at byte 1, line 1"},
        {"[1.e2]", "a number that is none, at byte 1, line 1"},
        {"[1-2]", "a number that is none, at byte 1, line 1"},
        {"[+1]", "a value was expected, at byte 1, line 1"},
        {"[9223372036854775808]", "an integer that 64 bits don't hold, at byte 1, line 1"},
        {"[1e999]", "a number that a double doesn't hold, at byte 1, line 1"},
        {"[\"a", "a string without an end, at byte 3, line 1"},
        {"[\"a\\\"]", "a string without an end, at byte 6, line 1"},
        {"[\"a\nb\"]", "a control character in a string, at byte 3, line 1"},
        {"[\"a\\x\"]", "an escape that is none, at byte 3, line 1"},
        {"[\"\\u12g4\"]", "an escape that is none, at byte 2, line 1"},
        {"[\"\\u0000\"]", "an escape that is none, at byte 2, line 1"},
        {"{\"a\\u0000\":1}", "an escape that is none, at byte 3, line 1"},
        {"[\"\\ud800x\"]", "an escape that is none, at byte 2, line 1"},
        {"[\"\\ud800\\u0041\"]", "an escape that is none, at byte 2, line 1"},
        {"[\"\\ud83d\"]", "an escape that is none, at byte 2, line 1"},
        {"[\"\\ude00\\ud83d\"]", "an escape that is none, at byte 2, line 1"},
        {"[\"a\xff\"]", "a string is not UTF-8, at byte 3, line 1"},
        {"[\"\xc0\x80\"]", "a string is not UTF-8, at byte 2, line 1"},
        {"[\"\xed\xa0\x80\"]", "a string is not UTF-8, at byte 2, line 1"},
        {"[\"\xf4\x90\x80\x80\"]", "a string is not UTF-8, at byte 2, line 1"},
        {"{\"a\":1,\"b\":2,\"a\":3}", "a key stands twice in one object, at byte 16, line 1"},
        {"{\"a\":1,\"\\u0061\":3}", "a key stands twice in one object, at byte 15, line 1"},
        {"[{\"x\":{\"a\":1,\"b\":{\"a\":1},\"a\":1}}]", "a key stands twice in one object, at byte 28, line 1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        expect_refused(slice_str(refused[i].text), refused[i].why);
    expect_refused(SLICE("[\"a\0b\"]"), "a control character in a string, at byte 3, line 1");
    expect_refused(SLICE("[\0]"), "a value was expected, at byte 1, line 1");
    expect_refused(SLICE("[]\0"), "something stands behind its end, at byte 2, line 1");
}

static void nested(struct buf *b, size_t levels, const char *open, const char *middle, const char *close)
{
    buf_clear(b);
    for (size_t i = 0; i < levels; i++)
        buf_add_str(b, open);
    buf_add_str(b, middle);
    for (size_t i = 0; i < levels; i++)
        buf_add_str(b, close);
}

static void test_depth(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(1 << 20), says = BUF_INIT(1 << 20);
    nested(&b, JSON_DEPTH, "[", "", "]");
    for (size_t i = 0; i < JSON_DEPTH; i++)
        buf_add_str(&says, "[");
    for (size_t i = 0; i < JSON_DEPTH; i++)
        buf_add_str(&says, i ? ",]" : "]");
    expect_says(buf_slice(&b), buf_cstr(&says));
    nested(&b, JSON_DEPTH + 1, "[", "", "]");
    expect_refused(buf_slice(&b), "it nests too deep, at byte 256, line 1");
    nested(&b, 60000, "[", "", "");
    expect_refused(buf_slice(&b), "it nests too deep, at byte 256, line 1");
    nested(&b, 60000, "{\"a\":", "", "");
    expect_refused(buf_slice(&b), "it nests too deep, at byte 1280, line 1");
    buf_done(&b);
    buf_done(&says);
}

/* A large text, of which only matters whether it is taken: passed over in memory and in a stream, and as a tree. */
static void expect_large(struct buf *b, const char *why)
{
    struct json_pieces pieces = {.rest = buf_slice(b), .size = 65536};
    struct json_pull p[2];
    struct err e[3] = {ERR_INIT, ERR_INIT, ERR_INIT};
    json_t *root = NULL;
    json_pull_text(&p[0], buf_slice(b), NULL);
    json_pull_stream(&p[1], (struct byte_source){.read = json_pieces_read, .arg = &pieces});
    for (size_t i = 0; i < 2; i++) {
        json_pull_skip(&p[i]);
        json_pull_end(&p[i], &e[i]);
        json_pull_done(&p[i]);
    }
    json_tree_read_value(buf_slice(b), b->n, SIZE_MAX, &root, &e[2]);
    for (size_t i = 0; i < 3; i++)
        if (why ? !strstr(e[i].text, why) : e[i].kind != ERR_NONE)
            fail_msg("form %zu: \"%s\"", i, e[i].text);
    json_decref(root);
    buf_done(&pieces.piece);
}

static void repeat(struct buf *b, const char *before, char c, size_t n, const char *behind)
{
    buf_clear(b);
    buf_add_str(b, before);
    uint8_t *to = buf_reserve(b, n);
    memset(to, c, n);
    b->n += n;
    buf_add_str(b, behind);
}

static void test_sizes(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)64 << 20);
    struct err e = ERR_INIT;
    json_t *root;
    repeat(&b, "[\"", 'x', JSON_STRING_MAX, "\"]");
    expect_large(&b, NULL);
    repeat(&b, "[\"", 'x', JSON_STRING_MAX + 1, "\"]");
    expect_large(&b, "a string is too long");
    repeat(&b, "{\"", 'x', JSON_KEY_MAX, "\":1}");
    expect_large(&b, NULL);
    repeat(&b, "{\"", 'x', JSON_KEY_MAX + 1, "\":1}");
    expect_large(&b, "a string is too long");
    repeat(&b, "[0.", '1', JSON_NUMBER_MAX - 2, "]");
    expect_large(&b, NULL);
    repeat(&b, "[0.", '1', JSON_NUMBER_MAX - 1, "]");
    expect_large(&b, "a number is too long");
    buf_clear(&b);
    buf_add_str(&b, "{\"\":0");
    for (size_t i = 1; i < JSON_KEYS_MAX; i++)
        buf_addf(&b, ",\"%zx\":0", i);
    buf_add_byte(&b, '}');
    assert_int_equal(json_read_form(buf_slice(&b), JSON_FORM_SKIP, NULL, &e), 0);
    b.n--;
    buf_add_str(&b, ",\"x\":0}");
    assert_int_equal(json_read_form(buf_slice(&b), JSON_FORM_SKIP, NULL, &e), -1);
    assert_non_null(strstr(e.text, "its objects have too many keys"));
    assert_int_equal(json_tree_read(SLICE("[1,{\"a\":2}]"), 11, 4, &root, &e), 0);
    json_decref(root);
    assert_int_equal(json_tree_read(SLICE("[1,{\"a\":2}]"), 11, 3, &root, &e), -1);
    assert_string_equal(e.text, "not JSON: it has too many values, at byte 8, line 1");
    assert_int_equal(json_tree_read(SLICE("[1,{\"a\":2}]"), 10, 4, &root, &e), -1);
    assert_string_equal(e.text, "JSON of 11 bytes; at most 10 are read");
    assert_int_equal(json_tree_read(SLICE("7"), 10, 4, &root, &e), -1);
    assert_string_equal(e.text, "not JSON: neither an object nor an array");
    buf_done(&b);
}

/* Objects of any size know what they had, also while larger ones lie within them. */
static void test_keys(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(1 << 20);
    for (size_t outer = 1; outer < 60; outer += 19)
        for (size_t inner = 1; inner < 80; inner += 26)
            for (int twice = 0; twice < 3; twice++) {
                buf_clear(&b);
                for (size_t i = 0; i < outer; i++) {
                    buf_addf(&b, "%s\"k%zu\":{", i ? "," : "{", i);
                    for (size_t j = 0; j < inner; j++)
                        buf_addf(&b, "%s\"k%zu\":[{\"k%zu\":{}}]", j ? "," : "", j, j);
                    buf_addf(&b, "%s}", twice == 1 && i + 1 == outer ? ",\"k0\":1" : "");
                }
                buf_addf(&b, "%s}", twice == 2 ? ",\"k0\":1" : "");
                expect_large(&b, twice ? "a key stands twice in one object" : NULL);
            }
    buf_done(&b);
}

/* ---- what is let pass, and values as they are written ---- */

static void test_lets(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(4096);
    struct json_pull p;
    struct arena arena = ARENA_INIT(4096);
    json_pull_text(&p, SLICE("{\"a\":[1,{\"b\":2,},],}"), &arena);
    p.lets = JSON_PULL_LAST_COMMA;
    json_write_pulled(&p, &out);
    assert_int_equal(json_pull_end(&p, NULL), 0);
    assert_string_equal(buf_cstr(&out), "{<a>[1,{<b>2},]}");
    json_pull_done(&p);
    static const char *const still[] = {"[1,,]", "[,]", "{,}", "{\"a\":1,,}"};
    for (size_t i = 0; i < ARRAY_LEN(still); i++) {
        json_pull_text(&p, slice_str(still[i]), &arena);
        p.lets = JSON_PULL_LAST_COMMA;
        json_pull_skip(&p);
        assert_int_equal(json_pull_end(&p, NULL), -1);
        json_pull_done(&p);
    }
    buf_clear(&out);
    json_pull_text(&p, SLICE("[\"a\\u0000\",\"b\\x\",\"c\xff\",\"d\ne\",\"f\",{\"\\ud800\":\"g\"}]"), &arena);
    p.lets = JSON_PULL_BAD_STRINGS;
    json_write_pulled(&p, &out);
    assert_int_equal(json_pull_end(&p, NULL), 0);
    assert_string_equal(buf_cstr(&out), "[<>,<>,<>,<>,<f>,{<><g>},]");
    json_pull_done(&p);
    buf_clear(&out);
    json_pull_text(&p, SLICE("{\"a\":1,\"b\":{\"c\":2,\"c\":3},\"a\":4}"), &arena);
    p.lets = JSON_PULL_REPEATED_KEYS;
    json_write_pulled(&p, &out);
    assert_int_equal(json_pull_end(&p, NULL), 0);
    assert_string_equal(buf_cstr(&out), "{<a>1<b>{<c>2<c>3}<a>4}");
    assert_null(p.keys.hashes);
    json_pull_done(&p);
    arena_done(&arena);
    buf_done(&out);
}

/* The elements of an array as they are written, or why there are no more. */
static void raw_elements(const char *text, size_t piece, size_t max, struct buf *out)
{
    struct json_pieces pieces = {.rest = slice_str(text), .size = piece};
    struct json_pull p;
    struct err e = ERR_INIT;
    buf_clear(out);
    json_pull_stream(&p, (struct byte_source){.read = json_pieces_read, .arg = &pieces});
    if (json_pull_array(&p))
        while (json_pull_item(&p)) {
            struct slice s = json_pull_raw(&p, max);
            if (!p.bad)
                buf_addf(out, "%s%.*s|", s.p ? "" : "(long)", SLICE_FMT(s));
        }
    if (json_pull_end(&p, &e))
        buf_add_str(out, e.text);
    json_pull_done(&p);
    buf_done(&pieces.piece);
}

static void test_raw(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"[1, \"a]\\\"\" ,{\"b\":[\"}\"]},[ ]]", "1|\"a]\\\"\"|{\"b\":[\"}\"]}|[ ]|"},
        {"[{\"a\":nul,},tru,\"\\x\",{]", "{\"a\":nul,}|tru|\"\\x\"|not JSON: brackets don't pair, at byte 22, line 1"},
        {"[{\"a\":\"a longer one than that\"},2,\"and another string\",3]", "(long)|2|(long)|3|"},
        {"[1,,2]", "1|not JSON: a value was expected, at byte 3, line 1"},
        {"[{\"a\":1}", "{\"a\":1}|not JSON: it is cut, at byte 8, line 1"},
        {"[{\"a\":1", "not JSON: it is cut, at byte 7, line 1"},
    };
    struct buf out = BUF_INIT(4096), b = BUF_INIT(4096);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t piece = 1; piece < 80; piece++) {
            raw_elements(cases[i].text, piece, 16, &out);
            assert_string_equal(buf_cstr(&out), cases[i].says);
        }
    nested(&b, JSON_DEPTH + 1, "[", "", "]");
    raw_elements(buf_cstr(&b), 7, 1000, &out);
    assert_int_equal(buf_slice(&out).n, 2 * (size_t)JSON_DEPTH + 1);
    nested(&b, JSON_DEPTH + 2, "[", "", "]");
    raw_elements(buf_cstr(&b), 7, 1000, &out);
    assert_string_equal(buf_cstr(&out), "not JSON: it nests too deep, at byte 257, line 1");
    buf_done(&out);
    buf_done(&b);
}

/* What a stream's source says goes to the reader's caller as it is. */
static void test_source(void **state)
{
    (void)state;
    struct json_pieces pieces = {.rest = SLICE("[1,{\"a\":"), .size = 3, .fails = true};
    struct json_pull p;
    struct err e = ERR_INIT;
    json_pull_stream(&p, (struct byte_source){.read = json_pieces_read, .arg = &pieces});
    json_pull_skip(&p);
    assert_int_equal(json_pull_end(&p, &e), -1);
    assert_int_equal(e.kind, ERR_RETRY);
    assert_string_equal(e.text, "the line is down");
    json_pull_done(&p);
    buf_done(&pieces.piece);
}

/* A caller that expected something else goes on behind it. */
static void test_expectations(void **state)
{
    (void)state;
    struct json_pull p;
    struct slice key;
    json_pull_text(&p, SLICE("{\"a\":[1,[2]],\"b\":{\"c\":3},\"d\":\"e\",\"f\":4,\"g\":null}"), NULL);
    assert_true(json_pull_object(&p));
    assert_true(json_pull_key(&p, &key));
    assert_false(json_pull_object(&p));
    assert_true(json_pull_key(&p, &key) && slice_eq_str(key, "b"));
    assert_null(json_pull_string(&p).p);
    assert_true(json_pull_key(&p, &key) && slice_eq_str(key, "d"));
    assert_null(json_pull_scalar(&p).p);
    assert_true(json_pull_key(&p, &key) && slice_eq_str(key, "f"));
    assert_true(slice_eq_str(json_pull_scalar(&p), "4"));
    assert_true(json_pull_key(&p, &key) && slice_eq_str(key, "g"));
    assert_false(json_pull_array(&p));
    assert_false(json_pull_key(&p, &key));
    assert_int_equal(json_pull_end(&p, NULL), 0);
    json_pull_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound),        cmocka_unit_test(test_cut),   cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_depth),        cmocka_unit_test(test_sizes), cmocka_unit_test(test_keys),
        cmocka_unit_test(test_lets),         cmocka_unit_test(test_raw),   cmocka_unit_test(test_source),
        cmocka_unit_test(test_expectations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
