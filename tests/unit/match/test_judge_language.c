/* SPDX-License-Identifier: Apache-2.0 */
/* Packages of languages: which advisories are one finding, which version counts, what is malicious and what a notice. */
#include "unit/judge_world.h"

static finding_vec found;
static struct reasons reasons;

static struct slice S(const char *s) {
    return slice_str(s);
}

/* ids: blank-separated aliases; CVEs go where a feed's reader puts them. */
static struct advisory *
add(const char *ecosystem, const char *package, const char *id, const char *ids, const char *introduced,
    const char *fixed)
{
    struct advisory *a = VEC_ADD(&arena, &known);
    struct slice list = S(ids), one;
    *a = (struct advisory){
        .ecosystem = S(ecosystem), .package = S(package), .id = S(id), .feed = S("osv"), .name_kind = NAME_EITHER};
    while (slice_take_token(&list, ' ', &one))
        slice_vec_add(&arena, slice_starts(one, SLICE("CVE-")) ? &a->cves : &a->aliases, one);
    if (*introduced || *fixed)
        *VEC_ADD(&arena, &a->ranges) = (struct version_range){S(introduced), S(fixed), SLICE_NONE};
    return a;
}

static struct advisory *until(struct advisory *a, const char *last_affected)
{
    *VEC_ADD(&arena, &a->ranges) = (struct version_range){SLICE("0"), SLICE_NONE, S(last_affected)};
    return a;
}

static size_t judge_on(struct os_info os, const struct package *p, void *backwards)
{
    struct advisory_source source = {lookup, backwards, NULL};
    struct err e = ERR_INIT;
    found = (finding_vec){0};
    reasons = (struct reasons){0};
    if (judge_package(&os, p, &source, &arena, &found, &reasons, &e))
        fail_msg("judge_package: %s", e.text);
    for (size_t i = 0; i < found.n; i++) {
        bool holds = false;
        if (judge_rule_holds(found.v[i].rule, &holds, &e) || !holds)
            fail_msg("rule %.*s: %s", SLICE_FMT(found.v[i].rule), e.text);
        assert_true(!i || judge_finding_order(&found.v[i - 1], &found.v[i]) < 0);
    }
    return found.n;
}

static size_t judge(enum package_type type, const char *ns, const char *name, const char *version)
{
    const struct package p = {.type = type, .ns = S(ns), .name = S(name), .version = S(version)};
    return judge_on((struct os_info){.id = S("debian"), .ecosystem = S("Debian:12")}, &p, NULL);
}

#define TEXT(slice, text)                                                                                              \
    do {                                                                                                               \
        if (!slice_eq((slice), slice_str(text)))                                                                       \
            fail_msg("%s:%d: \"%.*s\" is not \"%s\"", __FILE__, __LINE__, SLICE_FMT(slice), (text));                   \
    } while (0)

/* "GHSA-1 PYSEC-2" */
static void ids_are(const slice_vec *v, const char *text)
{
    struct slice all = SLICE("");
    for (size_t i = 0; i < v->n; i++)
        all = arena_printf(&arena, "%.*s%s%.*s", SLICE_FMT(all), i ? " " : "", SLICE_FMT(v->v[i]));
    TEXT(all, text);
}

static void test_names(void **state)
{
    (void)state;
    add("PyPI", "typing-extensions", "P-1", "CVE-2024-0001", "0", "2");
    add("npm", "@angular/core", "N-1", "CVE-2024-0002", "0", "2");
    add("Maven", "org.slf4j:slf4j-api", "M-1", "CVE-2024-0003", "0", "2");
    add("Packagist", "symfony/http-kernel", "C-1", "CVE-2024-0004", "0", "2");
    add("NuGet", "newtonsoft.json", "U-1", "CVE-2024-0005", "0", "2");
    add("Debian:12", "typing-extensions", "D-1", "CVE-2024-0006", "0", "2");
    assert_int_equal(judge(PKG_PYPI, "", "Typing_Extensions", "1"), 1);
    TEXT(found.v[0].rule, "pypi package typing-extensions 1 < 2 (P-1)");
    TEXT(found.v[0].ecosystem, "PyPI");
    TEXT(found.v[0].package, "Typing_Extensions");
    assert_int_equal(judge(PKG_NPM, "@angular", "core", "1"), 1);
    TEXT(found.v[0].ns, "@angular");
    assert_int_equal(judge(PKG_NPM, "", "core", "1"), 0);
    assert_int_equal(judge(PKG_MAVEN, "org.slf4j", "slf4j-api", "1.7"), 1);
    assert_int_equal(judge(PKG_COMPOSER, "Symfony", "Http-Kernel", "v1.0.0"), 1);
    assert_int_equal(judge(PKG_NUGET, "", "Newtonsoft.Json", "1.0.0"), 1);
    assert_int_equal(judge(PKG_CONDA, "", "typing-extensions", "1"), 0); /* nobody's, the system's neither */
}

