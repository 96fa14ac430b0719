/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors with the scores that NVD and FIRST publish for them. */
#include "model/severity/cvss.h"
#include "model/severity/severity.h"

#include <setjmp.h>
#include <cmocka.h>

#define V4(rest) "CVSS:4.0/AV:" rest

static const struct {
    const char *vector;
    enum cvss_version version;
    int score;
    enum severity severity;
} facts[] = {
    /* CVE-2002-0392, CVE-2003-0818, CVE-2003-0062: the examples of the 2.0 guide, section 3.3. */
    {"AV:N/AC:L/Au:N/C:N/I:N/A:C", CVSS_2_0, 78, SEVERITY_HIGH},
    {"AV:N/AC:L/Au:N/C:C/I:C/A:C", CVSS_2_0, 100, SEVERITY_HIGH},
    {"AV:L/AC:H/Au:N/C:C/I:C/A:C", CVSS_2_0, 62, SEVERITY_MEDIUM},
    {"(AV:N/AC:L/Au:N/C:P/I:P/A:P)", CVSS_2_0, 75, SEVERITY_HIGH},
    {"CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:N/A:N", CVSS_2_0, 50, SEVERITY_MEDIUM},
    {"AV:N/AC:M/Au:N/C:C/I:C/A:C", CVSS_2_0, 93, SEVERITY_HIGH},
    {"AV:N/AC:M/Au:N/C:N/I:P/A:N", CVSS_2_0, 43, SEVERITY_MEDIUM},
    {"AV:L/AC:L/Au:N/C:C/I:C/A:C", CVSS_2_0, 72, SEVERITY_HIGH},
    {"AV:L/AC:H/Au:N/C:P/I:N/A:N", CVSS_2_0, 12, SEVERITY_LOW},
    {"AV:L/AC:H/Au:M/C:N/I:N/A:N", CVSS_2_0, 0, SEVERITY_LOW},
    {"AV:N/AC:L/Au:N/C:P/I:P/A:P/E:POC/RL:OF/RC:C", CVSS_2_0, 75, SEVERITY_HIGH},
    /* Log4Shell, Heartbleed, Shellshock, Spectre, POODLE, the examples of the 3.1 user guide. */
    {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", CVSS_3_1, 100, SEVERITY_CRITICAL},
    {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", CVSS_3_1, 75, SEVERITY_HIGH},
    {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", CVSS_3_1, 98, SEVERITY_CRITICAL},
    {"CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:C/C:H/I:N/A:N", CVSS_3_1, 56, SEVERITY_MEDIUM},
    {"CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", CVSS_3_1, 31, SEVERITY_LOW},
    {"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", CVSS_3_1, 61, SEVERITY_MEDIUM},
    {"CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", CVSS_3_1, 64, SEVERITY_MEDIUM},
    {"CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", CVSS_3_1, 78, SEVERITY_HIGH},
    {"CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", CVSS_3_1, 78, SEVERITY_HIGH},
    {"CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", CVSS_3_1, 68, SEVERITY_MEDIUM},
    {"CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", CVSS_3_1, 88, SEVERITY_HIGH},
    {"CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:H", CVSS_3_1, 59, SEVERITY_MEDIUM},
    {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", CVSS_3_1, 0, SEVERITY_NEGLIGIBLE},
    {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:N", CVSS_3_1, 0, SEVERITY_NEGLIGIBLE},
    {"CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N", CVSS_3_1, 16, SEVERITY_LOW},
    {"CVSS:3.1/A:H/I:H/C:H/S:U/UI:N/PR:N/AC:L/AV:N/E:P/RL:O/RC:C/MAV:L", CVSS_3_1, 98, SEVERITY_CRITICAL},
    {"CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", CVSS_3_0, 98, SEVERITY_CRITICAL},
    {"CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", CVSS_3_0, 100, SEVERITY_CRITICAL},
    {"CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", CVSS_3_0, 64, SEVERITY_MEDIUM},
    {"CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N", CVSS_3_0, 55, SEVERITY_MEDIUM},
    /* CVE-2022-41741, CVE-2020-3549, CVE-2023-3089, CVE-2022-21830, CVE-2022-22186, CVE-2014-0160,
       CVE-2021-44228, CVE-2013-6014: the 4.0 examples of FIRST, with threat and environmental metrics where they have
       some. */
    {V4("L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"), CVSS_4_0, 73, SEVERITY_HIGH},
    {V4("N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"), CVSS_4_0, 77, SEVERITY_HIGH},
    {V4("N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U"), CVSS_4_0, 52, SEVERITY_MEDIUM},
    {V4("N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N"), CVSS_4_0, 83, SEVERITY_HIGH},
    {V4("N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N"), CVSS_4_0, 51, SEVERITY_MEDIUM},
    {V4("N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N"), CVSS_4_0, 69, SEVERITY_MEDIUM},
    {V4("N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N"), CVSS_4_0, 87, SEVERITY_HIGH},
    {V4("N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H"), CVSS_4_0, 100, SEVERITY_CRITICAL},
    {V4("A/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:H/SI:N/SA:H"), CVSS_4_0, 64, SEVERITY_MEDIUM},
    /* What stands for nothing changes nothing; what is modified takes its base metric's place. */
    {V4("N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"), CVSS_4_0, 93, SEVERITY_CRITICAL},
    {V4("N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:X/MAV:X/S:P/AU:Y/R:I/V:C/RE:H/U:Red"), CVSS_4_0, 93,
     SEVERITY_CRITICAL},
    {V4("P/AC:H/AT:P/PR:H/UI:A/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N/MAV:N/MAC:L/MAT:N/MPR:N/MUI:N/MVC:H/MVI:H/MVA:H"),
     CVSS_4_0, 93, SEVERITY_CRITICAL},
    {V4("N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/MSI:S"), CVSS_4_0, 100, SEVERITY_CRITICAL},
    {V4("N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N/E:A"), CVSS_4_0, 0, SEVERITY_NEGLIGIBLE},
    {V4("P/AC:H/AT:P/PR:H/UI:A/VC:L/VI:L/VA:L/SC:L/SI:L/SA:L/E:U/CR:L/IR:L/AR:L"), CVSS_4_0, 1, SEVERITY_LOW},
};

static void test_published_scores(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
        struct cvss c;
        struct err e = ERR_INIT;
        if (cvss_read(slice_str(facts[i].vector), &c, &e))
            fail_msg("%s: %s", facts[i].vector, e.text);
        if (c.version != facts[i].version || c.score != facts[i].score || c.severity != facts[i].severity)
            fail_msg("%s: version %d score %d severity %d", facts[i].vector, (int)c.version, c.score, (int)c.severity);
    }
}

static void test_wrong_vectors(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "CVSS:3.1",
        "CVSS:3.1/",
        "CVSS:9.9/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",
        "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:NN/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1//AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:N/AC:L/Au:N/C:P/I:P/A:P",
        "AV:N/AC:L/Au:N/C:P/I:P",
        "(AV:N/AC:L/Au:N/C:P/I:P/A:P",
        "high",
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct cvss c;
        struct err e = ERR_INIT;
        if (!cvss_read(slice_str(wrong[i]), &c, &e))
            fail_msg("%s was read", wrong[i]);
        assert_int_equal(e.kind, ERR_POISON);
        assert_true(e.text[0]);
    }
}

/* Whatever the metrics: a score in 0..100, and never a lower one when an impact gets worse. */
static void test_every_base_vector(void **state)
{
    (void)state;
    static const char cia[] = "NLH";
    char text[64];
    for (int x = 0; x < 4 * 2 * 3 * 2 * 2 * 9; x++) {
        int last[2] = {0, 0};
        for (int a = 0; a < 3; a++)
            for (int minor = 0; minor < 2; minor++) {
                struct cvss c;
                snprintf(text, sizeof text, "CVSS:3.%d/AV:%c/AC:%c/PR:%c/UI:%c/S:%c/C:%c/I:%c/A:%c", minor,
                         "NALP"[x % 4], "LH"[x / 4 % 2], "NLH"[x / 8 % 3], "NR"[x / 24 % 2], "UC"[x / 48 % 2],
                         cia[x / 96 % 3], cia[x / 288 % 3], cia[a]);
                assert_int_equal(cvss_read(slice_str(text), &c, NULL), 0);
                assert_in_range(c.score, 0, 100);
                assert_true(c.score >= last[minor]);
                last[minor] = c.score;
            }
        assert_true(abs(last[0] - last[1]) <= 1);
    }
}

/* 4.0: a score in 0..100, and never a higher one when any one metric is taken a step away from its worst value. */
static void test_every_version_4_step(void **state)
{
    (void)state;
    static const struct {
        const char *name, *values;
    } m[] = {{"AV", "NALP"}, {"AC", "LH"},  {"AT", "NP"},  {"PR", "NLH"}, {"UI", "NPA"},
             {"VC", "HLN"},  {"VI", "HLN"}, {"VA", "HLN"}, {"SC", "HLN"}, {"SI", "HLN"},
             {"SA", "HLN"},  {"E", "APU"},  {"CR", "HML"}, {"IR", "HML"}, {"AR", "HML"}};
    uint32_t x = 4;
    int lower = 0;
    for (int i = 0; i < 20000; i++) {
        size_t at[ARRAY_LEN(m)], changed = 0;
        int score[2];
        for (size_t j = 0; j < ARRAY_LEN(m); j++) {
            x = x * 1664525u + 1013904223u;
            at[j] = (x >> 8) % strlen(m[j].values);
            if ((x >> 20) % 3 == 0 && at[j] + 1 < strlen(m[j].values))
                changed = j;
        }
        for (int k = 0; k < 2; k++) {
            char text[160] = "CVSS:4.0";
            struct cvss c;
            size_t n = strlen(text);
            for (size_t j = 0; j < ARRAY_LEN(m); j++)
                n += (size_t)snprintf(text + n, sizeof text - n, "/%s:%c", m[j].name, m[j].values[at[j]]);
            assert_int_equal(cvss_read(slice_str(text), &c, NULL), 0);
            assert_in_range(c.score, 0, 100);
            score[k] = c.score;
            if (!k && at[changed] + 1 < strlen(m[changed].values))
                at[changed]++;
            else if (k && score[1] > score[0])
                fail_msg("%s has %d, more than the %d of one with a worse %s", text, score[1], score[0],
                         m[changed].name);
        }
        lower += score[1] < score[0];
    }
    assert_true(lower > 2000);
}

static void test_words(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        enum severity severity;
    } words[] = {
        {"unimportant", SEVERITY_NEGLIGIBLE},
        {"low", SEVERITY_LOW},
        {"medium", SEVERITY_MEDIUM},
        {"high", SEVERITY_HIGH},
        {"high**", SEVERITY_HIGH},
        {"not yet assigned", SEVERITY_UNKNOWN},
        {"end-of-life", SEVERITY_UNKNOWN},
        {"negligible", SEVERITY_NEGLIGIBLE},
        {"Critical", SEVERITY_CRITICAL},
        {"MODERATE", SEVERITY_MEDIUM},
        {"Important", SEVERITY_HIGH},
        {"untriaged", SEVERITY_UNKNOWN},
        {"", SEVERITY_UNKNOWN},
        {"***", SEVERITY_UNKNOWN},
        {" LOW ", SEVERITY_LOW},
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        assert_int_equal(severity_of_word(slice_str(words[i].word)), words[i].severity);
}

static void chosen(const struct advisory *a, enum severity severity, const char *source)
{
    struct severity_choice c = severity_of_advisory(a);
    assert_int_equal(c.severity, severity);
    if (!slice_eq_str(c.source, source))
        fail_msg("source %.*s, not %s", SLICE_FMT(c.source), source);
}

static void test_who_says_so(void **state)
{
    (void)state;
    struct score scores[] = {
        {SLICE("NVD"), SLICE("CVSS:3.1"), SLICE("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")},
        {SLICE("NVD"), SLICE("CVSS:2.0"), SLICE("AV:L/AC:H/Au:N/C:P/I:N/A:N")},
        {SLICE("x"), SLICE("CVSS:3.1"), SLICE("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N")},
        {SLICE("y"), SLICE("CVSS:4.0"), SLICE("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N")},
        {SLICE("Ubuntu"), SLICE("Ubuntu"), SLICE("low")},
    };
    struct advisory a = {.ecosystem = SLICE("Debian:12"),
                         .id = SLICE("DSA-1"),
                         .severity = SLICE("unimportant"),
                         .scores = {scores, 4, 4}};
    chosen(&a, SEVERITY_NEGLIGIBLE, "Debian");
    a.severity = SLICE("not yet assigned");
    chosen(&a, SEVERITY_MEDIUM, "CVSS:4.0"); /* the newest version, though an older one says worse */
    a.scores.n = 3;
    chosen(&a, SEVERITY_CRITICAL, "CVSS:3.1");
    a.scores.n = 5;
    chosen(&a, SEVERITY_LOW, "Ubuntu");
    a.id = SLICE("GHSA-1");
    a.severity = SLICE("HIGH");
    chosen(&a, SEVERITY_HIGH, "GitHub");
    a.severity = SLICE_NONE;
    a.scores.v = scores + 1;
    a.scores.n = 1;
    chosen(&a, SEVERITY_LOW, "CVSS:2.0");
    a.scores.n = 0;
    chosen(&a, SEVERITY_UNKNOWN, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_scores),
        cmocka_unit_test(test_wrong_vectors),
        cmocka_unit_test(test_every_base_vector),
        cmocka_unit_test(test_every_version_4_step),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_who_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
