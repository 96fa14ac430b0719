/* SPDX-License-Identifier: Apache-2.0 */
#include "model/severity/cvss.h"

#include "model/severity/cvss_internal.h"

#include <math.h>

const char *const cvss_version_names[] = {"", "CVSS:2.0", "CVSS:3.0", "CVSS:3.1", "CVSS:4.0"};
_Static_assert(ARRAY_LEN(cvss_version_names) == CVSS_VERSION_MAX, "names");

struct metric_def {
    const char *name;
    const char *values; /* one letter each, or words joined by '|' when they start with '|' */
};

/* Base metrics first, in the order of the enums below; then what may follow. */
static const struct metric_def cvss2_metrics[] = {
    {"AV", "LAN"},          {"AC", "HML"},
    {"Au", "MSN"},          {"C", "NPC"},
    {"I", "NPC"},           {"A", "NPC"},
    {"E", "|U|POC|F|H|ND"}, {"RL", "|OF|TF|W|U|ND"},
    {"RC", "|UC|UR|C|ND"},  {"CDP", "|N|L|LM|MH|H|ND"},
    {"TD", "|N|L|M|H|ND"},  {"CR", "|L|M|H|ND"},
    {"IR", "|L|M|H|ND"},    {"AR", "|L|M|H|ND"},
};
static const struct metric_def cvss3_metrics[] = {
    {"AV", "NALP"}, {"AC", "LH"},   {"PR", "NLH"},    {"UI", "NR"},    {"S", "UC"},     {"C", "NLH"},
    {"I", "NLH"},   {"A", "NLH"},   {"E", "XUPFH"},   {"RL", "XOTWU"}, {"RC", "XURC"},  {"CR", "XLMH"},
    {"IR", "XLMH"}, {"AR", "XLMH"}, {"MAV", "XNALP"}, {"MAC", "XLH"},  {"MPR", "XNLH"}, {"MUI", "XNR"},
    {"MS", "XUC"},  {"MC", "XNLH"}, {"MI", "XNLH"},   {"MA", "XNLH"},
};
static const struct metric_def cvss4_metrics[] = {
    {"AV", "NALP"},   {"AC", "LH"},     {"AT", "NP"},    {"PR", "NLH"},
    {"UI", "NPA"},    {"VC", "HLN"},    {"VI", "HLN"},   {"VA", "HLN"},
    {"SC", "HLN"},    {"SI", "HLN"},    {"SA", "HLN"},   {"E", "XAPU"},
    {"CR", "XHML"},   {"IR", "XHML"},   {"AR", "XHML"},  {"MAV", "XNALP"},
    {"MAC", "XLH"},   {"MAT", "XNP"},   {"MPR", "XNLH"}, {"MUI", "XNPA"},
    {"MVC", "XHLN"},  {"MVI", "XHLN"},  {"MVA", "XHLN"}, {"MSC", "XHLN"},
    {"MSI", "XHLNS"}, {"MSA", "XHLNS"}, {"S", "XNP"},    {"AU", "XNY"},
    {"R", "XAUI"},    {"V", "XDC"},     {"RE", "XLMH"},  {"U", "|X|Clear|Green|Amber|Red"},
};

static const struct {
    const struct metric_def *metrics;
    size_t n, base;
} versions[CVSS_VERSION_MAX] = {
    [CVSS_2_0] = {cvss2_metrics, ARRAY_LEN(cvss2_metrics), 6},
    [CVSS_3_0] = {cvss3_metrics, ARRAY_LEN(cvss3_metrics), 8},
    [CVSS_3_1] = {cvss3_metrics, ARRAY_LEN(cvss3_metrics), 8},
    [CVSS_4_0] = {cvss4_metrics, ARRAY_LEN(cvss4_metrics), 11},
};

#define METRICS_MAX 32

/* Index of a value among those of a metric, or -1. */
static int value_index(const struct metric_def *m, struct slice value)
{
    if (*m->values != '|') {
        const char *at = value.n == 1 && value.p[0] ? strchr(m->values, value.p[0]) : NULL;
        return at ? (int)(at - m->values) : -1;
    }
    struct slice all = slice_str(m->values + 1), one;
    for (int i = 0; slice_take_token(&all, '|', &one); i++)
        if (slice_eq(one, value))
            return i;
    return -1;
}

/* Fills value[i] with the index of metric i's value, -1 where it is absent. */
static int read_metrics(enum cvss_version version, struct slice text, int value[METRICS_MAX], struct err *e)
{
    struct slice part, name;
    for (size_t i = 0; i < METRICS_MAX; i++)
        value[i] = -1;
    while (slice_take_token(&text, '/', &part)) {
        struct slice whole = part;
        size_t i = 0;
        if (!slice_take_token(&part, ':', &name))
            return err_set(e, ERR_POISON, 0, "CVSS vector: an empty metric");
        while (i < versions[version].n && !slice_eq_str(name, versions[version].metrics[i].name))
            i++;
        int v = i < versions[version].n ? value_index(&versions[version].metrics[i], part) : -1;
        if (v < 0)
            return err_set(e, ERR_POISON, 0, "CVSS vector: %.*s is not a metric of %s",
                           SLICE_FMT(slice_sub(whole, 0, 40)), cvss_version_names[version]);
        if (value[i] >= 0)
            return err_set(e, ERR_POISON, 0, "CVSS vector: %.*s stands twice", SLICE_FMT(name));
        value[i] = v;
    }
    for (size_t i = 0; i < versions[version].base; i++)
        if (value[i] < 0)
            return err_set(e, ERR_POISON, 0, "CVSS vector: %s is missing", versions[version].metrics[i].name);
    return 0;
}

