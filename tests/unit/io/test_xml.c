/* SPDX-License-Identifier: Apache-2.0 */
/* The XML reader: trees, cutting, and what it refuses. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "io/text/xml.h"

static void show(const struct xml_node *n, struct buf *out)
{
    if (!n->name.n) {
        buf_addf(out, "'%.*s'", SLICE_FMT(n->text));
        return;
    }
    buf_addf(out, "(%.*s", SLICE_FMT(n->name));
    for (size_t i = 0; i < n->attributes_n; i++)
        buf_addf(out, " %.*s=%.*s", SLICE_FMT(n->attributes[i].name), SLICE_FMT(n->attributes[i].value));
    for (const struct xml_node *c = n->first; c; c = c->next)
        show(c, out);
    buf_add_str(out, ")");
}

/* Gives one byte at a time, so that every token is cut everywhere. */
static int read_bytes(void *arg, const uint8_t **ret_p, size_t *ret_n, struct err *e)
{
    (void)e;
    struct slice *left = arg;
    *ret_p = left->p;
    *ret_n = MIN(left->n, (size_t)1);
    *left = slice_from(*left, *ret_n);
    return 0;
}

static int cut(const char *text, size_t arena_max, struct buf *out, struct err *e)
{
    static const char *const wanted[] = {"a", "b", NULL};
    struct slice left = slice_str(text);
    struct arena arena = ARENA_INIT(arena_max);
    const struct xml_node *n;
    struct xml *x;
    int rc;
    assert_int_equal(xml_open((struct byte_source){read_bytes, &left}, wanted, &x, e), 0);
    while (arena_reset(&arena), (rc = xml_next(x, &arena, &n, e)) == 1) {
        show(n, out);
        if (n->cut)
            buf_add_str(out, "CUT");
    }
    xml_close(x);
    arena_done(&arena);
    return rc;
}

static void expect_cut(const char *text, const char *expected)
{
    struct buf out = BUF_INIT(1 << 16);
    struct err e = ERR_INIT;
    if (cut(text, 1 << 16, &out, &e))
        fail_msg("%s", e.text);
    assert_string_equal(buf_cstr(&out), expected);
    buf_done(&out);
}

static void expect_refused(const char *text, const char *why)
{
    struct buf out = BUF_INIT(1 << 16);
    struct arena arena = ARENA_INIT(1 << 16);
    const struct xml_node *n = NULL;
    struct err e = ERR_INIT, whole = ERR_INIT;
    assert_int_equal(cut(text, 1 << 16, &out, &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
    if (!strstr(e.text, why))
        fail_msg("'%s' does not say '%s'", e.text, why);
    assert_int_equal(xml_document(slice_str(text), &arena, &n, &whole), -1);
    assert_null(n);
    assert_string_equal(whole.text, e.text);
    buf_done(&out);
    arena_done(&arena);
}

static void test_trees(void **state)
{
    (void)state;
    expect_cut("<?xml version='1.0'?><r><p:a xmlns:p='u' k='1' p:l='&lt;&#65;'> x <c>y</c><c/> z</p:a>between"
               "<q><b/></q><a><a>in</a></a></r>",
               "(a k=1 l=<A' x '(c'y')(c)' z')(b)(a(a'in'))");
    expect_cut("<r/>", "");
    expect_cut("<a><![CDATA[<&>]]>&amp;<!-- no --><?no?>t</a>", "(a'<&>&t')");
    expect_cut("<!DOCTYPE r SYSTEM 'http://nowhere/x.dtd'><r><a/></r>", "(a)");
}

static void test_reading(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(1 << 16);
    const struct xml_node *n;
    struct err e = ERR_INIT;
    assert_int_equal(xml_document(SLICE("<r>\n one <x i='1'> t </x>two<y/><x>u</x>\n</r>"), &arena, &n, &e), 0);
    assert_true(slice_eq_str(xml_text(n, &arena), "one two"));
    assert_true(slice_eq_str(xml_child_text(n, "x", &arena), "t"));
    const struct xml_node *c = xml_child(n, "x");
    assert_true(slice_eq_str(xml_attribute(c, "i"), "1"));
    assert_null(xml_attribute(c, "j").p);
    assert_true(slice_eq_str(xml_text(xml_again(c), &arena), "u"));
    assert_null(xml_again(xml_again(c)));
    assert_true(xml_first(n) == c && slice_eq_str(xml_after(c)->name, "y"));
    assert_null(xml_child(n, "z"));
    assert_null(xml_child_text(NULL, "z", &arena).p);
    arena_done(&arena);
}

static void test_refusals(void **state)
{
    (void)state;
    expect_refused("<r><a>", "not XML, or cut");
    expect_refused("<r><a></r>", "mismatched");
    expect_refused("<r/><r/>", "junk");
    expect_refused("text", "not XML");
    expect_refused("<!DOCTYPE r [<!ENTITY a 'b'>]><r>&a;</r>", "declares a document type");
    expect_refused("<!DOCTYPE r SYSTEM 'x'><r><a>&nbsp;</a></r>", "entity");
    expect_refused("<r><a>&nbsp;</a></r>", "entity");
    char deep[8 * XML_DEPTH_MAX] = "";
    size_t at = 0;
    for (int i = 0; i <= XML_DEPTH_MAX; i++)
        at += (size_t)snprintf(deep + at, sizeof deep - at, "<d>");
    expect_refused(deep, "nest too deep");
}

/* An element that is larger than the arena is given with its attributes; the next one is whole again. */
static void test_too_big(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(1 << 20), out = BUF_INIT(1 << 16);
    struct err e = ERR_INIT;
    buf_add_str(&text, "<r><a id='1'>");
    for (int i = 0; i < 1000; i++)
        buf_add_str(&text, "<x>y</x>");
    buf_add_str(&text, "</a><b><x/></b></r>");
    assert_int_equal(cut(buf_cstr(&text), 8192, &out, &e), 0);
    assert_string_equal(buf_cstr(&out), "(a id=1)CUT(b(x))");
    buf_done(&text);
    buf_done(&out);
}

/* One tag of two megabytes. */
static void test_long_token(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(4 << 20);
    struct arena arena = ARENA_INIT(8 << 20);
    const struct xml_node *n;
    struct err e = ERR_INIT;
    buf_add_str(&text, "<r><a k='");
    for (int i = 0; i < 1 << 21; i++)
        buf_add_byte(&text, 'x');
    buf_add_str(&text, "'/></r>");
    assert_int_equal(xml_document(buf_slice(&text), &arena, &n, &e), -1);
    assert_non_null(strstr(e.text, "a tag or comment of more than"));
    buf_done(&text);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees),   cmocka_unit_test(test_reading),    cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_too_big), cmocka_unit_test(test_long_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