static void test_aliases_are_one_finding(void **state)
{
    (void)state;
    /* Only PYSEC names both others: the closure is transitive, and symmetric. */
    struct advisory *g = add("PyPI", "django", "GHSA-aaaa", "", "0", "3.2.5");
    add("PyPI", "django", "PYSEC-2021-1", "CVE-2021-0001 GHSA-aaaa", "0", "3.2.5");
    add("PyPI", "django", "BIT-django", "CVE-2021-0001", "0", "3.2.5");
    add("PyPI", "django", "GHSA-bbbb", "CVE-2021-0002", "0", "3.2.6");
    g->severity = SLICE("HIGH");
    assert_int_equal(judge(PKG_PYPI, "", "Django", "3.2"), 2);
    TEXT(found.v[0].vulnerability, "CVE-2021-0001");
    ids_are(&found.v[0].aliases, "BIT-django GHSA-aaaa PYSEC-2021-1");
    assert_int_equal(found.v[0].sources.n, 3);
    assert_int_equal(found.v[0].severity, SEVERITY_HIGH);
    TEXT(found.v[0].severity_source, "GitHub");
    TEXT(found.v[0].fixed_version, "3.2.5");
    TEXT(found.v[1].vulnerability, "CVE-2021-0002");
    ids_are(&found.v[1].aliases, "GHSA-bbbb");
    assert_int_equal(judge(PKG_PYPI, "", "Django", "3.2.5"), 1);
    assert_int_equal(judge(PKG_PYPI, "", "Django", "3.2.6"), 0);
}

/* A program of no ecosystem is spoken of by two publishers, under one name. */
static void test_programs(void **state)
{
    (void)state;
    add("Generic", "ruby", "RUBYSEC-1", "CVE-2021-0001", "0", "3.1.3");
    add("Bitnami", "ruby", "BIT-ruby-1", "CVE-2021-0001", "0", "3.1.3");
    add("Bitnami", "ruby", "BIT-ruby-2", "CVE-2021-0002", "3.0.0", "3.1.4");
    add("Bitnami", "redis", "BIT-redis-1", "CVE-2021-0003", "0", "");
    assert_int_equal(judge(PKG_GENERIC, "", "ruby", "3.1.2"), 2);
    assert_int_equal(found.v[0].sources.n, 2);
    TEXT(found.v[1].vulnerability, "CVE-2021-0002");
    assert_int_equal(judge(PKG_GENERIC, "", "ruby", "3.1.4"), 0);
    assert_int_equal(judge(PKG_BITNAMI, "", "ruby", "3.1.2-1"), 2);
    struct slice both = judge_ecosystem_base(SLICE("Generic"), &arena);
    assert_true(slice_eq(both, judge_ecosystem_base(SLICE("Bitnami"), &arena)));
}

static void test_several_cves_stay_one(void **state)
{
    (void)state;
    add("npm", "x", "GHSA-cccc", "CVE-2021-10000 CVE-2021-9999", "0", "2.0.0");
    assert_int_equal(judge(PKG_NPM, "", "x", "1.0.0"), 1);
    TEXT(found.v[0].vulnerability, "CVE-2021-9999");
    ids_are(&found.v[0].aliases, "CVE-2021-10000 GHSA-cccc");
    /* Without any: GitHub's before others'. */
    add("npm", "y", "A-1", "GHSA-dddd", "0", "2.0.0");
    assert_int_equal(judge(PKG_NPM, "", "y", "1.0.0"), 1);
    TEXT(found.v[0].vulnerability, "GHSA-dddd");
    ids_are(&found.v[0].aliases, "A-1");
}

static void test_order_does_not_matter(void **state)
{
    (void)state;
    struct package p = {.type = PKG_CARGO, .name = S("c"), .version = S("1.0.0")};
    add("crates.io", "c", "RUSTSEC-1", "GHSA-1", "0", "2.0.0");
    add("crates.io", "c", "RUSTSEC-2", "GHSA-2", "0", "3.0.0");
    add("crates.io", "c", "GHSA-1", "CVE-2020-0001", "0", "2.0.0");
    add("crates.io", "c", "GHSA-2", "CVE-2020-0001", "0", "2.5.0");
    assert_int_equal(judge_on((struct os_info){0}, &p, NULL), 1);
    struct finding first = found.v[0];
    assert_int_equal(judge_on((struct os_info){0}, &p, &p), 1);
    TEXT(first.fixed_version, "3.0.0"); /* the lowest that none of them calls affected */
    assert_true(slice_eq(first.vulnerability, found.v[0].vulnerability) && slice_eq(first.rule, found.v[0].rule));
    assert_int_equal(first.aliases.n, 4);
    assert_int_equal(first.sources.n, 4);
}

