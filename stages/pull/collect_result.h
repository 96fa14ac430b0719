/* SPDX-License-Identifier: Apache-2.0 */
/* collect_result.h: what stands behind the evidence that a collecting child gives; see collect.h for its form. */
#ifndef CAREEN_PULL_COLLECT_RESULT_H
#define CAREEN_PULL_COLLECT_RESULT_H

#include "base/buf.h"
#include "pull/collect.h"

#define COLLECT_RESULT_MAGIC   "CRR1"
#define COLLECT_RESULT_VERSION 3

/* evidence, path_index and links of r, and its counts; reasons_n reasons that stand in reasons: prefixed word and text of each. */
void collect_result_write(const struct collect_result *r, uint32_t reasons_n, struct slice reasons, struct buf *out);

#endif
