/* SPDX-License-Identifier: Apache-2.0 */
/* YAML as a tree: what is read, as what, and what is refused. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "io/text/yaml_tree.h"

static void expect(const char *yaml, const char *json)
{
    json_t *root ATTR_CLEANUP(cleanup_json) = NULL;
    struct err e = ERR_INIT;
    if (yaml_tree_read(slice_str(yaml), 65536, 1000, &root, &e))
        fail_msg("%s: %s", yaml, e.text);
    char *text = json_dumps(root, JSON_COMPACT);
    assert_string_equal(text, json);
    free(text);
}

static void expect_refused(struct slice yaml, const char *reason)
{
    json_t *root = NULL;
    struct err e = ERR_INIT;
    assert_int_equal(yaml_tree_read(yaml, 65536, 1000, &root, &e), -1);
    assert_int_equal(e.kind, ERR_POISON);
    assert_null(root);
    if (!strstr(e.text, reason))
        fail_msg("'%s' does not say '%s'", e.text, reason);
}

static void test_values(void **state)
{
    (void)state;
    expect("---\na: 1.10\nb: 2024-02-21\nc: ~\nd:\ne: null\nf: \"null\"\ng: 'x'\nh: yes\n",
           "{\"a\":\"1.10\",\"b\":\"2024-02-21\",\"c\":null,\"d\":null,\"e\":null,\"f\":\"null\",\"g\":\"x\",\"h\":"
           "\"yes\"}");
    expect("- a\n- [b, {c: d}]\n- |\n  two\n  lines\n- >\n  one\n  line\n# comment\n",
           "[\"a\",[\"b\",{\"c\":\"d\"}],\"two\\nlines\\n\",\"one line\\n\"]");
    expect("branches:\n    2.0.x:\n        versions: ['>=2.0.0', '<2.0.19']\n",
           "{\"branches\":{\"2.0.x\":{\"versions\":[\">=2.0.0\",\"<2.0.19\"]}}}");
    expect("{}", "{}");
    expect("\"\": x\nä: \"\\u00fc\\0\"\n", "{\"\":\"x\",\"ä\":\"ü\\u0000\"}");
}

static void test_refused(void **state)
{
    (void)state;
    expect_refused(SLICE("a: &x 1\nb: *x\n"), "aliases");
    expect_refused(SLICE("a: !!int 1\n"), "tags");
    expect_refused(SLICE("!x {a: 1}\n"), "tags");
    expect_refused(SLICE("a: 1\nb: 2\na: 3\n"), "line 3: a key is there twice");
    expect_refused(SLICE("[a]: 1\n"), "a key must be a word");
    expect_refused(SLICE("{a: 1}\n---\n{b: 1}\n"), "more than one document");
    expect_refused(SLICE("just a word"), "neither a map nor a list");
    expect_refused(SLICE("~"), "neither a map nor a list");
    expect_refused(SLICE(""), "neither a map nor a list");
    expect_refused(SLICE("a: [1\n"), "line 2");
    expect_refused(SLICE("a: \"\xff\"\n"), "UTF-8");
    expect_refused(SLICE("a: \"\\xzz\"\n"), "not YAML");
}

static void test_bounds(void **state)
{
    (void)state;
    struct buf b = BUF_INIT((size_t)1 << 20);
    json_t *root = NULL;
    for (int i = 0; i < YAML_DEPTH; i++)
        buf_add_str(&b, "[");
    for (int i = 0; i < YAML_DEPTH; i++)
        buf_add_str(&b, "]");
    assert_int_equal(yaml_tree_read(buf_slice(&b), 65536, 1000, &root, NULL), 0);
    json_decref(root);
    buf_clear(&b);
    for (int i = 0; i < 10000; i++)
        buf_add_str(&b, "[");
    expect_refused(buf_slice(&b), "too many levels");
    buf_clear(&b);
    for (int i = 0; i < 1000; i++)
        buf_add_str(&b, "- x\n");
    expect_refused(buf_slice(&b), "too many values");
    while (b.n <= 65536)
        buf_add_str(&b, "# more\n");
    expect_refused(buf_slice(&b), "at most 65536");
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
