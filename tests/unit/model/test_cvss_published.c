/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every CVSS vector that has a published score beside it in CAREEN_SHARED/data/nvd: NVD's own of 3.0 and 3.1, which it
 * computes, and those that the publishers of CVEs and CISA wrote into their records, of all versions. Each published
 * "base score" must be the base score, or be explained by what its publisher wrote there instead:
 *  - the temporal score, of a vector that has temporal metrics;
 *  - the environmental score of 3.1 with nothing modified, whose formula for a changed scope is another than that of
 *    the base score (3.1 specification, section 7.3), so that it is off by 0.1;
 *  - or it is on the list of slips below: the score of no formula on its vector.
 */
#include "unit/cases.h"
#include "model/severity/cvss.h"

#include <jansson.h>
#include <math.h>
#include <zstd.h>
#include <setjmp.h>
#include <cmocka.h>

enum how { AS_BASE, AS_TEMPORAL, AS_ENVIRONMENTAL, AS_SLIP, UNEXPLAINED, HOW_MAX };
static const char *const how_names[HOW_MAX] = {"the base score", "the temporal one", "the environmental one",
                                               "known slips of publishers", "UNEXPLAINED"};
struct count {
    size_t n[HOW_MAX];
};

/* What was published, in tenths, and is the score of another vector than the one beside it. */
static const struct slip {
    const char *cve;
    enum cvss_version version;
    int published;
} slips[] = {
    /* 5.65 and 5.05 rounded down; the specification says half up. */
    {"CVE-2024-24552", CVSS_4_0, 56},
    {"CVE-2024-8642", CVSS_4_0, 50},
    /* The score of another vector; that of CVE-2024-46902 is the score of the metrics spelt out beside it. */
    {"CVE-2024-38863", CVSS_4_0, 20},
    {"CVE-2022-46647", CVSS_3_1, 25},
    {"CVE-2023-36860", CVSS_3_1, 76},
    {"CVE-2023-3932", CVSS_3_1, 53},
    {"CVE-2023-44154", CVSS_3_0, 46},
    {"CVE-2024-0095", CVSS_3_1, 43},
    {"CVE-2024-20275", CVSS_3_1, 68},
    {"CVE-2024-20848", CVSS_3_1, 51},
    {"CVE-2024-28568", CVSS_3_1, 84},
    {"CVE-2024-28575", CVSS_3_1, 84},
    {"CVE-2024-36989", CVSS_3_1, 65},
    {"CVE-2024-36995", CVSS_3_1, 43},
    {"CVE-2024-36997", CVSS_3_1, 46},
    {"CVE-2024-46902", CVSS_3_1, 49},
    /* With temporal and environmental metrics: 0 is the environmental score, the others are no score of theirs. */
    {"CVE-2024-33509", CVSS_3_1, 44},
    {"CVE-2024-38526", CVSS_3_1, 0},
    {"CVE-2024-45323", CVSS_3_1, 46},
    {"CVE-2024-9798", CVSS_3_1, 53},
};
static size_t slips_seen[ARRAY_LEN(slips)];

/* The whole file, unpacked; NULL when it is not here. */
static uint8_t *unpack(const char *name, size_t max, size_t *ret_n)
{
    FILE *f ATTR_CLEANUP(cleanup_fclose) = fopen(shared_path("data/nvd/%s", name), "r");
    if (!f)
        return NULL;
    size_t packed_max = (size_t)16 << 20;
    uint8_t *packed ATTR_CLEANUP(cleanup_free) = xmalloc(packed_max), *out = xmalloc(max);
    ZSTD_DCtx *z = ZSTD_createDCtx();
    ZSTD_inBuffer in = {packed, fread(packed, 1, packed_max, f), 0};
    ZSTD_outBuffer to = {out, max, 0};
    while (in.pos < in.size && to.pos < to.size)
        assert_false(ZSTD_isError(ZSTD_decompressStream(z, &to, &in)));
    assert_true(to.pos < max);
    ZSTD_freeDCtx(z);
    *ret_n = to.pos;
    return out;
}

