/* SPDX-License-Identifier: Apache-2.0 */
#define CAREEN_ALLOW_BANNED /* popen, to ask dpkg */
#include "model/ecosystem/ecosystem.h"
#include "model/records.h"
#include "model/version/version.h"

#include <setjmp.h>
#include <cmocka.h>

#include "unit/cases.h"
#include "unit/version_order.h"

static void test_dpkg_vectors(void **state)
{
    (void)state;
    assert_true(run_vectors("dpkg.txt", VERSION_DPKG) > 60);
}

static void test_apk_vectors(void **state)
{
    (void)state;
    assert_true(run_vectors("apk.txt", VERSION_APK) > 80);
}

static void test_other_vectors(void **state)
{
    (void)state;
    assert_true(run_vectors("rpm.txt", VERSION_RPM) > 80);
    assert_true(run_vectors("rpm.txt", VERSION_BOTTLEROCKET) > 80);
    assert_true(run_vectors("opkg.txt", VERSION_OPKG) > 30);
    assert_true(run_vectors("pacman.txt", VERSION_PACMAN) > 50);
    assert_true(run_vectors("portage.txt", VERSION_PORTAGE) > 60);
    assert_true(run_vectors("windows.txt", VERSION_WINDOWS) > 15);
}

static void make_dpkg(char *to, size_t max)
{
    static const char *const epochs[] = {"", "", "", "0:", "1:", "2:"};
    static const char *const bits[] = {"0", "1", "2", "10", "09", "a",  "b",    "Z",  ".",  ".",
                                       "+", "~", "~", "~~", "rc", "00", "dfsg", "+b", "~a", ".0"};
    static const char *const revisions[] = {"", "", "-0", "-1", "-1~", "-1+b1", "-0.1", "-10", "-1ubuntu1", "-a"};
    to[0] = 0;
    add(to, max, epochs[draw(ARRAY_LEN(epochs))]);
    add(to, max, draw(2) ? "1" : "0");
    for (uint32_t n = draw(5); n; n--)
        add(to, max, bits[draw(ARRAY_LEN(bits))]);
    add(to, max, revisions[draw(ARRAY_LEN(revisions))]);
}

static void make_apk(char *to, size_t max)
{
    static const char *const numbers[] = {"0", "1", "2", "10", "09", "00", "9", "019"};
    static const char *const suffixes[] = {"_alpha", "_beta1", "_pre", "_rc2", "_p1", "_git", "_hg3", "_p"};
    static const char *const ends[] = {"", "", "-r0", "-r1", "-r10", "~ab", "~ab-r1", "~0"};
    to[0] = 0;
    add(to, max, numbers[draw(4)]);
    for (uint32_t n = draw(3); n; n--) {
        add(to, max, ".");
        add(to, max, numbers[draw(ARRAY_LEN(numbers))]);
    }
    if (!draw(4))
        add(to, max, draw(2) ? "a" : "b");
    if (to[strlen(to) - 1] >= 'a' && draw(2))
        add(to, max, numbers[draw(ARRAY_LEN(numbers))]);
    for (uint32_t n = draw(3); n; n--)
        add(to, max, suffixes[draw(ARRAY_LEN(suffixes))]);
    add(to, max, ends[draw(ARRAY_LEN(ends))]);
}

static void add_bits(char *to, size_t max, const char *const *bits, size_t n, uint32_t count)
{
    while (count--)
        add(to, max, bits[draw(n)]);
}

/* With a release always: without, the order is not total. */
static void make_rpm(char *to, size_t max)
{
    static const char *const epochs[] = {"", "", "0:", "1:", "01:"};
    static const char *const bits[] = {"0", "1", "10", "09", "a", "b", "Z", ".", ".", "_", "~", "^", "+", "el8", "00"};
    to[0] = 0;
    add(to, max, epochs[draw(ARRAY_LEN(epochs))]);
    add_bits(to, max, bits, ARRAY_LEN(bits), 1 + draw(5));
    add(to, max, "-");
    add_bits(to, max, bits, ARRAY_LEN(bits), 1 + draw(3));
}

static void make_opkg(char *to, size_t max)
{
    static const char *const bits[] = {"0", "1", "10", "09", "a", "b", "Z", ".", ".", "~", "+", "-", "_", "git", "00"};
    to[0] = 0;
    add(to, max, draw(4) ? "1" : "1:r");
    add_bits(to, max, bits, ARRAY_LEN(bits), draw(6));
}

/* With a release, and with no mark at the end of the version: see version.h. */
static void make_pacman(char *to, size_t max)
{
    static const char *const bits[] = {"0", "1", "10", "09", "a", "b", "Z", ".", ".", "_", "~", "..", "+", "rc", "00"};
    static const char *const ends[] = {"0-1", "a-1", "1-2", "1-1.1", "rc-10", "1-1a", "01-01"};
    to[0] = 0;
    add(to, max, draw(4) ? "" : "1:");
    add_bits(to, max, bits, ARRAY_LEN(bits), draw(5));
    add(to, max, ends[draw(ARRAY_LEN(ends))]);
}

