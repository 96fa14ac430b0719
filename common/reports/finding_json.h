/* SPDX-License-Identifier: Apache-2.0 */
/*
 * finding_json.h: a finding, with what is known of its vulnerability, as every command and the API write it: the one
 * set of field names (docs/formats/fields.md). Pure, any thread.
 */
#ifndef CAREEN_REPORTS_FINDING_JSON_H
#define CAREEN_REPORTS_FINDING_JSON_H

#include "base/jsonw.h"
#include "model/policy.h"

/* known: NULL or without an id: nothing is known. */
void finding_json(struct jsonw *w, const struct finding *f, const struct vulnerability *known,
                  const struct policy *policy);
/*
 * Everything that was found in an image, an object: "image_digest", "ecosystem", "status", "reasons", "packages",
 * "summary", "findings". known: of findings[i].
 */
void findings_json(struct jsonw *w, const struct findings *f, const struct vulnerability *known,
                   const struct policy *policy);
/* "summary": {"findings", each severity, "counted", "fixable", …}; key and object. */
void finding_counts_json(struct jsonw *w, const struct finding_counts *c);

#endif
