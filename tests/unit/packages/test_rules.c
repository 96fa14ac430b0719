/* SPDX-License-Identifier: Apache-2.0 */
/* The interpreter of the formats' rules: every form of rule, what it wants of a layer and what a path index says of it. */
#include "packages/path_index.h"
#include "packages/reducer.h"
#include "packages/rules.h"

#include <setjmp.h>
#include <cmocka.h>

#include "unit/cases.h"

static const struct reducer reducer = {.state_size = 1};
static void read_it(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    (void)p, (void)bytes, (void)file;
}

static const struct package_rule first_rules[] = {
    {.path = "etc/one", .max = 1, .kind = "exact"},
    {.path = "root", .max = 1, .kind = "in the root"},
    {.path = "a/folder/*.d", .max = 1, .kind = "ending"},
    {.path = "a/folder/Pre-*-post.x", .max = 1, .kind = "shape"},
    {.path = "a/folder/*", .max = 1, .kind = "every file"},
    {.path = "b/*/*/name", .max = 1, .kind = "stars"},
    {.path = "b/*/kept/*.n", .max = 1, .kind = "stars and an ending"},
    {.path = "store/*", .names = true, .kind = "names", .parse = read_it},
    {.path = NULL},
};
static const char *const not_below[] = {"other/place", NULL};
static const struct package_rule second_rules[] = {
    {.path = "etc/one", .max = 1, .kind = "never"},
    {.path = "**/*.dist-info/METADATA", .max = 1, .kind = "last parts"},
    {.path = "**/node_modules/*/package.json", .max = 1, .kind = "named parts"},
    {.path = "**/*.jar", .reducer = &reducer, .kind = "extension"},
    {.path = "**/.spdx-*", .max = 1, .kind = "start"},
    {.path = "c/reduced/*.y", .reducer = &reducer, .kind = "reduced"},
    {.magic = "\177ELF", .reducer = &reducer, .kind = "elf"},
    {.magic = "MZ", .reducer = &reducer, .kind = "pe"},
    {.magic = "\177EL", .reducer = &reducer, .kind = "like elf"},
    {.path = NULL},
};
static const struct package_format first = {.name = "first", .rules = first_rules},
                                   second = {.name = "second", .rules = second_rules, .not_below = not_below};
static const struct package_format *const formats[] = {&first, &second, NULL};

static const char *kind_of(const struct wanted *w)
{
    return w ? w->rule->kind : "none";
}

static const struct {
    const char *path, *kind;
} cases[] = {
    {"etc/one", "exact"},
    {"etc/one/more", "none"},
    {"xetc/one", "none"},
    {"tc/one", "none"},
    {"root", "in the root"},
    {"a/root", "none"},
    {"a/folder/x.d", "ending"},
    {"a/folder/.d", "every file"},
    {"a/folder/Pre-1-post.x", "shape"},
    {"a/folder/Pre--post.x", "every file"},
    {"a/folder/deep/x.d", "none"},
    {"a/folder", "none"},
    {"b/1/2/name", "stars"},
    {"b/1/name", "none"},
    {"b/1/2/3/name", "none"},
    {"b/1/kept/x.n", "stars and an ending"},
    {"b/1/lost/x.n", "none"},
    {"store/x", "none"},
    {"opt/lib/PyYAML-6.0.dist-info/METADATA", "last parts"},
    {"PyYAML-6.0.dist-info/METADATA", "last parts"},
    {"other/place/x.dist-info/METADATA", "none"},
    {"other/places/x.dist-info/METADATA", "last parts"},
    {"x.dist-info/sub/METADATA", "none"},
    {"METADATA", "none"},
    {"app/node_modules/left-pad/package.json", "named parts"},
    {"node_modules/left-pad/package.json", "named parts"},
    {"left-pad/package.json", "none"},
    {"app/a.b.jar", "extension"},
    {"a.jar", "extension"},
    {".jar", "none"},
    {"a/folder/x.jar", "every file"},
    {"opt/.spdx-redis", "start"},
    {"opt/.spdx-", "none"},
    {"c/reduced/x.y", "reduced"},
    {"", "none"},
};

