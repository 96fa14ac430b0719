/* SPDX-License-Identifier: Apache-2.0 */
/*
 * finding_json.h: writes a finding, with what is known of its vulnerability, as JSON. All commands and the API use it,
 * so that they have the same field names (docs/formats/fields.md). Pure; any thread.
 */
#ifndef CAREEN_REPORTS_FINDING_JSON_H
#define CAREEN_REPORTS_FINDING_JSON_H

#include "base/jsonw.h"
#include "reports/assessed_image.h"
#include "reports/report_out.h"

/* known: NULL or without an id: nothing is known. */
void finding_json(struct jsonw *w, const struct finding *f, const struct vulnerability *known,
                  const struct policy *policy);
/* Two arrays, the texts and a code for each; one of a record without codes is "unspecified". */
void finding_json_reasons(struct jsonw *w, const char *name, const char *codes_name, const struct reasons *r);
/* "summary": {"findings", each severity, "counted", "fixable", …}; key and object. */
void finding_counts_json(struct jsonw *w, const struct finding_counts *c);
/* "findings": [finding]; key and array. out: of w, handed on row by row; NULL: all stays in w's buffer. */
int finding_list_json(struct jsonw *w, const struct assessed_image *a, struct report_out *out, struct err *e);
/*
 * What was found in an image, an object: "image_digest", "ecosystem", "status", "reasons", "reason_codes", "packages",
 * "summary", "findings". out: as above.
 */
int findings_json(struct jsonw *w, const struct assessed_image *a, struct report_out *out, struct err *e);

/* "vulnerability", "malicious" or "notice". */
const char *finding_kind_name(enum advisory_kind kind);
/* A CVSS score from its vector; false when it is none. The version is "3.1", the score in tenths. */
bool finding_cvss_score(const struct score *s, const char **ret_version, int *ret_tenths);

#endif
