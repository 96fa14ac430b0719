/* SPDX-License-Identifier: Apache-2.0 */
/* What is published about packages and runtimes in forms of its own: RubySec, FriendsOfPHP, Node.js; and sets of
 * versions, which they leave. */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "feeds/formats/languages/intervals.h"
#include "unit/feeds_support.h"

static const struct feed gems = {.name = "rubysec", .ecosystem = "RubyGems", .parse = format_rubysec},
                         rubies = {.name = "rubysec-rubies", .ecosystem = "Generic", .parse = format_rubysec},
                         php = {.name = "friendsofphp", .ecosystem = "Packagist", .parse = format_friendsofphp},
                         node = {.name = "nodejs", .ecosystem = "Generic", .parse = format_nodejs_core};

static void expect(const struct feed *f, const struct test_file *files, size_t n, const char *expected)
{
    struct buf tar = BUF_INIT((size_t)4 << 20);
    struct told t;
    test_tar_bytes(files, n, archive_write_add_filter_gzip, &tar);
    if (told_parse(&t, f, buf_slice(&tar)))
        fail_msg("%s", t.err.text);
    assert_string_equal(buf_cstr(&t.text), expected);
    told_done(&t);
    buf_done(&tar);
}

/* One document, of which only the advisory's versions are looked at; expected NULL: it is refused for that reason. */
static void expect_versions(const struct feed *f, const char *name, const char *text, const char *expected)
{
    const struct test_file file = {name, text};
    struct buf tar = BUF_INIT((size_t)4 << 20);
    struct told t;
    test_tar_bytes(&file, 1, NULL, &tar);
    bool refused = told_parse(&t, f, buf_slice(&tar));
    const char *got = refused ? t.err.text : strstr(buf_cstr(&t.text), " affected");
    if (!got)
        got = "(no advisory)";
    if (!strstr(got, expected))
        fail_msg("%s\n'%s' does not say '%s'", text, got, expected);
    told_done(&t);
    buf_done(&tar);
}

/* ---- RubySec ---- */

static const struct test_file ruby_files[] = {
    {"db-master/gems/rack/CVE-2024-25126.yml",
     "---\ngem: rack\ncve: 2024-25126\nghsa: 22f2-v57c-j9cx\nosvdb: 116010\nurl: https://example.org/a\ntitle: T\n"
     "date: 2024-02-21\ndescription: |\n  Long.\ncvss_v2: 9.5\ncvss_v3: 5.3\nunaffected_versions:\n  - \"< 0.4\"\n"
     "patched_versions:\n  - \"~> 2.2.8, >= 2.2.8.1\"\n  - \">= 3.0.9.1\"\nrelated:\n  cve:\n    - 2020-1111\n"
     "  url:\n    - https://example.org/b\n"},
    {"db-master/gems/Old/OSVDB-1.yml", "gem: Old\nosvdb: 1\ntitle: never mended\ndate: 2001-01-01\n"},
    {"db-master/gems/Old/GHSA-a-b-c.yml", "gem: Old\nghsa: a-b-c\npatched_versions: [\">= 2\"]\n"},
    {"db-master/rubies/jruby/CVE-2010-1330.yml",
     "engine: jruby\ncve: 2010-1330\ncvss_v2: 4.3\npatched_versions:\n- \"~> 1.3.2\"\n- \">= 1.4.1\"\n"},
    {"db-master/.rubocop.yml", "AllCops: [!x y]\n"},
    {"db-master/spec/schemas/gem.yml", "type: map\n"},
};

