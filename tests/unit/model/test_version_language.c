/* SPDX-License-Identifier: Apache-2.0 */
/* Orders of languages' versions: vectors, what the ecosystems' own tools said, whether they are orders, and bounds. */
#include "model/version/version.h"

#include "model/version/version_bound.h"

#include <setjmp.h>
#include <cmocka.h>

#include "unit/cases.h"
#include "unit/version_order.h"

/* A row for each kind: a new one can't go without. */
static const struct {
    const char *vectors;
    const char *oracle; /* the file of recorded answers; NULL: there is no tool to ask */
    const char *bits;   /* what versions are put together from, parted by blanks */
} rows[VERSION_KIND_MAX] = {
    [VERSION_PYPI] = {"pypi", "pypi", ". . .0 0 1 10 01 a1 .b2 rc -1 .post1 .dev2 dev + cpu ab_2 c1 rev r3 ! .1 -"},
    [VERSION_NPM] = {"npm", "npm", ". .0 .1 .10 -alpha -0 -1 -1a .a .b +x beta - -- .2 .01 A"},
    [VERSION_MAVEN] = {"maven", "maven",
                       ". - .0 -0 .1 -1 .10 -alpha a1 b m2 rc .rc -rc. .Final -ga .sp -sp sp1 -SNAPSHOT x .y _ 01 -- "
                       ".. .ga.1"},
    [VERSION_GOLANG] = {"semver", "golang", ". .0 .1 .10 -rc.1 -0 -0.20240101-abc +incompatible -a .a .2 - x"},
    [VERSION_CARGO] = {"semver", "cargo", ". .0 .1 .10 -rc.1 -0 -1 -a .a .2 - x +b"},
    [VERSION_NUGET] = {"nuget", NULL, ". .0 .1 .10 .01 -beta -BETA -Beta.2 .10 -x .X - +a"},
    [VERSION_COMPOSER] = {"composer", "composer",
                          ". .0 .1 .10 -beta1 RC2 .alpha -dev -p1 pl2 patch @dev +b .x-dev stable b .1-dev 2024 -01 "
                          "9999999"},
    [VERSION_GEM] = {"gem", "gem", ". .0 .1 .10 .a .rc1 -1 - a b .0.a 01 .A .pre -x-y"},
    [VERSION_HEX] = {"semver", "hex", ". .0 .1 .10 -rc.0 -0 -1 -a .a .2 - x +b"},
    [VERSION_OTP] = {"semver", NULL, ". .0 .1 .10 -rc1 -rc2 .2 - x"},
    [VERSION_PUB] = {"pub", NULL, ". .0 .1 .10 -dev -0 .2 +1 +2 +a .a -x"},
    [VERSION_SWIFT] = {"semver", NULL, ". .0 .1 .10 -rc.0 -0 -1 -a .a +b"},
    [VERSION_CONAN] = {"conan", "conan", ". .0 .1 .10 .01 a w 1a 10a -pre -1 + +1 .cci .a .0a _"},
    [VERSION_CPAN] = {"cpan", "cpan", ". .0 .1 .10 .01 0 1 00 _01 _1 -TRIAL .100 001"},
    [VERSION_CRAN] = {"cran", "cran", ". - .0 -0 .1 -1 .10 01"},
    [VERSION_LUAROCKS] = {"luarocks", "luarocks", ". - _ .0 .1 .10 -1 -2 rc1 beta alpha .pre scm -dev cvs a b1 01 ab"},
    [VERSION_HACKAGE] = {"hackage", NULL, ". .0 .1 .10 01 .00"},
    [VERSION_JULIA] = {"julia", NULL, ". .0 .1 .10 -dev -0 .2 +1 +2 +a .a"},
    [VERSION_BITNAMI] = {"bitnami", "bitnami", ". .0 .1 .10 -1 -2 -10 -rc1 -beta.2 .3 +b -a"},
    [VERSION_JVM] = {"jvm", "jvm", ". .0 .1 .8 u392 _392 -b08 +9 -ea -LTS +10 -beta .10 -1 :update5"},
    [VERSION_PHP] = {"php", "php", ". - _ + .0 .1 .10 a beta RC rc Rc dev pl p x foo 01"},
    [VERSION_GENERIC] = {"generic", NULL, ". - .0 .1 -1 a1 b rc .pre dev -dev k p1 LTS x _ 01"},
};

static void test_vectors(void **state)
{
    (void)state;
    for (int k = VERSION_PYPI; k < VERSION_KIND_MAX; k++) {
        char file[64];
        assert_non_null(rows[k].vectors);
        snprintf(file, sizeof file, "language/%s.txt", rows[k].vectors);
        assert_true(run_vectors(file, (enum version_kind)k) >= 8);
    }
}