static void test_who_knows_a_fix_decides(void **state)
{
    (void)state;
    add("Go", "example.com/m", "GO-1", "GHSA-1", "0", ""); /* open, written before there was a fix */
    add("Go", "example.com/m", "GHSA-1", "CVE-2022-0001", "1.2.0", "1.4.0");
    assert_int_equal(judge(PKG_GOLANG, "", "example.com/m", "v1.3.0"), 1);
    TEXT(found.v[0].fixed_version, "1.4.0");
    assert_int_equal(judge(PKG_GOLANG, "", "example.com/m", "v1.4.0"), 0);
    assert_int_equal(judge(PKG_GOLANG, "", "example.com/m", "v1.1.0"), 0);
    /* One that lists versions, or bounds them, is heard beside it. */
    until(add("Go", "example.com/m", "GO-2", "CVE-2022-0001", "", ""), "1.4.5");
    assert_int_equal(judge(PKG_GOLANG, "", "example.com/m", "v1.4.1"), 1);
    assert_int_equal(judge(PKG_GOLANG, "", "example.com/m", "v1.4.6"), 0);
    /* Where nobody knows one all are affected. */
    add("Go", "example.com/n", "GO-3", "CVE-2022-0003", "0", "");
    assert_int_equal(judge(PKG_GOLANG, "", "example.com/n", "v9.0.0"), 1);
    TEXT(found.v[0].fixed_version, "");
}

static void test_versions_or_ranges(void **state)
{
    (void)state;
    struct advisory *a = until(add("PyPI", "torch", "P-1", "CVE-2020-0001", "", ""), "1.0");
    slice_vec_add(&arena, &a->versions, S("1.5.0"));
    slice_vec_add(&arena, &a->versions, S("not-a-version"));
    assert_int_equal(judge(PKG_PYPI, "", "torch", "1.0"), 1);
    assert_int_equal(judge(PKG_PYPI, "", "torch", "1.0+cu118"), 1); /* the same torch, built otherwise */
    assert_int_equal(judge(PKG_PYPI, "", "torch", "1.0.1"), 0);
    assert_int_equal(judge(PKG_PYPI, "", "torch", "1.5"), 1);
    TEXT(found.v[0].rule, "pypi package torch 1.5 = 1.5 (P-1)");
    assert_int_equal(judge(PKG_PYPI, "", "torch", "1.6"), 0);
}

static void test_an_unknown_version(void **state)
{
    (void)state;
    struct package p = {.type = PKG_COMPOSER, .ns = S("a"), .name = S("b"), .version = S("dev-main")};
    struct os_info os = {0};
    assert_int_equal(judge_on(os, &p, NULL), 0);
    assert_int_equal(reasons.texts.n, 0); /* nothing is known of it at all */
    add("Packagist", "a/b", "C-1", "CVE-2020-0001", "0", "2.0");
    add("Packagist", "a/b", "C-2", "CVE-2020-0002", "1.0", "");
    assert_int_equal(judge_on(os, &p, NULL), 0);
    assert_int_equal(reasons.texts.n, 1);
    TEXT(reasons.texts.v[0], "composer a/b: which version it is is not known (dev-main), and 2 advisories could not be "
                             "held against it");
    assert_true(reasons_has(&reasons, REASON_VERSION_UNKNOWN));
    /* What holds for all versions holds for any. */
    add("Packagist", "a/b", "MAL-1", "", "0", "")->kind = ADVISORY_MALICIOUS;
    assert_int_equal(judge_on(os, &p, NULL), 1);
    TEXT(found.v[0].vulnerability, "MAL-1");
    struct advisory *branch = add("Packagist", "a/b", "C-3", "CVE-2020-0003", "", "");
    slice_vec_add(&arena, &branch->versions, S("dev-main"));
    assert_int_equal(judge_on(os, &p, NULL), 2);
    /* None at all, as whoever found it says. */
    p.version = S("");
    p.not_judged = reason_make(REASON_VERSION_UNKNOWN, S("no version"));
    assert_int_equal(judge_on(os, &p, NULL), 1);
    /* Another reason ends it, and a guess. */
    p.certainty = CERTAINTY_GUESSED;
    assert_int_equal(judge_on(os, &p, NULL), 0);
    p.certainty = CERTAINTY_INSTALLED;
    p.not_judged = reason_make(REASON_OWN_PACKAGE, S("the project itself"));
    assert_int_equal(judge_on(os, &p, NULL), 0);
    assert_int_equal(reasons.texts.n, 0);
}