static void test_paths(void **state)
{
    (void)state;
    struct rules *r = xmalloc(sizeof *r);
    rules_init(r, formats);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        /* A copy with nothing around it, so that reading beyond it is seen. */
        uint8_t *copy = xmemdup(cases[i].path, strlen(cases[i].path));
        const char *kind = kind_of(rules_of_file(r, slice_of(copy, strlen(cases[i].path))));
        if (strcmp(kind, cases[i].kind) != 0)
            fail_msg("%s: %s and not %s", cases[i].path, kind, cases[i].kind);
        free(copy);
    }
    free(r);
}

static void test_names(void **state)
{
    (void)state;
    struct rules *r = xmalloc(sizeof *r);
    struct slice name;
    rules_init(r, formats);
    assert_string_equal(kind_of(rules_of_entry(r, SLICE("store/x"))), "names");
    assert_string_equal(kind_of(rules_of_entry(r, SLICE("etc/one"))), "exact");
    assert_string_equal(kind_of(rules_of_name(r, SLICE("store/x/bin/sh"), &name)), "names");
    assert_true(slice_eq_str(name, "store/x"));
    assert_null(rules_of_name(r, SLICE("store"), &name));
    assert_null(rules_of_name(r, SLICE("storex/y"), &name));
    free(r);
}

static void test_content(void **state)
{
    (void)state;
    struct rules *r = xmalloc(sizeof *r);
    rules_init(r, formats);
    assert_int_equal(r->magic_n, 4);
    assert_string_equal(kind_of(rules_of_content(r, SLICE("bin/x"), SLICE("\177ELF"), NULL)), "elf");
    assert_string_equal(kind_of(rules_of_content(r, SLICE("bin/x"), SLICE("MZ\220\0"), NULL)), "pe");
    assert_string_equal(kind_of(rules_of_content(r, SLICE("bin/x"), SLICE("MZ"), NULL)), "pe");
    const struct wanted *elf = rules_of_content(r, SLICE("bin/x"), SLICE("\177ELF"), NULL),
                        *like = rules_of_content(r, SLICE("bin/x"), SLICE("\177ELF"), elf);
    assert_string_equal(kind_of(like), "like elf");
    assert_null(rules_of_content(r, SLICE("bin/x"), SLICE("\177ELF"), like));
    assert_ptr_equal(rules_of_content(r, SLICE("bin/x"), SLICE("\177EL"), NULL), like);
    assert_null(rules_of_content(r, SLICE("bin/x"), SLICE("\177E"), NULL));
    assert_null(rules_of_content(r, SLICE("bin/x"), SLICE("M"), NULL));
    assert_null(rules_of_content(r, SLICE("bin/x"), SLICE_NONE, NULL));
    assert_null(rules_of_content(r, SLICE("other/place/x"), SLICE("\177ELF"), NULL));
    free(r);
}

/* What is no folder there hides what is kept of lower layers. */
static void test_above(void **state)
{
    (void)state;
    static const char *const above[] = {"etc", "a", "a/folder", "b", "b/1", "b/1/2", "b/1/kept", "store"},
                             *const other[] = {"",  "et",        "root",    "b/1/2/name",
                                               "c", "c/reduced", "store/x", "node_modules"};
    struct rules *r = xmalloc(sizeof *r);
    rules_init(r, formats);
    for (size_t i = 0; i < ARRAY_LEN(above); i++)
        if (!rules_above(r, slice_str(above[i])))
            fail_msg("%s", above[i]);
    for (size_t i = 0; i < ARRAY_LEN(other); i++)
        if (rules_above(r, slice_str(other[i])))
            fail_msg("%s", other[i]);
    free(r);
}

/* ---- the path index ---- */

/* The index of a layer with one file, of this version of the format. */
static struct slice index_of(const char *path, const char *content, uint8_t version, uint8_t *to)
{
    struct path_index *x = xmalloc(sizeof *x);
    path_index_init(x);
    if (path)
        path_index_add(x, slice_str(path));
    path_index_add_magic(x, slice_str(content));
    struct slice index = slice_of(to, path_index_finish(x, to));
    to[0] = version;
    free(x);
    return index;
}