/* A thousand pairs of each tool; where they differ and why is tests/truth/orders/known.py. */
static void test_recorded_answers(void **state)
{
    (void)state;
    for (int k = VERSION_PYPI; k < VERSION_KIND_MAX; k++) {
        if (!rows[k].oracle)
            continue;
        char *path ATTR_CLEANUP(cleanup_free) = xasprintf(TEST_DATA "/version/oracles/%s.tsv", rows[k].oracle);
        FILE *f ATTR_CLEANUP(cleanup_fclose) = fopen(path, "r");
        assert_non_null(f);
        char text[512];
        int pairs = 0;
        while (fgets(text, sizeof text, f)) {
            struct slice line = slice_trim(slice_str(text)), a, answer, b;
            if (line.p[0] == '#')
                continue;
            pairs++;
            assert_true(slice_take_token(&line, '\t', &a) && slice_take_token(&line, '\t', &answer));
            b = line;
            if (!slice_eq_str(answer, "!"))
                expect_order(rows[k].oracle, (enum version_kind)k, a, answer, b);
            else if (version_valid((enum version_kind)k, a, NULL) && version_valid((enum version_kind)k, b, NULL))
                fail_msg("%s: %.*s and %.*s: one is none", rows[k].oracle, SLICE_FMT(a), SLICE_FMT(b));
        }
        assert_int_equal(pairs, 1000);
    }
}

/* A valid version of kind k. */
static void make(enum version_kind k, char *to)
{
    const char *bits[40];
    char copy[200], *rest = copy;
    size_t n = 0;
    snprintf(copy, sizeof copy, "%s", rows[k].bits);
    for (char *bit; (bit = strsep(&rest, " ")) && n < ARRAY_LEN(bits);)
        bits[n++] = bit;
    do {
        to[0] = 0;
        add(to, TEXT_ROOM, draw(3) ? "1" : draw(2) ? "0" : "2024");
        for (uint32_t i = draw(6); i; i--)
            add(to, TEXT_ROOM, bits[draw(n)]);
    } while (!version_valid(k, slice_str(to), NULL));
}

static void test_order_is_total(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 8; i++) {
        seed = 20261201 + i * 7919;
        for (int k = VERSION_PYPI; k < VERSION_KIND_MAX; k++) {
            static char v[MANY][TEXT_ROOM];
            assert_non_null(rows[k].bits);
            for (int n = 0; n < MANY; n++)
                make((enum version_kind)k, v[n]);
            check_order((enum version_kind)k, v);
        }
    }
}

/* Long versions whose every place looks ahead: quadratic ones would not end. */
static void test_linear(void **state)
{
    (void)state;
    static const char *const bits[] = {".0", "-0", ".1", "-1", ".a", "-a.0", "-rc", "a1", "+1", "_0", "-0.ga", "-b1"};
    size_t room = 100000;
    char *v ATTR_CLEANUP(cleanup_free) = xmalloc(room + 8), *w ATTR_CLEANUP(cleanup_free) = xmalloc(room + 8);
    for (size_t i = 0; i < ARRAY_LEN(bits); i++) {
        size_t step = strlen(bits[i]), n = 1;
        v[0] = '1';
        for (; n + step <= room; n += step)
            memcpy(v + n, bits[i], step);
        memcpy(w, v, n);
        memcpy(v + n, ".1", 2);
        memcpy(w + n, ".2", 2);
        for (int k = VERSION_PYPI; k < VERSION_KIND_MAX; k++) {
            int c = 7;
            if (!version_compare((enum version_kind)k, slice_of(v, n + 2), slice_of(w, n + 2), &c, NULL))
                assert_true(c >= -1 && c <= 0);
        }
    }
}