/* ---- 2.0 ---- */

enum { V2_AV, V2_AC, V2_AU, V2_C, V2_I, V2_A };

static int score_2(const int *v)
{
    static const double av[] = {0.395, 0.646, 1.0}, ac[] = {0.35, 0.61, 0.71}, au[] = {0.45, 0.56, 0.704};
    static const double cia[] = {0.0, 0.275, 0.660};
    double impact = 10.41 * (1 - (1 - cia[v[V2_C]]) * (1 - cia[v[V2_I]]) * (1 - cia[v[V2_A]]));
    double exploitability = 20 * av[v[V2_AV]] * ac[v[V2_AC]] * au[v[V2_AU]];
    double f = v[V2_C] || v[V2_I] || v[V2_A] ? 1.176 : 0;
    return (int)lround((0.6 * impact + 0.4 * exploitability - 1.5) * f * 10);
}

/* ---- 3.0 and 3.1 ---- */

enum { V3_AV, V3_AC, V3_PR, V3_UI, V3_S, V3_C, V3_I, V3_A };

/* Appendix A of 3.1: on integers of 1e-5, so that binary fractions just above a decimal don't round up. */
static int roundup_31(double x)
{
    long i = lround(x * 100000);
    return (int)(i % 10000 == 0 ? i / 10000 : i / 10000 + 1);
}

/*
 * 3.0 says "the smallest number, to one decimal place, equal to or higher than its input": taken on the exact decimal
 * value, of which a double is off by far less than 1e-9.
 */
static int roundup_30(double x)
{
    return (int)ceil(x * 10 - 1e-9);
}

static int score_3(enum cvss_version version, const int *v)
{
    static const double av[] = {0.85, 0.62, 0.55, 0.2}, ac[] = {0.77, 0.44}, ui[] = {0.85, 0.62},
                        cia[] = {0, 0.22, 0.56};
    static const double pr[2][3] = {{0.85, 0.62, 0.27}, {0.85, 0.68, 0.5}};
    bool changed = v[V3_S] == 1;
    double iss = 1 - (1 - cia[v[V3_C]]) * (1 - cia[v[V3_I]]) * (1 - cia[v[V3_A]]);
    double impact = changed ? 7.52 * (iss - 0.029) - 3.25 * pow(iss - 0.02, 15) : 6.42 * iss;
    double exploitability = 8.22 * av[v[V3_AV]] * ac[v[V3_AC]] * pr[changed][v[V3_PR]] * ui[v[V3_UI]];
    if (impact <= 0)
        return 0;
    double sum = MIN((changed ? 1.08 : 1.0) * (impact + exploitability), 10.0);
    return version == CVSS_3_1 ? roundup_31(sum) : roundup_30(sum);
}

enum severity cvss_rating(enum cvss_version version, int score)
{
    if (score < 0 || version == CVSS_NONE)
        return SEVERITY_UNKNOWN;
    if (version == CVSS_2_0)
        return score >= 70 ? SEVERITY_HIGH : score >= 40 ? SEVERITY_MEDIUM : SEVERITY_LOW;
    return score >= 90   ? SEVERITY_CRITICAL
           : score >= 70 ? SEVERITY_HIGH
           : score >= 40 ? SEVERITY_MEDIUM
           : score > 0   ? SEVERITY_LOW
                         : SEVERITY_NEGLIGIBLE;
}

static enum cvss_version take_version(struct slice *s)
{
    for (int v = CVSS_2_0; v < CVSS_VERSION_MAX; v++) {
        struct slice rest = *s;
        if (slice_take_prefix(&rest, slice_str(cvss_version_names[v])) && slice_take_prefix(&rest, SLICE("/"))) {
            *s = rest;
            return (enum cvss_version)v;
        }
    }
    if (slice_starts(*s, SLICE("CVSS")))
        return CVSS_NONE;
    if (s->n >= 2 && s->p[0] == '(' && s->p[s->n - 1] == ')')
        *s = slice_sub(*s, 1, s->n - 2);
    return CVSS_2_0;
}

int cvss_read(struct slice vector, struct cvss *ret_cvss, struct err *e)
{
    int value[METRICS_MAX];
    struct slice rest = vector;
    struct cvss c = {.version = take_version(&rest)};
    if (vector.n > 512)
        return err_set(e, ERR_POISON, 0, "CVSS vector of %zu bytes", vector.n);
    if (c.version == CVSS_NONE)
        return err_set(e, ERR_POISON, 0, "CVSS vector: unknown version in %.*s", SLICE_FMT(slice_sub(vector, 0, 16)));
    if (read_metrics(c.version, rest, value, e))
        return -1;
    if (c.version == CVSS_2_0)
        c.score = score_2(value);
    else
        c.score = c.version == CVSS_4_0 ? cvss_4_score(value) : score_3(c.version, value);
    c.severity = cvss_rating(c.version, c.score);
    *ret_cvss = c;
    return 0;
}