static bool rule_may_hold(const struct package_rule *rule, struct slice index)
{
    const struct package_rule one[] = {*rule, {.path = NULL}};
    return rules_may_hold(&(struct package_format){.name = "one", .rules = one}, index);
}

/* A rule never misses a layer with a file that it wants, and most often says no to one without. */
static void test_index(void **state)
{
    (void)state;
    uint8_t *bytes = xmalloc(PATH_INDEX_MAX);
    size_t asked = 0, wrong = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct slice index = index_of(*cases[i].path ? cases[i].path : NULL, "text", 2, bytes);
        for (int f = 0; formats[f]; f++)
            for (const struct package_rule *rule = formats[f]->rules; rule->path || rule->magic; rule++) {
                struct rules *alone = xmalloc(sizeof *alone);
                const struct package_rule one[] = {*rule, {.path = NULL}};
                const struct package_format format = {.name = "one", .rules = one};
                rules_init(alone, (const struct package_format *const[]){&format, NULL});
                bool wants = rules_of_entry(alone, slice_str(cases[i].path)) != NULL;
                bool may = rules_may_hold(&format, index);
                if (wants && !may)
                    fail_msg("%s wants %s", rule->path, cases[i].path);
                asked += !wants;
                wrong += may && !wants;
                free(alone);
            }
    }
    /* A few of these paths are made to look alike, and a filter of 64 bytes has few bits. */
    if (wrong * 10 > asked)
        fail_msg("%zu of %zu", wrong, asked);
    free(bytes);
}

static void test_index_of_each_kind(void **state)
{
    (void)state;
    static const struct {
        struct package_rule rule;
        const char *path, *content;
        bool want, before; /* before: by an index of version 1 */
    } asked[] = {
        {{.path = "var/lib/dpkg/status"}, "var/lib/dpkg/status", "", true, true},
        {{.path = "var/lib/dpkg/status"}, "var/lib/dpkg/status-old", "", false, false},
        {{.path = "var/lib/dpkg/status.d/*"}, "var/lib/dpkg/status.d/tz", "", true, true},
        {{.path = "var/lib/dpkg/status.d/*"}, "var/lib/dpkg/status", "", false, true},
        {{.path = "var/lib/dpkg/info/*.list"}, "var/lib/dpkg/info/a.list", "", true, true},
        {{.path = "var/lib/dpkg/info/*.list"}, "etc/apt/a.list", "", false, true},
        {{.path = "var/lib/dpkg/info/*.list"}, "var/lib/dpkg/info/a.md5sums", "", false, false},
        {{.path = "var/lib/pacman/local/*/desc"}, "var/lib/pacman/local/zlib-1-1/desc", "", true, true},
        {{.path = "var/lib/pacman/local/*/desc"}, "usr/share/doc/desc", "", false, true},
        {{.path = "var/lib/pacman/local/*/desc"}, "var/lib/pacman/local/zlib-1-1/files", "", false, false},
        {{.path = "var/db/pkg/*/*/PF"}, "var/db/pkg/sys-libs/zlib-1/PF", "", true, true},
        {{.path = "var/db/pkg/*/*/PF"}, "PF", "", false, true},
        {{.path = "nix/store/*", .names = true}, "nix/store/x/bin/sh", "", true, true},
        {{.path = "nix/store/*", .names = true}, "nix/var/x", "", false, true},
        {{.path = "**/*.dist-info/METADATA"}, "opt/a.dist-info/METADATA", "", true, true},
        {{.path = "**/*.dist-info/METADATA"}, "opt/METADATA", "", false, true},
        {{.path = "**/*.jar"}, "opt/a.jar", "", true, true},
        {{.path = "**/*.jar"}, "opt/a.war", "", false, false},
        {{.path = "**/opt/bitnami/*/.spdx-*"}, "opt/bitnami/redis/.spdx-redis", "", true, true},
        {{.path = "**/opt/bitnami/*/.spdx-*"}, "opt/redis/.spdx-redis", "", false, true},
        {{.magic = "\177ELF"}, "bin/x", "\177ELF\2\1", true, true},
        {{.magic = "\177ELF"}, "bin/x", "#!/bin/sh", false, true},
        {{.magic = "\177ELF"}, "bin/x", "\177EL", false, true},
        {{.magic = "MZ"}, "bin/x.exe", "MZ\220", true, true},
        {{.magic = "MZ"}, "bin/x.exe", "M", false, true},
    };
    uint8_t *bytes = xmalloc(PATH_INDEX_MAX);
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        const struct package_rule *rule = &asked[i].rule;
        struct slice index = index_of(asked[i].path, asked[i].content, 2, bytes);
        if (rule_may_hold(rule, index) != asked[i].want)
            fail_msg("%s%s: %s", rule->path ? rule->path : "", rule->magic ? rule->magic : "", asked[i].path);
        index = index_of(asked[i].path, asked[i].content, 1, bytes);
        if (rule_may_hold(rule, index) != asked[i].before)
            fail_msg("before, %s%s: %s", rule->path ? rule->path : "", rule->magic ? rule->magic : "", asked[i].path);
        assert_true(rule_may_hold(rule, SLICE_NONE));
        bytes[0] = 3; /* of a version that is not known */
        assert_true(rule_may_hold(rule, index));
        assert_false(rule_may_hold(rule, index_of(NULL, "", 2, bytes)));
    }
    free(bytes);
}

