/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_nvd.c: NVD's files and API answers, JSON 2.0 (nvd.nist.gov/vuln/data-feeds, nvd.nist.gov/developers):
 *     {"format": "NVD_CVE", "version": "2.0", "totalResults": 3, "vulnerabilities": [{"cve": {"id", "sourceIdentifier",
 *      "vulnStatus", "metrics": {"cvssMetricV31": [{"source", "type", "cvssData": {"vectorString"}}]},
 *      "weaknesses": [{"description": [{"value": "CWE-79"}]}]}}]}
 * Kept are NVD's own scores. Where NVD has not scored a number, those that it repeats from the CVE record, marked as
 * whose they are: of who assigned the number, and of CISA. Rejected numbers give no record, nor do those without any
 * score and weakness. A file is one year's numbers; it is made anew every day, and only read where it changed.
 */
#include "feeds/formats/formats.h"
#include "feeds/formats/elements.h"
#include "feeds/formats/scores/scores.h"
#include "model/severity/severity.h"

#define NVD_MAX     ((uint64_t)4 << 30)
#define METRICS_MAX 64

/* How NVD names CISA's part of a record. */
#define CISA_ID "134c704f-9b21-4f2e-91b3-4a467353bcc0"

static const char *const metric_kinds[] = {"cvssMetricV40", "cvssMetricV31", "cvssMetricV30", "cvssMetricV2"};

static struct slice source_of(struct feed_reading *r, struct slice source, struct slice assigner)
{
    if (slice_eq_str(source, "nvd@nist.gov"))
        return SLICE(SCORE_NVD);
    if (slice_eq_str(source, CISA_ID))
        return SLICE(SCORE_CISA);
    if (!reading_is_name(source, 100))
        return SLICE_NONE;
    return arena_printf(r->arena, "%s%.*s", slice_eq(source, assigner) ? SCORE_CNA : SCORE_ADP, SLICE_FMT(source));
}

enum metrics_of { METRICS_OF_NVD, METRICS_OF_OTHERS };

static void read_metrics(struct feed_reading *r, const json_t *cve, enum metrics_of whose, score_vec *scores)
{
    const json_t *metrics = json_object_get(cve, "metrics");
    struct slice assigner = json_tree_view(cve, "sourceIdentifier");
    for (size_t k = 0; k < ARRAY_LEN(metric_kinds); k++) {
        const json_t *list = json_object_get(metrics, metric_kinds[k]);
        for (size_t i = 0; i < json_array_size(list) && i < METRICS_MAX; i++) {
            const json_t *m = json_array_get(list, i);
            struct slice source = source_of(r, json_tree_view(m, "source"), assigner);
            if (source.n && slice_eq_str(source, SCORE_NVD) == (whose == METRICS_OF_NVD))
                scores_add(r, scores, source, json_tree_view(json_object_get(m, "cvssData"), "vectorString"));
        }
    }
}

static void read_weaknesses(struct feed_reading *r, const json_t *cve, slice_vec *cwes)
{
    const json_t *list = json_object_get(cve, "weaknesses");
    for (size_t i = 0; i < json_array_size(list) && i < METRICS_MAX; i++) {
        const json_t *words = json_object_get(json_array_get(list, i), "description");
        for (size_t k = 0; k < json_array_size(words) && k < METRICS_MAX; k++)
            scores_add_cwe(r, cwes, json_tree_view(json_array_get(words, k), "value"));
    }
}

static int nvd_element(struct feed_reading *r, void *arg, const struct element *x, struct err *e)
{
    (void)arg;
    score_vec scores = {0};
    slice_vec cwes = {0};
    const json_t *cve = json_object_get(x->json, "cve");
    struct slice id = json_tree_view(cve, "id");
    int rc = 0;
    reading_date(r, reading_member_time(cve, "lastModified"));
    if (!reading_is_cve(id)) {
        rc = reading_skip(r, reading_cut(id, 64), "an entry without a CVE id", e);
    } else if (slice_eq_nocase(json_tree_view(cve, "vulnStatus"), SLICE("Rejected"))) {
        r->stats.withdrawn++;
    } else {
        read_metrics(r, cve, METRICS_OF_NVD, &scores);
        if (!scores.n)
            read_metrics(r, cve, METRICS_OF_OTHERS, &scores);
        read_weaknesses(r, cve, &cwes);
        rc = scores_emit(r, id, &scores, &cwes, e);
    }
    return rc;
}

/* *arg: how many entries the file says it has. */
static int nvd_field(struct feed_reading *r, void *arg, struct slice key, struct slice text, struct err *e)
{
    (void)r;
    (void)e;
    if (slice_eq_str(key, "resultsPerPage"))
        slice_parse_u64(text, arg);
    return 0;
}

int format_nvd(struct feed_reading *r, struct err *e)
{
    uint64_t total = UINT64_MAX;
    const struct elements want = {
        .max = NVD_MAX, .list = "vulnerabilities", .arg = &total, .element = nvd_element, .field = nvd_field};
    int rc = elements_read(r, &want, e);
    if (rc == 0 && total != UINT64_MAX && total != r->stats.documents)
        rc = err_set(e, ERR_POISON, 0, "the file says %" PRIu64 " entries but has %" PRIu64, total, r->stats.documents);
    return rc;
}

/* ---- a table of vectors ---- */

/* "CVE-2024-0001 TAB CVSS:3.1/… TAB …": NVD's vectors as another list repeats them. */
static int vector_line(struct feed_reading *r, struct slice line, struct err *e)
{
    struct slice rest = line, cve = SLICE_NONE, vector = SLICE_NONE;
    score_vec scores = {0};
    slice_vec cwes = {0};
    if (!slice_take_token(&rest, '\t', &cve) || !reading_is_cve(cve))
        return slice_eq_nocase(cve, SLICE("CVE")) ? 0
                                                  : reading_skip(r, reading_cut(cve, 64), "a line without a CVE", e);
    slice_take_token(&rest, '\t', &vector);
    scores_add(r, &scores, SLICE(SCORE_NVD), vector);
    return scores_emit(r, cve, &scores, &cwes, e);
}

int format_nvd_table(struct feed_reading *r, struct err *e)
{
    return reading_lines(r, NVD_MAX, vector_line, e);
}