/* The value of a metric of 3.x, its index among `values`, 0 when it is not there. */
static size_t metric(struct slice vector, const char *name, const char *values)
{
    struct slice part;
    while (slice_take_token(&vector, '/', &part))
        if (slice_take_prefix(&part, slice_str(name)) && slice_take_prefix(&part, SLICE(":")) && part.n == 1) {
            const char *at = strchr(values, part.p[0]);
            assert_true(part.p[0] && at);
            return (size_t)(at - values);
        }
    return 0;
}

static int roundup(double x)
{
    long i = lround(x * 100000);
    return (int)((i + 9999) / 10000);
}

static int temporal_score(struct slice v, int base)
{
    static const double e[] = {1, 0.91, 0.94, 0.97, 1}, rl[] = {1, 0.95, 0.96, 0.97, 1}, rc[] = {1, 0.92, 0.96, 1};
    return roundup(base / 10.0 * e[metric(v, "E", "XUPFH")] * rl[metric(v, "RL", "XOTWU")] *
                   rc[metric(v, "RC", "XURC")]);
}

/* Of 3.1, nothing modified and every requirement medium, of a changed scope; the others' is the base score. */
static int environmental_score(struct slice v)
{
    static const double av[] = {0.85, 0.62, 0.55, 0.2}, ac[] = {0.77, 0.44}, ui[] = {0.85, 0.62},
                        pr[] = {0.85, 0.68, 0.5}, cia[] = {0, 0.22, 0.56};
    double c = cia[metric(v, "C", "NLH")], i = cia[metric(v, "I", "NLH")], a = cia[metric(v, "A", "NLH")];
    double miss = MIN(1 - (1 - c) * (1 - i) * (1 - a), 0.915);
    double impact = 7.52 * (miss - 0.029) - 3.25 * pow(miss * 0.9731 - 0.02, 13);
    double exploitability = 8.22 * av[metric(v, "AV", "NALP")] * ac[metric(v, "AC", "LH")] *
                            pr[metric(v, "PR", "NLH")] * ui[metric(v, "UI", "NR")];
    return impact <= 0 ? 0 : roundup(MIN(1.08 * (impact + exploitability), 10.0));
}

static enum how explain(struct slice vector, const struct cvss *c, int published, struct slice cve)
{
    if (published == c->score)
        return AS_BASE;
    for (size_t i = 0; i < ARRAY_LEN(slips); i++)
        if (slice_eq_str(cve, slips[i].cve) && slips[i].version == c->version && slips[i].published == published) {
            slips_seen[i]++;
            return AS_SLIP;
        }
    if (c->version != CVSS_3_0 && c->version != CVSS_3_1)
        return UNEXPLAINED;
    if (published == temporal_score(vector, c->score))
        return AS_TEMPORAL;
    if (c->version == CVSS_3_1 && metric(vector, "S", "UC") && published == environmental_score(vector))
        return AS_ENVIRONMENTAL;
    return UNEXPLAINED;
}

static void compare(struct slice vector, double published, struct slice cve, struct count counts[CVSS_VERSION_MAX])
{
    struct cvss c;
    struct err e = ERR_INIT;
    int tenths = (int)lround(published * 10);
    if (fabs(published * 10 - tenths) > 0.01 || cvss_read(vector, &c, &e)) {
        counts[CVSS_NONE].n[UNEXPLAINED]++;
        return;
    }
    enum how how = explain(vector, &c, tenths, cve);
    counts[c.version].n[how]++;
    if (how == UNEXPLAINED)
        print_message("%.*s: %.*s has %d.%d here, %.1f published\n", SLICE_FMT(cve), SLICE_FMT(vector), c.score / 10,
                      c.score % 10, published);
}

static size_t seen(const struct count *c)
{
    size_t n = 0;
    for (int i = 0; i < HOW_MAX; i++)
        n += c->n[i];
    return n;
}