static void make_portage(char *to, size_t max)
{
    static const char *const numbers[] = {"0", "1", "2", "10", "09", "00", "9", "010", "01", "100"};
    static const char *const suffixes[] = {"_alpha", "_beta1", "_pre", "_rc2", "_p1", "_p", "_p0", "_alpha2"};
    static const char *const ends[] = {"", "", "-r0", "-r1", "-r10", "-r01"};
    to[0] = 0;
    add(to, max, numbers[draw(ARRAY_LEN(numbers))]);
    for (uint32_t n = draw(4); n; n--) {
        add(to, max, ".");
        add(to, max, numbers[draw(ARRAY_LEN(numbers))]);
    }
    if (!draw(4))
        add(to, max, draw(2) ? "a" : "b");
    add_bits(to, max, suffixes, ARRAY_LEN(suffixes), draw(3));
    add(to, max, ends[draw(ARRAY_LEN(ends))]);
}

static void make_windows(char *to, size_t max)
{
    static const char *const numbers[] = {".0", ".1", ".10", ".09", ".00", ".20348", ".2340"};
    to[0] = 0;
    add(to, max, draw(2) ? "10" : "6");
    add_bits(to, max, numbers, ARRAY_LEN(numbers), draw(4));
}

/* Of systems' packages: a new kind can't go without. The others are in test_version_language.c. */
static void (*const makers[VERSION_PYPI])(char *, size_t) = {
    [VERSION_DPKG] = make_dpkg,        [VERSION_APK] = make_apk,         [VERSION_RPM] = make_rpm,
    [VERSION_OPKG] = make_opkg,        [VERSION_PACMAN] = make_pacman,   [VERSION_PORTAGE] = make_portage,
    [VERSION_BOTTLEROCKET] = make_rpm, [VERSION_WINDOWS] = make_windows,
};

static void test_order_is_total(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 20; i++) {
        seed = i * 7919;
        for (int k = 0; k < VERSION_PYPI; k++) {
            static char v[MANY][TEXT_ROOM];
            assert_non_null(makers[k]);
            for (int n = 0; n < MANY; n++)
                makers[k](v[n], TEXT_ROOM);
            check_order((enum version_kind)k, v);
        }
    }
}

#define PAIRS 2000
static char left[PAIRS][TEXT_ROOM], right[PAIRS][TEXT_ROOM];

/* What dpkg's own perl library says of every pair, through one process; returns how many answers came. */
static int ask_dpkg(const char *dir, int *answers)
{
    char *in ATTR_CLEANUP(cleanup_free) = xasprintf("%s/pairs", dir);
    char *errors ATTR_CLEANUP(cleanup_free) = xasprintf("%s/errors", dir);
    FILE *f = fopen(in, "w");
    assert_non_null(f);
    for (int i = 0; i < PAIRS; i++)
        fprintf(f, "%s %s\n", left[i], right[i]);
    fclose(f);
    char *cmd ATTR_CLEANUP(cleanup_free) =
        xasprintf("perl -MDpkg::Version -ne 'chomp; my ($l, $r) = split / /; print Dpkg::Version->new($l) <=> "
                  "Dpkg::Version->new($r), \"\\n\"' %s 2>%s",
                  in, errors);
    FILE *p = popen(cmd, "r");
    assert_non_null(p);
    char line[32];
    int got = 0;
    int64_t answer;
    while (got < PAIRS && fgets(line, sizeof line, p) && slice_parse_i64(slice_trim(slice_str(line)), &answer))
        answers[got++] = (int)answer;
    pclose(p);
    unlink(in);
    unlink(errors);
    return got;
}

