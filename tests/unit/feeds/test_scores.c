/* SPDX-License-Identifier: Apache-2.0 */
/* Scores of vulnerabilities: how NVD's files and the CVE list are read, whose counts first, and that findings without a
 * severity of their publisher have them, however late they come. JSON is written here with ' for ". */
#include "unit/feeds_support.h"
#include "unit/match_facts.h"

#include "feeds/table/families.h"
#include "model/severity/severity.h"

#define HIGH_3_1     "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
#define CRITICAL_3_1 "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
#define CRITICAL_3_0 "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
#define CRITICAL_4_0 "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
#define LOW_3_1      "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"
#define HIGH_2_0     "AV:N/AC:L/Au:N/C:C/I:C/A:C"

/* ---- reading ---- */

static int tell_scores(void *arg, const struct vulnerability *v, struct err *e)
{
    (void)e;
    struct buf *b = &((struct told *)arg)->text;
    buf_addf(b, "%.*s", SLICE_FMT(v->id));
    told_list(b, " ", &v->cwes);
    for (size_t i = 0; i < v->scores.n; i++)
        buf_addf(b, " [%.*s %.*s %.*s]", SLICE_FMT(v->scores.v[i].source), SLICE_FMT(v->scores.v[i].kind),
                 SLICE_FMT(v->scores.v[i].vector));
    buf_add_byte(b, '\n');
    assert_true(v->epss < 0 && !v->withdrawn && !v->summary.n);
    return 0;
}

static void read_feed(struct told *t, int (*parse)(struct feed_reading *, struct err *), struct slice bytes)
{
    const struct feed f = {.name = "scores", .kind = FEED_EXPLOITS, .parse = parse};
    *t = (struct told){.text = BUF_INIT((size_t)1 << 20), .arena = ARENA_INIT((size_t)16 << 20), .err = ERR_INIT};
    struct byte_source_memory m = {.left = bytes};
    struct feed_sink sink = {
        .arg = t, .advisory = told_advisory, .vulnerability = tell_scores, .skipped = told_skipped};
    t->rc = feed_parse(&f, byte_source_of_memory(&m), &sink, &t->arena, &t->stats, &t->err);
}

static char *json(const char *text)
{
    char *copy = xstrdup(text);
    for (char *c = copy; *c; c++)
        if (*c == '\'')
            *c = '"';
    return copy;
}

static void expect(int (*parse)(struct feed_reading *, struct err *), struct slice bytes, const char *expected)
{
    struct told t;
    read_feed(&t, parse, bytes);
    if (t.rc)
        fail_msg("%s", t.err.text);
    assert_string_equal(buf_cstr(&t.text), expected);
    told_done(&t);
}

static void expect_refused(int (*parse)(struct feed_reading *, struct err *), const char *text, const char *reason)
{
    struct told t;
    char *bytes ATTR_CLEANUP(cleanup_free) = json(text);
    read_feed(&t, parse, slice_str(bytes));
    if (!t.rc || !strstr(t.err.text, reason))
        fail_msg("'%s' does not say '%s'", t.err.text, reason);
    told_done(&t);
}

#define METRIC(kind, source, vector) "'" kind "':[{'source':'" source "','cvssData':{'vectorString':'" vector "'}}]"
#define NVD_CVE(id, status, metrics)                                                                                   \
    "{'cve':{'id':'" id "','sourceIdentifier':'cna@x.example','vulnStatus':'" status "','metrics':{" metrics           \
    "},'weaknesses':[{'description':[{'lang':'en','value':'CWE-79'},{'value':'NVD-CWE-noinfo'}]}]}}"
#define CISA "134c704f-9b21-4f2e-91b3-4a467353bcc0"