static void report(const char *name, const struct count counts[CVSS_VERSION_MAX])
{
    for (int v = CVSS_NONE; v < CVSS_VERSION_MAX; v++) {
        print_message("%s: %s: %zu vectors", name, v ? cvss_version_names[v] : "unreadable", seen(&counts[v]));
        for (int i = 0; v && i < HOW_MAX; i++)
            if (counts[v].n[i])
                print_message(", %zu %s", counts[v].n[i], how_names[i]);
        print_message("\n");
    }
}

static void test_nvd(void **state)
{
    (void)state;
    struct count counts[CVSS_VERSION_MAX] = {0};
    size_t n;
    uint8_t *text ATTR_CLEANUP(cleanup_free) =
        unpack("nvd-cvss-from-ubuntu-tracker-2024-02-16.tsv.zst", (size_t)64 << 20, &n);
    if (!text)
        skip_case("the published scores are not here: CAREEN_SHARED");
    struct slice all = slice_of(text, n), line;
    while (slice_take_line(&all, &line)) {
        struct slice id, vector, score;
        double published;
        if (slice_take_token(&line, '\t', &id) && slice_take_token(&line, '\t', &vector) &&
            slice_take_token(&line, '\t', &score) && slice_parse_double(score, &published))
            compare(vector, published, id, counts);
    }
    report("NVD", counts);
    assert_true(seen(&counts[CVSS_3_0]) + seen(&counts[CVSS_3_1]) > 1000);
    for (int v = CVSS_NONE + 1; v < CVSS_VERSION_MAX; v++)
        assert_int_equal(counts[v].n[AS_BASE], seen(&counts[v]));
    assert_int_equal(seen(&counts[CVSS_NONE]), 0);
}

static void take_metrics(json_t *holder, struct slice id, struct count counts[CVSS_VERSION_MAX])
{
    static const char *const names[] = {"cvssV2_0", "cvssV3_0", "cvssV3_1", "cvssV4_0"};
    size_t i;
    json_t *metric;
    json_array_foreach(json_object_get(holder, "metrics"), i, metric)
    {
        for (size_t k = 0; k < ARRAY_LEN(names); k++) {
            json_t *m = json_object_get(metric, names[k]), *score = json_object_get(m, "baseScore");
            if (json_is_number(score))
                compare(slice_str(json_string_value(json_object_get(m, "vectorString"))), json_number_value(score), id,
                        counts);
        }
    }
}

static void test_records_of_cves(void **state)
{
    (void)state;
    struct count counts[CVSS_VERSION_MAX] = {0};
    size_t n;
    uint8_t *text ATTR_CLEANUP(cleanup_free) =
        unpack("vulnrichment-ssvc-cvss-2024-10-24.ndjson.zst", (size_t)256 << 20, &n);
    if (!text)
        skip_case("the published scores are not here: CAREEN_SHARED");
    struct slice all = slice_of(text, n), line;
    while (slice_take_line(&all, &line)) {
        json_t *doc = json_loadb((const char *)line.p, line.n, 0, NULL), *adp;
        size_t i;
        assert_non_null(doc);
        struct slice id = slice_str(json_string_value(json_object_get(doc, "cveId")));
        take_metrics(json_object_get(doc, "cna"), id, counts);
        json_array_foreach(json_object_get(doc, "adp"), i, adp) take_metrics(adp, id, counts);
        json_decref(doc);
    }
    report("CVE records", counts);
    assert_true(seen(&counts[CVSS_4_0]) > 1000 && seen(&counts[CVSS_3_1]) > 10000);
    for (int v = CVSS_NONE + 1; v < CVSS_VERSION_MAX; v++) {
        assert_int_equal(counts[v].n[UNEXPLAINED], 0);
        assert_true(counts[v].n[AS_BASE] * 100 > seen(&counts[v]) * 98);
    }
    for (size_t i = 0; i < ARRAY_LEN(slips); i++)
        if (!slips_seen[i])
            fail_msg("%s is no slip any more", slips[i].cve);
    assert_true(seen(&counts[CVSS_NONE]) < 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nvd),
        cmocka_unit_test(test_records_of_cves),
    };
    return run_cases(tests, NULL, NULL);
}