static void test_rubysec(void **state)
{
    (void)state;
    expect(&gems, ruby_files, ARRAY_LEN(ruby_files),
           "A RubyGems|rack|RUBYSEC/CVE-2024-25126 affected [0.4,2.2.8.1) [2.3.a,3.0.9.1) cves=CVE-2024-25126 "
           "aliases=GHSA-22f2-v57c-j9cx,OSVDB-116010 severity=medium\n"
           "V CVE-2024-25126 aliases=GHSA-22f2-v57c-j9cx,OSVDB-116010 summary=T "
           "references=https://example.org/a,https://example.org/b\n"
           "A RubyGems|Old|RUBYSEC/OSVDB-1 affected [0,) aliases=OSVDB-1\n"
           "V RUBYSEC/OSVDB-1 aliases=OSVDB-1 summary=never mended\n"
           "A RubyGems|Old|RUBYSEC/GHSA-a-b-c affected [0,2) aliases=GHSA-a-b-c\n"
           "V RUBYSEC/GHSA-a-b-c aliases=GHSA-a-b-c\n");
    expect(&rubies, ruby_files, ARRAY_LEN(ruby_files),
           "A Generic|jruby|RUBYSEC/CVE-2010-1330 affected [0,1.3.2) [1.4,1.4.1) cves=CVE-2010-1330 severity=medium\n"
           "V CVE-2010-1330\n");
}

#define GEM(lists) "gem: g\ncve: 2024-0001\n" lists