static void test_nvd(void **state)
{
    (void)state;
    char *text ATTR_CLEANUP(cleanup_free) = json(
        "{'resultsPerPage':4,'format':'NVD_CVE','version':'2.0','vulnerabilities':["
        /* Its own alone, of these the newest of 2 and 3. */
        NVD_CVE("CVE-2024-0001", "Analyzed",
                METRIC("cvssMetricV31", "nvd@nist.gov", CRITICAL_3_1) "," METRIC(
                    "cvssMetricV2", "nvd@nist.gov", HIGH_2_0) "," METRIC("cvssMetricV40", "cna@x.example",
                                                                         CRITICAL_4_0)) ","
        /* Those of others, where it has none. */
        NVD_CVE(
            "CVE-2024-0002", "Received",
            METRIC("cvssMetricV31", "cna@x.example", LOW_3_1) "," METRIC(
                "cvssMetricV30", CISA,
                CRITICAL_3_0) "," METRIC("cvssMetricV40", "other@y.example",
                                         CRITICAL_4_0)) "," NVD_CVE("CVE-2024-0003", "Rejected",
                                                                    METRIC("cvssMetricV31", "nvd@nist.gov",
                                                                           LOW_3_1)) "," NVD_CVE("CVE-2003-0004",
                                                                                                 "Modified",
                                                                                                 METRIC(
                                                                                                     "cvssMetricV2",
                                                                                                     "nvd@nist.gov",
                                                                                                     HIGH_2_0)) "]}");
    expect(format_nvd, slice_str(text),
           "CVE-2024-0001 CWE-79 [NVD CVSS:3.1 " CRITICAL_3_1 "]\n"
           "CVE-2024-0002 CWE-79 [ADP: other@y.example CVSS:4.0 " CRITICAL_4_0 "] [CNA: cna@x.example CVSS:3.1 " LOW_3_1
           "] [CISA-ADP CVSS:3.0 " CRITICAL_3_0 "]\n"
           "CVE-2003-0004 CWE-79 [NVD CVSS:2.0 " HIGH_2_0 "]\n");
    expect_refused(format_nvd,
                   "{'resultsPerPage':2,'vulnerabilities':[" NVD_CVE(
                       "CVE-2024-0001", "Analyzed", METRIC("cvssMetricV31", "nvd@nist.gov", LOW_3_1)) "]}",
                   "says 2 entries but has 1");
    expect_refused(format_nvd, "{'vulnerabilities':[{'cve':{'id':'x'}}]}", "without a CVE id");
    expect_refused(format_nvd, "{'vulnerabilities':[", "cut");
    expect(format_nvd_table,
           SLICE("CVE\tcvss\nCVE-2024-0001\t" HIGH_3_1
                 "\t7.5\tHIGH\n\nCVE-2024-0002\tnot a vector\nCVE-2024-0003\t" LOW_3_1),
           "CVE-2024-0001 [NVD CVSS:3.1 " HIGH_3_1 "]\nCVE-2024-0003 [NVD CVSS:3.1 " LOW_3_1 "]\n");
}

#define CNA(name, metrics)                                                                                             \
    "{'providerMetadata':{'shortName':'" name "'},'metrics':[" metrics                                                 \
    "],'problemTypes':[{'descriptions':[{'cweId':'CWE-20'},{'description':'n/a'}]}]}"
#define SSVC                                                                                                           \
    "{'other':{'type':'ssvc','content':{'options':[{'Exploitation':'poc'},{'Automatable':'no'},"                       \
    "{'Technical Impact':'total'}]}}}"
#define RECORD(id, state, cna, adp)                                                                                    \
    "{'dataType':'CVE_RECORD','cveMetadata':{'cveId':'" id "','state':'" state                                         \
    "','assignerShortName':'redhat'},'containers':{'cna':" cna ",'adp':[" adp "]}}"
#define CVSS(key, vector) "{'" key "':{'vectorString':'" vector "'}}"