/* A receipt of a format's version asks nothing; an older one, or one without it, asks its rules. */
static void test_grew(void **state)
{
    (void)state;
    static const struct package_rule rules[] = {{.path = "etc/one"}, {.path = NULL}};
    static const struct package_format format = {.name = "one", .keeps_version = 2, .rules = rules};
    const struct package_format *const list[] = {&format, NULL};
    uint8_t *bytes = xmalloc(PATH_INDEX_MAX);
    struct collector_ref ran[] = {{SLICE("other"), 9}, {SLICE("one"), 2}};
    struct pull receipt = {.collectors = {.v = ran, .n = 2}, .path_index = index_of("etc/one", "", 2, bytes)};
    assert_false(formats_grew(list, &receipt));
    ran[1].version = 3;
    assert_false(formats_grew(list, &receipt));
    ran[1].version = 1;
    assert_true(formats_grew(list, &receipt));
    receipt.collectors.n = 1;
    assert_true(formats_grew(list, &receipt));
    receipt.path_index = index_of("etc/two", "", 2, bytes);
    assert_false(formats_grew(list, &receipt));
    receipt.path_index = SLICE_NONE;
    assert_true(formats_grew(list, &receipt));
    free(bytes);
}

/* ---- the formats of this build ---- */

/* A path that the pattern fits. */
static void example_of(const char *pattern, char *to)
{
    pattern += strncmp(pattern, "**/", 3) == 0 ? 3 : 0;
    for (; *pattern; pattern++) {
        if (*pattern == '*') {
            memcpy(to, "any", 3);
            to += 3;
        } else {
            *to++ = *pattern;
        }
    }
    *to = '\0';
}

static void test_own_formats(void **state)
{
    (void)state;
    const struct rules *all = rules_all();
    for (size_t i = 0; i < all->n; i++) {
        const struct wanted *w = &all->v[i];
        char path[256];
        struct slice name;
        assert_true(w->format->keeps_version > 0 && w->format->reads_version > 0);
        assert_ptr_equal(format_by_name(slice_str(w->format->name)), w->format);
        assert_int_equal(w->rule->parser != NULL, w->rule->parse != NULL);
        if (w->rule->magic)
            continue;
        example_of(w->rule->path, path);
        const struct wanted *found =
            w->rule->names ? rules_of_name(all, slice_str(path), &name) : rules_of_file(all, slice_str(path));
        /* What a format reads is told as unread no more. */
        if (found != w && !(found && w->format->tells == TELLS_SOFTWARE && found->format->tells != TELLS_SOFTWARE))
            fail_msg("%s: %s has it by %s", path, found ? found->format->name : "nobody",
                     found ? found->rule->path : "");
    }
    assert_null(format_by_name(SLICE("dpk")));
    assert_null(format_by_name(SLICE_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths), cmocka_unit_test(test_names),       cmocka_unit_test(test_content),
        cmocka_unit_test(test_above), cmocka_unit_test(test_index),       cmocka_unit_test(test_index_of_each_kind),
        cmocka_unit_test(test_grew),  cmocka_unit_test(test_own_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