static const struct {
    enum version_kind kind;
    const char *version;
    enum version_bound what;
    const char *bound;
    int cmp; /* 2: no answer */
} against[] = {
    {VERSION_PYPI, "1.0+cpu", VERSION_LAST_AFFECTED, "1.0", 0},
    {VERSION_PYPI, "1.0+cpu", VERSION_LISTED, "1.0.0", 0},
    {VERSION_PYPI, "1.0+cpu", VERSION_LISTED, "1.0+gpu", -1},
    {VERSION_PYPI, "1.0+cpu", VERSION_LAST_AFFECTED, "1.0+abc", 1},
    {VERSION_PYPI, "1.0+cpu", VERSION_FIXED, "1.0", 1},
    {VERSION_PYPI, "1.0+cpu", VERSION_INTRODUCED, "1.0", 1},
    {VERSION_PYPI, "1.0.1+cpu", VERSION_LAST_AFFECTED, "1.0", 1},
    {VERSION_PYPI, "1.0", VERSION_LAST_AFFECTED, "1.0+cpu", -1},
    {VERSION_PYPI, "0.5m3", VERSION_LISTED, "0.5m3", 0},
    {VERSION_PYPI, "0.5m3", VERSION_LISTED, "0.5", 1},
    {VERSION_PYPI, "0.5m3", VERSION_FIXED, "0.6", 2},
    {VERSION_PYPI, "0.5", VERSION_FIXED, "0.5m3", 2},
    {VERSION_PYPI, "0.5m3", VERSION_INTRODUCED, "0", 1},
    {VERSION_PYPI, "0.dev1", VERSION_INTRODUCED, "0", 1},
    {VERSION_PYPI, "0.dev1", VERSION_FIXED, "0", -1},
    {VERSION_MAVEN, "31.1-jre", VERSION_LAST_AFFECTED, "31.1", 0},
    {VERSION_MAVEN, "31.1-jre", VERSION_LAST_AFFECTED, "31.0", 1},
    {VERSION_MAVEN, "31.1-android", VERSION_LAST_AFFECTED, "31.1-jre", -1},
    {VERSION_MAVEN, "10.2.0.jre11", VERSION_LISTED, "10.2.0", 0},
    {VERSION_MAVEN, "10.2.0.jre11", VERSION_FIXED, "10.2.0", 1},
    {VERSION_MAVEN, "2.0.redhat-00001", VERSION_LAST_AFFECTED, "2.0", 1},
    {VERSION_MAVEN, "2.0-SNAPSHOT", VERSION_FIXED, "2.0", -1},
    {VERSION_GOLANG, "v1.2.3", VERSION_FIXED, "1.2.3", 0},
    {VERSION_GOLANG, "v1.2.3+incompatible", VERSION_LAST_AFFECTED, "1.2.3", 0},
    {VERSION_GOLANG, "(devel)", VERSION_FIXED, "1.2.3", 2},
    {VERSION_GOLANG, "(devel)", VERSION_INTRODUCED, "0", 1},
    {VERSION_CARGO, "0.0.0-0", VERSION_INTRODUCED, "0.0.0-0", 0},
    {VERSION_CARGO, "0.0.0-alpha", VERSION_INTRODUCED, "0.0.0-0", 1},
    {VERSION_COMPOSER, "dev-main", VERSION_FIXED, "1.0", 2},
    {VERSION_COMPOSER, "dev-main", VERSION_INTRODUCED, "0", 1},
    {VERSION_COMPOSER, "dev-main", VERSION_LISTED, "1.0", 1},
    {VERSION_BITNAMI, "1.2.3-4", VERSION_LAST_AFFECTED, "1.2.3", 0},
    {VERSION_BITNAMI, "1.26.0-rc1", VERSION_INTRODUCED, "1.26.0-0", 1},
    {VERSION_BITNAMI, "1.26.0-rc1", VERSION_FIXED, "1.26.0", -1},
    {VERSION_BITNAMI, "1.25.9", VERSION_INTRODUCED, "1.26.0-0", -1},
    {VERSION_BITNAMI, "1.26.0-3", VERSION_FIXED, "1.26.0-0", 0},
    {VERSION_GENERIC, "1.26rc1", VERSION_FIXED, "1.26.0-0", 1},
    {VERSION_GENERIC, "1.26rc1", VERSION_FIXED, "1.26.0", -1},
    {VERSION_GENERIC, "1.25.9", VERSION_FIXED, "1.26.0-0", -1},
    {VERSION_LUAROCKS, "1.2-3", VERSION_LAST_AFFECTED, "1.2", 0},
    {VERSION_LUAROCKS, "1.2-3", VERSION_LAST_AFFECTED, "1.2-1", 1},
    {VERSION_JVM, "17.0.8+7", VERSION_LAST_AFFECTED, "17.0.8", 0},
    {VERSION_JVM, "17.0.9+9-LTS", VERSION_FIXED, "17.0.9", 0},
    {VERSION_JVM, "17.0.8+7", VERSION_FIXED, "17.0.9+1", -1},
    {VERSION_JVM, "1.8.0_382-b05", VERSION_FIXED, "8.0.392", -1},
    {VERSION_JVM, "8u382-b05", VERSION_FIXED, "17.0.9", 1},
    {VERSION_JVM, "21.0.1", VERSION_FIXED, "17.0.9", 1},
    {VERSION_JVM, "21.0.1", VERSION_INTRODUCED, "17.0.0", 1},
    {VERSION_JVM, "8u382", VERSION_LAST_AFFECTED, "11.0.20", 1},
    {VERSION_JVM, "8u382-b05", VERSION_LISTED, "1.8.0_382", 0},
    {VERSION_DPKG, "1.0-1", VERSION_FIXED, "1.0-2", -1},
};

static void test_against_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(against); i++) {
        struct err e = ERR_INIT;
        int c = 7;
        int r = version_against(against[i].kind, slice_str(against[i].version), against[i].what,
                                slice_str(against[i].bound), &c, &e);
        if (r ? against[i].cmp != 2 || c != 7 || e.kind != ERR_POISON : c != against[i].cmp)
            fail_msg("%s against %d %s: %d %d %s", against[i].version, (int)against[i].what, against[i].bound, r, c,
                     e.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors), cmocka_unit_test(test_recorded_answers), cmocka_unit_test(test_order_is_total),
        cmocka_unit_test(test_linear),  cmocka_unit_test(test_against_bounds),
    };
    return run_cases(tests, NULL, NULL);
}