static void test_dpkg_itself(void **state)
{
    (void)state;
    static int answers[PAIRS];
    const char *tmp = getenv("TMPDIR");
    char *dir ATTR_CLEANUP(cleanup_free) = xasprintf("%s/careen-version-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(dir));
    seed = 20240917;
    for (int i = 0; i < PAIRS; i++) {
        make_dpkg(left[i], TEXT_ROOM);
        make_dpkg(right[i], TEXT_ROOM);
    }
    int got = ask_dpkg(dir, answers), wrong = 0, less = 0;
    rmdir(dir);
    if (!got) {
        skip_case("perl's Dpkg::Version (package libdpkg-perl) is not here");
    }
    assert_int_equal(got, PAIRS);
    for (int i = 0; i < PAIRS; i++) {
        less += answers[i] < 0;
        if (order(VERSION_DPKG, left[i], right[i]) != answers[i] && !wrong++)
            print_error("%s against %s: dpkg says %d\n", left[i], right[i], answers[i]);
    }
    assert_int_equal(wrong, 0);
    assert_in_range(less, PAIRS / 4, PAIRS * 3 / 4);
}

static void test_length_and_bytes(void **state)
{
    (void)state;
    size_t n = 1000000;
    char *a ATTR_CLEANUP(cleanup_free) = xmalloc(n), *b ATTR_CLEANUP(cleanup_free) = xmalloc(n);
    memset(a, '7', n);
    memset(b, '7', n);
    b[n - 1] = '8';
    for (int i = 0; i < VERSION_KIND_MAX; i++) {
        enum version_kind k = (enum version_kind)i, by_name;
        struct err e = ERR_INIT;
        int cmp;
        assert_int_equal(version_compare(k, slice_of(a, n), slice_of(b, n), &cmp, &e), 0);
        assert_int_equal(cmp, -1);
        assert_false(version_valid(k, SLICE_NONE, &e));
        assert_false(version_valid(k, SLICE("1\0"), &e));
        assert_false(version_valid(k, SLICE("1 "), &e));
        assert_false(version_valid(k, SLICE("\xff"), NULL));
        cmp = 7;
        assert_true(version_compare(k, SLICE("1"), SLICE("?"), &cmp, &e) < 0);
        assert_int_equal(cmp, 7);
        assert_int_equal(e.kind, ERR_POISON);
        assert_non_null(strstr(e.text, "\"?\" is not a version of kind"));
        assert_true(version_kind_by_name(slice_str(version_kind_name(k)), &by_name));
        assert_int_equal(by_name, k);
    }
    enum version_kind by_name = VERSION_APK;
    assert_true(version_kind_by_name(SLICE("deb"), &by_name) && by_name == VERSION_DPKG);
    assert_true(version_kind_by_name(SLICE("alpm"), &by_name) && by_name == VERSION_PACMAN);
    assert_true(version_kind_by_name(SLICE("ebuild"), &by_name) && by_name == VERSION_PORTAGE);
    assert_false(version_kind_by_name(SLICE("nix"), &by_name));
    /* Packages of a system that are ordered at all have the order of their type's name. */
    for (int t = PKG_UNKNOWN + 1; t < PKG_TYPE_MAX; t++) {
        const struct ecosystem *ecosystem = ecosystem_of_type((enum package_type)t);
        if (ecosystem->advisories)
            continue;
        assert_int_equal(version_kind_by_name(slice_str(package_type_names[t]), &by_name), ecosystem->ordered);
        assert_true(!ecosystem->ordered || by_name == ecosystem->version);
    }
}

/* What breaks the rules still has the place that the package manager gives it. */
static void test_what_people_write(void **state)
{
    (void)state;
    static const struct {
        enum version_kind kind;
        const char *a, *b;
        int order; /* 2: none */
    } vectors[] = {
        /* apk-tools 3: what can't be read is older than all else at its place. */
        {VERSION_APK, "20.10.11-r0", "20.10.11.r0", 1},
        {VERSION_APK, "20.10.10-r9", "20.10.11.r0", -1},
        {VERSION_APK, "20.10.12-r0", "20.10.11.r0", 1},
        {VERSION_APK, "2.15.0-r0", "2.15.r-r1", 1},
        {VERSION_APK, "2.14.9-r0", "2.15.r-r1", -1},
        {VERSION_APK, "1.2.3.r0", "1.2.3.r1", 0},
        {VERSION_APK, "1.2-r0", "v1.2-r0", 1},
        {VERSION_APK, "1.2-r0", "none", 2},
        {VERSION_DPKG, "1.2-3", "v1.2-3", -1},
        {VERSION_DPKG, "1.2-3", "1.2-4!x", -1},
        {VERSION_DPKG, "1:1.2-3", "1.2-4!x", 1},
        {VERSION_DPKG, "1.2-3", "1.2-", 1},
        {VERSION_DPKG, "1.2-3", "x:1.2", 2},
        {VERSION_DPKG, "1.2-3", "1.2 3", 2},
        {VERSION_RPM, "1.2-1.el9", "1.2-2.el9@x", -1},
        {VERSION_RPM, "1.2-2.el9", "1.2-1_!bad", 1},
        {VERSION_RPM, "1.2-2.el9",
         "\xC3\xA4"
         "1",
         2},
        {VERSION_PACMAN, "1.2-1", "1/3-1", -1},
        {VERSION_OPKG, "1.2", "1.2,1", -1},
        {VERSION_PORTAGE, "1.2", "1.2-bad", 2},
        {VERSION_WINDOWS, "10.0.1", "10.0.1.x", 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        int there = 7, back = 7;
        struct slice a = slice_str(vectors[i].a), b = slice_str(vectors[i].b);
        struct err e = ERR_INIT;
        int r = version_order(vectors[i].kind, a, b, &there, &e);
        if (r ? vectors[i].order != 2 : there != vectors[i].order)
            fail_msg("%s %s: %d %d %s", vectors[i].a, vectors[i].b, r, there, e.text);
        assert_int_equal(version_order(vectors[i].kind, b, a, &back, NULL), r);
        assert_true(r || back == -there);
        if (r)
            assert_int_equal(e.kind, ERR_POISON);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dpkg_vectors),      cmocka_unit_test(test_apk_vectors),
        cmocka_unit_test(test_other_vectors),     cmocka_unit_test(test_order_is_total),
        cmocka_unit_test(test_dpkg_itself),       cmocka_unit_test(test_length_and_bytes),
        cmocka_unit_test(test_what_people_write),
    };
    return run_cases(tests, NULL, NULL);
}