static void test_cve_list(void **state)
{
    (void)state;
    char *one ATTR_CLEANUP(cleanup_free) = json(RECORD(
        "CVE-2024-0001", "PUBLISHED", CNA("redhat", CVSS("cvssV3_1", HIGH_3_1) "," CVSS("cvssV2_0", HIGH_2_0)),
        CNA("CISA-ADP", CVSS("cvssV3_1", CRITICAL_3_1) "," SSVC) "," CNA("redhat-SADP", CVSS("cvssV3_1", LOW_3_1))));
    char *two ATTR_CLEANUP(cleanup_free) =
        json(RECORD("CVE-2024-0002", "REJECTED", CNA("x", CVSS("cvssV3_1", HIGH_3_1)), ""));
    char *three ATTR_CLEANUP(cleanup_free) = json(RECORD("CVE-2024-0003", "PUBLISHED", "{}", ""));
    const struct test_file files[] = {{"cvelistV5-main/README.md", "x"},
                                      {"cvelistV5-main/cves/delta.json", "{}"},
                                      {"cvelistV5-main/cves/2024/0xxx/CVE-2024-0001.json", one},
                                      {"cvelistV5-main/cves/2024/0xxx/CVE-2024-0002.json", two},
                                      {"cvelistV5-main/cves/2024/0xxx/CVE-2024-0003.json", three}};
    static const char read[] =
        "CVE-2024-0001 CWE-20 [CNA: redhat CVSS:3.1 " HIGH_3_1 "] [CISA-ADP CVSS:3.1 " CRITICAL_3_1
        "] [CISA-ADP SSVC Exploitation:poc/Automatable:no/Technical Impact:total] "
        "[ADP: redhat-SADP CVSS:3.1 " LOW_3_1 "]\n";
    struct buf tar ATTR_CLEANUP(buf_done) = BUF_INIT(4 << 20);
    test_tar_bytes(files, ARRAY_LEN(files), archive_write_add_filter_gzip, &tar);
    expect(format_cve, buf_slice(&tar), read);
    struct buf lines ATTR_CLEANUP(buf_done) = BUF_INIT(1 << 20);
    buf_addf(&lines, "%s\n%s\n", one, two);
    expect(format_cve_lines, buf_slice(&lines), read);
    char *line ATTR_CLEANUP(cleanup_free) =
        json("{'cveId':'CVE-2024-0004','cna':{'metrics':[]},'adp':[" CNA("CISA-ADP", CVSS("cvssV3_1", LOW_3_1)) "]}");
    expect(format_cve_lines, slice_str(line), "CVE-2024-0004 CWE-20 [CISA-ADP CVSS:3.1 " LOW_3_1 "]\n");
    expect_refused(format_cve_lines, "{'cveId':'x'}", "without a CVE");
}

/* A new year's file needs no new Careen: NVD's page names it. */
static void test_years(void **state)
{
    (void)state;
    char name[64];
    const struct feed *index = feed_by_name(SLICE("nvd-index")), *next = feed_by_name(SLICE("nvd-2027"));
    assert_non_null(index);
    assert_true(feed_index_entry(index, SLICE("nvdcve-2.0-2027.json.gz"), 0, name, sizeof name));
    assert_string_equal(name, "nvd-2027");
    assert_false(feed_index_entry(index, SLICE("nvdcve-2.0-modified.json.gz"), 0, name, sizeof name));
    assert_non_null(next);
    assert_string_equal(next->url, "https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-2027.json.gz");
    assert_true(feed_is_discovered(next));
    assert_false(feed_is_discovered(feed_by_name(SLICE("nvd-2026"))));
}

/* ---- whose counts ---- */

static void test_order(void **state)
{
    (void)state;
    struct score v[] = {{S("NVD"), S("CVSS:3.1"), S(CRITICAL_3_1)},
                        {S("CISA-ADP"), S("CVSS:3.1"), S(HIGH_3_1)},
                        {S("CNA: redhat"), S("CVSS:3.1"), S(LOW_3_1)},
                        {S("CNA: redhat"), S("CVSS:2.0"), S(HIGH_2_0)},
                        {S("osv-debian"), S("CVSS:4.0"), S(CRITICAL_4_0)}};
    static const size_t counts[] = {2, 3, 1, 0};
    struct severity_choice c;
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        score_vec all = {v, ARRAY_LEN(v), ARRAY_LEN(v)};
        const struct score *s = severity_of_vulnerability(&all, &c);
        assert_ptr_equal(s, &v[counts[i]]);
        assert_true(slice_eq(c.source, s->source));
        v[counts[i]].source = S("nobody");
    }
    score_vec none = {v, ARRAY_LEN(v), ARRAY_LEN(v)};
    assert_null(severity_of_vulnerability(&none, &c));
    struct score bad[] = {{S("CNA: x"), S("CVSS:3.1"), S("CVSS:3.1/AV:N")}, {S("NVD"), S("CVSS:2.0"), S(HIGH_2_0)}};
    score_vec one_bad = {bad, 2, 2};
    assert_ptr_equal(severity_of_vulnerability(&one_bad, &c), &bad[1]);
    assert_int_equal(c.severity, SEVERITY_HIGH);
}

