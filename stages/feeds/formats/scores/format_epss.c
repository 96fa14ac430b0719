/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_epss.c: FIRST's daily EPSS scores (first.org/epss, "Data and Statistics"): gzip of CSV, a comment line with
 * model version and date, the header cve,epss,percentile, one row a CVE.
 */
#include "base/clock.h"
#include "io/text/csv.h"
#include "feeds/formats/formats.h"

#define EPSS_MAX ((uint64_t)512 << 20)

enum { EPSS_CVE, EPSS_SCORE, EPSS_PERCENTILE, EPSS_N };
static const char *const columns[EPSS_N] = {"cve", "epss", "percentile"};

static int epss_row(struct feed_reading *r, const struct csv *c, const size_t *column, struct err *e)
{
    struct slice cve = csv_field(c, column[EPSS_CVE]);
    struct vulnerability v = vulnerability_unknown(cve);
    reading_document(r);
    if (!reading_is_cve(cve) || !slice_parse_double(csv_field(c, column[EPSS_SCORE]), &v.epss) ||
        !slice_parse_double(csv_field(c, column[EPSS_PERCENTILE]), &v.epss_percentile))
        return reading_skip(r, slice_sub(cve, 0, 64), "not a row of CVE, score and percentile", e);
    if (v.epss < 0 || v.epss > 1 || v.epss_percentile < 0 || v.epss_percentile > 1)
        return reading_skip(r, cve, "a score is not between 0 and 1", e);
    return reading_vulnerability(r, &v, e);
}

/* "#model_version:v2025.03.14,score_date:2026-11-30T12:55:00Z" */
static void epss_date(struct feed_reading *r, const struct csv *c)
{
    struct slice comment = slice_str(c->comment), word;
    int64_t at;
    while (slice_take_token(&comment, ',', &word))
        if (slice_take_prefix(&word, SLICE("score_date:")) &&
            clock_parse(slice_sub(word, 0, strlen("2026-11-30")), &at))
            reading_date(r, at);
}

int format_epss(struct feed_reading *r, struct err *e)
{
    struct unpack *u;
    if (unpack_open(r->source, UNPACK_FILE, EPSS_MAX, &u, e))
        return -1;
    struct csv c;
    size_t column[EPSS_N];
    csv_init(&c, unpack_source(u));
    int rc = csv_header(&c, columns, EPSS_N, column, e) ? -1 : 1;
    epss_date(r, &c);
    while (rc == 1 && (rc = csv_next(&c, e)) == 1)
        if (epss_row(r, &c, column, e))
            rc = -1;
    r->stats.unpacked_bytes = unpack_bytes(u);
    csv_done(&c);
    unpack_close(u);
    return rc;
}
