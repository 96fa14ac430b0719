/* SPDX-License-Identifier: Apache-2.0 */
/* cvss_internal.h: what cvss.c and cvss_4.c share. */
#ifndef CAREEN_MODEL_SEVERITY_CVSS_INTERNAL_H
#define CAREEN_MODEL_SEVERITY_CVSS_INTERNAL_H

#include "base/base.h"

/* Score in tenths. value: for each metric in the order of cvss.c's table the index of its value there, -1: absent. */
int cvss_4_score(const int *value);

#endif
