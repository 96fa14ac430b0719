/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_cve.c: records of the CVE list, CVE JSON 5 (github.com/CVEProject/cve-schema), one a file in a tar:
 *     {"dataType": "CVE_RECORD", "cveMetadata": {"cveId", "state", "assignerShortName"}, "containers":
 *      {"cna": {"providerMetadata": {"shortName"}, "metrics": [{"cvssV3_1": {"vectorString"}}],
 *               "problemTypes": [{"descriptions": [{"cweId"}]}]},
 *       "adp": [{"providerMetadata": {"shortName": "CISA-ADP"}, "metrics": [{"cvssV3_1": …},
 *                {"other": {"type": "ssvc", "content": {"options": [{"Exploitation": "poc"}, …]}}}]}]}}
 * Kept are scores and weaknesses, marked as whose they are: "CNA: <who assigned the number>" and what is added to the
 * record, "CISA-ADP" above all (CISA calls it Vulnrichment). Rejected records give none.
 */
#include "feeds/formats/formats.h"
#include "feeds/formats/scores/scores.h"
#include "model/severity/severity.h"

#define CVE_UNPACKED_MAX ((uint64_t)16 << 30)
#define CONTAINERS_MAX   16
#define METRICS_MAX      64

static const char *const vectors[] = {"cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0"};

static void read_metrics(struct feed_reading *r, const json_t *container, struct slice source, score_vec *scores)
{
    const json_t *metrics = json_object_get(container, "metrics");
    for (size_t i = 0; i < json_array_size(metrics) && i < METRICS_MAX; i++) {
        const json_t *m = json_array_get(metrics, i), *other = json_object_get(m, "other");
        for (size_t k = 0; k < ARRAY_LEN(vectors); k++)
            scores_add(r, scores, source, json_tree_view(json_object_get(m, vectors[k]), "vectorString"));
        if (slice_eq_nocase(json_tree_view(other, "type"), SLICE("ssvc")))
            scores_add_ssvc(r, scores, source, json_object_get(other, "content"));
    }
}

static void read_weaknesses(struct feed_reading *r, const json_t *container, slice_vec *cwes)
{
    const json_t *types = json_object_get(container, "problemTypes");
    for (size_t i = 0; i < json_array_size(types) && i < METRICS_MAX; i++) {
        const json_t *words = json_object_get(json_array_get(types, i), "descriptions");
        for (size_t k = 0; k < json_array_size(words) && k < METRICS_MAX; k++)
            scores_add_cwe(r, cwes, json_tree_view(json_array_get(words, k), "cweId"));
    }
}

static struct slice provider(const json_t *container, struct slice otherwise)
{
    const json_t *p = json_object_get(container, "providerMetadata");
    struct slice name = json_tree_view(p, "shortName");
    return reading_is_name(name, 64) ? name : reading_is_name(otherwise, 64) ? otherwise : SLICE("unknown");
}

static int read_containers(struct feed_reading *r, struct slice id, struct slice assigner, const json_t *cna,
                           const json_t *adp, struct err *e)
{
    score_vec scores = {0};
    slice_vec cwes = {0};
    read_metrics(r, cna, arena_printf(r->arena, SCORE_CNA "%.*s", SLICE_FMT(provider(cna, assigner))), &scores);
    read_weaknesses(r, cna, &cwes);
    for (size_t i = 0; i < json_array_size(adp) && i < CONTAINERS_MAX; i++) {
        const json_t *c = json_array_get(adp, i);
        struct slice name = provider(c, SLICE_NONE);
        if (!slice_eq_str(name, SCORE_CISA))
            name = arena_printf(r->arena, SCORE_ADP "%.*s", SLICE_FMT(name));
        read_metrics(r, c, name, &scores);
        read_weaknesses(r, c, &cwes);
    }
    return scores_emit(r, id, &scores, &cwes, e);
}

static int cve_record(struct feed_reading *r, struct slice name, const json_t *json, struct err *e)
{
    const json_t *meta = json_object_get(json, "cveMetadata"), *containers = json_object_get(json, "containers");
    struct slice id = json_tree_view(meta, "cveId");
    reading_date(r, reading_member_time(meta, "dateUpdated"));
    if (!reading_is_cve(id) || !json_is_object(containers))
        return reading_skip(r, name, "no record of the CVE list", e);
    if (slice_eq_str(json_tree_view(meta, "state"), "REJECTED")) {
        r->stats.withdrawn++;
        return 0;
    }
    return read_containers(r, id, json_tree_view(meta, "assignerShortName"), json_object_get(containers, "cna"),
                           json_object_get(containers, "adp"), e);
}

/* cvelistV5-main/cves/2024/12xxx/CVE-2024-12345; its lists of changes lie beside. */
static int cve_document(struct feed_reading *r, struct slice name, struct slice text, struct err *e)
{
    struct err why = ERR_INIT;
    struct slice base = slice_path_name(name);
    json_t *json;
    if (!slice_starts(base, SLICE("CVE-")))
        return 0;
    reading_document(r);
    if (reading_json(text, &json, &why))
        return reading_skip(r, base, why.text, e);
    int rc = cve_record(r, base, json, e);
    json_decref(json);
    return rc;
}

int format_cve(struct feed_reading *r, struct err *e)
{
    return reading_entries(r, UNPACK_TAR, CVE_UNPACKED_MAX, ".json", cve_document, e);
}

/* ---- records as lines ---- */

/* A record a line, whole or as {"cveId", "cna": …, "adp": […]}. */
static int cve_line(struct feed_reading *r, struct slice line, struct err *e)
{
    struct err why = ERR_INIT;
    json_t *json;
    if (reading_json(line, &json, &why))
        return reading_skip(r, SLICE("(unreadable)"), why.text, e);
    struct slice id = json_tree_view(json, "cveId");
    int rc = json_object_get(json, "containers") ? cve_record(r, SLICE("(a line)"), json, e)
             : reading_is_cve(id)
                 ? read_containers(r, id, SLICE_NONE, json_object_get(json, "cna"), json_object_get(json, "adp"), e)
                 : reading_skip(r, reading_cut(id, 64), "a line without a CVE", e);
    json_decref(json);
    return rc;
}

int format_cve_lines(struct feed_reading *r, struct err *e)
{
    return reading_lines(r, CVE_UNPACKED_MAX, cve_line, e);
}