/* ---- findings ---- */

static void known(const char *id, const char *feed, const char *source, const char *vector)
{
    char key[200];
    struct score score = {S(source), S("CVSS:3.1"), S(vector)};
    struct vulnerability v = {
        .id = S(id), .feed = S(feed), .scores = {&score, 1, 1}, .epss = -1, .epss_percentile = -1};
    snprintf(key, sizeof key, "%s,%s", id, feed);
    world_give(w, TOPIC_VULNERABILITIES, S(key), vector[0] ? &v : NULL);
}

static void expect_severity(enum severity severity, const char *source)
{
    struct findings f;
    world_settle(w);
    assert_true(world_out(w, digest(1), &f));
    assert_int_equal(f.findings.n, 1);
    assert_string_equal(severity_names[f.findings.v[0].severity], severity_names[severity]);
    if (!slice_eq_str(f.findings.v[0].severity_source, source))
        fail_msg("%.*s is not %s", SLICE_FMT(f.findings.v[0].severity_source), source);
    assert_int_equal(f.findings.v[0].scores.n, source[0] ? 1 : 0);
}

static void test_findings_follow(void **state)
{
    (void)state;
    advisory("a", "CVE-2024-0001", "2");
    image_seen(1, "r/a", w->now_ms, 0);
    inventory(1, "a 1 1");
    expect_severity(SEVERITY_UNKNOWN, "");
    known("CVE-2024-0009", "nvd", "NVD", CRITICAL_3_1);
    known("CVE-2024-0001", "osv-debian", "osv-debian", CRITICAL_3_1); /* another system's */
    expect_severity(SEVERITY_UNKNOWN, "");
    known("CVE-2024-0001", "nvd", "NVD", CRITICAL_3_1);
    expect_severity(SEVERITY_CRITICAL, "NVD");
    known("CVE-2024-0001", "cve-list", "CNA: redhat", LOW_3_1);
    expect_severity(SEVERITY_LOW, "CNA: redhat");
    known("CVE-2024-0001", "cve-list", "CNA: redhat", HIGH_3_1);
    expect_severity(SEVERITY_HIGH, "CNA: redhat");
    known("CVE-2024-0001", "cve-list", "", "");
    expect_severity(SEVERITY_CRITICAL, "NVD");
    known("CVE-2024-0001", "nvd", "", "");
    expect_severity(SEVERITY_UNKNOWN, "");
    /* Known before the image: the same. */
    known("CVE-2024-0001", "nvd", "NVD", HIGH_3_1);
    image_gone(1, "r/a");
    world_settle(w);
    image_seen(1, "r/a", w->now_ms, 0);
    expect_severity(SEVERITY_HIGH, "NVD");
    world_give(w, TOPIC_INVENTORIES, digest(1), NULL);
    world_settle(w);
    known("CVE-2024-0001", "nvd", "NVD", LOW_3_1);
    inventory(1, "a 1 1");
    expect_severity(SEVERITY_LOW, "NVD");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nvd),
        cmocka_unit_test(test_cve_list),
        cmocka_unit_test(test_years),
        cmocka_unit_test(test_order),
        cmocka_unit_test_setup_teardown(test_findings_follow, setup, teardown),
    };
    return cmocka_run_group_tests_name("scores", tests, NULL, NULL);
}
