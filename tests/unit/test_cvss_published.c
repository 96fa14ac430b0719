/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every CVSS vector that has a published score beside it in CAREEN_SHARED/data/nvd: NVD's own of 3.0 and 3.1, and those
 * that the publishers of CVEs and CISA wrote into their records, of all versions. NVD computes its scores, so all must
 * agree; the others are written by many hands, so few may differ. Vectors of 2.0 and 3.x with more than base metrics
 * are left out: what their publishers call the base score is sometimes the temporal one.
 */
#include "model/cvss.h"

#include <jansson.h>
#include <math.h>
#include <zstd.h>
#include <setjmp.h>
#include <cmocka.h>

struct count {
    size_t seen, wrong;
};

static char *data_file(const char *name)
{
    const char *shared = getenv("CAREEN_SHARED"), *source = getenv("CAREEN_SOURCE");
    return shared ? xasprintf("%s/data/nvd/%s", shared, name)
                  : xasprintf("%s/../shared/data/nvd/%s", source ? source : ".", name);
}

/* The whole file, unpacked; NULL and a loud word when it is not here. */
static uint8_t *unpack(const char *name, size_t max, size_t *ret_n)
{
    char *path ATTR_CLEANUP(cleanup_free) = data_file(name);
    FILE *f ATTR_CLEANUP(cleanup_fclose) = fopen(path, "r");
    if (!f) {
        print_message("SKIPPED: %s is not here; set CAREEN_SHARED\n", path);
        return NULL;
    }
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

static void compare(struct slice vector, double published, struct slice where, struct count counts[CVSS_VERSION_MAX])
{
    struct cvss c;
    struct err e = ERR_INIT;
    if (cvss_read(vector, &c, &e)) {
        counts[CVSS_NONE].seen++;
        return;
    }
    size_t slashes = 0;
    for (size_t i = 0; i < vector.n; i++)
        slashes += vector.p[i] == '/';
    if (slashes > (c.version == CVSS_2_0 ? 5 : 8) && c.version != CVSS_4_0)
        return;
    counts[c.version].seen++;
    if (fabs(published * 10 - c.score) > 0.01 && counts[c.version].wrong++ < 5)
        print_message("%.*s: %.*s has %d.%d here, %.1f published\n", SLICE_FMT(where), SLICE_FMT(vector), c.score / 10,
                      c.score % 10, published);
}

static void report(const char *name, const struct count counts[CVSS_VERSION_MAX])
{
    for (int v = CVSS_NONE; v < CVSS_VERSION_MAX; v++)
        print_message("%s: %s: %zu vectors, %zu with another score\n", name, v ? cvss_version_names[v] : "unreadable",
                      counts[v].seen, counts[v].wrong);
}

static void test_nvd(void **state)
{
    (void)state;
    struct count counts[CVSS_VERSION_MAX] = {0};
    size_t n;
    uint8_t *text ATTR_CLEANUP(cleanup_free) =
        unpack("nvd-cvss-from-ubuntu-tracker-2024-02-16.tsv.zst", (size_t)64 << 20, &n);
    if (!text)
        skip();
    struct slice all = slice_of(text, n), line;
    while (slice_take_line(&all, &line)) {
        struct slice id, vector, score;
        double published;
        if (slice_take_token(&line, '\t', &id) && slice_take_token(&line, '\t', &vector) &&
            slice_take_token(&line, '\t', &score) && slice_parse_double(score, &published))
            compare(vector, published, id, counts);
    }
    report("NVD", counts);
    assert_true(counts[CVSS_3_0].seen + counts[CVSS_3_1].seen > 1000);
    for (int v = CVSS_NONE + 1; v < CVSS_VERSION_MAX; v++)
        assert_int_equal(counts[v].wrong, 0);
    assert_int_equal(counts[CVSS_NONE].seen, 0);
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
        skip();
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
    assert_true(counts[CVSS_4_0].seen > 1000 && counts[CVSS_3_1].seen > 10000);
    for (int v = CVSS_NONE + 1; v < CVSS_VERSION_MAX; v++)
        assert_true(counts[v].wrong * 200 <= counts[v].seen);
    assert_true(counts[CVSS_NONE].seen < 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nvd),
        cmocka_unit_test(test_records_of_cves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