static void test_malicious(void **state)
{
    (void)state;
    struct advisory *m = add("npm", "left-pad", "MAL-2024-1", "GHSA-mmmm", "0", "");
    m->kind = ADVISORY_MALICIOUS;
    add("npm", "left-pad", "GHSA-mmmm", "", "0", "")->severity = SLICE("LOW");
    assert_int_equal(judge(PKG_NPM, "", "left-pad", "1.0.0"), 1);
    assert_int_equal(found.v[0].kind, ADVISORY_MALICIOUS);
    assert_int_equal(found.v[0].severity, SEVERITY_CRITICAL);
    TEXT(found.v[0].vulnerability, "MAL-2024-1");
    ids_are(&found.v[0].aliases, "GHSA-mmmm");
}

static void test_notices(void **state)
{
    (void)state;
    struct advisory *r = add("crates.io", "old", "RUSTSEC-2020-1", "", "0", "");
    r->kind = ADVISORY_NOTICE;
    assert_int_equal(judge(PKG_CARGO, "", "old", "1.0.0"), 1);
    assert_int_equal(found.v[0].kind, ADVISORY_NOTICE);
    assert_int_equal(found.v[0].severity, SEVERITY_UNKNOWN);
    /* "Unsound" with a CVE and GitHub's word is a vulnerability. */
    add("crates.io", "old", "GHSA-old", "RUSTSEC-2020-1 CVE-2020-0001", "0", "")->severity = SLICE("MODERATE");
    assert_int_equal(judge(PKG_CARGO, "", "old", "1.0.0"), 1);
    assert_int_equal(found.v[0].kind, ADVISORY_VULNERABILITY);
    assert_int_equal(found.v[0].severity, SEVERITY_MEDIUM);
}

static void test_severity_of_an_alias(void **state)
{
    (void)state;
    struct advisory *g = add("Go", "m", "GHSA-1", "CVE-2022-0001", "0", "1.1.0");
    add("Go", "m", "GO-1", "GHSA-1", "1.2.0", "1.3.0"); /* affects alone, and never says how bad it is */
    g->severity = SLICE("CRITICAL");
    assert_int_equal(judge(PKG_GOLANG, "", "m", "v1.2.5"), 1);
    assert_int_equal(found.v[0].severity, SEVERITY_CRITICAL);
    TEXT(found.v[0].severity_source, "GitHub");
    assert_int_equal(found.v[0].sources.n, 1);
}

static void test_symbols_and_systems(void **state)
{
    (void)state;
    struct package p = {.type = PKG_GOLANG, .name = S("stdlib"), .version = S("1.20.0")};
    struct advisory *a = add("Go", "stdlib", "GO-1", "CVE-2023-0001", "0", "1.20.1");
    slice_vec_add(&arena, &a->symbols, S("os: Open"));
    slice_vec_add(&arena, &a->symbols, S("net/http: Get"));
    add("Go", "stdlib", "GO-2", "CVE-2023-0002", "0", "1.20.1");
    slice_vec_add(&arena, &known.v[1].systems, S("windows"));
    assert_int_equal(judge_on((struct os_info){0}, &p, NULL), 1);
    ids_are(&found.v[0].symbols, "net/http: Get os: Open");
    /* In an image of Windows both; the match stage has the context for its system. */
    struct os_info windows = {.id = S("windows"), .ecosystem = S("Windows")};
    assert_int_equal(judge_on(windows, &p, NULL), 2);
    struct slice context = judge_context_of(&p, &windows, &arena);
    TEXT(context, "Go;windows");
    assert_int_equal(judge_on((struct os_info){.ecosystem = context}, &p, NULL), 2);
    TEXT(found.v[1].ecosystem, "Go");
    TEXT(judge_ecosystem_base(context, &arena), "Go");
    assert_int_equal(judge_on((struct os_info){.ecosystem = S("Go")}, &p, NULL), 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(names),
        T(aliases_are_one_finding),
        T(programs),
        T(several_cves_stay_one),
        T(order_does_not_matter),
        T(who_knows_a_fix_decides),
        T(versions_or_ranges),
        T(an_unknown_version),
        T(malicious),
        T(notices),
        T(severity_of_an_alias),
        T(symbols_and_systems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