static void test_requirements(void **state)
{
    (void)state;
    static const struct {
        const char *lists, *expected;
    } cases[] = {
        {"patched_versions: ['~> 1.5.3', '~> 1.6.1', '>= 1.7']", "[0,1.5.3) [1.6.a,1.6.1) [1.7.a,1.7)"},
        {"patched_versions: ['~> 2']", "[0,2) [3.a,)"},
        {"patched_versions: ['~> 2.3.0.rc1']", "[0,2.3.0.rc1) [2.4.a,)"},
        {"patched_versions: ['> 3.0.4']", "[0,<=3.0.4) "},
        {"patched_versions: ['= 1.6.0', '>= 1.6.3']", "[0,1.6.0) [1.6.0.0.1.a,1.6.3)"},
        {"patched_versions: ['>= 2.12.5, < 3.0.0', '>= 3.1']", "[0,2.12.5) [3.0.0,3.1)"},
        {"unaffected_versions: ['<= 0.11.0']", "[0.11.0.0.1.a,)"},
        {"unaffected_versions: ['> 4.2.2', '< 4']", "[4,<=4.2.2)"},
        {"patched_versions: ['1.2']", "[0,1.2) [1.2.0.1.a,)"},
        {"patched_versions: ['>= 0']", "(no advisory)"},
        {"patched_versions: ['!= 1']", "an operator that is none of"},
        {"patched_versions: ['^ 1']", "none of RubyGems'"},
        {"patched_versions: ['>= soon']", "no version"},
        {"patched_versions: '>= 1'", "no list"},
        {"patched_versions: [[1]]", "no text"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *text ATTR_CLEANUP(cleanup_free) = xasprintf(GEM("%s\n"), cases[i].lists);
        expect_versions(&gems, "gems/g/a.yml", text, cases[i].expected);
    }
    expect_versions(&gems, "gems/g/a.yml", "cve: 2024-0001\n", "no gem or engine");
    expect_versions(&gems, "gems/g/a.yml", "- gem\n", "no gem or engine");
    expect_versions(&gems, "gems/g/a.yml", "a: [", "not YAML");
}

/* ---- FriendsOfPHP ---- */

static void test_friendsofphp(void **state)
{
    (void)state;
    static const struct test_file files[] = {
        {"x-master/symfony/http-foundation/CVE-2012-6431.yaml",
         "title:     T\nlink:      https://example.org/l\ncve:       CVE-2012-6431\nbranches:\n"
         "    2.0.x:\n        time:     2012-11-27 22:21:23\n        versions: ['>=2.0.0', '<2.0.19']\n"
         "    2.1.x:\n        time:     ~\n        versions: ['>2.1.3', '<2.2']\n"
         "    2.2.x:\n        versions: ['>=2.2', '<=2.2.4']\n"
         "reference: composer://Symfony/http-foundation\n"},
        {"x-master/a/b/2015-08-06.yaml",
         "title: no id\ncve: ~\nbranches:\n    all:\n        versions: ['<1.0.0-beta1']\nreference: composer://a/b\n"},
        {"x-master/.github/workflows/php.yaml", "on: push\n"},
    };
    expect(&php, files, ARRAY_LEN(files),
           "A Packagist|symfony/http-foundation|FOP/symfony/http-foundation/CVE-2012-6431 affected [2.0.0,2.0.19) "
           "[2.1.3-p1,<=2.2.4) cves=CVE-2012-6431\n"
           "V CVE-2012-6431 summary=T references=https://example.org/l\n"
           "A Packagist|a/b|FOP/a/b/2015-08-06 affected [0,1.0.0-beta1)\n"
           "V FOP/a/b/2015-08-06 summary=no id\n");
    expect_versions(&php, "a/b/c.yaml", "branches: {x: {versions: ['~1']}}\nreference: composer://a/b\n",
                    "an operator that is none of");
    expect_versions(&php, "a/b/c.yaml", "branches: {x: {versions: []}}\nreference: composer://a/b\n",
                    "a branch without versions");
    expect_versions(&php, "a/b/c.yaml", "branches: {}\nreference: pear://a/b\n", "no package of Composer's");
}

/* ---- Node.js ---- */

static void test_nodejs(void **state)
{
    (void)state;
    static const struct test_file files[] = {
        {"security-wg-main/vuln/core/161.json",
         "{\"cve\":[\"CVE-2026-0001\"],\"vulnerable\":\"20.x || 22.x || 24.x\",\"patched\":\"^20.20.0 || ^22.22.0\","
         "\"ref\":\"https://example.org/"
         "r\",\"description\":\"D\",\"overview\":\"O\",\"affectedEnvironments\":[\"all\"],"
         "\"severity\":\"medium\"}"},
        {"security-wg-main/vuln/core/162.json",
         "{\"cve\":[\"CVE-2026-0002\",\"CVE-2026-0003\"],\"vulnerable\":\"8.x\",\"patched\":\"^8.1.2\","
         "\"overview\":\"O\",\"affectedEnvironments\":[\"win32\"],\"publish_date\":\"2026-01-02\"}"},
        {"security-wg-main/vuln/core/index.json", "{\"161\":{}}"},
        {"security-wg-main/vuln/npm/1.json", "{\"id\":1}"},
    };
    expect(&node, files, ARRAY_LEN(files),
           "A Generic|node|NSWG/161 affected [20.0.0,20.20.0) [22.0.0,22.22.0) [24.0.0,<=24.99999999.99999999) "
           "cves=CVE-2026-0001 severity=medium\n"
           "V CVE-2026-0001 summary=D references=https://example.org/r\n"
           "A Generic|node|NSWG/162 affected [8.0.0,8.1.2) cves=CVE-2026-0002,CVE-2026-0003 systems=windows\n"
           "V NSWG/162 aliases=CVE-2026-0002,CVE-2026-0003 summary=O\n");
    static const char *const cases[][3] = {
        {"<= 10", "^6.14.4 || ^8.11.4 || >= 10.9.0", "[0,6.14.4) [7.0.0,8.11.4) [9.0.0,10.9.0)"},
        {">=6.0.0 <6.2.0 || 5.x || 4.x", "^4.4.6 || ^5.12.0", "[4.0.0,4.4.6) [5.0.0,5.12.0) [6.0.0,6.2.0)"},
        {" 5.x || 4.x ", "^5.10.0 || 4.4.2", "[4.0.0,4.4.2) [5.0.0,5.10.0)"},
        {"0.10.x || 0.12.x", "^0.10.48 || ~0.12.17", "[0.10.0,0.10.48) [0.12.0,0.12.17)"},
        {"^4.8.2", "^4.8.5", "[4.8.2,4.8.5)"},
        {"8.5.0", "^8.6.0", "[8.5.0,<=8.5.0)"},
        {"9.7.x", "~9.7.2", "[9.7.0,9.7.2)"},
        {"> 1.2.3", "", "[1.2.3.1,)"},
        {"4.x", "^3", "[4.0.0,<=4.99999999.99999999)"},
        {"4.x", ">= 4.0.0", "(no advisory)"},
        {"4.x || ", "", "without versions"},
        {"", "4.x", "(no advisory)"},
        {"latest", "", "none of Node.js'"},
        {"1.2.3.4", "", "none of Node.js'"},
        {"x.1", "", "none of Node.js'"},
        {">=", "", "without a version"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *text ATTR_CLEANUP(cleanup_free) = xasprintf(
            "{\"cve\":[\"CVE-2026-0001\"],\"vulnerable\":\"%s\",\"patched\":\"%s\"}", cases[i][0], cases[i][1]);
        expect_versions(&node, "vuln/core/1.json", text, cases[i][2]);
    }
}

/* ---- sets of versions ---- */

static unsigned drawn = 1;

static unsigned draw(unsigned n)
{
    drawn = drawn * 1103515245u + 12345u;
    return (drawn >> 16) % n;
}

static struct slice number(struct arena *arena, unsigned n)
{
    return arena_printf(arena, "%u", n);
}

/* An interval of small numbers by two conditions; *held has a bit for each that holds both, in halves: 2n is n. */
static struct interval draw_interval(struct arena *arena, uint64_t *held)
{
    static const char *const operators[] = {"<", "<=", "=", ">=", ">"};
    struct interval x = {{SLICE_NONE, false}, {SLICE_NONE, false}};
    *held = UINT64_MAX;
    for (unsigned k = draw(3); k > 0; k--) {
        unsigned op = draw(ARRAY_LEN(operators)), n = draw(30);
        assert_null(interval_narrow(VERSION_GENERIC, &x, slice_str(operators[op]), number(arena, n)));
        for (unsigned half = 0; half < 64; half++) {
            bool holds = op == 0   ? half < 2 * n
                         : op == 1 ? half <= 2 * n
                         : op == 2 ? half == 2 * n
                         : op == 3 ? half >= 2 * n
                                   : half > 2 * n;
            if (!holds)
                *held &= ~(UINT64_C(1) << half);
        }
    }
    return x;
}

static struct slice next_half(struct slice version, struct arena *arena)
{
    return arena_printf(arena, "%.*s.5", SLICE_FMT(version));
}

/* Whether the ranges hold a number of halves. */
static bool in_ranges(const struct advisory *a, unsigned half)
{
    for (size_t i = 0; i < a->ranges.n; i++) {
        double from = 0, to = 1e9, last = 1e9;
        const struct version_range *r = &a->ranges.v[i];
        assert_true(slice_parse_double(r->introduced, &from));
        assert_true(!r->fixed.n || slice_parse_double(r->fixed, &to));
        assert_true(!r->last_affected.n || slice_parse_double(r->last_affected, &last));
        if (half / 2.0 >= from && half / 2.0 < to && half / 2.0 <= last)
            return true;
    }
    return false;
}

static void test_intervals(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT((size_t)1 << 20);
    for (int round = 0; round < 3000; round++) {
        interval_vec set = {0};
        struct advisory a = {0};
        uint64_t held = 0, one;
        arena_reset(&arena);
        for (unsigned k = 1 + draw(3); k > 0; k--) {
            struct interval x = draw_interval(&arena, &one);
            assert_true(intervals_add(&arena, VERSION_GENERIC, &set, &x));
            held |= one;
        }
        for (unsigned k = draw(4); k > 0; k--) {
            struct interval x = draw_interval(&arena, &one);
            assert_true(intervals_subtract(&arena, VERSION_GENERIC, &set, &x));
            held &= ~one;
        }
        assert_true(intervals_tell(&arena, VERSION_GENERIC, &set, next_half, &a));
        for (unsigned half = 0; half < 64; half++)
            if (in_ranges(&a, half) != (held >> half & 1))
                fail_msg("round %d: %u halves are %sheld", round, half, held >> half & 1 ? "" : "not ");
        /* Those that meet are one. */
        for (size_t i = 1; i < a.ranges.n; i++)
            assert_false(slice_eq(a.ranges.v[i - 1].fixed, a.ranges.v[i].introduced));
    }
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rubysec), cmocka_unit_test(test_requirements), cmocka_unit_test(test_friendsofphp),
        cmocka_unit_test(test_nodejs),  cmocka_unit_test(test_intervals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
