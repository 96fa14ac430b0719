/* SPDX-License-Identifier: Apache-2.0 */
/*
 * findings_table.h: findings as a table, the same for scan, findings and up. Versions, and columns that tell rows
 * apart, are never cut (base/terminal/text.h). One thread.
 */
#ifndef CAREEN_REPORTS_FINDINGS_TABLE_H
#define CAREEN_REPORTS_FINDINGS_TABLE_H

#include "base/terminal/text.h"
#include "model/records.h"

/* paths: with a column that says where each package is; findings_have_paths: some are of more places than one. */
struct text_table *findings_table_new(bool paths);
bool findings_have_paths(const finding_vec *findings);
/* known: NULL or without an id: nothing is known of its vulnerability. */
void findings_table_add(struct text_table *t, const struct finding *f, const struct vulnerability *known);

#endif
